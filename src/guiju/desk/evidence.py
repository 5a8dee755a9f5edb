"""What the front desk tells an evidence pack: the call a case came from, and the visits that were made for it."""

from __future__ import annotations

from guiju.desk.models import Reception, Visit
from guiju.kernel.models import Case
from guiju.papers.questions import parts_of


@parts_of.answered_by
def calls_and_visits_of(case: Case) -> list[int]:
    """Return the receptions that were handed on to the case, and its visits."""
    calls = Reception.objects.filter(handed_to=case.number).values_list("case_id", flat=True)
    return [*calls, *Visit.objects.filter(for_case=case).values_list("case_id", flat=True)]
