"""What stands beside the figures: open cases by age, where defects gather, causes, statistics of after-sales, loyalty."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db.models import Case as SqlCase
from django.db.models import (
    Count,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from guiju.desk.lists import entries
from guiju.desk.models import AfterSales, ListEntry
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
    hours,
    latest_ratings,
    minutes_worked,
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
    cases: Sequence[int]
    homes: int
    again: int
    unsatisfied: int

    @property
    def count(self) -> int:
        """How many cases it led to."""
        return len(self.cases)


def causes(place: Place, window: Window) -> list[CauseRow]:
    """
    Return the recurring root causes of repairs and complaints closed in a window, the most frequent first, as input to
    improvement (H-2.5-h, K-2.6-e). ``again``: cases that repeated an earlier one.
    """
    names = entries(ListEntry.CAUSE)
    low = {row.case_id for row in latest_ratings(place, window) if row.score is not None and row.score < GOOD}
    found: dict[tuple[str, str], list[tuple[int, int | None, bool]]] = {}
    for row in closed_repairs(place, window):
        label = names.get(row.cause, row.cause) or row.cause_words[:40] or "没有写明原因"
        part = PARTS[row.part].name if row.part in PARTS else row.part
        found.setdefault((label, part), []).append((row.case_id, row.unit_id, row.repeat_of_id is not None))
    complaints = Complaint.objects.filter(
        place.cases("case__"), case__historic=False, case__closed_at__gte=window.begin,
        case__closed_at__lt=window.end,
    )  # fmt: skip
    known = {cause.value: cause.label for cause in Cause}
    for one in complaints:
        code = one.cause_found or one.cause
        key = (known.get(code, "没有写明事由"), "投诉")
        found.setdefault(key, []).append((one.case_id, one.unit_id, one.repeat_of_id is not None))
    rows = [
        CauseRow(
            label=label, part=part, cases=[case for case, _, _ in theirs],
            homes=len({unit for _, unit, _ in theirs if unit is not None}), again=sum(again for _, _, again in theirs),
            unsatisfied=sum(case in low for case, _, _ in theirs),
        )
        for (label, part), theirs in found.items()
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (-row.count, row.label, row.part))


# --- statistics of after-sales ---------------------------------------------------------------------------------------
@dataclass(frozen=True)
class StatRow:
    """One line of after-sales statistics: how many, hours to close, minutes of work, satisfaction (E-1.4-b)."""

    label: str
    cases: Sequence[int]
    hours: Decimal
    minutes: int
    satisfaction: Figure

    @property
    def count(self) -> int:
        """How many cases."""
        return len(self.cases)

    @property
    def average(self) -> Decimal:
        """Hours from receipt to closing, on average."""
        return self.hours / len(self.cases)


BY: Final[Mapping[str, str]] = {
    "kind": "类型",
    "project": "项目",
    "cause": "原因",
    "part": "部位",
    "duration": "时长",
}
SPANS: Final = ((24, "24 小时内"), (72, "1–3 天"), (168, "4–7 天"), (720, "8–30 天"), (10**9, "30 天以上"))


def statistics(place: Place, window: Window, by: str) -> list[StatRow]:
    """Return the after-sales cases closed in a window, grouped by type, project, cause, part or duration (E-1.4-b)."""
    rows = closed_repairs(place, window)
    marks = {row.case_id: row.score for row in latest_ratings(place, window) if row.score is not None}
    late = dict(
        Rating.objects.filter(case_id__in=[row.case_id for row in rows], score__isnull=False)
        .order_by("given_at", "pk")
        .values_list("case_id", "score")
    )
    marks |= {case: score for case, score in late.items() if score is not None}
    worked = minutes_worked(rows)
    lists = {
        (kind, code): name
        for kind in (ListEntry.SERVICE, ListEntry.CAUSE)
        for code, name in entries(kind).items()
    }
    projects = {row.project_id: row.project.name for row in AfterSales.objects.filter(
        pk__in=[row.pk for row in rows]).select_related("project")}  # fmt: skip
    groups: dict[str, list[AfterSales]] = {}
    for row in rows:
        groups.setdefault(_group(row, by, lists, projects), []).append(row)
    found = []
    for label, theirs in groups.items():
        took = [row for row in theirs if row.case.closed_at is not None]
        scored = [marks[row.case_id] for row in theirs if row.case_id in marks]
        found.append(
            StatRow(
                label, [row.case_id for row in theirs],
                sum((hours(row.case.closed_at - row.received_at) for row in took if row.case.closed_at), Decimal(0)),
                sum(worked.get(row.case_id, 0) for row in theirs),
                Figure(SHARE, sum(score >= GOOD for score in scored), len(scored)),
            )
        )  # fmt: skip
    if by == "duration":
        order = {label: place for place, (_, label) in enumerate(SPANS)}
        return sorted(found, key=lambda one: order.get(one.label, 99))
    return sorted(found, key=lambda one: (-one.count, one.label))


def _group(
    row: AfterSales, by: str, lists: Mapping[tuple[str, str], str], projects: Mapping[int, str]
) -> str:
    if by == "project":
        return projects.get(row.project_id, "")
    if by == "cause":
        return lists.get((ListEntry.CAUSE, row.cause), row.cause) or "没有写明原因"
    if by == "part":
        return PARTS[row.part].name if row.part in PARTS else "没有写明部位"
    if by == "duration":
        assert row.case.closed_at is not None
        took = hours(row.case.closed_at - row.received_at)
        return next(label for most, label in SPANS if took <= most)
    return str(lists.get((ListEntry.SERVICE, row.service), "")) or row.get_kind_display() or "没有写明类型"


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
    rows = closed_repairs(place, window)
    scored = [row.score for row in latest_ratings(place, window) if row.score is not None]
    paid = Receipt.objects.filter(
        place.cases("case__"), case__process="paid_service", received_at__gte=window.begin,
        received_at__lt=window.end,
    )  # fmt: skip
    amounts = [receipt.amount for receipt in paid]
    material = sum(len(entry.material) for row in rows for entry in row.entries.all())
    return WinWin(
        Figure(SHARE, sum(score >= GOOD for score in scored), len(scored)),
        sum(minutes_worked(rows).values()), material, sum(amounts, Decimal(0)), len(amounts),
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


def loyalty(place: Place, window: Window) -> list[LoyaltyRow]:
    """
    Return satisfaction and loyalty of customers against their after-sales cases (C-1-a, H-1-b): those without a case,
    with one, with two or more. ``referred`` counts customers named as the source of another's purchase (F-1-f).
    """
    mine = place.projects("deal__project__company_id", "deal__project_id")
    homes = dict(
        DealBuyer.objects.filter(mine, deal__opened_at__lt=window.end)
        .values_list("customer_id")
        .annotate(homes=Count("deal_id", distinct=True))
    )
    cases = Counter(
        CaseLink.objects.filter(
            place.cases("case__"), kind="customer", case__process="after_sales", case__historic=False,
            case__opened_at__lt=window.end,
        ).values_list("key", flat=True)
    )  # fmt: skip
    rated: dict[int, list[Rating]] = {}
    for row in latest_ratings(place, window):
        if row.customer_id is not None:
            rated.setdefault(row.customer_id, []).append(row)
    referred = _referrers(place, window, set(homes) | set(cases))
    groups: dict[str, list[int]] = {"没有售后": [], "一次售后": [], "两次以上": []}
    for customer in {*homes, *cases}:
        often = cases.get(customer, 0)
        groups["没有售后" if not often else "一次售后" if often == 1 else "两次以上"].append(customer)
    return [_loyal(label, people, homes, rated, referred) for label, people in groups.items()]


def _loyal(
    label: str, people: Sequence[int], homes: Mapping[int, int], rated: Mapping[int, Sequence[Rating]],
    referred: set[int],
) -> LoyaltyRow:  # fmt: skip
    ratings = [row for customer in people for row in rated.get(customer, ())]
    scored = [row.score for row in ratings if row.score is not None]
    asked = [int(row.items[RECOMMEND]) for row in ratings if RECOMMEND in row.items]
    return LoyaltyRow(
        label, len(people), Figure(SHARE, sum(score >= GOOD for score in scored), len(scored)),
        Figure(SHARE, sum(mark >= 9 for mark in asked), len(asked)), sum(homes.get(one, 0) > 1 for one in people),
        sum(one in referred for one in people),
    )  # fmt: skip


def _referrers(place: Place, window: Window, known: set[int]) -> set[int]:
    """Return the customers of confirmed referrals that led to a deal, and those whom a register names (推荐：…)."""
    mine = place.projects("deal__project__company_id", "deal__project_id")
    named = (
        DealBuyer.objects.filter(mine, deal__opened_at__lt=window.end)
        .filter(Q(customer__source__startswith="老业主推荐") | Q(customer__source__startswith="推荐"))
        .values_list("customer__source", flat=True)
    )
    names = {source.split("：", 1)[1].strip() for source in named if "：" in source}
    confirmed = Referral.objects.filter(
        place.projects("project__company_id", "project_id"),
        deal__opened_at__lt=window.end,
        confirmed_at__isnull=False,
    ).values_list("referrer_id", flat=True)
    made = set(confirmed) & known
    if not names:
        return made
    found = DealBuyer.objects.filter(mine, customer__name__in=names, customer_id__in=known)
    return made | set(found.values_list("customer_id", flat=True))


def cases_of(keys: Iterable[int], place: Place) -> list[Case]:
    """Return the cases of these keys that lie in the place, newest first."""
    return list(Case.objects.filter(place.cases(), pk__in=list(keys)).order_by("-pk"))


def subscriptions_of(place: Place, window: Window) -> int:
    """Return how many subscriptions were registered in a window (sales beside service, UI 14)."""
    return Subscription.objects.filter(
        place.cases("case__"), registered_at__gte=window.begin, registered_at__lt=window.end
    ).count()
