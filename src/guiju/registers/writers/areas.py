"""Measured areas (实测面积成果): written beside the contract's areas of units that exist already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from guiju.estate.models import Unit
from guiju.registers.homes import Homes
from guiju.registers.memory import merge
from guiju.registers.models import ImportedFact
from guiju.registers.outcomes import Outcome, Status, refused
from guiju.registers.rows.facts import AreaRow, Entry
from guiju.registers.writers.base import Act, Facts, Scope, changes_of, first_seen, kept_notices

LABELS = {
    "area_measured": "实测建筑面积", "inner_measured": "实测套内面积", "area_contract": "建筑面积",
    "inner_area": "套内建筑面积",
}  # fmt: skip


@dataclass(slots=True)
class AreaWriter:
    """Writes measured areas."""

    scope: Scope
    homes: Homes = field(init=False)
    facts: Facts = field(init=False)
    _changed: list[tuple[Unit, dict[str, Any]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.homes = Homes(self.scope.units())
        self.facts = Facts(self.scope, ImportedFact.UNIT)

    def plan(self, entries: Sequence[Entry]) -> list[Outcome]:
        """Return what would become of each row; a unit that does not exist is refused."""
        seen: dict[int, Entry] = {}
        return [self._row(entry, seen) for entry in entries]

    def _row(self, entry: Entry, seen: dict[int, Entry]) -> Outcome:
        unit, why = self.homes.find(entry.places)
        if not isinstance(entry.facts, AreaRow):
            return refused(entry, unit_id=unit.pk if unit else None)
        if unit is None:
            return refused(entry, why)
        again = first_seen(seen, unit.pk, entry, unit.label)
        if again is not None:
            again.unit_id = unit.pk
            return again
        facts = entry.facts
        notices = list(entry.notices)
        wanted: dict[str, Any] = {"area_measured": facts.area, "inner_measured": facts.inner_area}
        for name, value in (
            ("area_contract", facts.contract_area),
            ("inner_area", facts.contract_inner_area),
        ):
            there = getattr(unit, name)
            if there is None:
                wanted[name] = value
            elif value is not None and value != there:
                notices.append(f"合同约定的{LABELS[name]} {value} 与房源的 {there} 不同，未改房源")
        current = {name: getattr(unit, name) for name in wanted}
        merged = merge(current, wanted, self.facts.written(unit.pk))
        notices += kept_notices(LABELS, merged.kept)
        if not merged.new:
            return Outcome(entry, Status.UNCHANGED, unit.label, notices=notices, unit_id=unit.pk)
        for name, value in merged.new.items():
            setattr(unit, name, value)
        self._changed.append((unit, merged.new))
        self.facts.note(unit, entry, merged.new)
        changes = changes_of(LABELS, merged.new, merged.old)
        return Outcome(entry, Status.UPDATED, unit.label, changes, notices=notices, unit_id=unit.pk)

    def write(self, act: Act) -> None:
        """Write the areas."""
        names = sorted({name for _, new in self._changed for name in new})
        if names:
            Unit.objects.bulk_update([unit for unit, _ in self._changed], names, batch_size=200)
        self.facts.write(act)
