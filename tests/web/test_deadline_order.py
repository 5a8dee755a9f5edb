"""Lists of what is open stand by deadline from the first page to the last, however many pages there are."""

from datetime import timedelta

import pytest
from django.utils import timezone

from guiju.kernel import engine
from guiju.kernel.models import Case, Clock, Todo
from guiju.quality.models import Complaint
from guiju.web.lists import todo_rows, walk_by_due

pytestmark = pytest.mark.django_db


@pytest.fixture
def complaints(house):
    """Seven complaints; the earlier recorded is due the later, two have the same deadline and two have none."""
    at = timezone.now() - timedelta(hours=1)
    found = []
    for number in range(7):
        event = engine.open_case(
            "complaint", by=house.people["ma"], at=at, chain_id=house.project.company_id,
            scope_id=house.project.pk, links=[("unit", house.units[0].pk)],
            given={"channel": "call", "words": f"第 {number} 次说渗水", "complainant": "欧阳清越"},
        )  # fmt: skip
        found.append(event.case_id)
    hours = (60, 50, 40, 40, 30, None, None)
    for key, due in zip(found, hours, strict=True):
        Case.objects.filter(pk=key).update(due_at=at + timedelta(hours=due) if due else None)
    return found


@pytest.mark.parametrize("due", ["due_at", "case__due_at"])
def test_pages_of_two_follow_each_other_by_deadline_and_what_has_none_comes_last(complaints, due):
    if due == "due_at":
        rows = Case.objects.filter(pk__in=complaints)
    else:
        rows = Complaint.objects.filter(case__in=complaints).select_related("case")
    walked, after = [], ""
    for _ in range(4):
        page, place = walk_by_due(rows, after, due=due, size=2)
        walked += [getattr(row, "case_id", None) or row.pk for row in page]
        after = place.after
    first, second, third, fourth, fifth, sixth, seventh = complaints
    assert walked == [fifth, third, fourth, second, first, sixth, seventh]
    assert after == ""


def test_the_page_of_open_complaints_stands_by_deadline(complaints, visit):
    page = visit("zhou").get("/complaints/").content.decode()
    places = [
        page.index(Case.objects.get(pk=key).number) for key in (complaints[4], complaints[1], complaints[0])
    ]
    assert places == sorted(places)


def test_a_to_do_shows_the_deadline_that_it_is_due_by_and_not_a_nearer_one_of_its_case(complaints):
    at = timezone.now()
    near, far = at - timedelta(minutes=5), at + timedelta(days=10)
    case = Case.objects.get(pk=complaints[0])
    running = Clock.objects.filter(case=case, state=Clock.RUNNING)
    first, last = running.order_by("pk").first(), running.order_by("pk").last()
    running.filter(pk=first.pk).update(due_at=near)
    running.filter(pk=last.pk).update(due_at=far)
    todos = [
        Todo(pk=number, case=case, act="upset", label="请主管接手", post="cs_manager", due_at=due)
        for number, due in enumerate((near, far))
    ]

    assert [row.chip.due_at for row in todo_rows(todos, at)] == [near, far]
