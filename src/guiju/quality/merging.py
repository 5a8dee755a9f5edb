"""What quality answers when customers are merged or asked for: complaints, disputes and compensation follow."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from guiju.customers.questions import fold, projects_of, unfold
from guiju.quality.models import Compensation, Complaint, Dispute

MODELS: dict[str, Any] = {
    "quality.Complaint": Complaint, "quality.Dispute": Dispute, "quality.Compensation": Compensation,
}  # fmt: skip


@projects_of.answered_by
def _projects_of_complainant(customer_id: int) -> Collection[int]:
    """A customer is known in the projects of the complaints."""
    rows = Complaint.objects.filter(customer_id=customer_id, project__isnull=False)
    return [key for key in rows.values_list("project_id", flat=True).distinct() if key is not None]


@fold.answered_by
def _fold(kept_id: int, folded_id: int) -> dict[str, list[int]]:
    """Move what the folded customer complained of, and keep the keys so that it can be undone."""
    moved = {}
    for name, model in MODELS.items():
        rows = model.objects.filter(customer_id=folded_id)
        moved[name] = list(rows.values_list("pk", flat=True))
        rows.update(customer_id=kept_id)
    return moved


@unfold.answered_by
def _unfold(kept_id: int, folded_id: int, moved: dict[str, list[int]]) -> None:
    """Put it back."""
    for name, model in MODELS.items():
        model.objects.filter(pk__in=moved.get(name, [])).update(customer_id=folded_id)
