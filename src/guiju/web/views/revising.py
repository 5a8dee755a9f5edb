"""修订作业标准书: draft, edit part by part or as text, submit, review, approve, publish; values; suggestions."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Annotated, Any

import yaml
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST
from pydantic import Field

from guiju.kernel.forms import Day, Form, Text
from guiju.kernel.forms import field as ask
from guiju.kernel.refusals import BadlyFilled, NotYourPost
from guiju.org.models import Company, Person
from guiju.sop import authority, lint, policies
from guiju.sop import content as contents
from guiju.sop.difference import difference
from guiju.sop.models import Document, ScopeValue, Suggestion, Version, day_of
from guiju.sop.operations import (
    UnableToDecide,
    UnableToPublish,
    UnableToRevise,
    UnableToSetValue,
    UnableToSuggest,
    approve_value,
    decide_suggestion,
    draft_from,
    edit,
    propose_value,
    suggest,
)
from guiju.sop.operations.revising import company_of
from guiju.sop.operations.suggestions import head_of
from guiju.sop.operations.values import values_of
from guiju.web import sopdesk, sopforms
from guiju.web.access import projects_of
from guiju.web.sheet import Sheet
from guiju.web.sopfields import TextForm
from guiju.web.views import asking, library
from guiju.web.views.library import document_for, version_for


class Labelled(Enum):
    """A choice with its words."""

    label: str

    def __new__(cls, value: str, label: str) -> Labelled:
        """Make a member of (value, label)."""
        member = object.__new__(cls)
        member._value_ = value
        member.label = label
        return member


class Size(Labelled):
    """How much a version changes."""

    MINOR = "minor", "修订，如 1.0 改 1.1"
    MAJOR = "major", "换版，如 1.0 改 2.0"


class Whose(Labelled):
    """To whom a draft of a group template belongs."""

    GROUP = "group", "集团通用版"
    COMPANY = "company", "本公司自己的版本"


class DraftForm(Form):
    """起草新版。"""

    change_note: Annotated[
        str, Field(min_length=2, max_length=300, json_schema_extra={"widget": "longtext"})
    ] = ask("修订说明", help="为什么改、改什么，印在修订记录里")
    size: Size = ask("版次", default=Size.MINOR)
    whose: Whose = ask("属于", default=Whose.GROUP)


def _crumbs(document: Document, *more: tuple[str, str]) -> list[tuple[str, str]]:
    own = (document.code, reverse("web:sop", args=[document.code]))
    return [("作业标准书", reverse("web:sops")), own, *more]


@require_http_methods(["GET", "HEAD", "POST"])
@asking.tells_refusals
def draft(request: HttpRequest, code: str) -> HttpResponse:
    """Begin a new version as a copy of the one in force, or of the one named."""
    at, by = asking.now(), asking.person(request)
    document = document_for(request, code)
    version = version_for(document, request.GET.get("version", ""), day_of(at))
    if lacking := authority.lacking(by, authority.DRAFT, company_id=company_of(document, by), at=at):
        raise NotYourPost(lacking)
    sheet = Sheet(DraftForm, typed={"whose": "company" if document.company_id else "group"})
    if request.method == "POST":
        given = sheet.take(request)
        if given is not None:
            company = Company.objects.get(pk=by.company_id) if given.whose is Whose.COMPANY else None
            try:
                made = draft_from(
                    version,
                    by=by,
                    at=at,
                    change_note=given.change_note,
                    major=given.size is Size.MAJOR,
                    company=company,
                )
            except UnableToRevise as refused:
                sheet.refuse(refused)
            else:
                messages.success(request, f"已起草 {made.document.code} {made.number} 版，逐项修改后送审")
                return redirect("web:sop_edit", code)
    return render(
        request,
        "web/ask.html",
        {
            "title": "起草新版",
            "lead": f"{document.code} {document.title}，以 {version.number} 版为底稿",
            "crumbs": _crumbs(document),
            "sheet": sheet,
            "button": "起草",
            "back": reverse("web:sop", args=[code]),
            "notes": [
                "能改：要求、岗位（程序允许的范围内）、控制要点、期限（不超过法定）、提醒、上报、审批、参数、表格、指标",
                "不能改：状态、前提和结果，这些由程序定",
                "编制、审核、批准须是三个人；相关岗位都有人学过才能发布",
                "在办的事项照旧版办完，另行改用要写理由",
            ],
        },
        status=sheet.status,
    )  # fmt: skip


def _open_draft(request: HttpRequest, code: str) -> Version:
    """
    Return the draft that is being edited.

    :raises Http404: no version of the document is being drafted.
    """
    document = document_for(request, code)
    found = document.versions.filter(state=Version.State.DRAFT).select_related("document", "based_on").first()
    if found is None:
        raise Http404("这份作业标准书没有在编制的版本，先起草新版。")
    return found


@require_http_methods(["GET", "HEAD"])
@asking.tells_refusals
def overview(request: HttpRequest, code: str) -> HttpResponse:
    """Show a draft part by part, with what lint found beside each."""
    return _overview(request, _open_draft(request, code))


def _overview(request: HttpRequest, draft: Version, *, sheet: Sheet[Any] | None = None) -> HttpResponse:
    at, by = asking.now(), asking.person(request)
    parts = sopforms.parts(draft.content)
    findings = lint.lint(draft.content)
    beside = sopforms.beside(findings, parts)
    before = draft.based_on.content if draft.based_on else draft.content
    old = {part.key: part.digest for part in sopforms.parts(before)}
    groups = [
        ("文件", [part for part in parts if part.kind in {"head", "parts", "clauses"}]),
        ("步骤", [part for part in parts if part.kind == "steps"]),
        ("时限", [part for part in parts if part.kind == "clocks"]),
        ("参数、指标、表格", [part for part in parts if part.kind in {"settings", "kpis", "files"}]),
    ]
    why = authority.lacking(by, authority.DRAFT, company_id=company_of(draft.document, by), at=at)
    return render(
        request,
        "web/sop/edit.html",
        {
            "document": draft.document,
            "version": draft,
            "groups": [
                (
                    words,
                    [
                        {
                            "part": part,
                            "findings": beside.get(part.key, []),
                            "changed": old.get(part.key) != part.digest,
                        }
                        for part in rows
                    ],
                )
                for words, rows in groups
                if rows
            ],
            "general": beside.get("", []),
            "findings": findings,
            "errors": lint.errors(findings),
            "changes": difference(before, draft.content),
            "why_not": why,
            "sheet": sheet,
        },
        status=sheet.status if sheet else 200,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@asking.tells_refusals
def part(request: HttpRequest, code: str, kind: str, name: str = "") -> HttpResponse:
    """Edit one part of a draft."""
    at, by = asking.now(), asking.person(request)
    draft = _open_draft(request, code)
    found = sopforms.part_of(draft.content, kind, name)
    if found is None:
        raise Http404("这一版没有这一部分。")
    if lacking := authority.lacking(by, authority.DRAFT, company_id=company_of(draft.document, by), at=at):
        raise NotYourPost(lacking)
    sheet = Sheet(found.form, choices=found.choices, typed=dict(found.typed), order=found.order)
    back = f"{reverse('web:sop_edit', args=[code])}#{found.key}"
    if request.method == "POST":
        given = sheet.take(request)
        was = request.POST.get("was", "")
        if given is not None and was and was != found.digest:
            sheet.refusals.append("你打开以后有人改过这一部分。先看最新的内容，再把你的改动填上。")
        elif given is not None:
            try:
                edit(draft, content=found.apply(draft.content, given), by=by, at=at)
            except BadlyFilled as wrong:
                sheet.errors = dict(wrong.errors)
            except UnableToRevise as refused:
                sheet.refuse(refused)
            else:
                messages.success(request, f"已改好：{found.title}")
                return redirect(back)
    beside = sopforms.beside(lint.lint(draft.content), [found]).get(found.key, [])
    return render(
        request,
        "web/sop/part.html",
        {
            "title": found.title,
            "lead": f"{draft.document.code} {draft.document.title} {draft.number} 版，编制中",
            "crumbs": _crumbs(
                draft.document, (f"修改 {draft.number} 版", reverse("web:sop_edit", args=[code]))
            ),
            "sheet": sheet,
            "keep": {"was": request.POST.get("was", "") or found.digest},
            "button": "改好这一部分",
            "back": back,
            "part": found,
            "findings": beside,
            "notes": found.law,
            "notes_title": "程序定下的",
            "beside": "web/sop/part_beside.html",
        },
        status=sheet.status,
    )


def as_text(content: contents.Content) -> str:
    """Return a document as readable text."""
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=100)


@require_http_methods(["GET", "HEAD", "POST"])
@asking.tells_refusals
def text(request: HttpRequest, code: str) -> HttpResponse:
    """Edit a whole draft as text."""
    at, by = asking.now(), asking.person(request)
    draft = _open_draft(request, code)
    if lacking := authority.lacking(by, authority.DRAFT, company_id=company_of(draft.document, by), at=at):
        raise NotYourPost(lacking)
    sheet = Sheet(TextForm, typed={"text": as_text(draft.content)})
    if request.method == "POST":
        given = sheet.take(request)
        was = request.POST.get("was", "")
        if given is not None and was and was != draft.sha256:
            sheet.refusals.append("你打开以后有人改过这一版。先看最新的内容，再把你的改动填上。")
        elif given is not None:
            try:
                edit(draft, content=contents.read(given.text), by=by, at=at)
            except contents.BadFile as bad:
                sheet.refuse(bad, beside="text")
            except UnableToRevise as refused:
                sheet.refuse(refused)
            else:
                messages.success(request, "已按文本改好")
                return redirect("web:sop_edit", code)
    return render(
        request,
        "web/sop/part.html",
        {
            "title": "改文本",
            "lead": f"{draft.document.code} {draft.document.title} {draft.number} 版，编制中",
            "crumbs": _crumbs(
                draft.document, (f"修改 {draft.number} 版", reverse("web:sop_edit", args=[code]))
            ),
            "sheet": sheet,
            "keep": {"was": request.POST.get("was", "") or draft.sha256},
            "button": "改好",
            "back": reverse("web:sop_edit", args=[code]),
            "notes": [
                "YAML 文本，缩进用空格",
                "文件编号、流程、版本和文件控制由程序填，改了也会恢复",
                "格式不对不会存，写明在第几行",
            ],
            "notes_title": "写法",
            "as_text": True,
        },
        status=sheet.status,
    )


@require_POST
@asking.tells_refusals
def act(request: HttpRequest, code: str, number: str, act: str) -> HttpResponse:
    """Submit, review, approve, publish, send back or retire a version."""
    at, by = asking.now(), asking.person(request)
    version = version_for(document_for(request, code), number, day_of(at))
    if act not in sopdesk.ACTS:
        raise Http404("没有这个操作。")
    sheet = Sheet(sopdesk.ACTS[act].form, prefix=f"{act}.")
    given = sheet.take(request)
    if given is not None:
        try:
            sopdesk.take(version, act, given, by=by, at=at)
        except (UnableToRevise, UnableToPublish) as refused:
            sheet.refuse(refused)
        else:
            messages.success(request, f"{version.document.code} {version.number} 版{sopdesk.DONE[act]}")
            if act == "send_back":
                return redirect("web:sop", code)
            return redirect(f"{reverse('web:sop', args=[code])}?version={number}")
    if act == "submit" and request.POST.get("from") == "edit":
        return _overview(request, version, sheet=sheet)
    return library.show(request, version, sent={act: sheet})


# --- values -----------------------------------------------------------------------------------------------------------
class ValueForm(Form):
    """另定一个值。"""

    path: Text = ask("参数或期限")
    value: Annotated[str, Field(min_length=1, max_length=60)] = ask("另定为")
    project: Text = ask("适用项目", default="", help="不选就是全公司")
    from_date: Day = ask("起始日期")
    to_date: Day | None = ask("最后日期", default=None, help="不填就一直有效")
    reason: Annotated[str, Field(min_length=2, max_length=200)] = ask("理由")


def _paths(version: Version) -> list[tuple[str, str]]:
    """Return what may differ by company and project, with the value that holds now."""
    found = [
        (f"settings.{row['setting']}", f"{row['label']}（现为 {row['value']}{row.get('unit', '')}）")
        for row in version.content.get("settings", [])
        if not isinstance(row["value"], dict | list)
    ]
    return found + [
        (f"clocks.{row['clock']}.limit", f"{row['label']}的期限（现为 {row.get('limit', '按程序')}）")
        for row in version.content.get("clocks", [])
    ]


def _meant(version: Version, path: str, text: str) -> Any:
    """Return a typed value as its kind: a number where a number stands now, else the text."""
    before = contents.value_of(version.content, path)
    if isinstance(before, bool):
        return text in {"是", "1", "true"}
    if isinstance(before, int | float):
        try:
            number = float(text.replace(",", "").strip())
        except ValueError:
            return text
        return int(number) if number.is_integer() else number
    return text.strip()


@require_http_methods(["GET", "HEAD", "POST"])
@asking.tells_refusals
def values(request: HttpRequest, code: str) -> HttpResponse:
    """List the values that differ by company and project; propose one."""
    at, by = asking.now(), asking.person(request)
    on = day_of(at)
    document = document_for(request, code)
    version = policies.version_of(document, on)
    if version is None:
        raise Http404("这份作业标准书还没有生效的版本。")
    projects = [one for one in projects_of(by, at) if one.company_id == by.company_id]
    paths = _paths(version)
    sheet = Sheet(
        ValueForm,
        choices={"path": paths, "project": [("", "全公司"), *((str(one.pk), one.name) for one in projects)]},
        typed={"from_date": on},
    )
    if request.method == "POST":
        given = sheet.take(request)
        if given is not None:
            try:
                propose_value(
                    document,
                    company=Company.objects.get(pk=by.company_id),
                    project_id=int(given.project) if given.project else None,
                    path=given.path,
                    value=_meant(version, given.path, given.value),
                    from_date=given.from_date,
                    to_date=given.to_date,
                    reason=given.reason,
                    by=by,
                    at=at,
                )
            except UnableToSetValue as refused:
                sheet.refuse(refused)
            else:
                messages.success(request, "已提出，另一位批准后从起始日期起执行")
                return redirect("web:sop_values", code)
    names = {one.pk: one.name for one in projects}
    labels = {path: words.split("（现为")[0] for path, words in paths}
    rows = values_of(document, company_id=by.company_id, on=on)
    people = Person.objects.get_queryset().in_bulk(
        {key for row in rows for key in (row.proposed_by_id, row.approved_by_id) if key}
    )
    may_approve = not authority.lacking(
        by, authority.APPROVE | authority.PUBLISH, company_id=by.company_id, at=at
    )
    return render(
        request,
        "web/sop/values.html",
        {
            "document": document,
            "version": version,
            "rows": [
                {
                    "row": row,
                    "label": labels.get(row.path, row.path),
                    "now": contents.value_of(version.content, row.path)
                    if contents.has_value(version.content, row.path)
                    else "",
                    "where": names.get(row.project_id or 0, "全公司") if row.project_id else "全公司",
                    "proposed_by": people[row.proposed_by_id].name,
                    "approved_by": people[row.approved_by_id].name if row.approved_by_id else "",
                    "holds": row.approved_at is not None and row.from_date <= on,
                    "may_approve": may_approve and row.approved_at is None and row.proposed_by_id != by.pk,
                }
                for row in rows
            ],
            "sheet": sheet,
            "may_propose": not authority.lacking(by, authority.DRAFT, company_id=by.company_id, at=at),
            "who_proposes": authority.names(authority.DRAFT),
            "who_approves": authority.names(authority.APPROVE | authority.PUBLISH),
        },
        status=sheet.status,
    )


@require_POST
@asking.tells_refusals
def value_approved(request: HttpRequest, code: str, key: int) -> HttpResponse:
    """Approve a value that somebody else proposed."""
    at, by = asking.now(), asking.person(request)
    document = document_for(request, code)
    value = ScopeValue.objects.filter(pk=key, document=document, company_id=by.company_id).first()
    if value is None:
        raise Http404("没有这个提议。")
    try:
        approve_value(value, by=by, at=at)
    except UnableToSetValue as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "已批准，起始日期以后开的事项照此办")
    return redirect("web:sop_values", code)


# --- suggestions ------------------------------------------------------------------------------------------------------
class SuggestForm(Form):
    """提建议。"""

    place: Text = ask("针对", default="", help="哪一条、哪一步，可以不填")
    text: Annotated[str, Field(min_length=2, max_length=2000, json_schema_extra={"widget": "longtext"})] = (
        ask("建议")
    )


class DecideForm(Form):
    """处理建议。"""

    reason: Annotated[str, Field(min_length=2, max_length=500, json_schema_extra={"widget": "longtext"})] = (
        ask("处理意见")
    )


@require_http_methods(["GET", "HEAD", "POST"])
@asking.tells_refusals
def suggestions(request: HttpRequest, code: str) -> HttpResponse:
    """List the suggestions on a document; anybody makes one."""
    at, by = asking.now(), asking.person(request)
    document = document_for(request, code)
    version = version_for(document, request.GET.get("version", ""), day_of(at))
    sheet = Sheet(SuggestForm, typed={"place": request.GET.get("place", "")[:100]})
    if request.method == "POST":
        given = sheet.take(request)
        if given is not None:
            try:
                suggest(version, text=given.text, place=given.place, by=by, at=at)
            except UnableToSuggest as refused:
                sheet.refuse(refused)
            else:
                head = head_of(document, by.company_id)
                messages.success(request, f"已交给{head.name if head else '部门负责人'}处理")
                return redirect("web:sop_suggestions", code)
    return _suggestions(request, document, sheet=sheet, at=at)


def _suggestions(
    request: HttpRequest,
    document: Document,
    *,
    at: datetime,
    sheet: Sheet[Any] | None = None,
    sent: tuple[int, Sheet[Any]] | None = None,
) -> HttpResponse:
    by = asking.person(request)
    head = head_of(document, by.company_id)
    rows = (
        Suggestion.objects.filter(version__document=document, company_id=by.company_id)
        .select_related("version", "made_by", "decided_by", "led_to")
        .order_by("-pk")[:100]
    )
    may = (
        by.pk == head.pk
        if head
        else not authority.lacking(by, authority.REVIEW, company_id=by.company_id, at=at)
    )
    status = sent[1].status if sent else sheet.status if sheet else 200
    return render(
        request,
        "web/sop/suggestions.html",
        {
            "document": document,
            "head": head,
            "who": head.name if head else authority.names(authority.REVIEW),
            "rows": [
                {
                    "row": row,
                    "open": row.state == Suggestion.State.OPEN,
                    "may": may and row.state == Suggestion.State.OPEN,
                    "sheet": sent[1]
                    if sent and sent[0] == row.pk
                    else Sheet(DecideForm, prefix=f"s{row.pk}."),
                }
                for row in rows
            ],
            "sheet": sheet or Sheet(SuggestForm),
        },
        status=status,
    )


@require_POST
@asking.tells_refusals
def suggestion_decided(request: HttpRequest, code: str, key: int) -> HttpResponse:
    """Accept or reject a suggestion with a reason; an accepted one begins a new version."""
    at, by = asking.now(), asking.person(request)
    document = document_for(request, code)
    row = Suggestion.objects.filter(pk=key, version__document=document, company_id=by.company_id).first()
    if row is None:
        raise Http404("没有这条建议。")
    sheet = Sheet(DecideForm, prefix=f"s{row.pk}.")
    given = sheet.take(request)
    if given is not None:
        accepted = request.POST.get("decision") == "accept"
        try:
            decided = decide_suggestion(row, accepted=accepted, reason=given.reason, by=by, at=at)
        except UnableToDecide as refused:
            sheet.refuse(refused)
        else:
            led = f"，已列入 {decided.led_to.number} 版" if decided.led_to else ""
            messages.success(request, f"{decided.get_state_display()}{led}")
            return redirect("web:sop_suggestions", code)
    return _suggestions(request, document, at=at, sent=(row.pk, sheet))
