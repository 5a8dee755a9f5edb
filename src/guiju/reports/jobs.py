"""What the worker does for reports, again and again; running it twice changes nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

from guiju.kernel.worker import every
from guiju.reports.periodic import adjust, produce_due


@every(timedelta(minutes=5), "reports.produce")
def produce(at: datetime) -> None:
    """Produce the reports of the day (18:00), the week (ready Monday 08:00) and the month that are over."""
    produce_due(at)


@every(timedelta(hours=12), "reports.adjust")
def adjust_frozen(at: datetime) -> None:
    """Note beside frozen reports what turned out otherwise since."""
    adjust(at=at)
