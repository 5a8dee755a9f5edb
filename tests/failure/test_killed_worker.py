"""kill -9 of the worker during the sweep and during reactions: nothing twice, nothing lost."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from random import Random

import pytest

from tests.failure.running import ROOT, looking_into, office, rows, wait_for, wrong

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get("GUIJU_KILLS", "1"))
AN_HOUR = 3600


def reacting(here, *words):
    command = [sys.executable, "-m", "tests.failure.reacting", *map(str, words)]
    return subprocess.Popen(
        command, env=here.env, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def finished(here, *words):
    process = reacting(here, *words)
    said, _ = process.communicate(timeout=120)
    assert process.returncode == 0, said
    return said


def killed(process):
    os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=10)


def steps(here):
    found = rows(here, "SELECT case_id, step FROM kernel_event WHERE case_id IS NOT NULL")
    return Counter((row["case_id"], row["step"]) for row in found)


def due(cursor):
    cursor.execute("SELECT COUNT(*) FROM kernel_event WHERE step = 'clock:due'")
    return cursor.fetchone()[0]


def test_a_sweep_killed_again_and_again_reminds_and_releases_each_case_once(prepared, place):
    here, chance = place.copy(prepared, "swept"), Random(11)
    office(here, units=230)
    finished(here, "lock", 230)
    swept = [0]

    # Somewhere in the first hundred; just after the first hundred was committed; and so on, if there is more to kill.
    for early in [True, False] * KILLS:
        with looking_into(here) as cursor:
            process = reacting(here, "run", AN_HOUR)
            if early:
                wait_for((here.folder / "ready").exists, pause=0.001)
                time.sleep(chance.uniform(0.005, 0.03))
            else:
                wait_for(lambda c=cursor, p=process: due(c) > swept[-1] or p.poll() is not None, pause=0.001)
            killed(process)
            swept.append(due(cursor))
        (here.folder / "ready").unlink(missing_ok=True)
        assert wrong(here) == []
    finished(here, "run", AN_HOUR)

    found = steps(here)
    assert set(found.values()) == {1}
    assert Counter(step for _, step in found) == {"lock": 230, "clock:due": 230, "expire_lock": 230}
    assert {row["state"] for row in rows(here, "SELECT state FROM kernel_case")} == {"released"}
    assert any(0 < number < 230 for number in swept), (
        "every kill came too late or too early to prove anything"
    )
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
    wait_for(begun.exists)
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
