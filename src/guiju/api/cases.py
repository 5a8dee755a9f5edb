"""Cases: open, read, list, take a step, and the acts beside the steps."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from ninja import Path, Query, Router
from pydantic import Field

from guiju.api import reading, shapes
from guiju.api.access import (
    BIGGEST,
    case_for,
    cases_of,
    customer_for,
    project_named,
    unit_for,
    unit_named,
)
from guiju.api.answering import IdempotencyKey, after, carried_out
from guiju.api.door import ApiRequest
from guiju.api.problems import response, written
from guiju.kernel import acts, engine
from guiju.kernel.models import CaseLink
from guiju.kernel.process import processes
from guiju.kernel.refusals import BadlyFilled, Refused
from guiju.org.operations.secrecy import classify_case
from guiju.sop.operations.slips import note_slip

router = Router(tags=["事项"])

Number = Annotated[str, Field(min_length=1, max_length=40, pattern=shapes.PLAIN), Path()]
After = Annotated[int | None, Field(ge=0, le=BIGGEST), Query(None, description="上一页的 next")]
Limit = Annotated[int, Field(ge=1, le=200), Query(50, description="每页几条")]
Text = Annotated[str | None, Field(min_length=1, max_length=60, pattern=shapes.PLAIN)]


@router.post("/cases", response={201: shapes.CaseWhole}, summary="开始一个事项")
def open_case(request: ApiRequest, wanted: shapes.OpenCase, key: IdempotencyKey = None) -> HttpResponse:
    """Open a case of a process, about a unit or in a project. The numbers and the clocks come with the answer."""
    by, at = request.auth, timezone.now()

    def act() -> dict[str, Any]:
        if wanted.process not in processes():
            raise BadlyFilled({"process": f"没有「{wanted.process}」这个流程"})
        project = project_named(by, wanted.project, at) if wanted.project is not None else None
        company_id, scope_id, links = by.company_id, None, []
        if project is not None:
            company_id, scope_id = project.company_id, project.pk
        if wanted.unit is not None:
            unit = unit_named(by, wanted.unit, project, at)
            company_id, scope_id, links = unit.project.company_id, unit.project_id, [("unit", unit.pk)]
        event = engine.open_case(
            wanted.process, by=by, at=at, given=wanted.given, chain_id=company_id, scope_id=scope_id, links=links,
            key=_uuid(wanted.key),
        )  # fmt: skip
        return after(request, event.case_id, at)

    return carried_out(request, key, act, status=201, at=at)


@router.get("/cases", response=shapes.CasePage, summary="列出事项")
def list_cases(
    request: ApiRequest,
    process: Text = None,
    state: Text = None,
    unit: Annotated[int | None, Field(ge=1, le=BIGGEST)] = None,
    customer: Annotated[int | None, Field(ge=1, le=BIGGEST)] = None,
    project: Text = None,
    open: Annotated[bool | None, Query(None, description="true：未结束；false：已结束")] = None,
    after: After = None,
    limit: Limit = 50,
) -> HttpResponse:
    """List the cases in the person's scope, the newest first."""
    by, at = request.auth, timezone.now()
    rows = cases_of(by, at)
    if process is not None:
        rows = rows.filter(process=process)
    if state is not None:
        rows = rows.filter(state=state)
    if unit is not None:
        rows = rows.filter(links__kind="unit", links__key=unit_for(by, unit, at).pk)
    if customer is not None:
        rows = rows.filter(
            pk__in=CaseLink.objects.filter(kind="customer", key=customer_for(by, customer, at).pk).values(
                "case"
            )
        )
    if project is not None:
        rows = rows.filter(scope_id=project_named(by, project, at).pk)
    if open is not None:
        rows = rows.filter(closed_at__isnull=open)
    if after is not None:
        rows = rows.filter(pk__lt=after)
    found = list(rows.order_by("-pk")[: limit + 1])
    known = reading.about(found)
    said = ({**reading.brief(case, known), "_key": case.pk} for case in found)
    return response(200, written(reading.page(said, limit=limit, key="_key")))


@router.get("/cases/{number}", response=shapes.CaseWhole, summary="读一个事项")
def read_case(request: ApiRequest, number: Number) -> HttpResponse:
    """Return a case with its clocks, what may be done now and why the rest may not, and what happened."""
    at = timezone.now()
    return response(200, written(reading.whole(case_for(request.auth, number, at), by=request.auth, at=at)))


@router.get("/cases/{number}/events", response=shapes.EventPage, summary="读一个事项的经过")
def read_story(request: ApiRequest, number: Number, after: After = None, limit: Limit = 50) -> HttpResponse:
    """Return what happened on a case, the oldest first."""
    case = case_for(request.auth, number, timezone.now())
    said = reading.story(case, after=after or 0, limit=limit)
    return response(200, written(reading.page(said, limit=limit, key="seq")))


@router.post("/cases/{number}/steps/{step}", response=shapes.CaseWhole, summary="办理一步")
def take_step(
    request: ApiRequest,
    number: Number,
    step: Annotated[str, Field(min_length=1, max_length=60, pattern=shapes.PLAIN), Path()],
    wanted: shapes.TakeStep,
    key: IdempotencyKey = None,
) -> HttpResponse:
    """
    Take a step through the one door and return the case as it is now.

    If the SOP asks for an approval, the step is requested instead: ``approval`` says who decides, the state stays.
    """
    by, at = request.auth, timezone.now()

    def act() -> dict[str, Any]:
        case = case_for(by, number, at)
        try:
            event = engine.advance(
                case, step, by=by, at=at, given=wanted.given, version=wanted.version, key=_uuid(wanted.key)
            )
        except Refused as refused:
            note_slip(case=case, step=step, refused=refused, by=by, at=at)
            raise
        return after(request, event.case_id, at)

    return carried_out(request, key, act, status=200, at=at)


@router.post("/cases/{number}/secrecy", response=shapes.CaseWhole, summary="改密级")
def classify(
    request: ApiRequest, number: Number, wanted: shapes.Classify, key: IdempotencyKey = None
) -> HttpResponse:
    """Make a case confidential, or ordinary again; who may do which is said in the refusal."""
    by, at = request.auth, timezone.now()

    def act() -> dict[str, Any]:
        case = case_for(by, number, at)
        event = classify_case(case=case, secrecy=wanted.secrecy, reason=wanted.reason, by=by, at=at)
        return after(request, event.case_id, at)

    return carried_out(request, key, act, status=200, at=at)


@router.post("/cases/{number}/notes", response={201: shapes.CaseWhole}, summary="写备注")
def write_note(
    request: ApiRequest, number: Number, wanted: shapes.WriteNote, key: IdempotencyKey = None
) -> HttpResponse:
    """Write a note on a case."""
    by, at = request.auth, timezone.now()

    def act() -> dict[str, Any]:
        event = acts.note(
            case_for(by, number, at), text=wanted.text, to_customer=wanted.to_customer, by=by, at=at,
            key=_uuid(wanted.key),
        )  # fmt: skip
        return after(request, event.case_id, at)

    return carried_out(request, key, act, status=201, at=at)


@router.post("/cases/{number}/ticks", response=shapes.CaseWhole, summary="办控制要点")
def deal_with_point(
    request: ApiRequest, number: Number, wanted: shapes.DealWithPoint, key: IdempotencyKey = None
) -> HttpResponse:
    """Deal with a control point before its step is taken; an empty value takes it back."""
    by, at = request.auth, timezone.now()

    def act() -> dict[str, Any]:
        case = case_for(by, number, at)
        event = acts.tick(case, wanted.step, wanted.point, value=wanted.value, by=by, at=at)
        return after(request, event.case_id, at)

    return carried_out(request, key, act, status=200, at=at)


@router.post("/cases/{number}/overrides", response={201: shapes.CaseWhole}, summary="放行控制要点")
def override_point(
    request: ApiRequest, number: Number, wanted: shapes.Override, key: IdempotencyKey = None
) -> HttpResponse:
    """Free a control point for one attempt; leaves a deviation record. Whoever frees it does not take the step."""
    by, at = request.auth, timezone.now()

    def act() -> dict[str, Any]:
        case = case_for(by, number, at)
        event = acts.override(case, wanted.step, wanted.point, reason=wanted.reason, by=by, at=at)
        return after(request, event.case_id, at)

    return carried_out(request, key, act, status=201, at=at)


def _uuid(text: str | None) -> UUID | None:
    return UUID(text) if text else None
