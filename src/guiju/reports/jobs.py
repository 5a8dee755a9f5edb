"""What the worker does for reports, again and again; running it twice changes nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

from guiju.kernel.worker import every
from guiju.reports.statistics import produce_due


@every(timedelta(hours=1), "reports.produce")
def produce(at: datetime) -> None:
    """Produce the statistics of the week and the month that are over."""
    produce_due(at)
