"""
Amounts that stand outside the books, in rows that may change: a price, a loan.

Whoever changes such a row by a step says its figures in the event; when it was first seen they are anchored with the rows
that never change (``row_anchors``). So each row must read as the last event that spoke of it says, or, if none did, as it
was anchored: a change by SQL is neither.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.db import models
from django.db.models import Q

from guiju.kernel.chain import open_body
from guiju.kernel.context import Context
from guiju.kernel.crypto import CannotDecrypt, keyed_digest
from guiju.kernel.models import Event
from guiju.kernel.questions import survey

#: Under this name an event says what rows read after it: ``{"sales_deal 12": {"total_price": "1000.00", …}}``.
SAID: Final = "figures"
#: The event of a correction that no step made: a register imported again.
CORRECTED: Final = "figures_corrected"
LENGTH: Final = 16


@survey
def watched() -> Iterable[tuple[type[models.Model], tuple[str, ...], tuple[str, ...]]]:
    """Return models of an app, which of their columns are figures, and the processes whose events speak of them."""
    raise NotImplementedError


def columns() -> dict[type[models.Model], tuple[str, ...]]:
    """Return the columns of every watched model."""
    return {model: names for answer in watched.ask_all() for model, names, _ in answer}


def digest(table: str, said: Mapping[str, Any]) -> str:
    """Return the keyed digest of what a row says."""
    text = json.dumps(dict(said), sort_keys=True, ensure_ascii=False, default=plain)
    return keyed_digest(f"row:{table}:{text}").hex()[:LENGTH]


def plain(value: object) -> str:
    """Return a value as it stands in a digest."""
    if isinstance(value, (bytes, memoryview)):
        return bytes(value).hex()
    return str(value)


def of(row: models.Model) -> dict[str, dict[str, str | None]]:
    """Return the figures of a row as the database has them now, as an event says them."""
    names = columns()[type(row)]
    read = type(row)._default_manager.filter(pk=row.pk).values_list(*names).get()
    said = {name: None if value is None else str(value) for name, value in zip(names, read, strict=True)}
    return {f"{row._meta.db_table} {row.pk}": said}


def say(context: Context, *rows: models.Model) -> None:
    """Let the event of this step say the figures of rows that it changed; call it after they were written."""
    said = dict(context.said.get(SAID, {}))
    for row in rows:
        said.update(of(row))
    context.say(**{SAID: said})


def said_last() -> dict[tuple[str, int], str]:
    """Return the digest of what the last event said of each row, by table and key."""
    last: dict[tuple[str, int], str] = {}
    processes = {name for answer in watched.ask_all() for _, _, names in answer for name in names}
    spoke = Event.objects.filter(
        Q(case__process__in=processes) | Q(case=None, step=CORRECTED), body__isnull=False
    )
    spoke = spoke.order_by("chain_id", "seq")
    for body in spoke.values_list("body", flat=True).iterator(chunk_size=2000):
        try:
            content = open_body(body)
            figures = {**content.get("given", {}), **content.get("said", {})}.get(SAID, {})
        except (CannotDecrypt, ValueError, TypeError, AttributeError):
            continue  # told by whoever verifies the chain
        for name, said in figures.items():
            table, _, key = name.partition(" ")
            last[table, int(key)] = digest(table, said)
    return last
