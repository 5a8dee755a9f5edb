"""What goes back to whom when a deal ends, and the taxes, by the figures of the law and of the domain's examples."""

from datetime import date
from decimal import Decimal

import pytest

from guiju.ledger import penalty
from guiju.sales import refund_sheet, taxes
from guiju.sales.refund_sheet import Inputs, Paid, ReasonClass, UnableToCalculate

D = Decimal
OWN = Paid(date(2025, 3, 1), D("600000"), payer="苏清越")
LOAN = Paid(date(2025, 6, 1), D("1400000"), loan=True, payer="示范银行")
PAY = date(2026, 11, 17)


def inputs(reason: ReasonClass, **changed: object) -> Inputs:
    """A signed purchase at 2,000,000 yuan, to be paid back on 2026-11-17."""
    given = {
        "reason": reason,
        "signed": True,
        "price": D("2000000"),
        "until": PAY,
        "rate": D("4.90"),
    } | changed
    return Inputs(**given)  # type: ignore[arg-type]


def test_rescission_gives_back_money_and_interest_from_each_payment_and_pays_the_bank_first():
    sheet = refund_sheet.calculate([OWN, LOAN], inputs(ReasonClass.CONTRACT))

    assert [line.amount for line in sheet.lines if line.kind == "interest"] == [D("50423.01"), D("100362.74")]
    assert "626 日" in next(line.words for line in sheet.lines if line.kind == "interest")
    assert sheet.payable == D("2150785.75")
    shares = refund_sheet.order(
        sheet.payable, payoffs=[("示范银行", D("1352000"))], own={"苏清越": D("600000")}
    )
    assert [(one.kind, one.amount) for one in shares] == [("bank", D("1352000")), ("payer", D("798785.75"))]


def test_the_contract_says_whether_a_year_has_365_or_360_days():
    count = {"since": OWN.on, "until": PAY, "rate": D("4.90")}

    assert refund_sheet.interest(OWN.amount, day_count=365, **count) == D("50423.01")
    # 600,000 × 4.9 % × 626 ÷ 360
    assert refund_sheet.interest(OWN.amount, day_count=360, **count) == D("51123.33")
    with pytest.raises(UnableToCalculate, match="365 或 360"):
        refund_sheet.calculate([OWN], inputs(ReasonClass.LEGAL, day_count=366))


@pytest.mark.parametrize(
    ("reason", "changed", "kept", "added", "payable"),
    [
        # Interest of 150,785.75 where law or contract gives it back; x % of the sum due, y % of the price.
        (ReasonClass.LEGAL, {}, "0", "150785.75", "2150785.75"),
        (ReasonClass.COMPANY_FAULT, {"penalty_percent": D(1)}, "0", "170785.75", "2170785.75"),
        (ReasonClass.NO_FAULT, {}, "0", "150785.75", "2150785.75"),
        (ReasonClass.BUYER_FAULT, {"penalty_percent": D(5), "accumulated_due": D("2000000")}, "100000", "0", "1900000"),
        (ReasonClass.GOODWILL, {"fee": D("20000"), "works": D("11350")}, "31350", "0", "1968650"),
    ],
)  # fmt: skip
def test_the_reason_class_fixes_the_formula_after_signing(reason, changed, kept, added, payable):
    sheet = refund_sheet.calculate([OWN, LOAN], inputs(reason, **changed))

    assert (sheet.kept, sheet.added, sheet.payable) == (D(kept), D(added), D(payable))
    assert sheet.payable == sheet.paid - sheet.kept + sheet.added


@pytest.mark.parametrize(
    ("reason", "changed", "words"),
    [
        (ReasonClass.NO_FAULT, {"penalty_percent": D(1)}, "不收也不付违约金"),
        (ReasonClass.LEGAL, {"fee": D(1)}, "没有协商扣款"),
        (ReasonClass.CONTRACT, {"rate": D(0)}, "请按合同填利率"),
        (ReasonClass.GOODWILL, {"restoration": D("600000.01")}, "不能从贷款里扣"),
        (ReasonClass.BUYER_FAULT, {"signed": False, "fee": D(1)}, "按定金规则处理"),
    ],
)
def test_what_the_reason_does_not_allow_is_refused_in_words(reason, changed, words):
    with pytest.raises(UnableToCalculate, match=words):
        refund_sheet.calculate([OWN, LOAN], inputs(reason, **changed))


@pytest.mark.parametrize(
    ("reason", "price", "paid", "kept", "payable"),
    [
        # Domain 2.32: 350,000 paid of 1,500,000 is effective up to 300,000.
        (ReasonClass.BUYER_FAULT, "1500000", "350000", "300000", "50000"),
        (ReasonClass.COMPANY_FAULT, "1500000", "350000", "0", "650000"),
        (ReasonClass.COMPANY_FAULT, "1200000", "200000", "0", "400000"),
        (ReasonClass.CONTRACT, "1500000", "350000", "0", "350000"),
        (ReasonClass.NO_FAULT, "1500000", "350000", "0", "350000"),
        (ReasonClass.GOODWILL, "1500000", "350000", "0", "350000"),
    ],
)
def test_before_the_contract_the_deposit_decides(reason, price, paid, kept, payable):
    sheet = refund_sheet.calculate(
        [Paid(date(2026, 11, 1), D(paid))], inputs(reason, signed=False, price=D(price), rate=D(0))
    )

    assert (sheet.kept, sheet.payable) == (D(kept), D(payable))


def test_without_permit_the_deposit_goes_back_with_interest():
    # 50,000 × 3 % × 17 ÷ 365 from 2026-10-31 to 2026-11-17
    sheet = refund_sheet.calculate(
        [Paid(date(2026, 10, 31), D("50000"))], inputs(ReasonClass.LEGAL, signed=False, rate=D(3))
    )

    assert (sheet.added, sheet.payable) == (D("69.86"), D("50069.86"))


def test_banks_before_buyers_buyers_by_what_they_paid_and_nobody_twice():
    order = refund_sheet.order
    both = order(
        D("1000"), payoffs=[("甲银行", D("300")), ("公积金中心", D("200"))], own={"甲": D(2), "乙": D(1)}
    )

    assert [(one.name, one.amount) for one in both] == [
        ("甲银行", D("300")), ("公积金中心", D("200")), ("甲", D("333.33")), ("乙", D("166.67")),
    ]  # fmt: skip
    with pytest.raises(UnableToCalculate, match="还差 ¥50.00"):
        order(D("250"), payoffs=[("甲银行", D("300"))], own={"甲": D(1)})
    with pytest.raises(UnableToCalculate, match="没有可以退回的原付款人"):
        order(D("250"), payoffs=[], own={})


def test_the_term_runs_from_the_day_after_and_lateness_costs_interest():
    due = refund_sheet.last_day(date(2026, 11, 2), 15)
    late = {"due": due, "rate": D(3), "day_count": 365}

    assert due == date(2026, 11, 17)
    assert refund_sheet.late_interest(D("50000"), paid_on=date(2026, 11, 17), **late) == 0
    # 50,000 × 3 % × 10 ÷ 365
    assert refund_sheet.late_interest(D("50000"), paid_on=date(2026, 11, 27), **late) == D("41.10")


def test_late_payment_and_late_handover_by_the_contracts_rate():
    assert penalty.of(D("300000"), millionths=200, days=20) == D("1200.00")
    # Late handover counts on the whole price (GF 12).
    assert penalty.of(D("2000000"), millionths=100, days=45) == D("9000.00")


NOW, BEFORE = date(2026, 11, 20), date(2024, 11, 30)


@pytest.mark.parametrize(
    ("area", "homes", "on", "changed", "tax"),
    [
        ("139.99", 1, NOW, {}, "20000"), ("140.00", 1, NOW, {}, "20000"), ("140.01", 1, NOW, {}, "30000"),
        ("140.00", 2, NOW, {}, "20000"), ("140.01", 2, NOW, {}, "40000"), ("100", 3, NOW, {}, "60000"),
        ("100", 1, NOW, {"individual": False}, "60000"), ("100", 1, NOW, {"dwelling": False}, "60000"),
        ("90.00", 1, BEFORE, {}, "20000"), ("90.01", 1, BEFORE, {}, "30000"), ("140.00", 2, BEFORE, {}, "40000"),
        ("100", 3, NOW, {"province_rate": D(4)}, "80000"),
    ],
)  # fmt: skip
def test_deed_tax_on_two_million_by_area_home_and_day(area, homes, on, changed, tax):
    found = taxes.deed_tax(D("2000000"), area=D(area), homes=homes, on=on, **changed)

    assert found.amount == D(tax)


def test_deed_tax_before_any_rule_known_here_is_not_guessed():
    with pytest.raises(ValueError, match="没有收录"):
        taxes.deed_tax(D(1), area=D(1), homes=1, on=date(2015, 1, 1))


@pytest.mark.parametrize(
    ("reward", "on", "threshold", "vat", "income_tax", "net"),
    [
        # (5,000 × 80 %) × 20 %; from 2026-11-01 1 % VAT inside the sum first: 5,000 ÷ 1.01 × 1 % = 49.50.
        ("5000", date(2026, 10, 31), "0", "0", "800.00", "4200.00"),
        ("5000", date(2026, 11, 1), "0", "49.50", "792.08", "4158.42"),
        ("5000", date(2026, 11, 1), "5000", "0", "800.00", "4200.00"),
        ("800", date(2026, 10, 1), "0", "0", "0", "800"),
        # (3,000 − 800) × 20 %
        ("3000", date(2026, 10, 1), "0", "0", "440.00", "2560.00"),
        # 50,000 × 80 % × 30 % − 2,000
        ("50000", date(2026, 10, 1), "0", "0", "10000.00", "40000.00"),
    ],
)
def test_a_reward_is_paid_after_income_tax_and_from_november_2026_vat(
    reward, on, threshold, vat, income_tax, net
):
    found = taxes.reward_tax(D(reward), on=on, vat_rate=D(1), vat_threshold=D(threshold))

    assert (found.vat, found.income_tax, found.net) == (D(vat), D(income_tax), D(net))
    assert found.vat_checked == (on >= date(2026, 11, 1))
