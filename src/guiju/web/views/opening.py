"""Opening a case: the form of a process's opening step, about one unit or several."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from guiju.estate.models import Unit
from guiju.kernel import engine, ports
from guiju.kernel.engine import PointState
from guiju.kernel.process import Process, processes
from guiju.kernel.refusals import BadlyFilled, NotReady, Refused
from guiju.org.models import Person
from guiju.web import formats, stepform
from guiju.web.access import units_of
from guiju.web.cards import unit_card
from guiju.web.casepage import whys
from guiju.web.offering import choices_of
from guiju.web.views import asking
from guiju.web.views.cases import uuid_of
from guiju.web.views.steps import Refusal, Typed, points_of, typed

MOST_UNITS = 2000


def _units(request: HttpRequest, by: Person, at: datetime) -> list[Unit]:
    """
    Return the units the case is about, all of one project.

    :raises Http404: none is named, one is not in scope, or they lie in several projects.
    """
    keys = {key for text in request.GET.getlist("unit") if (key := formats.whole(text)) is not None}
    found = list(
        units_of(by, at)
        .filter(pk__in=list(keys)[:MOST_UNITS])
        .select_related("building", "project")
        .order_by("building_id", "entrance", "room", "pk")
    )
    if not found or len(found) != len(keys) or len({unit.project_id for unit in found}) != 1:
        raise Http404("没有选房屋，或者有房屋不在你的项目里。")
    return found


def _many(definition: Process) -> bool:
    """Whether the opening form itself names the units."""
    return any(kind == "units" for _, kind, _ in stepform.kinds(definition.opening.form))


@require_http_methods(["GET", "HEAD", "POST"])
@asking.tells_refusals
def open_case(request: HttpRequest, process: str) -> HttpResponse:
    """Show the opening form of a process; on POST open the case and go to its page."""
    at, by = asking.now(), asking.person(request)
    definition = processes().get(process)
    if definition is None:
        raise Http404("没有这个流程。")
    units = _units(request, by, at)
    many, project = _many(definition), units[0].project
    if not many and len(units) != 1:
        raise Http404("这个流程一次办一套房屋。")
    policy = ports.policies().current(process, company_id=project.company_id, project_id=project.pk, at=at)
    step = definition.opening
    said = policy.step(step.name)
    entered, refused, status = Typed(_asked(request, definition, units)), None, 200
    if request.method == "POST":
        entered = typed(request, step.form, said.points, at)
        try:
            event = engine.open_case(
                process,
                by=by,
                at=at,
                given=entered.as_given(),
                chain_id=project.company_id,
                scope_id=project.pk,
                title=_title(units, definition),
                links=[("unit", unit.pk) for unit in units],
                key=uuid_of(request.POST.get("key", "")),
            )
        except BadlyFilled as wrong:
            entered.errors, status = wrong.errors, wrong.status
        except Refused as wrong:
            refused = Refusal(wrong.title, whys(wrong.reasons, policy), "什么都没有改动，你填的都还在。")
            status = wrong.status
        else:
            assert event.case is not None
            messages.success(request, f"「{said.label or step.label}」已办好，编号 {event.case.number}")
            return redirect("web:case", event.case.number)
    elif reasons := engine.why_not_open(
        definition, by=by, at=at, chain_id=project.company_id, scope_id=project.pk,
        links=[("unit", unit.pk) for unit in units],
    ):  # fmt: skip
        refused = Refusal(NotReady(reasons).title, whys(reasons, policy), "条件具备以前，提交也会被拒绝。")
    return _page(request, definition, policy, units, entered, refused, many=many, status=status, at=at)


def _asked(request: HttpRequest, definition: Process, units: Sequence[Unit]) -> dict[str, Any]:
    """Return what the address already answers: the units, and plain fields named in it."""
    given: dict[str, Any] = {}
    for name, kind, _ in stepform.kinds(definition.opening.form):
        if kind == "units":
            given[name] = [str(unit.pk) for unit in units]
        elif kind == "choice" and request.GET.get(name):
            given[name] = request.GET[name]
    return given


def _title(units: Sequence[Unit], definition: Process) -> str:
    more = f"等 {len(units)} 套" if len(units) > 1 else ""
    return f"{units[0].label}{more} {definition.label}"


def _page(
    request: HttpRequest,
    definition: Process,
    policy: Any,
    units: Sequence[Unit],
    entered: Typed,
    refused: Refusal | None,
    *,
    many: bool,
    status: int,
    at: datetime,
) -> HttpResponse:
    step, first = definition.opening, units[0]
    said = policy.step(step.name)
    masked = asking.masked(request, at, first)
    names = [(str(unit.pk), unit.short) for unit in units]
    units_field = next((name for name, kind, _ in stepform.kinds(step.form) if kind == "units"), None)
    people = choices_of(
        definition.name, company_id=first.project.company_id, project_id=first.project_id, at=at
    )

    def choices(path: str) -> Sequence[tuple[str, str]] | None:
        return names if path == units_field else people(path) if people is not None else None

    fields = stepform.fields_of(step.form, entered.given, entered.errors, choices=choices)
    allowed = engine.allowed_posts(step, said)
    card = unit_card(first, masked=masked)
    back = f"{reverse('web:units')}?building={first.building_id}"
    return render(
        request,
        "web/step.html",
        {
            "label": said.label or step.label,
            "subject": f"{first.project.name} {card.label}"
            + (f"等 {len(units)} 套" if len(units) > 1 else ""),
            "fields": fields,
            "points": points_of([PointState(point, None) for point in said.points], entered),
            "mistakes": stepform.summary(fields),
            "refused": refused,
            "words": said.words,
            "number": policy.number(said.clause or step.clause),
            "posts": "、".join(ports.people().post_label(post) for post in allowed),
            "policy": said,
            "facts": card.facts if not many else [],
            "facts_title": card.label,
            "happened_at": entered.happened_at[:16],
            "key": uuid4(),
            "version": None,
            "draft": f"open:{definition.name}:{'-'.join(str(unit.pk) for unit in units[:20])}",
            "returned": request.method == "POST",
            "back_url": back if many else f"{back}&unit={first.pk}",
            "back_words": "销控图",
            "consequence": f"办好后「{definition.label}」开始，状态为「{definition.starts.label}」。",
        },
        status=status,
    )
