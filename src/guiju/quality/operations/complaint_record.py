"""How a complaint begins: recorded, linked with what it repeats, taken up from the past, reopened."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import Q

from guiju.customers.models import Customer
from guiju.estate.models import Unit
from guiju.kernel import ports, search, store
from guiju.kernel.crypto import blind_index, normalise_phone
from guiju.kernel.engine import Context
from guiju.kernel.models import Case, CaseLink
from guiju.kernel.numbering import ZONE
from guiju.kernel.refusals import Refused
from guiju.org.models import Company
from guiju.quality import choices, people, searching
from guiju.quality.choices import WRITTEN, Cause
from guiju.quality.forms import complaint as forms
from guiju.quality.models import Complaint
from guiju.quality.operations.complaint_limits import row_of
from guiju.quality.operations.complaint_people import alarm, hand_on, handler_of
from guiju.quality.record import attach, case_numbered, enter


def record(context: Context) -> None:
    """Write the complaint down and assign it; what is missing is left open, what is recognised is linked."""
    given = context.given
    assert isinstance(given, forms.RecordForm)
    case = context.case
    unit = _unit(context, given.unit)
    customer = _customer(context, given.customer)
    phone = normalise_phone(given.phone or (customer.phone if customer else ""))
    cause = given.cause or choices.suggested_cause(given.words)
    same = of_ticket(given.ticket, company_id=case.chain_id, hold=True)
    # A ticket that is being handled still is joined; one that comes back after its end is a repeat (I-2.8-c).
    group = (same.parent or same) if same is not None and same.case.closed_at is None else None
    earlier = same if same is not None and group is None else _earlier(context, given, unit, customer, cause)
    about_person = _about(context, given.about_person)
    row = Complaint(
        case=case, project_id=case.scope_id, unit=unit, unit_as_read=unit.label[:60] if unit else "", customer=customer,
        complained_date=(given.reported_at or context.at).astimezone(ZONE).date(), channel=given.channel,
        complainant=given.complainant or (customer.name if customer else ""), phone=phone,
        phone_index=blind_index("phone", phone), words=given.words, words_key=choices.words_key(given.words),
        wish=given.need[:1000], problem=given.problem[:1000], quality=given.quality, cause=cause,
        urgency=given.urgency, important=given.important, incident=given.incident, ticket=given.ticket,
        in_writing=given.in_writing or given.channel in WRITTEN, reception=given.reception, repeat_of=earlier,
        parent=group, about_person=about_person, level=_level(given, earlier is not None), treatment="", result="",
    )  # fmt: skip
    row.handler_id = handler_of(context, row)
    row.save()
    context.forget_facts()
    for kind, key in (("unit", row.unit_id), ("customer", row.customer_id)):
        if key is not None:
            context.link(kind, key)
    related = [earlier.case_id if earlier is not None else None]
    reception = case_numbered(given.reception, company_id=case.chain_id)
    related.append(reception.pk if reception is not None else None)
    related.append(group.case_id if group is not None else None)
    for key in related:
        if key is not None:
            context.link("case", key)
    try:
        letters = attach(context, given.letters, "complaint_letter", "顾客投诉函件")
    except Refused:
        # A letter that was not kept is asked for again when the record goes to the quality department.
        letters = []
    enter(
        context, "recorded", given.words, at=given.reported_at, letters=letters, channel=given.channel,
        suggested=not given.cause, upset=given.upset or None, conflict=given.conflict,
    )  # fmt: skip
    if group is not None:
        CaseLink.objects.get_or_create(case_id=group.case_id, kind="case", key=case.pk)
        enter(context, "joined", f"{group.case.number}，同一张外部工单 {given.ticket}")
    context.title = f"投诉 {unit.label if unit else ''} {head_of(given.words)}".replace("  ", " ")
    context.say(
        level=row.level, cause=cause, handler=row.handler_id, repeat_of=earlier.case.number if earlier else None,
        same_ticket=group.case.number if group else None,
        assigned_at=context.recorded_at,
    )  # fmt: skip
    if row.quality:
        context.start_clock("hand_over")
    if row.in_writing:
        context.start_clock("written")
    if given.ticket_due_at is not None:
        context.start_clock("ticket", due_at=given.ticket_due_at)
    if row.incident:
        context.start_clock("reaction")
    alarm(context, row, upset=given.upset or bool(given.conflict))
    hand_on(context)
    case.title = context.title
    search.index_many([searching.document(case, row)])


def of_ticket(ticket: str, *, company_id: int, hold: bool = False) -> Complaint | None:
    """
    Return the latest complaint of a company that was recorded for a ticket of another office. ``hold``: somebody who
    records the same ticket at this moment waits until the transaction ends, and finds this one.
    """
    if not ticket:
        return None
    if hold:
        Company.objects.select_for_update(no_key=True).get(pk=company_id)
    found = Complaint.objects.filter(ticket=ticket, case__chain_id=company_id)
    return found.select_related("case", "parent__case").order_by("-pk").first()


def head_of(words: str) -> str:
    """Return the first forty characters of somebody's words, for a title."""
    plain = " ".join(words.split())
    return plain if len(plain) <= 40 else plain[:40] + "…"


def _unit(context: Context, key: int | None) -> Unit | None:
    wanted = key or context.subject("unit")
    found = Unit.objects.select_related("building", "project").filter(pk=wanted or 0).first()
    if found is None or found.project.company_id != context.case.chain_id:
        return None
    return found if context.case.scope_id in (None, found.project_id) else None


def _customer(context: Context, key: int | None) -> Customer | None:
    wanted = key or context.subject("customer")
    return Customer.objects.filter(pk=wanted or 0, company_id=context.case.chain_id).first()


def _about(context: Context, name: str) -> Any:
    if not name:
        return None
    try:
        return people.person_named(
            name, company_id=context.case.chain_id, field="about_person", label="被投诉人"
        )
    except Refused:
        # Nobody of that name here: the words say it, the record is not held up.
        return None


def _level(given: forms.RecordForm, repeated: bool) -> str:
    """Return the level: as given, raised by what makes a complaint graver (domain 2.14)."""
    least = "L4" if given.incident else "L3" if given.ticket or given.channel == "ticket" else "L1"
    if repeated or given.important or given.upset:
        least = max(least, "L2")
    return max(given.level or "L1", least)


def window(context: Context) -> timedelta:
    """Return how long after closing a complaint about the same matter is a second one (DECISIONS 23)."""
    return timedelta(days=int(context.setting("repeat_window", 90)))


def _earlier(
    context: Context, given: forms.RecordForm, unit: Unit | None, customer: Customer | None, cause: str
) -> Complaint | None:
    """Return the complaint that this one repeats: the one named, else unit or customer with the same cause or words."""
    if given.repeat_of:
        named = case_numbered(given.repeat_of, company_id=context.case.chain_id)
        found = Complaint.objects.select_related("case").filter(case=named).first() if named else None
        if found is not None:
            return found
    same_place = Q()
    if unit is not None:
        same_place |= Q(unit=unit)
    if customer is not None:
        same_place |= Q(customer=customer)
    if not same_place:
        return None
    day, key = (given.reported_at or context.at).astimezone(ZONE).date(), choices.words_key(given.words)
    rows = (
        Complaint.objects.select_related("case")
        .filter(same_place, case__chain_id=context.case.chain_id, closed_date__isnull=False)
        .order_by("-complained_date", "-pk")[:50]
    )
    return next(
        (one for one in rows if same_matter(one, cause, key) and within(one, day, window(context))), None
    )


def same_matter(row: Complaint, cause: str, key: str) -> bool:
    """Whether a complaint is about this cause or said in these words; of one without cause the words suggest it."""
    if key and row.words_key == key:
        return True
    known = row.cause or choices.suggested_cause(row.words)
    return bool(cause) and cause != Cause.OTHER.value and known == cause


def within(row: Complaint, day: date, span: timedelta) -> bool:
    """Whether a complaint of ``day`` comes within the span after ``row`` was closed (DECISIONS 23)."""
    return row.closed_date is not None and row.closed_date <= day <= row.closed_date + span


def take_up(context: Context) -> None:
    """Take a complaint of the past up: from now on it is governed, timed and counted like any other (DECISIONS 22)."""
    given = context.given
    assert isinstance(given, forms.PastForm)
    case, row = context.case, row_of(context)
    policy = ports.policies().current(
        case.process, company_id=case.chain_id, project_id=case.scope_id, at=context.at
    )
    context.policy = policy
    case.historic, case.sop_version_id = False, policy.id
    store.update(Case, {"historic": False, "sop_version_id": policy.id}, id=case.pk)
    row.cause = row.cause or choices.suggested_cause(row.words)
    row.level, row.open = row.level or "L1", True
    row.handler_id = handler_of(context, row)
    row.save()
    enter(context, "recorded", row.words, taken_up=given.reason, channel=row.channel)
    if row.quality:
        context.start_clock("hand_over")
    hand_on(context)


def reopen(context: Context) -> None:
    """Take a closed complaint up again within seven days; the earlier handling stays in the record."""
    given = context.given
    assert isinstance(given, forms.ReopenForm)
    row = row_of(context)
    row.satisfied, row.open, row.closed_date = False, True, None
    row.level = max(row.level or "L1", "L2")
    row.save()
    enter(context, "reopened", given.reason)
    if row.quality:
        context.start_clock("hand_over")
    alarm(context, row)
    hand_on(context)
