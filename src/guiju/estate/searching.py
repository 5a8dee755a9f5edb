"""What of the estate can be found by search."""

from __future__ import annotations

from collections.abc import Iterator

from guiju.estate.models import Unit
from guiju.kernel.search import Document, source


def document(unit: Unit) -> Document:
    """Return a unit as search knows it: 1号楼 1单元 1502, 1-1-1502, its project."""
    return Document(
        "unit",
        str(unit.pk),
        f"{unit.project.name} {unit.label}",
        (unit.project_id,),
        [unit.label, unit.short],
    )


@source("unit")
def units() -> Iterator[Document]:
    """Give all units for a rebuild of the index."""
    for unit in Unit.objects.select_related("building", "project").order_by("pk").iterator(chunk_size=2000):
        yield document(unit)
