"""From subscription to books: the plan is owed, the deposit pays the first of it, the end of the deal settles it."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from guiju.kernel import reactions
from guiju.kernel.models import Event
from guiju.ledger.models import Book, Kind, Receivable
from guiju.ledger.queries import book_of_deal, statement
from guiju.ledger.verify import problems
from guiju.sales import receivables
from tests.stories.conftest import WEDNESDAY, house  # noqa: F401 - the house of the stories

D = Decimal
LATER = WEDNESDAY + timedelta(hours=3)


def work(at=LATER):
    while reactions.run_due(at):
        pass


@pytest.mark.clause("J-2.2-a")
@pytest.mark.parametrize(
    ("payment", "said"),
    [
        ("mortgage", "按揭"), ("provident", "按揭"), ("combined", "按揭"), ("instalments", "分期"),
        ("lump_sum", "一次性"), ("other", "其他"),
    ],
)  # fmt: skip
def test_a_contract_is_classed_by_its_payment_method(payment, said):
    assert receivables.class_of(payment) == said


@pytest.mark.clause("J-2.3-b", "J-2.3-c")
@pytest.mark.django_db
def test_a_single_payment_is_owed_by_the_signing_day_and_the_deposit_pays_its_part(house):
    case = house.sealed()

    work()

    found = statement(book_of_deal(house.facts(case).deal_id))
    assert [(one.receivable.kind, one.amount, one.due_date, one.open) for one in found.lines] == [
        (Kind.DEPOSIT, D("50000"), date(2026, 11, 18), D(0)),
        (Kind.INSTALMENT, D("1910000"), date(2026, 11, 25), D("1910000")),
    ]
    assert found.over == 0
    assert list(problems()) == []


@pytest.mark.django_db
def test_doing_the_reaction_again_owes_nothing_twice(house):
    case = house.sealed()
    work()

    receivables._plan(Event.objects.get(case=case, step="seal"), LATER)

    assert Receivable.objects.count() == 2


@pytest.mark.clause("J-2.3-c")
@pytest.mark.django_db
def test_a_loan_waits_for_its_condition(house):
    case = house.sealed(payment="mortgage", bank="建设银行", down_payment="600000", total_price="1960000.00")

    work()

    *_, loan = statement(book_of_deal(house.facts(case).deal_id)).lines
    assert (loan.receivable.kind, loan.due_date, loan.due_event, loan.amount) == (
        Kind.LOAN, None, "放款条件具备", D("1360000")
    )  # fmt: skip


@pytest.mark.django_db
def test_a_paper_issued_anew_goes_on_in_the_book_of_the_old_one(house):
    case = house.sealed()
    work()
    at = WEDNESDAY + timedelta(hours=4)
    house.take(case, "reissue", "deng", at, reason="写错一处")
    new = house.facts(case).replaced_by.case
    house.take(new, "hand_in", "lin", at + timedelta(minutes=5), **house.paper())
    house.take(new, "director_sign", "gao", at + timedelta(minutes=6), opinion="同意")
    house.take(
        new,
        "check_and_register",
        "wu",
        at + timedelta(minutes=7),
        control_ok=True,
        price_ok=True,
        payment_ok=True,
    )
    house.take(new, "confirm_deposit", "he", at + timedelta(minutes=8), **house.money("1000"))

    assert Book.objects.count() == 1
    assert book_of_deal(house.facts(new).deal_id) == book_of_deal(house.facts(case).deal_id)
