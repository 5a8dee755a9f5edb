"""Every page and form of the staff is given what no honest browser sends: it refuses in words and never breaks."""

import os
import traceback
from datetime import timedelta
from random import Random
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from guiju.kernel import acts
from guiju.kernel.models import Case
from guiju.kernel.process import process_of, processes
from guiju.web import stepform
from tests.failure.conftest import wrong

pytestmark = pytest.mark.django_db

# Seven minutes on each database: asked for by GUIJU_FUZZ=1.
for_minutes = pytest.mark.skipif(
    not os.environ.get("GUIJU_FUZZ"), reason="GUIJU_FUZZ=1 sends odd requests for minutes"
)

MANY = int(os.environ.get("GUIJU_FUZZ", "1"))
MINUTE = timedelta(minutes=1)

TEXTS = [
    "", " ", "0", "-1", "1", "²", "½", "٣", "９", "1e309", "NaN", "nan_1", "inf_1", "1e300_1", "_", "9" * 30, "a" * 5001,
    "𠮷" * 5001, "👩‍👩‍👧‍👦", "\u202e\u0000\u200b", "\x00", "\ufffd\ufffe", "../../etc/passwd", "'; DROP TABLE kernel_event; --",
    "<script>alert(1)</script>", "{{ 7|add:7 }}", "%s%n%d", "0001-01-01", "9999-12-31", "2026-02-30", "9999-12-31T23:59",
    "0001-01-01T00:00", "{", '{"png": "data:image/png;base64,AA", "strokes": [1]}', "[]", "null", "true", "1,000.005", "１２３．４５",
    "-0.01", "99999999999999999", "2026-11-18 10:00", "map.a", "a" * 64, "g" * 64, "__all__", "on", "yes", "return",
]  # fmt: skip
PATHS = [
    "x",
    "²",
    "\x00",
    "RG-YQ1-2026-0001\x00",
    "a" * 300,
    "..",
    "%2e",
    "𠮷",
    "0",
    "999999999",
    "99999999999999999999",
    "hand_in",
]
QUERIES = [
    "q", "after", "tab", "process", "state", "unit", "building", "find", "day", "year", "version", "mark", "part", "show",
    "done", "when", "kind", "next", "small", "limit", "from", "to", "project", "page", "on", "size", "with", "other", "name",
]  # fmt: skip
FIELDS = [
    "text", "to", "key", "value", "reason", "decision", "request", "kind", "project", "year", "file", "act", "changed",
    "map.a", "map.a.b", "map.a.unit", "version", "date", "worked", "note", "theme", "next", "happened_at", "name",
    "username", "phone", "post", "from_at", "to_at", "from", "until", "person", "taker", "number", "count", "title",
    "company", "password", "login", "code", "units", "day", "signature", "opinion", "amount", "buyers.0.name",
    "buyers.999999999.name", "buyers.x", "buyers", "points.terms_explained", "_more", "more", "content", "words",
]  # fmt: skip


def pages(resolver=None, prefix=""):
    """Every address of the staff pages: its pattern and the names and kinds of its places."""
    for entry in (resolver or get_resolver()).url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            if not route.startswith("api/"):
                yield from pages(entry, route)
        elif isinstance(entry, URLPattern):
            yield route, {name: type(kind).__name__ for name, kind in entry.pattern.converters.items()}


@pytest.fixture
def busy(house):
    """A house at work now: papers, receipts, an open approval, an overdue lock."""
    at = timezone.now() - timedelta(hours=5)
    sealed = house.sealed(at=at)
    house.registered(at=at, unit=1)
    house.handed_in(at=at, unit=2, total_price="1900000.00", discounts=[{"name": "团购", "percent": "5"}])
    house.lock(at=at, unit=3)
    acts.note(sealed, text="来电", by=house.wu, at=at + timedelta(hours=2))
    return house


def known(house, name, kind):
    """A value for a place of an address that leads somewhere."""
    case = Case.objects.filter(process="subscription").earliest("pk")
    text = {
        "number": case.number, "process": "subscription", "step": "hand_in", "clock": "sign", "key": "terms_explained",
        "code": "KF-ZY-01", "sha256": house.scan, "token": uuid4().hex, "kind": "steps", "name": "hand_in", "act": "publish",
    }  # fmt: skip
    return "1" if kind == "IntConverter" else text.get(name, "1")


def filled(route, values):
    address = "/" + route.replace("\\Z", "").lstrip("^").rstrip("$")
    for name, value in values.items():
        for kind in ("int", "str", "slug", "uuid", "path"):
            address = address.replace(f"<{kind}:{name}>", str(value))
    return address


class Rude:
    """A client that counts what broke instead of stopping at it."""

    def __init__(self, person):
        self.client = Client(raise_request_exception=True)
        self.client.force_login(person)
        self.broken, self.asked = {}, 0

    def ask(self, method, address, **words):
        self.asked += 1
        try:
            answer = getattr(self.client, method)(address, **words)
        except Exception as error:  # whatever comes through is what a person would see as 500
            frames = traceback.extract_tb(error.__traceback__)
            last = next(f for f in reversed(frames) if "guiju" in f.filename and ".venv" not in f.filename)
            place = f"{last.filename.rsplit('guiju/', 1)[-1]}:{last.lineno}"
            self.broken.setdefault(
                f"{type(error).__name__} {str(error)[:80]!r} at {place}",
                f"{method} {address[:120]} {str(words)[:200]}",
            )
            return None
        if answer.status_code >= 500:
            self.broken.setdefault(f"{answer.status_code}", f"{method} {address[:120]} {str(words)[:200]}")
        return answer


def some(chance, everything, share):
    """A few of the questions; more on demand (GUIJU_FUZZ=20)."""
    everything = list(everything)
    return chance.sample(everything, min(len(everything), max(1, round(share * MANY))))


@for_minutes
def test_every_page_is_asked_with_odd_addresses_and_questions(busy):
    chance, rude = Random(os.environ.get("GUIJU_FUZZ", "5")), Rude(busy.deng)
    for route, places in pages():
        right = {name: known(busy, name, kind) for name, kind in places.items()}
        rude.ask("get", filled(route, right))
        for name in places:
            for odd in some(chance, PATHS, 0.5):
                rude.ask("get", filled(route, {**right, name: odd}))
        for _ in range(MANY):
            asked = {query: chance.choice(TEXTS) for query in chance.sample(QUERIES, 6)}
            rude.ask("get", filled(route, right), data=asked)
    assert rude.asked > 200
    assert rude.broken == {}
    assert wrong() == []


KNOWN_ODD = [
    ("/calendar/", {"year": "²"}), ("/units/", {"unit": "²", "building": "٣"}), ("/cases/new/subscription/", {"unit": "²"}),
    ("/customers/", {"after": "²"}), ("/units/daily/", {"day": "0001-01-01"}), ("/units/daily/", {"day": "9999-12-31"}),
    ("/todos/", {"after": "nan_1"}), ("/cases/", {"after": "1e300_²"}), ("/search/", {"q": "\x00"}),
    ("/search/", {"q": "𠮷" * 5001}), ("/cases/RG\x00/", {}), ("/customers/", {"after": "9" * 30}), ("/sops/%00/", {}),
]  # fmt: skip


@pytest.mark.parametrize(("address", "asked"), KNOWN_ODD)
def test_odd_questions_that_once_broke_a_page(house, address, asked):
    client = Client()
    client.force_login(house.deng)

    assert client.get(address, asked).status_code in (200, 302, 404)


@pytest.mark.parametrize("person", ["abc", "²", "0", "999999999"])
def test_a_colleague_who_is_none_cannot_be_reached(house, person):
    client = Client()
    client.force_login(house.people["admin"])
    asked = {"part": "reach", "r.person": person, "r.way": "wecom", "r.address": "a", "r.order": "1"}

    assert client.post("/notices/channels/", asked).status_code == 422


@for_minutes
def test_every_form_is_sent_odd_fields_and_nothing_half_happens(busy):
    chance = Random(os.environ.get("GUIJU_FUZZ", "6"))
    for name in ("deng", "admin"):
        rude = Rude(busy.people[name])
        for route, places in pages():
            if "logout" in route or "password" in route:
                continue
            right = {place: known(busy, place, kind) for place, kind in places.items()}
            for _ in range(MANY):
                data = {field: chance.choice(TEXTS) for field in chance.sample(FIELDS, 14)}
                file = chance.choice(["file", "signed", "scan"])
                data[file] = SimpleUploadedFile("x.xlsx", chance.choice(TEXTS).encode("utf-8", "replace"))
                rude.ask("post", filled(route, right), data=data)
        assert rude.broken == {}
        assert wrong() == []


def odd(chance, form, **right):
    """A form filled with anything: every field, some of its groups, what the page adds to it."""
    fields = [field for field, _, _ in stepform.kinds(form)]
    inner = [
        f"{field}.{n}.{part}"
        for field in fields
        for n in ("0", "1", "x", "²", "99999")
        for part in ("name", "amount", "identity", "agent.name")
    ]
    data = {field: chance.choice(TEXTS) for field in [*fields, *chance.sample(inner, min(6, len(inner)))]}
    return data | {"happened_at": chance.choice(["", *TEXTS]), "key": chance.choice(TEXTS)} | right


@for_minutes
def test_every_step_form_is_sent_odd_fields(busy):
    chance = Random(os.environ.get("GUIJU_FUZZ", "7"))
    for name, person in (("deng", busy.deng), ("lin", busy.lin)):
        rude = Rude(person)
        for which in Case.objects.all():
            for step in process_of(which.process).steps:
                for _ in range(MANY):
                    version = chance.choice(["", "²", str(which.version)])
                    data = odd(chance, step.form, version=version)
                    rude.ask("post", f"/cases/{which.number}/steps/{step.name}/", data=data)
        assert (name, rude.broken) == (name, {})
    assert wrong() == []


@for_minutes
def test_every_process_is_opened_with_odd_fields(busy):
    chance = Random(os.environ.get("GUIJU_FUZZ", "8"))
    for name in ("deng", "lin", "wu", "zhou"):
        rude = Rude(busy.people[name])
        for process in processes().values():
            for unit in ("", f"?unit={busy.units[0].pk}", "?unit=²"):
                for _ in range(MANY):
                    data = odd(chance, process.opening.form)
                    rude.ask("post", f"/cases/new/{process.name}/{unit}", data=data)
        assert (name, rude.broken) == (name, {})
    assert wrong() == []
