"""
Figures of the department 指标: each with its formula, its target, and the lines it was made of.

A figure is counted from lines; a line is one thing that belongs to the window (a case, a time limit, an answer), either
counted or left out with the reason. Lines are kept as cases move (``reports.kpi_kept``); a figure is a sum. So every figure opens into its list, and the list adds up to the figure:
counted + left out = all of the window. Percentages are never averaged: what is added are numerators and denominators.
Without a denominator there is no figure (domain 4).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from django.db.models import Q

from guiju.kernel.duration import months_after
from guiju.kernel.numbering import ZONE
from guiju.org.gates import Scope

if TYPE_CHECKING:
    from guiju.reports.kpi_lines import Batch

SHARE, MEAN, COUNT, RATIO = "share", "mean", "count", "ratio"
UP, DOWN = "up", "down"
NO_FIGURE: Final = "—"


@dataclass(frozen=True)
class Window:
    """A span of time: from ``begin`` until before ``end``, with the words of the page."""

    begin: datetime
    end: datetime
    words: str

    def holds(self, at: datetime) -> bool:
        """Whether a moment lies in the window."""
        return self.begin <= at < self.end


def _moment(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZONE)


def days(begin: date, end: date, words: str) -> Window:
    """Return the window of whole days from ``begin`` to ``end``, both included, in China's time."""
    return Window(_moment(begin), _moment(end + timedelta(days=1)), words)


def month_of(day: date) -> Window:
    """Return the calendar month of a day."""
    first = day.replace(day=1)
    return days(first, months_after(first, 1) - timedelta(days=1), f"{first.year}年{first.month}月")


PERIODS: Final[Mapping[str, str]] = {
    "week": "本周", "last_week": "上周", "month": "本月", "last_month": "上月", "quarter": "本季", "year": "今年",
}  # fmt: skip


def period(name: str, today: date) -> Window:
    """Return a named period as of a day; an unknown name is this month. Running periods end with today."""
    monday = today - timedelta(days=today.weekday())
    first = today.replace(day=1)
    quarter = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
    spans = {
        "week": (monday, today),
        "last_week": (monday - timedelta(days=7), monday - timedelta(days=1)),
        "month": (first, today),
        "last_month": (months_after(first, -1), first - timedelta(days=1)),
        "quarter": (quarter, today),
        "year": (today.replace(month=1, day=1), today),
    }
    chosen = name if name in spans else "month"
    return days(*spans[chosen], PERIODS[chosen])


def before(name: str, today: date) -> Window:
    """Return the period before a named one, of the same kind and whole: to compare with."""
    window = period(name, today)
    first = window.begin.astimezone(ZONE).date()
    if name in ("week", "last_week"):
        return days(
            first - timedelta(days=7), first - timedelta(days=1), "上周" if name == "week" else "再上周"
        )
    if name == "quarter":
        return days(months_after(first, -3), first - timedelta(days=1), "上季")
    if name == "year":
        return days(first.replace(year=first.year - 1), first - timedelta(days=1), "去年")
    words = "再上月" if name == "last_month" else "上月"
    return days(months_after(first, -1), first - timedelta(days=1), words)


def months(today: date, count: int = 12) -> list[Window]:
    """Return the last months up to that of a day, oldest first."""
    first = today.replace(day=1)
    return [month_of(months_after(first, back)) for back in range(1 - count, 1)]


def weeks(today: date, count: int = 12) -> list[Window]:
    """Return the last weeks, Monday to Sunday, up to that of a day, oldest first."""
    monday = today - timedelta(days=today.weekday())
    firsts = [monday - timedelta(days=7 * back) for back in range(count - 1, -1, -1)]
    return [days(first, first + timedelta(days=6), f"{first:%m-%d} 起一周") for first in firsts]


@dataclass(frozen=True)
class Place:
    """Where figures are counted: the asking person's scope, or one project of it."""

    scope: Scope
    project_id: int | None = None

    def cases(self, prefix: str = "") -> Q:
        """Return the condition on cases: ``prefix`` leads to the case (``case__``, or nothing for cases themselves)."""
        if self.project_id is not None:
            return Q(**{f"{prefix}scope_id": self.project_id})
        return self.scope.q(f"{prefix}chain_id", f"{prefix}scope_id")

    def projects(self, company: str, project: str) -> Q:
        """Return the condition on rows that name a company and a project."""
        if self.project_id is not None:
            return Q(**{project: self.project_id})
        return self.scope.q(company, project)


@dataclass(frozen=True)
class Line:
    """
    One thing that belongs to a window by its moment ``at``: counted, or left out because of ``why``.

    ``value`` is what is averaged (hours, points); ``what`` names the thing beside its case; ``person_id`` whose work it is.
    A case has one line of a figure, or several told apart by ``part``. Its moment does not depend on the window that is
    asked for: months add up to the year.
    """

    at: datetime
    case_id: int | None
    counted: bool
    why: str = ""
    value: Decimal | None = None
    what: str = ""
    person_id: int | None = None
    part: int = 0
    key: str = ""


@dataclass(frozen=True)
class Figure:
    """A figure with what it was made of: counted, of how many, and for means the sum of the values."""

    kind: str
    counted: int
    of: int
    total: Decimal = Decimal(0)

    @property
    def value(self) -> Decimal | None:
        """The figure; None where there is nothing to divide by."""
        if self.kind == COUNT:
            return Decimal(self.counted)
        if self.kind == MEAN:
            return self.total / self.counted if self.counted else None
        return Decimal(self.counted * 100) / self.of if self.of else None

    def __add__(self, other: Figure) -> Figure:
        return Figure(self.kind, self.counted + other.counted, self.of + other.of, self.total + other.total)


#: Gives the lines of some cases, as of a moment.
Reader = Callable[["Batch", datetime], Iterable[Line]]
Base = Callable[[Place, Window], int]


@dataclass(frozen=True)
class Kpi:
    """
    A figure of the board: its name, formula in words, clause, unit, and how it is read.

    ``target`` is a number, or the name of a setting of KF-HF-01; ``better``: whether more or less is better. ``counted``
    and ``left_out`` name the two lists that the figure opens into.
    """

    code: str
    label: str
    kind: str
    unit: str
    formula: str
    clause: str
    read: Reader
    better: str = UP
    target: Decimal | str | None = None
    counted: str = "计入"
    left_out: str = "没有计入"
    base: Base | None = None
    places: int = 1
    clauses: tuple[str, ...] = field(default=())

    def figure(self, lines: Sequence[Line], base: int | None = None) -> Figure:
        """Return the figure that lines add up to."""
        counted = [line for line in lines if line.counted]
        total = sum((line.value for line in counted if line.value is not None), Decimal(0))
        return Figure(self.kind, len(counted), len(lines) if base is None else base, total)

    def meets(self, figure: Figure, target: Decimal | None) -> bool | None:
        """Return whether a figure reaches its target; None without figure or target."""
        value = figure.value
        if value is None or target is None:
            return None
        return value >= target if self.better == UP else value <= target

    def improved(self, now: Figure, earlier: Figure) -> bool | None:
        """Return whether a figure is better than an earlier one (E-5-c); None if one is missing or both are the same."""
        if now.value is None or earlier.value is None or now.value == earlier.value:
            return None
        return (now.value > earlier.value) == (self.better == UP)

    def written(self, value: Decimal | None) -> str:
        """Return a value as the page writes it, without its unit."""
        if value is None:
            return NO_FIGURE
        return f"{value:,.0f}" if self.kind == COUNT else f"{value:,.{self.places}f}"


def target_of(kpi: Kpi, settings: Mapping[str, object]) -> Decimal | None:
    """Return the target of a figure: fixed by the SOP, or a setting that a company may set (C-2-2)."""
    if isinstance(kpi.target, str):
        found = settings.get(kpi.target)
        return Decimal(str(found)) if found is not None else None
    return kpi.target
