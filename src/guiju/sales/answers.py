"""What sales answers when lower apps ask."""

from __future__ import annotations

from collections.abc import Collection

from guiju.customers.questions import fold, projects_of, unfold
from guiju.sales.models import BuyerPaper, DealBuyer

BUYERS, PAPERS = "sales.DealBuyer", "sales.BuyerPaper"


@projects_of.answered_by
def _projects_of_buyer(customer_id: int) -> Collection[int]:
    """A buyer is known in the projects of the deals."""
    return list(
        DealBuyer.objects.filter(customer_id=customer_id)
        .values_list("deal__project_id", flat=True)
        .distinct()
    )


@fold.answered_by
def _fold_buyer(kept_id: int, folded_id: int) -> dict[str, list[int]]:
    """Move the purchases; a deal that names both keeps both rows, so that nothing is lost."""
    own = set(DealBuyer.objects.filter(customer_id=kept_id).values_list("deal_id", flat=True))
    buyers = list(
        DealBuyer.objects.filter(customer_id=folded_id).exclude(deal_id__in=own).values_list("pk", flat=True)
    )
    had = set(BuyerPaper.objects.filter(customer_id=kept_id).values_list("subscription_id", "kind"))
    papers = [
        paper.pk
        for paper in BuyerPaper.objects.filter(customer_id=folded_id)
        if (paper.subscription_id, paper.kind) not in had
    ]
    DealBuyer.objects.filter(pk__in=buyers).update(customer_id=kept_id)
    BuyerPaper.objects.filter(pk__in=papers).update(customer_id=kept_id)
    return {BUYERS: buyers, PAPERS: papers}


@unfold.answered_by
def _unfold_buyer(kept_id: int, folded_id: int, moved: dict[str, list[int]]) -> None:
    """Put the purchases back."""
    DealBuyer.objects.filter(pk__in=moved.get(BUYERS, [])).update(customer_id=folded_id)
    BuyerPaper.objects.filter(pk__in=moved.get(PAPERS, [])).update(customer_id=folded_id)
