"""变更登记表 with its statistics: the changes of a period, on the page, printed, and as Excel without names."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from guiju.estate.models import Project
from guiju.org.gates import scope_of
from guiju.org.models import Person
from guiju.org.secrecy import listed
from guiju.reports import changes as register
from guiju.sales.changing_forms import Kind
from guiju.sales.models import ChangeApplication
from guiju.web.access import projects_of
from guiju.web.formats import local
from guiju.web.views import asking
from guiju.web.views.registers import months_of, period_of, project_of, send_table


def changes_for(by: Person, at: Any, project: Project | None) -> QuerySet[ChangeApplication]:
    """Return the changes in the person's scope, of one project if one is chosen; no confidential ones of others."""
    mine = ChangeApplication.objects.filter(
        scope_of(by, at=at).q("case__chain_id", "case__scope_id"), listed(by, at=at, prefix="case__")
    )
    return mine.filter(case__scope_id=project.pk) if project is not None else mine


@require_safe
def changes(request: HttpRequest) -> HttpResponse:
    """Show the register of a period, added up by kind and month; figures lead to the lines behind them (I-5.2-2b)."""
    at, by = asking.now(), asking.person(request)
    today = local(at).date()
    projects = projects_of(by, at)
    project = project_of(request, projects, request.GET)
    period, masked = period_of(request.GET, today), asking.masked(request, at, project)
    found = register.registered(changes_for(by, at, project), begin=period.begin, end=period.end)
    lines = register.rows(found, masked=masked)
    too_many = len(lines) > register.MOST
    lines = lines[: register.MOST]
    kind = request.GET.get("kind", "")
    known = [one.value for one in Kind]
    shown = [line for line in lines if line.kind.value == kind] if kind in known else lines
    plain = {"from": period.begin, "to": period.end, "project": project.pk if project else "all"}
    return render(
        request,
        "web/registers/changes.html",
        {
            "lines": shown, "added": register.total(lines), "kinds": register.by_kind(lines),
            "by_month": register.by_month(lines), "too_many": too_many, "most": register.MOST, "period": period,
            "projects": projects, "project": project, "filtered": kind in known, "clear": f"?{urlencode(plain)}",
            "chips": [
                {"label": one.label, "url": f"?{urlencode({**plain, 'kind': one.value})}", "current": one.value == kind, "count": count}
                for one in Kind
                if (count := sum(line.kind is one for line in lines))
            ],
            "report": f"{reverse('web:changes_report')}?{urlencode(plain)}", "months": months_of(today, project),
        },
    )  # fmt: skip


@require_safe
def report(request: HttpRequest) -> HttpResponse:
    """Send the statistics of a period, printed or as Excel (``as=xlsx``); they name no people."""
    at, by = asking.now(), asking.person(request)
    projects = projects_of(by, at)
    if not projects:
        raise Http404("没有项目，或者它不在你的范围里。")
    project = project_of(request, projects, request.GET)
    period = period_of(request.GET, local(at).date())
    found = register.registered(changes_for(by, at, project), begin=period.begin, end=period.end)
    name = project.name if project is not None else "全部项目"
    table = register.statistics(
        register.rows(found, masked=True)[: register.MOST], project=name, begin=period.begin, end=period.end
    )
    company = (project or projects[0]).company.name
    return send_table(request, table, f"变更统计表 {name} {period.words}", company)


PATHS = [path("", changes, name="changes"), path("report/", report, name="changes_report")]
