"""The checker itself: silent about a sound house, loud about each planted fault."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection

from guiju.kernel import only_added
from guiju.ledger.operations import receipts
from tests.failure.conftest import picture, wrong
from tests.stories.conftest import WEDNESDAY

pytestmark = pytest.mark.django_db

FAULTS = {
    "a unit freed behind its case's back": "UPDATE estate_unit SET control = 'available' WHERE room = '1501'",
    "a holder lost": "UPDATE estate_unit SET holder_case_id = NULL WHERE room = '1501'",
    "a unit held by a closed case": "UPDATE kernel_case SET closed_at = opened_at WHERE number LIKE 'RG%1'",
    "a state without a story": "UPDATE kernel_case SET state = 'sealed' WHERE number LIKE 'RG%1'",
    "a receipt nobody spoke of": "UPDATE ledger_receipt SET number = 'SK-YQ1-2026-0009'",
    "money gone": "UPDATE ledger_receipt SET amount = 1",
    "a deal dead under an open case": "UPDATE sales_deal SET live = false, stage = 'closed'",
    "a to-do forgotten": "DELETE FROM kernel_todo",
    "a case that forgot its clock": "UPDATE kernel_case SET due_at = NULL",
    "an event changed": "UPDATE kernel_event SET post = 'cashier' WHERE step = 'director_sign'",
    "a swap into nothing": "UPDATE kernel_case SET state = 'swapped' WHERE number LIKE 'RG%1'",
    "a gap in the register": "UPDATE estate_controlchange SET before = 'signed'",
}


@pytest.fixture
def busy(house):
    house.paid()
    house.handed_in(unit=1, total_price="1900000.00", discounts=[{"name": "团购", "percent": "5"}])
    house.lock(unit=2, at=WEDNESDAY + timedelta(hours=1))
    return house


def test_a_sound_house_is_sound(busy):
    assert wrong() == []


def test_money_in_suspense_belongs_to_no_case(busy):
    receipts.book(
        unit=None, case_id=None, purpose="suspense", amount=Decimal("20000.00"), method="transfer", project=busy.project,
        account="监管户", voucher="2026990001", payer="曾佩兰", third_party=False, relation="", received_at=WEDNESDAY,
        recorded_at=WEDNESDAY, by_id=busy.he.pk,
    )  # fmt: skip

    assert wrong() == []


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_planted_fault_is_told(busy, fault):
    with connection.cursor() as cursor:
        # The database refuses to change books; whoever wants to damage them has to break the lock first.
        for statement in (
            only_added.taken_away(connection.vendor, ["ledger_receipt"]) if "ledger_" in fault else []
        ):
            cursor.execute(statement)
        cursor.execute(fault)
        assert cursor.rowcount

    assert wrong()


def test_a_picture_shows_the_smallest_change(busy):
    before = picture()
    assert picture() == before

    busy.project.name = "云栖里一期 "
    busy.project.save()

    assert [table for table, is_ in picture().items() if is_ != before[table]] == ["estate_project"]
