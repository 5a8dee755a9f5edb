"""What of approvals and filings can be found by search: the case's number, unit, buyers, the contract's numbers."""

from __future__ import annotations

from collections.abc import Iterator

from guiju.kernel.models import Case
from guiju.kernel.search import Document, source
from guiju.sales.models import Contract, ContractApproval, DealBuyer, Filing


def document(case: Case, contract: Contract, *numbers: str) -> Document:
    """Return a case about a contract as search knows it."""
    unit = contract.deal.unit
    personal: list[str] = []
    for buyer in (
        DealBuyer.objects.filter(deal_id=contract.deal_id).select_related("customer").order_by("position")
    ):
        personal += [buyer.customer.name, buyer.customer.phone]
    words = (case.number, unit.label, unit.short, contract.number, contract.city_number, *numbers)
    scope = () if case.scope_id is None else (case.scope_id,)
    return Document("case", case.number, case.title, scope, tuple(one for one in words if one), personal)


@source("case")
def approvals() -> Iterator[Document]:
    """Give all approvals for a rebuild of the index."""
    rows = ContractApproval.objects.select_related("case", "contract__deal__unit__building").order_by("pk")
    for row in rows.iterator(chunk_size=1000):
        yield document(row.case, row.contract)


@source("case")
def all_filings() -> Iterator[Document]:
    """Give all filings for a rebuild of the index."""
    rows = Filing.objects.select_related("case", "contract__deal__unit__building").order_by("pk")
    for row in rows.iterator(chunk_size=1000):
        yield document(row.case, row.contract, row.filing_number)
