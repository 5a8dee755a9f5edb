"""After-sales for the desk: the list with its progress, one case whole, and the plan of visits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from guiju.desk import aftersales_facts, aftersales_queries, lists, scheduling
from guiju.desk.aftersales_papers import cause_words, material_words, payer_label
from guiju.desk.models import AfterSales, ListEntry, ServiceEntry, Visit
from guiju.desk.warranty import part_of
from guiju.kernel import engine, ports
from guiju.kernel.models import Case
from guiju.kernel.numbering import ZONE
from guiju.kernel.process import process_of, processes
from guiju.org.models import Person
from guiju.org.operations.looks import note_look
from guiju.org.secrecy import listed
from guiju.web import formats, stepform
from guiju.web.access import case_for, projects_of
from guiju.web.formats import Chip
from guiju.web.lists import SIZE, Page, chips, walk_by_due, walk_newest
from guiju.web.views import asking

QUIET, GAPS_DAYS, MONTH = 2, 30, timedelta(days=30)
TABS = (
    ("open", "未结"),
    ("quiet", "久未跟进"),
    ("repeat", "重复和重开"),
    ("closed", "近 30 天办结"),
    ("gaps", "记录缺漏"),
)


def _projects(request: HttpRequest, at: datetime) -> list[int]:
    chosen = asking.project(request)
    if chosen is not None:
        return [chosen.pk]
    return [project.pk for project in projects_of(asking.person(request), at)]


@dataclass(frozen=True)
class Row:
    """An after-sales case in the list: where it stands, and what was done last."""

    row: AfterSales
    chip: Chip | None
    label: str
    tone: str
    last: ServiceEntry | None


def _rows(found: Sequence[AfterSales], at: datetime) -> list[Row]:
    process = process_of("after_sales")
    clocks = chips([one.case_id for one in found], at)
    last: dict[int, ServiceEntry] = {}
    entries = ServiceEntry.objects.filter(after_sales__in=[one.pk for one in found])
    for entry in entries.order_by("happened_at", "pk"):
        last[entry.after_sales_id] = entry
    rows = []
    for one in found:
        state = process.state(one.case.state)
        rows.append(Row(one, clocks.get(one.case_id), state.label, state.tone, last.get(one.pk)))
    return rows


@require_safe
@asking.tells_refusals
def board(request: HttpRequest) -> HttpResponse:
    """List after-sales cases: open, quiet, repeated, closed with the share of needs met, and gaps of the records."""
    at = asking.now()
    keys = _projects(request, at)
    tab = request.GET.get("tab", "open")
    tab = tab if tab in dict(TABS) else "open"
    # Confidential cases stand in the lists of their readers only (E-4.4-b).
    limits = listed(asking.person(request), at=at, prefix="case__")
    opened = aftersales_queries.open_cases(project_ids=keys).filter(limits)
    quiet = aftersales_queries.quiet(project_ids=keys, at=at, days=QUIET).filter(limits)
    share = aftersales_queries.needs_met(project_ids=keys, since=at - MONTH, until=at)
    found: Any = opened
    if tab == "quiet":
        found = quiet
    elif tab == "repeat":
        found = AfterSales.objects.filter(project_id__in=keys).exclude(repeat_of=None, reopened=0)
    elif tab == "closed":
        found = AfterSales.objects.filter(project_id__in=keys, closed_at__gte=at - MONTH)
    rows: list[AfterSales] = []
    page: Page | None = None
    gaps: list[aftersales_queries.Gap] = []
    if tab == "gaps":
        gaps = aftersales_queries.record_gaps(
            project_ids=keys, since=at - timedelta(days=GAPS_DAYS), until=at
        )[: SIZE * 4]
    else:
        found = found.filter(limits).select_related(
            "case", "owner", "unit__building", "project", "repeat_of__case"
        )
        after = request.GET.get("after", "")
        if tab in ("open", "quiet"):
            rows, page = walk_by_due(found, after, due="case__due_at")
        else:
            rows, page = walk_newest(found, after)
    counts = {"open": opened.count(), "quiet": quiet.count()}
    return render(
        request,
        "web/aftersales/board.html",
        {
            "tabs": [(name, label, counts.get(name)) for name, label in TABS], "tab": tab, "rows": _rows(rows, at),
            "page": page, "gaps": gaps, "share": share, "masked": asking.masked(request, at, asking.project(request)), "quiet_days": QUIET,
        },
    )  # fmt: skip


def _row_of(request: HttpRequest, number: str, at: datetime) -> tuple[Case, aftersales_facts.AfterSalesFacts]:
    """
    Return an after-sales case in the person's scope with its facts.

    :raises Http404: there is none.
    """
    case = case_for(asking.person(request), number, at)
    if case.process != "after_sales":
        raise Http404("这不是售后。")
    return case, aftersales_facts.of_case(case.pk)


@dataclass(frozen=True)
class Task:
    """A task of another department with the present state of its memo."""

    post: str
    subject: str
    kind: str
    number: str
    state: str
    tone: str
    who: str
    result: str
    asked_at: datetime
    answered_at: datetime | None


def _tasks(facts: aftersales_facts.AfterSalesFacts) -> list[Task]:
    found = []
    for task in facts.tasks:
        state, tone, number = ("已答复", "done", "") if task.answered_at else ("等答复", "risk", "")
        if task.memo is not None:
            number = task.memo.number
            known = processes().get(task.memo.process)
            if known is not None and task.answered_at is None:
                here = known.state(task.memo.state)
                state, tone = here.label, here.tone
        found.append(
            Task(
                ports.people().post_label(task.to_post), task.subject, task.get_kind_display(), number, state, tone,
                task.who, task.result, task.asked_at, task.answered_at,
            )
        )  # fmt: skip
    return found


def _history(row: AfterSales) -> list[AfterSales]:
    """Return earlier cases of the same unit or customer, the newest first."""
    rows = AfterSales.objects.exclude(pk=row.pk).select_related("case", "unit__building")
    if row.unit_id is not None:
        rows = rows.filter(unit_id=row.unit_id)
    elif row.customer_id is not None:
        rows = rows.filter(customer_id=row.customer_id)
    else:
        return []
    return list(rows.order_by("-pk")[:10])


@require_safe
@asking.tells_refusals
def whole(request: HttpRequest, number: str) -> HttpResponse:
    """Show one case whole: warranty, solutions, departments, visits, history and preferences, and the service record."""
    at, by = asking.now(), asking.person(request)
    case, facts = _row_of(request, number, at)
    row = facts.row
    if not asking.masked(request, at, case):
        note_look(by, "case", case.pk, at=at, company_id=case.chain_id)
    options = {one.name: one for one in engine.options(case, by=by, at=at)}
    propose = options.get("propose")
    fields: Sequence[stepform.Field] = ()
    if propose is not None and propose.here and propose.mine:
        fields = stepform.fields_of(propose.form)
    visits = list(
        Visit.objects.filter(for_case_id=case.pk).select_related("case", "technician").order_by("-pk")[:20]
    )
    state = process_of("after_sales").state(case.state)
    process = process_of("visit")
    return render(
        request,
        "web/aftersales/whole.html",
        {
            "case": case, "row": row, "state": state, "masked": asking.masked(request, at, case), "facts": facts,
            "chip": chips([case.pk], at).get(case.pk), "payer": payer_label(row.payer), "part": part_of(row.part).name if row.part else "",
            "solutions": [(one, lists.label(ListEntry.SOLUTION, one.kind), lists.EQUIVALENTS.get(one.equivalent, "")) for one in facts.solutions],
            "tasks": _tasks(facts), "visits": [(one, process.state(one.case.state)) for one in visits],
            "history": [(one, cause_words(one)) for one in _history(row)],
            "entries": [(one, material_words(one.material)) for one in facts.entries], "cause": cause_words(row),
            "propose": propose, "fields": fields, "key": uuid4(),
            "service": lists.label(ListEntry.SERVICE, row.service) if row.service else "",
            "nature": lists.label(ListEntry.NATURE, row.nature) if row.nature else "",
        },
    )  # fmt: skip


@dataclass(frozen=True)
class Lane:
    """One worker's day."""

    person: Person
    visits: Sequence[tuple[Visit, str, str]]


def _on(text: str, otherwise: date) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return otherwise


@require_safe
@asking.tells_refusals
def plan(request: HttpRequest) -> HttpResponse:
    """
    Show the visits that wait, by urgency and building, the day of each worker, and who could take the one chosen.
    """
    at = asking.now()
    keys = _projects(request, at)
    today = at.astimezone(ZONE).date()
    on = _on(request.GET.get("day", ""), today)
    start = datetime.combine(on, time(), ZONE)
    waiting = list(aftersales_queries.waiting_visits(project_ids=keys)[:200])
    ordered = scheduling.in_order(waiting)
    number = request.GET.get("visit", "")
    chosen = next((one for one in ordered if one.case.number == number), ordered[0] if ordered else None)
    hour = formats.whole(request.GET.get("hour", "")) or (
        9 if on != today else max(9, at.astimezone(ZONE).hour + 1)
    )
    slot = datetime.combine(on, time(min(hour, 22)), ZONE)
    proposed: list[scheduling.Candidate] = []
    if chosen is not None:
        proposed = scheduling.candidates(
            trade=chosen.trade, starts_at=slot, ends_at=slot + timedelta(hours=1), company_id=chosen.case.chain_id,
            project_id=chosen.project_id, building_id=chosen.unit.building_id if chosen.unit else None,
            apart_from=chosen.case_id,
        )  # fmt: skip
    if chosen is not None and not asking.masked(request, at, chosen.case):
        note_look(asking.person(request), "case", chosen.case_id, at=at, company_id=chosen.case.chain_id)
    process = process_of("visit")
    booked = list(
        aftersales_queries.planned_visits(project_ids=keys, start=start, end=start + timedelta(days=1))[:300]
    )
    lanes: dict[int, Lane] = {}
    for one in booked:
        if one.technician is None:
            continue
        lane = lanes.setdefault(one.technician.pk, Lane(one.technician, []))
        state = process.state(one.case.state)
        assert isinstance(lane.visits, list)
        lane.visits.append((one, state.label, state.tone))
    return render(
        request,
        "web/aftersales/plan.html",
        {
            "stops": [
                (stop.place, [(one, process.state(one.case.state), clocks.get(one.case_id)) for one in stop.visits])
                for clocks in [chips([one.case_id for one in waiting], at)]
                for stop in scheduling.stops(waiting)
            ],
            "chosen": chosen, "proposed": proposed, "slot": slot, "on": on, "today": today,
            "trade": scheduling.trade_of(chosen.trade).name if chosen is not None else "",
            "days": [today + timedelta(days=n) for n in range(5)], "hours": range(8, 21),
            "lanes": sorted(lanes.values(), key=lambda lane: (-len(lane.visits), lane.person.pk)),
            "masked": asking.masked(request, at, asking.project(request)), "total": len(waiting),
        },
    )  # fmt: skip


PATHS: list[URLPattern] = [
    path("", board, name="aftersales"),
    path("plan/", plan, name="visits_plan"),
    path("<str:number>/", whole, name="aftersales_whole"),
]
