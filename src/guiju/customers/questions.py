"""What customers must ask of the apps above: where a customer is known, what is open for them."""

from __future__ import annotations

from collections.abc import Collection

from guiju.kernel.questions import survey


@survey
def projects_of(customer_id: int) -> Collection[int]:
    """Return the projects in which the asked app knows the customer."""
    raise NotImplementedError
