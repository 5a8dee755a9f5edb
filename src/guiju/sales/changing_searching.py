"""What of changes can be found by search: the case's and register's numbers, its units, its buyers before and after."""

from __future__ import annotations

from collections.abc import Iterator

from guiju.customers.models import Customer
from guiju.kernel.models import Case
from guiju.kernel.search import Document, source
from guiju.sales.models import ChangeApplication


def document(case: Case, row: ChangeApplication) -> Document:
    """Return a case of a change as search knows it."""
    change, unit = row.change, row.change.deal.unit
    lines = [*change.before.get("buyers", []), *change.after.get("buyers", [])]
    personal: list[str] = []
    for customer in Customer.objects.filter(pk__in={line["customer"] for line in lines}).order_by("pk"):
        personal += [customer.name, customer.phone]
    scope = () if case.scope_id is None else (case.scope_id,)
    words = (case.number, row.register_number, unit.label, unit.short, row.new_number)
    return Document("case", case.number, case.title, scope, words, personal)


@source("case")
def cases() -> Iterator[Document]:
    """Give all cases of changes for a rebuild of the index."""
    rows = ChangeApplication.objects.select_related("case", "change__deal__unit__building").order_by("pk")
    for row in rows.iterator(chunk_size=1000):
        yield document(row.case, row)
