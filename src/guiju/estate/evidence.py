"""What the estate tells an evidence pack: which unit the case is about."""

from __future__ import annotations

from guiju.estate.models import Unit
from guiju.kernel.models import Case, CaseLink
from guiju.papers.questions import subjects


@subjects.answered_by
def units_of(case: Case) -> list[tuple[str, str]]:
    """Return the units the case is linked with, each with its project."""
    keys = list(CaseLink.objects.filter(case=case, kind="unit").values_list("key", flat=True))
    rows = Unit.objects.filter(pk__in=keys).select_related("building", "project").order_by("pk")
    names = [f"{unit.project.name} {unit.label}" for unit in rows]
    return [("房屋", "、".join(names))] if names else []
