"""Repeated complaints (二次投诉) and causes that recur: lists for the department, from rows and never from guesses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from django.db.models import Count, Q

from guiju.quality.choices import Cause, said
from guiju.quality.models import Complaint, CorrectiveAction

WINDOW = timedelta(days=90)


@dataclass(frozen=True)
class Pair:
    """A complaint and the one before it in the same home about the same matter."""

    earlier: Complaint
    later: Complaint

    @property
    def days(self) -> int | None:
        """Days from the closing of the earlier one to the later; None if it was not closed, or closed afterwards."""
        closed, came = self.earlier.closed_date, self.later.complained_date
        if closed is None or came is None or came < closed:
            return None
        return (came - closed).days

    def within(self, window: timedelta = WINDOW) -> bool:
        """Whether the later one is a second complaint within the window after closing (DECISIONS 23)."""
        return self.days is not None and self.days <= window.days


def pairs(scope: Q, *, since: date | None = None, until: date | None = None) -> list[Pair]:
    """
    Return each complaint of the scope with the one before it in the same home, about the same cause as a person set
    it, or in the same words; the latest first.

    ``scope`` is a condition on complaints (``Scope.q("case__chain_id", "case__scope_id")``).
    """
    rows = Complaint.objects.filter(scope, unit__isnull=False, complained_date__isnull=False)
    if since is not None:
        rows = rows.filter(complained_date__gte=since - WINDOW * 2)
    found: dict[int, Pair] = {}
    for name in ("words_key", "cause"):
        known = rows.exclude(**{name: ""})
        if name == "cause":
            known = known.exclude(cause=Cause.OTHER.value)
        twice = (
            known.values("unit_id", name).annotate(n=Count("pk")).filter(n__gt=1).values_list("unit_id", name)
        )
        matters = set(twice)
        if not matters:
            continue
        several = known.filter(unit_id__in={unit for unit, _ in matters}).select_related(
            "case", "unit__building"
        )
        groups: dict[tuple[int, str], list[Complaint]] = defaultdict(list)
        for row in several.order_by("complained_date", "pk"):
            key = (row.unit_id or 0, getattr(row, name))
            if key in matters:
                groups[key].append(row)
        for group in groups.values():
            for earlier, later in pairwise(group):
                before = found.get(later.pk)
                if before is None or _day(before.earlier) < _day(earlier):
                    found[later.pk] = Pair(earlier, later)
    kept = [
        pair for pair in found.values()
        if (since is None or _day(pair.later) >= since) and (until is None or _day(pair.later) <= until)
    ]  # fmt: skip
    return sorted(kept, key=lambda pair: (_day(pair.later), pair.later.pk), reverse=True)


def _day(row: Complaint) -> date:
    return row.complained_date or date.min


@dataclass(frozen=True)
class Recurring:
    """A cause that recurs: how often, in how many homes, and the actions taken against it."""

    cause: str
    label: str
    count: int
    homes: int
    actions: int


def recurring(scope: Q, *, since: date, until: date, least: int = 2) -> list[Recurring]:
    """Return the causes found, or else reported, at least so often within a period; the most frequent first (A-2.2-b)."""
    rows = Complaint.objects.filter(scope, complained_date__gte=since, complained_date__lte=until)
    counted: dict[str, tuple[int, set[int]]] = {}
    for found, reported, unit in rows.values_list("cause_found", "cause", "unit_id"):
        cause = found or reported
        if not cause:
            continue
        count, homes = counted.get(cause, (0, set()))
        counted[cause] = (count + 1, homes | ({unit} if unit else set()))
    actions = _actions(cause for cause, (count, _) in counted.items() if count >= least)
    made = [
        Recurring(cause, said(Cause, cause), count, len(homes), actions.get(cause, 0))
        for cause, (count, homes) in counted.items()
        if count >= least
    ]
    return sorted(made, key=lambda one: (-one.count, one.cause))


def _actions(causes: Iterable[str]) -> dict[str, int]:
    rows = (
        CorrectiveAction.objects.filter(cause__in=list(causes)).values_list("cause").annotate(n=Count("pk"))
    )
    return {str(cause): int(count) for cause, count in rows}
