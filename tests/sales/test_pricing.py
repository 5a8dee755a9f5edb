"""The price of a subscription, to the cent."""

from decimal import Decimal

from guiju.sales import pricing
from guiju.sales.forms import DiscountForm


def discounts(*given):
    return [DiscountForm.model_validate(line) for line in given]


def test_each_share_is_of_what_the_line_before_left_and_rounded_once():
    found = pricing.lines(
        Decimal("5293734.70"),
        discounts({"name": "开盘", "percent": "2"}, {"name": "按时签约", "percent": "1"}),
    )

    # 5,293,734.70 × 2 % = 105,874.694 → 105,874.69; left 5,187,860.01; × 1 % = 51,878.6001 → 51,878.60
    assert [(line.deduction, line.left) for line in found] == [
        (Decimal("105874.69"), Decimal("5187860.01")),
        (Decimal("51878.60"), Decimal("5135981.41")),
    ]


def test_an_amount_is_taken_off_as_it_is():
    assert pricing.total(Decimal("2000000"), discounts({"name": "一次性", "amount": "12345.67"})) == Decimal(
        "1987654.33"
    )


def test_without_discounts_the_list_price_holds():
    assert pricing.total(Decimal("2000000.00"), []) == Decimal("2000000.00")


def test_the_whole_discount_in_percent():
    assert pricing.discount_percent(Decimal("2000000"), Decimal("1960000")) == Decimal("2.0000")
    assert pricing.discount_percent(Decimal("0"), Decimal("0")) == 0
