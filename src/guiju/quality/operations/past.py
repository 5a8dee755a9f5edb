"""What the steps of complaints do."""

from __future__ import annotations

from guiju.kernel.engine import Context
from guiju.quality.forms.past import SettleForm
from guiju.quality.models import Complaint


def settle_past(context: Context) -> None:
    """Write down how an old complaint ended; what the register said stays in the event."""
    given = context.given
    assert isinstance(given, SettleForm)
    complaint = Complaint.objects.get(case_id=context.case.pk)
    context.say(old={"result": complaint.result, "closed_date": complaint.closed_date})
    complaint.result, complaint.closed_date, complaint.open = given.result, given.closed_date, False
    complaint.satisfaction = given.satisfaction or complaint.satisfaction
    complaint.save(update_fields=["result", "closed_date", "open", "satisfaction"])
