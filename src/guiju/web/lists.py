"""Reads for lists: to-dos and cases with their chips, walked by key. The same number of queries for any number of rows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

from django.db.models import Q, QuerySet

from guiju.kernel.engine import NEVER
from guiju.kernel.models import Case, Clock, ClockPause, Todo
from guiju.kernel.prepared import prepared
from guiju.kernel.process import processes
from guiju.web import formats
from guiju.web.about import About, about
from guiju.web.addresses import address
from guiju.web.casepage import clock_chip
from guiju.web.duties import Duties, Window
from guiju.web.formats import Chip
from guiju.web.names import PROGRAM, names_of

SIZE = 50
AT_MOST = 1000


@dataclass(frozen=True)
class Row:
    """One line of a list."""

    number: str
    url: str
    title: str
    chip: Chip
    process: str
    state: str
    tone: str
    customers: Sequence[str]
    units: Sequence[str]
    owner: str = ""
    opened_at: datetime | None = None
    label: str = ""
    due_at: datetime | None = None
    late: str = ""


@dataclass(frozen=True)
class Group:
    """Rows under one head: 已超期, 今天到期, 三天内, 更晚."""

    label: str
    rows: Sequence[Row]

    @property
    def count(self) -> int:
        return len(self.rows)


@dataclass(frozen=True)
class Page:
    """Where a list stands: the keys of the pages around it."""

    after: str = ""
    before: str = ""
    range_words: str = ""


def exact(found: QuerySet[Any]) -> str:
    """Return the number of rows: exact up to 1,000, then 1000+."""
    count = found.order_by()[: AT_MOST + 1].count()
    return str(count) if count <= AT_MOST else f"{AT_MOST}+"


def chips(case_ids: Iterable[int], at: datetime) -> Mapping[int, Chip]:
    """Return the chip of the nearest running clock of each case, else of a paused one."""
    found: dict[int, Clock] = {}
    for clock in _open_clocks(list(case_ids)):
        known = found.get(clock.case_id)
        if known is None or (known.state == Clock.PAUSED and clock.state == Clock.RUNNING):
            found[clock.case_id] = clock
    return _drawn(found, at)


def _own_chips(todos: Sequence[Todo], at: datetime) -> Mapping[int, Chip]:
    """Return the chip of each to-do: of the clock that it is due by, else of the nearest of its case."""
    theirs: dict[int, list[Clock]] = {}
    for clock in _open_clocks([todo.case_id for todo in todos]):
        theirs.setdefault(clock.case_id, []).append(clock)
    found: dict[int, Clock] = {}
    for todo in todos:
        if clocks := theirs.get(todo.case_id):
            # The first of the sort: running before paused, the own moment before others, the nearest.
            found[todo.pk] = min(
                clocks, key=lambda one: (one.state != Clock.RUNNING, one.due_at != todo.due_at)
            )
    return _drawn(found, at)


def _drawn(clocks: Mapping[int, Clock], at: datetime) -> dict[int, Chip]:
    pauses = {pause.clock_id: pause for pause in _open_pauses([clock.pk for clock in clocks.values()])}
    return {key: clock_chip(clock, at, pauses.get(clock.pk)) for key, clock in clocks.items()}


@prepared
def _open_clocks(case_ids: Collection[int]) -> QuerySet[Clock, Clock]:
    rows = Clock.objects.filter(case_id__in=case_ids, state__in=[Clock.RUNNING, Clock.PAUSED])
    return rows.order_by("due_at", "pk")


@prepared
def _open_pauses(clock_ids: Collection[int]) -> QuerySet[ClockPause, ClockPause]:
    return ClockPause.objects.filter(clock_id__in=clock_ids, resumed_at=None)


@prepared
def _late(case_ids: Collection[int]) -> QuerySet[Clock, int]:
    return Clock.objects.filter(case_id__in=case_ids, state=Clock.LATE).values_list("case_id", flat=True)


Masks = bool | Callable[[Case], bool]


def rows_of(cases: Sequence[Case], at: datetime, *, masked: Masks = False) -> list[Row]:
    """Return list rows of cases, in their order; ``masked``: all of them, or those of which it is true."""
    keys = [case.pk for case in cases]
    theirs, clocks = about(keys, masked=_masked(cases, masked), labels_only=True), chips(keys, at)
    late = set(_late(keys))
    names = names_of(case.opened_by for case in cases)
    return [_row(case, theirs[case.pk], clocks.get(case.pk), case.pk in late, names) for case in cases]


def _row(
    case: Case,
    theirs: About,
    chip: Chip | None,
    was_late: bool,
    names: Mapping[int, str],
    todo: Todo | None = None,
) -> Row:
    process = processes().get(case.process)
    label, tone, kind = case.state, "plain", case.process
    if process is not None:
        kind = process.label
        try:
            state = process.state(case.state)
            label, tone = state.label, state.tone
        except ValueError:
            pass
    if case.historic:
        chip = Chip("none", "历史")
    elif case.closed_at is not None:
        chip = Chip("late", "超期办结") if was_late else Chip("done", "按时办结")
    words = "" if todo is None else todo.label
    return Row(
        case.number,
        address("web:case", case.number) if todo is None else todo_url(case, todo, process),
        title_of(case, theirs),
        chip or Chip("none", "无时限"),
        kind,
        label,
        tone,
        theirs.customer_names,
        theirs.unit_labels,
        names.get(case.opened_by or 0, PROGRAM),
        case.opened_at,
        words,
        todo.due_at if todo is not None else case.due_at,
    )


def title_of(case: Case, theirs: About) -> str:
    """Return a case's title; a reader who sees people masked gets what it is and where, without names."""
    if not theirs.masked:
        return case.title
    known = processes().get(case.process)
    return " ".join([known.label if known else case.process, *theirs.unit_labels])


def todo_url(case: Case, todo: Todo, process: Any) -> str:
    """Return where a to-do is done: the step's own page, or the case when it is a vote."""
    if process is not None and process.step(todo.act) is not None:
        return address("web:step", case.number, todo.act)
    return address("web:case", case.number)


def _masked(cases: Iterable[Case], masked: Masks) -> bool | Collection[int]:
    return masked if isinstance(masked, bool) else {case.pk for case in cases if masked(case)}


def todo_rows(todos: Sequence[Todo], at: datetime, *, masked: Masks = False) -> list[Row]:
    """Return rows of to-dos (with their case loaded), in their order."""
    keys = [todo.case_id for todo in todos]
    hidden = _masked((todo.case for todo in todos), masked)
    theirs, clocks = about(keys, masked=hidden, labels_only=True), _own_chips(todos, at)
    return [_row(todo.case, theirs[todo.case_id], clocks.get(todo.pk), False, {}, todo) for todo in todos]


def grouped(rows: Sequence[Row], at: datetime) -> list[Group]:
    """Return to-do rows under their heads, nearest first; empty heads are left out."""
    midnight = (formats.local(at) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    heads: list[tuple[str, datetime]] = [
        ("已超期", at),
        ("今天到期", midnight),
        ("三天内", midnight + timedelta(days=3)),
        ("更晚", NEVER - timedelta(days=400)),
    ]
    found: dict[str, list[Row]] = {label: [] for label, _ in heads}
    found["没有时限"] = []
    for row in rows:
        due = row.due_at or NEVER
        label = next((name for name, until in heads if due < until), "没有时限")
        found[label].append(row)
    return [Group(label, rows) for label, rows in found.items() if rows]


def key_of(moment: datetime | None, key: int) -> str:
    """Return the key of a row in a list ordered by a moment and the row's number."""
    return f"{moment.timestamp() if moment else ''}_{key}"


def read_key(text: str) -> tuple[datetime | None, int] | None:
    """Return what :func:`key_of` wrote, or None for anything else."""
    stamp, _, number = text.rpartition("_")
    try:
        return (datetime.fromtimestamp(float(stamp), tz=formats.SHANGHAI) if stamp else None), int(number)
    except (ValueError, OverflowError, OSError):
        return None


def walk_by_due(
    found: QuerySet[Any], after: str, *, due: str = "due_at", size: int = SIZE
) -> tuple[list[Any], Page]:
    """
    Return a page of rows ordered by due moment (those without one last) and the key of the next page.

    ``due`` is the field of the moment; of rows beside a case it is ``case__due_at``, and the case comes with the row.
    """
    timed = found.filter(**{f"{due}__isnull": False}).order_by(due, "pk")
    bare = found.filter(**{f"{due}__isnull": True}).order_by("pk")
    place = read_key(after) if after else None
    rows: list[Any] = []
    if place is None or place[0] is not None:
        if place is not None:
            moment, key = place
            timed = timed.filter(**{f"{due}__gte": moment}).exclude(Q(**{due: moment}) & Q(pk__lte=key))
        rows = list(timed[: size + 1])
    elif place[1]:
        bare = bare.filter(pk__gt=place[1])
    rows += list(bare[: size + 1 - len(rows)])
    moment_of = attrgetter(due.replace("__", "."))
    return _cut(rows, size, lambda row: key_of(moment_of(row), row.pk), bool(after))


def walk_duties(mine: Duties, window: Window, after: str, *, size: int = SIZE) -> tuple[list[Todo], Page]:
    """Return a page of to-dos by deadline and the key of the next page."""
    place = read_key(after) if after else None
    if place is not None and place[0] is not None:
        window = replace(window, since=place[0], after=place[1])
    rows = mine.nearest(window, limit=size + 1)
    return _cut(rows, size, lambda row: key_of(row.due_at, row.pk), bool(after))


def walk_newest(found: QuerySet[Any], after: str, *, size: int = SIZE) -> tuple[list[Any], Page]:
    """Return a page of rows, newest first, and the key of the next page."""
    ordered = found.order_by("-pk")
    if (key := formats.whole(after)) is not None:
        ordered = ordered.filter(pk__lt=key)
    return _cut(list(ordered[: size + 1]), size, lambda row: str(row.pk), bool(after))


def _cut(rows: list[Any], size: int, key: Any, later: bool) -> tuple[list[Any], Page]:
    following = key(rows[size - 1]) if len(rows) > size else ""
    words = f"本页 {min(len(rows), size)} 条" if later or following else ""
    return rows[:size], Page(after=following, range_words=words)
