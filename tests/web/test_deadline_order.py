"""Lists of what is open stand by deadline from the first page to the last, however many pages there are."""

from datetime import timedelta

import pytest
from django.utils import timezone

from guiju.kernel import engine
from guiju.kernel.models import Case
from guiju.quality.models import Complaint
from guiju.web.lists import walk_by_due

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
