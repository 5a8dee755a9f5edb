"""The lists of the front desk: what is open, letters, what came in by itself, the start of the shift."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from guiju.customers.models import CareContact
from guiju.desk.intake_papers import reception_log
from guiju.desk.models import (
    AreaCheck,
    Channel,
    FollowUp,
    Incoming,
    Kind,
    Letter,
    Mailbox,
    Matter,
    Promise,
    Reception,
    ShiftCheck,
    Transfer,
)
from guiju.desk.operations import checks, inbox
from guiju.desk.processes.reception import RECEPTION
from guiju.estate.models import Project
from guiju.kernel import engine, ports
from guiju.kernel.models import among
from guiju.kernel.numbering import ZONE
from guiju.kernel.policy import Policy
from guiju.org import posts
from guiju.org.gates import holds_post, scope_of
from guiju.org.masking import mask_name, mask_phone
from guiju.org.models import Person
from guiju.org.operations.looks import note_look
from guiju.papers import forms
from guiju.papers.models import Attachment
from guiju.web import formats, lists
from guiju.web.access import cases_of, customers_of, projects_of
from guiju.web.views import asking
from guiju.web.views.files import send

SUPERVISORS = (posts.CS_ASSISTANT_MANAGER, posts.CS_MANAGER, posts.SERVICE_MANAGER)
SHOWN = 40


# --- who asks, and where ---------------------------------------------------------------------------------------------
def companies_of(by: Person, at: datetime) -> set[int]:
    """Return the companies whose customers this person receives."""
    return set(scope_of(by, at=at).companies) | {project.company_id for project in projects_of(by, at)}


def scopes_of_projects(by: Person, at: datetime) -> list[int]:
    """Return the projects in which this person looks things up."""
    return [project.pk for project in projects_of(by, at)]


def policy_for(project: Project | None, by: Person, at: datetime) -> Policy:
    """Return the SOP of the reception in force here."""
    return ports.policies().current(
        "reception", company_id=project.company_id if project else by.company_id,
        project_id=project.pk if project else None, at=at,
    )  # fmt: skip


# --- the board --------------------------------------------------------------------------------------------------------
TABS = (
    ("open", "未结接待"), ("questions", "待答疑问"), ("stale", "久未跟进"), ("follow", "约定跟进"), ("promises", "答应客户"),
    ("transfers", "移交"), ("care", "主动关怀"), ("all", "全部"),
)  # fmt: skip


def _mine(request: HttpRequest) -> QuerySet[Reception]:
    """Return the receptions in the person's scope, of the project chosen."""
    at, by = asking.now(), asking.person(request)
    return Reception.objects.filter(among(cases_of(by, at, asking.project(request))))


@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """Show what is open at the desk, nearest deadline first; the lists behind the figures."""
    at, by = asking.now(), asking.person(request)
    masked = asking.masked(request, at, asking.project(request))
    tab = request.GET.get("tab", "open")
    tab = tab if tab in dict(TABS) else "open"
    mine = _mine(request)
    stale = at - timedelta(
        days=int(policy_for(asking.project(request), by, at).settings.get("stale_days", 3))
    )
    cases = cases_of(by, at, asking.project(request))
    sets: dict[str, QuerySet[Any]] = {
        "open": mine.filter(closed_at=None),
        "questions": Matter.objects.filter(
            among(cases, "reception__case_id"),
            settled_at=None,
            reception__closed_at=None,
            kind=Matter.QUESTION,
        ),
        "stale": mine.filter(closed_at=None).exclude(case__history__recorded_at__gte=stale),
        "follow": FollowUp.objects.filter(among(cases), done_at=None),
        "promises": Promise.objects.filter(among(cases), kept_at=None),
        "transfers": Transfer.objects.filter(among(cases, "reception__case_id"), decided_at=None),
        "care": CareContact.objects.filter(
            customer__in=customers_of(by, at), company_id__in=companies_of(by, at), done_at=None
        ),
    }
    context: dict[str, Any] = {
        "tab": tab,
        "tabs": [(name, label, sets[name].count() if name in sets else None) for name, label in TABS],
        "masked": masked,
        "now": at,
        "inbox": _inbox(request).count(),
        "letters": _letters(request).filter(replied_at=None).count(),
        "checked": ShiftCheck.objects.filter(person=by, shift_date=formats.local(at).date()).exists(),
        "channels": Channel.choices,
        "kinds": Kind.choices,
        "asked": {
            name: request.GET.get(name, "") for name in ("channel", "kind", "state", "from", "to", "q")
        },
        "adherence": _adherence(mine, at) if tab == "all" else [],
        "states": [(state.value, state.label) for state in RECEPTION.states],
    }
    context["functions"] = _functions(request, sets)
    if tab in ("open", "stale", "all"):
        found = sets[tab] if tab != "all" else _sought(request, mine)
        found, after = found.select_related("case", "owner"), request.GET.get("after", "")
        if tab == "all":
            rows, page = lists.walk_newest(found, after)
        else:
            rows, page = lists.walk_by_due(found, after, due="case__due_at")
        context |= {"rows": _rows(rows, at, masked=masked), "page": page}
    elif tab == "care":
        context["care"] = list(
            sets["care"].select_related("customer", "person", "team").order_by("due_date", "pk")[:SHOWN]
        )
    elif tab == "questions":
        context["questions"] = list(
            sets[tab].select_related("reception__case", "reception__owner").order_by("pk")[:SHOWN]
        )
    elif tab == "transfers":
        context["transfers"] = list(
            sets[tab]
            .select_related("reception__case", "from_person", "to_person")
            .order_by("asked_at", "pk")[:SHOWN]
        )
    else:
        owner = "person" if tab == "follow" else "owner"
        context["dated"] = [
            {"one": one, "who": getattr(one, owner), "late": one.due_at < at}
            for one in sets[tab].select_related("case", owner).order_by("due_at", "pk")[:SHOWN]
        ]
    return render(request, "web/reception/board.html", context)


@require_safe
def day_sheet(request: HttpRequest) -> HttpResponse:
    """
    Send the 业户接待登记表 of a day as a printed form; who took it out stands in the log.

    :raises Http404: no project is chosen.
    """
    at, by, project = asking.now(), asking.person(request), asking.project(request)
    if project is None:
        raise Http404("先在左上角选一个项目。")
    begin = _midnight(request.GET.get("day", ""))
    on = min(begin.date() if begin is not None else formats.local(at).date(), formats.local(at).date())
    form = reception_log(project, on, receptions=_mine(request), masked=asking.masked(request, at, project))
    engine.record(
        company_id=project.company_id, step="desk.reception_log", by=by, at=at,
        given={"project": project.name, "day": on.isoformat(), "rows": len(form.rows)},
    )  # fmt: skip
    pdf = forms.print_form(
        "reception_log", form, stamp=forms.Stamp(by=by.name, at=at), company=project.company.name
    )
    return send(pdf, "application/pdf", f"业户接待登记表 {project.name} {on}.pdf", inline=True)


def _functions(request: HttpRequest, sets: Mapping[str, QuerySet[Any]]) -> list[dict[str, Any]]:
    """Return the five functions of the desk (A-0-d), each with its work, its figure and its clause of the SOP."""
    at, by, project = asking.now(), asking.person(request), asking.project(request)
    policy, running = (
        policy_for(project, by, at),
        cases_of(by, at, project).filter(closed_at=None, historic=False),
    )
    here, board_ = reverse("web:reception_new"), reverse("web:reception")
    rows: list[tuple[str, str, str, int, str]] = [
        ("接待客户", here, "A-1.3-a", sets["open"].count(), "件接待中"),
        ("解决问题", f"{board_}?tab=questions", "A-2.1-b", sets["questions"].count(), "个疑问待答"),
        (
            "提供服务",
            f"{here}?kind=repair&source=agent",
            "A-3.1-a",
            running.filter(process="after_sales").count(),
            "件售后在办",
        ),
        (
            "处理投诉",
            f"{here}?kind=complaint",
            "A-2.3-b",
            running.filter(process="complaint").count(),
            "件投诉在办",
        ),
        ("维护客户关系", f"{board_}?tab=care", "A-3.1-b", sets["care"].count(), "次关怀要做"),
    ]
    return [
        {"name": name, "url": url, "number": policy.number(clause), "count": count, "words": words}
        for name, url, clause, count, words in rows
    ]


def _sought(request: HttpRequest, mine: QuerySet[Reception]) -> QuerySet[Reception]:
    """Return what the filters keep: channel, kind, status, day, purpose or number, customer (D-3.2-e)."""
    if (channel := request.GET.get("channel", "")) in Channel.values:
        mine = mine.filter(channel=channel)
    if (kind := request.GET.get("kind", "")) in Kind.values:
        mine = mine.filter(kind=kind)
    if state := request.GET.get("state", ""):
        mine = mine.filter(case__state=state)
    if (begin := _midnight(request.GET.get("from", ""))) is not None:
        mine = mine.filter(arrived_at__gte=begin)
    if (end := _midnight(request.GET.get("to", ""))) is not None:
        mine = mine.filter(arrived_at__lt=end + timedelta(days=1))
    if words := request.GET.get("q", "").strip()[:60]:
        mine = mine.filter(
            Q(purpose__icontains=words) | Q(caller__icontains=words) | Q(case__number__iexact=words)
            | Q(customer__name__icontains=words) | Q(external_number=words)
        )  # fmt: skip
    return mine


def _midnight(text: str) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(text), time(), tzinfo=ZONE)
    except ValueError:
        return None


def _rows(found: Sequence[Reception], at: datetime, *, masked: bool) -> list[dict[str, Any]]:
    cases = [row.case for row in found]
    return [
        {
            "row": row,
            "line": line,
            "who": mask_name(row.caller) if masked else row.caller,
            "phone": mask_phone(row.phone) if masked else row.phone,
        }
        for row, line in zip(found, lists.rows_of(cases, at, masked=masked), strict=True)
    ]


def _adherence(mine: QuerySet[Reception], at: datetime) -> list[dict[str, Any]]:
    """Return by channel how many of the last 30 days' closed receptions kept the procedure throughout (D-1-e)."""
    closed = mine.filter(closed_at__gte=at - timedelta(days=30)).exclude(case__state="voided")
    counted = closed.values("channel").annotate(all=Count("pk"), kept=Count("pk", filter=Q(misses=[])))
    return [
        {
            "label": Channel(row["channel"]).label,
            "channel": row["channel"],
            "all": row["all"],
            "kept": row["kept"],
            "percent": 100 * row["kept"] / row["all"],
        }
        for row in sorted(counted, key=lambda one: -one["all"])
    ]


# --- letters and what comes in by itself ------------------------------------------------------------------------------
def _letters(request: HttpRequest) -> QuerySet[Letter]:
    at, by = asking.now(), asking.person(request)
    return Letter.objects.filter(among(cases_of(by, at, asking.project(request))))


@require_safe
def letters(request: HttpRequest) -> HttpResponse:
    """Show the register of letters: received, numbered, reply due, answered, filed (D-4-a)."""
    at = asking.now()
    masked = asking.masked(request, at, asking.project(request))
    only_open = request.GET.get("open") == "1"
    found = _letters(request).select_related("case", "replied_by")
    if only_open:
        found = found.filter(replied_at=None)
    rows, page = lists.walk_newest(found, request.GET.get("after", ""))
    return render(
        request,
        "web/reception/letters.html",
        {
            "rows": [
                {"one": one, "sender": mask_name(one.sender) if masked else one.sender,
                 "late": (one.replied_at or at) > one.reply_due_at}
                for one in rows
            ],
            "page": page, "only_open": only_open, "total": lists.exact(found),
            "waiting": _letters(request).filter(replied_at=None).count(), "masked": masked,
        },
    )  # fmt: skip


def _incoming_of(by: Person, at: datetime) -> QuerySet[Incoming]:
    """Return what came to the companies this person receives for: of no project yet, or of one in scope."""
    mine = scope_of(by, at=at).q("company_id", "project_id") | Q(project=None)
    return Incoming.objects.filter(mine, company_id__in=companies_of(by, at))


def _inbox(request: HttpRequest) -> QuerySet[Incoming]:
    at, by = asking.now(), asking.person(request)
    # What opened a case by itself stands here until somebody has seen it.
    waiting = Q(case=None, dropped="") | Q(case__isnull=False, opened_at=None)
    mine = _incoming_of(by, at).filter(waiting)
    project = asking.project(request)
    return mine.filter(Q(project=None) | Q(project=project)) if project is not None else mine


def incoming_for(request: HttpRequest, key: int) -> Incoming:
    """
    Return an item of the person's inbox.

    :raises Http404: there is none, or it is none of this person's business.
    """
    at, by = asking.now(), asking.person(request)
    found = _incoming_of(by, at).filter(pk=key).select_related("opened_by").first()
    if found is None:
        raise Http404("收件箱里没有这一件。")
    return found


@require_safe
def incoming(request: HttpRequest) -> HttpResponse:
    """Show mail and online messages that nobody registered yet, with who opened each and when (C-3.1-f)."""
    at = asking.now()
    masked = asking.masked(request, at, asking.project(request))
    rows = list(_inbox(request).select_related("opened_by", "project").order_by("received_at", "pk")[:100])
    return render(
        request,
        "web/reception/inbox.html",
        {
            "rows": [
                {"one": one, "sender": mask_name(one.sender) if masked else one.sender, "late": at - one.received_at > timedelta(hours=24)}
                for one in rows
            ],
            "unread": sum(one.opened_at is None for one in rows),
            "broken": list(
                Mailbox.objects.filter(scope_of(asking.person(request), at=at).q("company_id", "project_id"))
                .exclude(problem="").order_by("name")
            ),
            "masked": masked,
        },
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@asking.tells_refusals
def item(request: HttpRequest, key: int) -> HttpResponse:
    """Open one item: who opened it stands on it. On POST put it aside with a reason."""
    at, by = asking.now(), asking.person(request)
    found = incoming_for(request, key)
    if request.method == "POST":
        inbox.put_aside(found, reason=request.POST.get("reason", ""), by=by, at=at)
        messages.success(request, "已放到一边，不登记")
        return redirect("web:reception_inbox")
    if inbox.receives(found, by=by, at=at):
        found = inbox.open_item(found, by=by, at=at)
    if not asking.masked(request, at, found):
        note_look(by, "incoming", found.pk, at=at, company_id=found.company_id)
    hashes = [*found.files, *([found.original] if found.original else [])]
    files = Attachment.objects.filter(company_id=found.company_id, sha256__in=hashes)
    return render(
        request,
        "web/reception/item.html",
        {"one": found, "files": list(files.order_by("pk")), "masked": asking.masked(request, at, found)},
    )


# --- the start of the shift -------------------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@asking.tells_refusals
def shift(request: HttpRequest) -> HttpResponse:
    """Confirm appearance at the start of the shift; spot checks by a supervisor; the tidiness of the areas."""
    at, by = asking.now(), asking.person(request)
    supervisor = holds_post(by, *SUPERVISORS, at=at)
    if request.method == "POST":
        act = request.POST.get("act", "")
        if act == "appearance":
            checks.confirm_appearance(items=request.POST.getlist("items"), by=by, at=at)
            messages.success(request, "今天的仪表已确认")
        elif act == "spot" and supervisor:
            check = ShiftCheck.objects.filter(
                pk=formats.whole(request.POST.get("check", "")) or 0, company_id=by.company_id
            ).first()
            if check is None:
                raise Http404("没有这次确认。")
            checks.spot_check(
                check=check, good=request.POST.get("good") == "1", note=request.POST.get("note", ""), by=by, at=at
            )  # fmt: skip
            messages.success(request, "抽查已记录")
        elif act == "area":
            checks.check_area(
                area=request.POST.get("area", ""), tidy=request.POST.get("tidy") == "1",
                note=request.POST.get("note", ""), by=by, at=at,
            )  # fmt: skip
            messages.success(request, "区域检查已记录")
        return redirect("web:reception_shift")
    today = formats.local(at).date()
    done = ShiftCheck.objects.filter(company_id=by.company_id)
    return render(
        request,
        "web/reception/shift.html",
        {
            "today": today, "items": checks.APPEARANCE, "mine": done.filter(person=by, shift_date=today).first(),
            "done": list(
                done.filter(shift_date__gt=today - timedelta(days=7))
                .select_related("person", "spot_by").order_by("-shift_date", "-pk")[:60]
            ),
            "supervisor": supervisor,
            "areas": list(
                AreaCheck.objects.filter(company_id=by.company_id, checked_date__gt=today - timedelta(days=7))
                .select_related("checked_by").order_by("-checked_date", "-pk")[:40]
            ),
        },
    )  # fmt: skip
