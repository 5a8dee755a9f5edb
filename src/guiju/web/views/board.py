"""管理看板: the figures of the department, each open to the list that makes it up; statistics, causes, people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from guiju.estate.models import Project
from guiju.kernel import ports
from guiju.kernel.models import Case
from guiju.org import posts
from guiju.org.gates import posts_anywhere, scope_of
from guiju.org.models import Person
from guiju.org.secrecy import listed
from guiju.reports import growth, kpi, kpi_kept, kpi_tables, tables
from guiju.reports.kpi import Figure, Kpi, Line, Place, Window
from guiju.reports.kpi_board import BY_CODE, KPIS, OF_PEOPLE, ON_TOP, QUESTIONS
from guiju.reports.kpi_kept import PERSON, Behind, Sums
from guiju.reports.kpi_lines import DEFECTS, GROUPS, cell_key
from guiju.web import clausewords, drawing, formats, lists
from guiju.web.access import cases_of
from guiju.web.drawing import Piece, Series
from guiju.web.names import names_of
from guiju.web.views import asking
from guiju.web.views.exports import EXCEL
from guiju.web.views.files import send

SIZE = 50
CELL_SHOWN = 8
#: Who sees the figures of single employees; everybody sees their own.
SEES_PEOPLE = frozenset(
    {
        posts.CS_MANAGER, posts.CS_ASSISTANT_MANAGER, posts.SERVICE_MANAGER, posts.DEPUTY_GM, posts.GENERAL_MANAGER,
        posts.QUALITY, posts.AUDITOR,
    }
)  # fmt: skip


class Asked:
    """What the board shows: whose scope, which project, which period, as of now."""

    def __init__(self, request: HttpRequest) -> None:
        self.now, self.by = asking.now(), asking.person(request)
        self.today: date = formats.local(self.now).date()
        self.project: Project | None = asking.project(request)
        chosen = request.GET.get("period", "month")
        self.period = chosen if chosen in kpi.PERIODS else "month"
        self.window = kpi.period(self.period, self.today)
        self.before = kpi.before(self.period, self.today)
        self.place = Place(scope_of(self.by, at=self.now), self.project.pk if self.project else None)
        self.masked = asking.masks(request, self.now)

    @cached_property
    def late(self) -> Behind:
        """What moved so lately that it is not in the sums yet; the page reads it from the cases."""
        return kpi_kept.behind()

    def sums(self, codes: Sequence[str], windows: Sequence[Window], detail: str = "") -> Sums:
        """Return the figures of the place."""
        return Sums(self.place, codes, windows, self.now, detail=detail, late=self.late)

    def url(self, name: str, *args: Any, **more: Any) -> str:
        """Return an address of the board that keeps the period."""
        query = {
            "period": self.period,
            **{key: value for key, value in more.items() if value not in (None, "")},
        }
        return f"{reverse(f'web:{name}', args=args)}?{urlencode(query)}"

    @property
    def periods(self) -> list[dict[str, Any]]:
        """The switch of periods."""
        return [
            {"label": label, "url": f"?{urlencode({'period': name})}", "current": name == self.period}
            for name, label in kpi.PERIODS.items()
        ]

    @property
    def by_week(self) -> bool:
        """Whether the trend goes by weeks: short periods are compared with short ones."""
        return self.period in ("week", "last_week", "month")

    @property
    def windows(self) -> list[Window]:
        """The windows of the trend: twelve weeks or twelve months."""
        return kpi.weeks(self.today) if self.by_week else kpi.months(self.today)

    @property
    def trend_words(self) -> str:
        """The span of the trend in words."""
        return "近 12 周" if self.by_week else "近 12 个月"

    @property
    def labels(self) -> list[str]:
        """The names of the trend's windows, short enough for an axis."""
        if self.by_week:
            return [f"{formats.local(one.begin):%m-%d}" for one in self.windows]
        return [f"{formats.local(one.begin).month}月" for one in self.windows]

    @property
    def settings(self) -> Mapping[str, object]:
        """The settings of the SOP, with the targets that a company may set."""
        company = self.project.company_id if self.project else self.by.company_id
        project = self.project.pk if self.project else None
        return (
            ports.policies().current("callback", company_id=company, project_id=project, at=self.now).settings
        )

    @property
    def words(self) -> str:
        """The period in words."""
        first = formats.local(self.window.begin).date()
        last = formats.local(self.window.end).date().toordinal() - 1
        return f"{first:%Y-%m-%d} 至 {date.fromordinal(last):%Y-%m-%d}"


def target_words(one: Kpi, target: Decimal | None) -> str:
    """Return a target as the page writes it."""
    if target is None:
        return "不设目标"
    sign = "≥" if one.better == kpi.UP else "≤"
    sign = "" if target in (Decimal(0), Decimal(100)) else f"{sign} "
    return f"目标 {sign}{target:g}{one.unit}"


def verdict(one: Kpi, figure: Figure, target: Decimal | None) -> tuple[str, str]:
    """Return how a figure stands to its target: words and tone (DECISIONS 24: below the target is not green)."""
    met = one.meets(figure, target)
    if met is None:
        return ("没有数据", "faint") if figure.value is None else ("", "")
    if met:
        return "达标", "fine"
    assert figure.value is not None
    assert target is not None
    return f"差 {one.written(abs(target - figure.value))}", "wrong"


def change_words(one: Kpi, now: Figure, earlier: Figure, against: str) -> str:
    """Return how a figure compares with the period before: improved or worsened (E-5-c)."""
    if now.value is None or earlier.value is None:
        return f"{against}没有数据"
    if one.written(abs(now.value - earlier.value)) in ("0", one.written(Decimal(0))):
        return f"与{against}持平"
    sign = "+" if now.value > earlier.value else "−"
    better = "好转" if one.improved(now, earlier) else "变差"
    return f"较{against} {sign}{one.written(abs(now.value - earlier.value))}，{better}"


def _row(
    asked: Asked, one: Kpi, settings: Mapping[str, object], sums: Sums, trend: Sequence[Figure] = ()
) -> dict[str, Any]:
    """Return a figure as the page shows it."""
    target = kpi.target_of(one, settings)
    figure, earlier = sums.figure(one, asked.window), sums.figure(one, asked.before)
    words, tone = verdict(one, figure, target)
    value = figure.value
    change = change_words(one, figure, earlier, asked.before.words)
    return {
        "kpi": one,
        "figure": figure,
        "value": one.written(value),
        "unit": one.unit if value is not None else "",
        "target": target_words(one, target),
        "has_target": target is not None,
        "verdict": words,
        "tone": tone,
        "parts": parts_words(one, figure),
        "change": change,
        "improved": None if "持平" in change else one.improved(figure, earlier),
        "url": asked.url("kpi", one.code),
        "trend": trend,
        "spark": drawing.spark([part.value for part in trend], good=one.meets(figure, target))
        if trend
        else "",
    }


def parts_words(one: Kpi, figure: Figure) -> str:
    """Return what a figure is made of: 12／15 件."""
    if one.kind == kpi.COUNT:
        return f"{figure.of} 件中"
    if one.kind == kpi.RATIO:
        return f"{figure.counted} 件／{figure.of} 户"
    if one.kind == kpi.MEAN:
        return f"{figure.counted} 项的平均"
    return f"{figure.counted}／{figure.of}"


@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """Show the board: figures on top, trend, open cases by age, where defects gather, all figures, questions."""
    asked = Asked(request)
    settings = asked.settings
    months = asked.windows
    sums = asked.sums([*BY_CODE], [asked.window, asked.before])
    course = asked.sums(ON_TOP, months)
    top = [
        _row(asked, one, settings, sums, [course.figure(one, month) for month in months])
        for one in map(BY_CODE.__getitem__, ON_TOP)
    ]
    rest = [_row(asked, one, settings, sums) for one in KPIS if one.code not in ON_TOP]
    labels = asked.labels
    pair = _pair(request, top)
    target = kpi.target_of(pair[0]["kpi"], settings)
    age_rows = kpi_tables.ages(asked.place, asked.now)
    heat = kpi_tables.heat(asked.place, _quarter(asked), asked.now, asked.late)
    cell = _cell(request, asked, heat)
    return render(
        request,
        "web/board/board.html",
        {
            "asked": asked,
            "top": top,
            "rest": rest,
            "questions": [_row(asked, one, settings, sums) for one in QUESTIONS],
            "behind": not sums.whole,
            "pair": pair,
            "choices": [
                {"label": row["kpi"].label, "url": f"?{urlencode({'period': asked.period, 'line': row['kpi'].code})}",
                 "current": row["kpi"].code == pair[0]["kpi"].code}
                for row in top
            ],
            "wide": _lines(pair, labels, target),
            "narrow": _lines(pair, labels, target, width=340, height=210),
            "twin": [
                (label, [row["kpi"].written(row["trend"][at].value) for row in pair])
                for at, label in enumerate(labels)
            ],
            "ages": _bars(asked, age_rows),
            "open_count": sum(age.count for age in age_rows),
            "stands": [
                {"key": key, "label": label, "count": sum(age.cases[key] for age in age_rows)}
                for key, label in kpi_tables.STANDS.items()
            ],
            "heat": _heat(asked, heat, cell["key"] if cell else None),
            "heat_heads": list(GROUPS.values()),
            "cell": cell,
        },
    )  # fmt: skip


def _pair(request: HttpRequest, top: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the two figures of the chart: the one chosen, and the one beside it."""
    wanted = request.GET.get("line", top[0]["kpi"].code)
    place = next((at for at, row in enumerate(top) if row["kpi"].code == wanted), 0)
    other = 1 if place == 0 else 0
    first, second = top[place], top[other]
    return [first] if first["kpi"].better != second["kpi"].better else [first, second]


def _lines(pair: Sequence[dict[str, Any]], labels: Sequence[str], target: Decimal | None, **size: int) -> Any:
    series = []
    for look, row in zip("ab", pair, strict=False):
        points = [part.value for part in row["trend"]]
        last = next((point for point in reversed(points) if point is not None), None)
        name = row["kpi"].label.removeprefix("客户服务")
        end = f"{name} {row['kpi'].written(last)}" if last is not None else ""
        series.append(Series(row["kpi"].label, points, look, end))
    share = pair[0]["kpi"].unit == "%"
    title = "、".join(row["kpi"].label for row in pair) + "的变化"
    return drawing.lines(series, labels, target=target, share=share, title=title, **size)


def _quarter(asked: Asked) -> Window:
    """Return the last 90 days: what the map of defects covers."""
    first = date.fromordinal(asked.today.toordinal() - 89)
    return kpi.days(first, asked.today, "近 90 天")


def _bars(asked: Asked, rows: Sequence[kpi_tables.Age]) -> Any:
    found = []
    for place, age in enumerate(rows):
        pieces = [
            Piece(
                age.cases[key], key, asked.url("board_cases", which="age", age=place, stand=key),
                f"{age.label}{label} {age.cases[key]} 件",
            )
            for key, label in kpi_tables.STANDS.items()
        ]  # fmt: skip
        found.append((age.label, pieces, age.count, asked.url("board_cases", which="age", age=place)))
    return drawing.bars(found)


def _heat(asked: Asked, heat: kpi_tables.Heat, chosen: tuple[int, str] | None) -> list[dict[str, Any]]:
    steps = (1, 3, 5, 8, 11)
    rows = []
    for building, name in heat.rows:
        cells = []
        for part, label in heat.columns:
            count = heat.cell(building, part)
            level = sum(count > step for step in steps) if count > 1 else 0
            url = f"{asked.url('board', building=building, part=part)}#cell"
            cells.append(
                {"count": count, "level": level, "url": url, "words": f"{name} {label} {count} 件",
                 "current": (building, part) == chosen}
            )  # fmt: skip
        rows.append({"name": name, "cells": cells})
    return rows


def _cell(request: HttpRequest, asked: Asked, heat: kpi_tables.Heat) -> dict[str, Any] | None:
    """Return the cell of the map whose cases stand beside it: the one chosen, or the fullest."""
    building, part = formats.whole(request.GET.get("building", "")), request.GET.get("part", "")
    known = {key for key, _ in heat.rows}
    if building not in known or part not in GROUPS:
        mine = {key: count for key, count in heat.cells.items() if key[0] in known and count}
        if not mine:
            return None
        building, part = max(mine, key=lambda key: (mine[key], -key[0]))
    assert building is not None
    found, _ = kpi_kept.walk(
        asked.place, DEFECTS, _quarter(asked), asked.now, key=cell_key(building, part), counted=True, last=True,
        size=CELL_SHOWN, late=asked.late,
    )  # fmt: skip
    cases = cases_of(asked.by, asked.now).filter(pk__in=[row.case_id for row in found]).order_by("-pk")
    return {
        "key": (building, part),
        "building": dict(heat.rows)[building],
        "part": GROUPS[part],
        "count": heat.cell(building, part),
        "rows": lists.rows_of(list(cases), asked.now, masked=asked.masked),
        "url": asked.url("board_cases", which="heat", building=building, part=part),
    }


@require_safe
def figure(request: HttpRequest, code: str) -> HttpResponse:
    """Show one figure: formula, target, twelve months, and the lists that it counted and left out."""
    asked = Asked(request)
    one = BY_CODE.get(code)
    if one is None:
        raise Http404("没有这个指标。")
    settings = asked.settings
    months = asked.windows
    sums = asked.sums([one.code], [asked.window, asked.before, *months])
    row = _row(asked, one, settings, sums, [sums.figure(one, month) for month in months])
    shown = request.GET.get("show", "counted")
    shown = shown if shown in ("counted", "left", "all") else "counted"
    person = formats.whole(request.GET.get("person", ""))
    if person is None:
        counted, every, _ = sums.counts(one.code, asked.window)
    else:
        counted, every, _ = asked.sums([one.code], [asked.window], PERSON).counts(
            one.code, asked.window, str(person)
        )
    counts = {"counted": counted, "left": every - counted, "all": every}
    back = kpi_kept.read_place(request.GET.get("before", ""))
    found, more = kpi_kept.walk(
        asked.place, one.code, asked.window, asked.now, counted={"counted": True, "left": False}.get(shown),
        person=person, after=kpi_kept.read_place(request.GET.get("after", "")), before=back, size=SIZE, late=asked.late,
    )  # fmt: skip
    later = bool(found) and (more if back is None else True)
    earlier = bool(found) and (more if back is not None else bool(request.GET.get("after")))
    labels = asked.labels
    target = kpi.target_of(one, settings)
    return render(
        request,
        "web/board/figure.html",
        {
            "asked": asked,
            "row": row,
            "kpi": one,
            "wide": _lines([row], labels, target),
            "narrow": _lines([row], labels, target, width=340, height=210),
            "twin": [
                {
                    "month": month, "value": one.written(part.value),
                    "counted": part.counted, "of": part.of,
                }
                for month, part in zip(labels, row["trend"], strict=True)
            ],
            "tabs": [
                {"key": key, "label": label, "count": counts[key], "current": key == shown,
                 "url": asked.url("kpi", code, show=key, person=person)}
                for key, label in (("counted", one.counted), ("left", one.left_out), ("all", "全部"))
                if key != "left" or counts["left"] or one.kind != kpi.RATIO
            ],
            "person": names_of([person]).get(person, "") if person else "",
            "clear": asked.url("kpi", code, show=shown),
            "lines": _shown(asked, [kpi_kept.line_of(line) for line in found], one),
            "next": asked.url("kpi", code, show=shown, person=person, after=kpi_kept.place_of(found[-1]))
            if later
            else "",
            "previous": asked.url("kpi", code, show=shown, person=person, before=kpi_kept.place_of(found[0]))
            if earlier
            else "",
            "total": counts[shown],
            "all_count": every,
            "behind": not sums.whole,
        },
    )  # fmt: skip


def _shown(asked: Asked, lines: Sequence[Line], one: Kpi) -> list[dict[str, Any]]:
    """Return lines with their cases, as the list shows them; only cases of the person's scope get a link."""
    keys = [line.case_id for line in lines if line.case_id is not None]
    cases = {case.pk: case for case in cases_of(asked.by, asked.now).filter(pk__in=keys)}
    rows = {row.number: row for row in lists.rows_of(list(cases.values()), asked.now, masked=asked.masked)}
    people = names_of(line.person_id for line in lines)
    found = []
    for line in lines:
        case = cases.get(line.case_id or 0)
        found.append(
            {
                "row": rows.get(case.number) if case else None,
                "at": line.at,
                "counted": line.counted,
                "why": line.why,
                "what": line.what,
                "value": one.written(line.value) if line.value is not None else "",
                "who": people.get(line.person_id or 0, ""),
            }
        )
    return found


@require_safe
def board_cases(request: HttpRequest) -> HttpResponse:
    """List the cases behind a bar, a cell, a cause or a line of the statistics."""
    asked = Asked(request)
    found, words, count = _behind(request, asked)
    query = {key: value for key, value in request.GET.items() if key not in ("after", "before", "period")}
    return render(
        request,
        "web/board/cases.html",
        {
            "asked": asked,
            "words": words,
            "total": count,
            "rows": lists.rows_of(found.rows, asked.now, masked=asked.masked),
            "next": asked.url("board_cases", **query, after=found.after) if found.after else "",
            "previous": asked.url("board_cases", **query) if request.GET.get("after") else "",
        },
    )


@dataclass(frozen=True)
class _Found:
    """A page of cases, and the key of the next."""

    rows: Sequence[Case]
    after: str


def _of_queryset(request: HttpRequest, cases: QuerySet[Case]) -> _Found:
    rows, page = lists.walk_newest(cases, request.GET.get("after", ""), size=SIZE)
    return _Found(rows, page.after)


def _behind(request: HttpRequest, asked: Asked) -> tuple[_Found, str, int]:
    """Return a page of the cases that a number stands for, the words of the list, and the number."""
    which = request.GET.get("which", "")
    number = formats.whole(request.GET.get("row", ""))
    mine = cases_of(asked.by, asked.now)
    if which == "age":
        rows = kpi_tables.ages(asked.place, asked.now)
        place, stand = formats.whole(request.GET.get("age", "")), request.GET.get("stand", "")
        if place is None or place >= len(rows):
            raise Http404("没有这一档。")
        chosen = [stand] if stand in kpi_tables.STANDS else list(kpi_tables.STANDS)
        wanted = kpi_tables.open_cases(asked.place, asked.now).filter(age=place, stand__in=chosen)
        words = f"在办 {rows[place].label}{kpi_tables.STANDS.get(stand, '')}"
        page = _of_queryset(request, wanted.filter(listed(asked.by, at=asked.now)))
        return page, words, sum(rows[place].cases[key] for key in chosen)
    if which == "heat":
        heat = kpi_tables.heat(asked.place, _quarter(asked), asked.now, asked.late)
        building, part = formats.whole(request.GET.get("building", "")), request.GET.get("part", "")
        name = dict(heat.rows).get(building or 0)
        if name is None or building is None or part not in GROUPS:
            raise Http404("没有这一格。")
        found, more = kpi_kept.walk(
            asked.place, DEFECTS, _quarter(asked), asked.now, key=cell_key(building, part), counted=True, size=SIZE,
            after=kpi_kept.read_place(request.GET.get("after", "")), late=asked.late,
        )  # fmt: skip
        cases = mine.in_bulk([row.case_id for row in found])
        page = _Found(
            [cases[row.case_id] for row in found if row.case_id in cases],
            kpi_kept.place_of(found[-1]) if more else "",
        )
        return page, f"{name} {GROUPS[part]} 近 90 天", heat.cell(building, part)
    if which == "cause":
        causes = kpi_tables.causes(asked.place, asked.window)
        if number is None or number >= len(causes):
            raise Http404("没有这个原因。")
        keys, words = (
            causes[number].cases,
            f"{causes[number].label}（{causes[number].part}） {asked.window.words}",
        )
        return _of_queryset(request, mine.filter(pk__in=keys)), words, causes[number].count
    if which == "stat":
        by = request.GET.get("by", "kind")
        stats = kpi_tables.statistics(asked.place, asked.window, by if by in kpi_tables.BY else "kind")
        if number is None or number >= len(stats):
            raise Http404("没有这一行。")
        keys, words = stats[number].cases, f"{stats[number].label} {asked.window.words}"
        return _of_queryset(request, mine.filter(pk__in=keys)), words, stats[number].count
    raise Http404("没有这个清单。")


@require_safe
def statistics(request: HttpRequest) -> HttpResponse:
    """Show after-sales statistics, recurring causes, loyalty, and satisfaction beside cost and income."""
    asked = Asked(request)
    by = request.GET.get("by", "kind")
    by = by if by in kpi_tables.BY else "kind"
    satisfaction = BY_CODE["satisfaction"]
    win = kpi_tables.win_win(asked.place, asked.window)
    return render(
        request,
        "web/board/statistics.html",
        {
            "asked": asked,
            "by": [
                {"label": label, "url": asked.url("board_statistics", by=key), "current": key == by}
                for key, label in kpi_tables.BY.items()
            ],
            "by_label": kpi_tables.BY[by],
            "rows": [
                {
                    "row": row, "average": f"{row.average:,.1f}",
                    "satisfied": satisfaction.written(row.satisfaction.value), "of": row.satisfaction.of,
                    "url": asked.url("board_cases", which="stat", by=by, row=place),
                }
                for place, row in enumerate(kpi_tables.statistics(asked.place, asked.window, by))
            ],
            "causes": [
                {"row": row, "url": asked.url("board_cases", which="cause", row=place)}
                for place, row in enumerate(kpi_tables.causes(asked.place, asked.window)[:20])
            ],
            "loyalty": [
                {
                    "row": row, "satisfied": satisfaction.written(row.satisfaction.value),
                    "recommend": satisfaction.written(row.recommend.value),
                }
                for row in kpi_tables.loyalty(asked.place, asked.window)
            ],
            "years": [
                {
                    "row": row, "repeat": satisfaction.written(row.repeat.value),
                    "referred": satisfaction.written(row.referred.value),
                }
                for row in growth.years(asked.place, asked.now)
            ],
            "win": win,
            "win_satisfied": satisfaction.written(win.satisfaction.value),
            "win_hours": f"{Decimal(win.minutes) / 60:,.1f}",
            "subscribed": kpi_tables.subscriptions_of(asked.place, asked.window),
        },
    )  # fmt: skip


def sees_people(person: Person, at: datetime) -> bool:
    """Whether a person sees the figures of others."""
    return bool(posts_anywhere(person, at=at) & SEES_PEOPLE)


@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Show the figures of single employees: contacts, handling time, diagnosis, resolution, satisfaction, attitude."""
    asked = Asked(request)
    everybody = sees_people(asked.by, asked.now)
    shown = [BY_CODE[code] for code in OF_PEOPLE]
    found: dict[int, dict[str, Figure]] = {}
    sums = asked.sums([one.code for one in shown], [asked.window], PERSON)
    for one in shown:
        for key in sums.keys(one.code, asked.window):
            if everybody or int(key) == asked.by.pk:
                found.setdefault(int(key), {})[one.code] = sums.figure(one, asked.window, key)
    names = names_of(found)
    rows = [
        {
            "name": names.get(person, ""), "key": person,
            "cells": [
                {
                    "value": one.written(figures[one.code].value) if one.code in figures else kpi.NO_FIGURE,
                    "parts": parts_words(one, figures[one.code]) if one.code in figures else "",
                    "url": asked.url("kpi", one.code, person=person, show="all"), "label": one.label,
                }
                for one in shown
            ],
        }
        for person, figures in sorted(found.items(), key=lambda pair: names.get(pair[0], ""))
    ]  # fmt: skip
    return render(
        request,
        "web/board/people.html",
        {"asked": asked, "kpis": shown, "rows": rows, "everybody": everybody},
    )


@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """Send the figures of the period with twelve months as an Excel file. It holds no names and no rooms."""
    asked = Asked(request)
    settings, months = asked.settings, kpi.months(asked.today)
    head = (
        tables.Column("指标", width=18), tables.Column("计算方法", width=44), tables.Column("条款", width=24),
        tables.Column("单位", width=9), tables.Column("目标", width=12), tables.Column(asked.window.words, tables.MONEY, 11),
        tables.Column("计入", tables.COUNT, 8), tables.Column("全部", tables.COUNT, 8),
        tables.Column(asked.before.words, tables.MONEY, 11),
        *(tables.Column(f"{formats.local(month.begin):%Y-%m}", tables.MONEY, 10) for month in months),
    )  # fmt: skip
    body = []
    sums = asked.sums([*BY_CODE], [asked.window, asked.before, *months])
    for one in (*KPIS, *QUESTIONS):
        now, earlier = sums.figure(one, asked.window), sums.figure(one, asked.before)
        trend = [sums.figure(one, month) for month in months]
        target = kpi.target_of(one, settings)
        body.append(
            (
                one.label, one.formula, clausewords.known(one.clause), one.unit, target_words(one, target), now.value, now.counted, now.of,
                earlier.value, *(part.value for part in trend),
            )
        )  # fmt: skip
    table = tables.Table(
        "客户服务指标", head, body, (), asked.project.name if asked.project else "全部项目", asked.words
    )
    mark = f"{asked.by.name} {formats.local(asked.now):%Y-%m-%d %H:%M} 导出，只有数字，不含客户信息"
    content = tables.workbook(table, watermark=mark, made_at=asked.now)
    name = f"客户服务指标_{formats.local(asked.window.begin):%Y%m%d}.xlsx"
    return send(content, EXCEL, name, inline=False)


PATHS = [
    path("", board, name="board"),
    path("export.xlsx", export, name="board_export"),
    path("cases/", board_cases, name="board_cases"),
    path("statistics/", statistics, name="board_statistics"),
    path("people/", people, name="board_people"),
    path("figures/<slug:code>/", figure, name="kpi"),
]
