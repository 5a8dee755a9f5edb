"""The cashier's daily closing: what was counted against what the books say; a second person counts again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import IntegrityError, transaction

from guiju.estate.models import Project
from guiju.kernel.calendar import local_date
from guiju.kernel.money import ZERO
from guiju.kernel.refusals import Reason, Refused
from guiju.ledger.models import DayCheck, DayClosing, Payout, Receipt, Refund, Till
from guiju.ledger.operations import paying
from guiju.ledger.verify import day_totals

CLAUSE = "I-5.1-3a"


class UnableToClose(Refused):
    """The day cannot be closed, and why."""


class UnableToCheckDay(Refused):
    """This person cannot check the closing, or it is checked."""


@dataclass(frozen=True)
class Counted:
    """What the cashier counted, in yuan: cash in hand, POS slips, transfers on the statement, cheques."""

    cash: Decimal = ZERO
    pos: Decimal = ZERO
    transfer: Decimal = ZERO
    cheque: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        """All of it."""
        return self.cash + self.pos + self.transfer + self.cheque


def first_open(project_id: int) -> date | None:
    """Return the first day with bookings after the last closed one; None: nothing waits."""
    till = Till.objects.filter(project_id=project_id).first()
    rows = Receipt.objects.filter(project_id=project_id)
    paid = Refund.objects.filter(receipt__project_id=project_id)
    beside = Payout.objects.filter(book__project_id=project_id)
    if till is not None and till.closed_until_date is not None:
        rows, paid, beside = (
            rows.filter(book_date__gt=till.closed_until_date),
            paid.filter(book_date__gt=till.closed_until_date),
            beside.filter(book_date__gt=till.closed_until_date),
        )
    days = [
        *rows.order_by("book_date").values_list("book_date", flat=True)[:1],
        *paid.order_by("book_date").values_list("book_date", flat=True)[:1],
        *beside.order_by("book_date").values_list("book_date", flat=True)[:1],
    ]
    return min(days, default=None)


@transaction.atomic
def close(
    *, project: Project, on: date, counted: Counted, explanation: str, at: datetime, by_id: int
) -> DayClosing:
    """
    Close a day: nothing is booked into it any more.

    :raises UnableToClose: it is ahead, closed already, an earlier day is open, or a difference is not explained.
    """
    Till.objects.get_or_create(project=project)
    till = Till.objects.select_for_update(no_key=True).get(project=project)
    closed = till.closed_until_date
    if on > local_date(at):
        raise UnableToClose([Reason(f"{on} 还没有到，不能日结", CLAUSE)])
    if closed is not None and on <= closed:
        raise UnableToClose([Reason(f"{on} 已经日结", CLAUSE)])
    waiting = first_open(project.pk)
    if waiting is not None and waiting < on:
        raise UnableToClose([Reason(f"{waiting} 还没有日结，请先办前一天", CLAUSE)])
    booked = day_totals(project.pk, on)
    # Loans come by transfer, too: the cashier counts one statement.
    by_method = {
        "cash": counted.cash, "pos": counted.pos, "cheque": counted.cheque, "transfer": counted.transfer
    }  # fmt: skip
    said = {name: booked.get(name, ZERO) for name in by_method}
    said["transfer"] += booked.get("loan", ZERO)
    difference = counted.total - sum(said.values(), ZERO)
    differs = [name for name in by_method if by_method[name] != said[name]]
    if differs and not explanation.strip():
        names = dict(Receipt.METHODS)
        words = "、".join(f"{names[name]}账上 {said[name]} 元、清点 {by_method[name]} 元" for name in differs)
        raise UnableToClose([Reason(f"{words}，请查明原因并写明说明后再日结", CLAUSE)])
    made = DayClosing.objects.create(
        project=project, on_date=on, booked={name: str(amount) for name, amount in booked.items()},
        counted_cash=counted.cash, counted_pos=counted.pos, counted_transfer=counted.transfer,
        counted_cheque=counted.cheque, receipts=Receipt.objects.filter(project=project, book_date=on).count(),
        difference=difference, explanation=explanation.strip()[:400], closed_by_id=by_id, closed_at=at,
    )  # fmt: skip
    till.closed_until_date = on
    till.save(update_fields=["closed_until_date"])
    return made


@transaction.atomic
def check_day(*, closing: DayClosing, by_id: int, at: datetime, note: str = "") -> DayCheck:
    """
    Record that a second person counted again and agrees.

    :raises UnableToCheckDay: the same person closed, receipts of the day or money sent back are unchecked, or it is checked already.
    """
    if closing.closed_by_id == by_id:
        raise UnableToCheckDay([Reason("日结由你办理，复核须由另一人办理", CLAUSE)])
    open_ = Receipt.objects.filter(
        project_id=closing.project_id, book_date=closing.on_date, reverses=None, check_row=None
    ).count()
    if open_:
        raise UnableToCheckDay([Reason(f"当天还有 {open_} 笔收款没有复核，请先逐笔复核", CLAUSE)])
    sent = paying.returns_unchecked(closing.project_id).filter(book_date=closing.on_date).count()
    if sent:
        raise UnableToCheckDay([Reason(f"当天还有 {sent} 笔暂收款退回没有复核，请先逐笔复核", CLAUSE)])
    try:
        with transaction.atomic():
            return DayCheck.objects.create(
                closing=closing,
                closed_by_id=closing.closed_by_id,
                checked_by_id=by_id,
                checked_at=at,
                note=note[:200],
            )
    except IntegrityError as error:
        raise UnableToCheckDay([Reason(f"{closing.on_date} 的日结已经复核", CLAUSE)]) from error


def unchecked_before(project_id: int, today: date) -> list[date]:
    """Return the last days that were closed and not checked by a second person."""
    since = today - timedelta(days=30)
    return list(
        DayClosing.objects.filter(project_id=project_id, check_row=None, on_date__gte=since)
        .order_by("on_date")
        .values_list("on_date", flat=True)
    )
