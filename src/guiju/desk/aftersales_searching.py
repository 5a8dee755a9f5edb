"""What of after-sales cases can be found by search: number, unit, contact."""

from __future__ import annotations

from collections.abc import Iterator

from guiju.desk.models import AfterSales
from guiju.kernel import search
from guiju.kernel.models import Case
from guiju.kernel.search import Document, source


def document(case: Case, row: AfterSales) -> Document:
    """Return an after-sales case as search knows it."""
    places = (row.unit.label, row.unit.short) if row.unit is not None else ()
    scope = () if case.scope_id is None else (case.scope_id,)
    personal = [row.contact_name, row.contact_phone]
    return Document("case", case.number, case.title, scope, (case.number, *places), personal)


def index(case: Case, row: AfterSales) -> None:
    """Make a case findable."""
    search.index_many([document(case, row)])


@source("case")
def cases() -> Iterator[Document]:
    """Give all after-sales cases for a rebuild of the index."""
    rows = AfterSales.objects.select_related("case", "unit__building").order_by("pk")
    for row in rows.iterator(chunk_size=1000):
        yield document(row.case, row)
