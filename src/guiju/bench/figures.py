"""What is measured, what is aimed at, and how it is told."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any, Final

#: The parts that `--only` names, in the order in which they run.
PARTS: Final = ("inside", "pages", "growth", "waiting", "sweep", "import", "papers")

TIMES, SECONDS, MILLISECONDS = "倍", "秒", "毫秒"


@dataclass(frozen=True)
class Figure:
    """One figure: judged is ``value`` in its unit; ``beside`` says it in plain seconds."""

    part: str
    name: str
    value: float
    unit: str
    goal: float | None
    beside: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None where nothing is aimed at."""
        return None if self.goal is None else self.value <= self.goal

    def as_json(self) -> dict[str, Any]:
        """Return the figure with its verdict."""
        return {**asdict(self), "value": round(self.value, 3), "met": self.met}


def ratio(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the median over the rounds of one to the other in the same round."""
    return median(a / b for a, b in zip(one, other, strict=True))


def milliseconds(seconds: float) -> str:
    """Return seconds as people compare them."""
    return f"{seconds * 1000:.2f} 毫秒" if seconds < 1 else f"{seconds:.2f} 秒"


def table(found: dict[str, Any]) -> str:
    """Return the result as a table; Chinese characters are two columns wide."""
    rows = [("项目", "结果", "目标", "是否达到", "时间")]
    for one in found["figures"]:
        goal = "" if one["goal"] is None else f"≤ {one['goal']:g} {one['unit']}"
        met = {True: "达到", False: "未达到", None: ""}[one["met"]]
        rows.append((one["name"], f"{one['value']:.2f} {one['unit']}", goal, met, one["beside"]))
    widths = [max(_width(row[column]) for row in rows) for column in range(5)]
    lines = [
        "  ".join(_padded(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    about = found["about"]
    head = f"数据库 {about['database']}，{about['cases']:,} 个事项，{about['processors']} 个处理器，Python {about['python']}"
    return "\n".join([head, "", *lines, *(["", *found["notes"]] if found["notes"] else [])])


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))
