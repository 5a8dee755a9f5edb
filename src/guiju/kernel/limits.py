"""Limits in the words of the SOP: ``15 分钟``, ``3 个工作日``, ``前 10 日``; read, written, and held against each other."""

from __future__ import annotations

import enum
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache


class BadLimit(ValueError):
    """The text is no limit. Its message is fit for the person who edits an SOP."""


class Unit(enum.Enum):
    """What a limit counts."""

    MINUTES = "分钟"
    HOURS = "小时"
    WORK_HOURS = "工作小时"
    WORK_DAYS = "工作日"
    DAYS = "日"
    MONTHS = "个月"


_UNITS = {
    "分钟": (Unit.MINUTES, 1),
    "分": (Unit.MINUTES, 1),
    "小时": (Unit.HOURS, 1),
    "时": (Unit.HOURS, 1),
    "工作小时": (Unit.WORK_HOURS, 1),
    "个工作小时": (Unit.WORK_HOURS, 1),
    "工作日": (Unit.WORK_DAYS, 1),
    "个工作日": (Unit.WORK_DAYS, 1),
    "日": (Unit.DAYS, 1),
    "天": (Unit.DAYS, 1),
    "个自然日": (Unit.DAYS, 1),
    "自然日": (Unit.DAYS, 1),
    "周": (Unit.DAYS, 7),
    "月": (Unit.MONTHS, 1),
    "个月": (Unit.MONTHS, 1),
    "年": (Unit.MONTHS, 12),
}


_LIMIT = re.compile(
    r"(?P<before>前|提前|至少前)?(?P<number>\d{1,5})(?P<unit>"
    + "|".join(sorted(_UNITS, key=len, reverse=True))
    + r")"
    r"(?:以?内)?(?P<stays>[(,;]?不顺延\)?)?"
)


_SAME_DAY = {"当日": Unit.DAYS, "当天": Unit.DAYS, "当个工作日": Unit.WORK_DAYS, "当工作日": Unit.WORK_DAYS}


@dataclass(frozen=True, slots=True)
class Limit:
    """
    A time limit. ``law``: it comes from a statute or contract and cannot pause. ``rolls``: a last day that is off
    moves to the next working day. ``backward``: at least so long before the moment.
    """

    number: int
    unit: Unit
    backward: bool = False
    law: bool = False
    rolls: bool = True

    @staticmethod
    def parse(text: str, *, law: bool = False, rolls: bool = True) -> Limit:
        """
        Return the limit that a text means: ``15 分钟``, ``24 小时``, ``8 工作小时``, ``3 个工作日``, ``7 日``,
        ``1 周``, ``3 个月``, ``1 年``, ``当日``, ``当工作日`` (by close of work), ``前 10 日``, ``30 日不顺延``.

        :raises BadLimit: it means none.
        """
        return _parsed(text, law, rolls)

    def __str__(self) -> str:
        if self.number == 0:
            return "当日" if self.unit is Unit.DAYS else "当工作日"
        return f"{'前 ' if self.backward else ''}{self.number} {self.unit.value}"

    def exceeds(self, other: Limit) -> bool:
        """
        Return whether this limit can last longer than the other (a legal maximum).

        Within one unit this is exact. Across units the longest course of this one is held against the shortest of
        the other: a working day may take a week over a holiday. So a doubtful case counts as longer.
        """
        if self.unit is other.unit:
            return self.number > other.number
        return _longest(self) > _shortest(other)


@lru_cache(maxsize=512)
def _parsed(text: str, law: bool, rolls: bool) -> Limit:
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    if plain in _SAME_DAY:
        return Limit(0, _SAME_DAY[plain], law=law, rolls=False)
    found = _LIMIT.fullmatch(plain)
    if found is None:
        raise BadLimit(
            f"看不懂时限「{text}」，应写作：15 分钟、24 小时、8 工作小时、3 工作日、7 日、1 个月、前 10 日。"
        )
    unit, times = _UNITS[found["unit"]]
    number = int(found["number"]) * times
    if number == 0:
        raise BadLimit(f"时限「{text}」不能为零；要求当日完成请写「当日」或「当工作日」。")
    return Limit(number, unit, bool(found["before"]), law, rolls and not found["stays"])


# The longest holiday with the weekend beside it; working days around 春节 and 国庆 come slower than five a week.
_LONGEST_REST = 10


def _longest(limit: Limit) -> float:
    """Return the longest course in days."""
    number = limit.number
    match limit.unit:
        case Unit.MINUTES:
            return number / 1440
        case Unit.HOURS:
            return number / 24
        case Unit.WORK_HOURS:
            return number / 8 * 7 / 5 + _LONGEST_REST
        case Unit.WORK_DAYS:
            return (number + 1) * 7 / 5 + _LONGEST_REST
        case Unit.DAYS:
            return number + 1 + (_LONGEST_REST if limit.rolls and number else 0)
        case _:
            return number * 31 + 1 + (_LONGEST_REST if limit.rolls else 0)


def _shortest(limit: Limit) -> float:
    number = limit.number
    match limit.unit:
        case Unit.MINUTES:
            return number / 1440
        case Unit.HOURS | Unit.WORK_HOURS:
            return number / 24
        case Unit.WORK_DAYS | Unit.DAYS:
            return number
        case _:
            return number * 28
