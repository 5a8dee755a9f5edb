"""Who is concerned with a complaint: its handler, the delegate, the superiors that are told at once."""

from __future__ import annotations

from guiju.kernel import ports
from guiju.kernel.engine import NEVER, Context
from guiju.kernel.models import Clock, Todo
from guiju.org import posts
from guiju.quality import choices, people
from guiju.quality.choices import Level
from guiju.quality.models import Complaint
from guiju.quality.operations.complaint_limits import CHAIN, row_of, table

HANDLERS = (
    posts.CS_CLERK, posts.CS_ASSISTANT_MANAGER, posts.FRONT_DESK, posts.AFTER_SALES, posts.CS_MANAGER,
)  # fmt: skip
GO_ON = ("classify", "contact", "talk", "plan", "hand_over", "reply", "return_ticket", "close")


def handler_of(context: Context, row: Complaint) -> int | None:
    """
    Return who handles it: quality complaints, and those by letter, fax or call about quality, the person in charge;
    else whoever received it, if the post handles complaints; else the person in charge (A-4.2-a, K-2.1-a, m).
    """
    clerk = people.complaint_clerk(context.case.chain_id)
    own = [post for post, behalf in context.posts.items() if behalf is None and post in HANDLERS]
    receiver = context.by_id if own and context.by_id != row.about_person_id else None
    if clerk is not None and clerk.pk == row.about_person_id:
        clerk = None
    if row.quality and clerk is not None:
        return clerk.pk
    if receiver is None and clerk is None:
        return _any_handler(context, row)
    return receiver if receiver is not None else clerk.pk if clerk is not None else None


def _any_handler(context: Context, row: Complaint) -> int | None:
    case = context.case
    for post in (posts.CS_ASSISTANT_MANAGER, posts.CS_CLERK, posts.CS_MANAGER):
        holders = ports.people().holders(
            post, company_id=case.chain_id, project_id=case.scope_id, at=context.at
        )
        found = next((one for one in holders if one != row.about_person_id), None)
        if found is not None:
            return found
    return None


def hand_on(context: Context) -> None:
    """Give the next acts of the handling to the handler, those of the site to the delegate."""
    row = row_of(context)
    people.hand_to(context, row.handler_id, *GO_ON, within=HANDLERS)
    people.hand_to(
        context, row.delegate_id, "read", "arrive", "investigate", "decide", "execute", "confirm", "hand_in",
        within=(posts.DELEGATE, posts.TECHNICIAN, posts.AFTER_SALES),
    )  # fmt: skip


def alarm(context: Context, row: Complaint, *, upset: bool = False) -> None:
    """Tell the posts of the level's chain at once, on saving (I-2.8-g, E-4.1-b, F-3.3-d)."""
    wanted = list(table(context, "level_chain", CHAIN)[row.level or "L1"])
    if upset and posts.CS_ASSISTANT_MANAGER not in wanted:
        wanted.append(posts.CS_ASSISTANT_MANAGER)
    case = context.case
    label = (
        "突发事件：立即处置"
        if row.incident
        else "请主管接手"
        if upset
        else f"{choices.said(Level, row.level)}投诉督办"
    )
    work = context.work
    if not wanted or work is None:
        return
    at = context.at

    def tell() -> None:
        clock = Clock.objects.filter(case_id=case.pk, name="solve", state=Clock.RUNNING).first()
        for post in wanted:
            Todo.objects.get_or_create(
                case_id=case.pk, act="escalate:solve", post=post,
                defaults={
                    "label": label, "chain_id": case.chain_id, "scope_id": case.scope_id, "since_at": at,
                    "due_at": clock.due_at if clock is not None else case.due_at or NEVER,
                },
            )  # fmt: skip

    work.after.append(tell)
    context.say(told=wanted)


def heard(context: Context) -> None:
    """The customer has heard of it: who was called because of the silence need not act any more."""
    case_id, work = context.case.pk, context.work
    if work is not None:
        work.after.append(lambda: _quiet(case_id))


def _quiet(case_id: int) -> None:
    Todo.objects.filter(case_id=case_id, act="escalate:feedback").delete()
