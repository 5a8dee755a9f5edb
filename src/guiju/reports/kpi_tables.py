"""What stands beside the figures: open cases by age, where defects gather, causes, statistics of after-sales, loyalty."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import (
    BigIntegerField,
    Count,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models import Case as SqlCase
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce, Left

from guiju.desk.lists import entries
from guiju.desk.models import AfterSales, ListEntry, ServiceEntry
from guiju.desk.warranty import PARTS
from guiju.estate.models import Building
from guiju.kernel.models import Case, CaseLink, Clock
from guiju.ledger.models import Receipt
from guiju.quality.choices import Cause
from guiju.quality.models import Complaint, Rating
from guiju.quality.surveys import GOOD, RECOMMEND
from guiju.reports.kpi import SHARE, Figure, Place, Window
from guiju.reports.kpi_kept import CELL, Behind, Sums
from guiju.reports.kpi_lines import (
    DEFECTS,
    GROUPS,
    SERVICE,
    closed_repairs,
    latest_ratings,
)
from guiju.sales.models import DealBuyer, Referral, Subscription

AGES: Final = ((3, "0–3 天"), (7, "4–7 天"), (15, "8–15 天"), (30, "16–30 天"), (10**4, "30 天以上"))
ON_TIME, AT_RISK, OVERDUE, PAUSED = "ok", "risk", "over", "hold"
STANDS: Final[Mapping[str, str]] = {ON_TIME: "按时", AT_RISK: "临期", OVERDUE: "超期", PAUSED: "暂停"}
RISK: Final = timedelta(hours=4)


@dataclass
class Age:
    """Open cases of one age: how many stand in time, near their limit, late, paused."""

    label: str
    cases: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STANDS, 0))

    @property
    def count(self) -> int:
        """How many there are."""
        return sum(self.cases.values())


def open_cases(place: Place, now: datetime) -> Any:
    """Return the open service cases with ``age``, their place in ``AGES``, and ``stand``, how they stand."""
    clocks = Clock.objects.filter(case_id=OuterRef("pk"))
    running = clocks.filter(state=Clock.RUNNING)
    left = ExpressionWrapper(F("due_at") - Value(now), output_field=DurationField())
    gone = ExpressionWrapper((Value(now) - F("started_at")) / 3, output_field=DurationField())
    # Near its limit: within four hours, or in the last quarter of its time.
    near = running.alias(left=left).filter(Q(due_at__lte=now + RISK) | Q(left__lte=gone))
    ages = [When(opened_at__gt=now - timedelta(days=most + 1), then=at) for at, (most, _) in enumerate(AGES)]
    # The few open cases have an index of their own; looked up by process, all cases ever would be read.
    rows = Case.objects.alias(which=Coalesce("process", Value("")))
    return rows.filter(place.cases(), which__in=SERVICE, closed_at=None, historic=False).annotate(
        age=SqlCase(*ages, default=len(AGES) - 1),
        stand=SqlCase(
            When(Exists(running.filter(due_at__lte=now)), then=Value(OVERDUE)),
            When(Exists(clocks.filter(state=Clock.PAUSED)) & ~Exists(running), then=Value(PAUSED)),
            When(Exists(near), then=Value(AT_RISK)),
            default=Value(ON_TIME),
        ),
    )


def ages(place: Place, now: datetime) -> list[Age]:
    """Return the open service cases by days since they were opened, and how they stand."""
    found = [Age(label) for _, label in AGES]
    rows = open_cases(place, now).values_list("age", "stand").annotate(Count("pk")).order_by()
    for age, stand, number in rows:
        found[age].cases[stand] += number
    return found


# --- where defects gather --------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Heat:
    """Repairs and quality complaints by building and part: how many in each cell."""

    rows: Sequence[tuple[int, str]]
    columns: Sequence[tuple[str, str]]
    cells: Mapping[tuple[int, str], int]

    def cell(self, building: int, part: str) -> int:
        """How many there are of a building and part."""
        return self.cells.get((building, part), 0)

    @property
    def most(self) -> int:
        """The largest count."""
        return max(self.cells.values(), default=0)


def heat(place: Place, window: Window, now: datetime, late: Behind | None = None) -> Heat:
    """Return where defects gather: repairs, and complaints about quality, by building and kind of defect."""
    sums = Sums(place, [DEFECTS], [window], now, detail=CELL, late=late)
    cells: dict[tuple[int, str], int] = {}
    for key, (counted, _, _) in sums.keys(DEFECTS, window).items():
        building, _, part = key.partition(":")
        cells[int(building), part] = counted
    mine = place.projects("project__company_id", "project_id")
    rows = list(
        Building.objects.filter(mine).order_by("project_id", "position", "pk").values_list("pk", "name")[:24]
    )
    return Heat(rows, tuple(GROUPS.items()), cells)


# --- causes ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class CauseRow:
    """A root cause with the cases it led to, of which so many homes, and how often it came again (H-2.5-h)."""

    label: str
    part: str
    cases: QuerySet[Case, int]
    count: int
    homes: int
    again: int
    unsatisfied: int


def causes(place: Place, window: Window) -> list[CauseRow]:
    """
    Return the recurring root causes of repairs and complaints closed in a window, the most frequent first, as input to
    improvement (H-2.5-h, K-2.6-e). ``again``: cases that repeated an earlier one.
    """
    names = entries(ListEntry.CAUSE)
    # Where no cause of the list was chosen, what was written counts.
    said = SqlCase(When(cause="", then=Left("cause_words", 40)), default=Value(""))
    repairs = closed_repairs(place, window).annotate(said=said)
    complaints = Complaint.objects.filter(
        place.cases("case__"), case__process="complaint", case__historic=False,
        case__closed_at__gte=window.begin, case__closed_at__lt=window.end,
    ).annotate(code=SqlCase(When(cause_found="", then=F("cause")), default=F("cause_found")))  # fmt: skip
    known = {cause.value: cause.label for cause in Cause}
    found: dict[tuple[str, str], list[tuple[QuerySet[Any, Any], dict[str, Any]]]] = {}
    for row in _counted(repairs, place, window, "cause", "said", "part"):
        label = names.get(row["cause"], row["cause"]) or row["said"] or "没有写明原因"
        part = PARTS[row["part"]].name if row["part"] in PARTS else row["part"]
        theirs = repairs.filter(cause=row["cause"], said=row["said"], part=row["part"])
        found.setdefault((label, part), []).append((theirs, row))
    for row in _counted(complaints, place, window, "code"):
        label = known.get(row["code"], "没有写明事由")
        found.setdefault((label, "投诉"), []).append((complaints.filter(code=row["code"]), row))
    rows = [_cause(label, part, theirs) for (label, part), theirs in found.items()]
    return sorted(rows, key=lambda row: (-row.count, row.label, row.part))


def _counted(rows: QuerySet[Any, Any], place: Place, window: Window, *by: str) -> Any:
    """Return by these fields how many cases there are, of how many homes, how often again, how many unsatisfied."""
    low = Exists(latest_ratings(place, window).filter(case_id=OuterRef("case_id"), score__lt=GOOD))
    return (
        rows.annotate(low=low)
        .values(*by)
        .annotate(
            count=Count("pk"), homes=Count("unit_id", distinct=True), again=Count("repeat_of_id"),
            unsatisfied=Count("pk", filter=Q(low=True)),
        )
        .order_by()
    )  # fmt: skip


def _cause(label: str, part: str, theirs: Sequence[tuple[QuerySet[Any, Any], dict[str, Any]]]) -> CauseRow:
    keys = Q()
    for queryset, _ in theirs:
        keys |= Q(pk__in=queryset.values("case_id"))
    homes = sum(row["homes"] for _, row in theirs)
    if len(theirs) > 1:
        # One home may have called for two codes of one name.
        homes = len(
            {unit for queryset, _ in theirs for unit in queryset.values_list("unit_id", flat=True) if unit}
        )
    return CauseRow(
        label, part, Case.objects.filter(keys).values_list("pk", flat=True), sum(row["count"] for _, row in theirs),
        homes, sum(row["again"] for _, row in theirs), sum(row["unsatisfied"] for _, row in theirs),
    )  # fmt: skip


# --- statistics of after-sales ---------------------------------------------------------------------------------------
@dataclass(frozen=True)
class StatRow:
    """One line of after-sales statistics: how many, hours to close, minutes of work, satisfaction (E-1.4-b)."""

    label: str
    cases: QuerySet[Case, int]
    count: int
    hours: Decimal
    minutes: int
    satisfaction: Figure

    @property
    def average(self) -> Decimal:
        """Hours from receipt to closing, on average."""
        return self.hours / self.count


class _Seconds(Func):
    """Whole seconds from one moment to another."""

    output_field = BigIntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "CAST(ROUND((julianday(%(expressions)s)) * 86400) AS integer)"
        return super().as_sql(compiler, connection, template=template, arg_joiner=") - julianday(", **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "CAST(ROUND(EXTRACT(EPOCH FROM (%(expressions)s))) AS bigint)"
        return super().as_sql(compiler, connection, template=template, arg_joiner=" - ", **context)


class _Length(Func):
    """How many entries a list in a JSON field has."""

    output_field = IntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return super().as_sql(compiler, connection, function="JSON_ARRAY_LENGTH", **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return super().as_sql(compiler, connection, function="JSONB_ARRAY_LENGTH", **context)


BY: Final[Mapping[str, str]] = {
    "kind": "类型",
    "project": "项目",
    "cause": "原因",
    "part": "部位",
    "duration": "时长",
}
SPANS: Final = ((24, "24 小时内"), (72, "1–3 天"), (168, "4–7 天"), (720, "8–30 天"), (10**9, "30 天以上"))
_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "kind": ("service", "kind"), "project": ("project__name",), "cause": ("cause",), "part": ("part",),
    "duration": ("span",),
}  # fmt: skip


def statistics(place: Place, window: Window, by: str) -> list[StatRow]:
    """Return the after-sales cases closed in a window, grouped by type, project, cause, part or duration (E-1.4-b)."""
    took = _Seconds(F("case__closed_at"), F("received_at"))
    spans = [When(took__lte=most * 3600, then=Value(at)) for at, (most, _) in enumerate(SPANS)]
    closed = (
        closed_repairs(place, window)
        .annotate(took=took)
        .annotate(span=SqlCase(*spans, default=Value(len(SPANS) - 1)))
    )
    # The last mark that the customer gave, whenever that was.
    marks = Rating.objects.filter(case_id=OuterRef("case_id"), score__isnull=False).order_by(
        "-given_at", "-pk"
    )
    work = ServiceEntry.objects.filter(after_sales_id=OuterRef("pk"), minutes__isnull=False).order_by()
    minutes = work.values("after_sales_id").annotate(all=Sum("minutes")).values("all")
    rows = (
        closed.annotate(mark=Subquery(marks.values("score")[:1]), worked=Subquery(minutes))
        .values(*_FIELDS[by])
        .annotate(
            count=Count("pk"), seconds=Sum("took"), minutes=Sum("worked"), scored=Count("mark"),
            good=Count("pk", filter=Q(mark__gte=GOOD)),
        )
        .order_by()
    )  # fmt: skip
    lists = {
        (kind, code): name
        for kind in (ListEntry.SERVICE, ListEntry.CAUSE)
        for code, name in entries(kind).items()
    }
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(_label(row, by, lists), []).append(row)
    found = []
    for label, theirs in groups.items():
        mine = Q()
        for row in theirs:
            mine |= Q(**{name: row[name] for name in _FIELDS[by]})
        found.append(
            StatRow(
                label, Case.objects.filter(pk__in=closed.filter(mine).values("case_id")).values_list("pk", flat=True),
                sum(row["count"] for row in theirs), Decimal(sum(row["seconds"] for row in theirs)) / 3600,
                sum(row["minutes"] or 0 for row in theirs),
                Figure(SHARE, sum(row["good"] for row in theirs), sum(row["scored"] for row in theirs)),
            )
        )  # fmt: skip
    if by == "duration":
        order = {label: place for place, (_, label) in enumerate(SPANS)}
        return sorted(found, key=lambda one: order.get(one.label, 99))
    return sorted(found, key=lambda one: (-one.count, one.label))


_KINDS: Final = dict(AfterSales._meta.get_field("kind").choices or ())


def _label(row: Mapping[str, Any], by: str, lists: Mapping[tuple[str, str], str]) -> str:
    if by == "project":
        return str(row["project__name"])
    if by == "cause":
        return lists.get((ListEntry.CAUSE, row["cause"]), row["cause"]) or "没有写明原因"
    if by == "part":
        return PARTS[row["part"]].name if row["part"] in PARTS else "没有写明部位"
    if by == "duration":
        return SPANS[row["span"]][1]
    return lists.get((ListEntry.SERVICE, row["service"])) or _KINDS.get(row["kind"]) or "没有写明类型"


@dataclass(frozen=True)
class WinWin:
    """Customer satisfaction beside what after-sales cost and brought in, for one period (E-5-e)."""

    satisfaction: Figure
    minutes: int
    material: int
    income: Decimal
    receipts: int


def win_win(place: Place, window: Window) -> WinWin:
    """Return satisfaction, the work and material that after-sales took, and the income of paid services."""
    rated = latest_ratings(place, window).aggregate(
        scored=Count("score"), good=Count("pk", filter=Q(score__gte=GOOD))
    )
    paid = Receipt.objects.filter(
        place.cases("case__"), case__process="paid_service", received_at__gte=window.begin,
        received_at__lt=window.end,
    ).aggregate(amount=Sum("amount"), number=Count("pk"))  # fmt: skip
    work = ServiceEntry.objects.filter(after_sales__in=closed_repairs(place, window)).aggregate(
        minutes=Sum("minutes"), material=Sum(_Length("material"))
    )
    return WinWin(
        Figure(SHARE, rated["good"], rated["scored"]), work["minutes"] or 0, work["material"] or 0,
        paid["amount"] or Decimal(0), paid["number"],
    )  # fmt: skip


# --- loyalty ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class LoyaltyRow:
    """Customers with so many after-sales cases: satisfaction, willingness to recommend, bought again, recommended us."""

    label: str
    customers: int
    satisfaction: Figure
    recommend: Figure
    again: int
    referred: int


GROUPS_OF_CUSTOMERS: Final = ("没有售后", "一次售后", "两次以上")


def loyalty(place: Place, window: Window) -> list[LoyaltyRow]:
    """
    Return satisfaction and loyalty of customers against their after-sales cases (C-1-a, H-1-b): those without a case,
    with one, with two or more. ``referred`` counts customers named as the source of another's purchase (F-1-f).
    """
    mine = place.projects("deal__project__company_id", "deal__project_id")
    homes = DealBuyer.objects.filter(mine, deal__opened_at__lt=window.end).order_by()
    cases = CaseLink.objects.filter(
        place.cases("case__"), kind="customer", case__process="after_sales", case__historic=False,
        case__opened_at__lt=window.end,
    ).order_by()  # fmt: skip
    people = _by_group(homes, cases)
    rated = _answers_by_group(latest_ratings(place, window).filter(customer_id__isnull=False), homes, cases)
    referred = _referrers(place, window, homes, cases)
    found = []
    for group, label in enumerate(GROUPS_OF_CUSTOMERS):
        good, scored, fond, asked = rated[group]
        customers, again = people.get(group, (0, 0))
        found.append(
            LoyaltyRow(
                label, customers, Figure(SHARE, good, scored), Figure(SHARE, fond, asked), again, referred[group],
            )
        )  # fmt: skip
    return found


def _answers_by_group(
    answers: QuerySet[Rating, Rating],
    homes: QuerySet[DealBuyer, DealBuyer],
    cases: QuerySet[CaseLink, CaseLink],
) -> list[list[int]]:
    """Return by number of cases how many answers were good, of how many marks, and would recommend, of how many."""
    would = Cast(KT(f"items__{RECOMMEND}"), IntegerField())
    rows = (
        answers.annotate(would=would)
        .order_by()
        .values_list("customer_id")
        .annotate(
            good=Count("pk", filter=Q(score__gte=GOOD)), scored=Count("score"), fond=Count("pk", filter=Q(would__gte=9)),
            asked=Count("would"),
        )
    )  # fmt: skip
    # Counted once and looked up: asked for each answer, one customer with many cases would be counted as many times.
    who = answers.order_by().values("customer_id")
    often = dict(cases.filter(key__in=who).values_list("key").annotate(Count("pk")))
    bought = set(homes.filter(customer_id__in=who).values_list("customer_id", flat=True))
    found = [[0, 0, 0, 0] for _ in GROUPS_OF_CUSTOMERS]
    for customer, *numbers in rows:
        if customer in often or customer in bought:
            group = min(often.get(customer, 0), 2)
            found[group] = [sum(pair) for pair in zip(found[group], numbers, strict=True)]
    return found


def _by_group(
    homes: QuerySet[DealBuyer, DealBuyer], cases: QuerySet[CaseLink, CaseLink]
) -> dict[int, tuple[int, int]]:
    """Return by number of cases (2: two or more) how many customers there are, and how many bought more than one home."""
    bought = homes.values(who=F("customer_id")).annotate(
        homes=Count("deal_id", distinct=True), cases=Value(0, IntegerField())
    )
    served = cases.values(who=F("key")).annotate(homes=Value(0, IntegerField()), cases=Count("pk"))
    try:
        both, params = bought.union(served, all=True).query.sql_with_params()
    except EmptyResultSet:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT CASE WHEN cases > 1 THEN 2 ELSE cases END AS often, COUNT(*),"  # noqa: S608 - our own text
            " SUM(CASE WHEN homes > 1 THEN 1 ELSE 0 END)"
            f" FROM (SELECT who, SUM(homes) AS homes, SUM(cases) AS cases FROM ({both}) AS one_by_one GROUP BY who)"
            " AS people GROUP BY often",
            params,
        )
        return {int(often): (int(customers), int(again)) for often, customers, again in cursor.fetchall()}


def _referrers(
    place: Place, window: Window, homes: QuerySet[DealBuyer, DealBuyer], cases: QuerySet[CaseLink, CaseLink]
) -> Counter[int]:
    """
    Count by number of cases the customers of confirmed referrals that led to a deal, and those whom a register names
    (推荐：…).
    """
    named = (
        homes.filter(Q(customer__source__startswith="老业主推荐") | Q(customer__source__startswith="推荐"))
        .values_list("customer__source", flat=True)
        .distinct()
    )
    names = {source.split("：", 1)[1].strip() for source in named if "：" in source}
    confirmed = Referral.objects.filter(
        place.projects("project__company_id", "project_id"),
        deal__opened_at__lt=window.end,
        confirmed_at__isnull=False,
    )
    bought = homes.filter(
        Q(customer_id__in=confirmed.values("referrer_id")) | Q(customer__name__in=names)
    ).values_list("customer_id", flat=True)
    who = Q(key__in=confirmed.values("referrer_id"))
    if names:
        who |= Q(key__in=homes.filter(customer__name__in=names).values("customer_id"))
    often = dict(cases.filter(who).values_list("key").annotate(Count("pk")))
    return Counter(min(often.get(customer, 0), 2) for customer in {*bought, *often})


def cases_of(keys: Iterable[int], place: Place) -> list[Case]:
    """Return the cases of these keys that lie in the place, newest first."""
    return list(Case.objects.filter(place.cases(), pk__in=list(keys)).order_by("-pk"))


def subscriptions_of(place: Place, window: Window) -> int:
    """Return how many subscriptions were registered in a window (sales beside service, UI 14)."""
    return Subscription.objects.filter(
        place.cases("case__"), registered_at__gte=window.begin, registered_at__lt=window.end
    ).count()
