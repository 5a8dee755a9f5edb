"""Words of the goods trade in what customers say, and what they stand for in a home (E-1.1-d, F-1-c; clauses-notes 4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from guiju.desk.lists import EQUIVALENTS


@dataclass(frozen=True)
class Meaning:
    """What a word of the goods trade stands for: the code of 退换货对应 (empty: none), and what to find out."""

    words: tuple[str, ...]
    equivalent: str
    ask: str

    @property
    def label(self) -> str:
        """What it stands for, in the words of the offer."""
        return EQUIVALENTS.get(self.equivalent, "设备型号")


MEANINGS: Final = (
    Meaning(
        ("退货", "退掉", "退房"), "room_return", "整套退是退房，须另行审批。先记原话，问清原因，不答应能不能退。"
    ),
    Meaning(
        ("换房", "换一套", "换套房"), "room_change", "整套换是换房，须另行审批。先记原话，问清想换到哪里。"
    ),
    Meaning(
        ("换货", "更换", "换一台", "换台", "换个新", "换新", "换一个", "调换"), "equipment",
        "换的是设备或部件：问清哪一处、哪一件，型号记在售后的「型号」里；能修好的先整改。",
    ),
    Meaning(("返修", "返工", "重做", "重新做"), "rectify", "上次修的是哪一次：关联为重复，再约时间看。"),
    Meaning(("型号", "牌子", "品牌", "序列号"), "", "铭牌上的品牌和型号照抄，请客户拍一张铭牌。"),
)  # fmt: skip


def meant(words: str) -> list[tuple[str, Meaning]]:
    """Return each word of the goods trade in a story with what it stands for, one of a meaning."""
    found = []
    for meaning in MEANINGS:
        said = next((word for word in meaning.words if word in words), None)
        if said is not None:
            found.append((said, meaning))
    return found
