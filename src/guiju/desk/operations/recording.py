"""How an after-sales case begins: recorded, given to an owner, linked with what it repeats, first contact."""

from __future__ import annotations

from datetime import timedelta

from guiju.customers.models import Customer
from guiju.desk import aftersales_searching
from guiju.desk.aftersales_facts import facts_of
from guiju.desk.forms import aftersales as forms
from guiju.desk.models import AfterSales
from guiju.desk.operations.noting import note
from guiju.desk.warranty import part_of
from guiju.estate.places import unit_at
from guiju.kernel import ports
from guiju.kernel.crypto import blind_index, normalise_phone
from guiju.kernel.engine import Context
from guiju.kernel.models import Case
from guiju.kernel.refusals import NotReady, Reason
from guiju.org import posts

OWNERS = (posts.AFTER_SALES, posts.CS_CLERK, posts.CS_ASSISTANT_MANAGER, posts.CS_MANAGER)
REPEAT_DAYS = 90


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
    row.repeat_of = earlier_of(row, given.repeat_of, context)
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
    if given.ticket_due_at is not None:
        context.start_clock("ticket", due_at=given.ticket_due_at)
    say_repeat(context, row)
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


def earlier_of(row: AfterSales, number: str, context: Context) -> AfterSales | None:
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


def say_repeat(context: Context, row: AfterSales) -> None:
    """Link the case with the one that it repeats."""
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


def link_repeat(context: Context) -> None:
    """Link the case with the earlier one that it repeats."""
    given = context.given
    assert isinstance(given, forms.RepeatForm)
    row = facts_of(context).row
    row.repeat_of = earlier_of(row, given.earlier, context)
    say_repeat(context, row)
    row.save()
