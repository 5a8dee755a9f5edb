"""Cases over the API: opened, read, listed, moved through the one door; refusals as problem documents with clauses."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guiju.estate.models import Unit
from guiju.kernel.models import Case, Event
from tests.api.conftest import EDITION, make_units
from tests.kernel import toy

pytestmark = pytest.mark.django_db

FACE = {
    "number", "process", "sop_version", "state", "version", "unit", "customers", "clocks", "steps", "events",
}  # fmt: skip


def step(case, name):
    return next(step for step in case["steps"] if step["name"] == name)


def test_a_case_reads_as_promised(office, wu):
    made = wu.post("/cases", {"process": "toy", "unit": office.units[1].pk, "given": {"subject": "买纸"}})

    case = made.json()
    assert made.status_code == 201
    assert made["Location"] == f"/api/v1/cases/{case['number']}"
    assert set(case) >= FACE
    assert (case["number"], case["process"], case["sop_version"], case["state"], case["version"]) == (
        f"QK-YQ1-{datetime.now(UTC).year}-0001", "toy", f"1.{EDITION - 1}", "asked", 1,
    )  # fmt: skip
    assert case["unit"] == {
        "id": office.units[1].pk, "label": "1号楼 1单元 1502", "short": "1-1-1502", "project": "YQ1",
    }  # fmt: skip
    assert case["customers"] == []
    assert {clock["name"]: clock["state"] for clock in case["clocks"]} == {
        "answer": "running",
        "finish": "running",
    }
    for clock in case["clocks"]:
        assert set(clock) >= {"name", "due_at", "state", "explanation"}
        assert clock["explanation"]
    assert [name["name"] for name in case["steps"]][:2] == ["check", "remark"]
    for entry in case["steps"]:
        assert set(entry) >= {"name", "label", "clause", "open", "reasons", "form"}
        assert entry["form"]["type"] == "object"
    assert [(event["step"], event["by"]) for event in case["events"]] == [("ask", "吴敏")]
    assert wu.get(f"/cases/{case['number']}").json() == case


def test_a_locked_step_says_why_and_by_which_clause(office, wu):
    case = office.ask(wu)

    pay = step(case, "pay")

    assert pay["open"] is False
    assert [(r["text"], r["clause"], r["clause_number"]) for r in pay["reasons"]] == [
        ("现在是「已提出」，到「已核对」时才能办理", "G-3", "第三部分 一 3")
    ]
    assert step(case, "drop")["reasons"][0]["text"] == "须由客服经理办理"


def test_the_form_of_a_step_is_a_schema_with_its_control_points_and_the_moment(office, wu):
    office.publish(
        toy.policy(
            EDITION,
            steps={
                "pay": toy.step_policy("pay", points=(toy.point(), toy.point("doc", "发票", kind="photo")))
            },
        )
    )
    case = office.ask(wu)
    case = wu.post(f"/cases/{case['number']}/steps/check", {"version": 1}).json()

    form = step(case, "pay")["form"]

    assert form["required"] == ["amount"]
    assert form["properties"]["amount"]["title"] == "金额"
    assert form["properties"]["happened_at"]["format"] == "date-time"
    assert form["properties"]["points"]["required"] == ["seen", "doc"]
    assert form["properties"]["points"]["properties"]["seen"]["type"] == "boolean"
    assert form["properties"]["points"]["properties"]["doc"]["pattern"] == "^[0-9a-f]{64}$"


@pytest.mark.parametrize(
    "label", ["1-1-1502", "1号楼-1-1502", "1号楼 1单元 1502", "1号楼1单元1502室", "1#1-1502"]
)
def test_a_unit_is_named_as_people_name_it(office, wu, label):
    made = wu.post(
        "/cases", {"process": "toy", "unit": label, "project": "YQ1", "given": {"subject": "买纸"}}
    )

    assert made.status_code == 201, made.content.decode()
    assert made.json()["unit"]["id"] == office.units[1].pk


def test_a_label_without_project_is_looked_for_in_the_scope(office, wu):
    made = wu.post("/cases", {"process": "toy", "unit": "1-1-1503", "given": {"subject": "买纸"}})

    assert made.json()["unit"]["id"] == office.units[2].pk


def test_a_label_that_means_several_units_is_asked_back(office, wu):
    make_units(office.project, building="2号楼", rooms=("1502",))
    make_units(office.project, building="3号楼", rooms=("1502",))

    found = wu.post("/cases", {"process": "toy", "unit": "1单元1502", "given": {"subject": "买纸"}})

    assert found.status_code == 422
    assert set(found.json()["errors"]) == {"unit"}
    assert Case.objects.count() == 0


def test_without_a_unit_the_project_or_the_company_is_the_scope(office, wu):
    with_project = wu.post(
        "/cases", {"process": "toy", "project": "YQ1", "given": {"subject": "买纸"}}
    ).json()
    without = wu.post("/cases", {"process": "toy", "given": {"subject": "买纸"}}).json()

    assert (with_project["project"], with_project["unit"]) == ("YQ1", None)
    assert (without["project"], without["number"][:6]) == (None, "QK-GS-")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"process": "flying", "given": {}}, "process"),
        ({"process": "toy", "given": {}}, "subject"),
        ({"process": "toy", "given": {"subject": "x", "colour": "red"}}, "colour"),
        ({"process": "toy", "given": []}, "given"),
        ({"process": "toy", "given": {"subject": "x"}, "colour": "red"}, "colour"),
        ({"given": {}}, "process"),
        ({"process": 5}, "process"),
        ({"process": "toy", "unit": True, "given": {"subject": "x"}}, "unit"),
        ({"process": "toy", "key": "no uuid", "given": {"subject": "x"}}, "key"),
    ],
)
def test_a_body_that_does_not_fit_names_the_field(office, wu, body, field):
    answer = wu.post("/cases", body)

    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    assert any(path.split(".")[0] == field for path in answer.json()["errors"])
    assert Case.objects.count() == 0


# --- steps ----------------------------------------------------------------------------------------------------------


def test_a_step_is_taken_and_the_case_comes_back(office, wu):
    case = office.ask(wu)

    answer = wu.post(f"/cases/{case['number']}/steps/check", {"version": case["version"], "given": {}})

    assert answer.status_code == 200
    after = answer.json()
    assert (after["state"], after["version"]) == ("checked", 2)
    assert [event["step"] for event in after["events"]] == ["ask", "check"]


def test_whoever_prefers_little_is_told_only_where_the_case_stands(office, wu):
    number = office.ask(wu)["number"]

    answer = wu.post(f"/cases/{number}/steps/check", {}, Prefer="return=minimal")

    assert answer.json() == {"number": number, "state": "checked", "version": 2}


def test_both_times_of_a_late_entry_are_there(office, wu):
    case = office.ask(wu)
    Case.objects.update(opened_at=datetime.now(UTC) - timedelta(days=3))
    saturday = datetime.now(UTC) - timedelta(days=2)

    after = wu.post(
        f"/cases/{case['number']}/steps/remark", {"given": {"happened_at": saturday.isoformat()}}
    ).json()

    event = after["events"][-1]
    assert datetime.fromisoformat(event["happened_at"]).replace(microsecond=0) == saturday.replace(
        microsecond=0
    )
    assert datetime.fromisoformat(event["recorded_at"]) > saturday + timedelta(days=1)


def refusal(answer, status):
    assert answer.status_code == status, answer.content.decode()
    assert answer["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["title"]
    return problem


def test_an_old_version_is_409_and_says_who_was_faster(office, wu, zhou):
    case = office.ask(wu)
    wu.post(f"/cases/{case['number']}/steps/remark", {})

    problem = refusal(zhou.post(f"/cases/{case['number']}/steps/check", {"version": 1}), 409)

    assert problem["type"] == "urn:guiju:problem:somebody-was-faster"
    assert problem["detail"].startswith("吴敏 ")


def test_another_post_is_403(office, wu):
    case = office.ask(wu)

    problem = refusal(office.caller("he").post(f"/cases/{case['number']}/steps/check", {}), 403)

    assert problem["type"] == "urn:guiju:problem:not-your-post"
    assert problem["detail"] == "「核对」须由客户服务、客服经理办理"
    assert problem["reasons"][0]["clause"] == "G-2"


def test_needs_not_met_are_422_and_named_with_their_clauses(office, wu):
    case = office.ask(wu)
    wu.post(f"/cases/{case['number']}/steps/check", {})
    toy.fill_pot(0)

    problem = refusal(wu.post(f"/cases/{case['number']}/steps/pay", {"given": {"amount": "5"}}), 422)

    assert problem["type"] == "urn:guiju:problem:not-ready"
    assert [(r["text"], r["clause"]) for r in problem["reasons"]] == [
        ("款项已用完，不能再付", "G-4.2-a"),
        ("款项只剩 0 元，不够付", "G-4.2-a"),
    ]


def test_a_missing_control_point_is_422_and_named(office, wu):
    office.publish(toy.with_points(toy.point(clause="G-3"), number=EDITION))
    case = office.ask(wu)

    problem = refusal(wu.post(f"/cases/{case['number']}/steps/check", {}), 422)

    assert problem["reasons"] == [
        {"text": "控制要点未办：看过原件", "clause": "G-3", "kind": "point", "key": "seen"}
    ]


def test_a_badly_filled_form_is_422_and_names_each_field(office, wu):
    case = office.ask(wu)
    wu.post(f"/cases/{case['number']}/steps/check", {})

    problem = refusal(
        wu.post(f"/cases/{case['number']}/steps/pay", {"given": {"amount": "much", "x": 1}}), 422
    )

    assert problem["errors"] == {"amount": "金额：请填数字", "x": "没有这一项"}


def test_an_unknown_step_case_and_address_are_404(office, wu):
    case = office.ask(wu)

    refusal(wu.post(f"/cases/{case['number']}/steps/fly", {}), 404)
    refusal(wu.post("/cases/QK-YQ1-2026-9999/steps/check", {}), 404)
    refusal(wu.get("/cases/QK-YQ1-2026-9999"), 404)
    refusal(wu.get("/caves"), 404)


def test_an_effect_that_breaks_midway_leaves_nothing(office, wu):
    case = office.ask(wu)
    wu.post(f"/cases/{case['number']}/steps/check", {})

    refusal(wu.post(f"/cases/{case['number']}/steps/pay", {"given": {"amount": "5", "remark": "break"}}), 422)

    assert toy.in_pot() == 1000


def test_the_clients_own_key_is_honoured_for_ever(office, wu):
    case = office.ask(wu)
    key = str(uuid4())
    wu.post(f"/cases/{case['number']}/steps/remark", {"key": key})

    again = wu.post(f"/cases/{case['number']}/steps/remark", {"key": key, "version": 1})

    assert again.status_code == 200
    assert Event.objects.filter(step="remark").count() == 1


def test_opening_twice_with_the_clients_key_opens_once(office, wu):
    key = str(uuid4())

    numbers = {office.ask(wu, key=key)["number"] for _ in range(3)}

    assert len(numbers) == Case.objects.count() == 1


# --- beside the steps -----------------------------------------------------------------------------------------------


def test_notes_ticks_and_overrides(office, wu, zhou):
    office.publish(
        toy.with_points(
            toy.point(), toy.point("doc", "发票号", kind="number"), number=EDITION, override_post="cs_manager"
        )
    )
    number = office.ask(wu)["number"]

    assert wu.post(f"/cases/{number}/notes", {"text": "客户来电"}).status_code == 201
    ticked = wu.post(f"/cases/{number}/ticks", {"step": "check", "point": "doc", "value": "A-1"})
    freed = zhou.post(
        f"/cases/{number}/overrides", {"step": "check", "point": "seen", "reason": "原件在银行"}
    )

    assert (ticked.status_code, freed.status_code) == (200, 201)
    after = wu.get(f"/cases/{number}").json()
    assert [(p["key"], p["done"], p["waived"]) for p in step(after, "check")["points"]] == [
        ("seen", False, True),
        ("doc", True, False),
    ]
    assert [event["label"] for event in after["events"]] == ["提出", "备注", "控制要点", "放行控制要点"]
    refusal(zhou.post(f"/cases/{number}/steps/check", {}), 422)
    assert wu.post(f"/cases/{number}/steps/check", {}).status_code == 200


def test_the_auditor_reads_and_does_nothing(office, wu):
    number = office.ask(wu)["number"]
    auditor = office.caller("jiang")

    assert auditor.get(f"/cases/{number}").status_code == 200
    refusal(auditor.post(f"/cases/{number}/notes", {"text": "看过"}), 403)
    refusal(auditor.post(f"/cases/{number}/steps/check", {}), 403)
    refusal(
        auditor.post("/cases", {"process": "toy", "unit": office.units[0].pk, "given": {"subject": "x"}}), 403
    )


# --- scope ----------------------------------------------------------------------------------------------------------


def test_what_is_outside_the_scope_is_not_found(office, wu):
    number = office.ask(wu)["number"]
    bai = office.caller("bai")

    refusal(bai.get(f"/cases/{number}"), 404)
    refusal(bai.post(f"/cases/{number}/steps/check", {}), 404)
    refusal(bai.post(f"/cases/{number}/notes", {"text": "x"}), 404)
    refusal(bai.post(f"/cases/{number}/ticks", {"step": "check", "point": "seen", "value": True}), 404)
    refusal(
        bai.post(f"/cases/{number}/overrides", {"step": "check", "point": "seen", "reason": "没有道理"}), 404
    )
    refusal(bai.get("/cases", unit=office.units[0].pk), 404)
    refusal(bai.get("/cases", project="YQ1"), 404)
    assert bai.get("/cases").json() == {"items": [], "next": None}


@pytest.mark.parametrize("name", ["id", "label", "project"])
def test_a_unit_of_another_company_is_not_found(office, wu, name):
    body = {"id": {"unit": office.foreign.pk}, "label": {"unit": "1-1-101"}, "project": {"project": "YD1"}}[
        name
    ]

    refusal(wu.post("/cases", {"process": "toy", "given": {"subject": "x"}, **body}), 404)

    assert Case.objects.count() == 0


def test_somebody_who_left_is_unknown(office, wu):
    office.ask(wu)
    from guiju.org.models import Person

    Person.objects.filter(pk=wu.person.pk).update(is_active=False)

    refusal(wu.get("/cases"), 401)


# --- lists ----------------------------------------------------------------------------------------------------------


def numbers(answer):
    assert answer.status_code == 200, answer.content.decode()
    return [case["number"][-4:] for case in answer.json()["items"]]


def test_cases_are_listed_newest_first_and_filtered(office, wu, zhou):
    one = office.ask(wu)
    office.ask(wu, unit=office.units[1].pk)
    office.ask(wu, unit=office.units[1].pk)
    wu.post(f"/cases/{one['number']}/steps/check", {})
    zhou.post(f"/cases/{one['number']}/steps/drop", {"given": {"reason": "重复提出"}})

    assert numbers(wu.get("/cases")) == ["0003", "0002", "0001"]
    assert numbers(wu.get("/cases", open="true")) == ["0003", "0002"]
    assert numbers(wu.get("/cases", open="false")) == ["0001"]
    assert numbers(wu.get("/cases", state="asked")) == ["0003", "0002"]
    assert numbers(wu.get("/cases", unit=office.units[1].pk)) == ["0003", "0002"]
    assert numbers(wu.get("/cases", project="YQ1", process="toy")) == ["0003", "0002", "0001"]
    assert numbers(wu.get("/cases", process="subscription")) == []


def test_pages_follow_by_key_and_what_comes_in_between_shifts_nothing(office, wu):
    for _ in range(5):
        office.ask(wu)

    first = wu.get("/cases", limit=2)
    office.ask(wu)
    second = wu.get("/cases", limit=2, after=first.json()["next"])
    third = wu.get("/cases", limit=2, after=second.json()["next"])

    assert [numbers(page) for page in (first, second, third)] == [
        ["0005", "0004"],
        ["0003", "0002"],
        ["0001"],
    ]
    assert third.json()["next"] is None


@pytest.mark.parametrize(
    "params", [{"limit": 0}, {"limit": 1000}, {"after": "x"}, {"open": "maybe"}, {"unit": -1}]
)
def test_a_list_asked_for_wrongly_says_so(office, wu, params):
    problem = refusal(wu.get("/cases", **params), 422)

    assert set(problem["errors"]) == set(params)


@pytest.mark.parametrize("path", ["/cases?limit=50", "/units?limit=50", "/approvals?limit=50"])
def test_lists_cost_the_same_with_one_row_and_with_three(office, wu, django_assert_num_queries, path):
    office.publish(toy.with_approval((1, "cs_manager"), number=EDITION))

    def another(n):
        case = office.ask(wu, unit=office.units[n].pk)
        wu.post(f"/cases/{case['number']}/steps/check", {})
        wu.post(f"/cases/{case['number']}/steps/pay", {"given": {"amount": "1"}})

    Unit.objects.exclude(pk=office.units[0].pk).update(project=office.elsewhere)
    another(0)
    wu.get(path)
    with CaptureQueriesContext(connection) as one:
        assert len(wu.get(path).json()["items"]) == 1
        cost = len(one)
    Unit.objects.exclude(pk=office.foreign.pk).update(project=office.project)
    another(1)
    another(2)

    with django_assert_num_queries(cost):
        assert len(wu.get(path).json()["items"]) == 3


def test_a_case_costs_the_same_to_read_however_much_happened(office, wu, django_assert_num_queries):
    number = office.ask(wu)["number"]
    wu.post(f"/cases/{number}/steps/check", {})
    with CaptureQueriesContext(connection) as first:
        wu.get(f"/cases/{number}")
        cost = len(first)
    for _ in range(3):
        wu.post(f"/cases/{number}/steps/recheck", {})
        wu.post(f"/cases/{number}/notes", {"text": "又一次"})

    with django_assert_num_queries(cost):
        wu.get(f"/cases/{number}")
