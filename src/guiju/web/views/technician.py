"""The technician's phone: today's visits, and one page per visit whose acts wait on the phone while there is no network."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from guiju.desk import aftersales_queries, visit_facts
from guiju.desk.aftersales_papers import payer_label
from guiju.desk.models import AfterSales, Visit
from guiju.desk.operations.signing_off import sign_off
from guiju.desk.parts import CHECKS, outlook, plain
from guiju.desk.scheduling import trade_of
from guiju.kernel import engine, ports
from guiju.kernel.engine import Option, PointState
from guiju.kernel.numbering import ZONE
from guiju.kernel.process import process_of
from guiju.kernel.refusals import BadlyFilled, NotYourPost, Refused
from guiju.org.operations.looks import note_look
from guiju.quality.operations.equipment import used_at
from guiju.web import stepform
from guiju.web.access import case_for
from guiju.web.casepage import Why
from guiju.web.formats import Chip
from guiju.web.lists import chips
from guiju.web.offering import choices_of
from guiju.web.stepform import Field
from guiju.web.views import asking
from guiju.web.views.cases import uuid_of
from guiju.web.views.steps import Refusal, Typed, points_of, typed

DAYS = "一二三四五六日"
# The acts in the order of the day, and those for when it does not go that way.
WAY = ("depart", "arrive", "start", "inspect", "use", "finish", "sign")
ASIDE = ("call_late", "ask", "leave_unfinished", "customer_absent", "entry_refused", "close_unsigned")
REACHED = {
    "booked": 0, "en_route": 1, "arrived": 2, "working": 3, "finished": 6, "signed": 7, "unsigned": 7,
}  # fmt: skip
ASSETS = (
    "web/tokens.css", "web/base.css", "web/components.css", "web/technician.css", "web/technician.js",
    "web/technician-outbox.js", "web/dom.js", "web/files.js", "web/signature.js", "web/mark.svg",
)  # fmt: skip


@dataclass(frozen=True)
class Day:
    """A day of the week strip."""

    on: date
    name: str
    url: str
    chosen: bool
    today: bool


@dataclass(frozen=True)
class Card:
    """A visit in the list."""

    visit: Visit
    chip: Chip | None
    state: str
    label: str
    repeat: bool
    done: bool
    url: str
    case: AfterSales | None


@dataclass(frozen=True)
class Act:
    """One act of a visit with its form, as the phone shows it."""

    name: str
    label: str
    words: str
    script: str
    fields: Sequence[Field]
    points: Sequence[Any]
    done: bool
    now: bool
    waits: str
    url: str
    key: str
    aside: bool = False
    refused: Refusal | None = None


@dataclass
class Page:
    """A visit on the phone."""

    visit: Visit
    acts: list[Act] = field(default_factory=list)
    aside: list[Act] = field(default_factory=list)


def _day(text: str, today: date) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return today


def _cards(rows: Sequence[Visit], at: datetime) -> list[Card]:
    process = process_of("visit")
    clocks = chips([row.case_id for row in rows], at)
    cases = {
        one.case_id: one for one in AfterSales.objects.filter(case_id__in={row.for_case_id for row in rows})
    }
    return [
        Card(
            row, clocks.get(row.case_id) if row.closed_at is None else None, row.case.state,
            process.state(row.case.state).label, bool((one := cases.get(row.for_case_id)) and one.repeat_of_id),
            row.closed_at is not None or row.case.state == "finished", reverse("web:technician_visit", args=[row.case.number]),
            cases.get(row.for_case_id),
        )
        for row in rows
    ]  # fmt: skip


@require_safe
@asking.tells_refusals
def today(request: HttpRequest) -> HttpResponse:
    """Show the visits of a day: the one in hand first, then the rest, done ones folded away."""
    at, by = asking.now(), asking.person(request)
    now_date = at.astimezone(ZONE).date()
    on = _day(request.GET.get("day", ""), now_date)
    start = datetime.combine(on, time(), ZONE)
    rows = list(aftersales_queries.visits_of_person(by.pk, start=start, end=start + timedelta(days=1))[:60])
    if rows:
        # The day's addresses and numbers are one look at a list; each visit's own page notes its own.
        note_look(by, "list", "visits", at=at)
    cards = _cards(rows, at)
    todo = [card for card in cards if not card.done]
    monday = on - timedelta(days=on.weekday())
    week = [
        Day(
            day,
            "今天" if day == now_date else DAYS[day.weekday()],
            f"?day={day:%Y-%m-%d}",
            day == on,
            day == now_date,
        )
        for day in (monday + timedelta(days=n) for n in range(7))
    ]
    return render(
        request,
        "web/technician/today.html",
        {
            "week": week, "first": todo[0] if todo else None, "rest": todo[1:],
            "done": [card for card in cards if card.done], "on": on, "is_today": on == now_date, "tab": "visits",
            "urls": [card.url for card in cards],
        },
    )  # fmt: skip


def _visit(request: HttpRequest, number: str, at: datetime) -> Visit:
    """
    Return a visit in the person's scope.

    :raises Http404: there is none.
    :raises NotYourPost: the reader's posts do not need the people on it.
    """
    by = asking.person(request)
    case = case_for(by, number, at)
    if case.process != "visit":
        raise Http404("这不是上门。")
    if asking.masked(request, at, case):
        raise NotYourPost("上门页面有客户的姓名、电话和地址，你的岗位不接触")
    note_look(by, "case", case.pk, at=at, company_id=case.chain_id)
    return visit_facts.of_case(case.pk).row


def _checklist(visit: Visit) -> list[dict[str, Any]]:
    return [{"item": item} for item in CHECKS.get(visit.trade, CHECKS["general"])]


def _before(visit: Visit, name: str, option: Option) -> dict[str, Any]:
    """Return what a form can know by itself."""
    if name == "inspect":
        return {
            "findings": visit.findings or _checklist(visit),
            "cause": visit.cause,
            "cause_words": visit.cause_words,
        }
    if name in ("use", "ask"):
        return {"items": [{}]}
    if name == "start":
        return {"who": visit.contact_name, "need": visit.purpose}
    if name == "sign":
        return {"name": visit.confirmed_with or visit.contact_name}
    return {}


def _waits(option: Option, reached: int) -> str:
    """Return why an act cannot be taken now, in a few words; nothing if it can."""
    if option.here and option.mine:
        return ""
    past = all(REACHED.get(state.value, 0) < reached for state in option.step.when)
    early = "已经过了" if past else "还没到这一步"
    told = [
        early if reason.kind == "state" else reason.text
        for reason in option.reasons
        if reason.kind != "point"
    ]
    return told[0] if told else ""


def _act(visit: Visit, option: Option, at: datetime, reached: int, typed_in: Typed | None = None) -> Act:
    entered = typed_in or Typed(_before(visit, option.name, option))
    place = WAY.index(option.name) if option.name in WAY else -1
    done = 0 <= place < reached
    if option.name == "inspect":
        done = bool(visit.cause)
    elif option.name == "use":
        done = reached >= 6
    case = visit.case
    choices = choices_of("visit", company_id=case.chain_id, project_id=case.scope_id, at=at)
    fields = stepform.fields_of(option.form, entered.given, entered.errors, choices=choices)
    return Act(
        name=option.name, label=option.label, words=option.words, script=option.policy.script,
        fields=[one for one in fields if one.kind != "hidden" and one.name != "note"],
        # An act that comes later is filled in here too, while there is no network: its control points stand there already.
        points=points_of(option.points or [PointState(point, None) for point in option.policy.points], entered), done=done, now=option.here and option.mine,
        waits=_waits(option, reached),
        url=reverse("web:technician_act", args=[visit.case.number, option.name]), key=str(uuid4()),
        aside=option.name in ASIDE,
    )  # fmt: skip


def _show(
    request: HttpRequest, visit: Visit, at: datetime, *, wrong: tuple[str, Typed, Refusal | None] | None = None,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    by = asking.person(request)
    options = {one.name: one for one in engine.options(visit.case, by=by, at=at)}
    reached = REACHED.get(visit.case.state, 0)
    page = Page(visit)
    for name in (*WAY, *ASIDE):
        option = options.get(name)
        if option is None:
            continue
        mine = wrong[1] if wrong is not None and wrong[0] == name else None
        act = _act(visit, option, at, reached, mine)
        if wrong is not None and wrong[0] == name:
            act = replace(act, refused=wrong[2])
        (page.aside if act.aside else page.acts).append(act)
    following = next((act.name for act in page.acts if not act.done and act.name != "use"), "")
    case = AfterSales.objects.filter(case_id=visit.for_case_id).select_related("repeat_of__case").first()
    facts = visit_facts.of_case(visit.case_id)
    materials = [
        (
            one.material.name,
            f"{plain(one.quantity)} {one.material.measure}",
            one.get_state_display(),
            outlook(one.material),
        )
        for one in facts.materials
    ]
    process = process_of("visit")
    return render(
        request,
        "web/technician/visit.html",
        {
            "page": page, "visit": visit, "following": following, "case": case, "materials": materials,
            "state": process.state(visit.case.state), "trade": trade_of(visit.trade).name,
            "payer": payer_label(case.payer if case is not None else ""), "equipment": used_at(visit.case),
            "chip": chips([visit.case_id], at).get(visit.case_id), "reached": reached, "tab": "visits",
        },
        status=status,
    )  # fmt: skip


@require_safe
@asking.tells_refusals
def visit(request: HttpRequest, number: str) -> HttpResponse:
    """Show one visit with every act of it, so that all of them can be done without a network."""
    at = asking.now()
    return _show(request, _visit(request, number, at), at)


@require_http_methods(["POST"])
@asking.tells_refusals
def act(request: HttpRequest, number: str, step: str) -> HttpResponse:
    """
    Take one act of a visit, from the page itself or from what waited on the phone: its key makes it once only.

    A script is answered in JSON: what the visit is now, or why it was refused; nobody else gets the page again.
    """
    at, by = asking.now(), asking.person(request)
    found = _visit(request, number, at)
    option = next((one for one in engine.options(found.case, by=by, at=at) if one.name == step), None)
    if option is None or step not in (*WAY, *ASIDE):
        raise Http404("没有这一步。")
    script = "application/json" in request.headers.get("accept", "")
    key = uuid_of(request.POST.get("key", ""))
    entered = Typed()
    try:
        drawn = request.POST.get("signature", "")
        signs = step == "sign" and drawn.startswith("{") and option.here
        entered = typed(request, option.form, [state.point for state in option.points], at)
        given = entered.as_given()
        if signs:
            name = str(entered.given.get("name", ""))
            event = sign_off(found.case, drawn=drawn, name=name, by=by, at=at, given=given, key=key)
        else:
            event = engine.advance(found.case, step, by=by, at=at, given=given, key=key)
    except BadlyFilled as wrong:
        entered.errors = wrong.errors
        if script:
            return _told(wrong)
        return _show(request, found, at, wrong=(step, entered, None), status=wrong.status)
    except Refused as refused:
        if script:
            return _told(refused)
        told = Refusal(
            refused.title, [Why(text.text, "") for text in refused.reasons], "你填的都还在，什么都没有改动。"
        )
        return _show(request, found, at, wrong=(step, entered, told), status=refused.status)
    case = found.case
    case.refresh_from_db()
    waits = event.step.startswith("request:")
    label = process_of("visit").state(case.state).label
    said = f"「{option.label}」已送审批" if waits else f"「{option.label}」已办好"
    if script:
        reached = REACHED.get(case.state, 0)
        options = engine.options(case, by=by, at=at)
        return JsonResponse(
            {
                "number": case.number, "state": case.state, "label": label, "reached": reached, "said": said,
                "waits": {one.name: _waits(one, reached) for one in options if one.name in (*WAY, *ASIDE)},
            }
        )  # fmt: skip
    messages.success(request, said)
    return redirect("web:technician_visit", case.number)


def _told(refused: Refused) -> HttpResponse:
    errors = refused.errors if isinstance(refused, BadlyFilled) else {}
    return JsonResponse(
        {"title": refused.title, "reasons": [reason.text for reason in refused.reasons], "errors": errors},
        status=refused.status,
    )


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """Send the service worker of the technician's pages, with the names of what it keeps on the phone."""
    names = [staticfiles_storage.url(name) for name in ASSETS]
    answer = render(
        request, "web/technician/worker.js", {"assets": json.dumps(names)}, content_type="text/javascript"
    )
    answer["Service-Worker-Allowed"] = reverse("web:technician")
    answer["Cache-Control"] = "no-cache"
    return answer


@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """Say that the server is there and who is signed in, before what waits is sent."""
    by = asking.person(request)
    return JsonResponse(
        {"person": str(by.pk), "now": timezone.now().isoformat(), "name": ports.people().name(by.pk)}
    )


PATHS: list[URLPattern] = [
    path("", today, name="technician"),
    path("worker.js", worker, name="technician_worker"),
    path("alive/", alive, name="technician_alive"),
    path("visits/<str:number>/", visit, name="technician_visit"),
    path("visits/<str:number>/<slug:step>/", act, name="technician_act"),
]
