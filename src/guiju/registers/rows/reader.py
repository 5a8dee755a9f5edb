"""Reads one row through the sheet's mapping: its cells, where its home is, and in Chinese what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import TypeVar

from guiju.registers import rooms, values
from guiju.registers.recognise import DataRows, data_rows
from guiju.registers.recognise import Mapping as Columns
from guiju.registers.rooms import Place
from guiju.registers.rows.facts import Entry, Facts
from guiju.registers.values import Amount, Unreadable, says_nothing, shown, squeezed, text_of
from guiju.registers.workbook import Cell, Row, Sheet

T = TypeVar("T")


@dataclass(slots=True)
class Page:
    """A sheet with its mapping and its rows."""

    sheet: Sheet
    mapping: Columns
    data: DataRows

    @classmethod
    def of(cls, sheet: Sheet, mapping: Columns) -> Page:
        """Take the entries of a sheet."""
        return cls(sheet, mapping, data_rows(sheet, mapping))


class RowReader:
    """Reads one row through the mapping and collects what is wrong."""

    def __init__(self, page: Page, row: Row) -> None:
        self.page, self.row = page, row
        self.columns = page.mapping
        self.reasons: list[str] = []
        self.notices: list[str] = []
        self.place_text = ""
        self.filled: dict[int, Cell] = {}

    def cell(self, name: str) -> Cell:
        column = self.columns.column(name)
        return None if column is None else self.row.cell(column)

    def label(self, name: str) -> Cell:
        column = self.columns.column(name)
        return None if column is None else self.row.label(column)

    def text(self, name: str, most: int) -> str:
        cell = self.cell(name)
        return "" if says_nothing(cell) else text_of(cell).strip()[:most]

    def read(self, name: str, reader: Callable[[Cell], T | None]) -> T | None:
        try:
            return reader(self.cell(name))
        except Unreadable as error:
            self.reasons.append(f"{self.columns.name(name)}{error}")
            return None

    def demand(self, name: str, value: object) -> None:
        """Note that a needed cell is empty, unless it was already found unreadable."""
        label = self.columns.name(name)
        if value is None and not any(reason.startswith(label) for reason in self.reasons):
            self.reasons.append(f"{label}为空")

    def amount(self, name: str, scale: Decimal) -> Amount | None:
        return self.read(name, lambda cell: values.read_amount(cell, scale=scale))


def money(value: Decimal) -> str:
    """Return an amount as reasons print it: 5,150,800.00."""
    return f"{value:,.2f}"


def scale_of(page: Page, name: str, *, below: Decimal) -> Decimal:
    """
    Return how many yuan one unit of a column is: by its heading or sheet; else 10,000 if half of its figures lie
    below what such an amount can be in yuan.
    """
    said = page.mapping.scale(name)
    if said is not None:
        return said
    column = page.mapping.column(name)
    if column is None:
        return Decimal(1)
    figures: list[Decimal] = []
    for row in page.data.rows:
        try:
            number = values.read_amount(row.cell(column))
        except Unreadable:
            continue
        if number and number.yuan > 0:
            figures.append(number.yuan)
    figures.sort()
    return Decimal(10_000) if len(figures) > 0 and figures[len(figures) // 2] < below else Decimal(1)


def places_of(reader: RowReader, carried: dict[str, Cell], style: Style) -> list[Place]:
    """Read where the row's home is; building and entrance are carried down from the row above where they are blank."""
    building, entrance = rooms.split_building(reader.label("building"), reader.label("entrance"))
    if building is None and style.carries:
        building = carried.get("building")
        if entrance is None and (style.carries_entrance or reader.columns.column("entrance") is None):
            entrance = carried.get("entrance")
    elif (
        entrance is None
        and style.carries_entrance
        and rooms.building_key(building) == rooms.building_key(carried.get("building"))
    ):
        entrance = carried.get("entrance")
    building, entrance = (None if says_nothing(cell) else cell for cell in (building, entrance))
    carried["building"], carried["entrance"] = building, entrance
    floor = reader.label("floor")
    room = reader.label("room")
    for name, value in (("building", building), ("entrance", entrance), ("floor", floor), ("room", room)):
        column = reader.columns.column(name)
        if column is not None and reader.row.cell(column) is None and not says_nothing(value):
            reader.filled[column] = value
    said = [building, entrance, room] if not rooms.looks_like_place(room) else [room]
    reader.place_text = " ".join(shown(cell) for cell in said if not says_nothing(cell))
    if says_nothing(room):
        reader.reasons.append(f"{reader.columns.name('room')}为空")
        return []
    places = rooms.place_from(
        building=building, entrance=entrance, floor=floor, room=room,
        default_building=reader.columns.building, short_rooms=style.per_floor, repeats_building=style.repeats_building,
    )  # fmt: skip
    if not places:
        if rooms.read_places(room):
            reader.reasons.append(f"{reader.columns.name('room')}「{shown(room)}」与楼栋、单元列不一致")
        else:
            reader.reasons.append(f"{reader.columns.name('room')}「{shown(room)}」认不出是哪一套")
    return places


@dataclass(frozen=True, slots=True)
class Style:
    """How a sheet writes its rooms."""

    per_floor: bool
    """Rooms are numbered per floor (楼层 15, 房号 02)."""
    carries: bool
    """The building stands in the first row of a run only; a lone blank is an omission, not a run."""
    carries_entrance: bool
    """So does the entrance; where it is written out row by row, a shop's blank means that it has none."""
    repeats_building: bool
    """The first of two numbers (2-1502) repeats the building that stands elsewhere, it is not the entrance."""

    @classmethod
    def of(cls, page: Page) -> Style:
        """Look at all rows of a sheet."""
        room, floor = page.mapping.column("room"), page.mapping.column("floor")
        if room is None:
            return cls(False, False, False, False)
        cells = [row.label(room) for row in page.data.rows if not says_nothing(row.label(room))]
        short = sum(len(squeezed(cell)) <= 2 and squeezed(cell).isdigit() for cell in cells)
        per_floor = floor is not None and bool(cells) and short >= 0.9 * len(cells)
        building, entrance = _carries(page, "building"), _carries(page, "entrance")
        return cls(per_floor, building, entrance, _repeats_building(page, room))


def _carries(page: Page, name: str) -> bool:
    """Whether a quarter of the rows leave this to the row above, and the others do not write it out again and again."""
    column = page.mapping.column(name)
    if column is None:
        return False
    labels = [row.label(column) for row in page.data.rows]
    blank = sum(label is None for label in labels)
    own = [row.cell(column) for row in page.data.rows]
    again = sum(one is not None and one == before for before, one in pairwise(own))
    return 0 < blank < len(labels) and blank * 4 >= len(labels) and again * 10 <= len(labels)


def _repeats_building(page: Page, room: int) -> bool:
    """Whether every room that begins with a number of its own begins with its building's, and not just always with 1."""
    column = page.mapping.column("building")
    if column is None and page.mapping.building is None:
        return False
    own = rooms.building_key(page.mapping.building)
    pairs = set()
    for row in page.data.rows:
        if column is not None and not says_nothing(row.label(column)):
            own = rooms.building_key(row.label(column))
        readings = rooms.read_places(row.label(room))
        if len(readings) == 2 and readings[0].building == readings[1].entrance:
            pairs.add((own, readings[0].building))
    return bool(pairs) and all(mine == first for mine, first in pairs) and pairs != {("1", "1")}


def entry_of(
    page: Page, row: Row, reader: RowReader, facts: Facts | None, places: list[Place], building: str = ""
) -> Entry:
    return Entry(
        page.sheet.name, row.number, row.cells, None if reader.reasons else facts, places,
        reader.reasons, reader.notices, building, reader.place_text, reader.filled,
    )  # fmt: skip
