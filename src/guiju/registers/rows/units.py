"""Price lists, row by row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from guiju.registers import pricing, rooms, values
from guiju.registers.rooms import Place
from guiju.registers.rows.facts import Entry, UnitRow
from guiju.registers.rows.reader import Page, RowReader, Style, entry_of, money, places_of, scale_of
from guiju.registers.values import CENT, text_of
from guiju.registers.workbook import Cell

_BASIS_WORDS = {pricing.Basis.BUILDING: "面积", pricing.Basis.INNER: "套内面积", pricing.Basis.UNIT: "面积"}


def read_units(pages: Sequence[Page]) -> Iterator[Entry]:
    """Read price lists. The rule of reckoning is settled per sheet; a total that does not follow it is refused."""
    for page in pages:
        carried: dict[str, Cell] = {}
        style = Style.of(page)
        scales = {
            "total": scale_of(page, "total", below=Decimal(20_000)),
            "unit_price": scale_of(page, "unit_price", below=Decimal(100)),
            "inner_unit_price": scale_of(page, "inner_unit_price", below=Decimal(100)),
        }
        readers = [RowReader(page, row) for row in page.data.rows]
        figures = [_figures(reader, scales) for reader in readers]
        rule = pricing.settle(figures)
        has_total = any(figure.total is not None for figure in figures)
        for reader, figure in zip(readers, figures, strict=True):
            places = places_of(reader, carried, style)
            facts = _unit_row(reader, figure, rule, places, has_total=has_total)
            name = carried.get("building") or reader.columns.building
            yield entry_of(page, reader.row, reader, facts, places, rooms.building_name(name) if name else "")


def _figures(reader: RowReader, scales: Mapping[str, Decimal]) -> pricing.Figures:
    def price(name: str) -> Decimal | None:
        amount = reader.amount(name, scales[name])
        return amount.yuan if amount else None

    return pricing.Figures(
        area=reader.read("area", values.read_area),
        inner_area=reader.read("inner_area", values.read_area),
        unit_price=price("unit_price"),
        inner_unit_price=price("inner_unit_price"),
        total=reader.amount("total", scales["total"]),
    )


def _unit_row(
    reader: RowReader, figures: pricing.Figures, rule: pricing.Rule, places: list[Place], *, has_total: bool
) -> UnitRow | None:
    inner = rule.basis is pricing.Basis.INNER
    if "area" in reader.columns.choices:
        reader.demand("area", figures.area)
    if inner or "area" not in reader.columns.choices:
        reader.demand("inner_area", figures.inner_area)
    shared = reader.read("shared_area", values.read_area)
    if figures.area and figures.inner_area and figures.inner_area > figures.area:
        reader.reasons.append(f"套内面积 {figures.inner_area} 大于建筑面积 {figures.area}")
    if (
        figures.area
        and figures.inner_area
        and shared
        and abs(figures.inner_area + shared - figures.area) > Decimal("0.02")
    ):
        reader.notices.append(
            f"套内面积 {figures.inner_area} 加分摊面积 {shared} 不等于建筑面积 {figures.area}"
        )
    price = figures.inner_unit_price if rule.price == "inner_unit_price" else figures.unit_price
    total = figures.total.yuan if figures.total else None
    if rule.basis is not pricing.Basis.UNIT:
        reader.demand(rule.price, price)
    if has_total or rule.basis is pricing.Basis.UNIT:
        reader.demand("total", total)
    if price is not None and price <= 0:
        reader.reasons.append(f"{reader.columns.name(rule.price)}应大于 0")
    expected, factors = rule.expected(figures), rule.factors(figures)
    if not has_total:
        total = expected
    elif rule.agrees(figures) is False and expected is not None and factors is not None and total is not None:
        words = _BASIS_WORDS[rule.basis]
        reader.reasons.append(
            f"{reader.columns.name('total')} {money(total)} 元与{words} × 单价"
            f"（{factors[0]} × {money(factors[1])} = {money(expected)}）不符"
        )
    elif figures.total and figures.total.step > CENT and expected is not None and not rule.derived:
        total = expected
    if total is not None and total <= 0:
        reader.reasons.append(f"{reader.columns.name('total')}应大于 0")
    if reader.reasons or total is None or not places:
        return None
    place = places[0]
    note = reader.text("note", 200)
    floor = place.floor if place.floor is not None else rooms.floor_from_room(place.room)
    return UnitRow(
        building=place.building or "",
        entrance=place.entrance or "",
        floor=floor,
        room=place.room,
        layout=text_of(reader.label("layout"))[:20],
        layout_name=text_of(reader.label("layout_name"))[:40],
        orientation=text_of(reader.label("orientation"))[:20],
        use=text_of(reader.label("use"))[:40],
        area=figures.area,
        inner_area=figures.inner_area,
        shared_area=shared,
        basis=pricing.Basis.UNIT if rule.derived else rule.basis,
        unit_price=price,
        total=total,
        show_unit="样板" in note,
        note=note,
    )
