"""The weekly and monthly sales statistics: counted by hand from what happened in the story."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from guiju.kernel.models import Case
from guiju.papers.models import Paper
from guiju.reports import statistics
from guiju.reports.periodic import produce, produce_due
from guiju.reports.statistics import MONTH, WEEK, lines, span_of
from tests.stories.conftest import WEDNESDAY, House, beijing, house

__all__ = ["House", "house"]

pytestmark = pytest.mark.django_db

WEEK_47, WEEK_48 = span_of(WEEK, date(2026, 11, 18)), span_of(WEEK, date(2026, 11, 24))
NOVEMBER = span_of(MONTH, date(2026, 11, 18))


@pytest.fixture
def story(house):
    """
    Wednesday 18 November: one subscription sealed, one registered and voided and not issued anew. Tuesday 24: one more
    is sealed, and the first is cancelled.
    """
    first = house.sealed()
    voided = house.registered(unit=1)
    house.take(voided, "reissue", "deng", WEDNESDAY + timedelta(hours=2), reason="姓名写错")
    tuesday = WEDNESDAY + timedelta(days=6)
    house.sealed(unit=2, at=tuesday)
    house.take(first, "record_death", "wu", tuesday + timedelta(hours=2), buyer=1, deceased_date="2026-11-23")
    house.take(
        first, "cancel", "zhou", tuesday + timedelta(hours=3), cause="death", reason="继承人书面不继续"
    )
    house.approve(first, tuesday + timedelta(hours=4))
    return house


def test_a_week_is_monday_to_sunday_and_a_month_its_calendar_month():
    assert (WEEK_47.begin, WEEK_47.end, WEEK_47.number) == (
        date(2026, 11, 16),
        date(2026, 11, 22),
        "2026-W47",
    )
    assert (NOVEMBER.begin, NOVEMBER.end, NOVEMBER.number) == (
        date(2026, 11, 1),
        date(2026, 11, 30),
        "2026-11",
    )
    # The first days of January 2027 belong to the last week of 2026 (ISO 8601).
    assert span_of(WEEK, date(2027, 1, 1)).number == "2026-W53"
    assert span_of(MONTH, date(2026, 12, 31)).after.number == "2027-01"


@pytest.mark.clause("I-2.1-d", "I-2.1-f")
def test_the_weekly_report_has_the_subscription_figures_of_that_week(story):
    (week,) = lines([story.project], WEEK_47)

    assert (week.opening, week.new, week.closing) == (0, 1, 1)
    assert (week.area, week.price) == (Decimal("100.00"), Decimal("1960000.00"))
    assert (week.confirmed, week.deposit, week.sealed) == (1, Decimal("50000.00"), 1)
    assert not any(week.ended)
    assert week.adds_up

    (following,) = lines([story.project], WEEK_48)

    assert (following.opening, following.new, following.closing) == (1, 1, 1)
    assert dict(zip(statistics.ENDS.values(), following.ended, strict=True)) == {
        "转签约": 0, "退认购": 1, "违约": 0, "释放": 0, "换房": 0,
    }  # fmt: skip
    assert following.adds_up

    # A home changed for another ends its subscription, too: the week still adds up.
    Case.objects.filter(state="cancelled").update(state="swapped")
    (following,) = lines([story.project], WEEK_48)
    assert (following.ended[-1], following.adds_up) == (1, True)


@pytest.mark.clause("I-2.1-e", "I-2.1-f")
def test_the_monthly_report_adds_the_weeks_of_the_month_up(story):
    (month,) = lines([story.project], NOVEMBER)

    assert (month.opening, month.new, month.closing) == (0, 2, 1)
    assert (month.price, month.deposit, month.sealed) == (Decimal("3920000.00"), Decimal("100000.00"), 2)
    assert month.adds_up


@pytest.mark.clause("I-2.1-d", "I-2.1-e")
def test_reports_are_produced_by_themselves_once_the_week_or_month_is_over(story):
    sunday, monday = beijing("2026-11-22 23:59"), beijing("2026-11-23 08:00")
    assert produce(story.project, WEEK_47, at=sunday) is None
    assert produce(story.project, WEEK_47, at=monday - timedelta(minutes=1)) is None

    assert produce_due(monday) == 3  # Sunday's day, week 47, and October
    assert produce_due(monday + timedelta(hours=1)) == 0

    numbers = set(Paper.objects.values_list("number", flat=True))
    assert {"XSTJ-YQ1-2026-11-22", "XSTJ-YQ1-2026-W47", "XSTJ-YQ1-2026-10"} <= numbers
    paper = Paper.objects.get(number="XSTJ-YQ1-2026-W47")
    assert paper.title == "销售统计周报"
    assert paper.file.read().startswith(b"%PDF")
    assert produce(story.project, WEEK_47, at=monday + timedelta(days=9)) == paper


@pytest.mark.clause("I-2.1-d", "I-2.1-e", "I-2.1-f")
def test_the_page_shows_the_figures_and_leads_to_the_report_as_produced(story, client):
    produce(story.project, WEEK_47, at=beijing("2026-11-23 08:00"))
    client.force_login(story.zhou)

    page = client.get("/registers/statistics/?kind=week&on=2026-11-18")

    text = page.content.decode()
    assert page.status_code == 200
    assert "2026 年第 47 周" in text
    assert "1,960,000.00" in text
    pdf = client.get("/registers/statistics/YQ1/paper/?kind=week&on=2026-11-18")
    assert pdf["Content-Type"] == "application/pdf"
    assert client.get("/registers/statistics/YQ1/paper/?kind=month&on=2026-10-18").status_code == 404
    assert client.get("/registers/statistics/NONE/paper/?kind=week&on=2026-11-18").status_code == 404
    assert client.get("/registers/statistics/?kind=year&on=nonsense").status_code == 200
