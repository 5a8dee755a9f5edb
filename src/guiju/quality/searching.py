"""What of complaints can be found by search: number, unit, complainant and phone."""

from __future__ import annotations

from collections.abc import Iterator

from guiju.kernel.models import Case
from guiju.kernel.search import Document, source
from guiju.quality.models import Complaint


def document(case: Case, row: Complaint) -> Document:
    """Return a complaint as search knows it."""
    scope = () if case.scope_id is None else (case.scope_id,)
    place = row.unit.label if row.unit is not None else row.unit_as_read
    return Document(
        "case", case.number, f"{case.number} {case.title}", scope, [case.number, case.title, place, row.ticket],
        [row.complainant, row.phone],
    )  # fmt: skip


@source("case")
def cases() -> Iterator[Document]:
    """Give all complaints for a rebuild of the index."""
    rows = Complaint.objects.select_related("case", "unit__building").order_by("pk")
    for row in rows.iterator(chunk_size=1000):
        yield document(row.case, row)
