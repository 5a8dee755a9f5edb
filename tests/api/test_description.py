"""The description of the API is true, and no request, however odd, is answered by a failure of the program."""

import json

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guiju.api import door
from tests.kernel import toy

pytestmark = pytest.mark.django_db


@pytest.fixture
def described(client):
    answer = client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    return answer.json()


def test_the_description_needs_no_token_and_names_every_address(described):
    assert described["openapi"].startswith("3.1")
    assert sorted((path, method) for path, found in described["paths"].items() for method in found) == [
        ("/api/v1/approvals", "get"),
        ("/api/v1/approvals/{approval}", "get"),
        ("/api/v1/approvals/{approval}/resubmission", "post"),
        ("/api/v1/approvals/{approval}/votes", "post"),
        ("/api/v1/approvals/{approval}/withdrawal", "post"),
        ("/api/v1/attachments", "post"),
        ("/api/v1/cases", "get"),
        ("/api/v1/cases", "post"),
        ("/api/v1/cases/{number}", "get"),
        ("/api/v1/cases/{number}/events", "get"),
        ("/api/v1/cases/{number}/notes", "post"),
        ("/api/v1/cases/{number}/overrides", "post"),
        ("/api/v1/cases/{number}/secrecy", "post"),
        ("/api/v1/cases/{number}/steps/{step}", "post"),
        ("/api/v1/cases/{number}/ticks", "post"),
        ("/api/v1/customers/{customer}", "get"),
        ("/api/v1/sops", "get"),
        ("/api/v1/sops/{code}", "get"),
        ("/api/v1/units", "get"),
        ("/api/v1/units/{unit}", "get"),
    ]


def test_every_operation_declares_its_refusals_as_problem_documents(described):
    for found in described["paths"].values():
        for operation in found.values():
            for status in ("400", "401", "403", "404", "409", "413", "422", "429", "503"):
                assert list(operation["responses"][status]["content"]) == ["application/problem+json"]
    assert set(described["components"]["schemas"]["Problem"]["properties"]) >= {
        "type",
        "title",
        "status",
        "detail",
        "reasons",
    }


def test_every_act_can_carry_an_idempotency_key(described):
    for path, found in described["paths"].items():
        if "post" in found and not path.endswith("/attachments"):
            named = {parameter["name"] for parameter in found["post"].get("parameters", [])}
            assert "Idempotency-Key" in named, path


@pytest.mark.parametrize(
    "raw",
    [
        b"{", b"[]", b"null", b"7", b'"x"', b"{'a': 1}", b"\xff\xfe", b'{"given": NaN}', b'{"given": Infinity}',
        b'{"given": ' + b"9" * 5000 + b"}", b'{"a":' * 5000 + b"1" + b"}" * 5000, b"[" * 100_000,
        b'{"given": {"a": ' + b"[" * 60 + b"]" * 60 + b"}}",
    ],
)  # fmt: skip
def test_what_is_no_json_object_is_400(office, wu, raw):
    answer = wu.post("/cases", raw=raw)

    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["title"] == "请求无法读取"


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ('{"process": "toy\\u0000"}', "process"),
        ('{"process": "\\ud800"}', "process"),
        ('{"process": "toy", "given": {"subject": "a\\u0000"}}', "given.subject"),
        ('{"process": "toy", "given": {"subject": ["\\udfff"]}}', "given.subject.0"),
    ],
)
def test_text_that_cannot_be_stored_is_422_and_named_by_its_path(office, wu, body, path):
    answer = wu.post("/cases", raw=body.encode())

    assert (answer.status_code, list(answer.json()["errors"])) == (422, [path])


@pytest.mark.parametrize(
    "path",
    [
        "/cases/%00", "/cases/%ff", "/cases/%ED%A0%80", "/cases/" + "9" * 300, "/units/0", "/units/-1", "/units/1e3",
        "/units/" + "9" * 40, "/units/9223372036854775808", "/customers/%00", "/sops/%00", "/cases?process=%00",
        "/cases?unit=99999999999999999999", "/cases?after=-1", "/approvals?mine=2", "/units?control=%27%3B--",
        "/cases?limit=1&limit=2", "/units?after=9223372036854775807",
    ],
)  # fmt: skip
def test_odd_addresses_are_refused_in_words(office, wu, path):
    answer = wu.get(path)

    assert answer.status_code in (200, 404, 422)
    if answer.status_code != 200:
        assert answer["Content-Type"] == "application/problem+json"


def test_a_body_or_upload_that_is_too_large_is_413_before_it_is_read(office, wu):
    answer = wu.post("/cases", raw=b" " * (door.MOST_JSON + 1))

    assert (answer.status_code, answer.json()["detail"]) == (413, "内容太大")


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b""),
        ("multipart/form-data; boundary=x", b"--y\r\nrubbish"),
        (
            "multipart/form-data; boundary=x",
            b"--x\r\nContent-Disposition: form-data; name=file; filename=a\r\n\r\n",
        ),
        ("application/json", b"{}"),
        ("text/plain", b"x"),
    ],
)
def test_an_upload_that_is_none_is_refused_in_words(office, wu, kind, body):
    answer = wu.client.post("/api/v1/attachments", data=body, content_type=kind, headers=wu.headers({}))

    assert answer.status_code in (400, 422)
    assert answer["Content-Type"] == "application/problem+json"


def test_a_program_that_runs_wild_is_slowed_down(office, wu, settings):
    settings.GUIJU_API_PER_MINUTE = 3

    answers = [wu.get("/cases") for _ in range(8)]

    assert 429 in [answer.status_code for answer in answers]
    slowed = next(answer for answer in answers if answer.status_code == 429)
    assert 1 <= int(slowed["Retry-After"]) <= 60
    assert slowed.json()["title"] == "请求太频繁"


def test_a_method_that_is_not_offered_is_405(office, wu):
    answer = wu.client.delete("/api/v1/cases", headers=wu.headers({}))

    assert answer.status_code == 405
    assert set(answer["Allow"].split(", ")) == {"GET", "POST"}


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12)
    | st.sampled_from(["1", "2026-11-20T10:00", "a\x00", "\ud800", "9" * 30, "1e400", "是"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
fields = st.sampled_from(
    ["process", "unit", "project", "given", "version", "key", "text", "to_customer", "step", "point", "value", "reason",
     "decision", "post", "on_paper"]
)  # fmt: skip
given_fields = st.sampled_from(["subject", "amount", "remark", "points", "happened_at", "note", "reason"])


@pytest.mark.slow
def test_no_request_however_odd_makes_the_program_fail(office, wu):
    number = office.ask(wu)["number"]
    wu.post(f"/cases/{number}/steps/check", {})
    wu.client = Client(raise_request_exception=False)
    doors = [
        "/cases", f"/cases/{number}/steps/pay", f"/cases/{number}/steps/remark", f"/cases/{number}/steps/recheck",
        f"/cases/{number}/notes", f"/cases/{number}/ticks", f"/cases/{number}/overrides", "/approvals/1/votes",
        "/approvals/1/resubmission", "/approvals/1/withdrawal",
    ]  # fmt: skip

    @settings(
        max_examples=200,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    @given(
        path=st.sampled_from(doors),
        body=st.dictionaries(fields, anything, max_size=4),
        filled=st.none() | st.dictionaries(given_fields, anything, max_size=4),
        right=st.booleans(),
        key=st.none() | st.sampled_from(["k", "k2"]),
    )
    def knock(path, body, filled, right, key):
        if filled is not None:
            body["given"] = filled
        if right:
            # Get past the outer shape, so that what is odd reaches the form.
            body = {k: v for k, v in body.items() if k == "given"}
            if path == "/cases":
                body |= {"process": "toy", "project": "YQ1"}
        answer = wu.post(path, raw=json.dumps(body).encode(), key=key)

        assert answer.status_code in (200, 201, 400, 403, 404, 409, 422), (path, body, answer.content)
        if answer.status_code >= 400:
            assert answer["Content-Type"] == "application/problem+json"
            assert answer.json()["status"] == answer.status_code

    knock()
    assert toy.in_pot() <= 1000
