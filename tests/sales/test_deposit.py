"""What becomes of a deposit: CC 586 to 588, the SPC interpretation 4; figures of the domain paper, worked by hand."""

from decimal import Decimal

import pytest

from guiju.sales.deposit import Cause, decide, effective


@pytest.mark.parametrize(
    ("price", "paid", "bound"),
    [
        ("1500000", "350000", "300000.00"),
        ("1500000", "300000", "300000.00"),
        ("1500000", "299999.99", "299999.99"),
        ("1200000", "200000", "200000.00"),
        ("999999.99", "300000", "200000.00"),
    ],
)
def test_at_most_a_fifth_of_the_price_has_the_effect_of_a_deposit(price, paid, bound):
    assert effective(Decimal(price), Decimal(paid)) == Decimal(bound)


def test_a_buyer_in_default_loses_the_effective_part_only():
    outcome = decide(Cause.BUYER_DEFAULT, price=Decimal("1500000"), paid=Decimal("350000"))

    assert (outcome.forfeited, outcome.refund) == (Decimal("300000.00"), Decimal("50000.00"))


def test_a_seller_in_default_returns_the_effective_part_twice_and_the_rest_once():
    outcome = decide(Cause.SELLER_DEFAULT, price=Decimal("1500000"), paid=Decimal("350000"))

    assert (outcome.forfeited, outcome.refund) == (Decimal("0.00"), Decimal("650000.00"))
    assert decide(Cause.SELLER_DEFAULT, price=Decimal("1200000"), paid=Decimal("200000")).refund == Decimal(
        "400000"
    )


@pytest.mark.parametrize(
    ("cause", "interest"),
    [
        (Cause.NO_AGREEMENT, False),
        (Cause.NO_FAULT, False),
        (Cause.DEATH, False),
        (Cause.NOT_DEPOSIT, False),
        (Cause.NO_PERMIT, True),
    ],
)
def test_where_nobody_is_at_fault_the_money_goes_back_once(cause, interest):
    outcome = decide(cause, price=Decimal("1500000"), paid=Decimal("350000"))

    assert (outcome.forfeited, outcome.refund, outcome.with_interest) == (0, Decimal("350000"), interest)
