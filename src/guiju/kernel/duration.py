"""
Limits in the words of the SOP, and the moments at which they fall due, explained line by line.

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
import enum
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from guiju.kernel.calendar import WEEKDAYS, Calendar, Day, moment_of, ordinal_of

Pause = tuple[datetime, datetime]

DAY_SECONDS = 86400


class BadLimit(ValueError):
    """The text is no limit. Its message is fit for the person who edits an SOP."""


class CannotPause(Exception):
    """A clock of the law, or one that counts backward, was to pause."""


class Unit(enum.Enum):
    """What a limit counts."""

    MINUTES = "分钟"
    HOURS = "小时"
    WORK_HOURS = "工作小时"
    WORK_DAYS = "工作日"
    DAYS = "日"
    MONTHS = "个月"


_UNITS = {
    "分钟": (Unit.MINUTES, 1),
    "分": (Unit.MINUTES, 1),
    "小时": (Unit.HOURS, 1),
    "时": (Unit.HOURS, 1),
    "工作小时": (Unit.WORK_HOURS, 1),
    "个工作小时": (Unit.WORK_HOURS, 1),
    "工作日": (Unit.WORK_DAYS, 1),
    "个工作日": (Unit.WORK_DAYS, 1),
    "日": (Unit.DAYS, 1),
    "天": (Unit.DAYS, 1),
    "个自然日": (Unit.DAYS, 1),
    "自然日": (Unit.DAYS, 1),
    "周": (Unit.DAYS, 7),
    "月": (Unit.MONTHS, 1),
    "个月": (Unit.MONTHS, 1),
    "年": (Unit.MONTHS, 12),
}
_LIMIT = re.compile(
    r"(?P<before>前|提前|至少前)?(?P<number>\d{1,5})(?P<unit>"
    + "|".join(sorted(_UNITS, key=len, reverse=True))
    + r")"
    r"(?:以?内)?(?P<stays>[(,;]?不顺延\)?)?"
)
_SAME_DAY = {"当日": Unit.DAYS, "当天": Unit.DAYS, "当个工作日": Unit.WORK_DAYS, "当工作日": Unit.WORK_DAYS}


@dataclass(frozen=True, slots=True)
class Limit:
    """
    A time limit. ``law``: it comes from a statute or contract and cannot pause. ``rolls``: a last day that is off
    moves to the next working day. ``backward``: at least so long before the moment.
    """

    number: int
    unit: Unit
    backward: bool = False
    law: bool = False
    rolls: bool = True

    @staticmethod
    def parse(text: str, *, law: bool = False, rolls: bool = True) -> Limit:
        """
        Return the limit that a text means: ``15 分钟``, ``24 小时``, ``8 工作小时``, ``3 个工作日``, ``7 日``,
        ``1 周``, ``3 个月``, ``1 年``, ``当日``, ``当工作日`` (by close of work), ``前 10 日``, ``30 日不顺延``.

        :raises BadLimit: it means none.
        """
        return _parsed(text, law, rolls)

    def __str__(self) -> str:
        if self.number == 0:
            return "当日" if self.unit is Unit.DAYS else "当工作日"
        return f"{'前 ' if self.backward else ''}{self.number} {self.unit.value}"

    def exceeds(self, other: Limit) -> bool:
        """
        Return whether this limit can last longer than the other (a legal maximum).

        Within one unit this is exact. Across units the longest course of this one is held against the shortest of
        the other: a working day may take a week over a holiday. So a doubtful case counts as longer.
        """
        if self.unit is other.unit:
            return self.number > other.number
        return _longest(self) > _shortest(other)


@lru_cache(maxsize=512)
def _parsed(text: str, law: bool, rolls: bool) -> Limit:
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    if plain in _SAME_DAY:
        return Limit(0, _SAME_DAY[plain], law=law, rolls=False)
    found = _LIMIT.fullmatch(plain)
    if found is None:
        raise BadLimit(
            f"看不懂时限「{text}」，应写作：15 分钟、24 小时、8 工作小时、3 工作日、7 日、1 个月、前 10 日。"
        )
    unit, times = _UNITS[found["unit"]]
    number = int(found["number"]) * times
    if number == 0:
        raise BadLimit(f"时限「{text}」不能为零；要求当日完成请写「当日」或「当工作日」。")
    return Limit(number, unit, bool(found["before"]), law, rolls and not found["stays"])


# The longest holiday with the weekend beside it; working days around 春节 and 国庆 come slower than five a week.
_LONGEST_REST = 10


def _longest(limit: Limit) -> float:
    """Return the longest course in days."""
    number = limit.number
    match limit.unit:
        case Unit.MINUTES:
            return number / 1440
        case Unit.HOURS:
            return number / 24
        case Unit.WORK_HOURS:
            return number / 8 * 7 / 5 + _LONGEST_REST
        case Unit.WORK_DAYS:
            return (number + 1) * 7 / 5 + _LONGEST_REST
        case Unit.DAYS:
            return number + 1 + (_LONGEST_REST if limit.rolls and number else 0)
        case _:
            return number * 31 + 1 + (_LONGEST_REST if limit.rolls else 0)


def _shortest(limit: Limit) -> float:
    number = limit.number
    match limit.unit:
        case Unit.MINUTES:
            return number / 1440
        case Unit.HOURS | Unit.WORK_HOURS:
            return number / 24
        case Unit.WORK_DAYS | Unit.DAYS:
            return number
        case _:
            return number * 28


# --- due ---------------------------------------------------------------------------------------------------------------
class Due:
    """A due moment (UTC) and, made only when asked for, the lines that explain it."""

    __slots__ = ("_course", "_lines", "at")

    def __init__(self, at: datetime, course: _Course) -> None:
        self.at = at
        self._course = course
        self._lines: tuple[str, ...] | None = None

    @property
    def lines(self) -> tuple[str, ...]:
        """How the moment came about, line by line, for the person who is held to it."""
        if self._lines is None:
            self._lines = tuple(_explain(self._course, self.at))
        return self._lines

    def __repr__(self) -> str:
        return f"Due({moment_text(self.at)})"


@dataclass(frozen=True, slots=True)
class _Course:
    """What was asked, kept for the explanation."""

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
    return Due(at, _Course(limit, start, calendar, taken, event))


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


def _paused_at_end(moment: datetime, pauses: Sequence[Pause]) -> bool:
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
        for free_begin, free_end in _without((begin, end), pauses):
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


def _without(span: Pause, pauses: Sequence[Pause]) -> Iterator[Pause]:
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


def _end_second(limit: Limit, calendar: Calendar, ordinal: int) -> int:
    """Return the second of the day at which a limit in working days ends."""
    return DAY_SECONDS if limit.law else calendar.span(ordinal).close


def _due_work_days(limit: Limit, start: datetime, calendar: Calendar, pauses: Sequence[Pause]) -> datetime:
    ordinal, second = ordinal_of(start)
    if limit.number == 0:
        day = calendar.workday_from(ordinal)
        if day == ordinal and second > _end_second(limit, calendar, day):
            day = calendar.nth_workday_after(day, 1)
    elif not pauses:
        day = calendar.nth_workday_after(ordinal, limit.number)
    else:
        day = calendar.nth_workday_after(ordinal, 1)
    left = max(limit.number, 1)
    while pauses:
        left -= not _paused_at_end(moment_of(day, _end_second(limit, calendar, day)), pauses)
        if not left:
            break
        day = calendar.nth_workday_after(day, 1)
    return moment_of(day, _end_second(limit, calendar, day))


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
        last = _last_unpaused(first, last - first, pauses)
    if limit.rolls:
        last = calendar.workday_from(last)
        while pauses and _paused_at_end(moment_of(last, DAY_SECONDS), pauses):
            last = calendar.nth_workday_after(last, 1)
    return moment_of(last, DAY_SECONDS)


def _last_unpaused(first: int, left: int, pauses: Sequence[Pause]) -> int:
    """Return the day on which so many days after the first, not paused at their end, are over."""
    day = first
    if left == 0:
        while _paused_at_end(moment_of(day, DAY_SECONDS), pauses):
            day += 1
    while left:
        day += 1
        if not _paused_at_end(moment_of(day, DAY_SECONDS), pauses):
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
            return moment_of(day, _end_second(limit, calendar, day))
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


# --- reminders and ladders ----------------------------------------------------------------------------------------------
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


def due_day(due_at: datetime) -> date:
    """Return the day whose deadline it is: 00:00 is 24:00 of the day before."""
    ordinal, second = ordinal_of(due_at)
    return date.fromordinal(ordinal - 1 if second == 0 else ordinal)


# --- chips --------------------------------------------------------------------------------------------------------------
RISK_SHARE = 0.25
RISK_WORK_HOURS = 4


def remaining(due_at: datetime, now: datetime) -> str:
    """Return the time left (or, after the moment, the time over) as ``1天4时``, ``1时34分`` or ``24分``."""
    return span_text(abs(due_at - now))


def span_text(span: timedelta) -> str:
    """Return a span of time in its two greatest units, cut off, not rounded: ``1天4时``, ``1时34分``, ``24分``."""
    minutes = int(span.total_seconds()) // 60
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days}天{hours}时" if hours else f"{days}天"
    if hours:
        return f"{hours}时{minutes}分" if minutes else f"{hours}时"
    return f"{minutes}分" if minutes else "不到1分"


def at_risk(
    start: datetime,
    due_at: datetime,
    now: datetime,
    calendar: Calendar,
    *,
    share: float = RISK_SHARE,
    work_hours: float = RISK_WORK_HOURS,
) -> bool:
    """
    Return whether a clock that is not late is near its end: a quarter of its time left, or four working hours.

    A clock whose whole time is no longer than those hours (a lock of 15 minutes) is judged by its quarter only, else
    it would be at risk from its first minute.
    """
    left = due_at - now
    if left < timedelta(0):
        return False
    whole = due_at - start
    if left <= whole * share:
        return True
    hours = timedelta(hours=work_hours)
    return whole > hours and calendar.work_between(now, due_at) <= hours


# --- explanation ----------------------------------------------------------------------------------------------------------
def moment_text(at: datetime, *, end: bool = True, year: int | None = None) -> str:
    """
    Return a moment as people say it: ``2025年9月30日（周二）18:00``.

    ``end``: midnight reads as 24:00 of the day before. The year is left out where it is the given one.
    """
    ordinal, second = ordinal_of(at)
    if end and second == 0:
        return f"{day_text(date.fromordinal(ordinal - 1), year=year)}24:00"
    return f"{day_text(date.fromordinal(ordinal), year=year)}{second // 3600:02}:{second // 60 % 60:02}"


def day_text(day: date, *, year: int | None = None) -> str:
    """Return a day with its weekday: ``2025年9月30日（周二）``, without the year where it is the given one."""
    return f"{_day(day, year)}（周{WEEKDAYS[day.weekday()]}）"


def _day(day: date, year: int | None) -> str:
    return f"{day.month}月{day.day}日" if day.year == year else f"{day.year}年{day.month}月{day.day}日"


def _range(days: Sequence[date], year: int) -> str:
    first, last = days[0], days[-1]
    if first == last:
        return day_text(first, year=year)
    if (first.year, first.month) == (last.year, last.month):
        return f"{_day(first, year)}至{last.day}日"
    return f"{_day(first, year)}至{_day(last, first.year)}"


def _explain(course: _Course, at: datetime) -> Iterator[str]:
    limit, calendar = course.limit, course.calendar
    first = date.fromordinal(ordinal_of(course.start)[0])
    year = first.year
    word = "倒数起点" if limit.backward else "起算"
    yield f"{word}：{moment_text(course.start, end=False)}{'，' if course.event else ''}{course.event}"
    if limit.backward:
        yield from _explain_backward(course, at, first)
    elif limit.unit in (Unit.MINUTES, Unit.HOURS):
        yield f"时限 {limit}，从起算时刻起连续计算，夜间和节假日照算"
        yield from _pause_lines(course, at)
    elif limit.unit is Unit.WORK_HOURS:
        yield from _explain_work_hours(course, at, first)
    elif limit.unit is Unit.WORK_DAYS:
        yield from _explain_work_days(course, at, first)
    else:
        yield from _explain_days(course, at, first)
    last = due_day(at)
    for unsettled in range(min(year, last.year), max(year, last.year) + 1):
        if calendar.is_provisional(unsettled) and limit.unit not in (Unit.MINUTES, Unit.HOURS):
            yield f"{unsettled}年放假安排尚未确认，暂按现有日历推算"
    yield f"到期：{moment_text(at, year=year)}{'（最迟）' if limit.backward else ''}"


def _explain_work_days(course: _Course, at: datetime, first: date) -> Iterator[str]:
    limit, calendar, year = course.limit, course.calendar, first.year
    last = due_day(at)
    if limit.number == 0:
        yield f"时限 {limit}，到下班为止" if not limit.law else f"时限 {limit}，到 24:00 为止"
        begin = first
    else:
        begin = first + timedelta(1)
        yield f"时限 {limit}，从次日{_day(begin, year)}起数"
    yield from _rest_lines(calendar, begin, last, "，不计", year)
    yield from _make_up_lines(calendar, begin, last, year)
    counted: list[date] = []
    for day in _days(begin, last):
        if not calendar.is_workday(day):
            continue
        end = moment_of(day.toordinal(), _end_second(limit, calendar, day.toordinal()))
        if end < course.start:
            yield f"{day_text(day, year=year)}已下班，移到下一工作日"
        elif _paused_at_end(end, course.pauses):
            yield f"{day_text(day, year=year)}结束时在暂停中，不计"
        else:
            counted.append(day)
    yield from _ineffective_pauses(course, at)
    if 1 < len(counted) <= 10:
        named = "、".join(f"{day_text(day, year=year)}" for day in counted)
        yield f"计入 {len(counted)} 个工作日：{named}"
    elif len(counted) > 10:
        yield f"{day_text(counted[0], year=year)}为第 1 个工作日，{day_text(counted[-1], year=year)}为第 {len(counted)} 个"
    if limit.law:
        yield "法定期限，到末日 24:00 为止"
    else:
        hours = calendar.hours_on(last)
        yield f"到末日下班 {hours.afternoon_closes:%H:%M} 为止"


def _explain_days(course: _Course, at: datetime, first: date) -> Iterator[str]:
    limit, calendar, year = course.limit, course.calendar, first.year
    if limit.number == 0:
        yield f"时限 {limit}，到 24:00 为止"
        last = first
    elif limit.unit is Unit.DAYS:
        yield f"时限 {limit}，从次日{_day(first + timedelta(1), year)}起数"
        last = first + timedelta(limit.number)
    else:
        last = months_after(first, limit.number)
        if last.day != first.day:
            yield f"时限 {limit}，到期月没有{first.day}日，以月末为末日"
        else:
            yield f"时限 {limit}，到期月的对应日为末日"
    if course.pauses:
        planned = last
        last = date.fromordinal(_last_unpaused(first.toordinal(), (last - first).days, course.pauses))
        for begin, end in course.pauses:
            if begin < at:
                paused = [
                    day
                    for day in _days(due_day(begin), min(due_day(end), last))
                    if day > first and begin < moment_of(day.toordinal(), DAY_SECONDS) <= end
                ]
                if paused:
                    yield f"{_range(paused, year)}暂停，{len(paused)} 天不计"
        yield from _ineffective_pauses(course, at)
        if planned != last:
            yield f"末日由{_day(planned, year)}延到{_day(last, year)}"
    due_on = due_day(at)
    if limit.number:
        yield f"末日为{day_text(last, year=year)}"
    if due_on != last:
        yield from _rest_lines(calendar, last, due_on, "", year)
        yield f"末日不上班，顺延到{day_text(due_on, year=year)}"
    elif not calendar.is_workday(last) and limit.number:
        yield "末日不上班，但本期限不顺延"
    elif calendar.days.get(last, _PLAIN).is_workday and last.weekday() >= 5:
        yield from _make_up_lines(calendar, last, last, year, "不顺延")


_PLAIN = Day(date(1990, 1, 1), False)


def _explain_work_hours(course: _Course, at: datetime, first: date) -> Iterator[str]:
    limit, calendar, year = course.limit, course.calendar, first.year
    hours = calendar.hours_on(first)
    lunch = (
        f"，午休 {hours.lunch_starts:%H:%M}–{hours.lunch_ends:%H:%M} 不计"
        if hours.lunch_starts != hours.lunch_ends
        else ""
    )
    yield f"时限 {limit}，只计工作时间 {hours}{lunch}"
    last = due_day(at)
    begins = next(begin for begin, _ in calendar.work_spans(course.start))
    if begins > course.start:
        yield f"起算时不在工作时间，移到{moment_text(begins, end=False, year=year)}"
    yield from _rest_lines(calendar, first, last, "，不计", year)
    yield from _make_up_lines(calendar, first, last, year)
    yield from _pause_lines(course, at)
    by_day: dict[date, timedelta] = {}
    for begin, end in calendar.work_spans(course.start):
        if begin >= at:
            break
        for free_begin, free_end in _without((begin, min(end, at)), course.pauses):
            on = date.fromordinal(ordinal_of(begin)[0])
            by_day[on] = by_day.get(on, timedelta(0)) + free_end - free_begin
    if len(by_day) <= 10:
        for on, span in by_day.items():
            if span:
                yield f"{day_text(on, year=year)}计 {span_text(span)}"


def _explain_backward(course: _Course, at: datetime, first: date) -> Iterator[str]:
    limit, calendar, year = course.limit, course.calendar, first.year
    last = due_day(at)
    number = f"{limit.number} {limit.unit.value}"
    if limit.unit in (Unit.MINUTES, Unit.HOURS):
        yield f"至少提前 {number}，连续计算"
    elif limit.unit is Unit.WORK_HOURS:
        yield f"至少提前 {number}，只计工作时间 {calendar.hours_on(last)}"
        yield from _rest_lines(calendar, last, first, "，不计", year)
        yield from _make_up_lines(calendar, last, first, year)
    elif limit.unit is Unit.WORK_DAYS:
        yield f"至少提前 {number}，从前一日{_day(first - timedelta(1), year)}倒数"
        yield from _rest_lines(calendar, last, first - timedelta(1), "，不计", year)
        yield from _make_up_lines(calendar, last, first - timedelta(1), year)
    else:
        yield f"至少提前 {number}，从前一日{_day(first - timedelta(1), year)}倒数"
        if not calendar.is_workday(last):
            yield f"{day_text(last, year=year)}不上班，提前的期限不顺延，请在此前的工作日办好"


def _days(first: date, last: date) -> Iterator[date]:
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        yield date.fromordinal(ordinal)


def _rest_lines(calendar: Calendar, first: date, last: date, word: str, year: int) -> Iterator[str]:
    """Yield a line per holiday between the days and one for all plain weekends."""
    weekend: list[date] = []
    run: list[date] = []

    def flush() -> Iterator[str]:
        if not run:
            return
        names = list(dict.fromkeys(calendar.day(day).note for day in run if calendar.day(day).note))
        if names:
            yield f"{_range(run, year)}{'、'.join(names)}放假{word}"
        else:
            weekend.extend(run)
        run.clear()

    for day in _days(first, last):
        if calendar.is_workday(day):
            yield from flush()
        else:
            run.append(day)
    yield from flush()
    if len(weekend) == 1:
        yield f"{day_text(weekend[0], year=year)}休息{word}"
    elif weekend and (weekend[-1] - weekend[0]).days == len(weekend) - 1:
        yield f"{_range(weekend, year)}休息{word}"
    elif weekend:
        yield f"其间周末 {len(weekend)} 天{word}"


def _make_up_lines(
    calendar: Calendar, first: date, last: date, year: int, word: str = "计入"
) -> Iterator[str]:
    for day in _days(first, last):
        known = calendar.days.get(day)
        if known and known.is_workday and day.weekday() >= 5:
            yield f"{day_text(day, year=year)}{known.note or '调休上班'}，{word}"


def _pause_lines(course: _Course, at: datetime) -> Iterator[str]:
    year = due_day(course.start + timedelta(seconds=1)).year
    for begin, end in course.pauses:
        begin, end = max(begin, course.start), min(end, at)
        if begin >= end:
            continue
        span = end - begin
        if course.limit.unit is Unit.WORK_HOURS:
            span = course.calendar.work_between(begin, end)
        yield f"{_between(begin, end, year)}暂停，" + (
            f"扣除 {span_text(span)}" if span else "不在工作时间，不扣除"
        )


def _between(begin: datetime, end: datetime, year: int) -> str:
    from_text, to_text = moment_text(begin, end=False, year=year), moment_text(end, year=year)
    same_day = ordinal_of(begin)[0] == due_day(end).toordinal()
    return f"{from_text}至{to_text[-5:] if same_day else to_text}"


def _ineffective_pauses(course: _Course, at: datetime) -> Iterator[str]:
    """Say of pauses within one day that they change nothing."""
    year = due_day(course.start + timedelta(seconds=1)).year
    for begin, end in course.pauses:
        if end <= course.start or begin >= at:
            continue
        days = [
            day
            for day in _days(due_day(begin), due_day(end))
            if begin
            < moment_of(
                day.toordinal(),
                _end_second(course.limit, course.calendar, day.toordinal())
                if course.limit.unit is Unit.WORK_DAYS
                else DAY_SECONDS,
            )
            <= end
        ]
        if not days:
            yield f"{_between(begin, end, year)}暂停，当日内恢复，不影响期限"
