"""作业标准书: the library, a document as people read it, its printed form, reading receipts and training."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Annotated, Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from pydantic import Field

from guiju.kernel.forms import Form
from guiju.kernel.forms import field as ask
from guiju.org.models import Company, Holding, Person
from guiju.papers import forms
from guiju.papers.forms import Signed, SopClause, SopForm, SopRevision, SopStep, Stamp
from guiju.sop import authority, lint, queries, reading
from guiju.sop.difference import difference
from guiju.sop.models import Document, Suggestion, Version, day_of
from guiju.sop.operations import UnableToRecord, note_reading, train
from guiju.sop.operations.revising import company_of
from guiju.sop.operations.suggestions import head_of
from guiju.web import sopdesk
from guiju.web.sheet import Sheet
from guiju.web.views import asking
from guiju.web.views.files import send


class TrainedForm(Form):
    """One person trained."""

    person: int = ask("人员")
    score: Annotated[int, Field(ge=0, le=100)] | None = ask("测验得分", default=None, unit="分")


class TrainForm(Form):
    """培训记录。"""

    people: Annotated[list[TrainedForm], Field(min_length=1, max_length=60)] = ask("受训人")


def document_for(request: HttpRequest, code: str) -> Document:
    """
    Return a document of the person's company, else the group's.

    :raises Http404: there is none with this code.
    """
    try:
        return queries.document(code, company_id=asking.person(request).company_id)
    except Document.DoesNotExist as error:
        raise Http404(f"没有编号 {code} 的作业标准书。") from error


def version_for(document: Document, number: str, on: date) -> Version:
    """
    Return a version by its number, or the one in force.

    :raises Http404: there is none.
    """
    found = sopdesk.version_of(document, number, on)
    if found is None:
        raise Http404("没有这一版作业标准书。")
    return found


TABS = {"all": "全部", "unread": "要学习", "way": "修订中", "review": "复审超期"}


@require_safe
def shelf(request: HttpRequest) -> HttpResponse:
    """List the documents of the person's company; beside them what waits for the person."""
    at, by = asking.now(), asking.person(request)
    on = day_of(at)
    unread = {version.pk for version in queries.unread_by(by, at=at)}
    rows = [
        {
            "shelf": one,
            "unread": any(
                version is not None and version.pk in unread for version in (one.in_force, one.coming)
            ),
        }
        for one in queries.library(company_id=by.company_id, on=on)
    ]
    parts = {
        "all": rows,
        "unread": [row for row in rows if row["unread"]],
        "way": [row for row in rows if row["shelf"].under_way or row["shelf"].coming],  # type: ignore[attr-defined]
        "review": [row for row in rows if row["shelf"].review_overdue],  # type: ignore[attr-defined]
    }
    tab = request.GET.get("tab", "all")
    tab = tab if tab in TABS else "all"
    suggestions = queries.open_suggestions(by.company_id)
    heads = {row.version.document_id: head_of(row.version.document, by.company_id) for row in suggestions}
    return render(
        request,
        "web/sop/shelf.html",
        {
            "rows": sorted(parts[tab], key=lambda row: not row["unread"]),
            "tab": tab,
            "tabs": [
                {"url": f"?tab={name}" if name != "all" else request.path, "label": words, "current": name == tab, "count": len(parts[name])}
                for name, words in TABS.items()
            ],
            "waiting": sopdesk.waiting_for(by, at=at, company_id=by.company_id),
            "suggestions": [
                {"row": row, "head": heads[row.version.document_id], "mine": _decides(by, heads[row.version.document_id])}
                for row in suggestions
            ],
            "shares": sorted(queries.reviewed_in_time(on).items()),
            "without": lint.without_sop(by.company_id),
        },
    )  # fmt: skip


def _decides(by: Person, head: Person | None) -> bool:
    return head is not None and head.pk == by.pk


@require_safe
def document(request: HttpRequest, code: str) -> HttpResponse:
    """Show a document: control block, contents, clauses, steps, limits, flowchart drawn from the running definition."""
    at = asking.now()
    found = document_for(request, code)
    return show(request, version_for(found, request.GET.get("version", ""), day_of(at)))


def show(
    request: HttpRequest, version: Version, *, sent: dict[str, Sheet[Any]] | None = None
) -> HttpResponse:
    """Render the page of a version; ``sent`` are the forms of acts that were refused."""
    at, by = asking.now(), asking.person(request)
    on = day_of(at)
    document = version.document
    page = reading.page(version, on=on)
    company_id = company_of(document, by)
    versions = sorted(document.versions.all(), key=lambda row: (-row.major, -row.minor))
    held = authority.held(by, company_id=company_id, at=at)
    under_way = next((row for row in versions if row.state in Version.ON_THE_WAY), None)
    readable = version.state in (Version.State.APPROVED, Version.State.PUBLISHED)
    findings: list[lint.Finding] = []
    if version.state in Version.ON_THE_WAY:
        findings = lint.lint(version.content)
        if version.state == Version.State.APPROVED:
            findings += lint.people(version, company_id=company_id, at=at)
    status = max((sheet.status for sheet in (sent or {}).values()), default=200)
    return render(
        request,
        "web/sop/document.html",
        {
            "document": document,
            "version": version,
            "page": page,
            # Drawn by our own program from the definition; its texts are escaped there.
            "chart": mark_safe(page.chart),  # noqa: S308
            "versions": [{"row": row, "standing": queries.standing(row, on)} for row in versions],
            "under_way": under_way,
            "stages": sopdesk.stages(version) if not version.shipped else [],
            "acts": sopdesk.acts(version, by=by, at=at, sent=sent),
            "may_draft": bool(held & authority.DRAFT),
            "may_train": bool(held & authority.TRAIN) and readable,
            "why_no_draft": authority.lacking(by, authority.DRAFT, company_id=company_id, at=at),
            "readable": readable,
            "concerned": bool(queries.concerned(version) & held),
            "read": queries.has_read(by.pk, version),
            "learning": sopdesk.learning(version, company_id=by.company_id, at=at) if readable else None,
            "findings": findings,
            "errors": lint.errors(findings),
            "based_on": version.based_on,
            "changes": difference(version.based_on.content, version.content) if version.based_on else [],
            "suggestions": Suggestion.objects.filter(
                version__document=document, company_id=by.company_id, state=Suggestion.State.OPEN
            ).count(),
        },
        status=status,
    )


@require_POST
@asking.tells_refusals
def read(request: HttpRequest, code: str) -> HttpResponse:
    """Note that the person has read a version: the reading receipt."""
    at, by = asking.now(), asking.person(request)
    version = version_for(document_for(request, code), request.POST.get("version", ""), day_of(at))
    try:
        note_reading(version, by=by, at=at)
    except UnableToRecord as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"已记下：你已学习 {version.document.code} {version.number} 版")
    return redirect(f"{reverse('web:sop', args=[code])}?version={version.number}")


@require_http_methods(["GET", "HEAD", "POST"])
@asking.tells_refusals
def training(request: HttpRequest, code: str) -> HttpResponse:
    """Record who was trained in a version, with the result of a short test."""
    at, by = asking.now(), asking.person(request)
    number = request.GET.get("version", "") or request.POST.get("version", "")
    version = version_for(document_for(request, code), number, day_of(at))
    concerned = queries.concerned(version)
    people = {
        row.person_id: row.person
        for row in Holding.objects.at(at)
        .filter(Q(post__code__in=concerned) if concerned else Q(), company_id=by.company_id)
        .exclude(person=by)
        .select_related("person")
        .order_by("person__name", "pk")
    }
    sheet = Sheet(TrainForm, choices={"people.person": [(str(key), one.name) for key, one in people.items()]})
    if request.method == "POST":
        given = sheet.take(request)
        if given is not None:
            try:
                train(
                    version,
                    people=list({row.person: people[row.person] for row in given.people}.values()),
                    by=by,
                    at=at,
                    scores={row.person: row.score for row in given.people if row.score is not None},
                )
            except UnableToRecord as refused:
                sheet.refuse(refused)
            else:
                messages.success(
                    request,
                    f"已登记 {len(given.people)} 人参加 {version.document.code} {version.number} 版培训",
                )
                return redirect(f"{reverse('web:sop', args=[code])}?version={version.number}#learning")
    back = f"{reverse('web:sop', args=[code])}?version={version.number}"
    return render(
        request,
        "web/ask.html",
        {
            "title": "登记培训",
            "lead": f"{version.document.code} {version.document.title} {version.number} 版",
            "crumbs": [("作业标准书", reverse("web:sops")), (version.document.code, back)],
            "sheet": sheet,
            "keep": {"version": version.number},
            "button": "登记培训",
            "back": back,
            "notes": ["培训人记你本人，不能给自己登记", "测验得分 0 到 100，没有测验就不填", "相关岗位都有人学过，新版才能发布"],
        },
        status=sheet.status,
    )  # fmt: skip


@require_safe
def printed(request: HttpRequest, code: str) -> HttpResponse:
    """Send a version as the printed form 作业标准书."""
    at, by = asking.now(), asking.person(request)
    version = version_for(document_for(request, code), request.GET.get("version", ""), day_of(at))
    company = Company.objects.get(pk=company_of(version.document, by))
    data = paper_of(version, day_of(at))
    stamp = Stamp(by=by.name, at=at, number=f"{version.document.code} {version.number}")
    if version.state != Version.State.PUBLISHED:
        stamp = replace(stamp, mark=version.get_state_display())
    pdf = forms.print_form("sop", data, stamp=stamp, company=company.name)
    return send(pdf, "application/pdf", f"{data.code} {data.title} {data.version}.pdf", inline=True)


def paper_of(version: Version, on: date) -> SopForm:
    """Fill the printed form of a version."""
    said = reading.printed(version, on=on)

    def signed(found: tuple[str, date] | None) -> Signed | None:
        return Signed(*found) if found else None

    return SopForm(
        **{
            **said,
            **{key: signed(said[key]) for key in ("compiled_by", "reviewed_by", "approved_by")},
            "clauses": tuple(SopClause(*row) for row in said["clauses"]),
            "steps": tuple(SopStep(**row) for row in said["steps"]),
            "revisions": tuple(SopRevision(*row) for row in said["revisions"]),
        }
    )


@require_safe
def compare(request: HttpRequest, code: str) -> HttpResponse:
    """Show what differs between two versions, in sentences."""
    on = day_of(asking.now())
    document = document_for(request, code)
    versions = sorted(document.versions.all(), key=lambda row: (-row.major, -row.minor))
    new = version_for(document, request.GET.get("to", ""), on)
    default = new.based_on.number if new.based_on else versions[-1].number
    old = version_for(document, request.GET.get("from", "") or default, on)
    return render(
        request,
        "web/sop/compare.html",
        {
            "document": document,
            "old": old,
            "new": new,
            "versions": versions,
            "changes": difference(old.content, new.content) if old.pk != new.pk else [],
        },
    )
