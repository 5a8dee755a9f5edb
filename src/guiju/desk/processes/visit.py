"""Home visit 上门 (document H part 3; domain 2.17).

For a case somebody goes to the customer: a time is offered and agreed, a worker of the right trade is sent, sets out
with badge and tools, calls before being late, arrives, confirms problem and need, inspects, finds the cause, offers a
solution, mends it or waits for material, tests, and the customer signs. Who does not come, on either side, and who is
not let in leaves a record and a new time.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

from guiju.desk.forms import visit as forms
from guiju.desk.needs import visit as needs
from guiju.desk.operations import visiting
from guiju.desk.parts import Wanted, latest_expected
from guiju.desk.visit_facts import facts_of, load
from guiju.kernel.calendar import end_of
from guiju.kernel.engine import Context
from guiju.kernel.forms import Nothing
from guiju.kernel.numbering import ZONE
from guiju.kernel.process import ClockRule, Process, State, Step, register
from guiju.org.posts import (
    AFTER_SALES,
    CS_ASSISTANT_MANAGER,
    CS_CLERK,
    DELEGATE,
    FOREMAN,
    FRONT_DESK,
    ONSITE,
    SERVICE_MANAGER,
    TECHNICIAN,
)
from guiju.sales.approving import somebody_approves


class Is(State):
    """Where a visit stands."""

    REQUESTED = "requested", "待约时间", "brand"
    OFFERED = "offered", "待客户确认", "hold"
    BOOKED = "booked", "已约定", "plain"
    EN_ROUTE = "en_route", "在路上", "plain"
    ARRIVED = "arrived", "已到达", "brand"
    WORKING = "working", "处理中", "brand"
    WAITING = "waiting", "等物资", "hold"
    FINISHED = "finished", "待客户签字", "risk"
    SIGNED = "signed", "客户已签字", "done"
    UNSIGNED = "unsigned", "已完工，客户未签字", "done"
    CANCELLED = "cancelled", "已取消", "done"


DISPATCH = (FOREMAN, AFTER_SALES, CS_CLERK, CS_ASSISTANT_MANAGER, SERVICE_MANAGER)
ON_SITE = (TECHNICIAN, ONSITE, DELEGATE, FOREMAN)
BEFORE = (Is.REQUESTED, Is.OFFERED, Is.BOOKED)
REBOOKS = ("request", "customer_absent", "we_missed", "material_arrived", "leave_unfinished", "entry_refused")


def _appointment(context: Context) -> datetime | None:
    return facts_of(context).row.starts_at


def _day_ends(context: Context) -> datetime:
    """A visit is finished on its day."""
    return end_of(context.at.astimezone(ZONE).date())


def _supply(context: Context) -> datetime | None:
    """The day on which the material should be there, at the end of work; unknown supply has the SOP's limit."""
    facts = facts_of(context)
    expected = getattr(context.given, "expected", None) or latest_expected(
        [Wanted(one.material, one.quantity) for one in facts.asked]
    )
    if expected is None:
        return None
    due = datetime.combine(expected, time(18), ZONE)
    return due if due > context.at else context.at + timedelta(days=1)


VISIT = register(
    Process(
        "visit",
        "上门",
        series="SM",
        sop="KF-SM-01",
        starts=Is.REQUESTED,
        ends=(Is.SIGNED, Is.UNSIGNED, Is.CANCELLED),
        facts=load,
        steps=(
            # the appointment
            Step(
                "request", "登记上门", (), (*DISPATCH, FRONT_DESK), "H-2.2-b", to=Is.REQUESTED, opens=True,
                form=forms.RequestForm,
                needs=(
                    needs.is_for_a_case, needs.trade_is_known, needs.slot_is_whole, needs.worker_is_fit, needs.slot_is_free,
                ),
                does=(visiting.request,),
            ),
            Step(
                "offer", "提出上门时间", (Is.REQUESTED, Is.OFFERED), DISPATCH, "H-2.2-e", to=Is.OFFERED,
                form=forms.OfferForm,
                needs=(needs.has_a_slot, needs.worker_is_named, needs.worker_is_fit, needs.slot_is_free),
                does=(visiting.offer,),
            ),
            Step(
                "agree", "与客户约定", (Is.REQUESTED, Is.OFFERED), (*DISPATCH, FRONT_DESK), "C-3.2-i", to=Is.BOOKED,
                form=forms.AgreeForm,
                needs=(
                    needs.has_a_slot, needs.worker_is_named, needs.worker_is_fit, needs.slot_is_free,
                    needs.within_the_limit,
                ),
                does=(visiting.agree,), todo=True, main=True,
            ),
            Step(
                "move", "改约", (Is.BOOKED, Is.EN_ROUTE), (*DISPATCH, FRONT_DESK), "H-2.2-e", to=Is.BOOKED,
                form=forms.MoveForm, needs=(needs.has_a_slot, needs.worker_is_fit, needs.slot_is_free),
                does=(visiting.move,),
            ),
            Step(
                "assign", "派人", (*BEFORE, Is.WAITING), DISPATCH, "H-2.2-f", form=forms.AssignForm,
                needs=(needs.worker_is_fit, needs.slot_is_free), does=(visiting.assign,),
            ),
            # on the way
            Step(
                "depart", "出发", (Is.BOOKED,), ON_SITE, "H-2.3-a", to=Is.EN_ROUTE, form=Nothing,
                needs=(needs.it_is_mine, needs.appointment_is_near), does=(visiting.depart,), todo=True, main=True,
            ),
            Step(
                "call_late", "要迟到，告知客户", (Is.BOOKED, Is.EN_ROUTE), (*ON_SITE, AFTER_SALES, CS_CLERK),
                "H-2.3-a", form=forms.LateForm, needs=(needs.call_lies_before,), does=(visiting.call_late,),
            ),
            Step(
                "arrive", "我到了", (Is.BOOKED, Is.EN_ROUTE), ON_SITE, "H-2.3-a", to=Is.ARRIVED,
                form=forms.ArriveForm,
                needs=(needs.it_is_mine, needs.appointment_is_near, needs.lateness_is_explained),
                does=(visiting.arrive,), main=True,
            ),
            # on site
            Step(
                "start", "确认需求，开始", (Is.ARRIVED,), ON_SITE, "H-2.3-b", to=Is.WORKING, form=forms.StartForm,
                needs=(needs.it_is_mine, needs.before_is_pictured), does=(visiting.start,), todo=True, main=True,
            ),
            Step(
                "inspect", "检查", (Is.WORKING,), ON_SITE, "H-2.3-c", form=forms.InspectForm,
                needs=(needs.it_is_mine, needs.something_is_checked, needs.agreement_names_somebody),
                does=(visiting.inspect,),
            ),
            Step(
                "use", "用料", (Is.WORKING,), ON_SITE, "H-2.5-g", form=forms.UseForm,
                needs=(needs.it_is_mine, needs.materials_are_known), does=(visiting.use,),
            ),
            Step(
                "ask", "缺料，申请物资", (Is.WORKING,), ON_SITE, "H-2.3-f", to=Is.WAITING, form=forms.AskForm,
                needs=(needs.it_is_mine, needs.materials_are_known), does=(visiting.ask,),
            ),
            Step(
                "material_arrived", "物资已到，另约", (Is.WAITING,), DISPATCH, "H-2.3-g", to=Is.REQUESTED,
                form=Nothing, needs=(needs.material_is_there,), does=(visiting.material_arrived,), todo=True,
                main=True,
            ),
            Step(
                "leave_unfinished", "今天做不完", (Is.WORKING,), ON_SITE, "H-2.5-a", to=Is.REQUESTED,
                form=forms.UnfinishedForm, needs=(needs.it_is_mine,), does=(visiting.leave_unfinished,),
            ),
            Step(
                "finish", "完工", (Is.WORKING,), ON_SITE, "H-2.3-d", to=Is.FINISHED, form=forms.FinishForm,
                needs=(needs.it_is_mine, needs.cause_is_found, needs.customer_agreed, needs.after_is_pictured),
                does=(visiting.finish,), todo=True, main=True,
            ),
            Step(
                "sign", "请客户签字", (Is.FINISHED,), ON_SITE, "H-2.4-a", to=Is.SIGNED, form=forms.SignForm,
                needs=(needs.it_is_mine,), does=(visiting.sign,), todo=True, main=True,
            ),
            Step(
                "close_unsigned", "客户不能签字", (Is.FINISHED,), ON_SITE, "H-2.4-a", to=Is.UNSIGNED,
                form=forms.UnsignedForm, needs=(needs.it_is_mine, somebody_approves("H-2.4-a")),
                does=(visiting.close_unsigned,),
            ),
            # what goes wrong
            Step(
                "customer_absent", "客户不在", (Is.BOOKED, Is.EN_ROUTE, Is.ARRIVED), ON_SITE, "H-2.3-a",
                to=Is.REQUESTED, form=forms.AbsentForm, needs=(needs.it_is_mine, needs.appointment_is_past),
                does=(visiting.customer_absent,),
            ),
            Step(
                "we_missed", "我方没有到", (Is.BOOKED, Is.EN_ROUTE), DISPATCH, "H-2.3-a", to=Is.REQUESTED,
                form=forms.MissedForm, needs=(needs.appointment_is_past,), does=(visiting.we_missed,),
            ),
            Step(
                "entry_refused", "没有进门", (Is.ARRIVED,), ON_SITE, "H-2.3-b", to=Is.REQUESTED,
                form=forms.EntryForm, needs=(needs.it_is_mine,), does=(visiting.entry_refused,),
            ),
            Step(
                "cancel", "取消上门", (*BEFORE, Is.WAITING), DISPATCH, "H-2.2-e", to=Is.CANCELLED, form=forms.CancelForm,
                does=(visiting.cancel,),
            ),
        ),
        clocks=(
            ClockRule(
                "agree", "约定上门时间", starts=REBOOKS, stops=("agree", "cancel"), limit="1 工作日",
                clause="H-2.2-e",
            ),
            ClockRule(
                "arrive", "准时到达", starts=("agree", "move"), stops=("arrive", "customer_absent", "we_missed"),
                limit="1 日", clause="H-2.3-a", due=_appointment,
            ),
            ClockRule(
                "finish", "当日完成", starts=("arrive",),
                stops=("finish", "ask", "leave_unfinished", "entry_refused", "customer_absent"), limit="当日",
                clause="H-2.3-e", due=_day_ends,
            ),
            ClockRule(
                "sign", "请客户签字", starts=("finish",), stops=("sign", "close_unsigned"), limit="4 小时",
                clause="H-2.4-a",
            ),
            ClockRule(
                "material", "等物资", starts=("ask",), stops=("material_arrived", "cancel"), limit="3 工作日",
                clause="H-2.3-g", due=_supply,
            ),
        ),
    )
)  # fmt: skip
