"""The front desk of the stories: Ma Yuan receives, Tang Ning supervises, Wu Min is the clerk; two owners of flat 1501."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from guiju.customers.models import Customer
from guiju.customers.operations.entries import enter, index_customer
from guiju.demo.invented import identity
from guiju.desk.models import Matter, Reception
from guiju.estate.models import Unit
from guiju.estate.searching import document as unit_document
from guiju.kernel import engine, search
from guiju.kernel.models import Case, Clock, Event
from guiju.sales.models import Deal, DealBuyer
from tests.stories.conftest import BORN, WEDNESDAY, House

PHONE = "19900002067"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@dataclass
class Desk:
    """The desk, its house, and the owners 许文静 and 方志明 of unit 1501, who share a telephone."""

    house: House
    owner: Customer
    spouse: Customer

    @property
    def unit(self) -> Unit:
        return self.house.units[0]

    def said(self, **changed: Any) -> dict[str, Any]:
        """What is typed for a call of the owner about a leak."""
        return {
            "channel": "call", "kind": "repair", "phone": PHONE, "customer": self.owner.pk, "unit": self.unit.pk,
            "words": "昨晚下大雨，主卧飘窗又漏水。", "need": "这周末修好", "problem": "飘窗漏水", "category": "leak_window",
        } | changed  # fmt: skip

    def receive(
        self, by: str = "ma", at: datetime = WEDNESDAY, *, company: bool = False, **changed: Any
    ) -> Case:
        project = self.house.project
        event = engine.open_case(
            "reception", by=self.house.people[by], at=at, given=self.said(**changed), chain_id=project.company_id,
            scope_id=None if company else project.pk,
        )  # fmt: skip
        return Case.objects.get(pk=event.case_id)

    def take(self, case: Case, step: str, by: str = "ma", at: datetime = WEDNESDAY, **given: Any) -> Event:
        return self.house.take(case, step, by, at, **given)

    def closed(self, case: Case, at: datetime = WEDNESDAY + 10 * MINUTE, **given: Any) -> Case:
        self.take(case, "close", at=at, **({"solved": "yes"} | given))
        return case

    def row(self, case: Case) -> Reception:
        return Reception.objects.select_related("customer", "unit", "owner").get(case=case)

    def matters(self, case: Case) -> list[tuple[str, str]]:
        rows = Matter.objects.filter(reception__case=case).order_by("pk")
        return list(rows.values_list("text", "outcome"))

    def due(self, case: Case, clock: str) -> datetime:
        running = Clock.objects.get(case=case, name=clock, state=Clock.RUNNING)
        due_at: datetime = running.due_at
        return due_at

    def clocks(self, case: Case) -> dict[str, str]:
        return {clock.name: clock.state for clock in Clock.objects.filter(case=case).order_by("pk")}


def owners(house: House) -> tuple[Customer, Customer]:
    """Sell unit 1501 to two people who share a telephone."""
    at = WEDNESDAY - timedelta(days=20)
    company = house.project.company_id
    first = enter(company_id=company, name="许文静", identity=identity(BORN, 41), phone=PHONE, at=at)
    second = enter(company_id=company, name="方志明", identity=identity(BORN, 42), phone=PHONE, at=at)
    deal = Deal.objects.create(
        unit=house.units[0],
        project=house.project,
        stage=Deal.SIGNED,
        opened_at=at,
        contract_number="HT-2026-0009",
    )
    for place, customer in enumerate((first, second), 1):
        DealBuyer.objects.create(deal=deal, customer=customer, position=place)
        index_customer(customer)
    search.index_many([unit_document(unit) for unit in house.units])
    return first, second


@pytest.fixture
def desk(house: House) -> Desk:
    first, second = owners(house)
    return Desk(house, first, second)
