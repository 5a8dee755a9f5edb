"""
回款: what was due and what came, by project and month, with the rows behind every figure (domain 4: 回款率, 逾期率).

A loan whose condition has not come true is not due, and not in the base. Money collected for others is not counted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from guiju.estate.models import Project
from guiju.kernel.money import ZERO, half_up
from guiju.ledger.models import CollectionTarget, Kind, Receivable
from guiju.ledger.queries import BUCKETS, Line, bucket, lines
from guiju.sales.models import Deal

PRICE = [kind.value for kind in Kind if kind.price]
TAXES = [kind.value for kind in Kind if kind.pass_through]


@dataclass(frozen=True)
class Month:
    """The first and last day of a month."""

    first: date
    last: date

    @classmethod
    def of(cls, on: date) -> Month:
        """Return the month of a day."""
        first = on.replace(day=1)
        return cls(first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1))


@dataclass
class Collected:
    """A project's money of a month, in yuan, and the lines behind it."""

    project: Project
    due: Decimal = ZERO
    received: Decimal = ZERO
    owed_to_date: Decimal = ZERO
    received_to_date: Decimal = ZERO
    signed: Decimal = ZERO
    overdue: Decimal = ZERO
    target: Decimal | None = None
    ages: list[Decimal] = field(default_factory=lambda: [ZERO] * len(BUCKETS))
    lines: list[Line] = field(default_factory=list)

    @property
    def rate(self) -> Decimal | None:
        """回款率: received in the month for the contract / due in the month, in percent; None without a base."""
        return percent(self.received, self.due)

    @property
    def late_rate(self) -> Decimal | None:
        """逾期率: overdue / due and unpaid or paid to date, in percent."""
        return percent(self.overdue, self.owed_to_date)

    @property
    def total_rate(self) -> Decimal | None:
        """Received to date / all that was contracted, in percent."""
        return percent(self.received_to_date, self.signed)

    @property
    def attained(self) -> Decimal | None:
        """Received in the month / the month's target, in percent (J-2.6-a)."""
        return percent(self.received, self.target or ZERO)


def percent(part: Decimal, whole: Decimal) -> Decimal | None:
    """Return a share in percent with one place; None of nothing."""
    return half_up(part * 100 / whole, 1) if whole else None


def collected(projects: Sequence[Project], month: Month, today: date) -> list[Collected]:
    """Return the figures of each project; the same number of queries for any number."""
    found = {project.pk: Collected(project) for project in projects}
    rows = Receivable.objects.filter(book__project__in=list(found), kind__in=PRICE)
    end = min(month.last, today)
    for line in lines(rows.select_related("book__unit__building").order_by("book", "position")):
        one = found[line.receivable.book.project_id]
        one.signed += line.amount
        one.received += sum((amount for on, amount in line.payments if month.first <= on <= month.last), ZERO)
        paid = sum((amount for on, amount in line.payments if on <= end), ZERO)
        one.received_to_date += paid
        if line.due_date is None:
            continue
        if month.first <= line.due_date <= month.last:
            one.due += line.amount
        if line.due_date <= end:
            one.owed_to_date += line.amount
            left, days = line.amount - paid, (end - line.due_date).days
            if left > 0 and days > 0:
                one.overdue += left
                one.ages[bucket(days)] += left
                one.lines.append(line)
    for target in CollectionTarget.objects.filter(project__in=list(found), month_date=month.first).order_by(
        "id"
    ):
        found[target.project_id].target = target.amount
    return list(found.values())


@dataclass
class BankRow:
    """Loan money of a bank in a project, in yuan: promised, arrived, outstanding (I-2.2-h)."""

    project: str
    bank: str
    deals: int = 0
    owed: Decimal = ZERO
    received: Decimal = ZERO

    @property
    def open(self) -> Decimal:
        """What has not arrived."""
        return self.owed - self.received


def by_bank(projects: Iterable[Project]) -> list[BankRow]:
    """Return loans by bank and project."""
    rows = Receivable.objects.filter(book__project__in=list(projects), kind__in=[Kind.LOAN, Kind.FUND_LOAN])
    found: dict[tuple[str, str], BankRow] = {}
    standing = lines(
        rows.select_related("book__project").prefetch_related("book__deals").order_by("book", "position")
    )
    deals = {key for line in standing for key in (one.deal for one in line.receivable.book.deals.all())}
    banks = dict(Deal.objects.filter(pk__in=deals).values_list("pk", "bank"))
    for line in standing:
        keys = [one.deal for one in line.receivable.book.deals.all()]
        bank = banks.get(max(keys, default=0), "") or "未选定银行"
        if line.receivable.kind == Kind.FUND_LOAN:
            bank = f"公积金（{bank}）"
        project = line.receivable.book.project.name
        row = found.setdefault((project, bank), BankRow(project, bank))
        row.deals += 1
        row.owed += line.amount
        row.received += line.paid
    return [found[key] for key in sorted(found)]


def taxes(projects: Iterable[Project]) -> list[Line]:
    """Return taxes and fees collected for others that are still due, by purchase (I-2.7-c)."""
    rows = Receivable.objects.filter(book__project__in=list(projects), kind__in=TAXES)
    return [
        line
        for line in lines(rows.select_related("book__unit__building").order_by("book", "position"))
        if line.open > 0
    ]


def sums(rows: Iterable[Collected]) -> dict[str, Decimal]:
    """Return the column totals."""
    total: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for row in rows:
        for name in ("due", "received", "owed_to_date", "received_to_date", "signed", "overdue"):
            total[name] += getattr(row, name)
    return dict(total)
