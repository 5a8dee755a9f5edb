"""Through HTTP: what an act or a page costs beside one insert of a bare project, and how long eight people wait."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from threading import Thread
from typing import Final
from urllib.parse import quote

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connections
from django.utils import timezone

from guiju.api.operations.tokens import make_token
from guiju.bench import cpu, place
from guiju.bench.filling import FREE_BUILDING, address_of, buyer_of
from guiju.bench.serving import Asked, Client, Site
from guiju.demo import scenes
from guiju.estate.models import Unit
from guiju.kernel.models import Case
from guiju.org.models import Person

ROUNDS: Final = 7
CLIENTS: Final = 8

Asking = Callable[[int], Asked]


@dataclass
class Taken:
    """What an operation cost: processor seconds of one, per round; and the waiting times of single requests."""

    cpu: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


def bare(number: int) -> Asked:
    """Return the request of the bare project: one insert."""
    body = json.dumps({"person": "邓宇", "text": f"客户答复：本周六上午来签约 {number}"}).encode()
    return Asked("POST", "/lines", {"Content-Type": "application/json"}, body, 201)


@dataclass
class Office:
    """The operations of this program as the people of the demonstration send them."""

    count: int
    seed: int = 1
    page: dict[str, str] = field(default_factory=dict)
    machine: dict[str, dict[str, str]] = field(default_factory=dict)
    units: Iterator[int] = field(default_factory=lambda: iter(()))
    sealed: Sequence[str] = ()

    @classmethod
    def open(cls, count: int) -> Office:
        """Make a session and tokens, and look up what the operations name."""
        office = cls(count)
        at = timezone.now()
        office.page = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={_session('deng')}"}
        for name in ("lin", "deng"):
            person = Person.objects.get(username=name)
            _, token = make_token(person=person, label="bench", life=timedelta(days=1), by=person, at=at)
            office.machine[name] = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        free = Unit.objects.filter(
            building__name=FREE_BUILDING, control="available", project__code=scenes.CODE
        )
        office.units = iter(list(free.order_by("pk").values_list("pk", flat=True)))
        going = Case.objects.filter(process="subscription", state="sealed", closed_at=None)
        office.sealed = list(going.order_by("-pk").values_list("number", flat=True)[:400])
        return office

    def sign_in_at(self, url: str) -> None:
        """Write the session into another database with the same people."""
        key = self.page["Cookie"].partition("=")[2]
        row = Session.objects.get(session_key=key)
        connections.settings["other"] = {**connections.settings["default"], "NAME": place.name_of(url)}
        try:
            Session.objects.using("other").filter(session_key=key).delete()
            row.save(using="other", force_insert=True)
        finally:
            connections["other"].close()
            del connections["other"], connections.settings["other"]

    def operations(self) -> dict[str, Asking]:
        """Return the operations by name, writing ones first."""
        return {
            "open": self.open_case, "step": self.step, "todos": self.todos, "case": self.case,
            "by name": self.by_name, "by phone": self.by_phone, "by room": self.by_room, "by number": self.by_number,
        }  # fmt: skip

    def open_case(self, number: int) -> Asked:
        body = json.dumps({"process": "subscription", "unit": next(self.units), "given": {}}).encode()
        return Asked("POST", "/api/v1/cases", self.machine["lin"], body, 201)

    def step(self, number: int) -> Asked:
        case = self.sealed[number % len(self.sealed)]
        given = {"how": "电话", "answer": f"客户答复：本周六上午来签约 {number}"}
        body = json.dumps({"given": given}).encode()
        return Asked("POST", f"/api/v1/cases/{case}/steps/remind_signing", self.machine["deng"], body)

    def todos(self, number: int) -> Asked:
        return Asked("GET", "/todos/?limit=25", self.page)

    def case(self, number: int) -> Asked:
        return Asked("GET", f"/cases/{self.sealed[number % len(self.sealed)]}/", self.page)

    def _search(self, words: str) -> Asked:
        return Asked("GET", f"/search/?part=list&q={quote(words)}", self.page)

    def _one(self, number: int) -> int:
        # A case that went on: those have buyers.
        return Random(self.seed * 1_000_003 + number).randrange(self.count // 5) * 5 + 4

    def by_name(self, number: int) -> Asked:
        return self._search(buyer_of(self._one(number)).name)

    def by_phone(self, number: int) -> Asked:
        return self._search(buyer_of(self._one(number)).phone[-4:])

    def by_room(self, number: int) -> Asked:
        building, entrance, _, room = address_of(self._one(number) // 5)
        return self._search(f"{building}-{entrance}-{room}")

    def by_number(self, number: int) -> Asked:
        one = self._one(number)
        return self._search(f"B{one // 10_000:03d}-{timezone.now().year}-{one % 10_000 + 1:05d}")


READING: Final = ("todos", "case", "by name", "by phone", "by room", "by number")


def _session(username: str) -> str:
    person = Person.objects.get(username=username)
    store = SessionStore()
    store[SESSION_KEY] = str(person.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    store[HASH_SESSION_KEY] = person.get_session_auth_hash()
    store["seen"] = int(time.time()) + 10_000
    store.create()
    assert store.session_key is not None
    return store.session_key


def interleaved(
    sides: Mapping[str, tuple[Site, Asking]],
    *,
    number: int,
    rounds: int = ROUNDS,
    say: Callable[[int], object] = lambda count: None,
) -> dict[str, Taken]:
    """Send so many of each by turns, one after the other on one connection, and note what the servers spent."""
    taken = {name: Taken() for name in sides}
    clients = {name: Client(site.port) for name, (site, _) in sides.items()}
    sent = dict.fromkeys(sides, 0)

    def send(name: str) -> float:
        asked = sides[name][1](sent[name])
        sent[name] += 1
        start = time.perf_counter()
        clients[name].ask(asked)
        return time.perf_counter() - start

    for name in sides:
        # Both processes of a server warm up.
        for _ in range(12):
            send(name)
    for _ in range(rounds):
        for name, (site, _) in sides.items():
            pids = site.pids()
            before = cpu.spent(pids)
            waited = [send(name) for _ in range(number)]
            taken[name].cpu.append((cpu.spent(pids) - before) / number)
            taken[name].seconds += waited
        say(1)
    return taken


def together(site: Site, askings: Sequence[Asking], *, number: int, clients: int = CLIENTS) -> list[float]:
    """Let eight clients ask at once, each so many times, and return how long each request took, in seconds."""
    waited: list[float] = []
    failures: list[BaseException] = []

    def work(place: int) -> None:
        try:
            client = Client(site.port)
            for n in range(number):
                asked = askings[(place + n) % len(askings)](place * number + n)
                start = time.perf_counter()
                client.ask(asked)
                waited.append(time.perf_counter() - start)
        except BaseException as failure:
            failures.append(failure)

    threads = [Thread(target=work, args=(place,)) for place in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return waited


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which this share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, math.ceil(len(ordered) * share) - 1)]
