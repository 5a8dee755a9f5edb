"""销售统计报表: the day, the week and the month in figures beside their tasks; on the page, on paper, in Excel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST, require_safe

from guiju.estate.models import Project
from guiju.kernel.numbering import ZONE
from guiju.kernel.refusals import BadlyFilled
from guiju.org import posts
from guiju.org.gates import holds_post, require_post
from guiju.reports import figures, periodic, statistics, tables
from guiju.reports.figures import BY_CODE, GROUPS, TARGETS
from guiju.reports.periodic import HEADS, WITHIN, Cell, Report
from guiju.reports.statistics import MONTH, YEAR, Span
from guiju.web import drawing, formats
from guiju.web.access import projects_of
from guiju.web.formats import local
from guiju.web.views import asking
from guiju.web.views.files import send
from guiju.web.views.receivables import amount_of, one_of
from guiju.web.views.registers import project_of

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: Who sets the tasks of a month.
PLANNERS = (posts.GENERAL_MANAGER, posts.DEPUTY_GM, posts.SALES_DIRECTOR, posts.CS_MANAGER)
BACK = 8
DRAWN = 12
FIRST = date(2000, 1, 1)
ON_TOP = ("subscribed", "signed_net", "signed_net_amount", "filed", "loan_paid_amount", "received")
BY_PROJECT = ("subscribed", "signed", "signed_amount", "filed", "loan_paid", "loan_paid_amount", "received")


def _span(request: HttpRequest, today: date) -> Span:
    """Return the span asked for, else that of today; never one that lies ahead."""
    kind = request.GET.get("kind", "")
    kind = kind if kind in statistics.KINDS else statistics.WEEK
    try:
        on = date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        on = today
    return statistics.span_of(kind, min(max(on, FIRST), today))


@dataclass(frozen=True)
class _Asked:
    """What is looked at: the projects, the one chosen (None: all), the span, and the reports of each."""

    projects: Sequence[Project]
    project: Project | None
    span: Span
    rows: Sequence[tuple[Project, Report]]

    @property
    def whole(self) -> Report | None:
        """The report of the one project, or of all of them added up."""
        found = [row for _, row in self.rows]
        if self.project is not None or len(found) == 1:
            return found[0]
        return periodic.total("合计", found) if found else None


def _asked(request: HttpRequest) -> _Asked:
    at, by = asking.now(), asking.person(request)
    projects = projects_of(by, at)
    project = project_of(request, projects, request.GET)
    span = _span(request, local(at).date())
    chosen = [project] if project is not None else projects
    found = periodic.reports(chosen, span) if chosen else []
    return _Asked(projects, project, span, list(zip(chosen, found, strict=True)))


@require_safe
def figures_page(request: HttpRequest) -> HttpResponse:
    """Show the figures of a day, week or month beside month, year and tasks; by project and company; with charts."""
    at, by = asking.now(), asking.person(request)
    today = local(at).date()
    asked = _asked(request)
    span, whole = asked.span, asked.whole
    movement = statistics.lines([project for project, _ in asked.rows], span)
    earlier, one = [], statistics.span_of(span.kind, today)
    for _ in range(BACK):
        earlier.append(one)
        one = one.before
    return render(
        request,
        "web/registers/statistics.html",
        {
            "span": span, "kinds": statistics.KINDS, "kind_label": statistics.KINDS[span.kind], "heads": [HEADS[kind] for kind in WITHIN[span.kind]],
            "whole": whole, "top": _top(whole) if whole is not None else [],
            "groups": _groups(whole) if whole is not None else [],
            "places": _places(asked), "place_heads": [BY_CODE[code] for code in BY_PROJECT],
            "adjustments": [
                {"row": row, "figure": BY_CODE[row.figure], "project": name}
                for name, row in _adjustments(asked) if row.figure in BY_CODE
            ],
            "charts": _charts([project.pk for project, _ in asked.rows], span),
            "lines": movement, "total": statistics.total(movement), "ends": list(statistics.ENDS.values()),
            "earlier": earlier, "projects": asked.projects, "project": asked.project, "running": at < span.ready_at,
            "paper": periodic.produced(asked.project, span) if asked.project is not None else None,
            "target_figures": TARGETS, "month": statistics.span_of(MONTH, span.end).begin,
            "may_plan": asked.project is not None and holds_post(
                by, *PLANNERS, at=at, company_id=asked.project.company_id, project_id=asked.project.pk
            ),
        },
    )  # fmt: skip


def _shown(cell: Cell, value: Decimal | None) -> str:
    if value is None:
        return formats.NOTHING
    return f"{int(value):,}" if cell.figure.kind == tables.COUNT else f"{value:,.2f}"


def _top(whole: Report) -> list[dict[str, Any]]:
    """Return the figures on top: the span's own, with 完成率 of the month."""
    found = []
    for code in ON_TOP:
        cell = whole.cell(code)
        rate = cell.attained(MONTH)
        own = cell.values[whole.span.kind]
        found.append(
            {
                "label": cell.figure.label, "money": cell.figure.kind == tables.MONEY, "value": _shown(cell, own),
                "unit": cell.figure.unit, "rate": f"本月完成 {rate} %" if rate is not None else "",
                "month": f"本月 {_shown(cell, cell.values.get(MONTH))}",
            }
        )  # fmt: skip
    return found


def _groups(whole: Report) -> list[dict[str, Any]]:
    """Return the table of figures, part by part."""
    kinds = WITHIN[whole.span.kind]
    found = []
    for group in GROUPS:
        lines = []
        for cell in whole.cells:
            if cell.figure.group != group:
                continue
            rates = {kind: cell.attained(kind) for kind in (MONTH, YEAR)}
            lines.append(
                {
                    "figure": cell.figure, "values": [_shown(cell, cell.values.get(kind, Decimal(0))) for kind in kinds],
                    "tasks": [
                        {
                            "task": _shown(cell, cell.tasks.get(kind)) if kind in cell.tasks else formats.NOTHING,
                            "rate": f"{rates[kind]} %" if rates[kind] is not None else formats.NOTHING,
                        }
                        for kind in (MONTH, YEAR)
                    ],
                    "adjusted": f"{'+' if cell.adjusted > 0 else ''}{_shown(cell, cell.adjusted)}" if cell.adjusted else "",
                }
            )  # fmt: skip
        found.append({"name": group, "lines": lines})
    return found


def _places(asked: _Asked) -> list[dict[str, Any]]:
    """Return the figures by company and project; nothing for a single project."""
    if len(asked.rows) < 2:
        return []
    wanted = [(row, True) for row in periodic.by_company(asked.rows)] + [
        (row, False) for _, row in asked.rows
    ]
    return [
        {
            "name": row.name, "company": company,
            "cells": [
                {
                    "value": _shown(row.cell(code), row.value(code)),
                    "rate": row.cell(code).attained(MONTH),
                }
                for code in BY_PROJECT
            ],
        }
        for row, company in wanted
    ]  # fmt: skip


def _adjustments(asked: _Asked) -> list[tuple[str, Any]]:
    found = [(project.name, one) for project, row in asked.rows for one in row.adjustments]
    return sorted(found, key=lambda pair: -pair[1].pk)


def _charts(projects: Sequence[int], span: Span) -> list[dict[str, Any]]:
    """Return two charts of the last spans: sold (认购, 签约) and done after it (登记, 放款), with their tables."""
    spans = [span]
    for _ in range(DRAWN - 1):
        spans.append(spans[-1].before)
    spans.reverse()
    by_day = figures.by_day(projects, spans[0].begin, spans[-1].end) if projects else {}

    def points(code: str) -> list[Decimal]:
        days = by_day.get(code, {})
        return [Decimal(sum(n for on, n in days.items() if one.begin <= on <= one.end)) for one in spans]

    labels = [f"{one.begin.month}月" if one.kind == MONTH else f"{one.begin:%m-%d}" for one in spans]
    found = []
    for title, first, second in (
        ("认购和签约", "subscribed", "signed"),
        ("登记和放款", "filed", "loan_paid"),
    ):
        sums = (points(first), points(second))

        def drawn(
            width: int, height: int, *, title: str = title, codes: Any = (first, second), sums: Any = sums
        ) -> SafeString:
            series = [
                drawing.Series(BY_CODE[code].label, values, look, BY_CODE[code].label)
                for code, values, look in zip(codes, sums, ("a", "b"), strict=True)
            ]
            return drawing.lines(series, labels, share=False, width=width, height=height, title=title)

        found.append(
            {
                "title": title, "wide": drawn(700, 220), "narrow": drawn(340, 220),
                "names": [BY_CODE[first].label, BY_CODE[second].label],
                "twin": [
                    {"label": one.label, "first": int(a), "second": int(b)}
                    for one, a, b in zip(spans, *sums, strict=True)
                ],
                "empty": not any(sums[0]) and not any(sums[1]),
            }
        )  # fmt: skip
    return found


@require_safe
def statistics_paper(request: HttpRequest, project: str) -> HttpResponse:
    """Send the report of a project as it was produced after the end of the day, week or month."""
    at, by = asking.now(), asking.person(request)
    chosen: Project | None = next((one for one in projects_of(by, at) if one.code == project), None)
    if chosen is None:
        raise Http404("没有这个项目，或者它不在你的范围里。")
    span = _span(request, at.astimezone(ZONE).date())
    paper = periodic.produced(chosen, span)
    if paper is None:
        raise Http404(f"{span.label}的报表还没有出，期末后自动出。")
    return send(paper.file.read(), "application/pdf", f"{paper}.pdf", inline=True)


@require_safe
def statistics_excel(request: HttpRequest) -> HttpResponse:
    """Send the figures of the page as an Excel file: companies and projects one after another; they name nobody."""
    at, by = asking.now(), asking.person(request)
    asked = _asked(request)
    if not asked.rows:
        raise Http404("没有项目，或者它不在你的范围里。")
    rows = [row for _, row in asked.rows]
    if asked.project is None and len(rows) > 1:
        rows = [*periodic.by_company(asked.rows), *rows]
    name = asked.project.name if asked.project is not None else "全部项目"
    table = periodic.table(rows, project=name)
    frozen = asked.whole.taken_at if asked.whole is not None else None
    state = f"{local(frozen):%Y-%m-%d %H:%M} 冻结" if frozen else "未到期末，随时会变"
    watermark = f"{by.name} {local(at):%Y-%m-%d %H:%M} 导出，{state}"
    content = tables.workbook(table, watermark=watermark, made_at=at)
    answer = send(content, EXCEL, f"{table.title} {name} {asked.span.number}.xlsx", inline=False)
    answer["Cache-Control"] = "no-store"
    return answer


@require_POST
@asking.tells_refusals
def set_target(request: HttpRequest, project: str) -> HttpResponse:
    """Set the task of a month for one figure."""
    at, by = asking.now(), asking.person(request)
    chosen: Project | None = next((one for one in projects_of(by, at) if one.code == project), None)
    if chosen is None:
        raise Http404("没有这个项目，或者它不在你的范围里。")
    require_post(by, *PLANNERS, at=at, company_id=chosen.company_id, project_id=chosen.pk)
    try:
        month = date.fromisoformat(f"{request.POST.get('month', '')}-01")
    except ValueError:
        raise BadlyFilled({"month": "月份：请填如 2026-11"}) from None
    figure = one_of(request, "figure", "指标", {one.code: one.label for one in TARGETS})
    value = amount_of(request, "value", "任务")
    periodic.set_target(project=chosen, month=month, figure=figure, value=value, by=by, at=at)
    messages.success(request, f"已设定 {month:%Y-%m} {BY_CODE[figure].label}任务")
    return redirect(f"{reverse('web:statistics')}?kind=month&on={month}&project={chosen.pk}")
