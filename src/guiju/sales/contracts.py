"""Reads of contracts that other processes ask for."""

from __future__ import annotations

from django.db.models import QuerySet

from guiju.kernel.prepared import prepared
from guiju.sales.models import Contract


@prepared
def _live(deal_id: int) -> QuerySet[Contract, Contract]:
    rows = Contract.objects.filter(deal_id=deal_id, live=True)
    return rows.select_related("deal__unit__building", "deal__project", "text__template")


def contract_of(deal_id: int) -> Contract | None:
    """Return the live contract of a deal, or None."""
    return _live.one(deal_id)
