"""Acting for somebody who is away."""

from datetime import timedelta

import pytest

from guiju.kernel import ports
from guiju.kernel.models import Event
from guiju.org import gates
from guiju.org.models import Delegation
from guiju.org.operations.delegations import UnableToDelegate, UnableToEndDelegation, delegate, end_delegation
from guiju.org.operations.exports import UnableToDecideExport, ask_for_export, decide_export
from guiju.org.operations.holdings import give_post

from .conftest import LATER, NOW, PROJECT

WEEK = timedelta(days=7)


def posts_of(person, company, at=LATER):
    return ports.people().posts_of(person.pk, company_id=company.pk, project_id=PROJECT, at=at)


def give(people, giver="zhou", taker="tang", by=None, **changed):
    facts = {"from_at": NOW, "to_at": NOW + WEEK, "reason": "出差", **changed}
    return delegate(giver=people[giver], taker=people[taker], by=people[by or giver], at=NOW, **facts)


@pytest.mark.clause("I-4.2-b")
def test_the_manager_delegates_daily_tasks_to_the_assistant_and_it_is_recorded(people, company):
    made = give(people, reason="出差，日常管理事宜")

    assert posts_of(people["tang"], company) == {
        "cs_assistant_manager": None,
        "cs_manager": people["zhou"].pk,
    }
    assert (made.made_by, made.reason) == (people["zhou"], "出差，日常管理事宜")
    assert Event.objects.filter(step="org.delegate", actor_id=people["zhou"].pk).count() == 1


def test_a_delegation_holds_only_within_its_time(people, company):
    give(people, from_at=LATER)

    assert "cs_manager" not in posts_of(people["tang"], company, at=NOW)
    assert "cs_manager" in posts_of(people["tang"], company, at=LATER)
    assert "cs_manager" not in posts_of(people["tang"], company, at=NOW + WEEK)


def test_the_giver_keeps_the_own_post(people, company):
    give(people)

    assert posts_of(people["zhou"], company) == {"cs_manager": None}


def test_one_post_can_be_delegated_alone(people, company):
    give(people, giver="he", taker="zhou", post="cashier")

    assert posts_of(people["zhou"], company) == {"cs_manager": None, "cashier": people["he"].pk}


def test_what_was_delegated_is_not_delegated_further(people, company):
    give(people)
    give(people, giver="tang", taker="deng")

    assert posts_of(people["deng"], company) == {
        "signing_supervisor": None,
        "cs_assistant_manager": people["tang"].pk,
    }


def test_a_holder_of_the_post_acts_in_the_own_name(people, company):
    give(people, giver="lin", taker="luo")

    assert posts_of(people["luo"], company) == {"sales": None}


def test_the_kernel_learns_who_acts_for_the_requester(people):
    give(people)

    assert ports.people().delegates_of(people["zhou"].pk, at=LATER) == {people["tang"].pk}
    assert ports.people().delegates_of(people["zhou"].pk, at=NOW + WEEK) == set()


def test_a_delegate_never_approves_what_the_giver_asked_for(people, company):
    give(people)
    request = ask_for_export(
        what="客户名单", chosen={}, reason="盘点", company=company, by=people["zhou"], at=LATER
    )

    with pytest.raises(UnableToDecideExport, match="正在代理周岚"):
        decide_export(request=request, approve=True, by=people["tang"], at=LATER)


def test_scope_and_personal_data_follow_the_delegation(people, company):
    give(people, giver="lin", taker="admin")

    assert gates.may_see_personal_data(people["admin"], company_id=company.pk, project_id=PROJECT, at=LATER)
    assert not gates.may_see_personal_data(
        people["admin"], company_id=company.pk, project_id=PROJECT, at=NOW + WEEK
    )


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"taker": "zhou"}, "不能委托给自己"),
        ({"by": "tang"}, "本人设定"),
        ({"reason": " "}, "事由"),
        ({"to_at": NOW}, "晚于"),
        ({"to_at": NOW + timedelta(days=400)}, "不超过一年"),
        ({"taker": "jiang"}, "任审计"),
        ({"giver": "jiang", "taker": "zhou"}, "没有可委托的岗位"),
        ({"giver": "admin", "taker": "zhou"}, "没有可委托的岗位"),
        ({"post": "cashier"}, "没有可委托的岗位"),
    ],
)
def test_unfit_delegations_are_refused_and_change_nothing(people, company, given, words):
    with pytest.raises(UnableToDelegate, match=words):
        give(people, **given)

    assert not Delegation.objects.exists()


def test_the_same_delegation_twice_is_refused(people):
    give(people)

    with pytest.raises(UnableToDelegate, match="已委托给唐宁"):
        give(people)


def test_administration_does_not_travel_with_the_other_posts(people, company):
    give_post(person=people["deng"], post="administrator", company=company, by=people["admin"], at=NOW)

    give(people, giver="deng", taker="wu")

    assert posts_of(people["wu"], company) == {"cs_clerk": None, "signing_supervisor": people["deng"].pk}


def test_an_administrator_delegates_for_somebody_already_away(people, company):
    made = give(people, by="admin")

    assert made.made_by == people["admin"]


def test_a_delegation_ends_early_by_giver_taker_or_administrator_only(people, company):
    made = give(people)

    with pytest.raises(UnableToEndDelegation):
        end_delegation(delegation=made, by=people["lin"], at=LATER)
    end_delegation(delegation=made, by=people["tang"], at=LATER)

    assert "cs_manager" not in posts_of(people["tang"], company)
    with pytest.raises(UnableToEndDelegation, match="已经结束"):
        end_delegation(delegation=made, by=people["zhou"], at=LATER)
