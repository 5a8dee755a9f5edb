"""Measured areas, row by row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from guiju.registers import values
from guiju.registers.rows.facts import AreaRow, Entry
from guiju.registers.rows.reader import Page, RowReader, Style, entry_of, places_of
from guiju.registers.workbook import Cell


def read_areas(pages: Sequence[Page]) -> Iterator[Entry]:
    """Read measured areas. A home needs at least one measured area."""
    for page in pages:
        carried: dict[str, Cell] = {}
        style = Style.of(page)
        main = "area" if "area" in page.mapping.choices else "inner_area"
        for row in page.data.rows:
            reader = RowReader(page, row)
            places = places_of(reader, carried, style)
            found = {
                name: reader.read(name, values.read_area)
                for name in ("area", "inner_area", "shared_area", "contract_area", "contract_inner_area")
            }
            reader.demand(main, found[main])
            area, inner = found["area"], found["inner_area"]
            if area and inner and inner > area:
                reader.reasons.append(f"实测套内面积 {inner} 大于实测建筑面积 {area}")
            for measured, contract, words in (
                (area, found["contract_area"], "建筑面积"),
                (inner, found["contract_inner_area"], "套内面积"),
            ):
                if measured and contract and abs(measured - contract) * 5 > contract:
                    reader.notices.append(
                        f"实测{words} {measured} 与合同约定 {contract} 相差超过 20%，请核对"
                    )
            yield entry_of(page, row, reader, AreaRow(**found, note=reader.text("note", 200)), places)
