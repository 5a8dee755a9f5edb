"""What a step's form can know by itself before anybody types: prices, names, accounts already in the books."""

from __future__ import annotations

from typing import Any

from guiju.kernel.models import Case
from guiju.sales.models import Subscription


def prefill(case: Case, step: str) -> dict[str, Any]:
    """Return the values with which the form of a step starts; the person may change every one of them."""
    if case.process != "subscription" or step not in ("hand_in", "confirm_deposit", "part_deposit"):
        return {}
    facts = (
        Subscription.objects.filter(case=case)
        .select_related("unit__project", "deal")
        .prefetch_related("deal__buyers__customer")
        .first()
    )
    if facts is None:
        return {}
    if step == "hand_in":
        price = facts.unit.list_price
        return {"total_price": str(price)} if price is not None else {}
    given: dict[str, Any] = {"account": facts.unit.project.escrow_account}
    if facts.deal is not None:
        first = min(facts.deal.buyers.all(), key=lambda buyer: buyer.position, default=None)
        if first is not None:
            given["payer"] = first.customer.name
    if step == "confirm_deposit" and facts.deposit is not None:
        given["amount"] = str(facts.deposit)
    return given
