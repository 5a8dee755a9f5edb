"""The facts of an after-sales case, read once per act."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.db.models import QuerySet

from guiju.desk.models import AfterSales, Coordination, OwnerChange, ServiceEntry, Solution, Visit
from guiju.kernel.engine import Context
from guiju.kernel.prepared import prepared


@dataclass
class AfterSalesFacts:
    """An after-sales case with its solutions, tasks of other departments and visits, each read when first asked for."""

    row: AfterSales

    @cached_property
    def solutions(self) -> list[Solution]:
        """Every solution offered, the first one first."""
        return _solutions(self.row.pk)

    @property
    def solution(self) -> Solution | None:
        """The solution in hand: the last one offered."""
        return self.solutions[-1] if self.solutions else None

    @cached_property
    def tasks(self) -> list[Coordination]:
        """The tasks of other departments, the oldest first."""
        return _tasks(self.row.pk)

    @property
    def open_tasks(self) -> list[Coordination]:
        """Those whose result is not known yet."""
        return [task for task in self.tasks if task.answered_at is None]

    @property
    def investigating(self) -> Coordination | None:
        """The investigation whose result is still out."""
        return next((task for task in self.open_tasks if task.kind == Coordination.INVESTIGATION), None)

    @cached_property
    def open_visits(self) -> list[Visit]:
        """Visits that are not over."""
        return _open_visits(self.row.case_id)

    @cached_property
    def asked(self) -> OwnerChange | None:
        """The change of owner that waits for an answer."""
        return _asked.one(self.row.pk)

    @property
    def entries(self) -> list[ServiceEntry]:
        """The service record, in the order of what happened."""
        return _entries(self.row.pk)

    @property
    def report(self) -> ServiceEntry | None:
        """The operation report 操作报告: the last line that says what was done by hand, by whom (G-4.4)."""
        return next((entry for entry in reversed(self.entries) if entry.kind == "repair"), None)

    @property
    def report_waits(self) -> bool:
        """Whether work was reported done and the head of the department has not reviewed that report yet (G-4.5)."""
        row = self.row
        if row.done_at is None or row.way == "remote":
            return False
        return row.reviewed_at is None or row.reviewed_at < row.done_at or row.accurate is False

    @property
    def agreed(self) -> bool:
        """Whether the customer agreed to the solution in hand."""
        return self.solution is not None and self.solution.outcome in (Solution.AGREED, Solution.WORKED)


@prepared
def _row(case_id: int) -> QuerySet[AfterSales, AfterSales]:
    rows = AfterSales.objects.filter(case_id=case_id)
    return rows.select_related("unit__building", "unit__project", "project", "customer", "owner")


@prepared
def _solutions(key: int) -> QuerySet[Solution, Solution]:
    return Solution.objects.filter(after_sales_id=key).order_by("attempt")


@prepared
def _tasks(key: int) -> QuerySet[Coordination, Coordination]:
    return Coordination.objects.filter(after_sales_id=key).select_related("memo").order_by("id")


@prepared
def _open_visits(case_id: int) -> QuerySet[Visit, Visit]:
    return Visit.objects.filter(for_case_id=case_id, closed_at=None).select_related("case").order_by("id")


@prepared
def _asked(key: int) -> QuerySet[OwnerChange, OwnerChange]:
    rows = OwnerChange.objects.filter(after_sales_id=key, answered_at=None)
    return rows.select_related("to_person").order_by("id")


@prepared
def _entries(key: int) -> QuerySet[ServiceEntry, ServiceEntry]:
    rows = ServiceEntry.objects.filter(after_sales_id=key).select_related("recorded_by", "corrects")
    return rows.order_by("happened_at", "id")


def load(context: Context) -> AfterSalesFacts:
    """Read the after-sales case."""
    return of_case(context.case.pk)


def of_case(case_id: int) -> AfterSalesFacts:
    """Read the facts of a case.

    :raises AfterSales.DoesNotExist: it is no after-sales case.
    """
    row = _row.one(case_id)
    if row is None:
        raise AfterSales.DoesNotExist
    return AfterSalesFacts(row)


def facts_of(context: Context) -> AfterSalesFacts:
    """Return the facts of the context's case."""
    facts = context.facts
    assert isinstance(facts, AfterSalesFacts)
    return facts
