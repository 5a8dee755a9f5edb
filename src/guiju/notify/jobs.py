"""What the worker does for this app by itself."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from guiju.kernel.worker import every
from guiju.notify.feedback import remind_owed
from guiju.notify.sending import ask_receipts, deliver_due

BUDGET_SECONDS = 20


@every(timedelta(seconds=2), "notify.deliver")
def deliver(at: datetime) -> None:
    """Send what is due."""
    began = time.monotonic()
    # A gateway that hangs must not keep the clocks of the house waiting.
    while deliver_due(at, limit=10) and time.monotonic() - began < BUDGET_SECONDS:
        pass


@every(timedelta(minutes=1), "notify.receipts")
def receipts(at: datetime) -> None:
    """Ask whether what was sent arrived."""
    ask_receipts(at)


@every(timedelta(minutes=5), "notify.owed")
def owed(at: datetime) -> None:
    """Tell colleagues of feedback that is overdue."""
    remind_owed(at=at)
