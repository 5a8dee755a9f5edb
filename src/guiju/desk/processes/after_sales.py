"""After-sales 售后 (documents C, E, F and H as one process, the strictest rule wins; domain 1.8, 2.15).

Somebody records what the customer says; within 24 hours the customer is contacted and the problem made clear; it is
diagnosed, on site or not; a solution is offered until the customer agrees; then somebody mends it, it is tested, the
customer confirms that it is solved for good and rates it, and it is closed with its coded cause. One person answers
for it all the way; other departments help by internal memos; what comes back within days opens again.
"""

from __future__ import annotations

from guiju.desk import promises, tickets
from guiju.desk.aftersales_facts import facts_of, load
from guiju.desk.forms import aftersales as forms
from guiju.desk.needs import aftersales as needs
from guiju.desk.operations import concluding, coordinating, diagnosing, offering, recording, repairing
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
    FRONT_DESK,
    GENERAL_MANAGER,
    INSPECTOR,
    ONSITE,
    SERVICE_MANAGER,
    TECHNICIAN,
)
from guiju.sales.approving import somebody_approves


class Is(State):
    """Where an after-sales case stands."""

    RECEIVED = "received", "待联系客户", "brand"
    CONTACTED = "contacted", "待诊断", "brand"
    DIAGNOSED = "diagnosed", "待提方案", "brand"
    PROPOSED = "proposed", "待客户答复", "hold"
    NEGOTIATING = "negotiating", "待另提方案", "risk"
    AGREED = "agreed", "待安排处理", "brand"
    WORKING = "working", "处理中", "plain"
    DONE = "done", "待检验", "brand"
    TESTED = "tested", "待客户确认", "brand"
    CONFIRMED = "confirmed", "待评价关闭", "ok"
    CLOSED = "closed", "已关闭", "done"
    UNSOLVED = "unsolved", "客户未认可，已关闭", "done"
    WITHDRAWN = "withdrawn", "客户已撤回", "done"


BEFORE_WORK = (Is.RECEIVED, Is.CONTACTED, Is.DIAGNOSED, Is.PROPOSED, Is.NEGOTIATING, Is.AGREED)
BEFORE_TEST = (*BEFORE_WORK, Is.WORKING, Is.DONE)
OPEN = (*BEFORE_TEST, Is.TESTED, Is.CONFIRMED)
CARE = (AFTER_SALES, CS_CLERK, CS_ASSISTANT_MANAGER, SERVICE_MANAGER)
RECORDERS = (
    FRONT_DESK, AFTER_SALES, CS_CLERK, CS_ASSISTANT_MANAGER, CS_MANAGER, SERVICE_MANAGER, FOREMAN, TECHNICIAN, ONSITE,
)  # fmt: skip
DISPATCH = (AFTER_SALES, CS_CLERK, CS_ASSISTANT_MANAGER, SERVICE_MANAGER, FOREMAN)
WORKERS = (AFTER_SALES, CS_CLERK, FOREMAN, TECHNICIAN, ONSITE, DELEGATE)
TESTERS = (INSPECTOR, FOREMAN, SERVICE_MANAGER, AFTER_SALES, CS_CLERK)
SUPERIORS = (CS_MANAGER, CS_ASSISTANT_MANAGER, DEPUTY_GM, GENERAL_MANAGER)
REVIEWERS = needs.REVIEWERS
TICKET_IS_ANSWERED = tickets.is_answered("F-3.2-d")


def _may_propose(context: Context) -> bool:
    return facts_of(context).investigating is None


def _task_open(context: Context) -> bool:
    return bool(facts_of(context).open_tasks)


def _report_due(context: Context) -> bool:
    row = facts_of(context).row
    return bool(row.important) and row.reported_at is None


def _report_unread(context: Context) -> bool:
    row = facts_of(context).row
    return row.reported_at is not None and row.report_read_at is None


def _escalated(context: Context) -> bool:
    row = facts_of(context).row
    return row.escalated_at is not None and row.stepped_in_at is None


def _unrated(context: Context) -> bool:
    row = facts_of(context).row
    return row.rated_at is None and not row.unrated_why


def _unreviewed(context: Context) -> bool:
    return facts_of(context).report_waits


def _may_close(context: Context) -> bool:
    """Closing is the next act once nothing else is owed."""
    return not (_unrated(context) or _report_due(context) or _task_open(context) or tickets.waits(context))


def _ticket_next(context: Context) -> bool:
    """The office that sent the ticket is next once the work is tested."""
    return context.case.state in (Is.TESTED.value, Is.CONFIRMED.value) and tickets.waits(context)


def _waits(context: Context) -> bool:
    return bool(facts_of(context).row.waiting_for)


def _asked(context: Context) -> bool:
    return facts_of(context).asked is not None


def _agreed(context: Context) -> bool:
    return facts_of(context).agreed


def _remote_way(context: Context) -> bool:
    """Work without a visit is reported done here; a visit reports itself."""
    return not facts_of(context).open_visits


AFTER_SALES_PROCESS = register(
    Process(
        "after_sales",
        "售后",
        series="WX",
        sop="KF-SH-01",
        starts=Is.RECEIVED,
        ends=(Is.CLOSED, Is.UNSOLVED, Is.WITHDRAWN),
        facts=load,
        steps=(
            # receive and contact
            Step(
                "record", "登记售后", (), RECORDERS, "E-2.1-a", to=Is.RECEIVED, opens=True, form=forms.RecordForm,
                needs=(
                    needs.unit_is_ours, needs.reported_is_past, needs.on_the_lists, needs.earlier_exists,
                    needs.recipient_is_named,
                ),
                does=(recording.record,),
            ),
            Step(
                "contact", "联系客户", (Is.RECEIVED,), (*CARE, FRONT_DESK), "F-3.1-a", to=Is.CONTACTED,
                form=forms.ContactForm, needs=(needs.details_are_clear,), does=(recording.contact,), todo=True,
                main=True,
            ),
            Step(
                "miss", "没有联系上", (Is.RECEIVED, Is.TESTED), (*CARE, FRONT_DESK), "F-3.1-a",
                form=forms.MissedForm, does=(recording.miss,),
            ),
            # diagnose
            Step(
                "diagnose_on_site", "诊断：需要上门", (Is.RECEIVED, Is.CONTACTED), CARE, "C-3.2-e", to=Is.DIAGNOSED,
                form=forms.OnSiteForm,
                needs=(needs.was_contacted, needs.on_the_lists, needs.investigation_is_named, needs.trade_is_known),
                does=(diagnosing.diagnose,), todo=True, main=True,
            ),
            Step(
                "diagnose_remote", "诊断：不用上门", (Is.RECEIVED, Is.CONTACTED), CARE, "C-3.2-f", to=Is.DIAGNOSED,
                form=forms.DiagnoseForm,
                needs=(needs.was_contacted, needs.on_the_lists, needs.investigation_is_named),
                does=(diagnosing.diagnose,), main=True,
            ),
            # offer and agree
            Step(
                "propose", "提出方案", (Is.CONTACTED, Is.DIAGNOSED, Is.NEGOTIATING), CARE, "F-2.3-a", to=Is.PROPOSED,
                form=forms.ProposeForm,
                needs=(
                    needs.is_diagnosed, needs.investigation_is_done, needs.on_the_lists, needs.differs_from_earlier,
                    needs.return_is_mapped, needs.price_is_told, needs.unmet_has_reason,
                ),
                does=(offering.propose,), todo=_may_propose, main=True,
            ),
            Step(
                "consent", "客户同意", (Is.DIAGNOSED, Is.PROPOSED), (*CARE, FRONT_DESK), "F-2.4-a", to=Is.AGREED,
                form=forms.ConsentForm, needs=(needs.something_is_offered, needs.price_is_agreed_in_writing),
                does=(offering.consent,), todo=True, main=True,
            ),
            Step(
                "refuse", "客户不同意", (Is.PROPOSED,), (*CARE, FRONT_DESK), "C-3.3-b", to=Is.NEGOTIATING,
                form=forms.RefuseForm, needs=(needs.something_is_offered,), does=(offering.refuse,),
            ),
            Step(
                "step_in", "上级过问", OPEN, SUPERIORS, "H-3.1-e", form=WithReason,
                needs=(needs.escalated,), does=(offering.step_in,), todo=_escalated,
            ),
            # do
            Step(
                "arrange", "安排处理", (Is.DIAGNOSED, Is.PROPOSED, Is.NEGOTIATING, Is.AGREED), DISPATCH, "E-2.3-b",
                to=Is.WORKING, form=forms.ArrangeForm,
                needs=(
                    needs.is_diagnosed, needs.customer_agreed, needs.problem_is_confirmed, needs.somebody_is_named,
                    needs.trade_is_known,
                ),
                does=(repairing.arrange,), todo=_agreed, main=True,
            ),
            Step(
                "remote_failed", "远程未解决，转上门", (Is.DIAGNOSED, Is.PROPOSED, Is.AGREED, Is.WORKING), CARE,
                "F-2.2-b", form=forms.RemoteFailedForm, needs=(needs.is_remote, needs.trade_is_known),
                does=(repairing.remote_failed,),
            ),
            Step(
                "finish", "处理完成", (Is.AGREED, Is.WORKING), WORKERS, "E-3.2-b", to=Is.DONE, form=forms.DoneForm,
                needs=(needs.customer_agreed, needs.work_was_arranged, needs.nothing_is_on_the_way, needs.on_the_lists),
                does=(repairing.finish, concluding.ask_head), todo=_remote_way, main=True,
            ),
            # news of visits, written by the visit itself
            Step(
                "visit_arranged", "上门已约定", OPEN, (), "C-3.2-i", form=forms.VisitNews,
                does=(repairing.visit_arranged,), by_clock=True,
            ),
            Step(
                "visit_arrived", "已到现场", OPEN, (), "H-2.3-a", form=forms.VisitNews,
                does=(repairing.visit_arrived,), by_clock=True,
            ),
            Step(
                "visit_solution", "现场方案客户同意", (Is.DIAGNOSED, Is.PROPOSED, Is.NEGOTIATING, Is.AGREED), (),
                "H-2.3-e", to=Is.WORKING, form=forms.VisitSolution, does=(repairing.visit_solution,), by_clock=True,
            ),
            Step(
                "visit_noted", "上门经过", OPEN, (), "H-2.5-a", form=forms.VisitNews, does=(repairing.visit_noted,),
                by_clock=True,
            ),
            Step(
                "visit_finished", "上门完工", (Is.WORKING,), (), "H-2.5-a", to=Is.DONE, form=forms.VisitNews,
                does=(repairing.visit_finished, concluding.ask_head), by_clock=True,
            ),
            Step(
                "wait", "等物资", BEFORE_TEST, DISPATCH, "H-2.3-g", form=forms.WaitForm,
                needs=(needs.waits_for_nothing,), does=(repairing.wait,),
            ),
            Step(
                "resume", "物资已到", BEFORE_TEST, DISPATCH, "H-2.3-g", form=Nothing,
                needs=(needs.waits_for_material,), does=(repairing.resume,), todo=_waits,
            ),
            # test, confirm, rate, close
            Step(
                "test", "检验", (Is.DONE,), TESTERS, "E-2.4-a", to=Is.TESTED, form=forms.TestForm,
                needs=(needs.measure_is_taken, needs.test_is_passed), does=(repairing.test, concluding.ask_head), todo=True, main=True,
            ),
            Step(
                "fail_test", "检验不合格", (Is.DONE,), TESTERS, "E-2.4-a", to=Is.WORKING, form=WithReason,
                does=(repairing.fail_test,),
            ),
            Step(
                "confirm", "客户确认已解决", (Is.TESTED,), (*CARE, FRONT_DESK), "H-2.4-a", to=Is.CONFIRMED,
                form=forms.ConfirmForm, needs=(needs.customer_says_solved,),
                does=(concluding.confirm, concluding.ask_head), todo=True,
                main=True,
            ),
            Step(
                "unsolved", "客户反映未解决", (Is.TESTED, Is.CONFIRMED), (*CARE, FRONT_DESK), "C-3.3-b",
                to=Is.NEGOTIATING, form=forms.UnsolvedForm, does=(concluding.unsolved,),
            ),
            Step(
                "review_report", "审核操作报告", (Is.DONE, Is.TESTED, Is.CONFIRMED), REVIEWERS, "G-4.5-a",
                form=forms.ReviewReportForm,
                needs=(
                    needs.report_waits_for_review, needs.reviewer_heads_the_department, needs.deviation_is_described,
                ),
                does=(concluding.review_report,), todo=_unreviewed,
            ),
            Step(
                "rate", "登记评价", (Is.CONFIRMED,), (*CARE, FRONT_DESK), "F-2.5-b", form=forms.RateForm,
                needs=(needs.not_rated,), does=(concluding.rate, concluding.ask_head), todo=_unrated,
            ),
            Step(
                "leave_unrated", "客户不作评价", (Is.CONFIRMED,), (*CARE, FRONT_DESK), "F-2.5-b",
                form=forms.UnratedForm, needs=(needs.not_rated,),
                does=(concluding.leave_unrated, concluding.ask_head),
            ),
            Step(
                "close", "关闭", (Is.DONE, Is.TESTED, Is.CONFIRMED), CARE, "H-2.4-a", to=Is.CLOSED,
                form=forms.CloseForm,
                needs=(
                    needs.solution_is_on_file, needs.cause_is_known, needs.measure_is_taken, needs.customer_confirmed,
                    needs.report_is_reviewed,
                    needs.customer_rated, needs.departments_are_done, needs.important_is_reported,
                    needs.nothing_is_on_the_way, promises.all_kept, needs.on_the_lists, needs.unmet_has_reason,
                    TICKET_IS_ANSWERED,
                ),
                does=(concluding.close,), todo=_may_close, main=True,
            ),
            Step(
                "close_unsolved", "客户未认可，关闭", (Is.PROPOSED, Is.NEGOTIATING, Is.TESTED, Is.CONFIRMED), CARE,
                "C-4.4-b", to=Is.UNSOLVED, form=forms.UnsolvedCloseForm,
                needs=(
                    somebody_approves("C-4.4-b"), needs.solution_is_on_file, needs.departments_are_done, needs.nothing_is_on_the_way,
                    promises.all_kept, needs.on_the_lists, TICKET_IS_ANSWERED,
                ),
                does=(concluding.close_unsolved,),
            ),
            Step(
                "withdraw", "客户撤回", BEFORE_WORK, (*CARE, FRONT_DESK), "C-4.4-b", to=Is.WITHDRAWN,
                form=WithReason, needs=(needs.nobody_is_on_the_way, TICKET_IS_ANSWERED),
                does=(concluding.withdraw,),
            ),
            Step(
                "reopen", "重新打开", (Is.CLOSED, Is.UNSOLVED), (*CARE, FRONT_DESK), "C-3.3-b", to=Is.NEGOTIATING,
                form=forms.ReopenForm, needs=(needs.within_the_window,), does=(concluding.reopen,),
            ),
            # beside the way
            Step(
                "follow", "跟进联系", OPEN, (*CARE, FRONT_DESK), "A-2.3-c", form=forms.FollowForm,
                does=(coordinating.follow,),
            ),
            Step(
                "agree_date", "约定解决日期", BEFORE_TEST, CARE, "F-3.2-f", form=forms.DateForm,
                needs=(needs.still_in_time, needs.date_is_ahead), does=(coordinating.agree_date,),
            ),
            Step(
                "coordinate", "请部门协助", OPEN, (*CARE, FOREMAN), "C-3.3-e", form=forms.CoordinateForm,
                does=(coordinating.coordinate,),
            ),
            Step(
                "cannot_solve", "无法解决，求助", BEFORE_TEST, (*CARE, FRONT_DESK, FOREMAN), "D-2.5-g",
                form=forms.CannotForm, needs=(needs.date_is_ahead,), does=(coordinating.cannot_solve,),
            ),
            Step(
                "note_result", "记协调结果", OPEN, (*CARE, FOREMAN), "D-2.5-h", form=forms.ResultForm,
                needs=(needs.task_is_open,), does=(coordinating.note_result,), todo=_task_open,
            ),
            Step(
                "transfer", "移交责任人", OPEN, (*CARE, CS_MANAGER), "A-2.3-b", form=forms.TransferForm,
                needs=(needs.may_hand_over, needs.new_owner_exists), does=(coordinating.transfer,),
            ),
            Step(
                "accept", "接手", OPEN, (*CARE, CS_MANAGER, FRONT_DESK), "A-2.3-b", form=forms.AnswerForm,
                needs=(needs.i_am_asked,), does=(coordinating.accept,), todo=_asked,
            ),
            Step(
                "decline", "不接手", OPEN, (*CARE, CS_MANAGER, FRONT_DESK), "A-2.3-b", form=WithReason,
                needs=(needs.i_am_asked,), does=(coordinating.decline,),
            ),
            Step(
                "mark_important", "标为重要", OPEN, (*CARE, FRONT_DESK, CS_MANAGER), "C-3.3-d",
                form=forms.ImportantForm, needs=(needs.not_marked,), does=(coordinating.mark_important,),
            ),
            Step(
                "report", "向上级汇报", OPEN, CARE, "E-1.3-b", form=forms.ReportForm,
                needs=(needs.last_report_is_read,), does=(coordinating.report,), todo=_report_due,
            ),
            Step(
                "read_report", "阅汇报", OPEN, SUPERIORS, "C-3.3-d", form=forms.AnswerForm,
                needs=(needs.report_waits,), does=(coordinating.read_report,), todo=_report_unread,
            ),
            Step(
                "link_repeat", "关联为重复", OPEN, CARE, "C-3.3-c", form=forms.RepeatForm,
                needs=(needs.not_linked_yet, needs.earlier_exists), does=(recording.link_repeat,),
            ),
            Step(
                "correct", "更正服务记录", OPEN, (*CARE, CS_MANAGER), "E-1.4-a", form=forms.CorrectForm,
                needs=(needs.entry_exists,), does=(coordinating.correct,),
            ),
            tickets.step(OPEN, (*CARE, FRONT_DESK), "F-3.2-d", coordinating.return_ticket, todo=_ticket_next),
            *promises.steps(OPEN, (*CARE, FRONT_DESK), "H-3.1-e"),
        ),
        clocks=(
            ClockRule(
                "contact", "联系客户", starts=("record",), stops=("contact",), limit="24 小时", latest="24 小时",
                clause="F-3.1-a",
            ),
            ClockRule(
                "visit", "安排上门", starts=("record", "remote_failed"), stops=("visit_arranged", "diagnose_remote"),
                limit="48 小时", latest="48 小时", clause="F-3.1-c",
            ),
            ClockRule(
                "resolve", "解决问题", starts=("record", "unsolved", "reopen"), stops=("test",), limit="3 工作日",
                clause="F-3.2-d",
            ),
            # Of a ticket handed on by the reception.
            tickets.clock("F-3.2-d"),
            ClockRule(
                "keep_in_touch", "保持沟通",
                starts=("contact", "propose", "consent", "refuse", "follow", "agree_date", "visit_arranged",
                        "visit_arrived", "unsolved", "reopen"),
                stops=("test",), limit="2 工作日", clause="F-2.4-c",
            ),
            ClockRule(
                "report", "向上级汇报", starts=("mark_important",), stops=("report",), limit="4 工作小时",
                clause="C-3.3-d",
            ),
            ClockRule(
                "confirm", "与客户确认", starts=("test",), stops=("confirm", "unsolved"), limit="1 工作日",
                clause="C-3.3-a",
            ),
            ClockRule(
                "close", "评价和关闭", starts=("confirm",), stops=("close", "unsolved"), limit="3 工作日",
                clause="F-2.5-b",
            ),
            promises.clock("H-3.1-e", starts=("cannot_solve",)),
        ),
    )
)  # fmt: skip
