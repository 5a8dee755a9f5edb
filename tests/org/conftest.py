"""The standard organisation with the people of the demonstration: Lin sells, Zhou manages, He keeps the till."""

from datetime import UTC, datetime, timedelta

import pytest

from guiju.org.models import Company, Person
from guiju.org.seed import seed_demo_people
from tests.worlds import world

SEEDED = datetime(2026, 3, 1, 0, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
PROJECT, OTHER_PROJECT = 71, 72


@world
def people() -> dict[str, Person]:
    return seed_demo_people(SEEDED)


@pytest.fixture
def company(people) -> Company:
    return people["zhou"].company


@pytest.fixture
def admin(people) -> Person:
    return people["admin"]
