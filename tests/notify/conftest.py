"""The house of the stories with an SMS operator on loopback: what it was told, and what it answers."""

import contextlib
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from guiju.customers.models import Customer
from guiju.customers.notices import recipient
from guiju.kernel.models import CaseLink
from guiju.notify import sending
from guiju.notify.models import Message
from guiju.notify.operations.channels import set_channel, set_filing
from guiju.notify.templates import templates
from tests.processes import PATIENCE
from tests.stories.conftest import WEDNESDAY, House, beijing, house

__all__ = ["House", "beijing", "house"]

NOON = beijing("2026-11-18 12:00")
TEN = timedelta(seconds=10)


class Operator:
    """An HTTP service on loopback. ``answers`` are given in turn, the last for ever; None closes the line."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str, dict, dict]] = []
        self.answers: list = [{"ok": True, "id": "S1"}]
        self._open, self._held = threading.Event(), 10**9
        operator = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                said = json.loads(self.rfile.read(length) or b"{}")
                self._answer(said)

            def do_GET(self) -> None:
                self._answer({})

            def _answer(self, said: dict) -> None:
                operator.told.append((self.command, self.path, said, dict(self.headers)))
                if len(operator.told) > operator._held:
                    operator._open.wait(PATIENCE)
                answer = operator.answers.pop(0) if len(operator.answers) > 1 else operator.answers[0]
                if answer is None:
                    self.close_connection = True
                    self.connection.close()
                    return
                status = 200
                if isinstance(answer, int):
                    status, answer = answer, {}
                body = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def handle(self) -> None:
                with contextlib.suppress(OSError, ValueError):
                    super().handle()

            def finish(self) -> None:
                with contextlib.suppress(OSError, ValueError):
                    super().finish()

            def log_message(self, *words: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def hold_after(self, count: int) -> None:
        """Answer so many calls, and let the next wait."""
        self._held = count

    def go_on(self) -> None:
        self._held = 10**9
        self._open.set()

    def stop(self) -> None:
        self.go_on()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(PATIENCE)


@pytest.fixture
def operator() -> Iterator[Operator]:
    made = Operator()
    yield made
    made.stop()


@pytest.fixture
def company(house):
    return house.people["admin"].company


@pytest.fixture
def case(house):
    return house.lock(at=WEDNESDAY)


@pytest.fixture
def su(company, case):
    """Su Qingyue, the customer of the case."""
    made = Customer.objects.create(
        company=company, name="苏清越", phone="19900001111", address="示范市梧桐巷 3 号", email="su@example.com",
        recorded_at=WEDNESDAY,
    )  # fmt: skip
    CaseLink.objects.create(case=case, kind="customer", key=made.pk)
    return made


@pytest.fixture
def to(su):
    return recipient(su)


def connect(house, operator, **config):
    """The SMS operator is reached, and has filed the signature and every template of notices."""
    admin, company = house.people["admin"], house.people["admin"].company
    set_channel(
        company=company, way="sms", on=True, by=admin, at=WEDNESDAY,
        config={"url": f"{operator.url}/send", "token": "t", "status_url": f"{operator.url}/status", **config},
    )  # fmt: skip
    for kind in ("notice", "marketing"):
        file(house, kind=kind, text="示范置业", number=f"Q-{kind}")
    for code, declared in templates().items():
        file(house, kind=declared.kind, template=code, text=declared.text, number=f"T-{code}")


def file(house, **filing):
    admin = house.people["admin"]
    return set_filing(
        company=admin.company, by=admin, at=WEDNESDAY, **{"kind": "notice", "state": "filed", **filing}
    )


@pytest.fixture
def connected(house, operator):
    connect(house, operator)
    return operator


def worked(at) -> None:
    """The worker sends what is due."""
    while sending.deliver_due(at):
        pass


def again(message: Message) -> Message:
    return Message.objects.get(pk=message.pk)
