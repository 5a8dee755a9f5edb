"""认购变更 told with people: another flat, another payment, a wife's name; each control point refused once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from guiju.customers.models import Customer
from guiju.demo.invented import identity
from guiju.kernel import engine, ports
from guiju.kernel.models import Case, Event
from guiju.kernel.refusals import NotReady, NotYourPost, Refused
from guiju.ledger.models import Receipt
from guiju.ledger.queries import book_of_deal, statement
from guiju.ledger.verify import problems
from guiju.papers.offers import offers_of
from guiju.sales import changing_checks as checks
from guiju.sales.changing import pending_change
from guiju.sales.models import Deal, DealBuyer, Subscription
from guiju.sales.processes.subscription_change import SUBSCRIPTION_CHANGE
from tests.failure.conftest import wrong
from tests.stories.changing import (
    HOUR,
    THURSDAY,
    approved,
    asked,
    change_of,
    facts_of,
    registered,
    signers,
    work,
)
from tests.stories.conftest import WEDNESDAY, House

D = Decimal
FRIDAY = THURSDAY + timedelta(days=1)


def why(refused: pytest.ExceptionInfo[Refused]) -> str:
    return str(refused.value)


@pytest.mark.clause(
    "I-5.2-0", "I-5.2-1a", "I-5.2-1b", "I-5.2-2a", "I-5.2-2b", "I-5.2-3", "I-5.2-4b", "I-5.2-5a", "I-5.2-5f",
    "I-5.2-5g", "I-5.2-6",
)  # fmt: skip
def test_another_flat_before_signing(house: House):
    old = house.sealed()
    work()
    old_deal = house.facts(old).deal
    case = asked(house, "swap", new_unit="1-1-1502", total_price="2000000.00")
    assert (case.number, case.state) == ("BG-YQ1-2026-0001", "applied")
    assert pending_change(old_deal.pk) == case.number

    # Nobody gets past customer service and the director.
    with pytest.raises(NotReady) as refused:
        house.take(case, "check_and_register", "wu", THURSDAY + HOUR)
    assert "现在是「待总监签署意见」" in why(refused)
    with pytest.raises(NotYourPost):
        house.take(case, "director_opinion", "wu", THURSDAY + HOUR, signature=house.scan)
    registered(house, case)
    row = facts_of(case)
    assert row.register_number == "BGD-YQ1-2026-0001"
    assert row.registered_by == house.wu.pk
    assert (house.control(0), house.control(1)) == ("subscribed", "locked")

    # Finance, the manager, the general manager; an approval touches nothing.
    with pytest.raises(NotReady) as refused:
        house.take(case, "report_up", "zhou", THURSDAY + 3 * HOUR, signature=house.scan)
    assert "财务还没有核对差价和收据" in why(refused)
    house.take(case, "finance_check", "he", THURSDAY + 3 * HOUR, difference_ok=True, receipts_back=True)
    assert facts_of(case).finance["difference"] == "40000.00"
    house.take(case, "report_up", "zhou", THURSDAY + 4 * HOUR, opinion="同意", signature=house.scan)
    assert case.state == "registered"
    house.approve(case, THURSDAY + 5 * HOUR)
    assert case.state == "approved"
    assert Deal.objects.get(pk=old_deal.pk).unit_id == house.units[0].pk
    assert change_of(case).approved_version == 1

    # Execution: signatures and old copies first.
    with pytest.raises(NotReady) as refused:
        house.take(case, "execute", "wu", FRIDAY)
    assert "买受人苏清越还没有签字，变更不能执行" in why(refused)
    assert "原认购书盖章 4 份，收回 0 份" in why(refused)
    house.take(case, "sign_new", "lin", FRIDAY, signers=signers(house, "苏清越"), old_copies=4)
    house.take(case, "execute", "wu", FRIDAY + HOUR)

    row = facts_of(case)
    new = Subscription.objects.select_related("case", "deal").get(unit=house.units[1])
    ended = Deal.objects.get(pk=old_deal.pk)
    old.refresh_from_db()
    assert (old.state, ended.live, ended.close_reason) == ("swapped", False, "换房")
    assert (new.case.state, new.deal.total_price, new.deal.live) == ("paid", D("2000000"), True)
    assert (row.old_number, row.new_number) == ("RGS-YQ1-2026-0001", new.number)
    assert (house.control(0), house.control(1)) == ("cooling", "subscribed")
    assert row.new_deal_id == new.deal_id
    moved = Receipt.objects.order_by("id")
    assert [r.amount for r in moved] == [D("50000"), D("-50000"), D("50000")]
    assert moved[2].moved_from_id == moved[0].pk
    now = statement(book_of_deal(new.deal_id))
    assert [(line.receivable.name, line.amount, line.open) for line in now.lines] == [
        ("定金", D("50000"), D(0)), ("房款", D("1950000"), D("1950000")),
    ]  # fmt: skip
    assert statement(book_of_deal(old_deal.pk)).owed == 0
    assert list(problems()) == []

    # The new 认购书 gets its seal as every other; the application goes back to sales.
    house.take(new.case, "seal", "fang", FRIDAY + 2 * HOUR, copies=4)
    work(FRIDAY + 3 * HOUR)
    assert new.case.state == "sealed"
    house.take(case, "hand_back", "wu", FRIDAY + 3 * HOUR, receiver="林晓雯", returned_date="2026-11-20")
    row = facts_of(case)
    assert (case.state, row.receiver, row.handed_back_by) == ("done", "林晓雯", house.wu.pk)
    assert pending_change(new.deal_id) is None

    # Everything that was written agrees: units, register, deals, subscriptions, receipts, numbers, the chain.
    assert wrong() == []

    # Once is enough.
    with pytest.raises(NotReady) as refused:
        asked(house, "swap", unit=1, at=FRIDAY + 4 * HOUR, new_unit="1-1-1503", total_price="2000000.00")
    assert "一份认购最多换房 1 次，已经换过" in why(refused)


@pytest.mark.clause("I-5.2-5c", "I-5.2-5d", "I-5.2-4a", "I-5.2-4c")
def test_another_payment_method_means_another_price_and_another_plan(house: House):
    sub = house.sealed()
    work()
    deal_id = house.facts(sub).deal_id
    wanted = {
        "payment": "mortgage", "bank": "建设银行", "down_payment": "594000",
        "discounts": [{"name": "按揭优惠", "percent": "1"}],
    }  # fmt: skip
    with pytest.raises(NotReady) as refused:
        asked(house, "payment", total_price="1960000.00", **wanted)
    assert "变更后总价应为 1,980,000.00" in why(refused).replace("¥", "").replace(" 元", "")
    case = asked(house, "payment", total_price="1980000.00", **wanted)
    with pytest.raises(NotReady) as refused:
        asked(house, "extend", until_date="2026-11-30")
    assert f"本单已有变更或退房 {case.number} 在办" in why(refused)

    # Customer service signs for what it has checked, or the change goes no further.
    house.take(case, "director_opinion", "gao", THURSDAY + HOUR, opinion="同意", signature=house.scan)
    with pytest.raises(NotReady) as refused:
        house.take(case, "check_and_register", "wu", THURSDAY + HOUR, control_ok=True, signature=house.scan)
    assert "客户服务部还没有核定：变更内容" in why(refused)
    with pytest.raises(Refused) as refused:
        house.take(case, "check_and_register", "wu", THURSDAY + HOUR, content_ok=True, control_ok=True)
    assert "必填" in why(refused)
    house.take(
        case,
        "check_and_register",
        "wu",
        THURSDAY + HOUR,
        content_ok=True,
        control_ok=True,
        signature=house.scan,
    )
    house.take(case, "finance_check", "he", THURSDAY + 2 * HOUR, difference_ok=True)
    house.take(case, "report_up", "zhou", THURSDAY + 3 * HOUR, opinion="同意", signature=house.scan)
    house.approve(case, THURSDAY + 4 * HOUR)
    assert Deal.objects.get(pk=deal_id).payment == "lump_sum"
    house.take(case, "sign_new", "lin", FRIDAY, signers=signers(house, "苏清越"), old_copies=4)
    house.take(case, "execute", "wu", FRIDAY + HOUR)

    deal, row = Deal.objects.get(pk=deal_id), house.facts(sub)
    sub.refresh_from_db()
    assert (deal.payment, deal.total_price, deal.terms_version, deal.bank) == (
        "mortgage",
        D("1980000"),
        2,
        "建设银行",
    )
    assert (sub.state, row.number, row.seal_number) == ("paid", "RGS-YQ1-2026-0002", "")
    now = statement(book_of_deal(deal_id))
    assert [(line.receivable.name, line.amount) for line in now.lines if line.amount] == [
        ("定金", D("50000")), ("首付款", D("544000")), ("贷款", D("1386000")),
    ]  # fmt: skip
    assert now.owed == D("1980000")
    assert list(problems()) == []


@pytest.mark.clause("I-5.2-5b", "I-5.2-7", "I-6-5")
def test_a_wifes_name_needs_proof_and_every_buyers_signature(house: House):
    sub = house.sealed()
    wife = house.buyer("程望舒")
    proof = {"proof": [house.scan]}
    with pytest.raises(NotReady) as refused:
        asked(house, "rename", buyers=[house.buyer("路人甲")], ground="none", **proof)
    assert "认购以后不能随意更名：只限配偶、父母、子女" in why(refused)
    with pytest.raises(NotReady) as refused:
        asked(house, "add", buyers=[wife], ground="spouse")
    assert "请附新买受人与原买受人关系的证明" in why(refused)
    with pytest.raises(NotReady) as refused:
        asked(house, "add", buyers=[wife], ground="spouse", applicants=("程望舒",), **proof)
    assert "程望舒不是买受人，不能在申请上签字" in why(refused)
    case = approved(house, asked(house, "add", buyers=[wife], ground="spouse", **proof))

    # His signature alone is not enough.
    house.take(case, "sign_new", "lin", FRIDAY, signers=signers(house, "苏清越"), old_copies=4)
    with pytest.raises(NotReady) as refused:
        house.take(case, "execute", "wu", FRIDAY + HOUR)
    assert "买受人程望舒还没有签字，变更不能执行" in why(refused)
    assert DealBuyer.objects.count() == 1
    house.take(case, "sign_new", "lin", FRIDAY + HOUR, signers=signers(house, "程望舒"))
    house.take(case, "execute", "wu", FRIDAY + 2 * HOUR)

    buyers = DealBuyer.objects.select_related("customer").order_by("position")
    assert [b.customer.name for b in buyers] == ["苏清越", "程望舒"]
    sub.refresh_from_db()
    assert "程望舒" in sub.title
    form = offers_of("subscription_change")[0].build(case, FRIDAY)
    assert [(line.before, line.after) for line in form.lines if line.name == "买受人"] == [
        ("苏清越", "苏清越、程望舒")
    ]
    assert [one.post for one in form.opinions if one.signed] == [
        "销售总监", "客户服务部", "财务", "客户服务部经理", "总经理",
    ]  # fmt: skip


@pytest.mark.clause("I-5.2-5e", "I-5.2-4a")
def test_a_later_signing_day_is_short_and_given_twice_at_most(house: House):
    sub = house.sealed()
    with pytest.raises(NotReady) as refused:
        asked(house, "extend", until_date="2026-12-20")
    assert "延期应晚于 2026-11-25，最多 15 日" in why(refused)
    with pytest.raises(NotReady) as refused:
        asked(house, "other", items=[{"name": "风水", "old": "无", "new": "有"}])
    assert "没有风水" in why(refused)
    case = asked(house, "extend", until_date="2026-12-05")
    registered(house, case)
    house.take(case, "report_up", "zhou", THURSDAY + 3 * HOUR, opinion="同意", signature=house.scan)
    house.approve(case, THURSDAY + 4 * HOUR)
    house.take(case, "sign_new", "lin", FRIDAY, signers=signers(house, "苏清越"))
    house.take(case, "execute", "wu", FRIDAY)

    row = house.facts(sub)
    assert (row.signing_due_date, row.extensions, row.number) == (date(2026, 12, 5), 1, "RGS-YQ1-2026-0001")
    assert Event.objects.filter(case=sub, step="extend").count() == 1


def test_terms_that_moved_since_approval_are_not_executed(house: House):
    sub = house.sealed()
    case = approved(
        house,
        asked(house, "discount", discounts=[{"name": "老业主", "percent": "3"}], total_price="1940000.00"),
    )
    house.take(case, "sign_new", "lin", FRIDAY, signers=signers(house, "苏清越"), old_copies=4)
    deal_id = house.facts(sub).deal_id
    Deal.objects.filter(pk=deal_id).update(terms_version=2)

    with pytest.raises(NotReady) as refused:
        house.take(case, "execute", "wu", FRIDAY)

    assert "批准的是成交条款第 1 版，现在是第 2 版，不能执行" in why(refused)
    assert Deal.objects.get(pk=deal_id).total_price == D("1960000")
    house.take(case, "cancel", "lin", FRIDAY, reason="重新申请")
    assert pending_change(deal_id) is None


def test_a_refused_swap_lets_the_held_unit_go(house: House):
    house.sealed()
    case = asked(house, "swap", new_unit="1号楼 1单元 1502", total_price="2000000.00")
    registered(house, case)
    assert house.control(1) == "locked"

    house.take(case, "return_to_sales", "zhou", THURSDAY + 3 * HOUR, reason="请客户再想一想")
    assert (case.state, house.control(1)) == ("returned", "available")
    given = {"kind": "swap", "reason": "想好了", "applicants": signers(house, "苏清越")}
    house.take(
        case, "resubmit", "lin", THURSDAY + 4 * HOUR, **given, new_unit="1-1-1503", total_price="2000000.00"
    )
    registered(house, case, THURSDAY + 4 * HOUR)
    assert (house.control(1), house.control(2)) == ("available", "locked")
    house.take(case, "reject", "zhou", THURSDAY + 8 * HOUR, reason="不同意")
    assert (case.state, house.control(2), house.control(0)) == ("rejected", "available", "subscribed")


def test_before_the_seal_nothing_is_changed_this_way(house: House):
    sub = house.paid()
    with pytest.raises(NotReady) as refused:
        asked(house, "extend", until_date="2026-12-05")
    assert "认购书还没有盖章生效" in why(refused)
    for step in ("renew", "swap_out"):
        Case.objects.filter(pk=sub.pk).update(state="sealed")
        with pytest.raises(NotYourPost):
            engine.advance(
                sub, step, by=house.deng, at=WEDNESDAY + 3 * HOUR, given={"change": 1, "reason": "试试"}
            )
    assert Customer.objects.count() == 1


@pytest.mark.clause("I-5.2-5b", "I-5.2-5g")
def test_a_name_goes_to_the_mother_once_and_never_past_the_general_manager(house: House):
    sub = house.sealed()
    proof = {"proof": [house.scan], "ground": "parent"}
    case = asked(
        house, "rename", buyers=[house.buyer("苏母", identity=identity(datetime(1960, 3, 2), 5))], **proof
    )
    registered(house, case)
    with pytest.raises(NotReady) as refused:
        house.take(case, "finance_check", "he", THURSDAY + 3 * HOUR, difference_ok=True)
    assert "原收据要收回；遗失的，附遗失声明、承诺书和身份证明" in why(refused)
    house.take(case, "finance_check", "he", THURSDAY + 3 * HOUR, difference_ok=True, lost=house.scan)

    # A company that strikes the general manager out of its SOP cannot report up any more.
    policy = ports.policies().get(case.sop_version_id)
    step = policy.step("report_up")
    weaker = replace(policy, steps={**policy.steps, "report_up": replace(step, approval=step.approval[:1])})
    asking = engine.Context(
        case=case, process=SUBSCRIPTION_CHANGE, step=SUBSCRIPTION_CHANGE.step("report_up"), policy=weaker,
        by=house.zhou, at=THURSDAY, recorded_at=THURSDAY,
    )  # fmt: skip
    reason = checks.goes_to_the_general_manager.reason(asking)
    assert reason is not None
    assert (reason.clause, "变更须报总经理审批签字" in reason.text) == ("I-5.2-5g", True)

    house.take(case, "report_up", "zhou", THURSDAY + 4 * HOUR, signature=house.scan)
    house.approve(case, THURSDAY + 5 * HOUR)
    both = signers(house, "苏清越", "苏母")
    house.take(case, "sign_new", "lin", FRIDAY, signers=both, old_copies=3, lost=house.scan)
    house.take(case, "execute", "wu", FRIDAY + HOUR)
    assert [b.customer.name for b in DealBuyer.objects.select_related("customer")] == ["苏母"]
    house.take(sub, "seal", "fang", FRIDAY + 2 * HOUR, copies=4)
    house.take(case, "hand_back", "wu", FRIDAY + 2 * HOUR, receiver="林晓雯")
    with pytest.raises(NotReady) as refused:
        asked(
            house, "rename", at=FRIDAY + 3 * HOUR, applicants=("苏母",), buyers=[house.buyer("苏弟")], **proof
        )
    assert "一份认购只能更名一次，已经更名过" in why(refused)
