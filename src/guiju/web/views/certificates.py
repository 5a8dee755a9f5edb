"""证书: on a person's record with issue and expiry; what expired or soon will, for the whole company."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from pydantic import Field

from guiju.kernel.forms import Form
from guiju.kernel.forms import field as ask
from guiju.org.gates import require_administrator
from guiju.org.operations.certificates import (
    UnableToAddCertificate,
    add_certificate,
    drop_certificate,
    expiring,
)
from guiju.web import staffroom
from guiju.web.sheet import Sheet
from guiju.web.views import asking
from guiju.web.views.people import tabs


class CertificateForm(Form):
    """证书。"""

    name: Annotated[str, Field(min_length=1, max_length=100)] = ask("证书名称")
    number: Annotated[str, Field(max_length=50)] = ask("证书编号", default="")
    issued_date: date | None = ask("发证日期", default=None)
    expires_date: date | None = ask("有效期至", default=None, help="长期有效的不填")


@require_safe
def certificates(request: HttpRequest) -> HttpResponse:
    """List the certificates of the company's people that expired or will within 60 days."""
    at, by = asking.now(), asking.person(request)
    return render(
        request,
        "web/people/certificates.html",
        {"tabs": tabs("certificates"), "rows": expiring(by.company, at=at)},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@asking.tells_refusals
def add(request: HttpRequest, key: int) -> HttpResponse:
    """Put a certificate on a person's record."""
    at, by = asking.now(), asking.person(request)
    found = staffroom.colleague(by, key)
    require_administrator(by, company_id=found.company_id, at=at)
    sheet = Sheet(CertificateForm)
    back = reverse("web:person", args=[found.pk])
    if request.method == "POST":
        given = sheet.take(request)
        if given is not None:
            try:
                made = add_certificate(person=found, by=by, at=at, **given.model_dump())
            except UnableToAddCertificate as refused:
                sheet.refuse(refused)
            else:
                messages.success(request, f"已登记{found.name}的「{made.name}」")
                return redirect(back)
    return render(
        request,
        "web/ask.html",
        {
            "title": f"登记{found.name}的证书",
            "crumbs": [("人员", reverse("web:people")), (found.name, back)],
            "sheet": sheet,
            "button": "登记证书",
            "back": back,
            "notes": [
                "到期前 60 天起在「证书」页和本人资料上提醒",
                "要资格的工作只派给证书有效的人",
                "登记和撤下都记入审计",
            ],
        },
        status=sheet.status,
    )


@require_POST
@asking.tells_refusals
def drop(request: HttpRequest, key: int, certificate: int) -> HttpResponse:
    """Take a certificate off a person's record, with the reason."""
    at, by = asking.now(), asking.person(request)
    found = staffroom.colleague(by, key)
    row = found.certificates.filter(pk=certificate).select_related("person").first()
    if row is None:
        raise Http404("没有这份证书。")
    drop_certificate(certificate=row, reason=request.POST.get("reason", ""), by=by, at=at)
    messages.success(request, f"已撤下「{row.name}」")
    return redirect("web:person", found.pk)
