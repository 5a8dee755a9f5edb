"""销控登记表: the units of a project with areas, prices and control state. It names no people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet

from guiju.estate.models import Unit
from guiju.papers.writing import SHANGHAI
from guiju.reports.tables import AREA, DAY, MONEY, Column, Table

COLUMNS = (
    Column("楼栋", width=10),
    Column("单元", width=7),
    Column("楼层", width=7),
    Column("房号", width=9),
    Column("用途", width=9),
    Column("户型", width=14),
    Column("建筑面积（㎡）", AREA, 13),
    Column("套内面积（㎡）", AREA, 13),
    Column("单价（元／㎡）", MONEY, 13),
    Column("总价（元）", MONEY, 16),
    Column("销控状态", width=11),
    Column("起始日期", DAY, 12),
    Column("备注", width=18),
)


def table(found: QuerySet[Unit], *, project: str, on: date) -> Table:
    """Return the units in the order of the building, with totals."""
    units = list(
        found.select_related("building").order_by(
            "building__position", "building_id", "entrance", "-floor", "room", "pk"
        )
    )
    return Table(
        "销控登记表", COLUMNS, [_row(unit) for unit in units], _totals(units), project, f"{on:%Y-%m-%d}"
    )


def _row(unit: Unit) -> tuple[object, ...]:
    since = unit.control_since_at
    return (
        unit.building.name, unit.entrance, str(unit.floor or ""), unit.room, unit.get_kind_display(),
        " ".join(part for part in (unit.layout, unit.layout_name) if part), unit.area_contract, unit.inner_area,
        unit.unit_price, unit.list_price, "待核实" if unit.unverified else unit.get_control_display(),
        since.astimezone(SHANGHAI).date() if since is not None else None, unit.remark,
    )  # fmt: skip


def _totals(units: Sequence[Unit]) -> tuple[object, ...]:
    area = sum((unit.area_contract or Decimal(0) for unit in units), Decimal(0))
    inner = sum((unit.inner_area or Decimal(0) for unit in units), Decimal(0))
    price = sum((unit.list_price or Decimal(0) for unit in units), Decimal(0))
    return ("合计", "", "", f"{len(units)} 套", "", "", area, inner, "", price, "", "", "")
