"""What all tests share: markers that say what a test needs, and a clean cache."""

import os
import shutil
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.db import connection
from hypothesis import HealthCheck, settings

from tests import moment, worlds

moment.begin()

# The same examples in every run, and no limit of time: what fails fails again. For other examples:
# ``script/test --hypothesis-profile=wander``.
_slow = [HealthCheck.too_slow, HealthCheck.data_too_large]
settings.register_profile("steady", deadline=None, derandomize=True, suppress_health_check=_slow)
settings.register_profile("wander", settings.get_profile("steady"), derandomize=False)
settings.load_profile("steady")


def chromium() -> str | None:
    """The system's Chromium, if it has one."""
    named = os.environ.get("GUIJU_CHROMIUM")
    return named or next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the word by which script/test leaves out, on its second database, what works in none."""
    parser.addoption(
        "--once-is-enough", action="store_true", help="leave out the tests that work in no database"
    )


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """
    Skip what this machine cannot run; script/test says so, and fails if GUIJU_REQUIRE_ALL is set.

    Where script/test runs the suite once more on PostgreSQL, what works in no database is left out.
    """
    if config.getoption("once_is_enough"):
        config.hook.pytest_deselected(items=[item for item in items if worlds.needs_none(item)])
        items[:] = [item for item in items if not worlds.needs_none(item)]
    lacks_browser = pytest.mark.skip(reason="needs Chromium, which is not on this machine")
    lacks_postgresql = pytest.mark.skip(reason="needs PostgreSQL: DATABASE_URL names none")
    for item in items:
        if item.get_closest_marker("browser") and not (chromium() and shutil.which("chromedriver")):
            item.add_marker(lacks_browser)
        if item.get_closest_marker("postgresql") and connection.vendor != "postgresql":
            item.add_marker(lacks_postgresql)
    worlds.in_order(items)


@pytest.fixture(autouse=True)
def _clean_cache() -> Iterator[None]:
    cache.clear()
    return


@pytest.fixture(autouse=True)
def _no_database_anywhere(request, monkeypatch) -> None:
    """
    Hold a test that is said to work in no database to it: a program that it starts finds none.

    The test database itself pytest-django closes to it.
    """
    if worlds.needs_none(request.node):
        monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")


@pytest.fixture(scope="session")
def _worlds(django_db_setup, django_db_blocker) -> Iterator[None]:
    yield
    with django_db_blocker.unblock():
        worlds.stand_on([])


@pytest.fixture
def _ground(request, _worlds, django_db_blocker) -> None:
    commits = worlds.commits(request.node)
    worlds.remember_people(until_written=not commits)
    with django_db_blocker.unblock():
        worlds.stand_on([] if commits else worlds.wanted(request.node))


@pytest.fixture
def _django_db_helper(_ground, _django_db_helper) -> None:
    """The database of a test is opened after the world of the test stands. See tests/worlds.py."""
