"""The cashier's day: what was booked, what to check, money nobody knows, the bank's page, and closing."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from guiju.estate.models import Project
from guiju.kernel.calendar import local_date
from guiju.kernel.money import ZERO
from guiju.kernel.refusals import BadlyFilled
from guiju.ledger import suspense
from guiju.ledger.models import BankLine, Book, DayClosing, Payout, Receipt, Refund, Till
from guiju.ledger.operations import banking, cashier, closing, paying, returning
from guiju.ledger.verify import day_totals
from guiju.org.gates import holds_post
from guiju.org.masking import mask_name
from guiju.registers.workbook import UnableToOpenWorkbook, read_workbook
from guiju.sales.operations.refunding import cases_waiting_for_payment
from guiju.web import formats
from guiju.web.books import book_for, books_of, buyers_of, deals_of, receipt_for, return_for
from guiju.web.views import asking
from guiju.web.views.receivables import amount_of, day_of, text_of

COUNTED = (("cash", "现金"), ("pos", "POS 签购单"), ("transfer", "银行到账"), ("cheque", "支票"))


def _project(request: HttpRequest) -> Project:
    project = asking.project(request)
    if project is None:
        raise Http404("先在左上角选一个项目。")
    return project


def _day(request: HttpRequest, today: date) -> date:
    try:
        return min(date.fromisoformat(request.GET.get("day", "")), today)
    except ValueError:
        return today


@require_safe
def till(request: HttpRequest) -> HttpResponse:
    """Show the cashier's day: counted beside booked, each receipt with its check, and what waits."""
    project = asking.project(request)
    if project is None:
        return render(request, "web/cashier/till.html", {"project": None})
    return _till(request, project, {})


def _till(
    request: HttpRequest, project: Project, mistakes: dict[str, str], status: int = 200
) -> HttpResponse:
    at, by = asking.now(), asking.person(request)
    today, masked = local_date(at), asking.masked(request, at, project)
    first = closing.first_open(project.pk)
    state = Till.objects.filter(project=project).first()
    on = _day(request, today) if request.GET.get("day") or first is None else min(first, today)
    rows = list(
        Receipt.objects.filter(project=project, book_date=on)
        .select_related("booked_by", "check_row__checked_by", "unit__building")
        .order_by("pk")
    )
    booked = day_totals(project.pk, on)
    said = {name: booked.get(name, ZERO) for name, _ in COUNTED}
    said["transfer"] += booked.get("loan", ZERO)
    where: dict[str, Any] = {"at": at, "company_id": project.company_id, "project_id": project.pk}
    return render(
        request,
        "web/cashier/till.html",
        {
            "project": project, "on": on, "today": today, "masked": masked,
            "totals": [{"name": name, "label": label, "booked": said[name]} for name, label in COUNTED],
            "total": sum(said.values(), Decimal(0)),
            "receipts": [
                {
                    "row": row, "payer": mask_name(row.payer) if masked else row.payer,
                    "checked": getattr(row, "check_row", None),
                    "may_check": row.reverses_id is None and row.booked_by_id != by.pk and not hasattr(row, "check_row"),
                }
                for row in rows
            ],
            "went": _went(project, on, masked=masked), "owed_back": _owed_back(project, today, masked=masked),
            "closed": DayClosing.objects.filter(project=project, on_date=on).select_related("closed_by", "check_row__checked_by").first(),
            "closed_until": state.closed_until_date if state else None,
            "unchecked": closing.unchecked_before(project.pk, today), "waiting": _suspense(project, at), "may_agree": holds_post(by, *cashier.HEADS, **where), "me": by.pk,
            "sent": paying.returns_unchecked(project.pk),
            "lines": len(banking.unmatched(project.pk)),
            "books": _choices(request, project) if holds_post(by, *cashier.BOOKERS, **where) else [],
            "may_book": holds_post(by, *cashier.BOOKERS, **where), "may_check": holds_post(by, *cashier.CHECKERS, **where),
            "mistakes": mistakes, "given": request.POST if mistakes else {},
        },
        status=status,
    )  # fmt: skip


def _suspense(project: Project, at: datetime) -> list[dict[str, Any]]:
    """Return what stands in suspense, each with the order to send it back, if there is one."""
    found = suspense.waiting(project.pk, at)
    orders = returning.orders_of([one.receipt.pk for one in found])
    return [
        {"receipt": one.receipt, "until": one.until, "late": one.late, "order": orders.get(one.receipt.pk)} for one in found
    ]  # fmt: skip


def _went(project: Project, on: date, *, masked: bool) -> list[dict[str, Any]]:
    """Return what was paid back or paid out on a cashier's day: refunds, interest, penalties, rewards."""
    refunds = Refund.objects.filter(receipt__project=project, book_date=on).select_related(
        "receipt__unit__building", "booked_by", "case", "check_row__checked_by", "reversal"
    )
    payouts = Payout.objects.filter(book__project=project, book_date=on).select_related(
        "book__unit__building", "booked_by", "case", "check_row__checked_by", "reversal"
    )
    found: list[dict[str, Any]] = [
        {
            "row": row, "unit": row.receipt.unit, "book": row.receipt.book_id, "checked": getattr(row, "check_row", None),
            "open": row.reverses_id is None and not hasattr(row, "check_row") and not hasattr(row, "reversal"),
            "back": row.case_id is None and row.reverses_id is None and not hasattr(row, "reversal"),
            "what": f"退款（原收据 {row.receipt.number}）" if row.reverses_id is None else "退汇",
            "payee": mask_name(row.payee) if masked else row.payee,
        }
        for row in refunds.order_by("pk")
    ]  # fmt: skip
    found += [
        {
            "row": row, "unit": row.book.unit, "book": row.book_id, "checked": getattr(row, "check_row", None),
            "open": row.reverses_id is None and not hasattr(row, "check_row") and not hasattr(row, "reversal"),
            "what": row.get_kind_display() if row.reverses_id is None else f"{row.get_kind_display()}退汇",
            "payee": mask_name(row.payee) if masked else row.payee,
        }
        for row in payouts.order_by("pk")
    ]  # fmt: skip
    return found


def _owed_back(project: Project, today: date, *, masked: bool) -> list[dict[str, Any]]:
    """Return the refunds that wait for finance: banks to be paid off, buyers to be paid, soonest due first."""
    found: list[dict[str, Any]] = []
    for facts in cases_waiting_for_payment(project.pk):
        row = facts.row
        open_ = [one for one in facts.payees if one.paid_date is None and one.amount > 0]
        if row.case.state == "releasing":
            open_ = [one for one in open_ if one.kind == "bank"]
        if not open_:
            continue
        found.append(
            {
                "row": row, "case": row.case, "unit": row.deal.unit, "kind": "结清银行贷款" if row.case.state == "releasing" else "付款",
                "names": [mask_name(one.name) if masked and one.kind != "bank" else one.name for one in open_],
                "amount": sum((facts.open_of(one) for one in open_), ZERO), "late": facts.lateness(today),
            }
        )  # fmt: skip
    return found


def _choices(request: HttpRequest, project: Project) -> list[tuple[Book, str, list[str]]]:
    """Return the books of a project with room and buyers, for a person to choose from."""
    at, masked = asking.now(), asking.masked(request, asking.now(), project)
    rows = books_of(asking.person(request), at).filter(project=project)
    books = list(rows.select_related("unit__building").prefetch_related("deals").order_by("-pk")[:1000])
    deals = deals_of(books)
    return [(book, book.unit.label, buyers_of(deals.get(book.pk), masked=masked)) for book in books]


def _back(on: date | None = None) -> HttpResponse:
    return redirect(reverse("web:till") + (f"?day={on}" if on else ""))


@require_POST
@asking.tells_refusals
def check(request: HttpRequest, key: int) -> HttpResponse:
    """Check a booking as the second person."""
    at, by = asking.now(), asking.person(request)
    found = receipt_for(by, key, at)
    cashier.check(receipt=found, by=by, at=at)
    messages.success(request, f"已复核 {found.number}")
    return redirect(asking.way_back(request, f"{reverse('web:till')}?day={found.book_date}"))


@require_POST
@asking.tells_refusals
def reverse_receipt(request: HttpRequest, key: int) -> HttpResponse:
    """Take a booking back, with its reason."""
    at, by = asking.now(), asking.person(request)
    found = receipt_for(by, key, at)
    made = cashier.reverse(receipt=found, reason=text_of(request, "reason", "冲销原因", 200), by=by, at=at)
    messages.success(request, f"已冲销 {found.number}，冲销单 {made.number}")
    return redirect(asking.way_back(request, reverse("web:till")))


@require_POST
@asking.tells_refusals
def identify(request: HttpRequest, key: int) -> HttpResponse:
    """Move money out of suspense to the purchase it belongs to."""
    at, by = asking.now(), asking.person(request)
    found = receipt_for(by, key, at)
    to = book_for(by, formats.whole(request.POST.get("book", "")) or 0, at)
    reason = text_of(request, "reason", "依据", 200)
    buyers = buyers_of(deals_of([to]).get(to.pk))
    made = cashier.identify(receipt=found, to=to, reason=reason, buyers=buyers, by=by, at=at)
    messages.success(request, f"{found.number} 已转入 {to.unit.label}，收据 {made.number}")
    return _back()


@require_POST
@asking.tells_refusals
def ask_return(request: HttpRequest, key: int) -> HttpResponse:
    """Ask to send money that nobody could explain back to its payer."""
    at, by = asking.now(), asking.person(request)
    found = receipt_for(by, key, at)
    cashier.ask_return(
        receipt=found, account=text_of(request, "account", "收款账号", 100), reason=text_of(request, "reason", "退回原因", 200),
        by=by, at=at,
    )  # fmt: skip
    messages.success(request, f"{found.number} 的退回已送批")
    return _back()


@require_POST
@asking.tells_refusals
def decide_return(request: HttpRequest, key: int) -> HttpResponse:
    """Agree that money goes back to its payer, or not."""
    at, by = asking.now(), asking.person(request)
    found = receipt_for(by, key, at)
    order = returning.orders_of([found.pk]).get(found.pk)
    if order is None or order.pk != formats.whole(request.POST.get("order", "")):
        raise Http404("没有这笔退回申请，或者已经办完。")
    agreed = request.POST.get("decision") == "yes"
    words = text_of(request, "words", "意见", 200, needed=False)
    cashier.decide_return(order=order, agreed=agreed, words=words, by=by, at=at)
    messages.success(request, f"{found.number} 的退回已{'批准，由财务付款' if agreed else '退回申请人'}")
    return _back()


@require_POST
@asking.tells_refusals
def pay_back(request: HttpRequest, key: int) -> HttpResponse:
    """Send money back to its payer, as it was agreed to."""
    at, by = asking.now(), asking.person(request)
    found = receipt_for(by, key, at)
    made = cashier.pay_back(
        receipt=found, voucher=text_of(request, "voucher", "付款凭证号", 80), paid_at=at, by=by, at=at
    )
    messages.success(request, f"{found.number} 已原路退回，退款单 {made.number}")
    return _back()


@require_POST
@asking.tells_refusals
def check_return(request: HttpRequest, key: int) -> HttpResponse:
    """Check money sent back to an unknown payer as the second person."""
    at, by = asking.now(), asking.person(request)
    found = return_for(by, key, at)
    cashier.check_return(refund=found, by=by, at=at)
    messages.success(request, f"已复核 {found.number}")
    return _back(found.book_date)


@require_POST
@asking.tells_refusals
def return_came_back(request: HttpRequest, key: int) -> HttpResponse:
    """Book that money sent back to an unknown payer came back to us."""
    at, by = asking.now(), asking.person(request)
    found = return_for(by, key, at)
    made = cashier.return_came_back(
        refund=found, reason=text_of(request, "reason", "退汇原因", 200), by=by, at=at
    )
    messages.success(request, f"{found.number} 已登记退汇，冲回单 {made.number}，款项回到暂收")
    return _back()


def _counted(request: HttpRequest, name: str, label: str) -> Decimal:
    text = request.POST.get(name, "").strip()
    return ZERO if text in ("", "0", "0.00") else amount_of(request, name, label)


@require_POST
@asking.tells_refusals
def close(request: HttpRequest) -> HttpResponse:
    """Close the day with what was counted."""
    at, by, project = asking.now(), asking.person(request), _project(request)
    try:
        on = day_of(request, "day", "日期")
        counted = closing.Counted(**{name: _counted(request, name, label) for name, label in COUNTED})
        words = text_of(request, "explanation", "说明", 400, needed=False)
        cashier.close_day(project=project, on=on, counted=counted, explanation=words, by=by, at=at)
    except BadlyFilled as bad:
        return _till(request, project, bad.errors, 422)
    except closing.UnableToClose as refused:
        return _till(request, project, {"explanation": str(refused)}, 422)
    messages.success(request, f"{on} 已日结，请另一位复核")
    return _back(on)


@require_POST
@asking.tells_refusals
def check_day(request: HttpRequest) -> HttpResponse:
    """Check a closing as the second person."""
    at, by, project = asking.now(), asking.person(request), _project(request)
    made = DayClosing.objects.filter(project=project, on_date=day_of(request, "day", "日期")).first()
    if made is None:
        raise Http404("这一天还没有日结。")
    cashier.check_day(made=made, by=by, at=at)
    messages.success(request, f"已复核 {made.on_date} 的日结")
    return _back(made.on_date)


@require_safe
def bank(request: HttpRequest) -> HttpResponse:
    """Show the bank's lines that no booking answers to, each with what it probably is."""
    project = asking.project(request)
    if project is None:
        return render(request, "web/cashier/bank.html", {"project": None})
    at, by = asking.now(), asking.person(request)
    choices, masked = _choices(request, project), asking.masked(request, at, project)
    # Proposals look for the real names; what is shown is masked where it must be.
    books = [book for book, _, _ in choices]
    deals = deals_of(books)
    found = banking.proposals(
        banking.unmatched(project.pk),
        [(book, book.unit.label, buyers_of(deals.get(book.pk))) for book in books],
    )
    where: dict[str, Any] = {"at": at, "company_id": project.company_id, "project_id": project.pk}
    return render(
        request,
        "web/cashier/bank.html",
        {
            "project": project, "books": choices, "account": project.escrow_account,
            "out": len(banking.unmatched_out(project.pk)),
            "rows": [
                {"one": one, "payer": mask_name(one.line.payer) if masked and one.line.payer else one.line.payer}
                for one in found
            ],
            "may_book": holds_post(by, *cashier.BOOKERS, **where), "may_take": holds_post(by, *cashier.CHECKERS, **where),
        },
    )  # fmt: skip


@require_POST
@asking.tells_refusals
@asking.as_refusal(UnableToOpenWorkbook)
def take_statement(request: HttpRequest) -> HttpResponse:
    """Take in a bank's statement as a file."""
    at, by, project = asking.now(), asking.person(request), _project(request)
    account = text_of(request, "account", "账户", 100)
    upload = request.FILES.get("file")
    if upload is None:
        raise BadlyFilled({"file": "请选择银行导出的对账单"})
    content = upload.read()
    sheets = read_workbook(content, name=upload.name or "")
    sheet = next((one for one in sheets if not one.hidden), sheets[0])
    taken = cashier.take_statement(
        project=project, account=account, name=upload.name or "对账单", sha256=hashlib.sha256(content).hexdigest(),
        rows=[row.cells for row in sheet.rows], by=by, at=at,
    )  # fmt: skip
    messages.success(
        request,
        f"读到 {taken.read} 笔，其中付出 {taken.out} 笔；新增 {taken.new} 笔，{taken.known} 笔以前读过",
    )
    return redirect(reverse("web:bank"))


@require_POST
@asking.tells_refusals
def confirm_line(request: HttpRequest, key: int) -> HttpResponse:
    """Say what a bank's line is."""
    at, by, project = asking.now(), asking.person(request), _project(request)
    line = BankLine.objects.filter(project=project, pk=key).first()
    if line is None:
        raise Http404("没有这笔流水。")
    chosen = formats.whole(request.POST.get("receipt", ""))
    receipt = receipt_for(by, chosen, at) if chosen else None
    wanted = formats.whole(request.POST.get("book", ""))
    to = book_for(by, wanted, at) if wanted and receipt is None else None
    if receipt is None and to is None and request.POST.get("act") != "suspense":
        raise BadlyFilled({"book": "请选择户账；查不到的，办「转暂收」"})
    buyers = buyers_of(deals_of([to]).get(to.pk)) if to is not None else []
    made = cashier.confirm_line(line=line, receipt=receipt, to=to, buyers=buyers, by=by, at=at)
    messages.success(request, f"已确认，收据 {made.number}")
    return redirect(reverse("web:bank"))
