"""Invented people, homes and money. Nothing here belongs to anybody: births before 1908, phones 1990000xxxx."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random

SURNAMES = "林高吴周唐何方邓钱孙许马江罗宋秦尤施金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌苗凤花俞任袁柳"
GIVEN = [
    "文静",
    "建国",
    "思琪",
    "志远",
    "晓东",
    "雨桐",
    "振华",
    "惠敏",
    "家豪",
    "若兰",
    "伯言",
    "清越",
    "明轩",
    "书瑶",
    "海宁",
    "静姝",
]
LAYOUTS = [
    ("A", "三室两厅", Decimal("118.62"), Decimal("94.07")),
    ("B", "两室两厅", Decimal("89.40"), Decimal("70.11")),
]
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True)
class Invented:
    """A person who does not exist."""

    name: str
    identity: str
    phone: str
    address: str


def identity(born: date, serial: int) -> str:
    """Return a resident number with a right check digit for a birth that no living person has."""
    body = f"110105{born:%Y%m%d}{serial:03d}"
    return body + "10X98765432"[sum(int(c) * w for c, w in zip(body, _WEIGHTS, strict=True)) % 11]


def people(seed: int, count: int) -> list[Invented]:
    """Return so many people, the same for the same seed."""
    random = Random(seed)
    found = []
    for place in range(count):
        born = date(1901, 1, 1) + timedelta(days=random.randrange(2400))
        name = random.choice(SURNAMES) + random.choice(GIVEN)
        phone = f"1990000{(seed * 1000 + place) % 10000:04d}"
        found.append(Invented(name, identity(born, place % 1000), phone, f"示范市云杉路 {place + 1} 号"))
    return found
