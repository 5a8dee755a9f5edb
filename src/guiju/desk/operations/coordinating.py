"""Beside the way of an after-sales case: contacts, dates agreed, other departments, the owner, the superior."""

from __future__ import annotations

from typing import Any

from guiju.desk import promises, tickets
from guiju.desk.aftersales_facts import facts_of
from guiju.desk.forms import aftersales as forms
from guiju.desk.models import AfterSales, Coordination, OwnerChange
from guiju.desk.needs.aftersales import person_named
from guiju.desk.operations.noting import author_of_record, note
from guiju.kernel import calendar
from guiju.kernel.engine import Context
from guiju.kernel.numbering import ZONE
from guiju.kernel.process import processes
from guiju.kernel.refusals import BadlyFilled
from guiju.org import posts
from guiju.papers.operations.attachments import attach


def follow(context: Context) -> None:
    """Record a contact on the way."""
    given = context.given
    assert isinstance(given, forms.FollowForm)
    row = facts_of(context).row
    who = given.who or row.contact_name
    how = forms.HOW.get(given.how, given.how)
    note(context, row, "call", f"{how}联系 {who}：{given.words}", minutes=given.minutes, spoke=True)
    row.save()


def return_ticket(context: Context) -> None:
    """Record what the other office was answered on its ticket, with its receipt (domain 1.14)."""
    given = context.given
    assert isinstance(given, tickets.TicketForm)
    row = facts_of(context).row
    if given.proof:
        attach(
            sha256s=[given.proof], company_id=context.case.chain_id, kind="ticket_receipt",
            by=author_of_record(context), at=context.recorded_at, case=context.case, title="工单回执",
        )  # fmt: skip
    note(context, row, "ticket", given.words, result=given.receipt)
    row.save()


def agree_date(context: Context) -> None:
    """Let the solving clock follow the date agreed with the customer beforehand."""
    given = context.given
    assert isinstance(given, forms.DateForm)
    row = facts_of(context).row
    row.promised_at, row.promised_why = given.promised_at, given.reason[:400]
    when = f"{given.promised_at.astimezone(ZONE):%Y-%m-%d %H:%M}"
    row.resolve_rule = f"与客户约定 {when} 前解决"
    note(context, row, "call", f"与 {given.who} 约定 {when} 前解决：{given.reason}", result=when, spoke=True)
    context.start_clock("resolve", due_at=given.promised_at)
    row.save()


def ask_department(
    context: Context,
    row: AfterSales,
    *,
    kind: str,
    to_post: str,
    subject: str,
    content: str,
    memo_kind: str,
    wish: str = "",
    reply_due: Any = None,
) -> Coordination:
    """Give another department a task on this case, by an internal memo that the case is linked with."""
    day = context.at.astimezone(ZONE).date()
    reply = reply_due or calendar.current(context.case.chain_id).add_workdays(day, 2)
    memo: int | None = None
    if "internal_memo" in processes():
        memo = context.open(
            "internal_memo",
            given={
                "source": context.case.number, "to_post": to_post, "kind": memo_kind, "subject": subject,
                "content": content, "wish": wish, "reply_due": reply.isoformat(),
            },
            title=f"联系单 {subject}"[:200],
            links=[("case", context.case.pk), *([("unit", row.unit_id)] if row.unit_id else [])],
        )  # fmt: skip
        context.link("case", memo)
    task = Coordination.objects.create(
        after_sales=row, kind=kind, memo_id=memo, to_post=to_post, subject=subject[:120], content=content,
        asked_at=context.at, asked_by_id=context.by_id,
    )  # fmt: skip
    note(context, row, "coordination", f"请{posts.label(to_post)}：{subject}。{content}")
    row.save()
    context.say(asked=to_post, task=task.pk)
    context.forget_facts()
    return task


def coordinate(context: Context) -> None:
    """Ask another department for help."""
    given = context.given
    assert isinstance(given, forms.CoordinateForm)
    row = facts_of(context).row
    ask_department(
        context, row, kind=Coordination.REQUEST, to_post=given.to_post, subject=given.subject,
        content=given.content, wish=given.wish, memo_kind="coordination", reply_due=given.reply_due,
    )  # fmt: skip


def cannot_solve(context: Context) -> None:
    """Say openly that it cannot be solved here: what was promised, who is asked, and the superior knows."""
    given = context.given
    assert isinstance(given, forms.CannotForm)
    row = facts_of(context).row
    row.escalated_at, row.stepped_in_at, row.escalated_why = (
        context.at,
        None,
        f"无法解决：{given.words}"[:400],
    )
    promises.make(context, what=given.promised, due_at=given.promised_at, owner=row.owner)
    ask_department(
        context, row, kind=Coordination.UNSOLVED, to_post=given.to_post, subject="无法解决，请求帮助",
        content=given.words, memo_kind="request",
    )  # fmt: skip


def note_result(context: Context) -> None:
    """Record what came of a task of another department: who said it, what, when."""
    given = context.given
    assert isinstance(given, forms.ResultForm)
    facts = facts_of(context)
    place = (given.number or 1) - 1
    if not 0 <= place < len(facts.open_tasks):
        raise BadlyFilled({"number": f"第几项：只有 {len(facts.open_tasks)} 项没有结果"})
    task = facts.open_tasks[place]
    task.who, task.result, task.answered_at = given.who[:60], given.result, context.at
    task.save(update_fields=["who", "result", "answered_at"])
    note(
        context, facts.row, "coordination", f"{posts.label(task.to_post)} {given.who}：{task.subject}",
        result=given.result,
    )  # fmt: skip
    facts.row.save()
    context.forget_facts()


def transfer(context: Context) -> None:
    """Ask somebody else to answer for the case; until they accept, the present owner does."""
    given = context.given
    assert isinstance(given, forms.TransferForm)
    row = facts_of(context).row
    person = person_named(context, given.to)
    assert person is not None
    OwnerChange.objects.create(
        after_sales=row,
        from_person_id=row.owner_id,
        to_person=person,
        reason=given.reason,
        asked_at=context.at,
    )
    note(context, row, "transfer", f"请 {person.name} 接手：{given.reason}", result="等答复")
    row.save()
    context.forget_facts()


def accept(context: Context) -> None:
    """Take the case over; the transfer counts."""
    _answer_transfer(context, accepted=True)


def decline(context: Context) -> None:
    """Decline; the present owner keeps it."""
    _answer_transfer(context, accepted=False)


def _answer_transfer(context: Context, *, accepted: bool) -> None:
    facts = facts_of(context)
    asked, row = facts.asked, facts.row
    assert asked is not None
    asked.accepted, asked.answered_at = accepted, context.at
    asked.save(update_fields=["accepted", "answered_at"])
    if accepted:
        row.owner_id, row.transfers = asked.to_person_id, row.transfers + 1
    words = getattr(context.given, "words", "")
    who = asked.to_person.name
    note(
        context,
        row,
        "transfer",
        words or f"{who}答复",
        result=f"{who} 接手" if accepted else f"{who} 没有接手",
    )
    row.save()
    context.say(owner=row.owner_id, transfers=row.transfers)
    context.forget_facts()


def mark_important(context: Context) -> None:
    """Mark the case as important: the superior has to be told."""
    given = context.given
    assert isinstance(given, forms.ImportantForm)
    row = facts_of(context).row
    row.important = given.reason
    note(context, row, "report", given.reason, result="标为重要")
    row.save()


def report(context: Context) -> None:
    """Report problem and solution to the superior; the report stays on the case with its time."""
    given = context.given
    assert isinstance(given, forms.ReportForm)
    row = facts_of(context).row
    row.reported_at, row.reported_to, row.report_read_at = context.at, given.to_post, None
    words = f"问题：{given.problem}" + (f"　方案：{given.solution}" if given.solution else "")
    note(context, row, "report", words, result=f"汇报{posts.label(given.to_post)}")
    row.save()


def read_report(context: Context) -> None:
    """The superior has seen the report."""
    row = facts_of(context).row
    row.report_read_at = context.at
    words = getattr(context.given, "words", "")
    note(context, row, "report", words or "已阅", result="上级已阅")
    row.save()


def correct(context: Context) -> None:
    """Correct a line of the service record: the line stays, the correction stands beside it."""
    given = context.given
    assert isinstance(given, forms.CorrectForm)
    facts = facts_of(context)
    earlier = facts.entries[given.number - 1]
    note(
        context,
        facts.row,
        "correction",
        given.words,
        result=f"更正第 {given.number} 条：{given.reason}",
        corrects=earlier,
    )
    context.say(old=earlier.words, new=given.words)
    facts.row.save()
