"""应收 and 回款: the figures of the month by project, every book behind them, and one book with all its rows."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from guiju.estate.models import Unit
from guiju.kernel.calendar import local_date
from guiju.kernel.forms import _plain_number as plain_number
from guiju.kernel.models import CaseLink
from guiju.kernel.money import yuan
from guiju.kernel.numbering import ZONE
from guiju.kernel.refusals import BadlyFilled
from guiju.ledger.models import Book, Invoice, InvoiceRequest, PenaltyTerm, Receipt, Receivable
from guiju.ledger.operations import cashier, invoicing
from guiju.ledger.queries import BUCKETS, Line, bucket, receivables_of, statement
from guiju.ledger.verify import problems
from guiju.org import posts
from guiju.org.gates import holds_post
from guiju.reports import collections
from guiju.sales.receivables import class_of
from guiju.web import formats
from guiju.web.access import projects_of
from guiju.web.books import book_for, books_of, buyers_of, deals_of
from guiju.web.views import asking

SIZE = 50


def _month(request: HttpRequest, today: date) -> collections.Month:
    try:
        return collections.Month.of(date.fromisoformat(f"{request.GET.get('month', '')}-01"))
    except ValueError:
        return collections.Month.of(today)


def amount_of(request: HttpRequest, name: str, label: str) -> Decimal:
    """
    Return an amount as typed: full-width digits, separators and a currency sign are fine.

    :raises BadlyFilled: it is no amount above zero with at most two places.
    """
    value = plain_number(request.POST.get(name, ""))
    try:
        found = yuan(value if isinstance(value, Decimal) else str(value or ""))
    except ValueError:
        raise BadlyFilled({name: f"{label}：请填数字，最多两位小数"}) from None
    if found <= 0 or found >= 10**12:
        raise BadlyFilled({name: f"{label}：应大于 0"})
    return found


def day_of(request: HttpRequest, name: str, label: str, otherwise: date | None = None) -> date:
    """
    Return a day as given.

    :raises BadlyFilled: it is no day, or in another century.
    """
    text = request.POST.get(name, "").strip()
    if not text and otherwise is not None:
        return otherwise
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise BadlyFilled({name: f"{label}：请填日期"}) from None
    if not 2000 <= found.year <= 2199:
        raise BadlyFilled({name: f"{label}：年份不对"})
    return found


def text_of(request: HttpRequest, name: str, label: str, most: int, *, needed: bool = True) -> str:
    """
    Return a text as typed.

    :raises BadlyFilled: it is missing or too long.
    """
    text = request.POST.get(name, "").strip().replace("\x00", "")
    if needed and not text:
        raise BadlyFilled({name: f"请填{label}"})
    if len(text) > most:
        raise BadlyFilled({name: f"{label}不能超过 {most} 个字"})
    return text


def one_of(request: HttpRequest, name: str, label: str, choices: dict[str, str]) -> str:
    """
    Return what was chosen.

    :raises BadlyFilled: it is none of the choices.
    """
    value = request.POST.get(name, "")
    if value not in choices:
        raise BadlyFilled({name: f"请选择{label}"})
    return value


@require_safe
def receivables(request: HttpRequest) -> HttpResponse:
    """Show what was due and what came in a month by project, and the books, late ones first."""
    at, by, project = asking.now(), asking.person(request), asking.project(request)
    today, masked = local_date(at), asking.masked(request, at, project)
    month = _month(request, today)
    projects = [project] if project is not None else projects_of(by, at)
    rows = collections.collected(projects, month, today)
    only = request.GET.get("only", "")
    after = formats.whole(request.GET.get("after", "")) or 0
    books = books_of(by, at).filter(project__in=projects)
    age = formats.whole(request.GET.get("age", ""))
    late = [line for row in rows for line in row.lines]
    if age is not None:
        late = [line for line in late if bucket(line.late(min(month.last, today))) == age]
    if only == "late" or age is not None:
        books = books.filter(pk__in={line.receivable.book_id for line in late})
    page = list(
        books.filter(pk__gt=after)
        .select_related("unit__building")
        .prefetch_related("deals")
        .order_by("pk")[: SIZE + 1]
    )
    deals = deals_of(page[:SIZE])
    shown = [_row(book, deals.get(book.pk), today, masked=masked) for book in page[:SIZE]]
    return render(
        request,
        "web/receivables/receivables.html",
        {
            "rows": rows, "sums": collections.sums(rows), "month": month, "today": today, "only": only, "age": age,
            "ages": [
                {"label": words, "key": place, "amount": sum((row.ages[place] for row in rows), Decimal(0))}
                for place, (_, _, words) in enumerate(BUCKETS)
            ],
            "banks": collections.by_bank(projects), "taxes": collections.taxes(projects), "books": shown,
            "after": page[SIZE - 1].pk if len(page) > SIZE else None, "masked": masked,
            "project": project,
            "may_plan": project is not None
            and holds_post(by, *cashier.PLANNERS, at=at, company_id=project.company_id, project_id=project.pk),
        },
    )  # fmt: skip


def _row(book: Book, deal: Any, today: date, *, masked: bool) -> dict[str, Any]:
    lines = receivables_of(book.pk)
    days = max((line.late(today) for line in lines), default=0)
    return {
        "book": book,
        "buyers": "、".join(buyers_of(deal, masked=masked)),
        "kind": class_of(deal.payment) if deal is not None else "",
        "owed": sum((line.amount for line in lines), Decimal(0)),
        "paid": sum((line.paid for line in lines), Decimal(0)),
        "open": sum((line.open for line in lines), Decimal(0)),
        "overdue": sum((line.open for line in lines if line.late(today)), Decimal(0)),
        "days": days,
        "next": next((line for line in lines if line.open > 0 and line.due_date is not None), None),
    }


def panel(unit: Unit, at: datetime) -> list[dict[str, Any]]:
    """Return the books of a unit, newest first, for its page."""
    books = list(
        Book.objects.filter(unit=unit)
        .select_related("unit__building")
        .prefetch_related("deals")
        .order_by("-pk")
    )
    deals = deals_of(books)
    return [_row(book, deals.get(book.pk), local_date(at), masked=False) for book in books]


@require_safe
def book(request: HttpRequest, key: int) -> HttpResponse:
    """Show one book: what is owed, what came, what was paid back, penalty line by line, invoices."""
    at, by = asking.now(), asking.person(request)
    return _book(request, book_for(by, key, at), at)


def _book(
    request: HttpRequest, found: Book, at: datetime, mistakes: dict[str, str] | None = None, status: int = 200
) -> HttpResponse:
    by, today, masked = asking.person(request), local_date(at), asking.masked(request, at, found)
    deal = deals_of([found]).get(found.pk)
    said = statement(found)
    undone = {row.reverses_id for row in said.receipts}
    where: dict[str, Any] = {"at": at, "company_id": found.company_id, "project_id": found.project_id}
    return render(
        request,
        "web/receivables/book.html",
        {
            "book": found, "deal": deal, "kind": class_of(deal.payment) if deal is not None else "",
            "buyers": buyers_of(deal, masked=masked), "said": said, "today": today, "masked": masked,
            "lines": [
                {
                    "row": line.receivable, "line": line, "state": line.state(today), "label": line.state_label(today),
                    "late": line.late(today), "penalty": line.penalty(today), "sheet": line.sheet(today),
                }
                for line in said.lines
            ],
            "receipts": [
                {
                    "row": row, "free": said.free.get(row.pk), "undone": row.pk in undone,
                    "checked": getattr(row, "check_row", None),
                    "may_check": row.reverses_id is None and row.booked_by_id != by.pk and not hasattr(row, "check_row"),
                }
                for row in said.receipts
            ],
            "overdue": said.overdue(today), "penalty": said.penalty(today),
            "term": PenaltyTerm.objects.filter(book=found).order_by("-id").first(),
            "asked": list(
                found.invoice_requests.prefetch_related("invoices").select_related("requested_by").order_by("-id")
            ),
            "invoiced": invoicing.invoiced(found), "methods": Receipt.METHODS,
            "purposes": [one for one in Receipt.PURPOSES if one[0] != "suspense"], "kinds": InvoiceRequest.KINDS,
            "may_book": holds_post(by, *cashier.BOOKERS, **where), "may_check": holds_post(by, *cashier.CHECKERS, **where),
            "may_term": holds_post(by, *cashier.TERMS, **where), "may_plan": holds_post(by, posts.FINANCE, **where),
            "dunnings": _dunnings(said.lines),
            "mistakes": mistakes or {}, "given": request.POST if mistakes else {},
        },
        status=status,
    )  # fmt: skip


def _dunnings(lines: list[Line]) -> dict[int, str]:
    """Return the running dunning case of each receivable: there penalty is waived, by approval."""
    keys = [line.receivable.pk for line in lines]
    rows = CaseLink.objects.filter(
        kind="receivable", key__in=keys, case__process="dunning", case__closed_at=None
    )
    return dict(rows.values_list("key", "case__number"))


def _back(found: Book) -> HttpResponse:
    return redirect(reverse("web:book", args=[found.pk]))


@require_POST
@asking.tells_refusals
def receive(request: HttpRequest, key: int) -> HttpResponse:
    """Book money for this purchase."""
    at, by = asking.now(), asking.person(request)
    found = book_for(by, key, at)
    try:
        on = day_of(request, "received_date", "到账日期", local_date(at))
        today = local_date(at)
        if on > today:
            raise BadlyFilled({"received_date": "到账日期不能晚于今天"})
        money = cashier.Money(
            purpose=one_of(request, "purpose", "款项", dict(Receipt.PURPOSES)),
            amount=amount_of(request, "amount", "金额"),
            method=one_of(request, "method", "收款方式", dict(Receipt.METHODS)),
            account=text_of(request, "account", "收款账户", 100),
            voucher=text_of(request, "voucher", "流水号", 80, needed=request.POST.get("method") != "cash"),
            payer=text_of(request, "payer", "付款人", 100),
            relation=text_of(request, "relation", "和买受人的关系", 100, needed=False),
            received_at=at if on == today else datetime.combine(on, time(12), ZONE),
        )
    except BadlyFilled as bad:
        return _book(request, found, at, bad.errors, 422)
    buyers = buyers_of(deals_of([found]).get(found.pk))
    if buyers and money.payer not in buyers and not money.relation:
        words = "付款人不是买受人，请写明关系"
        return _book(request, found, at, {"relation": words}, 422)
    made = cashier.receive(book=found, money=money, buyers=buyers, by=by, at=at)
    messages.success(request, f"已入账 {made.number}，请另一位复核")
    return _back(found)


@require_POST
@asking.tells_refusals
def ask_invoice(request: HttpRequest, key: int) -> HttpResponse:
    """Ask for an invoice."""
    at, by = asking.now(), asking.person(request)
    found = book_for(by, key, at)
    buyers = buyers_of(deals_of([found]).get(found.pk))
    cashier.ask_invoice(
        book=found, kind=one_of(request, "kind", "发票种类", dict(InvoiceRequest.KINDS)),
        title=text_of(request, "title", "发票抬头", 100), amount=amount_of(request, "amount", "金额"), buyers=buyers,
        note=text_of(request, "note", "说明", 200, needed=False), by=by, at=at,
    )  # fmt: skip
    messages.success(request, "已登记开票申请")
    return _back(found)


@require_POST
@asking.tells_refusals
def invoice(request: HttpRequest, key: int) -> HttpResponse:
    """Enter an invoice's number, or its red letter."""
    at, by = asking.now(), asking.person(request)
    found = book_for(by, key, at)
    number, on = (
        text_of(request, "number", "发票号码", 40),
        day_of(request, "issued_date", "开票日期", local_date(at)),
    )
    wanted = formats.whole(request.POST.get("request", ""))
    asked = InvoiceRequest.objects.filter(book=found, pk=wanted or 0).first()
    if asked is not None:
        cashier.issue_invoice(request=asked, number=number, issued_date=on, by=by, at=at)
        messages.success(request, f"已登记发票 {number}")
        return _back(found)
    old = Invoice.objects.filter(
        request__book=found, pk=formats.whole(request.POST.get("red_of", "")) or 0
    ).first()
    if old is None:
        raise BadlyFilled({"request": "没有这份开票申请"})
    reason = text_of(request, "reason", "红冲原因", 200)
    cashier.red_invoice(invoice=old, number=number, reason=reason, issued_date=on, by=by, at=at)
    messages.success(request, f"已登记红字发票 {number}")
    return _back(found)


@require_POST
@asking.tells_refusals
def allocate(request: HttpRequest, key: int) -> HttpResponse:
    """Pay the instalment that the buyer names."""
    at, by = asking.now(), asking.person(request)
    found = book_for(by, key, at)
    money = Receipt.objects.filter(book=found, pk=formats.whole(request.POST.get("receipt", "")) or 0).first()
    owed = Receivable.objects.filter(
        book=found, pk=formats.whole(request.POST.get("receivable", "")) or 0
    ).first()
    if money is None or owed is None:
        raise BadlyFilled({"receivable": "请选择收据和款项"})
    cashier.allocate_to(
        receipt=money, receivable=owed, amount=amount_of(request, "amount", "金额"), by=by, at=at
    )
    messages.success(request, "已按买受人指定分配")
    return _back(found)


@require_POST
@asking.tells_refusals
def penalty_term(request: HttpRequest, key: int) -> HttpResponse:
    """Write down the contract's rate for late payment."""
    at, by = asking.now(), asking.person(request)
    found = book_for(by, key, at)
    rate = amount_of(request, "rate", "每日万分之几")
    if rate > 100:
        raise BadlyFilled({"rate": "每日万分之几：不能超过 100"})
    days = formats.whole(request.POST.get("limit_days", ""))
    if days is not None and not 1 <= days <= 365:
        raise BadlyFilled({"limit_days": "逾期多少日可以解除：应在 1 到 365 之间"})
    basis = text_of(request, "basis", "合同条款", 100)
    cashier.set_penalty_term(book=found, per_ten_thousand=rate, limit_days=days, basis=basis, by=by, at=at)
    messages.success(request, f"已登记违约金：每日万分之{rate.normalize():f}")
    return _back(found)


@require_POST
@asking.tells_refusals
def change_plan(request: HttpRequest, key: int) -> HttpResponse:
    """Change amount or day of an instalment by an approved change."""
    at, by = asking.now(), asking.person(request)
    found = book_for(by, key, at)
    owed = Receivable.objects.filter(
        book=found, pk=formats.whole(request.POST.get("receivable", "")) or 0
    ).first()
    if owed is None:
        raise BadlyFilled({"receivable": "请选择款项"})
    amount = amount_of(request, "amount", "应收金额") if request.POST.get("amount", "").strip() else None
    due = day_of(request, "due_date", "应付日期") if request.POST.get("due_date", "").strip() else None
    if amount is None and due is None:
        raise BadlyFilled({"amount": "请填新的金额或应付日期"})
    cashier.change_plan(
        receivable=owed, amount=amount, due_date=due, reason=text_of(request, "reason", "理由", 200),
        case_number=text_of(request, "case", "变更审批编号", 40), by=by, at=at,
    )  # fmt: skip
    messages.success(request, f"已调整{owed.name}")
    return _back(found)


@require_POST
@asking.tells_refusals
def target(request: HttpRequest) -> HttpResponse:
    """Set the month's target of the project chosen."""
    at, by, project = asking.now(), asking.person(request), asking.project(request)
    if project is None:
        raise BadlyFilled({"project": "先在左上角选一个项目"})
    month = _month(request, local_date(at))
    cashier.set_target(
        project=project, month=month.first, amount=amount_of(request, "amount", "回款目标"), by=by, at=at
    )
    messages.success(request, f"已设定 {month.first:%Y-%m} 回款目标")
    return redirect(f"{reverse('web:receivables')}?month={month.first:%Y-%m}")


@require_safe
def verify(request: HttpRequest) -> HttpResponse:
    """Show whether the books add up, and every row that does not."""
    return render(request, "web/receivables/verify.html", {"found": problems()})
