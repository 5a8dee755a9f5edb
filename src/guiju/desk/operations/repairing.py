"""The work on an after-sales case: arranged, done remotely or on a visit, waiting for material, tested."""

from __future__ import annotations

from guiju.desk.aftersales_facts import facts_of
from guiju.desk.forms import aftersales as forms
from guiju.desk.models import AfterSales, Solution
from guiju.desk.operations.diagnosing import open_visit
from guiju.desk.operations.noting import author_of_record, note
from guiju.desk.operations.offering import settle
from guiju.kernel import ports
from guiju.kernel.clocks import open_of
from guiju.kernel.engine import Context
from guiju.kernel.models import Clock
from guiju.kernel.numbering import ZONE
from guiju.papers.operations.attachments import attach


def arrange(context: Context) -> None:
    """Name who does it and how; a visit is opened where none is under way."""
    given = context.given
    assert isinstance(given, forms.ArrangeForm)
    row = facts_of(context).row
    row.way, row.worker_id, row.team, row.assigned_at = given.way, given.worker, given.team, context.at
    who = ports.people().name(given.worker) if given.worker else given.team or row.owner.name
    spent = context.at - (row.agreed_at or context.at)
    context.say(minutes_from_decision=int(spent.total_seconds() // 60))
    note(context, row, "assigned", given.words or f"{forms.WAYS[given.way]}，{who}", result=f"交给 {who}")
    row.save()
    if given.way == "visit":
        open_visit(context, row, trade=given.trade, purpose=given.words)
        _hand_visit(context, row)


def _hand_visit(context: Context, row: AfterSales) -> None:
    """Give the open visit to the person chosen, who finds it among their to-dos at once (E-2.3-b)."""
    context.forget_facts()
    visits = facts_of(context).open_visits
    if visits and row.worker_id and visits[0].technician_id != row.worker_id:
        context.nested(visits[0].case_id, "assign", given={"technician": row.worker_id})


def finish(context: Context) -> None:
    """Record what was done, why it had happened, and the measure taken."""
    given = context.given
    assert isinstance(given, forms.DoneForm)
    row = facts_of(context).row
    row.cause, row.cause_words, row.measure, row.done_at = (
        given.cause,
        given.cause_words,
        given.measure,
        context.at,
    )
    if given.photos:
        attach(
            sha256s=list(given.photos), company_id=context.case.chain_id, kind="photo", by=author_of_record(context),
            at=context.recorded_at, case=context.case, title="处理照片",
        )  # fmt: skip
    material = [item.model_dump(mode="json") for item in given.material]
    kind = "remote" if row.way == "remote" else "repair"
    note(context, row, kind, given.words, result=given.measure, minutes=given.minutes, material=material)
    row.save()


def remote_failed(context: Context) -> None:
    """What could not be solved by phone or online takes somebody on site."""
    given = context.given
    assert isinstance(given, forms.RemoteFailedForm)
    row = facts_of(context).row
    row.on_site, row.way = True, "visit"
    note(context, row, "remote", given.words, result="远程没有解决，转上门", minutes=given.minutes)
    row.save()
    open_visit(context, row, trade=given.trade, purpose=given.words[:400])


def visit_arranged(context: Context) -> None:
    """The visit is agreed with the customer: when it was arranged, and for when."""
    given = context.given
    assert isinstance(given, forms.VisitNews)
    assert given.starts_at is not None
    row = facts_of(context).row
    if row.visit_arranged_at is None:
        row.visit_arranged_at = context.at
    row.visit_planned_at = given.starts_at
    if given.technician:
        row.worker_id = given.technician
        row.assigned_at = row.assigned_at or context.at
    when = f"{given.starts_at.astimezone(ZONE):%m-%d %H:%M}"
    note(
        context,
        row,
        "assigned",
        given.words or f"约定 {when} 上门",
        result=when,
        visit=given.visit,
        spoke=True,
    )
    row.save()


def visit_arrived(context: Context) -> None:
    """Somebody stands at the customer's door."""
    given = context.given
    assert isinstance(given, forms.VisitNews)
    row = facts_of(context).row
    if row.visit_arrived_at is None:
        row.visit_arrived_at = context.at
    note(context, row, "visit", given.words or "到达现场", result=given.result, visit=given.visit, spoke=True)
    row.save()


def visit_solution(context: Context) -> None:
    """The customer agreed on site: to what was offered before, or to what the worker offered there."""
    given = context.given
    assert isinstance(given, forms.VisitSolution)
    facts = facts_of(context)
    row, solution = facts.row, facts.solution
    if solution is None or solution.outcome not in (Solution.OFFERED, Solution.AGREED):
        solution = Solution.objects.create(
            after_sales=row, attempt=len(facts.solutions) + 1, kind=given.kind, words=given.words, price=given.price,
            diagnosis=row.diagnosis, sent_how="visit", offered_at=context.at, offered_by_id=context.by_id,
        )  # fmt: skip
        note(
            context,
            row,
            "offer",
            f"现场方案：{given.words}",
            result="当面告知客户",
            spoke=True,
            visit=given.visit,
        )
    if solution.outcome == Solution.OFFERED:
        settle(context, solution, Solution.AGREED, "现场同意", "visit")
        note(
            context, row, "answer", f"{given.who}：现场同意", result="客户同意", visit=given.visit, spoke=True
        )
        row.agreed_at = context.at
    row.way, row.assigned_at = "visit", row.assigned_at or context.at
    row.save()


def visit_noted(context: Context) -> None:
    """Something happened on a visit that the record keeps."""
    given = context.given
    assert isinstance(given, forms.VisitNews)
    row = facts_of(context).row
    material = [item.model_dump(mode="json") for item in given.material]
    kind = "material" if material else "visit"
    note(
        context, row, kind, given.words, result=given.result, minutes=given.minutes, material=material,
        visit=given.visit,
    )  # fmt: skip
    row.save()


def visit_finished(context: Context) -> None:
    """The work of a visit is done and signed: the record gets its result, cause, measure, time and material."""
    given = context.given
    assert isinstance(given, forms.VisitNews)
    row = facts_of(context).row
    row.done_at = context.at
    row.cause, row.cause_words = given.cause or row.cause, given.cause_words or row.cause_words
    row.measure = given.measure or row.measure
    material = [item.model_dump(mode="json") for item in given.material]
    note(
        context, row, "repair", given.words, result=given.result, minutes=given.minutes, material=material,
        visit=given.visit, spoke=True,
    )  # fmt: skip
    row.save()


def wait(context: Context) -> None:
    """Wait for material: the solving clock pauses with the reason."""
    given = context.given
    assert isinstance(given, forms.WaitForm)
    row = facts_of(context).row
    row.waiting_for = given.reason
    when = f"，预计 {given.expected:%m-%d} 到" if given.expected else ""
    note(context, row, "material", f"等物资：{given.reason}{when}", result="暂停计时")
    row.save()
    if any(clock.name == "resolve" and clock.state == Clock.RUNNING for clock in open_of(context.case)):
        context.pause_clock("resolve", f"等物资：{given.reason}{when}")


def resume(context: Context) -> None:
    """The material is there: the clock runs again."""
    row = facts_of(context).row
    note(context, row, "material", f"物资已到：{row.waiting_for}", result="恢复计时")
    row.waiting_for = ""
    row.save()
    if any(clock.name == "resolve" and clock.state == Clock.PAUSED for clock in open_of(context.case)):
        context.resume_clock("resolve")


def test(context: Context) -> None:
    """Record the passed test."""
    given = context.given
    assert isinstance(given, forms.TestForm)
    row = facts_of(context).row
    row.tested_at = context.at
    if given.photos:
        attach(
            sha256s=list(given.photos), company_id=context.case.chain_id, kind="photo", by=author_of_record(context),
            at=context.recorded_at, case=context.case, title="检验照片",
        )  # fmt: skip
    note(context, row, "test", given.method, result="检验合格")
    row.save()


def fail_test(context: Context) -> None:
    """Send the work back."""
    row = facts_of(context).row
    row.done_at = None
    note(context, row, "test", getattr(context.given, "reason", ""), result="检验不合格，退回处理")
    row.save()
