"""The handling of a complaint: kind, level, contact, plan, the quality department's judgement."""

from __future__ import annotations

from guiju.kernel import calendar as calendars
from guiju.kernel.duration import Limit, due
from guiju.kernel.engine import Context
from guiju.kernel.models import Clock
from guiju.quality import people
from guiju.quality.forms import complaint as forms
from guiju.quality.operations.complaint_limits import answer_due, contact_due, row_of
from guiju.quality.operations.complaint_people import alarm, hand_on, heard
from guiju.quality.record import attach, enter, facts_of


def classify(context: Context) -> None:
    """Say whether it is a quality problem; a change of that is logged with its reason (clauses-notes 4.5)."""
    given = context.given
    assert isinstance(given, forms.ClassifyForm)
    row = row_of(context)
    before = row.quality
    context.say(old={"quality": before, "cause": row.cause}, new={"quality": given.quality})
    row.quality, row.cause = given.quality, given.cause.value
    clerk = people.complaint_clerk(context.case.chain_id)
    if given.quality and clerk is not None and clerk.pk != row.about_person_id:
        row.handler_id = clerk.pk
    row.save()
    kind = "reclassified" if before is not None and before != given.quality else "classified"
    enter(context, kind, given.reason, quality=given.quality, cause=given.cause.value)
    if given.quality:
        # Said again, it is due when it was: judging once more gains no day.
        known = Clock.objects.filter(case_id=context.case.pk, name="hand_over", state=Clock.RUNNING).first()
        context.start_clock("hand_over", due_at=known.due_at if before and known is not None else None)
    hand_on(context)


def set_level(context: Context) -> None:
    """
    Set the level; a higher one tells its chain at once. Contact and answer are due by the new level where that is
    earlier; no change of level gives more time.
    """
    given = context.given
    assert isinstance(given, forms.LevelForm)
    row = row_of(context)
    before, row.level = row.level or "L1", given.level.value
    context.say(old=before, new=row.level)
    row.save(update_fields=["level"])
    enter(context, "level", given.reason, level=given.level.value)
    limits = {"contact": contact_due(context), "answer": answer_due(context)}
    days = calendars.current(context.case.chain_id)
    for clock in Clock.objects.filter(case_id=context.case.pk, name__in=limits, state=Clock.RUNNING):
        if due(Limit.parse(limits[clock.name]), context.at, days).at < clock.due_at:
            context.start_clock(clock.name)
    if row.level > before:
        alarm(context, row)
    hand_on(context)


def assign(context: Context) -> None:
    """Name another handler."""
    given = context.given
    assert isinstance(given, forms.AssignForm)
    row = row_of(context)
    person = people.person_named(
        given.person, company_id=context.case.chain_id, field="person", label="处理人"
    )
    context.say(old=row.handler_id, new=person.pk)
    row.handler = person
    row.save(update_fields=["handler"])
    enter(context, "assigned", given.reason, person=person.pk)
    hand_on(context)


def contact(context: Context) -> None:
    """Record the first contact: the customer is told who handles it and when an answer comes."""
    given = context.given
    assert isinstance(given, forms.ContactForm)
    enter(context, "contacted", given.words, told=given.told)
    heard(context)
    hand_on(context)


def talk(context: Context) -> None:
    """Record a round of negotiation with the customer's answer (K-2.1-j, h)."""
    given = context.given
    assert isinstance(given, forms.RoundForm)
    row = row_of(context)
    number = len(facts_of(context).all("round")) + 1
    heard(context)
    enter(
        context, "round", given.words, number=number, offer=given.offer, answer=given.answer,
        satisfied=given.satisfied,
    )  # fmt: skip
    if given.satisfied is not None:
        row.satisfied = given.satisfied
        row.save(update_fields=["satisfied"])
    hand_on(context)


def plan(context: Context) -> None:
    """Write the customer's situation and the plan of the person in charge (K-2.1-l, n)."""
    given = context.given
    assert isinstance(given, forms.PlanForm)
    enter(context, "planned", given.plan, situation=given.situation)
    hand_on(context)


def hand_over(context: Context) -> None:
    """Pass the record with the letters to the quality department; being late is written down (K-2.1-o, p)."""
    given = context.given
    assert isinstance(given, forms.HandOverForm)
    letters = attach(context, given.letters, "complaint_letter", "顾客投诉函件")
    clock = Clock.objects.filter(case_id=context.case.pk, name="hand_over", state=Clock.RUNNING).first()
    late = clock is not None and context.at > clock.due_at
    enter(context, "handed_over", given.note, letters=letters, late=late, no_letters=given.no_letters or None)
    context.say(late=late, letters=len(letters))


def judge(context: Context) -> None:
    """Write the analysis made together with the departments invited, and the measures proposed (K-2.1-q, r)."""
    given = context.given
    assert isinstance(given, forms.JudgeForm)
    departments = [
        people.department_named(
            name, company_id=context.case.chain_id, field="departments", label="会同部门"
        ).name
        for name in given.departments
    ]
    enter(context, "analysis", given.analysis, departments=departments, measures=given.measures)


def opine(context: Context) -> None:
    """Fill the column 处理意见; only the quality department writes it (K-2.1-s)."""
    given = context.given
    assert isinstance(given, forms.OpinionForm)
    row = row_of(context)
    row.treatment = given.opinion[:400]
    row.save(update_fields=["treatment"])
    enter(context, "opinion", given.opinion)


def delegate(context: Context) -> None:
    """Hand the record to the technician delegated, with name and time (K-2.1-t)."""
    given = context.given
    assert isinstance(given, forms.DelegateForm)
    row = row_of(context)
    person = people.person_named(
        given.person, company_id=context.case.chain_id, field="person", label="被委派人"
    )
    row.delegate, row.region = person, given.region.value
    row.save(update_fields=["delegate", "region"])
    enter(
        context, "delegated", "", person=person.pk, name=person.name, qualification=given.qualification,
        region=given.region.value, promised_at=given.promised_at.isoformat() if given.promised_at else None,
    )  # fmt: skip
    context.say(delegate=person.pk, qualified=True)
    hand_on(context)
