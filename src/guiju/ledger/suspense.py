"""Money that belongs to nobody yet (暂收): found out within three working days, or listed as late (domain 2.8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from guiju.estate.models import Project
from guiju.kernel import calendar
from guiju.ledger.models import Receipt, Refund

WORKING_DAYS: Final = 3


@dataclass(frozen=True)
class Waiting:
    """A receipt in suspense, the last day to find out whose it is, and whether that is over."""

    receipt: Receipt
    until: date
    late: bool


def overdue_from(project: Project, received_at: datetime) -> date:
    """Return the last of the three working days after the day the money came."""
    book = calendar.current(project.company_id)
    return book.add_workdays(calendar.local_date(received_at), WORKING_DAYS)


def waiting(project_id: int, at: datetime) -> list[Waiting]:
    """Return what stands in suspense, oldest first."""
    rows = Receipt.objects.filter(project=project_id, purpose="suspense", reverses=None, reversal=None)
    # What was sent back to its payer, and did not come back to us, waits no more.
    rows = rows.exclude(pk__in=Refund.objects.filter(reverses=None, reversal=None).values("receipt_id"))
    today, found = calendar.local_date(at), []
    for row in rows.select_related("project").order_by("received_at", "pk"):
        until = overdue_from(row.project, row.received_at)
        found.append(Waiting(row, until, today > until))
    return found
