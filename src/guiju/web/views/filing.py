"""预售登记: every contract on the way to the city's file with its days left, the copy panel, the city's export."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.contrib import messages
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guiju.estate.models import Building, Project
from guiju.kernel import ports
from guiju.kernel.calendar import local_date
from guiju.kernel.models import Case
from guiju.kernel.process import process_of
from guiju.kernel.refusals import BadlyFilled
from guiju.org import posts
from guiju.org.gates import holds_post
from guiju.org.masking import mask_identity
from guiju.org.models import Person
from guiju.org.secrecy import require_take_out
from guiju.registers.workbook import UnableToOpenWorkbook, read_workbook
from guiju.sales import filing_fields, filings
from guiju.sales.filing_rows import DIFFERENT, REFUSED, SAME, UNKNOWN, Compared, compare
from guiju.sales.models import BuildingRegime, Contract, ContractApproval, Filing, Milestone
from guiju.sales.operations import filing as acts
from guiju.sales.regimes import REGIMES, regime_of_building
from guiju.web import batch, lists
from guiju.web.about import about
from guiju.web.access import case_for, project_keys_of, projects_of
from guiju.web.views import asking
from guiju.web.views.receivables import day_of, one_of, text_of

SIZE: Final = 50
WAYS: Final = {
    "open": "未备案",
    "returned": "被退回",
    "filed": "已备案",
}

# What is done for many contracts at once (DECISIONS 19): numbers pasted from the city's list.
batch.register("presale_filing", "submit", ("proof",), group="备案")
batch.register("presale_filing", "accept", ("acceptance_number",), group="备案")
batch.register("presale_filing", "file", ("filing_number", "filed_date"), group="备案")
batch.register("presale_filing", "tell_buyer", ("proof", "told_date"), group="备案")


def _filings(by: Person, at: datetime, project: Project | None) -> QuerySet[Filing, Filing]:
    keys = [project.pk] if project is not None else project_keys_of(by, at)
    return Filing.objects.filter(project_id__in=keys, case__secrecy=Case.ORDINARY)


def _under_way(rows: QuerySet[Filing, Filing]) -> QuerySet[Filing, Filing]:
    return rows.filter(open=True, filed_at=None)


def _shown(rows: Sequence[Filing], today: date, *, masked: bool) -> list[dict[str, Any]]:
    theirs = about([row.case_id for row in rows], masked=masked)
    process = process_of("presale_filing")
    found = []
    for row in rows:
        state = process.state(row.case.state)
        clock = filings.clock_on(row.signed_date, row.filed_date or today)
        known = theirs[row.case_id]
        found.append(
            {
                "row": row, "case": row.case, "contract": row.contract.number, "state": state.label,
                "state_tone": state.tone, "clock": clock, "units": known.unit_labels, "buyers": known.customer_names,
                "width": min(max(clock.day, 0), filings.DAYS) * 10, "days": clock.day,
                "differences": len(row.differences) if row.compared_at else None,
                "returns": len(row.returned),
            }
        )  # fmt: skip
    return found


def _unopened(by: Person, at: datetime, project: Project | None) -> QuerySet[Contract, Contract]:
    """Return signed contracts that nobody has begun to file: their thirty days run all the same (预售管理办法 26)."""
    keys = [project.pk] if project is not None else project_keys_of(by, at)
    begun = Filing.objects.filter(contract=OuterRef("pk"), withdrawn_at=None).filter(
        Q(open=True) | Q(filed_at__isnull=False)
    )
    rows = Contract.objects.filter(deal__project_id__in=keys, live=True, filed_date=None)
    return rows.filter(Q(case=None) | Q(case__secrecy=Case.ORDINARY)).filter(~Exists(begun))


def _unopened_figures(by: Person, at: datetime, project: Project | None, today: date) -> dict[str, Any]:
    """Return those signed here, the oldest as rows; of those that came with a register only how many there are."""
    rows = _unopened(by, at, project)
    ours = rows.filter(case__isnull=False)
    return {
        "rows": _waiting(ours, today), "count": lists.exact(ours), "past": lists.exact(rows.filter(case=None)),
        "late": lists.exact(ours.filter(signed_date__lt=today - timedelta(days=filings.DAYS))),
    }  # fmt: skip


def _waiting(rows: QuerySet[Contract, Contract], today: date) -> list[dict[str, Any]]:
    """Return the oldest of them with their days and why they are not begun."""
    page = list(rows.select_related("deal__unit__building").order_by("signed_date", "pk")[:SIZE])
    approvals = dict(
        ContractApproval.objects.filter(contract__in=page, case__closed_at=None).values_list(
            "contract_id", "case__number"
        )
    )
    return [
        {
            "row": row, "clock": filings.clock_on(row.signed_date, today), "due": filings.due_date(row.signed_date),
            "approval": approvals.get(row.pk, ""), "sealed": row.sealed_at is not None,
        }
        for row in page
    ]  # fmt: skip


@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """Show the contracts that are to be filed, those with the fewest days left first; the filed ones with their days."""
    at, by, project = asking.now(), asking.person(request), asking.project(request)
    today = local_date(at)
    way = request.GET.get("way", "open")
    if way not in WAYS:
        way = "open"
    mine = _filings(by, at, project)
    rows, mark = _page(mine, way, request.GET.get("after", ""))
    shown = _shown(rows[:SIZE], today, masked=asking.masked(request, at, project))
    under_way = _under_way(mine)
    red, risk = today - timedelta(days=filings.RED), today - timedelta(days=filings.ALARMS[1])
    last = filings.due_date
    return render(
        request,
        "web/filing/board.html",
        {
            "shown": shown, "way": way, "ways": WAYS, "today": today, "project": project,
            "after": mark if len(rows) > SIZE else "",
            "waiting": _unopened_figures(by, at, project, today) if way == "open" and not request.GET.get("after") else None,
            "figures": {
                "open": lists.exact(under_way),
                "late": lists.exact(under_way.filter(due_date__lt=today)),
                "red": lists.exact(under_way.filter(due_date__gte=today, due_date__lte=last(red))),
                "risk": lists.exact(under_way.filter(due_date__gt=last(red), due_date__lte=last(risk))),
                "returned": lists.exact(under_way.filter(case__state="returned")),
            },
            "may_compare": project is not None and holds_post(
                by, *acts.FILERS, at=at, company_id=project.company_id, project_id=project.pk
            ),
        },
    )  # fmt: skip


def _page(mine: QuerySet[Filing, Filing], way: str, after: str) -> tuple[list[Filing], str]:
    """Return a page of rows and where the next one begins."""
    related = ("case", "contract")
    if way == "filed":
        rows = mine.filter(filed_at__isnull=False, withdrawn_at=None)
        if after.isdigit():
            rows = rows.filter(pk__lt=int(after))
        page = list(rows.select_related(*related).order_by("-pk")[: SIZE + 1])
        return page, str(page[SIZE - 1].pk) if len(page) > SIZE else ""
    rows = _under_way(mine)
    if way == "returned":
        rows = rows.filter(case__state="returned")
    day, _, key = after.partition("_")
    try:
        since = date.fromisoformat(day)
    except ValueError:
        since = None
    if since is not None and key.isdigit():
        rows = rows.filter(due_date__gte=since).exclude(due_date=since, pk__lte=int(key))
    page = list(rows.select_related(*related).order_by("due_date", "pk")[: SIZE + 1])
    if len(page) <= SIZE:
        return page, ""
    return page, f"{page[SIZE - 1].due_date.isoformat()}_{page[SIZE - 1].pk}"


def _filing_for(request: HttpRequest, number: str, at: datetime) -> Filing:
    case = case_for(asking.person(request), number, at)
    found = (
        Filing.objects.filter(case=case)
        .select_related("case", "contract__deal__unit__building", "contract__deal__unit__project")
        .first()
    )
    if found is None:
        raise Http404("这不是预售登记事项。")
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@asking.tells_refusals
def copy_panel(request: HttpRequest, number: str) -> HttpResponse:
    """Show the contract field by field in the city's order, each to copy; identity numbers in full only when asked."""
    at, by = asking.now(), asking.person(request)
    found = _filing_for(request, number, at)
    require_take_out(by, found.case, at=at)
    full = request.method == "POST"
    said = (
        acts.show_to_city(filing=found, by=by, at=at) if full else filing_fields.paper_fields(found.contract)
    )
    if not full:
        said["identities"] = "、".join(mask_identity(one) for one in said["identities"].split("、") if one)
    policy = ports.policies().get(found.case.sop_version_id)
    differing = {line["key"]: line for line in found.differences}
    lines = [
        {
            "key": field.key, "label": field.label, "value": said.get(field.key, ""),
            "city": found.city.get(field.key, ""), "differs": field.key in differing, "must": field.must,
        }
        for field in filing_fields.in_order(str(policy.settings.get("city_fields", "")))
    ]  # fmt: skip
    response = render(
        request,
        "web/filing/copy.html",
        {
            "row": found, "case": found.case, "lines": lines, "full": full, "compared": found.compared_at,
            "masked": asking.masked(request, at, found.case),
        },
    )  # fmt: skip
    response["Cache-Control"] = "no-store, private"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@asking.tells_refusals
@asking.as_refusal(UnableToOpenWorkbook)
def city_export(request: HttpRequest) -> HttpResponse:
    """Take the city's export and show, row by row, what is not as in the contracts."""
    at, by, project = asking.now(), asking.person(request), asking.project(request)
    if project is None:
        messages.info(request, "请先在上方选一个项目，再导入这个项目的网签数据")
        return redirect("web:filing")
    done: Compared | None = None
    if request.method == "POST":
        upload = request.FILES.get("file")
        if upload is None:
            raise BadlyFilled({"file": "请选择城市系统导出的表格"})
        sheets = read_workbook(upload.read(), name=upload.name or "")
        sheet = next((one for one in sheets if not one.hidden), sheets[0])
        done = compare([row.cells for row in sheet.rows], project=project, by=by, at=at)
    return render(
        request,
        "web/filing/export.html",
        {
            "project": project, "done": done,
            "counts": {
                "same": done.count(SAME), "different": done.count(DIFFERENT), "unknown": done.count(UNKNOWN),
                "refused": done.count(REFUSED),
            } if done is not None else {},
            "missing": _shown(done.missing[:200], local_date(at), masked=asking.masked(request, at, project)) if done else [],
            "fields": filing_fields.FIELDS,
        },
    )  # fmt: skip


@require_safe
def buildings(request: HttpRequest) -> HttpResponse:
    """Show by which rules each building is sold and which milestones it has reached."""
    return _buildings(request)


def _building_for(by: Person, key: int, at: datetime) -> Building:
    keys = {project.pk for project in projects_of(by, at)}
    found = Building.objects.select_related("project").filter(project_id__in=keys, pk=key).first()
    if found is None:
        raise Http404("没有这栋楼。")
    return found


def _buildings(request: HttpRequest, wrong: dict[str, str] | None = None, status: int = 200) -> HttpResponse:
    at, by, project = asking.now(), asking.person(request), asking.project(request)
    projects = [project] if project is not None else projects_of(by, at)
    today = local_date(at)
    rows = list(
        Building.objects.filter(project__in=projects).select_related("project").order_by("project__code", "position", "pk")
    )  # fmt: skip
    reached: dict[int, list[Milestone]] = {}
    for one in (
        Milestone.objects.filter(building__in=rows)
        .select_related("recorded_by")
        .order_by("reached_date", "pk")
    ):
        reached.setdefault(one.building_id, []).append(one)
    coming: dict[int, list[BuildingRegime]] = {}
    for regime in BuildingRegime.objects.filter(building__in=rows).order_by("from_date"):
        coming.setdefault(regime.building_id, []).append(regime)
    return render(
        request,
        "web/filing/buildings.html",
        {
            "rows": [
                {
                    "building": row, "regime": regime_of_building(row, today), "reached": reached.get(row.pk, []),
                    "rules": [(REGIMES[one.regime], one) for one in coming.get(row.pk, [])],
                    "may": holds_post(
                        by, *acts.KEEPERS, at=at, company_id=row.project.company_id, project_id=row.project_id
                    ),
                }
                for row in rows
            ],
            "kinds": Milestone.KINDS, "regimes": REGIMES.values(), "wrong": wrong or {}, "today": today,
            "keepers": "、".join(posts.label(post) for post in acts.KEEPERS),
        },
        status=status,
    )  # fmt: skip


@require_POST
@asking.tells_refusals
def building_changed(request: HttpRequest, key: int) -> HttpResponse:
    """Enter a milestone of a building, or the rules by which it is sold from a day on."""
    at, by = asking.now(), asking.person(request)
    building = _building_for(by, key, at)
    try:
        if request.POST.get("act") == "regime":
            acts.set_regime(
                building=building, regime=one_of(request, "regime", "销售制度", {k: r.label for k, r in REGIMES.items()}),
                from_date=day_of(request, "on", "起用日期"), basis=text_of(request, "proof", "依据", 200), by=by, at=at,
            )  # fmt: skip
        else:
            acts.reach_milestone(
                building=building, kind=one_of(request, "kind", "节点", dict(Milestone.KINDS)),
                on=day_of(request, "on", "日期"), proof=text_of(request, "proof", "凭证", 120), by=by, at=at,
            )  # fmt: skip
    except BadlyFilled as wrong:
        return _buildings(request, dict(wrong.errors), 422)
    messages.success(request, f"{building.name}已登记，等它的贷款、分期款和预告登记随后自动开始计时")
    return redirect(reverse("web:filing_buildings"))
