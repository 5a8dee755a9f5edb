"""What of signings can be found by search: the case's number, its unit, its buyers, the contract's numbers."""

from __future__ import annotations

from collections.abc import Iterator

from guiju.kernel.models import Case
from guiju.kernel.search import Document, source
from guiju.sales.models import Contract, DealBuyer, Signing


def document(case: Case, row: Signing, contract: Contract | None = None) -> Document:
    """Return a signing case as search knows it."""
    unit = row.unit
    personal: list[str] = []
    for buyer in (
        DealBuyer.objects.filter(deal_id=row.deal_id).select_related("customer").order_by("position")
    ):
        personal += [buyer.customer.name, buyer.customer.phone]
    words = [case.number, unit.label, unit.short]
    if contract is not None:
        words += [contract.number, contract.city_number]
    scope = () if case.scope_id is None else (case.scope_id,)
    return Document("case", case.number, case.title, scope, tuple(words), personal)


@source("case")
def cases() -> Iterator[Document]:
    """Give all signing cases for a rebuild of the index."""
    rows = Signing.objects.select_related("case", "unit__building").order_by("pk")
    for row in rows.iterator(chunk_size=1000):
        yield document(row.case, row, Contract.objects.filter(case_id=row.case_id).first())
