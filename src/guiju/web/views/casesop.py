"""The SOP of one case: the chart with its live position, and moving it to another version."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_http_methods, require_safe
from pydantic import Field

from guiju.kernel import ports
from guiju.kernel.forms import Form
from guiju.kernel.forms import field as ask
from guiju.kernel.models import Case, Event
from guiju.kernel.process import process_of
from guiju.sop import authority, flowchart, policies, queries
from guiju.sop.models import Version, day_of
from guiju.sop.operations import UnableToMove, move_case
from guiju.sop.operations.cases import changes_for
from guiju.web import lists
from guiju.web.about import about
from guiju.web.access import case_for
from guiju.web.names import names_of
from guiju.web.sheet import Sheet
from guiju.web.views import asking


class MoveForm(Form):
    """改用新版。"""

    reason: Annotated[str, Field(min_length=2, max_length=300, json_schema_extra={"widget": "longtext"})] = (
        ask("改用的理由")
    )


def _title(request: HttpRequest, case: Case) -> str:
    masked = asking.masked(request, asking.now(), case)
    return lists.title_of(case, about([case.pk], masked=masked)[case.pk])


@require_safe
def chart(request: HttpRequest, number: str) -> HttpResponse:
    """Show the flowchart of the definition that runs, with where this case is and who took which step when."""
    at, by = asking.now(), asking.person(request)
    case = case_for(by, number, at)
    process = process_of(case.process)
    policy = ports.policies().get(case.sop_version_id)
    events = list(Event.objects.filter(case=case).order_by("case_seq"))
    live = flowchart.live(case, process, events, names_of(event.actor_id for event in events))
    links = {
        step.name: f"{reverse('web:sop', args=[policy.code])}#step-{step.name}" for step in process.steps
    }
    drawn = flowchart.draw(flowchart.chart_of(process, policy), live=live, links=links if policy.code else {})
    return render(
        request,
        "web/case_chart.html",
        {
            "case": case,
            "title": _title(request, case),
            "state": process.state(case.state),
            "policy": policy,
            # Drawn by our own program from the definition; its texts are escaped there.
            "chart": mark_safe(drawn),  # noqa: S308
            "newer": newer(case, at),
        },
    )


def newer(case: Case, at: datetime) -> Version | None:
    """Return the version in force for the case's process, if the case runs under another one."""
    if case.closed_at is not None or not case.sop_version_id:
        return None
    try:
        now = policies.SHELF.current(case.process, company_id=case.chain_id, project_id=case.scope_id, at=at)
    except policies.NoSopInForce:
        return None
    if now.id == case.sop_version_id:
        return None
    found = policies.in_force(case.process, company_id=case.chain_id, day=day_of(at))
    if found is None or found.pk == queries.version_of_case(case.sop_version_id).pk:
        return None
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@asking.tells_refusals
def move(request: HttpRequest, number: str) -> HttpResponse:
    """Move a running case to the version in force; what changes for it is shown before."""
    at, by = asking.now(), asking.person(request)
    case = case_for(by, number, at)
    now = queries.version_of_case(case.sop_version_id)
    to = policies.in_force(case.process, company_id=case.chain_id, day=day_of(at))
    changes: list[str] = []
    why = ""
    if to is None:
        why = "这个流程没有生效的作业标准书"
    else:
        try:
            _, changes = changes_for(case, to=to, at=at)
        except UnableToMove as refused:
            why = str(refused)
    if case.closed_at is not None:
        why = "已结束的事项留在原来的版本"
    lacking = authority.lacking(by, authority.MOVE, company_id=case.chain_id, at=at)
    sheet = Sheet(MoveForm)
    if request.method == "POST" and to is not None:
        given = sheet.take(request)
        if given is not None:
            try:
                done = move_case(case, to=to, by=by, at=at, reason=given.reason)
            except UnableToMove as refused:
                sheet.refuse(refused)
            else:
                messages.success(request, f"已改用 {to.number} 版，{len(done)} 处不同")
                return redirect("web:case", case.number)
    return render(
        request,
        "web/case_move.html",
        {
            "case": case,
            "title": _title(request, case),
            "now": now,
            "to": to,
            "changes": changes,
            "why": why or lacking,
            "sheet": sheet,
        },
        status=sheet.status,
    )
