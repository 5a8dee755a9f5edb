"""Search: the palette's list and the page behind it. One query, the newest question wins."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from guiju.kernel import search
from guiju.kernel.models import Case
from guiju.kernel.process import processes
from guiju.org.masking import mask_name, mask_unit
from guiju.web.access import cases_of, customers_of, project_keys_of, units_of
from guiju.web.addresses import address
from guiju.web.views import asking
from guiju.web.views.knowledge import articles_of

LIMIT = 20
UNIT_LINE = ("entrance", "room", "control", "building__name", "project__name", "project__company_id")
CASE_LINE = ("number", "process", "state", "title", "chain_id", "scope_id")


@dataclass(frozen=True)
class Found:
    """A thing found."""

    label: str
    more: str
    url: str
    icon: str


def _look_up(request: HttpRequest, words: str) -> list[tuple[str, list[Found]]]:
    """Return what matches, by kind, only from the person's scope."""
    at, by = asking.now(), asking.person(request)
    hits = search.search(words, scopes=project_keys_of(by, at), limit=LIMIT)
    masks = asking.masks(request, at)
    keys: dict[str, list[int]] = {}
    for hit in hits:
        if hit.key.isdigit():
            keys.setdefault(hit.kind, []).append(int(hit.key))
    numbers = [hit.key for hit in hits if hit.kind == "case"]
    groups: dict[str, list[Found]] = {"客户": [], "房屋": [], "事项": [], "知识": []}
    articles = articles_of(by, at).in_bulk(keys["article"]) if "article" in keys else {}
    # Only what a line shows is read: a customer's row is half encrypted, and wide.
    people = customers_of(by, at).only("name", "kind").in_bulk(keys["customer"]) if "customer" in keys else {}
    masked = asking.masked_customers(request, at, people) if people else set()
    houses = units_of(by, at).select_related("building", "project").only(*UNIT_LINE)
    units = houses.in_bulk(keys["unit"]) if "unit" in keys else {}
    matters = cases_of(by, at).filter(number__in=numbers).only(*CASE_LINE)
    cases = {case.number: case for case in matters} if numbers else {}
    for hit in hits:
        key = int(hit.key) if hit.key.isdigit() else 0
        if hit.kind == "customer" and key in people:
            name = people[key].name
            groups["客户"].append(
                Found(
                    mask_name(name) if key in masked else name,
                    people[key].get_kind_display(),
                    address("web:customer", key),
                    "user",
                )
            )
        elif hit.kind == "unit" and key in units:
            unit = units[key]
            label = mask_unit(unit.label) if asking.hidden(masks, unit) else unit.label
            groups["房屋"].append(
                Found(
                    label,
                    f"{unit.project.name} {unit.get_control_display()}",
                    address("web:unit", key),
                    "house",
                )
            )
        elif hit.kind == "article" and key in articles:
            shown = articles[key]
            url = address("web:article", key)
            groups["知识"].append(Found(shown.title, shown.get_kind_display(), url, "lightbulb"))
        elif hit.kind == "case" and hit.key in cases:
            found = cases[hit.key]
            groups["事项"].append(_case(found, masked=asking.hidden(masks, found)))
    return [(name, found) for name, found in groups.items() if found]


def _case(case: Case, *, masked: bool) -> Found:
    known = processes().get(case.process)
    state = known.state(case.state).label if known else case.state
    # A title may name people.
    title = (known.label if known else case.process) if masked else case.title
    return Found(title, f"{case.number} {state}", address("web:case", case.number), "folder")


def _commands(words: str) -> list[Found]:
    known = [
        ("工作台", "home", "house"),
        ("待办", "todos", "list-checks"),
        ("事项", "cases", "folder"),
        ("销控图", "units", "layout-grid"),
        ("日销控表", "daily", "table-2"),
        ("客户", "customers", "users"),
        ("回访", "callbacks", "phone-outgoing"),
        ("客户意见", "feedback", "message-square"),
        ("知识库", "knowledge", "lightbulb"),
        ("管理看板", "board", "chart-no-axes-combined"),
        ("导入登记表", "imports", "upload"),
        ("作业标准书", "sops", "book-open"),
        ("人员岗位", "people", "contact"),
        ("工作日历", "calendar", "calendar-days"),
    ]
    return [
        Found(label, "", address(f"web:{name}"), icon)
        for label, name, icon in known
        if not words or words in label
    ]


@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """Find customers, units, cases and pages by name, initials, phone tail, room or number."""
    words = request.GET.get("q", "").strip()[:60]
    groups = _look_up(request, words) if words else []
    commands = _commands(words)
    if commands:
        groups = [*groups, ("打开", commands)]
    part = request.GET.get("part") == "list"
    template = "web/parts/found.html" if part else "web/search.html"
    return render(request, template, {"groups": groups, "words": words, "listed": part})
