"""
What cashier, checker and collector do from their pages: asks for the post, does it, and writes the event.

Events of the books belong to no case; they name the row, so that the record leads to the books and back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from guiju.estate.models import Project
from guiju.kernel import engine
from guiju.kernel.models import ApprovalRequest, Case
from guiju.kernel.refusals import Reason, Refused
from guiju.ledger.models import (
    BankLine,
    BankMatch,
    Book,
    CollectionTarget,
    DayClosing,
    Invoice,
    InvoiceRequest,
    PaymentSlip,
    PenaltyTerm,
    Receipt,
    ReceiptCheck,
    Receivable,
    ReceivableEntry,
    Refund,
    ReturnConsent,
    ReturnOrder,
)
from guiju.ledger.operations import (
    allocating,
    banking,
    closing,
    invoicing,
    paying,
    penalties,
    receipts,
    receivables,
    refunding,
    returning,
)
from guiju.org import posts
from guiju.org.gates import require_post
from guiju.org.models import Person

BOOKERS = (posts.CASHIER, posts.FINANCE)
CHECKERS = (posts.FINANCE, posts.CASHIER, posts.CS_ASSISTANT_MANAGER, posts.CS_MANAGER)
HEADS = (posts.CS_MANAGER, posts.DEPUTY_GM, posts.GENERAL_MANAGER)
TERMS = (posts.FINANCE, posts.SIGNING_SUPERVISOR)
# Where a case ended without what was approved.
NOT_CARRIED_OUT = ("rejected", "cancelled", "withdrawn", "refused")
# Cases whose approval lets a plan become another one, outside of the steps that do so themselves.
PLAN_CASES = ("subscription_change", "contract_change", "dunning", "signing", "refund")
PLANNERS = (posts.FINANCE, posts.CS_MANAGER, posts.DEPUTY_GM, posts.GENERAL_MANAGER)


def _may(by: Person, project: Project, codes: Sequence[str], at: datetime) -> None:
    require_post(by, *codes, at=at, company_id=project.company_id, project_id=project.pk)


def _event(project: Project, step: str, by: Person, at: datetime, **given: Any) -> None:
    engine.record(company_id=project.company_id, step=step, by=by, at=at, given=given)


class UnableToPlan(Refused):
    """The plan is not changed without the approved case that says so."""


class NotFromHere(Refused):
    """The money is not paid back from the cashier's page."""


@dataclass(frozen=True)
class Money:
    """Money over the counter or on the account, as the cashier types it; amount in yuan."""

    purpose: str
    amount: Decimal
    method: str
    account: str
    voucher: str
    payer: str
    relation: str
    received_at: datetime


@transaction.atomic
def receive(*, book: Book, money: Money, buyers: Sequence[str], by: Person, at: datetime) -> Receipt:
    """
    Book money for a purchase; it pays the oldest instalments.

    :raises NotYourPost: not the cashier's or finance's post here.
    :raises VoucherBookedBefore: the voucher is booked already.
    """
    _may(by, book.project, BOOKERS, at)
    made = receipts.book(
        unit=book.unit, case_id=None, purpose=money.purpose, amount=money.amount, method=money.method,
        account=money.account, voucher=money.voucher, payer=money.payer, third_party=money.payer not in buyers,
        relation=money.relation, received_at=money.received_at, recorded_at=at, by_id=by.pk, to=book,
    )  # fmt: skip
    allocating.allocate(receipt=made, at=at, by_id=by.pk)
    _event(
        book.project,
        "receive_money",
        by,
        at,
        receipt=made.number,
        amount=str(made.amount),
        third_party=made.third_party,
    )
    return made


@transaction.atomic
def check(*, receipt: Receipt, by: Person, at: datetime) -> None:
    """Check a booking as the second person; refusals as ``receipts.check``."""
    _may(by, receipt.project, CHECKERS, at)
    receipts.check(receipt=receipt, by_id=by.pk, at=at)
    _event(receipt.project, "check_receipt", by, at, receipt=receipt.number)


@transaction.atomic
def reverse(*, receipt: Receipt, reason: str, by: Person, at: datetime) -> Receipt:
    """Take a booking back; refusals as ``receipts.reverse``."""
    _may(by, receipt.project, BOOKERS, at)
    made = receipts.reverse(receipt=receipt, reason=reason, at=at, recorded_at=at, by_id=by.pk)
    _event(
        receipt.project,
        "reverse_receipt",
        by,
        at,
        receipt=made.number,
        reverses=receipt.number,
        reason=reason,
    )
    return made


@transaction.atomic
def identify(
    *, receipt: Receipt, to: Book, reason: str, buyers: Sequence[str], by: Person, at: datetime
) -> Receipt:
    """Move money out of suspense, or out of the wrong book, to the purchase it belongs to; it pays at once."""
    _may(by, receipt.project, BOOKERS, at)
    purpose = "price" if receipt.purpose == "suspense" else receipt.purpose
    made = receipts.move(
        receipt=receipt,
        to=to,
        purpose=purpose,
        reason=reason,
        at=at,
        by_id=by.pk,
        third_party=receipt.payer not in buyers,
    )
    allocating.allocate(receipt=made, at=at, by_id=by.pk)
    _event(to.project, "identify_money", by, at, receipt=made.number, moved=receipt.number, reason=reason)
    return made


@transaction.atomic
def allocate_to(
    *, receipt: Receipt, receivable: Receivable, amount: Decimal, by: Person, at: datetime
) -> None:
    """Pay the instalment that the buyer names; refusals as ``allocating.allocate_to``."""
    _may(by, receipt.project, BOOKERS, at)
    made = allocating.allocate_to(receipt=receipt, receivable=receivable, amount=amount, at=at, by_id=by.pk)
    _event(
        receipt.project,
        "allocate_money",
        by,
        at,
        receipt=receipt.number,
        receivable=receivable.pk,
        amount=str(made.amount),
    )


@transaction.atomic
def close_day(
    *, project: Project, on: date, counted: closing.Counted, explanation: str, by: Person, at: datetime
) -> DayClosing:
    """Close the cashier's day; refusals as ``closing.close``."""
    _may(by, project, BOOKERS, at)
    made = closing.close(project=project, on=on, counted=counted, explanation=explanation, at=at, by_id=by.pk)
    _event(project, "close_till", by, at, day=on.isoformat(), difference=str(made.difference))
    return made


@transaction.atomic
def check_day(*, made: DayClosing, by: Person, at: datetime) -> None:
    """Check a closing as the second person; refusals as ``closing.check_day``."""
    _may(by, made.project, CHECKERS, at)
    closing.check_day(closing=made, by_id=by.pk, at=at)
    _event(made.project, "check_till", by, at, day=made.on_date.isoformat())


@transaction.atomic
def take_statement(
    *,
    project: Project,
    account: str,
    name: str,
    sha256: str,
    rows: Sequence[Sequence[Any]],
    by: Person,
    at: datetime,
) -> banking.Taken:
    """Take in a bank's statement; refusals as ``banking.take_in``."""
    _may(by, project, CHECKERS, at)
    taken = banking.take_in(
        project=project, account=account, name=name, sha256=sha256, rows=rows, at=at, by_id=by.pk
    )
    _event(
        project,
        "take_statement",
        by,
        at,
        statement=taken.statement.pk,
        read=taken.read,
        new=taken.new,
        sha256=sha256,
    )
    return taken


@transaction.atomic
def confirm_line(
    *,
    line: BankLine,
    receipt: Receipt | None,
    to: Book | None,
    buyers: Sequence[str],
    by: Person,
    at: datetime,
) -> Receipt:
    """Say what a line is: a booking that stands, money for a purchase, or money nobody knows yet."""
    _may(by, line.project, CHECKERS if receipt is not None else BOOKERS, at)
    if receipt is not None:
        banking.match(line=line, receipt=receipt, at=at, by_id=by.pk)
        made = receipt
    else:
        made = banking.book_line(
            line=line, to=to, purpose="price", third_party=to is not None and line.payer not in buyers, relation="", at=at,
            by_id=by.pk,
        )  # fmt: skip
    _event(line.project, "match_bank_line", by, at, line=line.pk, receipt=made.number)
    return made


@transaction.atomic
def confirm_payment(
    *, line: BankLine, slip: PaymentSlip | None, words: str, by: Person, at: datetime
) -> BankMatch:
    """
    Say which payment a line is, or what else it was for; who booked the payment does not confirm it (domain 2.0).

    :raises UnableToMatch: see ``banking.match_slip`` and ``banking.note_other``.
    """
    _may(by, line.project, CHECKERS, at)
    if slip is None:
        made = banking.note_other(line=line, words=words, at=at, by_id=by.pk)
    else:
        made = banking.match_slip(line=line, slip=slip, at=at, by_id=by.pk)
    told = slip.voucher if slip is not None else made.other
    _event(line.project, "match_payment", by, at, line=line.pk, payment=told)
    return made


@transaction.atomic
def ask_invoice(
    *,
    book: Book,
    kind: str,
    title: str,
    amount: Decimal,
    buyers: list[str],
    note: str,
    by: Person,
    at: datetime,
) -> InvoiceRequest:
    """Ask for an invoice; refusals as ``invoicing.ask``."""
    _may(by, book.project, (*BOOKERS, *CHECKERS, posts.CS_CLERK, posts.SIGNING_SUPERVISOR), at)
    made = invoicing.ask(
        book=book, kind=kind, title=title, amount=amount, buyers=buyers, note=note, at=at, by_id=by.pk
    )
    _event(book.project, "ask_invoice", by, at, request=made.pk, amount=str(amount))
    return made


@transaction.atomic
def issue_invoice(
    *, request: InvoiceRequest, number: str, issued_date: date, by: Person, at: datetime
) -> Invoice:
    """Enter an invoice's number; refusals as ``invoicing.issue``."""
    _may(by, request.book.project, BOOKERS, at)
    made = invoicing.issue(request=request, number=number, issued_date=issued_date, at=at, by_id=by.pk)
    _event(request.book.project, "issue_invoice", by, at, invoice=number, amount=str(made.amount))
    return made


@transaction.atomic
def red_invoice(
    *, invoice: Invoice, number: str, reason: str, issued_date: date, by: Person, at: datetime
) -> Invoice:
    """Take an invoice back in red; refusals as ``invoicing.red_letter``."""
    project = invoice.request.book.project
    _may(by, project, BOOKERS, at)
    made = invoicing.red_letter(
        invoice=invoice, number=number, reason=reason, issued_date=issued_date, at=at, by_id=by.pk
    )
    _event(project, "red_invoice", by, at, invoice=number, takes_back=invoice.number, reason=reason)
    return made


@transaction.atomic
def set_target(
    *, project: Project, month: date, amount: Decimal, by: Person, at: datetime
) -> CollectionTarget:
    """Say what a project is to collect in a month, in yuan; the newest word holds (J-2.6-a)."""
    _may(by, project, PLANNERS, at)
    made = CollectionTarget.objects.create(
        project=project, month_date=month.replace(day=1), amount=amount, set_by=by, set_at=at
    )
    _event(project, "set_collection_target", by, at, month=made.month_date.isoformat(), amount=str(amount))
    return made


@transaction.atomic
def set_penalty_term(
    *, book: Book, per_ten_thousand: Decimal, limit_days: int | None, basis: str, by: Person, at: datetime
) -> PenaltyTerm:
    """
    Write down the contract's daily rate for late payment (万分之 … per day); the newest word holds (GF 8).

    :raises NotYourPost: neither finance nor the signing supervisor here.
    """
    _may(by, book.project, TERMS, at)
    millionths = int(per_ten_thousand * 100)
    made = penalties.set_term(
        book=book, millionths=millionths, limit_days=limit_days, basis=basis, at=at, by_id=by.pk
    )
    _event(book.project, "set_penalty_term", by, at, book=book.pk, millionths=millionths, basis=basis)
    return made


@transaction.atomic
def change_plan(
    *, receivable: Receivable, amount: Decimal | None, due_date: date | None, reason: str, case_number: str, by: Person,
    at: datetime,
) -> ReceivableEntry:  # fmt: skip
    """
    Let an instalment be another amount or due on another day, as an approved case says; the entry names the case.

    :raises UnableToPlan: there is no such case about this purchase.
    :raises UnableToChange: less than is paid already.
    """
    project = receivable.book.project
    _may(by, project, (posts.FINANCE,), at)
    case = Case.objects.filter(
        number=case_number.strip(), chain_id=project.company_id, scope_id=project.pk, process__in=PLAN_CASES,
        links__kind="deal", links__key__in=list(receivable.book.deals.values_list("deal", flat=True)),
    ).first()  # fmt: skip
    if case is None:
        raise UnableToPlan(
            [Reason(f"没有编号为 {case_number} 的变更审批，应收计划凭批准的变更调整", "J-2.3-c")]
        )
    if case.pending_request_id is not None:
        raise UnableToPlan([Reason(f"{case.number} 还在审批，批准以后再调整应收", "J-2.3-c")])
    approved = ApprovalRequest.objects.filter(case=case, state=ApprovalRequest.TAKEN).exists()
    if not approved or case.state in NOT_CARRIED_OUT:
        raise UnableToPlan([Reason(f"{case.number} 没有批准，应收计划凭批准的变更调整", "J-2.3-c")])
    made = receivables.change(
        receivable=receivable, act=ReceivableEntry.CHANGED, at=at, recorded_at=at, by_id=by.pk, reason=reason,
        amount=amount, due_date=due_date, case_id=case.pk,
    )  # fmt: skip
    _event(
        project, "change_plan", by, at, receivable=receivable.pk, case=case.number, amount=str(made.amount),
        due=str(made.due_date or ""), reason=reason,
    )  # fmt: skip
    return made


def _may_go_back(receipt: Receipt) -> None:
    """Raise ``NotFromHere`` unless it belongs to nobody, and a second person has checked that it came."""
    if receipt.book_id is not None:
        raise NotFromHere(
            [Reason("已入户账的款不能从这里退，请办「退房退款」：申请、审批后付款", "I-5.10-0b")]
        )
    first = receipt
    while first.moved_from is not None:
        first = first.moved_from
    if not ReceiptCheck.objects.filter(receipt__in=(receipt.pk, first.pk)).exists():
        raise NotFromHere([Reason(f"收据 {receipt.number} 还没有复核，请先由另一人复核收款", "I-5.10-0b")])


@transaction.atomic
def ask_return(*, receipt: Receipt, account: str, reason: str, by: Person, at: datetime) -> ReturnOrder:
    """
    Ask that money nobody could explain goes back to who paid it (AML 64).

    :raises NotFromHere: it belongs to a purchase, or no second person has checked that it came.
    :raises UnableToReturn: that is asked for already.
    """
    _may(by, receipt.project, BOOKERS, at)
    _may_go_back(receipt)
    made = returning.ask(receipt=receipt, account=account, reason=reason, at=at, by_id=by.pk)
    _event(receipt.project, "ask_return", by, at, receipt=receipt.number, order=made.pk, reason=reason)
    return made


@transaction.atomic
def decide_return(*, order: ReturnOrder, agreed: bool, words: str, by: Person, at: datetime) -> ReturnConsent:
    """Agree that money goes back, or not; refusals as ``returning.decide``."""
    project = order.receipt.project
    _may(by, project, HEADS, at)
    made = returning.decide(order=order, agreed=agreed, words=words, at=at, by_id=by.pk)
    _event(
        project,
        "decide_return",
        by,
        at,
        receipt=order.receipt.number,
        order=order.pk,
        agreed=agreed,
        words=words,
    )
    return made


@transaction.atomic
def pay_back(*, receipt: Receipt, voucher: str, paid_at: datetime, by: Person, at: datetime) -> Refund:
    """
    Send money back as it was agreed to. What belongs to a purchase goes back by a refund case.

    :raises NotFromHere: it belongs to a purchase, or no second person has checked that it came.
    :raises UnableToReturn: nobody has agreed, or the one who agreed would pay.
    :raises VoucherPaidBefore: the voucher was used.
    :raises UnableToRefund: nothing of it is left.
    """
    _may(by, receipt.project, BOOKERS, at)
    _may_go_back(receipt)
    order = returning.agreed_order(receipt, by_id=by.pk)
    made = refunding.refund(
        receipt=receipt, amount=receipt.amount, payee=refunding.Payee("payer", receipt.payer, order.account), voucher=voucher,
        method="transfer", paid_at=paid_at, at=at, by_id=by.pk,
    )  # fmt: skip
    _event(
        receipt.project, "pay_back", by, at, receipt=receipt.number, refund=made.number, order=order.pk, reason=order.reason
    )  # fmt: skip
    return made


@transaction.atomic
def check_return(*, refund: Refund, by: Person, at: datetime) -> None:
    """Check money sent back to an unknown payer as the second person; refusals as ``paying.check_return``."""
    project = refund.receipt.project
    _may(by, project, CHECKERS, at)
    paying.check_return(refund=refund, by_id=by.pk, at=at)
    _event(project, "check_return", by, at, refund=refund.number)


@transaction.atomic
def return_came_back(*, refund: Refund, reason: str, by: Person, at: datetime) -> Refund:
    """
    Book that money sent back to an unknown payer came back to us (退汇): it waits in suspense again.

    :raises NotFromHere: it belongs to a case, which books that itself.
    :raises UnableToRefund: that is booked already.
    """
    project = refund.receipt.project
    _may(by, project, BOOKERS, at)
    if refund.case_id is not None:
        raise NotFromHere([Reason("退房退款的退汇在事项里办「登记退汇」", "I-5.10-0b")])
    made = refunding.returned(refund=refund, reason=reason, at=at, by_id=by.pk)
    _event(project, "return_came_back", by, at, refund=refund.number, back=made.number, reason=reason)
    return made
