"""
Contracts (商品房买卖合同) and what signing them needs: template, texts with serial numbers and their register, the
standing documents of a project, the papers of the customer, points negotiated, clauses added.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models

from guiju.kernel.money import FenField
from guiju.sales.models.deals import Deal, Subscription


class ContractTemplate(models.Model):
    """
    A version of the model contract (合同范本) of a project: the clauses as printed, the terms it fixes, its annexes
    (I-5.3-2a, 2b). A version is released by a person and never changed after that; a new one takes its place.
    """

    project = models.ForeignKey(
        "estate.Project", on_delete=models.PROTECT, related_name="contract_templates", db_index=False
    )
    name = models.CharField(max_length=80)
    version = models.CharField(max_length=20)
    model_text = models.CharField(max_length=80, default="")
    terms = models.JSONField(default=dict)
    clauses = models.JSONField(default=list)
    annexes = models.JSONField(default=list)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)
    attachment = models.CharField(max_length=64, default="")
    drawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    released_at = models.DateTimeField(null=True)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "name", "version"], name="contract_template_once"),
            models.CheckConstraint(
                name="contract_template_released_pair",
                condition=models.Q(released_at=None, released_by=None)
                | models.Q(released_at__isnull=False, released_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.version} 版"


class ContractText(models.Model):
    """
    One blank set of the contract (合同文本) with its serial number: in stock, taken for a signing, signed, or void
    (I-5.3-2c, 3a). What happened to it is in the register (``TextEntry``).
    """

    STOCK, ISSUED, USED, VOID = "stock", "issued", "used", "void"
    STATES = [(STOCK, "在库待用"), (ISSUED, "已领用"), (USED, "已签署"), (VOID, "已作废")]

    project = models.ForeignKey(
        "estate.Project", on_delete=models.PROTECT, related_name="contract_texts", db_index=False
    )
    template = models.ForeignKey(ContractTemplate, on_delete=models.PROTECT, related_name="texts")
    serial = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=STATES, default=STOCK)
    signing = models.ForeignKey("sales.Signing", on_delete=models.PROTECT, null=True, related_name="texts")
    stocked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "serial"], name="contract_serial_once"),
            models.UniqueConstraint(
                fields=["signing"],
                name="one_text_at_a_signing",
                condition=models.Q(state__in=["issued", "used"]),
            ),
        ]
        indexes = [models.Index(fields=["project", "state", "id"], name="contract_text_stock")]

    def __str__(self) -> str:
        return self.serial


class TextEntry(models.Model):
    """A line of the contract issue register (合同领用登记表, I-5.3-3c). Added to, never edited."""

    IN, OUT, BACK, SIGNED, VOIDED = "in", "out", "back", "signed", "voided"
    ACTS = [(IN, "入库"), (OUT, "领用"), (BACK, "退回"), (SIGNED, "签署"), (VOIDED, "作废")]

    project = models.ForeignKey(
        "estate.Project", on_delete=models.PROTECT, related_name="text_entries", db_index=False
    )
    text = models.ForeignKey(ContractText, on_delete=models.PROTECT, related_name="entries")
    act = models.CharField(max_length=10, choices=ACTS)
    case = models.ForeignKey("kernel.Case", on_delete=models.PROTECT, null=True, related_name="text_entries")
    unit = models.ForeignKey("estate.Unit", on_delete=models.PROTECT, null=True, related_name="+")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    signature = models.CharField(max_length=64, default="")
    needed_date = models.DateField(null=True)
    late = models.BooleanField(default=False)
    note = models.CharField(max_length=200, default="")
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["project", "-id"], name="text_entry_project")]


class TextCount(models.Model):
    """The day's count of contract sets ready for use against the reserve (I-5.3-2c). Written once a day."""

    project = models.ForeignKey(
        "estate.Project", on_delete=models.PROTECT, related_name="text_counts", db_index=False
    )
    counted_date = models.DateField()
    ready = models.PositiveIntegerField()
    reserve = models.PositiveIntegerField()
    issued = models.PositiveIntegerField(default=0)
    happened_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "counted_date"], name="text_count_once")]

    @property
    def short(self) -> int:
        """How many sets are missing from the reserve."""
        return max(self.reserve - self.ready, 0)


class PreparedDocument(models.Model):
    """
    A standing document that lies ready for signing (签约准备文件, I-5.3-1a to 1l): owner, version, validity. A newer
    version takes its place; what was shown at a signing stays.
    """

    KINDS = [
        ("licence", "公司营业执照副本"),
        ("authority", "法人授权委托书"),
        ("permits", "五证"),
        ("areas", "面积表"),
        ("prices", "价格表"),
        ("apportionment", "公摊说明"),
        ("floor_plan", "户型图"),
        ("equipment", "设备及装修标准"),
        ("payment_terms", "付款条款"),
        ("contract_text", "合同文本"),
        ("loan", "银行贷款资料及收费清单"),
        ("mortgage", "按揭所需资料及费用清单"),
        ("other", "其他文件"),
    ]

    project = models.ForeignKey("estate.Project", on_delete=models.PROTECT, related_name="prepared_documents")
    kind = models.CharField(max_length=20, choices=KINDS)
    name = models.CharField(max_length=80, default="")
    layout = models.CharField(max_length=20, default="")
    version = models.CharField(max_length=20)
    number = models.CharField(max_length=80, default="")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    issued_date = models.DateField(null=True)
    valid_until = models.DateField(null=True)
    attachment = models.CharField(max_length=64, default="")
    live = models.BooleanField(default=True)
    added_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "kind", "name", "layout"],
                name="one_prepared_document",
                condition=models.Q(live=True),
            )
        ]

    @property
    def title(self) -> str:
        """What the document is called."""
        words = self.name or str(self.get_kind_display())
        return f"{words}（{self.layout} 户型）" if self.layout else words


class Signing(models.Model):
    """The facts of a signing case (签约): appointment, what was prepared, filled in and checked (domain 2.4)."""

    case = models.OneToOneField("kernel.Case", on_delete=models.PROTECT, related_name="signing")
    subscription = models.ForeignKey(
        Subscription, on_delete=models.PROTECT, null=True, related_name="signings"
    )
    deal = models.ForeignKey(Deal, on_delete=models.PROTECT, related_name="signings")
    unit = models.ForeignKey("estate.Unit", on_delete=models.PROTECT, related_name="signings")
    project = models.ForeignKey(
        "estate.Project", on_delete=models.PROTECT, related_name="signings", db_index=False
    )
    sold_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    signing_at = models.DateTimeField()
    place = models.CharField(max_length=200, default="")
    lawyer = models.BooleanField(default=False)
    open = models.BooleanField(default=True)
    list_given_at = models.DateTimeField(null=True)
    list_given_how = models.CharField(max_length=60, default="")
    list_given_to = models.CharField(max_length=60, default="")
    reminded_at = models.DateTimeField(null=True)
    papers_checked_at = models.DateTimeField(null=True)
    papers_checked_by = models.BigIntegerField(null=True)
    prepared = models.JSONField(default=list)
    prepared_at = models.DateTimeField(null=True)
    prepared_by = models.BigIntegerField(null=True)
    template = models.ForeignKey(
        ContractTemplate, on_delete=models.PROTECT, null=True, related_name="signings"
    )
    draft = models.JSONField(default=dict)
    drafted_version = models.PositiveIntegerField(null=True)
    drafted_at = models.DateTimeField(null=True)
    drafted_by = models.BigIntegerField(null=True)
    text_taken_at = models.DateTimeField(null=True)
    text_taken_by = models.BigIntegerField(null=True)
    signatures = models.JSONField(default=list)
    signatures_checked_at = models.DateTimeField(null=True)
    signatures_checked_by = models.BigIntegerField(null=True)
    money = models.JSONField(default=dict)
    money_checked_at = models.DateTimeField(null=True)
    money_checked_by = models.BigIntegerField(null=True)
    signed_at = models.DateTimeField(null=True)
    signed_by = models.BigIntegerField(null=True)
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.BigIntegerField(null=True)
    review = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["deal"], name="one_open_signing", condition=models.Q(open=True)),
            *(
                models.CheckConstraint(
                    name=f"signing_{name}_pair",
                    condition=models.Q(**{f"{name}_at": None, f"{name}_by": None})
                    | models.Q(**{f"{name}_at__isnull": False, f"{name}_by__isnull": False}),
                )
                for name in (
                    "papers_checked", "prepared", "drafted", "text_taken", "signatures_checked", "money_checked",
                    "signed", "reviewed",
                )
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["project", "signing_at", "id"], name="signing_day"),
            models.Index(
                fields=["signing_at", "id"],
                name="signing_ahead",
                condition=models.Q(open=True, signed_at=None),
            ),
        ]


class SigningPaper(models.Model):
    """A paper that the customer brings to signing: received, missing with the day promised, valid until (I-5.3-4c)."""

    signing = models.ForeignKey(Signing, on_delete=models.CASCADE, related_name="papers", db_index=False)
    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, null=True, related_name="+")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=80)
    copies = models.PositiveSmallIntegerField(default=1)
    for_loan = models.BooleanField(default=False)
    needed = models.BooleanField(default=True)
    received_at = models.DateTimeField(null=True)
    original_seen = models.BooleanField(default=False)
    valid_until = models.DateField(null=True)
    promised_date = models.DateField(null=True)
    attachment = models.CharField(max_length=64, default="")
    note = models.CharField(max_length=200, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["signing", "position"], name="signing_paper_once")]


class NegotiationPoint(models.Model):
    """A point negotiated before signing: both positions and the result, checked by an authorised person (I-2.1-l)."""

    signing = models.ForeignKey(Signing, on_delete=models.CASCADE, related_name="points")
    subject = models.CharField(max_length=100)
    buyer = models.TextField(default="")
    seller = models.TextField(default="")
    result = models.TextField(default="")
    recorded_at = models.DateTimeField()
    recorded_by = models.BigIntegerField()
    checked_at = models.DateTimeField(null=True)
    checked_by = models.BigIntegerField(null=True)
    opinion = models.TextField(default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="negotiation_checked_pair",
                condition=models.Q(checked_at=None, checked_by=None)
                | models.Q(checked_at__isnull=False, checked_by__isnull=False),
            )
        ]


class AddedClause(models.Model):
    """A clause added to the model contract (补充条款), or a service promised in it; released or refused by a person
    before it becomes part of the contract (I-2.1-m, K-3.1-a, K-3.1-b)."""

    CLAUSE, SERVICE = "clause", "service"

    signing = models.ForeignKey(Signing, on_delete=models.CASCADE, related_name="clauses", db_index=False)
    kind = models.CharField(max_length=10, choices=[(CLAUSE, "补充条款"), (SERVICE, "服务内容")])
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=100)
    words = models.TextField()
    proposed_at = models.DateTimeField()
    proposed_by = models.BigIntegerField()
    accepted = models.BooleanField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.BigIntegerField(null=True)
    opinion = models.TextField(default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["signing", "position"], name="added_clause_once"),
            models.CheckConstraint(
                name="added_clause_decided_pair",
                condition=models.Q(decided_at=None, decided_by=None, accepted=None)
                | models.Q(decided_at__isnull=False, decided_by__isnull=False, accepted__isnull=False),
            ),
        ]


class Contract(models.Model):
    """
    A signed contract (合同) of a deal. At most one is live per deal, by constraint. ``terms`` holds what the paper
    says of lateness and handover (rates per 10,000 per day), ``deviations`` what differs from the model contract.
    """

    deal = models.ForeignKey(Deal, on_delete=models.PROTECT, related_name="contracts")
    case = models.OneToOneField("kernel.Case", on_delete=models.PROTECT, null=True, related_name="contract")
    live = models.BooleanField(default=True)
    number = models.CharField(max_length=60)
    city_number = models.CharField(max_length=60, default="")
    text = models.ForeignKey(ContractText, on_delete=models.PROTECT, null=True, related_name="contracts")
    signed_date = models.DateField()
    total_price = FenField()
    unit_price = FenField(null=True)
    plan = models.JSONField(default=list)
    terms = models.JSONField(default=dict)
    deviations = models.JSONField(default=list)
    approved_at = models.DateTimeField(null=True)
    sealed_at = models.DateTimeField(null=True)
    filed_number = models.CharField(max_length=60, default="")
    filed_date = models.DateField(null=True)
    taken_over_at = models.DateTimeField(null=True)
    taken_over_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    handed_over_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    register_number = models.CharField(max_length=40, default="")
    archived_at = models.DateTimeField(null=True)
    place = models.CharField(max_length=100, default="")
    closed_at = models.DateTimeField(null=True)
    close_reason = models.CharField(max_length=40, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["deal"], name="one_live_contract", condition=models.Q(live=True)),
            models.CheckConstraint(
                name="contract_taken_over_pair",
                condition=models.Q(taken_over_at=None, taken_over_by=None)
                | models.Q(taken_over_at__isnull=False, taken_over_by__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["register_number"],
                name="contract_register_once",
                condition=~models.Q(register_number=""),
            ),
        ]
        indexes = [models.Index(fields=["signed_date", "id"], name="contract_signed")]

    def __str__(self) -> str:
        return self.number
