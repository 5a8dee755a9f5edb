"""Importing a register: the file → what its columns mean → what would happen → done, with the refused rows to mend."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from guiju.kernel.crypto import decrypt, encrypt
from guiju.org import posts
from guiju.org.gates import require_post, scope_of
from guiju.org.models import Company, Person
from guiju.registers import mending, operations
from guiju.registers.contents import content_of
from guiju.registers.fields import FIELDS, Kind
from guiju.registers.models import Import
from guiju.registers.outcomes import Status
from guiju.registers.recognise import Mapping
from guiju.web import formats, lists
from guiju.web.access import projects_of
from guiju.web.views import asking
from guiju.web.views.files import send

IMPORTERS = (
    posts.CS_MANAGER,
    posts.CS_ASSISTANT_MANAGER,
    posts.SIGNING_SUPERVISOR,
    posts.CS_CLERK,
    posts.REGISTRAR,
    posts.ARCHIVIST,
    posts.ADMINISTRATOR,
)
WAITING = "imports"
PLACE = "web_import.file"
MOST_BYTES = 20 * 1024 * 1024
SHOWN = 200
WHAT = {
    Kind.UNITS: "房号、面积、单价、总价；项目不存在时会建立",
    Kind.AREAS: "实测面积，与合同面积比对",
    Kind.CUSTOMERS: "业主、认购和签约情况；已售房屋不再可售",
    Kind.COMPLAINTS: "以往投诉，作为历史登记，不计时",
}


@dataclass(frozen=True)
class Waiting:
    """A file that was read and waits for its import."""

    token: str
    kind: Kind
    project_code: str
    file_name: str
    year: int | None
    corrected: dict[str, dict[str, int]]

    @property
    def place(self) -> str:
        """Where its content lies, encrypted."""
        return f"incoming/{self.token}"


@require_http_methods(["GET", "HEAD", "POST"])
@asking.tells_refusals
def imports(request: HttpRequest) -> HttpResponse:
    """Take a file in and go to its preview; list the imports done before."""
    at, by = asking.now(), asking.person(request)
    require_post(by, *IMPORTERS, at=at)
    projects = projects_of(by, at)
    given = {"kind": request.POST.get("kind", "units"), "project": request.POST.get("project", "").strip()}
    mistakes: dict[str, str] = {}
    if request.method == "POST":
        file = request.FILES.get("file")
        year = request.POST.get("year", "").strip()
        if given["kind"] not in [kind.value for kind in Kind]:
            mistakes["kind"] = "请选登记表的种类"
        if not given["project"]:
            mistakes["project"] = "请选项目，或填新项目的代码"
        if file is None:
            mistakes["file"] = "请选文件"
        elif (file.size or 0) > MOST_BYTES:
            mistakes["file"] = "文件超过 20 MB，请分开导入"
        if year and not 1990 <= (formats.whole(year) or 0) <= 2099:
            mistakes["year"] = "请填 4 位年份"
        if not mistakes and file is not None:
            waiting = Waiting(
                uuid4().hex,
                Kind(given["kind"]),
                given["project"],
                str(file.name),
                formats.whole(year),
                {},
            )
            _keep(request, waiting, file.read())
            return redirect("web:import", waiting.token)
    done = Import.objects.filter(project__in=[project.pk for project in projects]).select_related(
        "project", "imported_by"
    )
    rows, page = lists.walk_newest(done, request.GET.get("after", ""), size=20)
    return render(
        request,
        "web/imports.html",
        {
            "kinds": [(kind.value, kind.label, WHAT[kind]) for kind in Kind],
            "given": given,
            "mistakes": mistakes,
            "projects": projects,
            "rows": rows,
            "page": page,
        },
        status=422 if mistakes else 200,
    )


def _keep(request: HttpRequest, waiting: Waiting, content: bytes) -> None:
    """Keep the file encrypted until it is imported or given up; one file a person at a time."""
    for token in request.session.get(WAITING, {}):
        default_storage.delete(f"incoming/{token}")
    default_storage.save(waiting.place, ContentFile(encrypt(base64.b64encode(content).decode(), PLACE)))
    _note(request, waiting)


def _note(request: HttpRequest, waiting: Waiting) -> None:
    request.session[WAITING] = {
        waiting.token: json.dumps(
            {
                "kind": waiting.kind.value,
                "project": waiting.project_code,
                "file": waiting.file_name,
                "year": waiting.year,
                "corrected": waiting.corrected,
            }
        )
    }


def _waiting(request: HttpRequest, token: str) -> tuple[Waiting, bytes]:
    """
    Return a file that this person uploaded and its content.

    :raises Http404: it was imported, given up, or is somebody else's.
    """
    kept = request.session.get(WAITING, {}).get(token)
    if kept is None or not default_storage.exists(f"incoming/{token}"):
        raise Http404("这个文件已经导入或放弃，请重新上传。")
    known = json.loads(kept)
    waiting = Waiting(
        token, Kind(known["kind"]), known["project"], known["file"], known["year"], known["corrected"]
    )
    with default_storage.open(waiting.place) as file:
        return waiting, base64.b64decode(decrypt(file.read(), PLACE))


def _forget(request: HttpRequest, waiting: Waiting) -> None:
    default_storage.delete(waiting.place)
    request.session.pop(WAITING, None)


@require_http_methods(["GET", "HEAD", "POST"])
@asking.tells_refusals
def preview(request: HttpRequest, token: str) -> HttpResponse:
    """Show what the file would do; on POST read it with corrected columns, import it, or give it up."""
    at, by = asking.now(), asking.person(request)
    require_post(by, *IMPORTERS, at=at)
    waiting, content = _waiting(request, token)
    act = request.POST.get("act", "")
    if act == "drop":
        _forget(request, waiting)
        messages.success(request, "已放弃，什么都没有导入")
        return redirect("web:imports")
    if act in ("reread", "apply"):
        waiting = _corrected(request, waiting)
        _note(request, waiting)
    given: dict[str, Any] = {
        "kind": waiting.kind,
        "content": content,
        "file_name": waiting.file_name,
        "project_code": waiting.project_code,
        "company": _company(by),
        "corrected": waiting.corrected or None,
        "year": waiting.year,
    }
    try:
        if act == "apply":
            return _apply(request, waiting, given, by, at)
        shown = operations.preview(**given)
    except (operations.NotARegister, operations.UnableToImport) as refusal:
        found = refusal.mappings if isinstance(refusal, operations.NotARegister) else []
        given = {"waiting": waiting, "refusal": str(refusal), "layouts": _layouts(waiting.kind, found)}
        return render(request, "web/import.html", given, status=422)
    return render(request, "web/import.html", _page(waiting, shown))


def _company(by: Person) -> Company:
    return by.company


def _corrected(request: HttpRequest, waiting: Waiting) -> Waiting:
    """Take corrected columns and the year from the form."""
    corrected: dict[str, dict[str, int]] = {}
    known = {field.name for field in FIELDS[waiting.kind]}
    for name, value in request.POST.items():
        if not name.startswith("map."):
            continue
        fingerprint, _, field = name.removeprefix("map.").rpartition(".")
        columns = corrected.setdefault(fingerprint, {})
        column = formats.whole(str(value))
        if column is not None and field in known:
            columns[field] = column
    year = request.POST.get("year", "").strip()
    return Waiting(
        waiting.token,
        waiting.kind,
        waiting.project_code,
        waiting.file_name,
        formats.whole(year) if 1990 <= (formats.whole(year) or 0) <= 2099 else waiting.year,
        corrected if request.POST.get("changed") or waiting.corrected else {},
    )


def _apply(
    request: HttpRequest, waiting: Waiting, given: dict[str, Any], by: Person, at: datetime
) -> HttpResponse:
    done = operations.apply(**given, by=by, at=at)
    if waiting.corrected:
        for page in done.preview.reading.pages:
            mapping = page.mapping
            if mapping.fingerprint in waiting.corrected:
                operations.remember_layout(
                    company=_company(by),
                    kind=waiting.kind,
                    fingerprint=mapping.fingerprint,
                    headings=[heading.text for heading in mapping.headings],
                    columns=waiting.corrected[mapping.fingerprint],
                    by=by,
                    at=at,
                )
    _forget(request, waiting)
    counts = done.preview.counts
    messages.success(
        request,
        f"读 {counts['read']} 行：新增 {counts['created']}，更新 {counts['updated']}，"
        f"不变 {counts['unchanged']}，拒绝 {counts['rejected']}",
    )
    return redirect("web:imported", done.made.pk)


def _layouts(kind: Kind, mappings: Iterable[Mapping]) -> list[dict[str, Any]]:
    """Return how each layout of the file is read, so that a person can correct it."""
    layouts: dict[str, dict[str, Any]] = {}
    for mapping in mappings:
        unsure = [*mapping.doubtful, *mapping.missing]
        known = layouts.setdefault(
            mapping.fingerprint,
            {
                "fingerprint": mapping.fingerprint,
                "sheets": [],
                "doubtful": unsure,
                "headings": [
                    (heading.column, heading.text or f"第 {heading.column + 1} 列")
                    for heading in mapping.headings
                ],
                "fields": [
                    {
                        "name": field.name,
                        "label": field.label,
                        "column": mapping.column(field.name),
                        "doubtful": any(field.label in words.split("或") for words in unsure),
                    }
                    for field in FIELDS[kind]
                ],
            },
        )
        known["sheets"].append(mapping.sheet)
    return list(layouts.values())


def _page(waiting: Waiting, shown: operations.Preview) -> dict[str, Any]:
    layouts = _layouts(waiting.kind, (page.mapping for page in shown.reading.pages))
    changed = [one for one in shown.outcomes if one.status in (Status.CREATED, Status.UPDATED)]
    return {
        "waiting": waiting,
        "shown": shown,
        "counts": shown.counts,
        "layouts": layouts,
        "doubtful": any(layout["doubtful"] for layout in layouts),
        "rejected": shown.rejected[:SHOWN],
        "changed": [(one, content_of(one)) for one in changed[:SHOWN]],
        "changed_more": max(0, len(changed) - SHOWN),
        "skipped": shown.reading.skipped,
        "passed": len(shown.reading.passed),
        "nothing": not changed,
    }


def _made(request: HttpRequest, key: int) -> Import:
    """
    Return an import of a project in the person's scope.

    :raises Http404: there is none.
    """
    at, by = asking.now(), asking.person(request)
    scope = scope_of(by, at=at)
    found = (
        Import.objects.filter(scope.q("project__company_id", "project_id"), pk=key)
        .select_related("project", "imported_by")
        .first()
    )
    if found is None:
        raise Http404("没有这次导入，或者它不在你的项目里。")
    return found


@require_safe
@asking.tells_refusals
def imported(request: HttpRequest, key: int) -> HttpResponse:
    """Show what an import did: counts, refused rows with their reasons, remarks."""
    at, by = asking.now(), asking.person(request)
    require_post(by, *IMPORTERS, at=at)
    made = _made(request, key)
    result: dict[str, Any] = made.result
    return render(
        request,
        "web/imported.html",
        {
            "made": made,
            "rejected": result["rejected"][:SHOWN],
            "notices": result["notices"][:SHOWN],
            "skipped": result["skipped"],
            "year": result["year"],
            "units_url": reverse("web:units"),
        },
    )


@require_safe
@asking.tells_refusals
def refused_rows(request: HttpRequest, key: int) -> HttpResponse:
    """Send the refused rows as an Excel file to mend and import again."""
    require_post(asking.person(request), *IMPORTERS, at=asking.now())
    made = _made(request, key)
    name = made.file_name.rsplit(".", 1)[0]
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return send(mending.mend_file(made), kind, f"{name} 拒绝行.xlsx", inline=False)
