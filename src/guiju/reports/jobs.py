"""What the worker does for reports, again and again; running it twice changes nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

from guiju.kernel.worker import every
from guiju.reports import kpi_kept, kpi_misses
from guiju.reports.periodic import adjust, produce_due


@every(timedelta(minutes=5), "reports.produce")
def produce(at: datetime) -> None:
    """Produce the reports of the day (18:00), the week (ready Monday 08:00) and the month that are over."""
    produce_due(at)


@every(timedelta(hours=12), "reports.adjust")
def adjust_frozen(at: datetime) -> None:
    """Note beside frozen reports what turned out otherwise since."""
    adjust(at=at)


@every(timedelta(hours=12), "reports.kpi_misses")
def raise_missed(at: datetime) -> None:
    """Let a corrective action follow from figures that missed their target month after month (A-2.2-b)."""
    kpi_misses.raise_missed(at)


@every(timedelta(seconds=10), "reports.follow")
def follow(at: datetime) -> None:
    """Bring the lines and sums of figures up to the last event."""
    kpi_kept.follow(at)


@every(timedelta(hours=12), "reports.keep_open")
def keep_open(at: datetime) -> None:
    """Write the lines of open cases anew: limits may have moved with the calendar."""
    kpi_kept.keep_open(at)
