"""Moments, days and spans of time as people say them, and whether a clock is near its end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from guiju.kernel.calendar import WEEKDAYS, Calendar, ordinal_of

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


def due_day(due_at: datetime) -> date:
    """Return the day whose deadline it is: 00:00 is 24:00 of the day before."""
    ordinal, second = ordinal_of(due_at)
    return date.fromordinal(ordinal - 1 if second == 0 else ordinal)


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
    return f"{day_and_month(day, year)}（周{WEEKDAYS[day.weekday()]}）"


def day_and_month(day: date, year: int | None) -> str:
    """Return a day without its weekday, and without the year where it is the given one."""
    return f"{day.month}月{day.day}日" if day.year == year else f"{day.year}年{day.month}月{day.day}日"


def days_text(days: Sequence[date], year: int) -> str:
    """Return a run of days as ``10月1日至8日``; of a single one, with its weekday."""
    first, last = days[0], days[-1]
    if first == last:
        return day_text(first, year=year)
    if (first.year, first.month) == (last.year, last.month):
        return f"{day_and_month(first, year)}至{last.day}日"
    return f"{day_and_month(first, year)}至{day_and_month(last, first.year)}"


def between(begin: datetime, end: datetime, year: int) -> str:
    """Return a span between two moments; the day is said once where it is the same."""
    from_text, to_text = moment_text(begin, end=False, year=year), moment_text(end, year=year)
    same_day = ordinal_of(begin)[0] == due_day(end).toordinal()
    return f"{from_text}至{to_text[-5:] if same_day else to_text}"
