"""销售统计报表: the week and the month in figures, on the page and on paper as it was produced."""

from __future__ import annotations

from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from guiju.estate.models import Project
from guiju.kernel.numbering import ZONE
from guiju.reports import statistics as report
from guiju.web.access import projects_of
from guiju.web.formats import local
from guiju.web.views import asking
from guiju.web.views.files import send
from guiju.web.views.registers import project_of

BACK = 8
FIRST = date(2000, 1, 1)


def _span(request: HttpRequest, today: date) -> report.Span:
    """Return the span asked for, else that of today; never one that lies ahead."""
    kind = request.GET.get("kind", "")
    kind = kind if kind in report.KINDS else report.WEEK
    try:
        on = date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        on = today
    return report.span_of(kind, min(max(on, FIRST), today))


@require_safe
def statistics(request: HttpRequest) -> HttpResponse:
    """Show the figures of a week or a month by project, with the spans before it."""
    at, by = asking.now(), asking.person(request)
    today = local(at).date()
    projects = projects_of(by, at)
    project = project_of(request, projects, request.GET)
    span = _span(request, today)
    found = report.lines([project] if project is not None else projects, span)
    earlier, one = [], report.span_of(span.kind, today)
    for _ in range(BACK):
        earlier.append(one)
        one = one.before
    return render(
        request,
        "web/registers/statistics.html",
        {
            "span": span,
            "kinds": report.KINDS,
            "lines": found,
            "total": report.total(found),
            "ends": list(report.ENDS.values()),
            "earlier": earlier,
            "projects": projects,
            "project": project,
            "running": span.end >= today,
            "paper": report.produced(project, span) if project is not None else None,
        },
    )


@require_safe
def statistics_paper(request: HttpRequest, project: str) -> HttpResponse:
    """Send the report of a project as it was produced after the end of the week or month."""
    at, by = asking.now(), asking.person(request)
    chosen: Project | None = next((one for one in projects_of(by, at) if one.code == project), None)
    if chosen is None:
        raise Http404("没有这个项目，或者它不在你的范围里。")
    span = _span(request, at.astimezone(ZONE).date())
    paper = report.produced(chosen, span)
    if paper is None:
        raise Http404(f"{span.label}的报表还没有出，期末后自动出。")
    return send(paper.file.read(), "application/pdf", f"{paper}.pdf", inline=True)
