"""Price lists (一房一价表): makes units, keeps their prices with history. Imported units are 未推 until released."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from guiju.estate.models import Building, Permit, PriceChange, Project, Unit
from guiju.estate.searching import document
from guiju.registers.homes import Homes, key_of
from guiju.registers.memory import merge
from guiju.registers.models import ImportedFact
from guiju.registers.outcomes import Outcome, Status, refused
from guiju.registers.pricing import Basis
from guiju.registers.rooms import Place, building_key, building_name
from guiju.registers.rows.facts import Entry, UnitRow
from guiju.registers.writers.base import (
    BATCH,
    Act,
    Facts,
    Scope,
    changes_of,
    find_again,
    first_seen,
    kept_notices,
)

LABELS = {
    "floor": "楼层", "layout": "户型", "layout_name": "户型名称", "orientation": "朝向", "show_unit": "样板间",
    "remark": "备注", "pricing_basis": "计价方式", "area_contract": "建筑面积", "inner_area": "套内建筑面积",
    "apportioned_area": "分摊面积", "unit_price": "单价", "list_price": "总价",
}  # fmt: skip
_BASES = {Basis.BUILDING: "gfa", Basis.INNER: "inner", Basis.UNIT: "set"}
_USES = (
    ("车位", "parking"),
    ("车库", "parking"),
    ("储", "storage"),
    ("商", "shop"),
    ("铺", "shop"),
    ("办公", "office"),
    ("写字", "office"),
)


@dataclass(slots=True)
class UnitWriter:
    """Writes price lists."""

    scope: Scope
    permits: dict[str, str] = field(default_factory=dict)
    """Sheet → number of the presale permit above its table."""
    homes: Homes = field(init=False)
    facts: Facts = field(init=False)
    _new: list[tuple[Unit, str, Entry, dict[str, Any]]] = field(default_factory=list)
    _changed: list[tuple[Unit, dict[str, Any]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.homes = Homes(self.scope.units())
        self.facts = Facts(self.scope, ImportedFact.UNIT)

    def plan(self, entries: Sequence[Entry]) -> list[Outcome]:
        """Return what would become of each row: a home is made once, a second row about it is refused."""
        seen: dict[tuple[str, str, str], Entry] = {}
        return [self._row(entry, seen) for entry in entries]

    def _row(self, entry: Entry, seen: dict[tuple[str, str, str], Entry]) -> Outcome:
        facts = entry.facts
        existing = self._existing(entry.places)
        if not isinstance(facts, UnitRow):
            return refused(entry, unit_id=existing.pk if existing else None)
        if not facts.building:
            return refused(entry, "没有写明楼栋")
        label = label_of(facts, entry.building)
        key = key_of(existing) if existing else (facts.building, facts.entrance, facts.room)
        again = first_seen(seen, key, entry, label)
        if again is not None:
            again.unit_id = existing.pk if existing else None
            return again
        wanted = values_of(facts)
        if existing is None:
            made = {**wanted, "floor": facts.floor or 0}
            unit = Unit(entrance=facts.entrance, room=facts.room, kind=kind_of(facts.use), **made)
            self._new.append((unit, entry.building or facts.building, entry, wanted))
            return Outcome(entry, Status.CREATED, label, notices=list(entry.notices))
        current = {name: getattr(existing, name) for name in wanted}
        current["floor"] = current["floor"] or None
        merged = merge(current, wanted, self.facts.written(existing.pk))
        notices = entry.notices + kept_notices(LABELS, merged.kept)
        if not merged.new:
            return Outcome(entry, Status.UNCHANGED, existing.label, notices=notices, unit_id=existing.pk)
        for name, value in merged.new.items():
            setattr(existing, name, value)
        self._changed.append((existing, merged.new))
        self.facts.note(existing, entry, merged.new)
        changes = changes_of(LABELS, merged.new, merged.old)
        return Outcome(entry, Status.UPDATED, existing.label, changes, notices=notices, unit_id=existing.pk)

    def _existing(self, places: Sequence[Place]) -> Unit | None:
        """Return the unit that a row names; an entrance that only the register or only the estate tells is no difference."""
        for place in places[:1]:
            found = self.homes.candidates(place)
            if len(found) == 1 and place.building is not None:
                return found[0]
        return None

    def write(self, act: Act) -> None:
        """Make buildings and units, write prices with their history."""
        project = self.scope.project
        assert project is not None
        buildings = {building_key(made.name): made for made in Building.objects.filter(project=project)}
        for _, name, entry, _ in self._new:
            key = building_key(name)
            if key not in buildings:
                buildings[key] = Building.objects.create(
                    project=project, name=building_name(name)[:40], position=len(buildings)
                )
                self._permit(project, buildings[key], self.permits.get(entry.sheet))
        for unit, name, _, _ in self._new:
            unit.project, unit.building = project, buildings[building_key(name)]
        units = Unit.objects.bulk_create([unit for unit, _, _, _ in self._new], batch_size=BATCH)
        for unit, (_, _, entry, wanted) in zip(units, self._new, strict=True):
            self.facts.note(unit, entry, wanted)
            self.homes.add(unit)
        Unit.objects.bulk_update(
            [unit for unit, _ in self._changed],
            sorted({name for _, new in self._changed for name in new}) or ["remark"],
            batch_size=200,
        )
        repriced = units + [unit for unit, new in self._changed if {"unit_price", "list_price"} & set(new)]
        PriceChange.objects.bulk_create(
            [
                PriceChange(
                    unit=unit, unit_price=unit.unit_price, list_price=unit.list_price, valid_from_at=act.at,
                    source=self.scope.file_name[:200], set_by_id=act.by_id,
                )
                for unit in repriced
            ],
            batch_size=BATCH,
        )  # fmt: skip
        self.facts.write(act)
        find_again(document(unit) for unit in units)

    @staticmethod
    def _permit(project: Project, building: Building, number: str | None) -> None:
        """Note the presale permit that the price list shows for a new building; its validity is not on the list."""
        if number:
            permit, _ = Permit.objects.get_or_create(project=project, kind="presale", number=number)
            permit.buildings.add(building)


def label_of(facts: UnitRow, building: str) -> str:
    """Return the unit as people say it, before it exists."""
    entrance = f" {facts.entrance}单元" if facts.entrance else ""
    return f"{building or facts.building}{entrance} {facts.room}"


def kind_of(use: str) -> str:
    """Return the kind of unit that a use names."""
    return next((kind for word, kind in _USES if word in use), "dwelling")


def values_of(facts: UnitRow) -> dict[str, Any]:
    """Return a row's facts by the unit's fields."""
    return {
        "floor": facts.floor or None,
        "layout": facts.layout,
        "layout_name": facts.layout_name,
        "orientation": facts.orientation,
        "show_unit": facts.show_unit,
        "remark": facts.note,
        "pricing_basis": _BASES[facts.basis],
        "area_contract": facts.area,
        "inner_area": facts.inner_area,
        "apportioned_area": facts.shared_area,
        "unit_price": facts.unit_price,
        "list_price": facts.total,
    }
