"""What the front desk keeps: receptions, what was asked in them, promises, letters, incoming mail, checks of the shift."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models

from guiju.kernel.crypto import EncryptedJSONField, EncryptedTextField

PERSON = settings.AUTH_USER_MODEL


class Channel(models.TextChoices):
    """How a customer came to us (D-1-b..d, C-3.1-a..c, F-2.1-a..c, H-2.1-c, K-2.1-b..e)."""

    CALL = "call", "来电"
    VISIT = "visit", "来访"
    LETTER = "letter", "来函"
    FAX = "fax", "传真"
    EMAIL = "email", "邮件"
    ONLINE = "online", "在线留言"
    WECHAT = "wechat", "微信"
    TICKET = "ticket", "12345 工单"
    OTHER = "other", "其他渠道"

    @property
    def written(self) -> bool:
        """Whether it came in writing, so that it is answered in writing and needs no repeating back."""
        return self not in (Channel.CALL, Channel.VISIT)


class Kind(models.TextChoices):
    """What the customer wants of us (issue: inquiry, repair, complaint, suggestion, help, praise)."""

    INQUIRY = "inquiry", "咨询"
    REPAIR = "repair", "报修"
    COMPLAINT = "complaint", "投诉"
    SUGGESTION = "suggestion", "建议"
    HELP = "help", "求助"
    PRAISE = "praise", "表扬"

    @property
    def nature(self) -> str:
        """Whether it is a problem, a complaint or a need (C-3.1-d, F-2.1-d)."""
        return _NATURE[self.value]


_NATURE = {
    "inquiry": "need", "suggestion": "need", "praise": "need", "help": "problem", "repair": "problem",
    "complaint": "complaint",
}  # fmt: skip
NATURES = [("problem", "问题"), ("complaint", "投诉"), ("need", "需求")]


class Promise(models.Model):
    """What somebody promised a customer (答应客户): what, until when, who owes it, when it was kept."""

    case = models.ForeignKey("kernel.Case", on_delete=models.PROTECT, related_name="promises")
    what = models.CharField(max_length=200)
    due_at = models.DateTimeField()
    owner = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="promises")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    kept_at = models.DateTimeField(null=True)
    kept_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    kept_how = models.CharField(max_length=400, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="promise_kept_pair",
                condition=models.Q(kept_at=None, kept_by=None)
                | models.Q(kept_at__gte=models.F("made_at"), kept_by__isnull=False),
            )
        ]
        indexes = [
            models.Index(
                fields=["owner", "due_at", "id"], name="promise_open", condition=models.Q(kept_at=None)
            ),
        ]

    def late(self, at: datetime) -> bool:
        """Whether it was or is kept late."""
        return (self.kept_at or at) > self.due_at


class Reception(models.Model):
    """A reception (接待): who came, how, in which words; what was answered, to whom it was handed on (form 9)."""

    UNKNOWN, CONFIRMED = "unknown", "confirmed"
    IDENTITIES = [(UNKNOWN, "身份未核实"), (CONFIRMED, "身份已核实")]

    case = models.OneToOneField("kernel.Case", on_delete=models.PROTECT, related_name="reception")
    project = models.ForeignKey(
        "estate.Project", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    unit = models.ForeignKey(
        "estate.Unit", on_delete=models.PROTECT, null=True, related_name="receptions", db_index=False
    )
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, null=True, related_name="receptions", db_index=False
    )
    channel = models.CharField(max_length=20, choices=Channel.choices)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    nature = models.CharField(max_length=20, choices=NATURES)
    # Which of the further channels that the SOP names (F-2.1-c).
    via = models.CharField(max_length=40, default="")
    # Who speaks.
    caller = models.CharField(max_length=100, default="")
    relation = models.CharField(max_length=40, default="")
    phone = EncryptedTextField()
    phone_index = models.CharField(max_length=64, default="", db_index=True)
    call_back = EncryptedTextField()
    identity = models.CharField(max_length=20, choices=IDENTITIES, default=UNKNOWN)
    # What was said, apart from what was understood (A-2.1-a, A-2.1-b).
    words = models.TextField()
    need = models.CharField(max_length=400, default="")
    problem = models.CharField(max_length=400, default="")
    element = models.CharField(max_length=100, default="")
    chat = models.TextField(default="")
    repeated_back = models.BooleanField(default=False)
    difficult = models.BooleanField(default=False)
    clarified = models.JSONField(default=list)
    category = models.CharField(max_length=40, default="")
    category_suggested = models.CharField(max_length=40, default="")
    urgency = models.CharField(max_length=20, default="ordinary")
    important = models.CharField(max_length=200, default="")
    # When: the customer's moment, the clerk's moment, the beginning of the work that follows.
    arrived_at = models.DateTimeField()
    entered_at = models.DateTimeField()
    handed_at = models.DateTimeField(null=True)
    wait_seconds = models.PositiveIntegerField(null=True)
    entry_seconds = models.PositiveIntegerField(default=0)
    # A visit.
    purpose = models.CharField(max_length=200, default="")
    appointment_at = models.DateTimeField(null=True)
    host_appeared_at = models.DateTimeField(null=True)
    area = models.CharField(max_length=60, default="")
    # A ticket of another office.
    external_number = models.CharField(max_length=60, default="", db_index=True)
    external_due_at = models.DateTimeField(null=True)
    # What came of it.
    owner = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="receptions")
    transfers = models.PositiveSmallIntegerField(default=0)
    answer = models.TextField(default="")
    advice = models.TextField(default="")
    explained = models.CharField(max_length=400, default="")
    solved = models.BooleanField(null=True)
    source = models.CharField(max_length=20, default="customer")
    repeat_of = models.CharField(max_length=40, default="")
    handed_to = models.CharField(max_length=40, default="")
    handed_process = models.CharField(max_length=40, default="")
    misses = models.JSONField(default=list)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="reception_handed_pair",
                condition=models.Q(handed_at=None, handed_to="")
                | (models.Q(handed_at__isnull=False) & ~models.Q(handed_to="")),
            ),
            models.UniqueConstraint(
                fields=["project", "external_number"],
                name="reception_ticket_once",
                condition=~models.Q(external_number="") & models.Q(closed_at=None),
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "-id"], name="reception_unit"),
            models.Index(fields=["customer", "-id"], name="reception_customer"),
            models.Index(fields=["project", "channel", "-id"], name="reception_channel"),
            models.Index(fields=["owner", "-id"], name="reception_owner", condition=models.Q(closed_at=None)),
        ]  # fmt: skip


class Matter(models.Model):
    """One question or need raised in a reception, and what came of it (A-3.2-c, D-3.1-d)."""

    QUESTION, NEED = "question", "need"

    reception = models.ForeignKey(Reception, on_delete=models.CASCADE, related_name="matters")
    kind = models.CharField(max_length=10, choices=[(QUESTION, "疑问"), (NEED, "需求")])
    text = models.CharField(max_length=400)
    outcome = models.TextField(default="")
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="matter_settled_pair",
                condition=models.Q(settled_at=None, settled_by=None)
                | models.Q(settled_at__isnull=False, settled_by__isnull=False),
            )
        ]
        indexes = [
            models.Index(fields=["reception", "id"], name="matter_open", condition=models.Q(settled_at=None))
        ]


class FollowUp(models.Model):
    """A contact that was arranged for later, with its day and person; stale when the day is past (A-2.3-c, D-2.6-e)."""

    case = models.ForeignKey("kernel.Case", on_delete=models.PROTECT, related_name="follow_ups")
    what = models.CharField(max_length=200)
    due_at = models.DateTimeField()
    person = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="follow_ups")
    planned_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    result = models.CharField(max_length=400, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="follow_up_done_pair",
                condition=models.Q(done_at=None, done_by=None)
                | models.Q(done_at__isnull=False, done_by__isnull=False),
            )
        ]
        indexes = [
            models.Index(
                fields=["person", "due_at", "id"], name="follow_up_open", condition=models.Q(done_at=None)
            )
        ]


class Transfer(models.Model):
    """A reception offered to another person with a reason; it changes hands when that person accepts (A-2.3-b)."""

    reception = models.ForeignKey(Reception, on_delete=models.CASCADE, related_name="handovers")
    from_person = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+", db_index=False)
    to_person = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+", db_index=False)
    reason = models.CharField(max_length=400)
    asked_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    accepted = models.BooleanField(null=True)
    answer = models.CharField(max_length=400, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["reception"], name="one_open_transfer", condition=models.Q(decided_at=None)
            ),
            models.CheckConstraint(
                name="transfer_decided_pair",
                condition=models.Q(decided_at=None, accepted=None)
                | models.Q(decided_at__isnull=False, accepted__isnull=False),
            ),
        ]


class Recording(models.Model):
    """A recording of a call: where it lies, that it was announced, until when it is kept."""

    case = models.ForeignKey("kernel.Case", on_delete=models.PROTECT, related_name="recordings")
    place = EncryptedTextField()
    announced = models.BooleanField()
    recorded_at = models.DateTimeField()
    keep_until = models.DateField()
    dropped_at = models.DateTimeField(null=True)


class HeldCall(models.Model):
    """A call that waits while another is served: what was typed so far, sealed; taken up again by its owner."""

    person = models.ForeignKey(PERSON, on_delete=models.CASCADE, related_name="held_calls", db_index=False)
    body = EncryptedJSONField()
    held_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["person", "held_at"], name="held_call_person")]


class Letter(models.Model):
    """A letter or fax in the register (来函登记): received, numbered, reply due, answered, filed (D-1-d, D-4-a)."""

    case = models.OneToOneField("kernel.Case", on_delete=models.PROTECT, related_name="letter")
    number = models.CharField(max_length=40, unique=True)
    project = models.ForeignKey(
        "estate.Project", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    received_date = models.DateField()
    sender = models.CharField(max_length=100)
    subject = models.CharField(max_length=200)
    scan = models.CharField(max_length=64)
    reply_due_at = models.DateTimeField()
    reply_number = models.CharField(max_length=40, default="")
    reply_text = models.TextField(default="")
    reply_scan = models.CharField(max_length=64, default="")
    reply_how = models.CharField(max_length=60, default="")
    replied_at = models.DateTimeField(null=True)
    replied_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    filed_as = models.CharField(max_length=60, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="letter_replied_pair",
                condition=models.Q(replied_at=None, replied_by=None)
                | models.Q(replied_at__isnull=False, replied_by__isnull=False),
            )
        ]
        indexes = [
            models.Index(fields=["project", "-id"], name="letter_project"),
            models.Index(
                fields=["reply_due_at", "id"], name="letter_open", condition=models.Q(replied_at=None)
            ),
        ]


class Incoming(models.Model):
    """Something written that came in by itself (mail, online form): unread until somebody opens it (C-3.1-f)."""

    MAIL, ONLINE = "email", "online"

    company = models.ForeignKey("org.Company", on_delete=models.PROTECT, related_name="+", db_index=False)
    project = models.ForeignKey("estate.Project", on_delete=models.PROTECT, null=True, related_name="+")
    channel = models.CharField(max_length=20, choices=[(MAIL, "邮件"), (ONLINE, "在线留言")])
    key = models.CharField(max_length=200)
    sender = models.CharField(max_length=100, default="")
    address = EncryptedTextField()
    phone = EncryptedTextField()
    room = models.CharField(max_length=60, default="")
    subject = models.CharField(max_length=200, default="")
    text = EncryptedTextField()
    files = models.JSONField(default=list)
    notes = models.CharField(max_length=400, default="")
    original = models.CharField(max_length=64, default="")
    sent_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    opened_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    case = models.ForeignKey("kernel.Case", on_delete=models.PROTECT, null=True, related_name="+")
    dropped = models.CharField(max_length=200, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "key"], name="incoming_once"),
            models.CheckConstraint(
                name="incoming_opened_pair",
                condition=models.Q(opened_at=None, opened_by=None)
                | models.Q(opened_at__isnull=False, opened_by__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["company", "received_at", "id"], name="incoming_open",
                condition=models.Q(case=None, dropped=""),
            )
        ]  # fmt: skip


class Mailbox(models.Model):
    """How far an IMAP mailbox has been read: the server's UIDVALIDITY and the last UID taken in; whose mail it is."""

    name = models.CharField(max_length=200, unique=True)
    company = models.ForeignKey("org.Company", on_delete=models.PROTECT, null=True, related_name="+")
    project_id = models.BigIntegerField(null=True)
    validity = models.PositiveBigIntegerField(default=0)
    last = models.PositiveBigIntegerField(default=0)
    polled_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=400, default="")


class ShiftCheck(models.Model):
    """A front-desk employee's own check at the start of a shift, and a supervisor's spot check of it (A-1.2-a)."""

    person = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="shift_checks", db_index=False)
    company = models.ForeignKey("org.Company", on_delete=models.PROTECT, related_name="+", db_index=False)
    shift_date = models.DateField()
    items = models.JSONField(default=list)
    confirmed_at = models.DateTimeField()
    spot_at = models.DateTimeField(null=True)
    spot_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    spot_good = models.BooleanField(null=True)
    spot_note = models.CharField(max_length=400, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "shift_date"], name="shift_check_once"),
            models.CheckConstraint(
                name="shift_spot_pair",
                condition=models.Q(spot_at=None, spot_by=None, spot_good=None)
                | models.Q(spot_at__isnull=False, spot_by__isnull=False, spot_good__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["company", "-shift_date", "-id"], name="shift_check_company")]


class AreaCheck(models.Model):
    """The daily check that a reception area is tidy: result, checker, what was put right (D-3.1-f)."""

    company = models.ForeignKey("org.Company", on_delete=models.PROTECT, related_name="+", db_index=False)
    area = models.CharField(max_length=60)
    checked_date = models.DateField()
    tidy = models.BooleanField()
    note = models.CharField(max_length=400, default="")
    checked_at = models.DateTimeField()
    checked_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["company", "-checked_date", "-id"], name="area_check_company")]
