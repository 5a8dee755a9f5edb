"""Returning a home, and paying money back 退房、退款 (document I, process 十; domain 2.9).

Somebody talks with the customer; what is kept and paid is calculated line by line by the reason class; sales director, manager,
finance, deputy and general manager approve (after signing with the lawyer's opinion). All buyers sign the agreement, or the seller's notice ends the contract of who does not pay. The bank
is paid off, mortgage, pre-notice and filing are withdrawn, invoices taken back; then the deal ends in one transaction and the
unit is held as 待公开. Finance pays, within 15 or 30 days or with interest. Only then the unit goes back on public sale.
"""

from __future__ import annotations

from guiju.kernel.engine import Context
from guiju.kernel.forms import Nothing, WithReason
from guiju.kernel.process import ClockRule, Process, State, Step, register
from guiju.ledger.operations.paying import unchecked
from guiju.org.posts import (
    CASHIER,
    CS_ASSISTANT_MANAGER,
    CS_CLERK,
    CS_MANAGER,
    DEPUTY_GM,
    FINANCE,
    REGISTRAR,
    SALES,
    SALES_DIRECTOR,
    SIGNING_SUPERVISOR,
)
from guiju.sales import refund_forms as forms
from guiju.sales import refund_needs as needs
from guiju.sales import rescinding
from guiju.sales.approving import somebody_approves
from guiju.sales.changing_needs import not_seized, unchanged_since_approval
from guiju.sales.operations import refunding
from guiju.sales.refund_facts import facts_of, load
from guiju.sales.second_person import (
    check_paid,
    checker_did_not_pay,
    payments_are_checked,
    something_is_unchecked,
)


class Is(State):
    """Where a refund stands."""

    APPLIED = "applied", "待洽谈", "plain"
    TALKED = "talked", "待测算送审", "brand"
    APPROVED = "approved", "待签解除协议", "brand"
    RELEASING = "releasing", "办理解除清单", "risk"
    PAY_READY = "pay_ready", "待付款", "risk"
    PAID = "paid", "已付款，待办结", "ok"
    CLOSED = "closed", "已办结", "done"
    REFUSED = "refused", "不予退房", "done"
    WITHDRAWN = "withdrawn", "已撤回", "done"
    LITIGATION = "litigation", "转诉讼", "done"


def _room(context: Context) -> bool:
    return facts_of(context).room


def _money(context: Context) -> bool:
    return not facts_of(context).room


def _uncalculated(context: Context) -> bool:
    facts = facts_of(context)
    return facts.row.calculated_at is None and (not facts.room or facts.row.talked_at is not None)


def _calculated(context: Context) -> bool:
    return facts_of(context).row.calculated_at is not None


def _bank_open(context: Context) -> bool:
    return any(one.kind == "bank" and one.paid_date is None for one in facts_of(context).payees)


def _unchecked(context: Context) -> bool:
    return bool(unchecked(context.case.pk))


def _release_open(context: Context) -> bool:
    return any(one.kind != "bank" for one in facts_of(context).unreleased)


def _all_released(context: Context) -> bool:
    return not facts_of(context).unreleased


HANDLERS = (SIGNING_SUPERVISOR, CS_CLERK)
BEGUN = (Is.APPLIED, Is.TALKED, Is.APPROVED)
FACTS = ("payable", "kept", "signed", "reason")
ENDS = ("withdraw", "refuse", "litigate")

REFUND = register(
    Process(
        "refund",
        "退房退款",
        series="TF",
        sop="KF-ZY-10",
        starts=Is.APPLIED,
        ends=(Is.CLOSED, Is.REFUSED, Is.WITHDRAWN, Is.LITIGATION),
        facts=load,
        steps=(
            Step(
                "apply", "退房退款申请", (), (SALES, *HANDLERS, CS_MANAGER), "I-5.10-0a", to=Is.APPLIED, opens=True,
                form=forms.ApplyForm,
                needs=(
                    needs.deal_can_be_returned, needs.application_is_signed, needs.ground_is_proved, needs.notice_is_past,
                ),
                does=(refunding.apply,),
            ),
            Step(
                "talk", "挽留洽谈", (Is.APPLIED,), (SALES, SALES_DIRECTOR, *HANDLERS, CS_MANAGER), "I-5.10-0a",
                to=Is.TALKED, form=forms.TalkForm, does=(refunding.talk,), todo=_room, main=True,
            ),
            Step(
                "calculate", "测算退款", (Is.APPLIED, Is.TALKED), HANDLERS, "I-5.10-0b", form=forms.CalculateForm,
                needs=(needs.talk_was_held, needs.calculation_holds), does=(refunding.calculate_sheet,),
                todo=_uncalculated,
            ),
            Step(
                "submit", "送审", (Is.APPLIED, Is.TALKED), HANDLERS, "I-5.10-0a", to=Is.APPROVED, form=forms.SubmitForm,
                needs=(
                    somebody_approves("I-5.10-0a"), needs.talk_was_held, needs.is_calculated, needs.amounts_are_the_calculated, needs.application_is_in,
                    needs.lawyer_has_said,
                ),
                does=(refunding.approve,), todo=_calculated, main=True,
                facts_for_approval=refunding.approval_facts, approval_facts=FACTS,
            ),
            Step(
                "sign_agreement", "签订解除协议", (Is.APPROVED,), HANDLERS, "I-5.10-0a", to=Is.RELEASING,
                form=forms.AgreeForm,
                needs=(needs.is_a_room, unchanged_since_approval, needs.every_buyer_signs, needs.agreement_is_dated),
                does=(refunding.agree,), todo=_room, main=True,
            ),
            Step(
                "end_by_notice", "通知解除生效", (Is.APPROVED,), (CS_MANAGER, DEPUTY_GM), "I-5.10-0a", to=Is.RELEASING,
                form=forms.EndByNoticeForm,
                needs=(
                    needs.is_a_room, not_seized, unchanged_since_approval, rescinding.notice_was_delivered,
                    rescinding.right_was_there, rescinding.debt_was_not_paid, rescinding.objections_had_their_time,
                    rescinding.nobody_objected,
                ),
                does=(refunding.end_by_notice,), todo=rescinding.may_end_by_notice,
            ),
            Step(
                "prepare", "核对退款", (Is.APPROVED,), (FINANCE, *HANDLERS), "I-5.10-0b", to=Is.PAY_READY, form=Nothing,
                needs=(needs.is_money_only,), does=(refunding.prepare,), todo=_money,
            ),
            Step(
                "pay_bank", "结清银行贷款", (Is.RELEASING,), (CASHIER, FINANCE), "I-5.10-0b", form=forms.PayBankForm,
                needs=(not_seized, needs.receipts_are_checked, needs.payer_is_apart, needs.bank_gets_what_it_wants), does=(refunding.pay_bank,), todo=_bank_open,
            ),
            Step(
                "release", "登记解除事项", (Is.RELEASING,), (*HANDLERS, REGISTRAR, FINANCE), "I-5.10-0a",
                form=forms.ReleaseForm, needs=(needs.released_in_order, needs.release_is_proved),
                does=(refunding.release,), todo=_release_open,
            ),
            Step(
                "execute", "执行退房", (Is.RELEASING,), (SIGNING_SUPERVISOR, CS_MANAGER), "I-5.10-0a", to=Is.PAY_READY,
                form=Nothing,
                needs=(
                    not_seized, needs.banks_are_paid, needs.everything_is_released, needs.filing_is_withdrawn,
                    unchanged_since_approval,
                ),
                does=(refunding.execute,), todo=_all_released, main=True,
            ),
            Step(
                "pay", "付款", (Is.PAY_READY,), (CASHIER, FINANCE), "I-5.10-0b", to=Is.PAID, form=forms.PayForm,
                needs=(
                    not_seized, needs.receipts_are_checked, needs.payer_is_apart, needs.banks_are_paid,
                    needs.each_payee_gets_his_own,
                ),
                does=(refunding.pay,),
                todo=True, main=True,
            ),
            Step(
                "pay_part", "分次付款", (Is.PAY_READY,), (CASHIER, FINANCE), "I-5.10-0b", form=forms.PayPartForm,
                needs=(
                    not_seized, needs.receipts_are_checked, needs.payer_is_apart, needs.banks_are_paid,
                    needs.parts_are_agreed,
                ),
                does=(refunding.pay_part,),
            ),
            Step(
                "check_payment", "复核付款", (Is.RELEASING, Is.PAY_READY, Is.PAID),
                (FINANCE, CASHIER, CS_ASSISTANT_MANAGER, CS_MANAGER), "I-5.10-0b", form=forms.CheckPaidForm,
                needs=(something_is_unchecked("I-5.10-0b"), checker_did_not_pay("I-5.10-0b")), does=(check_paid,),
                todo=_unchecked,
            ),
            Step(
                "come_back", "登记退汇", (Is.PAY_READY, Is.PAID), (CASHIER, FINANCE), "I-5.10-0b", to=Is.PAY_READY,
                form=forms.CameBackForm, needs=(needs.was_paid_to,), does=(refunding.come_back,),
            ),
            Step(
                "close", "办结", (Is.PAID,), (SIGNING_SUPERVISOR, CS_MANAGER), "I-5.10-0a", to=Is.CLOSED, form=Nothing,
                needs=(
                    not_seized, payments_are_checked("I-5.10-0b"), needs.filing_is_withdrawn, needs.everything_is_released,
                    needs.city_lock_is_over,
                ),
                does=(refunding.close,), todo=True, main=True,
            ),
            Step(
                "withdraw", "撤回申请", (*BEGUN, Is.RELEASING), (SALES, *HANDLERS, CS_MANAGER), "I-5.10-0a",
                to=Is.WITHDRAWN, form=WithReason, needs=(needs.no_bank_was_paid,), does=(refunding.drop,),
            ),
            Step(
                "refuse", "不予退房", (Is.APPLIED, Is.TALKED), (CS_MANAGER, DEPUTY_GM), "I-5.10-0a", to=Is.REFUSED,
                form=WithReason, does=(refunding.drop,),
            ),
            Step(
                "litigate", "转诉讼", BEGUN, (CS_MANAGER, DEPUTY_GM), "I-5.10-0a", to=Is.LITIGATION, form=WithReason,
                does=(refunding.drop,),
            ),
        ),
        clocks=(
            ClockRule("talk", "洽谈", starts=("apply",), stops=("talk", "submit", *ENDS), limit="3 工作日", clause="I-5.10-0a"),
            ClockRule("decide", "测算送审", starts=("apply",), stops=("submit", *ENDS), limit="10 工作日", clause="I-5.10-0a"),
            ClockRule(
                "agreement", "签订解除协议", starts=("submit",), stops=("sign_agreement", "end_by_notice", "prepare", *ENDS), limit="10 日",
                clause="I-5.10-0a",
            ),
            ClockRule(
                "pay", "退款期限", starts=("sign_agreement", "end_by_notice", "prepare", "come_back"), stops=("pay", *ENDS), limit="15 日",
                latest="30 日", clause="I-5.10-0b", law=True, due=refunding.pay_due,
            ),
            ClockRule("close", "办结", starts=("pay",), stops=("close", "come_back"), limit="3 工作日", clause="I-5.10-0a"),
        ),
    )
)  # fmt: skip
