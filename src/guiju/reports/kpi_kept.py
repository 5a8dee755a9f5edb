"""
Keeps the lines of figures and their sums, so that the board adds up some hundred rows whatever the number of cases.

The worker follows the chain of events (``follow``): every case that moved gets its lines anew, and the sums of days and
months change by the difference. It may run twice, stop anywhere and go on. What it has not reached yet is read from the
cases themselves, so a figure is never behind; ``rebuild`` makes everything again from the cases.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import Count, F, Q, Sum

from guiju.kernel import chain
from guiju.kernel.duration import months_after
from guiju.kernel.models import Case, CaseLink, ChainHead, Event
from guiju.kernel.numbering import ZONE
from guiju.quality.models import Callback, Complaint, Rating
from guiju.quality.surveys import RATED
from guiju.reports import kpi_lines
from guiju.reports.kpi import Figure, Kpi, Line, Place, Window
from guiju.reports.kpi_board import KPIS, OF_PEOPLE, QUESTIONS
from guiju.reports.kpi_lines import DEFECTS, FOLLOWED, Batch
from guiju.reports.models import KpiLine, KpiMark, KpiSum

Say = Callable[[int], object]
BATCH: Final = 500
#: So many events are followed in one transaction; so many at most does a page read past what is kept.
STRIDE, LIVE_MOST = 2000, 4000
#: Said by name, so that the index of lists serves: a bare truth value would not be looked up in it.
_BOTH: Final = (True, False)
DAY, MONTH = "day", "month"
PERSON, CELL = "person", "cell"
MILLION: Final = 1_000_000
READERS: Final = {**{one.code: one.read for one in (*KPIS, *QUESTIONS)}, DEFECTS: kpi_lines.defects}
#: By figure, the kinds of sums beside the plain ones.
_DETAIL: Final = {**dict.fromkeys(OF_PEOPLE, PERSON), DEFECTS: CELL}

Key = tuple[str, date, str, int, int, str]
Counts = list[int]


# --- lines of cases --------------------------------------------------------------------------------------------------
def _rows(
    places: Mapping[int, tuple[int, int | None]], now: datetime, codes: Iterable[str] = READERS
) -> Iterator[KpiLine]:
    """Give the lines of cases as they are kept; ``places``: company and project of each case."""
    if not places:
        return
    batch = Batch(sorted(places))
    for code in codes:
        for line in READERS[code](batch, now):
            if line.case_id is None or line.case_id not in places:
                continue
            company, project = places[line.case_id]
            yield KpiLine(
                code=code, case_id=line.case_id, part=line.part, chain_id=company, scope_id=project or 0, falls_at=line.at,
                day_date=line.at.astimezone(ZONE).date(), counted=line.counted, why=line.why[:200],
                millionths=None if line.value is None else int((line.value * MILLION).to_integral_value()),
                what=line.what[:200], person_id=line.person_id, key=line.key,
            )  # fmt: skip


_SAID: Final = (
    "chain_id",
    "scope_id",
    "falls_at",
    "counted",
    "why",
    "millionths",
    "what",
    "person_id",
    "key",
)


def touched(cases: Iterable[int]) -> set[int]:
    """Return cases with those whose figures change when these move: the repair of a visit, the complaint repeated."""
    found = set(cases)
    found |= set(CaseLink.objects.filter(case_id__in=found, kind="case", case__process="visit").values_list("key", flat=True))  # fmt: skip
    found |= set(Complaint.objects.filter(case_id__in=found, repeat_of__isnull=False).values_list("repeat_of__case_id", flat=True))  # fmt: skip
    about = Callback.objects.filter(case_id__in=found, about__isnull=False).values_list("about_id", flat=True)
    return found | {key for key in about if key is not None}


def keep(cases: Collection[int], now: datetime) -> int:
    """Write the lines of cases anew and change the sums by the difference; return how many lines changed."""
    with transaction.atomic():
        # One at a time: two that wrote the same case would count it twice.
        rows = Case.objects.filter(pk__in=cases).order_by("pk").select_for_update(of=("self",))
        known = {
            key: (company, project)
            for key, company, project, historic in rows.values_list("pk", "chain_id", "scope_id", "historic")
            if not historic
        }
        new = {(row.case_id, row.code, row.part): row for row in _rows(known, now)}
        old = {(row.case_id, row.code, row.part): row for row in KpiLine.objects.filter(case_id__in=cases)}
        gone = [
            row
            for key, row in old.items()
            if key not in new or any(getattr(row, name) != getattr(new[key], name) for name in _SAID)
        ]
        same = old.keys() - {(row.case_id, row.code, row.part) for row in gone}
        fresh = [row for key, row in new.items() if key not in same]
        change: dict[Key, Counts] = defaultdict(lambda: [0, 0, 0])
        for sign, lines in ((-1, gone), (1, fresh)):
            for row in lines:
                _add(change, row, sign)
        KpiLine.objects.filter(pk__in=[row.pk for row in gone]).delete()
        KpiLine.objects.bulk_create(fresh, batch_size=BATCH)
        _write(change)
    return len(gone) + len(fresh)


def _add(change: dict[Key, Counts], row: KpiLine, sign: int) -> None:
    value = row.millionths or 0 if row.counted else 0
    detail = _DETAIL.get(row.code)
    keys = [("", "")]
    if detail == PERSON and row.person_id is not None:
        keys.append((f"-{PERSON}", str(row.person_id)))
    elif detail == CELL:
        keys.append((f"-{CELL}", row.key))
    for kind, key in keys:
        for span, begin in ((DAY, row.day_date), (MONTH, row.day_date.replace(day=1))):
            sums = change[f"{span}{kind}", begin, row.code, row.chain_id, row.scope_id, key]
            sums[0] += sign * row.counted
            sums[1] += sign
            sums[2] += sign * value


_UPSERT: Final = (
    "INSERT INTO reports_kpisum (kind, begin_date, code, chain_id, scope_id, key, counted, lines, millionths) "
    "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) "
    "ON CONFLICT (kind, begin_date, code, chain_id, scope_id, key) DO UPDATE SET "
    "counted = reports_kpisum.counted + excluded.counted, lines = reports_kpisum.lines + excluded.lines, "
    "millionths = reports_kpisum.millionths + excluded.millionths"
)


def _write(change: Mapping[Key, Counts]) -> None:
    """Change the sums; in one order, so that two writers wait for each other and do not lock each other out."""
    rows: list[Any] = [(*key, *sums) for key, sums in sorted(change.items()) if any(sums)]
    if connection.vendor == "sqlite":
        rows = [(row[0], row[1].isoformat(), *row[2:]) for row in rows]
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(_UPSERT, rows)


# --- following -------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Behind:
    """What the lines have not followed yet: the cases that moved since; None if there are too many to read on a page."""

    cases: frozenset[int] | None

    @property
    def known(self) -> frozenset[int]:
        """The cases that a page reads itself."""
        return self.cases or frozenset()


def _moved(company: int, after: int, until: int) -> set[int]:
    """Return the cases of the board that moved in a part of a chain."""
    events = Event.objects.filter(chain_id=company, seq__gt=after, seq__lte=until)
    found = set(events.filter(case__process__in=FOLLOWED).values_list("case_id", flat=True).distinct())
    numbers = [
        chain.open_body(body).get("given", {}).get("case", "")
        for body in events.filter(case=None, step=RATED).values_list("body", flat=True)
        if body
    ]
    found |= set(Case.objects.filter(number__in=numbers).values_list("pk", flat=True))
    return touched(key for key in found if key is not None)


def behind() -> Behind:
    """Return what is not followed yet."""
    marks = dict(KpiMark.objects.values_list("chain_id", "seq"))
    heads = [(key, marks.get(key, 0), seq) for key, seq in ChainHead.objects.values_list("chain_id", "seq")]
    if sum(seq - mark for _, mark, seq in heads) > LIVE_MOST:
        return Behind(None)
    return Behind(
        frozenset(key for company, mark, seq in heads if seq > mark for key in _moved(company, mark, seq))
    )


def follow(now: datetime) -> int:
    """Bring lines and sums up to the last event of every company; return how many cases were written anew."""
    count = 0
    for company, seq in list(ChainHead.objects.order_by("chain_id").values_list("chain_id", "seq")):
        KpiMark.objects.get_or_create(chain_id=company)
        while True:
            with transaction.atomic():
                mark = KpiMark.objects.select_for_update().get(chain_id=company)
                if mark.seq >= seq:
                    break
                until = min(mark.seq + STRIDE, seq)
                cases = sorted(_moved(company, mark.seq, until))
                for at in range(0, len(cases), BATCH):
                    keep(cases[at : at + BATCH], now)
                mark.seq = until
                mark.save(update_fields=["seq"])
                count += len(cases)
    return count


def keep_open(now: datetime) -> int:
    """Write the lines of open cases anew: a limit may have moved with the calendar, without any event of the case."""
    rows = Case.objects.filter(process__in=FOLLOWED, closed_at=None, historic=False).order_by("pk")
    count = 0
    for keys in _batches(rows.values_list("pk", flat=True)):
        count += keep(keys, now)
    return count


def _batches(keys: Any) -> Iterator[list[int]]:
    """Give keys in batches, walked by key: nothing is held open between them."""
    last = 0
    while found := list(keys.filter(pk__gt=last)[:BATCH]):
        yield found
        last = found[-1]


def rebuild(now: datetime, say: Say = lambda count: None) -> int:
    """
    Make all lines and sums again from the cases; return how many cases have been read. May be stopped and begun again.

    Events that come in meanwhile are followed afterwards.
    """
    heads = dict(ChainHead.objects.values_list("chain_id", "seq"))
    count = 0
    wanted = Case.objects.filter(process__in=FOLLOWED, historic=False).order_by("pk")
    others = Case.objects.filter(pk__in=Rating.objects.values("case_id")).exclude(process__in=FOLLOWED)
    for rows in (wanted, others.order_by("pk")):
        for keys in _batches(rows.values_list("pk", flat=True)):
            keep(sorted(touched(keys)), now)
            count += len(keys)
            say(len(keys))
    lost = KpiLine.objects.filter(case__historic=True)
    for keys in _batches(
        Case.objects.filter(pk__in=lost.values("case_id")).order_by("pk").values_list("pk", flat=True)
    ):
        keep(keys, now)
    add_up()
    for company, seq in heads.items():
        with transaction.atomic():
            KpiMark.objects.get_or_create(chain_id=company)
            KpiMark.objects.filter(chain_id=company, seq__lt=seq).update(seq=seq)
    return count


def add_up() -> None:
    """Make the sums again from the lines, in one transaction."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("LOCK TABLE reports_kpisum, reports_kpiline IN EXCLUSIVE MODE")
        KpiSum.objects.all().delete()
        change: dict[Key, Counts] = defaultdict(lambda: [0, 0, 0])
        days = KpiLine.objects.values("day_date", "code", "chain_id", "scope_id", "key", "counted")
        plain: Any = days.annotate(n=Count("pk"), total=Sum("millionths"))
        people: Any = days.filter(code__in=OF_PEOPLE, person_id__isnull=False).annotate(
            n=Count("pk"), total=Sum("millionths"), who=F("person_id")
        )
        for rows, of_people in ((plain, False), (people, True)):
            for row in rows.order_by().iterator(chunk_size=5000):
                kinds = [("", "")]
                if of_people:
                    kinds = [(f"-{PERSON}", str(row["who"]))]
                elif _DETAIL.get(row["code"]) == CELL:
                    kinds.append((f"-{CELL}", row["key"]))
                on = row["day_date"]
                for kind, key in kinds:
                    for span, begin in ((DAY, on), (MONTH, on.replace(day=1))):
                        sums = change[
                            f"{span}{kind}", begin, row["code"], row["chain_id"], row["scope_id"], key
                        ]
                        sums[0] += row["n"] if row["counted"] else 0
                        sums[1] += row["n"]
                        sums[2] += (row["total"] or 0) if row["counted"] else 0
        added = (
            KpiSum(kind=key[0], begin_date=key[1], code=key[2], chain_id=key[3], scope_id=key[4], key=key[5],
                   counted=sums[0], lines=sums[1], millionths=sums[2])
            for key, sums in change.items()
        )  # fmt: skip
        KpiSum.objects.bulk_create(added, batch_size=BATCH)


# --- figures ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class _Spans:
    """What a window is added up from: whole months, single days, and the rest of today line by line."""

    months: tuple[date, ...]
    days: tuple[date, date] | None
    more_days: tuple[date, date] | None
    lines: tuple[datetime, datetime] | None


def _spans(window: Window, now: datetime) -> _Spans:
    begin, end = window.begin, min(window.end, now)
    if begin >= end:
        return _Spans((), None, None, None)
    today = now.astimezone(ZONE).date()
    first = begin.astimezone(ZONE).date()
    # The day on which the window ends, not included; sums hold whole days that are over.
    stop = min((window.end.astimezone(ZONE)).date(), today)
    lines = None
    if window.end > (midnight := datetime(today.year, today.month, today.day, tzinfo=ZONE)):
        lines = (max(begin, midnight), end)
    if stop <= first:
        return _Spans((), None, None, lines)
    month = first if first.day == 1 else months_after(first.replace(day=1), 1)
    months = []
    while months_after(month, 1) <= stop:
        months.append(month)
        month = months_after(month, 1)
    if not months:
        return _Spans((), (first, stop), None, lines)
    head = (first, months[0]) if first < months[0] else None
    return _Spans(tuple(months), head, (month, stop) if month < stop else None, lines)


class Sums:
    """
    The figures of a place for some codes and windows, read at once: three queries, and what is not followed yet.

    ``detail``: ``person`` or ``cell`` for figures by employee or by cell of the map, under the key of each.
    """

    def __init__(
        self, place: Place, codes: Sequence[str], windows: Sequence[Window], now: datetime, *, detail: str = "",
        late: Behind | None = None,
    ) -> None:  # fmt: skip
        self.place, self.now, self.detail = place, now, detail
        self.codes, self.windows = tuple(codes), tuple(dict.fromkeys(windows))
        late = late or behind()
        self.whole = late.cases is not None
        self._found: dict[tuple[str, Window, str], Counts] = defaultdict(lambda: [0, 0, 0])
        self._sum()
        self._today()
        self._late(late.known)

    def counts(self, code: str, window: Window, key: str = "") -> tuple[int, int, Decimal]:
        """Return how many lines count, how many there are, and the sum of what is averaged."""
        counted, lines, value = self._found.get((code, window, key), (0, 0, 0))
        return counted, lines, Decimal(value) / MILLION

    def keys(self, code: str, window: Window) -> dict[str, tuple[int, int, Decimal]]:
        """Return the counts by key of a figure told in detail."""
        return {
            key: self.counts(code, window, key)
            for (known, when, key), sums in self._found.items()
            if known == code and when == window and sums[1]
        }

    def figure(self, one: Kpi, window: Window, key: str = "") -> Figure:
        """Return the figure of a window."""
        counted, lines, total = self.counts(one.code, window, key)
        base = one.base(self.place, window) if one.base else None
        return Figure(one.kind, counted, lines if base is None else base, total)

    def _put(self, code: str, window: Window, key: str, sums: Sequence[int], sign: int = 1) -> None:
        found = self._found[code, window, key]
        for at, value in enumerate(sums):
            found[at] += sign * int(value or 0)

    def _sum(self) -> None:
        spans = {window: _spans(window, self.now) for window in self.windows}
        detail = f"-{self.detail}" if self.detail else ""
        months = {month for one in spans.values() for month in one.months}
        ranges = {part for one in spans.values() for part in (one.days, one.more_days) if part is not None}
        wanted = Q()
        if months:
            wanted |= Q(kind=f"{MONTH}{detail}", begin_date__in=months)
        for first, stop in _merged(ranges):
            wanted |= Q(kind=f"{DAY}{detail}", begin_date__gte=first, begin_date__lt=stop)
        if not wanted:
            return
        rows = (
            KpiSum.objects.filter(wanted, self.place.cases(), code__in=self.codes)
            .values_list("kind", "begin_date", "code", "key")
            .annotate(Sum("counted"), Sum("lines"), Sum("millionths"))
            .order_by()
        )
        for kind, begin, code, key, *sums in rows:
            for window, one in spans.items():
                if kind.startswith(MONTH):
                    inside = begin in one.months
                else:
                    inside = any(
                        part is not None and part[0] <= begin < part[1] for part in (one.days, one.more_days)
                    )
                if inside:
                    self._put(code, window, key, sums)

    def _lines(self) -> Any:
        return KpiLine.objects.filter(self.place.cases(), code__in=self.codes)

    def _today(self) -> None:
        parts = {window: part for window in self.windows if (part := _spans(window, self.now).lines)}
        if not parts:
            return
        by = {"": "code", PERSON: "person_id", CELL: "key"}[self.detail]
        for begin, end in set(parts.values()):
            rows = (
                self._lines().filter(counted__in=_BOTH, falls_at__gte=begin, falls_at__lt=end).values_list("code", "counted", by)
                .annotate(Count("pk"), Sum("millionths")).order_by()
            )  # fmt: skip
            for code, counted, key, number, value in rows:
                named = self._named(key)
                if named is None:
                    continue
                for window, part in parts.items():
                    if part == (begin, end):
                        self._put(
                            code, window, named, (number if counted else 0, number, value if counted else 0)
                        )

    def _named(self, key: Any) -> str | None:
        if not self.detail:
            return ""
        return None if key is None else str(key)

    def _late(self, cases: frozenset[int]) -> None:
        """Take out what is kept of cases that moved since, and put in what they say now."""
        if not cases:
            return
        for sign, rows in (
            (-1, list(self._lines().filter(case_id__in=cases))),
            (1, live(self.place, cases, self.now, self.codes)),
        ):
            for row in rows:
                key = self._named({"": "", PERSON: row.person_id, CELL: row.key}[self.detail])
                if row.falls_at >= self.now or key is None:
                    continue
                for window in self.windows:
                    if window.holds(row.falls_at):
                        value = (row.millionths or 0) if row.counted else 0
                        self._put(row.code, window, key, (int(row.counted), 1, value), sign)


def _merged(ranges: Iterable[tuple[date, date]]) -> list[tuple[date, date]]:
    """Return spans of days, those that touch each other as one."""
    found: list[tuple[date, date]] = []
    for first, stop in sorted(ranges):
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], stop))
        else:
            found.append((first, stop))
    return found


def live(place: Place, cases: Collection[int], now: datetime, codes: Iterable[str]) -> list[KpiLine]:
    """Return the lines of cases in a place, read from the cases themselves."""
    rows = Case.objects.filter(place.cases(), pk__in=cases, historic=False)
    known = {
        key: (company, project) for key, company, project in rows.values_list("pk", "chain_id", "scope_id")
    }
    return list(_rows(known, now, codes))


# --- lists -----------------------------------------------------------------------------------------------------------
Edge = tuple[datetime, int, int]


def place_of(row: KpiLine) -> str:
    """Return the key of a line in the lists, as an address holds it."""
    micros = int((row.falls_at - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1))
    return f"{micros}-{row.case_id}-{row.part}"


def read_place(text: str) -> Edge | None:
    """Return the key of a line from an address; None if it is none."""
    found = re.fullmatch(r"(\d{1,17})-(\d{1,18})-(\d{1,18})", text, re.ASCII)
    if found is None:
        return None
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(found[1]))
    return at, int(found[2]), int(found[3])


def _key(row: KpiLine) -> Edge:
    return row.falls_at, row.case_id, row.part


def walk(
    place: Place, code: str, window: Window, now: datetime, *, counted: bool | None = None, person: int | None = None,
    key: str = "", after: Edge | None = None, before: Edge | None = None, last: bool = False, size: int = 50,
    late: Behind | None = None,
) -> tuple[list[KpiLine], bool]:  # fmt: skip
    """
    Return a page of the lines of a window in their order of time, and whether more follow in the direction of the walk.

    ``after`` and ``before``: the key of the last line seen, going on or back; ``last``: the last page.
    """
    late = late or behind()
    back = last or (before is not None and after is None)
    edge = before if before is not None and after is None else after
    sign = "lt" if back else "gt"
    rows = KpiLine.objects.filter(
        place.cases(), code=code, falls_at__gte=window.begin, falls_at__lt=min(window.end, now)
    )
    if person is not None:
        rows = rows.filter(person_id=person)
    if key:
        rows = rows.filter(key=key)
    if edge is not None:
        at, case, part = edge
        rows = rows.filter(
            Q(**{f"falls_at__{sign}": at}) | Q(falls_at=at, **{f"case_id__{sign}": case})
            | Q(falls_at=at, case_id=case, **{f"part__{sign}": part}),
            **{f"falls_at__{sign}e": at},
        )  # fmt: skip
    order = ("-falls_at", "-case_id", "-part") if back else ("falls_at", "case_id", "part")
    found: list[KpiLine] = []
    for wanted in (True, False) if counted is None else (counted,):
        # Each is the order of an index; both together are not.
        found += (
            rows.filter(counted__in=[wanted]).exclude(case_id__in=late.known).order_by(*order)[: size + 1]
        )
    for row in live(place, late.known, now, [code]) if late.known else ():
        fits = window.holds(row.falls_at) and row.falls_at < now
        fits = (
            fits
            and (counted is None or row.counted == counted)
            and (person is None or row.person_id == person)
        )
        if fits and (not key or row.key == key):
            if edge is None or (_key(row) < edge if back else _key(row) > edge):
                found.append(row)
    found.sort(key=_key, reverse=back)
    page = found[:size]
    return (page[::-1] if back else page), len(found) > size


def line_of(row: KpiLine) -> Line:
    """Return a kept line as a line."""
    value = None if row.millionths is None else Decimal(row.millionths) / MILLION
    return Line(
        row.falls_at, row.case_id, row.counted, row.why, value, row.what, row.person_id, row.part, row.key
    )


def lines(one: Kpi, place: Place, window: Window, now: datetime) -> list[Line]:
    """Return all lines of a window in their order of time, page by page: for files and checks, not for pages."""
    found: list[Line] = []
    edge: Edge | None = None
    late = behind()
    while True:
        page, more = walk(place, one.code, window, now, after=edge, size=BATCH, late=late)
        found += map(line_of, page)
        if not more:
            return found
        edge = _key(page[-1])
