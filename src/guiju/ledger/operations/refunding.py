"""Paying back: out of a named receipt, to the account it came from, unless a ground in words says otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction

from guiju.kernel.numbering import document_number
from guiju.kernel.refusals import Reason, Refused
from guiju.ledger.models import Receipt, Refund
from guiju.ledger.operations.books import hold
from guiju.ledger.operations.receipts import open_day
from guiju.ledger.operations.slips import Act, slip_of
from guiju.ledger.queries import free_of

CLAUSE = "I-5.10-0b"


class UnableToRefund(Refused):
    """The money cannot be paid back this way."""


@dataclass(frozen=True)
class Payee:
    """Who gets the money: kind of ``Refund.PAYEES``, name, account; ground where it is not the original payer."""

    kind: str
    name: str
    account: str
    ground: str = ""


def _held(receipt: Receipt) -> None:
    if receipt.book_id is not None:
        hold(receipt.book_id)


def _bank_was_paid(receipt: Receipt) -> bool:
    """Whether the bank has got what ended the loan: what is left of its payout is the buyer's (repaid by instalments)."""
    rows = Refund.objects.filter(
        receipt__book_id=receipt.book_id or 0, payee_kind="bank", reverses=None, reversal=None
    )
    return receipt.book_id is not None and rows.exists()


@transaction.atomic
def refund(
    *, receipt: Receipt, amount: Decimal, payee: Payee, voucher: str, method: str, paid_at: datetime, at: datetime,
    by_id: int, case_id: int | None = None,
) -> Refund:  # fmt: skip
    """
    Book money paid back, in yuan. What of the receipt pays receivables is taken back first (``release``).

    :raises UnableToRefund: more than the receipt has left; another payee than the payer without a ground; loan money
        to anybody but the bank before the bank was paid.
    :raises VoucherPaidBefore: another payment was booked under this voucher.
    """
    _held(receipt)
    # Money in suspense has no book to hold: the till stands for it, so that it goes back once.
    on = open_day(receipt.project_id, at)
    left = free_of(receipt)
    if amount <= 0 or amount > left:
        raise UnableToRefund(
            [Reason(f"收据 {receipt.number} 可退 {left} 元；已抵付应收的，请先撤回分配", CLAUSE)]
        )
    if payee.kind == "payer" and payee.name != receipt.payer:
        raise UnableToRefund(
            [Reason(f"应退回原付款人{receipt.payer}的账户；退给别人的，选择收款人类别并写明依据", CLAUSE)]
        )
    if payee.kind != "payer" and not payee.ground.strip():
        raise UnableToRefund([Reason("不退回原付款账户的，请写明依据和证明", CLAUSE)])
    if (
        receipt.method == "loan"
        and payee.kind not in ("bank", "court", "payer")
        and not _bank_was_paid(receipt)
    ):
        raise UnableToRefund([Reason("贷款部分应先退还银行，不能付给买受人", CLAUSE)])
    if not payee.account.strip() and method != "cash":
        raise UnableToRefund([Reason("请填收款账号", CLAUSE)])
    slip = slip_of(
        Act(receipt.project, case_id, by_id, at),
        voucher=voucher,
        payee=payee.name,
        method=method,
        paid_at=paid_at,
    )
    return Refund.objects.create(
        receipt=receipt, slip=slip, number=document_number("TK", receipt.project_id, at), amount=amount, payee_kind=payee.kind,
        payee=payee.name, payee_account=payee.account, ground=payee.ground.strip()[:200], voucher=voucher, method=method,
        case_id=case_id, paid_at=paid_at, recorded_at=at, book_date=on, booked_by_id=by_id,
    )  # fmt: skip


@transaction.atomic
def returned(*, refund: Refund, reason: str, at: datetime, by_id: int) -> Refund:
    """
    Money paid back came back to us (退汇): a new, negative row that names the refund.

    :raises UnableToRefund: that is booked already.
    """
    _held(refund.receipt)
    on = open_day(refund.receipt.project_id, at)
    try:
        with transaction.atomic():
            slip = slip_of(
                Act(refund.receipt.project, refund.case_id, by_id, at), voucher=refund.voucher, payee=refund.payee,
                method=refund.method, paid_at=at, back=True,
            )  # fmt: skip
            return Refund.objects.create(
                receipt_id=refund.receipt_id, slip=slip, number=document_number("TK", refund.receipt.project_id, at),
                amount=-refund.amount, payee_kind=refund.payee_kind, payee=refund.payee,
                payee_account=refund.payee_account, ground=refund.ground or reason[:200], voucher=refund.voucher,
                method=refund.method, case_id=refund.case_id, paid_at=at, recorded_at=at, book_date=on,
                booked_by_id=by_id, reverses=refund,
            )  # fmt: skip
    except IntegrityError as error:
        raise UnableToRefund([Reason(f"退款 {refund.number} 已经冲回", CLAUSE)]) from error
