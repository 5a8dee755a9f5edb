"""To-dos of a person: each once, however many ways lead to its post."""

from datetime import timedelta

import pytest

from guiju.org.operations.delegations import delegate
from guiju.org.operations.holdings import give_post
from guiju.web.duties import Duties, Window

pytestmark = pytest.mark.django_db


def seen(house, who, at):
    """How many there are as counted, and as listed; nothing is listed twice."""
    mine = Duties(house.people[who], at)
    rows = mine.nearest(Window())
    assert len({todo.pk for todo in rows}) == len(rows)
    return mine.count(Window()), len(rows)


def test_a_post_held_for_the_company_and_for_a_project_counts_a_to_do_once(house, ago):
    house.handed_in(at=ago)
    at = ago + timedelta(minutes=10)
    assert seen(house, "gao", at) == (1, 1)

    company = house.project.company
    give_post(
        person=house.gao, post="sales_director", company=company, project_id=house.project.pk, by=house.admin, at=ago
    )  # fmt: skip

    assert seen(house, "gao", at) == (1, 1)
    assert Duties(house.gao, at, house.project).count(Window()) == 1


def test_acting_for_a_colleague_in_the_post_one_holds_for_a_project_counts_a_to_do_once(house, ago):
    house.handed_in(at=ago)
    company = house.project.company
    give_post(
        person=house.tang, post="sales_director", company=company, project_id=house.project.pk, by=house.admin, at=ago
    )  # fmt: skip
    delegate(
        giver=house.gao, taker=house.tang, from_at=ago, to_at=ago + timedelta(days=3), reason="出差", by=house.gao,
        at=ago,
    )  # fmt: skip

    assert seen(house, "tang", ago + timedelta(minutes=10)) == (1, 1)


def test_a_holder_for_another_project_alone_is_not_counted(house, ago):
    house.handed_in(at=ago)
    company = house.project.company
    give_post(
        person=house.tang, post="sales_director", company=company, project_id=house.project.pk + 1, by=house.admin, at=ago
    )  # fmt: skip

    assert seen(house, "tang", ago + timedelta(minutes=10)) == (0, 0)
