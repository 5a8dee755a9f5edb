"""How values are written on paper: money, areas, days, moments, QR codes."""

from __future__ import annotations

import io
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from guiju.kernel.money import words

SHANGHAI = ZoneInfo("Asia/Shanghai")
_WEEKDAYS = "一二三四五六日"


def money(amount: Decimal) -> str:
    """Return yuan with thousands and two places: ``2,372,400.00``; a minus is a minus, not a hyphen."""
    return f"{amount:,.2f}".replace("-", "−")


def money_words(amount: Decimal) -> str:
    """Return yuan in the characters banks accept: ``人民币壹拾万元整``."""
    return words(amount)


def area(square_metres: Decimal) -> str:
    """Return ㎡ with thousands and two places: ``1,186.20``."""
    return f"{square_metres:,.2f}"


def day(on: date) -> str:
    """Return ``2026年11月20日``."""
    return f"{on.year}年{on.month}月{on.day}日"


def moment(at: datetime) -> str:
    """Return a moment of Shanghai as ``2026年11月20日（周五）09:42``."""
    local = at.astimezone(SHANGHAI)
    return f"{day(local.date())}（周{_WEEKDAYS[local.weekday()]}）{local:%H:%M}"


def short_moment(at: datetime) -> str:
    """Return a moment of Shanghai as ``2026-11-20 09:42``."""
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


@lru_cache(maxsize=256)
def qr_svg(text: str) -> str:
    """Return a QR code as SVG (error correction M: readable with 15 % of it lost)."""
    import segno

    made = io.BytesIO()
    segno.make(text, error="m", micro=False).save(made, kind="svg", xmldecl=False, svgns=True, border=0)
    return made.getvalue().decode()
