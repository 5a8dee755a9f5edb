"""Twenty sales people and one flat: exactly one gets it, the others are told, whatever the moment.

Over HTTP against real server processes on PostgreSQL. ``GUIJU_RACE_ROUNDS`` says how often (3 unless told).
"""

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.db import connection

from guiju.api.operations.tokens import make_token
from guiju.estate.models import Control, Permit, Project, Unit
from guiju.kernel import audit
from guiju.kernel.chain import open_body
from guiju.kernel.models import Case, Event
from guiju.org.operations.holdings import give_post
from guiju.org.operations.people import add_person
from guiju.org.seed import seed_demo_people
from guiju.sop.operations.loading import load_shipped
from tests.api.conftest import make_units
from tests.processes import PATIENCE, free_port

pytestmark = [pytest.mark.postgresql, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

SELLERS = 20
ROUNDS = int(os.environ.get("GUIJU_RACE_ROUNDS", "3"))


class House:
    """Two server processes on the test's own database, and the sellers with their tokens."""

    def __init__(self, folder):
        at = datetime.now(UTC) - timedelta(days=1)
        people = seed_demo_people(at)
        load_shipped()
        company = people["admin"].company
        self.project = Project.objects.create(code="YQ1", name="云栖里一期", company=company)
        self.units = make_units(self.project, rooms=[f"{n}01" for n in range(1, ROUNDS + 1)])
        permit = Permit.objects.create(
            project=self.project, kind="presale", number="示房售证字（2026）第 007 号"
        )
        permit.buildings.add(self.units[0].building)
        self.tokens = []
        for n in range(SELLERS):
            seller, _ = add_person(
                username=f"seller{n}", name=f"顾问{n}", company=company, by=people["admin"], at=at
            )
            give_post(person=seller, post="sales", company=company, by=people["admin"], at=at)
            self.tokens.append(make_token(person=seller, by=None, at=datetime.now(UTC))[1])
        self.log = folder / "server.log"
        self.start()

    def start(self):
        self.port = free_port()
        self.server = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "guiju.cli",
                "serve",
                "--port",
                str(self.port),
                "--workers",
                "2",
                "--threads",
                "8",
            ],
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": self.database()},
            stdout=self.log.open("a"),
            stderr=subprocess.STDOUT,
            # A group of its own, so that it and its workers can be killed together.
            start_new_session=True,
        )

    @staticmethod
    def database():
        known = settings.DATABASES["default"]
        return f"postgresql://{known['USER']}:{known['PASSWORD']}@{known['HOST']}:{known['PORT']}/{connection.settings_dict['NAME']}"

    def wait(self):
        for _ in range(5 * PATIENCE):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=2):
                    return
            except (urllib.error.URLError, OSError):
                assert self.server.poll() is None, self.log.read_text()
                time.sleep(0.2)
        raise AssertionError(self.log.read_text())

    def post(self, path, body, token, **headers):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/v1{path}",
            data=json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json", **headers},
        )
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    def at_once(self, calls):
        start = threading.Barrier(len(calls), timeout=PATIENCE)

        def run(call):
            start.wait()
            return call()

        with ThreadPoolExecutor(len(calls)) as pool:
            return list(pool.map(run, calls))


@pytest.fixture
def house(tmp_path):
    made = House(tmp_path)
    try:
        made.wait()
        yield made
    finally:
        made.server.terminate()
        made.server.wait(PATIENCE)


def test_a_server_killed_in_the_middle_of_work_loses_nothing_acknowledged_and_leaves_nothing_half_done(house):
    status, case = house.post(
        "/cases", {"process": "subscription", "unit": house.units[0].pk, "given": {}}, house.tokens[0]
    )
    assert status == 201
    acknowledged, killed = [], threading.Event()

    def write(token, who):
        for n in range(1000):
            try:
                status, _ = house.post(
                    f"/cases/{case['number']}/notes",
                    {"text": f"{who}-{n}"},
                    token,
                    **{"Idempotency-Key": f"{who}-{n}"},
                )
            except (OSError, http.client.HTTPException):
                return n
            if status == 201:
                acknowledged.append(f"{who}-{n}")
            if len(acknowledged) >= 30 and not killed.is_set():
                killed.set()
                os.killpg(house.server.pid, signal.SIGKILL)
        return 1000

    unsure = house.at_once([lambda t=t, w=w: write(t, w) for w, t in enumerate(house.tokens[:6])])
    house.server.wait(PATIENCE)
    house.start()
    house.wait()

    def written():
        rows = Event.objects.filter(case__number=case["number"], step="note")
        return sorted(open_body(event.body)["text"] for event in rows)

    assert audit.verify().ok
    assert set(acknowledged) <= set(written())
    # Whoever got no answer sends again under the same key; nothing is written twice.
    for who, n in enumerate(unsure):
        status, _ = house.post(
            f"/cases/{case['number']}/notes", {"text": f"{who}-{n}"}, house.tokens[who],
            **{"Idempotency-Key": f"{who}-{n}"},
        )  # fmt: skip
        assert status == 201
    assert written() == sorted({*acknowledged, *(f"{who}-{n}" for who, n in enumerate(unsure))})
    assert audit.verify().ok


def test_of_twenty_who_want_one_flat_exactly_one_gets_it_and_nineteen_are_told(house):
    for n, unit in enumerate(house.units):
        label = f"1-1-{unit.room}"

        answers = house.at_once(
            [
                lambda token=token, label=label: house.post(
                    "/cases", {"process": "subscription", "unit": label, "project": "YQ1", "given": {}}, token
                )
                for token in house.tokens
            ]
        )

        won = [body for status, body in answers if status == 201]
        lost = [(status, body) for status, body in answers if status != 201]
        assert len(won) == 1, [status for status, _ in answers]
        assert len(lost) == SELLERS - 1
        for status, body in lost:
            assert status in (409, 422), body
            assert unit.label in body["detail"]
            assert body["reasons"][0]["text"]
        unit.refresh_from_db()
        case = Case.objects.get(number=won[0]["number"])
        assert (unit.control, unit.holder_case_id) == (Control.LOCKED, case.pk)
        assert Case.objects.count() == n + 1
    assert Unit.objects.filter(control=Control.LOCKED).count() == ROUNDS
    assert Event.objects.filter(step="lock").count() == ROUNDS
    assert audit.verify().ok


def test_one_request_sent_twenty_times_with_its_key_locks_once_and_reads_the_same(house):
    token, body = house.tokens[0], {"process": "subscription", "unit": house.units[0].pk, "given": {}}

    answers = house.at_once(
        [lambda: house.post("/cases", body, token, **{"Idempotency-Key": "one"}) for _ in range(SELLERS)]
    )

    assert {status for status, _ in answers} == {201}
    assert len({body["number"] for _, body in answers}) == 1
    assert Case.objects.count() == 1
