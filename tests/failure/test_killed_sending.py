"""kill -9 of the worker while it sends: no message goes out twice, none is forgotten."""

import os
import signal
import subprocess
import sys
from collections import Counter

import pytest

from tests.failure.running import PATIENCE, ROOT, office, rows, wait_for
from tests.notify.conftest import operator

__all__ = ["operator"]
pytestmark = pytest.mark.slow

COUNT, AN_HOUR = 12, 3600


def program(here, *words):
    command = [sys.executable, "-m", "tests.failure.sending", *map(str, words)]
    return subprocess.Popen(
        command, env=here.env, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def finished(here, *words):
    process = program(here, *words)
    said, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, said


def states(here):
    return Counter(row["state"] for row in rows(here, "SELECT state FROM notify_message"))


def test_a_sender_killed_in_the_middle_of_a_call_sends_nothing_twice(prepared, place, operator):
    here = place.copy(prepared, "sending")
    office(here, units=1)
    finished(here, "write", COUNT, f"{operator.url}/send")

    # It is killed while the operator has the fourth message and has not answered.
    operator.hold_after(3)
    process = program(here, "send", 60)
    wait_for(lambda: len(operator.told) == 4)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=PATIENCE)
    operator.go_on()
    assert states(here) == {"sent": 3, "sending": 1, "waiting": COUNT - 4}

    finished(here, "send", AN_HOUR)
    finished(here, "send", AN_HOUR)

    phones = Counter(told[2]["phone"] for told in operator.told)
    assert set(phones.values()) == {1}
    assert len(phones) == COUNT
    # The one in hand is shown to a person; nobody else knows whether it arrived.
    assert states(here) == {"sent": COUNT - 1, "unsure": 1}
