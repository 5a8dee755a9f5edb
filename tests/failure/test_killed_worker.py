"""kill -9 of the worker during the sweep and during reactions: nothing twice, nothing lost."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from random import Random

import pytest

from tests.failure.running import PATIENCE, ROOT, change, looking_into, office, rows, wait_for, wrong

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get("GUIJU_KILLS", "1"))
AN_HOUR = 3600

# Whoever writes an event after more than a hundred alarms were sounded does not come to an end.
SOUNDED = "(SELECT count(*) FROM kernel_event WHERE step = 'clock:due') > 100"
LONG = "SELECT count(*) FROM sqlite_master a, sqlite_master b, sqlite_master c, sqlite_master d"
STUCK = {
    "sqlite": (f"CREATE TRIGGER stuck BEFORE INSERT ON kernel_event WHEN {SOUNDED} BEGIN {LONG}; END",),
    "postgresql": (
        (
            f"CREATE FUNCTION stuck() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {SOUNDED} THEN PERFORM pg_sleep(3600); "
            "END IF; RETURN NEW; END $$"
        ),
        "CREATE TRIGGER stuck BEFORE INSERT ON kernel_event FOR EACH ROW EXECUTE FUNCTION stuck()",
    ),
}
FREE = {"sqlite": ("DROP TRIGGER stuck",), "postgresql": ("DROP TRIGGER stuck ON kernel_event",)}
ALONE = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


def reacting(here, *words):
    command = [sys.executable, "-m", "tests.failure.reacting", *map(str, words)]
    return subprocess.Popen(
        command, env=here.env, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def finished(here, *words):
    process = reacting(here, *words)
    said, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, said
    return said


def killed(process):
    os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=PATIENCE)


def steps(here):
    found = rows(here, "SELECT case_id, step FROM kernel_event WHERE case_id IS NOT NULL")
    return Counter((row["case_id"], row["step"]) for row in found)


def due(cursor):
    cursor.execute("SELECT COUNT(*) FROM kernel_event WHERE step = 'clock:due'")
    return cursor.fetchone()[0]


def test_a_sweep_killed_again_and_again_reminds_and_releases_each_case_once(prepared, place):
    here, chance = place.copy(prepared, "swept"), Random(11)
    kind = "postgresql" if here.env["DATABASE_URL"] else "sqlite"
    office(here, units=230)
    finished(here, "lock", 230)

    # Anywhere, as often as asked for; at last in the second hundred, when the first is committed.
    for last in [False] * KILLS + [True]:
        if last:
            change(here, *STUCK[kind])
        with looking_into(here) as cursor:
            process = reacting(here, "run", AN_HOUR)
            try:
                wait_for((here.folder / "ready").exists, pause=0.001)
                if last:
                    wait_for(lambda c=cursor: due(c) >= 100)
                else:
                    time.sleep(chance.uniform(0.005, 0.03))
            finally:
                killed(process)
            if last:
                if kind == "postgresql":
                    cursor.execute(ALONE)
                for statement in FREE[kind]:
                    cursor.execute(statement)
                assert 100 <= due(cursor) < 230
        (here.folder / "ready").unlink(missing_ok=True)
        assert wrong(here) == []
    finished(here, "run", AN_HOUR)

    found = steps(here)
    assert set(found.values()) == {1}
    assert Counter(step for _, step in found) == {"lock": 230, "clock:due": 230, "expire_lock": 230}
    assert {row["state"] for row in rows(here, "SELECT state FROM kernel_case")} == {"released"}
    assert wrong(here) == []
    assert here.guiju("audit", "verify").returncode == 0


def test_a_reaction_killed_in_the_middle_runs_again_after_its_lease_and_counts_once(prepared, place):
    here = place.copy(prepared, "reacting")
    office(here, units=1)
    finished(here, "lock", 1)
    finished(here, "note", 6)
    notes = [row["id"] for row in rows(here, "SELECT id FROM kernel_event WHERE step = 'note' ORDER BY id")]
    begun = here.folder / "begun"
    (here.folder / "slow").touch()

    process = reacting(here, "run", 1)
    try:
        wait_for(begun.exists)
    finally:
        killed(process)
    (here.folder / "slow").unlink()
    finished(here, "run", 2)

    def told():
        found = rows(here, "SELECT series, value FROM kernel_counter WHERE series LIKE 'told-%'")
        return {int(row["series"].removeprefix("told-")): row["value"] for row in found}

    assert told() == dict.fromkeys(notes[1:], 1)
    assert [row["state"] for row in rows(here, "SELECT state FROM kernel_reaction ORDER BY event_id")] == [
        "running",
        *["done"] * 5,
    ]
    finished(here, "run", 700)
    finished(here, "run", 1400)

    assert told() == dict.fromkeys(notes, 1)
    assert {row["state"] for row in rows(here, "SELECT state FROM kernel_reaction")} == {"done"}
    assert begun.read_text().split() == [str(notes[0]), *map(str, notes[1:]), str(notes[0])]
