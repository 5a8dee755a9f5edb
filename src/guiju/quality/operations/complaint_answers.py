"""What the customer and others are told of a complaint, and how it ends (A-4.3, I-2.8)."""

from __future__ import annotations

from guiju.desk import tickets
from guiju.kernel.engine import NEVER, Context
from guiju.kernel.models import CaseLink, Todo
from guiju.kernel.numbering import ZONE
from guiju.org import posts
from guiju.quality import people
from guiju.quality.forms import complaint as forms
from guiju.quality.models import Complaint
from guiju.quality.operations.complaint_limits import row_of
from guiju.quality.operations.complaint_people import alarm, hand_on, heard
from guiju.quality.operations.complaint_record import head_of
from guiju.quality.record import attach, case_numbered, enter


def feed_back(context: Context) -> None:
    """Record what the customer was told, and when (A-4.3-a)."""
    given = context.given
    assert isinstance(given, forms.FeedbackForm)
    enter(context, "feedback", given.words, how=given.how, answer=given.answer)
    heard(context)


def reply(context: Context) -> None:
    """Record the answer to the customer; the result goes to the manager as well (I-2.8-d, f)."""
    given = context.given
    assert isinstance(given, forms.ReplyForm)
    attach(context, [given.letter], "complaint_reply", "投诉答复函")
    heard(context)
    enter(
        context, "replied", given.words, in_writing=given.in_writing or context.step.name == "reply_letter",
        letter=given.letter, to_management=given.to_management,
    )  # fmt: skip
    if given.to_management and context.by_id is not None:
        _report(context)
    hand_on(context)


def return_ticket(context: Context) -> None:
    """Record what the other office was answered on its ticket, with its receipt (domain 1.14)."""
    given = context.given
    assert isinstance(given, tickets.TicketForm)
    attach(context, [given.proof], "ticket_receipt", "工单回执")
    enter(
        context, "ticket_returned", given.words, ticket=row_of(context).ticket, receipt=given.receipt,
        proof=given.proof,
    )  # fmt: skip


def _report(context: Context) -> None:
    case, work, at = context.case, context.work, context.at
    if work is None:
        return

    def tell() -> None:
        Todo.objects.get_or_create(
            case_id=case.pk, act="escalate:solve", post=posts.CS_MANAGER,
            defaults={
                "label": "投诉答复：请阅", "chain_id": case.chain_id, "scope_id": case.scope_id, "since_at": at,
                "due_at": case.due_at or NEVER,
            },
        )  # fmt: skip

    work.after.append(tell)
    context.say(reported_to=posts.CS_MANAGER, reported_at=at)


def coordinate(context: Context) -> None:
    """Pass the complaint on to another post by an internal memo, whose state is seen here (I-2.8-b, c)."""
    given = context.given
    assert isinstance(given, forms.CoordinateForm)
    post = people.post_named(given.post, field="post", label="转给岗位")
    key = context.open(
        "internal_memo", links=[("case", context.case.pk)], title=given.subject,
        given={
            "source": context.case.number, "to_post": post, "department": given.department, "kind": given.kind,
            "subject": given.subject, "content": given.content, "wish": given.wish,
        },
    )  # fmt: skip
    context.link("case", key)
    enter(context, "passed_on", given.content, post=post, memo=key, subject=given.subject)


def report_upset(context: Context) -> None:
    """Tell the supervisor that the customer is upset, or of a misunderstanding (E-4.1-b, F-3.3-d)."""
    given = context.given
    assert isinstance(given, forms.UpsetForm)
    row = row_of(context)
    enter(context, "upset", given.conflict, upset=given.upset)
    alarm(context, row, upset=True)


def mark_incident(context: Context) -> None:
    """Record measures, persons and communication; before it was none, it becomes an incident and the chain is told."""
    given = context.given
    assert isinstance(given, forms.IncidentForm)
    row = row_of(context)
    if not row.incident:
        row.incident, row.level = True, "L4"
        row.save(update_fields=["incident", "level"])
        alarm(context, row)
    enter(context, "measure", given.measures, persons=given.persons, communication=given.communication)


def review_incident(context: Context) -> None:
    """Record the closing review of an incident (I-2.8-h)."""
    given = context.given
    assert isinstance(given, forms.ReviewForm)
    enter(context, "reviewed", given.words, lessons=given.lessons)


def join(context: Context) -> None:
    """
    Make it a part of a group complaint; from three homes on the parent is L3 and its chain is told. Nothing about the
    parent hinders it: an approval that the parent waits for stays as it was asked, its timeline says how it has grown.
    """
    given = context.given
    assert isinstance(given, forms.GroupForm)
    row = row_of(context)
    parent = Complaint.objects.select_related("case").get(
        case=case_numbered(given.parent, company_id=context.case.chain_id)
    )
    row.parent = parent
    row.save(update_fields=["parent"])
    context.link("case", parent.case_id)
    CaseLink.objects.get_or_create(case_id=parent.case_id, kind="case", key=context.case.pk)
    units = set(Complaint.objects.filter(parent=parent).values_list("unit_id", flat=True)) | {parent.unit_id}
    least = int(context.setting("group_units", 3))
    enter(context, "joined", given.parent, units=len(units))
    running = parent.case.closed_at is None and not parent.case.historic
    level = parent.level or "L1"
    raised = len(units) >= least and level < "L3"
    if running and (raised or parent.case.pending_request_id):
        # An act of the parent's own: its timeline says why, its limits and its chain follow the level.
        when = "审批期间并入" if parent.case.pending_request_id else "并入"
        context.nested(
            parent.case, "set_level",
            given={"level": "L3" if raised else level, "reason": f"群体投诉：{len(units)} 户{when}"},
        )  # fmt: skip
    if running and raised:
        row.level = max(row.level or "L1", "L3")
        row.save(update_fields=["level"])
        alarm(context, row)
    context.say(parent=parent.case.number, units=len(units))


def prevent(context: Context) -> None:
    """Raise a preventive or corrective action linked to the complaint (A-2.2-b, K-2.6-b)."""
    given = context.given
    assert isinstance(given, forms.PreventForm)
    department = people.department_named(
        given.department, company_id=context.case.chain_id, field="department", label="责任部门"
    )
    row = row_of(context)
    key = context.open(
        "corrective_action", links=[("case", context.case.pk)], title=f"{head_of(given.fact)}",
        given={
            "source": context.case.number, "fact": given.fact, "department": department.pk,
            "grade": "major" if row.level in ("L3", "L4") else "minor",
            "clause": "A-2.2-b" if given.preventive else "K-2.6-b",
            "kind": "preventive" if given.preventive else "corrective",
        },
    )  # fmt: skip
    context.link("case", key)
    enter(context, "corrective", given.fact, case=key, department=department.name)


def close(context: Context) -> None:
    """Write the result down; the complaint ends with the customer satisfied."""
    given = context.given
    assert isinstance(given, forms.CloseForm)
    _end(context, given.result, given.satisfaction or "满意")


def leave(context: Context) -> None:
    """End it without the customer's satisfaction, by the manager's reasoned approval; it counts as unsatisfied."""
    given = context.given
    assert isinstance(given, forms.LeaveForm)
    row = row_of(context)
    row.satisfied = False
    row.save(update_fields=["satisfied"])
    enter(context, "left", given.reason, ground=given.ground.value, attempts=given.attempts)
    _end(context, given.ground.label, "不满意" if given.ground is not forms.Ground.WITHDRAWN else "撤回")


def _end(context: Context, result: str, satisfaction: str) -> None:
    row = row_of(context)
    row.result, row.satisfaction, row.open = result[:60], satisfaction[:20], False
    row.closed_date = context.at.astimezone(ZONE).date()
    row.save()
    enter(context, "closed", result, satisfaction=satisfaction)
