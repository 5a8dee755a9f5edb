"""How a due moment came about, line by line: start, calendar, holidays, make-up days, pauses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from guiju.kernel.calendar import Calendar, Day, moment_of, ordinal_of
from guiju.kernel.duration import (
    DAY_SECONDS,
    Course,
    end_second,
    last_unpaused,
    months_after,
    paused_at_end,
    without,
)
from guiju.kernel.limits import Unit
from guiju.kernel.spans import between, day_and_month, day_text, days_text, due_day, moment_text, span_text


def explanation(course: Course, at: datetime) -> Iterator[str]:
    """Yield the lines that lead from what was asked to the due moment."""
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


def _explain_work_days(course: Course, at: datetime, first: date) -> Iterator[str]:
    limit, calendar, year = course.limit, course.calendar, first.year
    last = due_day(at)
    if limit.number == 0:
        yield f"时限 {limit}，到下班为止" if not limit.law else f"时限 {limit}，到 24:00 为止"
        begin = first
    else:
        begin = first + timedelta(1)
        yield f"时限 {limit}，从次日{day_and_month(begin, year)}起数"
    yield from _rest_lines(calendar, begin, last, "，不计", year)
    yield from _make_up_lines(calendar, begin, last, year)
    counted: list[date] = []
    for day in _days(begin, last):
        if not calendar.is_workday(day):
            continue
        end = moment_of(day.toordinal(), end_second(limit, calendar, day.toordinal()))
        if end < course.start:
            yield f"{day_text(day, year=year)}已下班，移到下一工作日"
        elif paused_at_end(end, course.pauses):
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


def _explain_days(course: Course, at: datetime, first: date) -> Iterator[str]:
    limit, calendar, year = course.limit, course.calendar, first.year
    if limit.number == 0:
        yield f"时限 {limit}，到 24:00 为止"
        last = first
    elif limit.unit is Unit.DAYS:
        yield f"时限 {limit}，从次日{day_and_month(first + timedelta(1), year)}起数"
        last = first + timedelta(limit.number)
    else:
        last = months_after(first, limit.number)
        if last.day != first.day:
            yield f"时限 {limit}，到期月没有{first.day}日，以月末为末日"
        else:
            yield f"时限 {limit}，到期月的对应日为末日"
    if course.pauses:
        planned = last
        last = date.fromordinal(last_unpaused(first.toordinal(), (last - first).days, course.pauses))
        for begin, end in course.pauses:
            if begin < at:
                paused = [
                    day
                    for day in _days(due_day(begin), min(due_day(end), last))
                    if day > first and begin < moment_of(day.toordinal(), DAY_SECONDS) <= end
                ]
                if paused:
                    yield f"{days_text(paused, year)}暂停，{len(paused)} 天不计"
        yield from _ineffective_pauses(course, at)
        if planned != last:
            yield f"末日由{day_and_month(planned, year)}延到{day_and_month(last, year)}"
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


def _explain_work_hours(course: Course, at: datetime, first: date) -> Iterator[str]:
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
        for free_begin, free_end in without((begin, min(end, at)), course.pauses):
            on = date.fromordinal(ordinal_of(begin)[0])
            by_day[on] = by_day.get(on, timedelta(0)) + free_end - free_begin
    if len(by_day) <= 10:
        for on, span in by_day.items():
            if span:
                yield f"{day_text(on, year=year)}计 {span_text(span)}"


def _explain_backward(course: Course, at: datetime, first: date) -> Iterator[str]:
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
        yield f"至少提前 {number}，从前一日{day_and_month(first - timedelta(1), year)}倒数"
        yield from _rest_lines(calendar, last, first - timedelta(1), "，不计", year)
        yield from _make_up_lines(calendar, last, first - timedelta(1), year)
    else:
        yield f"至少提前 {number}，从前一日{day_and_month(first - timedelta(1), year)}倒数"
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
            yield f"{days_text(run, year)}{'、'.join(names)}放假{word}"
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
        yield f"{days_text(weekend, year)}休息{word}"
    elif weekend:
        yield f"其间周末 {len(weekend)} 天{word}"


def _make_up_lines(
    calendar: Calendar, first: date, last: date, year: int, word: str = "计入"
) -> Iterator[str]:
    for day in _days(first, last):
        known = calendar.days.get(day)
        if known and known.is_workday and day.weekday() >= 5:
            yield f"{day_text(day, year=year)}{known.note or '调休上班'}，{word}"


def _pause_lines(course: Course, at: datetime) -> Iterator[str]:
    year = due_day(course.start + timedelta(seconds=1)).year
    for begin, end in course.pauses:
        begin, end = max(begin, course.start), min(end, at)
        if begin >= end:
            continue
        span = end - begin
        if course.limit.unit is Unit.WORK_HOURS:
            span = course.calendar.work_between(begin, end)
        yield f"{between(begin, end, year)}暂停，" + (
            f"扣除 {span_text(span)}" if span else "不在工作时间，不扣除"
        )


def _ineffective_pauses(course: Course, at: datetime) -> Iterator[str]:
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
                end_second(course.limit, course.calendar, day.toordinal())
                if course.limit.unit is Unit.WORK_DAYS
                else DAY_SECONDS,
            )
            <= end
        ]
        if not days:
            yield f"{between(begin, end, year)}暂停，当日内恢复，不影响期限"
