"""A sales office with real people and posts, two projects, a few units, and callers with tokens."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.test import Client

from guiju.api.operations.tokens import make_token
from guiju.estate.models import Building, Control, Project, Unit
from guiju.org.models import Company, Person
from guiju.org.operations.holdings import give_post
from guiju.org.operations.people import add_person
from guiju.org.seed import seed_demo_people
from tests.kernel import toy
from tests.worlds import world

EDITION = 900_001
BEGAN = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)


class Caller:
    """A program that calls with somebody's token."""

    def __init__(self, person: Person):
        self.person = person
        self.client = Client(raise_request_exception=True)
        _, self.token = make_token(person=person, by=None, at=datetime.now(UTC))

    def headers(self, more):
        return {"Authorization": f"Bearer {self.token}", **more}

    def get(self, path, **params):
        return self.client.get(f"/api/v1{path}", params, headers=self.headers({}))

    def post(self, path, body=None, *, key=None, raw=None, **headers):
        if key is not None:
            headers["Idempotency-Key"] = key
        data = raw if raw is not None else json.dumps(body if body is not None else {})
        return self.client.post(
            f"/api/v1{path}", data=data, content_type="application/json", headers=self.headers(headers)
        )


@dataclass
class Office:
    """The world of a test."""

    people: dict[str, Person]
    company: Company
    project: Project
    elsewhere: Project
    units: list[Unit]
    foreign: Unit
    policies: toy.Policies

    def caller(self, name: str) -> Caller:
        return Caller(self.people[name])

    def publish(self, policy) -> None:
        self.policies.publish(policy)

    def ask(self, caller=None, subject="买纸", **body):
        caller = caller or self.caller("wu")
        made = caller.post(
            "/cases", {"process": "toy", "unit": self.units[0].pk, "given": {"subject": subject}, **body}
        )
        assert made.status_code == 201, made.content.decode()
        return made.json()


def make_units(project, building="1号楼", rooms=("1501", "1502", "1503"), entrance="1", **facts):
    place = Building.objects.create(project=project, name=building)
    return [
        Unit.objects.create(
            project=project, building=place, entrance=entrance, floor=15, room=room, area_contract=Decimal("100.00"),
            inner_area=Decimal("80.00"), unit_price=Decimal("20000.00"), list_price=Decimal("2000000.00"),
            control=Control.AVAILABLE, **facts,
        )
        for room in rooms
    ]  # fmt: skip


@world(files=True)
def staff():
    people = seed_demo_people(BEGAN)
    company = people["admin"].company
    project = Project.objects.create(code="YQ1", name="云栖里一期", company=company)
    units = make_units(project)
    other = Company.objects.create(
        name="异地示范置业有限公司",
        kind=company.kind,
        group=company.group,
        held_by=company.held_by,
        hold=company.hold,
        basis=company.basis,
    )
    elsewhere = Project.objects.create(code="YD1", name="异地一期", company=other)
    (foreign,) = make_units(elsewhere, rooms=("101",))
    # Bai works in another project of the same company, and in nothing else.
    side = Project.objects.create(code="YQ2", name="云栖里二期", company=company)
    bai, _ = add_person(username="bai", name="白雪", company=company, by=people["admin"], at=BEGAN)
    give_post(person=bai, post="cs_clerk", company=company, project_id=side.pk, by=people["admin"], at=BEGAN)
    toy.fill_pot(1000)
    return {**people, "bai": bai}, company, project, elsewhere, units, foreign


@pytest.fixture
def office(staff):
    with toy.installed(toy.policy(EDITION), people=False) as (_, policies):
        yield Office(*staff, policies)


@pytest.fixture
def wu(office):
    return office.caller("wu")


@pytest.fixture
def zhou(office):
    return office.caller("zhou")
