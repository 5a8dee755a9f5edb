"""Numbers come from one counter row per series, scope and year; never from ``max() + 1`` (DECISIONS 13)."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from guiju.kernel import ports, store

ZONE = ZoneInfo("Asia/Shanghai")


def next_value(series: str) -> int:
    """Take the next value of a series, starting at 1. Gap-free when taken in the transaction that uses it."""
    ((value,),) = store.answer(
        "INSERT INTO kernel_counter (series, value) VALUES (%s, 1) "
        "ON CONFLICT (series) DO UPDATE SET value = kernel_counter.value + 1 RETURNING value",
        [series],
    )
    return int(value)


def case_number(series: str, scope_id: int | None, at: datetime) -> str:
    """Return a case's number, e.g. ``RG-YQ1-2026-0317``, given when it is opened."""
    stem = f"{series}-{ports.scope_code(scope_id)}-{at.astimezone(ZONE).year}"
    return f"{stem}-{next_value(stem):04d}"


def document_number(series: str, scope_id: int | None, at: datetime) -> str:
    """Return the next number of a document series, given at registration and gap-free (DECISIONS 13)."""
    stem = f"{series}-{ports.scope_code(scope_id)}-{at.astimezone(ZONE).year}"
    return f"{stem}-{next_value('doc:' + stem):04d}"
