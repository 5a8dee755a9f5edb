"""kill -9 of the server in the middle of work: whatever was acknowledged is there once, and nothing is half done."""

import http.client
import json
import os
import threading
import time
from collections import Counter
from itertools import count
from uuid import uuid4

import pytest

from guiju.demo.invented import people
from tests.failure.running import Server, free_port, office, rows, wrong

pytestmark = pytest.mark.slow

SECONDS = float(os.environ.get("GUIJU_KILL_SECONDS", "1.5"))
KILLS = int(os.environ.get("GUIJU_KILLS", "2"))
GONE = (OSError, http.client.HTTPException)


class Stream:
    """People who take subscriptions from the lock to the seal over the API, each act under a key of its own.

    Nobody answers: the same request goes out again under the same key, as a careful program does.
    """

    def __init__(self, server, world, clerks=4):
        self.server, self.world = server, world
        self.stopping, self.unit_numbers, self.vouchers = threading.Event(), count(), count(1)
        self.buyers = people(3, 400)
        self.journal, self.unanswered, self.lock = [], 0, threading.Lock()
        self.errors = []
        self.threads = [threading.Thread(target=self.work, daemon=True) for _ in range(clerks)]

    def start(self):
        for thread in self.threads:
            thread.start()

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join(60)
        assert not any(thread.is_alive() for thread in self.threads)

    def work(self):
        try:
            while not self.stopping.is_set():
                number = next(self.unit_numbers)
                if number >= len(self.world["units"]):
                    return
                self.story(number)
        except Exception as error:
            self.errors.append(error)

    def story(self, number):
        opened = self.act(
            "lin", "/cases", {"process": "subscription", "unit": self.world["units"][number]}, 201
        )
        buyer = self.buyers[number]
        case = self.step("lin", opened, "hand_in", {
            "buyers": [{"name": buyer.name, "identity": buyer.identity, "phone": buyer.phone}], "payment": "lump_sum",
            "total_price": "2000000.00", "deposit": "50000", "signed": [self.world["scan"]], "disclosed": True,
        })  # fmt: skip
        case = self.step("gao", case, "director_sign", {"opinion": "同意"})
        case = self.step(
            "wu", case, "check_and_register", {"control_ok": True, "price_ok": True, "payment_ok": True}
        )
        voucher = f"P{next(self.vouchers)}"
        case = self.step(
            "he",
            case,
            "confirm_deposit",
            {"amount": "50000", "account": "监管账户", "voucher": voucher, "payer": buyer.name},
        )
        self.step("fang", case, "seal", {"copies": 4})

    def step(self, by, case, name, given):
        offered = next(step for step in case["steps"] if step["name"] == name)
        points = {point["key"]: True if point["kind"] == "tick" else "已核" for point in offered["points"]}
        if points:
            given = given | {"points": points}
        path = f"/cases/{case['number']}/steps/{name}"
        return self.act(by, path, {"version": case["version"], "given": given}, 200)

    def act(self, by, path, body, wanted):
        key, token = str(uuid4()), self.world["tokens"][by]
        while True:
            try:
                status, _, answer = self.server.send("POST", path, token, body, key)
            except GONE:
                self.unanswered += 1
                time.sleep(0.05)
                continue
            break
        assert status == wanted, (path, status, answer.decode())
        with self.lock:
            self.journal.append((by, path, body, key, status, answer))
        return json.loads(answer)


def test_what_was_acknowledged_survives_kill_9_exactly_once(prepared, place):
    here = place.copy(prepared, "killed")
    world = office(here, units=350)
    server = Server(here, free_port(), "--workers", "2")
    stream = Stream(server, world)
    try:
        server.start()
        stream.start()
        for _ in range(KILLS):
            time.sleep(SECONDS)
            server.kill_a_serving_process()
            time.sleep(SECONDS)
            server.kill()
            server.start()
        time.sleep(SECONDS / 2)
        stream.stop()
        assert stream.errors == []
        assert stream.unanswered > 0
        assert len(stream.journal) > 20

        assert wrong(here) == []
        verified = here.guiju("audit", "verify")
        assert (verified.returncode, verified.stderr) == (0, ""), verified.stdout
        done = Counter(
            row["step"] for row in rows(here, "SELECT step FROM kernel_event WHERE case_id IS NOT NULL")
        )
        said = Counter(
            "lock" if path == "/cases" else path.rsplit("/", 1)[1] for _, path, *_ in stream.journal
        )
        assert done == said

        for by, path, body, key, status, answer in stream.journal[:: max(1, len(stream.journal) // 25)]:
            again = server.send("POST", path, world["tokens"][by], body, key)
            assert (again[0], again[2]) == (status, answer)
            assert again[1]["Idempotency-Replayed"] == "true"
        assert done == Counter(
            row["step"] for row in rows(here, "SELECT step FROM kernel_event WHERE case_id IS NOT NULL")
        )
    finally:
        stream.stopping.set()
        server.end()
