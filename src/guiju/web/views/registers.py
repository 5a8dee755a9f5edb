"""The registers 认购登记表 and 签约登记表 of a period with totals, and the signing report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from guiju.estate.models import Project
from guiju.org.gates import may_see_personal_data, scope_of
from guiju.org.models import Person
from guiju.org.secrecy import listed
from guiju.papers import forms
from guiju.reports import signings as signing_register
from guiju.reports import subscriptions as register
from guiju.reports import tables
from guiju.sales.models import Contract, Payment, Subscription
from guiju.web.access import projects_of
from guiju.web.formats import local
from guiju.web.lists import Page
from guiju.web.views import asking
from guiju.web.views.files import send

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


#: So many lines are shown at once: a year has thousands.
ON_A_PAGE = 200


@dataclass(frozen=True)
class Period:
    """The days of a register, both included."""

    begin: date
    end: date

    @property
    def words(self) -> str:
        """The period as it stands on the page."""
        return f"{self.begin:%Y-%m-%d} 至 {self.end:%Y-%m-%d}"


def period_of(values: Any, today: date) -> Period:
    """Return the period asked for; this month if none, and never turned round."""

    def day(name: str, otherwise: date) -> date:
        try:
            return date.fromisoformat(values.get(name, ""))
        except ValueError:
            return otherwise

    begin, end = day("from", today.replace(day=1)), day("to", today)
    return Period(min(begin, end), max(begin, end))


def project_of(request: HttpRequest, projects: list[Project], values: Any) -> Project | None:
    """Return the project asked for, else the one in view; None means all of the person's projects."""
    wanted = values.get("project", "")
    if wanted == "all":
        return None
    found = next((one for one in projects if str(one.pk) == wanted), None)
    return found or asking.project(request)


def months_of(today: date, project: Project | None) -> list[dict[str, str]]:
    """Return quick choices of periods."""
    first = today.replace(day=1)
    before_end = date.fromordinal(first.toordinal() - 1)
    year = today.replace(month=1, day=1)
    key = project.pk if project else "all"
    return [
        {"label": label, "url": f"?{urlencode({'from': begin, 'to': end, 'project': key})}"}
        for label, begin, end in (
            ("本月", first, today),
            ("上月", before_end.replace(day=1), before_end),
            ("今年", year, today),
        )
    ]


def send_table(request: HttpRequest, table: tables.Table, title: str, company: str) -> HttpResponse:
    """Send a table of figures under ``title``: printed, or as Excel (``as=xlsx``), with who took it and when."""
    at, by = asking.now(), asking.person(request)
    if request.GET.get("as") == "xlsx":
        watermark = f"{by.name} {local(at):%Y-%m-%d %H:%M} 导出"
        content = tables.workbook(table, watermark=watermark, made_at=at)
        return send(content, EXCEL, f"{title}.xlsx", inline=False)
    stamp = forms.Stamp(by=by.name, at=at)
    content = forms.print_form("register", tables.paper(table), stamp=stamp, company=company)
    return send(content, "application/pdf", f"{title}.pdf", inline=True)


def found_for(by: Person, at: Any, project: Project | None) -> Any:
    """Return the subscriptions in the person's scope, of one project if one is chosen; no confidential ones of others."""
    mine = Subscription.objects.filter(
        scope_of(by, at=at).q("case__chain_id", "case__scope_id"), listed(by, at=at, prefix="case__")
    )
    return mine.filter(case__scope_id=project.pk) if project is not None else mine


def part(lines: list[register.Row], after: str) -> tuple[list[register.Row], Page]:
    """Return the lines that a page shows, those after a case's number, and what leads on; figures are of all."""
    start = next((at for at, line in enumerate(lines, 1) if line.case == after), 0)
    end = start + ON_A_PAGE
    return lines[start:end], Page(after=lines[end - 1].case if end < len(lines) else "")


@require_safe
def subscriptions(request: HttpRequest) -> HttpResponse:
    """Show the register of a period with totals; figures lead to the lines that make them up."""
    at, by = asking.now(), asking.person(request)
    today = local(at).date()
    projects = projects_of(by, at)
    project = project_of(request, projects, request.GET)
    period = period_of(request.GET, today)
    masked = asking.masked(request, at, project)
    lines = register.rows(
        register.registered(
            found_for(by, at, project).filter(deal__project__in=[project] if project else projects),
            begin=period.begin, end=period.end,
        ),
        masked=masked,
    )  # fmt: skip
    too_many = len(lines) > register.MOST
    lines = lines[: register.MOST]
    share, added = register.banks(lines), register.totals(lines)
    shown, filters = lines, []
    plain = {"from": period.begin, "to": period.end, "project": project.pk if project else "all"}

    def link(**more: Any) -> str:
        return f"?{urlencode({**plain, **more})}"

    bank, payment = request.GET.get("bank", ""), request.GET.get("payment", "")
    if bank in register.BANKS:
        shown = register.with_bank(shown, bank)
        filters.append(
            {"words": register.BANKS[bank], "url": link(**({"payment": payment} if payment else {}))}
        )
    if payment in Payment.values:
        shown = [line for line in shown if line.payment == payment]
        filters.append(
            {"words": str(Payment(payment).label), "url": link(**({"bank": bank} if bank else {}))}
        )
    here, page = part(shown, request.GET.get("after", ""))
    return render(
        request,
        "web/registers/subscriptions.html",
        {
            "lines": here,
            "page": page,
            "number": len(shown),
            "shown": register.totals(shown),
            "added": added,
            "share": share,
            "left_out": share.of - share.counted,
            "period": period,
            "projects": projects,
            "project": project,
            "masked": masked,
            "too_many": too_many,
            "most": register.MOST,
            "filters": filters,
            "clear": link(),
            "links": {
                "loans": link(bank="chosen") if share.of == share.counted else link(),
                "chosen": link(bank=register.CHOSEN),
                "open": link(bank=register.OPEN),
            },
            "payments": [
                {"value": value, "label": label, "url": link(payment=value), "current": value == payment, "count": count}
                for value, label in Payment.choices
                if (count := sum(line.payment == value for line in lines))
            ],
            "months": months_of(today, project),
            "export": f"{reverse('web:export_new')}?{urlencode({**plain, 'what': 'subscriptions'})}",
            "may_export": project is not None
            and may_see_personal_data(by, company_id=project.company_id, project_id=project.pk, at=at),
        },
    )  # fmt: skip


# --- 签约 ------------------------------------------------------------------------------------------------------------
def contracts_for(by: Person, at: Any, project: Project | None) -> Any:
    """Return the contracts in the person's scope, of one project if one is chosen."""
    mine = Contract.objects.filter(scope_of(by, at=at).q("deal__project__company_id", "deal__project_id"))
    return mine.filter(deal__project_id=project.pk) if project is not None else mine


@require_safe
def signings(request: HttpRequest) -> HttpResponse:
    """Show the signing register of a period, added up by building and way of paying (I-5.3-6b, I-5.3-6c)."""
    at, by = asking.now(), asking.person(request)
    today = local(at).date()
    projects = projects_of(by, at)
    project = project_of(request, projects, request.GET)
    period, masked = period_of(request.GET, today), asking.masked(request, at, project)
    found = signing_register.signed(contracts_for(by, at, project), begin=period.begin, end=period.end)
    lines = signing_register.rows(found, masked=masked)
    too_many = len(lines) > signing_register.MOST
    lines = lines[: signing_register.MOST]
    payment = request.GET.get("payment", "")
    shown = [line for line in lines if line.payment == payment] if payment in Payment.values else lines
    key = project.pk if project else "all"
    plain = {"from": period.begin, "to": period.end, "project": key}
    return render(
        request,
        "web/registers/signings.html",
        {
            "lines": shown, "added": signing_register.total(lines), "shown": signing_register.total(shown),
            "buildings": signing_register.by_building(lines), "payments": signing_register.by_payment(lines),
            "chips": [
                {
                    "label": label, "url": f"?{urlencode({**plain, 'payment': value})}", "current": value == payment,
                    "count": count,
                }
                for value, label in Payment.choices
                if (count := sum(line.payment == value for line in lines))
            ],
            "clear": f"?{urlencode(plain)}", "filtered": payment in Payment.values, "period": period,
            "projects": projects, "project": project, "masked": masked, "too_many": too_many,
            "most": signing_register.MOST, "months": months_of(today, project),
            "report": f"{reverse('web:signing_report')}?{urlencode(plain)}",
            "export": f"{reverse('web:export_new')}?{urlencode({**plain, 'what': 'signings'})}",
            "may_export": project is not None
            and may_see_personal_data(by, company_id=project.company_id, project_id=project.pk, at=at),
        },
    )  # fmt: skip


@require_safe
def signing_report(request: HttpRequest) -> HttpResponse:
    """Send the signing report of a period, printed or as Excel (``as=xlsx``); it names no people (I-5.3-6c)."""
    at, by = asking.now(), asking.person(request)
    projects = projects_of(by, at)
    if not projects:
        raise Http404("没有项目，或者它不在你的范围里。")
    project = project_of(request, projects, request.GET)
    period = period_of(request.GET, local(at).date())
    found = signing_register.signed(contracts_for(by, at, project), begin=period.begin, end=period.end)
    name = project.name if project is not None else "全部项目"
    table = signing_register.report(
        signing_register.rows(found, masked=True), project=name, begin=period.begin, end=period.end
    )
    company = (project or projects[0]).company.name
    return send_table(request, table, f"签约报表 {name} {period.words}", company)
