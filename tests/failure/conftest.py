"""The house of the stories, and what must hold of it at the end of every test here."""

import pytest
from django.conf import settings as configured
from django.db import connection

from tests.failure import invariants
from tests.program.conftest import place, prepared, unmanned
from tests.stories.conftest import house

__all__ = ["house", "place", "prepared", "unmanned"]

# Rows that come and go without an act: sign-in sessions, queues, what the test database itself keeps.
BESIDE = ("django_", "axes_", "auth_", "sqlite_", "mfa_", "account_")


def wrong():
    """What is not true of the database of this test."""
    with connection.cursor() as cursor:
        return invariants.broken(invariants.asking(cursor), configured.GUIJU_DATA_KEYS[0])


def tables():
    """The program's own tables."""
    with connection.cursor() as cursor:
        names = connection.introspection.table_names(cursor)
    return sorted(name for name in names if not name.startswith(BESIDE) and "_fts" not in name)


def picture():
    """Everything that is stored, in a form that can be compared."""
    with connection.cursor() as cursor:
        return invariants.picture(invariants.asking(cursor), tables())


@pytest.fixture
def sound():
    """Checks at the end that all that must hold of the database holds."""
    yield
    assert wrong() == []
