"""Booking money that arrived, checking it by a second person, and taking a booking back."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import IntegrityError, transaction

from guiju.estate.models import Project, Unit
from guiju.kernel.calendar import local_date
from guiju.kernel.numbering import document_number
from guiju.kernel.refusals import Reason, Refused
from guiju.ledger.models import Book, Receipt, ReceiptCheck, Till
from guiju.ledger.operations.allocating import release_all
from guiju.ledger.operations.books import hold

CLAUSE = "I-5.1-3a"


class VoucherBookedBefore(Refused):
    """This bank voucher is already in the books."""


class NothingToReverse(Refused):
    """The receipt has been reversed before."""


class DayIsClosed(Refused):
    """The cashier's day is closed; what is late belongs to the open day."""


class UnableToCheck(Refused):
    """The receipt cannot be checked by this person, or has been."""


class UnableToMove(Refused):
    """The receipt cannot be moved to that book."""


def open_day(project_id: int, at: datetime, asked: date | None = None) -> date:
    """
    Return the cashier's day a booking counts in, and hold the till so that nobody closes it meanwhile.

    :raises DayIsClosed: the day asked for is closed.
    """
    till = Till.objects.select_for_update(no_key=True).filter(project_id=project_id).first()
    if till is None:
        Till.objects.get_or_create(project_id=project_id)
        till = Till.objects.select_for_update(no_key=True).get(project_id=project_id)
    today = local_date(at)
    closed = till.closed_until_date
    if asked is not None:
        if closed is not None and asked <= closed:
            raise DayIsClosed(
                [Reason(f"{asked} 已经日结，更正和补录请记到 {closed + timedelta(days=1)} 以后", CLAUSE)]
            )
        if asked > today:
            raise DayIsClosed([Reason(f"{asked} 还没有到，不能提前记账", CLAUSE)])
        return asked
    return today if closed is None or today > closed else closed + timedelta(days=1)


@transaction.atomic
def book(
    *,
    unit: Unit | None,
    case_id: int | None,
    purpose: str,
    amount: Decimal,
    method: str,
    account: str,
    voucher: str,
    payer: str,
    third_party: bool,
    relation: str,
    received_at: datetime,
    recorded_at: datetime,
    by_id: int,
    to: Book | None = None,
    project: Project | None = None,
    book_date: date | None = None,
    moved_from: Receipt | None = None,
) -> Receipt:
    """
    Book money that arrived, in yuan, under the next receipt number; without a unit it waits in suspense.

    :raises VoucherBookedBefore: the same voucher of the same account is already booked.
    :raises DayIsClosed: the cashier's day asked for is closed.
    """
    where = unit.project if unit is not None else project
    assert where is not None, "money without a unit belongs to a project"
    if to is not None and (to.company_id != where.company_id or to.unit_id != (unit.pk if unit else None)):
        raise UnableToMove([Reason("户账和房屋、公司不一致，一家公司收的款不能记到另一家", CLAUSE)])
    on = open_day(where.pk, recorded_at, book_date)
    number = document_number("SK", where.pk, recorded_at)
    try:
        with transaction.atomic():
            return Receipt.objects.create(
                company_id=where.company_id, project_id=where.pk, unit=unit, case_id=case_id, book=to,
                number=number, purpose=purpose, amount=amount, method=method, account=account, voucher=voucher,
                payer=payer, third_party=third_party, relation=relation, received_at=received_at,
                recorded_at=recorded_at, book_date=on, booked_by_id=by_id, moved_from=moved_from,
            )  # fmt: skip
    except IntegrityError as error:
        raise VoucherBookedBefore([Reason(f"流水号 {voucher} 已经入过账", CLAUSE)]) from error


@transaction.atomic
def reverse(*, receipt: Receipt, reason: str, at: datetime, recorded_at: datetime, by_id: int) -> Receipt:
    """
    Take a booking back by a new, negative row that names it; what it paid is owed again.

    :raises NothingToReverse: it has been reversed, is itself a reversal, or money of it was paid back.
    """
    if receipt.book_id is not None:
        hold(receipt.book_id)
    on = open_day(receipt.project_id, recorded_at)
    if receipt.reverses_id is not None or Receipt.objects.filter(reverses=receipt).exists():
        raise NothingToReverse([Reason(f"收据 {receipt.number} 已经冲销", CLAUSE)])
    if sum((row.amount for row in receipt.refunds.all()), Decimal(0)):
        raise NothingToReverse([Reason(f"收据 {receipt.number} 已有退款，请先冲回退款", CLAUSE)])
    release_all(receipt=receipt, reason=f"冲销 {receipt.number}", at=recorded_at, by_id=by_id)
    number = document_number("SK", receipt.project_id, recorded_at)
    try:
        with transaction.atomic():
            return Receipt.objects.create(
                company_id=receipt.company_id, project_id=receipt.project_id, unit_id=receipt.unit_id,
                case_id=receipt.case_id, book_id=receipt.book_id, number=number, purpose=receipt.purpose,
                amount=-receipt.amount, method=receipt.method, account=receipt.account, voucher=receipt.voucher,
                payer=receipt.payer, third_party=receipt.third_party, relation=receipt.relation, received_at=at,
                recorded_at=recorded_at, book_date=on, booked_by_id=by_id, reverses=receipt, reason=reason[:200],
            )  # fmt: skip
    except IntegrityError as error:
        raise NothingToReverse([Reason(f"收据 {receipt.number} 已经冲销", CLAUSE)]) from error


@transaction.atomic
def move(
    *, receipt: Receipt, to: Book, purpose: str, reason: str, at: datetime, by_id: int, third_party: bool | None = None,
    relation: str = "", case_id: int | None = None,
) -> Receipt:  # fmt: skip
    """
    Book money to the purchase it belongs to: reverse it where it was, book it there under the same voucher.

    :raises UnableToMove: the other book belongs to another company.
    :raises NothingToReverse: it has been reversed or moved before.
    """
    if to.company_id != receipt.company_id:
        raise UnableToMove([Reason("一家公司收的款不能转到另一家公司，请原路退回", CLAUSE)])
    for key in sorted({to.pk, receipt.book_id or to.pk}):
        hold(key)
    reverse(receipt=receipt, reason=reason, at=at, recorded_at=at, by_id=by_id)
    return book(
        unit=to.unit, case_id=case_id or receipt.case_id, purpose=purpose, amount=receipt.amount, method=receipt.method,
        account=receipt.account, voucher=receipt.voucher, payer=receipt.payer,
        third_party=receipt.third_party if third_party is None else third_party, relation=relation or receipt.relation,
        received_at=receipt.received_at, recorded_at=at, by_id=by_id, to=to, moved_from=receipt,
    )  # fmt: skip


@transaction.atomic
def check(*, receipt: Receipt, by_id: int, at: datetime) -> ReceiptCheck:
    """
    Record that a second person compared the booking with slip or statement (复核).

    :raises UnableToCheck: the person booked it, or it has been checked.
    """
    if receipt.booked_by_id == by_id:
        raise UnableToCheck([Reason(f"收据 {receipt.number} 由你入账，复核须由另一人办理", CLAUSE)])
    try:
        with transaction.atomic():
            return ReceiptCheck.objects.create(
                receipt=receipt, booked_by_id=receipt.booked_by_id, checked_by_id=by_id, checked_at=at
            )
    except IntegrityError as error:
        raise UnableToCheck([Reason(f"收据 {receipt.number} 已经复核", CLAUSE)]) from error
