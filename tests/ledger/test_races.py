"""Two at once, each on its own connection: one voucher, the last yuan, closing against booking, one book a deal."""

from datetime import date
from decimal import Decimal

import pytest

from guiju.kernel.models import Case
from guiju.kernel.refusals import Refused
from guiju.ledger.models import Book, PaymentSlip, Payout, Receipt, Refund, Till
from guiju.ledger.operations import allocating, books, closing, paying, receipts, refunding
from guiju.ledger.queries import receivables_of, statement
from guiju.ledger.verify import problems
from tests.kernel.test_parallel import together

from .conftest import AT, line, make_office

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]
D = Decimal


@pytest.fixture
def office(transactional_db):
    return make_office()


def refusals(results):
    assert all(isinstance(one, Refused) for one in results if isinstance(one, Exception)), results
    return [one for one in results if isinstance(one, Refused)]


def test_two_cashiers_who_book_one_voucher_book_it_once(office):
    first, second = office.book(0), office.book(1)

    results = together(
        [lambda book=book: office.paid(book, "100", voucher="88001") for book in (first, second)]
    )

    assert len(refusals(results)) == 1
    assert Receipt.objects.count() == 1


def test_two_cases_paid_at_one_instant_under_one_voucher_are_paid_once(office):
    """The check before finds nothing, for neither is committed: the database refuses the second, in a sentence."""
    first, second = (
        Case.objects.create(
            number=f"TF-{n}", process="refund", sop_version_id=0, state="pay_ready", title="退房",
            chain_id=office.project.company_id, scope_id=office.project.pk, opened_at=AT, events=0,
        )
        for n in (1, 2)
    )  # fmt: skip
    books = [office.book(0), office.book(1)]
    money = office.receipt(books[1], "100")
    given = {
        "voucher": "FK 0001",
        "method": "transfer",
        "paid_at": AT,
        "at": AT,
        "by_id": office.people["he"].pk,
    }

    results = together(
        [
            lambda: paying.pay_out(
                book=books[0], kind="interest", amount=D("100"), payee="苏清越", account="6200", case_id=first.pk, **given
            ),
            lambda: refunding.refund(
                receipt=money, amount=D("100"), payee=refunding.Payee("payer", "苏清越", "6200"), case_id=second.pk,
                **{**given, "voucher": "fk0001"},
            ),
        ]
    )  # fmt: skip

    (refused,) = refusals(results)
    assert "已经入过账，不能再用" in str(refused)
    assert PaymentSlip.objects.count() == Payout.objects.count() + Refund.objects.count() == 1
    assert list(problems()) == []


def test_the_last_yuan_pays_once(office):
    book = office.book(0, line("100"), line("100", "2026-12-02"))
    money = office.paid(book, "100", pays=False)
    owed = office.owed(book)

    results = together(
        [
            lambda row=row: allocating.allocate_to(
                receipt=money, receivable=row, amount=D("100"), at=AT, by_id=None
            )
            for row in (*owed, *owed)
        ]
    )

    assert len(refusals(results)) == 3
    assert sum(row.paid for row in receivables_of(book.pk)) == D("100")
    assert list(problems()) == []


def test_money_nobody_knows_goes_back_once_or_finds_its_purchase(office):
    money, he, book = office.receipt(None, "100"), office.people["he"].pk, office.book(0)

    def back(voucher):
        payee = refunding.Payee("payer", "苏清越", "1")
        return refunding.refund(
            receipt=money,
            amount=D("100"),
            payee=payee,
            voucher=voucher,
            method="transfer",
            paid_at=AT,
            at=AT,
            by_id=he,
        )

    results = together(
        [
            lambda: back("T1"), lambda: back("T2"), lambda: back("T3"),
            lambda: receipts.move(receipt=money, to=book, purpose="price", reason="查明", at=AT, by_id=he),
        ]
    )  # fmt: skip

    assert len(refusals(results)) == 3
    assert list(problems()) == []


def test_money_is_either_paid_back_or_pays_an_instalment(office):
    book = office.book(0, line("100"))
    money = office.paid(book, "100", pays=False)
    payee = refunding.Payee("payer", "苏清越", "1")

    results = together(
        [
            lambda: refunding.refund(
                receipt=money, amount=D("100"), payee=payee, voucher="T1", method="transfer", paid_at=AT, at=AT,
                by_id=office.people["he"].pk,
            ),
            lambda: allocating.allocate_to(
                receipt=money, receivable=office.owed(book)[0], amount=D("100"), at=AT, by_id=None
            ),
            lambda: receipts.reverse(receipt=money, reason="退票", at=AT, recorded_at=AT, by_id=office.people["he"].pk),
        ]
    )  # fmt: skip

    refusals(results)
    found = statement(book)
    assert found.received == found.paid + found.refunded + found.over
    assert list(problems()) == []


def test_nobody_books_into_a_day_while_it_closes(office):
    book = office.book(0)
    today = date(2026, 11, 18)

    def close():
        return closing.close(
            project=office.project, on=today, counted=closing.Counted(), explanation="没有现金", at=AT,
            by_id=office.people["he"].pk,
        )  # fmt: skip

    results = together([close, *[lambda n=n: office.receipt(book, "100", voucher=f"R{n}") for n in range(4)]])

    refusals(results)
    assert Till.objects.get().closed_until_date == today
    assert list(problems()) == []
    assert Receipt.objects.count() == 4


def test_a_deal_has_one_book(office):
    together([lambda: books.open_book(unit=office.units[0], at=AT, by_id=None, deal=7) for _ in range(4)])

    assert Book.objects.count() == 1
