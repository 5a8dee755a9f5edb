"""Many at once at a signing, on PostgreSQL: one contract, one set of papers for one signing, nothing half done."""

from datetime import timedelta

import pytest

from guiju.kernel import engine
from guiju.kernel.models import Event
from guiju.ledger.models import PenaltyTerm
from guiju.sales.models import Contract, ContractText, Deal, Signing
from guiju.sales.operations import signing_stock as stock
from tests.failure.test_races import only_refusals, together, won
from tests.stories.conftest import WEDNESDAY
from tests.stories.signing_desk import SIGNING_DAY, Desk, work

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


def advance(case, step, by, at, **given):
    key = case.pk
    return lambda: engine.advance(key, step, by=by, at=at, given=given)


def test_of_six_who_sign_one_contract_exactly_one_does_and_the_books_say_it_once(house):
    desk = Desk(house).stocked()
    case = desk.booked()
    desk.ready(case)
    desk.signatures(case)
    given = {"signed_date": "2026-11-24", "points": {"explained": True}}
    at = SIGNING_DAY + timedelta(hours=1)

    results = together(*[advance(case, "sign", house.people[by], at, **given) for by in ("deng", "wu") * 3])

    assert len(won(results)) == 1
    assert only_refusals(results)
    deal = Deal.objects.get()
    assert (Contract.objects.count(), deal.terms_version, deal.stage) == (1, 2, "signed")
    assert Event.objects.filter(step__in=["sign", "convert"]).count() == 2
    assert PenaltyTerm.objects.count() == 1


def test_the_last_set_goes_to_one_signing_and_a_deal_has_one_signing(house):
    desk = Desk(house).stocked(sets=1)
    first = desk.booked()
    second = house.sealed(unit=1)
    house.take(second, "set_signing_date", "deng", WEDNESDAY + timedelta(hours=3), signing_at=SIGNING_DAY)
    opening = [
        lambda: engine.open_case(
            "signing", by=house.deng, at=WEDNESDAY + timedelta(hours=4), given={"signing_at": SIGNING_DAY},
            chain_id=house.project.company_id, scope_id=house.project.pk, links=[("unit", house.units[1].pk)],
        )
    ] * 4  # fmt: skip
    opened = together(*opening)
    assert Signing.objects.filter(open=True).count() == 2
    assert (len(won(opened)), only_refusals(opened)) == (1, True)
    work(WEDNESDAY + timedelta(hours=5))
    other = desk.of(second)

    at, seller = SIGNING_DAY - timedelta(days=1), house.people["lin"]
    results = together(
        *[advance(case, "collect_text", seller, at, signature=house.scan) for case in (first, other) * 2]
    )

    assert len(won(results)) == 1
    assert only_refusals(results)
    assert ContractText.objects.get().state == ContractText.ISSUED


def test_serial_numbers_of_blank_sets_come_into_stock_once(house):
    desk = Desk(house).stocked(sets=0)
    template = desk.template
    results = together(
        *[
            lambda: stock.stock_texts(template=template, first="HTW-0001", sets=20, by=house.wu, at=WEDNESDAY)
        ] * 4
    )  # fmt: skip
    assert len(won(results)) == 1
    assert only_refusals(results)
    assert ContractText.objects.count() == 20
