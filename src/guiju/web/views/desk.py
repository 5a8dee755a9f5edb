"""工作台 and 待办: what to do now, nearest deadline first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote, unquote

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from guiju.kernel import ports
from guiju.kernel.models import Case, Event
from guiju.kernel.process import process_of, processes
from guiju.org import posts
from guiju.org.gates import posts_anywhere
from guiju.web import formats, lists, shell, story
from guiju.web.access import cases_of
from guiju.web.duties import Duties, Window, counted
from guiju.web.views import asking, notices

ON_DESK = 25
RECENT = "recent"
RECENT_KEPT = 8


def _greeting(hour: int) -> str:
    for until, words in ((6, "夜深了"), (11, "上午好"), (13, "中午好"), (18, "下午好")):
        if hour < until:
            return words
    return "晚上好"


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show the desk: to-dos grouped by deadline, today's plan, what is late, what was opened last."""
    at, by, project = asking.now(), asking.person(request), asking.project(request)
    masked = asking.masks(request, at)
    tab = request.GET.get("tab", "todo")
    here = formats.local(at)
    midnight = (here + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    mine = Duties(by, at, project)
    rest_of_day = Window(at, midnight)
    today = mine.nearest(rest_of_day, limit=12)
    plan = lists.todo_rows(today, at, masked=masked)
    context: dict[str, Any] = {
        "greeting": _greeting(here.hour),
        "clock": f"{here:%H:%M}",
        "tab": tab,
        "today_count": len(today) if len(today) < 12 else counted(mine.count(rest_of_day)),
        "agenda": [
            {
                "time": f"{formats.local(row.due_at or at):%H:%M}",
                "label": row.label,
                "about": row.title,
                "url": row.url,
                "state": "now" if place == 0 else "",
            }
            for place, row in enumerate(plan)
        ],
        "starts": _starts(request),
        "figures": _figures(request, at),
        "recent": [
            {"number": number, "title": title, "url": reverse("web:case", args=[number])}
            for number, title in recent(request)[:6]
        ],
    }
    if tab == "todo":
        todos = mine.nearest(Window(), limit=ON_DESK)
        context["groups"] = lists.grouped(lists.todo_rows(todos, at, masked=masked), at)
    else:
        context |= {"rows": _acts(request, tab, masked), "label": "已办" if tab == "done" else "我登记的"}
    context |= _late(request, at, masked)
    return render(request, "web/home.html", context)


def _starts(request: HttpRequest) -> list[Mapping[str, str]]:
    """Return what begins most days of these posts: calls, visits and letters at the desk, subscriptions in sales."""
    held = posts_anywhere(asking.person(request), at=asking.now())
    if held & {posts.FRONT_DESK, posts.CS_CLERK}:
        new = reverse("web:reception_new")
        return [
            {"label": "登记来电", "icon": "phone-incoming", "url": new},
            {"label": "登记来访", "icon": "user", "url": f"{new}?channel=visit"},
            {"label": "登记来函", "icon": "mail", "url": f"{new}?channel=letter"},
        ]
    if posts.SALES not in held:
        return []
    return [{"label": "登记认购", "icon": "circle-plus", "url": reverse("web:units") + "?state=available"}]


def _figures(request: HttpRequest, at: Any) -> list[Mapping[str, Any]]:
    mine = cases_of(asking.person(request), at, asking.project(request))
    open_cases, late = mine.filter(closed_at=None, historic=False), mine.filter(closed_at=None, due_at__lt=at)
    url = reverse("web:cases")
    return [
        {
            "name": "在办事项",
            "value": lists.exact(open_cases),
            "unit": "件",
            "remark": "按时限排列",
            "url": url,
        },
        {
            "name": "超期事项",
            "value": lists.exact(late),
            "unit": "件",
            "remark": "先办这些",
            "url": f"{url}?tab=late",
        },
    ]


def _late(request: HttpRequest, at: Any, masked: lists.Masks) -> Mapping[str, Any]:
    found = cases_of(asking.person(request), at, asking.project(request)).filter(
        closed_at=None, due_at__lt=at
    )
    cases = list(found.order_by("due_at", "pk")[:5])
    rows = [
        {"title": row.title, "url": row.url, "state": row.state, "late": formats.span(at - case.due_at)}
        for case, row in zip(cases, lists.rows_of(cases, at, masked=masked), strict=True)
        if case.due_at is not None
    ]
    return {"late": rows, "late_total": lists.exact(found) if rows else "0"}


def _acts(request: HttpRequest, tab: str, masked: lists.Masks) -> list[Mapping[str, Any]]:
    """Return what the person did last, or the cases the person opened."""
    by, at = asking.person(request), asking.now()
    if tab == "opened":
        mine = cases_of(by, at, asking.project(request)).filter(opened_by=by.pk).order_by("-pk")
        opened = list(mine[:ON_DESK])
        return [
            {
                "at": row.opened_at,
                "number": row.number,
                "title": row.title,
                "url": row.url,
                "act": f"登记{row.process}",
            }
            for row in lists.rows_of(opened, at, masked=masked)
        ]
    events = list(
        Event.objects.filter(actor_id=by.pk, case__isnull=False)
        .select_related("case")
        .order_by("-pk")[:ON_DESK]
    )
    cases = {event.case.pk: event.case for event in events if event.case is not None}
    names = story.names_in(events)
    titles = {row.number: row.title for row in lists.rows_of(list(cases.values()), at, masked=masked)}
    rows: list[Mapping[str, Any]] = []
    for event in events:
        case: Case = event.case  # type: ignore[assignment]
        known = processes().get(case.process)
        policy = ports.policies().get(case.sop_version_id)
        rows.append(
            {
                "at": event.recorded_at,
                "number": case.number,
                "title": titles[case.number],
                "url": reverse("web:case", args=[case.number]),
                "act": story.line(event, known, policy, names).what if known else event.step,
            }
        )
    return rows


WHEN = {"over": "已超期", "today": "今天到期", "soon": "三天内"}


@require_safe
def todos(request: HttpRequest) -> HttpResponse:
    """List all to-dos of the person's posts; filters live in the address."""
    at, by, project = asking.now(), asking.person(request), asking.project(request)
    here = formats.local(at)
    midnight = (here + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    mine = Duties(by, at, project)
    when, process = request.GET.get("when", ""), request.GET.get("process", "")
    windows = {
        "": Window(),
        "over": Window(until=at),
        "today": Window(at, midnight),
        "soon": Window(midnight, midnight + timedelta(days=3)),
    }
    wanted = windows.get(when, windows[""])
    filters = []
    if process in processes():
        wanted = replace(wanted, process=process)
        filters.append({"words": f"来源：{process_of(process).label}", "url": _without(request, "process")})
    limit = request.GET.get("limit", "")
    size = min(formats.whole(limit) or lists.SIZE, lists.SIZE)
    rows, page = lists.walk_duties(mine, wanted, request.GET.get("after", ""), size=size)
    url = reverse("web:todos")
    # The menu has counted two of them already.
    around = shell.context(request)["shell"]
    counts = {"": counted(around.todos), "over": counted(around.overdue)}
    rest = {name: window for name, window in windows.items() if name not in counts}
    counts |= zip(rest, map(counted, mine.counts(*rest.values())), strict=True)
    tabs = [{"label": "全部", "url": url, "current": not when, "count": counts[""]}]
    for name, words in WHEN.items():
        tabs.append(
            {"label": words, "url": f"{url}?when={name}", "current": when == name, "count": counts[name]}
        )
    by_hand, by_hand_total = (
        notices.by_hand(request) if not (when or process or request.GET.get("after")) else ([], "0")
    )
    return render(
        request,
        "web/todos.html",
        {
            "by_hand": by_hand,
            "by_hand_total": by_hand_total,
            "groups": lists.grouped(lists.todo_rows(rows, at, masked=asking.masks(request, at)), at),
            "page": page,
            "tabs": tabs,
            "filters": filters,
            "filtered": bool(filters or when),
            "clear_url": url,
            "processes": [(name, one.label) for name, one in processes().items()],
            "process": process,
            "when": when,
            "total": counted(mine.count(wanted)) if process else counts.get(when, counts[""]),
        },
    )


def _without(request: HttpRequest, name: str) -> str:
    values = request.GET.copy()
    values.pop(name, None)
    values.pop("after", None)
    return f"?{values.urlencode()}" if values else request.path


def remember(request: HttpRequest, response: HttpResponse, case: Case) -> None:
    """Keep the case among those opened last, in the person's own browser: reading a page writes nothing."""
    kept = [entry for entry in _opened_last(request) if entry[0] != case.number]
    entries = [
        f"{number} {process}" for number, process in [(case.number, case.process), *kept][:RECENT_KEPT]
    ]
    response.set_cookie(
        RECENT,
        quote("~".join([str(asking.person(request).pk), *entries]), safe="~"),
        httponly=True,
        secure=request.is_secure(),
        samesite="Lax",
    )


def recent(request: HttpRequest) -> list[tuple[str, str]]:
    """Return number and kind of the cases that this person opened last on this browser."""
    known = processes()
    return [
        (number, known[process].label if process in known else process)
        for number, process in _opened_last(request)
    ]


def _opened_last(request: HttpRequest) -> list[tuple[str, str]]:
    whose, *entries = unquote(request.COOKIES.get(RECENT, "")).split("~")
    if whose != str(asking.person(request).pk):
        return []
    pairs = [entry.rsplit(" ", 1) for entry in entries[:RECENT_KEPT]]
    return [(pair[0][:40], pair[1]) for pair in pairs if len(pair) == 2 and pair[0]]
