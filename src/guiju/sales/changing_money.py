"""What a change does to the books: the plan becomes another by added rows, or all money moves to another book in pairs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from guiju.kernel.money import ZERO
from guiju.kernel.refusals import NotReady, Reason
from guiju.ledger.models import Allocation, Book, Kind, Receipt, Receivable, ReceivableEntry
from guiju.ledger.operations import receipts
from guiju.ledger.operations.allocating import allocate_book, release
from guiju.ledger.operations.books import hold
from guiju.ledger.operations.receivables import Planned, add, change, settle
from guiju.ledger.queries import receivables_of


def reshape(
    book: Book, planned: Sequence[Planned], *, reason: str, at: datetime, recorded_at: datetime, by_id: int | None,
    case_id: int,
) -> None:  # fmt: skip
    """
    Let a book owe what a new plan says. What is paid stays paid and counts towards the first lines of the new plan;
    what is open of the old lines is owed no more, and the rest of the plan is added. Nothing is written over. Money
    that is then too much lies free, to be refunded to its payer.
    """
    hold(book.pk)
    old = [line for line in receivables_of(book.pk) if Kind(line.receivable.kind).price]
    left = sum((line.paid for line in old), ZERO)
    if left > sum((line.amount for line in planned), ZERO):
        for made in Allocation.objects.filter(
            receivable__in=[line.receivable.pk for line in old], reverses=None, reversal=None
        ).order_by("id"):
            release(allocation=made, reason=reason, at=recorded_at, by_id=by_id)
        left = ZERO
        old = [line for line in receivables_of(book.pk) if Kind(line.receivable.kind).price]
    for line in old:
        if line.open > 0:
            change(
                receivable=line.receivable, act=ReceivableEntry.CHANGED, amount=line.paid, reason=reason, at=at,
                recorded_at=recorded_at, by_id=by_id, case_id=case_id,
            )  # fmt: skip
    fresh = []
    for wanted in planned:
        part = min(left, wanted.amount)
        left -= part
        if wanted.amount > part:
            fresh.append(replace(wanted, amount=wanted.amount - part))
    add(book=book, planned=fresh, at=at, recorded_at=recorded_at, by_id=by_id, case_id=case_id, reason=reason)
    allocate_book(book_id=book.pk, at=recorded_at, by_id=by_id)


def move_all(
    old: Book, new: Book, *, from_cases: Collection[int], to_case: int, reason: str, at: datetime,
    recorded_at: datetime, by_id: int, case_id: int,
) -> list[str]:  # fmt: skip
    """
    Move all money of a purchase to another, and return the numbers of the receipts made: each receipt is reversed there and booked here under the same voucher,
    so that every pair sums to zero; the old book owes nothing more.

    :raises NotReady: money was paid back out of a receipt; the rest cannot move with it.
    """
    for key in sorted((old.pk, new.pk)):
        hold(key)
    settle(
        book=old,
        reason=reason,
        kept=ZERO,
        kept_name="",
        at=at,
        recorded_at=recorded_at,
        by_id=by_id,
        case_id=case_id,
    )
    made: list[str] = []
    for row in Receipt.objects.filter(book=old, reverses=None, reversal=None).order_by("id"):
        if sum((refund.amount for refund in row.refunds.all()), ZERO):
            raise NotReady([Reason(f"收据 {row.number} 已有退款，不能随换房转账，请先由财务处理", "I-5.2-6")])
        there = receipts.move(
            receipt=row, to=new, purpose=row.purpose, reason=reason, at=recorded_at, by_id=by_id,
            case_id=to_case if row.case_id in from_cases else None,
        )  # fmt: skip
        back = Receipt.objects.only("number").get(reverses=row)
        made += [back.number, there.number]
    return made


def owes_nothing(book: Book) -> bool:
    """Return whether nothing is owed in a book any more: no receivable is left behind a deal that ended."""
    rows = Receivable.objects.filter(book=book)
    return not rows.exists() or all(line.open == 0 and line.amount == 0 for line in receivables_of(book.pk))
