"""The people of the demonstration: Lin sells, Fang keeps the contract seal, Wu (cs clerk) works at the desk."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.storage import default_storage

from guiju.org.models import Company, Person
from guiju.org.seed import seed_demo_people
from tests.worlds import world

SEEDED = datetime(2026, 3, 1, 0, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


@world
def people() -> dict[str, Person]:
    return seed_demo_people(SEEDED)


@pytest.fixture
def company(people) -> Company:
    return people["zhou"].company


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    """Attachments of each test lie in a folder of its own."""
    settings.MEDIA_ROOT = tmp_path
    assert default_storage.location == str(tmp_path)
    return tmp_path
