"""Money out by the bank beside money out by the books: what waits to be confirmed, and what differs in a month."""

from __future__ import annotations

from datetime import date, timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from guiju.kernel.calendar import local_date
from guiju.ledger.models import BankLine, PaymentSlip
from guiju.ledger.operations import banking, cashier
from guiju.org.gates import holds_post
from guiju.org.masking import mask_name
from guiju.reports.collections import Month
from guiju.web import formats
from guiju.web.views import asking
from guiju.web.views.receivables import text_of


def _month(request: HttpRequest, project_id: int, today: date) -> Month:
    """Return the month asked for, or the one of the last line of a statement."""
    try:
        return Month.of(date.fromisoformat(f"{request.GET.get('month', '')}-01"))
    except ValueError:
        last = BankLine.objects.filter(project=project_id).order_by("-on_date", "-pk").first()
        return Month.of(last.on_date if last is not None else today)


@require_safe
def money_out(request: HttpRequest) -> HttpResponse:
    """Show lines of money out with the payment each probably is, and the month's differences."""
    project, at, by = asking.project(request), asking.now(), asking.person(request)
    if project is None:
        return render(request, "web/cashier/out.html", {"project": None})
    today, masked = local_date(at), asking.masked(request, at, project)
    month = _month(request, project.pk, today)
    said = banking.differences(project.pk, month.first, month.last + timedelta(days=1))
    noted = {one.line_id: one for one in said.others}
    found = [
        *banking.proposals_out(banking.unmatched_out(project.pk)),
        *(one for one in banking.proposals_out([row.line for row in said.others]) if one.slip is not None),
    ]

    def shown(name: str) -> str:
        return mask_name(name) if masked and name else name

    return render(
        request,
        "web/cashier/out.html",
        {
            "project": project, "month": month, "said": said,
            "rows": [
                {"one": one, "payee": shown(one.line.payer), "noted": noted.get(one.line.pk), "own": one.slip is not None and one.slip.booked_by_id == by.pk}
                for one in found
            ],
            "slips": [
                {"row": one, "payee": shown(one.payee), "paid": paid, "unread": said.read_until is None or one.paid_date > said.read_until}
                for one, paid in said.slips
            ],
            "others": [{"row": one, "payee": shown(one.line.payer)} for one in said.others],
            "may_take": holds_post(by, *cashier.CHECKERS, at=at, company_id=project.company_id, project_id=project.pk),
        },
    )  # fmt: skip


@require_POST
@asking.tells_refusals
def confirm_payment(request: HttpRequest, key: int) -> HttpResponse:
    """Say which payment a line of the bank is, or what else the money was for."""
    at, by, project = asking.now(), asking.person(request), asking.project(request)
    line = BankLine.objects.filter(project=project, pk=key).first() if project is not None else None
    if line is None:
        raise Http404("没有这笔流水。")
    chosen = formats.whole(request.POST.get("slip", ""))
    slip = PaymentSlip.objects.filter(project=project, pk=chosen).first() if chosen else None
    if chosen and slip is None:
        raise Http404("没有这笔付款。")
    words = text_of(request, "words", "用途", 200) if slip is None else ""
    cashier.confirm_payment(line=line, slip=slip, words=words, by=by, at=at)
    messages.success(
        request, f"已确认，付款凭证 {slip.voucher}" if slip is not None else "已注明，不是客户款项"
    )
    return redirect(reverse("web:money_out" if line.out else "web:bank"))
