"""What the steps of a reception do: the record, what was raised in it, answers, handing on, follow-ups, transfer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from guiju.customers.models import Customer
from guiju.customers.operations.contacts import mark, record_contact
from guiju.desk import intake_guide, promises, tickets
from guiju.desk.intake_facts import facts_of
from guiju.desk.intake_forms import (
    AnswerForm,
    CloseForm,
    DecideTransferForm,
    EndContactForm,
    FollowedForm,
    FollowUpForm,
    HandOnForm,
    IdentifyForm,
    NoteDownForm,
    ReceiveForm,
    RecordingForm,
    ReplyLetterForm,
    Solved,
    Target,
    TransferForm,
    WelcomeForm,
)
from guiju.desk.intake_searching import document
from guiju.desk.models import (
    Channel,
    FollowUp,
    Incoming,
    Kind,
    Letter,
    Matter,
    Promise,
    Reception,
    Recording,
    Transfer,
)
from guiju.estate.places import unit_at
from guiju.kernel import calendar, clocks, search
from guiju.kernel.crypto import blind_index, normalise_phone
from guiju.kernel.engine import Context
from guiju.kernel.forms import WithReason
from guiju.kernel.models import Case, Clock
from guiju.kernel.numbering import ZONE, document_number
from guiju.kernel.refusals import BadlyFilled, NotReady
from guiju.org.models import Person
from guiju.papers.operations.attachments import attach

TITLE_WORDS = 24
#: Characters of a story that every process of the desk takes (their forms say so).
LONGEST_STORY = 5000
LATE_ENTRY = timedelta(minutes=30)
RECORDING_DAYS = 180


def _person(context: Context) -> Person | None:
    """Return who acts; nobody, when a customer's own message opens the case."""
    if context.by is None or isinstance(context.by, Person):
        return context.by
    return Person.objects.get(pk=context.by_id or 0)


def _attach(context: Context, hashes: list[str], kind: str, title: str) -> None:
    if hashes:
        attach(
            sha256s=hashes, company_id=context.case.chain_id, kind=kind, by=_person(context), at=context.recorded_at,
            case=context.case, title=title,
        )  # fmt: skip


def receive(context: Context) -> None:
    """Write the reception: who, how, in which words, what is wanted; link customer and unit; start its clocks."""
    given = context.given
    assert isinstance(given, ReceiveForm)
    unit = unit_at.one(given.unit or context.subject("unit") or 0)
    customer = Customer.objects.filter(pk=given.customer).first() if given.customer is not None else None
    # An announced visit has not come yet.
    arrived = given.arrived_at or context.at
    phone = normalise_phone(given.phone)
    row = Reception(
        case_id=context.case.pk, project_id=context.case.scope_id, unit=unit, customer=customer,
        channel=given.channel.value, via=given.via, kind=given.kind.value, nature=given.kind.nature,
        caller=given.caller or (customer.name if customer else ""), relation=given.relation, phone=phone,
        phone_index=blind_index("phone", phone), call_back=normalise_phone(given.call_back),
        identity=Reception.CONFIRMED if given.confirmed else Reception.UNKNOWN, words=given.words,
        need=given.need or _usual_need(given), problem=given.problem, element=given.element, chat=given.chat,
        repeated_back=given.repeated_back, difficult=given.difficult,
        clarified=[one.model_dump() for one in given.clarified], category=given.category,
        category_suggested=given.category_suggested, urgency=given.urgency.value, important=given.important,
        arrived_at=arrived, entered_at=context.recorded_at, purpose=given.purpose,
        entry_seconds=max(0, int((context.recorded_at - arrived).total_seconds())),
        appointment_at=given.appointment_at, area=given.area, external_number=given.external_number.strip(),
        external_due_at=given.external_due_at, owner_id=context.by_id, source=given.source.value,
        repeat_of=given.repeat_of,
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as twice:
        if not row.external_number:
            raise
        raise NotReady(f"工单 {row.external_number} 刚刚已由别人登记") from twice
    if given.kind is not Kind.PRAISE:
        kind = Matter.QUESTION if given.kind is Kind.INQUIRY else Matter.NEED
        _raise(row, kind, [row.need or row.words, *given.more])
    _link(context, unit, customer)
    _attach(context, given.files, "reception", f"{given.channel.label}附件")
    if given.channel in (Channel.LETTER, Channel.FAX):
        _register_letter(context, row, given)
    if given.external_due_at is not None:
        context.start_clock("ticket", due_at=given.external_due_at)
    if given.promise.strip():
        assert given.promise_due is not None
        promises.make(
            context, what=given.promise, due_at=given.promise_due,
            owner=promises.owner_of(context, given.promise_owner),
        )  # fmt: skip
    if given.recording.strip():
        _record(context, given.recording, arrived)
    if given.incoming is not None:
        _take_from_inbox(context, given.incoming)
    if customer is not None:
        if given.important.strip() and (by := _person(context)) is not None:
            mark(customer=customer, important=given.important, by=by, at=context.recorded_at)
        if given.source.value == "customer":
            _contact(context, row, customer, f"{row.get_kind_display()}：{given.words}", outward=False)
    context.title = _title(row)
    context.say(wait_from=arrived, owner=context.by_id)
    _index(context, row)


def reply_due(context: Context) -> datetime | None:
    """An announced visit is answered from its hour on; anything else from now (None: the limit speaks)."""
    return _from_the_hour(context, "reply")


def finish_due(context: Context) -> datetime | None:
    """An announced visit is finished from its hour on; anything else from now (None: the limit speaks)."""
    return _from_the_hour(context, "finish")


def _from_the_hour(context: Context, clock: str) -> datetime | None:
    given = context.given
    if (
        not isinstance(given, ReceiveForm)
        or given.appointment_at is None
        or given.appointment_at <= context.at
    ):
        return None
    limit = clocks.limit_of(clocks.rule_of(context.process, clock), context.policy.clock(clock))
    days = calendar.current(context.case.chain_id)
    return clocks.compute(clocks.rule_of(context.process, clock), limit, given.appointment_at, days, ()).at


def _usual_need(given: ReceiveForm) -> str:
    return intake_guide.wish_for(given.kind.value, given.category) if given.kind is Kind.COMPLAINT else ""


def _title(row: Reception) -> str:
    words = " ".join(row.words.split())
    short = words[:TITLE_WORDS] + ("…" if len(words) > TITLE_WORDS else "")
    where = f"{row.unit.label} " if row.unit is not None else ""
    return f"{row.via or row.get_channel_display()}{row.get_kind_display()} {where}{short}"


def _raise(row: Reception, kind: str, texts: list[str]) -> None:
    Matter.objects.bulk_create(Matter(reception=row, kind=kind, text=text[:400]) for text in texts)


def _link(context: Context, unit: Any, customer: Customer | None) -> None:
    if unit is not None:
        context.link("unit", unit.pk)
    if customer is not None:
        context.link("customer", customer.pk)


def _register_letter(context: Context, row: Reception, given: ReceiveForm) -> None:
    """Enter a letter in the register with the next number, and start the clock of its reply (D-1-d, D-4-a)."""
    assert given.received_date is not None
    rule = clocks.rule_of(context.process, "letter")
    limit = clocks.limit_of(rule, context.policy.clock("letter"))
    due = clocks.compute(rule, limit, context.at, calendar.current(context.case.chain_id), ()).at
    letter = Letter.objects.create(
        case_id=context.case.pk, number=document_number("LH", context.case.scope_id, context.at),
        project_id=context.case.scope_id, received_date=given.received_date, sender=row.caller, subject=given.subject,
        scan=given.files[0], reply_due_at=due,
    )  # fmt: skip
    context.start_clock("letter")
    context.say(letter=letter.number)


def _record(context: Context, place: str, recorded_at: datetime) -> None:
    days = int(context.setting("recording_days", RECORDING_DAYS))
    Recording.objects.create(
        case_id=context.case.pk, place=place, announced=True, recorded_at=recorded_at,
        keep_until=(recorded_at + timedelta(days=days)).astimezone(ZONE).date(),
    )  # fmt: skip


def _take_from_inbox(context: Context, key: int) -> None:
    """Tie what came in by itself to this case, once; what came as a file stays with the case."""
    found = Incoming.objects.select_for_update().filter(pk=key, company_id=context.case.chain_id).first()
    if found is None or found.case_id is not None:
        raise BadlyFilled({"incoming": "收件箱编号：这一件已登记过，或者不存在"})
    found.case_id = context.case.pk
    if found.opened_at is None and context.by_id is not None:
        found.opened_at, found.opened_by_id = context.recorded_at, context.by_id
    found.save(update_fields=["case", "opened_at", "opened_by"])
    _attach(context, [*([found.original] if found.original else []), *found.files], "incoming", "来件")


def _contact(
    context: Context, row: Reception, customer: Customer, summary: str, *, outward: bool, reached: bool = True
) -> None:
    record_contact(
        customer=customer, channel=row.channel, summary=summary, outward=outward, reached=reached,
        by=_person(context), at=context.recorded_at, happened_at=context.at, case_id=context.case.pk,
    )  # fmt: skip


def _index(context: Context, row: Reception) -> None:
    context.case.title = context.title or context.case.title
    search.index_many([document(context.case, row)])


def welcome(context: Context) -> None:
    """Write down when the host appeared in the reception area and where the visitor was guided (D-3.1-a, D-3.1-e)."""
    given = context.given
    assert isinstance(given, WelcomeForm)
    row = facts_of(context).row
    row.host_appeared_at = given.appeared_at or context.at
    row.area = given.area
    if row.appointment_at is not None and row.host_appeared_at is not None:
        # What counts from the arrival of an announced visitor counts from the hour agreed, or the earlier coming.
        row.arrived_at = min(row.appointment_at, row.host_appeared_at)
        late = int((row.host_appeared_at - row.appointment_at).total_seconds())
        context.say(late_seconds=max(0, late))
    row.save(update_fields=["host_appeared_at", "area", "arrived_at"])


def identify(context: Context) -> None:
    """Write down who it is and whether that is confirmed (D-2.1-b)."""
    given = context.given
    assert isinstance(given, IdentifyForm)
    row = facts_of(context).row
    context.say(before={"customer": row.customer_id, "caller": row.caller, "identity": row.identity})
    if given.customer is not None:
        row.customer = Customer.objects.get(pk=given.customer)
        _link(context, None, row.customer)
    row.caller = given.caller or (row.customer.name if row.customer else row.caller)
    row.relation = given.relation or row.relation
    row.identity = Reception.CONFIRMED if given.confirmed else Reception.UNKNOWN
    row.save(update_fields=["customer", "caller", "relation", "identity"])
    if row.customer is not None:
        history = row.customer.contact_records.filter(case_id=context.case.pk)
        if row.source == "customer" and not history.exists():
            _contact(context, row, row.customer, f"{row.get_kind_display()}：{row.words}", outward=False)
    _index(context, row)


def note_down(context: Context) -> None:
    """Add what the customer said further, what was asked and answered, and what else is wanted."""
    given = context.given
    assert isinstance(given, NoteDownForm)
    row = facts_of(context).row
    if given.words.strip():
        row.words = f"{row.words}\n{given.words}"
    for name in ("need", "problem", "element", "category"):
        if value := getattr(given, name).strip():
            setattr(row, name, value)
    row.clarified = [*row.clarified, *(one.model_dump() for one in given.clarified)]
    row.repeated_back = row.repeated_back or given.repeated_back
    row.save(update_fields=["words", "need", "problem", "element", "category", "clarified", "repeated_back"])
    _raise(row, Matter.NEED, given.more)
    _raise(row, Matter.QUESTION, given.questions)
    _attach(context, given.files, "reception", "补充附件")


def answer(context: Context) -> None:
    """Write the answer and the advice, settle what was answered; the reply clock goes on while something is open."""
    given = context.given
    assert isinstance(given, AnswerForm)
    facts = facts_of(context)
    row = facts.row
    answered = facts.open_matters if given.number is None else [facts.matters[given.number - 1]]
    for matter in answered:
        matter.outcome = f"{matter.outcome}\n{given.answer}".strip()
        if matter.settled_at is None:
            matter.settled_at, matter.settled_by_id = context.at, context.by_id
        matter.save(update_fields=["outcome", "settled_at", "settled_by"])
    row.answer = f"{row.answer}\n{given.answer}".strip()
    row.advice = f"{row.advice}\n{given.advice}".strip()
    if row.wait_seconds is None:
        row.wait_seconds = max(0, int((context.at - row.arrived_at).total_seconds()))
    row.save(update_fields=["answer", "advice", "wait_seconds"])
    if facts.open_matters:
        _keep_reply_clock(context)
    if row.customer is not None and Channel(row.channel).written:
        _contact(context, row, row.customer, f"答复：{given.answer}", outward=True)


def _keep_reply_clock(context: Context) -> None:
    """Something is still unanswered: the clock runs on to the same moment."""
    running = Clock.objects.filter(case_id=context.case.pk, name="reply", state=Clock.RUNNING).first()
    if running is not None:
        context.start_clock("reply", due_at=running.due_at)


def hand_on(context: Context) -> None:
    """
    Start the matching process with all that is known, link both cases to each other, and measure the time from the
    customer's coming to this start (A-1.3-b). What the customer wanted has this outcome now.
    """
    given = context.given
    assert isinstance(given, HandOnForm)
    row = facts_of(context).row
    links = [("case", context.case.pk)]
    links += [("unit", row.unit_id)] if row.unit_id is not None else []
    links += [("customer", row.customer_id)] if row.customer_id is not None else []
    title = f"{given.to.label} {row.unit.label if row.unit else ''} {_short(row.problem or row.words)}"
    opened = Case.objects.get(
        pk=context.open(given.to.value, given=_given_on(context, row, given), title=title, links=links)
    )
    context.link("case", opened.pk)
    seconds = max(0, int((context.at - row.arrived_at).total_seconds()))
    row.handed_to, row.handed_process, row.handed_at = opened.number, given.to.value, context.at
    row.wait_seconds = seconds if row.wait_seconds is None else row.wait_seconds
    row.repeat_of = given.repeat_of or row.repeat_of
    row.save(update_fields=["handed_to", "handed_process", "handed_at", "wait_seconds", "repeat_of"])
    Matter.objects.filter(reception=row, settled_at=None).update(
        outcome=f"已转{given.to.label} {opened.number}", settled_at=context.at, settled_by_id=context.by_id
    )
    context.say(handed_to=opened.number, seconds_from_arrival=seconds)
    context.forget_facts()


def _short(text: str) -> str:
    return " ".join(text.split())[:TITLE_WORDS]


def _whole(text: str, number: str, beside: str = "") -> str:
    """Return a story, and what stands beside it, as they fit into the next process; the reception has the rest."""
    room, more = LONGEST_STORY - len(beside), f"……（全文见接待 {number}）"
    kept = text if len(text) <= room else text[: max(0, room - len(more))] + more
    return (kept + beside)[:LONGEST_STORY].strip()


def _given_on(context: Context, row: Reception, given: HandOnForm) -> dict[str, Any]:
    """Return what the opened process is told, in the words that the processes of the desk agree on."""
    number, words = context.case.number, _whole(row.words, context.case.number)
    phone = row.call_back or row.phone
    who = row.caller or (row.customer.name if row.customer else "")
    repeat = given.repeat_of or row.repeat_of
    # A ticket that was answered here goes no further.
    ticket = row.external_number if tickets.waits(context) else ""
    urgency, due = given.urgency.value, row.external_due_at if ticket else None
    if given.to is Target.MEMO:
        return {
            "source": number, "to_post": given.to_post, "kind": "coordination", "subject": given.subject[:120],
            "content": _whole(row.words, number, f"\n{given.note}"), "wish": row.need or row.problem,
            "reply_due": given.reply_due or (due.astimezone(ZONE).date() if due is not None else None),
        }  # fmt: skip
    told = {
        "unit": row.unit_id, "customer": row.customer_id, "words": words, "need": row.need, "problem": row.problem,
        "urgency": urgency, "reported_at": row.arrived_at, "reception": number, "repeat_of": repeat,
    }  # fmt: skip
    if given.to is Target.COMPLAINT:
        letter = facts_of(context).letter
        return told | {
            "complainant": who, "phone": phone, "quality": None, "important": bool(row.important), "level": "",
            "cause": intake_guide.CAUSES.get(row.category, ""), "channel": _MAIL.get(row.channel, row.channel),
            "ticket": ticket, "ticket_due_at": due,
            "letters": [letter.scan] if letter is not None else [],
        }  # fmt: skip
    category = intake_guide.BY_CODE.get(row.category)
    return told | {
        "contact_name": who, "contact_phone": phone[:40], "channel": _HOW.get(row.channel, row.channel),
        "ticket_due_at": due, "part": given.part or (category.part if category else ""), "symptom": (given.symptom or row.problem)[:200],
    }  # fmt: skip


def return_ticket(context: Context) -> None:
    """Keep what the other office was answered on its ticket, with its receipt (domain 1.14)."""
    given = context.given
    assert isinstance(given, tickets.TicketForm)
    _attach(context, [given.proof] if given.proof else [], "ticket_receipt", "工单回执")


# The words that other processes have for channels.
_MAIL = {"email": "mail"}
_HOW = {"fax": "letter", "ticket": "call", "other": "online"}


def reply_letter(context: Context) -> None:
    """Write the reply under its own number, tied to the incoming letter, and settle what the letter asked (D-4-a)."""
    given = context.given
    assert isinstance(given, ReplyLetterForm)
    facts = facts_of(context)
    letter, row = facts.letter, facts.row
    assert letter is not None
    letter.reply_number = document_number("FH", context.case.scope_id, context.at)
    letter.reply_text, letter.reply_how, letter.filed_as = given.text, given.how, given.filed_as
    letter.reply_scan = given.scan or ""
    letter.replied_at, letter.replied_by_id = context.at, context.by_id
    letter.save()
    _attach(context, [given.scan] if given.scan else [], "letter_reply", "复函")
    Matter.objects.filter(reception=row, settled_at=None).update(
        outcome=f"已复函 {letter.reply_number}", settled_at=context.at, settled_by_id=context.by_id
    )
    row.answer = f"{row.answer}\n{given.text}".strip()
    row.save(update_fields=["answer"])
    if row.customer is not None:
        _contact(context, row, row.customer, f"复函 {letter.reply_number}：{given.text}", outward=True)
    context.say(reply=letter.reply_number)
    context.forget_facts()


def follow_up(context: Context) -> None:
    """Arrange a contact for later, with its day and person."""
    given = context.given
    assert isinstance(given, FollowUpForm | EndContactForm)
    FollowUp.objects.create(
        case_id=context.case.pk, what=given.what[:200], due_at=given.due_at,
        person=promises.owner_of(context, given.person), planned_at=context.at,
    )  # fmt: skip


def next_follow_up(context: Context) -> datetime | None:
    """Return when the next follow-up falls due."""
    found = FollowUp.objects.filter(case_id=context.case.pk, done_at=None).order_by("due_at", "id").first()
    return found.due_at if found is not None else None


def followed_up(context: Context) -> None:
    """Write down what came of a follow-up; a contact that failed counts in the customer's history, too."""
    given = context.given
    assert isinstance(given, FollowedForm)
    facts = facts_of(context)
    done = facts.open_follow_ups[(given.number or 1) - 1]
    done.done_at, done.done_by_id = context.at, context.by_id
    done.result = given.result if given.reached else f"没有联系上：{given.result}"
    done.save(update_fields=["done_at", "done_by", "result"])
    if facts.row.customer is not None:
        _contact(
            context,
            facts.row,
            facts.row.customer,
            f"跟进：{done.result}",
            outward=True,
            reached=given.reached,
        )
    if (due_at := next_follow_up(context)) is not None:
        context.start_clock("follow_up", due_at=due_at)
    context.forget_facts()


def end_contact(context: Context) -> None:
    """End the talk unsolved: the answer is kept, the next contact has its day and person (D-2.6-e)."""
    given = context.given
    assert isinstance(given, EndContactForm)
    row = facts_of(context).row
    row.solved, row.explained = False, given.explained
    row.save(update_fields=["solved", "explained"])
    follow_up(context)


def ask_transfer(context: Context) -> None:
    """Offer the reception to somebody else; it stays with its owner until that person accepts (A-2.3-b)."""
    given = context.given
    assert isinstance(given, TransferForm)
    row = facts_of(context).row
    try:
        to = promises.owner_of(context, given.to)
    except BadlyFilled as nobody:
        raise BadlyFilled({"to": f"移交给谁：公司里没有「{given.to}」，或者不止一位"}) from nobody
    Transfer.objects.create(
        reception=row, from_person_id=row.owner_id or context.by_id or 0, to_person=to, reason=given.reason,
        asked_at=context.at,
    )  # fmt: skip


def accept_transfer(context: Context) -> None:
    """Take over: the owner changes and the transfer counts (A-2.3-b)."""
    facts = facts_of(context)
    row = _decide_transfer(context, accepted=True).reception
    row.owner_id, row.transfers = context.by_id, row.transfers + 1
    row.save(update_fields=["owner", "transfers"])
    Promise.objects.filter(case_id=context.case.pk, kept_at=None, owner_id=_from(facts)).update(
        owner_id=context.by_id
    )
    FollowUp.objects.filter(case_id=context.case.pk, done_at=None, person_id=_from(facts)).update(
        person_id=context.by_id
    )
    context.say(owner=context.by_id, transfers=row.transfers)
    context.forget_facts()


def _from(facts: Any) -> int:
    return int(facts.transfer.from_person_id)


def refuse_transfer(context: Context) -> None:
    """Decline: the reception stays with its owner."""
    _decide_transfer(context, accepted=False)
    context.forget_facts()


def _decide_transfer(context: Context, *, accepted: bool) -> Transfer:
    given = context.given
    assert isinstance(given, DecideTransferForm | WithReason)
    waiting = facts_of(context).transfer
    assert waiting is not None
    waiting.decided_at, waiting.accepted = context.at, accepted
    waiting.answer = (given.reason if isinstance(given, WithReason) else given.answer)[:400]
    waiting.save(update_fields=["decided_at", "accepted", "answer"])
    waiting.reception = facts_of(context).row
    return waiting


def link_recording(context: Context) -> None:
    """Link a recording that was announced; it is kept as long as the SOP says."""
    given = context.given
    assert isinstance(given, RecordingForm)
    _record(context, given.place, given.recorded_at or context.at)


def close(context: Context) -> None:
    """Close the reception with the customer's own answer, and note where the procedure was missed (D-1-e, D-2.6-d)."""
    given = context.given
    assert isinstance(given, CloseForm)
    row = facts_of(context).row
    row.solved = given.solved is Solved.YES
    row.explained = given.explained or row.explained
    row.misses = misses(context, row)
    row.closed_at = context.at
    row.save(update_fields=["solved", "explained", "misses", "closed_at"])
    context.say(misses=row.misses)


def misses(context: Context, row: Reception) -> list[str]:
    """Return where the procedure of this kind of contact was not kept; empty: kept throughout (D-1-e)."""
    found = []
    names = Clock.objects.filter(case_id=context.case.pk, state=Clock.LATE).values_list("name", flat=True)
    if "reply" in names:
        found.append("首次答复超时")
    if "letter" in names:
        found.append("复函超时")
    if row.entry_seconds > LATE_ENTRY.total_seconds() and Channel(row.channel) in (
        Channel.CALL,
        Channel.VISIT,
    ):
        found.append("没有当场登记")
    if row.identity == Reception.UNKNOWN:
        found.append("身份未核实")
    if row.appointment_at and row.host_appeared_at and row.host_appeared_at > row.appointment_at:
        found.append("接待人没有准时到")
    if Promise.objects.filter(case_id=context.case.pk, kept_at__gt=F("due_at")).exists():
        found.append("承诺逾期兑现")
    return found


def void(context: Context) -> None:
    """Close what was no contact of a customer (a wrong number); the reason stands in the event."""
    row = facts_of(context).row
    row.closed_at = context.at
    row.save(update_fields=["closed_at"])
    Matter.objects.filter(reception=row, settled_at=None).update(
        outcome="无效来电", settled_at=context.at, settled_by_id=context.by_id
    )
