"""What others ask about filings: is the contract filed, by when must it be, how many days are left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from guiju.sales.models import Contract, Filing

DAYS: Final = 30
ALARMS: Final = (10, 20, 25)
RED: Final = 28
PRE_NOTICE_DAYS: Final = 90


def due_date(signed: date) -> date:
    """Return the last day to file: the 30th after signing, counted from the day after, not rolled (预售管理办法 26)."""
    return signed + timedelta(days=DAYS)


@dataclass(frozen=True)
class Clock:
    """The filing clock on a day. ``tone``: ok, brand (10), risk (20, 25), over (28 and later)."""

    day: int
    left: int
    tone: str
    words: str


def clock_on(signed: date, today: date) -> Clock:
    """Return how the filing clock stands: the day after signing is day 1, day 28 is red, day 30 the last."""
    day = (today - signed).days
    left = DAYS - day
    if day >= RED:
        tone = "over"
    elif day >= ALARMS[1]:
        tone = "risk"
    elif day >= ALARMS[0]:
        tone = "brand"
    else:
        tone = "ok"
    words = f"还剩 {left} 天" if left > 0 else ("今天到期" if left == 0 else f"已超期 {-left} 天")
    return Clock(day, left, tone, words)


def filing_of(contract: Contract) -> Filing | None:
    """Return the contract's filing that counts: the one under way or done last, not one withdrawn."""
    return Filing.objects.filter(contract=contract, withdrawn_at=None).order_by("-pk").first()


def filed(contract: Contract) -> bool:
    """Return whether the contract is on the city's file now."""
    return Filing.objects.filter(contract=contract, filed_at__isnull=False, withdrawn_at=None).exists()
