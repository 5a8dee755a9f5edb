"""客户评价: what customers said, one list of feedback with owner and action, entry from paper and on site, the form."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guiju.kernel.models import Case, among
from guiju.kernel.refusals import BadlyFilled, Refused
from guiju.org.gates import holds_post, require_post
from guiju.org.models import Person
from guiju.org.operations.looks import note_look
from guiju.org.secrecy import require_take_out
from guiju.papers.forms import print_form
from guiju.quality import feedback as acts
from guiju.quality import surveys as asked
from guiju.quality.forms.survey import EntryForm, Solved
from guiju.quality.models import Feedback, Rating
from guiju.quality.papers_survey import survey_form
from guiju.quality.processes.callback import CALLERS
from guiju.web import lists
from guiju.web.access import case_for, cases_of
from guiju.web.sheet import Sheet
from guiju.web.views import asking
from guiju.web.views.files import send

MASKED = "你的岗位不接触客户信息，原话不显示"
SHOWN = {"open": "待跟进", "done": "已处理", "low": "评价低", "all": "全部"}


@require_safe
def feedback(request: HttpRequest) -> HttpResponse:
    """List what customers told us: ratings with words, complaints, suggestions, praise; owner, status, action (A-5.3-a)."""
    at, by = asking.now(), asking.person(request)
    shown = request.GET.get("show", "open")
    shown = shown if shown in SHOWN else "open"
    scope = cases_of(by, at, asking.project(request)).filter(historic=False)
    mine = Feedback.objects.filter(among(scope))
    groups = {
        "open": mine.exclude(state=Feedback.DONE), "done": mine.filter(state=Feedback.DONE), "low": mine.filter(low=True),
        "all": mine,
    }  # fmt: skip
    rows, page = lists.walk_newest(
        groups[shown].select_related("case", "rating", "follow_up", "owner"), request.GET.get("after", "")
    )
    masked = asking.masked(request, at, *[one.case for one in rows])
    cases = {row.number: row for row in lists.rows_of([one.case for one in rows], at, masked=masked)}
    return render(
        request,
        "web/care/feedback.html",
        {
            "rows": [_row(one, cases[one.case.number], masked) for one in rows],
            "page": page,
            "tabs": [
                {"key": key, "label": label, "current": key == shown, "count": lists.exact(groups[key])}
                for key, label in SHOWN.items()
            ],
            "may_follow": holds_post(by, *CALLERS, at=at),
        },
    )


def _row(one: Feedback, case: lists.Row, masked: bool) -> dict[str, Any]:
    score = one.rating.score if one.rating else None
    words = MASKED if masked and one.words else one.words
    return {
        "words": words, "action": MASKED if masked and one.action else one.action, "found": one, "case": case, "kind": one.get_kind_display(), "state": one.get_state_display(), "score": score,
        "source": one.rating.get_source_display() if one.rating else "",
        "tone": {Feedback.NEW: "risk", Feedback.ASSIGNED: "brand"}.get(one.state, "plain"),
    }  # fmt: skip


@require_POST
@asking.tells_refusals
def follow(request: HttpRequest, key: int) -> HttpResponse:
    """Take a piece of feedback in hand, or write what was done about it."""
    at, by = asking.now(), asking.person(request)
    found = Feedback.objects.filter(among(cases_of(by, at)), pk=key).select_related("case").first()
    if found is None:
        raise Http404("没有这条意见，或者它不在你的范围里。")
    action = request.POST.get("action", "")
    if request.POST.get("done"):
        acts.settle(feedback=found, action=action, by=by, at=at)
        messages.success(request, "已记下处理结果")
    else:
        acts.take(feedback=found, by=by, at=at)
        messages.success(request, "这条意见由你跟进")
    return redirect("web:feedback")


@require_http_methods(["GET", "HEAD", "POST"])
@asking.tells_refusals
def enter(request: HttpRequest, number: str) -> HttpResponse:
    """Type in a customer's answers about a case: from the paper form, or given on site."""
    at, by = asking.now(), asking.person(request)
    case = case_for(by, number, at)
    if not asking.masked(request, at, case):
        note_look(by, "case", case.pk, at=at, company_id=case.chain_id)
    require_post(by, *CALLERS, *asked.SERVING, at=at, company_id=case.chain_id, project_id=case.scope_id)
    sheet: Sheet[EntryForm] = Sheet(EntryForm)
    if request.method == "POST":
        given = sheet.take(request)
        if given is not None:
            try:
                rating = asked.rate(
                    case=case, score=given.score.points, solved=given.solved is Solved.YES, items=given.marks.points(),
                    words=given.words, suggestion=given.suggestion, source=given.source.value, by=by, at=at,
                    given_at=min(given.given_at or at, at),
                )  # fmt: skip
            except BadlyFilled as wrong:
                sheet.errors = dict(wrong.errors)
            except Refused as refused:
                sheet.refuse(refused)
            else:
                low = asked.is_low(rating)
                messages.success(request, "已记下评价" + ("；评价低，系统正在登记投诉" if low else ""))
                return redirect("web:case", number)
    return render(
        request,
        "web/care/enter.html",
        {"sheet": sheet, "case": case, "ratings": _ratings_of(case), "items": asked.items_for(case.process)},
        status=sheet.status,
    )


def _ratings_of(case: Case) -> list[Rating]:
    return list(Rating.objects.filter(case=case).select_related("served_by", "taken_by").order_by("-pk")[:10])


@require_safe
@asking.tells_refusals
def paper(request: HttpRequest, number: str) -> HttpResponse:
    """Send the printed survey form of a case (顾客满意度调查表) to those who may take its papers out (E-4.4-b)."""
    at, by = asking.now(), asking.person(request)
    case = case_for(by, number, at)
    require_take_out(by, case, at=at)
    content = print_form("survey", survey_form(case, at))
    return send(content, "application/pdf", f"顾客满意度调查表_{case.number}.pdf", inline=True)


def ratings_of_person(person: Person) -> list[Rating]:
    """Return the latest ratings of an employee's service."""
    return list(
        Rating.objects.filter(served_by=person).select_related("case").order_by("-given_at", "-pk")[:20]
    )


PATHS = [path("", feedback, name="feedback"), path("<int:key>/", follow, name="feedback_follow")]
CASE_PATHS = [path("", enter, name="survey_enter"), path("paper/", paper, name="survey_paper")]
