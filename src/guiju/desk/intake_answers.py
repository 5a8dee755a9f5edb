"""What receptions answer when lower apps ask: where a customer is known, what moves in a merge, what was said."""

from __future__ import annotations

from collections.abc import Collection

from guiju.customers.questions import fold, projects_of, unfold
from guiju.desk import intake_guide
from guiju.desk.models import Reception
from guiju.knowledge.questions import part_of

RECEPTIONS = "desk.Reception"


@projects_of.answered_by
def _projects_of_caller(customer_id: int) -> Collection[int]:
    """A customer is known in the projects where the desk received them."""
    rows = Reception.objects.filter(customer_id=customer_id, project__isnull=False)
    return list(rows.values_list("project_id", flat=True).distinct())


@fold.answered_by
def _fold_caller(kept_id: int, folded_id: int) -> dict[str, list[int]]:
    """Move the receptions."""
    moved = list(Reception.objects.filter(customer_id=folded_id).values_list("pk", flat=True))
    Reception.objects.filter(pk__in=moved).update(customer_id=kept_id)
    return {RECEPTIONS: moved}


@unfold.answered_by
def _unfold_caller(kept_id: int, folded_id: int, moved: dict[str, list[int]]) -> None:
    """Put the receptions back."""
    Reception.objects.filter(pk__in=moved.get(RECEPTIONS, [])).update(customer_id=folded_id)


@part_of.answered_by
def _part_of_reception(case_id: int) -> str:
    """Return the part that the category stands for."""
    code = Reception.objects.filter(case_id=case_id).values_list("category", flat=True).first() or ""
    category = intake_guide.BY_CODE.get(code)
    return category.part if category else ""
