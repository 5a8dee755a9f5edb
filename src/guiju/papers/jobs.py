"""What the worker does for this app by itself."""

from __future__ import annotations

from datetime import datetime, timedelta

from guiju.kernel.worker import every
from guiju.papers.operations.attachments import sweep_orphans, sweep_strays


@every(timedelta(days=1), "papers.sweep_orphans")
def sweep(at: datetime) -> None:
    """Delete attachments that nobody used within 7 days, and files that never got their row."""
    sweep_orphans(at=at)
    sweep_strays(at=at)
