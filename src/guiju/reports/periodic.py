"""
日报、周报、月报: the figures of a span with its month and year, beside the tasks (I-2.1-d to i; DECISIONS 27).

A report freezes its figures when the span is over (a day at 18:00) and issues the paper. What turns out otherwise later
(work typed afterwards, a corrected day) is written beside it as a dated adjustment; what was frozen stays.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from django.db import transaction

from guiju.estate.models import Project
from guiju.kernel import engine
from guiju.kernel.money import ZERO, half_up
from guiju.kernel.numbering import ZONE
from guiju.kernel.refusals import Refused
from guiju.org.models import Person
from guiju.papers.models import Paper
from guiju.papers.operations.papers import issue
from guiju.reports import figures
from guiju.reports.figures import BY_CODE, FIGURES, Counts, Figure
from guiju.reports.models import Adjustment, Snapshot, Target
from guiju.reports.statistics import DAY, KINDS, MONTH, WEEK, YEAR, Span, span_of
from guiju.reports.tables import COUNT, MONEY, Column, Table, paper, words

FORM: Final = "register"
WITHIN: Final[Mapping[str, tuple[str, ...]]] = {
    DAY: (DAY, WEEK, MONTH, YEAR), WEEK: (WEEK, MONTH, YEAR), MONTH: (MONTH, YEAR),
}  # fmt: skip
HEADS: Final[Mapping[str, str]] = {DAY: "本日", WEEK: "本周", MONTH: "本月", YEAR: "本年"}
#: How far back a frozen report is looked at again, in days.
LOOKED_BACK: Final[Mapping[str, int]] = {DAY: 14, WEEK: 91, MONTH: 400}


def spans_in(span: Span) -> dict[str, Span]:
    """Return the spans that a report shows: its own, and what of the week, month and year lies up to its last day."""
    found = {span.kind: span}
    for kind in WITHIN[span.kind]:
        if kind != span.kind:
            whole = span_of(kind, span.end)
            found[kind] = Span(kind, whole.begin, min(whole.end, span.end))
    return found


# --- tasks -----------------------------------------------------------------------------------------------------------
class UnableToSet(Refused):
    """The task cannot be set so; says why."""


@transaction.atomic
def set_target(
    *, project: Project, month: date, figure: str, value: Decimal, by: Person, at: datetime
) -> Target:
    """
    Set the task of a month; the row before stays, and the change is an event.

    :raises UnableToSet: no task is set for this figure, it is not above zero, or units are not whole.
    """
    known = BY_CODE.get(figure)
    if known is None or not known.target:
        raise UnableToSet("这一项不设任务")
    if value <= 0 or (known.kind == COUNT and value != int(value)):
        raise UnableToSet("任务应大于 0，套数和件数应为整数")
    before = targets([project.pk], month.replace(day=1), month.replace(day=1)).get(project.pk, {}).get(figure)
    made = Target.objects.create(
        project=project, month_date=month.replace(day=1), figure=figure, value=value, set_by=by, set_at=at
    )
    engine.record(
        company_id=project.company_id, step="reports.set_target", by=by, at=at,
        given={
            "project": project.code, "month": f"{month:%Y-%m}", "figure": figure, "value": str(value),
            "before": str(before) if before is not None else "",
        },
    )  # fmt: skip
    return made


def targets(projects: Sequence[int], first: date, last: date) -> dict[int, Counts]:
    """Return the tasks of the months from ``first`` to ``last`` added up, by project; figures without one are missing."""
    newest: dict[tuple[int, date, str], Decimal] = {}
    rows = Target.objects.filter(project__in=list(projects), month_date__gte=first, month_date__lte=last)
    for row in rows.order_by("id"):
        newest[row.project_id, row.month_date, row.figure] = row.value
    found: dict[int, Counts] = defaultdict(dict)
    for (project, _, figure), value in newest.items():
        found[project][figure] = found[project].get(figure, ZERO) + value
    return found


def _tasks(projects: Sequence[int], span: Span) -> dict[int, dict[str, Counts]]:
    """Return by project the tasks of the month and of the year that the span ends in."""
    month, year = span_of(MONTH, span.end), span_of(YEAR, span.end)
    by_month, by_year = targets(projects, month.begin, month.begin), targets(projects, year.begin, year.end)
    return {key: {MONTH: by_month.get(key, {}), YEAR: by_year.get(key, {})} for key in projects}


# --- what a report says ----------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Cell:
    """A figure of a report: its value by span, what was found out later, the tasks of the month and the year."""

    figure: Figure
    values: Mapping[str, Decimal]
    adjusted: Decimal = ZERO
    tasks: Mapping[str, Decimal] = field(default_factory=dict)

    def attained(self, kind: str) -> Decimal | None:
        """Return 完成率 of the month or the year, in percent with one place; None without a task."""
        task = self.tasks.get(kind)
        return half_up(self.values.get(kind, ZERO) * 100 / task, 1) if task else None

    def words(self, value: Decimal | None) -> str:
        """Return a value as it is read."""
        return "" if value is None else _words(self.figure.kind, value)


def _words(kind: str, value: Decimal) -> str:
    return words(kind, int(value) if kind == COUNT else value)


@dataclass(frozen=True)
class Report:
    """The report of one project, or of all of a company: who it is about, its cells, frozen when, adjusted how."""

    name: str
    span: Span
    cells: Sequence[Cell]
    taken_at: datetime | None = None
    adjustments: Sequence[Adjustment] = ()

    def cell(self, code: str) -> Cell:
        """Return the cell of a figure."""
        return next(cell for cell in self.cells if cell.figure.code == code)

    def value(self, code: str, kind: str = "") -> Decimal:
        """Return a figure of its own span, or of one that it shows beside."""
        return self.cell(code).values.get(kind or self.span.kind, ZERO)


def reports(projects: Sequence[Project], span: Span) -> list[Report]:
    """
    Return the report of each project: as frozen with its adjustments, or as the figures stand now if not frozen yet.

    The frozen figure and its adjustments are never mixed: ``values`` are as frozen, ``adjusted`` stands beside.
    """
    frozen = {
        row.project_id: row
        for row in Snapshot.objects.filter(
            project__in=[one.pk for one in projects], kind=span.kind, begin_date=span.begin
        ).prefetch_related("adjustments")
    }
    running = [one.pk for one in projects if one.pk not in frozen]
    now = counted(running, span) if running else {}
    tasks = _tasks(running, span) if running else {}
    made = []
    for one in projects:
        row = frozen.get(one.pk)
        if row is None:
            cells = _cells(now[one.pk], tasks[one.pk], {})
            made.append(Report(one.name, span, cells))
            continue
        later = sorted(row.adjustments.all(), key=lambda found: found.pk)
        changes: dict[str, Decimal] = defaultdict(lambda: ZERO)
        for found in later:
            changes[found.figure] += found.change
        cells = _cells(_read(row.figures), _read(row.targets), changes)
        made.append(Report(one.name, span, cells, row.taken_at, later))
    return made


def _read(kept: Mapping[str, Mapping[str, str]]) -> dict[str, Counts]:
    return {kind: {code: Decimal(value) for code, value in sums.items()} for kind, sums in kept.items()}


def _cells(
    values: Mapping[str, Counts], tasks: Mapping[str, Counts], changes: Mapping[str, Decimal]
) -> list[Cell]:
    return [
        Cell(
            one, {kind: sums.get(one.code, ZERO) for kind, sums in values.items()}, changes.get(one.code, ZERO),
            {kind: sums[one.code] for kind, sums in tasks.items() if one.code in sums},
        )
        for one in FIGURES
    ]  # fmt: skip


def counted(projects: Sequence[int], span: Span) -> dict[int, dict[str, Counts]]:
    """Return the figures as they stand now, by project and span shown."""
    found: dict[int, dict[str, Counts]] = {key: {} for key in projects}
    for kind, one in spans_in(span).items():
        for key, sums in figures.count(projects, one.begin, one.end).items():
            found[key][kind] = sums
    return found


def total(name: str, rows: Sequence[Report]) -> Report:
    """Return the report of several projects added up, as 公司合计; frozen only if each of them is."""
    assert rows
    cells = []
    for place, one in enumerate(FIGURES):
        theirs = [row.cells[place] for row in rows]
        kinds = theirs[0].values.keys()
        tasks: dict[str, Decimal] = {}
        for cell in theirs:
            for kind, task in cell.tasks.items():
                tasks[kind] = tasks.get(kind, ZERO) + task
        cells.append(
            Cell(
                one, {kind: sum((cell.values.get(kind, ZERO) for cell in theirs), ZERO) for kind in kinds},
                sum((cell.adjusted for cell in theirs), ZERO), tasks,
            )
        )  # fmt: skip
    moments = [row.taken_at for row in rows]
    frozen = None if None in moments else max(moment for moment in moments if moment is not None)
    return Report(name, rows[0].span, cells, frozen, [one for row in rows for one in row.adjustments])


def by_company(rows: Sequence[tuple[Project, Report]]) -> list[Report]:
    """Return the totals of each company, in the order of their first project."""
    found: dict[str, list[Report]] = {}
    for project, row in rows:
        found.setdefault(project.company.name, []).append(row)
    return [total(name, theirs) for name, theirs in found.items()]


# --- freezing --------------------------------------------------------------------------------------------------------
@transaction.atomic
def freeze(projects: Sequence[Project], span: Span, *, at: datetime) -> list[Snapshot]:
    """Freeze the figures of a span that is over for projects that have none yet; again changes nothing."""
    if at < span.ready_at:
        return []
    keys = [one.pk for one in projects]
    known = set(
        Snapshot.objects.filter(project__in=keys, kind=span.kind, begin_date=span.begin).values_list(
            "project_id", flat=True
        )
    )
    wanted = [key for key in keys if key not in known]
    if not wanted:
        return []
    now, tasks = counted(wanted, span), _tasks(wanted, span)
    return Snapshot.objects.bulk_create(
        [
            Snapshot(
                project_id=key, kind=span.kind, begin_date=span.begin, end_date=span.end, figures=_kept(now[key]),
                targets=_kept(tasks[key]), taken_at=at,
            )
            for key in wanted
        ],
        ignore_conflicts=True,
    )  # fmt: skip


def _kept(values: Mapping[str, Counts]) -> dict[str, dict[str, str]]:
    return {kind: {code: str(value) for code, value in sums.items()} for kind, sums in values.items()}


@transaction.atomic
def adjust(*, at: datetime) -> int:
    """
    Count frozen spans again and note what turned out otherwise since, as dated adjustments; return how many.

    What a figure was frozen as, and all its adjustments, add up to what it is counted as now. Again changes nothing.
    """
    today, made = at.astimezone(ZONE).date(), []
    rows = Snapshot.objects.none()
    for kind, days in LOOKED_BACK.items():
        rows = rows | Snapshot.objects.filter(kind=kind, end_date__gte=today - timedelta(days=days))
    groups: dict[tuple[str, date, date], list[Snapshot]] = defaultdict(list)
    # Held, so that two workers do not note the same change twice.
    for row in rows.select_for_update().order_by("pk"):
        groups[row.kind, row.begin_date, row.end_date].append(row)
    keys = [row.pk for theirs in groups.values() for row in theirs]
    before: dict[tuple[int, str], Decimal] = defaultdict(lambda: ZERO)
    for snapshot, figure, change in Adjustment.objects.filter(snapshot__in=keys).values_list(
        "snapshot_id", "figure", "change"
    ):
        before[snapshot, figure] += change
    for (kind, begin, end), theirs in groups.items():
        now = figures.count([row.project_id for row in theirs], begin, end)
        for row in theirs:
            kept = row.figures.get(kind, {})
            for one in FIGURES:
                change = (
                    now[row.project_id][one.code]
                    - Decimal(kept.get(one.code, "0"))
                    - before[row.pk, one.code]
                )
                if change:
                    made.append(Adjustment(snapshot=row, figure=one.code, change=change, noted_at=at))
    Adjustment.objects.bulk_create(made, batch_size=500)
    return len(made)


# --- on paper and in Excel -------------------------------------------------------------------------------------------
def table(rows: Sequence[Report], *, project: str = "") -> Table:
    """
    Return reports as a list: a line a figure, a column a span, with task and 完成率; adjustments stand last. Of several
    the first column names whose they are.
    """
    span, several = rows[0].span, len(rows) > 1
    kinds = WITHIN[span.kind]
    columns = [Column("公司、项目", width=16)] if several else []
    columns += [Column("项", width=8), Column("指标", width=18), Column("单位", width=6)]
    columns += [Column(HEADS[kind], MONEY, 15) for kind in kinds]
    for kind in (MONTH, YEAR):
        columns += [Column(f"{HEADS[kind]}任务", MONEY, 14), Column("完成率", width=8)]
    columns.append(Column("期后调整", MONEY, 13))
    lines = [[*([row.name] if several else []), *_line(cell, kinds)] for row in rows for cell in row.cells]
    period = span.label if span.kind == DAY else f"{span.label}（{span.begin} 至 {span.end}）"
    return Table(f"销售统计{KINDS[span.kind]}", tuple(columns), lines, (), project or rows[0].name, period)


def _line(cell: Cell, kinds: Sequence[str]) -> list[object]:
    line: list[object] = [cell.figure.group, cell.figure.label, cell.figure.unit]
    line += [_value(cell.figure, cell.values.get(kind, ZERO)) for kind in kinds]
    for kind in (MONTH, YEAR):
        rate, task = cell.attained(kind), cell.tasks.get(kind)
        line += [
            _value(cell.figure, task) if task is not None else "",
            f"{rate} %" if rate is not None else "",
        ]
    return [*line, _value(cell.figure, cell.adjusted) if cell.adjusted else ""]


def _value(figure: Figure, value: Decimal) -> object:
    return int(value) if figure.kind == COUNT else value


def number_of(project: Project, span: Span) -> str:
    """Return the number under which a produced report is filed."""
    return f"XSTJ-{project.code}-{span.number}"


def produced(project: Project, span: Span) -> Paper | None:
    """Return the report of a project and span as it was produced; None if it was not yet."""
    found = Paper.objects.valid().filter(
        company_id=project.company_id, form=FORM, number=number_of(project, span)
    )
    return found.select_related("file").first()


def produce(project: Project, span: Span, *, at: datetime) -> Paper | None:
    """
    Freeze a span that is over and issue its report, once; what was produced stays as it is. Call it outside of a
    transaction.

    Returns None for a span that is not over.
    """
    if at < span.ready_at:
        return None
    made = produced(project, span)
    if made is not None:
        return made
    freeze([project], span, at=at)
    (row,) = reports([project], span)
    data = paper(table([row], project=project.name), code="")
    return issue(
        form=FORM, data=data, company=project.company, by=None, at=at, number=number_of(project, span)
    )


def due_spans(at: datetime) -> list[Span]:
    """Return the last day, week and month whose report is to be there."""
    today = at.astimezone(ZONE).date()
    found = []
    for kind in KINDS:
        span = span_of(kind, today)
        while at < span.ready_at:
            span = span.before
        found.append(span)
    return found


def produce_due(at: datetime) -> int:
    """Produce the reports of the last day, week and month for every project that do not exist yet; return how many."""
    spans = due_spans(at)
    projects = list(Project.objects.select_related("company").order_by("pk"))
    numbers = {number_of(project, span): (project, span) for project in projects for span in spans}
    known = set(Paper.objects.valid().filter(form=FORM, number__in=numbers).values_list("number", flat=True))
    wanted = [pair for number, pair in numbers.items() if number not in known]
    for span in spans:
        freeze([project for project, theirs in wanted if theirs == span], span, at=at)
    for project, span in wanted:
        produce(project, span, at=at)
    return len(wanted)
