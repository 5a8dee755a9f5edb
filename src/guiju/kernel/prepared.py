"""
Hot-path reads: a queryset written once with its places left open, compiled once, and run again with other keys.

The ORM spends ten times longer building a query than SQLite spends answering it; ``advance`` asks the same few
questions all day. What comes back is what the queryset itself would give: models with their ``select_related``, or
the tuples and values of ``values_list``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import update_wrapper
from typing import Any, Generic, ParamSpec, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from django.db.models.base import ModelState
from django.db.models.query import FlatValuesListIterable, ModelIterable, ValuesListIterable

from guiju.kernel import store

P = ParamSpec("P")
M = TypeVar("M", bound=models.Model)
R = TypeVar("R")

# Stand-ins for the open places; nobody writes these into a query.
_NUMBER = 1_987_654_321
_TEXT = "\ufdd0open place "
_MOMENT = datetime(3987, 6, 5, tzinfo=UTC)


@dataclass(frozen=True)
class _Plan:
    sql: str
    params: tuple[Any, ...]
    places: tuple[tuple[int, int, int | None], ...]
    converters: tuple[tuple[int, Sequence[Callable[..., Any]], Any], ...]
    rows: Callable[[Iterator[Any]], list[Any]]


class Prepared(Generic[P, R]):
    """
    A question with open places. Keys are whole numbers, texts and moments, or lists for ``__in``; the rest is
    fixed.

    A list is filled up to the next power of two by its last key, so that few lengths are compiled.
    """

    def __init__(self, build: Callable[P, models.QuerySet[Any, R]]) -> None:
        self._build = build
        self._plans: dict[tuple[Any, ...], _Plan] = {}
        update_wrapper(self, build)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> list[R]:
        """Return the rows."""
        assert not kwargs, "keys are given in order"
        plan, params = self._plan(args)
        if plan is _NOTHING:
            return []
        found = store.answer(plan.sql, params)
        return plan.rows(_converted(found, plan.converters)) if found else []

    def count(self, *args: P.args, **kwargs: P.kwargs) -> int:
        """Return how many rows there are; a question cut at a number is counted up to it."""
        plan, params = self._plan(args)
        if plan is _NOTHING:
            return 0
        ((count,),) = store.answer(f"SELECT COUNT(*) FROM ({plan.sql}) AS counted", params)  # noqa: S608 - our own text
        return int(count)

    @staticmethod
    def counts(asked: Sequence[tuple[Prepared[Any, Any], Sequence[Any]]]) -> list[int]:
        """Return how many rows each of several questions has, with its keys, in one statement."""
        plans = [question._plan(keys) for question, keys in asked]
        some = [(plan.sql, params) for plan, params in plans if plan is not _NOTHING]
        if not some:
            return [0] * len(plans)
        # Texts of our own; the keys go beside them.
        counted = ", ".join(f"(SELECT COUNT(*) FROM ({sql}) AS counted)" for sql, _ in some)  # noqa: S608
        (found,) = store.answer(f"SELECT {counted}", [one for _, params in some for one in params])
        numbers = iter(found)
        return [0 if plan is _NOTHING else int(next(numbers)) for plan, _ in plans]

    def one(self, *args: P.args, **kwargs: P.kwargs) -> R | None:
        """Return the first row, or None."""
        found = self(*args, **kwargs)
        return found[0] if found else None

    def _plan(self, args: Sequence[Any]) -> tuple[_Plan, list[Any]]:
        """Return the compiled question and what is put into its places."""
        keys = [
            _filled_up(one) if isinstance(one, Collection) and not isinstance(one, str) else one
            for one in args
        ]
        shape = (connection.vendor, *(len(one) if type(one) is list else type(one) for one in keys))
        plan = self._plans.get(shape)
        if plan is None:
            try:
                plan = self._compile(keys)
            except EmptyResultSet:
                plan = _NOTHING
            self._plans[shape] = plan
        params = list(plan.params)
        for at, place, item in plan.places:
            value = keys[place] if item is None else keys[place][item]
            params[at] = _adapted(value) if isinstance(value, datetime) else value
        return plan, params

    def _compile(self, keys: Sequence[Any]) -> _Plan:
        stands: list[Any] = []
        where: dict[Any, tuple[int, int | None]] = {}
        for number, key in enumerate(keys):
            if isinstance(key, list):
                stand: Any = [_stand(one, number, item) for item, one in enumerate(key)]
                where |= {one: (number, item) for item, one in enumerate(stand)}
            else:
                stand = _stand(key, number, None)
                where[_adapted(stand) if isinstance(stand, datetime) else stand] = (number, None)
            stands.append(stand)
        queryset = self._build(*stands)  # type: ignore[call-arg]
        compiler = queryset.query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        places = tuple((at, *where[value]) for at, value in enumerate(params) if value in where)
        if {(place, item) for _, place, item in places} != set(where.values()):
            raise TypeError(f"{self._build.__qualname__} does not ask for all of its keys.")
        columns = [column for column, _, _ in compiler.select]
        converters = tuple(
            (at, tuple(functions), expression)
            for at, (functions, expression) in compiler.get_converters(columns).items()
        )
        return _Plan(sql, tuple(params), places, converters, _maker(queryset, compiler))


_NOTHING = _Plan("", (), (), (), lambda rows: [])


def _filled_up(keys: Iterable[Any]) -> list[Any]:
    """Return the keys with the last one repeated up to a power of two."""
    found = list(keys)
    if not found:
        return found
    return found + [found[-1]] * ((1 << (len(found) - 1).bit_length()) - len(found))


def _stand(key: Any, number: int, item: int | None) -> Any:
    """Return what stands in a key's place while the question is compiled."""
    if isinstance(key, bool) or not isinstance(key, int | str | datetime):
        raise TypeError(f"An open place takes whole numbers, texts or moments, not {key!r}.")
    place = number * 10_000 + (0 if item is None else item + 1)
    if isinstance(key, datetime):
        return _MOMENT + timedelta(seconds=place)
    return _NUMBER + place if isinstance(key, int) else f"{_TEXT}{place}"


def _adapted(at: datetime) -> Any:
    """Return a moment as the driver takes it."""
    return connection.ops.adapt_datetimefield_value(at)


def prepared(build: Callable[P, models.QuerySet[Any, R]]) -> Prepared[P, R]:
    """Make a prepared question of a function that builds the queryset for given keys."""
    return Prepared(build)


def _converted(
    rows: Sequence[Sequence[Any]], converters: Sequence[tuple[int, Sequence[Callable[..., Any]], Any]]
) -> Iterator[Any]:
    if not converters:
        yield from rows
        return
    real = connections[DEFAULT_DB_ALIAS]
    for row in rows:
        values = list(row)
        for at, functions, expression in converters:
            for function in functions:
                values[at] = function(values[at], expression, real)
        yield values


def _maker(queryset: models.QuerySet[Any, Any], compiler: Any) -> Callable[[Iterator[Any]], list[Any]]:
    """Return what turns rows of the database into what the queryset gives."""
    kind = queryset._iterable_class
    if kind is FlatValuesListIterable:
        return lambda rows: [row[0] for row in rows]
    if kind is ValuesListIterable:
        return lambda rows: [tuple(row) for row in rows]
    if kind is not ModelIterable:
        raise TypeError("Only models, tuples and single values can be prepared.")
    about = compiler.klass_info
    model, fields = about["model"], about["select_fields"]
    start, end = fields[0], fields[-1] + 1
    names = [column.target.attname for column, _, _ in compiler.select[start:end]]
    read = _reader(model, names, queryset.db)
    related = [_Related(one, compiler.select, queryset.db) for one in about.get("related_klass_infos", ())]
    beside = tuple((compiler.annotation_col_map or {}).items())

    def make(rows: Iterator[Any]) -> list[Any]:
        found = []
        for row in rows:
            one = read(row[start:end])
            for populator in related:
                populator.populate(row, one)
            for name, at in beside:
                one.__dict__[name] = row[at]
            found.append(one)
        return found

    return make


def _reader(
    model: type[models.Model], names: Sequence[str], alias: str
) -> Callable[[Sequence[Any]], models.Model]:
    """
    Return what makes an instance of a stored row: ``from_db`` without setting every field by its descriptor.

    A field that was not read is missing, and read when asked for, as with ``from_db``. Signals are not sent: nothing
    here listens to them.
    """
    own_way = (
        getattr(model.from_db, "__func__", None) is not getattr(models.Model.from_db, "__func__", None)
        or model.__init__ is not models.Model.__init__
    )
    if own_way:
        return lambda values: model.from_db(alias, names, values)
    new = model.__new__

    def read(values: Sequence[Any]) -> models.Model:
        one = new(model)
        state = ModelState()
        state.adding, state.db = False, alias
        there = one.__dict__
        there["_state"] = state
        there.update(zip(names, values, strict=True))
        return one

    return read


class _Related:
    """Puts what ``select_related`` read beside a row onto its instance, as Django's own populator does."""

    def __init__(self, about: Any, select: Any, alias: str) -> None:
        if about["from_parent"]:
            raise TypeError("Parents of a model that inherits cannot be prepared.")
        fields = about["select_fields"]
        self.start, self.end = fields[0], fields[-1] + 1
        names = [column.target.attname for column, _, _ in select[self.start : self.end]]
        model = about["model"]
        self.key = self.start + names.index(model._meta.pk.attname)
        self.read = _reader(model, names, alias)
        self.set_here, self.set_there = about["local_setter"], about["remote_setter"]
        self.further = [_Related(one, select, alias) for one in about.get("related_klass_infos", ())]

    def populate(self, row: Sequence[Any], onto: models.Model) -> None:
        """Make the related instance, if there is one, and link the two."""
        if row[self.key] is None:
            self.set_here(onto, None)
            return
        one = self.read(row[self.start : self.end])
        for related in self.further:
            related.populate(row, one)
        self.set_here(onto, one)
        self.set_there(one, onto)
