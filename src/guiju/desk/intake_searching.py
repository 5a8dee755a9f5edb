"""What of receptions can be found by search: number, unit, caller, phone, the numbers of letters and tickets."""

from __future__ import annotations

from collections.abc import Iterator

from guiju.desk.models import Letter, Reception
from guiju.kernel.models import Case
from guiju.kernel.search import Document, source


def document(case: Case, row: Reception) -> Document:
    """Return a reception as search knows it."""
    text = [case.number, row.external_number, row.handed_to]
    if row.unit is not None:
        text += [row.unit.label, row.unit.short]
    text += Letter.objects.filter(case_id=case.pk).values_list("number", flat=True)
    scope = () if case.scope_id is None else (case.scope_id,)
    personal = [row.caller, row.phone]
    if row.customer is not None and row.customer.name != row.caller:
        personal.append(row.customer.name)
    return Document(
        "case", case.number, case.title, scope, [one for one in text if one], [one for one in personal if one]
    )


@source("case")
def receptions() -> Iterator[Document]:
    """Give all receptions for a rebuild of the index."""
    rows = Reception.objects.select_related("case", "unit__building", "customer").order_by("pk")
    for row in rows.iterator(chunk_size=1000):
        yield document(row.case, row)
