"""日销控表: a day's unit control on the page and on paper, confirmed by a person."""

from __future__ import annotations

from datetime import date, timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from guiju.estate import daily as register
from guiju.estate.models import Project
from guiju.estate.papers import daily_control_form
from guiju.org import posts
from guiju.org.gates import holds_post, require_post
from guiju.papers import forms
from guiju.web import formats
from guiju.web.matrix import LOOKS
from guiju.web.views import asking
from guiju.web.views.files import send

CONFIRMERS = (posts.SALES_DIRECTOR, posts.SIGNING_SUPERVISOR, posts.CS_CLERK, posts.CS_ASSISTANT_MANAGER)
BACK = 30
FIRST = date(2000, 1, 1)


def _day(request: HttpRequest) -> date:
    """Return the day asked for, today if none; never one ahead."""
    today = formats.local(asking.now()).date()
    try:
        wanted = date.fromisoformat(request.GET.get("day", "") or request.POST.get("day", ""))
    except ValueError:
        return today
    return max(min(wanted, today), FIRST)


def _project(request: HttpRequest) -> Project:
    """
    Return the project in view.

    :raises Http404: none is chosen.
    """
    project = asking.project(request)
    if project is None:
        raise Http404("先在左上角选一个项目。")
    return project


@require_safe
def daily(request: HttpRequest) -> HttpResponse:
    """Show a day: opening + in − out = closing for each state, and every movement."""
    at, by, project = asking.now(), asking.person(request), asking.project(request)
    if project is None:
        return render(request, "web/daily.html", {"project": None})
    on = _day(request)
    today = formats.local(at).date()
    found = register.day(project, on)
    return render(
        request,
        "web/daily.html",
        {
            "project": project,
            "on": on,
            "before": on - timedelta(days=1),
            "after": on + timedelta(days=1) if on < today else None,
            "today": today,
            "found": found,
            "lines": [
                {"line": line, "look": LOOKS.get(line.state.value)}
                for line in found.lines
                if line.opening or line.came or line.went or line.closing
            ],
            "sums": {
                "opening": sum(line.opening for line in found.lines),
                "came": sum(line.came for line in found.lines),
                "went": sum(line.went for line in found.lines),
                "closing": sum(line.closing for line in found.lines),
            },
            "open_days": register.unconfirmed(
                project, since=today - timedelta(days=BACK), until=today - timedelta(days=1)
            ),
            "may_confirm": holds_post(
                by, *CONFIRMERS, at=at, company_id=project.company_id, project_id=project.pk
            ),
            "masked": asking.masked(request, at, project),
        },
    )


@require_safe
def paper(request: HttpRequest) -> HttpResponse:
    """Send the day's sheet as a printed form."""
    at, by, project = asking.now(), asking.person(request), _project(request)
    on = _day(request)
    stamp = forms.Stamp(by=by.name, at=at)
    pdf = forms.print_form(
        "daily_control", daily_control_form(project, on, at), stamp=stamp, company=project.company.name
    )
    return send(pdf, "application/pdf", f"日销控表 {project.name} {on}.pdf", inline=True)


@require_POST
@asking.tells_refusals
def confirm(request: HttpRequest) -> HttpResponse:
    """Confirm a day's unit control; its figures are kept as they are."""
    at, by, project = asking.now(), asking.person(request), _project(request)
    require_post(by, *CONFIRMERS, at=at, company_id=project.company_id, project_id=project.pk)
    on = _day(request)
    register.confirm(project=project, on=on, by=by, at=at)
    messages.success(request, f"已确认 {on} 的销控")
    return redirect(f"{reverse('web:daily')}?day={on}")
