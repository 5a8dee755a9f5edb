"""Functions of the organisation chart: carried by a group, and the work of a function goes to the posts of that group."""

from datetime import timedelta

import pytest

from guiju.kernel.models import Event, Todo
from guiju.kernel.refusals import NotYourPost
from guiju.org.functions import carried, team_of
from guiju.org.models import Establishment, Function, Team
from guiju.org.operations.structure import (
    UnableToAssignFunction,
    UnableToPlacePost,
    assign_function,
    place_post,
)
from tests.stories.conftest import WEDNESDAY, House, house

__all__ = ["House", "house"]

pytestmark = pytest.mark.django_db

# Function, group: the organisation chart of Part III, section 1.
SIGNING, REGISTRATION, SERVICE = "签约组", "登记产权组", "客户服务组"
CHART = {
    "认购及签约辅助": SIGNING,
    "签约前准备": SIGNING,
    "合同及补充条款审批": SIGNING,
    "登记及按揭资料催办": SIGNING,
    "销控": SIGNING,
    "客户资料管理": SIGNING,
    "系统维护": SIGNING,
    "日常沟通与联络": SIGNING,
    "退房／退款": SIGNING,
    "预售登记": REGISTRATION,
    "按揭": REGISTRATION,
    "合同变更": REGISTRATION,
    "权属证书审办": REGISTRATION,
    "工程变更": SERVICE,
    "装修方案及选色选材": SERVICE,
    "交屋": SERVICE,
    "维保": SERVICE,
    "客户活动方案及组织": SERVICE,
    "客户投诉处理、协调": SERVICE,
    "客户回访": SERVICE,
}


def posts_of(case, step):
    return list(Todo.objects.filter(case=case, act=step).values_list("post", flat=True))


def function(house, code):
    return Function.objects.get(company=house.project.company, code=code)


def team(house, code):
    return Team.objects.get(department__company=house.project.company, code=code)


def alone(house):
    """The clerks work in the signing group only, and in no other."""
    clerk = Establishment.objects.get(company=house.project.company, post__code="cs_clerk")
    place_post(establishment=clerk, team=team(house, "signing"), by=house.admin, at=WEDNESDAY)


def move(house, code, to, *, at=WEDNESDAY, **more):
    return assign_function(
        function=function(house, code), team=team(house, to), by=house.admin, at=at, **more
    )


@pytest.mark.clause(
    "I-3.1-l", "I-3.1-m", "I-3.1-n", "I-3.1-o", "I-3.1-p", "I-3.1-q", "I-3.1-s", "I-3.1-t", "I-3.1-v"
)  # fmt: skip
def test_every_function_of_the_chart_is_assigned_to_its_group(house):
    rows = carried(house.project.company, at=WEDNESDAY)

    assert {row.function.name: row.team.name for row in rows} == CHART


@pytest.mark.clause("I-3.1-e")
def test_subscription_support_is_work_of_the_signing_group(house):
    case = house.handed_in()
    house.take(case, "director_sign", "gao", WEDNESDAY + timedelta(minutes=30), opinion="同意")

    assert posts_of(case, "check_and_register") == ["cs_clerk"]
    clerk = Establishment.objects.get(company=house.project.company, post__code="cs_clerk")
    assert clerk.team is not None
    assert clerk.team.name == SIGNING


@pytest.mark.clause("I-3.1-d")
def test_preparing_the_signing_is_work_of_the_signing_group(house):
    case = house.sealed()

    assert posts_of(case, "set_signing_date") == ["signing_supervisor"]
    places = dict(
        Establishment.objects.filter(company=house.project.company).values_list("post__code", "team__name")
    )
    assert places["signing_supervisor"] == SIGNING


@pytest.mark.clause("I-3.1-i", "I-3.1-d", "I-3.1-e")
def test_work_that_opens_after_a_move_goes_to_the_other_group_and_work_under_way_stays(house):
    alone(house)
    before = house.registered()
    assert posts_of(before, "collect_papers") == ["cs_clerk"]

    move(house, "customer_data", "service", at=WEDNESDAY + timedelta(hours=2), reason="客户服务组建档")
    at = WEDNESDAY + timedelta(hours=3)
    after = house.registered(unit=1, at=at)

    assert posts_of(after, "collect_papers") == ["front_desk"]
    # The case under way is planned anew by its next step and stays with whom it began.
    house.take(before, "confirm_deposit", "he", at, **house.money())
    assert posts_of(before, "collect_papers") == ["cs_clerk"]
    assert Event.objects.filter(step="org.assign_function").count() == 1


def test_a_move_may_be_planned_for_a_later_day_and_taken_back(house):
    alone(house)
    day = WEDNESDAY + timedelta(days=10)
    move(house, "customer_data", "service", from_at=day)
    data = function(house, "customer_data")

    assert team_of(data, WEDNESDAY).name == SIGNING
    assert team_of(data, day).name == SERVICE
    assert posts_of(house.registered(), "collect_papers") == ["cs_clerk"]
    assert posts_of(house.registered(unit=1, at=day), "collect_papers") == ["front_desk"]

    move(house, "customer_data", "signing", from_at=day)

    assert team_of(function(house, "customer_data"), day).name == SIGNING


def test_a_function_is_not_given_to_a_group_that_has_no_post_for_its_steps(house):
    alone(house)
    with pytest.raises(UnableToAssignFunction, match="登记产权组没有可以办理.*「核对并登记」"):
        move(house, "subscription_support", "registration")
    with pytest.raises(UnableToAssignFunction, match="不能早于现在"):
        move(house, "customer_data", "service", from_at=WEDNESDAY - timedelta(days=1))
    with pytest.raises(UnableToAssignFunction, match="本来就由签约组负责"):
        move(house, "customer_data", "signing")
    with pytest.raises(NotYourPost):
        assign_function(
            function=function(house, "refund"), team=team(house, "service"), by=house.zhou, at=WEDNESDAY
        )


def test_a_post_that_works_in_another_group_takes_that_groups_work_from_then_on(house):
    company = house.project.company
    desk = Establishment.objects.get(company=company, post__code="front_desk")
    clerk = Establishment.objects.get(company=company, post__code="cs_clerk")

    place_post(establishment=clerk, team=team(house, "service"), by=house.admin, at=WEDNESDAY)
    place_post(establishment=desk, team=team(house, "signing"), by=house.admin, at=WEDNESDAY)

    # Of the posts that may take it, the first that works in the signing group now.
    assert posts_of(house.registered(), "collect_papers") == ["signing_supervisor"]
    assert desk.team == team(house, "signing")
    sales = Establishment.objects.get(company=company, post__code="sales")
    with pytest.raises(UnableToPlacePost, match="只能编到本部门的组"):
        place_post(establishment=sales, team=team(house, "signing"), by=house.admin, at=WEDNESDAY)


def test_a_post_that_works_in_several_groups_keeps_the_work_of_each(house):
    move(house, "customer_data", "service")

    case = house.registered()

    assert posts_of(case, "collect_papers") == ["cs_clerk"]


def test_a_step_that_belongs_to_another_department_stays_there(house):
    case = house.handed_in()

    assert posts_of(case, "director_sign") == ["sales_director"]
