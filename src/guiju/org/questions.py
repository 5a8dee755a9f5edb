"""What this app asks of the apps above it."""

from __future__ import annotations

from datetime import datetime

from guiju.kernel.questions import survey


@survey
def person_leaves(*, person_id: int, successor_id: int | None, by_id: int, at: datetime) -> list[str]:
    """Hand over or end what a leaver keeps in your app (seals, tokens, keys), in the caller's transaction.

    Return one Chinese line per thing moved or ended, e.g. 「合同专用章 改由邓宇保管」; an empty list if nothing.
    Raise ``UnableToLeave`` when something may not be left without a successor.
    """
    raise NotImplementedError
