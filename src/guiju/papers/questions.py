"""What papers must ask of the apps above: what belongs to a case that papers do not know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from guiju.kernel.models import Case
from guiju.kernel.questions import survey


@dataclass(frozen=True)
class Exchange:
    """One communication about a case: by which way, with whom, what was said, what became of it."""

    at: datetime
    way: str
    to: str
    words: str
    state: str
    number: str = ""
    answer: str = ""
    proof: str = ""


@survey
def exchanged(case: Case) -> list[Exchange]:
    """Return the communications about the case that the asked app knows, oldest first."""
    raise NotImplementedError


@survey
def subjects(case: Case) -> list[tuple[str, str]]:
    """Return what the case is about, as label and words: 房屋, 客户."""
    raise NotImplementedError


@survey
def parts_of(case: Case) -> list[int]:
    """Return the keys of the cases whose records belong to this one: where it came from, what was done for it."""
    raise NotImplementedError
