"""Penalty for late payment by the figures of the law's examples (GF 8; domain 1.4, 2.32)."""

from datetime import date
from decimal import Decimal

import pytest

from guiju.ledger import penalty
from guiju.ledger.models import PenaltyTerm
from guiju.ledger.operations import penalties
from guiju.ledger.queries import line_of

from .conftest import AT, DAY, line

D = Decimal
DUE = date(2026, 12, 1)

FIGURES = {
    "late payment, two ten-thousandths": ("300000", 200, 20, "1200.00"),
    "late handover, one ten-thousandth": ("2000000", 100, 45, "9000.00"),
    "late title, half a ten-thousandth": ("2000000", 50, 120, "12000.00"),
    "half a fen goes up": ("125", 200, 1, "0.03"),
    "no day, no penalty": ("300000", 200, 0, "0.00"),
}


@pytest.mark.parametrize(("overdue", "millionths", "days", "said"), FIGURES.values(), ids=FIGURES)
def test_the_figures_of_the_law(overdue, millionths, days, said):
    assert penalty.of(D(overdue), millionths=millionths, days=days) == D(said)


def sheet(*payments, until=date(2026, 12, 21), owed="300000"):
    found = penalty.sheet(
        owed=D(owed), due=DUE, payments=[(date.fromisoformat(on), D(amount)) for on, amount in payments], until=until,
        millionths=200,
    )  # fmt: skip
    return [(row.overdue, row.days, row.amount) for row in found]


def test_paid_on_the_due_day_is_in_time():
    assert sheet(("2026-12-01", "300000")) == []


def test_paid_on_the_twentieth_day_costs_twenty_days():
    assert sheet(("2026-12-21", "300000"), until=date(2027, 3, 1)) == [(D("300000"), 20, D("1200.00"))]


def test_a_part_payment_makes_two_lines_and_the_total_is_their_sum():
    assert sheet(("2026-12-11", "100000")) == [(D("300000"), 10, D("600.00")), (D("200000"), 10, D("400.00"))]


def test_what_was_paid_before_carries_no_penalty():
    assert sheet(("2026-11-20", "100000")) == [(D("200000"), 20, D("800.00"))]


def test_a_bounced_payment_never_stopped_the_penalty():
    assert sum(amount for _, _, amount in sheet(("2026-12-11", "300000"), ("2026-12-11", "-300000"))) == D(
        "1200.00"
    )


@pytest.mark.django_db
def test_penalty_stands_beside_what_is_owed_and_never_inside_it(office):
    book = office.book(0, line("300000", "2026-12-01"))
    penalties.set_term(book=book, millionths=200, limit_days=30, basis="合同第八条", at=AT, by_id=None)

    found = line_of(office.owed(book)[0])

    assert (found.penalty(date(2026, 12, 21)), found.open) == (D("1200.00"), D("300000"))
    assert found.late(date(2026, 12, 21)) == 20


@pytest.mark.django_db
def test_without_a_rate_in_the_contract_nothing_is_computed(office):
    book = office.book(0, line("300000", "2026-12-01"))

    assert line_of(office.owed(book)[0]).penalty(date(2027, 12, 21)) == 0


@pytest.mark.django_db
def test_the_newest_rate_holds(office):
    book = office.book(0, line("300000", "2026-12-01"))
    for millionths in (200, 100):
        penalties.set_term(
            book=book, millionths=millionths, limit_days=30, basis="合同", at=AT + DAY, by_id=None
        )

    assert line_of(office.owed(book)[0]).penalty(date(2026, 12, 21)) == D("600.00")
    assert PenaltyTerm.objects.count() == 2


@pytest.mark.django_db
def test_the_penalty_of_what_is_not_paid_yet_still_grows_and_is_not_charged(office):
    book = office.book(0, line("300000", "2026-12-01"))
    penalties.set_term(book=book, millionths=200, limit_days=30, basis="合同", at=AT, by_id=None)

    with pytest.raises(penalties.NoPenalty, match="收清后"):
        penalties.charge(
            receivable=office.owed(book)[0], until=date(2026, 12, 21), due_date=date(2027, 1, 1), case_id=1, at=AT,
            recorded_at=AT, by_id=1,
        )  # fmt: skip
