"""Complaints 投诉 (documents K 2.1 to 2.6, I-2.8, I-5.8, A-4; domain 2.14).

Whoever hears it writes it down; nothing prevents that. It has a handler from that moment. What is no quality problem is
negotiated until the customer is satisfied. A quality problem gets the plan of the person in charge, goes to the quality
department the same day, gets its analysis and opinion, and a qualified technician, who arrives within the region's
limit, finds the cause, handles it, has it confirmed and signed, and hands the record back. Complaints of the past come
in from registers as history (DECISIONS 22); one that is still open can be settled, or taken up.
"""

from __future__ import annotations

from guiju.desk import promises, tickets
from guiju.kernel.engine import Context
from guiju.kernel.forms import Nothing, WithReason
from guiju.kernel.process import ClockRule, Process, State, Step, register
from guiju.org.posts import (
    AFTER_SALES,
    CS_ASSISTANT_MANAGER,
    CS_CLERK,
    CS_MANAGER,
    DELEGATE,
    DEPUTY_GM,
    FOREMAN,
    GENERAL_MANAGER,
    INSPECTOR,
    QUALITY,
    TECHNICIAN,
)
from guiju.quality.forms import complaint as forms
from guiju.quality.forms.past import SettleForm
from guiju.quality.models import Complaint
from guiju.quality.needs import complaint as needs
from guiju.quality.operations import (
    complaint_answers,
    complaint_handling,
    complaint_limits,
    complaint_record,
    complaint_site,
)
from guiju.quality.operations.complaint_people import HANDLERS
from guiju.quality.operations.past import settle_past
from guiju.quality.people import ANYBODY
from guiju.quality.record import Facts, facts_of
from guiju.sales.approving import somebody_approves


class Is(State):
    """Where a complaint stands."""

    RECORDED = "recorded", "处理中", "brand"
    PLANNED = "planned", "待交质检部", "risk"
    HANDED = "handed", "质检部分析中", "brand"
    JUDGED = "judged", "待委派技术人员", "brand"
    DELEGATED = "delegated", "待到达现场", "risk"
    ONSITE = "onsite", "现场调查中", "brand"
    HANDLING = "handling", "处理实施中", "brand"
    EXECUTED = "executed", "待顾客确认", "brand"
    CONFIRMED = "confirmed", "待交回质检部", "risk"
    BACK = "back", "待办结", "ok"
    DONE = "done", "已办结", "done"
    LEFT = "left", "未满意办结", "over"
    OPEN = "open", "历史未结", "hold"
    PAST = "closed", "历史已结", "done"


LIVE = (
    Is.RECORDED, Is.PLANNED, Is.HANDED, Is.JUDGED, Is.DELEGATED, Is.ONSITE, Is.HANDLING, Is.EXECUTED, Is.CONFIRMED,
    Is.BACK,
)  # fmt: skip
SITE = (DELEGATE, TECHNICIAN, AFTER_SALES)
LEADERS = (CS_MANAGER, CS_ASSISTANT_MANAGER, DEPUTY_GM, GENERAL_MANAGER)


def load(context: Context) -> Facts:
    """Read the complaint of the case; an empty one while it is being opened."""
    row = (
        Complaint.objects.select_related("case", "unit__building", "handler", "delegate", "parent__case", "repeat_of__case")
        .filter(case_id=context.case.pk or 0)
        .first()
    )  # fmt: skip
    return Facts(row if row is not None else Complaint(), context.case.pk or 0)


def about_whom(context: Context) -> set[int]:
    """Return the person complained about: whoever it is decides on nothing in it (domain 2.14)."""
    about = _row(context).about_person_id
    return {about} if about is not None else set()


def _row(context: Context) -> Complaint:
    row: Complaint = facts_of(context).row
    return row


def _unclassified(context: Context) -> bool:
    return _row(context).quality is None


def _negotiable(context: Context) -> bool:
    return _row(context).quality is False and not _row(context).satisfied


def _plannable(context: Context) -> bool:
    return _row(context).quality is True


def _not_analysed(context: Context) -> bool:
    return facts_of(context).since("analysis", "handed_over") is None


def _analysed(context: Context) -> bool:
    return not _not_analysed(context)


def _unread(context: Context) -> bool:
    return facts_of(context).since("read", "delegated") is None


def _was_read(context: Context) -> bool:
    return not _unread(context)


def _not_investigated(context: Context) -> bool:
    return facts_of(context).since("investigated", "delegated") is None


def _investigated(context: Context) -> bool:
    return not _not_investigated(context)


def _to_check(context: Context) -> bool:
    return _row(context).remedy == "rectify" and facts_of(context).since("checked", "executed") is None


def _checked(context: Context) -> bool:
    return not _to_check(context)


def _closable(context: Context) -> bool:
    return bool(_row(context).satisfied) or context.process.state(context.case.state) is Is.BACK


def _ticket_waits(context: Context) -> bool:
    """Once the customer was answered, the office that sent the ticket is next."""
    facts = facts_of(context)
    answered = any(facts.last(kind) for kind in ("replied", "round", "confirmed"))
    return bool(_row(context).ticket) and answered and facts.last("ticket_returned") is None


def _lacks_corrective(context: Context) -> bool:
    return _row(context).fault == "own" and facts_of(context).last("corrective") is None


def _lacks_review(context: Context) -> bool:
    return _row(context).incident and facts_of(context).last("reviewed") is None


def _lacks_measure(context: Context) -> bool:
    return _row(context).incident and facts_of(context).last("measure") is None


MINE = (needs.not_about_me,)

COMPLAINT = register(
    Process(
        "complaint",
        "投诉",
        series="TS",
        sop="KF-TS-01",
        starts=Is.RECORDED,
        ends=(Is.DONE, Is.LEFT, Is.PAST),
        untimed=(Is.OPEN,),
        facts=load,
        apart=about_whom,
        steps=(
            # whoever hears it
            Step(
                "record", "登记投诉", (), ANYBODY, "K-2.1-g", to=Is.RECORDED, opens=True, form=forms.RecordForm,
                does=(complaint_record.record,), approvable=False,
            ),
            Step(
                "contact", "首次联系", LIVE, HANDLERS, "A-4.2-a", form=forms.ContactForm, needs=MINE,
                does=(complaint_handling.contact,),
            ),
            Step(
                "classify", "定性", (Is.RECORDED, Is.PLANNED, Is.HANDED, Is.JUDGED), (*HANDLERS, QUALITY),
                "K-2.1-i", to=Is.RECORDED, form=forms.ClassifyForm, needs=MINE, does=(complaint_handling.classify,),
                todo=_unclassified,
            ),
            # not a quality problem
            Step(
                "talk", "协商", (Is.RECORDED,), HANDLERS, "K-2.1-j", form=forms.RoundForm,
                needs=(*MINE, needs.is_not_quality), does=(complaint_handling.talk,), todo=_negotiable,
            ),
            # a quality problem: the person in charge
            Step(
                "plan", "制定方案", (Is.RECORDED,), HANDLERS, "K-2.1-n", to=Is.PLANNED, form=forms.PlanForm,
                needs=(*MINE, needs.is_quality, needs.is_person_in_charge), does=(complaint_handling.plan,), todo=_plannable,
                main=True,
            ),
            Step(
                "hand_over", "交质检部", (Is.PLANNED,), HANDLERS, "K-2.1-o", to=Is.HANDED,
                form=forms.HandOverForm, needs=(*MINE, needs.letters_go_along), does=(complaint_handling.hand_over,), todo=True,
                main=True,
            ),
            # the quality department
            Step(
                "judge", "会同分析", (Is.HANDED,), (QUALITY,), "K-2.1-q", form=forms.JudgeForm, needs=MINE,
                does=(complaint_handling.judge,), todo=_not_analysed,
            ),
            Step(
                "opine", "填写处理意见", (Is.HANDED,), (QUALITY,), "K-2.1-s", to=Is.JUDGED, form=forms.OpinionForm,
                needs=(*MINE, needs.analysis_is_written), does=(complaint_handling.opine,), todo=_analysed, main=True,
            ),
            Step(
                "delegate", "委派技术人员", (Is.JUDGED, Is.DELEGATED), (QUALITY,), "K-2.1-t", to=Is.DELEGATED,
                form=forms.DelegateForm, needs=(needs.delegate_is_qualified,),
                does=(complaint_handling.delegate,), todo=lambda context: context.case.state == Is.JUDGED.value, main=True,
            ),
            # the technician delegated
            Step(
                "read", "确认阅知", (Is.DELEGATED,), SITE, "K-2.2-a", form=forms.ReadForm,
                needs=(needs.is_the_delegate, needs.reading_is_confirmed), does=(complaint_site.read,), todo=_unread,
            ),
            Step(
                "arrive", "到达现场", (Is.DELEGATED,), SITE, "K-2.2-f", to=Is.ONSITE, form=forms.ArriveForm,
                needs=(needs.is_the_delegate, needs.opinion_is_read), does=(complaint_site.arrive,), todo=_was_read, main=True,
            ),
            Step(
                "investigate", "现场调查", (Is.ONSITE,), SITE, "K-2.4-a", form=forms.InvestigateForm,
                needs=(needs.is_the_delegate, needs.cause_is_found), does=(complaint_site.investigate,), todo=_not_investigated,
            ),
            Step(
                "decide", "处理决定", (Is.ONSITE,), (*SITE, QUALITY), "K-2.4-c", to=Is.HANDLING,
                form=forms.DecideForm, needs=(needs.investigated, needs.remedy_fits_fault, needs.offer_is_told),
                does=(complaint_site.decide,), todo=_investigated, main=True,
            ),
            Step(
                "execute", "填写处理实施情况", (Is.HANDLING,), SITE, "K-2.5-a", to=Is.EXECUTED,
                form=forms.ExecuteForm, needs=(needs.is_the_delegate, needs.test_is_passed), does=(complaint_site.execute,),
                todo=True, main=True,
            ),
            Step(
                "check", "质量检查", (Is.EXECUTED,), (INSPECTOR, QUALITY, FOREMAN, AFTER_SALES), "E-2.4-b", form=forms.CheckForm,
                needs=(needs.checker_is_another, needs.checker_is_qualified), does=(complaint_site.check,), todo=_to_check,
            ),
            Step(
                "confirm", "顾客确认签名", (Is.EXECUTED,), (*SITE, CS_CLERK, CS_ASSISTANT_MANAGER), "K-2.5-b",
                to=Is.CONFIRMED, form=forms.ConfirmForm, needs=(needs.quality_is_checked, needs.customer_confirms),
                does=(complaint_site.confirm,), todo=_checked, main=True,
            ),
            Step(
                "rework", "返工", (Is.EXECUTED, Is.CONFIRMED, Is.BACK), (*SITE, QUALITY, INSPECTOR, CS_CLERK, CS_ASSISTANT_MANAGER),
                "K-2.5-b", to=Is.HANDLING, form=WithReason, does=(complaint_site.rework,),
            ),
            Step(
                "hand_in", "记录表交回质检部", (Is.CONFIRMED,), SITE, "K-2.6-a", to=Is.BACK, form=Nothing,
                needs=(needs.is_the_delegate,), does=(complaint_site.hand_in,), todo=True, main=True,
            ),
            # the end
            Step(
                "return_ticket", "回复工单", LIVE, HANDLERS, "I-2.8-d", form=tickets.TicketForm,
                needs=(*MINE, needs.has_ticket, tickets.receipt_is_kept("I-2.8-d")), does=(complaint_answers.return_ticket,),
                todo=_ticket_waits,
            ),
            Step(
                "close", "办结", (Is.RECORDED, Is.BACK), HANDLERS, "I-2.8-e", to=Is.DONE, form=forms.CloseForm,
                needs=(
                    *MINE, needs.customer_is_satisfied, needs.customer_has_answer, needs.ticket_is_returned, needs.record_is_back,
                    needs.corrective_is_under_way, needs.incident_is_reviewed, needs.others_are_done,
                    promises.all_kept,
                ),
                does=(complaint_answers.close,), todo=_closable, main=True,
            ),
            Step(
                "leave", "未满意办结", LIVE, HANDLERS, "K-2.1-k", to=Is.LEFT, form=forms.LeaveForm,
                needs=(*MINE, somebody_approves("K-2.1-k"), needs.attempts_are_told, needs.ticket_is_returned, needs.incident_is_reviewed, needs.corrective_is_under_way),
                does=(complaint_answers.leave,),
            ),
            Step(
                "reopen", "重新处理", (Is.DONE, Is.LEFT), (*HANDLERS, QUALITY), "I-2.8-f", to=Is.RECORDED,
                form=forms.ReopenForm, needs=(needs.recently_closed,), does=(complaint_record.reopen,),
            ),
            # beside the handling
            Step(
                "feedback", "向顾客反馈", LIVE, (*HANDLERS, *SITE[:2], QUALITY), "A-4.3-a", form=forms.FeedbackForm,
                does=(complaint_answers.feed_back,),
            ),
            Step(
                "reply", "答复顾客", LIVE, HANDLERS, "I-2.8-d", form=forms.ReplyForm, needs=MINE,
                does=(complaint_answers.reply,),
            ),
            Step(
                "reply_letter", "书面答复", LIVE, HANDLERS, "I-2.8-d", form=forms.ReplyForm, needs=MINE,
                does=(complaint_answers.reply,),
            ),
            Step(
                "coordinate", "转达协调", LIVE, (*HANDLERS, QUALITY), "I-2.8-b", form=forms.CoordinateForm,
                does=(complaint_answers.coordinate,),
            ),
            Step(
                "set_level", "定级", LIVE, (*HANDLERS, QUALITY, DEPUTY_GM, GENERAL_MANAGER), "I-2.8-c",
                form=forms.LevelForm, needs=(needs.level_is_grave_enough,), does=(complaint_handling.set_level,),
                while_pending=True,
            ),
            Step("assign", "指定处理人", LIVE, LEADERS, "A-4.2-a", form=forms.AssignForm, does=(complaint_handling.assign,)),
            Step(
                "upset", "请主管接手", LIVE, ANYBODY, "E-4.1-b", form=forms.UpsetForm, does=(complaint_answers.report_upset,),
            ),
            Step(
                "incident", "突发事件处置", LIVE, (*HANDLERS, *SITE[:2], QUALITY, DEPUTY_GM, GENERAL_MANAGER),
                "I-2.8-g", form=forms.IncidentForm, does=(complaint_answers.mark_incident,), todo=_lacks_measure,
            ),
            Step(
                "review", "处置复盘", LIVE, (*LEADERS, QUALITY), "I-2.8-h", form=forms.ReviewForm,
                needs=(needs.is_incident,), does=(complaint_answers.review_incident,), todo=_lacks_review,
            ),
            Step(
                "join", "并入群体投诉", LIVE, (*HANDLERS, QUALITY), "I-2.8-c", form=forms.GroupForm,
                needs=(needs.parent_fits,), does=(complaint_answers.join,), while_pending=True,
            ),
            Step(
                "corrective", "填写纠正措施通知单", LIVE, (QUALITY, CS_MANAGER, *HANDLERS[:1]), "K-2.6-b", form=forms.PreventForm,
                does=(complaint_answers.prevent,), todo=_lacks_corrective,
            ),
            *promises.steps(LIVE, (*HANDLERS, *SITE[:2], QUALITY), "A-4.3-a"),
            # the past
            Step(
                # Written by the import of registers; nobody can take it here.
                "import", "历史导入", (Is.RECORDED,), (), "I-2.8-e", to=Is.OPEN, form=Nothing, by_clock=True,
                approvable=False,
            ),
            Step(
                "settle", "补记办结", (Is.OPEN,), (*HANDLERS, QUALITY), "I-2.8-e", to=Is.PAST, form=SettleForm,
                does=(settle_past,),
            ),
            Step(
                "take_up", "启用历史投诉", (Is.OPEN,), (*HANDLERS, QUALITY), "I-2.8-a", to=Is.RECORDED,
                form=forms.PastForm, does=(complaint_record.take_up,),
            ),
        ),
        clocks=(
            ClockRule(
                "contact", "首次联系", starts=("record", "take_up", "reopen"),
                stops=("contact", "talk", "reply", "reply_letter", "feedback", "arrive"), limit="24 小时", clause="A-4.2-a",
                due=complaint_limits.contact_due,
            ),
            ClockRule(
                "answer", "答复顾客", starts=("record", "take_up", "reopen"),
                stops=("reply", "reply_letter", "talk", "confirm"), limit="3 工作日", clause="I-2.8-d",
                due=complaint_limits.answer_due,
            ),
            ClockRule("written", "书面答复", starts=(), stops=("reply_letter",), limit="7 日", clause="I-2.8-d"),
            ClockRule(
                "ticket", "外部工单期限", starts=(), stops=("return_ticket",), limit="5 日", clause="I-2.8-d",
            ),
            ClockRule(
                "feedback", "向顾客反馈进展",
                starts=(
                    "record", "take_up", "reopen", "contact", "feedback", "talk", "reply", "reply_letter", "arrive", "confirm",
                ),
                stops=(), limit="3 日", clause="A-4.3-a",
            ),
            ClockRule(
                "solve", "办结", starts=("record", "take_up", "reopen"), stops=("close", "leave"),
                limit="7 日", clause="I-2.8-f", due=complaint_limits.solve_due,
            ),
            ClockRule(
                "hand_over", "当天交质检部", starts=(), stops=("hand_over", "classify"), limit="当日", clause="K-2.1-o",
            ),
            ClockRule(
                "judge", "质检部处理意见", starts=("hand_over",), stops=("opine", "classify"), limit="1 工作日",
                clause="K-2.1-s",
            ),
            ClockRule(
                "delegate", "委派", starts=("opine",), stops=("delegate", "classify"), limit="1 工作日",
                clause="K-2.1-t",
            ),
            ClockRule("read", "阅知处理意见", starts=("delegate",), stops=("read", "arrive"), limit="1 工作日", clause="K-2.2-a"),
            ClockRule(
                "arrive", "到达现场", starts=("delegate",), stops=("arrive",), limit="3 日不顺延", clause="K-2.2-b",
                due=complaint_limits.arrival_due,
            ),
            ClockRule("hand_in", "记录表交回", starts=("confirm",), stops=("hand_in", "rework"), limit="1 工作日", clause="K-2.6-a"),
            ClockRule("reaction", "突发事件即时反应", starts=(), stops=("incident",), limit="15 分钟", clause="I-2.8-g"),
            promises.clock("A-4.3-a"),
        ),
    )
)  # fmt: skip
