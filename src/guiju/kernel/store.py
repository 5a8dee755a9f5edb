"""Hot-path writes: one prepared SQL text per shape, values adapted by Django's own fields.

The ORM spends more time building a query than the database spends on it; ``advance`` writes the same few shapes all
day. Reads stay with the ORM.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, wraps
from typing import Any, ParamSpec, TypeVar

from django.db import OperationalError, connection, models

P = ParamSpec("P")
R = TypeVar("R")
TRIES = 5


@lru_cache(maxsize=256)
def _columns(model: type[models.Model], names: tuple[str, ...]) -> tuple[models.Field[Any, Any], ...]:
    return tuple(model._meta.get_field(name) for name in names)  # type: ignore[misc]


@lru_cache(maxsize=256)
def _insert_sql(model: type[models.Model], names: tuple[str, ...], rows: int) -> str:
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in _columns(model, names))
    values = "(" + ", ".join(["%s"] * len(names)) + ")"
    table = quote(model._meta.db_table)
    return f"INSERT INTO {table} ({columns}) VALUES {', '.join([values] * rows)} RETURNING {quote('id')}"


def insert(model: type[models.Model], rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Insert rows that all give the same fields, and return their ids in order."""
    if not rows:
        return []
    names = tuple(rows[0])
    fields = _columns(model, names)
    values = [
        field.get_db_prep_save(row[name], connection) for row in rows for name, field in zip(names, fields, strict=True)
    ]
    with connection.cursor() as cursor:
        cursor.execute(_insert_sql(model, names, len(rows)), values)
        return [int(row[0]) for row in cursor.fetchall()]


@lru_cache(maxsize=256)
def _update_sql(model: type[models.Model], names: tuple[str, ...], where: tuple[str, ...]) -> str:
    quote = connection.ops.quote_name
    sets = ", ".join(f"{quote(str(field.column))} = %s" for field in _columns(model, names))
    conditions = " AND ".join(f"{quote(str(field.column))} = %s" for field in _columns(model, where))
    return f"UPDATE {quote(model._meta.db_table)} SET {sets} WHERE {conditions}"


def update(model: type[models.Model], values: Mapping[str, Any], **where: Any) -> int:
    """Update the rows that match exactly, and return how many did: a compare-and-set when ``where`` names a version."""
    names, keys = tuple(values), tuple(where)
    adapted = [
        field.get_db_prep_save(given[name], connection)
        for given, some in ((values, names), (where, keys))
        for name, field in zip(some, _columns(model, some), strict=True)
    ]
    with connection.cursor() as cursor:
        cursor.execute(_update_sql(model, names, keys), adapted)
        return int(cursor.rowcount)


def delete(model: type[models.Model], ids: Sequence[int]) -> None:
    """Delete rows by id."""
    if ids:
        quote = connection.ops.quote_name
        marks = ", ".join(["%s"] * len(ids))
        with connection.cursor() as cursor:
            cursor.execute(
                f"DELETE FROM {quote(model._meta.db_table)} WHERE {quote('id')} IN ({marks})",  # noqa: S608
                list(ids),
            )


def lock_suffix() -> str:
    """Return the clause that locks a selected row (SQLite's IMMEDIATE transaction is its lock)."""
    return " FOR UPDATE" if connection.vendor == "postgresql" else ""


def once_more_after_deadlock(act: Callable[P, R]) -> Callable[P, R]:
    """
    Let an act that opens its own transaction begin again when the database had to end it for another's sake.

    Acts that move several cases lock them in the order in which their effects name them, so two of them may wait for
    each other; PostgreSQL then ends one. Inside a larger transaction the error goes on to whoever began that.
    """

    @wraps(act)
    def again(*args: P.args, **kwargs: P.kwargs) -> R:
        for tries_left in reversed(range(TRIES)):
            try:
                return act(*args, **kwargs)
            except OperationalError as error:
                ended = getattr(error.__cause__, "sqlstate", "") in ("40P01", "40001")
                if connection.in_atomic_block or not ended or not tries_left:
                    raise
        raise AssertionError("unreachable")

    return again
