"""事项: the list, the page of one case, and the small acts on it (notes, points, clocks, votes)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from guiju.kernel import acts, ports
from guiju.kernel.models import Case, CaseLink
from guiju.kernel.prepared import prepared
from guiju.kernel.process import process_of, processes
from guiju.kernel.refusals import BadlyFilled
from guiju.org.gates import reads_only
from guiju.org.operations.looks import note_look
from guiju.org.secrecy import may_open
from guiju.papers.models import AttachmentUse, Paper
from guiju.web import casepage, formats, lists, refundpanel, story
from guiju.web.about import CUSTOMER, UNIT, about
from guiju.web.access import case_for, cases_of
from guiju.web.cards import customer_card, unit_card
from guiju.web.guides import guides_of
from guiju.web.views import asking
from guiju.web.views.casesop import newer
from guiju.web.views.desk import remember

TABS = {"open": "在办", "late": "超期", "closed": "已办结", "historic": "历史", "all": "全部"}


@require_safe
def cases(request: HttpRequest) -> HttpResponse:
    """List the cases in the person's scope; tabs and filters live in the address."""
    at, by, project = asking.now(), asking.person(request), asking.project(request)
    tab = request.GET.get("tab", "open")
    tab = tab if tab in TABS else "open"
    mine = cases_of(by, at, project)
    process, state = request.GET.get("process", ""), request.GET.get("state", "")
    filters = []
    if process in processes():
        mine = mine.filter(process=process)
        filters.append(
            {"words": f"类型：{process_of(process).label}", "url": _without(request, "process", "state")}
        )
        if state in [one.value for one in process_of(process).states]:
            mine = mine.filter(state=state)
            filters.append(
                {
                    "words": f"状态：{process_of(process).state(state).label}",
                    "url": _without(request, "state"),
                }
            )
    parts = {
        "open": mine.filter(closed_at=None, historic=False),
        "late": mine.filter(closed_at=None, due_at__lt=at),
        "closed": mine.filter(closed_at__isnull=False, historic=False),
        "historic": mine.filter(historic=True),
        "all": mine,
    }
    found, after = parts[tab], request.GET.get("after", "")
    walk = lists.walk_by_due if tab in ("open", "late") else lists.walk_newest
    rows, page = walk(found, after)
    url = reverse("web:cases")
    return render(
        request,
        "web/cases.html",
        {
            "rows": lists.rows_of(rows, at, masked=asking.masks(request, at)),
            "page": page,
            "tabs": [
                {
                    "label": words,
                    "url": _with(request, tab=name),
                    "current": name == tab,
                    "count": lists.exact(parts[name]),
                }
                for name, words in TABS.items()
            ],
            "filters": filters,
            "clear_url": f"{url}?tab={tab}",
            "kept": [("tab", tab)],
            "processes": [(name, one.label) for name, one in processes().items()],
            "process": process,
            "states": [(one.value, one.label) for one in process_of(process).states]
            if process in processes()
            else [],
            "state": state,
            "total": lists.exact(found),
            "units_url": reverse("web:units"),
        },
    )


def _with(request: HttpRequest, **changes: str) -> str:
    values = request.GET.copy()
    values.pop("after", None)
    for name, value in changes.items():
        values[name] = value
    return f"?{values.urlencode()}"


def _without(request: HttpRequest, *names: str) -> str:
    values = request.GET.copy()
    for name in (*names, "after"):
        values.pop(name, None)
    return f"?{values.urlencode()}" if values else request.path


STORY_TABS = {
    "all": "全部",
    story.STEPS: "办理",
    story.CONTACT: "与客户沟通",
    story.NOTES: "内部备注",
    story.SYSTEM: "系统记录",
}


@require_safe
def case(request: HttpRequest, number: str) -> HttpResponse:
    """Show one case: where it stands, what may be done, why not the rest, and everything that happened."""
    at, by = asking.now(), asking.person(request)
    found = case_for(by, number, at)
    if not asking.masked(request, at, found):
        note_look(by, "case", found.pk, at=at, company_id=found.chain_id)
    response = show(request, found)
    remember(request, response, found)
    return response


def show(request: HttpRequest, found: Case, *, status: int = 200, **more: Any) -> HttpResponse:
    """Render the page of a case, with whatever an act on it has to say."""
    at, by = asking.now(), asking.person(request)
    masked = asking.masked(request, at, found)
    back = request.GET.get("before", "")
    before = int(back) if back.isascii() and back.isdigit() and len(back) < 10 else None
    page = casepage.load(found, by=by, at=at, masked=masked, before=before)
    wanted = request.GET.get("show", "all")
    wanted = wanted if wanted in STORY_TABS else "all"
    # Of a long story only a part is read at a time, so that its kinds are not counted.
    counts = {"all": found.events, **(page.counts if page.whole else {})}
    lines = page.lines if wanted == "all" else [line for line in page.lines if line.kind == wanted]
    subject = about([found.pk], masked=masked)[found.pk]
    more_than_read = not reads_only(by, at=at)
    posts = ports.people().posts_of(by.pk, company_id=found.chain_id, project_id=found.scope_id, at=at)
    return render(
        request,
        "web/case.html",
        {
            "page": page,
            "title": lists.title_of(found, subject),
            "lines": lines,
            "story_shown": wanted,
            "story_tabs": [
                {
                    "label": words,
                    "count": counts.get(name, 0 if page.whole else None),
                    "current": name == wanted,
                    "url": f"?show={name}" if name != "all" else request.path,
                }
                for name, words in STORY_TABS.items()
            ],
            "about": {
                "customers": [customer_card(one, masked=masked) for one in subject.customers],
                "units": [unit_card(one, masked=masked) for one in subject.units],
            },
            "others": _others(request, found, at, masked),
            "may_write": more_than_read and not found.historic,
            "note_key": uuid4(),
            "done_step": request.GET.get("done", ""),
            "sop_url": reverse("web:sop", args=[page.policy.code]),
            "papers": _papers(found),
            "refund": refundpanel.of_case(found, formats.local(at).date(), masked=masked),
            "attachments": _attachments(found.pk, masked),
            "extras": _extras(found, at),
            "may_override": {act.name for act in page.acts if act.option.policy.override_post in posts},
            **more,
        },
        status=status,
    )


def _extras(found: Case, at: Any) -> list[dict[str, str]]:
    """Return what else may be opened from a case."""
    extras = [
        {"label": "看流程图", "icon": "workflow", "url": reverse("web:case_chart", args=[found.number])}
    ]
    for code, title in guides_of(process_of(found.process).sop):
        extras.append({"label": f"《{title}》", "icon": "book-open", "url": reverse("web:sop", args=[code])})
    if not found.historic:
        for name, label, icon in (
            ("case_knowledge", "知识", "lightbulb"),
            ("survey_enter", "登记评价", "star"),
        ):
            extras.append({"label": label, "icon": icon, "url": reverse(f"web:{name}", args=[found.number])})
    if found.closed_at is None and not found.historic and newer(found, at) is not None:
        url = reverse("web:case_move", args=[found.number])
        extras.append({"label": "改用新版标准书", "icon": "git-branch", "url": url})
    return extras


def _papers(found: Case) -> list[dict[str, str]]:
    """Return the printed papers of a case, newest first."""
    return [
        {
            "title": f"{paper.title} {paper.number}".strip(),
            "url": reverse("web:paper", args=[paper.pk]),
            "note": "已作废"
            if paper.voided_at
            else formats.day(paper.printed_at, today=formats.local(asking.now()).date()),
        }
        for paper in _papers_of(found.pk)
    ]


def _others(request: HttpRequest, found: Case, at: Any, masked: bool) -> list[lists.Row]:
    """Return the other cases of the same units and customers, open ones first."""
    keys = {key for kind, about in _links(found.pk) for key in _cases_about(kind, about)} - {found.pk}
    by = asking.person(request)
    mine = [case for case in _newest(keys) if may_open(by, case, at=at)]
    return lists.rows_of(mine[:OTHERS], at, masked=masked)


# How many other cases of a unit and its customers stand beside a case.
OTHERS = 8


@prepared
def _links(case_id: int) -> QuerySet[CaseLink, tuple[str, int]]:
    return CaseLink.objects.filter(case_id=case_id, kind__in=[UNIT, CUSTOMER]).values_list("kind", "key")


@prepared
def _cases_about(kind: str, key: int) -> QuerySet[CaseLink, int]:
    newest = CaseLink.objects.filter(kind=kind, key=key).order_by("-case_id")
    return newest.values_list("case_id", flat=True)[: OTHERS + 1]


@prepared
def _newest(keys: Collection[int]) -> QuerySet[Case, Case]:
    return Case.objects.filter(pk__in=keys).order_by("-pk")


@prepared
def _papers_of(case_id: int) -> QuerySet[Paper, Paper]:
    return Paper.objects.filter(case_id=case_id).order_by("-pk")[:30]


@prepared
def _attachments_of(case_id: int) -> QuerySet[AttachmentUse, AttachmentUse]:
    rows = AttachmentUse.objects.filter(case_id=case_id).exclude(kind="paper")
    return rows.select_related("attachment").order_by("-pk")[:40]


def _attachments(case_id: int, masked: bool) -> list[AttachmentUse]:
    """Return the files of a case; what a file is called names people as often as not (E-4.4-a)."""
    uses = list(_attachments_of(case_id))
    for use in uses if masked else ():
        use.title = "附件"
    return uses


@require_POST
@asking.tells_refusals
def note(request: HttpRequest, number: str) -> HttpResponse:
    """Write a note; internal unless somebody chose otherwise."""
    found = case_for(asking.person(request), number, asking.now())
    text = request.POST.get("text", "")
    outside = request.POST.get("to") == "outside"
    try:
        acts.note(
            found,
            text=text,
            by=asking.person(request),
            at=asking.now(),
            to_customer=outside,
            key=uuid_of(request.POST.get("key", "")),
        )
    except BadlyFilled as wrong:
        return show(request, found, status=422, note_text=text, note_error=str(wrong))
    messages.success(request, "已记下与客户的沟通" if outside else "已记下内部备注，客户看不到")
    return redirect(f"{reverse('web:case', args=[number])}?done=note")


def uuid_of(text: str) -> UUID | None:
    """Return the one-time key of a form, or None for anything else."""
    try:
        return UUID(text)
    except ValueError:
        return None


@require_POST
@asking.tells_refusals
def point(request: HttpRequest, number: str, step: str, key: str) -> HttpResponse:
    """Tick a control point of the step in hand, or take the tick back."""
    found = case_for(asking.person(request), number, asking.now())
    wanted = request.POST.get("value", "")
    value: Any = True if wanted == "1" else wanted or None
    acts.tick(found, step, key, value=value, by=asking.person(request), at=asking.now())
    return redirect("web:case", number)


@require_POST
@asking.tells_refusals
def override(request: HttpRequest, number: str, step: str, key: str) -> HttpResponse:
    """Free a control point for one attempt; leaves a deviation record."""
    found = case_for(asking.person(request), number, asking.now())
    acts.override(
        found, step, key, reason=request.POST.get("reason", ""), by=asking.person(request), at=asking.now()
    )
    messages.success(request, "已放行这一个控制要点，只用一次，已留偏差记录")
    return redirect("web:case", number)


@require_POST
@asking.tells_refusals
def pause(request: HttpRequest, number: str, clock: str) -> HttpResponse:
    """Pause a clock, with the reason."""
    found = case_for(asking.person(request), number, asking.now())
    acts.pause(
        found, clock, reason=request.POST.get("reason", ""), by=asking.person(request), at=asking.now()
    )
    messages.success(request, "已暂停计时，恢复前不算时间")
    return redirect("web:case", number)


@require_POST
@asking.tells_refusals
def resume(request: HttpRequest, number: str, clock: str) -> HttpResponse:
    """Let a paused clock run again."""
    found = case_for(asking.person(request), number, asking.now())
    acts.resume(found, clock, by=asking.person(request), at=asking.now())
    messages.success(request, "已恢复计时，到期时间已重新算过")
    return redirect("web:case", number)


VOTED: Mapping[str, str] = {"yes": "已同意", "return": "已退回修改", "no": "已表示不同意"}


@require_POST
@asking.tells_refusals
def vote(request: HttpRequest, number: str) -> HttpResponse:
    """Decide a seat of the case's open request."""
    found = case_for(asking.person(request), number, asking.now())
    decision, reason = request.POST.get("decision", ""), request.POST.get("reason", "")
    if found.pending_request_id is None or request.POST.get("request") != str(found.pending_request_id):
        messages.error(request, "这个申请已有结果，请看下面的经过")
        return redirect("web:case", number)
    try:
        acts.vote(
            found.pending_request_id,
            decision=decision,
            reason=reason,
            by=asking.person(request),
            at=asking.now(),
        )
    except BadlyFilled as wrong:
        return show(request, found, status=422, vote_reason=reason, vote_error=str(wrong))
    messages.success(request, VOTED[decision])
    return redirect("web:case", number)


@require_POST
@asking.tells_refusals
def withdraw(request: HttpRequest, number: str) -> HttpResponse:
    """Take back one's own request."""
    found = case_for(asking.person(request), number, asking.now())
    if found.pending_request_id is None:
        messages.error(request, "没有在审批的申请")
        return redirect("web:case", number)
    acts.withdraw(
        found.pending_request_id,
        reason=request.POST.get("reason", ""),
        by=asking.person(request),
        at=asking.now(),
    )
    messages.success(request, "已撤回申请")
    return redirect("web:case", number)
