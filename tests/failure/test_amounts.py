"""Prices and loans stand in rows that steps change: a change by SQL is named by `guiju audit verify`, one by a step is not."""

from datetime import timedelta

import pytest
from django.db import connection

from guiju.estate.models import ControlChange, PriceChange
from guiju.kernel import audit, figures, row_anchors
from guiju.kernel.engine import record
from guiju.kernel.models import Vote
from guiju.papers.models import SealUse
from guiju.sales.models import Contract, Deal
from tests.stories.conftest import WEDNESDAY

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def sold(house, settings, tmp_path):
    """A subscription, and a contract that came without a step, as an imported one does; both anchored."""
    settings.GUIJU_ANCHORS = tmp_path / "anchors"
    house.sealed()
    deal = Deal.objects.get()
    contract = Contract.objects.create(
        deal=deal, number="HT-1", signed_date=WEDNESDAY.date(), total_price=deal.total_price
    )
    row_anchors.anchor(at=WEDNESDAY + HOUR)
    row_anchors.anchor(at=WEDNESDAY + 2 * HOUR)
    return deal, contract


def sql(words, *values):
    with connection.cursor() as cursor:
        cursor.execute(words, values)


def told():
    return [finding.text for finding in audit.verify_all().findings]


def test_a_price_changed_by_sql_is_named_and_read_in_full_again(sold):
    deal, contract = sold
    assert told() == []

    for table, key, column in (
        ("sales_contract", contract.pk, "total_price"),
        ("sales_deal", deal.pk, "total_price"),
        ("sales_deal", deal.pk, "down_payment"),
    ):
        sql(f"UPDATE {table} SET {column} = COALESCE({column}, 0) + 1 WHERE id = %s", key)
        assert told() == [f"{table} {key} 被改动过"]
        # Anchoring anew takes nothing back: the first word counts.
        row_anchors.anchor(at=WEDNESDAY + 3 * HOUR)
        assert told() == [f"{table} {key} 被改动过"]
        sql(f"UPDATE {table} SET {column} = {column} - 1 WHERE id = %s", key)
        if column == "down_payment" and deal.down_payment is None:
            sql(f"UPDATE {table} SET {column} = NULL WHERE id = %s", key)
        assert told() == []


def test_a_price_is_held_to_what_the_step_said_before_it_is_anchored(house, settings, tmp_path):
    settings.GUIJU_ANCHORS = tmp_path / "anchors"
    house.sealed()
    deal = Deal.objects.get()
    assert figures.said_last().keys() == {("sales_deal", deal.pk)}
    assert told() == []

    sql("UPDATE sales_deal SET total_price = total_price - 100 WHERE id = %s", deal.pk)

    assert told() == [f"sales_deal {deal.pk} 被改动过"]


def test_a_contract_put_in_between_and_one_taken_out_are_named(sold):
    deal, contract = sold
    sql("UPDATE sales_contract SET id = id + 1000 WHERE id = %s", contract.pk)

    assert told() == [f"sales_contract {contract.pk} 被删除"]


def test_a_change_that_a_step_said_is_no_finding_and_its_undoing_is(sold):
    deal, contract = sold
    before = contract.total_price
    Contract.objects.update(total_price=before - 500)

    record(
        company_id=deal.project.company_id, step=figures.CORRECTED, by=None, at=WEDNESDAY + 3 * HOUR,
        given={figures.SAID: figures.of(contract)},
    )  # fmt: skip
    assert told() == []

    sql("UPDATE sales_contract SET total_price = total_price + 50000 WHERE id = %s", contract.pk)

    assert Contract.objects.get().total_price == before
    assert told() == [f"sales_contract {contract.pk} 被改动过"]


def test_an_approval_a_seal_use_and_the_history_of_a_unit_cannot_be_changed_in_silence(sold):
    for model, column, value in (
        (Vote, "decision", "no"),
        (SealUse, "number", "X-1"),
        (ControlChange, "reason", "误操作"),
        (PriceChange, "source", "误操作"),
    ):
        row = model.objects.order_by("-pk").first()
        if row is None:
            continue
        table, was = model._meta.db_table, getattr(row, column)
        sql(f"UPDATE {table} SET {column} = %s WHERE id = %s", value, row.pk)
        assert told() == [f"{table} {row.pk} 被改动过"]
        sql(f"UPDATE {table} SET {column} = %s WHERE id = %s", was, row.pk)
    assert told() == []
    assert SealUse.objects.exists()
