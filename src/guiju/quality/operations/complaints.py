"""What the steps of a complaint do. Effects of ``processes.complaint``."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q

from guiju.customers.models import Customer
from guiju.estate.models import Unit
from guiju.kernel import calendar as calendars
from guiju.kernel import ports, search, store
from guiju.kernel.crypto import blind_index, normalise_phone
from guiju.kernel.duration import Limit, due
from guiju.kernel.engine import NEVER, Context
from guiju.kernel.models import Case, CaseLink, Clock, Todo
from guiju.kernel.numbering import ZONE
from guiju.kernel.process import processes
from guiju.kernel.refusals import Refused
from guiju.org import posts
from guiju.papers.writing import money
from guiju.quality import choices, people, searching
from guiju.quality.choices import WRITTEN, Cause, Level, Remedy
from guiju.quality.forms import complaint as forms
from guiju.quality.models import Complaint
from guiju.quality.record import attach, case_numbered, enter, facts_of

HANDLERS = (
    posts.CS_CLERK, posts.CS_ASSISTANT_MANAGER, posts.FRONT_DESK, posts.AFTER_SALES, posts.CS_MANAGER,
)  # fmt: skip
GO_ON = ("classify", "contact", "talk", "plan", "hand_over", "reply", "close")


def row_of(context: Context) -> Complaint:
    """Return the complaint of the case."""
    row: Complaint = facts_of(context).row
    return row


def _table(context: Context, name: str, fallback: dict[str, str]) -> dict[str, str]:
    """Return a decision table of the SOP."""
    found = context.setting(name, fallback)
    return {**fallback, **found} if isinstance(found, dict) else fallback


CONTACT = {"L1": "24 小时", "L2": "24 小时", "L3": "4 小时", "L4": "1 小时"}
ANSWER = {"L1": "3 工作日", "L2": "3 日", "L3": "48 小时", "L4": "24 小时"}
SOLVE = {"L1": "7 日", "L2": "15 日", "L3": "30 日", "L4": "30 日"}
ARRIVAL = {"province": "3 日不顺延", "outside": "1 周不顺延", "remote": "10 日不顺延"}
CHAIN: dict[str, Any] = {
    "L1": [], "L2": ["cs_manager"], "L3": ["cs_manager", "deputy_gm"],
    "L4": ["cs_manager", "deputy_gm", "general_manager"],
}  # fmt: skip


def contact_due(context: Context) -> str:
    """Within what the customer has to be contacted, by level."""
    return _table(context, "contact_limits", CONTACT)[row_of(context).level or "L1"]


def answer_due(context: Context) -> str:
    """Within what the customer has to be answered, by level (I-2.8-d)."""
    return _table(context, "answer_limits", ANSWER)[row_of(context).level or "L1"]


def solve_due(context: Context) -> str:
    """Within what the complaint is to be closed, by level."""
    return _table(context, "solve_limits", SOLVE)[row_of(context).level or "L1"]


def arrival_due(context: Context) -> str | datetime:
    """Within what the delegate has to arrive: the region's limit from the hand-over, or an earlier visit promised."""
    entry = facts_of(context).last("delegated")
    limit = _table(context, "arrival_limits", ARRIVAL)[row_of(context).region or "province"]
    promised = entry.data.get("promised_at") if entry is not None else None
    if promised is None:
        return limit
    latest = due(Limit.parse(limit), context.at, calendars.current(context.case.chain_id)).at
    agreed = datetime.fromisoformat(promised)
    return agreed if agreed < latest else limit


# --- recording -------------------------------------------------------------------------------------------------------
def record(context: Context) -> None:
    """Write the complaint down and assign it; what is missing is left open, what is recognised is linked."""
    given = context.given
    assert isinstance(given, forms.RecordForm)
    case = context.case
    unit = _unit(context, given.unit)
    customer = _customer(context, given.customer)
    phone = normalise_phone(given.phone or (customer.phone if customer else ""))
    cause = given.cause or choices.suggested_cause(given.words)
    earlier = _earlier(context, given, unit, customer, cause)
    about_person = _about(context, given.about_person)
    row = Complaint(
        case=case, project_id=case.scope_id, unit=unit, unit_as_read=unit.label[:60] if unit else "", customer=customer,
        complained_date=(given.reported_at or context.at).astimezone(ZONE).date(), channel=given.channel,
        complainant=given.complainant or (customer.name if customer else ""), phone=phone,
        phone_index=blind_index("phone", phone), words=given.words, words_key=choices.words_key(given.words),
        wish=given.need[:1000], problem=given.problem[:1000], quality=given.quality, cause=cause,
        urgency=given.urgency, important=given.important, incident=given.incident, ticket=given.ticket,
        in_writing=given.in_writing or given.channel in WRITTEN, reception=given.reception, repeat_of=earlier,
        about_person=about_person, level=_level(given, earlier is not None), treatment="", result="",
    )  # fmt: skip
    row.handler_id = _handler(context, row)
    row.save()
    context.forget_facts()
    for kind, key in (("unit", row.unit_id), ("customer", row.customer_id)):
        if key is not None:
            context.link(kind, key)
    related = [earlier.case_id if earlier is not None else None]
    reception = case_numbered(given.reception, company_id=case.chain_id)
    related.append(reception.pk if reception is not None else None)
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
    context.title = f"投诉 {unit.label if unit else ''} {_head(given.words)}".replace("  ", " ")
    context.say(
        level=row.level, cause=cause, handler=row.handler_id, repeat_of=earlier.case.number if earlier else None,
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
    _alarm(context, row, upset=given.upset or bool(given.conflict))
    hand_on(context)
    case.title = context.title
    search.index_many([searching.document(case, row)])


def _head(words: str) -> str:
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


def _handler(context: Context, row: Complaint) -> int | None:
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


def _alarm(context: Context, row: Complaint, *, upset: bool = False) -> None:
    """Tell the posts of the level's chain at once, on saving (I-2.8-g, E-4.1-b, F-3.3-d)."""
    wanted = list(_table(context, "level_chain", CHAIN)[row.level or "L1"])
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
    row.handler_id = _handler(context, row)
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
    _alarm(context, row)
    hand_on(context)


def _heard(context: Context) -> None:
    """The customer has heard of it: who was called because of the silence need not act any more."""
    case_id, work = context.case.pk, context.work
    if work is not None:
        work.after.append(lambda: _quiet(case_id))


def _quiet(case_id: int) -> None:
    Todo.objects.filter(case_id=case_id, act="escalate:feedback").delete()


# --- handling --------------------------------------------------------------------------------------------------------
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
        context.start_clock("hand_over")
    hand_on(context)


def set_level(context: Context) -> None:
    """Set the level; its chain is told at once, contact and answer are due by the new level."""
    given = context.given
    assert isinstance(given, forms.LevelForm)
    row = row_of(context)
    context.say(old=row.level, new=given.level.value)
    row.level = given.level.value
    row.save(update_fields=["level"])
    enter(context, "level", given.reason, level=given.level.value)
    for clock in Clock.objects.filter(
        case_id=context.case.pk, name__in=("contact", "answer"), state=Clock.RUNNING
    ):
        context.start_clock(clock.name)
    _alarm(context, row)
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
    _heard(context)
    hand_on(context)


def talk(context: Context) -> None:
    """Record a round of negotiation with the customer's answer (K-2.1-j, h)."""
    given = context.given
    assert isinstance(given, forms.RoundForm)
    row = row_of(context)
    number = len(facts_of(context).all("round")) + 1
    _heard(context)
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


def read(context: Context) -> None:
    """The delegate confirms having read the opinion (K-2.2-a)."""
    opinion = facts_of(context).last("opinion")
    enter(context, "read", opinion.words if opinion is not None else "")
    hand_on(context)


def arrive(context: Context) -> None:
    """Record the arrival on site with its time (K-2.2-f)."""
    given = context.given
    assert isinstance(given, forms.ArriveForm)
    enter(context, "arrived", given.note, at=given.arrived_at)
    _heard(context)
    hand_on(context)


def investigate(context: Context) -> None:
    """Record what was found on site and the cause (K-2.4-a, b)."""
    given = context.given
    assert isinstance(given, forms.InvestigateForm)
    assert given.cause is not None
    row = row_of(context)
    row.cause_found = given.cause.value
    row.save(update_fields=["cause_found"])
    photos = attach(context, given.photos, "complaint_photo", "现场照片")
    enter(context, "investigated", given.words, cause=given.cause.value, reason=given.reason, photos=photos)
    hand_on(context)


def decide(context: Context) -> None:
    """
    Write the decision. Misuse leaves the offer in the record, its price in yuan and payer as told to the customer, and
    opens a paid service if the program knows that process, else a request to the service centre (K-2.4-d).
    """
    given = context.given
    assert isinstance(given, forms.DecideForm)
    row = row_of(context)
    row.fault, row.remedy = given.fault.value, given.remedy.value
    row.save(update_fields=["fault", "remedy"])
    enter(context, "decided", given.words, fault=given.fault.value, remedy=given.remedy.value)
    if given.remedy is Remedy.PAID:
        enter(context, "priced", given.words, amount=_price(given), payer=given.payer)
        _heard(context)
        _paid_service(context, row, given)
    hand_on(context)


def _price(given: forms.DecideForm) -> str:
    return money(given.paid_amount or Decimal(0))


def _paid_service(context: Context, row: Complaint, given: forms.DecideForm) -> None:
    links = [("case", context.case.pk), *([("unit", row.unit_id)] if row.unit_id else [])]
    links += [("customer", row.customer_id)] if row.customer_id else []
    if "paid_service" in processes():
        try:
            key = context.open(
                "paid_service", links=links, title=f"有偿服务 {context.case.number}",
                given={"unit": row.unit_id, "customer": row.customer_id, "source": context.case.number, "words": given.words},
            )  # fmt: skip
            context.link("case", key)
            return
        except Refused:
            pass
    key = context.open(
        "internal_memo", links=links, title=f"有偿服务 {context.case.number}",
        given={
            "source": context.case.number, "to_post": posts.SERVICE_MANAGER, "kind": "request",
            "subject": f"有偿服务：{row.unit_as_read or row.complainant or context.case.number}",
            "content": f"经现场调查属顾客使用不当：{given.words}。已向顾客报价 {_price(given)} 元，"
            f"由{given.payer}付款。",
            "wish": "请按报价与顾客约定有偿服务并办理",
        },
    )  # fmt: skip
    context.link("case", key)
    context.say(paid_service="internal_memo")


def execute(context: Context) -> None:
    """Fill the column 处理实施情况 with the test and its result (K-2.5-a, E-2.4-a)."""
    given = context.given
    assert isinstance(given, forms.ExecuteForm)
    photos = attach(context, given.photos, "complaint_photo", "处理照片")
    enter(
        context,
        "executed",
        given.words,
        at=given.handled_at,
        test=given.test,
        passed=given.passed,
        photos=photos,
    )
    hand_on(context)


def check(context: Context) -> None:
    """Record the quality check of a repair: by whom, passed or not (E-2.4-b)."""
    given = context.given
    assert isinstance(given, forms.CheckForm)
    enter(context, "checked", given.words, passed=given.passed)


def confirm(context: Context) -> None:
    """Record the customer's confirmation, signature and satisfaction (K-2.5-b, c)."""
    given = context.given
    assert isinstance(given, forms.ConfirmForm)
    row = row_of(context)
    attach(context, [given.signature], "complaint_signature", "顾客签名")
    _heard(context)
    if given.satisfied is not None:
        row.satisfied = given.satisfied
        row.save(update_fields=["satisfied"])
    enter(
        context, "confirmed", given.words, signature=given.signature, signed_by=given.signed_by or row.complainant,
        satisfied=given.satisfied,
    )  # fmt: skip
    hand_on(context)


def rework(context: Context) -> None:
    """Go back to work: the customer or the check did not accept it."""
    row = row_of(context)
    row.satisfied = False
    row.save(update_fields=["satisfied"])
    enter(context, "rework", getattr(context.given, "reason", ""))
    hand_on(context)


def hand_in(context: Context) -> None:
    """Hand the completed record back to the quality department (K-2.6-a)."""
    enter(context, "handed_in", getattr(context.given, "note", ""))
    hand_on(context)


# --- beside the handling ---------------------------------------------------------------------------------------------
def feed_back(context: Context) -> None:
    """Record what the customer was told, and when (A-4.3-a)."""
    given = context.given
    assert isinstance(given, forms.FeedbackForm)
    enter(context, "feedback", given.words, how=given.how, answer=given.answer)
    _heard(context)


def reply(context: Context) -> None:
    """Record the answer to the customer; the result goes to the manager as well (I-2.8-d, f)."""
    given = context.given
    assert isinstance(given, forms.ReplyForm)
    attach(context, [given.letter], "complaint_reply", "投诉答复函")
    _heard(context)
    enter(
        context, "replied", given.words, in_writing=given.in_writing or context.step.name == "reply_letter",
        letter=given.letter, to_management=given.to_management,
    )  # fmt: skip
    if given.to_management and context.by_id is not None:
        _report(context)
    hand_on(context)


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
    _alarm(context, row, upset=True)


def mark_incident(context: Context) -> None:
    """Record measures, persons and communication; before it was none, it becomes an incident and the chain is told."""
    given = context.given
    assert isinstance(given, forms.IncidentForm)
    row = row_of(context)
    if not row.incident:
        row.incident, row.level = True, "L4"
        row.save(update_fields=["incident", "level"])
        _alarm(context, row)
    enter(context, "measure", given.measures, persons=given.persons, communication=given.communication)


def review_incident(context: Context) -> None:
    """Record the closing review of an incident (I-2.8-h)."""
    given = context.given
    assert isinstance(given, forms.ReviewForm)
    enter(context, "reviewed", given.words, lessons=given.lessons)


def join(context: Context) -> None:
    """Make it a part of a group complaint; from three homes on the parent is L3 and its chain is told."""
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
    if len(units) >= least and (parent.level or "L1") < "L3":
        parent.level = "L3"
        parent.save(update_fields=["level"])
        row.level = max(row.level or "L1", "L3")
        row.save(update_fields=["level"])
        _alarm(context, row)
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
        "corrective_action", links=[("case", context.case.pk)], title=f"{_head(given.fact)}",
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
