"""Contract change 签约变更 (document I, process 四; domain 2.5).

The form flow of 认购变更, and besides: an interview, the decision tables before and after filing, the opinion of legal, the
bank first where a loan exists, a supplement or a termination with a new contract, the city's change or cancellation,
the list of invoices concerned. Only execution touches contract and deal.
"""

from __future__ import annotations

from guiju.kernel.engine import Context
from guiju.kernel.forms import WithReason
from guiju.kernel.process import ClockRule, Process, State, Step, register
from guiju.org.posts import (
    CASHIER,
    CS_ASSISTANT_MANAGER,
    CS_CLERK,
    CS_MANAGER,
    FINANCE,
    REGISTRAR,
    SALES,
    SALES_DIRECTOR,
    SIGNING_SUPERVISOR,
)
from guiju.sales import changing_checks as checks
from guiju.sales import changing_forms as forms
from guiju.sales.changing_facts import facts_of, load
from guiju.sales.changing_needs import not_seized
from guiju.sales.operations import changing_asking as asking
from guiju.sales.operations import changing_contract as contracts
from guiju.sales.operations import changing_review as review
from guiju.sales.processes.subscription_change import FACTS, approval_facts, finance_wanted


class Is(State):
    """Where a change of a contract stands."""

    APPLIED = "applied", "待总监签署意见", "plain"
    REVIEWED = "reviewed", "待面谈核定登记", "brand"
    REGISTERED = "registered", "待审核报批", "brand"
    APPROVED = "approved", "已批准待签协议", "ok"
    AGREED = "agreed", "已签协议待执行", "ok"
    EXECUTED = "executed", "已执行待返销售", "ok"
    RETURNED = "returned", "已退回待修改", "risk"
    DONE = "done", "已办结", "done"
    REJECTED = "rejected", "不同意变更", "done"
    CANCELLED = "cancelled", "已撤销", "done"


DESK = (REGISTRAR, CS_CLERK, SIGNING_SUPERVISOR, CS_ASSISTANT_MANAGER)
UNDER_REVIEW = (Is.APPLIED, Is.REVIEWED, Is.REGISTERED)
ASKED = (
    checks.kind_is_filled, checks.table_allows, checks.applicants_are_buyers, checks.buyers_may_change,
    checks.new_buyers_are_known, checks.price_is_right, checks.price_is_as_filed, checks.payment_adds_up,
    checks.down_payment_reaches, checks.items_are_known,
)  # fmt: skip


def legal_wanted(context: Context) -> bool:
    """Legal has not given its opinion yet."""
    return facts_of(context).row.legal_at is None


def bank_wanted(context: Context) -> bool:
    """The bank has to agree and has not yet."""
    row = facts_of(context).row
    return bool(row.findings.get("bank_first")) and not row.bank_consent.get("agrees")


def city_wanted(context: Context) -> bool:
    """The city's system has still to change the filing (a cancellation is taken in 预售登记 itself)."""
    row = facts_of(context).row
    return row.findings.get("city") == "change" and not row.city


CONTRACT_CHANGE = register(
    Process(
        "contract_change",
        "签约变更",
        series="QB",
        sop="KF-ZY-04",
        starts=Is.APPLIED,
        ends=(Is.DONE, Is.REJECTED, Is.CANCELLED),
        facts=load,
        steps=(
            Step(
                "apply", "填写变更申请", (), (SALES, CS_CLERK, REGISTRAR), "I-5.4-0", to=Is.APPLIED, opens=True,
                form=forms.ContractApplyForm,
                needs=(checks.contract_in_force, checks.no_other_change, checks.buyers_live, *ASKED),
                does=(asking.apply,),
            ),
            Step(
                "resubmit", "修改后重新申请", (Is.RETURNED,), (SALES, CS_CLERK, REGISTRAR), "I-5.4-0", to=Is.APPLIED,
                form=forms.ContractApplyForm, needs=(checks.buyers_live, *ASKED), does=(asking.apply_again,), todo=True,
            ),
            Step(
                "director_opinion", "总监签署意见", (Is.APPLIED,), (SALES_DIRECTOR,), "I-5.4-0", to=Is.REVIEWED,
                form=forms.OpinionForm, needs=(checks.director_is_not_the_applicant,), does=(review.give_opinion,),
                todo=True, main=True,
            ),
            Step(
                "check_and_register", "面谈核定并登记", (Is.REVIEWED,), DESK, "I-5.4-0", to=Is.REGISTERED,
                form=forms.ContractReviewForm, needs=(checks.terms_are_as_applied, checks.content_is_fixed),
                does=(review.register,), todo=True, main=True,
            ),
            Step(
                "finance_check", "财务核对款项和发票", (Is.REGISTERED, Is.APPROVED), (FINANCE, CASHIER), "I-5.4-0",
                form=forms.FinanceForm, needs=(checks.receipts_are_back,), does=(review.note_finance,),
                todo=finance_wanted,
            ),
            Step(
                "legal_opinion", "法务出具意见", (Is.REGISTERED,), DESK, "I-5.4-0", form=forms.LegalForm,
                does=(review.note_legal,), todo=legal_wanted,
            ),
            Step(
                "bank_consent", "取得银行意见", (Is.REGISTERED,), DESK, "I-5.4-0", form=forms.BankConsentForm,
                does=(review.note_bank,), todo=bank_wanted,
            ),
            Step(
                "report_up", "经理审核并报总经理审批", (Is.REGISTERED,), (CS_MANAGER,), "I-5.4-0", to=Is.APPROVED,
                form=forms.ReportForm,
                needs=(
                    checks.is_registered, checks.finance_has_looked, checks.bank_agrees_first, checks.legal_has_looked,
                    checks.terms_are_as_applied, checks.goes_to_the_general_manager,
                ),
                does=(review.approve,), todo=True, main=True, facts_for_approval=approval_facts, approval_facts=FACTS,
            ),
            Step(
                "sign_agreement", "签订补充协议或重签合同", (Is.APPROVED,), DESK, "I-5.4-0", to=Is.AGREED,
                form=forms.AgreementForm, needs=(checks.signers_are_concerned, checks.agreement_is_whole),
                does=(review.sign_new,), todo=True, main=True,
            ),
            Step(
                "sign_late", "补签", (Is.AGREED,), DESK, "I-5.4-0", form=forms.SignNewForm,
                needs=(checks.signers_are_concerned,), does=(review.sign_new,),
            ),
            Step(
                "city_change", "城市系统备案变更", (Is.AGREED,), DESK, "I-5.4-0", form=forms.CityForm,
                does=(review.note_city,), todo=city_wanted,
            ),
            Step(
                "execute", "执行变更", (Is.AGREED,), DESK, "I-5.4-0", to=Is.EXECUTED, form=forms.ExecuteForm,
                needs=(
                    not_seized, checks.version_is_unchanged, checks.agreement_is_signed, checks.everybody_has_signed,
                    checks.city_has_done_it,
                ),
                does=(contracts.execute,), todo=True, main=True, approvable=False,
            ),
            Step(
                "hand_back", "申请返销售部", (Is.EXECUTED,), DESK, "I-5.4-0", to=Is.DONE, form=forms.HandBackForm,
                does=(review.hand_back,), todo=True, main=True,
            ),
            Step(
                "return_to_sales", "退回修改", UNDER_REVIEW, (SALES_DIRECTOR, *DESK, CS_MANAGER), "I-5.4-0",
                to=Is.RETURNED, form=WithReason, does=(review.take_back,),
            ),
            Step(
                "reject", "不同意变更", UNDER_REVIEW, (SALES_DIRECTOR, CS_MANAGER), "I-5.4-0", to=Is.REJECTED,
                form=WithReason, does=(review.drop,),
            ),
            Step(
                "cancel", "撤销申请", (*UNDER_REVIEW, Is.RETURNED, Is.APPROVED, Is.AGREED),
                (SALES, CS_MANAGER, SIGNING_SUPERVISOR), "I-5.4-0", to=Is.CANCELLED, form=WithReason, does=(review.drop,),
            ),
        ),
        clocks=(
            ClockRule(
                "review", "审核报批", starts=("apply", "resubmit"),
                stops=("report_up", "return_to_sales", "reject", "cancel"), limit="5 工作日", clause="I-5.4-0",
            ),
            ClockRule(
                "resubmit", "修改重报", starts=("return_to_sales",), stops=("resubmit", "cancel"), limit="3 工作日",
                clause="I-5.4-0",
            ),
            ClockRule(
                "execute", "签协议和执行", starts=("report_up",), stops=("execute", "cancel"), limit="15 日",
                clause="I-5.4-0",
            ),
            ClockRule(
                "hand_back", "返销售部", starts=("execute",), stops=("hand_back",), limit="1 工作日", clause="I-5.4-0",
            ),
        ),
    )
)  # fmt: skip
