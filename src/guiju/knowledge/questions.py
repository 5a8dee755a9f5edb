"""What the knowledge base asks the apps above it: closed cases that resemble a story."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from guiju.kernel.questions import survey


@dataclass(frozen=True)
class Solved:
    """A closed case that resembles the one in hand: its case, what it was, how it was solved, and how alike (0–1)."""

    case_id: int
    number: str
    problem: str
    solution: str
    closed_at: datetime
    likeness: float


@survey
def solved_cases(words: str, part: str, company_id: int, but: int | None) -> Collection[Solved]:
    """Return closed cases of the asked app that resemble the words, best first."""
    raise NotImplementedError


@survey
def story_of(case_id: int) -> str:
    """Return what a customer said in a case of the asked app: words, need, problem; empty if it is none of its cases."""
    raise NotImplementedError


@survey
def part_of(case_id: int) -> str:
    """Return the part of the building that a case of the asked app is about; empty if it knows none."""
    raise NotImplementedError


@survey
def names_in(case_id: int) -> Collection[str]:
    """Return the names of people that a case of the asked app knows beside its linked customers."""
    raise NotImplementedError


@survey
def outcome_of(case_id: int) -> tuple[str, str] | None:
    """Return what was wrong in a case of the asked app and how it was solved; None if it is none of its cases."""
    raise NotImplementedError


@survey
def contact_of(case_id: int) -> tuple[str, str] | None:
    """Return name and phone of whom a case of the asked app is for; None if it is none of its cases."""
    raise NotImplementedError
