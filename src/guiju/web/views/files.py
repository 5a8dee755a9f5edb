"""Files in and out: upload before an act, and download through the gate of what they belong to."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST, require_safe

from guiju.kernel.refusals import NotYourPost, Refused
from guiju.org.gates import scope_of
from guiju.org.models import Person
from guiju.org.operations.looks import note_look
from guiju.org.secrecy import Secrecy, may_open, reads_confidential, require_take_out, works_on
from guiju.papers.models import Attachment, AttachmentUse
from guiju.web import uploads
from guiju.web.access import paper_for
from guiju.web.views import asking


@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Take one file in and name it by its digest."""
    file = request.FILES.get("file")
    if file is None:
        return JsonResponse({"words": "没有收到文件，请重新选择"}, status=422)
    try:
        kept = uploads.take(file, by=asking.person(request), at=asking.now())
    except Refused as refused:
        return JsonResponse({"words": str(refused)}, status=refused.status)
    return JsonResponse({"sha256": kept.sha256, "name": kept.name, "size": kept.size}, status=201)


def _seen(request: HttpRequest, sha256: str) -> Attachment:
    """
    Return an attachment that the person uploaded, or that belongs to a case in the person's scope.

    :raises Http404: there is none.
    """
    at, by = asking.now(), asking.person(request)
    scope = scope_of(by, at=at)
    own = Q(uploaded_by=by)
    of_case = (
        scope.q("uses__case__chain_id", "uses__case__scope_id") & Q(uses__case__isnull=False)
        if scope
        else Q(pk__in=[])
    )
    found = Attachment.objects.filter(own | of_case, sha256=sha256).distinct().first()
    if found is not None and found.uploaded_by_id != by.pk:
        # At least one of the cases that took it up must be open to the reader.
        uses = AttachmentUse.objects.filter(attachment=found, case__isnull=False).select_related("case")
        if not any(may_open(by, use.case, at=at) for use in uses[:50] if use.case is not None):
            found = None
    if found is None:
        raise Http404("没有这个附件，或者它不在你的范围里。")
    return found


def send(content: bytes, mime: str, name: str, *, inline: bool) -> HttpResponse:
    answer = HttpResponse(content, content_type=mime)
    place = "inline" if inline else "attachment"
    answer["Content-Disposition"] = f"{place}; filename*=UTF-8''{quote(name)}"
    answer["Cache-Control"] = "private, max-age=3600"
    answer["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return answer


def _require_read(request: HttpRequest, found: Attachment) -> None:
    """
    Let only those pass whom the class of the file lets read it (E-4.4-b): whoever brought it, or who may by post.

    :raises NotYourPost: the reader may not; says why.
    """
    at, by = asking.now(), asking.person(request)
    if found.uploaded_by_id == by.pk or found.secrecy in (Secrecy.OPEN, Secrecy.INTERNAL):
        return
    if asking.masked(request, at, found):
        raise NotYourPost("文件上有客户的姓名、证件和金额，你的岗位不接触")
    if found.secrecy == Secrecy.CONFIDENTIAL and not _reads(by, found, at):
        raise NotYourPost("这份文件是机密，由经办人和有权的岗位查看")


def _reads(by: Person, found: Attachment, at: datetime) -> bool:
    """Whether the person reads confidential files here, or works on a case that took this one up."""
    if reads_confidential(by, company_id=found.company_id, project_id=None, at=at):
        return True
    uses = AttachmentUse.objects.filter(attachment=found, case__isnull=False).select_related("case")
    cases = [use.case for use in uses[:20] if use.case is not None]
    return any(
        works_on(by, case, at=at)
        or reads_confidential(by, company_id=case.chain_id, project_id=case.scope_id, at=at)
        for case in cases
        if may_open(by, case, at=at)
    )


@require_safe
@asking.tells_refusals
def attachment(request: HttpRequest, sha256: str) -> HttpResponse:
    """Send a file; ``?small=1`` sends the small copy of a picture."""
    found = _seen(request, sha256)
    _require_read(request, found)
    if request.GET.get("small") and found.small:
        # The page that shows the small copies has noted its own look.
        return send(found.read_small(), "image/jpeg", found.name, inline=True)
    by = asking.person(request)
    if found.uploaded_by_id != by.pk and found.secrecy not in (Secrecy.OPEN, Secrecy.INTERNAL):
        note_look(by, "file", found.pk, at=asking.now(), company_id=found.company_id)
    return send(
        found.read(),
        found.mime,
        found.name,
        inline=found.mime in ("application/pdf",) or found.mime.startswith("image/"),
    )


@require_safe
@asking.tells_refusals
def paper(request: HttpRequest, key: int) -> HttpResponse:
    """Send a printed paper of a case in the person's scope: to those who may take such papers out (E-4.4-b)."""
    at, by = asking.now(), asking.person(request)
    found = paper_for(by, key, at)
    assert found.case is not None
    require_take_out(by, found.case, at=at)
    note_look(by, "paper", found.pk, at=at, company_id=found.case.chain_id)
    name = f"{found.title} {found.number}".strip()
    return send(found.file.read(), "application/pdf", f"{name}.pdf", inline=True)
