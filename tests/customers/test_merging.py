"""Two entries of one customer are made one, traceably, and it can be undone."""

from datetime import timedelta

import pytest

from guiju.customers.models import Customer
from guiju.customers.operations.merging import UnableToMerge, merge, undo
from guiju.kernel.models import CaseLink, Event
from guiju.sales.models import DealBuyer
from tests.stories.conftest import WEDNESDAY, House, house  # noqa: F401

HOUR = timedelta(hours=1)


def two_entries(house: House) -> tuple[Customer, Customer]:
    house.registered()
    known = Customer.objects.get()
    other = Customer.objects.create(
        company=known.company, name="苏清越", phone="19900001111", recorded_at=WEDNESDAY, source="台账"
    )
    return other, known


def test_deals_and_cases_move_to_the_kept_entry_and_the_event_says_what(house: House):
    kept, folded = two_entries(house)

    row = merge(kept=kept, folded=folded, reason="同一人，台账没写证件", by=house.wu, at=WEDNESDAY + HOUR)

    assert DealBuyer.objects.get().customer_id == kept.pk
    assert list(CaseLink.objects.filter(kind="customer").values_list("key", flat=True)) == [kept.pk]
    folded.refresh_from_db()
    assert folded.merged_into_id == kept.pk
    assert row.moved["sales.DealBuyer"] == [DealBuyer.objects.get().pk]
    assert Event.objects.filter(step="customers.merge").count() == 1


def test_undoing_puts_everything_back(house: House):
    kept, folded = two_entries(house)
    row = merge(kept=kept, folded=folded, reason="看错了", by=house.wu, at=WEDNESDAY + HOUR)

    undo(merge=row, by=house.zhou, at=WEDNESDAY + 2 * HOUR)

    assert DealBuyer.objects.get().customer_id == folded.pk
    assert list(CaseLink.objects.filter(kind="customer").values_list("key", flat=True)) == [folded.pk]
    with pytest.raises(UnableToMerge, match="已经撤销"):
        undo(merge=row, by=house.zhou, at=WEDNESDAY + 3 * HOUR)


def test_two_people_with_different_identity_numbers_are_never_made_one(house: House):
    house.registered(buyers=[house.buyer(), house.buyer("章海宁")])
    first, second = Customer.objects.order_by("pk")

    with pytest.raises(UnableToMerge, match="证件号码不同"):
        merge(kept=first, folded=second, reason="名字像", by=house.wu, at=WEDNESDAY + HOUR)

    assert DealBuyer.objects.count() == 2
