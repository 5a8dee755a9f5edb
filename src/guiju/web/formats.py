"""How values are written for people: money, areas, phones, days, time left. Chinese forms of the style guide."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
WEEKDAYS = "一二三四五六日"
NOTHING = "—"
RISK_SHARE = Decimal("0.25")
RISK_AT_MOST = timedelta(hours=4)


def local(moment: datetime) -> datetime:
    """Return the moment in China's time."""
    return moment.astimezone(SHANGHAI)


def whole(text: str) -> int | None:
    """Return a key or number that came as digits; None for anything else (also for ² and ٣, which are digits, too)."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None


def money(amount: Decimal | int | str | None, *, sign: bool = True) -> str:
    """Return yuan as ¥2,372,400.00; without sign for a column headed 元; a dash when there is none."""
    if amount is None or amount == "":
        return NOTHING
    return f"{'¥' if sign else ''}{Decimal(amount):,.2f}"


def area(square_metres: Decimal | str | None) -> str:
    """Return an area as 118.62 ㎡; a dash when there is none."""
    if square_metres is None or square_metres == "":
        return NOTHING
    return f"{Decimal(square_metres):,.2f} ㎡"


def percent(ratio: Decimal | float | None) -> str:
    """Return a share of one as 97.8 %."""
    if ratio is None:
        return NOTHING
    return f"{Decimal(str(ratio)) * 100:.1f} %"


def phone(number: str | None) -> str:
    """Return a mobile number grouped 3-4-4 and a landline grouped after its area code."""
    if not number:
        return NOTHING
    digits = re.sub(r"[^\d*]", "", number)
    if len(digits) == 11 and digits.startswith("1"):
        return f"{digits[:3]} {digits[3:7]} {digits[7:]}"
    if len(digits) in (11, 12) and digits.startswith("0"):
        code = digits[:3] if digits[1] in "12" else digits[:4]
        rest = digits[len(code) :]
        return f"{code}-{rest[:4]} {rest[4:]}"
    return number


def masked_phone(number: str | None) -> str:
    """Return the number with its middle four digits hidden: 138 **** 2067."""
    if not number:
        return NOTHING
    digits = re.sub(r"\D", "", number)
    if len(digits) < 7:
        return "*" * len(digits)
    return f"{digits[:3]} **** {digits[-4:]}"


def day(when: date | datetime | None, *, today: date) -> str:
    """Return a day for a list: 11-20 in this year, else 2025-12-03."""
    if when is None:
        return NOTHING
    on = local(when).date() if isinstance(when, datetime) else when
    return f"{on:%m-%d}" if on.year == today.year else f"{on:%Y-%m-%d}"


def long_day(when: date | datetime | None) -> str:
    """Return a day for a sentence: 11月20日 周五."""
    if when is None:
        return NOTHING
    on = local(when).date() if isinstance(when, datetime) else when
    return f"{on.month}月{on.day}日 周{WEEKDAYS[on.weekday()]}"


def paper_day(when: date | datetime | None) -> str:
    """Return a day as printed papers write it: 2026年11月20日."""
    if when is None:
        return NOTHING
    on = local(when).date() if isinstance(when, datetime) else when
    return f"{on.year}年{on.month}月{on.day}日"


def moment(when: datetime | None, *, now: datetime) -> str:
    """Return a moment near to now as people say it: 今天 09:42, 昨天 18:00, 11月18日 15:30, 2025-12-03 10:00."""
    if when is None:
        return NOTHING
    here, today = local(when), local(now).date()
    time = f"{here:%H:%M}"
    distance = (today - here.date()).days
    if distance in (-1, 0, 1):
        return f"{ {-1: '明天', 0: '今天', 1: '昨天'}[distance] } {time}"
    if here.year == today.year:
        return f"{here.month}月{here.day}日 {time}"
    return f"{here:%Y-%m-%d} {time}"


def due_moment(when: datetime, *, now: datetime) -> str:
    """Return a due moment; one that falls on midnight is the end of the day before: 11月30日 24:00."""
    here = local(when)
    if (here.hour, here.minute, here.second) == (0, 0, 0):
        return moment(when - timedelta(minutes=1), now=now).removesuffix("23:59") + "24:00"
    return moment(when, now=now)


def span(length: timedelta) -> str:
    """Return a length of time as 1天4时, 1时34分 or 24分; never seconds."""
    minutes = max(0, int(length.total_seconds() // 60))
    days, rest = divmod(minutes, 1440)
    hours, rest = divmod(rest, 60)
    if days:
        return f"{days}天{hours}时" if hours else f"{days}天"
    if hours:
        return f"{hours}时{rest:02d}分"
    return f"{rest}分"


@dataclass(frozen=True)
class Chip:
    """A deadline as a chip shows it: state (ok, risk, over, hold, done, late, none), words, and the moments behind it."""

    state: str
    words: str
    due_at: datetime | None = None
    risk_at: datetime | None = None
    what: str = ""

    @property
    def live(self) -> bool:
        """Whether the remainder changes while somebody looks at it."""
        return self.state in ("ok", "risk", "over")


def risk_moment(started_at: datetime | None, due_at: datetime) -> datetime:
    """Return when a deadline becomes 临期: a quarter of its time left, or four hours, whichever comes first."""
    if started_at is None or started_at >= due_at:
        return due_at - RISK_AT_MOST
    return due_at - max((due_at - started_at) * float(RISK_SHARE), RISK_AT_MOST)


def chip(
    due_at: datetime | None,
    *,
    now: datetime,
    started_at: datetime | None = None,
    paused: str = "",
    closed_at: datetime | None = None,
    historic: bool = False,
    what: str = "",
) -> Chip:
    """Return the chip of a deadline at this moment."""
    if historic:
        return Chip("none", "历史")
    if closed_at is not None:
        late = due_at is not None and closed_at > due_at
        return Chip("late", "超期办结") if late else Chip("done", "按时办结")
    if paused:
        return Chip("hold", f"暂停，{paused}")
    if due_at is None:
        return Chip("none", "无时限")
    if now > due_at:
        return Chip("over", f"超 {span(now - due_at)}", due_at, due_at, what)
    risk_at = risk_moment(started_at, due_at)
    return Chip("risk" if now >= risk_at else "ok", f"剩 {span(due_at - now)}", due_at, risk_at, what)
