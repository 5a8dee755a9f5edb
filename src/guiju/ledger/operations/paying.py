"""Paying what no receipt brought: interest, the second half of a double deposit, penalty, a reward."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from guiju.kernel.money import ZERO
from guiju.kernel.numbering import document_number
from guiju.kernel.refusals import Reason, Refused
from guiju.ledger.models import Book, PaidCheck, Payout, Refund
from guiju.ledger.operations.books import hold
from guiju.ledger.operations.receipts import open_day
from guiju.ledger.operations.slips import Act, slip_of

CLAUSE = "I-5.10-0b"


class UnableToPay(Refused):
    """The payment cannot be booked this way."""


class UnableToCheckPaid(Refused):
    """The payment cannot be checked by this person."""


def unchecked(case_id: int) -> list[Refund | Payout]:
    """Return what a case paid that stands and that no second person has checked, oldest first."""
    mine = {"case_id": case_id, "reverses": None, "reversal": None, "check_row": None}
    return [*Refund.objects.filter(**mine).order_by("id"), *Payout.objects.filter(**mine).order_by("id")]


def returns_unchecked(project_id: int) -> QuerySet[Refund, Refund]:
    """Return what was sent back to unknown payers (暂收退回), belongs to no case and that no second person has checked."""
    rows = Refund.objects.filter(receipt__project=project_id, case=None, reverses=None, reversal=None)
    return rows.filter(check_row=None).order_by("id")


@transaction.atomic
def check_paid(*, case_id: int, by_id: int, at: datetime) -> list[str]:
    """
    Record that a second person compared what a case paid with slips and approval (复核), and return the numbers.

    :raises UnableToCheckPaid: the person booked one of them.
    """
    rows = unchecked(case_id)
    for row in rows:
        _checked(row, by_id, at)
    return [row.number for row in rows]


def _checked(row: Refund | Payout, by_id: int, at: datetime) -> None:
    if row.booked_by_id == by_id:
        raise UnableToCheckPaid([Reason(f"付款 {row.number} 由你办理，复核须由另一人办理", CLAUSE)])
    PaidCheck.objects.create(
        refund=row if isinstance(row, Refund) else None, payout=row if isinstance(row, Payout) else None,
        booked_by_id=row.booked_by_id, checked_by_id=by_id, checked_at=at,
    )  # fmt: skip


@transaction.atomic
def check_return(*, refund: Refund, by_id: int, at: datetime) -> None:
    """
    Record that a second person compared money sent back to an unknown payer with its slip (复核).

    :raises UnableToCheckPaid: the person booked it, it belongs to a case, or it is checked already.
    """
    if refund.case_id is not None or not returns_unchecked(refund.receipt.project_id).filter(pk=refund.pk):
        raise UnableToCheckPaid([Reason(f"付款 {refund.number} 没有待复核的", CLAUSE)])
    try:
        with transaction.atomic():
            _checked(refund, by_id, at)
    except IntegrityError as error:
        raise UnableToCheckPaid([Reason(f"付款 {refund.number} 已经复核", CLAUSE)]) from error


@transaction.atomic
def pay_out(
    *, book: Book, kind: str, amount: Decimal, payee: str, account: str, voucher: str, method: str, paid_at: datetime,
    at: datetime, by_id: int, case_id: int,
) -> Payout:  # fmt: skip
    """
    Book money paid beside refunds, in yuan; only an approved step of a case calls this.

    :raises UnableToPay: no positive amount, or no account.
    :raises VoucherPaidBefore: another payment was booked under this voucher.
    """
    hold(book.pk)
    if amount <= 0:
        raise UnableToPay([Reason("付款金额应大于 0", CLAUSE)])
    if not account.strip() and method != "cash":
        raise UnableToPay([Reason("请填收款账号", CLAUSE)])
    on = open_day(book.project_id, at)
    slip = slip_of(
        Act(book.project, case_id, by_id, at),
        voucher=voucher,
        payee=payee[:100],
        method=method,
        paid_at=paid_at,
    )
    return Payout.objects.create(
        book=book, slip=slip, kind=kind, number=document_number("FK", book.project_id, at), amount=amount, payee=payee[:100],
        payee_account=account, voucher=voucher, method=method, case_id=case_id, paid_at=paid_at, recorded_at=at,
        book_date=on, booked_by_id=by_id,
    )  # fmt: skip


@transaction.atomic
def came_back(
    *, payout: Payout, at: datetime, by_id: int, amount: Decimal | None = None, voucher: str = ""
) -> Payout:
    """
    The money came back to us (退汇): a new, negative row that names the payment.

    ``amount``: of a reward clawed back, what really came, in yuan; everything if not given.

    :raises UnableToPay: that is booked already, or more than was paid.
    """
    back = payout.amount if amount is None else amount
    if not ZERO < back <= payout.amount or (back != payout.amount and payout.kind != "reward"):
        raise UnableToPay([Reason(f"付款 {payout.number} 为 {payout.amount} 元，退回 {back} 元不符", CLAUSE)])
    hold(payout.book_id)
    on = open_day(payout.book.project_id, at)
    try:
        with transaction.atomic():
            slip = slip_of(
                Act(payout.book.project, payout.case_id, by_id, at), voucher=voucher or payout.voucher, payee=payout.payee,
                method=payout.method, paid_at=at, back=True,
            )  # fmt: skip
            return Payout.objects.create(
                book_id=payout.book_id, slip=slip, kind=payout.kind, number=document_number("FK", payout.book.project_id, at),
                amount=-back, payee=payout.payee, payee_account=payout.payee_account, voucher=voucher or payout.voucher,
                method=payout.method, case_id=payout.case_id, paid_at=at, recorded_at=at, book_date=on,
                booked_by_id=by_id, reverses=payout,
            )  # fmt: skip
    except IntegrityError as error:
        raise UnableToPay([Reason(f"付款 {payout.number} 已经冲回", CLAUSE)]) from error
