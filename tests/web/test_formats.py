"""Expected words are written by hand from the style guide."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from guiju.web import formats

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


def test_money_carries_sign_separators_and_two_places():
    assert formats.money(Decimal("2372400")) == "¥2,372,400.00"
    assert formats.money(Decimal("2372400"), sign=False) == "2,372,400.00"
    assert formats.money(None) == "—"


def test_area_and_share_have_their_units():
    assert formats.area(Decimal("118.6")) == "118.60 ㎡"
    assert formats.percent(Decimal("0.978")) == "97.8 %"


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("13800002067", "138 0000 2067"),
        ("075586000000", "0755-8600 0000"),
        ("01086000001", "010-8600 0001"),
        ("", "—"),
    ],
)
def test_phone_is_grouped(number, shown):
    assert formats.phone(number) == shown


def test_masked_phone_hides_its_middle():
    assert formats.masked_phone("13800002067") == "138 **** 2067"


def test_days_leave_out_this_year():
    assert formats.day(date(2026, 11, 20), today=date(2026, 12, 1)) == "11-20"
    assert formats.day(date(2025, 12, 3), today=date(2026, 12, 1)) == "2025-12-03"
    assert formats.long_day(date(2026, 11, 20)) == "11月20日 周五"
    assert formats.paper_day(date(2026, 11, 20)) == "2026年11月20日"


@pytest.mark.parametrize(
    ("hours", "shown"),
    [(-2, "今天 10:00"), (-24, "昨天 12:00"), (24, "明天 12:00"), (-72, "11月17日 12:00")],
)
def test_moments_near_now_are_named_as_people_do(hours, shown):
    assert formats.moment(NOON + timedelta(hours=hours), now=NOON) == shown


def test_a_due_moment_at_midnight_is_the_end_of_the_day_before():
    midnight = datetime(2026, 11, 30, 16, 0, tzinfo=UTC)

    assert formats.due_moment(midnight, now=NOON) == "11月30日 24:00"


@pytest.mark.parametrize(
    ("length", "shown"),
    [
        (timedelta(days=1, hours=4, minutes=59), "1天4时"),
        (timedelta(days=3), "3天"),
        (timedelta(hours=1, minutes=34), "1时34分"),
        (timedelta(hours=7, minutes=4), "7时04分"),
        (timedelta(minutes=24, seconds=59), "24分"),
    ],
)
def test_spans_show_no_seconds(length, shown):
    assert formats.span(length) == shown


def test_chip_is_at_risk_from_the_last_quarter_or_the_last_four_hours():
    def chip(left, allowed):
        return formats.chip(NOON + left, now=NOON, started_at=NOON + left - allowed).state

    assert chip(timedelta(hours=30), timedelta(hours=100)) == "ok"
    assert chip(timedelta(hours=25), timedelta(hours=100)) == "risk"
    assert chip(timedelta(hours=4), timedelta(hours=8)) == "risk"
    assert chip(timedelta(hours=5), timedelta(hours=8)) == "ok"
    assert chip(timedelta(minutes=-1), timedelta(hours=8)) == "over"


def test_chips_of_paused_closed_and_historic_cases_do_not_count():
    assert formats.chip(NOON, now=NOON, paused="待业主").words == "暂停，待业主"
    assert formats.chip(NOON, now=NOON, closed_at=NOON).words == "按时办结"
    assert formats.chip(NOON, now=NOON, closed_at=NOON + timedelta(1)).words == "超期办结"
    assert not formats.chip(NOON, now=NOON, historic=True).live
