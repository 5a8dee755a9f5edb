"""What the steps of a home visit do: slot and person, arrival, findings, material, the end; and tell the case about it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from guiju.desk.forms import visit as forms
from guiju.desk.models import AfterSales, Visit, VisitMaterial
from guiju.desk.needs.visit import slot
from guiju.desk.parts import Wanted, latest_expected, plain, take, wanted
from guiju.desk.scheduling import clash_words, hold_diary, overlapping
from guiju.desk.visit_facts import facts_of
from guiju.kernel.engine import Context
from guiju.kernel.models import Case
from guiju.kernel.numbering import ZONE
from guiju.kernel.process import process_of
from guiju.kernel.refusals import NotReady, Reason
from guiju.org.models import Person
from guiju.papers.operations.attachments import attach

TWICE = 2
CUSTOMERS_TIME = "客户两次不在，等客户另约时间"


def _attach(context: Context, hashes: Iterable[str], kind: str, title: str) -> None:
    """Take pictures up: they belong to the visit and to the case it is for."""
    by = context.by if isinstance(context.by, Person) else Person.objects.get(pk=context.by_id or 0)
    several = [one for one in hashes if one]
    if not several:
        return
    for case in (context.case, facts_of(context).row.for_case):
        attach(
            sha256s=several, company_id=context.case.chain_id, kind=kind, by=by, at=context.recorded_at, case=case,
            title=title,
        )  # fmt: skip


def tell(context: Context, row: Visit, step: str, **given: Any) -> bool:
    """Take a step of the case that the visit is for, if its process knows it and is ready for it; say whether."""
    case = Case.objects.get(pk=row.for_case_id)
    process = process_of(case.process)
    known = process.step(step)
    if known is None or case.closed_at is not None or process.state(case.state) not in known.when:
        return False
    context.nested(case.pk, step, given={"visit": context.case.number, **given})
    return True


def request(context: Context) -> None:
    """Write the visit down; with a slot and a person it is offered at once."""
    given = context.given
    assert isinstance(given, forms.RequestForm)
    assert context.case.scope_id is not None
    case = Case.objects.get(number=given.for_case)
    starts, ends, person = slot(context)
    if starts is None:
        ends = None
    _hold(context, person, starts, ends)
    row = Visit(
        case_id=context.case.pk, for_case=case, project_id=context.case.scope_id, unit_id=given.unit or context.subject("unit"),
        place=given.place, contact_name=given.contact_name, contact_phone=given.contact_phone,
        purpose=given.purpose, trade=given.trade, urgency=given.urgency.value, requested_at=context.at,
        technician_id=person, assigned_at=context.at if person else None, starts_at=starts, ends_at=ends,
    )  # fmt: skip
    row.save()
    if context.subject("case") is None:
        context.link("case", case.pk)
    context.say(for_case=case.number)


def _hold(context: Context, person: int | None, starts: Any, ends: Any) -> None:
    """Hold the diary of the person and look again: two dispatchers may want the same hour."""
    if person is None or starts is None or ends is None:
        return
    hold_diary(person)
    found = overlapping(person, starts, ends, apart_from=context.case.pk or 0)
    if found is not None:
        raise NotReady([Reason(f"这个人在这段时间有别的上门：{clash_words(found)}", "H-2.2-e")])


def _set_slot(context: Context, row: Visit) -> None:
    starts, ends, person = slot(context)
    _hold(context, person, starts, ends)
    if person != row.technician_id:
        row.assigned_at = context.at
    row.starts_at, row.ends_at, row.technician_id = starts, ends, person


def offer(context: Context) -> None:
    """Offer the customer a slot; it is held meanwhile."""
    row = facts_of(context).row
    _set_slot(context, row)
    row.offered_at = context.at
    row.save()
    context.forget_facts()


def agree(context: Context) -> None:
    """The customer agrees: who, how, when; the case learns that the visit is arranged."""
    given = context.given
    assert isinstance(given, forms.AgreeForm)
    row = facts_of(context).row
    _set_slot(context, row)
    row.agreed_at, row.agreed_by_id, row.agreed_with = context.at, context.by_id, given.who
    row.agreed_how, row.later_why = given.how, given.later_why
    row.save()
    _tell_arranged(context, row, f"与 {given.who} 约定上门")
    case = AfterSales.objects.filter(case_id=row.for_case_id).first()
    if case is not None and case.waiting_for == CUSTOMERS_TIME:
        tell_plain(context, row, "resume")
    context.forget_facts()


def tell_plain(context: Context, row: Visit, step: str) -> None:
    """Take a step of the case that asks for nothing."""
    context.nested(row.for_case_id, step, given={})


def _tell_arranged(context: Context, row: Visit, words: str) -> None:
    assert row.starts_at is not None
    when = f"{row.starts_at.astimezone(ZONE):%m-%d %H:%M}"
    tell(
        context, row, "visit_arranged", starts_at=row.starts_at, technician=row.technician_id,
        words=f"{words}：{when}",
    )  # fmt: skip


def move(context: Context) -> None:
    """Move the appointment with the customer, counted."""
    given = context.given
    assert isinstance(given, forms.MoveForm)
    row = facts_of(context).row
    before = row.starts_at
    _set_slot(context, row)
    row.moves += 1
    row.agreed_at, row.agreed_by_id, row.agreed_with, row.agreed_how = (
        context.at, context.by_id, given.who, given.how,
    )  # fmt: skip
    row.departed_at = row.called_late_at = row.expected_at = None
    row.save()
    context.say(old=before, new=row.starts_at, moves=row.moves)
    _tell_arranged(context, row, f"改约（{given.reason}）")
    context.forget_facts()


def assign(context: Context) -> None:
    """Send somebody else."""
    given = context.given
    assert isinstance(given, forms.AssignForm)
    row = facts_of(context).row
    _hold(context, given.technician, row.starts_at, row.ends_at)
    row.technician_id, row.assigned_at = given.technician, context.at
    row.save()
    context.forget_facts()


def depart(context: Context) -> None:
    """Set out with badge and tools."""
    row = facts_of(context).row
    row.departed_at = context.at
    row.save(update_fields=["departed_at"])


def call_late(context: Context) -> None:
    """The customer was told before the appointed time that it will be later."""
    given = context.given
    assert isinstance(given, forms.LateForm)
    row = facts_of(context).row
    row.called_late_at, row.expected_at = context.at, given.expected_at
    row.save(update_fields=["called_late_at", "expected_at"])
    when = f"{given.expected_at.astimezone(ZONE):%H:%M}"
    tell(context, row, "visit_noted", words=f"迟到前电话告知客户：{given.words}", result=f"预计 {when} 到")


def arrive(context: Context) -> None:
    """Arrive: the time against the appointment."""
    given = context.given
    assert isinstance(given, forms.ArriveForm)
    row = facts_of(context).row
    row.arrived_at = context.at
    row.departed_at = row.departed_at or context.at
    words = "到达现场"
    if row.starts_at is not None:
        row.late_minutes = max(0, int((context.at - row.starts_at).total_seconds() // 60))
        when = f"{row.starts_at.astimezone(ZONE):%H:%M}"
        words = f"到达现场，约 {when}" + (f"，迟 {row.late_minutes} 分钟" if row.late_minutes else "，准时")
    row.save()
    context.say(late_minutes=row.late_minutes)
    tell(context, row, "visit_arrived", words=words, result=given.late_reason)


def start(context: Context) -> None:
    """Confirm problem and need with the customer, with pictures, before anything is touched."""
    given = context.given
    assert isinstance(given, forms.StartForm)
    row = facts_of(context).row
    row.confirmed_with, row.confirmed_need, row.before = given.who, given.need, list(given.before)
    row.save()
    _attach(context, given.before, "photo", "修前")
    tell(context, row, "visit_noted", words=f"现场与 {given.who} 确认：{given.need}")


def inspect(context: Context) -> None:
    """Keep findings, cause and the solution offered on site; with the customer's consent work may begin."""
    given = context.given
    assert isinstance(given, forms.InspectForm)
    row = facts_of(context).row
    row.findings = [one.model_dump(mode="json") for one in given.findings]
    row.cause, row.cause_words, row.solution = given.cause, given.cause_words, given.solution
    row.save()
    _attach(context, [*given.photos, *(one.photo or "" for one in given.findings)], "photo", "检查")
    wrong = [f"{one.item}：{one.words}" for one in given.findings if not one.ok]
    tell(
        context, row, "visit_noted", words=f"检查：{'；'.join(wrong) or '未见异常'}。原因：{given.cause_words}",
        result=f"现场方案：{given.solution}"[:400],
    )  # fmt: skip
    if given.agreed:
        tell(
            context, row, "visit_solution", kind=given.kind, words=given.solution,
            price=str(given.price) if given.price is not None else None, who=given.who,
        )  # fmt: skip


def _wanted(context: Context, items: Iterable[forms.UsedForm]) -> list[Wanted]:
    return wanted(context.case.chain_id, [(one.material, one.quantity) for one in items])[0]


def _keep(context: Context, row: Visit, items: Iterable[Wanted], state: str) -> None:
    for item in items:
        VisitMaterial.objects.create(
            visit=row, material=item.material, quantity=item.quantity, state=state, noted_at=context.at
        )
    context.forget_facts()


def use(context: Context) -> None:
    """Note material used; it leaves the stock."""
    given = context.given
    assert isinstance(given, forms.UseForm)
    row = facts_of(context).row
    items = _wanted(context, given.items)
    take(items)
    _keep(context, row, items, VisitMaterial.USED)


def ask(context: Context) -> None:
    """Ask the department responsible for what is missing; visit and solving clock wait, with the reason."""
    given = context.given
    assert isinstance(given, forms.AskForm)
    row = facts_of(context).row
    items = _wanted(context, given.items)
    _keep(context, row, items, VisitMaterial.ASKED)
    words = "、".join(item.words for item in items)
    expected = given.expected or latest_expected(items)
    row.starts_at = row.ends_at = None
    row.save(update_fields=["starts_at", "ends_at"])
    context.say(asked=words, expected=expected)
    case = Case.objects.get(pk=row.for_case_id)
    known = process_of(case.process)
    for step, content in (
        ("coordinate", {"to_post": given.to_post, "subject": f"申请物资：{words}"[:120],
                        "content": given.words or f"{row.place} 上门需要 {words}"}),
        ("wait", {"reason": words[:200], "expected": expected.isoformat() if expected else None}),
    ):  # fmt: skip
        found = known.step(step)
        if (
            found is not None
            and known.state(case.state) in found.when
            and not (step == "wait" and _waits(row))
        ):
            context.nested(case.pk, step, given=content)


def _waits(row: Visit) -> bool:
    return AfterSales.objects.filter(case_id=row.for_case_id).exclude(waiting_for="").exists()


def material_arrived(context: Context) -> None:
    """Everything is there: the clock runs again, and the customer is asked for a new time."""
    facts = facts_of(context)
    for one in facts.asked:
        one.state = VisitMaterial.ARRIVED
        one.save(update_fields=["state"])
    if _waits(facts.row):
        tell_plain(context, facts.row, "resume")
    context.forget_facts()


def leave_unfinished(context: Context) -> None:
    """Go before it is done: what was done is kept, and a new time is looked for."""
    given = context.given
    assert isinstance(given, forms.UnfinishedForm)
    row = facts_of(context).row
    _free(row)
    row.save()
    wish = f"，客户希望 {given.wish}" if given.wish else ""
    tell(context, row, "visit_noted", words=given.done, result=f"今天没有做完：{given.reason}{wish}"[:400])


def _free(row: Visit) -> None:
    row.starts_at = row.ends_at = row.departed_at = row.called_late_at = row.expected_at = row.offered_at = (
        None
    )


def finish(context: Context) -> None:
    """Report the work done, with pictures after it."""
    given = context.given
    assert isinstance(given, forms.FinishForm)
    row = facts_of(context).row
    row.done, row.test, row.after = given.done, given.test, list(given.after)
    row.measure, row.only_diagnosis = given.measure, given.only_diagnosis
    row.minutes, row.finished_at = given.minutes, context.at
    row.solution = row.solution or given.done
    row.save()
    _attach(context, given.after, "photo", "修后")
    context.say(measure=given.measure, only_diagnosis=given.only_diagnosis)


def _report(context: Context, result: str) -> None:
    """Tell the case what the visit brought: done, or diagnosed only."""
    row = facts_of(context).row
    material = [
        {"name": one.material.name, "quantity": f"{plain(one.quantity)} {one.material.measure}"}
        for one in facts_of(context).materials
        if one.state == VisitMaterial.USED
    ]
    news: dict[str, Any] = {
        "words": row.done, "result": result[:400], "minutes": row.minutes, "cause": row.cause,
        "cause_words": row.cause_words, "measure": row.measure, "material": material,
    }  # fmt: skip
    # A visit that brought no work (diagnosis only) leaves the case where it was.
    if row.only_diagnosis or not tell(context, row, "visit_finished", **news):
        tell(context, row, "visit_noted", **news)


def sign(context: Context) -> None:
    """The customer signs: the visit is over, and the case goes on to the test."""
    given = context.given
    assert isinstance(given, forms.SignForm)
    row = facts_of(context).row
    row.signed_name, row.signature, row.closed_at = given.name, given.signature, context.at
    row.save()
    _attach(context, [given.signature], "signature", f"客户签字 {given.name}")
    _report(context, f"{given.name} 签字确认")


def close_unsigned(context: Context) -> None:
    """End without a signature, for a reason that the foreman agreed to."""
    given = context.given
    assert isinstance(given, forms.UnsignedForm)
    row = facts_of(context).row
    row.unsigned_why, row.closed_at = given.reason[:400], context.at
    row.save()
    _attach(context, [given.proof or ""], "proof", "没有客户签字的说明")
    _report(context, f"客户没有签字：{given.reason}")


def customer_absent(context: Context) -> None:
    """Nobody opened: card and picture, a new time; after the second time the case waits for the customer."""
    given = context.given
    assert isinstance(given, forms.AbsentForm)
    row = facts_of(context).row
    row.no_shows += 1
    _free(row)
    row.save()
    _attach(context, [given.photo or ""], "photo", "客户不在")
    tell(context, row, "visit_noted", words=given.words, result=f"客户不在（第 {row.no_shows} 次），另约")
    if row.no_shows >= TWICE and not _waits(row):
        case = Case.objects.get(pk=row.for_case_id)
        found = process_of(case.process).step("wait")
        if found is not None and process_of(case.process).state(case.state) in found.when:
            context.nested(case.pk, "wait", given={"reason": CUSTOMERS_TIME})


def we_missed(context: Context) -> None:
    """Nobody of ours came: an apology and a new time, counted against us."""
    given = context.given
    assert isinstance(given, forms.MissedForm)
    row = facts_of(context).row
    row.staff_misses += 1
    _free(row)
    row.save()
    tell(
        context,
        row,
        "visit_noted",
        words=f"我方没有按约到：{given.reason}",
        result=f"道歉：{given.apology}"[:400],
    )


def entry_refused(context: Context) -> None:
    """The door stays shut, or only a child is at home: leave, keep the proof, find another time."""
    given = context.given
    assert isinstance(given, forms.EntryForm)
    row = facts_of(context).row
    _free(row)
    row.arrived_at = None
    row.save()
    _attach(context, [given.proof or ""], "proof", forms.REFUSED[given.why])
    tell(context, row, "visit_noted", words=given.words, result=f"没有进门：{forms.REFUSED[given.why]}")


def cancel(context: Context) -> None:
    """Call the visit off; the case that calls it off knows already."""
    given = context.given
    assert isinstance(given, forms.CancelForm)
    row = facts_of(context).row
    row.closed_at = context.at
    _free(row)
    row.save()
    if not given.told:
        tell(context, row, "visit_noted", words=f"上门取消：{given.reason}")
