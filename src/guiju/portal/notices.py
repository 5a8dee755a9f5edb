"""Approvals reach those who are seldom at a desk: a message with a link to the request, for the seats of the general
manager, the deputy and the directors. What the link opens is in ``purposes/approval.py``."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from guiju.kernel import approvals, ports
from guiju.kernel.models import ApprovalRequest, Case, Event
from guiju.kernel.process import process_of
from guiju.kernel.reactions import reaction
from guiju.notify import links, outbox, ways
from guiju.notify.models import Link
from guiju.notify.outbox import Recipient
from guiju.notify.templates import template
from guiju.org import posts
from guiju.org.models import Person

PURPOSE: Final = "approval"
ON_PHONE: Final = (posts.GENERAL_MANAGER, posts.DEPUTY_GM, posts.SALES_DIRECTOR)
OPEN_FOR: Final = timedelta(days=7)

template(
    "approval.ask",
    "请您审批",
    channels=(ways.WECOM, ways.DINGTALK, ways.FEISHU, ways.SMS, ways.INSIDE),
    text="{name}：「{title}」（编号 {number}）的「{what}」请您审批，点开 {link} 看过以后同意或退回。",
    purpose="opinion",
)


@reaction("*", "request:*", "resubmit:*", "vote:*", name="portal.ask_for_approval")
def ask_for_approval(event: Event, at: datetime) -> None:
    """Send a link to whoever holds a seat that is open now and is asked on the phone. Once per round and person."""
    case = event.case
    if case is None or case.historic or case.pending_request_id is None:
        return
    request = ApprovalRequest.objects.filter(pk=case.pending_request_id).first()
    if request is None:
        return
    barred = {request.requested_by, *ports.people().delegates_of(request.requested_by, at=at)}
    for seat in approvals.open_seats(request):
        if seat["post"] not in ON_PHONE:
            continue
        holders = ports.people().holders(
            seat["post"], company_id=case.chain_id, project_id=case.scope_id, at=at
        )
        for person in Person.objects.filter(pk__in=set(holders) - barred, is_active=True).order_by("pk"):
            _send(case, request, seat["post"], person, at)


def _send(case: Case, request: ApprovalRequest, post: str, person: Person, at: datetime) -> None:
    subject = {"request": request.pk, "round": request.round, "post": post, "person": person.pk}
    if any(link.subject == subject for link in Link.objects.filter(purpose=PURPOSE, case=case)):
        return
    step = process_of(case.process).step(request.step)
    link = links.make(
        purpose=PURPOSE, case=case, subject=subject, phone=person.phone, expires_at=at + OPEN_FOR, at=at
    )
    outbox.send(
        template="approval.ask", to=Recipient.person(person), case=case, at=at,
        key=f"approval:{request.pk}:{request.round}:{post}",
        values={
            "name": person.name, "title": case.title, "number": case.number,
            "what": step.label if step is not None else request.step, "link": links.full_address(link),
        },
    )  # fmt: skip
