"""
Figures that missed their target month after month: each series leads to one 纠正措施通知单 (K-2.6, A-2.2-b).

Whole months only, project by project; a month without a figure ends a series. How many months in a row are too many, the
SOP of corrective actions says (``kpi_periods``).
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Final

from guiju.estate.models import Project
from guiju.kernel import ports
from guiju.kernel.duration import months_after
from guiju.kernel.models import Case
from guiju.kernel.numbering import ZONE
from guiju.org.gates import Scope
from guiju.quality.operations.correctives import raise_for_kpi_miss
from guiju.reports.kpi import Kpi, Place, Window, months, target_of
from guiju.reports.kpi_board import BY_CODE, ON_TOP
from guiju.reports.kpi_kept import Behind, Sums, behind

#: A series is followed back so many months; it is known by the month in which it began.
LONGEST: Final = 36


def raise_missed(at: datetime) -> list[Case]:
    """
    Raise what the rule demands for every project, as of the months that are over; done again it raises nothing. While the
    figures have not followed the events yet, nothing is concluded from them.
    """
    today = at.astimezone(ZONE).date()
    windows = months(months_after(today.replace(day=1), -1), LONGEST)
    late = behind()
    if late.cases is None:
        return []
    raised = []
    for project in Project.objects.order_by("pk"):
        raised += _of(project, windows, at, late)
    return raised


def _of(project: Project, windows: list[Window], at: datetime, late: Behind) -> list[Case]:
    place = Place(Scope(frozenset(), frozenset({project.pk})), project.pk)
    settings = (
        ports.policies()
        .current("callback", company_id=project.company_id, project_id=project.pk, at=at)
        .settings
    )
    sums = Sums(place, ON_TOP, windows, at, late=late)
    found = []
    for one in (BY_CODE[code] for code in ON_TOP):
        target = target_of(one, settings)
        missed: list[tuple[Window, str]] = []
        for window in reversed(windows):
            figure = sums.figure(one, window)
            if one.meets(figure, target) is not False:
                break
            missed.insert(0, (window, _written(one, figure.value)))
        if not missed:
            continue
        case = raise_for_kpi_miss(
            kpi=one.code, label=one.label, periods=[f"{window.begin.astimezone(ZONE):%Y-%m}" for window, _ in missed],
            values=[value for _, value in missed], target=f"{target:g}{one.unit}", company_id=project.company_id,
            project_id=project.pk, at=at,
        )  # fmt: skip
        if case is not None:
            found.append(case)
    return found


def _written(one: Kpi, value: Decimal | None) -> str:
    return f"{one.written(value)}{one.unit}"
