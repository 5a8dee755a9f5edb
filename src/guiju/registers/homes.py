"""The homes of a project by the keys that registers name them with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from guiju.estate.models import Unit
from guiju.registers.rooms import Place, building_key, entrance_key, room_key

Key = tuple[str, str, str]


def key_of(unit: Unit) -> Key:
    """Return building, entrance and room of a unit as keys. Its building must be loaded."""
    return building_key(unit.building.name), entrance_key(unit.entrance), room_key(unit.room)


class Homes:
    """Finds a unit by building, entrance and room; a register may leave out what is not needed to tell homes apart."""

    def __init__(self, units: Iterable[Unit]) -> None:
        self.all: dict[Key, Unit] = {}
        self._by_room: dict[str, list[Key]] = defaultdict(list)
        self._buildings: set[str] = set()
        for unit in units:
            self.add(unit)

    def add(self, unit: Unit) -> None:
        """Know one more unit."""
        key = key_of(unit)
        self.all[key] = unit
        self._by_room[key[2]].append(key)
        self._buildings.add(key[0])

    def __len__(self) -> int:
        return len(self.all)

    def candidates(self, place: Place) -> list[Unit]:
        """Return the units that a reading can mean."""
        exact = self.all.get((place.building or "", place.entrance or "", place.room))
        if exact is not None and place.building is not None:
            return [exact]
        found = []
        for key in self._by_room.get(place.room, ()):
            if place.building is not None and key[0] != place.building:
                continue
            if place.entrance and key[1] and key[1] != place.entrance:
                continue
            found.append(self.all[key])
        return found

    def find(self, places: Sequence[Place]) -> tuple[Unit | None, str]:
        """Return the unit that the readings of a row mean, or None with the reason in Chinese."""
        several: list[Unit] = []
        ordered = (
            sorted(places, key=lambda place: place.building is not None)
            if len(self._buildings) == 1
            else places
        )
        for place in ordered:
            found = self.candidates(place)
            if len(found) == 1:
                return found[0], ""
            several = several or found
        if several:
            names = "、".join(unit.label for unit in several[:3])
            return None, f"可能是 {names}{' 等' if len(several) > 3 else ''}，分不清是哪一套"
        return None, "项目里没有这套房"


def units_of(project_id: int) -> list[Unit]:
    """Return all units of a project with their buildings, in one query."""
    return list(
        Unit.objects.filter(project_id=project_id).select_related("building", "project").order_by("pk")
    )
