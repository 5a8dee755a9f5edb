"""I-1-r to I-1-t: the contract with its parties, payment by its plan, and the whole course in one timeline."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from guiju.kernel import engine
from guiju.kernel.models import Case
from guiju.ledger.operations.receivables import Kind, Planned, add
from guiju.reports.course import course_of
from guiju.sales.receivables import book_of
from tests.stories.conftest import House, house
from tests.stories.signed import contract

__all__ = ["house"]
pytestmark = pytest.mark.django_db


@pytest.mark.clause("I-1-r", "I-1-s", "I-1-t")
def test_the_contract_shows_parties_payment_by_plan_and_services_in_one_timeline(house: House):
    at = timezone.now() - timedelta(days=2)
    sold = house.sealed(at=at)
    signed = timezone.localdate(at)
    deal = house.facts(sold).deal
    assert course_of(deal.pk, cases=Case.objects.all(), today=signed) is None
    house.facts(sold).unit.deals.update(stage="signed")
    client = Client()
    client.force_login(house.wu)
    # Signed elsewhere: without a contract here there is no course, so no link leads to it.
    assert "合同全程" not in client.get(f"/units/{house.units[0].pk}/").content.decode()
    made = contract(house, sold, signed=signed)
    assert "合同全程" in client.get(f"/units/{house.units[0].pk}/").content.decode()
    book = book_of(house.facts(sold), at=at, by_id=house.wu.pk)
    add(
        book=book, planned=[Planned(Kind.INSTALMENT, "余款", Decimal("1000.00"), due_date=date(2020, 1, 6))], at=at,
        recorded_at=at, by_id=house.wu.pk,
    )  # fmt: skip
    asked = engine.open_case(
        "complaint", by=house.ma, at=at + timedelta(days=1), given={"words": "飘窗渗水"}, chain_id=house.project.company_id,
        scope_id=house.project.pk, links=[("unit", house.units[0].pk)],
    )  # fmt: skip

    found = course_of(deal.pk, cases=Case.objects.all(), today=timezone.localdate())

    assert (found.seller, found.buyers) == (house.project.company.name, ("苏清越",))
    # A balance of 1,000 due in 2020 is unpaid: the status of the signing follows the plan.
    assert found.status.startswith("已签约，逾期未付")
    words = [(stop.part, stop.words) for stop in found.stops]
    assert ("签约", f"《商品房买卖合同》{made.number} 双方签订") in words
    assert any(part == "应付" and "余款 还有 1,000.00 元" in text for part, text in words)
    assert [stop.case for stop in found.stops if stop.part == "产品和服务"] == [asked.case.number]
    assert [stop.on for stop in found.stops] == sorted(stop.on for stop in found.stops)
    assert made.number in client.get(f"/units/{house.units[0].pk}/course/").content.decode()
