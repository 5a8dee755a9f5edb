"""Within what time a complaint moves, by level and region: the SOP's decision tables (I-2.8-d, K-2.2)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from guiju.kernel import calendar as calendars
from guiju.kernel.duration import Limit, due
from guiju.kernel.engine import Context
from guiju.quality.models import Complaint
from guiju.quality.record import facts_of


def row_of(context: Context) -> Complaint:
    """Return the complaint of the case."""
    row: Complaint = facts_of(context).row
    return row


def table(context: Context, name: str, fallback: dict[str, str]) -> dict[str, str]:
    """Return a decision table of the SOP."""
    found = context.setting(name, fallback)
    return {**fallback, **found} if isinstance(found, dict) else fallback


CONTACT = {"L1": "24 小时", "L2": "24 小时", "L3": "4 小时", "L4": "1 小时"}
ANSWER = {"L1": "3 工作日", "L2": "3 日", "L3": "48 小时", "L4": "24 小时"}
SOLVE = {"L1": "7 日", "L2": "15 日", "L3": "30 日", "L4": "30 日"}
ARRIVAL = {"province": "3 日不顺延", "outside": "1 周不顺延", "remote": "10 日不顺延"}
CHAIN: dict[str, Any] = {
    "L1": [], "L2": ["cs_manager"], "L3": ["cs_manager", "deputy_gm"],
    "L4": ["cs_manager", "deputy_gm", "general_manager"],
}  # fmt: skip


def contact_due(context: Context) -> str:
    """Within what the customer has to be contacted, by level."""
    return table(context, "contact_limits", CONTACT)[row_of(context).level or "L1"]


def answer_due(context: Context) -> str:
    """Within what the customer has to be answered, by level (I-2.8-d)."""
    return table(context, "answer_limits", ANSWER)[row_of(context).level or "L1"]


def solve_due(context: Context) -> str:
    """Within what the complaint is to be closed, by level."""
    return table(context, "solve_limits", SOLVE)[row_of(context).level or "L1"]


def arrival_due(context: Context) -> str | datetime:
    """Within what the delegate has to arrive: the region's limit from the hand-over, or an earlier visit promised."""
    entry = facts_of(context).last("delegated")
    limit = table(context, "arrival_limits", ARRIVAL)[row_of(context).region or "province"]
    promised = entry.data.get("promised_at") if entry is not None else None
    if promised is None:
        return limit
    latest = due(Limit.parse(limit), context.at, calendars.current(context.case.chain_id)).at
    agreed = datetime.fromisoformat(promised)
    return agreed if agreed < latest else limit
