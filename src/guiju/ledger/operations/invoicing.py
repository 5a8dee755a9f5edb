"""The register of invoices: asked for, issued under its number, taken back by a red letter."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import Sum

from guiju.kernel.calendar import local_date
from guiju.kernel.money import ZERO
from guiju.kernel.refusals import Reason, Refused
from guiju.ledger.models import Book, Invoice, InvoiceRequest, Receipt, Refund
from guiju.ledger.operations.books import hold

CLAUSE = "B-3.3-h"


class UnableToInvoice(Refused):
    """The invoice cannot be asked for, entered or taken back, and why."""


def invoiced(book: Book) -> Decimal:
    """Return what is invoiced in a book, red letters taken off, in yuan."""
    found = Invoice.objects.filter(request__book=book).aggregate(total=Sum("amount"))["total"]
    return ZERO if found is None else Decimal(found)


def held(book: Book) -> Decimal:
    """Return the money of a book that can be invoiced: received, without what is collected for others or paid back, in yuan."""
    came = Receipt.objects.filter(book=book).exclude(purpose="pass_through")
    back = Refund.objects.filter(receipt__book=book).exclude(receipt__purpose="pass_through")
    got, gone = (rows.aggregate(total=Sum("amount"))["total"] for rows in (came, back))
    return Decimal(got or 0) - Decimal(gone or 0)


@transaction.atomic
def ask(
    *,
    book: Book,
    kind: str,
    title: str,
    amount: Decimal,
    buyers: list[str],
    note: str,
    at: datetime,
    by_id: int,
) -> InvoiceRequest:
    """
    Ask for an invoice, in yuan.

    :raises UnableToInvoice: it is not made out to a buyer of the contract, or goes beyond the money received.
    """
    hold(book.pk)
    if buyers and title not in buyers:
        raise UnableToInvoice([Reason(f"发票只能开给合同买受人：{'、'.join(buyers)}", CLAUSE)])
    free = held(book) - invoiced(book)
    # A request whose money went back cannot be issued: it keeps nothing from another.
    asked = [one.amount for one in book.invoice_requests.filter(invoices=None)]
    left = free - sum((one for one in asked if one <= free), ZERO)
    if amount > left:
        raise UnableToInvoice([Reason(f"可开票金额还有 {left} 元，不能超过实收（不含代收）", CLAUSE)])
    return InvoiceRequest.objects.create(
        book=book,
        kind=kind,
        title=title,
        amount=amount,
        note=note[:200],
        requested_by_id=by_id,
        requested_at=at,
    )


@transaction.atomic
def issue(*, request: InvoiceRequest, number: str, issued_date: date, at: datetime, by_id: int) -> Invoice:
    """
    Enter the number of an invoice that was issued.

    :raises UnableToInvoice: the number is taken, the request is answered, the day is ahead, or money has gone
        back since it was asked for.
    """
    hold(request.book_id)
    if Invoice.objects.filter(request=request, red_of=None, red_letter=None).exists():
        raise UnableToInvoice([Reason("这份申请已经开票", CLAUSE)])
    if issued_date > local_date(at):
        raise UnableToInvoice([Reason("开票日期不能晚于今天", CLAUSE)])
    left = held(request.book) - invoiced(request.book)
    if request.amount > left:
        raise UnableToInvoice(
            [Reason(f"申请以后有款项冲销或退回，可开票金额还有 {left} 元，请重新申请", CLAUSE)]
        )
    try:
        with transaction.atomic():
            return Invoice.objects.create(
                request=request, number=number, amount=request.amount, issued_date=issued_date, entered_by_id=by_id, entered_at=at
            )  # fmt: skip
    except IntegrityError as error:
        raise UnableToInvoice([Reason(f"发票号码 {number} 已经登记", CLAUSE)]) from error


@transaction.atomic
def red_letter(
    *, invoice: Invoice, number: str, reason: str, issued_date: date, at: datetime, by_id: int
) -> Invoice:
    """
    Take an invoice back by a red letter (红字发票) that names it.

    :raises UnableToInvoice: there is one already, no reason is given, or its day is before the invoice's or ahead.
    """
    hold(invoice.request.book_id)
    if not reason.strip():
        raise UnableToInvoice([Reason("请写明红冲原因", CLAUSE)])
    if invoice.red_of_id is not None:
        raise UnableToInvoice([Reason("红字发票不能再红冲", CLAUSE)])
    if not invoice.issued_date <= issued_date <= local_date(at):
        raise UnableToInvoice(
            [Reason(f"红冲日期应在原发票日期 {invoice.issued_date} 以后，不能晚于今天", CLAUSE)]
        )
    try:
        with transaction.atomic():
            return Invoice.objects.create(
                request_id=invoice.request_id, number=number, amount=-invoice.amount, issued_date=issued_date,
                red_of=invoice, reason=reason.strip()[:200], entered_by_id=by_id, entered_at=at,
            )  # fmt: skip
    except IntegrityError as error:
        raise UnableToInvoice([Reason("这张发票已经红冲，或红字号码已经登记", CLAUSE)]) from error
