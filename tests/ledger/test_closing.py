"""The cashier's evening: counted against booked, a second person, a closed day takes nothing more."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from guiju.ledger.models import DayCheck, DayClosing, Receipt
from guiju.ledger.operations import closing, receipts
from guiju.ledger.operations.closing import Counted
from guiju.ledger.verify import problems

from .conftest import AT, DAY

pytestmark = pytest.mark.django_db
D = Decimal
TODAY = date(2026, 11, 18)
EVENING = AT + timedelta(hours=7, minutes=30)


def close(office, on=TODAY, at=EVENING, words="", **counted):
    return closing.close(
        project=office.project, on=on, counted=Counted(**{k: D(v) for k, v in counted.items()}), explanation=words, at=at,
        by_id=office.people["he"].pk,
    )  # fmt: skip


@pytest.fixture
def day(office):
    book = office.book(0)
    office.paid(book, "1000", method="cash")
    office.paid(book, "50000", method="pos")
    office.paid(book, "200000")
    return book


@pytest.mark.clause("I-5.1-3a")
def test_a_day_that_agrees_is_closed(office, day):
    made = close(office, cash="1000", pos="50000", transfer="200000")

    assert (made.difference, made.receipts) == (D(0), 3)
    assert made.booked == {"cash": "1000.00", "pos": "50000.00", "transfer": "200000.00"}


def test_a_difference_is_explained_before_the_day_is_closed(office, day):
    with pytest.raises(closing.UnableToClose, match="现金账上 1000.00 元、清点 990 元"):
        close(office, cash="990", pos="50000", transfer="200000")
    assert not DayClosing.objects.exists()

    assert close(
        office, words="找零少收 10 元，明天补", cash="990", pos="50000", transfer="200000"
    ).difference == D("-10")


def test_two_differences_that_cancel_are_still_differences(office, day):
    with pytest.raises(closing.UnableToClose, match="POS"):
        close(office, cash="1000", pos="40000", transfer="210000")


def test_a_closed_day_refuses_what_comes_late_and_it_goes_to_the_open_day(office, day):
    close(office, cash="1000", pos="50000", transfer="200000")

    with pytest.raises(receipts.DayIsClosed, match="已经日结"):
        office.paid(day, "5", book_date=TODAY)
    late = office.paid(day, "5", at=EVENING + timedelta(minutes=5))
    assert late.book_date == TODAY + DAY
    undone = receipts.reverse(
        receipt=Receipt.objects.get(method="cash"), reason="假币", at=EVENING, recorded_at=EVENING, by_id=office.people["he"].pk
    )  # fmt: skip
    assert undone.book_date == TODAY + DAY
    assert list(problems()) == []


def test_nothing_is_booked_into_a_day_to_come(office, day):
    with pytest.raises(receipts.DayIsClosed, match="还没有到"):
        office.paid(day, "5", book_date=TODAY + DAY)


def test_days_are_closed_in_order_and_once(office, day):
    office.paid(day, "7", at=AT + DAY, method="cash")
    with pytest.raises(closing.UnableToClose, match="2026-11-18 还没有日结"):
        close(office, on=TODAY + DAY, at=EVENING + DAY, cash="7")
    with pytest.raises(closing.UnableToClose, match="还没有到"):
        close(office, on=TODAY + DAY)
    close(office, cash="1000", pos="50000", transfer="200000")
    with pytest.raises(closing.UnableToClose, match="已经日结"):
        close(office, cash="1000", pos="50000", transfer="200000")

    assert close(office, on=TODAY + DAY, at=EVENING + DAY, cash="7").receipts == 1


def test_a_second_person_counts_again(office, day):
    made = close(office, cash="1000", pos="50000", transfer="200000")
    he, wu = office.people["he"].pk, office.people["wu"].pk

    with pytest.raises(closing.UnableToCheckDay, match="另一人"):
        closing.check_day(closing=made, by_id=he, at=EVENING)
    with pytest.raises(closing.UnableToCheckDay, match="3 笔收款没有复核"):
        closing.check_day(closing=made, by_id=wu, at=EVENING)
    for row in Receipt.objects.all():
        receipts.check(receipt=row, by_id=wu, at=EVENING)
    closing.check_day(closing=made, by_id=wu, at=EVENING)
    with pytest.raises(closing.UnableToCheckDay, match="已经复核"):
        closing.check_day(closing=made, by_id=wu, at=EVENING)
    with pytest.raises(DatabaseError), transaction.atomic():
        DayCheck.objects.create(closing=made, closed_by_id=he, checked_by_id=he, checked_at=EVENING)


def test_loans_count_with_the_transfers(office, day):
    office.paid(day, "900000", method="loan")

    assert close(office, cash="1000", pos="50000", transfer="1100000").difference == 0
