"""Hot-path writes: one prepared SQL text per shape, values adapted by Django's own fields.

The ORM spends more time building a query than the database spends on it; ``advance`` writes the same few shapes all
day. Reads stay with the ORM.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, lru_cache, partial, wraps
from typing import Any, ParamSpec, TypeVar, cast

from django.db import DEFAULT_DB_ALIAS, IntegrityError, OperationalError, connection, connections, models
from django.db.backends.sqlite3.base import SQLiteCursorWrapper
from django.db.backends.utils import CursorWrapper

P = ParamSpec("P")
R = TypeVar("R")
M = TypeVar("M", bound=models.Model)
TRIES = 5
# What PostgreSQL calls a deadlock, a serialisation failure and a row that is there already.
ENDED = ("40P01", "40001", "23505")


@lru_cache(maxsize=256)
def _columns(model: type[models.Model], names: tuple[str, ...]) -> tuple[models.Field[Any, Any], ...]:
    return tuple(model._meta.get_field(name) for name in names)  # type: ignore[misc]


def hot_cursor() -> CursorWrapper:
    """
    Return a cursor for statements that are sent all day in the same words.

    Where the URL of the database allows it (``?prepare=3``), PostgreSQL plans them once per connection: half of what
    an act costs the server is planning. Not behind an old pgbouncer, which gives every statement another connection.
    """
    # The thread's own connection: the proxy asks which thread it is at every attribute.
    real: Any = connections[DEFAULT_DB_ALIAS]
    # Where statements are written down, Django's own cursor does that.
    if real.queries_logged:
        return cast(CursorWrapper, real.cursor())
    real.ensure_connection()
    raw = real.connection
    if real.vendor == "postgresql":
        if raw.prepare_threshold is None:
            return cast(CursorWrapper, real.cursor())
        return cast(CursorWrapper, real._prepare_cursor(_psycopg_cursor()(raw)))
    return cast(CursorWrapper, real._prepare_cursor(raw.cursor(factory=_SQLiteCursor)))


def answer(sql: str, params: Sequence[Any]) -> list[Any]:
    """Run a statement that is sent all day in the same words, and return its rows."""
    found, _ = _run(sql, params, read=True)
    return found


def changed(sql: str, params: Sequence[Any]) -> int:
    """Run such a statement that gives no rows, and return how many it changed."""
    _, count = _run(sql, params, read=False)
    return count


def _run(sql: str, params: Sequence[Any], *, read: bool) -> tuple[list[Any], int]:
    """
    Run a statement with the driver's own cursor.

    Django's wrapper costs a third of what an act spends on a statement. What it does is done here: errors become
    Django's, a broken transaction takes nothing more, and where somebody listens to statements its cursor is used.
    """
    real: Any = connections[DEFAULT_DB_ALIAS]
    if real.execute_wrappers or real.queries_logged:
        with hot_cursor() as cursor:
            cursor.execute(sql, params)
            return (cursor.fetchall() if read else []), int(cursor.rowcount)
    real.ensure_connection()
    raw = real.connection
    if real.vendor == "postgresql":
        cursor = _psycopg_cursor()(raw) if raw.prepare_threshold is not None else real.create_cursor()
    else:
        cursor, sql = raw.cursor(), _for_sqlite(sql)
    real.validate_no_broken_transaction()
    with real.wrap_database_errors:
        cursor.execute(sql, params)
        return (cursor.fetchall() if read else []), int(cursor.rowcount)


@cache
def _psycopg_cursor() -> Any:
    import psycopg

    return psycopg.Cursor


class _SQLiteCursor(SQLiteCursorWrapper):
    """Django's cursor, which remembers how a statement is written for SQLite."""

    def convert_query(self, query: str, *, param_names: Any = None) -> str:
        if param_names is not None:
            return str(super().convert_query(query, param_names=param_names))
        return _for_sqlite(query)


@lru_cache(maxsize=1024)
def _for_sqlite(query: str) -> str:
    return query % (("?",) * query.count("%s"))


# Fields whose values every driver takes as they are.
_AS_THEY_ARE = {
    models.CharField, models.TextField, models.BooleanField, models.IntegerField, models.BigIntegerField,
    models.PositiveIntegerField, models.PositiveSmallIntegerField, models.PositiveBigIntegerField,
    models.BigAutoField, models.ForeignKey, models.OneToOneField,
}  # fmt: skip


@lru_cache(maxsize=256)
def _adapters(
    model: type[models.Model], names: tuple[str, ...], vendor: str
) -> tuple[Callable[[Any], Any] | None, ...]:
    """Return what makes each field's value fit for the driver; None where it is fit already."""
    return tuple(_adapter(field, vendor) for field in _columns(model, names))


def _adapter(field: models.Field[Any, Any], vendor: str) -> Callable[[Any], Any] | None:
    if type(field) in _AS_THEY_ARE:
        return None
    if type(field) is models.DateTimeField:
        return None if vendor == "postgresql" else partial(_moment, field)
    return partial(_prepared, field)


def _moment(field: models.Field[Any, Any], value: datetime | None) -> Any:
    """Return a moment as Django writes it for SQLite, by the short way."""
    if value is None:
        return None
    if value.tzinfo is None:
        return _prepared(field, value)
    return str((value if value.tzinfo is UTC else value.astimezone(UTC)).replace(tzinfo=None))


def _prepared(field: models.Field[Any, Any], value: Any) -> Any:
    return field.get_db_prep_save(value, connection)


@lru_cache(maxsize=256)
def _insert_sql(model: type[models.Model], names: tuple[str, ...], rows: int) -> str:
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in _columns(model, names))
    values = "(" + ", ".join(["%s"] * len(names)) + ")"
    table = quote(model._meta.db_table)
    return f"INSERT INTO {table} ({columns}) VALUES {', '.join([values] * rows)} RETURNING {quote('id')}"


def insert_once(model: type[models.Model], row: Mapping[str, Any]) -> int | None:
    """Insert a row unless a constraint says that it is there already, and return its id; None if it was there."""
    sql, ending = _insert_sql(model, tuple(row), 1), f" RETURNING {connection.ops.quote_name('id')}"
    found = answer(f"{sql.removesuffix(ending)} ON CONFLICT DO NOTHING{ending}", _adapted(model, row))
    return int(found[0][0]) if found else None


def insert(model: type[models.Model], rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Insert rows that all give the same fields, and return their ids in order."""
    if not rows:
        return []
    names = tuple(rows[0])
    adapters = _adapters(model, names, connection.vendor)
    values = [
        row[name] if adapt is None else adapt(row[name])
        for row in rows
        for name, adapt in zip(names, adapters, strict=True)
    ]
    return [int(row[0]) for row in answer(_insert_sql(model, names, len(rows)), values)]


@lru_cache(maxsize=256)
def _where_sql(model: type[models.Model], where: tuple[str, ...]) -> str:
    quote = connection.ops.quote_name
    return " AND ".join(f"{quote(str(field.column))} = %s" for field in _columns(model, where))


@lru_cache(maxsize=256)
def _update_sql(model: type[models.Model], names: tuple[str, ...], where: tuple[str, ...]) -> str:
    quote = connection.ops.quote_name
    sets = ", ".join(f"{quote(str(field.column))} = %s" for field in _columns(model, names))
    return f"UPDATE {quote(model._meta.db_table)} SET {sets} WHERE {_where_sql(model, where)}"


def _adapted(model: type[models.Model], values: Mapping[str, Any]) -> list[Any]:
    adapters = _adapters(model, tuple(values), connection.vendor)
    return [
        value if adapt is None else adapt(value)
        for value, adapt in zip(values.values(), adapters, strict=True)
    ]


def update(model: type[models.Model], values: Mapping[str, Any], **where: Any) -> int:
    """Update the rows that match exactly, and return how many did: a compare-and-set when ``where`` names a version."""
    return changed(
        _update_sql(model, tuple(values), tuple(where)), _adapted(model, values) + _adapted(model, where)
    )


@dataclass
class Change:
    """Rows of one table that go, and rows that come in and do not clash with them."""

    model: type[models.Model]
    gone: list[int] = field(default_factory=list)
    new: list[dict[str, Any]] = field(default_factory=list)

    def write(self) -> None:
        """Write it by itself."""
        replace(self.model, self.gone, self.new)


@lru_cache(maxsize=64)
def _insert_and_update_sql(
    model: type[models.Model], names: tuple[str, ...], rows: int,
    other: type[models.Model], sets: tuple[str, ...], where: tuple[str, ...],
    beside: type[models.Model] | None, gone: int, new: tuple[str, ...], count: int,
) -> str:  # fmt: skip
    parts = [f"other AS ({_update_sql(other, sets, where)})"]
    if beside is not None and gone:
        parts.append(f"gone AS ({_delete_sql(beside, gone)})")
    if beside is not None and count:
        parts.append(f"new AS ({_insert_sql(beside, new, count)})")
    return f"WITH {', '.join(parts)} {_insert_sql(model, names, rows)}"


def insert_and_update(
    model: type[models.Model],
    rows: Sequence[Mapping[str, Any]],
    other: type[models.Model],
    values: Mapping[str, Any],
    *,
    beside: Change | None = None,
    **where: Any,
) -> list[int]:
    """
    Insert rows, update a row of another table, and change a third one ``beside``: in one statement where the database
    can. Returns the new ids.
    """
    if connection.vendor != "postgresql":
        if beside is not None:
            beside.write()
        ids = insert(model, rows)
        update(other, values, **where)
        return ids
    gone, new = (beside.gone, beside.new) if beside is not None else ([], [])
    sql = _insert_and_update_sql(
        model, tuple(rows[0]), len(rows), other, tuple(values), tuple(where),
        beside.model if beside is not None else None, len(gone), tuple(new[0]) if new else (), len(new),
    )  # fmt: skip
    params = _adapted(other, values) + _adapted(other, where) + gone
    if beside is not None:
        params += [value for row in new for value in _adapted(beside.model, row)]
    return [int(row[0]) for row in answer(sql, params + [v for row in rows for v in _adapted(model, row)])]


@dataclass
class Lock:
    """A row that a statement locks besides what it does, and what the row holds once it is locked."""

    model: type[models.Model]
    by: dict[str, Any]
    names: tuple[str, ...]
    found: tuple[Any, ...] | None = None


@lru_cache(maxsize=256)
def _update_and_read_sql(
    model: type[models.Model],
    names: tuple[str, ...],
    where: tuple[str, ...],
    read: type[models.Model],
    key: str,
    lock: type[models.Model] | None,
    lock_by: tuple[str, ...],
    locked: tuple[str, ...],
) -> str:
    quote = connection.ops.quote_name
    columns = ", ".join(f"r.{quote(str(field.column))}" for field in read._meta.concrete_fields)
    (join,) = _columns(read, (key,))
    moved = f"WITH moved AS ({_update_sql(model, names, where)} RETURNING {quote('id')})"
    there = (
        f"FROM moved LEFT JOIN {quote(read._meta.db_table)} r"
        f" ON r.{quote(str(join.column))} = moved.{quote('id')}"
    )
    if lock is None:
        return f"{moved} SELECT {columns} {there}"
    said = ", ".join(quote(str(field.column)) for field in _columns(lock, locked))
    held = f"SELECT {said} FROM {quote(lock._meta.db_table)} WHERE {_where_sql(lock, lock_by)} FOR UPDATE"
    heads = ", ".join(f"held.{quote(str(field.column))}" for field in _columns(lock, locked))
    return f"{moved}, held AS ({held}) SELECT {columns}, {heads} {there} LEFT JOIN held ON true"


def update_and_read(
    model: type[models.Model],
    values: Mapping[str, Any],
    read: type[M],
    key: str,
    *,
    lock: Lock | None = None,
    **where: Any,
) -> list[M] | None:
    """
    Update a row and return the rows of another table whose ``key`` points to it; None if no row matches.

    A row to ``lock`` is locked with it, and what it holds then is put there. PostgreSQL only: one statement instead of
    two or three.
    """
    of = (lock.model, tuple(lock.by), lock.names) if lock is not None else (None, (), ())
    found = answer(
        _update_and_read_sql(model, tuple(values), tuple(where), read, key, *of),
        _adapted(model, values)
        + _adapted(model, where)
        + (_adapted(lock.model, lock.by) if lock is not None else []),
    )
    if not found:
        return None
    names = [field.attname for field in read._meta.concrete_fields]
    width = len(names)
    if lock is not None and found[0][width] is not None:
        lock.found = tuple(found[0][width:])
    return [read.from_db(connection.alias, names, row[:width]) for row in found if row[0] is not None]


def add(row: models.Model) -> None:
    """Insert a row that is new: ``save()`` without the ORM's questions."""
    fields = [field for field in row._meta.concrete_fields if not field.primary_key]
    (row.pk,) = insert(type(row), [{field.name: getattr(row, field.attname) for field in fields}])
    row._state.adding, row._state.db = False, connection.alias


def write(row: models.Model, *names: str) -> None:
    """Write these fields of a row that is there: ``save(update_fields=…)`` without the ORM's questions."""
    update(
        type(row),
        {field.name: getattr(row, field.attname) for field in _columns(type(row), names)},
        id=row.pk,
    )


def ids(model: type[models.Model], **where: Any) -> list[int]:
    """Return the ids of the rows that match exactly."""
    quote = connection.ops.quote_name
    sql = f"SELECT {quote('id')} FROM {quote(model._meta.db_table)} WHERE {_where_sql(model, tuple(where))}"
    return [int(row[0]) for row in answer(sql, _adapted(model, where))]


def delete(model: type[models.Model], ids: Sequence[int]) -> None:
    """Delete rows by id."""
    if ids:
        changed(_delete_sql(model, len(ids)), list(ids))


@lru_cache(maxsize=64)
def _delete_sql(model: type[models.Model], count: int) -> str:
    quote = connection.ops.quote_name
    marks = ", ".join(["%s"] * count)
    return f"DELETE FROM {quote(model._meta.db_table)} WHERE {quote('id')} IN ({marks})"


def update_many(model: type[models.Model], new: Sequence[Mapping[str, Any]], **was: str) -> list[int]:
    """
    Update rows by id, each with values of its own, in one statement; return the ids of those that were there.

    ``was`` maps a field to the name under which each row says what it must still be: a compare-and-set of many.
    """
    if not new:
        return []
    names = tuple(new[0])
    fields = tuple(name for name in names if name not in was.values())
    checks = tuple(was.items())
    adapters = _adapters(
        model, tuple(dict(zip(was.values(), was, strict=True)).get(n, n) for n in names), connection.vendor
    )
    columns = [
        [row[name] if adapt is None else adapt(row[name]) for row in new]
        for name, adapt in zip(names, adapters, strict=True)
    ]
    # PostgreSQL takes a list per field, so that the words are the same for any number of rows.
    several = connection.vendor == "postgresql"
    values = columns if several else [value for row in zip(*columns, strict=True) for value in row]
    sql = _update_many_sql(model, names, fields, checks, 1 if several else len(new))
    return [int(row[0]) for row in answer(sql, values)]


@lru_cache(maxsize=512)
def _update_many_sql(
    model: type[models.Model], names: tuple[str, ...], fields: tuple[str, ...], was: tuple[tuple[str, str], ...],
    rows: int,
) -> str:  # fmt: skip
    quote = connection.ops.quote_name
    of = {name: field for field, name in was}
    columns = dict(zip(names, _columns(model, tuple(of.get(name, name) for name in names)), strict=True))
    place = {name: f"v.column{number}" for number, name in enumerate(names, 1)}
    if connection.vendor == "postgresql":
        lists = ", ".join(f"%s::{columns[name].cast_db_type(connection)}[]" for name in names)
        called = ", ".join(f"column{number}" for number in range(1, len(names) + 1))
        given = f"unnest({lists}) AS v({called})"
    else:
        one = "(" + ", ".join(["%s"] * len(names)) + ")"
        given = f"(VALUES {', '.join([one] * rows)}) AS v"
    table = quote(model._meta.db_table)
    sets = ", ".join(f"{quote(str(columns[name].column))} = {place[name]}" for name in fields if name != "id")
    same = "".join(f" AND {table}.{quote(str(columns[name].column))} = {place[name]}" for _, name in was)
    return (
        f"UPDATE {table} SET {sets} FROM {given}"
        f" WHERE {table}.{quote('id')} = {place['id']}{same} RETURNING {table}.{quote('id')}"
    )


def replace(model: type[models.Model], ids: Sequence[int], new: Sequence[Mapping[str, Any]]) -> None:
    """Delete rows by id and insert others that do not clash with them: one statement where the database can."""
    if not ids or not new or connection.vendor != "postgresql":
        delete(model, ids)
        insert(model, new)
        return
    names = tuple(new[0])
    values = [value for row in new for value in _adapted(model, row)]
    answer(_replace_sql(model, len(ids), names, len(new)), [*ids, *values])


@lru_cache(maxsize=64)
def _replace_sql(model: type[models.Model], gone: int, names: tuple[str, ...], new: int) -> str:
    return f"WITH gone AS ({_delete_sql(model, gone)}) {_insert_sql(model, names, new)}"


def lock_suffix() -> str:
    """Return the clause that locks a selected row (SQLite's IMMEDIATE transaction is its lock)."""
    return " FOR UPDATE" if connection.vendor == "postgresql" else ""


def once_more_after_deadlock(act: Callable[P, R]) -> Callable[P, R]:
    """
    Let an act that opens its own transaction begin again when the database had to end it for another's sake.

    Acts that move several cases lock them in the order in which their effects name them, so two of them may wait for
    each other; PostgreSQL then ends one. Two may also make the same row at once (a customer new to both): the second
    begins again and finds it. Inside a larger transaction the error goes on to whoever began that.
    """

    @wraps(act)
    def again(*args: P.args, **kwargs: P.kwargs) -> R:
        for tries_left in reversed(range(TRIES)):
            try:
                return act(*args, **kwargs)
            except (OperationalError, IntegrityError) as error:
                ended = getattr(error.__cause__, "sqlstate", "") in ENDED
                if connection.in_atomic_block or not ended or not tries_left:
                    raise
        raise AssertionError("unreachable")

    return again
