"""Under which voucher money goes out: once, held by the database; the lines of one payment share it."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction

from guiju.estate.models import Project
from guiju.kernel.calendar import local_date
from guiju.kernel.money import ZERO
from guiju.kernel.refusals import Reason, Refused
from guiju.ledger.models import PaymentSlip, Payout, Refund

CLAUSE = "I-5.10-0b"


class VoucherPaidBefore(Refused):
    """Money went out under this voucher already."""


@dataclass(frozen=True)
class Act:
    """Who books a payment, in which case, when; what one act books under one voucher to one payee is one payment."""

    project: Project
    case_id: int | None
    by_id: int
    at: datetime


def plain(voucher: str) -> str:
    """Return a voucher as it is compared: half-width, no blanks, capitals."""
    return "".join(unicodedata.normalize("NFKC", voucher).split()).upper()[:80]


def went_out_under(voucher: str, *, company_id: int) -> bool:
    """Return whether a company has booked a payment under this voucher."""
    return PaymentSlip.objects.filter(company=company_id, voucher=plain(voucher), back=False).exists()


def slip_of(
    act: Act, *, voucher: str, payee: str, method: str, paid_at: datetime, back: bool = False
) -> PaymentSlip:
    """
    Return the slip of a payment, or of its way back; lines of the same act to the same payee share it.

    :raises VoucherPaidBefore: another payment was booked under this voucher, if only in the same instant.
    """
    key, company_id = plain(voucher), act.project.company_id
    mine = {
        "company_id": company_id, "voucher": key, "back": back, "case_id": act.case_id, "payee": payee,
        "booked_by_id": act.by_id, "recorded_at": act.at,
    }  # fmt: skip
    if act.case_id is not None and key and (found := PaymentSlip.objects.filter(**mine).first()):
        return found
    try:
        with transaction.atomic():
            return PaymentSlip.objects.create(
                **mine, project=act.project, method=method, paid_date=local_date(paid_at)
            )
    except IntegrityError as error:
        words = f"付款凭证号 {voucher.strip()} 已经入过账，不能再用"
        raise VoucherPaidBefore([Reason(words, CLAUSE)]) from error


def amounts(slips: Sequence[PaymentSlip]) -> dict[int, Decimal]:
    """Return what went out, or came back, under each slip, in yuan and positive."""
    found = dict.fromkeys((one.pk for one in slips), ZERO)
    for model in (Refund, Payout):
        for key, amount in model.objects.filter(slip__in=list(found)).values_list("slip_id", "amount"):
            found[key] += amount
    return {key: abs(amount) for key, amount in found.items()}
