"""Two at once on PostgreSQL: a change is executed once, and a deal has one change at a time."""

from datetime import timedelta

import pytest

from guiju.kernel import engine
from guiju.kernel.models import Event
from guiju.kernel.refusals import Refused
from guiju.ledger.models import Refund
from guiju.ledger.verify import problems
from guiju.sales.models import Deal, DealChange
from tests.failure.test_races import together
from tests.stories.changing import HOUR, THURSDAY, approved, asked, signers, work
from tests.stories.conftest import beijing
from tests.stories.test_refund_in_parts import ready, slip

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

FRIDAY = THURSDAY + timedelta(days=1)


def test_of_four_who_execute_one_change_exactly_one_does(house):
    house.sealed()
    work()
    case = approved(house, asked(house, "swap", new_unit="1-1-1502", total_price="2000000.00"))
    house.take(case, "sign_new", "lin", FRIDAY, signers=signers(house, "苏清越"), old_copies=4)
    key, people = case.pk, [house.wu, house.deng, house.tang, house.wu]

    results = together(
        *[lambda by=by: engine.advance(key, "execute", by=by, at=FRIDAY + HOUR) for by in people]
    )

    assert sum(isinstance(one, Event) for one in results) == 1
    assert all(isinstance(one, Event | Refused) for one in results)
    assert Deal.objects.filter(live=True).count() == 1
    assert Deal.objects.get(live=True).unit_id == house.units[1].pk
    assert (house.control(0), house.control(1)) == ("cooling", "subscribed")
    assert list(problems()) == []


def test_of_two_applications_at_once_one_is_taken(house):
    house.sealed()

    results = together(
        lambda: asked(house, "extend", until_date="2026-12-05"),
        lambda: asked(
            house, "discount", discounts=[{"name": "老业主", "percent": "3"}], total_price="1940000.00"
        ),
    )

    assert sum(isinstance(one, Refused) for one in results) == 1
    assert DealChange.objects.filter(open=True).count() == 1


def test_of_four_who_pay_one_refund_at_once_one_does(house):
    case, at = ready(house), beijing("2026-11-10 10:00")
    finance = house.people["he"]
    points = {"points": {"accounts_checked": True}}

    results = together(
        *[
            lambda n=n: engine.advance(
                case.pk, "pay", by=finance, at=at, given={**slip(house, "2000000", f"P{n}", at), **points}
            )
            for n in range(4)
        ]
    )

    assert sum(isinstance(one, Event) for one in results) == 1, results
    assert all(isinstance(one, Event | Refused) for one in results)
    assert sum(row.amount for row in Refund.objects.all()) == 2000000
    assert list(problems()) == []
