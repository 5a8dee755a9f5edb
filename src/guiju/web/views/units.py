"""销控图, the page of a unit, and several units controlled at once."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from guiju.estate.forms import Kind
from guiju.estate.models import Project, Unit
from guiju.kernel.process import process_of
from guiju.org.gates import holds_post
from guiju.org.operations.looks import note_look
from guiju.web import formats, matrix, unitpage
from guiju.web.access import cases_of, unit_for, units_of
from guiju.web.views import asking, receivables


@require_safe
def units(request: HttpRequest) -> HttpResponse:
    """Show the matrix of a building; filters and the open unit live in the address. ``part=matrix``: only the cells."""
    at, project = asking.now(), asking.project(request)
    masked = asking.masked(request, at, project)
    context: dict[str, Any] = {"project": project, "imports_url": reverse("web:imports"), "state": ""}
    if project is None:
        return render(request, "web/units.html", context | {"plan": matrix.Plan(None, (), (), (), 0, 0, 0)})
    find = request.GET.get("find", "").strip()
    if find:
        found = find_unit(asking.person(request), project, find, at)
        if found is not None:
            return redirect(f"{reverse('web:units')}?building={found.building_id}&unit={found.pk}")
    chosen = _number(request.GET.get("unit", ""))
    state = request.GET.get("state", "")
    state = state if state in matrix.LOOKS else ""
    plan = matrix.plan(
        project, building=_number(request.GET.get("building", "")), state=state, at=at, masked=masked
    )
    by = asking.person(request)
    context |= {
        "plan": plan,
        "state": state,
        "chosen": chosen,
        "clock": f"{formats.local(at):%H:%M}",
        "find": find,
        "not_found": bool(find),
        "may_control": holds_post(
            by,
            *process_of("unit_control").opening.by,
            at=at,
            company_id=project.company_id,
            project_id=project.pk,
        ),
        "marking": bool(request.GET.get("mark")),
        "control_kinds": [(kind.value, kind.label) for kind in Kind],
    }
    if request.GET.get("part") == "matrix":
        return render(request, "web/parts/matrix.html", context)
    if chosen is not None:
        unit = unit_for(by, chosen, at)
        context["drawer"] = unitpage.load(unit, cases=cases_of(by, at), at=at, masked=masked, full=False)
    return render(request, "web/units.html", context)


def _number(text: str) -> int | None:
    return formats.whole(text)


def find_unit(person: Any, project: Project, text: str, at: Any) -> Unit | None:
    """Return the unit of a project that was typed as 3-1502, 3-1-1502, 3栋1502 or 1502."""
    parts = [part for part in re.split(r"[^0-9A-Za-z]+", text) if part]
    mine = units_of(person, at).filter(project=project).select_related("building").order_by("pk")
    if not parts:
        return None
    rows = list(mine.filter(room__iexact=parts[-1])[:50])
    if len(parts) >= 2:
        rows = [unit for unit in rows if re.sub(r"\D", "", unit.building.name) == re.sub(r"\D", "", parts[0])]
    if len(parts) >= 3:
        rows = [unit for unit in rows if unit.entrance == parts[1]]
    return rows[0] if rows else None


@require_safe
def unit(request: HttpRequest, key: int) -> HttpResponse:
    """Show everything about one unit."""
    at, by = asking.now(), asking.person(request)
    found = unit_for(by, key, at)
    masked = asking.masked(request, at, found)
    if not masked:
        note_look(by, "unit", found.pk, at=at, company_id=found.project.company_id)
    page = unitpage.load(found, cases=cases_of(by, at), at=at, masked=masked)
    return render(request, "web/unit.html", {"page": page, "books": receivables.panel(found, at)})
