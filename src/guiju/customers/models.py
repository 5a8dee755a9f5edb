"""Persons and companies that buy, own, ask and complain; their authority letters, contacts and consents."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from guiju.kernel.crypto import EncryptedTextField


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

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="consents")
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
    merged_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
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
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="contact_records")
    case_id = models.BigIntegerField(null=True, db_index=True)
    channel = models.CharField(max_length=20)
    outward = models.BooleanField()
    reached = models.BooleanField(default=True)
    summary = models.CharField(max_length=400)
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["customer", "-happened_at", "-id"], name="contact_record_customer"),
            models.Index(fields=["customer", "outward", "-id"], name="contact_record_outward"),
        ]


class CareContact(models.Model):
    """A contact that we plan of ourselves, to care about a customer before anything is asked (A-3.1-b)."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="care_contacts")
    company = models.ForeignKey("org.Company", on_delete=models.PROTECT, related_name="+")
    due_date = models.DateField()
    subject = models.CharField(max_length=100)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    planned_at = models.DateTimeField()
    planned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
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
            )
        ]
        indexes = [
            models.Index(
                fields=["company", "due_date", "id"], name="care_open", condition=models.Q(done_at=None)
            )
        ]
