"""Page-sized reads over after-sales cases and visits."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import Count, Q, QuerySet

from guiju.desk.models import AfterSales, Met, ServiceEntry, Visit


@dataclass(frozen=True)
class Share:
    """A share with what it is made of; none where nothing was closed."""

    met: int
    closed: int

    @property
    def percent(self) -> Decimal | None:
        """The share in per cent with one place, rounded half up."""
        if not self.closed:
            return None
        return (Decimal(self.met * 100) / self.closed).quantize(Decimal("0.1"), ROUND_HALF_UP)


def open_cases(*, project_ids: Collection[int]) -> QuerySet[AfterSales]:
    """Return open after-sales cases of these projects, with what a list shows of them."""
    rows = AfterSales.objects.filter(project_id__in=project_ids, closed_at=None, case__closed_at=None)
    return rows.select_related("case", "owner", "unit__building", "project")


def quiet(*, project_ids: Collection[int], at: datetime, days: int) -> QuerySet[AfterSales]:
    """Return open cases on which nothing was done for so many days, the quietest first (A-2.3-c)."""
    rows = open_cases(project_ids=project_ids).filter(last_action_at__lt=at - timedelta(days=days))
    return rows.order_by("last_action_at", "id")


def needs_met(*, project_ids: Collection[int], since: datetime, until: datetime) -> Share:
    """Return how many of the cases closed in the window met the customer's need in full (C-2-1)."""
    rows = AfterSales.objects.filter(project_id__in=project_ids, closed_at__gte=since, closed_at__lt=until)
    found = rows.aggregate(closed=Count("id"), met=Count("id", filter=Q(met=Met.FULL)))
    return Share(found["met"], found["closed"])


@dataclass(frozen=True)
class Gap:
    """A service record that misses something, or was written late: by whom."""

    person: str
    number: str
    words: str


LATE_ENTRY = timedelta(hours=24)


def record_gaps(*, project_ids: Collection[int], since: datetime, until: datetime) -> list[Gap]:
    """
    Return records with missing or late entries per employee (E-3.5-a): closed cases without cause, measure or time
    used, and entries written more than a day after they happened.
    """
    found: list[Gap] = []
    rows = AfterSales.objects.filter(project_id__in=project_ids, closed_at__gte=since, closed_at__lt=until)
    timed = set(
        ServiceEntry.objects.filter(after_sales__in=rows, minutes__gt=0).values_list(
            "after_sales_id", flat=True
        )
    )
    for row in rows.select_related("case", "owner").order_by("owner__name", "pk")[:500]:
        missing = [
            words
            for words, there in (
                ("根本原因", row.cause), ("措施", row.measure), ("联系人", row.contact_name),
                ("问题描述", row.problem or row.where), ("用时", row.pk in timed),
            )
            if not there
        ]  # fmt: skip
        if missing and row.met != Met.REFUSED:
            found.append(Gap(row.owner.name, row.case.number, f"缺{'、'.join(missing)}"))
    late = ServiceEntry.objects.filter(
        after_sales__project_id__in=project_ids, recorded_at__gte=since, recorded_at__lt=until
    ).select_related("after_sales__case", "recorded_by")
    for entry in late.order_by("pk"):
        if entry.recorded_at - entry.happened_at > LATE_ENTRY and entry.recorded_by is not None:
            hours = int((entry.recorded_at - entry.happened_at).total_seconds() // 3600)
            number = entry.after_sales.case.number
            found.append(Gap(entry.recorded_by.name, number, f"{entry.get_kind_display()}晚记 {hours} 小时"))
    return sorted(found, key=lambda gap: (gap.person, gap.number))


def waiting_visits(*, project_ids: Collection[int]) -> QuerySet[Visit]:
    """Return visits that have no agreed time yet."""
    rows = Visit.objects.filter(project_id__in=project_ids, closed_at=None)
    rows = rows.filter(case__state__in=["requested", "offered", "waiting"])
    return rows.select_related("case", "for_case", "unit__building", "project", "technician")


def planned_visits(*, project_ids: Collection[int], start: datetime, end: datetime) -> QuerySet[Visit]:
    """Return visits of a time, by person and hour."""
    rows = Visit.objects.filter(project_id__in=project_ids, starts_at__gte=start, starts_at__lt=end)
    rows = rows.exclude(case__state="cancelled")
    return rows.select_related("case", "for_case", "unit__building", "project", "technician").order_by(
        "starts_at", "pk"
    )


def visits_of_person(person_id: int, *, start: datetime, end: datetime) -> QuerySet[Visit]:
    """Return a technician's visits of a time, by hour."""
    rows = Visit.objects.filter(technician_id=person_id, starts_at__gte=start, starts_at__lt=end)
    rows = rows.exclude(case__state="cancelled")
    return rows.select_related("case", "for_case", "unit__building", "project").order_by("starts_at", "pk")
