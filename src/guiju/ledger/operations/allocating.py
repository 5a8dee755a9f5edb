"""Which receivable a receipt pays: by the order of the plan, unless the buyer names one (CC 560)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from guiju.kernel.refusals import Reason, Refused
from guiju.ledger.models import Allocation, Kind, Receipt, Receivable
from guiju.ledger.operations.books import hold
from guiju.ledger.queries import free_of, open_of, receivables_of

CLAUSE = "J-2.3-d"


class UnableToAllocate(Refused):
    """The receipt has not so much left, the receivable is not owed so much, or they are of different books."""


@transaction.atomic
def allocate(*, receipt: Receipt, at: datetime, by_id: int | None) -> list[Allocation]:
    """
    Pay receivables with what is left of a receipt, oldest instalment first; money collected for others pays only what
    is collected for others, and the other way round. What is too much stays as overpayment. Penalty is paid only
    when somebody names it.
    """
    if receipt.book_id is None or receipt.reverses_id is not None:
        return []
    hold(receipt.book_id)
    left, made = free_of(receipt), []
    for line in receivables_of(receipt.book_id):
        if left <= 0:
            break
        row = line.receivable
        kind = Kind(row.kind)
        if row.pass_through != (receipt.purpose == "pass_through") or kind is Kind.PENALTY or line.open <= 0:
            continue
        part = min(left, line.open)
        made.append(
            Allocation.objects.create(
                receipt=receipt, receivable=row, amount=part, allocated_at=at, allocated_by_id=by_id
            )
        )
        left -= part
    return made


@transaction.atomic
def allocate_to(
    *, receipt: Receipt, receivable: Receivable, amount: Decimal, at: datetime, by_id: int | None
) -> Allocation:
    """
    Pay the receivable that the buyer names, in yuan.

    :raises UnableToAllocate: too much, of another book, or pass-through money for revenue.
    """
    if receipt.book_id is None or receipt.book_id != receivable.book_id:
        raise UnableToAllocate([Reason("收款和应收不在同一户账，不能分配", CLAUSE)])
    hold(receipt.book_id)
    if receivable.pass_through != (receipt.purpose == "pass_through"):
        raise UnableToAllocate([Reason("代收款和房款分开核算，不能互相抵付", CLAUSE)])
    left, owed = free_of(receipt), open_of(receivable)
    if amount <= 0 or amount > left:
        raise UnableToAllocate([Reason(f"收据 {receipt.number} 只剩 {left} 元可分配", CLAUSE)])
    if amount > owed:
        raise UnableToAllocate([Reason(f"{receivable.name}只欠 {owed} 元", CLAUSE)])
    return Allocation.objects.create(
        receipt=receipt,
        receivable=receivable,
        amount=amount,
        chosen=True,
        allocated_at=at,
        allocated_by_id=by_id,
    )


@transaction.atomic
def release(*, allocation: Allocation, reason: str, at: datetime, by_id: int | None) -> Allocation:
    """
    Take an allocation back by a new row that names it.

    :raises UnableToAllocate: it has been taken back, or is itself a taking back.
    """
    book_id = allocation.receipt.book_id
    assert book_id is not None
    hold(book_id)
    if allocation.reverses_id is not None or Allocation.objects.filter(reverses=allocation).exists():
        raise UnableToAllocate([Reason("这笔分配已经撤回", CLAUSE)])
    return Allocation.objects.create(
        receipt_id=allocation.receipt_id, receivable_id=allocation.receivable_id, amount=-allocation.amount,
        chosen=allocation.chosen, reverses=allocation, reason=reason[:200], allocated_at=at, allocated_by_id=by_id,
    )  # fmt: skip


def release_all(*, receipt: Receipt, reason: str, at: datetime, by_id: int | None) -> None:
    """Take back all that a receipt pays."""
    for row in receipt.allocations.filter(reverses=None, reversal=None).order_by("id"):
        release(allocation=row, reason=reason, at=at, by_id=by_id)


@transaction.atomic
def allocate_book(*, book_id: int, at: datetime, by_id: int | None) -> list[Allocation]:
    """Pay what is owed in a book with all that is left of its receipts, oldest first (after a plan was made)."""
    hold(book_id)
    made: list[Allocation] = []
    for receipt in Receipt.objects.filter(book_id=book_id, reverses=None, reversal=None).order_by("id"):
        made += allocate(receipt=receipt, at=at, by_id=by_id)
    return made
