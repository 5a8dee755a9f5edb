"""What is owed: receivables, how amount and due day came about, and the penalty for being late."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from guiju.kernel.money import FenField
from guiju.ledger.models.books import Book


class Kind(models.TextChoices):
    """What a receivable is for (domain 2.8)."""

    DEPOSIT = "deposit", "定金"
    DOWN_PAYMENT = "down_payment", "首付款"
    INSTALMENT = "instalment", "楼款"
    LOAN = "loan", "按揭款"
    FUND_LOAN = "fund_loan", "公积金款"
    AREA = "area", "面积差款"
    WORKS = "works", "工程变更费"
    FEE = "fee", "手续费"
    SERVICE = "service", "有偿服务费"
    PENALTY = "penalty", "违约金"
    DEED_TAX = "deed_tax", "代收契税"
    MAINTENANCE_FUND = "maintenance_fund", "代收维修资金"
    REGISTRATION_FEE = "registration_fee", "代收登记费"

    @property
    def pass_through(self) -> bool:
        """Whether the money is collected for others (代收) and is no revenue."""
        return self in (Kind.DEED_TAX, Kind.MAINTENANCE_FUND, Kind.REGISTRATION_FEE)

    @property
    def price(self) -> bool:
        """Whether it is part of the contract price, on which 回款 is judged."""
        return self in (
            Kind.DEPOSIT,
            Kind.DOWN_PAYMENT,
            Kind.INSTALMENT,
            Kind.LOAN,
            Kind.FUND_LOAN,
            Kind.AREA,
        )

    @property
    def loan(self) -> bool:
        """Whether a bank or the provident fund pays it, once its gate is open."""
        return self in (Kind.LOAN, Kind.FUND_LOAN)


PASS_THROUGH = tuple(kind.value for kind in Kind if kind.pass_through)


class Receivable(models.Model):
    """One thing that is owed (应收): who owes by its book, what for by its kind. Amount and due day are entries."""

    book = models.ForeignKey(Book, on_delete=models.PROTECT, related_name="receivables", db_index=False)
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=20, choices=Kind.choices)
    name = models.CharField(max_length=60)
    pass_through = models.BooleanField()
    case = models.ForeignKey("kernel.Case", on_delete=models.PROTECT, null=True, related_name="receivables")
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["book", "position"], name="receivable_position"),
            models.CheckConstraint(
                name="receivable_pass_through",
                condition=models.Q(pass_through=True, kind__in=PASS_THROUGH)
                | (models.Q(pass_through=False) & ~models.Q(kind__in=PASS_THROUGH)),
            ),
        ]


class ReceivableEntry(models.Model):
    """
    How a receivable came to be what it is: ``amount`` is what is added or taken away, in yuan; the due day or event
    of the newest entry holds. A correction names the entry it corrects.
    """

    SET, CHANGED, CORRECTED, EVENT, WRITTEN_OFF = "set", "changed", "corrected", "event", "written_off"
    ACTS = [
        (SET, "设立"), (CHANGED, "调整"), (CORRECTED, "更正"), (EVENT, "付款条件成就"), (WRITTEN_OFF, "核销"),
    ]  # fmt: skip

    receivable = models.ForeignKey(
        Receivable, on_delete=models.PROTECT, related_name="entries", db_index=False
    )
    act = models.CharField(max_length=20, choices=ACTS)
    amount = FenField()
    due_date = models.DateField(null=True)
    due_event = models.CharField(max_length=60, default="")
    corrects = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="corrected_by")
    reason = models.CharField(max_length=200, default="")
    case = models.ForeignKey("kernel.Case", on_delete=models.PROTECT, null=True, related_name="+")
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="entry_has_due", condition=models.Q(due_date__isnull=False) | ~models.Q(due_event="")
            ),
            models.CheckConstraint(
                name="entry_says_why", condition=models.Q(act__in=["set", "event"]) | ~models.Q(reason="")
            ),
        ]
        indexes = [models.Index(fields=["receivable", "id"], name="entry_receivable")]


class PenaltyTerm(models.Model):
    """
    The contract's rate for late payment (GF 8), in millionths of the overdue amount per day: 万分之二 is 200. The
    newest row holds; ``limit_days`` is N, after which the contract gives a right to rescind.
    """

    book = models.ForeignKey(Book, on_delete=models.PROTECT, related_name="penalty_terms")
    millionths = models.PositiveIntegerField()
    limit_days = models.PositiveSmallIntegerField(null=True)
    basis = models.CharField(max_length=100)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="penalty_rate", condition=models.Q(millionths__gte=1, millionths__lte=10000)
            )
        ]


class PenaltyWaiver(models.Model):
    """Penalty that is not asked for (减免), in yuan, by an approved step of a case (domain 2.8, 2.29)."""

    receivable = models.ForeignKey(Receivable, on_delete=models.PROTECT, related_name="waivers")
    amount = FenField()
    until_date = models.DateField()
    reason = models.CharField(max_length=200)
    case = models.ForeignKey("kernel.Case", on_delete=models.PROTECT, related_name="+")
    waived_at = models.DateTimeField()
    waived_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        constraints = [models.CheckConstraint(name="waiver_sign", condition=models.Q(amount__gt=0))]
