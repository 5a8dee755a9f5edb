"""Every row of the books is anchored outside the database: whoever takes the triggers away is seen all the same."""

import json
from datetime import timedelta

import pytest
from django.db import connection

from guiju.kernel import audit, row_anchors
from guiju.kernel.only_added import taken_away
from guiju.ledger.models import Receipt, ReceivableEntry

from .conftest import AT, line

HOUR = timedelta(hours=1)


@pytest.fixture
def anchored(office, settings, tmp_path):
    """Two receipts of two books, anchored; the triggers are gone, as for somebody who owns the database."""
    settings.GUIJU_ANCHORS = tmp_path / "anchors"
    for unit in range(2):
        office.paid(office.book(unit, line("1000")), "600")
    row_anchors.anchor(at=AT + HOUR)
    row_anchors.anchor(at=AT + 2 * HOUR)
    with connection.cursor() as cursor:
        for table in ("ledger_receipt", "ledger_receivableentry"):
            for statement in taken_away(connection.vendor, [table]):
                cursor.execute(statement)
    return list(Receipt.objects.order_by("pk").values_list("pk", flat=True))


def sql(words, *values):
    with connection.cursor() as cursor:
        cursor.execute(words, values)


def told():
    return list(row_anchors.problems())


def test_an_amount_changed_in_the_database_is_named_by_its_row(anchored):
    assert told() == []

    sql("UPDATE ledger_receipt SET amount = amount + 1 WHERE id = %s", anchored[1])
    entry = ReceivableEntry.objects.order_by("pk").first()
    sql("UPDATE ledger_receivableentry SET amount = amount - 1 WHERE id = %s", entry.pk)

    assert sorted(told()) == [
        f"ledger_receipt {anchored[1]} 被改动过",
        f"ledger_receivableentry {entry.pk} 被改动过",
    ]
    assert {text.text for text in audit.verify_all().findings} >= set(told())


def test_two_rows_that_changed_places_are_both_named(anchored):
    a, b = anchored[:2]
    numbers = dict(Receipt.objects.values_list("pk", "number"))
    sql("UPDATE ledger_receipt SET number = 'x' WHERE id = %s", a)
    sql("UPDATE ledger_receipt SET number = %s WHERE id = %s", numbers[a], b)
    sql("UPDATE ledger_receipt SET number = %s WHERE id = %s", numbers[b], a)

    assert told() == [f"ledger_receipt {a} 被改动过", f"ledger_receipt {b} 被改动过"]


def test_a_row_taken_out_is_missed(anchored):
    entry = ReceivableEntry.objects.order_by("pk").first()
    sql("DELETE FROM ledger_receivableentry WHERE id = %s", entry.pk)

    assert told() == [f"ledger_receivableentry {entry.pk} 被删除"]


def test_what_is_added_later_is_no_fault_and_is_anchored_in_its_turn(anchored, office):
    before = row_anchors.FILE.path.read_text()
    office.paid(office.book(2, line("1000")), "700")

    assert told() == []
    assert row_anchors.anchor(at=AT + 3 * HOUR) == 0
    assert row_anchors.anchor(at=AT + 4 * HOUR) > 0
    assert row_anchors.anchor(at=AT + 5 * HOUR) == 0
    assert row_anchors.FILE.path.read_text().startswith(before)

    last = Receipt.objects.order_by("pk").last()
    sql("UPDATE ledger_receipt SET amount = 1 WHERE id = %s", last.pk)
    assert told() == [f"ledger_receipt {last.pk} 被改动过"]


@pytest.mark.parametrize("how", ["changed", "removed"])
def test_an_anchor_that_was_tampered_with_is_named(anchored, how):
    path = row_anchors.FILE.path
    lines = path.read_text().splitlines()
    place = next(n for n, text in enumerate(lines) if json.loads(text)["table"] == "ledger_receipt")
    if how == "changed":
        entry = json.loads(lines[place])
        lines[place] = json.dumps(entry | {"seen": 1}, sort_keys=True)
    else:
        del lines[place]
    path.write_text("\n".join(lines) + "\n")

    # What a line that follows is linked to is no longer there.
    assert f"行锚点文件第 {place + 1} 行被改动过" in told()


def test_the_file_tells_nobody_what_the_rows_say(anchored):
    text = row_anchors.FILE.path.read_text()

    assert "1990000" not in text
    assert all(
        len(digest) == row_anchors.LENGTH
        for line_ in text.splitlines()
        for digest in json.loads(line_)["rows"].values()
    )
