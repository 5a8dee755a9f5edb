"""What our own people hear of visits: workers of those given to them (E-2.3-b)."""

from __future__ import annotations

from datetime import datetime

from guiju.desk.models import Visit
from guiju.kernel.models import Event
from guiju.kernel.numbering import ZONE
from guiju.kernel.reactions import reaction
from guiju.notify import ways
from guiju.notify.outbox import Recipient, send
from guiju.notify.templates import template

template(
    "visit_assigned",
    "派给你的上门",
    channels=(ways.WECOM, ways.DINGTALK, ways.FEISHU, ways.INSIDE),
    text="{number} 派给你：{when} {place}，{purpose}。",
)


@reaction("visit", "request", "agree", "assign", "move", name="guiju.desk.tell_worker")
def tell_worker(event: Event, at: datetime) -> None:
    """Tell the worker of a visit given to them, once for each act that gives or moves it (E-2.3-b)."""
    row = Visit.objects.select_related("technician", "case").filter(case_id=event.case_id or 0).first()
    if row is None or row.technician is None or row.closed_at is not None:
        return
    when = "时间待约"
    if row.starts_at is not None:
        when = f"{row.starts_at.astimezone(ZONE):%m-%d %H:%M}"
    send(
        template="visit_assigned", to=Recipient.person(row.technician), case=row.case, at=at, by=event.actor_id,
        key=f"{row.case_id}:{row.technician_id}:{when}",
        values={"number": row.case.number, "when": when, "place": row.place, "purpose": row.purpose[:60] or "上门"},
    )  # fmt: skip
