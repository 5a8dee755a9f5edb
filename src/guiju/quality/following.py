"""What follows from complaints after their acts are committed: corrective actions that a rule demands."""

from __future__ import annotations

from datetime import datetime

from guiju.kernel.models import Event
from guiju.kernel.reactions import reaction
from guiju.quality.models import Complaint
from guiju.quality.operations.correctives import look_at


@reaction("complaint", "record", "set_level", "join", "decide", "incident", name="quality.corrective_by_rule")
def raise_by_rule(event: Event, at: datetime) -> None:
    """Raise what the rules demand for the complaint, and for the one that leads its group."""
    row = (
        Complaint.objects.select_related("case", "repeat_of__case", "parent__case")
        .filter(case_id=event.case_id or 0)
        .first()
    )
    if row is None or row.case.historic:
        return
    look_at(row, at=at)
    if row.parent is not None:
        look_at(row.parent, at=at)
