"""What follows after the acts of this app are committed: corrective actions by rule, the link of a contractor."""

from __future__ import annotations

from datetime import datetime, timedelta

from guiju.kernel.models import Event
from guiju.kernel.reactions import reaction
from guiju.notify import links, outbox
from guiju.notify.models import Message
from guiju.notify.outbox import Recipient
from guiju.quality.models import Complaint, ContractorWork
from guiju.quality.operations.correctives import look_at


@reaction("complaint", "record", "set_level", "join", "decide", "incident", name="quality.corrective_by_rule")
def raise_by_rule(event: Event, at: datetime) -> None:
    """Raise what the rules demand for the complaint, and for the one that leads its group."""
    row = (
        Complaint.objects.select_related("case", "repeat_of__case", "parent__case")
        .filter(case_id=event.case_id or 0)
        .first()
    )
    if row is None or row.case.historic:
        return
    look_at(row, at=at)
    if row.parent is not None:
        look_at(row.parent, at=at)


CONTRACTOR = "contractor_work"
OPEN_FOR = timedelta(days=60)


@reaction("contractor_work", "dispatch", name="quality.contractor_link")
def send_link(event: Event, at: datetime) -> None:
    """Send the contractor a link to the work: no account, a code by SMS at the door. Once for each work."""
    row = ContractorWork.objects.select_related("case").filter(case_id=event.case_id or 0).first()
    if row is None or not row.phone or row.case.historic:
        return
    if Message.objects.filter(case=row.case, template="contractor.dispatch").exists():
        return
    link = links.make(
        purpose=CONTRACTOR, case=row.case, subject={"case": row.case.number}, phone=row.phone,
        expires_at=at + OPEN_FOR, at=at,
    )  # fmt: skip
    outbox.send(
        template="contractor.dispatch", case=row.case, at=at, key=f"contractor:{row.case.number}",
        to=Recipient(outbox.ADDRESS, None, row.contact or row.contractor, row.phone),
        values={"contractor": row.contractor, "number": row.case.number, "link": links.full_address(link)},
    )  # fmt: skip
