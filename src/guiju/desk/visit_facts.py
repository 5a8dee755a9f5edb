"""The facts of a home visit, read once per act."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.db.models import QuerySet

from guiju.desk.models import Visit, VisitMaterial
from guiju.kernel.engine import Context
from guiju.kernel.prepared import prepared


@dataclass
class VisitFacts:
    """A visit with its materials."""

    row: Visit

    @cached_property
    def materials(self) -> list[VisitMaterial]:
        """Used and awaited material, in the order noted."""
        return _materials(self.row.pk)

    @property
    def asked(self) -> list[VisitMaterial]:
        """What is awaited."""
        return [one for one in self.materials if one.state == VisitMaterial.ASKED]


@prepared
def _row(case_id: int) -> QuerySet[Visit, Visit]:
    rows = Visit.objects.filter(case_id=case_id)
    return rows.select_related("unit__building", "unit__project", "project", "technician", "for_case")


@prepared
def _materials(key: int) -> QuerySet[VisitMaterial, VisitMaterial]:
    return VisitMaterial.objects.filter(visit_id=key).select_related("material").order_by("id")


def of_case(case_id: int) -> VisitFacts:
    """Read the visit of a case.

    :raises Visit.DoesNotExist: it is none.
    """
    row = _row.one(case_id)
    if row is None:
        raise Visit.DoesNotExist
    return VisitFacts(row)


def load(context: Context) -> VisitFacts:
    """Read the visit of the context's case."""
    return of_case(context.case.pk)


def facts_of(context: Context) -> VisitFacts:
    """Return the facts of the context's case."""
    facts = context.facts
    assert isinstance(facts, VisitFacts)
    return facts
