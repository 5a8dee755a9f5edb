"""补录书面审批: a clerk types in a decision that was signed on paper, with the scan of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from guiju.kernel import approvals, ports
from guiju.kernel.models import ApprovalRequest, Case, Vote
from guiju.kernel.process import process_of
from guiju.kernel.refusals import BadlyFilled
from guiju.org import posts
from guiju.org.models import Person
from guiju.papers.operations.votes import vote_on_paper
from guiju.web.access import case_for
from guiju.web.views import asking
from guiju.web.views.receivables import one_of

DECISIONS = {Vote.YES: "同意", Vote.RETURN: "退回修改", Vote.NO: "不同意"}


def _seats(found: ApprovalRequest, case: Case, at: datetime) -> dict[str, str]:
    """Return who may have decided, by post and person: the holders of the seats that are open now."""
    barred = {found.requested_by, *ports.people().delegates_of(found.requested_by, at=at)}
    seats = {}
    for seat in approvals.open_seats(found):
        holders = ports.people().holders(
            seat["post"], company_id=case.chain_id, project_id=case.scope_id, at=at
        )
        for person in Person.objects.filter(pk__in=set(holders) - barred).order_by("name", "pk"):
            seats[f"{seat['post']}:{person.pk}"] = f"{posts.label(seat['post'])} {person.name}"
    return seats


@require_http_methods(["GET", "HEAD", "POST"])
@asking.tells_refusals
def paper_vote(request: HttpRequest, number: str) -> HttpResponse:
    """Show the form for a decision on paper, and enter it."""
    at, by = asking.now(), asking.person(request)
    case = case_for(by, number, at)
    found = case.requests.filter(state=ApprovalRequest.PENDING).first()
    if found is None:
        messages.info(request, "这个事项没有在审批的申请")
        return redirect("web:case", number)
    seats = _seats(found, case, at)
    wrong: dict[str, str] = {}
    if request.method == "POST":
        try:
            _take(request, found, seats, by, at)
        except BadlyFilled as refused:
            wrong = dict(refused.errors)
        else:
            messages.success(request, "书面意见已补录")
            return redirect("web:case", number)
    step = process_of(case.process).step(found.step)
    context: dict[str, Any] = {
        "case": case, "what": step.label if step is not None else found.step, "seats": seats, "decisions": DECISIONS,
        "wrong": wrong, "given": request.POST,
    }  # fmt: skip
    return render(request, "web/seals/paper_vote.html", context, status=422 if wrong else 200)


def _take(
    request: HttpRequest, found: ApprovalRequest, seats: dict[str, str], by: Person, at: datetime
) -> None:
    chosen = one_of(request, "seat", "审批人", seats)
    decision = one_of(request, "decision", "意见", DECISIONS)
    upload = request.FILES.get("file")
    if upload is None:
        raise BadlyFilled({"file": "签字件扫描：必填"})
    post, _, person = chosen.partition(":")
    voter = Person.objects.filter(company_id=by.company_id).get(pk=int(person))
    vote_on_paper(
        request=found, decision=decision, reason=request.POST.get("reason", "").strip(), voter=voter, post=post,
        scan=upload.read(), name=upload.name or "", by=by, at=at,
    )  # fmt: skip
