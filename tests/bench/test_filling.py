"""The invented database holds together like a real one."""

from datetime import UTC, datetime

import pytest

from guiju.bench import filling, sweeping
from guiju.bench.filling import Filler
from guiju.kernel import audit, engine, search
from guiju.kernel.models import Case, Clock, Event, Todo
from guiju.org.models import Person
from guiju.sales.models import Deal, Subscription

AT = datetime(2026, 11, 18, 4, tzinfo=UTC)


@pytest.fixture
def filler(db, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "attachments"
    settings.GUIJU_ANCHORS = tmp_path / "anchors"
    filling._projects.clear()
    filling.FREE_UNITS, before = 10, filling.FREE_UNITS
    filling.prepare(AT)
    yield Filler.open(AT)
    filling.FREE_UNITS = before
    filling._projects.clear()


def test_copies_are_cases_like_those_made_through_the_door(filler):
    filler.fill(60)
    filler.finish()

    copies = Case.objects.filter(number__startswith="RG-B000-")
    assert copies.count() == 60
    assert Subscription.objects.filter(case__in=copies).count() == 60
    # Of five cases of a unit one went on, with a deal.
    assert Deal.objects.filter(subscriptions__case__in=copies, live=True).count() == 12
    assert audit.verify().findings == []


def test_a_stopped_fill_goes_on_and_ends_up_the_same(filler):
    filler.fill(20)

    again = Filler.open(AT)
    assert again.count == 20
    again.fill(40)
    again.finish()

    numbers = Case.objects.filter(number__startswith="RG-B000-").values_list("number", flat=True)
    assert sorted(int(number[-5:]) for number in numbers) == list(range(1, 41))
    assert audit.verify().findings == []


def test_work_goes_on_with_a_copy(filler):
    filler.fill(200)
    filler.finish()
    case = Case.objects.filter(number__startswith="RG-B000-", state="signed").order_by("pk").first()
    gao = Person.objects.get(username="gao")

    engine.advance(case, "director_sign", by=gao, at=AT, given={"opinion": "同意"})

    case.refresh_from_db()
    assert case.state == "reviewed"
    assert list(Todo.objects.filter(case=case).values_list("act", flat=True)) == ["check_and_register"]


def test_copies_are_found_by_name_phone_room_and_number(filler):
    filler.fill(10)
    filler.finish()
    buyer = filling.buyer_of(4)
    building, entrance, _, room = filling.address_of(0)

    for words in (buyer.name, buyer.phone[-4:], f"{building}-{entrance}-{room}", "B000"):
        assert search.search(words, scopes=None), words


def test_the_sweep_sounds_exactly_what_is_due(filler):
    filler.fill(10)
    filler.finish()

    found = sweeping.measure(filler, number=30, due=9, say=lambda count: None)

    assert (found.open, found.sounded) == (30, 9)
    assert found.events >= 9
    assert Event.objects.filter(step="clock:remind", case__number__startswith="RG-SW-").count() == 3
    assert Clock.objects.filter(case__number__startswith="RG-SW-", breached_at__isnull=False).count() == 6
    assert audit.verify().findings == []
