"""Reads of the ledger."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal

from django.db.models import Sum

from guiju.ledger.models import Receipt


def balance(case_ids: Collection[int]) -> Decimal:
    """Return receipts less reversals of these cases, in yuan."""
    found = Receipt.objects.filter(case_id__in=list(case_ids)).aggregate(total=Sum("amount"))["total"]
    return Decimal(found) if found is not None else Decimal("0.00")
