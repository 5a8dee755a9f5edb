"""The working calendar against the State Council's notices for 2025 and 2026, and its operations."""

from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace

import pytest

from guiju.kernel import calendar
from guiju.kernel.calendar import Calendar, Hours
from guiju.kernel.models import CalendarDay

CLERK = SimpleNamespace(pk=7)
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


def days(*spans):
    found = set()
    for first, last in spans:
        found |= {first + timedelta(n) for n in range((last - first).days + 1)}
    return found


# 国办发明电〔2024〕12号 and 国办发明电〔2025〕7号, typed from the notices.
OFF = {
    2025: days(
        (date(2025, 1, 1), date(2025, 1, 1)),
        (date(2025, 1, 28), date(2025, 2, 4)),
        (date(2025, 4, 4), date(2025, 4, 6)),
        (date(2025, 5, 1), date(2025, 5, 5)),
        (date(2025, 5, 31), date(2025, 6, 2)),
        (date(2025, 10, 1), date(2025, 10, 8)),
    ),
    2026: days(
        (date(2026, 1, 1), date(2026, 1, 3)),
        (date(2026, 2, 15), date(2026, 2, 23)),
        (date(2026, 4, 4), date(2026, 4, 6)),
        (date(2026, 5, 1), date(2026, 5, 5)),
        (date(2026, 6, 19), date(2026, 6, 21)),
        (date(2026, 9, 25), date(2026, 9, 27)),
        (date(2026, 10, 1), date(2026, 10, 7)),
    ),
}
MADE_UP = {
    2025: {date(2025, 1, 26), date(2025, 2, 8), date(2025, 4, 27), date(2025, 9, 28), date(2025, 10, 11)},
    2026: {
        date(2026, 1, 4),
        date(2026, 2, 14),
        date(2026, 2, 28),
        date(2026, 5, 9),
        date(2026, 9, 20),
        date(2026, 10, 10),
    },
}


@pytest.mark.parametrize("year", [2025, 2026])
def test_the_seed_is_the_notice_of_the_state_council(year):
    known = calendar.state_council_days(year)

    assert {day.date for day in known.values() if not day.is_workday} == OFF[year]
    assert {day.date for day in known.values() if day.is_workday} == MADE_UP[year]
    assert not any(day.provisional for day in known.values())


def test_days_carry_the_name_of_their_holiday():
    known = calendar.state_council_days(2025)

    assert known[date(2025, 10, 4)].note == "国庆节、中秋节"
    assert known[date(2025, 2, 3)].note == "春节"
    assert known[date(2025, 1, 26)].note == "春节调休上班"
    assert known[date(2025, 10, 11)].note == "国庆节、中秋节调休上班"


def test_every_day_of_two_years_is_worked_or_off_as_announced():
    known = Calendar(calendar.state_council_days(2025) | calendar.state_council_days(2026))
    wrong = []
    for number in range(730):
        day = date(2025, 1, 1) + timedelta(number)
        worked = day in MADE_UP[day.year] or (day.weekday() < 5 and day not in OFF[day.year])
        if known.is_workday(day) != worked:
            wrong.append(day)

    assert wrong == []
    assert known.workdays_between(date(2025, 1, 1), date(2025, 12, 31)) == 248
    assert known.workdays_between(date(2026, 1, 1), date(2026, 12, 31)) == 248


def test_a_year_without_a_notice_is_provisional_and_still_has_its_festivals():
    known = calendar.state_council_days(2027)

    assert {day.provisional for day in known.values()} == {True}
    assert known[date(2027, 10, 1)].is_workday is False
    assert Calendar(known).is_provisional(2027)
    assert Calendar(known).is_provisional(2031)


def test_walking_over_working_days():
    known = Calendar(calendar.state_council_days(2025))

    assert known.add_workdays(date(2025, 9, 26), 3) == date(2025, 9, 30)
    assert known.add_workdays(date(2025, 10, 9), -1) == date(2025, 9, 30)
    assert known.add_workdays(date(2025, 10, 4), 0) == date(2025, 10, 9)
    assert known.next_workday(date(2025, 10, 1)) == date(2025, 10, 9)
    assert known.workday_before(date(2025, 10, 8)) == date(2025, 9, 30)
    assert known.next_workday(date(2025, 9, 28)) == date(2025, 9, 28)


def test_beyond_the_calendar_is_refused():
    with pytest.raises(calendar.OutsideCalendar):
        Calendar().next_workday(date(2150, 1, 1))


def test_hours_hold_from_their_day_on():
    summer = Hours(time(8, 30), time(12), time(14), time(18, 30))
    known = Calendar(hours=[(date(2025, 6, 1), summer)])

    assert known.hours_on(date(2025, 5, 31)) == Hours()
    assert known.hours_on(date(2025, 6, 1)) == summer
    assert known.close_of(date(2025, 6, 2)) == datetime(2025, 6, 2, 10, 30, tzinfo=UTC)
    assert known.close_of(date(2025, 5, 30)) == datetime(2025, 5, 30, 10, 0, tzinfo=UTC)
    assert str(summer) == "08:30–12:00、14:00–18:30"


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2025-09-30T09:00", "2025-09-30T18:00", 8),
        ("2025-09-30T11:30", "2025-09-30T13:30", 1),
        ("2025-09-30T17:00", "2025-10-09T10:00", 2),
        ("2025-09-27T00:00", "2025-09-28T00:00", 0),
        ("2025-09-26T09:00", "2025-10-11T18:00", 7 * 8),
        ("2025-09-30T18:00", "2025-10-09T09:00", 0),
        ("2025-10-09T10:00", "2025-10-09T09:00", 0),
    ],
)
def test_working_time_between_two_moments(start, end, hours):
    known = Calendar(calendar.state_council_days(2025))
    moments = [datetime.fromisoformat(text).replace(tzinfo=calendar.SHANGHAI) for text in (start, end)]

    assert known.work_between(*moments) == timedelta(hours=hours)


def test_the_day_in_china_begins_at_16_utc():
    assert calendar.local_date(datetime(2025, 9, 30, 15, 59, tzinfo=UTC)) == date(2025, 9, 30)
    assert calendar.local_date(datetime(2025, 9, 30, 16, 0, tzinfo=UTC)) == date(2025, 10, 1)
    assert calendar.end_of(date(2025, 9, 30)) == datetime(2025, 9, 30, 16, 0, tzinfo=UTC)


# --- the database --------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_seeding_twice_changes_nothing():
    first = calendar.seed([2025, 2026])
    edition = calendar.current()

    second = calendar.seed([2025, 2026])

    assert first.created == len(OFF[2025] | OFF[2026]) + len(MADE_UP[2025] | MADE_UP[2026])
    assert (second.created, second.updated, second.deleted, second.changed) == (0, 0, 0, ())
    assert calendar.current() is edition


@pytest.mark.django_db
def test_a_seed_names_the_dates_that_changed_between_work_and_rest():
    seeded = calendar.seed([2025])

    assert date(2025, 10, 1) in seeded.changed
    assert date(2025, 9, 28) in seeded.changed
    assert date(2025, 10, 4) not in seeded.changed  # a Saturday, off in any case


@pytest.mark.django_db
def test_a_day_changed_by_hand_is_never_overwritten_by_the_seed():
    calendar.seed([2026])
    changed = calendar.change_day(
        date=date(2026, 10, 8), is_workday=False, note="公司周年，放假一天", by=CLERK, at=NOW
    )
    calendar.change_day(date=date(2026, 10, 1), is_workday=True, note="值班日", by=CLERK, at=NOW)

    again = calendar.seed([2026])

    assert changed == (date(2026, 10, 8),)
    assert again.kept_by_hand == 2
    known = calendar.current()
    assert known.is_workday(date(2026, 10, 8)) is False
    assert known.is_workday(date(2026, 10, 1)) is True
    assert known.day(date(2026, 10, 8)).note == "公司周年，放假一天"


@pytest.mark.django_db
def test_a_mere_change_of_words_moves_no_clock():
    calendar.seed([2026])

    changed = calendar.change_day(date=date(2026, 10, 1), is_workday=False, note="国庆", by=CLERK, at=NOW)

    assert changed == ()


@pytest.mark.django_db
def test_a_change_without_a_ground_is_refused_and_changes_nothing():
    with pytest.raises(calendar.UnableToChangeDay, match="请写明依据"):
        calendar.change_day(date=date(2026, 10, 8), is_workday=False, note=" ", by=CLERK, at=NOW)

    assert CalendarDay.objects.count() == 0


@pytest.mark.django_db
def test_a_change_is_seen_by_whoever_asks_next():
    before = calendar.current()
    calendar.change_day(date=date(2026, 11, 23), is_workday=False, note="停电检修", by=CLERK, at=NOW)

    assert before.is_workday(date(2026, 11, 23))
    assert not calendar.current().is_workday(date(2026, 11, 23))


@pytest.mark.django_db
def test_asking_again_costs_one_query(django_assert_num_queries):
    calendar.seed([2026])
    calendar.current(3)

    with django_assert_num_queries(1):
        calendar.current(3)


@pytest.mark.django_db
def test_a_provisional_year_is_settled_by_hand_and_stays_so():
    calendar.seed([2027])
    assert calendar.current().is_provisional(2027)

    calendar.change_day(date=date(2027, 2, 14), is_workday=True, note="春节调休上班", by=CLERK, at=NOW)
    assert calendar.current().is_provisional(2027)

    calendar.confirm_year(year=2027, by=CLERK, at=NOW)
    calendar.seed([2027])

    assert not calendar.current().is_provisional(2027)
    assert calendar.current().is_workday(date(2027, 2, 14))
    with pytest.raises(calendar.UnableToConfirmYear, match="已经确认"):
        calendar.confirm_year(year=2027, by=CLERK, at=NOW)


@pytest.mark.django_db
def test_confirming_a_year_that_was_never_loaded_is_refused():
    with pytest.raises(calendar.UnableToConfirmYear, match="请先载入"):
        calendar.confirm_year(year=2029, by=CLERK, at=NOW)


@pytest.mark.django_db
def test_hours_belong_to_a_company():
    calendar.set_hours(
        company_id=3, valid_from=date(2026, 1, 1), hours=Hours(time(9), time(12), time(13, 30), time(18, 30))
    )

    assert calendar.current(3).hours_on(date(2026, 1, 1)).afternoon_closes == time(18, 30)
    assert calendar.current(4).hours_on(date(2026, 1, 1)) == Hours()


@pytest.mark.django_db
def test_hours_out_of_order_are_refused():
    with pytest.raises(calendar.UnableToSetHours):
        calendar.set_hours(
            company_id=3, valid_from=date(2026, 1, 1), hours=Hours(time(9), time(13), time(12), time(18))
        )
