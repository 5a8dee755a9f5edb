"""What customers must ask of the apps above: where a customer is known, what is open for them."""

from __future__ import annotations

from collections.abc import Collection

from guiju.kernel.questions import survey


@survey
def projects_of(customer_id: int) -> Collection[int]:
    """Return the projects in which the asked app knows the customer."""
    raise NotImplementedError


@survey
def fold(kept_id: int, folded_id: int) -> dict[str, list[int]]:
    """Move what the asked app knows of the folded customer to the kept one; return the rows moved, by model."""
    raise NotImplementedError


@survey
def unfold(kept_id: int, folded_id: int, moved: dict[str, list[int]]) -> None:
    """Put back what the asked app moved."""
    raise NotImplementedError
