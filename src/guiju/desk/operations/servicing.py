"""What the steps of an after-sales case do: record, solutions, owner, tasks of others, visits, confirmation, the end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from guiju.customers.models import Customer
from guiju.desk import aftersales_searching, lists, promises
from guiju.desk.aftersales_facts import facts_of
from guiju.desk.forms import aftersales as forms
from guiju.desk.models import (
    AfterSales,
    Coordination,
    ListEntry,
    OwnerChange,
    ServiceEntry,
    Solution,
    Urgency,
)
from guiju.desk.needs.aftersales import REVIEWERS, person_named
from guiju.desk.questions import record_rating
from guiju.desk.warranty import decide, part_of
from guiju.estate.models import Unit
from guiju.estate.places import unit_at
from guiju.kernel import calendar, ports, store
from guiju.kernel.clocks import open_of
from guiju.kernel.crypto import blind_index, normalise_phone
from guiju.kernel.duration import Limit, due
from guiju.kernel.engine import Context
from guiju.kernel.models import Case, Clock, Todo
from guiju.kernel.numbering import ZONE
from guiju.kernel.process import processes
from guiju.kernel.questions import Unanswered
from guiju.kernel.refusals import BadlyFilled, NotReady, Reason
from guiju.org import posts, queries
from guiju.org.models import Person
from guiju.papers.operations.attachments import attach

OWNERS = (posts.AFTER_SALES, posts.CS_CLERK, posts.CS_ASSISTANT_MANAGER, posts.CS_MANAGER)
REPEAT_DAYS = 90
NORMAL_LIMIT = "3 工作日"


def _person(context: Context) -> Person | None:
    return context.by if isinstance(context.by, Person) else None


def note(
    context: Context,
    row: AfterSales,
    kind: str,
    words: str,
    *,
    result: str = "",
    minutes: int | None = None,
    material: Iterable[Mapping[str, str]] = (),
    spoke: bool = False,
    visit: str = "",
    corrects: ServiceEntry | None = None,
) -> ServiceEntry:
    """Add a line to the service record; ``spoke``: it was a contact with the customer."""
    entry = ServiceEntry(
        after_sales=row, kind=kind, words=words, result=result[:400], minutes=minutes,
        material=[dict(item) for item in material], happened_at=context.at, recorded_at=context.recorded_at,
        recorded_by_id=context.by_id, visit=visit, corrects=corrects,
    )  # fmt: skip
    store.add(entry)
    row.last_action_at = context.at
    if spoke:
        row.last_contact_at = context.at
    return entry


# --- the beginning ---------------------------------------------------------------------------------------------------
def record(context: Context) -> None:
    """Write the request down in the customer's words; find the customer, an earlier case of the same, and an owner."""
    given = context.given
    assert isinstance(given, forms.RecordForm)
    assert context.case.scope_id is not None
    linked = context.subject("unit")
    unit_key = given.unit or linked
    unit = unit_at.one(unit_key) if unit_key else None
    # The clocks run from the customer's report, not from its entry (DECISIONS 9, 10).
    context.at = min(given.reported_at or context.at, context.at)
    phone = normalise_phone(given.contact_phone) if given.contact_phone else ""
    customer_key = given.customer or context.subject("customer") or _by_phone(context, phone)
    row = AfterSales(
        case_id=context.case.pk, project_id=context.case.scope_id, unit=unit, customer_id=customer_key,
        contact_name=given.contact_name, contact_phone=phone, contact_phone_index=blind_index("phone", phone),
        channel=given.channel, reception=given.reception, service=given.service, words=given.words, need=given.need,
        problem=given.problem, part=given.part, symptom=given.symptom, model=given.model, urgency=given.urgency.value,
        kind=AfterSales.SUPPORT if given.service == "support" else AfterSales.PROBLEM,
        recipient=given.recipient, department=given.department, product=given.product,
        received_at=context.at, received_by_id=context.by_id, last_action_at=context.at, last_contact_at=context.at,
        owner_id=_first_owner(context),
    )  # fmt: skip
    row.repeat_of = _earlier(row, given.repeat_of, context)
    row.save()
    if unit is not None and linked is None:
        context.link("unit", unit.pk)
    if customer_key and context.subject("customer") is None:
        context.link("customer", customer_key)
    if given.reception:
        own = Case.objects.filter(number=given.reception, chain_id=context.case.chain_id)
        found = own.values_list("pk", flat=True).first()
        if found:
            context.link("case", found)
    _say_repeat(context, row)
    note(context, row, "received", given.words, result=f"由 {row.owner.name} 负责", spoke=True)
    where = unit.label if unit is not None else "公共部位"
    context.title = (
        f"售后 {where} {given.symptom or part_of(given.part).name if given.part else given.symptom}".strip()
    )
    context.say(owner=row.owner_id, received_at=row.received_at)
    context.case.title = context.title
    aftersales_searching.index(context.case, row)


def _by_phone(context: Context, phone: str) -> int | None:
    if not phone:
        return None
    rows = Customer.objects.filter(
        company_id=context.case.chain_id, phone_index=blind_index("phone", phone), merged_into=None
    )
    found = list(rows.values_list("pk", flat=True)[:2])
    return found[0] if len(found) == 1 else None


def _first_owner(context: Context) -> int:
    """Return the one person who answers for the case: who records it, if it is their work, else who holds the post."""
    by = context.by_id
    if by is not None and set(OWNERS) & set(context.posts):
        return by
    for post in OWNERS:
        held = ports.people().holders(
            post, company_id=context.case.chain_id, project_id=context.case.scope_id, at=context.recorded_at
        )
        if held:
            return held[0]
    if by is None:
        raise NotReady([Reason("没有人负责售后：请先安排售后服务人员或客户服务岗位", "E-1.2-a")])
    return by


def _earlier(row: AfterSales, number: str, context: Context) -> AfterSales | None:
    """Return the case that this one repeats: the one named, or the last one of the same unit and part in the window."""
    if number:
        return AfterSales.objects.filter(case__number=number, project_id=row.project_id).first()
    if row.unit is None or not row.part:
        return None
    since = context.at - timedelta(days=int(context.setting("repeat_days", REPEAT_DAYS)))
    rows = AfterSales.objects.filter(
        unit=row.unit, part=row.part, closed_at__gte=since, closed_at__lte=context.at
    )
    return rows.exclude(pk=row.pk or 0).order_by("-closed_at", "-pk").first()


def _say_repeat(context: Context, row: AfterSales) -> None:
    if row.repeat_of is not None:
        context.link("case", row.repeat_of.case_id)
        context.say(repeat_of=row.repeat_of.case.number)


def contact(context: Context) -> None:
    """Record the first contact with what it made clear."""
    given = context.given
    assert isinstance(given, forms.ContactForm)
    row = facts_of(context).row
    row.where, row.since, row.effect = given.where, given.since, given.effect
    row.contacted_at, row.contacted_by_id = context.at, context.by_id
    note(
        context, row, "call", f"{forms.HOW.get(given.how, given.how)}联系 {given.who}。{given.words}",
        result=f"位置：{given.where}；起于：{given.since}；影响：{given.effect}", minutes=given.minutes, spoke=True,
    )  # fmt: skip
    row.save()


def miss(context: Context) -> None:
    """Record an attempt at which nobody was reached; it stops no clock."""
    given = context.given
    assert isinstance(given, forms.MissedForm)
    row = facts_of(context).row
    row.attempts += 1
    note(context, row, "call", given.words, result=f"第 {row.attempts} 次没有联系上")
    row.save()


# --- diagnosis -------------------------------------------------------------------------------------------------------
def diagnose(context: Context) -> None:
    """Record the preliminary analysis, decide who pays, apply the matrix, and ask for the investigation."""
    given = context.given
    assert isinstance(given, forms.DiagnoseForm)
    row = facts_of(context).row
    row.diagnosis, row.diagnosed_at, row.diagnosed_by_id = given.diagnosis, context.at, context.by_id
    row.nature, row.complexity = given.nature, given.complexity.value
    row.urgency, row.part = given.urgency.value, given.part
    row.service = given.service or row.service
    row.on_site, row.investigate, row.excluded = (
        isinstance(given, forms.OnSiteForm),
        given.investigate,
        given.excluded,
    )
    if row.repeat_of is None:
        row.repeat_of = _earlier(row, "", context)
        _say_repeat(context, row)
    _judge_warranty(row)
    note(
        context, row, "diagnosis", given.diagnosis,
        result="需要上门" if row.on_site else "不用上门，远程或送修解决",
    )  # fmt: skip
    _apply_matrix(context, row)
    row.save()
    context.say(payer=row.payer, warranty_until=row.warranty_until, resolve_rule=row.resolve_rule)
    if given.investigate:
        ask_department(
            context, row, kind=Coordination.INVESTIGATION, to_post=given.to_post,
            subject=f"调查：{part_of(row.part).name}", content=given.question, memo_kind="investigation",
        )  # fmt: skip
    if isinstance(given, forms.OnSiteForm):
        open_visit(context, row, trade=given.trade, place=given.place)


def _judge_warranty(row: AfterSales) -> None:
    if row.unit is None:
        row.payer, row.warranty_until, row.warranty_rules = "", None, ["没有对应房屋，保修责任由人判断"]
        return
    verdict = decide(
        part=part_of(row.part), unit=row.unit, reported_date=row.received_at.astimezone(ZONE).date(),
        excluded=row.excluded,
    )  # fmt: skip
    row.payer, row.warranty_until, row.warranty_rules = verdict.payer.value, verdict.ends_date, verdict.rules


def matrix_limit(context: Context, urgency: str, complexity: str) -> str:
    """Return the limit for solving by urgency and complexity (F-3.2-a)."""
    matrix: Mapping[str, str] = context.setting("resolve_matrix", {}) or {}
    return str(matrix.get(f"{urgency}_{complexity}") or context.policy.clock("resolve").limit or NORMAL_LIMIT)


def _apply_matrix(context: Context, row: AfterSales) -> None:
    """Let the solving clock follow the matrix, counted from receipt, where it says another limit than the normal one."""
    limit = matrix_limit(context, row.urgency, row.complexity)
    names = f"{Urgency(row.urgency).label}、{row.get_complexity_display()}"
    row.resolve_rule = f"{names}的问题 {limit}内解决，自收到反馈起算"
    if row.promised_at is not None or limit == (context.policy.clock("resolve").limit or NORMAL_LIMIT):
        return
    days = calendar.current(context.case.chain_id)
    context.start_clock("resolve", due_at=due(Limit.parse(limit), row.received_at, days).at)


def open_visit(
    context: Context, row: AfterSales, *, trade: str = "", place: str = "", purpose: str = ""
) -> int | None:
    """Open a visit for the case unless one is under way, and return its key."""
    facts = facts_of(context)
    if facts.open_visits:
        return None
    unit: Unit | None = row.unit
    given: dict[str, Any] = {
        "for_case": context.case.number, "unit": unit.pk if unit else None,
        "place": place or (f"{row.project.name} {unit.label}" if unit else row.where or row.project.name),
        "contact_name": row.contact_name, "contact_phone": row.contact_phone,
        "trade": trade or part_of(row.part).trade, "technician": None, "urgency": row.urgency,
        "purpose": purpose or row.symptom or row.problem or row.words[:200],
    }  # fmt: skip
    links = [("case", context.case.pk), *([("unit", unit.pk)] if unit else [])]
    links += [("customer", row.customer_id)] if row.customer_id else []
    title = f"上门 {unit.label if unit else row.project.name} {row.symptom}".strip()
    key = context.open("visit", given=given, title=title, links=links)
    context.link("case", key)
    return key


# --- solution --------------------------------------------------------------------------------------------------------
def propose(context: Context) -> None:
    """Offer a solution; every attempt is kept."""
    given = context.given
    assert isinstance(given, forms.ProposeForm)
    facts = facts_of(context)
    row = facts.row
    solution = Solution.objects.create(
        after_sales=row, attempt=len(facts.solutions) + 1, kind=given.kind, equivalent=given.equivalent,
        words=given.words, adapted=given.adapted, price=given.price, diagnosis=row.diagnosis, sent_how=given.sent_how,
        offered_at=context.at, offered_by_id=context.by_id,
    )  # fmt: skip
    row.met, row.met_why, row.alternative = given.met.value, given.met_why, given.alternative
    label = lists.label(ListEntry.SOLUTION, given.kind)
    if given.equivalent:
        label += f"（{lists.EQUIVALENTS[given.equivalent]}）"
    note(
        context, row, "offer", f"第 {solution.attempt} 次方案，{label}：{given.words}",
        result=f"{forms.HOW.get(given.sent_how, given.sent_how)}告知客户", spoke=True,
    )  # fmt: skip
    row.save()
    context.forget_facts()


def consent(context: Context) -> None:
    """Record the customer's consent to the solution in hand."""
    given = context.given
    assert isinstance(given, forms.ConsentForm)
    facts = facts_of(context)
    _answer(context, facts.solution, Solution.AGREED, given.words or "同意", given.how)
    if given.evidence:
        attach(
            sha256s=[given.evidence], company_id=context.case.chain_id, kind="consent", by=_must(context),
            at=context.recorded_at, case=context.case, title="客户同意方案",
        )  # fmt: skip
    row = facts.row
    row.agreed_at = context.at
    note(context, row, "answer", f"{given.who}：{given.words or '同意方案'}", result="客户同意", spoke=True)
    row.save()


def refuse(context: Context) -> None:
    """Record the refusal: it is negotiated again, and the superior is asked to step in."""
    given = context.given
    assert isinstance(given, forms.RefuseForm)
    facts = facts_of(context)
    _answer(context, facts.solution, Solution.REFUSED, given.reason, "")
    row = facts.row
    row.escalated_at, row.stepped_in_at = context.at, None
    row.escalated_why = f"客户不同意第 {len(facts.solutions)} 次方案：{given.reason}"[:400]
    note(
        context, row, "answer", f"{given.who}：{given.reason}",
        result=f"客户不同意{'，希望：' + given.wish if given.wish else ''}", spoke=True,
    )  # fmt: skip
    row.save()


def _answer(context: Context, solution: Solution | None, outcome: str, words: str, how: str) -> None:
    assert solution is not None
    solution.outcome, solution.answer, solution.answered_at = outcome, words[:400], context.at
    solution.answered_how = how
    solution.save(update_fields=["outcome", "answer", "answered_at", "answered_how"])
    context.forget_facts()


def step_in(context: Context) -> None:
    """The superior looks into what was escalated and says how to go on."""
    row = facts_of(context).row
    row.stepped_in_at = context.at
    words = getattr(context.given, "reason", "")
    note(context, row, "report", words, result="上级过问")
    row.save()


# --- doing -----------------------------------------------------------------------------------------------------------
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
            sha256s=list(given.photos), company_id=context.case.chain_id, kind="photo", by=_must(context),
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
        _answer(context, solution, Solution.AGREED, "现场同意", "visit")
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


# --- test, confirmation, the end -------------------------------------------------------------------------------------
def test(context: Context) -> None:
    """Record the passed test."""
    given = context.given
    assert isinstance(given, forms.TestForm)
    row = facts_of(context).row
    row.tested_at = context.at
    if given.photos:
        attach(
            sha256s=list(given.photos), company_id=context.case.chain_id, kind="photo", by=_must(context),
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


def confirm(context: Context) -> None:
    """Record that the customer says it is solved for good."""
    given = context.given
    assert isinstance(given, forms.ConfirmForm)
    facts = facts_of(context)
    row = facts.row
    row.solved, row.confirmed_at, row.confirmed_how = True, context.at, given.how
    if facts.solution is not None:
        facts.solution.outcome = Solution.WORKED
        facts.solution.save(update_fields=["outcome"])
    how = forms.HOW.get(given.how, given.how)
    note(
        context,
        row,
        "confirm",
        f"{how}与 {given.who} 确认。{given.words}",
        result="客户确认彻底解决",
        spoke=True,
    )
    row.save()


def unsolved(context: Context) -> None:
    """The customer says it is not solved or is not satisfied: the attempt failed, the department is asked, all opens again."""
    given = context.given
    assert isinstance(given, forms.UnsolvedForm)
    facts = facts_of(context)
    row = facts.row
    if facts.solution is not None:
        facts.solution.outcome, facts.solution.answer = Solution.FAILED, given.words[:400]
        facts.solution.save(update_fields=["outcome", "answer"])
    row.solved, row.confirmed_at, row.done_at, row.tested_at = (
        (False if given.unsolved else None),
        None,
        None,
        None,
    )
    row.rated_at, row.unrated_why = None, ""
    told = "问题没有解决" if given.unsolved else "客户不满意"
    note(context, row, "confirm", f"{given.who}：{given.words}", result=told, spoke=True)
    row.save()
    ask_department(
        context, row, kind=Coordination.UNSATISFIED, to_post=given.to_post, subject=f"{told}，另找办法",
        content=given.words, memo_kind="coordination",
    )  # fmt: skip
    context.forget_facts()


def review_report(context: Context) -> None:
    """Record the head's verdict on the operation report: steps followed, result accurate (G-4.5-b, c)."""
    given = context.given
    assert isinstance(given, forms.ReviewReportForm)
    row = facts_of(context).row
    row.reviewed_at, row.reviewed_by_id = context.at, context.by_id
    row.complied, row.accurate, row.review_words = given.complied, given.accurate, given.words
    steps = "按标准书的步骤办理" if given.complied else "步骤有偏离"
    result = "结果与实际相符" if given.accurate else "结果与实际不符"
    note(context, row, "review", given.words or "审核确认", result=f"{steps}，{result}")
    row.save()


def ask_head(context: Context) -> None:
    """Give the review of the operation report to the head of the department of whoever did the work (G-4.5-d)."""
    facts = facts_of(context)
    if not facts.report_waits or context.work is None:
        return
    report = facts.report
    done_by = report.recorded_by_id if report is not None else context.by_id
    head = queries.head_over(done_by, company_id=context.case.chain_id, at=context.at) if done_by else None
    if head is None or head.pk == done_by:
        return
    held = ports.people().posts_of(
        head.pk, company_id=context.case.chain_id, project_id=context.case.scope_id, at=context.at
    )
    post = next((one for one in REVIEWERS if one in held), None)
    if post is None:
        return
    case_id, head_id = context.case.pk, head.pk

    def give() -> None:
        if not Todo.objects.filter(case_id=case_id, act="review_report", post=post).update(person_id=head_id):
            Todo.objects.filter(case_id=case_id, act="review_report").update(person_id=head_id, post=post)

    context.work.after.append(give)


def rate(context: Context) -> None:
    """
    Keep the customer's rating where ratings are kept.

    :raises NotReady: nothing of this installation keeps ratings.
    """
    given = context.given
    assert isinstance(given, forms.RateForm)
    row = facts_of(context).row
    items = {
        name: value
        for name, value in (
            ("attitude", given.attitude), ("timely", given.timely), ("quality", given.quality),
        )
        if value is not None
    }  # fmt: skip
    try:
        record_rating.ask(
            case=context.case, score=given.score, solved=row.solved, items=items, words=given.words,
            source=given.source, by=_person(context), at=context.at,
        )  # fmt: skip
    except Unanswered as error:
        raise NotReady(
            [Reason("本系统没有启用满意度登记，评价没有存下；请登记「客户不作评价」并写明情况", "F-2.5-b")]
        ) from error
    row.rated_at = context.at
    note(context, row, "confirm", given.words or "客户评价", result=f"满意度 {given.score}")
    row.save()


def leave_unrated(context: Context) -> None:
    """Write down why the customer did not rate."""
    row = facts_of(context).row
    given = context.given
    assert isinstance(given, forms.UnratedForm)
    row.unrated_why = given.reason
    note(context, row, "confirm", given.reason, result="客户不作评价")
    row.save()


def close(context: Context) -> None:
    """End it with its coded cause and whether the need was met."""
    given = context.given
    assert isinstance(given, forms.CloseForm)
    row = facts_of(context).row
    row.cause = given.cause or row.cause
    row.met, row.met_why = given.met.value, given.met_why or row.met_why
    row.alternative = given.alternative or row.alternative
    row.closed_at = context.at
    note(context, row, "closed", given.met_why or "办结", result=f"客户的需求{row.get_met_display()}")
    row.save()


def close_unsolved(context: Context) -> None:
    """End it without the customer's approval, for a reason that a manager agreed to."""
    given = context.given
    assert isinstance(given, forms.UnsolvedCloseForm)
    row = facts_of(context).row
    row.cause, row.met, row.met_why = given.cause, "refused", given.reason
    row.alternative, row.solved, row.closed_at = given.alternative, False, context.at
    note(context, row, "closed", given.reason, result=f"客户未认可而关闭，答复：{given.alternative}")
    row.save()


def withdraw(context: Context) -> None:
    """The customer takes the request back; visits that are not under way are called off."""
    facts = facts_of(context)
    row = facts.row
    row.closed_at = context.at
    note(context, row, "closed", getattr(context.given, "reason", ""), result="客户撤回", spoke=True)
    row.save()
    for visit in facts.open_visits:
        context.nested(
            visit.case_id, "cancel", given={"reason": f"客户撤回 {context.case.number}", "told": True}
        )


def reopen(context: Context) -> None:
    """Open a closed case again, counted."""
    given = context.given
    assert isinstance(given, forms.ReopenForm)
    facts = facts_of(context)
    row = facts.row
    row.reopened += 1
    row.closed_at = row.confirmed_at = row.done_at = row.tested_at = row.rated_at = None
    row.solved, row.unrated_why, row.promised_at = False, "", None
    if facts.solution is not None:
        facts.solution.outcome, facts.solution.answer = Solution.FAILED, given.words[:400]
        facts.solution.save(update_fields=["outcome", "answer"])
    note(
        context,
        row,
        "received",
        f"{given.who}：{given.words}",
        result=f"第 {row.reopened} 次重新打开",
        spoke=True,
    )
    context.say(reopened=row.reopened)
    row.save()


# --- beside the way --------------------------------------------------------------------------------------------------
def follow(context: Context) -> None:
    """Record a contact on the way."""
    given = context.given
    assert isinstance(given, forms.FollowForm)
    row = facts_of(context).row
    who = given.who or row.contact_name
    how = forms.HOW.get(given.how, given.how)
    note(context, row, "call", f"{how}联系 {who}：{given.words}", minutes=given.minutes, spoke=True)
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


def link_repeat(context: Context) -> None:
    """Link the case with the earlier one that it repeats."""
    given = context.given
    assert isinstance(given, forms.RepeatForm)
    row = facts_of(context).row
    row.repeat_of = _earlier(row, given.earlier, context)
    _say_repeat(context, row)
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


def _must(context: Context) -> Person:
    person = _person(context)
    return person if person is not None else Person.objects.get(pk=context.by_id or 0)
