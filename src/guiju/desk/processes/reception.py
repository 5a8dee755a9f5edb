"""Reception 接待 (documents A and D; domain form 9): one box for call, visit, letter, fax, mail, message, chat, ticket.

Whoever is first asked answers for it (首问负责). The customer's words are kept as spoken; what is needed and what is
wrong stand apart. Each question gets an answer, each need an outcome: answered here, or handed on to a process of its
own with the time from arrival to start. Nothing is closed before the customer was asked whether it is solved; what is
not solved has a day and a person for the next contact.
"""

from __future__ import annotations

from guiju.desk import intake_forms as forms
from guiju.desk import intake_needs as needs
from guiju.desk import promises, tickets
from guiju.desk.intake_facts import facts_of, load
from guiju.desk.models import Channel
from guiju.desk.operations import receiving
from guiju.kernel.engine import Context
from guiju.kernel.forms import WithReason
from guiju.kernel.process import ClockRule, Process, State, Step, register
from guiju.org.posts import (
    AFTER_SALES,
    ARCHIVIST,
    CS_ASSISTANT_MANAGER,
    CS_CLERK,
    CS_MANAGER,
    FOREMAN,
    FRONT_DESK,
    ONSITE,
    REGISTRAR,
    SALES,
    SERVICE_MANAGER,
    SIGNING_SUPERVISOR,
    TECHNICIAN,
)


class Is(State):
    """Where a reception stands."""

    RECEIVED = "received", "接待中", "brand"
    HANDED = "handed", "已转办待收尾", "ok"
    WAITING = "waiting", "待跟进", "risk"
    CLOSED = "closed", "已办结", "done"
    VOIDED = "voided", "无效来电", "done"


DESK = (FRONT_DESK, CS_CLERK, AFTER_SALES, CS_ASSISTANT_MANAGER, CS_MANAGER)
# Whoever is asked first takes it in; the desk goes on with it.
ANYBODY = (
    *DESK, SIGNING_SUPERVISOR, SALES, REGISTRAR, ARCHIVIST, SERVICE_MANAGER, FOREMAN, TECHNICIAN, ONSITE,
)  # fmt: skip
OPEN = (Is.RECEIVED, Is.HANDED, Is.WAITING)


def _visitor_waits(context: Context) -> bool:
    facts = facts_of(context)
    return facts.channel is Channel.VISIT and facts.row.host_appeared_at is None


def _unanswered(context: Context) -> bool:
    return bool(facts_of(context).open_matters)


def _letter_waits(context: Context) -> bool:
    letter = facts_of(context).letter
    return letter is not None and letter.replied_at is None


def _ticket_waits(context: Context) -> bool:
    """Once the customer was answered, the office that sent the ticket is next."""
    return not facts_of(context).open_matters and needs.owes_ticket(context)


def _to_follow(context: Context) -> bool:
    return bool(facts_of(context).open_follow_ups)


def _transfer_waits(context: Context) -> bool:
    return facts_of(context).transfer is not None


RECEPTION = register(
    Process(
        "reception",
        "接待",
        series="JD",
        sop="KF-QT-01",
        starts=Is.RECEIVED,
        ends=(Is.CLOSED, Is.VOIDED),
        facts=load,
        steps=(
            Step(
                "receive", "登记接待", (), ANYBODY, "A-1.3-a", to=Is.RECEIVED, opens=True, form=forms.ReceiveForm,
                needs=(
                    needs.need_is_asked, needs.purpose_is_asked, needs.paper_is_kept, needs.channel_is_known, needs.ticket_is_whole,
                    needs.subjects_are_ours, needs.times_are_right, needs.recording_was_announced,
                ),
                does=(receiving.receive,), by_clock=True,
            ),
            # while the customer is here
            Step(
                "welcome", "迎接来访", (Is.RECEIVED,), ANYBODY, "D-3.1-a", form=forms.WelcomeForm,
                needs=(needs.is_a_visit, needs.was_greeted), does=(receiving.welcome,), todo=_visitor_waits,
            ),
            Step(
                "identify", "核实身份", OPEN, ANYBODY, "D-2.1-b", form=forms.IdentifyForm,
                needs=(needs.identity_is_named,), does=(receiving.identify,),
            ),
            Step(
                "note_down", "补充记录", OPEN, ANYBODY, "D-2.2-b", form=forms.NoteDownForm,
                does=(receiving.note_down,),
            ),
            Step(
                "answer", "答复客户", (Is.RECEIVED, Is.WAITING), ANYBODY, "A-3.2-c", form=forms.AnswerForm,
                needs=(needs.question_exists,), does=(receiving.answer,), todo=_unanswered,
            ),
            Step(
                "hand_on", "转办", (Is.RECEIVED, Is.WAITING), ANYBODY, "A-1.3-b", to=Is.HANDED, form=forms.HandOnForm,
                needs=(needs.target_runs,), does=(receiving.hand_on,), main=True,
            ),
            Step(
                "link_recording", "关联录音", OPEN, ANYBODY, "D-2.5-a", form=forms.RecordingForm,
                needs=(needs.recording_was_announced,), does=(receiving.link_recording,),
            ),
            # letters
            Step(
                "reply_letter", "复函", OPEN, DESK, "D-4-a", form=forms.ReplyLetterForm,
                needs=(needs.letter_is_open,), does=(receiving.reply_letter,), todo=_letter_waits,
            ),
            # tickets of another office
            tickets.step(
                OPEN, DESK, "A-3.2-b", receiving.return_ticket, owes=needs.owes_ticket, todo=_ticket_waits
            ),
            # promises and later contacts
            *promises.steps(OPEN, ANYBODY, "A-2.3-a"),
            Step(
                "follow_up", "约定跟进", OPEN, ANYBODY, "A-2.3-c", form=forms.FollowUpForm,
                needs=(needs.next_contact_is_ahead,), does=(receiving.follow_up,),
            ),
            Step(
                "followed_up", "记录跟进", OPEN, ANYBODY, "A-2.3-c", form=forms.FollowedForm,
                needs=(needs.something_to_follow, needs.follow_up_exists), does=(receiving.followed_up,),
                todo=_to_follow,
            ),
            # who answers for it
            Step(
                "ask_transfer", "移交他人", OPEN, ANYBODY, "A-2.3-b", form=forms.TransferForm,
                needs=(needs.no_transfer_waits, needs.transfer_has_another), does=(receiving.ask_transfer,),
            ),
            Step(
                "accept_transfer", "接受移交", OPEN, ANYBODY, "A-2.3-b", form=forms.DecideTransferForm,
                needs=(needs.transfer_is_mine,), does=(receiving.accept_transfer,), todo=_transfer_waits,
            ),
            Step(
                "refuse_transfer", "不接受移交", OPEN, ANYBODY, "A-2.3-b", form=WithReason,
                needs=(needs.transfer_is_mine,), does=(receiving.refuse_transfer,),
            ),
            # the end
            Step(
                "end_contact", "约好再联系", (Is.RECEIVED, Is.HANDED, Is.WAITING), ANYBODY, "D-2.6-e", to=Is.WAITING,
                form=forms.EndContactForm,
                needs=(needs.next_contact_is_ahead, needs.was_repeated_back), does=(receiving.end_contact,),
            ),
            Step(
                "close", "收尾办结", OPEN, ANYBODY, "D-2.6-d", to=Is.CLOSED, form=forms.CloseForm,
                needs=(
                    needs.was_repeated_back, needs.information_is_whole, needs.complex_was_clarified,
                    needs.everything_has_an_outcome, needs.letter_is_answered, needs.no_transfer_waits,
                    needs.solved_or_arranged, needs.number_was_told, tickets.is_answered("A-3.2-b", needs.owes_ticket),
                ),
                does=(receiving.close,), todo=True, main=True,
            ),
            Step(
                "void", "作废", (Is.RECEIVED,), DESK, "D-2.5-a", to=Is.VOIDED, form=WithReason,
                does=(receiving.void,),
            ),
        ),
        clocks=(
            ClockRule(
                "reply", "首次答复", starts=("receive",),
                stops=("answer", "hand_on", "reply_letter", "end_contact", "close", "void"), limit="24 小时",
                clause="A-3.2-b", due=receiving.reply_due,
            ),
            ClockRule(
                "finish", "办结", starts=("receive",), stops=("close", "void"), limit="3 工作日", clause="D-2.6-d",
                due=receiving.finish_due,
            ),
            promises.clock("A-2.3-a"),
            ClockRule(
                "follow_up", "约定跟进", starts=("follow_up", "end_contact"), stops=("followed_up", "close"),
                limit="3 工作日", clause="A-2.3-c", due=receiving.next_follow_up,
            ),
            ClockRule(
                "letter", "复函", starts=(), stops=("reply_letter", "close", "void"), limit="5 工作日",
                clause="D-4-a",
            ),
            tickets.clock("A-3.2-b", stops=("close", "void")),
            ClockRule(
                "transfer", "答复移交", starts=("ask_transfer",),
                stops=("accept_transfer", "refuse_transfer"), limit="4 工作小时", clause="A-2.3-b",
            ),
        ),
    )
)  # fmt: skip
