"""What notices must know of people whom lower apps do not know. Any app may answer; none has to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from guiju.kernel.models import Case
from guiju.kernel.questions import survey

if TYPE_CHECKING:
    from guiju.notify.outbox import Recipient


@survey
def consent(customer_id: int, kind: str) -> bool | None:
    """Return the customer's last word on messages of this kind (``notice``, ``marketing``); None: never asked."""
    raise NotImplementedError


@survey
def preferred_ways(customer_id: int) -> list[str]:
    """Return the ways the customer prefers, the first first."""
    raise NotImplementedError


@survey
def postal_address(customer_id: int) -> str:
    """Return where letters to the customer go."""
    raise NotImplementedError


@survey
def contact_of(case: Case) -> Recipient | None:
    """Return the customer, or whoever speaks for them, whom news about the case goes to."""
    raise NotImplementedError
