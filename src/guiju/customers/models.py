"""Persons and companies that buy, own, ask and complain; their authority letters, contacts and consents."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from guiju.kernel.crypto import EncryptedTextField
from guiju.kernel.money import FenField


class Customer(models.Model):
    """A customer (客户): a natural person or an organisation (I-1-o). Phone, identity and address are encrypted."""

    PERSON, ORGANISATION = "person", "organisation"
    CHANNELS = [
        ("call", "电话"), ("sms", "短信"), ("wechat", "微信"), ("email", "邮件"), ("letter", "信函"), ("visit", "面谈"),
    ]  # fmt: skip

    kind = models.CharField(
        max_length=20, choices=[(PERSON, "自然人"), (ORGANISATION, "单位")], default=PERSON
    )
    company = models.ForeignKey("org.Company", on_delete=models.PROTECT, related_name="customers")
    name = models.CharField(max_length=100)
    identity_kind = models.CharField(max_length=30, default="")
    identity_number = EncryptedTextField()
    identity_index = models.CharField(max_length=64, default="", db_index=True)
    phone = EncryptedTextField()
    phone_index = models.CharField(max_length=64, default="", db_index=True)
    address = EncryptedTextField()
    email = models.CharField(max_length=120, default="")
    sex = models.CharField(max_length=4, default="")
    birth_date = models.DateField(null=True)
    nationality = models.CharField(max_length=40, default="")
    legal_representative = models.CharField(max_length=60, default="")
    local_household = models.BooleanField(null=True)
    deceased_date = models.DateField(null=True)
    source = models.CharField(max_length=200, default="")
    # How the customer wants to be reached, and what everybody has to know before speaking (A-3.2-d, D-2.1-c).
    preferred_channel = models.CharField(max_length=20, choices=CHANNELS, default="")
    important = models.CharField(max_length=400, default="")
    important_at = models.DateTimeField(null=True)
    important_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    recorded_at = models.DateTimeField()
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="merged")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company", "identity_index"],
                name="customer_identity_once",
                condition=~models.Q(identity_index="") & models.Q(merged_into=None),
            ),
            models.CheckConstraint(
                name="customer_important_pair",
                condition=models.Q(important_at=None, important_by=None)
                | models.Q(important_at__isnull=False, important_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Contact(models.Model):
    """A further way to reach a customer, and when it is wanted."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="contacts")
    kind = models.CharField(max_length=20, choices=[("phone", "电话"), ("email", "邮箱"), ("wechat", "微信")])
    value = EncryptedTextField()
    value_index = models.CharField(max_length=64, default="", db_index=True)
    remark = models.CharField(max_length=200, default="")


class AuthorityLetter(models.Model):
    """A letter of authority (授权委托书): who may act for whom, in what, until when (CC 165). Guardians too."""

    AGENT, GUARDIAN, REPRESENTATIVE = "agent", "guardian", "representative"

    principal = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="letters_given")
    agent = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="letters_held")
    kind = models.CharField(
        max_length=20, choices=[(AGENT, "代理人"), (GUARDIAN, "监护人"), (REPRESENTATIVE, "单位经办人")]
    )
    matters = models.CharField(max_length=200)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)
    notarised = models.BooleanField(default=False)
    attachment = models.CharField(max_length=64, default="")
    revoked_at = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField()


class Consent(models.Model):
    """A consent given or withdrawn (PIPL 13, 23): for which purpose, how, when."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="consents", db_index=False)
    purpose = models.CharField(max_length=40)
    given = models.BooleanField()
    how = models.CharField(max_length=100, default="")
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        indexes = [models.Index(fields=["customer", "purpose", "-id"], name="consent_latest")]


class Merge(models.Model):
    """Two entries of one customer made one, traceably; what moved is kept so that it can be undone (DECISIONS 18)."""

    kept = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="merges")
    folded = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    moved = models.JSONField()
    reason = models.CharField(max_length=400)
    merged_at = models.DateTimeField()
    merged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="merge_undone_pair",
                condition=models.Q(undone_at=None, undone_by=None)
                | models.Q(undone_at__isnull=False, undone_by__isnull=False),
            )
        ]


class ContactRecord(models.Model):
    """One contact with a customer over any channel, in or out, reached or not; the contact history (A-3.2-a)."""

    company = models.ForeignKey("org.Company", on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="contact_records", db_index=False
    )
    case_id = models.BigIntegerField(null=True, db_index=True)
    channel = models.CharField(max_length=20)
    outward = models.BooleanField()
    reached = models.BooleanField(default=True)
    summary = models.CharField(max_length=400)
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        indexes = [
            models.Index(fields=["customer", "-happened_at", "-id"], name="contact_record_customer"),
            models.Index(fields=["customer", "outward", "-id"], name="contact_record_outward"),
        ]


class CareContact(models.Model):
    """
    A contact that we plan of ourselves, to care about a customer before anything is asked (A-3.1-b, I-2.1-t).

    It is one person's, or of the team that carries the function (日常沟通与联络, I-3.1-k). A birthday card (I-2.1-u) is
    one a year (``year``), planned by the program (``planned_by`` empty).
    """

    ROUTINE, BIRTHDAY = "routine", "birthday"
    KINDS = [(ROUTINE, "日常联络"), (BIRTHDAY, "生日卡")]

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="care_contacts")
    company = models.ForeignKey("org.Company", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=KINDS, default=ROUTINE)
    year = models.PositiveSmallIntegerField(null=True)
    due_date = models.DateField()
    subject = models.CharField(max_length=100)
    channel = models.CharField(max_length=20, default="")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    team = models.ForeignKey("org.Team", on_delete=models.PROTECT, null=True, related_name="+")
    planned_at = models.DateTimeField()
    planned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    reached = models.BooleanField(null=True)
    outcome = models.CharField(max_length=400, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="care_done_pair",
                condition=models.Q(done_at=None, done_by=None, reached=None)
                | models.Q(done_at__isnull=False, done_by__isnull=False, reached__isnull=False),
            ),
            models.CheckConstraint(
                name="care_of_somebody",
                condition=models.Q(person__isnull=False) | models.Q(team__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["customer", "year"], name="birthday_card_once", condition=models.Q(kind="birthday")
            ),
        ]
        indexes = [
            models.Index(
                fields=["company", "due_date", "id"], name="care_open", condition=models.Q(done_at=None)
            )
        ]


class CustomerFact(models.Model):
    """
    One thing we know about a customer (顾客信息), with where we have it from and as of when; the newest of a field holds
    (I-2.1-r). Without a value it is taken back. Never health or religion (form 16).
    """

    FIELDS = [
        ("family", "家庭人口"), ("occupation", "职业"), ("age_band", "年龄段"), ("living", "居住区域"),
        ("purpose", "购房用途"), ("heard", "认知渠道"), ("vehicles", "车辆"), ("pets", "宠物"),
        ("interest", "兴趣爱好"), ("special_need", "特殊需要"), ("emergency", "紧急联系人"),
    ]  # fmt: skip
    SOURCES = [
        ("customer", "客户本人"), ("family", "家人或代理人"), ("paper", "证件资料"), ("visit", "接待和上门"),
        ("register", "台账"), ("survey", "调查"),
    ]  # fmt: skip

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="facts", db_index=False)
    field = models.CharField(max_length=20, choices=FIELDS)
    value = EncryptedTextField(null=True)
    source = models.CharField(max_length=20, choices=SOURCES)
    source_words = models.CharField(max_length=100, default="")
    known_date = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["customer", "field", "-id"], name="customer_fact_latest")]


class MailingList(models.Model):
    """
    A list of customers for one permitted purpose (邮寄名单), as it was made (I-2.1-s); an issue of the magazine 当代人 is
    one (I-2.1-v). ``left_out`` says why how many of the segment are not on it.
    """

    company = models.ForeignKey(
        "org.Company", on_delete=models.PROTECT, related_name="mailing_lists", db_index=False
    )
    project = models.ForeignKey(
        "estate.Project", on_delete=models.PROTECT, null=True, related_name="mailing_lists"
    )
    purpose = models.CharField(max_length=20)
    name = models.CharField(max_length=80)
    segment = models.JSONField(default=dict)
    left_out = models.JSONField(default=dict)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company", "project", "purpose", "name"], name="mailing_list_once"
            )
        ]
        indexes = [models.Index(fields=["company", "-id"], name="mailing_list_newest")]


class Mailing(models.Model):
    """One customer on a mailing list: the address as it was, sent when, by whom and how, and what came back."""

    mailing_list = models.ForeignKey(
        MailingList, on_delete=models.CASCADE, related_name="mailings", db_index=False
    )
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="mailings")
    address = EncryptedTextField()
    sent_date = models.DateField(null=True)
    sent_how = models.CharField(max_length=60, default="")
    recorded_at = models.DateTimeField(null=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    returned_date = models.DateField(null=True)
    returned_why = models.CharField(max_length=100, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mailing_list", "customer"], name="mailing_once"),
            models.CheckConstraint(
                name="mailing_recorded_pair",
                condition=models.Q(recorded_at=None, recorded_by=None)
                | models.Q(recorded_at__isnull=False, recorded_by__isnull=False),
            ),
            models.CheckConstraint(
                name="mailing_returned_after_sent",
                condition=models.Q(returned_date=None) | models.Q(sent_date__isnull=False),
            ),
        ]


class Activity(models.Model):
    """
    A customer activity (客户活动): plan, budget, invitees, attendance, result, in the hands of the team that carries the
    function 客户活动方案及组织 (I-3.1-u). Amounts in yuan. Approved by another person before anybody is invited.
    """

    company = models.ForeignKey(
        "org.Company", on_delete=models.PROTECT, related_name="activities", db_index=False
    )
    project = models.ForeignKey(
        "estate.Project", on_delete=models.PROTECT, null=True, related_name="activities"
    )
    team = models.ForeignKey("org.Team", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    plan = models.TextField()
    place = models.CharField(max_length=100)
    starts_at = models.DateTimeField()
    seats = models.PositiveIntegerField(null=True)
    budget = FenField()
    planned_at = models.DateTimeField()
    planned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    cost = FenField(null=True)
    result = models.TextField(default="")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(name="activity_budget", condition=models.Q(budget__gte=0)),
            models.CheckConstraint(
                name="activity_approved_pair",
                condition=models.Q(approved_at=None, approved_by=None)
                | models.Q(approved_at__isnull=False, approved_by__isnull=False),
            ),
            models.CheckConstraint(
                name="activity_closed_with_result",
                condition=models.Q(closed_at=None, closed_by=None)
                | models.Q(closed_at__isnull=False, closed_by__isnull=False, cost__isnull=False)
                & ~models.Q(result=""),
            ),
        ]
        indexes = [models.Index(fields=["company", "-starts_at", "-id"], name="activity_newest")]

    @property
    def state(self) -> str:
        """How far it is, in words."""
        if self.closed_at is not None:
            return "已总结"
        return "已批准" if self.approved_at is not None else "待批准"


class ActivityGuest(models.Model):
    """A customer invited to an activity: invited when, what was answered, whether they came."""

    OPEN, COMING, DECLINED = "open", "coming", "declined"
    ANSWERS = [(OPEN, "未答复"), (COMING, "参加"), (DECLINED, "不参加")]

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="guests", db_index=False)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="invitations")
    invited_at = models.DateTimeField()
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    answer = models.CharField(max_length=20, choices=ANSWERS, default=OPEN)
    attended = models.BooleanField(null=True)
    remark = models.CharField(max_length=100, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["activity", "customer"], name="activity_guest_once")]
