"""The building matrix of 销控: cells in their places, one state each, counts that add up."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, Q

from guiju.estate.models import Building, Control, Project, Unit
from guiju.org.masking import mask_name
from guiju.sales.models import DealBuyer
from guiju.web.formats import whole

UNVERIFIED = "unverified"


@dataclass(frozen=True)
class Look:
    """How a state looks: its word, its one glyph (it survives grey printing), its class and its place in the ramp."""

    value: str
    word: str
    glyph: str
    css: str
    sold: bool = False


LOOKS: Mapping[str, Look] = {
    look.value: look
    for look in (
        Look(Control.NOT_RELEASED, "未推", "未", "is-unreleased"),
        Look(Control.AVAILABLE, "可售", "售", "is-available"),
        Look(Control.HELD, "销控", "控", "is-held"),
        Look(Control.LOCKED, "锁定", "锁", "is-locked"),
        Look(Control.SUBSCRIBED, "认购", "认", "is-subscribed", True),
        Look(Control.SIGNED, "签约", "签", "is-signed", True),
        Look(Control.FILED, "备案", "备", "is-filed", True),
        Look(Control.RESTRICTED, "限制", "限", "is-restricted"),
        Look(Control.COOLING, "待公开", "公", "is-cooling"),
        Look(UNVERIFIED, "待核实", "核", "is-unverified"),
    )
}


def look_of(unit: Unit, at: datetime) -> Look:
    """Return how a unit looks now: in dispute before all else; a lock past its time is free again."""
    if unit.unverified:
        return LOOKS[UNVERIFIED]
    if unit.control == Control.LOCKED and unit.lock_until_at is not None and unit.lock_until_at <= at:
        return LOOKS[Control.AVAILABLE]
    return LOOKS[unit.control]


@dataclass(frozen=True)
class Cell:
    """A unit in the matrix."""

    key: int
    room: str
    look: Look
    words: str
    label: str
    dim: bool
    may_hold: bool


@dataclass(frozen=True)
class Entrance:
    """A staircase: floors from the top, each with its cells in the order of the rooms."""

    name: str
    columns: int
    floors: Sequence[tuple[int, Sequence[Cell | None]]]


@dataclass(frozen=True)
class Legend:
    """A state as a filter, with its count."""

    look: Look
    count: int
    current: bool


@dataclass(frozen=True)
class Block:
    """A building as a tab: how many units, how many sold."""

    key: int
    name: str
    count: int
    sold: int
    current: bool

    @property
    def share(self) -> int:
        """Sold of a hundred, rounded down."""
        return self.sold * 100 // self.count if self.count else 0


@dataclass(frozen=True)
class Plan:
    """The matrix of one building."""

    building: Building | None
    blocks: Sequence[Block]
    entrances: Sequence[Entrance]
    legend: Sequence[Legend]
    total: int
    project_total: int
    shown: int


def blocks_of(project: Project, chosen: int | None) -> list[Block]:
    """Return the buildings of a project with their counts, in one query."""
    sold = Q(units__control__in=[look.value for look in LOOKS.values() if look.sold])
    rows = project.buildings.annotate(count=Count("units"), sold=Count("units", filter=sold)).order_by(
        "position", "name", "pk"
    )
    return [Block(row.pk, row.name, row.count, row.sold, row.pk == chosen) for row in rows]


def plan(
    project: Project, *, building: int | None, state: str, at: datetime, masked: bool, kind: str = ""
) -> Plan:
    """Return the matrix of a building: its cells, dimmed where the chosen state is another."""
    blocks = blocks_of(project, None)
    known = {block.key for block in blocks}
    here = building if building in known else next((block.key for block in blocks if block.count), None)
    if here is None:
        return Plan(None, blocks, (), (), 0, 0, 0)
    blocks = [Block(b.key, b.name, b.count, b.sold, b.key == here) for b in blocks]
    units = list(
        Unit.objects.filter(project=project, building_id=here)
        .select_related("building")
        .order_by("entrance", "-floor", "room", "pk")
    )
    if kind:
        units = [unit for unit in units if unit.kind == kind]
    names = _buyers(here, masked)
    counts: Counter[str] = Counter()
    by_entrance: dict[str, dict[int, dict[str, Cell]]] = defaultdict(lambda: defaultdict(dict))
    columns: dict[str, set[str]] = defaultdict(set)
    for unit in units:
        look = look_of(unit, at)
        counts[look.value] += 1
        place = _column(unit)
        columns[unit.entrance].add(place)
        by_entrance[unit.entrance][unit.floor][place] = Cell(
            unit.pk,
            unit.room,
            look,
            names.get(unit.pk, "") if look.sold or look.value == Control.LOCKED else _offer(unit),
            f"{unit.label}，{look.word}",
            bool(state) and look.value != state,
            look.value in (Control.AVAILABLE, Control.HELD, Control.NOT_RELEASED),
        )
    entrances = []
    for name in sorted(by_entrance, key=_natural):
        places = sorted(columns[name], key=_natural)
        floors = by_entrance[name]
        entrances.append(
            Entrance(
                name,
                len(places),
                [
                    (floor, [floors[floor].get(place) for place in places])
                    for floor in sorted(floors, reverse=True)
                ],
            )
        )
    legend = [Legend(look, counts[look.value], look.value == state) for look in LOOKS.values()]
    first = units[0].building if units else project.buildings.get(pk=here)
    shown = counts[state] if state else len(units)
    return Plan(first, blocks, entrances, legend, len(units), sum(block.count for block in blocks), shown)


def _natural(text: str) -> tuple[int, str]:
    number = whole(text)
    return (number if number is not None else 10_000, text)


def _column(unit: Unit) -> str:
    """Return in which column of its staircase a room stands: the last two digits of its number."""
    digits = "".join(char for char in unit.room if char.isdigit())
    return digits[-2:] if len(digits) >= 3 else unit.room


def _offer(unit: Unit) -> str:
    """Return what is offered: area, and the price where there is one."""
    parts = []
    if unit.area_contract is not None:
        parts.append(f"{unit.area_contract.quantize(Decimal(1))}㎡")
    if unit.list_price is not None:
        parts.append(f"{unit.list_price / 10000:.1f}万")
    return " ".join(parts)


def _buyers(building: int, masked: bool) -> dict[int, str]:
    """Return the first buyer of each unit of a building that has a live deal."""
    rows = (
        DealBuyer.objects.filter(deal__live=True, deal__unit__building_id=building)
        .order_by("deal_id", "position", "pk")
        .values_list("deal__unit_id", "customer__name")
    )
    found: dict[int, str] = {}
    for unit, name in rows:
        found.setdefault(unit, mask_name(name) if masked else name)
    return found
