"""kill -9 of the server in the middle of work: whatever was acknowledged is there once, and nothing is half done."""

import os
from collections import Counter

import pytest

from tests.failure.running import Server, free_port, office, rows, wrong
from tests.failure.stream import Stream

pytestmark = pytest.mark.slow

# As many acts as are acknowledged between two kills.
ACTS = int(os.environ.get("GUIJU_KILL_ACTS", "8"))
KILLS = int(os.environ.get("GUIJU_KILLS", "1"))


def steps_in(here):
    found = rows(here, "SELECT step FROM kernel_event WHERE case_id IS NOT NULL")
    return Counter(row["step"] for row in found)


def test_what_was_acknowledged_survives_kill_9_exactly_once(prepared, place):
    here = place.copy(prepared, "killed")
    world = office(here, units=900)
    server = Server(here, free_port(), "--workers", "2")
    try:
        server.start()
        with Stream(server, world) as stream:
            for _ in range(KILLS):
                stream.goes_on(ACTS)
                server.kill_a_serving_process()
                stream.goes_on(ACTS)
                server.kill()
                server.start()
            stream.goes_on(ACTS)
        assert stream.errors == []
        assert stream.unanswered > 0

        assert wrong(here) == []
        verified = here.guiju("audit", "verify")
        assert (verified.returncode, verified.stderr) == (0, ""), verified.stdout
        assert steps_in(here) == Counter(stream.steps())

        for by, path, body, key, status, answer in stream.journal[:: max(1, len(stream.journal) // 25)]:
            again = server.send("POST", path, world["tokens"][by], body, key)
            assert (again[0], again[2]) == (status, answer)
            assert again[1]["Idempotency-Replayed"] == "true"
        assert steps_in(here) == Counter(stream.steps())
    finally:
        server.end()
