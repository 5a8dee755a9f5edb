"""项目: the projects of the reader's scope, what they are, and their service centres; changed by an administrator."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe
from pydantic import Field

from guiju.estate.models import Project, Unit
from guiju.estate.operations.projects import FIELDS, UnableToDescribeProject, describe_project
from guiju.kernel.forms import Form
from guiju.kernel.forms import field as ask
from guiju.org.gates import holds_post, require_administrator
from guiju.org.posts import MAY_ADMINISTER
from guiju.web.access import projects_of
from guiju.web.sheet import Sheet
from guiju.web.views import asking

Short = Annotated[str, Field(max_length=60)]
Line = Annotated[str, Field(max_length=200)]


class Kind(Enum):
    """What a project is."""

    RESIDENTIAL = "residential"
    OFFICE = "office"

    @property
    def label(self) -> str:
        """As people call it."""
        return dict(Project.KINDS)[self.value]


class ProjectForm(Form):
    """项目资料。"""

    name: Annotated[str, Field(min_length=1, max_length=60)] = ask("项目名称")
    kind: Kind = ask("类型", default=Kind.RESIDENTIAL)
    service_centre: Annotated[str, Field(min_length=1, max_length=60)] = ask("项目服务中心")
    city: Annotated[str, Field(max_length=40)] = ask("城市", default="")
    address: Line = ask("地址", default="")
    signing_place: Line = ask("签约地点", default="")
    escrow_bank: Annotated[str, Field(max_length=100)] = ask("监管银行", default="")
    escrow_account: Short = ask("监管账号", default="")
    seller_address: Line = ask("出卖人地址", default="")
    seller_qualification: Annotated[str, Field(max_length=80)] = ask("开发资质证号", default="")
    seller_representative: Short = ask("法定代表人", default="")
    seller_phone: Annotated[str, Field(max_length=40)] = ask("出卖人电话", default="")


@require_safe
def projects(request: HttpRequest) -> HttpResponse:
    """List the projects by kind: company that owns it, service centre, units."""
    at, by = asking.now(), asking.person(request)
    mine = projects_of(by, at)
    keys = [one.pk for one in mine]
    counts = dict(
        Unit.objects.filter(project_id__in=keys).values_list("project_id").annotate(Count("pk")).order_by()
    )
    owners = dict(Project.objects.filter(pk__in=keys).values_list("pk", "company__name"))
    return render(
        request,
        "web/projects.html",
        {
            "groups": [
                (
                    label,
                    [
                        {
                            "project": one,
                            "owner": owners[one.pk],
                            "units": counts.get(one.pk, 0),
                            "may": holds_post(by, *MAY_ADMINISTER, company_id=one.company_id, at=at),
                        }
                        for one in mine
                        if one.kind == value
                    ],
                )
                for value, label in Project.KINDS
            ]
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@asking.tells_refusals
def project(request: HttpRequest, code: str) -> HttpResponse:
    """Change the master data of a project."""
    at, by = asking.now(), asking.person(request)
    found = next((one for one in projects_of(by, at) if one.code == code), None)
    if found is None:
        raise Http404("没有这个项目，或者它不在你的范围里。")
    require_administrator(by, company_id=found.company_id, at=at)
    sheet = Sheet(ProjectForm, typed={name: getattr(found, name) for name in FIELDS})
    back = reverse("web:projects")
    if request.method == "POST":
        given = sheet.take(request)
        if given is not None:
            values = {name: getattr(given, name) for name in FIELDS}
            values["kind"] = given.kind.value
            try:
                describe_project(project=found, by=by, at=at, **values)
            except UnableToDescribeProject as refused:
                sheet.refuse(refused)
            else:
                messages.success(request, f"已改好「{given.name}」")
                return redirect(back)
    return render(
        request,
        "web/ask.html",
        {
            "title": f"项目「{found.name}」",
            "lead": f"编号 {found.code}，编号和所属公司不改",
            "crumbs": [("项目", back)],
            "sheet": sheet,
            "button": "改好项目",
            "back": back,
            "notes": [
                "住宅小区和写字楼分开列，各项目有自己的服务中心",
                "出卖人、监管账户和签约地点印在认购书和资料表上，已印的不变",
                "旧值和新值记入审计",
            ],
        },
        status=sheet.status,
    )
