"""Compensation 赔偿 for a complaint (I-2.8-c, h; domain 2.14): proposed, approved by limit of post, agreed, paid."""

from __future__ import annotations

from guiju.kernel.forms import WithReason
from guiju.kernel.process import ClockRule, Process, State, Step, register
from guiju.org.posts import (
    AFTER_SALES,
    CASHIER,
    CS_ASSISTANT_MANAGER,
    CS_CLERK,
    CS_MANAGER,
    DEPUTY_GM,
    FINANCE,
    QUALITY,
)
from guiju.quality.forms import compensation as forms
from guiju.quality.operations import compensating as acts
from guiju.sales.approving import somebody_approves


class Is(State):
    """Where a compensation stands."""

    PROPOSED = "proposed", "待批准", "plain"
    APPROVED = "approved", "待签协议", "brand"
    AGREED = "agreed", "待付款", "brand"
    PAID = "paid", "已付款", "done"
    DROPPED = "dropped", "不予赔偿", "done"


DESK = (CS_CLERK, CS_ASSISTANT_MANAGER, CS_MANAGER, AFTER_SALES)

COMPENSATION = register(
    Process(
        "compensation",
        "赔偿",
        series="PC",
        sop="KF-PC-01",
        starts=Is.PROPOSED,
        ends=(Is.PAID, Is.DROPPED),
        facts=acts.load_compensation,
        apart=acts.complained_about,
        steps=(
            Step(
                "propose", "提出赔偿", (), (*DESK, QUALITY), "I-2.8-c", to=Is.PROPOSED, opens=True,
                form=forms.ProposeForm, does=(acts.propose,), approvable=False,
            ),
            Step(
                "approve", "报批", (Is.PROPOSED,), (*DESK, QUALITY), "I-2.8-h", to=Is.APPROVED,
                form=forms.ApproveForm, needs=(acts.amount_is_the_proposed, somebody_approves("I-2.8-h")), does=(acts.approve,), todo=True,
                main=True, facts_for_approval=acts.amount_facts, approval_facts=("amount",),
            ),
            Step(
                "agree", "签订协议", (Is.APPROVED,), DESK, "I-2.8-h", to=Is.AGREED, form=forms.AgreeForm,
                needs=(acts.amount_is_the_proposed,), does=(acts.agree,), todo=True, main=True,
            ),
            Step(
                "pay", "付款", (Is.AGREED,), (CASHIER, FINANCE), "I-2.8-e", to=Is.PAID, form=forms.PayForm,
                needs=(acts.amount_is_the_proposed, acts.payment_is_new), does=(acts.pay,), todo=True, main=True,
            ),
            Step(
                "drop", "不予赔偿", (Is.PROPOSED, Is.APPROVED), (CS_ASSISTANT_MANAGER, CS_MANAGER, DEPUTY_GM), "I-2.8-h",
                to=Is.DROPPED, form=WithReason, does=(acts.drop,),
            ),
        ),
        clocks=(
            ClockRule("approve", "报批", starts=("propose",), stops=("approve",), limit="2 工作日", clause="I-2.8-h"),
            ClockRule("agree", "签订协议", starts=("approve",), stops=("agree",), limit="7 日", clause="I-2.8-h"),
            ClockRule("pay", "付款", starts=("agree",), stops=("pay",), limit="5 工作日", clause="I-2.8-e"),
        ),
    )
)  # fmt: skip
