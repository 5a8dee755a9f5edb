"""按揭: the grid buyers × papers with one 催办 for the marked, the register, what waits for payout, guarantees, lists."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_POST, require_safe

from guiju.estate.models import Project
from guiju.kernel import chain, ports
from guiju.kernel.calendar import local_date
from guiju.kernel.models import Case, Event, Todo
from guiju.kernel.money import ZERO
from guiju.kernel.process import process_of
from guiju.kernel.refusals import BadlyFilled
from guiju.ledger.models import ReceivableEntry
from guiju.org.gates import holds_post, require_post, scope_of
from guiju.org.masking import mask_name, mask_unit
from guiju.org.models import Person
from guiju.org.operations.looks import note_look
from guiju.papers import forms as printed
from guiju.papers.forms import Stamp
from guiju.sales import mortgage_list
from guiju.sales.models import (
    Contract,
    LoanArrears,
    MissingList,
    Mortgage,
    MortgagePaper,
)
from guiju.sales.mortgage_board import BEFORE_PAYOUT, GRANTED, columns, loans, row_of
from guiju.sales.mortgage_facts import MortgageFacts, shown_state, usable
from guiju.sales.mortgage_forms import PaperState
from guiju.sales.processes.mortgage import DESK, Is
from guiju.sales.regimes import explain_gate
from guiju.web import batch, formats
from guiju.web.access import case_for, projects_of
from guiju.web.views import asking
from guiju.web.views.files import send

SIZE = 50
TABS = (
    ("mortgages", "催资料"),
    ("mortgage_register", "登统"),
    ("mortgage_waiting", "已批未放"),
    ("mortgage_guarantees", "担保和还款"),
    ("mortgage_progress", "签约后进度"),
    ("mortgage_lists", "资料不齐清单"),
)


def _mine(request: HttpRequest, at: datetime) -> QuerySet[Mortgage]:
    """Return the loans in the person's scope, of the project chosen."""
    by, project = asking.person(request), asking.project(request)
    rows = Mortgage.objects.filter(scope_of(by, at=at).q("project__company_id", "project_id"), live=True)
    return rows.filter(project=project) if project is not None else rows


def _show(request: HttpRequest, template: str, current: str, **more: Any) -> HttpResponse:
    tabs = [
        {"label": label, "url": reverse(f"web:{name}"), "current": name == current} for name, label in TABS
    ]
    project = asking.project(request)
    return render(
        request, f"web/mortgage/{template}.html",
        {"tabs": tabs, "project": project, "masked": asking.masked(request, asking.now(), project), **more},
    )  # fmt: skip


def _page(rows: QuerySet[Mortgage], request: HttpRequest) -> tuple[list[Mortgage], int | None]:
    """Return a page of loans by key, and the key after which the next begins."""
    after = formats.whole(request.GET.get("after", "")) or 0
    found = list(loans(rows.filter(pk__gt=after).order_by("pk"))[: SIZE + 1])
    return found[:SIZE], found[SIZE - 1].pk if len(found) > SIZE else None


@require_safe
def grid(request: HttpRequest) -> HttpResponse:
    """Show buyers × papers of the loans in hand: those that lack something first asked for, then all."""
    at = asking.now()
    today, masked = local_date(at), asking.masked(request, at, asking.project(request))
    rows = _mine(request, at).filter(case__state__in=BEFORE_PAYOUT, case__historic=False)
    only = request.GET.get("only", "lacking")
    if only == "lacking":
        bad = Q(state__in=[MortgagePaper.MISSING, MortgagePaper.EXPIRED]) | Q(valid_until__lt=today)
        bad |= Q(state=MortgagePaper.COPY, needs_original=True)
        rows = rows.filter(Exists(MortgagePaper.objects.filter(bad, mortgage=OuterRef("pk"), needed=True)))
    if bank := request.GET.get("bank", ""):
        rows = rows.filter(bank=bank)
    found, after = _page(rows, request)
    kinds = columns(found)
    shown = sorted(
        (row_of(loan, [kind for kind, _ in kinds], today) for loan in found), key=lambda row: (-row.days, row.loan.pk)
    )  # fmt: skip
    return _show(
        request, "grid", "mortgages", kinds=kinds, after=after, only=only, bank=bank, today=today,
        total=_total(rows),
        rows=[
            {
                "row": row, "buyers": [mask_name(name) if masked else name for name in row.buyers],
                "unit": _unit(row.loan, masked), "lacks": len(row.missing), "cells": zip(kinds, row.cells, strict=True),
            }
            for row in shown
        ],
        states=list(PaperState),
    )  # fmt: skip


def _total(rows: QuerySet[Any]) -> str:
    """Return a total: exact up to 1,000."""
    count = rows[:1001].count()
    return f"{count}" if count <= 1000 else "1000+"


def _unit(loan: Mortgage, masked: bool) -> str:
    label = loan.deal.unit.label
    return mask_unit(label) if masked else label


@require_POST
@asking.tells_refusals
def mark(request: HttpRequest) -> HttpResponse:
    """Do one thing for the marked rows: chase them, or enter one paper of each as it came."""
    at, by = asking.now(), asking.person(request)
    numbers = request.POST.getlist("case")
    if not numbers:
        raise BadlyFilled({"case": "先勾选要办的客户"})
    if request.POST.get("act") == "chase":
        return _run(request, numbers, "chase", {"way": "message"}, by, at)
    kind, state = request.POST.get("kind", ""), request.POST.get("state", "")
    if not kind or not state:
        raise BadlyFilled({"kind": "选一样资料和它的情况"})
    item: dict[str, Any] = {"kind": kind, "state": state}
    for name in ("valid_until", "promised_date"):
        if request.POST.get(name):
            item[name] = request.POST[name]
    return _run(request, numbers, "receive_papers", {"items": [item]}, by, at)


def _run(
    request: HttpRequest, numbers: Sequence[str], step: str, given: dict[str, Any], by: Person, at: datetime
) -> HttpResponse:
    act = batch.Act("mortgage", step)
    rows = [batch.Row(place, number) for place, number in enumerate(dict.fromkeys(numbers[: batch.MOST]), 1)]
    batch.match(act, rows, by=by, at=at, project=asking.project(request))
    outcomes = batch.run(act, rows, given, token=request.POST.get("token", ""), by=by, at=at)
    failed = [one for one in outcomes if one.kind == "failed"]
    done = sum(one.kind == "done" for one in outcomes)
    subjects = loans(_mine(request, at).filter(case__number__in=[row.where for row in rows]))
    masked = asking.masked(request, at, asking.project(request))
    names = {
        loan.case.number: (
            _unit(loan, masked),
            "、".join(
                mask_name(b.customer.name) if masked else b.customer.name for b in loan.deal.buyers.all()
            ),
        )
        for loan in subjects
    }
    return _show(
        request, "marked", "mortgages", label=act.label, done=done,
        before=sum(one.kind == "before" for one in outcomes),
        failed=[(*names.get(one.row.where, (one.row.where, "")), one.row.where, one.words) for one in failed],
        back=asking.way_back(request, reverse("web:mortgages")),
    )  # fmt: skip


@require_safe
def register(request: HttpRequest) -> HttpResponse:
    """Show the register of mortgage buyers with its statistics: by state, and by bank (I-2.2-b)."""
    at = asking.now()
    masked = asking.masked(request, at, asking.project(request))
    rows = _mine(request, at)
    process = process_of("mortgage")
    states = [
        {
            "state": process.state(row["case__state"]), "count": row["count"],
            "amount": _yuan(row["amount"]), "current": request.GET.get("state") == row["case__state"],
        }
        for row in rows.values("case__state").annotate(count=Count("pk"), amount=Sum("amount")).order_by()
    ]  # fmt: skip
    past = sum(row["count"] for row in states if row["state"] is Is.IMPORTED)
    order = [state.value for state in process.states]
    states.sort(key=lambda row: order.index(row["state"].value))
    banks = [
        {
            "bank": row["bank"] or "未选定", "key": row["bank"], "count": row["count"], "amount": _yuan(row["amount"]),
            "paid": _yuan(row["paid"]), "open": _yuan(row["amount"]) - _yuan(row["paid"]),
        }
        for row in rows.values("bank")
        .annotate(count=Count("pk"), amount=Sum("amount"), paid=Sum("disbursed_amount"))
        .order_by("bank")
    ]  # fmt: skip
    early = rows.filter(before_gate=True).aggregate(count=Count("pk"), amount=Sum("disbursed_amount"))
    listed = rows
    if only_early := request.GET.get("early") == "1":
        listed = listed.filter(before_gate=True)
    if state := request.GET.get("state", ""):
        listed = listed.filter(case__state=state)
    if "bank" in request.GET:
        listed = listed.filter(bank=request.GET["bank"])
    found, after = _page(listed, request)
    today = local_date(at)
    return _show(
        request, "register", "mortgage_register", states=states, banks=banks, after=after,
        total=_total(listed), filtered=bool(state) or "bank" in request.GET or only_early, past=past,
        early=early["count"], early_amount=_yuan(early["amount"]),
        take_ups=[act for act in batch.acts() if act.process == "mortgage" and act.states == [Is.IMPORTED.value]],
        rows=[_line(loan, today, masked) for loan in found],
    )  # fmt: skip


def _yuan(value: Any) -> Decimal:
    return ZERO if value is None else Decimal(value) + ZERO


def _line(loan: Mortgage, today: date, masked: bool) -> dict[str, Any]:
    row = row_of(loan, (), today)
    names = [mask_name(name) if masked else name for name in row.buyers]
    return {"loan": loan, "row": row, "buyers": names, "unit": _unit(loan, masked)}


@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    """Show what the bank approved and has not paid out, longest asked first, with the reminders to the bank (I-2.2-g)."""
    at = asking.now()
    today, masked = local_date(at), asking.masked(request, at, asking.project(request))
    rows = _mine(request, at).filter(case__state__in=GRANTED)
    sums = rows.aggregate(count=Count("pk"), amount=Sum("approved_amount"), paid=Sum("disbursed_amount"))
    found, after = _page(rows, request)
    lines = []
    for loan in found:
        line = _line(loan, today, masked)
        asked = loan.payout_asked_at
        line["asked_days"] = (today - local_date(asked)).days if asked else None
        line["left"] = (loan.approved_amount or loan.amount) - loan.disbursed_amount
        lines.append(line)
    lines.sort(key=lambda line: -(line["asked_days"] or -1))
    return _show(
        request, "waiting", "mortgage_waiting", rows=lines, after=after, total=_total(rows),
        open=_yuan(sums["amount"]) - _yuan(sums["paid"]),
    )  # fmt: skip


@require_safe
def guarantees(request: HttpRequest) -> HttpResponse:
    """Show the loans the company answers for, the repayments overdue, and what it paid for buyers."""
    at = asking.now()
    today, masked = local_date(at), asking.masked(request, at, asking.project(request))
    rows = _mine(request, at).filter(
        disbursed_at__isnull=False, guarantee_released_at=None, paid_off_at=None, case__state="disbursed"
    )
    amount = _yuan(rows.aggregate(total=Sum("disbursed_amount"))["total"])
    found, after = _page(rows, request)
    late = LoanArrears.objects.filter(Q(settled_at=None) | Q(paid_by_us=True, recovered_at=None))
    arrears = list(
        late.filter(mortgage__in=_mine(request, at))
        .select_related("mortgage__case", "mortgage__deal__unit__building")
        .order_by("due_date", "pk")[:200]
    )
    return _show(
        request, "guarantees", "mortgage_guarantees", amount=amount, after=after, total=_total(rows),
        rows=[_line(loan, today, masked) for loan in found],
        arrears=[
            {"one": one, "unit": _unit(one.mortgage, masked), "days": (today - one.due_date).days} for one in arrears
        ],
    )  # fmt: skip


@require_safe
def progress(request: HttpRequest) -> HttpResponse:
    """Show per contract the days from signing to completed filing and to the loan paid out (I-5.3-5d, 5e)."""
    at = asking.now()
    today, masked = local_date(at), asking.masked(request, at, asking.project(request))
    by, project = asking.person(request), asking.project(request)
    scope = scope_of(by, at=at).q("deal__project__company_id", "deal__project_id")
    rows = Contract.objects.filter(scope, live=True)
    if project is not None:
        rows = rows.filter(deal__project=project)
    after = formats.whole(request.GET.get("after", "")) or 0
    if after:
        rows = rows.filter(pk__lt=after)
    found = list(rows.select_related("deal__unit__building", "deal__project").order_by("-pk")[: SIZE + 1])
    loans_by: dict[int, list[Mortgage]] = {}
    for loan in Mortgage.objects.filter(deal__in=[c.deal_id for c in found], live=True).select_related(
        "case"
    ):
        loans_by.setdefault(loan.deal_id, []).append(loan)
    lines = []
    for contract in found[:SIZE]:
        label = contract.deal.unit.label
        lines.append(
            {
                "contract": contract, "unit": mask_unit(label) if masked else label,
                "filed": (contract.filed_date - contract.signed_date).days if contract.filed_date else None,
                "filing_open": (today - contract.signed_date).days,
                "loans": [
                    {
                        "loan": loan, "state": process_of("mortgage").state(loan.case.state),
                        "days": (
                            (local_date(loan.disbursed_at) if loan.disbursed_at else today) - contract.signed_date
                        ).days,
                    }
                    for loan in loans_by.get(contract.deal_id, [])
                ],
            }
        )  # fmt: skip
    more = found[SIZE - 1].pk if len(found) > SIZE else None
    return _show(request, "progress", "mortgage_progress", rows=lines, after=more)


# --- one file --------------------------------------------------------------------------------------------------------
STEPS_TOLD = {
    "exchange": "律师", "chase": "催交资料", "answer": "客户答复", "letter": "催办通知书", "deliver": "送达", "press_bank": "催银行",
    "chase_repayment": "催还贷款",
}  # fmt: skip


@require_safe
def file(request: HttpRequest, number: str) -> HttpResponse:
    """Show the file of one loan: papers with who brings and who took them, lawyer, exchanges, problems, arrears."""
    at, by = asking.now(), asking.person(request)
    case = case_for(by, number, at)
    loan = loans(Mortgage.objects.filter(case=case)).first()
    if loan is None:
        raise Http404("这不是按揭事项。")
    today, masked = local_date(at), asking.masked(request, at, case)
    papers: list[dict[str, Any]] = []
    for paper in loan.papers.select_related("customer", "received_by").order_by("position", "pk"):
        whose = (
            ""
            if paper.customer is None
            else mask_name(paper.customer.name)
            if masked
            else paper.customer.name
        )
        good = usable(paper, today)
        papers.append(
            {
                "paper": paper,
                "whose": whose,
                "good": good,
                "state": shown_state(paper, today),
                "handler": paper.received_by,
            }
        )
    names = ports.people()
    told = []
    for event in Event.objects.filter(case=case, step__in=list(STEPS_TOLD)).order_by("-case_seq")[:100]:
        body = chain.open_body(event.body)
        given, said = body.get("given", {}), body.get("said", {})
        words = [
            str(given.get("words") or given.get("answer") or given.get("tracking") or ""),
            f"缺：{said['words']}" if said.get("words") else "",
            f"答应 {given['promised_date']}" if given.get("promised_date") else "",
            f"附 {len(given['papers'])} 件" if given.get("papers") else "",
        ]
        told.append(
            {
                "at": event.happened_at, "what": STEPS_TOLD[event.step],
                "who": names.name(event.actor_id) if event.actor_id else "系统",
                "words": "；".join(word for word in words if word),
            }
        )  # fmt: skip
    missing = [one for one in papers if one["paper"].needed and not one["good"]]
    facts = MortgageFacts(loan)
    due = facts.loan_line
    said = (
        due.receivable.entries.filter(act=ReceivableEntry.EVENT)
        .order_by("-pk")
        .values_list("reason", flat=True)
        .first()
        if due is not None
        else None
    )
    return _show(
        request, "file", "", loan=loan, case=case, line=_line(loan, today, masked), papers=papers, told=told,
        gate=explain_gate(facts.contract, at) if facts.contract is not None else [], due=due, due_why=said or "",
        missing=len(missing), wanted=sum(one["paper"].needed for one in papers),
        problems=list(loan.problems.select_related("owner").order_by("solved_at", "raised_at")),
        arrears=list(loan.arrears.order_by("-due_date")),
        handler=_handler(case),
    )  # fmt: skip


def _handler(case: Case) -> str:
    """Return who has the file in hand: the person of its next act, else the post."""
    todo = (
        Todo.objects.filter(case=case).exclude(act__startswith="escalate:").order_by("due_at", "pk").first()
    )
    if todo is None:
        return ""
    people = ports.people()
    return people.name(todo.person_id) if todo.person_id else people.post_label(todo.post)


# --- the weekly list -------------------------------------------------------------------------------------------------
def _lists(request: HttpRequest, at: datetime) -> QuerySet[MissingList]:
    by, project = asking.person(request), asking.project(request)
    rows = MissingList.objects.filter(scope_of(by, at=at).q("project__company_id", "project_id"))
    return rows.filter(project=project) if project is not None else rows


@require_safe
def lists(request: HttpRequest) -> HttpResponse:
    """Show the weekly lists, newest first; open projects whose list of this week is not closed yet."""
    at, by = asking.now(), asking.person(request)
    before = formats.whole(request.GET.get("after", ""))
    rows = _lists(request, at)
    if before:
        rows = rows.filter(pk__lt=before)
    found = list(rows.select_related("project", "received_by").order_by("-pk")[: SIZE + 1])
    project = asking.project(request)
    monday = mortgage_list.mondays(at)[0]
    return _show(
        request, "lists", "mortgage_lists", rows=found[:SIZE],
        after=found[SIZE - 1].pk if len(found) > SIZE else None, closes=_closes(request, at), monday=monday,
        may_close=project is not None
        and holds_post(by, *DESK, at=at, company_id=project.company_id, project_id=project.pk),
    )  # fmt: skip


def _closes(request: HttpRequest, at: datetime) -> datetime | None:
    project: Project | None = asking.project(request) or next(
        iter(projects_of(asking.person(request), at)), None
    )
    if project is None:
        return None
    moments = [mortgage_list.closing_of(monday, project.company_id) for monday in mortgage_list.mondays(at)]
    moments.append(
        mortgage_list.closing_of(mortgage_list.mondays(at)[1] + timedelta(days=7), project.company_id)
    )
    return next(moment for moment in moments if moment > at)


def _list(request: HttpRequest, key: int, at: datetime) -> MissingList:
    found = _lists(request, at).filter(pk=key).select_related("project__company", "received_by").first()
    if found is None:
        raise Http404("没有这份清单，或者它不在你的项目里。")
    return found


@require_safe
def one_list(request: HttpRequest, key: int) -> HttpResponse:
    """Show one list as frozen; sales ticks receipt here."""
    at, by = asking.now(), asking.person(request)
    found = _list(request, key, at)
    masked = asking.masked(request, at, found.project)
    rows = [{**row, "lines": row["items"]} for row in mortgage_list.rows_of(found)]
    if masked:
        rows = [
            {**row, "buyers": mask_name(row["buyers"]), "phone": "", "unit": mask_unit(row["unit"])}
            for row in rows
        ]
    elif rows:
        note_look(by, "list", "mortgage_missing", at=at, company_id=found.project.company_id)
    return _show(
        request, "list", "mortgage_lists", found=found, rows=rows,
        may_receive=found.received_at is None
        and holds_post(
            by, *mortgage_list.RECEIVERS, at=at, company_id=found.project.company_id, project_id=found.project_id
        ),
    )  # fmt: skip


@require_POST
@asking.tells_refusals
def close_list(request: HttpRequest) -> HttpResponse:
    """Close and send the list of this week by hand, when it is time and it has not gone out by itself."""
    at, by, project = asking.now(), asking.person(request), asking.project(request)
    if project is None:
        raise BadlyFilled({"project": "先在左上角选一个项目"})
    require_post(by, *DESK, at=at, company_id=project.company_id, project_id=project.pk)
    made = next(
        (
            one
            for monday in mortgage_list.mondays(at)
            if (one := mortgage_list.close(project=project, monday=monday, at=at, by=by)) is not None
        ),
        None,
    )
    if made is None:
        messages.info(request, "还没有到周一下班，或者本周的清单已经抄报")
        return redirect("web:mortgage_lists")
    messages.success(request, f"已抄报销售部：{made.buyers} 户 {made.papers} 项")
    return redirect("web:mortgage_list", made.pk)


@require_POST
@asking.tells_refusals
def receive_list(request: HttpRequest, key: int) -> HttpResponse:
    """Sales ticks that it has the list."""
    at, by = asking.now(), asking.person(request)
    mortgage_list.receive(found=_list(request, key, at), by=by, at=at)
    messages.success(request, "已签收，请协助催交")
    return redirect("web:mortgage_list", key)


@require_safe
@asking.tells_refusals
def list_paper(request: HttpRequest, key: int) -> HttpResponse:
    """Send a list as it is printed."""
    at, by = asking.now(), asking.person(request)
    found = _list(request, key, at)
    require_post(
        by, *DESK, *mortgage_list.RECEIVERS, "cs_manager", at=at, company_id=found.project.company_id,
        project_id=found.project_id,
    )  # fmt: skip
    pdf = printed.print_form(
        "register",
        mortgage_list.form_of(found),
        stamp=Stamp(by=by.name, at=at),
        company=found.project.company.name,
    )
    return send(pdf, "application/pdf", f"按揭资料不齐清单 {found.week_date}.pdf", inline=True)


PATHS = [
    path("", grid, name="mortgages"),
    path("mark/", mark, name="mortgage_mark"),
    path("register/", register, name="mortgage_register"),
    path("waiting/", waiting, name="mortgage_waiting"),
    path("guarantees/", guarantees, name="mortgage_guarantees"),
    path("progress/", progress, name="mortgage_progress"),
    path("files/<str:number>/", file, name="mortgage_file"),
    path("lists/", lists, name="mortgage_lists"),
    path("lists/close/", close_list, name="mortgage_close_list"),
    path("lists/<int:key>/", one_list, name="mortgage_list"),
    path("lists/<int:key>/receive/", receive_list, name="mortgage_receive_list"),
    path("lists/<int:key>/paper/", list_paper, name="mortgage_list_paper"),
]
