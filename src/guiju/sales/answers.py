"""What sales answers when lower apps ask."""

from __future__ import annotations

from collections.abc import Collection

from guiju.customers.questions import projects_of
from guiju.sales.models import DealBuyer


@projects_of.answered_by
def _projects_of_buyer(customer_id: int) -> Collection[int]:
    """A buyer is known in the projects of the deals."""
    return list(
        DealBuyer.objects.filter(customer_id=customer_id)
        .values_list("deal__project_id", flat=True)
        .distinct()
    )
