"""
The to-dos of a person: what waits for the posts held, own or delegated, and is not taken by a colleague.

Each part (a post in a company or project, taken by nobody or by the person) stands in an index in the order of its
deadlines. The nearest of every part are merged, so that a page costs the same however many to-dos there are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from heapq import merge
from typing import Any, Final

from django.db.models import QuerySet

from guiju.estate.models import Project
from guiju.kernel.models import Case, Todo
from guiju.kernel.prepared import Prepared, prepared
from guiju.org.models import Person
from guiju.org.people import held_by

#: The most rows of a page, and the number up to which to-dos are counted exactly.
MOST: Final = 50
#: A page of 25 with the row that says that there are more: what is not shown is not read.
FEW: Final = 26
COUNTED: Final = 1000
_EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
# After NEVER, the deadline of what has none.
_LATEST: Final = datetime(9999, 12, 31, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Window:
    """The deadlines of interest: from (included) until (excluded), after the row of this key at ``since``."""

    since: datetime | None = None
    until: datetime | None = None
    after: int = 0
    process: str = ""

    def keys(self) -> tuple[Any, ...]:
        """Return it as keys of the prepared questions."""
        rest = (self.process,) if self.process else ()
        return (self.since or _EARLIEST, self.until or _LATEST, self.after, *rest)


@dataclass(frozen=True)
class _Part:
    post: str
    scoped: bool
    place: int
    owner: int | None

    def ask(self, kind: Callable[[bool, bool, bool], Prepared[Any, Any]], window: Window) -> Any:
        """Return the prepared question of this part with its keys put in."""
        question = kind(self.scoped, self.owner is not None, bool(window.process))
        owner = () if self.owner is None else (self.owner,)
        return question, (self.post, self.place, *owner, *window.keys())


class Duties:
    """The to-dos of one person at a moment, of one project if one is chosen."""

    def __init__(self, person: Person, at: datetime, project: Project | None = None) -> None:
        parts: dict[_Part, int] = {}
        for held in held_by(person.pk):
            if not held.in_force(at):
                continue
            if project is not None:
                if held.company_id != project.company_id or held.project_id not in (None, project.pk):
                    continue
                scoped, place = True, project.pk
            elif held.project_id is not None:
                scoped, place = True, held.project_id
            else:
                scoped, place = False, held.company_id
            for owner in (None, held.behalf or person.pk):
                parts[_Part(held.post, scoped, place, owner)] = held.company_id
        # Whoever holds a post for the whole company holds it for its projects: that is one to-do, not two.
        self._parts = [
            part
            for part, company in parts.items()
            if not (part.scoped and _Part(part.post, False, company, part.owner) in parts)
        ]

    def nearest(self, window: Window, *, limit: int = MOST) -> list[Todo]:
        """Return the first to-dos of the window by deadline, each with its case; at most ``MOST`` and one more."""
        found: list[Sequence[Todo]] = []
        rows = _few if limit <= FEW else _rows
        for part in self._parts:
            question, keys = part.ask(rows, window)
            found.append(question(*keys))
        merged = merge(*found, key=lambda todo: (todo.due_at, todo.pk))
        first = list({todo.pk: todo for todo in merged}.values())[:limit]
        cases = {case.pk: case for case in _cases({todo.case_id for todo in first})}
        for todo in first:
            todo.case = cases[todo.case_id]
        return first

    def count(self, window: Window) -> int:
        """Return how many there are in the window; from ``COUNTED`` on only that there are more."""
        return self.counts(window)[0]

    def counts(self, *windows: Window) -> list[int]:
        """Return the same of several windows, in one statement."""
        found = iter(Prepared.counts([part.ask(_keys, window) for window in windows for part in self._parts]))
        return [min(sum(next(found) for _ in self._parts), COUNTED + 1) for _ in windows]


def counted(number: int) -> str:
    """Return a number as lists show it: exact up to 1,000, then 1000+."""
    return str(number) if number <= COUNTED else f"{COUNTED}+"


@cache
def _rows(scoped: bool, owned: bool, narrowed: bool) -> Prepared[Any, Todo]:
    def nearest(*keys: Any) -> QuerySet[Todo, Todo]:
        return _within(scoped, owned, narrowed, keys).order_by("due_at", "pk")[: MOST + 1]

    return prepared(nearest)


@cache
def _few(scoped: bool, owned: bool, narrowed: bool) -> Prepared[Any, Todo]:
    def nearest(*keys: Any) -> QuerySet[Todo, Todo]:
        return _within(scoped, owned, narrowed, keys).order_by("due_at", "pk")[:FEW]

    return prepared(nearest)


@cache
def _keys(scoped: bool, owned: bool, narrowed: bool) -> Prepared[Any, int]:
    def some(*keys: Any) -> QuerySet[Todo, int]:
        return _within(scoped, owned, narrowed, keys).values_list("pk", flat=True)[: COUNTED + 1]

    return prepared(some)


def _within(scoped: bool, owned: bool, narrowed: bool, keys: Sequence[Any]) -> QuerySet[Todo, Todo]:
    post, place, *rest = keys
    owner = rest.pop(0) if owned else None
    since, until, after, *more = rest
    rows = Todo.objects.filter(post=post, person_id=owner, due_at__gte=since, due_at__lt=until)
    rows = rows.filter(scope_id=place) if scoped else rows.filter(chain_id=place)
    if narrowed:
        rows = rows.filter(case__process=more[0])
    return rows.exclude(due_at=since, pk__lte=after)


@prepared
def _cases(keys: set[int]) -> QuerySet[Case, Case]:
    return Case.objects.filter(pk__in=keys)
