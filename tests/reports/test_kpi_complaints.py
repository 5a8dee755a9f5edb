"""Complaints in figures: those our service caused, second ones, those handled in time; each beside its target."""

import io
import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from guiju.kernel import ports
from guiju.kernel.models import Case
from guiju.org.gates import Scope
from guiju.reports import kpi, kpi_kept
from guiju.reports.kpi import Place, target_of
from guiju.reports.kpi_board import BY_CODE, KPIS
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
    found = kpi_kept.Sums(place, [code], [window], now).figure(one, window)
    return found.value, target_of(one, {})


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


@pytest.mark.clause("I-S-q3")
def test_times_to_answer_and_to_solve_a_complaint_stand_against_targets_of_the_company(house):
    desk = Desk(house)
    closed(desk, WEDNESDAY)  # spoken to after an hour, closed after two
    late = desk.complain("前台态度生硬", quality=False, cause="attitude", unit=1)
    desk.take(late, "contact", "ma", WEDNESDAY + 5 * HOUR, words="致歉，明天答复")
    desk.take(late, "talk", "ma", WEDNESDAY + 20 * HOUR, words="说明了原因", satisfied=True)
    desk.take(late, "close", "ma", WEDNESDAY + 98 * HOUR, result="顾客满意")
    desk.complain("没有人理", quality=False, cause="delay", unit=2)

    # (1 + 5) / 2 of those answered, (2 + 98) / 2 of those closed; the third is neither.
    assert told(house, "complaint_response", NOVEMBER)[0] == Decimal(3)
    assert told(house, "complaint_resolution", NOVEMBER)[0] == Decimal(50)
    answer, solve = BY_CODE["complaint_response"], BY_CODE["complaint_resolution"]
    company = house.project.company_id
    shipped = ports.policies().current("callback", company_id=company, project_id=None, at=WEDNESDAY).settings
    assert (target_of(answer, shipped), target_of(solve, shipped)) == (24, 72)
    assert target_of(solve, {"target_complaint_resolution": 40}) == 40
    place = Place(Scope(frozenset({house.project.company_id}), frozenset()))
    figure = kpi_kept.Sums(place, [solve.code], [NOVEMBER], WEDNESDAY + 60 * DAY).figure(solve, NOVEMBER)
    assert (solve.meets(figure, Decimal(72)), solve.meets(figure, Decimal(40))) == (True, False)


@pytest.mark.clause("I-S-m1")
def test_the_board_and_its_excel_show_every_figure_beside_that_of_the_period_before(house, client):
    desk, now = Desk(house), timezone.now()
    for unit in range(3):
        desk.complain("前台态度生硬", quality=False, cause="attitude", unit=unit, at=now - HOUR)
    last_year = Case.objects.order_by("pk")[0]
    Case.objects.filter(pk=last_year.pk).update(opened_at=now - 366 * DAY)
    client.force_login(house.zhou)

    page = client.get("/board/?period=year").content.decode()
    # Two this year, one the year before.
    assert re.search(r"较[^<]* \+1，变差", page)
    excel = client.get("/board/export.xlsx?period=year")
    lines = list(load_workbook(io.BytesIO(excel.content)).active.iter_rows(values_only=True))
    heads = next(line for line in lines if "指标" in line)
    row = next(line for line in lines if "服务引起的投诉" in line)
    column = heads.index("全部")
    assert (row[heads.index("计入")], row[column + 1]) == (2, 1)
    assert len([line for line in lines if line[0] in {one.label for one in KPIS}]) == len(KPIS)
