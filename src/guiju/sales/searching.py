"""What of subscriptions can be found by search: the case's number, its unit, its buyers."""

from __future__ import annotations

from collections.abc import Iterator

from guiju.kernel.models import Case
from guiju.kernel.search import Document, source
from guiju.sales.models import DealBuyer, Subscription


def document(case: Case, row: Subscription) -> Document:
    """Return a subscription case as search knows it."""
    unit = row.unit
    personal: list[str] = []
    if row.deal_id is not None:
        for buyer in (
            DealBuyer.objects.filter(deal_id=row.deal_id).select_related("customer").order_by("position")
        ):
            personal += [buyer.customer.name, buyer.customer.phone]
    scope = () if case.scope_id is None else (case.scope_id,)
    return Document(
        "case", case.number, case.title, scope, (case.number, unit.label, unit.short, row.number), personal
    )


@source("case")
def cases() -> Iterator[Document]:
    """Give all subscription cases for a rebuild of the index."""
    rows = Subscription.objects.select_related("case", "unit__building", "deal").order_by("pk")
    for row in rows.iterator(chunk_size=1000):
        yield document(row.case, row)
