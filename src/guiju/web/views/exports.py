"""导出: lists leave the program only when asked for with a purpose and approved by another person; masked and watermarked."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from typing import Annotated, Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from pydantic import Field

from guiju.estate.models import Project, Unit
from guiju.kernel.forms import Day, Form
from guiju.kernel.forms import field as ask
from guiju.org import posts
from guiju.org.gates import holds_post, scope_of
from guiju.org.models import ExportRequest, Person
from guiju.org.operations.exports import (
    UnableToAskForExport,
    UnableToDecideExport,
    UnableToTakeExport,
    ask_for_export,
    decide_export,
    take_export,
    watermark_of,
)
from guiju.papers import forms
from guiju.papers.forms import Stamp
from guiju.reports import signings, subscriptions, tables, units
from guiju.reports.tables import Table
from guiju.web.access import projects_of
from guiju.web.formats import local
from guiju.web.sheet import Sheet
from guiju.web.views import asking
from guiju.web.views.files import send
from guiju.web.views.registers import contracts_for, found_for, period_of, project_of

State = ExportRequest.State
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Labelled(Enum):
    """A choice with its words."""

    label: str

    def __new__(cls, value: str, label: str) -> Labelled:
        """Make a member of (value, label)."""
        member = object.__new__(cls)
        member._value_ = value
        member.label = label
        return member


class What(Labelled):
    """The lists that may be taken out."""

    SUBSCRIPTIONS = "subscriptions", "认购登记表"
    SIGNINGS = "signings", "签约登记表"
    UNITS = "units", "销控登记表"


class Kind(Labelled):
    """As which kind of file."""

    EXCEL = "xlsx", "Excel 表"
    PAPER = "pdf", "打印的登记表（PDF）"


WHATS = {one.value: one.label for one in What}
KINDS = {one.value: one.label for one in Kind}


class AskForm(Form):
    """申请导出。"""

    what: What = ask("导出什么", default=What.SUBSCRIPTIONS)
    kind: Kind = ask("格式", default=Kind.EXCEL)
    project: Annotated[str, Field(min_length=1)] = ask("项目")
    begin: Day | None = ask("从", default=None, help="认购、签约登记表的期间；销控登记表是现在的，不用填")
    end: Day | None = ask("到", default=None)
    reason: Annotated[str, Field(min_length=2, max_length=200)] = ask(
        "用途", help="印在文件的每一页上，只限这个用途"
    )


class DecideForm(Form):
    """批准或不批准。"""

    note: Annotated[str, Field(max_length=200)] = ask("意见", default="", help="不批准时写明原因")


def _mine(by: Person, at: datetime) -> Any:
    """Return the requests that the person made, or may know of because the post decides on them."""
    scope = scope_of(by, at=at, of_posts=posts.MAY_APPROVE_EXPORT | posts.READ_ONLY)
    decides = scope.q("company_id", "project_id") if scope else Q(pk__in=[])
    return ExportRequest.objects.filter(Q(asked_by=by) | decides)


def described(row: ExportRequest, names: Mapping[int, str]) -> str:
    """Say what a request is about: the list, the file, the project, the period."""
    chosen = row.chosen
    if chosen.get("what") not in WHATS:
        return row.what
    what, kind = WHATS[chosen["what"]], KINDS.get(chosen.get("kind", ""), "")
    period = f"，{chosen['begin']} 至 {chosen['end']}" if chosen.get("begin") else ""
    return f"{what}，{names.get(row.project_id or 0, '')}{period}，{kind}"


def _page(request: HttpRequest, *, sent: tuple[int, Sheet[Any]] | None = None) -> HttpResponse:
    at, by = asking.now(), asking.person(request)
    rows = _mine(by, at).select_related("asked_by", "decided_by").order_by("-pk")[:100]
    names = dict(
        Project.objects.filter(pk__in=[row.project_id for row in rows if row.project_id]).values_list(
            "pk", "name"
        )
    )
    decider = holds_post(by, *posts.MAY_APPROVE_EXPORT, at=at)
    return render(
        request,
        "web/registers/exports.html",
        {
            "rows": [
                {
                    "row": row,
                    "words": described(row, names),
                    "mine": row.asked_by_id == by.pk,
                    "may_decide": decider and row.state == State.ASKED and row.asked_by_id != by.pk,
                    "may_take": row.state == State.APPROVED and row.asked_by_id == by.pk,
                    "sheet": sent[1]
                    if sent and sent[0] == row.pk
                    else Sheet(DecideForm, prefix=f"e{row.pk}."),
                }
                for row in rows
            ],
            "who": "、".join(posts.label(code) for code in posts.BY_CODE if code in posts.MAY_APPROVE_EXPORT),
        },
        status=sent[1].status if sent else 200,
    )


@require_safe
def exports(request: HttpRequest) -> HttpResponse:
    """List the requests: one's own, and those one may decide on."""
    return _page(request)


@require_http_methods(["GET", "HEAD", "POST"])
@asking.tells_refusals
def new(request: HttpRequest) -> HttpResponse:
    """Ask for an export: which list, which project and period, what for."""
    at, by = asking.now(), asking.person(request)
    projects = projects_of(by, at)
    project = project_of(request, projects, request.GET)
    period = period_of(request.GET, local(at).date())
    sheet = Sheet(
        AskForm,
        choices={"project": [(str(one.pk), one.name) for one in projects]},
        typed={
            "what": request.GET.get("what", "") or What.SUBSCRIPTIONS.value,
            "project": project.pk if project else "",
            "begin": period.begin,
            "end": period.end,
        },
    )
    if request.method == "POST":
        given = sheet.take(request)
        if given is not None:
            chosen_project = next(one for one in projects if str(one.pk) == given.project)
            chosen: dict[str, str] = {"what": given.what.value, "kind": given.kind.value}
            if given.what is not What.UNITS:
                asked = period_of(
                    {"from": str(given.begin or ""), "to": str(given.end or "")}, local(at).date()
                )
                chosen |= {"begin": str(asked.begin), "end": str(asked.end)}
            try:
                made = ask_for_export(
                    what=f"{given.what.label}（{given.kind.label}）"[:50],
                    chosen=chosen,
                    reason=given.reason,
                    company=chosen_project.company,
                    by=by,
                    at=at,
                    project_id=chosen_project.pk,
                )
            except UnableToAskForExport as refused:
                sheet.refuse(refused)
            else:
                messages.success(request, f"已申请，导出 {made.pk} 号，等另一位批准")
                return redirect("web:exports")
    return render(
        request,
        "web/ask.html",
        {
            "title": "申请导出",
            "crumbs": [("导出", reverse("web:exports"))],
            "sheet": sheet,
            "button": "申请导出",
            "back": reverse("web:exports"),
            "notes": [
                "另一位有权的人批准以后，由你本人下载一次",
                "姓名和房号遮住，不含电话和证件",
                "文件第一行和每一页印申请人、批准人、时间和用途",
                "申请、批准、下载都记入审计",
            ],
        },
        status=sheet.status,
    )


def _request(request: HttpRequest, key: int) -> ExportRequest:
    """
    Return a request that the person made or may decide on.

    :raises Http404: there is none.
    """
    found = (
        _mine(asking.person(request), asking.now())
        .filter(pk=key)
        .select_related("asked_by", "decided_by", "company")
    )
    row: ExportRequest | None = found.first()
    if row is None:
        raise Http404("没有这份导出申请。")
    return row


@require_POST
@asking.tells_refusals
def decide(request: HttpRequest, key: int) -> HttpResponse:
    """Approve or refuse an export that somebody else asked for."""
    at, by = asking.now(), asking.person(request)
    row = _request(request, key)
    sheet = Sheet(DecideForm, prefix=f"e{row.pk}.")
    given = sheet.take(request)
    if given is not None:
        approve = request.POST.get("decision") == "approve"
        try:
            decide_export(request=row, approve=approve, by=by, at=at, note=given.note)
        except UnableToDecideExport as refused:
            sheet.refuse(refused)
        else:
            messages.success(
                request, f"导出 {row.pk} 号{'已批准，申请人可以下载一次' if approve else '没有批准'}"
            )
            return redirect("web:exports")
    return _page(request, sent=(row.pk, sheet))


def table_of(row: ExportRequest, *, at: datetime) -> Table:
    """Return the list that a request asks for, as it stands now, with people and their flats masked."""
    project = Project.objects.get(pk=row.project_id or 0)
    if row.chosen["what"] == What.UNITS.value:
        found = Unit.objects.filter(project=project)
        return units.table(found, project=project.name, on=local(at).date())
    begin, end = (date.fromisoformat(row.chosen[name]) for name in ("begin", "end"))
    if row.chosen["what"] == What.SIGNINGS.value:
        theirs = signings.signed(contracts_for(row.asked_by, at, project), begin=begin, end=end)
        return signings.register(
            signings.rows(theirs, masked=True), project=project.name, begin=begin, end=end
        )
    lines = subscriptions.rows(
        subscriptions.registered(found_for(row.asked_by, at, project), begin=begin, end=end), masked=True
    )
    return subscriptions.table(lines, project=project.name, begin=begin, end=end)


@require_POST
@asking.tells_refusals
def take(request: HttpRequest, key: int) -> HttpResponse:
    """Make the file of an approved request and send it, once, to whoever asked."""
    at, by = asking.now(), asking.person(request)
    row = _request(request, key)
    if row.asked_by_id != by.pk or row.state != State.APPROVED:
        # Says which of the two it is, and refuses, without making a file.
        take_export(request=row, rows=0, sha256="", by=by, at=at)
    table, watermark = table_of(row, at=at), watermark_of(row)
    if row.chosen["kind"] == Kind.EXCEL.value:
        content, mime, ending = tables.workbook(table, watermark=watermark, made_at=at), EXCEL, "xlsx"
    else:
        data = tables.paper(table, remarks=watermark)
        stamp = Stamp(by=by.name, at=at, number=f"导出 {row.pk} 号", mark=f"导出 {row.pk} 号")
        content = forms.print_form("register", data, stamp=stamp, company=row.company.name)
        mime, ending = "application/pdf", "pdf"
    try:
        take_export(
            request=row, rows=len(table.rows), sha256=hashlib.sha256(content).hexdigest(), by=by, at=at
        )
    except UnableToTakeExport as refused:
        messages.error(request, str(refused))
        return redirect("web:exports")
    answer = send(content, mime, f"{table.title} {table.project} 导出{row.pk}.{ending}", inline=False)
    answer["Cache-Control"] = "no-store"
    return answer
