"""Referral 推荐客户确认 (document I, process 十三; domain 2.13).

An owner recommends somebody; sales writes the slip on the same day; the sales director checks that the person is new and
confirms: the first confirmed wins. After the visit and the deal the reward is earned when the price is paid, approved by
the chain, and paid after taxes. If the home is returned, the reward comes back.
"""

from __future__ import annotations

from guiju.kernel.forms import Nothing, WithReason
from guiju.kernel.process import ClockRule, Process, State, Step, register
from guiju.ledger.operations.paying import unchecked
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
from guiju.sales import referral_forms as forms
from guiju.sales.approving import somebody_approves
from guiju.sales.operations import referring as acts
from guiju.sales.second_person import (
    check_paid,
    checker_did_not_pay,
    payments_are_checked,
    something_is_unchecked,
)


class Is(State):
    """Where a referral stands."""

    REGISTERED = "registered", "待核查确认", "plain"
    CONFIRMED = "confirmed", "已确认，待到访", "brand"
    VISITED = "visited", "已到访，待成交", "brand"
    DEAL = "deal", "已成交，待达标", "brand"
    ELIGIBLE = "eligible", "待申报奖励", "ok"
    APPROVED = "approved", "待发放", "ok"
    PAID = "paid", "已发放", "ok"
    RECOVERING = "recovering", "奖励待追回", "risk"
    FINISHED = "finished", "已结案", "done"
    REJECTED = "rejected", "不予确认", "done"
    EXPIRED = "expired", "已过期", "done"
    CLAWED_BACK = "clawed_back", "奖励已取消", "done"


DESK = (CS_CLERK, SIGNING_SUPERVISOR)

REFERRAL = register(
    Process(
        "referral",
        "推荐客户确认",
        series="TJ",
        sop="KF-ZY-13",
        starts=Is.REGISTERED,
        ends=(Is.FINISHED, Is.REJECTED, Is.EXPIRED, Is.CLAWED_BACK),
        facts=acts.load,
        untimed=(Is.DEAL, Is.PAID),
        steps=(
            Step(
                "register", "登记推荐", (), (SALES, CS_CLERK), "I-5.13-0", to=Is.REGISTERED, opens=True,
                form=forms.RegisterForm,
                needs=(acts.referrer_is_an_owner, acts.not_back_dated, acts.not_oneself, acts.nobody_was_faster),
                does=(acts.register,),
            ),
            Step(
                "consent", "登记本人同意", (Is.REGISTERED,), (SALES, *DESK), "I-5.13-0", form=forms.ConsentForm,
                needs=(acts.phone_has_the_tail,), does=(acts.consent,),
                todo=lambda context: acts.facts_of(context).row.consented_at is None,
            ),
            Step(
                "confirm", "核查确认", (Is.REGISTERED,), (SALES_DIRECTOR,), "I-5.13-0", to=Is.CONFIRMED,
                form=forms.ConfirmForm,
                needs=(acts.has_agreed, acts.checker_is_another, acts.not_known_before, acts.still_the_first),
                does=(acts.confirm,), todo=True, main=True,
            ),
            Step(
                "reject", "不予确认", (Is.REGISTERED,), (SALES_DIRECTOR,), "I-5.13-0", to=Is.REJECTED, form=WithReason,
                does=(acts.end,),
            ),
            Step(
                "visit", "登记到访", (Is.CONFIRMED,), (SALES, *DESK), "I-5.13-0", to=Is.VISITED, form=forms.VisitForm,
                needs=(acts.visit_is_in_time,), does=(acts.visit,), todo=True, main=True,
            ),
            Step(
                "link_deal", "登记成交", (Is.VISITED,), (SALES, *DESK), "I-5.13-0", to=Is.DEAL, form=forms.DealForm,
                needs=(acts.bought_by_the_referred,), does=(acts.link_deal,), todo=True, main=True,
            ),
            Step(
                "expire", "登记过期", (Is.CONFIRMED, Is.VISITED), (SALES_DIRECTOR, *DESK), "I-5.13-0", to=Is.EXPIRED,
                form=Nothing, needs=(acts.validity_is_over,), does=(acts.end,),
            ),
            Step(
                "qualify", "核对奖励条件", (Is.DEAL,), (CS_MANAGER, *DESK), "I-5.13-0", to=Is.ELIGIBLE,
                form=forms.QualifyForm, needs=(acts.deal_lives, acts.reward_is_earned), todo=True, main=True,
            ),
            Step(
                "claim", "申报奖励", (Is.ELIGIBLE,), (SALES, *DESK), "I-5.13-0", to=Is.APPROVED, form=forms.ClaimForm,
                needs=(
                    somebody_approves("I-5.13-0"), acts.deal_lives, acts.reward_is_earned, acts.reward_is_by_the_rule,
                ),
                does=(acts.claim,), todo=True,
                main=True, facts_for_approval=acts.approval_facts, approval_facts=("amount",),
            ),
            Step(
                "pay", "发放奖励", (Is.APPROVED,), (CASHIER, FINANCE), "I-5.13-0", to=Is.PAID, form=forms.PayForm,
                needs=(acts.deal_lives, acts.payer_is_apart, acts.tax_is_checked), does=(acts.pay,), todo=True, main=True,
            ),
            Step(
                "check_payment", "复核付款", (Is.PAID, Is.RECOVERING),
                (FINANCE, CASHIER, CS_ASSISTANT_MANAGER, CS_MANAGER), "I-5.13-0", form=forms.CheckPaidForm,
                needs=(something_is_unchecked("I-5.13-0"), checker_did_not_pay("I-5.13-0")), does=(check_paid,),
                todo=lambda context: bool(unchecked(context.case.pk)),
            ),
            Step(
                "finish", "结案", (Is.PAID,), (CS_MANAGER, *DESK), "I-5.13-0", to=Is.FINISHED, form=Nothing,
                needs=(acts.deal_lives, payments_are_checked("I-5.13-0")), main=True,
            ),
            Step(
                "claw_back", "取消奖励", (Is.DEAL, Is.ELIGIBLE, Is.APPROVED), (CS_MANAGER, FINANCE), "I-5.13-0",
                to=Is.CLAWED_BACK, form=WithReason, does=(acts.claw_back,),
            ),
            Step(
                "claw_back_paid", "追回奖励", (Is.PAID,), (CS_MANAGER, FINANCE), "I-5.13-0", to=Is.RECOVERING,
                form=WithReason, does=(acts.claw_back,),
            ),
            Step(
                "recover", "登记追回", (Is.RECOVERING,), (CASHIER, FINANCE), "I-5.13-0", to=Is.CLAWED_BACK,
                form=forms.RecoverForm, needs=(payments_are_checked("I-5.13-0"), acts.recovered_in_full), does=(acts.recover,), todo=True, main=True,
            ),
        ),
        clocks=(
            ClockRule("confirm", "核查确认", starts=("register",), stops=("confirm", "reject"), limit="1 工作日", clause="I-5.13-0"),
            ClockRule(
                "visit", "到访有效期", starts=("confirm",), stops=("visit", "expire"), limit="7 日", clause="I-5.13-0",
                due=acts.visit_due,
            ),
            ClockRule(
                "deal", "成交有效期", starts=("visit",), stops=("link_deal", "expire"), limit="60 日", clause="I-5.13-0",
                due=acts.visit_due,
            ),
            ClockRule("claim", "申报奖励", starts=("qualify",), stops=("claim", "claw_back"), limit="7 日", clause="I-5.13-0"),
            ClockRule("pay", "发放奖励", starts=("claim",), stops=("pay", "claw_back"), limit="15 日", clause="I-5.13-0"),
            ClockRule("recover", "追回奖励", starts=("claw_back_paid",), stops=("recover",), limit="30 日", clause="I-5.13-0"),
        ),
    )
)  # fmt: skip
