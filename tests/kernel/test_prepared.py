"""A prepared question answers what its queryset answers."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db.models import Q

from guiju.kernel.models import Counter, Reply
from guiju.kernel.prepared import prepared


@prepared
def counter(series):
    return Counter.objects.filter(series=series)


@prepared
def between(low, high):
    return (
        Counter.objects.filter(value__gt=low, value__lte=high)
        .order_by("value")
        .values_list("series", "value")
    )


@prepared
def names(keys):
    return Counter.objects.filter(pk__in=keys).order_by("pk").values_list("series", flat=True)


@prepared
def either(keys, values):
    return Counter.objects.filter(Q(pk__in=keys) | Q(value__in=values)).order_by("pk")


@pytest.fixture
def rows(db):
    return [Counter.objects.create(series=f"S{n}", value=10 * n) for n in range(1, 6)]


def test_it_gives_models_like_the_queryset(rows):
    assert counter("S3") == [rows[2]]
    assert counter("S3")[0].value == 30
    assert counter.one("S4") == rows[3]
    assert counter("missing") == []
    assert counter.one("missing") is None


def test_the_same_question_with_other_keys_costs_one_query_each(rows, django_assert_num_queries):
    counter("S1")

    with django_assert_num_queries(2):
        assert [row.value for row in counter("S1") + counter("S5")] == [10, 50]


def test_tuples_and_single_values_come_in_order(rows):
    assert between(10, 30) == [("S2", 20), ("S3", 30)]
    assert between(40, 50) == [("S5", 50)]


@pytest.mark.parametrize("number", [0, 1, 2, 3, 4, 5])
def test_a_list_of_any_length_may_be_asked_for(rows, number):
    asked = [row.pk for row in rows[:number]]

    assert names(asked) == [f"S{n}" for n in range(1, number + 1)]
    assert names(set(asked)) == names(asked)


def test_an_empty_list_leaves_only_the_other_way(rows):
    assert either([], [20, 50]) == [rows[1], rows[4]]
    assert either([rows[0].pk], []) == [rows[0]]
    assert either([], []) == []


def test_keys_of_other_kinds_are_refused(db):
    with pytest.raises(TypeError, match="whole numbers, texts or moments"):
        between(1.5, 2)
    with pytest.raises(TypeError, match="whole numbers, texts or moments"):
        counter(True)


def test_a_question_that_ignores_a_key_is_refused(db):
    @prepared
    def careless(low, high):
        return Counter.objects.filter(value__gt=low)

    with pytest.raises(TypeError, match="does not ask for all of its keys"):
        careless(1, 2)


@prepared
def few(low):
    return Counter.objects.filter(value__gt=low).values_list("pk", flat=True)[:3]


def test_rows_are_counted_up_to_where_the_question_is_cut(rows):
    assert few.count(30) == 2
    assert few.count(0) == 3
    assert names.count([]) == 0


@prepared
def replies_since(at):
    return Reply.objects.filter(made_at__gte=at).order_by("made_at")


def test_moments_are_keys_too(db):
    noon = datetime(2026, 11, 18, 12, tzinfo=UTC)
    early, late = (
        Reply.objects.create(person_id=1, key=f"{n}", request_digest="", made_at=noon + timedelta(hours=n))
        for n in (-1, 1)
    )

    assert replies_since(noon) == [late]
    assert replies_since(noon - timedelta(hours=2)) == [early, late]
    assert replies_since(datetime(2026, 11, 18, 20, 30, tzinfo=ZoneInfo("Asia/Shanghai"))) == [late]
