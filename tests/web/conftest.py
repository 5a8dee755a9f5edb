"""Pages are tested in the house of the stories, at the real time: views look at the clock."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.stories.conftest import House, house

__all__ = ["House", "house"]


@pytest.fixture
def ago():
    """An hour ago: early enough that everything of today lies behind."""
    return timezone.now() - timedelta(hours=3)


@pytest.fixture
def visit(house):
    """Return a signed-in client of a person of the house."""

    def by(username: str) -> Client:
        client = Client()
        client.force_login(house.people[username])
        return client

    return by
