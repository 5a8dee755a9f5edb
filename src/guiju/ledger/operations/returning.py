"""Asking for, and agreeing to, the way back of money that nobody could explain; the payment itself is a refund."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, transaction

from guiju.kernel.refusals import Reason, Refused
from guiju.ledger.models import Receipt, Refund, ReturnConsent, ReturnOrder

CLAUSE = "I-5.10-0b"


class UnableToReturn(Refused):
    """The money does not go back now: it was asked for, decided or paid already, or by the wrong person."""


def orders_of(receipts: Iterable[int]) -> dict[int, ReturnOrder]:
    """Return by receipt the order that counts: waiting for a yes, or agreed to and not paid yet."""
    found: dict[int, ReturnOrder] = {}
    rows = ReturnOrder.objects.filter(receipt__in=list(receipts)).select_related(
        "asked_by", "consent__decided_by"
    )
    for order in rows.order_by("pk"):
        found[order.receipt_id] = order
    paid = Refund.objects.filter(receipt__in=list(found), reverses=None).values_list(
        "receipt_id", "recorded_at"
    )
    for key, at in paid:
        consent = getattr(found.get(key), "consent", None)
        if consent is not None and at >= consent.decided_at:
            del found[key]
    return {
        key: one for key, one in found.items() if getattr(one, "consent", None) is None or one.consent.agreed
    }


def _lock(receipt: Receipt) -> ReturnOrder | None:
    Receipt.objects.select_for_update(no_key=True).get(pk=receipt.pk)
    return orders_of([receipt.pk]).get(receipt.pk)


@transaction.atomic
def ask(*, receipt: Receipt, account: str, reason: str, at: datetime, by_id: int) -> ReturnOrder:
    """
    Ask to send a receipt in suspense back to its payer.

    :raises UnableToReturn: that is asked for already.
    """
    if _lock(receipt) is not None:
        raise UnableToReturn([Reason(f"收据 {receipt.number} 已经申请退回，等待批准或付款", CLAUSE)])
    return ReturnOrder.objects.create(
        receipt=receipt, account=account.strip(), reason=reason.strip(), asked_by_id=by_id, asked_at=at
    )


@transaction.atomic
def decide(*, order: ReturnOrder, agreed: bool, words: str, at: datetime, by_id: int) -> ReturnConsent:
    """
    Agree to an order, or not.

    :raises UnableToReturn: it is decided, by the one who asked, or refused without a reason.
    """
    if order.asked_by_id == by_id:
        raise UnableToReturn([Reason("不能批准自己的申请", CLAUSE)])
    if not agreed and not words.strip():
        raise UnableToReturn([Reason("不同意的，请写明理由", CLAUSE)])
    try:
        with transaction.atomic():
            return ReturnConsent.objects.create(
                order=order, agreed=agreed, words=words.strip()[:200], asked_by_id=order.asked_by_id, decided_by_id=by_id,
                decided_at=at,
            )  # fmt: skip
    except IntegrityError as error:
        raise UnableToReturn([Reason("这笔退回已经有了决定", CLAUSE)]) from error


def agreed_order(receipt: Receipt, *, by_id: int) -> ReturnOrder:
    """
    Return the order on which a receipt is paid back now; the row is held until the transaction ends.

    :raises UnableToReturn: there is none, or the payer is the one who agreed.
    """
    order = _lock(receipt)
    consent = getattr(order, "consent", None)
    if order is None or consent is None:
        raise UnableToReturn([Reason(f"收据 {receipt.number} 的退回还没有批准，不能付款", CLAUSE)])
    if consent.decided_by_id == by_id:
        raise UnableToReturn([Reason("批准退回的人不能办理付款", CLAUSE)])
    return order
