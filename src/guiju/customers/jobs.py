"""What the worker does for customers, again and again; running it twice changes nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

from guiju.customers.operations.birthdays import plan_birthdays
from guiju.kernel.worker import every


@every(timedelta(hours=6), "customers.birthdays")
def birthdays(at: datetime) -> None:
    """Make the birthday-card tasks of the week ahead."""
    plan_birthdays(at)
