"""Fit-out selection 选色选材 (I-3.1-r; domain 2.33).

The customer-service group offers the buyer the decoration scheme; colour and material are chosen for every room, confirmed
with a signature, the price difference is paid, then it is ordered by the sealed sample, installed and checked. Who does not
choose in time gets the contract's standard.
"""

from __future__ import annotations

from guiju.desk.forms import fitout as forms
from guiju.desk.operations import fitout as acts
from guiju.kernel.engine import Context
from guiju.kernel.forms import WithReason
from guiju.kernel.process import ClockRule, Process, State, Step, register
from guiju.org.posts import (
    AFTER_SALES,
    CASHIER,
    CS_ASSISTANT_MANAGER,
    CS_CLERK,
    CS_MANAGER,
    FINANCE,
    INSPECTOR,
    QUALITY,
)


class Is(State):
    """Where a selection stands."""

    OFFERED = "offered", "待选", "brand"
    SELECTED = "selected", "待客户确认", "brand"
    CONFIRMED = "confirmed", "待下单", "ok"
    ORDERED = "ordered", "已下单", "ok"
    DONE = "done", "已安装", "done"
    STANDARD = "standard", "按标准配置", "done"
    CANCELLED = "cancelled", "已取消", "done"


SERVICE = (CS_CLERK, CS_ASSISTANT_MANAGER)


def _owes(context: Context) -> bool:
    row = acts.row_of(context)
    return row.difference > 0 and row.paid_at is None


def _settled(context: Context) -> bool:
    return not _owes(context)


FITOUT_SELECTION = register(
    Process(
        "fitout_selection",
        "选色选材",
        series="XS",
        sop="KF-XS-01",
        starts=Is.OFFERED,
        ends=(Is.DONE, Is.STANDARD, Is.CANCELLED),
        facts=acts.load,
        steps=(
            Step(
                "begin", "启动选色选材", (), SERVICE, "I-3.1-r", to=Is.OFFERED, opens=True, form=forms.BeginForm,
                needs=(acts.unit_is_sold, acts.window_is_ahead), does=(acts.begin,), approvable=False,
            ),
            Step(
                "select", "填写选色选材", (Is.OFFERED,), SERVICE, "I-3.1-r", to=Is.SELECTED, form=forms.SelectForm,
                needs=(acts.window_is_open, acts.every_room_is_chosen), does=(acts.select,), todo=True, main=True,
            ),
            Step(
                "confirm", "客户确认", (Is.SELECTED,), SERVICE, "I-3.1-r", to=Is.CONFIRMED, form=forms.ConfirmForm,
                needs=(acts.customer_confirms,), does=(acts.confirm,), todo=True, main=True,
            ),
            Step(
                "change", "修改", (Is.SELECTED, Is.CONFIRMED, Is.ORDERED), SERVICE, "I-3.1-r", to=Is.OFFERED,
                form=WithReason, needs=(acts.window_is_open,), does=(acts.change,),
            ),
            Step(
                "pay", "差价已收", (Is.CONFIRMED,), (CASHIER, FINANCE), "I-3.1-r", form=forms.PaidForm,
                needs=(acts.amount_is_right,), does=(acts.pay,), todo=_owes,
            ),
            Step(
                "order", "下单", (Is.CONFIRMED,), SERVICE, "I-3.1-r", to=Is.ORDERED, form=forms.OrderForm,
                needs=(acts.difference_is_paid,), does=(acts.order,), todo=_settled, main=True,
            ),
            Step(
                "check", "安装检查", (Is.ORDERED,), (AFTER_SALES, QUALITY, INSPECTOR, *SERVICE), "I-3.1-r", to=Is.DONE,
                form=forms.CheckForm, needs=(acts.looks_as_confirmed,), does=(acts.check,), todo=True, main=True,
            ),
            Step(
                "take_standard", "按标准配置", (Is.OFFERED, Is.SELECTED), (*SERVICE, CS_MANAGER), "I-3.1-r",
                to=Is.STANDARD, form=WithReason, needs=(acts.window_is_over,), does=(acts.end,),
            ),
            Step(
                "cancel", "取消", (Is.OFFERED, Is.SELECTED, Is.CONFIRMED), (CS_ASSISTANT_MANAGER, CS_MANAGER), "I-3.1-r",
                to=Is.CANCELLED, form=WithReason, does=(acts.end,),
            ),
        ),
        clocks=(
            ClockRule(
                "select", "选定", starts=("begin", "change"), stops=("select", "take_standard"), limit="15 日",
                clause="I-3.1-r",
            ),
            ClockRule(
                "confirm", "客户确认", starts=("select",), stops=("confirm", "change", "take_standard"), limit="3 工作日",
                clause="I-3.1-r",
            ),
            ClockRule(
                "order", "下单", starts=("confirm",), stops=("order", "change"), limit="5 工作日", clause="I-3.1-r",
            ),
            ClockRule("check", "安装和检查", starts=("order",), stops=("check", "change"), limit="90 日", clause="I-3.1-r"),
        ),
    )
)  # fmt: skip
