"""Booking money that arrived, and taking a booking back."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction

from guiju.estate.models import Unit
from guiju.kernel.numbering import document_number
from guiju.kernel.refusals import Reason, Refused
from guiju.ledger.models import Receipt


class VoucherBookedBefore(Refused):
    """This bank voucher is already in the books."""


class NothingToReverse(Refused):
    """The receipt has been reversed before."""


def book(
    *,
    unit: Unit,
    case_id: int,
    purpose: str,
    amount: Decimal,
    method: str,
    account: str,
    voucher: str,
    payer: str,
    third_party: bool,
    relation: str,
    received_at: datetime,
    recorded_at: datetime,
    by_id: int,
) -> Receipt:
    """
    Book money that arrived, in yuan, under the next receipt number.

    :raises VoucherBookedBefore: the same voucher of the same account is already booked.
    """
    number = document_number("SK", unit.project_id, received_at)
    try:
        with transaction.atomic():
            return Receipt.objects.create(
                company_id=unit.project.company_id, project_id=unit.project_id, unit=unit, case_id=case_id,
                number=number, purpose=purpose, amount=amount, method=method, account=account, voucher=voucher,
                payer=payer, third_party=third_party, relation=relation, received_at=received_at,
                recorded_at=recorded_at, booked_by_id=by_id,
            )  # fmt: skip
    except IntegrityError as error:
        raise VoucherBookedBefore([Reason(f"流水号 {voucher} 已经入过账", "I-5.1-3a")]) from error


def reverse(*, receipt: Receipt, reason: str, at: datetime, recorded_at: datetime, by_id: int) -> Receipt:
    """
    Take a booking back by a new, negative row that names it.

    :raises NothingToReverse: it has been reversed, or is itself a reversal.
    """
    if receipt.reverses_id is not None or Receipt.objects.filter(reverses=receipt).exists():
        raise NothingToReverse([Reason(f"收据 {receipt.number} 已经冲销", "I-5.1-3a")])
    return Receipt.objects.create(
        company_id=receipt.company_id, project_id=receipt.project_id, unit_id=receipt.unit_id,
        case_id=receipt.case_id, number=document_number("SK", receipt.project_id, at), purpose=receipt.purpose,
        amount=-receipt.amount, method=receipt.method, account=receipt.account, voucher=receipt.voucher,
        payer=receipt.payer, third_party=receipt.third_party, relation=receipt.relation, received_at=at,
        recorded_at=recorded_at, booked_by_id=by_id, reverses=receipt, reason=reason[:200],
    )  # fmt: skip
