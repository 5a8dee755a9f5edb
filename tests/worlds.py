"""
Worlds that many tests begin in: built once in a process, and given back by each test as it was found.

A world is a fixture made with ``@world`` from a function that fills an empty database. Before the first test that asks
for it, the function runs in a transaction that stays open; every such test then runs in a savepoint of that transaction
and gets a fresh copy of what the function returned. A test that asks for another world, for none or for real commits
ends the transaction first, and with it everything in it. Tests are put in order by their world, so that this is rare.

A world may stand on another (``@world(on=people)``); the function then gets what the other returned.
"""

from __future__ import annotations

import math
import pickle
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.db import connection, transaction
from django.test import override_settings

from guiju.org import people
from guiju.sop import policies

Build = Callable[..., Any]


@dataclass
class Plan:
    """How a world is built: the function, the world below it, whether it keeps files."""

    build: Build
    on: Plan | None
    files: bool

    def chain(self) -> list[Plan]:
        return [*(self.on.chain() if self.on else []), self]


@dataclass
class Standing:
    """A world that stands, as long as its transaction is open."""

    plan: Plan
    atomic: transaction.Atomic
    folder: Path
    made: bytes = b""


_ground: list[Standing] = []


def world(build: Build | None = None, *, on: Any = None, files: bool = False) -> Any:
    """
    Make a fixture of a function that fills an empty database and returns what can be pickled.

    ``files``: the function stores attachments or anchors; each test gets a copy of them in folders of its own, which the
    settings ``MEDIA_ROOT`` and ``GUIJU_ANCHORS`` name.
    """
    if build is None:
        return lambda build: world(build, on=on, files=files)
    plan = Plan(build, _plan_of(on) if on is not None else None, files)

    def standing(db: None, tmp_path: Path, settings: Any) -> Any:
        if plan.files:
            settings.MEDIA_ROOT, settings.GUIJU_ANCHORS = tmp_path / "attachments", tmp_path / "anchors"
        return _value(plan)

    standing.world = plan
    standing.__doc__ = build.__doc__
    return pytest.fixture(standing, name=build.__name__)


def _plan_of(fixture: Any) -> Plan:
    return getattr(fixture, "_get_wrapped_function", lambda: fixture)().world


def _value(plan: Plan) -> Any:
    """What a world's function returned: a copy, or the function's own work where the world does not stand."""
    for below in _ground:
        if below.plan is plan:
            from django.conf import settings

            anchors = below.folder.parent / "anchors"
            if plan.files and below.folder.exists():
                shutil.copytree(below.folder, settings.MEDIA_ROOT, dirs_exist_ok=True)
            if plan.files and anchors.exists():
                shutil.copytree(anchors, settings.GUIJU_ANCHORS, dirs_exist_ok=True)
            return pickle.loads(below.made)
    return plan.build(*([_value(plan.on)] if plan.on else []))


def wanted(item: pytest.Item) -> list[Plan]:
    """The worlds a test stands on, the lowest first: of the first world it asks for, or of one that stands on that."""
    found: list[Plan] = []
    known = item._fixtureinfo.name2fixturedefs  # type: ignore[attr-defined]
    for name in getattr(item, "fixturenames", ()):
        # A fixture that covers another of its name counts for itself, unless it asks for the one below.
        for fixture in reversed(known.get(name, ())):
            plan = getattr(fixture.func, "world", None)
            if plan is not None and (not found or found[-1] in plan.chain()):
                found = plan.chain()
            if plan is not None or name not in fixture.argnames:
                break
    return found


def stand_on(plans: list[Plan]) -> None:
    """Let exactly these worlds stand."""
    kept = 0
    if connection.in_atomic_block and not connection.closed_in_transaction and not connection.needs_rollback:
        while kept < min(len(plans), len(_ground)) and _ground[kept].plan is plans[kept]:
            kept += 1
    while len(_ground) > kept:
        _end(_ground.pop())
    for plan in plans[kept:]:
        _begin(plan)
    # What the process remembers may come from a test whose rows are gone.
    people.forget()
    policies.forget()


def remember_people(until_written: bool) -> None:
    """
    Say how long this process remembers who holds which post: until the tables about that are written, or not at all.

    A test that commits is asked by other connections, of which this process knows nothing: it remembers nothing. In any
    other one all that is written or taken back passes :func:`_forgetting`, and each test begins with nothing remembered.
    """
    configured.ORG_ROSTER_SECONDS = math.inf if until_written else 0
    if _forgetting not in connection.execute_wrappers:
        connection.execute_wrappers.append(_forgetting)


def _forgetting(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
    words = str(sql)
    if words.startswith("SELECT") or not ("org_" in words or words.startswith("ROLLBACK")):
        return execute(sql, params, many, context)
    try:
        return execute(sql, params, many, context)
    finally:
        # A test of what is forgotten by time sets a time of its own.
        if configured.ORG_ROSTER_SECONDS == math.inf:
            people.forget()


def _begin(plan: Plan) -> None:
    atomic = transaction.atomic()
    # Work that must not be nested in a transaction may begin here, as it may in a test.
    atomic._from_testcase = True
    atomic.__enter__()
    new = Standing(plan, atomic, Path(tempfile.mkdtemp(prefix="guiju-world-")) / "attachments")
    try:
        with override_settings(MEDIA_ROOT=new.folder, GUIJU_ANCHORS=new.folder.parent / "anchors"):
            new.made = pickle.dumps(plan.build(*([_value(plan.on)] if plan.on else [])), protocol=5)
        # Otherwise every test would check the keys of all these rows once more.
        connection.check_constraints()
    except BaseException:
        _end(new)
        raise
    _ground.append(new)


def _end(standing: Standing) -> None:
    shutil.rmtree(standing.folder.parent, ignore_errors=True)
    transaction.set_rollback(True)
    standing.atomic.__exit__(None, None, None)


def in_order(items: list[pytest.Item]) -> None:
    """Put tests that roll back together by their world, then those that commit, then those without a database."""
    first_seen: dict[int, int] = {}

    def place(item: pytest.Item) -> tuple[int, int]:
        kind = 2 if not asks_for_database(item) else 1 if commits(item) else 0
        plans = wanted(item) if kind == 0 else []
        return kind, first_seen.setdefault(id(plans[0].build) if plans else 0, len(first_seen))

    items.sort(key=place)


def asks_for_database(item: pytest.Item) -> bool:
    """Whether the test works in the test database."""
    names = getattr(item, "fixturenames", ())
    return item.get_closest_marker("django_db") is not None or not {
        "db",
        "transactional_db",
        "live_server",
    }.isdisjoint(names)


def needs_none(item: pytest.Item) -> bool:
    """
    Whether the test is the same on every database, for it works in none.

    Neither in the test database, which pytest-django closes to it, nor in one that it starts the program on: such tests
    have an installation of their own, or lie in the folders that test the program as a whole. See ``_no_database_anywhere``.
    """
    names = set(getattr(item, "fixturenames", ()))
    return not (
        asks_for_database(item)
        or item.get_closest_marker("postgresql")
        or names & {"place", "prepared", "unmanned"}
        or item.path.parent.name in ("program", "bench")
    )


def commits(item: pytest.Item) -> bool:
    """Whether what the test does is really committed, for other connections to see."""
    mark = item.get_closest_marker("django_db")
    names = getattr(item, "fixturenames", ())
    return (mark is not None and mark.kwargs.get("transaction", False)) or not {
        "transactional_db",
        "live_server",
    }.isdisjoint(names)


@contextmanager
def cleared() -> Iterator[None]:
    """Take every world down at the end."""
    yield
    while _ground:
        _end(_ground.pop())
