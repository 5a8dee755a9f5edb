"""What the steps of an internal memo do (J-2.8), and the door by which others send one."""

from __future__ import annotations

from datetime import datetime

from guiju.kernel import ports
from guiju.kernel.calendar import end_of
from guiju.kernel.engine import Context
from guiju.kernel.models import Todo
from guiju.kernel.process import need
from guiju.quality import people
from guiju.quality.forms import memo as forms
from guiju.quality.models import Memo
from guiju.quality.record import Facts, case_numbered, enter, facts_of


def load(context: Context) -> Facts:
    """Read the memo of the case; an empty one while it is being sent."""
    row = Memo.objects.select_related("sender", "to_department").filter(case_id=context.case.pk or 0).first()
    return Facts(row if row is not None else Memo(), context.case.pk or 0)


def row_of(context: Context) -> Memo:
    """Return the memo of the case."""
    row: Memo = facts_of(context).row
    return row


@need("J-2.8-c")
def is_addressed(context: Context) -> str | None:
    """The memo lies with one post: its holders receive, analyse and answer it."""
    row = row_of(context)
    if context.by_id is None or row.to_post in context.posts:
        return None
    return f"联系单是给{ports.people().post_label(row.to_post)}的，由收件岗位办理"


@need("J-2.8-a")
def is_sender(context: Context) -> str | None:
    """Who sent it says whether the answer will do."""
    row = row_of(context)
    if row.sender_id is None or row.sender_id == context.by_id or row.sender_id in context.posts.values():
        return None
    return f"由发出人{ports.people().name(row.sender_id)}确认"


@need("J-2.8-c")
def is_analysed(context: Context) -> str | None:
    """An opinion or an investigation is analysed before it is answered."""
    row = row_of(context)
    if row.kind in ("opinion", "investigation") and facts_of(context).last("analysis") is None:
        return "请先写分析，再写处理结果"
    return None


def reply_due(context: Context) -> datetime | None:
    """The day asked for, by its end; else the SOP's limit."""
    day = row_of(context).reply_due_date
    return end_of(day) if day is not None and end_of(day) > context.at else None


def _route(context: Context) -> None:
    """Let the next act of the receiving side stand with the post that the memo is for."""
    row, work = row_of(context), context.work
    case_id, post = context.case.pk, row.to_post
    sender, sent_as = row.sender_id, _sent_as(context)
    if work is None:
        return

    def give() -> None:
        Todo.objects.filter(case_id=case_id, act__in=["receive", "analyse", "answer"]).update(
            post=post, person_id=None
        )
        if sent_as:
            Todo.objects.filter(case_id=case_id, act="finish").update(post=sent_as, person_id=sender)

    work.after.append(give)


def _sent_as(context: Context) -> str:
    row, case = row_of(context), context.case
    if row.sender_id is None:
        return ""
    post = people.post_to_ask(
        row.sender_id, company_id=case.chain_id, project_id=case.scope_id, at=context.at
    )
    return post or ""


def send(context: Context) -> None:
    """Write the memo and lay it before its post."""
    given = context.given
    assert isinstance(given, forms.SendForm)
    case = context.case
    post = people.post_named(given.to_post, field="to_post", label="收件岗位")
    source = case_numbered(given.source, company_id=case.chain_id)
    department = None
    if given.department:
        department = people.department_named(
            given.department, company_id=case.chain_id, field="department", label="收件部门"
        )
    Memo.objects.create(
        case=case, source=source, sender_id=context.by_id, to_post=post, to_department=department,
        kind=given.kind.value, subject=given.subject, content=given.content, wish=given.wish[:1000],
        reply_due_date=given.reply_due,
    )  # fmt: skip
    context.forget_facts()
    if source is not None:
        context.link("case", source.pk)
    enter(context, "sent", given.content, to=post)
    context.title = f"{given.kind.label}：{given.subject}"
    context.say(to=post, kind=given.kind.value)
    _route(context)


def receive(context: Context) -> None:
    """Record the receipt with person and time (J-2.8-b)."""
    row = row_of(context)
    row.receiver_id, row.received_at = context.by_id, context.at
    row.save(update_fields=["receiver", "received_at"])
    enter(context, "received", getattr(context.given, "note", ""), post=row.to_post)
    _route(context)


def forward(context: Context) -> None:
    """Pass it on to the department concerned, with the leader's instruction (J-2.8-c)."""
    given = context.given
    assert isinstance(given, forms.ForwardForm)
    row = row_of(context)
    post = people.post_named(given.to_post, field="to_post", label="转给岗位")
    context.say(old=row.to_post, new=post)
    row.to_post, row.receiver_id, row.received_at = post, None, None
    if given.department:
        row.to_department = people.department_named(
            given.department, company_id=context.case.chain_id, field="department", label="部门"
        )
    row.save()
    enter(context, "forwarded", given.instruction, to=post)
    _route(context)


def analyse(context: Context) -> None:
    """Record the department's analysis (J-2.8-c)."""
    given = context.given
    assert isinstance(given, forms.AnalyseForm)
    enter(context, "analysis", given.analysis)
    _route(context)


def answer(context: Context) -> None:
    """Record the result (J-2.8-c)."""
    given = context.given
    assert isinstance(given, forms.AnswerForm)
    row = row_of(context)
    row.result = given.result
    row.save(update_fields=["result"])
    enter(context, "answered", given.result)
    _route(context)


def send_back(context: Context) -> None:
    """Ask for more than the answer gave."""
    given = context.given
    assert isinstance(given, forms.BackForm)
    enter(context, "sent_back", given.reason)
    _route(context)


def finish(context: Context) -> None:
    """The sender takes the answer."""
    enter(context, "finished", getattr(context.given, "note", ""))


def withdraw(context: Context) -> None:
    """The sender no longer needs an answer."""
    enter(context, "withdrawn", getattr(context.given, "reason", ""))
