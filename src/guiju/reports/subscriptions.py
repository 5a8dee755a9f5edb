"""认购登记表: the subscriptions of a period with totals, and how many mortgage buyers chose their bank in time (I-5.1-5a)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Prefetch, QuerySet

from guiju.kernel import chain
from guiju.kernel.models import Event
from guiju.kernel.process import processes
from guiju.org.masking import mask_name, mask_unit
from guiju.reports.tables import DAY, MONEY, Column, Table
from guiju.sales.models import DealBuyer, Payment, Subscription

#: More rows than this are asked for in shorter periods.
MOST = 3000
VOIDED = "voided"
CHOSEN, OPEN = "chosen", "open"
BANKS = {CHOSEN: "认购时选定银行", OPEN: "认购时没有选定银行"}
PROCESS = "subscription"


@dataclass(frozen=True)
class Row:
    """A line of the register. ``bank_in_time``: chosen by registration; None where no loan is part of it."""

    case: str
    number: str
    on: date | None
    project: str
    unit: str
    unit_id: int
    buyers: tuple[str, ...]
    price: Decimal | None
    payment: str
    payment_label: str
    bank: str
    bank_in_time: bool | None
    deposit: Decimal | None
    deposit_confirmed_at: datetime | None
    sealed_at: datetime | None
    seal_number: str
    state: str
    state_label: str

    @property
    def counts(self) -> bool:
        """Whether it counts in totals: one that was voided and issued anew counts under its new number only."""
        return self.state != VOIDED


@dataclass(frozen=True)
class Totals:
    """The sums of a register, without voided lines."""

    count: int
    voided: int
    price: Decimal
    deposit: Decimal
    confirmed: int
    sealed: int


@dataclass(frozen=True)
class Share:
    """Of ``of`` buyers with a loan, ``counted`` chose their bank by registration (I-5.1-5a)."""

    counted: int
    of: int

    @property
    def percent(self) -> Decimal | None:
        """The share in per cent; None when nobody takes a loan."""
        return Decimal(self.counted * 100) / self.of if self.of else None


def registered(found: QuerySet[Subscription], *, begin: date, end: date) -> QuerySet[Subscription]:
    """Return the registered subscriptions of a period, by the day of subscription and number."""
    return (
        found.filter(deal__subscribed_date__gte=begin, deal__subscribed_date__lte=end)
        .exclude(number="")
        .order_by("deal__subscribed_date", "number", "pk")
    )


def rows(found: QuerySet[Subscription], *, masked: bool = False) -> list[Row]:
    """Return the lines of a register, at most ``MOST`` + 1; the same number of queries for any number of lines."""
    buyers = Prefetch("deal__buyers", DealBuyer.objects.select_related("customer").order_by("position"))
    subscriptions = list(
        found.select_related("case", "unit__building", "unit__project", "deal").prefetch_related(buyers)[
            : MOST + 1
        ]
    )
    in_time = _banks_in_time(subscriptions)
    process = processes()[PROCESS]
    made = []
    for one in subscriptions:
        deal = one.deal
        assert deal is not None
        payment = Payment(deal.payment) if deal.payment in Payment.values else Payment.OTHER
        names = [buyer.customer.name for buyer in deal.buyers.all()]
        made.append(
            Row(
                case=one.case.number,
                number=one.number,
                on=deal.subscribed_date,
                project=one.unit.project.name,
                unit=mask_unit(one.unit.label) if masked else one.unit.label,
                unit_id=one.unit_id,
                buyers=tuple(mask_name(name) if masked else name for name in names),
                price=deal.total_price,
                payment=payment.value,
                payment_label=str(payment.label),
                bank=deal.bank,
                bank_in_time=in_time.get(one.pk),
                deposit=one.deposit,
                deposit_confirmed_at=one.deposit_confirmed_at,
                sealed_at=one.sealed_at,
                seal_number=one.seal_number,
                state=one.case.state,
                state_label=process.state(one.case.state).label,
            )
        )
    return made


def _banks_in_time(subscriptions: Iterable[Subscription]) -> dict[int, bool]:
    """
    Return by subscription whether its bank was chosen by registration.

    A bank in the 认购书 was chosen at once. One chosen by the step 选定银行 counts if it was taken by registration; the
    event of that step says whether a bank stood there before.
    """
    loans = [one for one in subscriptions if one.deal is not None and one.deal.payment in _loans()]
    events = _choices([one.case_id for one in loans])
    found = {}
    for one in loans:
        assert one.deal is not None
        chosen = bool(one.deal.bank)
        for happened_at, before, bank in events.get(one.case_id, ()):
            if before:
                break
            if bank:
                chosen = one.registered_at is None or happened_at <= one.registered_at
                break
        found[one.pk] = chosen
    return found


def _loans() -> set[str]:
    return {payment.value for payment in Payment if payment.needs_bank}


def _choices(case_ids: Collection[int]) -> dict[int, list[tuple[datetime, str, str]]]:
    """Return (when, bank before, bank chosen) of every step 选定银行 of these cases, in their order."""
    found: dict[int, list[tuple[datetime, str, str]]] = {}
    events = Event.objects.filter(case_id__in=case_ids, step="choose_bank").order_by("case_id", "case_seq")
    for event in events:
        assert event.case_id is not None
        said = chain.open_body(event.body).get("said", {})
        found.setdefault(event.case_id, []).append(
            (event.happened_at, str(said.get("old", "")), str(said.get("new", "")))
        )
    return found


def totals(lines: Iterable[Row]) -> Totals:
    """Add a register up, without voided lines."""
    kept, voided = [], 0
    for line in lines:
        if line.counts:
            kept.append(line)
        else:
            voided += 1
    return Totals(
        count=len(kept),
        voided=voided,
        price=sum((line.price or Decimal(0) for line in kept), Decimal(0)),
        deposit=sum((line.deposit or Decimal(0) for line in kept), Decimal(0)),
        confirmed=sum(line.deposit_confirmed_at is not None for line in kept),
        sealed=sum(line.sealed_at is not None for line in kept),
    )


def banks(lines: Iterable[Row]) -> Share:
    """Return how many buyers with a loan chose their bank by registration (I-5.1-5a)."""
    loans = [line for line in lines if line.counts and line.bank_in_time is not None]
    return Share(sum(bool(line.bank_in_time) for line in loans), len(loans))


def with_bank(lines: Iterable[Row], wanted: str) -> list[Row]:
    """Return the lines that make up the figure of ``banks``: those counted, or those left out."""
    return [
        line
        for line in lines
        if line.counts and line.bank_in_time is not None and line.bank_in_time == (wanted == CHOSEN)
    ]


COLUMNS = (
    Column("编号", width=20),
    Column("日期", DAY, 11),
    Column("房号", width=18),
    Column("买受人", width=16),
    Column("成交总价（元）", MONEY, 16),
    Column("付款方式", width=11),
    Column("按揭银行", width=14),
    Column("定金（元）", MONEY, 13),
    Column("定金确认", width=10),
    Column("用印编号", width=17),
    Column("状态", width=13),
)


def table(lines: Sequence[Row], *, project: str, begin: date, end: date) -> Table:
    """Return the register as a list to be written out."""
    added = totals(lines)
    body = [
        (
            line.number, line.on, line.unit, "、".join(line.buyers), line.price, line.payment_label, line.bank, line.deposit,
            "已确认" if line.deposit_confirmed_at else "", line.seal_number, line.state_label,
        )
        for line in lines
    ]  # fmt: skip
    foot = ("合计", "", f"{added.count} 套", "", added.price, "", "", added.deposit, "", "", "")
    return Table("认购登记表", COLUMNS, body, foot, project, f"{begin:%Y-%m-%d} 至 {end:%Y-%m-%d}")
