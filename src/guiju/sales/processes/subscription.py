"""Subscription 认购 (document I, process 一; domain 2.2).

Sales locks a unit and signs the 认购书 with the customer; the sales director reviews and signs; customer service checks
unit control, unit price and payment method and registers; the cashier confirms the deposit; only then comes the contract
seal. Identity papers, the bank and the list of papers for signing go beside it. It ends in a signed contract, or is
released, voided, cancelled, or in default by a person's decision.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from guiju.kernel.calendar import end_of
from guiju.kernel.duration import Limit
from guiju.kernel.engine import Context
from guiju.kernel.forms import Nothing, WithReason
from guiju.kernel.numbering import ZONE
from guiju.kernel.process import ClockRule, Process, State, Step, register
from guiju.org.posts import (
    CASHIER,
    CS_ASSISTANT_MANAGER,
    CS_CLERK,
    CS_MANAGER,
    FRONT_DESK,
    SALES,
    SALES_DIRECTOR,
    SEAL_KEEPER,
    SIGNING_SUPERVISOR,
)
from guiju.sales import forms, needs, pricing
from guiju.sales.changing_forms import OfChangeForm, SwapOutForm
from guiju.sales.changing_needs import no_change_in_approval
from guiju.sales.facts import facts_of, load
from guiju.sales.models import Payment
from guiju.sales.operations import changing_subscription, subscribing


class Is(State):
    """Where a subscription stands."""

    LOCKED = "locked", "已锁定待签认购书", "plain"
    SIGNED = "signed", "待总监审核", "brand"
    REVIEWED = "reviewed", "待客服核对", "brand"
    REGISTERED = "registered", "待确认定金", "brand"
    PAID = "paid", "待盖章", "brand"
    SEALED = "sealed", "已生效待签约", "ok"
    CONVERTED = "converted", "已转签约", "done"
    RELEASED = "released", "已释放", "done"
    VOIDED = "voided", "已作废重开", "done"
    DEFAULTED = "defaulted", "违约已处理", "done"
    SWAPPED = "swapped", "已换房", "done"
    CANCELLED = "cancelled", "已退认购", "done"


HANDED_IN = (Is.SIGNED, Is.REVIEWED, Is.REGISTERED, Is.PAID, Is.SEALED)
REGISTERED = (Is.REGISTERED, Is.PAID, Is.SEALED)
DESK = (CS_CLERK, SIGNING_SUPERVISOR, FRONT_DESK, CS_ASSISTANT_MANAGER)


def _bank_open(context: Context) -> bool:
    deal = facts_of(context).deal
    return (
        deal is not None
        and Payment(deal.payment).needs_bank
        and not deal.bank
        and facts_of(context).row.bank_asked_at is None
    )


def _deposit_open(context: Context) -> bool:
    return facts_of(context).deposit_confirmed_at is None


def _papers_open(context: Context) -> bool:
    return bool(facts_of(context).identity_missing)


def _residence_open(context: Context) -> bool:
    facts = facts_of(context)
    return bool(facts.residence_missing) and not facts.identity_missing


def _list_open(context: Context) -> bool:
    facts = facts_of(context)
    return facts.row.list_given_at is None and not facts.identity_missing and not facts.residence_missing


def _appointment_open(context: Context) -> bool:
    return facts_of(context).row.signing_at is None


def _days_left(context: Context) -> int:
    due = facts_of(context).signing_due_date
    return (due - context.at.astimezone(ZONE).date()).days if due is not None else 99


def _reminder_open(context: Context) -> bool:
    """Three days and one day before the signing deadline somebody reminds the customer (domain 2.2, T−3 and T−1)."""
    left = _days_left(context)
    reminded = facts_of(context).row.reminded_at
    if not 0 <= left <= 3:
        return False
    if reminded is None:
        return True
    return left <= 1 and reminded.astimezone(ZONE).date() < context.at.astimezone(ZONE).date()


def _notice_open(context: Context) -> bool:
    """The day after the deadline a written notice goes out (T+1)."""
    return _days_left(context) < 0 and facts_of(context).row.notice_delivered_at is None


def _default_open(context: Context) -> bool:
    """A week after the deadline, with a delivered notice, the manager decides (T+7); never a job (DECISIONS 17)."""
    return _days_left(context) <= -7 and facts_of(context).row.notice_delivered_at is not None


def _approval_facts(context: Context) -> Mapping[str, Decimal | int | str]:
    facts = facts_of(context)
    given = context.given
    total = (
        getattr(given, "total_price", None) or (facts.deal.total_price if facts.deal else None) or Decimal(0)
    )
    found: dict[str, Decimal | int | str] = {
        "discount_percent": pricing.discount_percent(facts.unit.list_price or Decimal(0), total),
        "total_price": total,
        "extensions": facts.extensions,
    }
    if isinstance(given, forms.CorrectForm):
        found["sensitive"] = int(given.what.sensitive)
    if isinstance(given, forms.CancelForm):
        found["cause"] = given.cause.value
    return found


FACTS = ("discount_percent", "total_price", "extensions", "cause")
CORRECTION_FACTS = ("sensitive",)


def _signing_due(context: Context) -> datetime | None:
    """The agreed deadline, if it is another than the SOP's days; else the limit speaks for itself."""
    facts = facts_of(context)
    limit = Limit.parse(context.policy.clock("sign").limit or "7 日")
    ordinary = context.at.astimezone(ZONE).date() + timedelta(days=limit.number)
    if facts.signing_due_date is None or (
        facts.signing_due_date == ordinary and context.step.name == "hand_in"
    ):
        return None
    return end_of(facts.signing_due_date)


SUBSCRIPTION = register(
    Process(
        "subscription",
        "认购",
        series="RG",
        sop="KF-ZY-01",
        starts=Is.LOCKED,
        ends=(Is.CONVERTED, Is.RELEASED, Is.VOIDED, Is.DEFAULTED, Is.SWAPPED, Is.CANCELLED),
        facts=load,
        steps=(
            # sales
            Step(
                "lock", "锁定房源", (), (SALES,), "I-5.1-1a", to=Is.LOCKED, opens=True, form=forms.LockForm,
                needs=(needs.unit_can_be_sold, needs.presale_permit), does=(subscribing.lock_unit,),
            ),
            Step(
                "hand_in", "签署认购书", (Is.LOCKED,), (SALES,), "I-5.1-1a", to=Is.SIGNED, form=forms.HandInForm,
                needs=(
                    needs.lock_holds, needs.presale_permit, needs.disclosed, needs.buyers_are_known,
                    needs.price_is_right, needs.price_is_as_filed, needs.payment_adds_up, needs.down_payment_reaches,
                    needs.signing_window, needs.signed_with_customer,
                ),
                does=(subscribing.write_subscription,), todo=True, main=True,
                facts_for_approval=_approval_facts, approval_facts=FACTS,
            ),
            # sales director
            Step(
                "director_sign", "总监审核签字", (Is.SIGNED,), (SALES_DIRECTOR,), "I-5.1-1b", to=Is.REVIEWED,
                form=forms.DirectorForm, needs=(needs.director_is_not_the_seller,),
                does=(subscribing.sign_as_director,), todo=True, main=True,
            ),
            # customer service
            Step(
                "check_and_register", "核对并登记", (Is.REVIEWED,), (CS_CLERK, SIGNING_SUPERVISOR), "I-5.1-2d",
                to=Is.REGISTERED, form=forms.CheckForm,
                needs=(
                    needs.control_agrees, needs.price_agrees, needs.clerk_is_not_the_seller, needs.everything_checked,
                ),
                does=(subscribing.register,), todo=True, main=True,
            ),
            Step(
                "return_to_sales", "退回销售", (Is.SIGNED, Is.REVIEWED), (SALES_DIRECTOR, CS_CLERK, SIGNING_SUPERVISOR),
                "I-5.1-2a", to=Is.LOCKED, form=WithReason, does=(subscribing.take_back_review,),
            ),
            # cashier
            Step(
                "confirm_deposit", "确认定金", (Is.REGISTERED,), (CASHIER,), "I-5.1-3a", to=Is.PAID,
                form=forms.DepositForm, needs=(needs.payer_is_explained, needs.arrival_is_past, needs.money_has_arrived),
                does=(subscribing.confirm_deposit,), todo=True, main=True,
            ),
            Step(
                "part_deposit", "登记部分定金", (Is.REGISTERED,), (CASHIER,), "I-5.1-3a", form=forms.DepositForm,
                needs=(needs.payer_is_explained, needs.arrival_is_past, needs.part_has_arrived), does=(subscribing.book_part,),
            ),
            Step(
                "confirm_more", "确认增加的定金", (Is.PAID,), (CASHIER,), "I-5.1-3a", form=forms.DepositForm,
                needs=(needs.deposit_is_open, needs.payer_is_explained, needs.arrival_is_past, needs.money_has_arrived),
                does=(subscribing.confirm_deposit,), todo=_deposit_open,
            ),
            Step(
                "bounce_deposit", "定金退票", (Is.REGISTERED, Is.PAID), (CASHIER,), "I-5.1-3a", to=Is.REGISTERED,
                form=forms.BounceForm, needs=(needs.receipt_to_bounce,), does=(subscribing.bounce,),
            ),
            # seal
            Step(
                "seal", "加盖合同章", (Is.PAID,), (SEAL_KEEPER,), "I-5.1-3b", to=Is.SEALED, form=forms.SealForm,
                needs=(needs.deposit_confirmed, needs.keeper_is_apart, needs.buyers_live), does=(subscribing.seal,),
                todo=True, main=True,
            ),
            # papers of the customer
            Step(
                "collect_papers", "收取身份证明", REGISTERED, DESK, "I-5.1-4a", form=forms.PapersForm,
                needs=(needs.buyer_exists,), does=(subscribing.collect_papers,), todo=_papers_open,
            ),
            Step(
                "residence_permit", "登记暂住证", REGISTERED, DESK, "I-5.1-4b", form=forms.PermitForm,
                needs=(needs.residence_is_missing, needs.buyer_exists, needs.permit_or_reason),
                does=(subscribing.provide_permit,),
            ),
            Step(
                "remind_residence", "督促办理暂住证", REGISTERED, DESK, "I-5.1-4b", form=forms.RemindForm,
                needs=(needs.residence_is_missing,), does=(subscribing.remind_permit,), todo=_residence_open,
            ),
            Step(
                "choose_bank", "选定银行", HANDED_IN, (SALES, CS_CLERK, SIGNING_SUPERVISOR), "I-5.1-5a",
                form=forms.BankForm, needs=(needs.loan_is_chosen, needs.bank_or_reason),
                does=(subscribing.choose_bank,), todo=_bank_open,
            ),
            Step(
                "hand_out_list", "发放签约资料表", REGISTERED, DESK, "I-5.1-4c", form=forms.ListForm,
                does=(subscribing.hand_out_list,), todo=_list_open,
            ),
            # towards signing
            Step(
                "set_signing_date", "约定签约时间", (Is.SEALED,), (SIGNING_SUPERVISOR, CS_CLERK), "I-5.1-4c",
                form=forms.AppointmentForm,
                needs=(needs.buyers_live, needs.within_the_window, needs.lawyer_needs_bank),
                does=(subscribing.appoint_signing,), todo=_appointment_open,
            ),
            Step(
                "remind_signing", "催促签约", (Is.SEALED,), (SIGNING_SUPERVISOR, CS_CLERK, SALES), "I-5.1-4c",
                form=forms.RemindForm, does=(subscribing.note_reminder,), todo=_reminder_open,
            ),
            Step(
                "extend", "延期签约", (Is.SEALED,), (SIGNING_SUPERVISOR, SALES), "I-5.2-5e", form=forms.ExtendForm,
                needs=(needs.extensions_left, needs.extension_is_short, needs.buyers_live),
                does=(subscribing.extend_signing,),
                facts_for_approval=_approval_facts, approval_facts=FACTS,
            ),
            Step(
                "deliver_notice", "送达催签通知", (Is.SEALED,), (SIGNING_SUPERVISOR, CS_CLERK), "I-5.1-4c",
                form=forms.NoticeForm, does=(subscribing.note_delivery,), todo=_notice_open,
            ),
            Step(
                "record_death", "登记买受人去世", HANDED_IN, (CS_CLERK, SIGNING_SUPERVISOR, CS_MANAGER), "I-5.1-4a",
                form=forms.DeathForm, needs=(needs.buyer_exists,), does=(subscribing.note_death,),
            ),
            Step(
                # Taken inside the signing, in its transaction; nobody converts by hand.
                "convert", "转签约", (Is.SEALED,), (), "I-5.1-0", to=Is.CONVERTED, form=forms.ConvertForm,
                needs=(needs.buyers_live, needs.contract_number_is_free), does=(subscribing.convert,), by_clock=True,
                main=True,
            ),
            Step(
                "correct",
                "更正",
                HANDED_IN,
                (CS_CLERK, SIGNING_SUPERVISOR),
                "E-3.5-b",
                form=forms.CorrectForm,
                needs=(needs.buyer_exists,),
                does=(subscribing.correct,),
                facts_for_approval=_approval_facts, approval_facts=CORRECTION_FACTS,
            ),
            # what the execution of a change does here; nobody takes these by hand
            Step(
                "renew", "换发认购书", (Is.SEALED,), (), "I-5.2-4a", to=Is.PAID, form=OfChangeForm,
                needs=(needs.buyers_live,), does=(changing_subscription.renew,), by_clock=True,
            ),
            Step(
                "swap_out", "换房换出", (Is.SEALED,), (), "I-5.2-6", to=Is.SWAPPED, form=SwapOutForm,
                does=(changing_subscription.swap_out,), by_clock=True,
            ),
            Step(
                "take_up", "换房换入", (Is.LOCKED,), (), "I-5.2-6", to=Is.PAID, form=OfChangeForm,
                does=(changing_subscription.take_up,), by_clock=True,
            ),
            # other ends
            Step(
                "release", "释放房源", (Is.LOCKED, Is.SIGNED, Is.REVIEWED, Is.REGISTERED),
                (SALES, SALES_DIRECTOR, SIGNING_SUPERVISOR), "I-5.1-2e", to=Is.RELEASED, form=WithReason,
                needs=(needs.no_money_held,), does=(subscribing.release_unit,),
            ),
            Step(
                "expire_lock", "锁定到期", (Is.LOCKED,), (), "I-5.1-1a", to=Is.RELEASED, form=Nothing,
                needs=(needs.no_money_held,), does=(subscribing.release_unit,), by_clock=True,
            ),
            Step(
                "reissue", "作废重开", REGISTERED, (SIGNING_SUPERVISOR, CS_CLERK), "I-5.1-7", to=Is.VOIDED,
                form=WithReason, needs=(needs.buyers_live, no_change_in_approval), does=(subscribing.reissue,),
            ),
            Step(
                "decide_default", "违约处理", (Is.SEALED,), (CS_MANAGER,), "I-5.1-0", to=Is.DEFAULTED,
                form=forms.DefaultForm, needs=(needs.notice_was_delivered, needs.buyers_live, no_change_in_approval),
                does=(subscribing.decide_default,), todo=_default_open,
                facts_for_approval=_approval_facts, approval_facts=FACTS,
            ),
            Step(
                "cancel", "退认购", (Is.LOCKED, *HANDED_IN), (CS_MANAGER,),
                "I-5.1-0", to=Is.CANCELLED, form=forms.CancelForm, needs=(needs.something_to_cancel, no_change_in_approval),
                does=(subscribing.cancel,),
                facts_for_approval=_approval_facts, approval_facts=FACTS,
            ),
        ),
        clocks=(
            ClockRule(
                "lock", "锁定", starts=("lock",), stops=("hand_in", "take_up", "release", "expire_lock"), limit="15 分钟",
                latest="30 分钟", clause="I-5.1-1a", then="expire_lock", due=subscribing.lock_due,
            ),
            ClockRule(
                "deposit", "交纳定金", starts=("hand_in", "return_to_sales", "bounce_deposit"),
                stops=("confirm_deposit",), limit="24 小时", latest="72 小时", clause="I-5.1-3a",
            ),
            ClockRule(
                "review", "审核登记", starts=("hand_in",), stops=("check_and_register", "return_to_sales"),
                limit="1 工作日", clause="I-5.1-1b",
            ),
            ClockRule(
                "seal", "盖章", starts=("confirm_deposit", "renew", "take_up"), stops=("seal", "bounce_deposit"), limit="1 工作日",
                clause="I-5.1-3b",
            ),
            ClockRule(
                "sign", "签约期限", starts=("hand_in", "take_up", "extend"), stops=("convert", "return_to_sales"),
                limit="7 日",
                latest="15 日", clause="I-5.1-4c", law=True, due=_signing_due, replans=True,
            ),
        ),
    )
)  # fmt: skip
