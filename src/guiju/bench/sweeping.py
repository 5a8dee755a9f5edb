"""The sweep of deadlines over many open clocks."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from guiju.bench import filling
from guiju.kernel import clocks, ports, store
from guiju.kernel.models import Clock, Event


@dataclass(frozen=True)
class Swept:
    """Seconds with nothing due and with some due; how many were sounded, and how many events that wrote."""

    open: int
    nothing: float
    due: float
    sounded: int
    events: int


def measure(filler: filling.Filler, *, number: int, due: int, say: filling.Say) -> Swept:
    """Open so many clocks, sweep with nothing due, then with some due: a third each to remind, due, to escalate."""
    at = filler.at
    filling.open_clocks(filler, number, say)
    filler.finish()
    # What the fill itself left due is not measured; of a million cases it would take an hour to sound.
    Clock.objects.filter(state=Clock.RUNNING, alarm_at__lte=at).update(alarm_at=at + timedelta(days=365))
    nothing = min(_timed(at)[0] for _ in range(3))
    _make_due(at, due)
    before = Event.objects.count()
    seconds, sounded = _timed(at)
    return Swept(number, nothing, seconds, sounded, Event.objects.count() - before)


def _timed(at: datetime) -> tuple[float, int]:
    start = time.perf_counter()
    sounded = clocks.sweep(at)
    return time.perf_counter() - start, sounded


def _make_due(at: datetime, number: int) -> None:
    chosen = Clock.objects.filter(case__number__startswith="RG-SW-", state=Clock.RUNNING)
    first = chosen.select_related("case").order_by("pk")[:number]
    reminders = None
    for place, clock in enumerate(first):
        if reminders is None:
            said = ports.policies().get(clock.case.sop_version_id).clock(clock.name)
            reminders = len(said.remind)
        # Just reminded of; due this minute; due since yesterday.
        due_at, alarm = (
            (at + timedelta(days=2), 0),
            (at - timedelta(minutes=1), reminders),
            (at - timedelta(days=1, hours=1), reminders),
        )[place % 3]
        started = at - timedelta(days=9)
        store.update(
            Clock, {"due_at": due_at, "alarm": alarm, "alarm_at": at - timedelta(minutes=1), "started_at": started},
            id=clock.pk,
        )  # fmt: skip
