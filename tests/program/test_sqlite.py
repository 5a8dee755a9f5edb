"""The SQLite back end: writers queue, nobody starves, a killed process holds nobody up."""

import multiprocessing
import os
import signal
import time

import pytest
from django.db import OperationalError, transaction

from guiju.sqlite.base import DatabaseWrapper
from tests.processes import PATIENCE


def connect(path, *, timeout=20):
    """A connection of its own to a file, with the settings of the program."""
    from guiju.settings import _database

    chosen = _database(f"sqlite:///{path}", data=path.parent)
    chosen["OPTIONS"]["timeout"] = timeout
    rest = {"USER": "", "PASSWORD": "", "HOST": "", "PORT": "", "TIME_ZONE": None, "AUTOCOMMIT": True}
    rest |= {"CONN_HEALTH_CHECKS": False, "ATOMIC_REQUESTS": False, "TEST": {"NAME": None}}
    return DatabaseWrapper({**rest, **chosen}, alias="file")


def held(connection):
    return connection._turn is not None


@pytest.fixture
def file(tmp_path, django_db_blocker):
    # These connections are the tests' own: nothing of them reaches the test database.
    with django_db_blocker.unblock():
        yield made(tmp_path)


def made(tmp_path):
    """A file with one figure in it."""
    path = tmp_path / "store.sqlite3"
    connection = connect(path)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE figure (value integer NOT NULL)")
        cursor.execute("INSERT INTO figure VALUES (0)")
    connection.close()
    return path


def test_a_transaction_holds_the_queue_and_gives_it_back(file):
    connection = connect(file)

    connection.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    during = held(connection)
    connection.commit()
    connection.set_autocommit(True)

    assert during is True
    assert held(connection) is False
    connection.close()


def test_a_rollback_and_a_lost_connection_give_the_queue_back(file):
    first, second = connect(file), connect(file, timeout=1)
    first.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    first.rollback()
    assert held(first) is False

    first.set_autocommit(True)
    first.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    first.close()

    second.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    assert held(second) is True
    second.rollback()
    second.close()


def test_waiting_has_an_end_and_is_told(file):
    first, second = connect(file), connect(file, timeout=0.2)
    first.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)

    with pytest.raises(OperationalError, match="database is locked"):
        second.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)

    assert held(second) is False
    first.rollback()
    first.close()
    second.close()


def test_what_is_acknowledged_is_on_the_disk(file):
    connection = connect(file)
    with connection.cursor() as cursor:
        found = [
            cursor.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    connection.close()

    assert found == ["wal", 2, 1]


def _count_up(path, times):
    connection = connect(path)
    for _ in range(times):
        connection.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
        with connection.cursor() as cursor:
            value = cursor.execute("SELECT value FROM figure").fetchone()[0]
            cursor.execute("UPDATE figure SET value = %s", [value + 1])
        connection.commit()
        connection.set_autocommit(True)
    connection.close()


def _hold_for_ever(path, begun):
    connection = connect(path)
    connection.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE figure SET value = 1000000")
    begun.set()
    time.sleep(10 * PATIENCE)


def value_of(path):
    connection = connect(path)
    with connection.cursor() as cursor:
        value = cursor.execute("SELECT value FROM figure").fetchone()[0]
    connection.close()
    return value


def test_read_and_write_of_several_processes_lose_no_step(file):
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_count_up, args=(file, 40)) for _ in range(3)]

    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(PATIENCE)

    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    assert value_of(file) == 120


def test_a_killed_writer_leaves_neither_a_lock_nor_half_a_change(file):
    context = multiprocessing.get_context("spawn")
    begun = context.Event()
    writer = context.Process(target=_hold_for_ever, args=(file, begun))
    writer.start()
    assert begun.wait(PATIENCE)

    os.kill(writer.pid, signal.SIGKILL)
    writer.join(PATIENCE)
    _count_up(file, 1)

    assert value_of(file) == 1


@pytest.mark.django_db
def test_a_database_in_memory_has_no_queue(settings):
    from django.db import connection

    if connection.vendor != "sqlite":
        pytest.skip("this run is on PostgreSQL")
    with transaction.atomic():
        assert held(connection) is False
