"""What happens by itself when a subscription ends: a change open on it ends with it, money paid goes on its way back."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from guiju.estate.models import Unit
from guiju.kernel.models import Case, CaseLink
from guiju.kernel.money import ZERO
from guiju.kernel.refusals import NotReady
from guiju.ledger.models import Payout
from guiju.ledger.queries import book_of_deal, statement
from guiju.ledger.verify import problems
from guiju.sales.models import DealChange, RoomReturn
from tests.stories import changing
from tests.stories.changing import HOUR, THURSDAY, registered, work
from tests.stories.conftest import WEDNESDAY, House, beijing
from tests.stories.test_refund_story import check_receipts, refused
from tests.stories.test_sales_refusals import no_point

D = Decimal
DAY = timedelta(days=1)
LATE = beijing("2026-12-04 10:00")


def in_default(house: House, **changed: object) -> Case:
    """A subscription whose signing day went by, with the notice delivered."""
    case = house.sealed(**changed)
    work(WEDNESDAY + 2 * HOUR)
    house.take(
        case,
        "deliver_notice",
        "deng",
        beijing("2026-11-27 10:00"),
        how="EMS",
        proof="EX1",
        delivered_date="2026-11-27",
    )
    return case


def refund_of(case: Case) -> Case:
    """The refund that followed."""
    link = CaseLink.objects.get(kind="case", key=case.pk, case__process="refund")
    return Case.objects.get(pk=link.case_id)


@pytest.mark.clause("I-5.10-0a", "I-5.10-0b")
def test_a_default_keeps_the_effective_deposit_and_begins_the_refund_of_the_rest_by_itself(house: House):
    # domain 2.32: price 1,500,000, 350,000 paid as deposit: 300,000 kept, 50,000.00 go back.
    Unit.objects.filter(pk=house.units[0].pk).update(list_price=D("1500000"))
    case = in_default(house, total_price="1500000", discounts=[], deposit="350000")
    house.take(case, "decide_default", "zhou", LATE, reason="逾期不签")
    house.approve(case, LATE + HOUR)
    work(LATE + 2 * HOUR)
    work(LATE + 3 * HOUR)

    refund = refund_of(case)
    row = RoomReturn.objects.get(case=refund)
    assert (refund.state, refund.opened_by, row.kind, row.reason) == ("applied", None, "money", "buyer_fault")
    assert "已收 ¥350,000.00，没收定金 ¥300,000.00，应退 ¥50,000.00" in row.words
    at = LATE + DAY
    payees = [{"name": "苏清越", "account": "6200 01"}]
    house.take(refund, "calculate", "deng", at, until_date="2026-12-20", payees=payees)
    row.refresh_from_db()
    assert [(line["kind"], line["amount"]) for line in row.sheet] == [
        ("own", "350000.00"),
        ("forfeit", "-300000.00"),
    ]
    assert (row.kept, row.payable) == (D("300000"), D("50000"))

    # It began without the customer: nobody approves it before the signed application is in.
    sums = {"payable": "50000", "kept": "300000"}
    refused(house, refund, "submit", "deng", at, "买受人还没有签退款申请", **sums)
    house.take(refund, "submit", "deng", at, **sums, signed=[house.scan])
    house.approve(refund, at + HOUR)
    no_point(house, refund, "prepare", "deng", at + 2 * HOUR, "收据原件已收回，或已收遗失声明")
    house.take(refund, "prepare", "deng", at + 2 * HOUR)
    slip = {"payee": "苏清越", "amount": "50000", "voucher": "P1", "slip": house.scan}
    check_receipts(house, at)
    house.take(refund, "pay", "he", at + 3 * HOUR, paid_date=at.date(), payments=[slip])
    house.take(refund, "check_payment", "zhou", at + 4 * HOUR)
    house.take(refund, "close", "deng", at + 4 * HOUR)
    book = book_of_deal(row.deal_id)
    assert book is not None
    now = statement(book)
    assert (now.received, now.refunded, now.paid, now.over) == (D("350000"), D("50000"), D("300000"), ZERO)
    assert list(problems()) == []


@pytest.mark.clause("I-5.10-0b")
def test_the_seller_in_default_returns_double_and_once(house: House):
    # domain 2.32: price 1,200,000, deposit 200,000 (cap 240,000), seller in default: 400,000.00.
    Unit.objects.filter(pk=house.units[0].pk).update(list_price=D("1200000"))
    case = house.sealed(total_price="1200000", discounts=[], deposit="200000")
    work(WEDNESDAY + 2 * HOUR)
    house.take(case, "cancel", "zhou", THURSDAY, cause="seller_default", reason="一房两卖")
    house.approve(case, THURSDAY + HOUR)
    work(THURSDAY + 2 * HOUR)
    refund, at = refund_of(case), THURSDAY + DAY
    payees = [{"name": "苏清越", "account": "6200 01"}]
    house.take(refund, "calculate", "deng", at, until_date="2026-12-01", payees=payees)
    row = RoomReturn.objects.get(case=refund)
    assert [(line["kind"], line["amount"]) for line in row.sheet] == [
        ("own", "200000.00"),
        ("double", "200000.00"),
    ]
    house.take(refund, "submit", "deng", at, payable="400000", kept="0", signed=[house.scan])
    house.approve(refund, at + HOUR)
    house.take(refund, "prepare", "deng", at + HOUR)
    slip = {"payee": "苏清越", "amount": "400000", "voucher": "P1", "slip": house.scan}
    check_receipts(house, at)
    house.take(refund, "pay", "he", at + 2 * HOUR, paid_date=at.date(), payments=[slip])
    assert [(one.kind, one.amount) for one in Payout.objects.all()] == [("double", D("200000"))]

    # A second application finds nothing: what was doubled is not doubled again.
    with pytest.raises(NotReady, match="没有可退的款项"):
        asked_money(house, at + 3 * HOUR)
    assert list(problems()) == []


def asked_money(house: House, at: object) -> Case:
    from tests.stories.test_refund_story import asked

    return asked(house, at=at, kind="money", cause="goodwill", words="多交的款", clause="", proofs=[])  # type: ignore[arg-type]


def test_a_void_subscription_bears_interest_and_nothing_paid_opens_nothing(house: House):
    # No permit: 50,000 at 3 % for the 13 days from 2026-11-18 to 2026-12-01 on 365: 53.42 beside it.
    case = house.sealed()
    work(WEDNESDAY + 2 * HOUR)
    house.take(case, "cancel", "zhou", THURSDAY, cause="no_permit", reason="预售许可被撤销")
    house.approve(case, THURSDAY + HOUR)
    work(THURSDAY + 2 * HOUR)
    refund = refund_of(case)
    payees = [{"name": "苏清越", "account": "6200 01"}]
    at = THURSDAY + DAY
    refused(
        house, refund, "calculate", "deng", at, "这类原因应当计息", until_date="2026-12-01", payees=payees
    )
    house.take(refund, "calculate", "deng", at, until_date="2026-12-01", rate="3", payees=payees)
    assert RoomReturn.objects.get(case=refund).added == D("53.42")

    unpaid = house.registered(unit=1)
    house.take(unpaid, "cancel", "zhou", at, cause="no_agreement", reason="条款谈不拢")
    house.approve(unpaid, at + HOUR)
    work(at + 2 * HOUR)
    assert unpaid.state == "cancelled"
    assert not CaseLink.objects.filter(kind="case", key=unpaid.pk, case__process="refund").exists()
    assert list(problems()) == []


def test_a_paid_subscription_voided_and_cancelled_before_the_new_one_is_signed_gives_its_money_back(
    house: House,
):
    old = house.sealed()
    work(WEDNESDAY + 2 * HOUR)
    house.take(old, "reissue", "deng", THURSDAY, reason="姓名写错")
    new = Case.objects.get(process="subscription", closed_at=None)
    house.take(new, "cancel", "zhou", THURSDAY + HOUR, cause="no_agreement", reason="客户不再重签")
    house.approve(new, THURSDAY + 2 * HOUR)
    work(THURSDAY + 3 * HOUR)

    row = RoomReturn.objects.get(case=refund_of(new))
    assert row.deal_id == house.facts(old).deal_id
    book = book_of_deal(row.deal_id)
    assert book is not None
    assert (statement(book).owed, statement(book).over) == (ZERO, D("50000"))
    assert list(problems()) == []


@pytest.mark.clause("I-5.2-0", "I-5.2-6")
def test_a_change_open_when_the_subscription_ends_ends_with_it_and_lets_the_new_flat_go(house: House):
    sub = in_default(house)
    case = changing.asked(
        house, "swap", at=beijing("2026-11-27 11:00"), new_unit="1-1-1502", total_price="2000000.00"
    )
    registered(house, case, beijing("2026-11-27 11:00"))
    assert house.control(1) == "locked"
    house.take(sub, "decide_default", "zhou", LATE, reason="逾期不签")
    house.approve(sub, LATE + HOUR)

    case.refresh_from_db()
    change = DealChange.objects.get(case=case)
    assert (sub.state, case.state, change.open, change.executed_at) == ("defaulted", "cancelled", False, None)
    assert (house.control(0), house.control(1)) == ("cooling", "available")


def test_a_change_in_approval_is_withdrawn_before_the_subscription_ends(house: House):
    sub = in_default(house)
    at = beijing("2026-12-03 09:00")
    case = changing.asked(house, "extend", at=at, until_date="2026-12-09")
    registered(house, case, at)
    house.take(case, "report_up", "zhou", at + 4 * HOUR, signature=house.scan)
    words = f"（{case.number}）正在审批，请先撤回"
    refused(house, sub, "decide_default", "zhou", LATE, words, reason="逾期不签")
    refused(house, sub, "cancel", "zhou", LATE, words, cause="no_fault", reason="限购政策变化")
    refused(house, sub, "reissue", "deng", LATE, words, reason="姓名写错")
    assert DealChange.objects.get(case=case).open


def test_a_refund_asked_for_ends_when_the_subscription_is_cancelled_by_the_manager(house: House):
    from tests.stories.test_refund_story import asked

    sub = house.sealed()
    work(WEDNESDAY + 2 * HOUR)
    case = asked(house, at=THURSDAY, cause="goodwill", words="客户工作调动", clause="", proofs=[])
    house.take(sub, "cancel", "zhou", THURSDAY + HOUR, cause="no_fault", reason="限购政策变化")
    house.approve(sub, THURSDAY + 2 * HOUR)
    work(THURSDAY + 3 * HOUR)
    case.refresh_from_db()
    assert (sub.state, case.state) == ("cancelled", "withdrawn")
    assert RoomReturn.objects.get(case=refund_of(sub)).reason == "no_fault"
