"""
Anchors of rows that are only added: the books, for one. Of rows that may change, those of their columns that are figures
are anchored as they were first seen; a change must be said by an event (``figures``).

The database refuses to change such rows (``only_added``), but whoever may change the database may take that away. So the
digest of every row is written into a file of anchors within two hours (``rows.jsonl``), and ``guiju audit verify`` names
each row that is no longer as it was, is gone, or came in between. A digest is keyed: it tells nobody what the row says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import models
from django.db.models import Max

from guiju.kernel import figures
from guiju.kernel.anchors import AnchorFile
from guiju.kernel.crypto import CannotDecrypt
from guiju.kernel.models import Vote
from guiju.kernel.questions import survey

FILE: Final = AnchorFile("rows.jsonl")
#: So many rows stand in one line at most.
AT_MOST: Final = 2000
BIGGEST: Final = 2**63 - 1
#: So often what looks changed is looked at once more.
AGAIN: Final = 3
LENGTH: Final = figures.LENGTH


@survey
def fixed() -> Iterable[type[models.Model]]:
    """Return the models of an app whose rows are anchored one by one, because they are never changed."""
    raise NotImplementedError


@fixed.answered_by
def votes() -> Iterable[type[models.Model]]:
    """A vote is given once."""
    return (Vote,)


@dataclass(frozen=True)
class _Table:
    """A model whose rows are anchored, and by which columns."""

    model: type[models.Model]
    names: tuple[str, ...]


def _tables() -> dict[str, _Table]:
    found = {
        model._meta.db_table: _Table(model, tuple(field.attname for field in model._meta.concrete_fields))
        for answer in fixed.ask_all()
        for model in answer
    }
    return found | {model._meta.db_table: _Table(model, names) for model, names in figures.columns().items()}


def anchor(*, at: datetime) -> int:
    """
    Write the digests of the rows that were there when this was last called, and return how many.

    Those added since wait for the next time: a row with a lower key may still be on its way in another transaction.
    """
    with FILE.held():
        upto: dict[str, int] = {}
        seen: dict[str, int] = {}
        for entry, genuine in FILE.entries():
            if genuine:
                upto[entry["table"]], seen[entry["table"]] = entry["upto"], entry["seen"]
        lines: list[dict[str, Any]] = []
        for table, rows in _tables().items():
            last = rows.model._default_manager.aggregate(last=Max("pk"))["last"] or 0
            lines += _lines_of(rows, upto.get(table, 0), seen.get(table, 0), last, at)
        FILE.append(lines)
    return sum(len(line["rows"]) for line in lines)


def _lines_of(table: _Table, upto: int, seen: int, last: int, at: datetime) -> Iterator[dict[str, Any]]:
    head = {"table": table.model._meta.db_table, "at": at.isoformat()}
    rows: dict[str, str] = {}
    for key, digest in _digests(table, upto, seen):
        rows[str(key)] = digest
        if len(rows) == AT_MOST:
            yield {**head, "upto": key, "seen": seen, "rows": rows}
            upto, rows = key, {}
    if rows or last > seen:
        yield {**head, "upto": max(upto, seen), "seen": max(last, seen), "rows": rows}


def _digests(table: _Table, after: int, upto: int) -> Iterator[tuple[int, str]]:
    """Give the key and the digest of every row in a stretch of keys."""
    where = table.model._default_manager.filter(pk__gt=after, pk__lte=upto).order_by("pk")
    for row in where.values_list("pk", *table.names).iterator(chunk_size=2000):
        yield row[0], figures.digest(table.model._meta.db_table, dict(zip(table.names, row[1:], strict=True)))


def problems() -> Iterator[str]:
    """Tell in a sentence each the rows that are not as they were anchored, and what is wrong with the anchors."""
    known = _tables()
    moved: dict[tuple[str, int], str] = {}
    upto: dict[str, int] = {}
    lost: set[str] = set()
    for number, (entry, genuine) in enumerate(FILE.entries(), 1):
        if not genuine:
            yield f"行锚点文件第 {number} 行被改动过"
            continue
        table = entry["table"]
        rows = known.get(table)
        if rows is None:
            continue
        begin, upto[table] = upto.get(table, 0), entry["upto"]
        try:
            now = dict(_digests(rows, begin, entry["upto"]))
        except (CannotDecrypt, ValueError, TypeError, OverflowError):
            lost.add(table)
            continue
        was = {int(key): digest for key, digest in entry["rows"].items()}
        for key in sorted(was.keys() | now.keys()):
            if key not in now:
                yield f"{table} {key} 被删除"
            elif key not in was:
                yield f"{table} {key} 是事后插入的"
            elif now[key] != was[key]:
                moved[table, key] = was[key]
    # Again and again, because people go on working: what is changed while this is read agrees the next time.
    wrong = _unsaid(known, moved, None)
    for _ in range(AGAIN):
        wrong = _unsaid(known, moved, wrong) if wrong else wrong
    for table, key in sorted(wrong):
        yield f"{table} {key} 被改动过"
    for table in sorted(lost):
        yield f"{table} 有读不出来的行：被改动过"


def _unsaid(
    known: dict[str, _Table], moved: dict[tuple[str, int], str], among: set[tuple[str, int]] | None
) -> set[tuple[str, int]]:
    """Return the rows that read neither as the last event says nor, if none spoke of them, as they were anchored.

    ``among``: only these are asked about; all if None.
    """
    wanted = {
        row: digest
        for row, digest in (moved | figures.said_last()).items()
        if row[0] in known and (among is None or row in among)
    }
    tables = {table for table, _ in wanted}
    now = {(table, key): digest for table in tables for key, digest in _digests(known[table], 0, BIGGEST)}
    return {row for row, digest in wanted.items() if now.get(row) != digest}
