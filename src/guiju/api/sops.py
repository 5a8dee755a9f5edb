"""The library of standard operating procedures, as it is in force today."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import Http404, HttpResponse
from django.utils import timezone
from ninja import Path, Router
from pydantic import Field

from guiju.api import shapes
from guiju.api.door import ApiRequest
from guiju.api.problems import response, written
from guiju.sop.models import day_of
from guiju.sop.queries import Shelved, library

router = Router(tags=["作业标准书"])


@router.get("/sops", response=shapes.SopList, summary="列出作业标准书")
def list_sops(request: ApiRequest) -> HttpResponse:
    """List the SOPs of the person's company with the version in force."""
    shelf = library(company_id=request.auth.company_id, on=day_of(timezone.now()))
    return response(200, written({"items": [_sop(shelved) for shelved in shelf]}))


@router.get("/sops/{code}", response=shapes.SopWhole, summary="读一份作业标准书")
def read_sop(
    request: ApiRequest,
    code: Annotated[str, Field(min_length=1, max_length=20, pattern=shapes.PLAIN), Path()],
) -> HttpResponse:
    """Return an SOP with what its version in force says: words, posts, control points, limits, clauses."""
    shelf = library(company_id=request.auth.company_id, on=day_of(timezone.now()))
    found = next((shelved for shelved in shelf if shelved.document.code == code), None)
    if found is None:
        raise Http404(f"没有编号为 {code} 的作业标准书")
    content = found.in_force.content if found.in_force is not None else None
    return response(200, written({**_sop(found), "content": content}))


def _sop(shelved: Shelved) -> dict[str, Any]:
    version, coming = shelved.in_force, shelved.coming
    return {
        "code": shelved.document.code,
        "title": shelved.document.title,
        "kind": shelved.document.kind,
        "process": shelved.document.process,
        "department": shelved.document.department,
        "version": version.number if version else None,
        "effective_date": version.effective_date if version else None,
        "coming_version": coming.number if coming else None,
        "coming_date": coming.effective_date if coming else None,
    }
