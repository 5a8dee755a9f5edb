"""The technician's phone at its worst: the same act sent many times at once, drawings that are none, stories without end."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from guiju.kernel.models import Event
from guiju.papers.models import Paper, Signature
from tests.desk.test_visit_phone import PICTURE, STROKES, act, at_work, phone, today
from tests.failure.test_races import together

__all__ = ["at_work", "today"]

LONG = "窗框下沿渗水，业主很着急 😤𠮷 " * 400


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_finish_and_a_signature_that_arrive_four_times_at_once_happen_once(at_work, today):
    before = timezone.now() - timedelta(hours=8)
    visit = at_work.finished(at=before)
    drawn = json.dumps({"png": PICTURE, "strokes": STROKES})
    given = {
        "key": str(uuid4()),
        "happened_at": timezone.now().isoformat(),
        "name": "苏清越",
        "signature": drawn,
    }
    phones = [phone(at_work) for _ in range(4)]

    answers = together(
        *[lambda one=one: one.post(f"/technician/visits/{visit.case.number}/sign/", given) for one in phones]
    )

    told = {getattr(answer, "status_code", answer) for answer in answers}
    assert 200 in told
    # Who came while the first was being signed is asked to come again, and then hears that it is done.
    assert told <= {200, 503}
    assert phones[0].post(f"/technician/visits/{visit.case.number}/sign/", given).status_code == 200
    assert Event.objects.filter(case=visit.case, step="sign").count() == 1
    assert Signature.objects.count() == 1
    assert Paper.objects.filter(case=visit.case, form="work_order", voided_at=None).count() == 1

    given = {"key": str(uuid4()), "happened_at": timezone.now().isoformat(), "met": "苏清越"}
    answers = together(
        *[
            lambda one=one: one.post(f"/technician/visits/{today.case.number}/arrive/", given)
            for one in phones
        ]
    )

    assert [getattr(answer, "status_code", answer) for answer in answers] == [200] * 4
    assert Event.objects.filter(case=today.case, step="arrive").count() == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_work_reported_finished_by_four_taps_at_once_is_finished_once(at_work):
    visit = at_work.inspected(at=timezone.now() - timedelta(hours=8))
    phones = [phone(at_work) for _ in range(4)]
    given = {
        "key": str(uuid4()), "happened_at": timezone.now().isoformat(), "done": "重打耐候胶", "measure": "换耐候胶",
        "test": "淋水无渗漏", "after": [at_work.scan], "minutes": "50", "points.procedure": "1",
    }  # fmt: skip

    answers = together(
        *[
            lambda one=one: one.post(f"/technician/visits/{visit.case.number}/finish/", given)
            for one in phones
        ]
    )

    told = {getattr(answer, "status_code", answer) for answer in answers}
    assert 200 in told
    assert told <= {200, 503}
    assert phones[0].post(f"/technician/visits/{visit.case.number}/finish/", given).status_code == 200
    assert Event.objects.filter(case=visit.case, step="finish").count() == 1
    visit.refresh_from_db()
    assert (visit.case.state, visit.done) == ("finished", "重打耐候胶")


NO_DRAWINGS = [
    "{", "{}", '{"png": 1, "strokes": [1]}', json.dumps({"png": PICTURE}), json.dumps({"png": PICTURE, "strokes": [1]}),
    json.dumps({"png": PICTURE, "strokes": "abc"}), json.dumps({"png": PICTURE, "strokes": [[["x", "y", "z"]]]}),
    json.dumps({"png": PICTURE, "strokes": {"a": 1}}), json.dumps({"png": PICTURE, "strokes": [[[1e308, -1e308, 0]] * 9]}),
    json.dumps({"png": PICTURE, "strokes": [[[None, None, None]]]}), json.dumps([1]), '{"png": "data:image/png;base64,AA", "strokes": [[[1, 2, 3]]]}',
]  # fmt: skip


@pytest.mark.django_db
def test_a_drawing_that_is_none_is_refused_in_words_and_leaves_nothing(at_work, today):
    visit = at_work.finished(at=timezone.now() - timedelta(hours=8))
    client = phone(at_work)
    client.raise_request_exception = False

    told = {drawn: act(client, visit, "sign", name="苏清越", signature=drawn) for drawn in NO_DRAWINGS}

    assert {drawn: one.status_code for drawn, one in told.items() if one.status_code != 422} == {}
    assert (Signature.objects.count(), Event.objects.filter(case=visit.case, step="sign").count()) == (0, 0)
    assert Paper.objects.filter(case=visit.case, form="work_order").count() == 0


@pytest.mark.django_db
def test_long_stories_and_rare_characters_are_taken_or_refused_in_words(at_work, today):
    client = phone(at_work)
    client.raise_request_exception = False

    too_long = act(client, today, "arrive", met=LONG)
    rare = act(client, today, "arrive", met="𠮷野 😀")

    assert too_long.status_code in (200, 422)
    assert rare.status_code in (200, 422)
    assert Event.objects.filter(case=today.case, step="arrive").count() == 1
    page = Client()
    page.force_login(at_work.kang)
    assert page.get(f"/technician/visits/{today.case.number}/").status_code == 200
