"""What is owed in a book: the plan, changes and corrections of it, and payment conditions that have come true."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from guiju.kernel.refusals import Reason, Refused
from guiju.ledger.models import Allocation, Book, Kind, Receipt, Receivable, ReceivableEntry
from guiju.ledger.operations.allocating import allocate_to, release
from guiju.ledger.operations.books import hold
from guiju.ledger.queries import free_of, line_of

CLAUSE = "J-2.3-c"


class UnableToChange(Refused):
    """The receivable cannot become that."""


@dataclass(frozen=True)
class Planned:
    """A line of a plan: what for, how much in yuan, due on a day or when an event comes (放款条件具备)."""

    kind: Kind
    name: str
    amount: Decimal
    due_date: date | None = None
    due_event: str = ""


@transaction.atomic
def add(
    *, book: Book, planned: Sequence[Planned], at: datetime, recorded_at: datetime, by_id: int | None,
    case_id: int | None = None, reason: str = "",
) -> list[Receivable]:  # fmt: skip
    """
    Write what is owed.

    :raises UnableToChange: a line has neither due day nor due event, or no positive amount.
    """
    hold(book.pk)
    first = Receivable.objects.filter(book=book).count() + 1
    made = []
    for position, line in enumerate(planned, first):
        if line.amount <= 0:
            raise UnableToChange([Reason(f"{line.name}的应收金额应大于 0", CLAUSE)])
        if line.due_date is None and not line.due_event:
            raise UnableToChange([Reason(f"{line.name}没有约定付款日期，也没有付款条件", CLAUSE)])
        row = Receivable.objects.create(
            book=book, position=position, kind=line.kind.value, name=line.name[:60], pass_through=line.kind.pass_through,
            case_id=case_id, added_at=recorded_at, added_by_id=by_id,
        )  # fmt: skip
        ReceivableEntry.objects.create(
            receivable=row, act=ReceivableEntry.SET, amount=line.amount, due_date=line.due_date,
            due_event=line.due_event[:60], reason=reason[:200], case_id=case_id, happened_at=at, recorded_at=recorded_at,
            entered_by_id=by_id,
        )  # fmt: skip
        made.append(row)
    return made


@transaction.atomic
def change(
    *, receivable: Receivable, act: str, at: datetime, recorded_at: datetime, by_id: int | None, reason: str = "",
    amount: Decimal | None = None, due_date: date | None = None, due_event: str = "",
    corrects: ReceivableEntry | None = None, case_id: int | None = None,
) -> ReceivableEntry:  # fmt: skip
    """
    Let a receivable become ``amount`` yuan in all and due then; what is not given stays as it is.

    :raises UnableToChange: less than is paid already, no reason, or the entry was corrected before.
    """
    hold(receivable.book_id)
    now = line_of(receivable)
    wanted = now.amount if amount is None else amount
    if wanted < 0 or wanted < now.paid:
        raise UnableToChange(
            [Reason(f"{receivable.name}已收 {now.paid} 元，应收不能少于已收；请先撤回分配", CLAUSE)]
        )
    if act not in (ReceivableEntry.SET, ReceivableEntry.EVENT) and not reason.strip():
        raise UnableToChange([Reason("请写明调整应收的理由", CLAUSE)])
    if corrects is not None and (
        corrects.receivable_id != receivable.pk or ReceivableEntry.objects.filter(corrects=corrects).exists()
    ):
        raise UnableToChange([Reason("这条记录已经更正过，请更正最新的一条", CLAUSE)])
    given = due_date is not None or bool(due_event)
    return ReceivableEntry.objects.create(
        receivable=receivable, act=act, amount=wanted - now.amount, due_date=due_date if given else now.due_date,
        due_event=due_event[:60] if given else now.due_event, corrects=corrects, reason=reason.strip()[:200], case_id=case_id,
        happened_at=at, recorded_at=recorded_at, entered_by_id=by_id,
    )  # fmt: skip


def come_true(
    *, book: Book, event: str, due_date: date, at: datetime, recorded_at: datetime, by_id: int | None,
    case_id: int | None = None, reason: str = "",
) -> list[ReceivableEntry]:  # fmt: skip
    """Give a due day to all that waits for this event in a book (mortgage gate open, milestone: domain 2.8)."""
    hold(book.pk)
    found = []
    for row in Receivable.objects.filter(book=book).order_by("position"):
        now = line_of(row)
        if now.due_date is None and now.due_event == event:
            found.append(
                change(
                    receivable=row,
                    act=ReceivableEntry.EVENT,
                    at=at,
                    recorded_at=recorded_at,
                    by_id=by_id,
                    due_date=due_date,
                    due_event=event,
                    reason=reason,
                    case_id=case_id,
                )  # fmt: skip
            )
    return found


def write_off(
    *, receivable: Receivable, reason: str, at: datetime, recorded_at: datetime, by_id: int, case_id: int
) -> ReceivableEntry:
    """Ask no more for what is open, by an approved step of a case (核销)."""
    hold(receivable.book_id)
    now = line_of(receivable)
    return change(
        receivable=receivable, act=ReceivableEntry.WRITTEN_OFF, amount=now.paid, reason=reason, at=at,
        recorded_at=recorded_at, by_id=by_id, case_id=case_id,
    )  # fmt: skip


@transaction.atomic
def settle(
    *, book: Book, reason: str, kept: Decimal, kept_name: str, at: datetime, recorded_at: datetime, by_id: int,
    case_id: int | None,
) -> None:  # fmt: skip
    """
    End a book: nothing more is owed, ``kept`` yuan of what was paid stay with us under a name of their own, and the
    rest lies free for its refund. Doing it again changes nothing.
    """
    hold(book.pk)
    if Receivable.objects.filter(book=book, name=kept_name, kind=Kind.PENALTY).exists():
        return
    for row in Receivable.objects.filter(book=book).order_by("position"):
        for made in Allocation.objects.filter(receivable=row, reverses=None, reversal=None).order_by("id"):
            release(allocation=made, reason=reason, at=recorded_at, by_id=by_id)
        if line_of(row).amount:
            change(
                receivable=row, act=ReceivableEntry.CHANGED, amount=Decimal(0), reason=reason, at=at,
                recorded_at=recorded_at, by_id=by_id, case_id=case_id,
            )  # fmt: skip
    if kept <= 0:
        return
    (line,) = add(
        book=book, planned=[Planned(Kind.PENALTY, kept_name, kept, at.date())], at=at, recorded_at=recorded_at,
        by_id=by_id, case_id=case_id,
    )  # fmt: skip
    left = kept
    for receipt in Receipt.objects.filter(book=book, reverses=None, reversal=None).exclude(purpose="pass_through").order_by("id"):  # fmt: skip
        part = min(left, free_of(receipt))
        if part > 0:
            allocate_to(receipt=receipt, receivable=line, amount=part, at=recorded_at, by_id=by_id)
            left -= part
