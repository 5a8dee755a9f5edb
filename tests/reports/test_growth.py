"""H-1-d: by the year, what share of sales repeat customers made, and what share came by referral."""

from datetime import timedelta
from decimal import Decimal

import pytest

from guiju.customers.models import Customer
from guiju.customers.operations.entries import enter
from guiju.kernel import engine
from guiju.org.gates import Scope
from guiju.reports import growth
from guiju.reports.kpi import Place
from guiju.sales.models import Deal, DealBuyer, Referral
from tests.desk.servicing import MORNING, Service

pytestmark = pytest.mark.django_db
YEAR = timedelta(days=365)


@pytest.mark.clause("H-1-d")
def test_the_year_shows_the_share_of_sales_to_repeat_customers_and_by_referral(service: Service):
    company = service.project.company

    def buyer(name: str, number: str) -> Customer:
        return enter(company_id=company.pk, name=name, identity=number, at=MORNING - 3 * YEAR)

    def sell(unit: int, customer: Customer, at, price: str, **more) -> Deal:
        deal = Deal.objects.create(
            unit=service.units[unit],
            project=service.project,
            opened_at=at,
            total_price=Decimal(price),
            **more,
        )
        DealBuyer.objects.create(deal=deal, customer=customer, position=1)
        return deal

    old = buyer("苏清越", "110101190305070019")
    new = buyer("方志明", "11010119030507006X")
    word = buyer("林若兰", "110101190305070078")
    Customer.objects.filter(pk=word.pk).update(source="老业主推荐：苏清越")
    first = sell(0, old, MORNING - 2 * YEAR, "1000000")
    sell(1, old, MORNING, "2000000")
    referred = sell(2, new, MORNING, "1500000")
    sell(3, word, MORNING, "500000")
    case = engine.open_case(
        "complaint", by=service.ma, at=MORNING, given={"words": "占位"}, chain_id=company.pk, scope_id=service.project.pk
    ).case  # fmt: skip
    Referral.objects.create(
        case=case, project=service.project, referrer=old, referrer_deal=first, name="方志明", phone_tail="1111",
        key_index="k", registered_at=MORNING, registered_by=service.ma, confirmed_at=MORNING, confirmed_by=service.ma,
        deal=referred,
    )  # fmt: skip

    place = Place(Scope(frozenset({company.pk}), frozenset()))
    before, _, now = growth.years(place, MORNING)

    assert (before.year, before.deals, before.repeat.value, before.referred.value) == (2023, 1, 0, 0)
    # 2025: three homes for 4,000,000: one bought by an owner of 2023, two by referral (one confirmed, one by its register).
    assert (now.year, now.deals, now.amount) == (2025, 3, Decimal("4000000.00"))
    assert (now.repeat.counted, now.repeat_amount) == (1, Decimal("2000000.00"))
    assert round(now.repeat.value, 1) == Decimal("33.3")
    assert (now.referred.counted, now.referred_amount) == (2, Decimal("2000000.00"))
    assert round(now.referred.value, 1) == Decimal("66.7")
