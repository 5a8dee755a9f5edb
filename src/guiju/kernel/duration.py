"""
The moments at which limits fall due.

The rules (DECISIONS of the product; days and months after 民法典第二百零一条至第二百零三条):

* minutes and hours run from the moment, day and night;
* working hours run only while work is done: a start outside them moves to the next opening, a limit that is used up
  exactly at closing falls due then;
* days count from the next day; months end on the corresponding day, else on the last of the month; both end at 24:00
  and roll past days off, unless they are said not to (``不顺延``);
* working days count from the next day and end at the close of work; those of the law end at 24:00;
* backward limits (``前 10 日``: at least ten days before) never fall later than counted;
* a pause takes out what is paused of the limit's own kind: time of a limit in hours, those days of a limit in days at
  whose end the clock was paused. Clocks of the law cannot pause.

Moments are UTC; 24:00 of a day is stored as 00:00 of the next. Late is whoever acts after the moment, not at it.
"""

from __future__ import annotations

import calendar as months_of_python
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from guiju.kernel.calendar import Calendar, moment_of, ordinal_of
from guiju.kernel.limits import BadLimit, Limit, Unit
from guiju.kernel.spans import at_risk, day_text, due_day, moment_text, remaining, span_text

__all__ = [
    "BadLimit", "CannotPause", "Due", "Limit", "Pause", "Unit", "at_risk", "day_text", "due", "due_day",
    "moment_text", "months_after", "offset_at", "remaining", "span_text",
]  # fmt: skip

Pause = tuple[datetime, datetime]

DAY_SECONDS = 86400


class CannotPause(Exception):
    """A clock of the law, or one that counts backward, was to pause."""


class Due:
    """A due moment (UTC) and, made only when asked for, the lines that explain it."""

    __slots__ = ("_course", "_lines", "at")

    def __init__(self, at: datetime, course: Course) -> None:
        self.at = at
        self._course = course
        self._lines: tuple[str, ...] | None = None

    @property
    def lines(self) -> tuple[str, ...]:
        """How the moment came about, line by line, for the person who is held to it."""
        if self._lines is None:
            from guiju.kernel import explaining  # it reads courses

            self._lines = tuple(explaining.explanation(self._course, self.at))
        return self._lines

    def __repr__(self) -> str:
        return f"Due({moment_text(self.at)})"


@dataclass(frozen=True, slots=True)
class Course:
    """What was asked of ``due``, kept for the explanation."""

    limit: Limit
    start: datetime
    calendar: Calendar
    pauses: tuple[Pause, ...]
    event: str


def due(
    limit: Limit, start: datetime, calendar: Calendar, pauses: Iterable[Pause] = (), *, event: str = ""
) -> Due:
    """
    Return when a limit that starts at a moment falls due.

    ``pauses`` are (from, to) moments; ``event`` names what started the clock, for the explanation (接到客户反馈).

    :raises CannotPause: pauses are given for a clock of the law or a backward limit.
    :raises OutsideCalendar: the moment lies before 1990 or after 2099.
    """
    if start.tzinfo is not UTC:
        if start.tzinfo is None:
            raise ValueError("A moment needs a time zone.")
        start = start.astimezone(UTC)
    taken = _merged(pauses) if pauses else ()
    if taken and limit.law:
        raise CannotPause("法定期限不能暂停。")
    if taken and limit.backward:
        raise CannotPause("倒数的期限不能暂停。")
    if limit.backward:
        at = _due_backward(limit, start, calendar)
    else:
        at = _DUE[limit.unit](limit, start, calendar, taken)
    return Due(at, Course(limit, start, calendar, taken, event))


def _merged(pauses: Iterable[Pause]) -> tuple[Pause, ...]:
    merged: list[Pause] = []
    for begin, end in sorted(pauses):
        if end <= begin:
            continue
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return tuple(merged)


def paused_at_end(moment: datetime, pauses: Sequence[Pause]) -> bool:
    """Return whether a clock with these pauses stood still at the moment."""
    return any(begin < moment <= end for begin, end in pauses)


def _due_hours(limit: Limit, start: datetime, calendar: Calendar, pauses: Sequence[Pause]) -> datetime:
    minutes = limit.number if limit.unit is Unit.MINUTES else limit.number * 60
    at = start + timedelta(minutes=minutes)
    for begin, end in pauses:
        if end > start and begin < at:
            at += end - max(begin, start)
    return at


def _due_work_hours(limit: Limit, start: datetime, calendar: Calendar, pauses: Sequence[Pause]) -> datetime:
    left = limit.number * 3600
    if not pauses:
        return _work_seconds_after(start, left, calendar)
    rest = timedelta(seconds=left)
    for begin, end in calendar.work_spans(start):
        for free_begin, free_end in without((begin, end), pauses):
            if free_end - free_begin >= rest:
                return free_begin + rest
            rest -= free_end - free_begin
    raise AssertionError("working spans end only outside the calendar")


def _work_seconds_after(start: datetime, seconds: int, calendar: Calendar) -> datetime:
    ordinal, second = ordinal_of(start)
    day = calendar.workday_from(ordinal)
    span = calendar.span(day)
    if day == ordinal:
        seconds += span.worked_until(second)
    while seconds > span.worked:
        seconds -= span.worked
        day = calendar.nth_workday_after(day, 1)
        span = calendar.span(day)
    return moment_of(day, span.second_after(seconds))


def without(span: Pause, pauses: Sequence[Pause]) -> Iterator[Pause]:
    """Yield what pauses leave of a span of time."""
    begin, end = span
    for paused, resumed in pauses:
        if resumed <= begin or paused >= end:
            continue
        if paused > begin:
            yield begin, paused
        begin = resumed
        if begin >= end:
            return
    yield begin, end


def end_second(limit: Limit, calendar: Calendar, ordinal: int) -> int:
    """Return the second of the day at which a limit in working days ends."""
    return DAY_SECONDS if limit.law else calendar.span(ordinal).close


def _due_work_days(limit: Limit, start: datetime, calendar: Calendar, pauses: Sequence[Pause]) -> datetime:
    ordinal, second = ordinal_of(start)
    if limit.number == 0:
        day = calendar.workday_from(ordinal)
        if day == ordinal and second > end_second(limit, calendar, day):
            day = calendar.nth_workday_after(day, 1)
    elif not pauses:
        day = calendar.nth_workday_after(ordinal, limit.number)
    else:
        day = calendar.nth_workday_after(ordinal, 1)
    left = max(limit.number, 1)
    while pauses:
        left -= not paused_at_end(moment_of(day, end_second(limit, calendar, day)), pauses)
        if not left:
            break
        day = calendar.nth_workday_after(day, 1)
    return moment_of(day, end_second(limit, calendar, day))


def _due_days(limit: Limit, start: datetime, calendar: Calendar, pauses: Sequence[Pause]) -> datetime:
    ordinal, _ = ordinal_of(start)
    last = ordinal + limit.number
    return _end_of_days(limit, ordinal, last, calendar, pauses)


def _due_months(limit: Limit, start: datetime, calendar: Calendar, pauses: Sequence[Pause]) -> datetime:
    ordinal, _ = ordinal_of(start)
    last = months_after(date.fromordinal(ordinal), limit.number).toordinal()
    return _end_of_days(limit, ordinal, last, calendar, pauses)


def _end_of_days(
    limit: Limit, first: int, last: int, calendar: Calendar, pauses: Sequence[Pause]
) -> datetime:
    """Return 24:00 of the last day, put off by the days paused at their end and rolled past days off."""
    if pauses:
        last = last_unpaused(first, last - first, pauses)
    if limit.rolls:
        last = calendar.workday_from(last)
        while pauses and paused_at_end(moment_of(last, DAY_SECONDS), pauses):
            last = calendar.nth_workday_after(last, 1)
    return moment_of(last, DAY_SECONDS)


def last_unpaused(first: int, left: int, pauses: Sequence[Pause]) -> int:
    """Return the day on which so many days after the first, not paused at their end, are over."""
    day = first
    if left == 0:
        while paused_at_end(moment_of(day, DAY_SECONDS), pauses):
            day += 1
    while left:
        day += 1
        if not paused_at_end(moment_of(day, DAY_SECONDS), pauses):
            left -= 1
    return day


def months_after(day: date, number: int) -> date:
    """Return the corresponding day so many months on (back, if negative), else the last day of that month."""
    month = day.year * 12 + day.month - 1 + number
    year, month = month // 12, month % 12 + 1
    return date(year, month, min(day.day, months_of_python.monthrange(year, month)[1]))


def _due_backward(limit: Limit, start: datetime, calendar: Calendar) -> datetime:
    ordinal, _ = ordinal_of(start)
    match limit.unit:
        case Unit.MINUTES:
            return start - timedelta(minutes=limit.number)
        case Unit.HOURS:
            return start - timedelta(hours=limit.number)
        case Unit.WORK_HOURS:
            return _work_seconds_before(start, limit.number * 3600, calendar)
        case Unit.WORK_DAYS:
            day = calendar.nth_workday_before(ordinal, limit.number)
            return moment_of(day, end_second(limit, calendar, day))
        case Unit.DAYS:
            return moment_of(ordinal - limit.number, DAY_SECONDS)
        case Unit.MONTHS:
            return moment_of(months_after(date.fromordinal(ordinal), -limit.number).toordinal(), DAY_SECONDS)


def _work_seconds_before(start: datetime, seconds: int, calendar: Calendar) -> datetime:
    ordinal, second = ordinal_of(start)
    day = calendar.workday_until(ordinal)
    span = calendar.span(day)
    if day == ordinal:
        available = span.worked_until(second)
    else:
        available = span.worked
    while seconds > available:
        seconds -= available
        day = calendar.nth_workday_before(day, 1)
        span = calendar.span(day)
        available = span.worked
    left = available - seconds
    # At noon sharp the later moment, the end of lunch, is still early enough; at opening there is only one.
    morning = span.noon - span.open
    return moment_of(day, span.after if left == morning else span.second_after(left))


_DUE = {
    Unit.MINUTES: _due_hours,
    Unit.HOURS: _due_hours,
    Unit.WORK_HOURS: _due_work_hours,
    Unit.WORK_DAYS: _due_work_days,
    Unit.DAYS: _due_days,
    Unit.MONTHS: _due_months,
}


def offset_at(text: str, due_at: datetime, calendar: Calendar) -> datetime:
    """
    Return the moment of a reminder before the due moment (``-3 日``) or of a rung after it (``1 工作日``).

    Minutes, hours and working hours are exact. Days and working days fall at the opening of work, so that a message
    comes when somebody reads it: before the due moment on a working day at or before the day counted, after it on a
    working day at or after. ``0`` is the due moment itself.

    :raises BadLimit: the text is no offset.
    """
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).replace("−", "-")
    if re.fullmatch(r"[+-]?0\D*", plain):
        return due_at
    before = plain.startswith("-")
    limit = Limit.parse(plain.lstrip("+-"))
    if limit.backward:
        raise BadLimit(f"「{text}」应写作 -3 日（到期前）或 1 日（到期后）。")
    match limit.unit:
        case Unit.MINUTES | Unit.HOURS:
            span = timedelta(minutes=limit.number * (60 if limit.unit is Unit.HOURS else 1))
            return due_at - span if before else due_at + span
        case Unit.WORK_HOURS if before:
            return _work_seconds_before(due_at, limit.number * 3600, calendar)
        case Unit.WORK_HOURS:
            return _work_seconds_after(due_at, limit.number * 3600, calendar)
    last = due_day(due_at).toordinal()
    match limit.unit, before:
        case Unit.WORK_DAYS, True:
            day = calendar.nth_workday_before(last, limit.number)
        case Unit.WORK_DAYS, False:
            day = calendar.nth_workday_after(last, limit.number)
        case Unit.DAYS, True:
            day = calendar.workday_until(last - limit.number)
        case Unit.DAYS, False:
            day = calendar.workday_from(last + limit.number)
        case _, True:
            day = calendar.workday_until(months_after(date.fromordinal(last), -limit.number).toordinal())
        case _:
            day = calendar.workday_from(months_after(date.fromordinal(last), limit.number).toordinal())
    return moment_of(day, calendar.span(day).open)
