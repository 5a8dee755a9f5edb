"""Uploads: files are handed in first, acts then name them by their sha256 (DECISIONS 16)."""

from __future__ import annotations

from typing import Annotated, Literal

from django.http import HttpResponse
from django.utils import timezone
from ninja import File, Form, Router
from ninja.files import UploadedFile
from pydantic import Field

from guiju.api import shapes
from guiju.api.access import project_named
from guiju.api.door import ApiRequest
from guiju.api.problems import response, written
from guiju.kernel.refusals import NotYourPost
from guiju.org.gates import reads_only
from guiju.papers.operations.attachments import store

router = Router(tags=["附件"])


@router.post("/attachments", response={201: shapes.FileSaid}, summary="上传附件")
def upload(
    request: ApiRequest,
    file: File[UploadedFile],
    kind: Annotated[Literal["", "photo", "scan", "document", "signature"], Form("")] = "",
    project: Annotated[
        str | None, Field(min_length=1, max_length=60, pattern=shapes.PLAIN), Form(None)
    ] = None,
    secrecy: Annotated[
        Literal["open", "internal", "personal", "confidential"], Form("personal")
    ] = "personal",
) -> HttpResponse:
    """Take a file in. The same content twice is one attachment; one that no act takes up is deleted after 7 days."""
    by, at = request.auth, timezone.now()
    if reads_only(by, at=at):
        raise NotYourPost("你没有可以办理的岗位，不能上传附件")
    company = project_named(by, project, at).company if project is not None else by.company
    kept = store(
        file=file.read(), name=file.name or "", kind=kind, secrecy=secrecy, by=by, at=at, company=company
    )
    return response(
        201,
        written(
            {
                "sha256": kept.sha256,
                "name": kept.name,
                "mime": kept.mime,
                "size": kept.size,
                "kind": kept.kind,
                "secrecy": kept.secrecy,
            }
        ),
    )
