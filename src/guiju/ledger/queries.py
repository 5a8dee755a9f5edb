"""Reads of the ledger."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property

from django.db.models import QuerySet, Sum

from guiju.kernel import calendar
from guiju.kernel.calendar import local_date
from guiju.kernel.money import ZERO
from guiju.kernel.prepared import prepared
from guiju.ledger import penalty
from guiju.ledger.models import (
    Allocation,
    Book,
    Kind,
    Payout,
    PenaltyTerm,
    PenaltyWaiver,
    Receipt,
    Receivable,
    ReceivableEntry,
    Refund,
)

BUCKETS = ((1, 30, "1–30 天"), (31, 60, "31–60 天"), (61, 90, "61–90 天"), (91, 10**6, "90 天以上"))


def balance(case_ids: Collection[int]) -> Decimal:
    """Return receipts less reversals of these cases, in yuan."""
    return sum((amount for case_id in case_ids for amount in _amounts(case_id)), Decimal("0.00"))


@prepared
def _amounts(case_id: int) -> QuerySet[Receipt, Decimal]:
    return Receipt.objects.filter(case_id=case_id).values_list("amount", flat=True)


def _sum(rows: QuerySet[Receipt] | QuerySet[Allocation] | QuerySet[Refund]) -> Decimal:
    found = rows.aggregate(total=Sum("amount"))["total"]
    return ZERO if found is None else Decimal(found) + ZERO


def free_of(receipt: Receipt) -> Decimal:
    """Return what of a receipt pays nothing yet and was not paid back, in yuan; nothing of a reversed one."""
    if receipt.reverses_id is not None or Receipt.objects.filter(reverses=receipt).exists():
        return ZERO
    used = _sum(Allocation.objects.filter(receipt=receipt)) + _sum(Refund.objects.filter(receipt=receipt))
    left: Decimal = receipt.amount - used
    return left


@dataclass
class Line:
    """A receivable as it stands: amount, due, paid, and the penalty shown beside it (never added to it)."""

    receivable: Receivable
    amount: Decimal = ZERO
    due_date: date | None = None
    due_event: str = ""
    paid: Decimal = ZERO
    written_off: bool = False
    payments: list[tuple[date, Decimal]] = field(default_factory=list)
    waived: Decimal = ZERO
    millionths: int = 0
    company_id: int | None = None

    @cached_property
    def last_date(self) -> date | None:
        """The last day to pay in time: the due day, or the first working day after it (民法典 203)."""
        if self.due_date is None:
            return None
        return calendar.current(self.company_id).next_workday(self.due_date)

    @property
    def open(self) -> Decimal:
        """What is still owed, in yuan."""
        return self.amount - self.paid

    def late(self, today: date) -> int:
        """Return how many days it is overdue."""
        if self.last_date is None or self.open <= 0:
            return 0
        return max(0, (today - self.last_date).days)

    def state(self, today: date) -> str:
        """Return how it stands (domain 2.8)."""
        if self.open <= 0:
            return "written_off" if self.written_off else "paid"
        if self.late(today):
            return "overdue"
        return "part" if self.paid else "open"

    def state_label(self, today: date) -> str:
        """Return how it stands, in words."""
        return {
            "written_off": "已核销",
            "paid": "已收清",
            "overdue": "逾期",
            "part": "部分收",
            "open": "未收",
        }[self.state(today)]

    def sheet(self, today: date) -> list[penalty.Line]:
        """Return the lines of the penalty up to a day; pass-through money and penalty itself carry none."""
        kind = Kind(self.receivable.kind)
        if self.last_date is None or not self.millionths or kind.pass_through or kind is Kind.PENALTY:
            return []
        return penalty.sheet(
            owed=self.amount,
            due=self.last_date,
            payments=self.payments,
            until=today,
            millionths=self.millionths,
        )

    def penalty(self, today: date) -> Decimal:
        """Return the penalty up to a day less what was waived, in yuan."""
        return max(ZERO, sum((line.amount for line in self.sheet(today)), ZERO) - self.waived)


def lines(receivables: Iterable[Receivable]) -> list[Line]:
    """Return receivables as they stand, in their order; six queries for any number."""
    rows = list(receivables)
    found = {row.pk: Line(row) for row in rows}
    for entry in ReceivableEntry.objects.filter(receivable__in=list(found)).order_by("id"):
        line = found[entry.receivable_id]
        line.amount += entry.amount
        line.due_date, line.due_event = entry.due_date, entry.due_event
        line.written_off = line.written_off or entry.act == ReceivableEntry.WRITTEN_OFF
    for made in Allocation.objects.filter(receivable__in=list(found)).select_related("receipt", "reverses").order_by("id"):  # fmt: skip
        line = found[made.receivable_id]
        line.paid += made.amount
        # A taking back undoes the payment on the day it was made, so that what never arrived never counted.
        line.payments.append((local_date(made.receipt.received_at), made.amount))
    for waiver in PenaltyWaiver.objects.filter(receivable__in=list(found)):
        found[waiver.receivable_id].waived += waiver.amount
    terms: dict[int, int] = {}
    for term in PenaltyTerm.objects.filter(book__in={row.book_id for row in rows}).order_by("id"):
        terms[term.book_id] = term.millionths
    companies = dict(
        Book.objects.filter(pk__in={row.book_id for row in rows}).values_list("pk", "company_id")
    )
    for line in found.values():
        line.millionths = terms.get(line.receivable.book_id, 0)
        line.company_id = companies.get(line.receivable.book_id)
    return list(found.values())


def line_of(receivable: Receivable) -> Line:
    """Return one receivable as it stands."""
    return lines([receivable])[0]


def open_of(receivable: Receivable) -> Decimal:
    """Return what is still owed of a receivable, in yuan."""
    return line_of(receivable).open


def receivables_of(book_id: int) -> list[Line]:
    """Return what is owed in a book: what has a due day first, by it; then what waits for an event."""
    found = lines(Receivable.objects.filter(book_id=book_id).order_by("position"))
    return sorted(
        found, key=lambda one: (one.due_date is None, one.due_date or date.max, one.receivable.position)
    )


def book_of_deal(deal: int) -> Book | None:
    """Return the book of a deal."""
    return Book.objects.filter(deals__deal=deal).first()


@dataclass
class Statement:
    """A book as it stands: what is owed, what came, what is left over. Amounts in yuan."""

    book: Book
    lines: list[Line]
    receipts: list[Receipt]
    refunds: list[Refund]
    free: dict[int, Decimal]
    payouts: list[Payout] = field(default_factory=list)

    @property
    def owed(self) -> Decimal:
        """All that is owed, paid or not."""
        return sum((line.amount for line in self.lines), ZERO)

    @property
    def paid(self) -> Decimal:
        """What receivables have been paid."""
        return sum((line.paid for line in self.lines), ZERO)

    @property
    def open(self) -> Decimal:
        """What is still owed."""
        return sum((line.open for line in self.lines), ZERO)

    @property
    def received(self) -> Decimal:
        """Receipts less reversals."""
        return sum((row.amount for row in self.receipts), ZERO)

    @property
    def refunded(self) -> Decimal:
        """What was paid back."""
        return sum((row.amount for row in self.refunds), ZERO)

    @property
    def paid_out(self) -> Decimal:
        """What we paid beside refunds: interest, double deposit, penalty."""
        return sum((row.amount for row in self.payouts), ZERO)

    @property
    def over(self) -> Decimal:
        """What came and pays nothing yet (溢缴、待分配)."""
        return sum(self.free.values(), ZERO)

    def overdue(self, today: date) -> Decimal:
        """Return what is overdue."""
        return sum((line.open for line in self.lines if line.late(today)), ZERO)

    def penalty(self, today: date) -> Decimal:
        """Return the penalty up to a day, which stands beside what is owed."""
        return sum((line.penalty(today) for line in self.lines), ZERO)


def statement(book: Book) -> Statement:
    """Return a book as it stands."""
    rows = list(
        Receipt.objects.filter(book=book).select_related("booked_by", "check_row__checked_by").order_by("id")
    )
    refunds = list(Refund.objects.filter(receipt__book=book).select_related("receipt").order_by("id"))
    payouts = list(Payout.objects.filter(book=book).order_by("id"))
    return Statement(book, receivables_of(book.pk), rows, refunds, free_by_receipt(rows), payouts)


def free_by_receipt(rows: Sequence[Receipt]) -> dict[int, Decimal]:
    """Return what is left of each standing receipt that has anything left, by its key."""
    reversed_ = {row.reverses_id for row in rows} | set(
        Receipt.objects.filter(reverses__in=[row.pk for row in rows]).values_list("reverses_id", flat=True)
    )
    standing = {row.pk: row.amount for row in rows if row.reverses_id is None and row.pk not in reversed_}
    used: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for model in (Allocation, Refund):
        found = model._default_manager.filter(receipt__in=list(standing)).values_list("receipt_id", "amount")
        for key, amount in found:
            used[key] += amount
    return {key: amount - used[key] for key, amount in standing.items() if amount - used[key]}


def bucket(days: int) -> int:
    """Return in which age a lateness falls: 0 for 1–30 days up to 3 for more than 90."""
    return next(place for place, (low, high, _) in enumerate(BUCKETS) if low <= days <= high)
