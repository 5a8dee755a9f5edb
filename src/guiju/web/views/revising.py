"""Changing a 作业标准书 in the program: draft, check, hand in, review, approve, publish; and moving a case to a new version."""

from __future__ import annotations

from datetime import date
from typing import Any

import yaml
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from guiju.kernel.models import Case
from guiju.kernel.refusals import Refused
from guiju.org.models import Person
from guiju.sop import authority, difference, lint, policies, queries
from guiju.sop import content as contents
from guiju.sop.models import Document, Version, day_of
from guiju.sop.operations import cases, publishing, revising, suggestions
from guiju.web.access import case_for
from guiju.web.views import asking

FAILURES = (
    revising.UnableToRevise,
    publishing.UnableToPublish,
    suggestions.UnableToSuggest,
    cases.UnableToMove,
    contents.BadFile,
)


def _document(code: str, by: Person) -> Document:
    """
    Return a document of the person's company, else the group's.

    :raises Http404: there is none.
    """
    try:
        return queries.document(code, company_id=by.company_id)
    except Document.DoesNotExist as error:
        raise Http404(f"没有编号 {code} 的作业标准书。") from error


def _under_way(document: Document) -> Version:
    """
    Return the version that is on its way.

    :raises Http404: there is none.
    """
    found = document.versions.open().first()
    if found is None:
        raise Http404("没有在修订的版本。")
    return found


def as_text(content: contents.Content) -> str:
    """Return a document's content as the text that people edit."""
    return str(yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=110))


@require_POST
@asking.tells_refusals
@asking.as_refusal(*FAILURES)
def begin(request: HttpRequest, code: str) -> HttpResponse:
    """Begin a new version as a copy of the one in force."""
    at, by = asking.now(), asking.person(request)
    document = _document(code, by)
    version = policies.version_of(document, day_of(at))
    if version is None:
        raise Http404("没有现行版，不能修订。")
    revising.draft_from(
        version,
        by=by,
        at=at,
        change_note=request.POST.get("note", ""),
        major=request.POST.get("major") == "1",
        company=by.company,
    )
    return redirect("web:sop_edit", code)


@require_http_methods(["GET", "HEAD", "POST"])
@asking.tells_refusals
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """Show the draft as text with what lint finds; on POST keep it. What does not fit is shown beside what was typed."""
    at, by = asking.now(), asking.person(request)
    document = _document(code, by)
    draft = _under_way(document)
    text, problem, status = as_text(draft.content), "", 200
    if request.method == "POST":
        text = request.POST.get("text", "")
        try:
            draft = revising.edit(draft, content=contents.read(text), by=by, at=at)
        except FAILURES as failure:
            problem, status = str(failure), 422
        else:
            messages.success(request, "草稿已存")
            return redirect("web:sop_edit", code)
    base = draft.based_on
    return render(
        request,
        "web/sop_edit.html",
        {
            "document": document,
            "draft": draft,
            "text": text,
            "problem": problem,
            "findings": lint.lint(draft.content),
            "changes": difference.difference(base.content, draft.content) if base else [],
            "editable": draft.state == Version.State.DRAFT,
        },
        status=status,
    )


@require_POST
@asking.tells_refusals
@asking.as_refusal(*FAILURES)
def pass_on(request: HttpRequest, code: str, act: str) -> HttpResponse:
    """Hand a version on: submit, review, approve, send back, publish."""
    at, by = asking.now(), asking.person(request)
    document = _document(code, by)
    version = _under_way(document)
    reason = request.POST.get("reason", "")
    acts: dict[str, Any] = {
        "submit": lambda: revising.submit(version, by=by, at=at),
        "review": lambda: revising.review(version, by=by, at=at, opinion=reason),
        "approve": lambda: revising.approve(version, by=by, at=at, opinion=reason),
        "return": lambda: revising.send_back(version, by=by, at=at, reason=reason),
        "publish": lambda: publishing.publish(version, effective_date=_day(request), by=by, at=at),
    }
    if act not in acts:
        raise Http404("没有这个操作。")
    acts[act]()
    words = {
        "submit": "已送审，内容不能再改",
        "review": "已审核，等批准",
        "approve": "已批准，可以发布",
        "return": "已退回修改",
        "publish": "已发布，从实施日期起新开的事项按这一版办",
    }
    messages.success(request, words[act])
    return redirect("web:sop_edit" if act != "publish" else "web:sop", code)


def _day(request: HttpRequest) -> date:
    """
    Return the day from which a version holds.

    :raises Refused: none was given.
    """
    try:
        return date.fromisoformat(request.POST.get("day", ""))
    except ValueError as error:
        raise Refused("实施日期：请填日期") from error


@require_POST
@asking.tells_refusals
@asking.as_refusal(*FAILURES)
def suggest(request: HttpRequest, code: str) -> HttpResponse:
    """Suggest a change; everybody may."""
    at, by = asking.now(), asking.person(request)
    document = _document(code, by)
    version = policies.version_of(document, day_of(at))
    if version is None:
        raise Http404("没有现行版。")
    suggestions.suggest(
        version, text=request.POST.get("text", ""), by=by, at=at, place=request.POST.get("place", "")
    )
    messages.success(request, "建议已交部门负责人")
    return redirect("web:sop", code)


def newer_version(case: Case, at: Any) -> Version | None:
    """Return the version in force for a case's process, if the case runs under another."""
    now = queries.version_of_case(case.sop_version_id)
    newest = policies.version_of(now.document, day_of(at))
    return newest if newest is not None and newest.pk != now.pk else None


@require_http_methods(["GET", "HEAD", "POST"])
@asking.tells_refusals
@asking.as_refusal(*FAILURES)
def move(request: HttpRequest, number: str) -> HttpResponse:
    """Show what a newer version would change for a case; on POST move the case to it."""
    at, by = asking.now(), asking.person(request)
    case = case_for(by, number, at)
    to = newer_version(case, at)
    if to is None:
        raise Http404("这个事项已按现行版办理。")
    if request.method == "POST":
        cases.move_case(case, to=to, by=by, at=at, reason=request.POST.get("reason", ""))
        messages.success(request, f"已改用 {to.number} 版")
        return redirect("web:case", number)
    _, changes = cases.changes_for(case, to=to, at=at)
    lacking = authority.lacking(by, authority.MOVE, company_id=case.chain_id, at=at)
    return render(
        request,
        "web/case_move.html",
        {
            "case": case,
            "to": to,
            "changes": changes,
            "lacking": lacking,
            "back": reverse("web:case", args=[number]),
        },
    )
