"""作业标准书: the library, and one document with its clauses, control block, limits and flowchart."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_POST, require_safe

from guiju.kernel.process import processes
from guiju.org.posts import label as post_label
from guiju.sop import authority, flowchart, queries
from guiju.sop.models import Document, Version, day_of
from guiju.sop.operations import readings
from guiju.sop.queries import library as on_shelf
from guiju.web.views import asking


@require_safe
def shelf(request: HttpRequest) -> HttpResponse:
    """List the documents of the person's company; those still to be read stand first."""
    at, by = asking.now(), asking.person(request)
    unread = {version.pk for version in queries.unread_by(by, at=at)}
    rows = [
        {"shelf": shelf, "unread": shelf.in_force is not None and shelf.in_force.pk in unread}
        for shelf in on_shelf(company_id=by.company_id, on=day_of(at))
    ]
    rows.sort(key=lambda row: not row["unread"])
    return render(
        request, "web/sops.html", {"rows": rows, "unread": sum(bool(row["unread"]) for row in rows)}
    )


def _version(document: Document, number: str, on: Any) -> Version:
    """
    Return the version of this number, or the one in force.

    :raises Http404: there is none.
    """
    rows = list(document.versions.all())
    if number:
        found = next((row for row in rows if row.number == number), None)
    else:
        past = [
            row
            for row in rows
            if row.state == Version.State.PUBLISHED and row.effective_date and row.effective_date <= on
        ]
        found = max(past or rows, key=lambda row: (row.major, row.minor), default=None)
    if found is None:
        raise Http404("没有这一版作业标准书。")
    return found


@require_safe
def sop(request: HttpRequest, code: str) -> HttpResponse:
    """Show a document: control block, flowchart drawn from the running definition, steps, limits, revisions."""
    at, by = asking.now(), asking.person(request)
    on = day_of(at)
    try:
        document = queries.document(code, company_id=by.company_id)
    except Document.DoesNotExist as error:
        raise Http404(f"没有编号 {code} 的作业标准书。") from error
    version = _version(document, request.GET.get("version", ""), on)
    policy = version.policy()
    process = processes().get(document.process) if document.process else None
    chart = ""
    steps: list[dict[str, Any]] = []
    clocks: list[dict[str, Any]] = []
    if process is not None:
        drawn = flowchart.chart_of(process, policy)
        chart = flowchart.draw(drawn, links={step.name: f"#step-{step.name}" for step in process.steps})
        for number, step in enumerate(process.steps, 1):
            said = policy.step(step.name)
            chosen = [post for post in said.posts if post in step.by] or list(step.by)
            steps.append(
                {
                    "number": number,
                    "name": step.name,
                    "label": said.label or step.label,
                    "clause": policy.number(said.clause or step.clause),
                    "words": said.words,
                    "posts": "、".join(post_label(post) for post in chosen) or "系统按时",
                    "points": said.points,
                    "policy": said,
                    "from": "、".join(state.label for state in step.when),
                    "to": step.to.label if step.to else "",
                }
            )
        for rule in process.clocks:
            said_clock = policy.clock(rule.name)
            clocks.append(
                {
                    "label": said_clock.label or rule.label,
                    "limit": said_clock.limit or rule.limit,
                    "remind": "、".join(said_clock.remind),
                    "escalate": "、".join(
                        f"{delay} {post_label(post)}" for delay, post in said_clock.escalate
                    ),
                    "law": rule.law,
                    "clause": policy.number(said_clock.clause or rule.clause),
                    "words": said_clock.words,
                }
            )
    return render(
        request,
        "web/sop.html",
        {
            "document": document,
            "version": version,
            "standing": queries.standing(version, on),
            "versions": sorted(document.versions.all(), key=lambda row: (-row.major, -row.minor)),
            # Drawn by our own program from the definition; its texts are escaped there.
            "chart": mark_safe(chart),  # noqa: S308
            "mermaid": flowchart.mermaid(drawn) if process is not None else "",
            "steps": steps,
            "clocks": clocks,
            "clauses": [{"id": key, **row} for key, row in policy.clauses.items()],
            "content": version.content,
            "read": queries.has_read(by.pk, version),
            "under_way": next(
                (row for row in document.versions.all() if row.state in Version.ON_THE_WAY), None
            ),
            "may_draft": authority.lacking(by, authority.DRAFT, company_id=by.company_id, at=at) is None,
            "posts": "、".join(post_label(post) for post in document.audience) or "全体",
        },
    )


@require_POST
@asking.tells_refusals
def read(request: HttpRequest, code: str) -> HttpResponse:
    """Note that the person has read the version in force."""
    at, by = asking.now(), asking.person(request)
    try:
        document = queries.document(code, company_id=by.company_id)
    except Document.DoesNotExist as error:
        raise Http404(f"没有编号 {code} 的作业标准书。") from error
    version = _version(document, request.POST.get("version", ""), day_of(at))
    readings.note_reading(version, by=by, at=at)
    messages.success(request, f"已记下：你已学习 {document.code} {version.number} 版")
    return redirect("web:sop", code)
