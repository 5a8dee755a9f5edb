"""People who take subscriptions from the lock to the seal over the API, each act under a key of its own."""

import http.client
import json
import threading
import time
from itertools import count
from uuid import uuid4

from guiju.demo.invented import people
from tests.processes import PATIENCE, wait_for

GONE = (OSError, http.client.HTTPException)
CHECKED = {"control_ok": True, "price_ok": True, "payment_ok": True}


class Stream:
    """Clerks at work. Nobody answers: the same request goes out again under the same key, as a careful program does."""

    def __init__(self, server, world, clerks=4):
        self.server, self.world = server, world
        self.stopping, self.unit_numbers, self.vouchers = threading.Event(), count(), count(1)
        self.buyers = people(3, 900)
        self.journal, self.unanswered, self.lock = [], 0, threading.Lock()
        self.errors = []
        self.threads = [threading.Thread(target=self.work, daemon=True) for _ in range(clerks)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *error):
        self.stopping.set()
        for thread in self.threads:
            thread.join(PATIENCE)

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
        case = self.act(
            "lin", "/cases", {"process": "subscription", "unit": self.world["units"][number]}, 201
        )
        buyer = self.buyers[number]
        case = self.step("lin", case, "hand_in", {
            "buyers": [{"name": buyer.name, "identity": buyer.identity, "phone": buyer.phone}], "payment": "lump_sum",
            "total_price": "2000000.00", "deposit": "50000", "signed": [self.world["scan"]], "disclosed": True,
        })  # fmt: skip
        case = self.step("gao", case, "director_sign", {"opinion": "同意"})
        case = self.step("wu", case, "check_and_register", CHECKED)
        voucher = f"P{next(self.vouchers)}"
        paid = {"amount": "50000", "account": "监管账户", "voucher": voucher, "payer": buyer.name}
        case = self.step("he", case, "confirm_deposit", paid)
        self.step("fang", case, "seal", {"copies": 4})

    def step(self, by, case, name, given):
        """Take a step with the control points that its answer before names."""
        offered = next(step for step in case["steps"] if step["name"] == name)
        points = {point["key"]: True if point["kind"] == "tick" else "已核" for point in offered["points"]}
        if points:
            given = given | {"points": points}
        path = f"/cases/{case['number']}/steps/{name}"
        return self.act(by, path, {"version": case["version"], "given": given}, 200)

    def act(self, by, path, body, wanted):
        """Send until somebody answers; write the answer into the journal."""
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

    def goes_on(self, acts):
        """Wait until so many more acts are acknowledged."""
        wanted = len(self.journal) + acts
        wait_for(lambda: len(self.journal) >= wanted or self.errors)

    def steps(self):
        """The steps acknowledged so far."""
        with self.lock:
            return ["lock" if path == "/cases" else path.rsplit("/", 1)[1] for _, path, *_ in self.journal]
