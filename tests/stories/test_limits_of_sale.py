"""How little may be paid down, how far the price may lie from the filed one, and a deposit that is raised."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from guiju.estate.models import Unit
from guiju.kernel.models import Case
from guiju.kernel.refusals import NotReady
from guiju.ledger.queries import book_of_deal, statement
from guiju.ledger.verify import problems
from guiju.papers.offers import offers_of
from guiju.sales import limits
from guiju.sales.models import Payment
from guiju.sales.pricing import raised
from guiju.sop.models import Document
from guiju.sop.operations.values import approve_value, propose_value
from tests.stories.changing import HOUR, THURSDAY, approved, asked, signers, work
from tests.stories.conftest import WEDNESDAY, House
from tests.stories.test_refund_story import refused
from tests.stories.test_sales_refusals import FRIDAY, no, not_asked

D = Decimal
LOAN = {"payment": "mortgage", "bank": "建设银行"}


def setting(house: House, name: str, value: int) -> None:
    """From now on this figure holds in the house."""
    made = propose_value(
        Document.objects.get(code="KF-ZY-01"), company=house.project.company, project_id=None, path=f"settings.{name}",
        value=value, from_date=WEDNESDAY.date(), reason="本市规定", by=house.zhou, at=WEDNESDAY,
    )  # fmt: skip
    approve_value(made, by=house.qian, at=WEDNESDAY)


@pytest.mark.parametrize(
    ("kind", "payment", "settings", "percent"),
    [
        ("dwelling", Payment.MORTGAGE, {}, "15"),
        ("dwelling", Payment.COMBINED, {"down_payment_percent": 20}, "20"),
        # No setting goes below what law and banks ask.
        ("dwelling", Payment.PROVIDENT, {"down_payment_percent": 5}, "15"),
        ("shop", Payment.MORTGAGE, {"down_payment_percent": 15}, "30"),
        ("parking", Payment.MORTGAGE, {"down_payment_percent_commercial": 50}, "50"),
        ("dwelling", Payment.INSTALMENTS, {"first_instalment_percent": 40}, "40"),
        ("dwelling", Payment.INSTALMENTS, {}, "0"),
        ("dwelling", Payment.LUMP_SUM, {"down_payment_percent": 20}, "0"),
    ],
)
def test_the_least_share_paid_down(kind: str, payment: Payment, settings: dict[str, Any], percent: str):
    assert limits.least_down(Unit(kind=kind), payment, settings) == D(percent)


def test_a_deposit_is_raised_out_of_the_own_money_that_comes_next():
    plan = [
        {"name": "定金", "amount": "50000"}, {"name": "首付款", "amount": "100000"},
        {"name": "二期", "amount": "450000"}, {"name": "贷款", "amount": "1400000", "loan": True},
    ]  # fmt: skip
    found = raised(plan, D("50000"), D("200000"))
    assert found is not None
    assert [(line["name"], line["amount"]) for line in found] == [
        ("定金", "200000"), ("二期", "400000"), ("贷款", "1400000"),
    ]  # fmt: skip
    assert raised(plan, D("50000"), D("700000")) is None
    assert raised(plan, D("40000"), D("60000")) is None


@pytest.mark.clause("I-5.1-2b", "I-5.1-2c")
def test_at_subscription_the_down_payment_reaches_and_the_price_lies_in_the_citys_band(house: House):
    case = house.lock()
    least = "首付款不能少于总价的 15%，即 ¥294,000.00，所填 ¥293,999.99"
    low = house.paper(**LOAN, down_payment="293999.99")
    no(house, case, "hand_in", "lin", WEDNESDAY + HOUR / 6, least, "I-5.1-2c", **low)
    for changed, words, clause in (
        ({"disclosed": False}, "请先向客户出示预售许可证", "明码标价规定；物业管理条例 22"),
        ({**LOAN}, "选贷款的，请填首付款", "I-5.1-2c"),
        ({"deposit": "9999"}, "定金不能少于 ¥10,000.00", "I-5.1-2c"),
        ({"signing_due_date": "2026-12-20"}, "签约期限应在认购次日到 15 日之间", "I-5.1-4c"),
    ):
        no(house, case, "hand_in", "lin", WEDNESDAY + HOUR / 6, words, clause, **house.paper(**changed))
    house.take(case, "hand_in", "lin", WEDNESDAY + HOUR / 6, **house.paper(**LOAN, down_payment="294000"))

    # The city of this project lets nobody sell more than 1 % below the filed price.
    setting(house, "price_band_percent", 1)
    case = house.lock(unit=1)
    words = "成交总价 ¥1,960,000.00 比备案的一房一价低 1% 以上，本市最低 ¥1,980,000.00"
    clause = "明码标价和禁止价格欺诈规定；I-5.1-2b"
    no(house, case, "hand_in", "lin", WEDNESDAY + HOUR / 6, words, clause, **house.paper())


@pytest.mark.clause("I-5.2-5c", "I-5.2-5d")
def test_at_a_change_the_same_limits_hold(house: House):
    house.sealed()
    work()
    setting(house, "price_band_percent", 3)
    setting(house, "down_payment_percent", 20)
    price = {"discounts": [{"name": "按揭优惠", "percent": "1"}], "total_price": "1980000.00"}
    words = "首付款不能少于总价的 20%，即 ¥396,000.00，所填 ¥395,999.00"
    not_asked(house, "payment", words, "I-5.2-5c", **LOAN, **price, down_payment="395999")
    lower = {"discounts": [{"name": "老业主", "percent": "4"}], "total_price": "1920000.00"}
    words = "比备案的一房一价低 3% 以上，本市最低 ¥1,940,000.00"
    not_asked(house, "discount", words, "明码标价和禁止价格欺诈规定；I-5.2-5d", **lower)
    assert asked(house, "payment", **LOAN, **price, down_payment="396000").state == "applied"


@pytest.mark.clause("I-5.2-5e", "I-5.1-3a", "I-5.1-3b")
def test_a_deposit_is_raised_by_a_change_and_confirmed_anew_before_the_seal(house: House):
    sub = house.sealed()
    work()
    for deposit, words in (
        ("50000", "现在的定金是 ¥50,000.00，增加后的应高于它"),
        ("392000.01", "定金不能超过总价的 20%，即 ¥392,000.00"),
    ):
        not_asked(house, "deposit", words, "民法典 586；I-5.2-5e", deposit=deposit)
    case = approved(house, asked(house, "deposit", deposit="100000"))
    assert house.facts(sub).deposit == D("50000")
    house.take(case, "sign_new", "lin", FRIDAY, signers=signers(house, "苏清越"), old_copies=4)
    house.take(case, "execute", "wu", FRIDAY)

    row = house.facts(sub)
    sub = Case.objects.get(pk=sub.pk)
    assert (sub.state, row.deposit, row.deposit_confirmed_at) == ("paid", D("100000"), None)
    assert row.number == "RGS-YQ1-2026-0002"
    refused(house, sub, "seal", "fang", FRIDAY + HOUR, "财务收款员还没有确认定金", copies=4)
    refused(house, sub, "confirm_more", "he", FRIDAY + HOUR, "不足定金 ¥100,000.00", **house.money("49999"))
    house.take(sub, "confirm_more", "he", FRIDAY + HOUR, **house.money("50000"))
    refused(house, sub, "confirm_more", "he", FRIDAY + HOUR, "定金已经确认", **house.money("1"))
    house.take(sub, "seal", "fang", FRIDAY + 2 * HOUR, copies=4)
    work(FRIDAY + 3 * HOUR)
    book = book_of_deal(row.deal_id or 0)
    assert book is not None
    now = statement(book)
    assert [(one.receivable.name, one.amount, one.open) for one in now.lines if one.amount] == [
        ("定金", D("50000"), D(0)), ("定金", D("50000"), D(0)), ("房款", D("1860000"), D("1860000")),
    ]  # fmt: skip
    assert (now.owed, now.received) == (D("1960000"), D("100000"))
    assert list(problems()) == []
    form = offers_of("subscription_change")[0].build(case, FRIDAY)
    assert [(line.before, line.after) for line in form.lines if line.name == "定金"] == [
        ("50,000.00 元", "100,000.00 元")
    ]
    assert THURSDAY < FRIDAY
    with pytest.raises(NotReady, match="办增加定金，请填增加后的定金"):
        asked(house, "deposit", at=FRIDAY + 4 * HOUR)
