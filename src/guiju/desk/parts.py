"""Spare parts and material: what there is, what is expected, and the goods words of the SOP for homes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from django.db import connection
from django.db.models import QuerySet

from guiju.desk.lists import Offered
from guiju.desk.models import Material
from guiju.kernel.prepared import prepared

GOODS: Final = {
    "产品": "房屋（户）",
    "型号": "设备的品牌型号；没有设备的是部位",
    "零部件": "部位上的配件：五金、灯具、开关",
    "更换": "换新的零部件或设备",
    "退换": "整改、换房或者退房，由客户选择并依合同办理",
    "保修": "按部位的保修期，自竣工验收和交付两个日期起算",
}
"""The goods wording of the SOP, and what it means for units, parts and equipment (clauses-notes 4, 25)."""


CHECKS: Final[dict[str, tuple[str, ...]]] = {
    "general": ("外观", "功能", "安全"),
    "waterproof": ("渗漏位置和范围", "密封胶、防水层", "坡度和排水", "相邻房间和楼下"),
    "plumber": ("渗漏、堵塞位置", "阀门和接口", "水压", "楼下是否受影响"),
    "electrician": ("配电箱和漏电保护", "线路和接头", "开关、插座、灯具", "绝缘和接地"),
    "carpenter": ("开关是否顺畅", "五金件", "变形、缝隙", "玻璃和密封条"),
    "mason": ("空鼓范围", "裂缝长度和宽度", "起砂、脱落", "是否受潮"),
    "hvac": ("供回水温度", "阀门和过滤器", "温控器", "噪声、漏水"),
}
"""What to look at on site, by trade: the inspection checklist to start from (H-2.3-c)."""


def hundredths(quantity: Decimal) -> int:
    """Return a quantity as it is stored."""
    return int((quantity * 100).to_integral_value())


def plain(stored: int) -> str:
    """Return a stored quantity as people write it."""
    return f"{Decimal(stored) / 100:f}".rstrip("0").rstrip(".") if stored % 100 else str(stored // 100)


@prepared
def _known() -> QuerySet[Material, tuple[str, str, str, str]]:
    return Material.objects.order_by("name", "code").values_list("code", "name", "spec", "measure")


def material_choices() -> Offered:
    """Return materials as choices of a form, by code."""
    return Offered(
        lambda: {
            code: " ".join(part for part in (name, spec, f"（{unit}）") if part)
            for code, name, spec, unit in _known()
        },
        {},
    )


@dataclass(frozen=True)
class Wanted:
    """A material with the quantity wanted (hundredths of its unit)."""

    material: Material
    quantity: int

    @property
    def words(self) -> str:
        """The item as people say it: 密封胶 3 支."""
        return f"{self.material.name} {plain(self.quantity)} {self.material.measure}"

    @property
    def short(self) -> int:
        """How much is not in stock, in hundredths."""
        return max(0, self.quantity - self.material.stock)


def wanted(company_id: int, items: Iterable[tuple[str, Decimal]]) -> tuple[list[Wanted], list[str]]:
    """Return the materials of a list with their quantities, and the codes that the company does not know."""
    rows = {one.code: one for one in Material.objects.filter(company_id=company_id)}
    found = [Wanted(rows[code], hundredths(quantity)) for code, quantity in items if code in rows]
    return found, [code for code, _ in items if code not in rows]


def shelf(keys: Iterable[int]) -> dict[int, Material]:
    """Return materials by key, locked until the transaction ends where the database locks rows."""
    rows = Material.objects.filter(pk__in=list(keys)).order_by("pk")
    if connection.vendor == "postgresql" and connection.in_atomic_block:
        rows = rows.select_for_update()
    return {one.pk: one for one in rows}


def take(items: Iterable[Wanted]) -> None:
    """Take material from stock; what is used beyond the books leaves nothing in stock (the count will say)."""
    items = list(items)
    rows = shelf(item.material.pk for item in items)
    for item in items:
        row = rows[item.material.pk]
        row.stock = max(0, row.stock - item.quantity)
        row.save(update_fields=["stock"])


def latest_expected(items: Iterable[Wanted]) -> date | None:
    """Return the day by which everything that is short should be there, as far as supply is known."""
    days = [item.material.expected_date for item in items if item.short]
    known = [day for day in days if day is not None]
    return max(known) if known and len(known) == len(days) else None


def outlook(material: Material) -> str:
    """Return stock and expected supply in words (H-2.3-g)."""
    words = f"库存 {plain(material.stock)} {material.measure}"
    if material.expected:
        when = f"{material.expected_date:%m-%d} " if material.expected_date else ""
        words += f"，{when}预计到 {plain(material.expected)} {material.measure}"
    return words
