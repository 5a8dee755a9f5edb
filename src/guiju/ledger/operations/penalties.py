"""The contract's rate for late payment, and penalty that is charged or waived."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from guiju.kernel.refusals import Reason, Refused
from guiju.ledger.models import Book, Kind, PenaltyTerm, PenaltyWaiver, Receivable
from guiju.ledger.operations.books import hold
from guiju.ledger.operations.receivables import Planned, add
from guiju.ledger.queries import line_of

CLAUSE = "J-2.3-d"


class UnableToWaive(Refused):
    """There is not so much penalty."""


class NoPenalty(Refused):
    """No penalty has come about."""


@transaction.atomic
def set_term(
    *, book: Book, millionths: int, limit_days: int | None, basis: str, at: datetime, by_id: int | None
) -> PenaltyTerm:
    """Write down the contract's daily rate in millionths (万分之二 is 200); the newest row holds."""
    hold(book.pk)
    return PenaltyTerm.objects.create(
        book=book,
        millionths=millionths,
        limit_days=limit_days,
        basis=basis[:100],
        added_at=at,
        added_by_id=by_id,
    )


@transaction.atomic
def waive(
    *,
    receivable: Receivable,
    amount: Decimal,
    until: date,
    reason: str,
    case_id: int,
    at: datetime,
    by_id: int,
) -> PenaltyWaiver:
    """
    Ask no more for so much penalty, in yuan; only an approved step of a case calls this (domain 2.29).

    :raises UnableToWaive: the penalty up to that day is less.
    """
    hold(receivable.book_id)
    now = line_of(receivable).penalty(until)
    if amount <= 0 or amount > now:
        raise UnableToWaive([Reason(f"到 {until} 违约金为 {now} 元，减免不能超过它", CLAUSE)])
    return PenaltyWaiver.objects.create(
        receivable=receivable, amount=amount, until_date=until, reason=reason[:200], case_id=case_id, waived_at=at,
        waived_by_id=by_id,
    )  # fmt: skip


@transaction.atomic
def charge(
    *,
    receivable: Receivable,
    until: date,
    due_date: date,
    case_id: int,
    at: datetime,
    recorded_at: datetime,
    by_id: int,
) -> Receivable:
    """
    Make the penalty of a paid instalment owed as a line of its own.

    :raises NoPenalty: there is none, or the instalment is not paid yet and it still grows.
    """
    hold(receivable.book_id)
    line = line_of(receivable)
    amount = line.penalty(until)
    name = f"{receivable.name}违约金"[:60]
    if amount <= 0 or line.open > 0:
        raise NoPenalty([Reason("欠款收清后再收取违约金；没有违约金的不用收取", CLAUSE)])
    if Receivable.objects.filter(book_id=receivable.book_id, name=name, kind=Kind.PENALTY).exists():
        raise NoPenalty([Reason("这一期的违约金已经列为应收", CLAUSE)])
    (made,) = add(
        book=receivable.book, planned=[Planned(Kind.PENALTY, name, amount, due_date)], at=at, recorded_at=recorded_at,
        by_id=by_id, case_id=case_id,
    )  # fmt: skip
    return made
