"""密级: the class of a case and of its files, who may read and take them out, and changing it (E-4.4-b)."""

from __future__ import annotations

from typing import Annotated, Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods
from pydantic import Field

from guiju.kernel.forms import Form, Text
from guiju.kernel.forms import field as ask
from guiju.kernel.refusals import Refused
from guiju.org import posts
from guiju.org.operations.secrecy import classify_case
from guiju.org.people import ROSTER
from guiju.org.secrecy import Secrecy
from guiju.papers.models import AttachmentUse
from guiju.papers.operations.classes import classify_attachment
from guiju.web.access import case_for
from guiju.web.sheet import Sheet
from guiju.web.views import asking

CASES = (Secrecy.PERSONAL, Secrecy.CONFIDENTIAL)


class ClassForm(Form):
    """密级和原因。"""

    secrecy: Text = ask("密级")
    reason: Annotated[str, Field(min_length=2, max_length=200)] = ask("原因")


def _names(codes: frozenset[str]) -> str:
    return "、".join(ROSTER.post_label(code) for code in posts.BY_CODE if code in codes)


def notes() -> list[str]:
    """Say in a line for each class who may do what."""
    readers = _names(posts.MAY_READ_CONFIDENTIAL)
    return [
        "公开、内部：本范围内的岗位都能查看和打印",
        "含个人信息：工作需要的岗位能查看和打印；系统管理员和审计只见遮住的内容，不能打开文件；导出要另一位批准",
        f"机密：由{readers}和经办人查看；只有{readers}能打印和导出；不在别人的列表、检索和登记表里出现",
        f"改为机密由{_names(posts.MAY_CLASSIFY)}办理，解除由{readers}办理，都留记录",
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@asking.tells_refusals
def case_class(request: HttpRequest, number: str) -> HttpResponse:
    """Show the class of a case and of its files; change that of the case."""
    at, by = asking.now(), asking.person(request)
    case = case_for(by, number, at)
    sheet = Sheet(
        ClassForm,
        choices={"secrecy": [(one.value, one.label) for one in CASES]},
        typed={"secrecy": case.secrecy},
    )
    if request.method == "POST":
        given = sheet.take(request)
        if given is not None:
            try:
                classify_case(case=case, secrecy=given.secrecy, reason=given.reason, by=by, at=at)
            except Refused as refused:
                sheet.refuse(refused)
            else:
                messages.success(request, f"{case.number} 的密级改为「{Secrecy(given.secrecy).label}」")
                return redirect("web:case", case.number)
    uses = AttachmentUse.objects.filter(case=case).select_related("attachment").order_by("pk")
    return _page(
        request,
        sheet,
        title=f"{case.number} 的密级",
        lead=f"现在是「{Secrecy(case.secrecy).label}」",
        crumbs=[("事项", reverse("web:cases")), (case.number, reverse("web:case", args=[case.number]))],
        back=reverse("web:case", args=[case.number]),
        below="web/parts/file_classes.html",
        case=case,
        files=list({use.attachment_id: use.attachment for use in uses[:200]}.values()),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@asking.tells_refusals
def file_class(request: HttpRequest, number: str, sha256: str) -> HttpResponse:
    """Show and change the class of one file of a case."""
    at, by = asking.now(), asking.person(request)
    case = case_for(by, number, at)
    use = (
        AttachmentUse.objects.filter(case=case, attachment__sha256=sha256)
        .select_related("attachment")
        .first()
    )
    if use is None:
        raise Http404("本事项没有这个文件。")
    found = use.attachment
    sheet = Sheet(ClassForm, choices={"secrecy": Secrecy.choices}, typed={"secrecy": found.secrecy})
    back = reverse("web:secrecy", args=[case.number])
    if request.method == "POST":
        given = sheet.take(request)
        if given is not None:
            try:
                classify_attachment(
                    attachment=found, case=case, secrecy=given.secrecy, reason=given.reason, by=by, at=at
                )
            except Refused as refused:
                sheet.refuse(refused)
            else:
                messages.success(request, f"文件的密级改为「{Secrecy(given.secrecy).label}」")
                return redirect(back)
    return _page(
        request,
        sheet,
        title="文件的密级",
        lead=f"现在是「{Secrecy(found.secrecy).label}」",
        crumbs=[(case.number, reverse("web:case", args=[case.number])), ("密级", back)],
        back=back,
    )


def _page(request: HttpRequest, sheet: Sheet[Any], **words: Any) -> HttpResponse:
    words |= {"sheet": sheet, "button": "改密级", "notes": notes(), "notes_title": "各密级谁能看"}
    return render(request, "web/ask.html", words, status=sheet.status)
