"""What the desk must ask of the apps above it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from guiju.kernel.models import Case
from guiju.kernel.questions import question
from guiju.org.models import Person


@question
def record_rating(
    *,
    case: Case,
    score: int,
    solved: bool | None,
    items: Mapping[str, int],
    words: str,
    source: str,
    by: Person | None,
    at: datetime,
) -> int:
    """Keep a customer's rating of a case (score 1 to 5), and return its key."""
    raise NotImplementedError
