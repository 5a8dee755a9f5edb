"""Approvals: what waits for a decision, and deciding it."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpResponse
from django.utils import timezone
from ninja import Path, Query, Router
from pydantic import Field

from guiju.api import reading, shapes
from guiju.api.access import BIGGEST, colleague, request_for, requests_of, waiting_for
from guiju.api.answering import IdempotencyKey, after, carried_out
from guiju.api.cases import After, Limit
from guiju.api.door import ApiRequest
from guiju.api.problems import response, written
from guiju.kernel import acts
from guiju.kernel.models import ApprovalRequest

router = Router(tags=["审批"])

Key = Annotated[int, Field(ge=1, le=BIGGEST), Path()]


@router.get("/approvals", response=shapes.ApprovalPage, summary="列出审批")
def list_approvals(
    request: ApiRequest,
    mine: Annotated[bool, Query(False, description="true：只列等我审批的")] = False,
    after: After = None,
    limit: Limit = 50,
) -> HttpResponse:
    """List the approvals under way in the person's scope, the newest first."""
    by, at = request.auth, timezone.now()
    rows = requests_of(by, at).filter(state__in=[ApprovalRequest.PENDING, ApprovalRequest.RETURNED])
    if mine:
        rows = rows.filter(pk__in=waiting_for(by, at))
    if after is not None:
        rows = rows.filter(pk__lt=after)
    rows = rows.select_related("case").prefetch_related("votes").order_by("-pk")
    chosen: list[ApprovalRequest] = []
    for found in rows.iterator(chunk_size=200) if mine else rows[: limit + 1]:
        if not mine or reading.may_decide(found, by=by, at=at):
            chosen.append(found)
        if len(chosen) > limit:
            break
    return response(200, written(reading.page(reading.approvals_said(chosen), limit=limit, key="id")))


@router.get("/approvals/{approval}", response=shapes.ApprovalSaid, summary="读一个审批")
def read_approval(request: ApiRequest, approval: Key) -> HttpResponse:
    """Return an approval request with its seats."""
    found = request_for(request.auth, approval, timezone.now())
    return response(200, written(reading.approvals_said([found])[0]))


@router.post("/approvals/{approval}/votes", response=shapes.CaseWhole, summary="审批")
def decide(
    request: ApiRequest, approval: Key, wanted: shapes.CastVote, key: IdempotencyKey = None
) -> HttpResponse:
    """Decide a seat. The last yes takes the step; ``on_paper`` enters a decision that was signed on paper (补录)."""
    by, at = request.auth, timezone.now()

    def act() -> dict[str, Any]:
        found = request_for(by, approval, at)
        voter, clerk, scan = by, None, ""
        if wanted.on_paper is not None:
            voter, clerk, scan = colleague(by, wanted.on_paper.person), by, wanted.on_paper.sha256
        acts.vote(
            found.pk, decision=wanted.decision, by=voter, at=at, reason=wanted.reason, post=wanted.post,
            paper_sha256=scan, recorded_by=clerk,
        )  # fmt: skip
        return after(request, found.case_id, at)

    return carried_out(request, key, act, status=200, at=at)


@router.post("/approvals/{approval}/resubmission", response=shapes.CaseWhole, summary="修改后重新申请")
def ask_again(
    request: ApiRequest, approval: Key, wanted: shapes.AskAgain, key: IdempotencyKey = None
) -> HttpResponse:
    """Answer a returned request with changed content: the same request, its next round."""
    by, at = request.auth, timezone.now()

    def act() -> dict[str, Any]:
        found = request_for(by, approval, at)
        acts.resubmit(found.pk, given=wanted.given, by=by, at=at)
        return after(request, found.case_id, at)

    return carried_out(request, key, act, status=200, at=at)


@router.post("/approvals/{approval}/withdrawal", response=shapes.CaseWhole, summary="撤回申请")
def take_back(
    request: ApiRequest, approval: Key, wanted: shapes.TakeBack, key: IdempotencyKey = None
) -> HttpResponse:
    """Take back one's own request; the case goes on as if it had not been made."""
    by, at = request.auth, timezone.now()

    def act() -> dict[str, Any]:
        found = request_for(by, approval, at)
        acts.withdraw(found.pk, reason=wanted.reason, by=by, at=at)
        return after(request, found.case_id, at)

    return carried_out(request, key, act, status=200, at=at)
