"""What the worker does for the desk by itself: recordings are forgotten after the days of the SOP."""

from __future__ import annotations

from datetime import datetime, timedelta

from guiju.desk.models import Recording
from guiju.kernel.numbering import ZONE
from guiju.kernel.worker import every

AT_ONCE = 500


def drop_recordings(at: datetime) -> int:
    """Forget where recordings lie whose days are over, and return how many; that there was one stays."""
    today = at.astimezone(ZONE).date()
    due = Recording.objects.filter(keep_until__lt=today, dropped_at=None).order_by("pk")
    keys = list(due.values_list("pk", flat=True)[:AT_ONCE])
    return Recording.objects.filter(pk__in=keys, dropped_at=None).update(place="", dropped_at=at)


@every(timedelta(hours=6), "desk.recordings")
def _drop(at: datetime) -> None:
    drop_recordings(at)
