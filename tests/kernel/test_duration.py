"""Limits and due moments, worked by hand on the calendars of 2025 and 2026."""

from datetime import UTC, date, datetime, time, timedelta
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guiju.kernel.calendar import SHANGHAI, Calendar, Hours, local_date, state_council_days
from guiju.kernel.duration import (
    BadLimit,
    CannotPause,
    Limit,
    Unit,
    at_risk,
    due,
    due_day,
    moment_text,
    months_after,
    offset_at,
    remaining,
)

DAYS = {day: known for year in (2024, 2025, 2026, 2027) for day, known in state_council_days(year).items()}
CALENDAR = Calendar(DAYS)


def at(text):
    """A moment in China: ``2025-09-26 17:40``; 24:00 is allowed."""
    if text.endswith("24:00"):
        return at(text.replace("24:00", "00:00")) + timedelta(1)
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def due_at(limit, start, pauses=(), **how):
    return due(
        Limit.parse(limit, **how), at(start), CALENDAR, [(at(begin), at(end)) for begin, end in pauses]
    ).at


# The days worked by hand around the holidays:
#   2025-01: 26 (Sunday, made up) 27 | off 28 January to 4 February | 5 6 7 8 (Saturday, made up) | 9 off
#   2025-09: 26 (Friday) | 27 off | 28 (Sunday, made up) 29 30 | off 1 to 8 October | 9 10 11 (Saturday, made up) | 12 off
#   2026-02: 13 (Friday) 14 (Saturday, made up) | off 15 to 23 | 24 25 26 27 28 (Saturday, made up) | 1 March off
#   2026-09: 18 (Friday) | 19 off | 20 (Sunday, made up) … 24 | off 25 to 27 | 28 29 30 | off 1 to 7 October | 8 9 10
GOLDEN = [
    # minutes and hours: from the moment, through nights and holidays
    ("15 分钟", "2025-09-26 17:40", "2025-09-26 17:55"),
    ("15 分钟", "2025-09-30 23:50", "2025-10-01 00:05"),
    ("24 小时", "2025-09-26 17:40", "2025-09-27 17:40"),
    ("48 小时", "2025-09-26 17:40", "2025-09-28 17:40"),
    ("24 小时", "2025-10-01 08:00", "2025-10-02 08:00"),
    ("24 小时", "2025-12-31 12:00", "2026-01-01 12:00"),
    ("72 小时", "2026-02-14 18:00", "2026-02-17 18:00"),
    # working days: from the next day, to the close of work
    ("3 工作日", "2025-09-26 17:40", "2025-09-30 18:00"),
    ("1 工作日", "2025-09-26 17:40", "2025-09-28 18:00"),
    ("4 工作日", "2025-09-26 17:40", "2025-10-09 18:00"),
    ("6 个工作日", "2025-09-26 17:40", "2025-10-11 18:00"),
    ("7 个工作日", "2025-09-26 17:40", "2025-10-13 18:00"),
    ("3 工作日", "2025-09-27 10:00", "2025-09-30 18:00"),
    ("1 工作日", "2025-09-30 09:00", "2025-10-09 18:00"),
    ("1 工作日", "2025-10-05 12:00", "2025-10-09 18:00"),
    ("1 工作日", "2025-10-10 19:00", "2025-10-11 18:00"),
    ("2 工作日", "2025-10-10 00:00", "2025-10-13 18:00"),
    ("3 工作日", "2025-01-24 10:00", "2025-02-05 18:00"),
    ("5 工作日", "2025-01-27 10:00", "2025-02-10 18:00"),
    ("1 工作日", "2025-01-25 10:00", "2025-01-26 18:00"),
    ("10 工作日", "2025-01-20 10:00", "2025-02-08 18:00"),
    ("3 工作日", "2026-02-12 10:00", "2026-02-24 18:00"),
    ("1 工作日", "2026-02-13 10:00", "2026-02-14 18:00"),
    ("2 工作日", "2026-02-13 23:59", "2026-02-24 18:00"),
    ("5 工作日", "2026-02-14 10:00", "2026-02-28 18:00"),
    ("6 工作日", "2026-02-14 10:00", "2026-03-02 18:00"),
    ("1 工作日", "2025-12-31 15:00", "2026-01-04 18:00"),
    ("3 工作日", "2026-04-03 10:00", "2026-04-09 18:00"),
    ("2 工作日", "2026-09-18 10:00", "2026-09-21 18:00"),
    ("4 工作日", "2026-09-23 10:00", "2026-09-30 18:00"),
    ("2 工作日", "2026-09-30 10:00", "2026-10-09 18:00"),
    ("3 工作日", "2026-09-30 10:00", "2026-10-10 18:00"),
    # days: from the next day, to 24:00, past days off
    ("7 日", "2025-09-20 10:00", "2025-09-28 24:00"),
    ("7 日", "2025-09-21 10:00", "2025-09-28 24:00"),
    ("7 日", "2025-09-23 10:00", "2025-09-30 24:00"),
    ("7 日", "2025-09-24 10:00", "2025-10-09 24:00"),
    ("7 天", "2025-10-01 10:00", "2025-10-09 24:00"),
    ("7 日", "2025-10-04 10:00", "2025-10-11 24:00"),
    ("7 日", "2025-10-05 10:00", "2025-10-13 24:00"),
    ("1 日", "2025-09-26 17:40", "2025-09-28 24:00"),
    ("15 日", "2025-09-16 23:59", "2025-10-09 24:00"),
    ("30 日", "2025-09-05 00:00", "2025-10-09 24:00"),
    ("30 日不顺延", "2025-09-05 10:00", "2025-10-05 24:00"),
    ("60 日", "2025-08-02 10:00", "2025-10-09 24:00"),
    ("90 日", "2025-07-10 10:00", "2025-10-09 24:00"),
    ("10 日", "2025-01-18 10:00", "2025-02-05 24:00"),
    ("7 日", "2025-01-19 10:00", "2025-01-26 24:00"),
    ("7 日", "2026-02-07 10:00", "2026-02-14 24:00"),
    ("7 日", "2026-02-08 10:00", "2026-02-24 24:00"),
    ("30 日", "2026-01-16 10:00", "2026-02-24 24:00"),
    ("1 周", "2025-09-24 10:00", "2025-10-09 24:00"),
    ("15 日", "2026-09-20 10:00", "2026-10-08 24:00"),
    # months: the corresponding day, else the end of the month
    ("1 月", "2025-08-31 10:00", "2025-09-30 24:00"),
    ("1 月", "2025-09-01 10:00", "2025-10-09 24:00"),
    ("3 个月", "2025-07-28 10:00", "2025-10-28 24:00"),
    ("3 个月", "2024-11-30 10:00", "2025-02-28 24:00"),
    ("1 个月", "2026-01-31 10:00", "2026-02-28 24:00"),
    ("1 个月", "2026-01-30 10:00", "2026-02-28 24:00"),
    ("3 个月", "2025-10-31 10:00", "2026-02-02 24:00"),
    ("1 年", "2024-02-29 10:00", "2025-02-28 24:00"),
    ("12 个月", "2025-02-15 10:00", "2026-02-24 24:00"),
    ("1 个月", "2024-12-28 10:00", "2025-02-05 24:00"),
    # working hours: only while work is done
    ("8 工作小时", "2025-09-26 17:40", "2025-09-28 17:40"),
    ("8 工作小时", "2025-09-27 10:00", "2025-09-28 18:00"),
    ("4 工作小时", "2025-09-30 16:00", "2025-10-09 11:00"),
    ("1 工作小时", "2025-09-30 17:00", "2025-09-30 18:00"),
    ("2 工作小时", "2025-09-30 11:30", "2025-09-30 14:30"),
    ("1 工作小时", "2025-09-30 12:20", "2025-09-30 14:00"),
    ("1 工作小时", "2025-09-30 18:00", "2025-10-09 10:00"),
    ("3 工作小时", "2025-09-30 09:00", "2025-09-30 12:00"),
    ("16 工作小时", "2026-02-13 09:00", "2026-02-14 18:00"),
    ("17 工作小时", "2026-02-13 09:00", "2026-02-24 10:00"),
    ("1 工作小时", "2026-02-14 17:30", "2026-02-24 09:30"),
    ("1 工作小时", "2025-09-26 06:00", "2025-09-26 10:00"),
    # backward: never later than counted
    ("前 10 日", "2025-10-15 09:00", "2025-10-05 24:00"),
    ("前 10 日", "2025-10-20 09:00", "2025-10-10 24:00"),
    ("前 20 日", "2025-10-21 09:00", "2025-10-01 24:00"),
    ("前 1 工作日", "2025-10-09 09:00", "2025-09-30 18:00"),
    ("前 3 工作日", "2025-10-09 09:00", "2025-09-28 18:00"),
    ("前 1 工作日", "2025-10-13 09:00", "2025-10-11 18:00"),
    ("前 1 工作日", "2026-02-20 09:00", "2026-02-14 18:00"),
    ("前 1 个月", "2026-03-31 09:00", "2026-02-28 24:00"),
    ("前 24 小时", "2025-10-01 09:00", "2025-09-30 09:00"),
    ("前 2 工作小时", "2025-10-09 10:00", "2025-09-30 17:00"),
    ("前 1 工作小时", "2025-10-09 10:00", "2025-10-09 09:00"),
    ("前 5 工作小时", "2025-09-30 18:00", "2025-09-30 13:00"),
    # the same day
    ("当日", "2025-10-03 16:00", "2025-10-03 24:00"),
    ("当工作日", "2025-09-30 17:59", "2025-09-30 18:00"),
    ("当工作日", "2025-09-30 18:01", "2025-10-09 18:00"),
    ("当工作日", "2025-10-04 09:00", "2025-10-09 18:00"),
]


@pytest.mark.parametrize(("limit", "start", "expected"), GOLDEN)
def test_golden_deadlines(limit, start, expected):
    assert due_at(limit, start) == at(expected)


def test_a_call_on_the_friday_before_the_national_holiday():
    called = "2025-09-26 17:40"

    assert due_at("24 小时", called) == at("2025-09-27 17:40")
    assert due_at("48 小时", called) == at("2025-09-28 17:40")
    assert due_at("3 工作日", called) == at("2025-09-30 18:00")


def test_due_moments_are_utc():
    assert due_at("24 小时", "2025-09-26 17:40") == datetime(2025, 9, 27, 9, 40, tzinfo=UTC)
    assert due_at("24 小时", "2025-09-26 17:40").tzinfo is UTC
    assert due_at("7 日", "2025-09-23 10:00").tzinfo is UTC


def test_a_start_in_utc_belongs_to_its_day_in_china():
    # 16:30 UTC is 00:30 of the next day.
    start = datetime(2025, 9, 22, 16, 30, tzinfo=UTC)

    assert due(Limit.parse("7 日"), start, CALENDAR).at == at("2025-09-30 24:00")


def test_a_start_without_time_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        due(Limit.parse("7 日"), datetime(2025, 9, 22, 10, 0), CALENDAR)


def test_working_days_of_the_law_end_at_midnight():
    assert due_at("7 工作日", "2026-09-30 10:00", law=True) == at("2026-10-15 24:00")
    assert due_at("7 工作日", "2026-09-30 10:00") == at("2026-10-15 18:00")


def test_the_list_of_missing_papers_closes_on_monday_or_the_working_day_before():
    ordinary, holiday = date(2025, 10, 20), date(2025, 10, 6)

    assert CALENDAR.close_of(CALENDAR.workday_before(ordinary)) == at("2025-10-20 18:00")
    assert CALENDAR.close_of(CALENDAR.workday_before(holiday)) == at("2025-09-30 18:00")


def test_filing_is_shown_unrolled_to_be_safe():
    assert due_at("30 日", "2025-09-05 10:00", rolls=False, law=True) == at("2025-10-05 24:00")


def test_hours_of_a_company_end_its_working_days():
    late = Calendar(DAYS, [(date(2025, 9, 30), Hours(time(9), time(12), time(13), time(20)))])

    assert due(Limit.parse("1 工作日"), at("2025-09-28 10:00"), late).at == at("2025-09-29 18:00")
    assert due(Limit.parse("2 工作日"), at("2025-09-28 10:00"), late).at == at("2025-09-30 20:00")
    assert due(Limit.parse("9 工作小时"), at("2025-09-29 17:00"), late).at == at("2025-09-30 18:00")


# --- pauses ------------------------------------------------------------------------------------------------------------
PAUSED = [
    # hours: what is paused does not count
    ("24 小时", "2025-09-26 17:40", [("2025-09-26 18:00", "2025-09-26 21:00")], "2025-09-27 20:40"),
    ("24 小时", "2025-09-26 17:40", [("2025-09-26 10:00", "2025-09-26 18:40")], "2025-09-27 18:40"),
    ("24 小时", "2025-09-26 17:40", [("2025-09-28 10:00", "2025-09-28 18:40")], "2025-09-27 17:40"),
    # two pauses, the second met only because of the first
    (
        "24 小时",
        "2025-09-26 12:00",
        [("2025-09-26 13:00", "2025-09-26 14:00"), ("2025-09-27 12:30", "2025-09-27 15:30")],
        "2025-09-27 16:00",
    ),
    # two pauses that overlap count once
    (
        "24 小时",
        "2025-09-26 12:00",
        [("2025-09-26 13:00", "2025-09-26 15:00"), ("2025-09-26 14:00", "2025-09-26 16:00")],
        "2025-09-27 15:00",
    ),
    # working hours: only paused working time
    ("8 工作小时", "2026-02-12 16:00", [("2026-02-13 10:00", "2026-02-13 11:30")], "2026-02-13 17:30"),
    ("8 工作小时", "2026-02-12 16:00", [("2026-02-12 18:00", "2026-02-13 09:00")], "2026-02-13 16:00"),
    ("8 工作小时", "2025-09-30 09:00", [("2025-09-30 17:00", "2025-10-09 10:00")], "2025-10-09 11:00"),
    # working days: not counted if paused at their end
    ("3 工作日", "2025-09-26 17:40", [("2025-09-29 17:00", "2025-09-30 09:10")], "2025-10-09 18:00"),
    ("3 工作日", "2025-09-26 17:40", [("2025-09-29 10:00", "2025-09-29 17:59")], "2025-09-30 18:00"),
    ("3 工作日", "2025-09-26 17:40", [("2025-09-29 18:00", "2025-09-30 09:00")], "2025-09-30 18:00"),
    ("3 工作日", "2025-09-26 17:40", [("2025-09-30 10:00", "2025-10-13 10:00")], "2025-10-13 18:00"),
    ("当工作日", "2025-09-29 09:00", [("2025-09-29 17:00", "2025-09-30 09:10")], "2025-09-30 18:00"),
    # days: not counted if paused at 24:00
    ("7 日", "2025-10-13 10:00", [("2025-10-15 10:00", "2025-10-17 10:00")], "2025-10-22 24:00"),
    ("7 日", "2025-10-13 10:00", [("2025-10-15 10:00", "2025-10-15 20:00")], "2025-10-20 24:00"),
    ("7 日", "2025-09-22 10:00", [("2025-09-26 10:00", "2025-09-28 10:00")], "2025-10-09 24:00"),
    # months: the paused days are added to the corresponding day
    ("1 个月", "2025-10-13 10:00", [("2025-10-20 10:00", "2025-10-24 10:00")], "2025-11-17 24:00"),
    # rolled onto a day that is paused at its end: the next one
    ("7 日", "2025-09-23 10:00", [("2025-10-09 10:00", "2025-10-10 10:00")], "2025-09-30 24:00"),
    ("7 日", "2025-09-24 10:00", [("2025-10-09 10:00", "2025-10-10 10:00")], "2025-10-10 24:00"),
]


@pytest.mark.parametrize(("limit", "start", "pauses", "expected"), PAUSED)
def test_pauses_take_out_what_is_paused_of_the_clocks_own_kind(limit, start, pauses, expected):
    assert due_at(limit, start, pauses) == at(expected)


def test_clocks_of_the_law_cannot_pause():
    with pytest.raises(CannotPause, match="法定期限不能暂停"):
        due_at("30 日", "2025-09-05 10:00", [("2025-09-06 10:00", "2025-09-08 10:00")], law=True)


def test_backward_limits_cannot_pause():
    with pytest.raises(CannotPause, match="倒数"):
        due_at("前 10 日", "2025-10-15 09:00", [("2025-09-06 10:00", "2025-09-08 10:00")])


# --- texts ---------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("15 分钟", Limit(15, Unit.MINUTES)),
        ("15分钟内", Limit(15, Unit.MINUTES)),
        ("２４小时", Limit(24, Unit.HOURS)),
        ("24 小时以内", Limit(24, Unit.HOURS)),
        ("8 工作小时", Limit(8, Unit.WORK_HOURS)),
        ("3工作日", Limit(3, Unit.WORK_DAYS)),
        ("3 个工作日", Limit(3, Unit.WORK_DAYS)),
        ("7 日", Limit(7, Unit.DAYS)),
        ("2 周", Limit(14, Unit.DAYS)),
        ("1 月", Limit(1, Unit.MONTHS)),
        ("3 个月", Limit(3, Unit.MONTHS)),
        ("1 年", Limit(12, Unit.MONTHS)),
        ("前 10 日", Limit(10, Unit.DAYS, backward=True)),
        ("提前 1 个工作日", Limit(1, Unit.WORK_DAYS, backward=True)),
        ("30 日不顺延", Limit(30, Unit.DAYS, rolls=False)),
        ("30 日（不顺延）", Limit(30, Unit.DAYS, rolls=False)),
    ],
)
def test_limits_are_read_from_the_words_of_the_sop(text, expected):
    assert Limit.parse(text) == expected


@pytest.mark.parametrize(
    "text", ["", "三日", "3", "日", "3 星期", "-3 日", "3.5 日", "0 日", "3 日 2 小时", "尽快"]
)
def test_what_is_no_limit_is_refused_in_words(text):
    with pytest.raises(BadLimit, match="时限"):
        Limit.parse(text)


@pytest.mark.parametrize(
    "text", ["15 分钟", "24 小时", "8 工作小时", "3 工作日", "7 日", "3 个月", "前 10 日", "当日", "当工作日"]
)
def test_a_limit_prints_as_it_is_read(text):
    assert str(Limit.parse(text)) == text
    assert Limit.parse(str(Limit.parse(text))) == Limit.parse(text)


@pytest.mark.parametrize(
    ("limit", "maximum", "exceeds"),
    [
        ("7 日", "30 日", False),
        ("31 日", "30 日", True),
        ("30 日", "30 日", False),
        ("3 工作日", "30 日", False),
        ("20 工作日", "30 日", True),
        ("2 个月", "30 日", True),
        ("24 小时", "1 日", False),
        ("48 小时", "1 日", True),
        ("3 工作日", "1 月", False),
    ],
)
def test_a_limit_is_held_against_the_maximum_of_the_law(limit, maximum, exceeds):
    assert Limit.parse(limit).exceeds(Limit.parse(maximum)) is exceeds


@pytest.mark.parametrize(
    ("left", "text"),
    [
        (timedelta(days=1, hours=4, minutes=59), "1天4时"),
        (timedelta(days=6, hours=2), "6天2时"),
        (timedelta(days=2), "2天"),
        (timedelta(hours=23, minutes=59, seconds=59), "23时59分"),
        (timedelta(hours=1, minutes=34), "1时34分"),
        (timedelta(hours=3), "3时"),
        (timedelta(minutes=24), "24分"),
        (timedelta(seconds=59), "不到1分"),
    ],
)
def test_the_remainder_is_told_in_two_units(left, text):
    now = at("2025-09-26 17:40")

    assert remaining(now + left, now) == text
    assert remaining(now, now + left) == text


def test_midnight_is_the_end_of_the_day_before():
    assert moment_text(at("2025-09-30 24:00")) == "2025年9月30日（周二）24:00"
    assert moment_text(at("2025-09-30 24:00"), end=False) == "2025年10月1日（周三）00:00"
    assert moment_text(at("2025-09-30 18:00"), year=2025) == "9月30日（周二）18:00"
    assert due_day(at("2025-09-30 24:00")) == date(2025, 9, 30)
    assert due_day(at("2025-09-30 18:00")) == date(2025, 9, 30)


# --- risk and reminders --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("start", "end", "now", "risk"),
    [
        ("2025-09-22 10:00", "2025-09-25 18:00", "2025-09-22 11:00", False),
        # a quarter of 80 hours is 20
        ("2025-09-22 10:00", "2025-09-25 18:00", "2025-09-24 21:59", False),
        ("2025-09-22 10:00", "2025-09-25 18:00", "2025-09-24 22:00", True),
        ("2025-09-22 10:00", "2025-09-25 18:00", "2025-09-25 18:00", True),
        # late is not at risk any more
        ("2025-09-22 10:00", "2025-09-25 18:00", "2025-09-25 18:01", False),
        # over the holiday only four working hours are left
        ("2025-09-26 10:00", "2025-10-09 11:00", "2025-09-30 15:59", False),
        ("2025-09-26 10:00", "2025-10-09 11:00", "2025-09-30 16:00", True),
        # a lock of a quarter of an hour is judged by its quarter
        ("2025-09-26 10:00", "2025-09-26 10:15", "2025-09-26 10:01", False),
        ("2025-09-26 10:00", "2025-09-26 10:15", "2025-09-26 10:12", True),
    ],
)
def test_a_clock_is_at_risk_in_its_last_quarter_or_its_last_four_working_hours(start, end, now, risk):
    assert at_risk(at(start), at(end), at(now), CALENDAR) is risk


def test_the_measure_of_risk_is_a_setting():
    span = at("2025-09-22 10:00"), at("2025-09-25 18:00"), at("2025-09-24 22:00")

    assert at_risk(*span, CALENDAR, share=0.1, work_hours=4) is False
    assert at_risk(*span, CALENDAR, share=0.1, work_hours=8) is True


@pytest.mark.parametrize(
    ("text", "due_moment", "expected"),
    [
        ("-3 日", "2025-10-15 24:00", "2025-10-11 09:00"),  # the 12th is off
        ("-3 日", "2025-10-16 24:00", "2025-10-13 09:00"),
        ("-1 工作日", "2025-10-09 18:00", "2025-09-30 09:00"),
        ("-2 小时", "2025-10-09 18:00", "2025-10-09 16:00"),
        ("-4 工作小时", "2025-10-09 11:00", "2025-09-30 16:00"),
        ("-5 分钟", "2025-09-26 17:55", "2025-09-26 17:50"),
        ("0", "2025-10-09 18:00", "2025-10-09 18:00"),
        ("0 日", "2025-10-09 18:00", "2025-10-09 18:00"),
        ("1 工作日", "2025-09-30 18:00", "2025-10-09 09:00"),
        ("+1 日", "2025-09-30 24:00", "2025-10-09 09:00"),
        ("3 日", "2025-10-13 24:00", "2025-10-16 09:00"),
        ("2 小时", "2025-09-30 18:00", "2025-09-30 20:00"),
        ("1 工作小时", "2025-09-30 18:00", "2025-10-09 10:00"),
    ],
)
def test_reminders_and_rungs_come_when_somebody_reads_them(text, due_moment, expected):
    assert offset_at(text, at(due_moment), CALENDAR) == at(expected)


def test_a_backward_limit_is_no_reminder():
    with pytest.raises(BadLimit, match="-3 日"):
        offset_at("前 3 日", at("2025-10-09 18:00"), CALENDAR)


# --- explanations --------------------------------------------------------------------------------------------------------
def lines(limit, start, pauses=(), event="", **how):
    spans = [(at(begin), at(end)) for begin, end in pauses]
    return due(Limit.parse(limit, **how), at(start), CALENDAR, spans, event=event).lines


def test_working_days_explain_the_holiday_and_the_days_made_up():
    assert lines("4 工作日", "2025-09-26 17:40", event="接到客户反馈") == (
        "起算：2025年9月26日（周五）17:40，接到客户反馈",
        "时限 4 工作日，从次日9月27日起数",
        "10月1日至8日国庆节、中秋节放假，不计",
        "9月27日（周六）休息，不计",
        "9月28日（周日）国庆节、中秋节调休上班，计入",
        "计入 4 个工作日：9月28日（周日）、9月29日（周一）、9月30日（周二）、10月9日（周四）",
        "到末日下班 18:00 为止",
        "到期：10月9日（周四）18:00",
    )


def test_days_explain_how_they_roll():
    assert lines("7 日", "2025-09-26 17:40") == (
        "起算：2025年9月26日（周五）17:40",
        "时限 7 日，从次日9月27日起数",
        "末日为10月3日（周五）",
        "10月3日至8日国庆节、中秋节放假",
        "末日不上班，顺延到10月9日（周四）",
        "到期：10月9日（周四）24:00",
    )


def test_filing_explains_that_it_does_not_roll():
    assert lines("30 日", "2025-09-04 17:40", rolls=False)[-3:] == (
        "末日为10月4日（周六）",
        "末日不上班，但本期限不顺延",
        "到期：10月4日（周六）24:00",
    )


def test_months_explain_the_missing_day():
    assert lines("1 个月", "2026-01-31 09:00") == (
        "起算：2026年1月31日（周六）09:00",
        "时限 1 个月，到期月没有31日，以月末为末日",
        "末日为2月28日（周六）",
        "2月28日（周六）春节调休上班，不顺延",
        "到期：2月28日（周六）24:00",
    )


def test_working_hours_explain_lunch_pause_and_the_share_of_each_day():
    assert lines("8 工作小时", "2026-02-12 18:30", [("2026-02-13 10:00", "2026-02-13 11:30")]) == (
        "起算：2026年2月12日（周四）18:30",
        "时限 8 工作小时，只计工作时间 09:00–12:00、13:00–18:00，午休 12:00–13:00 不计",
        "起算时不在工作时间，移到2月13日（周五）09:00",
        "2月14日（周六）春节调休上班，计入",
        "2月13日（周五）10:00至11:30暂停，扣除 1时30分",
        "2月13日（周五）计 6时30分",
        "2月14日（周六）计 1时30分",
        "到期：2月14日（周六）10:30",
    )


def test_pauses_explain_what_they_change_and_what_not():
    assert lines(
        "3 工作日",
        "2026-02-12 10:00",
        [("2026-02-13 17:00", "2026-02-14 09:30"), ("2026-02-24 10:00", "2026-02-24 11:00")],
    ) == (
        "起算：2026年2月12日（周四）10:00",
        "时限 3 工作日，从次日2月13日起数",
        "2月15日至23日春节放假，不计",
        "2月14日（周六）春节调休上班，计入",
        "2月13日（周五）结束时在暂停中，不计",
        "2月24日（周二）10:00至11:00暂停，当日内恢复，不影响期限",
        "计入 3 个工作日：2月14日（周六）、2月24日（周二）、2月25日（周三）",
        "到末日下班 18:00 为止",
        "到期：2月25日（周三）18:00",
    )


def test_hours_explain_that_they_run_through():
    assert lines("24 小时", "2025-09-26 17:40") == (
        "起算：2025年9月26日（周五）17:40",
        "时限 24 小时，从起算时刻起连续计算，夜间和节假日照算",
        "到期：9月27日（周六）17:40",
    )


def test_backward_limits_explain_that_they_never_roll_later():
    assert lines("前 10 日", "2025-10-15 09:00", event="约定交付日") == (
        "倒数起点：2025年10月15日（周三）09:00，约定交付日",
        "至少提前 10 日，从前一日10月14日倒数",
        "10月5日（周日）不上班，提前的期限不顺延，请在此前的工作日办好",
        "到期：10月5日（周日）24:00（最迟）",
    )


def test_a_provisional_year_is_said_in_the_explanation():
    assert "2027年放假安排尚未确认，暂按现有日历推算" in lines("30 工作日", "2026-12-10 16:00")
    assert not any("尚未确认" in line for line in lines("3 工作日", "2026-12-10 16:00"))


# --- properties ------------------------------------------------------------------------------------------------------------
MOMENTS = st.datetimes(datetime(2024, 2, 1), datetime(2027, 6, 1)).map(
    lambda moment: moment.replace(tzinfo=SHANGHAI)
)
LIMITS = st.builds(Limit, st.integers(1, 40), st.sampled_from(Unit))


@given(LIMITS, MOMENTS)
def test_no_limit_is_due_before_its_start_and_all_can_be_explained(limit, start):
    found = due(limit, start, CALENDAR)

    assert found.at > start - timedelta(seconds=1)
    assert found.lines[-1].startswith("到期：")


@given(LIMITS, MOMENTS, st.integers(0, 10**6), st.integers(1, 10**6))
def test_a_pause_never_brings_a_due_moment_forward(limit, start, after, length):
    pause = start + timedelta(seconds=after), start + timedelta(seconds=after + length)
    plain, paused = due(limit, start, CALENDAR), due(limit, start, CALENDAR, [pause])

    # Working time is counted in whole seconds.
    assert paused.at >= plain.at - timedelta(seconds=1)
    assert paused.lines[-1].startswith("到期：")
    if pause[0] >= plain.at:
        assert paused.at - plain.at < timedelta(seconds=1)


@given(LIMITS, MOMENTS, st.integers(0, 10**6))
def test_a_later_start_is_never_due_earlier(limit, start, seconds):
    assert due(limit, start + timedelta(seconds=seconds), CALENDAR).at >= due(limit, start, CALENDAR).at


@given(st.integers(1, 40), MOMENTS)
def test_working_hours_are_the_working_time_between(number, start):
    start = start.replace(microsecond=0)
    found = due(Limit(number, Unit.WORK_HOURS), start, CALENDAR)

    assert CALENDAR.work_between(start, found.at) == timedelta(hours=number)


@given(st.integers(1, 40), MOMENTS)
def test_working_days_are_the_working_days_between(number, start):
    found = due(Limit(number, Unit.WORK_DAYS), start, CALENDAR)
    day = local_date(start)

    assert CALENDAR.workdays_between(day + timedelta(1), due_day(found.at)) == number


@given(st.dates(date(2000, 1, 1), date(2080, 1, 1)), st.integers(-30, 30))
def test_months_end_in_the_month_counted(day, number):
    found = months_after(day, number)

    assert (found.year * 12 + found.month) - (day.year * 12 + day.month) == number
    assert found.day == day.day or (found + timedelta(1)).day == 1


def test_a_hundred_thousand_due_moments_take_seconds():
    limit, start = Limit.parse("250 工作日"), at("2025-09-26 17:40")

    begun = process_time()
    for _ in range(100_000):
        due(limit, start, CALENDAR)

    assert process_time() - begun < 5
