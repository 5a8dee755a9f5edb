"""
Subscriptions of a day, a week (Monday to Sunday) or a month by project, from opening to closing (I-2.1-d, e, f).

Subscriptions: those under subscription at the beginning + new − ended = those at the end. A subscription counts from
the day on its 认购书 until its case ended; one that was voided and issued anew counts under its new number only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from guiju.estate.models import Project
from guiju.kernel.numbering import ZONE
from guiju.sales.models import Subscription

DAY, WEEK, MONTH, YEAR = "day", "week", "month", "year"
KINDS = {DAY: "日报", WEEK: "周报", MONTH: "月报"}
#: When a day's report is made (issue of figures: daily at 18:00).
DAY_CLOSES = time(18)
#: When the report of a week is made, on the Monday after it.
WEEK_CLOSES = time(8)
#: How a subscription ends, by the state of its case.
ENDS = {
    "converted": "转签约",
    "cancelled": "退认购",
    "defaulted": "违约",
    "released": "释放",
    "swapped": "换房",
}
VOIDED = "voided"


@dataclass(frozen=True)
class Span:
    """A day, a week, a month (or the year up to a day): its first and last day."""

    kind: str
    begin: date
    end: date

    @property
    def number(self) -> str:
        """The week of the year by ISO 8601, the month, or the day: ``2026-W47``, ``2026-11``, ``2026-11-18``."""
        if self.kind == DAY:
            return f"{self.begin:%Y-%m-%d}"
        if self.kind == MONTH:
            return f"{self.begin:%Y-%m}"
        year, week, _ = self.begin.isocalendar()
        return f"{year}-W{week:02d}"

    @property
    def label(self) -> str:
        """As people call it."""
        if self.kind == DAY:
            return f"{self.begin.year} 年 {self.begin.month} 月 {self.begin.day} 日"
        if self.kind == YEAR:
            return f"{self.begin.year} 年"
        if self.kind == MONTH:
            return f"{self.begin.year} 年 {self.begin.month} 月"
        year, week, _ = self.begin.isocalendar()
        return f"{year} 年第 {week} 周"

    @property
    def before(self) -> Span:
        """The one before."""
        return span_of(self.kind, self.begin - timedelta(days=1))

    @property
    def after(self) -> Span:
        """The one after."""
        return span_of(self.kind, self.end + timedelta(days=1))

    @property
    def ready_at(self) -> datetime:
        """When its report is made: a day's at 18:00, a week's on Monday at 08:00, else when it is over (Beijing time)."""
        if self.kind == DAY:
            return datetime.combine(self.begin, DAY_CLOSES, ZONE)
        if self.kind == WEEK:
            return datetime.combine(self.end + timedelta(days=1), WEEK_CLOSES, ZONE)
        return self.moments[1]

    @property
    def moments(self) -> tuple[datetime, datetime]:
        """The first moment of the span and the first after it (Beijing time)."""
        start = datetime.combine(self.begin, time(), ZONE)
        return start, datetime.combine(self.end + timedelta(days=1), time(), ZONE)


def span_of(kind: str, on: date) -> Span:
    """Return the day, week, month or year of a day."""
    if kind == DAY:
        return Span(DAY, on, on)
    if kind == YEAR:
        return Span(YEAR, on.replace(month=1, day=1), on.replace(month=12, day=31))
    if kind == MONTH:
        begin = on.replace(day=1)
        following = (begin + timedelta(days=32)).replace(day=1)
        return Span(MONTH, begin, following - timedelta(days=1))
    begin = on - timedelta(days=on.weekday())
    return Span(WEEK, begin, begin + timedelta(days=6))


@dataclass(frozen=True)
class Line:
    """The figures of a project: numbers of subscriptions, area in ㎡, money in yuan. ``ended`` by state of the case."""

    project: str
    opening: int = 0
    new: int = 0
    area: Decimal = Decimal(0)
    price: Decimal = Decimal(0)
    confirmed: int = 0
    deposit: Decimal = Decimal(0)
    sealed: int = 0
    ended: tuple[int, ...] = (0,) * len(ENDS)
    closing: int = 0

    @property
    def adds_up(self) -> bool:
        """Whether opening + new − ended is closing."""
        return self.opening + self.new - sum(self.ended) == self.closing


def lines(projects: Sequence[Project], span: Span) -> list[Line]:
    """
    Return the figures of each project in the span; two queries for any number of them.

    The first reads what was open or closed since the span began, the second what is of the span by its day although
    it was closed before: both stand in an index, so that the past costs nothing.
    """
    start, end = span.moments
    new = Q(deal__subscribed_date__gte=span.begin, deal__subscribed_date__lte=span.end)
    alive = Q(case__closed_at=None)
    within = Q(case__closed_at__gte=start, case__closed_at__lt=end)
    keys = [project.pk for project in projects]
    counted = Subscription.objects.filter(case__scope_id__in=keys, case__process="subscription")
    parts = (
        counted.filter(alive | Q(case__closed_at__gte=start)),
        counted.filter(new, deal__project_id__in=keys, case__closed_at__lt=start),
    )
    found: dict[int, dict[str, Any]] = defaultdict(lambda: defaultdict(int))
    for part in parts:
        for row in _figures(part, span, new=new, alive=alive, within=within):
            mine = found[row.pop("case__scope_id")]
            for name, value in row.items():
                mine[name] += value or 0
    return [_line(project, found.get(project.pk)) for project in projects]


def _figures(rows: QuerySet[Subscription], span: Span, *, new: Q, alive: Q, within: Q) -> QuerySet[Any, Any]:
    start, end = span.moments
    return (
        rows.exclude(number="")
        .exclude(case__state=VOIDED)
        .values("case__scope_id")
        .annotate(
            opening=Count(
                "pk", filter=Q(deal__subscribed_date__lt=span.begin) & (alive | Q(case__closed_at__gte=start))
            ),
            new=Count("pk", filter=new),
            area=Sum("unit__area_contract", filter=new),
            price=Sum("deal__total_price", filter=new),
            confirmed=Count("pk", filter=Q(deposit_confirmed_at__gte=start, deposit_confirmed_at__lt=end)),
            paid=Sum("deposit", filter=Q(deposit_confirmed_at__gte=start, deposit_confirmed_at__lt=end)),
            sealed=Count("pk", filter=Q(sealed_at__gte=start, sealed_at__lt=end)),
            closing=Count(
                "pk", filter=Q(deal__subscribed_date__lte=span.end) & (alive | Q(case__closed_at__gte=end))
            ),
            **{f"end_{state}": Count("pk", filter=within & Q(case__state=state)) for state in ENDS},
        )
        .order_by("case__scope_id")
    )


def _line(project: Project, row: Mapping[str, object] | None) -> Line:
    if row is None:
        return Line(project.name)
    values = dict(row)

    def whole(name: str) -> int:
        return int(str(values[name] or 0))

    def figure(name: str) -> Decimal:
        return Decimal(str(values[name] or 0))

    return Line(
        project.name,
        opening=whole("opening"),
        new=whole("new"),
        area=figure("area"),
        price=figure("price"),
        confirmed=whole("confirmed"),
        deposit=figure("paid"),
        sealed=whole("sealed"),
        ended=tuple(whole(f"end_{state}") for state in ENDS),
        closing=whole("closing"),
    )


def total(found: Iterable[Line]) -> Line:
    """Add the figures of projects up."""
    rows = list(found)
    return Line(
        "合计",
        opening=sum(row.opening for row in rows),
        new=sum(row.new for row in rows),
        area=sum((row.area for row in rows), Decimal(0)),
        price=sum((row.price for row in rows), Decimal(0)),
        confirmed=sum(row.confirmed for row in rows),
        deposit=sum((row.deposit for row in rows), Decimal(0)),
        sealed=sum(row.sealed for row in rows),
        ended=tuple(sum(row.ended[place] for row in rows) for place in range(len(ENDS))),
        closing=sum(row.closing for row in rows),
    )
