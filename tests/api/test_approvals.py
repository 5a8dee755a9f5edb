"""Approvals over the API: a step with a chain is asked for, seen by whom it waits for, decided."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guiju.kernel.models import Vote
from tests.api.conftest import EDITION
from tests.kernel import toy

pytestmark = pytest.mark.django_db

SCAN = "cd" * 32


@pytest.fixture
def asked(office, wu):
    office.publish(toy.with_approval((1, "cs_manager"), (2, "deputy_gm"), number=EDITION))
    number = office.ask(wu)["number"]
    wu.post(f"/cases/{number}/steps/check", {})
    answer = wu.post(f"/cases/{number}/steps/pay", {"given": {"amount": "300"}})
    assert answer.status_code == 200
    return answer.json()


def vote(caller, case, decision="yes", **body):
    return caller.post(f"/approvals/{case['approval']['id']}/votes", {"decision": decision, **body})


def test_a_step_with_a_chain_is_asked_for_and_the_case_says_who_decides(office, asked):
    assert (asked["state"], asked["approval"]["state"], asked["approval"]["requested_by"]) == (
        "checked",
        "pending",
        "吴敏",
    )
    assert [(s["post_name"], s["waiting"], s["decision"]) for s in asked["approval"]["seats"]] == [
        ("客服经理", True, None),
        ("主管副总", False, None),
    ]
    wait = next(step for step in asked["steps"] if step["name"] == "wait")
    assert "正在审批，有结果前不能办理" in [reason["text"] for reason in wait["reasons"]]


def test_each_sees_what_waits_for_them_and_the_last_yes_takes_the_step(office, wu, zhou, asked):
    sun = office.caller("sun")
    mine = lambda caller: [a["id"] for a in caller.get("/approvals", mine="true").json()["items"]]  # noqa: E731
    key = asked["approval"]["id"]
    assert (mine(wu), mine(zhou), mine(sun)) == ([], [key], [])

    assert vote(zhou, asked).json()["state"] == "checked"
    assert (mine(zhou), mine(sun)) == ([], [key])
    done = vote(sun, asked)

    assert (done.status_code, done.json()["state"], done.json()["approval"]) == (200, "paid", None)
    assert toy.in_pot() == 700
    assert wu.get("/approvals").json() == {"items": [], "next": None}
    assert wu.get(f"/approvals/{key}").json()["state"] == "taken"


def test_nobody_decides_their_own_request_or_out_of_turn(office, wu, zhou, asked):
    assert vote(wu, asked).status_code == 403
    assert vote(office.caller("sun"), asked).json()["detail"] == "现在等客服经理审批"
    assert vote(zhou, asked, "return").json()["errors"] == {"reason": "意见：退回或不同意要写明理由"}
    assert Vote.objects.count() == 0


def test_returned_changed_and_asked_again(office, wu, zhou, asked):
    key = asked["approval"]["id"]
    assert vote(zhou, asked, "return", reason="附上发票").json()["approval"]["state"] == "returned"
    assert zhou.post(f"/approvals/{key}/resubmission", {"given": {"amount": "200"}}).status_code == 403

    again = wu.post(f"/approvals/{key}/resubmission", {"given": {"amount": "200"}}).json()

    assert (again["approval"]["state"], again["approval"]["round"]) == ("pending", 2)


def test_withdrawn_by_its_maker(office, wu, zhou, asked):
    key = asked["approval"]["id"]
    assert zhou.post(f"/approvals/{key}/withdrawal", {}).status_code == 403

    assert wu.post(f"/approvals/{key}/withdrawal", {"reason": "不付了"}).json()["approval"] is None
    assert vote(zhou, asked).status_code == 409


def test_a_decision_on_paper_is_entered_by_a_clerk(office, zhou, asked):
    he = office.caller("he")

    answer = vote(he, asked, on_paper={"person": zhou.person.pk, "sha256": SCAN})

    assert answer.status_code == 200
    assert list(Vote.objects.values_list("person_id", "recorded_by", "paper_sha256")) == [
        (zhou.person.pk, he.person.pk, SCAN)
    ]


@pytest.mark.parametrize("who", ["stranger", "nobody"])
def test_a_decision_on_paper_is_somebodys_of_the_company(office, asked, who):
    from guiju.org.models import Person

    stranger = Person.objects.create(
        username="x",
        name="外人",
        company=office.foreign.project.company,
        joined_at=office.people["wu"].joined_at,
    )
    person = stranger.pk if who == "stranger" else 10**9

    assert vote(office.caller("he"), asked, on_paper={"person": person, "sha256": SCAN}).status_code == 404


def test_an_approval_outside_the_scope_is_not_found(office, asked):
    bai = office.caller("bai")

    assert vote(bai, asked).status_code == 404
    assert bai.get(f"/approvals/{asked['approval']['id']}").status_code == 404
    assert bai.get("/approvals").json()["items"] == []


def test_approvals_are_paged(office, wu, asked):
    for n in (1, 2):
        number = office.ask(wu, unit=office.units[n].pk)["number"]
        wu.post(f"/cases/{number}/steps/check", {})
        wu.post(f"/cases/{number}/steps/pay", {"given": {"amount": "1"}})

    first = wu.get("/approvals", limit=2).json()
    rest = wu.get("/approvals", limit=2, after=first["next"]).json()

    assert [len(first["items"]), len(rest["items"]), rest["next"]] == [2, 1, None]


def test_what_waits_for_me_is_read_from_my_to_dos_not_from_every_open_request(office, wu, zhou, asked):
    def listing():
        with CaptureQueriesContext(connection) as asked_of_database:
            items = zhou.get("/approvals", mine="true").json()["items"]
        return [item["case"] for item in items], len(asked_of_database)

    few = listing()
    for _ in range(5):
        number = office.ask(wu)["number"]
        wu.post(f"/cases/{number}/steps/check", {})
        other = wu.post(f"/cases/{number}/steps/pay", {"given": {"amount": "10"}}).json()
        assert vote(zhou, other).status_code == 200  # now it waits for the deputy, not for Zhou

    cases, queries = listing()
    assert cases == few[0] == [asked["number"]]
    assert queries <= few[1]
    assert len(office.caller("sun").get("/approvals", mine="true").json()["items"]) == 5
