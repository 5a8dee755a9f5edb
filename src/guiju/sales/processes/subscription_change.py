"""Subscription change 认购变更 (document I, process 二; domain 2.3).

Sales fills in the 认购客户房屋变更申请 with the customer; the sales director gives an opinion and signs; customer service
fixes the content, registers and signs, and holds the new unit; finance looks where money moves; the customer-service
manager reviews and reports to the general manager, who approves. Nothing of the deal has moved so far. Only execution
touches it: when the version approved is unchanged, everybody has signed and the old copies are back. Then the
application goes back to sales.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from guiju.kernel.engine import Context
from guiju.kernel.forms import WithReason
from guiju.kernel.process import ClockRule, Process, State, Step, register
from guiju.org.posts import (
    CASHIER,
    CS_ASSISTANT_MANAGER,
    CS_CLERK,
    CS_MANAGER,
    FINANCE,
    SALES,
    SALES_DIRECTOR,
    SIGNING_SUPERVISOR,
)
from guiju.sales import changing_checks as checks
from guiju.sales import changing_forms as forms
from guiju.sales.changing_facts import facts_of, load
from guiju.sales.changing_forms import Kind
from guiju.sales.changing_needs import not_seized
from guiju.sales.operations import changing_asking as asking
from guiju.sales.operations import changing_review as review
from guiju.sales.operations import changing_subscription as changing


class Is(State):
    """Where a change stands."""

    APPLIED = "applied", "待总监签署意见", "plain"
    REVIEWED = "reviewed", "待客服核定登记", "brand"
    REGISTERED = "registered", "待经理审核报批", "brand"
    APPROVED = "approved", "已批准待执行", "ok"
    EXECUTED = "executed", "已执行待返销售", "ok"
    RETURNED = "returned", "已退回待修改", "risk"
    DONE = "done", "已办结", "done"
    REJECTED = "rejected", "不同意变更", "done"
    CANCELLED = "cancelled", "已撤销", "done"


DESK = (CS_CLERK, SIGNING_SUPERVISOR, CS_ASSISTANT_MANAGER)
UNDER_REVIEW = (Is.APPLIED, Is.REVIEWED, Is.REGISTERED)
ASKED = (
    checks.kind_is_filled, checks.applicants_are_buyers, checks.buyers_may_change, checks.new_buyers_are_known,
    checks.swap_is_right, checks.price_is_right, checks.price_is_as_filed, checks.payment_adds_up,
    checks.down_payment_reaches, checks.deposit_is_right, checks.extension_is_short, checks.items_are_known,
)  # fmt: skip
FACTS = ("kind", "discount_percent")


def finance_wanted(context: Context) -> bool:
    """Finance looks where money moves and it has not looked yet."""
    facts = facts_of(context)
    return facts.kind.money and facts.row.finance_at is None


def signatures_wanted(context: Context) -> bool:
    """Somebody's signature or an old copy is still missing."""
    facts = facts_of(context)
    return bool(facts.unsigned)


def approval_facts(context: Context) -> Mapping[str, Decimal | int | str]:
    """Return what the chain's conditions look at: the kind, and by how much the price falls, in percent."""
    facts = facts_of(context)
    old, new = Decimal(facts.change.before["total_price"]), Decimal(facts.after["total_price"])
    less = (old - new) * 100 / old if old and facts.kind is Kind.DISCOUNT else Decimal(0)
    return {"kind": facts.kind.value, "discount_percent": less}


SUBSCRIPTION_CHANGE = register(
    Process(
        "subscription_change",
        "认购变更",
        series="BG",
        sop="KF-ZY-02",
        starts=Is.APPLIED,
        ends=(Is.DONE, Is.REJECTED, Is.CANCELLED),
        facts=load,
        steps=(
            # sales
            Step(
                "apply", "填写变更申请", (), (SALES,), "I-5.2-1a", to=Is.APPLIED, opens=True, form=forms.ApplyForm,
                needs=(checks.subscription_in_force, checks.no_other_change, checks.buyers_live, *ASKED),
                does=(asking.apply,),
            ),
            Step(
                "resubmit", "修改后重新申请", (Is.RETURNED,), (SALES,), "I-5.2-1a", to=Is.APPLIED, form=forms.ApplyForm,
                needs=(checks.buyers_live, *ASKED), does=(asking.apply_again,), todo=True,
            ),
            # sales director
            Step(
                "director_opinion", "总监签署意见", (Is.APPLIED,), (SALES_DIRECTOR,), "I-5.2-1b", to=Is.REVIEWED,
                form=forms.OpinionForm, needs=(checks.director_is_not_the_applicant,), does=(review.give_opinion,),
                todo=True, main=True,
            ),
            # customer service
            Step(
                "check_and_register", "核定变更并登记", (Is.REVIEWED,), DESK, "I-5.2-2a", to=Is.REGISTERED,
                form=forms.ReviewForm,
                needs=(checks.terms_are_as_applied, checks.new_unit_is_free, checks.content_is_fixed),
                does=(review.register,), todo=True, main=True,
            ),
            Step(
                "finance_check", "财务核对款项", (Is.REGISTERED, Is.APPROVED), (FINANCE, CASHIER), "I-5.2-5c",
                form=forms.FinanceForm, needs=(checks.receipts_are_back,), does=(review.note_finance,),
                todo=finance_wanted,
            ),
            Step(
                "report_up", "经理审核并报总经理审批", (Is.REGISTERED,), (CS_MANAGER,), "I-5.2-5f", to=Is.APPROVED,
                form=forms.ReportForm,
                needs=(
                    checks.is_registered, checks.finance_has_looked, checks.terms_are_as_applied,
                    checks.goes_to_the_general_manager,
                ),
                does=(review.approve,), todo=True, main=True, facts_for_approval=approval_facts, approval_facts=FACTS,
            ),
            # execution
            Step(
                "sign_new", "买受人签字，收回原件", (Is.APPROVED,), (SALES, *DESK), "I-5.2-3", form=forms.SignNewForm,
                needs=(checks.signers_are_concerned,), does=(review.sign_new,), todo=signatures_wanted,
            ),
            Step(
                "execute", "执行变更", (Is.APPROVED,), DESK, "I-5.2-6", to=Is.EXECUTED, form=forms.ExecuteForm,
                needs=(
                    not_seized, checks.version_is_unchanged, checks.approval_is_fresh, checks.everybody_has_signed,
                    checks.old_copies_are_back, checks.list_price_stands, checks.new_unit_is_free,
                ),
                does=(changing.execute,), todo=True, main=True, approvable=False,
            ),
            Step(
                "hand_back", "申请返销售部", (Is.EXECUTED,), DESK, "I-5.2-3", to=Is.DONE, form=forms.HandBackForm,
                does=(review.hand_back,), todo=True, main=True,
            ),
            # other ends
            Step(
                "return_to_sales", "退回修改", UNDER_REVIEW, (SALES_DIRECTOR, *DESK, CS_MANAGER), "I-5.2-2a",
                to=Is.RETURNED, form=WithReason, does=(review.take_back,),
            ),
            Step(
                "reject", "不同意变更", UNDER_REVIEW, (SALES_DIRECTOR, CS_MANAGER), "I-5.2-1b", to=Is.REJECTED,
                form=WithReason, does=(review.drop,),
            ),
            Step(
                "cancel", "撤销申请", (*UNDER_REVIEW, Is.RETURNED, Is.APPROVED), (SALES, CS_MANAGER, SIGNING_SUPERVISOR),
                "I-5.2-0", to=Is.CANCELLED, form=WithReason, does=(review.drop,),
            ),
        ),
        clocks=(
            ClockRule(
                "review", "审核报批", starts=("apply", "resubmit"),
                stops=("report_up", "return_to_sales", "reject", "cancel"), limit="3 工作日", clause="I-5.2-2a",
            ),
            ClockRule(
                "resubmit", "修改重报", starts=("return_to_sales",), stops=("resubmit", "cancel"), limit="3 工作日",
                clause="I-5.2-1a",
            ),
            ClockRule(
                "execute", "执行", starts=("report_up",), stops=("execute", "cancel"), limit="7 日", clause="I-5.2-6",
            ),
            ClockRule(
                "hand_back", "返销售部", starts=("execute",), stops=("hand_back",), limit="1 工作日", clause="I-5.2-3",
            ),
        ),
    )
)  # fmt: skip
