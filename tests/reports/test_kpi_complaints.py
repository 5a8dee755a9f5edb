"""Complaints in figures: those our service caused, second ones, those handled in time; each beside its target."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from guiju.org.gates import Scope
from guiju.reports import kpi
from guiju.reports.kpi import Place, target_of
from guiju.reports.kpi_board import BY_CODE
from tests.stories.conftest import WEDNESDAY, House, house
from tests.stories.test_k_complaint_story import LEAK, Desk, closed

__all__ = ["House", "house"]

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOVEMBER = kpi.month_of(date(2026, 11, 18))
DECEMBER = kpi.month_of(date(2026, 12, 18))


def told(house, code, window, now=WEDNESDAY + 60 * DAY):
    """Return the figure of a window, and the target it stands against."""
    one = BY_CODE[code]
    place = Place(Scope(frozenset({house.project.company_id}), frozenset()))
    return one.figure(one.lines(place, window, now)).value, target_of(one, {})


@pytest.mark.clause("I-S-q2")
def test_complaints_that_our_service_caused_are_counted_against_zero(house):
    desk = Desk(house)
    closed(desk, WEDNESDAY)  # nobody called back: our delay
    desk.complain("前台态度生硬", quality=False, cause="attitude", unit=1)
    desk.complain(LEAK, quality=True, cause="seepage", unit=2)  # what we built, not how we serve
    desk.complain("约好的人没有来", quality=False, cause="other", about_person="马原", unit=3)

    assert told(house, "service_complaints", NOVEMBER) == (3, 0)
    assert told(house, "service_complaints", DECEMBER) == (0, 0)


@pytest.mark.clause("I-S-q4")
def test_a_second_complaint_about_the_same_matter_counts_in_the_rate_against_zero(house):
    desk = Desk(house)
    closed(desk, WEDNESDAY)
    closed(desk, WEDNESDAY + HOUR, unit=1)
    assert told(house, "second_complaints", NOVEMBER) == (0, 0)

    # Another matter, and the same matter of another home, are no second complaint.
    desk.complain("主卧渗水", quality=True, cause="seepage", at=WEDNESDAY + 5 * DAY)
    desk.complain("又没人回电话", quality=False, cause="delay", unit=2, at=WEDNESDAY + 5 * DAY)
    assert told(house, "second_complaints", NOVEMBER)[0] == 0
    desk.complain("又没人回电话", quality=False, cause="delay", at=WEDNESDAY + 30 * DAY)
    # One of the two that were closed in November.
    assert told(house, "second_complaints", NOVEMBER) == (Decimal(50), 0)
