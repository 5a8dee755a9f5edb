"""Signing 签约 (document I, process 三; J-2.1; K-3.1; domain 2.4).

Customer service books the slot and gives the buyers the list of papers; documents, contract set and draft are made ready
from the released model contract; sales collects the set the day before and signs for it. On the day signatures, money and
papers are checked, and signing converts the subscription in one transaction. Then the contract is reviewed, taken over by
after-sales with a register number, and archived with its place.
"""

from __future__ import annotations

from guiju.kernel.engine import Context
from guiju.kernel.forms import WithReason
from guiju.kernel.process import ClockRule, Process, State, Step, register
from guiju.org.posts import (
    AFTER_SALES,
    ARCHIVIST,
    CASHIER,
    CS_ASSISTANT_MANAGER,
    CS_CLERK,
    CS_MANAGER,
    DEPUTY_GM,
    FINANCE,
    FRONT_DESK,
    REGISTRAR,
    SALES,
    SALES_DIRECTOR,
    SIGNING_SUPERVISOR,
)
from guiju.sales import signing_forms as forms
from guiju.sales import signing_needs as needs
from guiju.sales.changing_needs import no_change_pending, not_seized
from guiju.sales.operations import signing as acts
from guiju.sales.signing_facts import facts_of, load


class Is(State):
    """Where a signing stands."""

    BOOKED = "booked", "已预约", "plain"
    DRAFTED = "drafted", "合同已填制", "brand"
    SIGNED = "signed", "已签署待复核", "brand"
    REVIEWED = "reviewed", "已复核待移交", "ok"
    TAKEN_OVER = "taken_over", "已移交待归档", "ok"
    ARCHIVED = "archived", "已归档", "done"
    CANCELLED = "cancelled", "已取消", "done"


AHEAD = (Is.BOOKED, Is.DRAFTED)
AFTER = (Is.SIGNED, Is.REVIEWED, Is.TAKEN_OVER)
DESK = (SIGNING_SUPERVISOR, CS_CLERK)
COUNTER = (*DESK, FRONT_DESK, CS_ASSISTANT_MANAGER)


def _list_open(context: Context) -> bool:
    return facts_of(context).row.list_given_at is None


def _papers_open(context: Context) -> bool:
    facts = facts_of(context)
    return facts.row.papers_checked_at is None or bool(facts.papers_missing)


def _prepare_open(context: Context) -> bool:
    return facts_of(context).row.prepared_at is None


def _draft_open(context: Context) -> bool:
    facts = facts_of(context)
    return facts.row.drafted_at is None


def _points_open(context: Context) -> bool:
    return any(point.checked_at is None for point in facts_of(context).points)


def _clauses_open(context: Context) -> bool:
    kind = needs.KIND_OF[context.step.name]
    return any(clause.kind == kind for clause in facts_of(context).clauses_waiting)


def _collecting_open(context: Context) -> bool:
    return facts_of(context).text is None


def _signatures_open(context: Context) -> bool:
    return facts_of(context).row.signatures_checked_at is None


def _money_open(context: Context) -> bool:
    return facts_of(context).row.money_checked_at is None


SIGNING = register(
    Process(
        "signing",
        "签约",
        series="QY",
        sop="KF-ZY-03",
        starts=Is.BOOKED,
        ends=(Is.ARCHIVED, Is.CANCELLED),
        facts=load,
        steps=(
            # before the day
            Step(
                "book", "预约签约", (), DESK, "I-5.3-0", to=Is.BOOKED, opens=True, form=forms.BookForm,
                needs=(needs.subscription_in_force, needs.within_the_window), does=(acts.book,),
            ),
            Step(
                "reappoint", "改签约时间", AHEAD, DESK, "I-5.3-0", form=forms.BookForm,
                needs=(needs.within_the_window, needs.buyers_live), does=(acts.reappoint,), by_clock=True,
            ),
            Step(
                "give_list", "交付签约资料表", AHEAD, COUNTER, "I-5.3-3d", form=forms.GiveListForm,
                does=(acts.give_list,), todo=_list_open,
            ),
            Step(
                "check_papers", "核对客户资料", (*AHEAD, *AFTER), COUNTER, "I-5.3-4c", form=forms.PapersForm,
                needs=(needs.papers_are_named,), does=(acts.check_papers,), todo=_papers_open,
            ),
            Step(
                "ask_paper", "增加所需资料", AHEAD, DESK, "I-2.1-q", form=forms.AskPaperForm,
                needs=(needs.buyer_exists,), does=(acts.ask_paper,),
            ),
            Step(
                "prepare", "核对签约准备文件", AHEAD, DESK, "I-5.3-1", form=forms.PrepareForm,
                needs=(needs.documents_are_ready, needs.set_is_complete), does=(acts.prepare,), todo=_prepare_open,
            ),
            # negotiation
            Step(
                "note_point", "登记谈判要点", AHEAD, (*DESK, SALES), "I-2.1-l", form=forms.PointForm,
                does=(acts.note_point,),
            ),
            Step(
                "check_points", "审核谈判结果", AHEAD, (SALES_DIRECTOR, CS_MANAGER), "I-2.1-l",
                form=forms.CheckPointsForm, needs=(needs.points_are_there, needs.points_are_settled),
                does=(acts.check_points,), todo=_points_open,
            ),
            Step(
                "propose_clause", "提出补充条款", AHEAD, (*DESK, SALES), "I-2.1-m", form=forms.ClauseForm,
                does=(acts.propose_clause,),
            ),
            Step(
                "release_clause", "审核补充条款", AHEAD, (CS_MANAGER, DEPUTY_GM), "I-2.1-m",
                form=forms.DecideClauseForm, needs=(needs.clause_can_be_decided,), does=(acts.decide_clause,),
                todo=_clauses_open,
            ),
            Step(
                "review_service", "评审服务内容", AHEAD, (SALES, SALES_DIRECTOR), "K-3.1-a",
                form=forms.DecideClauseForm, needs=(needs.clause_can_be_decided,), does=(acts.decide_clause,),
                todo=_clauses_open,
            ),
            # the contract
            Step(
                "draft", "填制合同", (Is.BOOKED,), DESK, "I-5.3-2a", to=Is.DRAFTED, form=forms.DraftForm,
                needs=(
                    needs.buyers_live, no_change_pending, needs.template_is_there, needs.price_is_the_subscribed,
                    needs.clauses_are_released, needs.terms_are_sound,
                ),
                does=(acts.draft,), todo=_draft_open, main=True,
            ),
            Step(
                "redraft", "重新填制", (Is.DRAFTED,), DESK, "I-5.3-2a", form=forms.DraftForm,
                needs=(
                    needs.buyers_live, no_change_pending, needs.template_is_there, needs.price_is_the_subscribed,
                    needs.clauses_are_released, needs.terms_are_sound,
                ),
                does=(acts.draft,),
            ),
            Step(
                "collect_text", "领取合同文本", AHEAD, (SALES,), "I-5.3-3b", form=forms.CollectForm,
                needs=(needs.text_is_not_taken, needs.text_is_in_stock), does=(acts.collect_text,),
                todo=_collecting_open,
            ),
            Step(
                "return_text", "退回合同文本", AHEAD, (*DESK, SALES), "I-5.3-3c", form=forms.SpoilForm,
                needs=(needs.text_is_taken,), does=(acts.give_back,),
            ),
            # on the day
            Step(
                "check_signatures", "审查客户签字", (Is.DRAFTED,), DESK, "I-5.3-4a", form=forms.SignaturesForm,
                needs=(needs.buyers_live, needs.every_buyer_signed), does=(acts.check_signatures,),
                todo=_signatures_open,
            ),
            Step(
                "check_money", "核对已交款费", AHEAD, (CASHIER, FINANCE), "I-5.3-4b", form=forms.MoneyForm,
                needs=(needs.money_is_there, needs.money_was_compared), does=(acts.check_money,), todo=_money_open,
            ),
            Step(
                "sign", "签订合同", (Is.DRAFTED,), DESK, "I-5.3-0", to=Is.SIGNED, form=forms.SignForm,
                needs=(
                    needs.subscription_still_holds, needs.buyers_live, not_seized, no_change_pending, needs.prepared_and_checked,
                    needs.draft_is_current, needs.list_was_given, needs.points_are_checked, needs.clauses_are_released,
                    needs.clauses_are_written, needs.text_was_collected, needs.papers_are_complete,
                    needs.money_is_checked, needs.down_payment_reaches, needs.signatures_are_checked, needs.signed_by_now,
                ),
                does=(acts.sign,), todo=True, main=True,
            ),
            # after it
            Step(
                "review", "签约复核", (Is.SIGNED,), (CS_MANAGER, CS_ASSISTANT_MANAGER, SIGNING_SUPERVISOR), "I-2.1-b",
                to=Is.REVIEWED, form=forms.ReviewForm, needs=(needs.reviewer_is_apart, needs.contract_is_complete),
                does=(acts.review,), todo=True, main=True,
            ),
            Step(
                "send_back", "复核退回补齐", (Is.SIGNED,), (CS_MANAGER, CS_ASSISTANT_MANAGER, SIGNING_SUPERVISOR),
                "I-2.1-n", form=WithReason,
            ),
            Step(
                "take_over", "接收并登记合同", (Is.REVIEWED,), (AFTER_SALES, CS_CLERK, REGISTRAR, ARCHIVIST), "J-2.1-a",
                to=Is.TAKEN_OVER, form=forms.TakeOverForm, needs=(needs.two_hands,), does=(acts.take_over,),
                todo=True, main=True,
            ),
            Step(
                "archive", "合同归档", (Is.TAKEN_OVER,), (ARCHIVIST, AFTER_SALES, CS_CLERK), "J-2.1-c", to=Is.ARCHIVED,
                form=forms.ArchiveForm, needs=(needs.contract_is_sealed, needs.dossier_is_complete),
                does=(acts.archive,), todo=True, main=True,
            ),
            Step(
                "cancel", "取消签约", (*AHEAD, *AFTER), (CS_MANAGER, SIGNING_SUPERVISOR), "I-5.3-0", to=Is.CANCELLED,
                form=WithReason, needs=(needs.only_before_signing,), does=(acts.cancel,), by_clock=True,
            ),
        ),
        clocks=(
            ClockRule(
                "list", "交付签约资料表", starts=("book",), stops=("give_list", "sign", "cancel"), limit="1 工作日",
                clause="I-5.3-3d",
            ),
            ClockRule(
                "collect", "领取合同文本", starts=("book", "reappoint"), stops=("collect_text", "cancel"),
                limit="1 日", clause="I-5.3-3a", due=acts.collecting_due,
            ),
            ClockRule(
                "appointment", "预约签约日", starts=("book", "reappoint"), stops=("sign", "cancel"), limit="7 日",
                clause="I-5.3-0", due=acts.appointment_due,
            ),
            ClockRule(
                "review", "签约复核", starts=("sign",), stops=("review", "cancel"), limit="1 工作日", clause="I-2.1-b"
            ),
            ClockRule(
                "take_over", "移交售后", starts=("review",), stops=("take_over", "cancel"), limit="3 工作日",
                clause="J-2.1-a",
            ),
            ClockRule(
                "archive", "合同归档", starts=("take_over",), stops=("archive", "cancel"), limit="30 日",
                clause="J-2.1-c",
            ),
        ),
    )
)  # fmt: skip
