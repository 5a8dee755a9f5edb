"""批量办理: pick or paste rows, one form, one result per case; print a paper of many cases in one run."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guiju.kernel import ports
from guiju.kernel.engine import PointState
from guiju.kernel.models import Case, among
from guiju.org.secrecy import require_take_out
from guiju.papers.models import Paper
from guiju.papers.offers import offers_of
from guiju.papers.typesetting import BATCH
from guiju.web import batch, casepapers, formats, stepform
from guiju.web.about import about
from guiju.web.access import cases_of, projects_of
from guiju.web.batch import Act, Row
from guiju.web.views import asking, steps
from guiju.web.views.files import send

KEPT = timedelta(minutes=30)


def _act(process: str, step: str) -> Act:
    found = batch.act_of(process, step)
    if found is None:
        raise Http404("这一步不能批量办。")
    return found


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Show what can be done for many cases at once, with how many wait for it."""
    at, by, project = asking.now(), asking.person(request), asking.project(request)
    mine = cases_of(by, at, project)
    groups: dict[str, list[dict[str, Any]]] = {}
    for act in batch.acts():
        waiting = mine.filter(process=act.process, state__in=act.states, closed_at=None)[:1001].count()
        groups.setdefault(act.group, []).append(
            {
                "act": act,
                "waiting": f"{waiting}" if waiting <= 1000 else "1000+",
                "heads": [head for _, head in act.heads],
            }
        )
    return render(request, "web/batch/overview.html", {"groups": groups})


@require_http_methods(["GET", "HEAD", "POST"])
@asking.tells_refusals
def many(request: HttpRequest, process: str, step: str) -> HttpResponse:
    """Show the grid and the form of an act for many; on POST read what was pasted, or do it row by row."""
    at, by, project = asking.now(), asking.person(request), asking.project(request)
    act = _act(process, step)
    posted = request.POST
    rows: list[Row] = []
    beyond = 0
    outcomes: list[batch.Outcome] = []
    entered, points = steps.Typed({}), _points(request, act, at)
    status = 200
    if request.method == "POST":
        rows = batch.read_grid(act, posted) or batch.picked(posted.getlist("case"))
        pasted = batch.read_paste(act, posted.get("paste", ""))
        rows += [Row(len(rows) + n, one.where, one.which, one.values) for n, one in enumerate(pasted, 1)]
        beyond = max(len(rows) - batch.MOST, 0)
        rows = rows[: batch.MOST]
        entered = steps.typed(request, act.form, points, at)
        batch.match(act, rows, by=by, at=at, project=project)
        if entered.unread:
            entered.errors, status = entered.unread, 422
        elif posted.get("act") == "run":
            shared = {name: value for name, value in entered.as_given().items() if name not in act.columns}
            entered.errors = batch.shared_errors(act, rows, shared) if rows else {}
            if entered.errors or not rows:
                status = 422
            else:
                token = posted.get("token", "")
                outcomes = batch.run(act, rows, shared, token=token, by=by, at=at)
                rows = [one.row for one in outcomes if one.kind == "failed"]
    else:
        rows = batch.picked(request.GET.getlist("case"))
        batch.match(act, rows, by=by, at=at, project=project)
    return _page(request, act, rows, entered, points, outcomes, status=status, beyond=beyond)


def _points(request: HttpRequest, act: Act, at: Any) -> list[Any]:
    """Return the control points of the step, dealt with once for all rows."""
    projects = projects_of(asking.person(request), at)
    if not projects:
        return []
    first = asking.project(request) or projects[0]
    policy = ports.policies().current(act.process, company_id=first.company_id, project_id=first.pk, at=at)
    return list(policy.step(act.step).points)


def _page(
    request: HttpRequest, act: Act, rows: list[Row], entered: steps.Typed, points: list[Any],
    outcomes: list[batch.Outcome], *, status: int, beyond: int = 0,
) -> HttpResponse:  # fmt: skip
    at, by = asking.now(), asking.person(request)
    shown = [row for row in rows if row.case is not None] + [one.row for one in outcomes if one.row.case]
    subjects = about(
        [row.case.pk for row in shown if row.case is not None],
        masked=asking.masked(request, at, *[row.case for row in shown]),
    )
    fields = [
        one
        for one in stepform.fields_of(act.form, entered.given, entered.errors)
        if one.name.split(".")[0] not in act.columns
    ]
    waiting: list[Case] = []
    if not rows and not outcomes:
        mine = cases_of(by, at, asking.project(request))
        waiting = list(
            mine.filter(process=act.process, state__in=act.states, closed_at=None).order_by("due_at", "pk")[
                :100
            ]
        )
        subjects = {
            **subjects,
            **about([case.pk for case in waiting], masked=asking.masked(request, at, *waiting)),
        }
    counts = {kind: sum(one.kind == kind for one in outcomes) for kind in ("done", "before", "failed")}
    return render(
        request,
        "web/batch/many.html",
        {
            "act": act, "heads": act.heads, "rows": [_shown(act, row, subjects) for row in rows], "subjects": subjects,
            "waiting": [{"case": case, "about": subjects.get(case.pk)} for case in waiting],
            "outcomes": [
                {"one": one, "about": subjects.get(one.row.case.pk) if one.row.case else None} for one in outcomes
            ],
            "counts": counts, "fields": fields, "mistakes": stepform.summary(fields),
            "points": steps.points_of([PointState(point, None) for point in points], entered),
            "token": request.POST.get("token") if not outcomes and request.method == "POST" else uuid4(),
            "paste": "", "nothing": request.method == "POST" and status == 422 and not rows,
            "offers": offers_of(act.process), "done_cases": [o.row.case for o in outcomes if o.row.case],
            "most": batch.MOST, "beyond": beyond, "unknown": batch.unknown_heads(act, request.POST.get("paste", "")),
        },
        status=status,
    )  # fmt: skip


def _shown(act: Act, row: Row, subjects: Any) -> dict[str, Any]:
    return {
        "row": row, "cells": [(name, head, row.values.get(name, "")) for name, head in act.heads if name],
        "about": subjects.get(row.case.pk) if row.case is not None else None,
    }  # fmt: skip


@require_POST
@asking.tells_refusals
def print_many(request: HttpRequest, process: str, name: str) -> HttpResponse:
    """Print a paper of the cases picked in one run, and say what became of each."""
    at, by, project = asking.now(), asking.person(request), asking.project(request)
    offer = next((one for one in offers_of(process) if one.name == name), None)
    if offer is None:
        raise Http404("没有这种单据。")
    numbers = [row.where for row in batch.picked(request.POST.getlist("case"))][:BATCH]
    cases = list(cases_of(by, at, project).filter(process=process, number__in=numbers).order_by("pk"))
    for case in cases:
        require_take_out(by, case, at=at)
    cases = [case for case in cases if casepapers.may_print(by, case, at)]
    found = batch.print_run(
        cases, name, reason=batch.plain(request.POST.get("reason", ""))[:200], by=by, at=at
    )
    keys = [one.paper.pk for one in found if one.paper is not None]
    subjects = about([case.pk for case in cases], masked=asking.masked(request, at, *cases))
    return render(
        request,
        "web/batch/printed.html",
        {
            "offer": offer, "rows": [{"one": one, "about": subjects.get(one.case.pk)} for one in found],
            "new": sum(one.kind == "new" for one in found), "again": sum(one.kind == "again" for one in found),
            "failed": [one.case.number for one in found if one.kind == "failed"], "process": process,
            "pdf": reverse("web:batch_pdf") + "?" + "&".join(f"paper={key}" for key in keys) if keys else "",
        },
    )  # fmt: skip


@require_safe
@asking.tells_refusals
def run_pdf(request: HttpRequest) -> HttpResponse:
    """
    Send the papers of a run as one PDF, to who printed them and soon after; later it takes a counted reprint.
    """
    at, by = asking.now(), asking.person(request)
    keys = [key for text in request.GET.getlist("paper") if (key := formats.whole(text)) is not None][:BATCH]
    mine = Paper.objects.filter(among(cases_of(by, at)), pk__in=keys).select_related("company")
    papers = [paper for paper in mine.order_by("pk") if _just_printed(paper, by.pk, at)]
    if not papers or len({paper.form for paper in papers}) != 1:
        raise Http404("这一批不是刚印的，请到单据页补打。")
    pdf = batch.run_pdf(papers, by=by, at=at)
    return send(pdf, "application/pdf", f"{papers[0].title} {len(papers)} 份.pdf", inline=True)


def _just_printed(paper: Paper, person_id: int, at: Any) -> bool:
    last = paper.reprint_log.order_by("-count").first() if paper.reprints else None
    when, who = (last.reprinted_at, last.reprinted_by_id) if last else (paper.printed_at, paper.printed_by_id)
    return who == person_id and at - when <= KEPT


PATHS = [
    path("", overview, name="batch"),
    path("print/run.pdf", run_pdf, name="batch_pdf"),
    path("print/<slug:process>/<slug:name>/", print_many, name="batch_print"),
    path("<slug:process>/<slug:step>/", many, name="batch_many"),
]
