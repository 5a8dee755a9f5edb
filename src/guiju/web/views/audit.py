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
from guiju.kernel.process import processes
from guiju.org import posts
from guiju.org.gates import require_post, scope_of
from guiju.org.models import Company, Person
from guiju.web import lists
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
                    "what": _step(event),
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


OTHER_STEPS = {
    "org.look": "查看个人信息",
    "calendar.change": "修改工作日历",
    "note": "写备注",
    "receive_money": "收款入账",
    "check_receipt": "复核收款",
    "check_return": "复核暂收款退回",
    "reverse_receipt": "冲销收款",
    "identify_money": "查明暂收款",
    "allocate_money": "指定抵付",
    "close_till": "收款日结",
    "check_till": "复核日结",
    "take_statement": "导入对账单",
    "match_bank_line": "确认银行流水",
    "ask_invoice": "申请开票",
    "issue_invoice": "登记发票",
    "red_invoice": "登记红字发票",
    "set_collection_target": "设定回款目标",
    "tick": "控制要点",
    "override": "放行控制要点",
    "request": "申请审批",
    "resubmit": "重新申请",
    "vote": "审批意见",
    "withdraw": "撤回申请",
    "returned": "审批后退回",
    "pause": "暂停计时",
    "resume": "恢复计时",
    "remind": "时限提醒",
    "due": "时限到期",
    "escalate": "超期升级",
    "move": "改用新版标准书",
    "classify": "改密级",
    "papers.classify": "改文件密级",
    "estate.describe_project": "修改项目资料",
    "register_imported": "导入登记表",
    "layout_corrected": "改正导入的列",
    "estate.daily_control": "确认日销控",
    "desk.reception_log": "打印业户接待登记表",
}


def _step(event: Event) -> str:
    known = processes().get(event.case.process) if event.case else None
    name, _, rest = event.step.partition(":")
    step = known.step(rest or name) if known else None
    if step is not None:
        return f"{OTHER_STEPS.get(name, name)}：{step.label}" if rest else step.label
    return OTHER_STEPS.get(name, event.step)


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
