"""The lists that forms of after-sales offer: shipped with the program, extended by a company without a new program."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from django.db.models import QuerySet

from guiju.desk.models import ListEntry
from guiju.kernel.prepared import prepared

SHIPPED: Final[dict[str, dict[str, tuple[str, str]]]] = {
    ListEntry.SERVICE: {
        "fault": ("故障处理", "设备、管线出了故障"),
        "repair": ("维修", "部位损坏，修复"),
        "replacement": ("更换", "换零部件或设备"),
        "return_exchange": ("退换货", "在房地产上是整改、换房或退房"),
        "warranty": ("保修", "保修期内的修复，由施工单位或本公司承担"),
        "support": ("技术支持", "使用方法、保养和验房的指导"),
    },
    ListEntry.NATURE: {
        "leak": ("渗漏", ""),
        "crack": ("空鼓、开裂", ""),
        "damage": ("损坏、变形", ""),
        "blockage": ("堵塞", ""),
        "power": ("电气故障", ""),
        "equipment": ("设备故障", ""),
        "noise": ("噪声、异味", ""),
        "usage": ("使用咨询", ""),
        "other": ("其他", ""),
    },
    ListEntry.SOLUTION: {
        "repair": ("产品维修", "修复部位或设备"),
        "replace_parts": ("更换零部件", "换新的零部件或设备"),
        "return_exchange": ("退换货", "整改、换房或退房，转各自的流程办理"),
        "guidance": ("远程指导", "电话或在线指导客户自行排除"),
        "explanation": ("解释说明", "不是质量问题，说明原因和办法"),
        "paid_repair": ("有偿维修", "不在保修范围，报价后维修"),
    },
    ListEntry.CAUSE: {
        "workmanship": ("施工质量", ""),
        "material": ("材料、部件质量", ""),
        "design": ("设计缺陷", ""),
        "wear": ("自然老化", ""),
        "misuse": ("使用不当", ""),
        "altered": ("自行改动", ""),
        "neighbour": ("相邻房屋", ""),
        "force_majeure": ("不可抗力", ""),
        "none_found": ("未发现异常", ""),
    },
}

SHIPPED_NAMES: Final = {
    name: {code: words for code, (words, _) in rows.items()} for name, rows in SHIPPED.items()
}

EQUIVALENTS: Final = {
    "rectify": "整改（修到合格）",
    "room_change": "换房",
    "room_return": "退房",
    "equipment": "更换设备",
}
"""What 退换货 of the goods SOP means for a home (clauses-notes 4, 25)."""


@prepared
def _entries(name: str) -> QuerySet[ListEntry, tuple[str, str, bool]]:
    rows = ListEntry.objects.filter(list=name).order_by("position", "code")
    return rows.values_list("code", "name", "active")


def entries(name: str) -> dict[str, str]:
    """Return a list by code: what is shipped, with the company's own names, additions and removals."""
    found = dict(SHIPPED_NAMES[name])
    for code, words, active in _entries(name):
        if active:
            found[code] = words
        else:
            found.pop(code, None)
    return found


def label(name: str, code: str) -> str:
    """Return the name of an entry, also of one no longer offered; an unknown code is shown as it is."""
    return entries(name).get(code) or SHIPPED_NAMES[name].get(code, code)


class Offered(list[tuple[str, str]]):
    """Choices of a form field that are read when a page asks for them; as plain data it is what was shipped."""

    def __init__(self, read: Callable[[], dict[str, str]], shipped: dict[str, str]) -> None:
        super().__init__(shipped.items())
        self.read = read

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(list(self.read().items()))

    def __bool__(self) -> bool:
        return True

    def __reduce__(self) -> tuple[type[list[tuple[str, str]]], tuple[list[tuple[str, str]]]]:
        return list, (list(self),)

    def __deepcopy__(self, memo: object) -> Offered:
        return self


def choices(name: str) -> Offered:
    """Return the choices of a list for a form field."""
    return Offered(lambda: entries(name), SHIPPED_NAMES[name])
