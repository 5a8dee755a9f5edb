"""Needs of the reception: each returns None, or why not, in the words of the SOP."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from guiju.customers.models import Customer
from guiju.desk import tickets
from guiju.desk.intake_facts import facts_of
from guiju.desk.intake_forms import (
    AnswerForm,
    CloseForm,
    EndContactForm,
    FollowedForm,
    FollowUpForm,
    HandOnForm,
    IdentifyForm,
    ReceiveForm,
    RecordingForm,
    Solved,
    Target,
    TransferForm,
    WelcomeForm,
)
from guiju.desk.models import Channel, Kind, Reception
from guiju.estate.places import unit_at
from guiju.kernel.engine import Context
from guiju.kernel.models import Case
from guiju.kernel.numbering import ZONE
from guiju.kernel.process import need, processes

LATEST_FOLLOW_UP = timedelta(days=90)
SPOKEN = (Channel.CALL, Channel.VISIT)


def _received(context: Context) -> ReceiveForm:
    assert isinstance(context.given, ReceiveForm)
    return context.given


@need("A-1.3-a", given=True)
def need_is_asked(context: Context) -> str | None:
    """The customer's need was asked and is written down; a complaint is recorded with its words alone."""
    given = _received(context)
    if given.kind is Kind.COMPLAINT or given.need.strip():
        return None
    return "请主动询问客户的需求：「客户要什么」还没有填"


@need("D-3.1-c", given=True)
def purpose_is_asked(context: Context) -> str | None:
    """A visit has its purpose."""
    given = _received(context)
    if given.channel is Channel.VISIT and not given.purpose.strip():
        return "请主动询问客户的来访目的"
    return None


@need("D-1-d", given=True)
def paper_is_kept(context: Context) -> str | None:
    """A letter or fax comes with its scan, its subject and its day; a chat with its text or pictures."""
    given = _received(context)
    if given.channel in (Channel.LETTER, Channel.FAX):
        missing = [
            name
            for name, there in (
                ("扫描件", given.files), ("收函日期", given.received_date), ("事由", given.subject.strip()),
            )
            if not there
        ]  # fmt: skip
        if missing:
            return f"{given.channel.label}要登记{'、'.join(missing)}"
        if given.received_date is not None and given.received_date > _day(context):
            return "收函日期不能晚于今天"
    if given.channel is Channel.WECHAT and not (given.chat.strip() or given.files):
        return "微信请粘贴聊天文字，或者附上截图"
    return None


@need("F-2.1-c", given=True)
def channel_is_known(context: Context) -> str | None:
    """A further channel is one of those that the SOP names."""
    given = _received(context)
    if given.channel is not Channel.OTHER:
        return None
    known = further_channels(context.policy.settings)
    if given.via in known:
        return None
    return f"其他渠道请选：{'、'.join(known)}" if known else "作业标准书里还没有列出其他渠道"


def further_channels(settings: Mapping[str, Any]) -> list[str]:
    """Return the further channels that an SOP's setting names, separated by 、 or commas."""
    text = str(settings.get("further_channels", ""))
    return [name.strip() for name in re.split("[、，,]", text) if name.strip()]


@need("A-3.2-b", given=True)
def ticket_is_whole(context: Context) -> str | None:
    """
    A ticket of another office comes with its number and its own deadline; it is entered once while it is being
    received, and again when it comes back (domain 1.14).
    """
    given = _received(context)
    if given.channel is not Channel.TICKET:
        return None
    if not given.external_number.strip():
        return "12345 工单要填外部工单编号"
    if given.external_due_at is None:
        return "12345 工单要填工单上写的办结期限"
    known = Reception.objects.filter(external_number=given.external_number.strip(), closed_at=None)
    found = known.filter(case__chain_id=context.case.chain_id).select_related("case").first()
    if found is not None:
        return f"这张工单已登记为 {found.case.number}，还在接待中，请在那件上补充"
    return None


#: What a ticket is handed on to with its limit: these answer it.
ANSWER_TICKETS = ("complaint", "after_sales")


def owes_ticket(context: Context) -> bool:
    """Whether a ticket of another office waits for its answer here: neither answered nor handed on with its limit."""
    row = facts_of(context).row
    return bool(row.external_number) and row.handed_process not in ANSWER_TICKETS and tickets.waits(context)


@need("D-2.1-b", given=True)
def subjects_are_ours(context: Context) -> str | None:
    """The customer and the unit named are of this company and project."""
    given = _received(context)
    if given.customer is not None and not _customer_fits(context, given.customer):
        return "没有这位客户，请重新选来电人"
    unit = given.unit or context.subject("unit")
    if unit is not None:
        found = unit_at.one(unit)
        if found is None or found.project.company_id != context.case.chain_id:
            return "没有这套房屋，请重新选房号"
        if context.case.scope_id is not None and found.project_id != context.case.scope_id:
            return f"{found.label}不在这个项目里，请先切换项目"
    if given.confirmed and given.customer is None and not given.caller.strip():
        return "核实了身份，请填来的是谁"
    return None


@need("D-3.1-a", given=True)
def times_are_right(context: Context) -> str | None:
    """Nobody came in the future, and what is promised lies ahead."""
    given = _received(context)
    if given.arrived_at is not None and given.arrived_at > context.recorded_at + timedelta(minutes=2):
        return "来的时间不能晚于现在；预约请填预约时间"
    if given.promise.strip() and given.promise_due is None:
        return "答应客户的事要写明最迟什么时候"
    if given.promise_due is not None and given.promise_due <= context.at:
        return "答应客户的时间已经过了，请和客户另约时间"
    return None


@need("D-2.5-a", given=True)
def recording_was_announced(context: Context) -> str | None:
    """A recording is linked only if the customer was told of it (PIPL 13, 17)."""
    given = context.given
    assert isinstance(given, ReceiveForm | RecordingForm)
    place = given.recording if isinstance(given, ReceiveForm) else given.place
    announced = given.recording_announced if isinstance(given, ReceiveForm) else given.announced
    return None if not place.strip() or announced else "没有告知客户的通话录音不能关联"


@need("D-3.1-a")
def is_a_visit(context: Context) -> str | None:
    """The customer comes in person."""
    return None if facts_of(context).channel is Channel.VISIT else "只有来访才需要迎接"


@need("D-3.1-b", given=True)
def was_greeted(context: Context) -> str | None:
    """The visitor was greeted, and the host appeared after the reception began at the earliest an hour before."""
    given = context.given
    assert isinstance(given, WelcomeForm)
    if not given.greeted:
        return "请先向客户友善地打招呼，并问明来意"
    if given.appeared_at is not None and given.appeared_at > context.recorded_at + timedelta(minutes=2):
        return "到接待区的时间不能晚于现在"
    return None


@need("D-2.1-b", given=True)
def identity_is_named(context: Context) -> str | None:
    """A confirmed identity names somebody."""
    given = context.given
    assert isinstance(given, IdentifyForm)
    if given.customer is not None and not _customer_fits(context, given.customer):
        return "没有这位客户，请重新选"
    if given.confirmed and given.customer is None and not (given.caller or facts_of(context).row.caller):
        return "核实了身份，请填来的是谁"
    return None


@need("A-3.2-c", given=True)
def question_exists(context: Context) -> str | None:
    """The matter answered is one of those raised and open."""
    given = context.given
    assert isinstance(given, AnswerForm)
    if given.number is None:
        return None
    matters = facts_of(context).matters
    if given.number > len(matters):
        return f"只提出了 {len(matters)} 项，没有第 {given.number} 项"
    return None


@need("A-1.3-b", given=True)
def target_runs(context: Context) -> str | None:
    """The process to be started is there, and has what it cannot do without."""
    given = context.given
    assert isinstance(given, HandOnForm)
    if given.to.value not in processes():
        return f"「{given.to.label}」流程还没有启用，请改转别的流程"
    row = facts_of(context).row
    if given.to is Target.AFTER_SALES and row.unit_id is None:
        return "报修要先选房屋，才能判断保修和派人"
    if given.to is Target.MEMO and not given.subject.strip():
        return "内部工作联系单要写事由"
    if (
        given.repeat_of
        and not Case.objects.filter(number=given.repeat_of, chain_id=context.case.chain_id).exists()
    ):
        return f"没有编号为 {given.repeat_of} 的事项"
    return None


@need("D-2.2-a")
def was_repeated_back(context: Context) -> str | None:
    """Who speaks hears the need repeated and agrees (D-2.2-a, D-3.2-c, H-2.1-e)."""
    facts = facts_of(context)
    if facts.channel.written or facts.row.repeated_back or facts.row.kind == Kind.PRAISE:
        return None
    return "请把客户的需求复述一遍，客户说对后在「补充记录」里勾选"


@need("D-2.2-b")
def information_is_whole(context: Context) -> str | None:
    """What must be known by the kind of contact is there before it is completed (D-2.2-b)."""
    missing = missing_information(facts_of(context).row)
    return f"{facts_of(context).channel.label}必填的还没有：{'、'.join(missing)}" if missing else None


def missing_information(row: Reception) -> list[str]:
    """Return what a reception of this channel still lacks, by name; the same list stands on the page."""
    wanted: list[tuple[str, bool]] = [
        ("客户原话", bool(row.words)),
        ("来的是谁", bool(row.caller or row.customer_id)),
    ]
    if row.kind not in (Kind.COMPLAINT, Kind.PRAISE):
        wanted.append(("客户要什么", bool(row.need)))
    if row.kind in (Kind.REPAIR, Kind.COMPLAINT):
        wanted.append(("问题是什么", bool(row.problem)))
    channel = Channel(row.channel)
    if channel in (Channel.CALL, Channel.TICKET, Channel.ONLINE):
        wanted.append(("联系电话", bool(row.phone or row.call_back)))
    if channel is Channel.VISIT:
        wanted += [("来访目的", bool(row.purpose)), ("引导到哪里", bool(row.area))]
        wanted.append(("到接待区的时间", row.host_appeared_at is not None))
    return [name for name, there in wanted if not there]


@need("D-3.1-d")
def everything_has_an_outcome(context: Context) -> str | None:
    """Every need and question raised has an outcome (D-3.1-d, A-3.2-c)."""
    left = facts_of(context).open_matters
    if not left:
        return None
    return f"还有 {len(left)} 项没有结果：{'；'.join(matter.text for matter in left[:3])}"


@need("D-2.2-c")
def complex_was_clarified(context: Context) -> str | None:
    """In a complicated matter the answers to the clarifying questions are kept."""
    row = facts_of(context).row
    if not row.difficult or any(one.get("answer") for one in row.clarified):
        return None
    return "情况复杂的要追问，把客户的回答记下来"


@need("D-4-a")
def letter_is_answered(context: Context) -> str | None:
    """A letter is answered before it is closed, unless it was handed on."""
    facts = facts_of(context)
    if facts.letter is None or facts.letter.replied_at is not None or facts.row.handed_to:
        return None
    return f"来函 {facts.letter.number} 还没有复函"


@need("D-4-a")
def letter_is_open(context: Context) -> str | None:
    """There is a letter that waits for its reply."""
    letter = facts_of(context).letter
    if letter is None:
        return "只有来函和传真需要复函"
    return f"已用 {letter.reply_number} 复函" if letter.replied_at is not None else None


@need("D-2.6-e", given=True)
def solved_or_arranged(context: Context) -> str | None:
    """Solved, or handed on to a process of its own; what is not solved gets a date and a person first (D-2.6-e)."""
    given = context.given
    assert isinstance(given, CloseForm)
    facts = facts_of(context)
    if facts.open_follow_ups:
        return f"约好的跟进还没有做：{facts.open_follow_ups[0].what}"
    if facts.promised and not facts.row.handed_to:
        return "答应客户的事还没有兑现"
    if given.solved is Solved.YES or facts.row.handed_to:
        return None
    return "没有解决的，请用「约好再联系」写明下次联系的时间和人"


@need("D-2.6-c", given=True)
def number_was_told(context: Context) -> str | None:
    """Whoever is handed on gets the number read out."""
    given = context.given
    assert isinstance(given, CloseForm)
    row = facts_of(context).row
    if row.handed_to and Channel(row.channel) in SPOKEN and not given.number_told:
        return f"请把编号 {row.handed_to} 念给客户"
    return None


@need("D-2.6-e", given=True)
def next_contact_is_ahead(context: Context) -> str | None:
    """The next contact lies ahead, within three months."""
    given = context.given
    assert isinstance(given, EndContactForm | FollowUpForm)
    return _ahead(given.due_at, context)


@need("A-2.3-c")
def something_to_follow(context: Context) -> str | None:
    """A follow-up is open."""
    return None if facts_of(context).open_follow_ups else "没有约好的跟进"


@need("A-2.3-c", given=True)
def follow_up_exists(context: Context) -> str | None:
    """The follow-up named is one of those open."""
    given = context.given
    assert isinstance(given, FollowedForm)
    left = len(facts_of(context).open_follow_ups)
    return f"只有 {left} 项没有做" if given.number is not None and given.number > left else None


@need("A-2.3-b")
def no_transfer_waits(context: Context) -> str | None:
    """No transfer waits for an answer."""
    waiting = facts_of(context).transfer
    return "已在移交，等对方答复" if waiting is not None else None


@need("A-2.3-b", given=True)
def transfer_has_another(context: Context) -> str | None:
    """A reception is handed to somebody else than its owner."""
    assert isinstance(context.given, TransferForm)
    owner = facts_of(context).row.owner
    if owner is not None and context.given.to in (owner.username, owner.name):
        return "本来就由这位负责"
    return None


@need("A-2.3-b")
def transfer_is_mine(context: Context) -> str | None:
    """Only the person named accepts or declines."""
    waiting = facts_of(context).transfer
    if waiting is None:
        return "没有等待答复的移交"
    return (
        None if waiting.to_person_id == context.by_id else f"移交给的是{waiting.to_person.name}，由本人答复"
    )


def _ahead(due_at: datetime, context: Context) -> str | None:
    if due_at <= context.at:
        return "下次联系的时间已经过了"
    return "下次联系最迟约在三个月内" if due_at > context.at + LATEST_FOLLOW_UP else None


def _customer_fits(context: Context, key: int) -> bool:
    return Customer.objects.filter(pk=key, company_id=context.case.chain_id, merged_into=None).exists()


def _day(context: Context) -> date:
    return context.at.astimezone(ZONE).date()
