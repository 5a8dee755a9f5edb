"""回访: whom to call today, by deadline; a call arranged by hand."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_safe

from guiju.kernel import engine
from guiju.kernel.models import Case, CaseLink
from guiju.kernel.refusals import BadlyFilled, Refused
from guiju.org.gates import holds_post
from guiju.org.masking import mask_name, mask_phone
from guiju.org.operations.looks import note_look
from guiju.quality.forms.callback import PlanForm
from guiju.quality.models import Callback
from guiju.quality.processes.callback import CALLERS
from guiju.web import lists
from guiju.web.access import case_for, cases_of
from guiju.web.sheet import Sheet
from guiju.web.views import asking

SHOWN = {"open": "待回访", "done": "已结束"}


@require_safe
def callbacks(request: HttpRequest) -> HttpResponse:
    """List the call-backs: those to do by deadline, or those that ended, newest first."""
    at, by = asking.now(), asking.person(request)
    mine = cases_of(by, at, asking.project(request)).filter(process="callback", historic=False)
    shown = request.GET.get("show", "open")
    shown = shown if shown in SHOWN else "open"
    kind = request.GET.get("kind", "")
    if kind in dict(Callback.KINDS):
        mine = mine.filter(callback__kind=kind)
    waiting = mine.filter(closed_at=None)
    ended = mine.filter(closed_at__isnull=False)
    if shown == "open":
        cases, page = lists.walk_by_due(waiting, request.GET.get("after", ""))
    else:
        cases, page = lists.walk_newest(ended, request.GET.get("after", ""))
    masked = asking.masked(request, at, *cases)
    if cases and not masked:
        # A page of names and numbers is one look at the list; each case's own page notes its own.
        note_look(by, "list", "callbacks", at=at)
    rows = {
        row.case_id: row
        for row in Callback.objects.filter(case__in=cases).select_related(
            "about", "customer", "unit__building", "rating"
        )
    }
    return render(
        request,
        "web/care/callbacks.html",
        {
            "rows": [_row(row, rows[case.pk], masked) for case, row in zip(cases, lists.rows_of(cases, at, masked=masked), strict=True) if case.pk in rows],
            "page": page,
            "tabs": [
                {"key": key, "label": label, "current": key == shown, "count": lists.exact(waiting if key == "open" else ended)}
                for key, label in SHOWN.items()
            ],
            "kinds": [{"key": key, "label": label, "current": key == kind} for key, label in Callback.KINDS],
            "shown": shown,
            "kind": kind,
            "may_plan": holds_post(by, *CALLERS, at=at),
        },
    )  # fmt: skip


def _row(row: lists.Row, found: Callback, masked: bool) -> dict[str, Any]:
    return {
        "row": row, "found": found, "kind": found.get_kind_display(),
        "name": mask_name(found.contact_name) if masked else found.contact_name,
        "phone": mask_phone(found.contact_phone) if masked else found.contact_phone, "masked": masked,
        "about": found.about,
    }  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@asking.tells_refusals
def plan(request: HttpRequest) -> HttpResponse:
    """Arrange a call by hand, about a case (``?about=``) or about nothing in particular."""
    at, by = asking.now(), asking.person(request)
    number = request.GET.get("about", "")
    about = case_for(by, number, at) if number else None
    sheet: Sheet[PlanForm] = Sheet(PlanForm, typed={"kind": "asked", "about": number})
    if request.method == "POST":
        given = sheet.take(request)
        if given is not None:
            if given.about and (about is None or about.number != given.about):
                about = case_for(by, given.about, at)
            project = asking.project(request)
            try:
                event = engine.open_case(
                    "callback", by=by, at=at, given=given.model_dump(mode="json"),
                    chain_id=about.chain_id if about else by.company_id,
                    scope_id=about.scope_id if about else project.pk if project else None,
                    links=_links(about) if about else [],
                )  # fmt: skip
            except BadlyFilled as wrong:
                sheet.errors = dict(wrong.errors)
            except Refused as refused:
                sheet.refuse(refused)
            else:
                assert event.case is not None
                messages.success(request, f"已安排回访，编号 {event.case.number}")
                return redirect("web:case", event.case.number)
    return render(request, "web/care/plan.html", {"sheet": sheet, "about": about}, status=sheet.status)


def _links(about: Case) -> list[tuple[str, int]]:
    rows = CaseLink.objects.filter(case=about, kind__in=["unit", "customer"]).order_by("pk")
    return [("case", about.pk), *dict.fromkeys(rows.values_list("kind", "key"))]


PATHS = [path("", callbacks, name="callbacks"), path("new/", plan, name="callback_new")]
