"""The facts of a unit-control case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from math import ceil

from guiju.estate.forms import Kind
from guiju.estate.models import ControlOrder, Unit
from guiju.kernel.engine import Context


@dataclass
class ControlFacts:
    """An ordered change of unit control with its units."""

    order: ControlOrder

    @property
    def kind(self) -> Kind:
        """What is to be done."""
        return next(kind for kind in Kind if kind.value == self.order.kind)

    @property
    def until_at(self) -> datetime | None:
        """Until when a hold lasts."""
        return self.order.until_at

    @property
    def days(self) -> int:
        """How many days a hold lasts, rounded up (0 for anything else)."""
        if self.order.until_at is None:
            return 0
        return ceil((self.order.until_at - self.order.applied_at).total_seconds() / 86400)

    @cached_property
    def units(self) -> list[Unit]:
        """The units, by building and room."""
        return list(self.order.units.select_related("building").order_by("building_id", "entrance", "room"))


def load(context: Context) -> ControlFacts:
    """Read the order of the case."""
    return ControlFacts(ControlOrder.objects.get(case_id=context.case.pk))


def facts_of(context: Context) -> ControlFacts:
    """Return the facts of the context's case."""
    facts = context.facts
    assert isinstance(facts, ControlFacts)
    return facts
