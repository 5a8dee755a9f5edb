"""The story of a case walked by key, filters that are not known, and answers that are what the description says."""

from datetime import UTC, datetime

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from guiju.api import reading
from guiju.customers.models import Customer
from guiju.kernel.models import Case, CaseLink

pytestmark = pytest.mark.django_db


@pytest.fixture
def bai(office):
    return office.caller("bai")


def customer_of(office):
    return Customer.objects.create(
        company=office.company, name="纪宁远", kind="person", recorded_at=datetime(2026, 3, 2, tzinfo=UTC)
    )


def test_a_long_story_is_walked_by_key_and_the_case_tells_the_newest_of_it(office, wu, bai, monkeypatch):
    number = office.ask(wu)["number"]
    for n in range(4):
        assert wu.post(f"/cases/{number}/notes", {"text": f"第{n}次电话"}).status_code == 201
    short = wu.get(f"/cases/{number}").json()
    assert ([event["seq"] for event in short["events"]], short["earlier"]) == ([1, 2, 3, 4, 5], False)

    def walked(limit):
        found, after, sizes = [], None, []
        while True:
            page = wu.get(
                f"/cases/{number}/events", limit=limit, **({"after": after} if after else {})
            ).json()
            found += page["items"]
            sizes.append(len(page["items"]))
            after = page["next"]
            if after is None:
                return found, sizes

    assert walked(2) == (short["events"], [2, 2, 1])
    assert walked(50) == (short["events"], [5])
    # It stays behind the gate of the case.
    assert bai.get(f"/cases/{number}/events").status_code == 404
    for wrong in ("after=-1", "limit=0", "limit=201", "after=x"):
        assert wu.get(f"/cases/{number}/events?{wrong}").status_code == 422

    for n in range(reading.STORY):
        wu.post(f"/cases/{number}/notes", {"text": f"又{n}"}, Prefer="return=minimal")
    long = wu.get(f"/cases/{number}").json()
    assert (len(long["events"]), long["earlier"]) == (reading.STORY, True)
    assert long["events"] == walked(200)[0][5:]


def test_a_filter_that_is_not_known_is_refused_and_lists_nothing(office, wu):
    office.ask(wu)

    answer = wu.get("/cases", proces="toy", stat="x")

    assert (answer.status_code, answer.json()["errors"]) == (
        422, {"proces": "proces：没有这一项", "stat": "stat：没有这一项"},
    )  # fmt: skip
    assert wu.get(f"/units/{office.units[0].pk}", x=1).status_code == 422
    assert wu.get("/cases", process="toy", limit=1, open="true").status_code == 200
    # Whoever has no token learns nothing of what there is.
    assert wu.client.get("/api/v1/cases?proces=toy").status_code == 401


def test_the_cases_of_a_customer_are_walked_too(office, wu, bai):
    customer = customer_of(office)
    numbers = [office.ask(wu, subject=f"第{n}件")["number"] for n in range(3)]
    for number in numbers[:2]:
        CaseLink.objects.create(case=Case.objects.get(number=number), kind="customer", key=customer.pk)

    found = wu.get("/cases", customer=customer.pk, limit=1).json()
    rest = wu.get("/cases", customer=customer.pk, after=found["next"]).json()
    assert [item["number"] for item in (*found["items"], *rest["items"])] == numbers[1::-1]
    assert rest["next"] is None
    assert bai.get("/cases", customer=customer.pk).json()["items"] == []
    assert wu.get("/cases", customer=10**9).status_code == 404


# --- what is answered is what was described --------------------------------------------------------------------------
class Described:
    """Checks answers against the description of the API."""

    def __init__(self, description):
        self.description = description
        resource = Resource(contents=description, specification=DRAFT202012)
        self.registry = Registry().with_resource("urn:api", resource)
        self.seen: set[tuple[str, str, str]] = set()

    def check(self, answer, method, path):
        operation = self.description["paths"][path][method]
        status = str(answer.status_code)
        assert status in operation["responses"], (method, path, status, answer.content)
        content = operation["responses"][status]["content"]
        kind = answer["Content-Type"].split(";")[0]
        schema = {
            "$ref": f"urn:api#/paths/{path.replace('~', '~0').replace('/', '~1')}/{method}/responses/{status}/content/{kind.replace('/', '~1')}/schema"
        }
        assert kind in content, (method, path, status, kind)
        errors = list(Draft202012Validator(schema, registry=self.registry).iter_errors(answer.json()))
        assert errors == [], (method, path, status, errors[0].message, list(errors[0].absolute_path))
        self.seen.add((method, path, status))
        return answer


def test_every_operation_answers_what_the_description_promises(office, wu, zhou):
    said = Described(wu.client.get("/api/v1/openapi.json").json())
    unit, customer = office.units[0].pk, customer_of(office)

    def get(path, where, **params):
        return said.check(wu.get(where, **params), "get", path)

    def post(path, where, body, caller=wu, **more):
        return said.check(caller.post(where, body, **more), "post", path)

    case, steps = "/api/v1/cases/{number}", "/api/v1/cases/{number}/steps/{step}"
    made = post(
        "/api/v1/cases", "/cases", {"process": "toy", "unit": unit, "given": {"subject": "买纸"}}, key="k"
    )
    post("/api/v1/cases", "/cases", {"process": "toy", "unit": unit, "given": {"subject": "买纸"}}, key="k")
    number = made.json()["number"]
    for body in ({}, {"process": 7}, {"process": "nothing"}, {"process": "toy", "unit": 10**9}, {"more": 1}):
        post("/api/v1/cases", "/cases", body)
    post("/api/v1/cases", "/cases", {}, raw=b"{")
    get("/api/v1/cases", "/cases")
    get("/api/v1/cases", "/cases", limit=1, process="toy", open="false")
    get(case, f"/cases/{number}")
    get(case, "/cases/nothing")
    get(f"{case}/events", f"/cases/{number}/events", limit=1)
    post(steps, f"/cases/{number}/steps/pay", {"given": {"amount": "1"}})
    post(steps, f"/cases/{number}/steps/check", {"version": 1})
    post(steps, f"/cases/{number}/steps/check", {"version": 1})
    post(steps, f"/cases/{number}/steps/pay", {"given": {"amount": "viel"}})
    post(steps, f"/cases/{number}/steps/nothing", {})
    post(f"{case}/notes", f"/cases/{number}/notes", {"text": "电话里说了"})
    post(f"{case}/ticks", f"/cases/{number}/ticks", {"step": "pay", "point": "none", "value": True})
    post(f"{case}/overrides", f"/cases/{number}/overrides", {"step": "pay", "point": "none", "reason": "急"})
    post(
        f"{case}/secrecy",
        f"/cases/{number}/secrecy",
        {"secrecy": "confidential", "reason": "涉及律师函"},
        zhou,
    )
    get("/api/v1/approvals", "/approvals", mine="true")
    get("/api/v1/approvals/{approval}", "/approvals/1")
    for act, body in (("votes", {"decision": "yes"}), ("resubmission", {}), ("withdrawal", {})):
        post(f"/api/v1/approvals/{{approval}}/{act}", f"/approvals/1/{act}", body)
    get("/api/v1/units", "/units", limit=1)
    get("/api/v1/units/{unit}", f"/units/{unit}")
    get("/api/v1/units/{unit}", "/units/0")
    get("/api/v1/customers/{customer}", f"/customers/{customer.pk}")
    get("/api/v1/sops", "/sops")
    get("/api/v1/sops/{code}", "/sops/XS-RG-01")
    answer = wu.client.post(
        "/api/v1/attachments",
        data=b"",
        content_type="multipart/form-data; boundary=x",
        headers=wu.headers({}),
    )
    said.check(answer, "post", "/api/v1/attachments")

    every = {(m, p) for p, found in said.description["paths"].items() for m in found}
    assert {(method, path) for method, path, _ in said.seen} == every
    assert {status for *_, status in said.seen} >= {"200", "201", "400", "404", "409", "422"}
