"""
Hot-path reads: a queryset written once with its places left open, compiled once, and run again with other keys.

The ORM spends ten times longer building a query than SQLite spends answering it; ``advance`` asks the same few
questions all day. What comes back is what the queryset itself would give: models with their ``select_related``, or
the tuples and values of ``values_list``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import update_wrapper
from typing import Any, Generic, ParamSpec, TypeVar

from django.db import connection, models
from django.db.models.query import (
    FlatValuesListIterable,
    ModelIterable,
    ValuesListIterable,
    get_related_populators,
)

P = ParamSpec("P")
M = TypeVar("M", bound=models.Model)
R = TypeVar("R")

# Stand-ins for the open places; nobody writes these into a query.
_NUMBER = 1_987_654_321
_TEXT = "\ufdd0open place "


@dataclass(frozen=True)
class _Plan:
    sql: str
    params: tuple[Any, ...]
    places: tuple[tuple[int, int], ...]
    converters: tuple[tuple[int, Sequence[Callable[..., Any]], Any], ...]
    rows: Callable[[Iterator[Any]], list[Any]]


class Prepared(Generic[P, R]):
    """A question with open places. Keys are whole numbers or texts; anything else in it is fixed."""

    def __init__(self, build: Callable[P, models.QuerySet[Any, R]]) -> None:
        self._build = build
        self._plans: dict[tuple[str, tuple[type, ...]], _Plan] = {}
        update_wrapper(self, build)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> list[R]:
        """Return the rows."""
        assert not kwargs, "keys are given in order"
        shape = (connection.vendor, tuple(map(type, args)))
        plan = self._plans.get(shape)
        if plan is None:
            plan = self._plans[shape] = self._compile(args)
        params = list(plan.params)
        for at, place in plan.places:
            params[at] = args[place]
        with connection.cursor() as cursor:
            cursor.execute(plan.sql, params)
            found = cursor.fetchall()
        return plan.rows(_converted(found, plan.converters)) if found else []

    def one(self, *args: P.args, **kwargs: P.kwargs) -> R | None:
        """Return the first row, or None."""
        found = self(*args, **kwargs)
        return found[0] if found else None

    def _compile(self, args: Sequence[Any]) -> _Plan:
        stands: list[Any] = []
        for number, key in enumerate(args):
            if isinstance(key, bool) or not isinstance(key, int | str):
                raise TypeError(f"An open place takes a whole number or a text, not {key!r}.")
            stands.append(_NUMBER + number if isinstance(key, int) else f"{_TEXT}{number}")
        queryset = self._build(*stands)  # type: ignore[call-arg]
        compiler = queryset.query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        places = tuple((at, stands.index(value)) for at, value in enumerate(params) if value in stands)
        if {place for _, place in places} != set(range(len(stands))):
            raise TypeError(f"{self._build.__qualname__} does not ask for all of its keys.")
        columns = [column for column, _, _ in compiler.select]
        converters = tuple(
            (at, tuple(functions), expression)
            for at, (functions, expression) in compiler.get_converters(columns).items()
        )
        return _Plan(sql, tuple(params), places, converters, _maker(queryset, compiler))


def prepared(build: Callable[P, models.QuerySet[Any, R]]) -> Prepared[P, R]:
    """Make a prepared question of a function that builds the queryset for given keys."""
    return Prepared(build)


def _converted(
    rows: Sequence[Sequence[Any]], converters: Sequence[tuple[int, Sequence[Callable[..., Any]], Any]]
) -> Iterator[Any]:
    for row in rows:
        if not converters:
            yield row
            continue
        values = list(row)
        for at, functions, expression in converters:
            for function in functions:
                values[at] = function(values[at], expression, connection)
        yield values


def _maker(queryset: models.QuerySet[Any, Any], compiler: Any) -> Callable[[Iterator[Any]], list[Any]]:
    """Return what turns rows of the database into what the queryset gives."""
    kind = queryset._iterable_class
    if kind is FlatValuesListIterable:
        return lambda rows: [row[0] for row in rows]
    if kind is ValuesListIterable:
        return lambda rows: [tuple(row) for row in rows]
    if kind is not ModelIterable or compiler.annotation_col_map:
        raise TypeError("Only models, tuples and single values can be prepared.")
    about = compiler.klass_info
    model, fields = about["model"], about["select_fields"]
    start, end = fields[0], fields[-1] + 1
    names = [column.target.attname for column, _, _ in compiler.select[start:end]]
    related = get_related_populators(about, compiler.select, queryset.db)  # type: ignore[call-arg]

    def make(rows: Iterator[Any]) -> list[Any]:
        found = []
        for row in rows:
            one = model.from_db(connection.alias, names, row[start:end])
            for populator in related:
                populator.populate(row, one)
            found.append(one)
        return found

    return make
