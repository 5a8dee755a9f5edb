"""Reads of the ledger."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal

from django.db.models import QuerySet

from guiju.kernel.prepared import prepared
from guiju.ledger.models import Receipt


def balance(case_ids: Collection[int]) -> Decimal:
    """Return receipts less reversals of these cases, in yuan."""
    return sum((amount for case_id in case_ids for amount in _amounts(case_id)), Decimal("0.00"))


@prepared
def _amounts(case_id: int) -> QuerySet[Receipt, Decimal]:
    return Receipt.objects.filter(case_id=case_id).values_list("amount", flat=True)
