"""责任单位维修: a contractor's worker sees the work, takes it on and reports it done; a code by SMS at the door."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from guiju.kernel import engine
from guiju.kernel.models import Case, Event
from guiju.kernel.process import process_of
from guiju.kernel.refusals import BadlyFilled, Refused
from guiju.notify.links import LinkClosed
from guiju.notify.models import Link
from guiju.papers.models import Attachment
from guiju.papers.operations.attachments import MOST_BYTES, UnableToStore, keep_content
from guiju.portal.pages import page
from guiju.quality.following import CONTRACTOR
from guiju.quality.models import ContractorWork

MOST_PHOTOS = 9
ACTS = {"accept": ("by_whom", "starts_date", "words"), "report": ("words", "test", "passed")}


@page(CONTRACTOR, with_code=True)
def work(request: HttpRequest, link: Link) -> HttpResponse:
    """Show the work; on POST take it on, or report it done. The house inspects and settles it."""
    row = (
        ContractorWork.objects.select_related("case", "unit__building", "unit__project")
        .filter(case=link.case)
        .first()
    )
    if row is None:
        raise LinkClosed("这个链接没有对应的维修任务，请联系发给您链接的工作人员。")
    case, errors, typed = row.case, {}, {}
    act, key = request.POST.get("act", ""), _key(request.POST.get("key", ""))
    if key is not None and Event.objects.filter(case=case, key=key).exists():
        # Pressed twice: the first press did it.
        return redirect("portal:door", token=link.token)
    if request.method == "POST" and act in ACTS and not _may(row)[act]:
        # Whoever was replaced, or refused, reports nothing about what others do now.
        errors = {"": "现在没有要您办的事，请联系发给您链接的工作人员。"}
    elif request.method == "POST" and act in ACTS:
        typed = {name: request.POST.get(name, "").strip() for name in ACTS[act]}
        given: dict[str, Any] = {name: value for name, value in typed.items() if value}
        try:
            if act == "report":
                given["passed"] = typed["passed"] == "on"
                if photos := _photos(request, case):
                    given["photos"] = photos
            engine.advance(case, act, by=None, at=timezone.now(), given=given, key=key)
        except BadlyFilled as wrong:
            errors = {name: text.split("：", 1)[-1] for name, text in wrong.errors.items()}
        except Refused as refused:
            errors = {"": "；".join(reason.text for reason in refused.reasons) or str(refused)}
        else:
            return redirect("portal:door", token=link.token)
        case.refresh_from_db()
    return render(
        request,
        "portal/contractor.html",
        {
            "link": link,
            "row": row,
            "number": case.number,
            "state": process_of(case.process).state(case.state).label,
            "may_accept": _may(row)["accept"],
            "may_report": _may(row)["report"],
            "typed": typed,
            "key": key or uuid4(),
            "errors": errors,
        },
        status=422 if errors else 200,
    )


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _photos(request: HttpRequest, case: Case) -> list[str]:
    """
    Keep the pictures that came along, and return their digests.

    :raises UnableToStore: one is empty, too large, or no picture.
    """
    found = []
    for file in request.FILES.getlist("photos")[:MOST_PHOTOS]:
        if (file.size or 0) > MOST_BYTES:
            raise UnableToStore(f"{file.name} 太大，一张最多 {MOST_BYTES // 1024 // 1024} MB")
        kept = keep_content(
            content=file.read(), name=file.name or "", kind="", secrecy=Attachment.Secrecy.PERSONAL,
            company_id=case.chain_id, by=None, at=timezone.now(),
        )  # fmt: skip
        if kept.kind != Attachment.Kind.PHOTO:
            raise UnableToStore("请上传照片")
        found.append(kept.sha256)
    return found


def _may(row: ContractorWork) -> dict[str, bool]:
    """Return what the contractor may do now: take on what was given to it, report what it does itself."""
    return {
        "accept": row.case.state == "dispatched",
        "report": row.case.state == "working" and not row.third_party,
    }
