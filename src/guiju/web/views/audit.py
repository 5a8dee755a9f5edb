"""审计: the chain and its verification, deviations, and reactions that were given up."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.cache import cache
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from guiju.kernel import audit, ports, reactions
from guiju.kernel.models import ChainHead, Deviation, Event, Reaction
from guiju.org import posts
from guiju.org.gates import require_post, scope_of
from guiju.org.models import Company, Person
from guiju.web import eventwords, lists
from guiju.web.views import asking

READERS = (
    posts.AUDITOR,
    posts.ADMINISTRATOR,
    posts.CS_MANAGER,
    posts.DEPUTY_GM,
    posts.GENERAL_MANAGER,
)
LAST = "audit:last"
DAY = 24 * 60 * 60


@require_safe
@asking.tells_refusals
def overview(request: HttpRequest) -> HttpResponse:
    """Show the chains, the last verification, deviations and given-up reactions."""
    at, by = asking.now(), asking.person(request)
    require_post(by, *READERS, at=at)
    scope = scope_of(by, at=at)
    companies = {company.pk: company for company in Company.objects.order_by("pk")}
    seen = set(scope.companies) | {by.company_id}
    people = ports.people()
    deviations = (
        Deviation.objects.filter(scope.q("case__chain_id", "case__scope_id"))
        .select_related("case")
        .order_by("-pk")[:20]
    )
    return render(
        request,
        "web/audit.html",
        {
            "chains": [
                {
                    "company": str(companies.get(head.chain_id, head.chain_id)),
                    "seq": head.seq,
                    "digest": head.digest,
                }
                for head in ChainHead.objects.filter(chain_id__in=seen).order_by("chain_id")
            ],
            "last": cache.get(LAST),
            "deviations": [
                {
                    "at": one.allowed_at,
                    "case": one.case,
                    "what": _point(one),
                    "reason": one.reason,
                    "who": people.name(one.allowed_by),
                    "post": people.post_label(one.post),
                    "used": one.used_event_id is not None,
                }
                for one in deviations
            ],
            "dead": _dead(by, at).count(),
            "events": [
                {
                    "at": event.recorded_at,
                    "who": people.name(event.actor_id) if event.actor_id else "系统",
                    "what": eventwords.said(event),
                    "seq": event.seq,
                    "case": event.case,
                }
                for event in Event.objects.filter(scope.q("chain_id", "case__scope_id"))
                .select_related("case")
                .order_by("-pk")[:15]
            ],
        },
    )


def _dead(by: Person, at: datetime) -> QuerySet[Reaction, Reaction]:
    """Return the given-up reactions of the person's scope."""
    scope = scope_of(by, at=at)
    return Reaction.objects.filter(scope.q("event__chain_id", "event__case__scope_id"), state=Reaction.DEAD)


def _point(one: Deviation) -> str:
    policy = ports.policies().get(one.case.sop_version_id)
    step = policy.step(one.step)
    point = next((point.label for point in step.points if point.key == one.point), one.point)
    return f"{step.label or one.step}：{point}"


@require_POST
@asking.tells_refusals
def verify(request: HttpRequest) -> HttpResponse:
    """Read every event again and compare; keep the result for a day."""
    at, by = asking.now(), asking.person(request)
    require_post(by, *READERS, at=at)
    report = audit.verify()
    cache.set(
        LAST,
        {
            "at": at,
            "events": report.events,
            "chains": report.chains,
            "anchors": report.anchors,
            "ok": report.ok,
            "findings": [finding.text for finding in report.findings[:100]],
        },
        DAY,
    )
    if report.ok:
        messages.success(request, f"核对了 {report.events} 条记录，没有发现改动")
    else:
        messages.error(request, f"发现 {len(report.findings)} 处不符，见下")
    return redirect("web:audit")


@require_safe
@asking.tells_refusals
def given_up(request: HttpRequest) -> HttpResponse:
    """List reactions that were given up, newest first."""
    at, by = asking.now(), asking.person(request)
    require_post(by, *READERS, at=at)
    rows, page = lists.walk_newest(
        _dead(by, at).select_related("event__case"),
        request.GET.get("after", ""),
    )
    shown: list[dict[str, Any]] = [
        {
            "key": row.pk,
            "name": row.name.rsplit(".", 1)[-1],
            "case": row.event.case,
            "attempts": row.attempts,
            "at": row.next_at,
            "error": row.error.strip().splitlines()[-1] if row.error.strip() else "",
        }
        for row in rows
    ]
    return render(request, "web/reactions.html", {"rows": shown, "page": page})


@require_POST
@asking.tells_refusals
def retry(request: HttpRequest, key: int) -> HttpResponse:
    """Put a given-up reaction back to work."""
    at, by = asking.now(), asking.person(request)
    require_post(by, posts.ADMINISTRATOR, posts.CS_MANAGER, at=at)
    if _dead(by, at).filter(pk=key).exists() and reactions.retry(key, at=at):
        messages.success(request, "已放回队列，几秒内会再试")
    else:
        messages.error(request, "这一条已不在放弃的队列里")
    return redirect("web:reactions")
