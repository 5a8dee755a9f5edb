"""Whatever is done to the books in whatever order: they add up, and nothing is owed by nobody."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guiju.kernel.refusals import Refused
from guiju.ledger.models import Allocation, Kind, Receipt, Receivable, Refund
from guiju.ledger.operations import allocating, receipts, receivables, refunding
from guiju.ledger.queries import statement
from guiju.ledger.verify import problems

from .conftest import AT, line

pytestmark = pytest.mark.django_db
D = Decimal

amounts = st.sampled_from(["0.01", "1", "99.99", "100", "100.01", "250", "1000"])
acts = st.tuples(
    st.sampled_from(
        ["owe", "owe", "take", "take", "suspense", "allocate", "name", "release", "reverse", "change", "correct", "move",
         "refund", "come back", "settle"]
    ),
    amounts,
    st.integers(0, 5),
    st.booleans(),
)  # fmt: skip


def one(rows, place):
    found = list(rows.order_by("pk"))
    return found[place % len(found)] if found else None


def act(office, books, name, amount, place, other):
    book, he, by = (
        books[place % len(books)],
        office.people["he"].pk,
        {"at": AT, "recorded_at": AT, "by_id": None},
    )
    money, owed, paid = one(Receipt.objects.all(), place), one(Receivable.objects.all(), place), D(amount)
    match name:
        case "owe":
            kind = Kind.MAINTENANCE_FUND if other else Kind.INSTALMENT
            receivables.add(book=book, planned=[line(amount, f"2026-12-0{place + 1}", kind)], **by)
        case "take":
            office.paid(book, amount, purpose="pass_through" if other else "price", pays=place % 2 == 0)
        case "suspense":
            office.receipt(None, amount)
        case "allocate" if money:
            allocating.allocate(receipt=money, at=AT, by_id=None)
        case "name" if money and owed:
            allocating.allocate_to(receipt=money, receivable=owed, amount=paid, at=AT, by_id=None)
        case "release" if found := one(Allocation.objects.all(), place):
            allocating.release(allocation=found, reason="改", at=AT, by_id=None)
        case "reverse" if money:
            receipts.reverse(receipt=money, reason="退票", at=AT, recorded_at=AT, by_id=he)
        case "change" if owed:
            receivables.change(receivable=owed, act="changed", amount=paid, reason="改", **by)
        case "correct" if owed:
            receivables.change(
                receivable=owed,
                act="corrected",
                amount=paid,
                reason="错",
                corrects=owed.entries.first(),
                **by,
            )
        case "move" if money:
            receipts.move(receipt=money, to=book, purpose="price", reason="记错", at=AT, by_id=he)
        case "refund" if money:
            payee = refunding.Payee("payer", money.payer, "1")
            refunding.refund(
                receipt=money,
                amount=paid,
                payee=payee,
                voucher=f"T{Refund.objects.count()}",
                method="transfer",
                paid_at=AT,
                at=AT,
                by_id=he,
            )
        case "come back" if found := one(Refund.objects.all(), place):
            refunding.returned(refund=found, reason="退汇", at=AT, by_id=he)
        case "settle":
            receivables.settle(
                book=book,
                reason="终止",
                kept=paid,
                kept_name="没收定金",
                case_id=None,
                at=AT,
                recorded_at=AT,
                by_id=he,
            )


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(acts, min_size=4, max_size=14))
def test_any_sequence_leaves_the_books_balanced(office, sequence):
    with transaction.atomic():
        books = [office.book(0), office.book(1), office.book(2)]
        for step in sequence:
            try:
                with transaction.atomic():
                    act(office, books, *step)
            except Refused:
                continue

        assert list(problems()) == []
        for book in books:
            found = statement(book)
            assert found.received == found.paid + found.refunded + found.over
            assert found.owed == found.paid + found.open
            assert all(row.open >= 0 for row in found.lines)
            assert {row.company_id for row in found.receipts} <= {book.company_id}
        assert not Receivable.objects.filter(entries=None).exists()
        assert date(2026, 11, 18) == min(
            {row.book_date for row in Receipt.objects.all()}, default=date(2026, 11, 18)
        )
        transaction.set_rollback(True)
