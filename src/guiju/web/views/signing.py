"""Signing: the desk of the day by appointment, the papers of one signing, contract texts with their register, documents."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_POST, require_safe

from guiju.estate.models import Project
from guiju.kernel import engine
from guiju.kernel.calendar import local_date
from guiju.kernel.models import Case
from guiju.kernel.numbering import ZONE
from guiju.kernel.process import process_of
from guiju.kernel.refusals import BadlyFilled
from guiju.org.gates import holds_post, scope_of
from guiju.org.masking import mask_name, mask_unit
from guiju.org.models import Person
from guiju.org.secrecy import listed
from guiju.papers.operations.papers import issue
from guiju.sales.models import (
    Contract,
    ContractTemplate,
    ContractText,
    DealBuyer,
    Payment,
    PreparedDocument,
    Signing,
    TextCount,
    TextEntry,
)
from guiju.sales.operations import signing_stock as stock
from guiju.sales.signing_facts import SigningFacts, preparation, texts_in_stock
from guiju.sales.signing_papers import issue_register
from guiju.web import formats
from guiju.web.access import case_for
from guiju.web.lists import exact
from guiju.web.views import asking
from guiju.web.views.files import send
from guiju.web.views.receivables import day_of, one_of, text_of

SIZE = 50
WEEK = 7


def signings_of(by: Person, at: datetime, project: Project | None = None) -> QuerySet[Signing]:
    """Return the signings in the person's scope; confidential ones for their readers."""
    rows = Signing.objects.filter(
        scope_of(by, at=at).q("case__chain_id", "case__scope_id"), listed(by, at=at, prefix="case__")
    )
    return rows.filter(project=project) if project is not None else rows


def contracts_of(by: Person, at: datetime, project: Project | None = None) -> QuerySet[Contract]:
    """Return the live contracts signed in the person's scope."""
    rows = Contract.objects.filter(
        scope_of(by, at=at).q("case__chain_id", "case__scope_id"),
        listed(by, at=at, prefix="case__"),
        live=True,
    )
    return rows.filter(deal__project=project) if project is not None else rows


def _bounds(on: date) -> tuple[datetime, datetime]:
    begin = datetime.combine(on, time(), ZONE)
    return begin, begin + timedelta(days=1)


def _day(request: HttpRequest, today: date) -> date:
    try:
        found = date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return today
    return found if 2000 <= found.year <= 2199 else today


# --- the desk of the day ----------------------------------------------------------------------------------------------
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """Show the signings of a day by appointment, each with what is still open; and those whose day has passed."""
    at, by, project = asking.now(), asking.person(request), asking.project(request)
    today, masked = local_date(at), asking.masked(request, at, project)
    on = _day(request, today)
    begin, end = _bounds(on)
    found = signings_of(by, at, project)
    todays = found.filter(signing_at__gte=begin, signing_at__lt=end)
    after = todays.filter(pk=formats.whole(request.GET.get("after", "")) or 0).first()
    if after is not None:
        todays = todays.filter(
            Q(signing_at__gt=after.signing_at) | Q(signing_at=after.signing_at, pk__gt=after.pk)
        )
    page = list(_whole(todays).order_by("signing_at", "pk")[: SIZE + 1])
    late = _whole(found.filter(open=True, signed_at=None, signing_at__lt=_bounds(today)[0]))
    unfetched = found.filter(
        open=True, signed_at=None, text_taken_at=None, signing_at__lt=_bounds(today)[1] + timedelta(days=1)
    )
    ahead = found.filter(
        open=True, signed_at=None, signing_at__gte=begin, signing_at__lt=begin + timedelta(days=WEEK)
    )
    by_day: dict[date, int] = {}
    for moment in ahead.values_list("signing_at", flat=True)[:1000]:
        by_day[local_date(moment)] = by_day.get(local_date(moment), 0) + 1
    return render(
        request,
        "web/signing/desk.html",
        {
            "on": on, "today": today, "project": project, "masked": masked,
            "rows": _rows(page[:SIZE], at, masked=masked), "late": _rows(list(late.order_by("signing_at", "pk")[:SIZE]), at, masked=masked),
            "unfetched": unfetched[: SIZE + 1].count(), "after": page[SIZE - 1].pk if len(page) > SIZE else None,
            "week": [
                {"on": day, "count": by_day.get(day, 0), "current": day == on}
                for day in (on + timedelta(days=n) for n in range(WEEK))
            ],
            "ready": texts_in_stock(project.pk, today) if project is not None else None,
            "reserve": stock.reserve_of(project, at) if project is not None else None,
            "signed": _signed(by, at, project, masked=masked),
        },
    )  # fmt: skip


def _whole(rows: QuerySet[Signing]) -> QuerySet[Signing]:
    return rows.select_related("case", "unit__building", "project", "deal", "subscription").annotate(
        papers_needed=Count("papers", filter=Q(papers__needed=True)),
        papers_here=Count("papers", filter=Q(papers__needed=True, papers__received_at__isnull=False)),
    )


def _rows(signings: Sequence[Signing], at: datetime, *, masked: bool) -> list[dict[str, Any]]:
    names: dict[int, list[str]] = {}
    buyers = DealBuyer.objects.filter(deal_id__in=[row.deal_id for row in signings]).select_related(
        "customer"
    )
    for buyer in buyers.order_by("position"):
        name = buyer.customer.name
        names.setdefault(buyer.deal_id, []).append(mask_name(name) if masked else name)
    texts = {
        text.signing_id: text.serial
        for text in ContractText.objects.filter(
            signing_id__in=[row.pk for row in signings], state__in=[ContractText.ISSUED, ContractText.USED]
        )
    }
    found = []
    for row in signings:
        state = process_of("signing").state(row.case.state)
        before = row.signed_at is None and row.open
        found.append(
            {
                "row": row, "unit": mask_unit(row.unit.label) if masked else row.unit.label,
                "buyers": names.get(row.deal_id, []), "state": state.label, "tone": state.tone,
                "serial": texts.get(row.pk, ""), "papers_here": row.papers_here, "papers_needed": row.papers_needed,  # type: ignore[attr-defined]
                "unfetched": before and row.pk not in texts and local_date(row.signing_at) <= local_date(at) + timedelta(days=1),
                "past": before and row.signing_at < at,
                "open": [
                    words
                    for words, done in (
                        ("准备文件", row.prepared_at), ("填制合同", row.drafted_at), ("客户签字", row.signatures_checked_at),
                        ("款费", row.money_checked_at),
                    )
                    if done is None
                ] if before else [],
            }
        )  # fmt: skip
    return found


def _signed(by: Person, at: datetime, project: Project | None, *, masked: bool) -> list[dict[str, Any]]:
    """Return the newest contracts with the days since signing until filed and until the loan is paid (I-5.3-5d, 5e)."""
    rows = contracts_of(by, at, project).select_related("case", "deal__unit__building")
    found = []
    for contract in rows.prefetch_related("deal__mortgages").order_by("-signed_date", "-pk")[:20]:
        loans = [loan for loan in contract.deal.mortgages.all() if loan.live]
        paid = [loan.disbursed_at for loan in loans]
        last = max((moment for moment in paid if moment is not None), default=None)
        done = bool(loans) and all(moment is not None for moment in paid)
        label = contract.deal.unit.label
        found.append(
            {
                "contract": contract, "unit": mask_unit(label) if masked else label, "filed": contract.filed_date,
                "to_filing": ((contract.filed_date or local_date(at)) - contract.signed_date).days,
                "loan": bool(loans) or Payment(contract.deal.payment or Payment.OTHER).needs_bank, "paid": done,
                "to_loan": ((local_date(last) if done and last else local_date(at)) - contract.signed_date).days,
            }
        )  # fmt: skip
    return found


# --- papers of one signing --------------------------------------------------------------------------------------------
def _signing(request: HttpRequest, number: str, at: datetime) -> tuple[Case, SigningFacts]:
    case = case_for(asking.person(request), number, at)
    row = (
        Signing.objects.select_related("unit__building", "unit__project", "deal", "subscription", "template")
        .filter(case=case)
        .first()
    )
    if row is None:
        raise Http404("这不是签约事项。")
    return case, SigningFacts(row)


@require_safe
def papers(request: HttpRequest, number: str) -> HttpResponse:
    """Show the papers of a signing to be ticked one by one, and its preparation list."""
    at = asking.now()
    case, facts = _signing(request, number, at)
    return _papers(request, case, facts, at)


def _papers(
    request: HttpRequest,
    case: Case,
    facts: SigningFacts,
    at: datetime,
    mistakes: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    by = asking.person(request)
    option = next((one for one in engine.options(case, by=by, at=at) if one.name == "check_papers"), None)
    lines = facts.prepared(facts.day)
    return render(
        request,
        "web/signing/papers.html",
        {
            "case": case, "row": facts.row, "papers": facts.papers, "missing": len(facts.papers_missing),
            "masked": asking.masked(request, at, case), "may": option is not None and option.here and option.mine,
            "lines": lines, "bad": sum(1 for line in lines if line.state in ("missing", "expired")),
            "points": facts.points, "clauses": facts.clauses, "deviations": facts.row.draft.get("deviations", []),
            "annexes": facts.row.draft.get("annexes", []), "mistakes": mistakes or {}, "given": request.POST if mistakes else {},
        },
        status=status,
    )  # fmt: skip


@require_POST
@asking.tells_refusals
def tick_papers(request: HttpRequest, number: str) -> HttpResponse:
    """Take the ticks of the list as one act."""
    at, by = asking.now(), asking.person(request)
    case, facts = _signing(request, number, at)
    given = []
    for paper in facts.papers:
        mark = request.POST.get(f"state-{paper.position}", "")
        if mark not in ("here", "missing", "not_needed"):
            continue
        here = mark == "here"
        line: dict[str, Any] = {
            "paper": paper.position, "received": here, "original_seen": here, "not_needed": mark == "not_needed",
        }  # fmt: skip
        typed = {"valid_until": f"valid-{paper.position}", "promised_date": f"promised-{paper.position}"}
        line |= {name: text for name, key in typed.items() if (text := request.POST.get(key, "").strip())}
        line["note"] = request.POST.get(f"note-{paper.position}", "").strip()
        given.append(line)
    try:
        engine.advance(case, "check_papers", by=by, at=at, given={"papers": given}, version=case.version)
    except BadlyFilled as bad:
        return _papers(request, case, facts, at, bad.errors, 422)
    messages.success(request, "客户资料已核对")
    return redirect(reverse("web:signing_papers", args=[case.number]))


# --- contract texts ---------------------------------------------------------------------------------------------------
def _project(request: HttpRequest) -> Project:
    project = asking.project(request)
    if project is None:
        raise BadlyFilled({"project": "先在左上角选一个项目"})
    return project


def _entries(project: Project) -> QuerySet[TextEntry]:
    return TextEntry.objects.filter(project=project).select_related(
        "text__template", "unit__building", "person", "case"
    )


@require_safe
def texts(request: HttpRequest) -> HttpResponse:
    """Show how many sets are ready against the reserve, the model contracts, and the issue register, newest first."""
    project = asking.project(request)
    if project is None:
        return render(request, "web/signing/texts.html", {"project": None})
    return _texts(request, project)


def _texts(
    request: HttpRequest, project: Project, mistakes: dict[str, str] | None = None, status: int = 200
) -> HttpResponse:
    at, by = asking.now(), asking.person(request)
    before = formats.whole(request.GET.get("before", ""))
    rows = _entries(project)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    page = list(rows.order_by("-pk")[: SIZE + 1])
    sets = ContractText.objects.filter(project=project)
    ready, reserve = texts_in_stock(project.pk, local_date(at)), stock.reserve_of(project, at)
    where: dict[str, Any] = {"at": at, "company_id": project.company_id, "project_id": project.pk}
    return render(
        request,
        "web/signing/texts.html",
        {
            "project": project, "ready": ready, "reserve": reserve, "short": max(reserve - ready, 0),
            "counts": [(label, exact(sets.filter(state=state))) for state, label in ContractText.STATES],
            "entries": page[:SIZE], "before": page[SIZE - 1].pk if len(page) > SIZE else None,
            "counted": list(TextCount.objects.filter(project=project).order_by("-counted_date")[:7]),
            "templates": list(
                ContractTemplate.objects.filter(project=project).select_related("drawn_by", "released_by").order_by("-valid_from", "-pk")[:20]
            ),
            "masked": asking.masked(request, at, project), "today": local_date(at), "first": local_date(at).replace(day=1),
            "may_keep": holds_post(by, *stock.KEEPERS, **where), "may_draw": holds_post(by, *stock.DRAWERS, **where),
            "may_release": holds_post(by, *stock.RELEASERS, **where), "mistakes": mistakes or {},
            "given": request.POST if mistakes else {},
        },
        status=status,
    )  # fmt: skip


def _template(request: HttpRequest, project: Project) -> ContractTemplate:
    key = formats.whole(request.POST.get("template", "")) or 0
    found = ContractTemplate.objects.filter(project=project, pk=key).select_related("project").first()
    if found is None:
        raise BadlyFilled({"template": "请选择合同范本"})
    return found


@require_POST
@asking.tells_refusals
def take_in(request: HttpRequest) -> HttpResponse:
    """Take blank sets into stock."""
    at, by, project = asking.now(), asking.person(request), _project(request)
    try:
        sets = formats.whole(request.POST.get("sets", ""))
        if sets is None:
            raise BadlyFilled({"sets": "套数：请填数字"})
        first = text_of(request, "first", "起始编号", 40)
        made = stock.stock_texts(template=_template(request, project), first=first, sets=sets, by=by, at=at)
    except BadlyFilled as bad:
        return _texts(request, project, bad.errors, 422)
    messages.success(request, f"已入库 {len(made)} 套，{made[0].serial} 至 {made[-1].serial}")
    return redirect("web:signing_texts")


@require_POST
@asking.tells_refusals
def draw(request: HttpRequest) -> HttpResponse:
    """Write down a version of the model contract."""
    at, by, project = asking.now(), asking.person(request), _project(request)
    try:
        text = stock.TemplateText(
            name=text_of(request, "name", "名称", 80), version=text_of(request, "version", "版本", 20),
            model_text=text_of(request, "model_text", "依据的示范文本", 80, needed=False),
            terms={
                name: text_of(request, name, label, 20, needed=False)
                for name, label in (
                    ("late_pay_rate", "逾期付款违约金"), ("late_handover_rate", "逾期交付违约金"),
                    ("rescind_after_days", "逾期多少日可解除"), ("rescind_percent", "解除时的违约金"),
                    ("handover_date", "交付日期"),
                )
            },
            clauses=_clauses(request), annexes=_annexes(request),
            valid_from=day_of(request, "valid_from", "启用日期", local_date(at)),
        )  # fmt: skip
        _check_terms(text.terms)
        made = stock.draw_template(project=project, text=text, by=by, at=at)
    except BadlyFilled as bad:
        return _texts(request, project, bad.errors, 422)
    messages.success(request, f"已登记 {made}，由经理发布后启用")
    return redirect("web:signing_texts")


def _check_terms(terms: dict[str, Any]) -> None:
    for name in ("late_pay_rate", "late_handover_rate", "rescind_percent"):
        try:
            if terms[name] and not 0 <= float(terms[name]) <= 100:
                raise ValueError
        except ValueError:
            raise BadlyFilled({name: "比例请填 0 到 100 的数字"}) from None
    if terms["rescind_after_days"] and formats.whole(terms["rescind_after_days"]) is None:
        raise BadlyFilled({"rescind_after_days": "日数请填数字"})
    if terms["handover_date"]:
        try:
            date.fromisoformat(terms["handover_date"])
        except ValueError:
            raise BadlyFilled({"handover_date": "交付日期：请填日期"}) from None


def _clauses(request: HttpRequest) -> tuple[dict[str, str], ...]:
    """Read clauses typed one to a line: number, blank, words."""
    found = []
    for line in text_of(request, "clauses", "条款", 20_000, needed=False).splitlines():
        number, _, words = line.strip().partition(" ")
        if number:
            found.append({"number": number[:40], "words": words.strip()})
    return tuple(found)


def _annexes(request: HttpRequest) -> tuple[dict[str, Any], ...]:
    lines = text_of(request, "annexes", "附件", 4000, needed=False).splitlines()
    return tuple({"name": line.strip()[:80], "copies": 4} for line in lines if line.strip())


@require_POST
@asking.tells_refusals
def release(request: HttpRequest) -> HttpResponse:
    """Release a version of the model contract for use."""
    at, by, project = asking.now(), asking.person(request), _project(request)
    made = stock.release_template(template=_template(request, project), by=by, at=at)
    messages.success(request, f"已发布 {made}，{made.valid_from} 起启用")
    return redirect("web:signing_texts")


@require_POST
@asking.tells_refusals
def print_register(request: HttpRequest) -> HttpResponse:
    """Print the 合同领用登记表 of a period (I-5.3-3c)."""
    at, by, project = asking.now(), asking.person(request), _project(request)
    first, last = day_of(request, "first", "从"), day_of(request, "last", "到", local_date(at))
    rows = _entries(project).filter(happened_at__gte=_bounds(first)[0], happened_at__lt=_bounds(last)[1])
    data = issue_register(project, first, last, rows.order_by("pk")[:1000])
    made = issue(form="register", data=data, company=project.company, by=by, at=at)
    return send(made.file.read(), "application/pdf", f"{made.title}.pdf", inline=True)


# --- standing documents -----------------------------------------------------------------------------------------------
@require_safe
def documents(request: HttpRequest) -> HttpResponse:
    """Show the documents that lie ready for signing in a project, with version, owner and validity."""
    project = asking.project(request)
    if project is None:
        return render(request, "web/signing/documents.html", {"project": None})
    return _documents(request, project)


def _documents(
    request: HttpRequest, project: Project, mistakes: dict[str, str] | None = None, status: int = 200
) -> HttpResponse:
    at, by = asking.now(), asking.person(request)
    unit = project.units.select_related("building", "project").order_by("pk").first()
    lines = (
        []
        if unit is None
        else preparation(unit, on=local_date(at), loan=True, sets=texts_in_stock(project.pk, local_date(at)))
    )
    soon = local_date(at) + timedelta(days=30)
    return render(
        request,
        "web/signing/documents.html",
        {
            "project": project, "lines": lines, "soon": soon,
            "bad": sum(1 for line in lines if line.state in ("missing", "expired")),
            "kinds": [one for one in PreparedDocument.KINDS if one[0] not in ("permits", "contract_text")],
            "may_keep": holds_post(
                by, *stock.KEEPERS, at=at, company_id=project.company_id, project_id=project.pk
            ),
            "mistakes": mistakes or {}, "given": request.POST if mistakes else {},
        },
        status=status,
    )  # fmt: skip


@require_POST
@asking.tells_refusals
def put_ready(request: HttpRequest) -> HttpResponse:
    """Enter a document, or its newer version; who enters it answers for it."""
    at, by, project = asking.now(), asking.person(request), _project(request)
    try:
        made = stock.put_ready(
            project=project,
            text=stock.DocumentText(
                kind=one_of(request, "kind", "文件", dict(PreparedDocument.KINDS)),
                version=text_of(request, "version", "版本", 20), owner=by,
                name=text_of(request, "name", "名称", 80, needed=False),
                layout=text_of(request, "layout", "户型", 20, needed=False),
                number=text_of(request, "number", "编号", 80, needed=False),
                valid_until=day_of(request, "valid_until", "有效期至") if request.POST.get("valid_until") else None,
            ),
            by=by, at=at,
        )  # fmt: skip
    except BadlyFilled as bad:
        return _documents(request, project, bad.errors, 422)
    messages.success(request, f"已登记 {made.title} {made.version} 版")
    return redirect("web:signing_documents")


PATHS = [
    path("", desk, name="signing_desk"),
    path("texts/", texts, name="signing_texts"),
    path("texts/in/", take_in, name="signing_take_in"),
    path("texts/draw/", draw, name="signing_draw"),
    path("texts/release/", release, name="signing_release"),
    path("texts/print/", print_register, name="signing_print"),
    path("documents/", documents, name="signing_documents"),
    path("documents/ready/", put_ready, name="signing_put_ready"),
    path("<str:number>/papers/", papers, name="signing_papers"),
    path("<str:number>/papers/tick/", tick_papers, name="signing_tick"),
]
