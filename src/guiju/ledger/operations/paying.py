"""Paying what no receipt brought: interest, the second half of a double deposit, penalty, a reward."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction

from guiju.kernel.numbering import document_number
from guiju.kernel.refusals import Reason, Refused
from guiju.ledger.models import Book, Payout
from guiju.ledger.operations.books import hold
from guiju.ledger.operations.receipts import open_day

CLAUSE = "I-5.10-0b"


class UnableToPay(Refused):
    """The payment cannot be booked this way."""


@transaction.atomic
def pay_out(
    *, book: Book, kind: str, amount: Decimal, payee: str, account: str, voucher: str, method: str, paid_at: datetime,
    at: datetime, by_id: int, case_id: int,
) -> Payout:  # fmt: skip
    """
    Book money paid beside refunds, in yuan; only an approved step of a case calls this.

    :raises UnableToPay: no positive amount, or no account.
    """
    hold(book.pk)
    if amount <= 0:
        raise UnableToPay([Reason("付款金额应大于 0", CLAUSE)])
    if not account.strip() and method != "cash":
        raise UnableToPay([Reason("请填收款账号", CLAUSE)])
    on = open_day(book.project_id, at)
    return Payout.objects.create(
        book=book, kind=kind, number=document_number("FK", book.project_id, at), amount=amount, payee=payee[:100],
        payee_account=account, voucher=voucher, method=method, case_id=case_id, paid_at=paid_at, recorded_at=at,
        book_date=on, booked_by_id=by_id,
    )  # fmt: skip


@transaction.atomic
def came_back(*, payout: Payout, at: datetime, by_id: int) -> Payout:
    """
    The money came back to us (退汇): a new, negative row that names the payment.

    :raises UnableToPay: that is booked already.
    """
    hold(payout.book_id)
    on = open_day(payout.book.project_id, at)
    try:
        with transaction.atomic():
            return Payout.objects.create(
                book_id=payout.book_id, kind=payout.kind, number=document_number("FK", payout.book.project_id, at),
                amount=-payout.amount, payee=payout.payee, payee_account=payout.payee_account, voucher=payout.voucher,
                method=payout.method, case_id=payout.case_id, paid_at=at, recorded_at=at, book_date=on,
                booked_by_id=by_id, reverses=payout,
            )  # fmt: skip
    except IntegrityError as error:
        raise UnableToPay([Reason(f"付款 {payout.number} 已经冲回", CLAUSE)]) from error
