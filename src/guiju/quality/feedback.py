"""Following up what customers told us (客户意见): who has it in hand, what was done (A-5.3-a)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from guiju.desk.models import Reception
from guiju.kernel import engine, store
from guiju.kernel.models import Case, Event
from guiju.kernel.process import processes
from guiju.kernel.reactions import reaction
from guiju.kernel.refusals import BadlyFilled, Refused
from guiju.org.gates import require_post
from guiju.org.models import Person
from guiju.quality.models import Complaint, Feedback
from guiju.quality.processes.callback import CALLERS

FOLLOWED = "quality.feedback"


class UnableToFollow(Refused):
    """The feedback cannot be taken or settled now; says why."""

    title = "没有记下"


@transaction.atomic
def take(*, feedback: Feedback, by: Person, at: datetime) -> Feedback:
    """
    Take a piece of feedback in hand.

    :raises NotYourPost: the person's post does not follow up feedback here.
    :raises UnableToFollow: it is settled.
    """
    _require(feedback, by, at)
    if feedback.state == Feedback.DONE:
        raise UnableToFollow("这条意见已经处理")
    feedback.state, feedback.owner = Feedback.ASSIGNED, by
    feedback.save(update_fields=["state", "owner"])
    _record(feedback, by, at)
    return feedback


@transaction.atomic
def settle(*, feedback: Feedback, action: str, by: Person, at: datetime) -> Feedback:
    """
    Write what was done about a piece of feedback.

    :raises NotYourPost: the person's post does not follow up feedback here.
    :raises UnableToFollow: the complaint that it led to is still open.
    :raises BadlyFilled: nothing was written.
    """
    _require(feedback, by, at)
    action = action.strip()
    if len(action) < 2:
        raise BadlyFilled({"action": "处理结果：写明做了什么"})
    if feedback.follow_up is not None and feedback.follow_up.closed_at is None:
        raise UnableToFollow(f"投诉 {feedback.follow_up.number} 还没有办结，办结以后自动记为已处理")
    feedback.state, feedback.owner, feedback.action, feedback.done_at = Feedback.DONE, by, action[:5000], at
    feedback.save(update_fields=["state", "owner", "action", "done_at"])
    _record(feedback, by, at)
    return feedback


def _require(feedback: Feedback, by: Person, at: datetime) -> None:
    require_post(by, *CALLERS, at=at, company_id=feedback.case.chain_id, project_id=feedback.case.scope_id)


def _record(feedback: Feedback, by: Person, at: datetime) -> None:
    given = {
        "feedback": feedback.pk,
        "case": feedback.case.number,
        "state": feedback.state,
        "action": feedback.action,
    }
    engine.record(company_id=feedback.case.chain_id, step=FOLLOWED, by=by, at=at, given=given)


@reaction("complaint", "record", "take_up", name="quality.feedback.complaint")
def note_complaint(event: Event, at: datetime) -> None:
    """Put a complaint into the list of feedback; one that a low rating led to stands there already."""
    case = Case.objects.filter(pk=event.case_id or 0).first()
    if case is None or case.historic or Feedback.objects.filter(follow_up=case).exists():
        return
    row = Complaint.objects.filter(case=case).first()
    owner = row.handler_id if row is not None else None
    Feedback.objects.get_or_create(
        case=case, kind=Feedback.COMPLAINT, rating=None,
        defaults={
            "words": row.words if row is not None else case.title, "noted_at": event.happened_at, "follow_up": case,
            "state": Feedback.ASSIGNED, "owner_id": owner,
        },
    )  # fmt: skip


@reaction("reception", "receive", name="quality.feedback.reception")
def note_reception(event: Event, at: datetime) -> None:
    """Put a suggestion or praise that the desk took into the list of feedback."""
    row = Reception.objects.filter(case_id=event.case_id or 0).select_related("case").first()
    kind = {"suggestion": Feedback.SUGGESTION, "praise": Feedback.PRAISE}.get(row.kind if row else "")
    if row is None or kind is None:
        return
    Feedback.objects.get_or_create(
        case=row.case, kind=kind, rating=None,
        defaults={"words": row.words, "noted_at": event.happened_at, "owner_id": row.owner_id},
    )  # fmt: skip


def follow_complaints() -> None:
    """Settle the feedback that led to a complaint when the complaint closes. Called once, at the start."""
    process = processes().get("complaint")
    if process is None:
        return
    steps = [step.name for step in process.steps if step.to in process.ends]
    reaction("complaint", *steps, name="quality.feedback.closed")(complaint_closed)


def complaint_closed(event: Event, at: datetime) -> None:
    """Settle the feedback of a closed complaint, with how it ended."""
    case = Case.objects.filter(pk=event.case_id or 0).first()
    if case is None or case.closed_at is None:
        return
    label = processes()["complaint"].state(case.state).label
    for row in Feedback.objects.filter(follow_up=case).exclude(state=Feedback.DONE):
        action = row.action or f"投诉 {case.number} {label}"
        store.update(
            Feedback, {"state": Feedback.DONE, "action": action, "done_at": case.closed_at}, id=row.pk
        )
