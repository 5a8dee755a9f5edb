"""
Every page and form of the staff is given what no honest browser sends: it refuses in words and never breaks.

Each walk sends some two hundred requests, drawn by lot from all that there are; the lot is the same in every run, and
another with every ``GUIJU_FUZZ_SEED``.
"""

import os
import re
import traceback
from datetime import timedelta
from html.parser import HTMLParser
from random import Random
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from guiju.kernel import acts
from guiju.kernel.models import Case
from guiju.kernel.process import process_of, processes
from guiju.web import stepform
from tests.failure.conftest import BESIDE, tables, wrong
from tests.stories.conftest import PNG

pytestmark = pytest.mark.django_db

SEED = os.environ.get("GUIJU_FUZZ_SEED", "1")
MINUTE = timedelta(minutes=1)
PEOPLE = ["deng", "admin", "lin", "wu", "zhou", "he", "fang", "gao"]

TEXTS = [
    "", " ", "0", "-1", "1", "²", "½", "٣", "９", "1e309", "NaN", "nan_1", "inf_1", "1e300_1", "_", "9" * 30, "a" * 5001,
    "𠮷" * 5001, "👩‍👩‍👧‍👦", "\u202e\u0000\u200b", "\x00", "\ufffd\ufffe", "../../etc/passwd", "'; DROP TABLE kernel_event; --",
    "<script>alert(1)</script>", "{{ 7|add:7 }}", "%s%n%d", "0001-01-01", "9999-12-31", "2026-02-30", "9999-12-31T23:59",
    "0001-01-01T00:00", "{", '{"png": "data:image/png;base64,AA", "strokes": [1]}', "[]", "null", "true", "1,000.005", "１２３．４５",
    "-0.01", "99999999999999999", "2026-11-18 10:00", "map.a", "a" * 64, "g" * 64, "__all__", "on", "yes", "return",
]  # fmt: skip
PATHS = [
    "x", "²", "\x00", "RG-YQ1-2026-0001\x00", "a" * 300, "..", "%2e", "𠮷", "0", "999999999", "99999999999999999999", "hand_in",
]  # fmt: skip
QUERIES = [
    "q", "after", "tab", "process", "state", "unit", "building", "find", "day", "year", "version", "mark", "part", "show",
    "done", "when", "kind", "next", "small", "limit", "from", "to", "project", "page", "on", "size", "with", "other", "name",
    "month", "week", "phone", "customer", "channel", "case", "post", "bank", "method", "group", "by", "sort",
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


# What may stay when a page refuses: who asked for too much, photos that came with a form, drafts.
MAY_STAY = ("papers_attachment", "axes_", "sop_slip")


def _counting():
    """A function that counts the rows of every table that a refusal must leave alone, in one statement."""
    names = [name for name in tables() if not name.startswith((*BESIDE, *MAY_STAY))]
    statement = "SELECT " + ", ".join(f'(SELECT count(*) FROM "{name}")' for name in names)

    def count():
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return dict(zip(names, cursor.fetchone(), strict=True))

    return count


class Forms(HTMLParser):
    """The forms that a page shows: where each is sent, and its fields with the answers to choose from."""

    def __init__(self, html):
        super().__init__()
        self.found, self.select, self.area = [], None, None
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        has = dict(attributes)
        if tag == "form":
            self.found.append((has.get("action") or "", (has.get("method") or "get").lower(), {}))
        elif not self.found:
            return
        elif tag == "select" and has.get("name"):
            self.select = self.found[-1][2].setdefault(has["name"], [])
        elif tag == "option" and self.select is not None:
            self.select.append(has.get("value") or "")
        elif tag == "textarea" and has.get("name"):
            self.found[-1][2].setdefault(has["name"], ["说明 12 个字以上，写得清楚"])
        elif tag in ("input", "button") and has.get("name"):
            answers = self.found[-1][2].setdefault(has["name"], [])
            answers.append(_answer(has.get("type") or "text", has.get("name"), has.get("value") or ""))

    def handle_endtag(self, tag):
        if tag == "select":
            self.select = None


def _answer(kind, name, value):
    today = timezone.localdate().isoformat()
    plain = {
        "date": today, "datetime-local": f"{today}T09:30", "month": today[:7], "time": "09:30", "number": "3", "tel": "19900001111",
        "email": "a@example.com", "url": "http://127.0.0.1/", "checkbox": value or "1", "file": "file",
    }  # fmt: skip
    if kind in ("hidden", "radio", "submit") or value:
        return value
    if kind in plain:
        return plain[kind]
    return "100.00" if re.search(r"amount|price|deposit|sum", name) else "苏清越"


def honest(chance, fields):
    """Everything filled in as somebody in a hurry would."""
    return {name: chance.choice(answers) if answers else "1" for name, answers in fields.items()}


def one_odd(chance, fields, files=()):
    """The same with one thing or two that nobody would type."""
    data = honest(chance, fields)
    for name in chance.sample(sorted(data), min(len(data), chance.choice((0, 1, 1, 2)))):
        data[name] = chance.choice(TEXTS)
    for name in [name for name in data if data[name] == "file"]:
        content = chance.choice((PNG, b"", b"%PDF-1.4", chance.choice(TEXTS).encode("utf-8", "replace")))
        data[name] = SimpleUploadedFile(chance.choice(("x.png", "x.xlsx", "x.csv")), content)
    return {name: value for name, value in data.items() if name != "csrfmiddlewaretoken"}


def all_odd(chance, form, **right):
    """A form of a step filled with anything: every field, some of its groups, what the page adds to it."""
    fields = [field for field, _, _ in stepform.kinds(form)]
    inner = [
        f"{field}.{n}.{part}"
        for field in fields
        for n in ("0", "1", "x", "²", "99999")
        for part in ("name", "amount", "identity", "agent.name")
    ]
    data = {field: chance.choice(TEXTS) for field in [*fields, *chance.sample(inner, min(6, len(inner)))]}
    return data | {"happened_at": chance.choice(["", *TEXTS]), "key": chance.choice(TEXTS)} | right


class Office:
    """People who send odd things; what broke is noted instead of stopped at."""

    def __init__(self, house):
        self.house, self.clients = house, {}
        self.broken, self.half = {}, {}
        self.counts = _counting()

    def as_(self, name):
        if name not in self.clients:
            self.clients[name] = Client(raise_request_exception=True)
            self.clients[name].force_login(self.house.people[name])
        return self.clients[name]

    def ask(self, name, method, address, data=None):
        """Send a request; note whether it breaks, and whether a refusal leaves something behind."""
        told = f"{name}: {method} {address[:120]} {str(data)[:300]}"
        before = self.counts() if method == "post" else None
        try:
            answer = getattr(self.as_(name), method)(address, data=data or {})
        except Exception as error:  # whatever comes through is what a person would see as 500
            frames = traceback.extract_tb(error.__traceback__)
            last = next(f for f in reversed(frames) if "guiju" in f.filename and ".venv" not in f.filename)
            place = f"{last.filename.rsplit('guiju/', 1)[-1]}:{last.lineno}"
            self.broken.setdefault(f"{type(error).__name__} {str(error)[:80]!r} at {place}", told)
            return None
        if answer.status_code >= 500 and answer.status_code != 503:
            self.broken.setdefault(f"{answer.status_code}", told)
        if before is not None and answer.status_code >= 400 and (now := self.counts()) != before:
            grown = [name for name in now if now[name] != before[name]]
            self.half.setdefault(f"{answer.status_code} and more rows in {grown}", told)
        return answer

    def forms(self, name, address):
        """The forms that a page shows to somebody and that change something: where each goes, and its fields."""
        shown = self.ask(name, "get", address)
        if shown is None or shown.status_code != 200 or "html" not in shown.headers.get("Content-Type", ""):
            return []
        found = Forms(shown.content.decode()).found
        return [
            (action or address, fields)
            for action, method, fields in found
            if method == "post" and "logout" not in action and "password" not in action
        ]

    def sound(self):
        assert self.broken == {}
        assert self.half == {}
        assert wrong() == []


def staff_pages():
    """All addresses but those that end a session or change a password."""
    return [(route, places) for route, places in pages() if "logout" not in route and "password" not in route]


@pytest.fixture
def chance(request):
    return Random(f"{request.node.originalname} {SEED}")


@pytest.mark.slow
def test_pages_are_asked_with_odd_addresses_and_questions(busy, chance):
    office = Office(busy)
    for route, places in chance.sample(staff_pages(), 180):
        right = {name: known(busy, name, kind) for name, kind in places.items()}
        if places and chance.random() < 0.5:
            right |= {chance.choice(sorted(places)): chance.choice(PATHS)}
        asked = {query: chance.choice(TEXTS) for query in chance.sample(QUERIES, chance.choice((0, 3, 6)))}
        office.ask(chance.choice(PEOPLE), "get", filled(route, right), asked)
    office.sound()


@pytest.mark.slow
def test_the_forms_that_pages_show_are_sent_with_something_odd_in_them(busy, chance):
    office, sent = Office(busy), 0
    for route, places in chance.sample(staff_pages(), 100):
        address = filled(route, {name: known(busy, name, kind) for name, kind in places.items()})
        name = chance.choice(PEOPLE)
        forms = office.forms(name, address)
        for action, fields in chance.sample(forms, min(len(forms), 2)):
            office.ask(name, "post", action, one_odd(chance, fields))
            sent += 1
    assert sent > 10
    office.sound()


@pytest.mark.slow
def test_addresses_are_sent_fields_that_they_do_not_know(busy, chance):
    office = Office(busy)
    for route, places in chance.sample(staff_pages(), 150):
        data = {field: chance.choice(TEXTS) for field in chance.sample(FIELDS, 14)}
        file = chance.choice(["file", "signed", "scan"])
        data[file] = SimpleUploadedFile("x.xlsx", chance.choice(TEXTS).encode("utf-8", "replace"))
        right = {name: known(busy, name, kind) for name, kind in places.items()}
        office.ask(chance.choice(PEOPLE), "post", filled(route, right), data)
    office.sound()


@pytest.mark.slow
def test_steps_are_sent_odd_fields(busy, chance):
    office = Office(busy)
    steps = [(case, step) for case in Case.objects.all() for step in process_of(case.process).steps]
    for case, step in chance.sample(steps, 60):
        name, address = chance.choice(PEOPLE), f"/cases/{case.number}/steps/{step.name}/"
        version = chance.choice(["", "²", str(case.version)])
        office.ask(name, "post", address, all_odd(chance, step.form, version=version))
        for action, fields in office.forms(name, address)[:1]:
            office.ask(name, "post", action, one_odd(chance, fields))
    office.sound()


@pytest.mark.slow
def test_processes_are_opened_with_odd_fields(busy, chance):
    office = Office(busy)
    for process in chance.sample(list(processes().values()), 16):
        for place in chance.sample(
            ["", f"?unit={busy.units[0].pk}", f"?unit={busy.units[3].pk}", "?unit=²"], 2
        ):
            name, address = chance.choice(PEOPLE), f"/cases/new/{process.name}/{place}"
            office.ask(name, "post", address, all_odd(chance, process.opening.form))
            for action, fields in office.forms(name, address)[:1]:
                office.ask(name, "post", action, one_odd(chance, fields))
    office.sound()


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
