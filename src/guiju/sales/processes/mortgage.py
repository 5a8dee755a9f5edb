"""Mortgage 按揭 (document I, process 六 and 2.2; domain 2.7).

One case per loan part: a combined loan has two, each with its own bank, approval and payout. Papers are collected item
by item and chased; the bank sees the borrowers; the filed contract goes to the bank; what is approved is signed,
registered, and waits for the gate of the sale regime; the money comes to the escrow account and pays the receivable.
Then the developer answers for the loan until the formal mortgage is registered, and reminds the buyer of repayments.
"""

from __future__ import annotations

from datetime import timedelta

from guiju.kernel.calendar import local_date
from guiju.kernel.engine import Context
from guiju.kernel.forms import Nothing, WithReason
from guiju.kernel.process import ClockRule, Process, State, Step, register
from guiju.ledger.operations.paying import unchecked
from guiju.org.posts import (
    CASHIER,
    CS_ASSISTANT_MANAGER,
    CS_CLERK,
    CS_MANAGER,
    FINANCE,
    REGISTRAR,
    SALES,
    SIGNING_SUPERVISOR,
)
from guiju.sales import mortgage_forms as forms
from guiju.sales import mortgage_needs as needs
from guiju.sales.approving import somebody_approves
from guiju.sales.changing_needs import no_change_pending, not_seized
from guiju.sales.models import MortgagePaper
from guiju.sales.mortgage_facts import facts_of, load
from guiju.sales.operations import guarantee
from guiju.sales.operations import mortgage as acts
from guiju.sales.operations import mortgage_past as past
from guiju.sales.second_person import (
    check_paid,
    checker_did_not_pay,
    payments_are_checked,
    something_is_unchecked,
)


class Is(State):
    """Where a loan part stands."""

    COLLECTING = "collecting", "收集资料", "brand"
    IMPORTED = "imported", "台账导入待接办", "plain"
    COMPLETE = "complete", "资料齐备待面签", "brand"
    INTERVIEWED = "interviewed", "已面签待报批", "brand"
    SUBMITTED = "submitted", "银行审批中", "plain"
    SUPPLEMENT = "supplement", "银行要求补件", "risk"
    LESS = "less", "批贷不足待补足", "risk"
    REFUSED = "refused", "银行拒贷", "risk"
    EXPIRED = "expired", "批贷已过期", "risk"
    APPROVED = "approved", "已批贷待签借款合同", "ok"
    CONTRACTED = "contracted", "待办预抵押", "ok"
    WAITING = "waiting", "待放款条件", "hold"
    READY = "ready", "放款条件具备", "brand"
    ASKED = "asked", "已申请放款", "brand"
    DISBURSED = "disbursed", "已放款担保中", "ok"
    RELEASED = "released", "担保已解除", "done"
    CANCELLED = "cancelled", "已取消", "done"


DESK = (REGISTRAR, CS_CLERK, SIGNING_SUPERVISOR, CS_ASSISTANT_MANAGER)
CHASERS = (*DESK, SALES)
TILL = (CASHIER, FINANCE)
HEADS = (SIGNING_SUPERVISOR, CS_ASSISTANT_MANAGER, CS_MANAGER)

GATHERING = (Is.COLLECTING, Is.COMPLETE)
BEFORE_APPROVAL = (*GATHERING, Is.INTERVIEWED, Is.SUBMITTED, Is.SUPPLEMENT)
GRANTED = (Is.APPROVED, Is.CONTRACTED, Is.WAITING, Is.READY, Is.ASKED)
BEFORE_PAYOUT = (*BEFORE_APPROVAL, Is.LESS, Is.REFUSED, Is.EXPIRED, *GRANTED)
LIVE = (*BEFORE_PAYOUT, Is.DISBURSED)
PAPER_CLOCKS_END = ("complete_papers", "import")
A_WEEK = timedelta(days=7)


def _all_there(context: Context) -> bool:
    return not facts_of(context).lacking(context.at)


def _gathers(context: Context) -> bool:
    """Whether papers are what the case waits for."""
    return context.case.state in {one.value for one in (*GATHERING, Is.SUPPLEMENT, Is.EXPIRED)}


def _papers_open(context: Context) -> bool:
    return _gathers(context) and bool(facts_of(context).lacking(context.at))


def _chase_wanted(context: Context) -> bool:
    facts = facts_of(context)
    if not _gathers(context) or not facts.lacking(context.at, MortgagePaper.BUYER):
        return False
    last = facts.row.chased_at
    if last is None:
        return (local_date(context.at) - facts.row.signed_date).days >= A_WEEK.days
    return context.at - last >= A_WEEK


def _letter_wanted(context: Context) -> bool:
    facts = facts_of(context)
    return (
        _gathers(context) and facts.row.letter_sent_at is None and needs.a_month_has_passed.ask(context) is None
        and bool(facts.lacking(context.at, MortgagePaper.BUYER))
    )  # fmt: skip


def _delivery_wanted(context: Context) -> bool:
    row = facts_of(context).row
    return row.letter_sent_at is not None and row.letter_delivered_at is None


def _bank_open(context: Context) -> bool:
    return not facts_of(context).row.bank


def _interview_open(context: Context) -> bool:
    return facts_of(context).row.interview_at is None


def _press_wanted(context: Context) -> bool:
    row = facts_of(context).row
    since = max((at for at in (row.payout_asked_at, row.pressed_at) if at is not None), default=None)
    return since is not None and context.at - since >= A_WEEK


def _repayment_open(context: Context) -> bool:
    return facts_of(context).row.repayment_day is None


def _arrears_open(context: Context) -> bool:
    return bool(facts_of(context).arrears)


def _problem_open(context: Context) -> bool:
    return needs.a_problem_is_open.ask(context) is None


READY_FOR_BANK = (
    needs.contract_is_filed, needs.down_payment_is_paid, needs.paid_in_the_buyers_name, needs.amounts_add_up,
    needs.papers_are_there, no_change_pending,
)  # fmt: skip
BEFORE_MONEY = (
    needs.nothing_stops_it,
    needs.approval_is_valid,
    needs.gate_is_open,
    not_seized,
    no_change_pending,
)

MORTGAGE = register(
    Process(
        "mortgage",
        "按揭",
        series="AJ",
        sop="KF-ZY-06",
        starts=Is.COLLECTING,
        ends=(Is.RELEASED, Is.CANCELLED),
        facts=load,
        untimed=(Is.DISBURSED, Is.IMPORTED),
        steps=(
            Step(
                "begin", "开办按揭", (), (*DESK, CS_MANAGER), "J-2.2-b", to=Is.COLLECTING, opens=True, form=forms.BeginForm,
                needs=(needs.deal_is_signed, needs.part_is_free), does=(acts.begin,),
            ),
            # bank and lawyer
            Step(
                "choose_bank", "选定贷款银行", GATHERING, CHASERS, "I-5.6-0", form=forms.BankForm, does=(acts.choose_bank,),
                todo=_bank_open,
            ),
            Step(
                "switch_bank", "更换贷款银行", (*BEFORE_APPROVAL, Is.LESS, Is.REFUSED, Is.EXPIRED, *GRANTED), DESK, "I-5.6-0",
                to=Is.COLLECTING, form=forms.SwitchForm, needs=(needs.another_bank, no_change_pending),
                does=(acts.switch_bank,),
            ),
            Step(
                "adjust_amount", "调整贷款金额", (*GATHERING, Is.INTERVIEWED), DESK, "I-5.6-0", form=forms.AmountForm,
                needs=(needs.amount_fits, no_change_pending), does=(acts.adjust_amount,),
            ),
            Step(
                "appoint_lawyer", "登记按揭律师", BEFORE_PAYOUT, DESK, "I-2.2-e", form=forms.LawyerForm,
                needs=(needs.fee_is_shown,), does=(acts.appoint_lawyer,),
            ),
            Step(
                "exchange", "和律师往来", LIVE, DESK, "I-2.2-e", form=forms.ExchangeForm, does=(acts.exchange,),
            ),
            # problems come first: one next act per post
            Step(
                "raise_problem", "登记问题", LIVE, DESK, "I-2.2-f", form=forms.ProblemForm, needs=(needs.owner_is_known,),
                does=(acts.raise_problem,),
            ),
            Step(
                "solve_problem", "问题已处理", LIVE, DESK, "I-2.2-f", form=forms.SolvedForm, needs=(needs.a_problem_is_open,),
                does=(acts.solve_problem,), todo=_problem_open,
            ),
            # papers
            Step(
                "letter", "寄发催办按揭通知书", BEFORE_PAYOUT, DESK, "I-5.3-5c", form=forms.PostForm,
                needs=(needs.buyer_lacks_papers, needs.a_month_has_passed), does=(acts.post_letter,), todo=_letter_wanted,
            ),
            Step(
                "deliver", "登记送达", LIVE, DESK, "I-5.3-5c", form=forms.DeliveredForm, needs=(needs.letter_was_sent,),
                does=(acts.letter_arrived,), todo=_delivery_wanted,
            ),
            Step(
                "chase", "催交资料", BEFORE_PAYOUT, CHASERS, "I-2.2-c", form=forms.ChaseForm,
                needs=(needs.buyer_lacks_papers, needs.can_be_reached), does=(acts.chase,), todo=_chase_wanted,
                by_clock=True,
            ),
            Step(
                "receive_papers", "登记资料", BEFORE_PAYOUT, CHASERS, "I-2.2-d", form=forms.PapersForm,
                needs=(needs.papers_are_wanted,), does=(acts.receive_papers,), todo=_papers_open,
                by_clock=True,
            ),
            Step(
                "require_paper", "增减资料要求", BEFORE_PAYOUT, DESK, "I-2.2-d", form=forms.RequireForm,
                needs=(needs.buyer_is_named,), does=(acts.require_paper,),
            ),
            Step(
                "answer", "登记客户答复", BEFORE_PAYOUT, CHASERS, "I-5.3-5c", form=forms.AnswerForm,
                needs=(needs.buyer_lacks_papers,), does=(acts.answer,),
            ),
            Step(
                "treat_as_late", "按逾期付款处理", BEFORE_PAYOUT, (CS_MANAGER,), "I-5.3-5c", form=forms.LateForm,
                needs=(needs.buyer_lacks_papers, needs.two_months_have_passed), does=(acts.treat_as_late,),
            ),
            Step(
                "complete_papers", "资料齐备", (Is.COLLECTING,), DESK, "I-2.2-d", to=Is.COMPLETE, form=Nothing,
                needs=(needs.bank_is_chosen, needs.papers_are_there), does=(acts.papers_complete,), todo=_all_there,
                main=True,
            ),
            # bank
            Step(
                "plan_interview", "预约面签", GATHERING, DESK, "I-5.6-0", form=forms.InterviewPlanForm,
                needs=(needs.bank_is_chosen,), does=(acts.plan_interview,), todo=_interview_open,
            ),
            Step(
                "interview", "面签", (Is.COMPLETE,), DESK, "I-5.6-0", to=Is.INTERVIEWED, form=forms.InterviewForm,
                needs=(needs.papers_are_there, needs.borrowers_came), does=(acts.interview,), todo=True, main=True,
            ),
            Step(
                "submit", "报银行审批", (Is.INTERVIEWED,), DESK, "I-5.6-0", to=Is.SUBMITTED, form=forms.SubmitForm,
                needs=READY_FOR_BANK, does=(acts.submit,), todo=True, main=True,
            ),
            Step(
                "approve", "登记批贷", (Is.SUBMITTED,), DESK, "I-5.6-0", to=Is.APPROVED, form=forms.ApproveForm,
                needs=(needs.approved_in_full, needs.approval_lies_ahead), does=(acts.approve,), todo=True, main=True,
            ),
            Step(
                "approve_less", "批贷不足", (Is.SUBMITTED,), DESK, "I-5.6-0", to=Is.LESS, form=forms.ApproveForm,
                needs=(needs.approved_less, needs.approval_lies_ahead), does=(acts.approve,),
            ),
            Step(
                "ask_supplement", "登记补件要求", (Is.SUBMITTED,), DESK, "I-2.2-f", to=Is.SUPPLEMENT, form=forms.SupplementForm,
                does=(acts.want_supplement,),
            ),
            Step(
                "refuse", "登记拒贷", (Is.SUBMITTED, Is.SUPPLEMENT, *GRANTED), DESK, "I-2.2-f", to=Is.REFUSED,
                form=forms.RefuseForm, does=(acts.refuse,),
            ),
            Step(
                "supplied", "补件已交银行", (Is.SUPPLEMENT,), DESK, "I-2.2-f", to=Is.SUBMITTED, form=forms.SuppliedForm,
                needs=(needs.papers_are_there,), todo=True,
            ),
            Step(
                "top_up", "客户同意补足", (Is.LESS,), DESK, "I-5.6-0", to=Is.APPROVED, form=forms.TopUpForm,
                needs=(no_change_pending, needs.everybody_agrees_to_top_up), does=(acts.top_up,), todo=True,
            ),
            Step(
                "sign_loan", "签订借款合同", (Is.APPROVED,), DESK, "I-5.6-0", to=Is.CONTRACTED, form=forms.LoanForm,
                needs=(needs.top_up_is_paid, needs.approval_is_valid, no_change_pending), does=(acts.sign_loan,), todo=True,
                main=True,
            ),
            Step(
                "register_mortgage", "办妥预抵押登记", (Is.CONTRACTED,), DESK, "I-5.6-0", to=Is.WAITING,
                form=forms.RegistrationForm, does=(acts.register_mortgage,), todo=True, main=True,
            ),
            Step(
                "expire", "批贷过期", (Is.LESS, *GRANTED), DESK, "I-5.6-0", to=Is.EXPIRED, form=Nothing,
                needs=(needs.approval_has_run_out,), does=(acts.list_papers_anew,), by_clock=True,
            ),
            Step(
                "resubmit", "更新资料重新报批", (Is.EXPIRED,), DESK, "I-5.6-0", to=Is.SUBMITTED, form=forms.SubmitForm,
                needs=READY_FOR_BANK, does=(acts.submit,), todo=True,
            ),
            # money
            Step(
                "open_gate", "放款条件具备", (Is.WAITING,), DESK, "I-5.6-0", to=Is.READY, form=Nothing,
                needs=(needs.gate_is_open,), does=(acts.open_gate,), by_clock=True, main=True,
            ),
            Step(
                "hold_payout", "暂停放款", (*BEFORE_APPROVAL, *GRANTED), HEADS, "I-2.2-f", form=WithReason, does=(acts.hold,),
            ),
            Step(
                "go_on", "恢复放款", (*BEFORE_APPROVAL, *GRANTED), HEADS, "I-2.2-f", form=WithReason,
                needs=(needs.payout_is_stopped,), does=(acts.unhold,),
            ),
            Step(
                "ask_payout", "申请放款", (Is.READY,), DESK, "J-2.2-c", to=Is.ASKED, form=forms.AskForm,
                needs=(*BEFORE_MONEY, needs.goes_to_escrow), does=(acts.ask_payout,), todo=True, main=True,
            ),
            Step(
                "press_bank", "催银行", (Is.SUBMITTED, *GRANTED), DESK, "I-2.2-g", form=forms.PressForm,
                does=(acts.press_bank,), todo=_press_wanted,
            ),
            Step(
                "disburse_part", "登记部分放款", (Is.ASKED,), TILL, "I-5.6-0", form=forms.PayoutForm,
                needs=(needs.goes_to_escrow, needs.arrival_is_past, needs.part_has_come), does=(acts.pay_out,),
            ),
            Step(
                "disburse", "登记放款", (Is.ASKED,), TILL, "I-5.6-0", to=Is.DISBURSED, form=forms.PayoutForm,
                needs=(needs.goes_to_escrow, needs.arrival_is_past, needs.all_has_come), does=(acts.pay_out,), todo=True,
                main=True,
            ),
            # guarantee
            Step(
                "set_repayment", "登记还款日", (Is.DISBURSED,), DESK, "I-2.2-j", form=forms.RepaymentForm,
                needs=(needs.guarantee_runs,), does=(acts.set_repayment,), todo=_repayment_open,
            ),
            Step(
                "report_arrears", "登记银行逾期通知", (Is.DISBURSED,), DESK, "I-2.2-k", form=forms.ArrearsForm,
                needs=(needs.guarantee_runs, needs.reported_once), does=(acts.report_arrears,),
            ),
            Step(
                "chase_repayment", "催还贷款", (Is.DISBURSED,), DESK, "I-2.2-k", form=forms.ChaseRepaymentForm,
                needs=(needs.something_is_overdue, needs.can_be_reached), does=(acts.chase_repayment,), todo=_arrears_open,
            ),
            Step(
                "settle_arrears", "登记逾期已还", (Is.DISBURSED,), (*DESK, FINANCE), "I-2.2-k", form=forms.SettledForm,
                needs=(needs.that_is_overdue,), does=(acts.settle_arrears,),
            ),
            Step(
                "ask_to_pay", "申请代偿", (Is.DISBURSED,), DESK, "I-2.2-k", form=forms.AskToPayForm,
                needs=(
                    somebody_approves("I-2.2-k"), needs.guarantee_runs, needs.something_is_overdue, needs.that_is_overdue,
                    guarantee.is_asked_once,
                ),
                does=(guarantee.payment_approved,),
                facts_for_approval=guarantee.approval_facts, approval_facts=("amount",),
            ),
            Step(
                "pay_for_buyer", "代偿付款", (Is.DISBURSED,), TILL, "I-2.2-k", form=forms.PayForBuyerForm,
                needs=(
                    guarantee.a_payment_is_approved, guarantee.payer_did_not_ask, guarantee.payment_for_buyer_is_whole,
                ),
                does=(guarantee.pay_for_buyer,), todo=guarantee.waits_for_payment,
            ),
            Step(
                "check_payment", "复核代偿付款", (Is.DISBURSED, Is.RELEASED),
                (FINANCE, CASHIER, CS_ASSISTANT_MANAGER, CS_MANAGER), "I-2.2-k", form=forms.CheckPaidForm,
                needs=(something_is_unchecked("I-2.2-k"), checker_did_not_pay("I-2.2-k")), does=(check_paid,),
                todo=lambda context: bool(unchecked(context.case.pk)),
            ),
            Step(
                "recover", "登记代偿款已追回", (Is.DISBURSED,), (FINANCE, CASHIER, CS_ASSISTANT_MANAGER), "I-2.2-k",
                form=forms.RecoveredForm,
                needs=(needs.that_was_paid_by_us, payments_are_checked("I-2.2-k")),
                does=(acts.recover, guarantee.buyer_paid_back),
            ),
            Step(
                "release_guarantee", "解除阶段性担保", (Is.DISBURSED,), DESK, "I-5.6-0", to=Is.RELEASED, form=forms.ReleaseForm,
                needs=(needs.nothing_is_owed_to_us,), does=(acts.release_guarantee,), main=True,
            ),
            Step(
                "record_payoff", "登记银行结清金额", (Is.DISBURSED, Is.RELEASED), (*DESK, FINANCE), "I-5.6-0",
                form=forms.PayoffForm, needs=(needs.something_was_paid_out,), does=(acts.record_payoff,),
            ),
            Step(
                "paid_off", "登记贷款已结清", (Is.DISBURSED, Is.RELEASED), (FINANCE, CASHIER, *DESK), "I-5.6-0",
                form=forms.PaidOffForm, needs=(needs.something_was_paid_out,), does=(acts.paid_off,),
            ),
            # loans of an owners' register
            Step(
                # Written by the import of registers, and for a part split off; nobody can take it here.
                "import", "台账导入", (Is.COLLECTING,), (), "J-2.2-b", to=Is.IMPORTED, form=Nothing, does=(past.keep_as_past,),
                by_clock=True, approvable=False,
            ),
            Step(
                "split", "组合贷款分两笔", (Is.IMPORTED,), DESK, "J-2.2-b", form=forms.SplitForm,
                needs=(needs.deal_still_lives, needs.is_combined, needs.fund_is_a_part), does=(past.split,),
            ),
            Step(
                "take_up", "接办：收集资料", (Is.IMPORTED,), DESK, "J-2.2-b", to=Is.COLLECTING, form=forms.TakeUpForm,
                needs=(needs.deal_still_lives, needs.combined_is_split), does=(past.take_up,),
            ),
            Step(
                "take_up_submitted", "接办：银行审批中", (Is.IMPORTED,), DESK, "J-2.2-b", to=Is.SUBMITTED,
                form=forms.TakeUpSubmittedForm, needs=(needs.deal_still_lives, needs.combined_is_split, needs.bank_is_known, needs.bank_has_done_it),
                does=(past.take_up_submitted,),
            ),
            Step(
                "take_up_approved", "接办：已批贷", (Is.IMPORTED,), DESK, "J-2.2-b", to=Is.APPROVED,
                form=forms.TakeUpApprovedForm,
                needs=(
                    needs.deal_still_lives, needs.combined_is_split, needs.bank_is_known, needs.bank_has_done_it,
                    needs.approved_in_full, needs.approval_lies_ahead,
                ),
                does=(past.take_up_approved,),
            ),
            Step(
                "take_up_paid", "接办：已放款", (Is.IMPORTED,), TILL, "J-2.2-b", to=Is.DISBURSED, form=forms.TakeUpPaidForm,
                needs=(
                    needs.deal_still_lives, needs.combined_is_split, needs.bank_is_known, needs.goes_to_escrow,
                    needs.arrival_is_past, needs.all_has_come,
                ),
                does=(past.take_up_paid,),
            ),
            # end
            Step(
                "cancel", "取消按揭", (*LIVE, Is.IMPORTED), (CS_MANAGER, SIGNING_SUPERVISOR), "I-5.6-0", to=Is.CANCELLED, form=WithReason,
                needs=(needs.bank_has_its_money,), does=(acts.cancel,),
            ),
        ),
        clocks=(
            ClockRule(
                "papers", "收齐资料", starts=("begin", "take_up", "switch_bank"), stops=PAPER_CLOCKS_END, limit="7 日",
                clause="I-5.3-5c", replans=True,
            ),
            ClockRule(
                "interview", "面签", starts=("begin", "take_up"), stops=("interview", "import"), limit="15 日", clause="I-5.6-0",
            ),
            ClockRule(
                "letter", "催办按揭通知书", starts=("begin", "take_up", "switch_bank"), stops=("letter", *PAPER_CLOCKS_END),
                limit="30 日", clause="I-5.3-5c", replans=True,
            ),
            ClockRule(
                "submit", "报银行审批", starts=("interview",), stops=("submit", "switch_bank"), limit="3 工作日",
                clause="I-5.6-0",
            ),
            ClockRule(
                "review", "银行审批", starts=("submit", "supplied", "resubmit", "take_up_submitted"),
                stops=("approve", "approve_less", "ask_supplement", "refuse", "switch_bank"), limit="15 工作日",
                clause="I-5.6-0",
            ),
            ClockRule(
                "supplement", "补件", starts=("ask_supplement",), stops=("supplied", "refuse", "switch_bank"), limit="7 日",
                clause="I-2.2-f",
            ),
            ClockRule(
                "top_up", "补足贷款差额", starts=("approve_less",), stops=("top_up", "expire", "switch_bank"), limit="15 日",
                clause="I-5.6-0",
            ),
            ClockRule(
                "refusal", "拒贷后处理", starts=("refuse",), stops=("switch_bank",), limit="15 日", clause="I-2.2-f",
            ),
            ClockRule(
                "loan", "签借款合同", starts=("approve", "top_up", "take_up_approved"), stops=("sign_loan", "refuse", "expire", "switch_bank"),
                limit="5 工作日", clause="I-5.6-0",
            ),
            ClockRule(
                "registration", "预抵押登记", starts=("sign_loan",),
                stops=("register_mortgage", "refuse", "expire", "switch_bank"), limit="10 工作日", clause="I-5.6-0",
            ),
            ClockRule(
                "validity", "批复有效期", starts=("approve", "approve_less", "take_up_approved"),
                stops=("expire", "refuse", "disburse", "switch_bank"), limit="180 日", clause="I-5.6-0",
                due=acts.approval_due, then="expire",
            ),
            ClockRule(
                "renewal", "重新报批", starts=("expire",), stops=("resubmit", "switch_bank"), limit="15 日", clause="I-5.6-0",
            ),
            ClockRule(
                "asking", "申请放款", starts=("open_gate",), stops=("ask_payout", "refuse", "expire", "switch_bank"),
                limit="3 工作日", clause="J-2.2-c",
            ),
            ClockRule(
                "press", "催银行放款", starts=("ask_payout",), stops=("disburse", "refuse", "expire", "switch_bank"),
                limit="7 日", clause="I-2.2-g", replans=True,
            ),
            ClockRule(
                "payout", "放款", starts=("ask_payout",), stops=("disburse", "refuse", "expire", "switch_bank"), limit="28 日",
                clause="J-2.2-c",
            ),
            ClockRule(
                "contact", "联系逾期客户", starts=("report_arrears",), stops=("chase_repayment", "settle_arrears", "pay_for_buyer"),
                limit="1 日", clause="I-2.2-k",
            ),
            ClockRule(
                "legal", "逾期移交法务", starts=("report_arrears",), stops=("settle_arrears", "pay_for_buyer"),
                limit="30 日", clause="I-2.2-k",
            ),
        ),
    )
)  # fmt: skip
