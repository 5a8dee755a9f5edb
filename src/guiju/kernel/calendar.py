"""
The working calendar: which days are worked, and at which hours.

``Calendar`` is a value: built once from the database, never changed, shared by all threads. Days follow the plain
week unless the table says otherwise; the table is seeded with the State Council's days (holidays and make-up working
days, 调休) and edited by hand. A year whose arrangement is not yet announced is provisional, and says so.
"""

from __future__ import annotations

import uuid
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import groupby
from zoneinfo import ZoneInfo

from django.db import models, transaction

from guiju.kernel import store
from guiju.kernel.models.calendar import (
    BY_HAND,
    CONFIRMED,
    FROM_SEED,
    CalendarDay,
    CalendarEdition,
    WorkHours,
)
from guiju.kernel.refusals import Refused

SHANGHAI = ZoneInfo("Asia/Shanghai")
FIRST, LAST = date(1990, 1, 1), date(2099, 12, 31)
_FIRST, _LAST = FIRST.toordinal(), LAST.toordinal()
_SATURDAY = 5
WEEKDAYS = "一二三四五六日"


class OutsideCalendar(Refused):
    """The moment lies before 1990 or after 2099: a slip of the hand, refused in words."""


@dataclass(frozen=True, slots=True)
class Hours:
    """The work hours of a day, local time. Without a lunch break its two ends are equal."""

    morning_opens: time = time(9)
    lunch_starts: time = time(12)
    lunch_ends: time = time(13)
    afternoon_closes: time = time(18)

    def __str__(self) -> str:
        morning, noon, after, close = (
            f"{moment:%H:%M}"
            for moment in (self.morning_opens, self.lunch_starts, self.lunch_ends, self.afternoon_closes)
        )
        return f"{morning}–{close}" if noon == after else f"{morning}–{noon}、{after}–{close}"


ORDINARY_HOURS = Hours()


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the calendar. ``note`` is empty on days that simply follow the week."""

    date: date
    is_workday: bool
    note: str = ""
    source: str = ""
    provisional: bool = False


def _seconds(moment: time) -> int:
    return moment.hour * 3600 + moment.minute * 60 + moment.second


class _Span:
    """The two working spans of a day in seconds since local midnight."""

    __slots__ = ("after", "close", "noon", "open", "worked")

    def __init__(self, hours: Hours) -> None:
        self.open, self.noon = _seconds(hours.morning_opens), _seconds(hours.lunch_starts)
        self.after, self.close = _seconds(hours.lunch_ends), _seconds(hours.afternoon_closes)
        self.worked = self.noon - self.open + self.close - self.after

    def worked_until(self, second: int) -> int:
        """Return the working seconds of the day that lie before this second."""
        morning = min(max(second, self.open), self.noon) - self.open
        return morning + min(max(second, self.after), self.close) - self.after

    def second_after(self, worked: int) -> int:
        """Return the second at which so much is worked; at noon sharp it is the beginning of lunch."""
        morning = self.noon - self.open
        return self.open + worked if worked <= morning else self.after + worked - morning


@dataclass(frozen=True)
class Calendar:
    """
    Working days from 1990 to 2099 and work hours by date of one company. Immutable.

    ``days`` holds the days that the plain week does not explain; ``hours`` the hours with the day from which they
    hold, in order.
    """

    days: Mapping[date, Day] = field(default_factory=dict)
    hours: Sequence[tuple[date, Hours]] = ()
    _workdays: list[int] = field(init=False, repr=False, compare=False)
    _from: list[int] = field(init=False, repr=False, compare=False)
    _spans: list[_Span] = field(init=False, repr=False, compare=False)
    _settled: frozenset[int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "_workdays", _working_ordinals(self.days))
        known = sorted(self.hours, key=lambda pair: pair[0])
        put(self, "_from", [day.toordinal() for day, _ in known])
        put(self, "_spans", [_Span(ORDINARY_HOURS), *(_Span(hours) for _, hours in known)])
        announced: dict[int, bool] = {}
        for day in self.days.values():
            if day.source in (FROM_SEED, CONFIRMED) or day.provisional:
                announced[day.date.year] = announced.get(day.date.year, True) and not day.provisional
        put(self, "_settled", frozenset(year for year, final in announced.items() if final))

    # -- days --------------------------------------------------------------------------------------------------------
    def day(self, on: date) -> Day:
        """Return what the calendar knows about a day."""
        return self.days.get(on) or Day(
            on, on.weekday() < _SATURDAY, provisional=on.year not in self._settled
        )

    def is_workday(self, on: date) -> bool:
        """Return whether the day is worked."""
        day = self.days.get(on)
        return day.is_workday if day else on.weekday() < _SATURDAY

    def is_provisional(self, year: int) -> bool:
        """Return whether the State Council's arrangement of the year is still missing."""
        return year not in self._settled

    def hours_on(self, on: date) -> Hours:
        """Return the work hours that hold on a day."""
        found = ORDINARY_HOURS
        for valid_from, hours in sorted(self.hours, key=lambda pair: pair[0]):
            if valid_from > on:
                break
            found = hours
        return found

    def next_workday(self, on: date) -> date:
        """Return the day itself if it is worked, else the first working day after it."""
        return date.fromordinal(self.workday_from(on.toordinal()))

    def workday_before(self, on: date) -> date:
        """Return the day itself if it is worked, else the last working day before it."""
        return date.fromordinal(self.workday_until(on.toordinal()))

    def workdays_between(self, first: date, last: date) -> int:
        """Return how many working days lie from the first to the last day, both included."""
        return bisect_right(self._workdays, last.toordinal()) - bisect_left(self._workdays, first.toordinal())

    def add_workdays(self, on: date, number: int) -> date:
        """Return the n-th working day after the day (before it, if n is negative)."""
        ordinal = on.toordinal()
        return date.fromordinal(
            self.nth_workday_after(ordinal, number)
            if number >= 0
            else self.nth_workday_before(ordinal, -number)
        )

    # -- the same by ordinal, for arithmetic ---------------------------------------------------------------------------
    def workday_from(self, ordinal: int) -> int:
        """Return the first working day at or after the ordinal."""
        return self._at(bisect_left(self._workdays, ordinal), ordinal)

    def workday_until(self, ordinal: int) -> int:
        """Return the last working day at or before the ordinal."""
        return self._at(bisect_right(self._workdays, ordinal) - 1, ordinal)

    def nth_workday_after(self, ordinal: int, number: int) -> int:
        """Return the n-th working day after the ordinal (0: the ordinal itself, moved on to a working day)."""
        if number == 0:
            return self.workday_from(ordinal)
        return self._at(bisect_right(self._workdays, ordinal) + number - 1, ordinal)

    def nth_workday_before(self, ordinal: int, number: int) -> int:
        """Return the n-th working day before the ordinal (0: the ordinal itself, moved back to a working day)."""
        if number == 0:
            return self.workday_until(ordinal)
        return self._at(bisect_left(self._workdays, ordinal) - number, ordinal)

    def _at(self, index: int, asked: int) -> int:
        if not 0 <= index < len(self._workdays) or not _FIRST <= asked <= _LAST:
            raise OutsideCalendar("日期超出工作日历（1990 年至 2099 年）。")
        return self._workdays[index]

    def span(self, ordinal: int) -> _Span:
        """Return the working spans of a day in seconds."""
        return self._spans[bisect_right(self._from, ordinal)]

    # -- working time --------------------------------------------------------------------------------------------------
    def close_of(self, on: date) -> datetime:
        """Return the close of work of a day (UTC), whether or not the day is worked."""
        ordinal = on.toordinal()
        return moment_of(ordinal, self.span(ordinal).close)

    def opening_of(self, on: date) -> datetime:
        """Return the opening of a day (UTC), whether or not the day is worked."""
        ordinal = on.toordinal()
        return moment_of(ordinal, self.span(ordinal).open)

    def work_between(self, start: datetime, end: datetime) -> timedelta:
        """Return the working time from start to end (zero if the end is not later)."""
        if end <= start:
            return timedelta(0)
        (first, second), (last, until) = ordinal_of(start), ordinal_of(end)
        worked = 0
        low, high = bisect_left(self._workdays, first), bisect_right(self._workdays, last)
        if not self._from and high - low > 2:
            worked = self._spans[0].worked * (high - low - 2)
            inner: Iterable[int] = (self._workdays[low], self._workdays[high - 1])
        else:
            inner = self._workdays[low:high]
        for ordinal in inner:
            span = self.span(ordinal)
            begin = span.worked_until(second) if ordinal == first else 0
            stop = span.worked_until(until) if ordinal == last else span.worked
            worked += stop - begin
        return timedelta(seconds=worked)

    def work_spans(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield the working spans (UTC) from a moment on, the first cut at the moment."""
        first, second = ordinal_of(start)
        index = bisect_left(self._workdays, first)
        while True:
            ordinal = self._at(index, first)
            span = self.span(ordinal)
            for begin, end in ((span.open, span.noon), (span.after, span.close)):
                if ordinal == first:
                    begin = max(begin, second)
                if begin < end:
                    yield moment_of(ordinal, begin), moment_of(ordinal, end)
            index += 1


def _working_ordinals(days: Mapping[date, Day]) -> list[int]:
    worked = set(_weekday_ordinals())
    for day in days.values():
        (worked.add if day.is_workday else worked.discard)(day.date.toordinal())
    return sorted(worked)


@lru_cache(maxsize=1)
def _weekday_ordinals() -> tuple[int, ...]:
    # Ordinal 1 is a Monday.
    return tuple(ordinal for ordinal in range(_FIRST, _LAST + 1) if (ordinal - 1) % 7 < _SATURDAY)


# --- local time --------------------------------------------------------------------------------------------------------
_EIGHT_HOURS = 8 * 3600
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()


def ordinal_of(at: datetime) -> tuple[int, int]:
    """
    Return the local day (as ordinal) and the whole seconds since local midnight.

    China keeps one time all year since 1992, so this is plain arithmetic. Parts of a second are dropped.
    """
    if at.tzinfo is None:
        raise ValueError("A moment needs a time zone.")
    passed = at - _EPOCH
    days, seconds = divmod(passed.days * 86400 + passed.seconds + _EIGHT_HOURS, 86400)
    return _EPOCH_ORDINAL + days, seconds


def moment_of(ordinal: int, seconds: int) -> datetime:
    """Return the moment (UTC) so many seconds after local midnight of a day; 86400 is its 24:00."""
    return _EPOCH + timedelta(days=ordinal - _EPOCH_ORDINAL, seconds=seconds - _EIGHT_HOURS)


def local_date(at: datetime) -> date:
    """Return the day in China on which a moment falls."""
    return date.fromordinal(ordinal_of(at)[0])


def end_of(on: date) -> datetime:
    """Return 24:00 of a day (UTC): the first moment of the next."""
    return moment_of(on.toordinal(), 86400)


# --- the calendar of the database ----------------------------------------------------------------------------------------
_cached: dict[tuple[str, int | None], Calendar] = {}
_KEPT = 64


def current(company_id: int | None = None) -> Calendar:
    """
    Return the calendar that holds now, with the hours of the company (ordinary hours if none is named).

    Costs one query for the edition; the calendar itself is read only when the edition is new to this process.
    """
    # Asked at every start of a clock, so without the cost of building the query.
    tokens = store.answer("SELECT token FROM kernel_calendaredition", ())
    edition = tokens[0][0] if tokens else ""
    found = _cached.get((edition, company_id))
    if found is None:
        if len(_cached) >= _KEPT:
            _cached.clear()
        found = _cached[edition, company_id] = _read(company_id)
    return found


def reload() -> None:
    """Forget what this process has read, so that the next ``current`` reads again (after bulk writes)."""
    _cached.clear()


def _read(company_id: int | None) -> Calendar:
    rows = CalendarDay.objects.values_list("date", "is_workday", "note", "source", "provisional")
    hours = WorkHours.objects.filter(company_id=company_id or 0).order_by("valid_from")
    return Calendar(
        days={row[0]: Day(*row) for row in rows},
        hours=tuple(
            (row.valid_from, Hours(row.morning_opens, row.lunch_starts, row.lunch_ends, row.afternoon_closes))
            for row in hours
        ),
    )


def _new_edition() -> None:
    token = uuid.uuid4().hex
    CalendarEdition.objects.update_or_create(pk=1, defaults={"token": token})


# --- operations ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Seeded:
    """What a seed did, in days. ``changed`` are the dates on which work and rest changed places."""

    created: int
    updated: int
    deleted: int
    kept_by_hand: int
    changed: tuple[date, ...]


def state_council_days(year: int) -> dict[date, Day]:
    """
    Return the holidays and make-up working days of a year, as the ``holidays`` package knows them.

    A year without make-up working days has not been announced: its days are provisional (国务院办公厅每年 10 月至
    12 月公布下一年安排).
    """
    # Slow to load, and needed when a year is seeded only.
    import holidays

    # Neighbouring years, too: a holiday may begin before New Year's Day or lend its name across it.
    known = holidays.country_holidays("CN", years=[year - 1, year, year + 1], language="zh_CN")
    make_up = {day for day in known.weekend_workdays if day.year == year}
    provisional = not make_up
    off: dict[date, str] = {}
    for day in known:
        # The package writes 劳动节（补假） and 休息日（由 … 调休）; the name is before the bracket.
        off[day] = known.get(day, "").split("（")[0].split(";")[0].strip()
    for day in list(off):
        for step in (-1, 1):
            near = day + timedelta(step)
            while near not in off and near.weekday() >= _SATURDAY and near not in known.weekend_workdays:
                off[near] = "休息日"
                near += timedelta(step)
    names = _named_runs(off)
    days = {
        day: Day(day, False, name, FROM_SEED, provisional)
        for day, name in names.items()
        if day.year == year and (name or day.weekday() < _SATURDAY)
    }
    for day in make_up:
        nearest = min(names, key=lambda other: abs((other - day).days))
        named = next((origin for origin, text in known.items() if f"{day:%Y-%m-%d}" in text), nearest)
        days[day] = Day(day, True, f"{names.get(named) or names[nearest]}调休上班", FROM_SEED, provisional)
    return dict(sorted(days.items()))


def _named_runs(off: Mapping[date, str]) -> dict[date, str]:
    """Give each day off of an unbroken run the name of its holiday, or all of them: 国庆节、中秋节."""
    named: dict[date, str] = {}
    ordered = sorted(off)
    for _, run in groupby(enumerate(ordered), key=lambda pair: pair[1].toordinal() - pair[0]):
        days = [day for _, day in run]
        names = list(dict.fromkeys(off[day] for day in days if off[day] != "休息日"))
        if "春节" in names:
            names = [name for name in names if name != "农历除夕"]
        for day in days:
            named[day] = "、".join(names)
    return named


@transaction.atomic
def seed(years: Iterable[int]) -> Seeded:
    """
    Put the State Council's days of these years into the calendar.

    May be run again at any time: a later edition of the holidays replaces what an earlier one wrote, days changed by
    hand stay as they are, and seeding twice changes nothing.
    """
    updated = deleted = kept = 0
    new: list[CalendarDay] = []
    changed: list[date] = []
    for year in sorted(set(years)):
        rows = {row.date: row for row in CalendarDay.objects.filter(date__year=year)}
        wanted = state_council_days(year)
        for day in wanted.values():
            row = rows.pop(day.date, None)
            if row is None:
                new.append(
                    CalendarDay(
                        date=day.date, is_workday=day.is_workday, note=day.note, provisional=day.provisional
                    )
                )
                if day.is_workday != (day.date.weekday() < _SATURDAY):
                    changed.append(day.date)
            elif row.source != FROM_SEED:
                kept += 1
            elif (row.is_workday, row.note, row.provisional) != (day.is_workday, day.note, day.provisional):
                if row.is_workday != day.is_workday:
                    changed.append(day.date)
                row.is_workday, row.note, row.provisional = day.is_workday, day.note, day.provisional
                row.save(update_fields=["is_workday", "note", "provisional"])
                updated += 1
        for row in rows.values():
            if row.source != FROM_SEED:
                kept += 1
                continue
            if row.is_workday != (row.date.weekday() < _SATURDAY):
                changed.append(row.date)
            row.delete()
            deleted += 1
    CalendarDay.objects.bulk_create(new)
    if new or updated or deleted:
        _new_edition()
    return Seeded(len(new), updated, deleted, kept, tuple(changed))


class UnableToChangeDay(Refused):
    """The day cannot be changed as asked."""


@transaction.atomic
def change_day(
    *, date: date, is_workday: bool, note: str, by: models.Model, at: datetime
) -> tuple[date, ...]:
    """
    Say of a day whether it is worked, with the ground (the notice, the company's order).

    The row is from then on kept by hand: no seed overwrites it. Returns the dates that changed between work and rest,
    so that the open clocks over them can be computed again; a mere change of note returns none.

    :raises UnableToChangeDay: no ground is given, or the day lies outside 1990 to 2099.
    """
    note = note.strip()
    if not note:
        raise UnableToChangeDay("请写明依据，例如国务院办公厅的放假通知。")
    if not FIRST <= date <= LAST:
        raise UnableToChangeDay("只能修改 1990 年至 2099 年的日期。")
    row = CalendarDay.objects.select_for_update().filter(date=date).first()
    was_worked = row.is_workday if row else date.weekday() < _SATURDAY
    row = row or CalendarDay(date=date)
    row.is_workday, row.note, row.source, row.provisional = is_workday, note, BY_HAND, False
    row.changed_at, row.changed_by_id = at, by.pk
    row.save()
    _new_edition()
    return (date,) if was_worked != is_workday else ()


class UnableToConfirmYear(Refused):
    """The year cannot be marked as announced."""


@transaction.atomic
def confirm_year(*, year: int, by: models.Model, at: datetime) -> int:
    """
    Mark the arrangement of a year as announced, after its days were entered. Returns the days it settles.

    :raises UnableToConfirmYear: the year has no day in the calendar, or is settled already.
    """
    rows = CalendarDay.objects.filter(date__year=year)
    if not rows.exists():
        raise UnableToConfirmYear(f"{year} 年还没有任何节假日，请先载入。")
    settled = rows.filter(provisional=True).update(
        provisional=False, source=CONFIRMED, changed_at=at, changed_by_id=by.pk
    )
    if not settled:
        raise UnableToConfirmYear(f"{year} 年的安排已经确认。")
    _new_edition()
    return settled


class UnableToSetHours(Refused):
    """The work hours do not form a day."""


@transaction.atomic
def set_hours(*, company_id: int, valid_from: date, hours: Hours) -> WorkHours:
    """
    Set the work hours of a company from a day on; the same day again replaces them.

    :raises UnableToSetHours: opening, lunch and close are not in order.
    """
    if not hours.morning_opens < hours.lunch_starts <= hours.lunch_ends < hours.afternoon_closes:
        raise UnableToSetHours("上班、午休、下班时间的先后不对。")
    row, _ = WorkHours.objects.update_or_create(
        company_id=company_id,
        valid_from=valid_from,
        defaults={
            "morning_opens": hours.morning_opens,
            "lunch_starts": hours.lunch_starts,
            "lunch_ends": hours.lunch_ends,
            "afternoon_closes": hours.afternoon_closes,
        },
    )
    _new_edition()
    return row
