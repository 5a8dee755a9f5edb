"""Manners: quiet hours of a company, and consent of the customer. Asked before every sending."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from functools import cache

from guiju.kernel.clocks import ZONE
from guiju.notify import questions
from guiju.notify.models import Manner, Message
from guiju.notify.templates import MARKETING

#: What holds while a company has said nothing.
QUIET_STARTS, QUIET_ENDS = time(21, 0), time(8, 0)


@cache
def _default() -> tuple[time, time]:
    return QUIET_STARTS, QUIET_ENDS


def quiet_of(company_id: int) -> tuple[time, time]:
    """Return from when until when a company sends nothing that is not urgent (China's time)."""
    own = Manner.objects.filter(company_id=company_id).values_list("quiet_starts", "quiet_ends").first()
    return own or _default()


def end_of_quiet(at: datetime, quiet: tuple[time, time]) -> datetime | None:
    """Return when the quiet that holds at this moment ends; None if it is not quiet. Equal times: never quiet."""
    starts, ends = quiet
    local = at.astimezone(ZONE)
    now = local.time()
    if starts == ends:
        return None
    over_night = starts > ends
    if over_night and not (now >= starts or now < ends):
        return None
    if not over_night and not (starts <= now < ends):
        return None
    day = local.date() + timedelta(days=1) if over_night and now >= starts else local.date()
    return datetime.combine(day, ends, tzinfo=ZONE).astimezone(at.tzinfo)


def held_back_until(message: Message, at: datetime) -> datetime | None:
    """Return until when a message waits for the quiet hours to end; None: it may go now. Marketing is never urgent."""
    if message.urgent and message.kind != MARKETING:
        return None
    return end_of_quiet(at, quiet_of(message.company_id))


def refusal_of(message: Message) -> str | None:
    """
    Return why a message may not go to this customer at all, or None.

    A notice needs no consent, since the contract wants it, but the customer may forbid it; marketing needs a consent
    that was given (PIPL 13, 15; 通信短信息服务管理规定 18).
    """
    if message.to_kind != "customer" or message.to_id is None:
        return "营销信息只发给同意接收的客户" if message.kind == MARKETING else None
    said = next(
        (word for word in questions.consent.ask_all(message.to_id, message.kind) if word is not None), None
    )
    if message.kind == MARKETING:
        return None if said is True else "客户没有同意接收营销信息"
    return "客户不同意接收通知，请改用其他方式联系" if said is False else None
