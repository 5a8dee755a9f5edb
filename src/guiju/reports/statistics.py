"""
销售统计报表: the figures of a week (Monday to Sunday) or a month, by project (I-2.1-d, e, f).

Subscriptions: those under subscription at the beginning + new − ended = those at the end. A subscription counts from
the day on its 认购书 until its case ended; one that was voided and issued anew counts under its new number only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.db.models import Count, Q, Sum

from guiju.estate.models import Project
from guiju.kernel.numbering import ZONE
from guiju.papers.models import Paper
from guiju.papers.operations.papers import issue
from guiju.reports.tables import AREA, COUNT, MONEY, Column, Table, paper
from guiju.sales.models import Subscription

WEEK, MONTH = "week", "month"
KINDS = {WEEK: "周报", MONTH: "月报"}
FORM = "register"
#: How a subscription ends, by the state of its case.
ENDS = {"converted": "转签约", "cancelled": "退认购", "defaulted": "违约", "released": "释放"}
VOIDED = "voided"


@dataclass(frozen=True)
class Span:
    """A week or a month: its first and last day."""

    kind: str
    begin: date
    end: date

    @property
    def number(self) -> str:
        """The week of the year by ISO 8601, or the month: ``2026-W47``, ``2026-11``."""
        if self.kind == MONTH:
            return f"{self.begin:%Y-%m}"
        year, week, _ = self.begin.isocalendar()
        return f"{year}-W{week:02d}"

    @property
    def label(self) -> str:
        """As people call it."""
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
    def moments(self) -> tuple[datetime, datetime]:
        """The first moment of the span and the first after it (Beijing time)."""
        start = datetime.combine(self.begin, time(), ZONE)
        return start, datetime.combine(self.end + timedelta(days=1), time(), ZONE)


def span_of(kind: str, on: date) -> Span:
    """Return the week or month of a day."""
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
    """Return the figures of each project in the span; one query for any number of them."""
    start, end = span.moments
    new = Q(deal__subscribed_date__gte=span.begin, deal__subscribed_date__lte=span.end)
    alive = Q(case__closed_at=None)
    within = Q(case__closed_at__gte=start, case__closed_at__lt=end)
    rows = (
        Subscription.objects.filter(case__scope_id__in=[project.pk for project in projects])
        .exclude(number="")
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
    found = {row["case__scope_id"]: row for row in rows}
    return [_line(project, found.get(project.pk)) for project in projects]


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


COLUMNS = (
    Column("项目", width=14),
    Column("期初在认购", COUNT, 9),
    Column("新认购（套）", COUNT, 9),
    Column("面积（㎡）", AREA, 11),
    Column("成交总价（元）", MONEY, 16),
    Column("定金确认（份）", COUNT, 9),
    Column("定金（元）", MONEY, 13),
    Column("盖章（份）", COUNT, 9),
    *(Column(label, COUNT, 8) for label in ENDS.values()),
    Column("期末在认购", COUNT, 9),
)


def table(found: Sequence[Line], span: Span, *, project: str = "") -> Table:
    """Return the report as a list to be printed."""

    def cells(line: Line) -> tuple[object, ...]:
        return (
            line.project, line.opening, line.new, line.area, line.price, line.confirmed, line.deposit, line.sealed,
            *line.ended, line.closing,
        )  # fmt: skip

    period = f"{span.label}（{span.begin} 至 {span.end}）"
    return Table(
        f"销售统计{KINDS[span.kind]}",
        COLUMNS,
        [cells(line) for line in found],
        cells(total(found)),
        project,
        period,
    )


def number_of(project: Project, span: Span) -> str:
    """Return the number under which a produced report is filed."""
    return f"XSTJ-{project.code}-{span.number}"


def produced(project: Project, span: Span) -> Paper | None:
    """Return the report of a project and span as it was produced; None if it was not yet."""
    found = Paper.objects.valid().filter(
        company_id=project.company_id, form=FORM, number=number_of(project, span)
    )
    return found.select_related("file").first()


def produce(project: Project, span: Span, *, at: datetime) -> Paper | None:
    """
    Produce the report of a span that is over, once; what was produced stays as it is. Call it outside of a transaction.

    Returns None for a span that is not over.
    """
    if at < span.moments[1]:
        return None
    made = produced(project, span)
    if made is not None:
        return made
    data = paper(table(lines([project], span), span, project=project.name), code="")
    return issue(
        form=FORM, data=data, company=project.company, by=None, at=at, number=number_of(project, span)
    )


def produce_due(at: datetime) -> int:
    """Produce the reports of the last week and month for every project that do not exist yet; return how many."""
    today = at.astimezone(ZONE).date()
    spans = [span_of(kind, today).before for kind in KINDS]
    projects = list(Project.objects.select_related("company").order_by("pk"))
    numbers = {number_of(project, span): (project, span) for project in projects for span in spans}
    known = set(Paper.objects.valid().filter(form=FORM, number__in=numbers).values_list("number", flat=True))
    wanted = [pair for number, pair in numbers.items() if number not in known]
    for project, span in wanted:
        produce(project, span, at=at)
    return len(wanted)
