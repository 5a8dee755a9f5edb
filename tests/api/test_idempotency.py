"""The Idempotency-Key: within a day, the same request is carried out once and answered the same (DECISIONS 12)."""

from datetime import UTC, datetime, timedelta

import pytest

from guiju.kernel import replies
from guiju.kernel.models import Case, Event, Reply
from tests.kernel import toy

pytestmark = pytest.mark.django_db

BODY = {"process": "toy", "project": "YQ1", "given": {"subject": "买纸"}}


def test_the_same_request_is_carried_out_once_and_answered_the_same(office, wu):
    first = wu.post("/cases", BODY, key="k-1")
    again = wu.post("/cases", BODY, key="k-1")

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again["Location"] == first["Location"]
    assert (first.get("Idempotency-Replayed"), again["Idempotency-Replayed"]) == (None, "true")
    assert Case.objects.count() == 1


def test_a_step_sent_twice_is_taken_once(office, wu):
    number = office.ask(wu)["number"]

    answers = [wu.post(f"/cases/{number}/steps/remark", {"version": 1}, key="k-2") for _ in range(3)]

    assert {answer.content for answer in answers} == {answers[0].content}
    assert Event.objects.filter(step="remark").count() == 1


def test_the_same_key_with_another_request_is_refused(office, wu):
    wu.post("/cases", BODY, key="k-1")

    other_body = wu.post("/cases", {**BODY, "given": {"subject": "买笔"}}, key="k-1")
    number = Case.objects.get().number
    other_path = wu.post(f"/cases/{number}/notes", BODY, key="k-1")

    assert other_body.status_code == 422
    assert other_body.json()["type"] == "urn:guiju:problem:key-used"
    assert other_path.status_code == 422
    assert Case.objects.count() == 1


def test_a_key_belongs_to_its_person(office, wu, zhou):
    wu.post("/cases", BODY, key="k-1")

    answer = zhou.post("/cases", BODY, key="k-1")

    assert answer.get("Idempotency-Replayed") is None
    assert Case.objects.count() == 2


def test_a_refusal_is_answered_the_same_too(office, wu):
    number = office.ask(wu)["number"]
    first = wu.post(f"/cases/{number}/steps/pay", {"given": {"amount": "1"}}, key="k-3")
    wu.post(f"/cases/{number}/steps/check", {})

    again = wu.post(f"/cases/{number}/steps/pay", {"given": {"amount": "1"}}, key="k-3")

    assert (first.status_code, again.status_code) == (422, 422)
    assert again.content == first.content
    assert again["Content-Type"] == "application/problem+json"
    assert toy.in_pot() == 1000


def test_what_is_not_found_is_answered_the_same_too(office, wu):
    assert wu.post("/cases/QK-1/notes", {"text": "x"}, key="k-4").status_code == 404

    assert wu.post("/cases/QK-1/notes", {"text": "x"}, key="k-4")["Idempotency-Replayed"] == "true"


def test_a_day_later_the_key_is_free_again(office, wu):
    wu.post("/cases", BODY, key="k-1")
    Reply.objects.update(made_at=datetime.now(UTC) - replies.KEPT_FOR - timedelta(seconds=1))

    assert wu.post("/cases", {**BODY, "given": {"subject": "买笔"}}, key="k-1").status_code == 201
    assert Case.objects.count() == 2


def test_old_answers_are_forgotten(office, wu):
    wu.post("/cases", BODY, key="k-1")

    assert replies.forget_old(at=datetime.now(UTC)) == 0
    assert replies.forget_old(at=datetime.now(UTC) + replies.KEPT_FOR) == 1


def test_what_breaks_keeps_no_answer_and_leaves_nothing(office, wu):
    number = office.ask(wu)["number"]
    wu.post(f"/cases/{number}/steps/check", {})
    toy.hanging.append(lambda: 1 // 0)
    body = {"given": {"amount": "5", "remark": "hang"}}

    broken = wu.post(f"/cases/{number}/steps/pay", body, key="k-5")
    assert (broken.status_code, broken.json()["title"]) == (500, "程序出错")
    assert (toy.in_pot(), Reply.objects.count()) == (1000, 0)

    toy.hanging.append(lambda: None)
    assert wu.post(f"/cases/{number}/steps/pay", body, key="k-5").status_code == 200


@pytest.mark.parametrize("key", ["", "a b", "键", "x" * 101])
def test_a_key_is_plain_and_short(office, wu, key):
    answer = wu.post("/cases", BODY, key=key)

    assert answer.status_code == 422
    assert Case.objects.count() == 0
