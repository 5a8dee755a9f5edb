"""
Personal data in a text that others will read: found, and taken out (clauses-notes 23: strip names from articles).

What is looked for: telephone and identity numbers, card numbers, e-mail addresses, rooms, names with a form of address,
and the names that the source itself knows.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

_SURNAMES: Final = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任"
    "姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文欧施陶洪翟安颜倪严牛温芦季俞章鲁葛"
)
_HONORIFIC: Final = "(?:先生|女士|小姐|太太|阿姨|叔叔|大爷|大妈)"
#: Behind a family name alone: 安排师傅 is nobody's name.
_TRADE: Final = "(?:老师|师傅|经理|总监|主任)"
_PATTERNS: Final[tuple[tuple[str, str, re.Pattern[str]], ...]] = (
    ("邮箱", "（邮箱）", re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    ("证件号码", "（证件号码）", re.compile(r"(?<!\d)\d{17}[\dXx](?![\dA-Za-z])")),
    ("银行卡号", "（卡号）", re.compile(r"(?<!\d)(?:\d[ -]?){16,19}(?!\d)")),
    ("电话", "（电话）", re.compile(r"(?<!\d)(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)")),
    ("电话", "（电话）", re.compile(r"(?<!\d)0\d{2,3}[ -]?\d{4} ?\d{3,4}(?!\d)")),
    (
        "房号", "某房",
        re.compile(
            r"(?<![\dA-Za-z-])\d{1,3}\s*(?:号楼|栋|幢|座|#)\s*(?:\d{1,2}\s*单元\s*)?\d{3,4}(?:\s*(?:室|房|号))?"
            r"|(?<![\d.A-Za-z-])\d{1,2}-(?:\d{1,2}-)?\d{3,4}(?![\d-])|(?<!\d)\d{3,4}室"
        ),
    ),
    ("姓名", "客户", re.compile(rf"[{_SURNAMES}]\w{{0,2}}?{_HONORIFIC}")),
    ("姓名", "同事", re.compile(rf"(?<![\u4e00-\u9fff])[{_SURNAMES}]{_TRADE}")),
    ("姓名", r"\g<1>客户", re.compile(rf"((?:业主|客户|住户|联系人|姓名)[:：]\s*)[{_SURNAMES}][一-鿿]{{1,2}}(?![一-鿿])")),
)  # fmt: skip


@dataclass(frozen=True)
class Found:
    """A piece of personal data: what it is, and the words."""

    kind: str
    words: str


def find(text: str, *, names: Collection[str] = ()) -> list[Found]:
    """Return the personal data in a text, each piece once."""
    found: dict[Found, None] = {}
    for name in names:
        if len(name) >= 2 and name in text:
            found[Found("姓名", name)] = None
    for kind, _, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            found[Found(kind, match.group().strip())] = None
    return list(found)


def strip(text: str, *, names: Collection[str] = ()) -> str:
    """Return the text without personal data: each piece replaced by what it was, until nothing is left to find."""
    known = sorted((name for name in names if len(name) >= 2), key=len, reverse=True)
    while True:
        before = text
        for name in known:
            text = re.sub(rf"{re.escape(name)}{_HONORIFIC}?", "客户", text)
        for _, instead, pattern in _PATTERNS:
            text = pattern.sub(instead, text)
        if text == before:
            return text
