"""A leaver's open work, delegations, headships and sign-in end or move in one act."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator

from guiju.kernel import ports
from guiju.kernel.chain import open_body
from guiju.kernel.models import Case, Event, Todo
from guiju.kernel.refusals import NotYourPost
from guiju.org import gates, questions
from guiju.org.models import Delegation, Department, Holding
from guiju.org.operations.delegations import delegate
from guiju.org.operations.people import UnableToChangePerson, UnableToLeave, change_person, leave
from guiju.org.operations.plans import draw_up_plan, set_goal

from .conftest import LATER, NOW, PROJECT

WEEK = timedelta(days=7)


@pytest.fixture
def todo(company, db):
    def make(person, post):
        case = Case.objects.create(
            number=f"RG-CY1-2026-{Case.objects.count() + 1:04d}",
            process="subscription",
            sop_version_id=1,
            state="signed",
            title="1-1-1502 认购",
            chain_id=company.pk,
            scope_id=PROJECT,
            opened_at=NOW,
        )
        return Todo.objects.create(
            case=case,
            act="review",
            label="审核",
            post=post,
            person_id=person.pk,
            chain_id=company.pk,
            scope_id=PROJECT,
            due_at=LATER,
            since_at=NOW,
        )

    return make


def test_open_work_delegations_and_headships_move_in_one_act(people, company, todo):
    zhou, tang = people["zhou"], people["tang"]
    work = [todo(zhou, "cs_manager"), todo(zhou, "cs_manager")]
    delegate(
        giver=people["sun"],
        taker=zhou,
        from_at=NOW,
        to_at=NOW + WEEK,
        reason="休假",
        by=people["sun"],
        at=NOW,
    )
    delegate(giver=zhou, taker=people["deng"], from_at=NOW, to_at=NOW + WEEK, reason="出差", by=zhou, at=NOW)

    moved = leave(person=zhou, successor=tang, by=people["admin"], at=LATER, reason="调动", posts_too=True)

    assert moved == [
        "岗位「客服经理」结束",
        "岗位「客服经理」由唐宁接任",
        "孙达的代理改由唐宁承担",
        "邓宇的代理结束",
        "2 件待办改由唐宁办理",
        "客户服务部负责人改为唐宁",
    ]
    assert [Todo.objects.get(pk=row.pk).person_id for row in work] == [tang.pk, tang.pk]
    assert Department.objects.get(company=company, code="customer_service").head == tang
    roster = ports.people()
    assert roster.posts_of(zhou.pk, company_id=company.pk, project_id=PROJECT, at=LATER) == {}
    assert roster.posts_of(tang.pk, company_id=company.pk, project_id=PROJECT, at=LATER) == {
        "cs_assistant_manager": None,
        "cs_manager": None,
        "deputy_gm": people["sun"].pk,
    }
    assert "cs_manager" not in roster.posts_of(
        people["deng"].pk, company_id=company.pk, project_id=PROJECT, at=LATER
    )
    assert Event.objects.filter(step="org.leave").count() == 1


def test_work_that_the_successor_may_not_do_goes_back_to_the_post(people, company, todo):
    row = todo(people["lin"], "sales")

    moved = leave(person=people["lin"], successor=people["wu"], by=people["admin"], at=LATER, reason="离职")

    assert Todo.objects.get(pk=row.pk).person_id is None
    assert "1 件待办退回岗位" in moved
    assert not Holding.objects.filter(person=people["wu"], post__code="sales").exists()


def test_a_leavers_sign_in_and_second_factor_end_at_once(people):
    lin = people["lin"]
    Authenticator.objects.create(user=lin, type="totp", data={"secret": "x"})

    leave(person=lin, successor=None, by=people["admin"], at=LATER, reason="离职")

    assert not Authenticator.objects.filter(user=lin).exists()
    lin.refresh_from_db()
    assert (lin.is_active, lin.left_at, lin.left_by) == (False, LATER, people["admin"])
    assert not lin.has_usable_password()
    assert not gates.scope_of(lin, at=LATER)


def test_apps_above_hand_over_what_they_keep_within_the_same_act(people, monkeypatch):
    asked = []

    def seals(*, person_id, successor_id, by_id, at):
        asked.append((person_id, successor_id, by_id, at))
        return ["合同专用章改由邓宇保管"]

    monkeypatch.setattr(questions.person_leaves, "answers", [seals])

    moved = leave(
        person=people["fang"], successor=people["deng"], by=people["admin"], at=LATER, reason="离职"
    )

    assert asked == [(people["fang"].pk, people["deng"].pk, people["admin"].pk, LATER)]
    assert moved[-1] == "合同专用章改由邓宇保管"


def test_when_an_app_above_refuses_nothing_moved(people, monkeypatch, todo):
    row = todo(people["fang"], "seal_keeper")

    def seals(**asked):
        raise UnableToLeave("方正还保管着合同专用章，请指定接手人。")

    monkeypatch.setattr(questions.person_leaves, "answers", [seals])

    with pytest.raises(UnableToLeave, match="保管着合同专用章"):
        leave(person=people["fang"], successor=None, by=people["admin"], at=LATER, reason="离职")

    people["fang"].refresh_from_db()
    assert people["fang"].is_active
    assert Todo.objects.get(pk=row.pk).person_id == people["fang"].pk
    assert Holding.objects.filter(person=people["fang"], to_at=None).exists()


def test_open_plan_tasks_need_a_successor(people, company):
    goal = set_goal(
        department=Department.objects.get(company=company, code="customer_service"),
        title="满意率",
        measure="满意答卷比答卷",
        target="100 %",
        from_date=NOW.date(),
        to_date=NOW.date() + WEEK,
        by=people["zhou"],
        at=NOW,
    )
    plan = draw_up_plan(
        goal=goal, title="回访", tasks=[("回访 20 户", people["wu"], NOW.date())], by=people["zhou"], at=NOW
    )

    with pytest.raises(UnableToLeave, match="1 项计划任务"):
        leave(person=people["wu"], successor=None, by=people["admin"], at=LATER, reason="离职")
    leave(person=people["wu"], successor=people["tang"], by=people["admin"], at=LATER, reason="离职")

    assert plan.tasks.get().owner == people["tang"]


@pytest.mark.parametrize(
    ("username", "by", "reason", "refusal"),
    [
        ("lin", "zhou", "离职", NotYourPost),
        ("admin", "admin", "离职", UnableToLeave),
        ("lin", "admin", " ", UnableToLeave),
    ],
)
def test_unfit_leaving_is_refused(people, username, by, reason, refusal):
    with pytest.raises(refusal):
        leave(person=people[username], successor=None, by=people[by], at=LATER, reason=reason)

    people[username].refresh_from_db()
    assert people[username].is_active


def test_a_leaver_is_not_changed_nor_leaves_twice(people):
    leave(person=people["lin"], successor=None, by=people["admin"], at=LATER, reason="离职")

    with pytest.raises(UnableToLeave, match="已办过离职"):
        leave(person=people["lin"], successor=None, by=people["admin"], at=LATER, reason="离职")
    people["lin"].refresh_from_db()
    with pytest.raises(UnableToChangePerson, match="已离职"):
        change_person(person=people["lin"], by=people["admin"], at=LATER, phone="8111")


def test_a_delegation_to_a_leaver_without_successor_ends(people):
    delegate(
        giver=people["zhou"],
        taker=people["tang"],
        from_at=NOW,
        to_at=NOW + WEEK,
        reason="出差",
        by=people["zhou"],
        at=NOW,
    )

    moved = leave(person=people["tang"], successor=None, by=people["admin"], at=LATER, reason="离职")

    assert "周岚的代理结束，须另行委托" in moved
    assert not Delegation.objects.at(LATER).exists()


def test_changing_a_person_keeps_old_and_new_value_in_the_event(people):
    change_person(person=people["lin"], by=people["admin"], at=NOW, phone="8123", experience_years=4)

    body = open_body(Event.objects.order_by("-seq").first().body)
    assert body["given"]["changed"] == {"phone": ["8011", "8123"], "experience_years": [3, 4]}
