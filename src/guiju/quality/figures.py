"""Figures about delegation: who was sent with a valid qualification (K-2.3-c)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from guiju.kernel.numbering import ZONE
from guiju.quality import people
from guiju.quality.models import RecordEntry


@dataclass(frozen=True)
class Share:
    """How many of how many; no share without any."""

    counted: int
    of: int

    @property
    def percent(self) -> int | None:
        """The share in whole percent, rounded down so that 100 means all."""
        return 100 * self.counted // self.of if self.of else None


def delegates_qualified(scope: Q, *, since: datetime, until: datetime) -> Share:
    """
    Return how many delegations of a period were of people with a valid qualification on that day.

    ``scope`` is a condition on record entries (``Scope.q("case__chain_id", "case__scope_id")``). The certificates are
    looked at now: one that is found false later and is taken away counts as missing.
    """
    rows = RecordEntry.objects.filter(scope, kind="delegated", entered_at__gte=since, entered_at__lt=until)
    valid = of = 0
    for entry in rows.iterator(chunk_size=500):
        of += 1
        person, name = int(entry.data.get("person", 0)), str(entry.data.get("qualification", ""))
        valid += people.qualified(person, name, on=entry.entered_at.astimezone(ZONE).date()) is None
    return Share(valid, of)
