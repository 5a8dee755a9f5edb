"""职位说明书: one post's description, written in versions and signed by head and holder."""

from __future__ import annotations

from typing import Annotated, Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from pydantic import Field

from guiju.kernel.forms import Form, LongText, Money, Text
from guiju.kernel.forms import field as ask
from guiju.org.gates import holds_post, require_administrator
from guiju.org.models import Contact, DescribedDuty, Establishment, JobDescription
from guiju.org.operations.descriptions import (
    DescriptionText,
    DutyText,
    UnableToDraftDescription,
    UnableToSignDescription,
    draft_description,
    sign_description,
)
from guiju.org.queries import headcounts, mismatches, subordinates
from guiju.web import formats, staffroom
from guiju.web.sheet import Sheet
from guiju.web.views import asking
from guiju.web.views.establishments import Count, establishment_of
from guiju.web.views.revising import Labelled


class Degree(Labelled):
    """How far somebody answers for a duty."""

    FULL = DescribedDuty.Degree.FULL.value, "全责"
    SHARED = DescribedDuty.Degree.SHARED.value, "部分责任"
    SUPPORT = DescribedDuty.Degree.SUPPORT.value, "协助"


class DutyForm(Form):
    """职责。"""

    duty: Annotated[str, Field(min_length=1, max_length=200)] = ask("职责范围")
    degree: Degree = ask("负责程度", default=Degree.FULL)
    kpi: Text = ask("考核指标（KPI）", default="")
    kpi_code: Text = ask("系统指标代码", default="", help="有对应的系统指标才填")


class DescriptionForm(Form):
    """职位说明书。"""

    holder: Text = ask("任职人", default="")
    change_note: Text = ask("修订说明", default="")
    education: Annotated[str, Field(max_length=100)] = ask("学历", default="")
    experience: Text = ask("经历", default="")
    knowledge: LongText = ask("专业知识", default="")
    business_scope: LongText = ask("业务了解范围", default="")
    purpose: LongText = ask("职位目的（目标）", default="")
    authority: LongText = ask("职位目的（权限）", default="")
    internal: list[str] = ask("内部沟通对象", default_factory=list, help="一行一个")
    external: list[str] = ask("外部沟通对象", default_factory=list, help="一行一个")
    subordinates_stated: Count | None = ask("下属人数", default=None, unit="人")
    direct_stated: Count | None = ask("直接下属", default=None, unit="人")
    indirect_stated: Count | None = ask("间接下属", default=None, unit="人")
    managers_stated: Count | None = ask("其中经理", default=None, unit="人")
    professionals_stated: Count | None = ask("其中专业人员", default=None, unit="人")
    others_stated: Count | None = ask("其中其他", default=None, unit="人")
    sales_volume: Money | None = ask("销售额", default=None)
    profit: Money | None = ask("利润", default=None)
    staff_total: Count | None = ask("职员总数", default=None, unit="人")
    duties: Annotated[list[DutyForm], Field(max_length=40)] = ask("职责", default_factory=list)


_PLAIN = (
    "education", "experience", "knowledge", "business_scope", "purpose", "authority", "subordinates_stated",
    "direct_stated", "indirect_stated", "managers_stated", "professionals_stated", "others_stated", "sales_volume",
    "profit", "staff_total",
)  # fmt: skip


@require_safe
def description(request: HttpRequest, key: int) -> HttpResponse:
    """Show the job description of a post, the version named or the newest, with both signatures."""
    return _description(request, establishment_of(request, key))


def _description(request: HttpRequest, found: Establishment, *, refused: str = "") -> HttpResponse:
    at, by = asking.now(), asking.person(request)
    versions = list(found.descriptions.select_related("holder", "compiled_by").order_by("-version"))
    wanted = request.GET.get("version", "")
    shown = next((row for row in versions if str(row.version) == wanted), versions[0] if versions else None)
    if wanted and shown is not None and str(shown.version) != wanted:
        raise Http404("没有这一版职位说明书。")
    superior = found.post.superior
    as_superior = superior is not None and holds_post(by, superior.code, company_id=found.company_id, at=at)
    newest = shown is not None and shown.pk == versions[0].pk
    contacts: dict[str, list[str]] = {side: [] for side in Contact.Side.values}
    if shown is not None:
        for contact in shown.contacts.order_by("pk"):
            contacts[contact.side].append(contact.name)
    return render(
        request,
        "web/people/description.html",
        {
            "establishment": found,
            "shown": shown,
            "versions": versions,
            "counted": subordinates(found.post, found.company),
            "wrong": mismatches(shown) if shown is not None else [],
            "duties": list(shown.duties.order_by("position")) if shown is not None else [],
            "internal": contacts[Contact.Side.INTERNAL],
            "external": contacts[Contact.Side.EXTERNAL],
            "may": staffroom.may_administer(by, at),
            "signs_as_holder": bool(
                newest and shown and by.pk == shown.holder_id and not shown.holder_signed_at
            ),
            "signs_as_superior": bool(
                newest and shown and as_superior and by.pk != shown.holder_id and not shown.superior_signed_at
            ),
            "newest": newest,
            "refused": refused,
        },
        status=422 if refused else 200,
    )


@require_POST
@asking.tells_refusals
def sign(request: HttpRequest, key: int) -> HttpResponse:
    """Sign the newest job description of a post, as its holder or as the direct superior."""
    at, by = asking.now(), asking.person(request)
    found = establishment_of(request, key)
    shown = found.descriptions.filter(version=formats.whole(request.POST.get("version", "")) or 0).first()
    if shown is None:
        raise Http404("没有这一版职位说明书。")
    try:
        sign_description(description=shown, by=by, at=at)
    except UnableToSignDescription as refused:
        return _description(request, found, refused=str(refused))
    messages.success(request, f"已签「{found.post.name}」职位说明书第 {shown.version} 版")
    return redirect("web:description", key)


def _typed(shown: JobDescription | None) -> dict[str, Any]:
    if shown is None:
        return {}
    typed: dict[str, Any] = {
        name: getattr(shown, name) for name in _PLAIN if getattr(shown, name) not in (None, "")
    }
    typed["holder"] = shown.holder_id or ""
    typed["duties"] = [
        {"duty": row.duty, "degree": row.degree, "kpi": row.kpi, "kpi_code": row.kpi_code}
        for row in shown.duties.order_by("position")
    ]
    for side in Contact.Side.values:
        typed[side] = [row.name for row in shown.contacts.order_by("pk") if row.side == side]
    return typed


@require_http_methods(["GET", "HEAD", "POST"])
@asking.tells_refusals
def describe(request: HttpRequest, key: int) -> HttpResponse:
    """Write the next version of a post's job description; earlier ones stay as they were signed."""
    at, by = asking.now(), asking.person(request)
    found = establishment_of(request, key)
    require_administrator(by, company_id=found.company_id, at=at)
    newest = found.descriptions.order_by("-version").first()
    holders = next(
        (one.holders for one in headcounts(found.company, at=at) if one.establishment.pk == found.pk), ()
    )
    sheet = Sheet(
        DescriptionForm,
        choices={"holder": [("", "暂不指定"), *((str(one.pk), one.name) for one in holders)]},
        typed=_typed(newest),
    )
    back = reverse("web:description", args=[key])
    if request.method == "POST":
        given = sheet.take(request)
        if given is not None:
            text = DescriptionText(
                **{name: getattr(given, name) for name in _PLAIN},
                change_note=given.change_note,
                internal=tuple(dict.fromkeys(given.internal)),
                external=tuple(dict.fromkeys(given.external)),
                duties=tuple(
                    DutyText(row.duty, row.degree.value, row.kpi, row.kpi_code) for row in given.duties
                ),
            )
            holder = next((one for one in holders if str(one.pk) == given.holder), None)
            try:
                made = draft_description(establishment=found, text=text, by=by, at=at, holder=holder)
            except UnableToDraftDescription as refused:
                sheet.refuse(refused)
            else:
                messages.success(request, f"已写好第 {made.version} 版，请任职人和直接上级签字")
                return redirect(back)
    counted = subordinates(found.post, found.company)
    return render(
        request,
        "web/ask.html",
        {
            "title": f"「{found.post.name}」职位说明书第 {(newest.version if newest else 0) + 1} 版",
            "lead": f"{found.company.name} {found.department.name} 职位编号 {found.number}",
            "crumbs": [("人员", reverse("web:people")), ("岗位和编制", reverse("web:establishments")), (found.post.name, back)],
            "sheet": sheet,
            "button": "写好这一版",
            "back": back,
            "notes": [
                "单位、职位、部门、组、直接上级和编号从岗位设置带出",
                f"组织图上：下属 {counted.total} 人，直接 {counted.direct}，间接 {counted.indirect}",
                f"其中经理 {counted.managers}，专业人员 {counted.professionals}，其他 {counted.others}",
                "任职人和直接上级都签字才算生效，签过的版本不再改",
            ],
            "notes_title": "对照",
        },
        status=sheet.status,
    )  # fmt: skip
