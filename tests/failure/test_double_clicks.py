"""Pressed twice, sent twice, two people at one case: over the pages, on PostgreSQL, at the same moment."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from guiju.kernel.models import Case, Event, Vote
from guiju.ledger.models import Receipt
from tests.failure.conftest import wrong
from tests.failure.test_races import together

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


def clients(person, count):
    """The same person in several tabs."""
    found = [Client() for _ in range(count)]
    for client in found:
        client.force_login(person)
    return found


def posts(people, address, data):
    """Everybody presses at the same moment; return the answers."""
    return together(*[lambda client=client: client.post(address, data) for client in people])


def statuses(answers):
    broken = [answer for answer in answers if isinstance(answer, Exception) or answer.status_code >= 500]
    assert broken == []
    return sorted(answer.status_code for answer in answers)


def ago(hours):
    return timezone.now() - timedelta(hours=hours)


def test_one_press_that_arrives_six_times_is_one_act(house):
    case = house.handed_in(at=ago(3))
    form = {"opinion": "同意", "version": str(case.version), "key": str(uuid4())}

    answers = posts(clients(house.gao, 6), f"/cases/{case.number}/steps/director_sign/", form)

    assert set(statuses(answers)) == {302}
    assert Event.objects.filter(case=case, step="director_sign").count() == 1
    assert wrong() == []


def test_two_people_at_one_case_one_acts_and_the_other_is_told_and_keeps_what_was_typed(house):
    case = house.handed_in(at=ago(3))
    house.take(case, "director_sign", "gao", ago(2), opinion="同意")
    form = {
        "control_ok": "1", "price_ok": "1", "payment_ok": "1", "points.copies_agree": "1", "deviations": "相符，已核",
        "version": str(case.version),
    }  # fmt: skip
    two = [*clients(house.wu, 1), *clients(house.deng, 1)]

    answers = together(
        *[
            lambda client=client: client.post(
                f"/cases/{case.number}/steps/check_and_register/", form | {"key": str(uuid4())}
            )
            for client in two
        ]
    )

    assert statuses(answers)[0] == 302
    told = next(answer for answer in answers if answer.status_code != 302)
    assert told.status_code in (409, 422)
    assert "相符，已核" in told.content.decode()
    assert Event.objects.filter(case=case, step="check_and_register").count() == 1
    assert wrong() == []


def test_a_deposit_pressed_twice_is_booked_once(house):
    case = house.registered(at=ago(3))
    form = {
        "amount": "50000", "account": "预售资金监管账户", "voucher": "POS0007", "payer": "苏清越", "cleared": "1",
        "version": str(case.version), "key": str(uuid4()),
    }  # fmt: skip

    answers = posts(clients(house.he, 4), f"/cases/{case.number}/steps/confirm_deposit/", form)

    assert set(statuses(answers)) == {302}
    assert Receipt.objects.filter(case=case).count() == 1
    assert wrong() == []


def test_a_note_pressed_twice_stands_once(house):
    case = house.handed_in(at=ago(3))
    form = {"text": "客户说明天来签 𠮷🏠", "to": "inside", "key": str(uuid4())}

    answers = posts(clients(house.wu, 4), f"/cases/{case.number}/notes/", form)

    assert set(statuses(answers)) == {302}
    assert Event.objects.filter(case=case, step="note").count() == 1
    assert wrong() == []


def test_an_approval_given_twice_at_once_is_one_vote(house):
    case = house.handed_in(at=ago(3), total_price="1900000.00", discounts=[{"name": "团购", "percent": "5"}])
    request = case.requests.get(state="pending")
    voter = house.people["sun"]
    form = {"request": str(request.pk), "decision": "yes", "reason": "", "key": str(uuid4())}

    answers = posts(clients(voter, 4), f"/cases/{case.number}/vote/", form)

    assert statuses(answers)[0] == 302
    assert Vote.objects.filter(request=request, person_id=voter.pk).count() == 1
    assert wrong() == []


def test_a_flat_locked_by_one_press_that_arrives_twice_is_one_case(house):
    form = {"intent": "𠮷野", "key": str(uuid4())}

    answers = posts(clients(house.lin, 4), f"/cases/new/subscription/?unit={house.units[0].pk}", form)

    assert set(statuses(answers)) == {302}
    assert Case.objects.filter(process="subscription").count() == 1
    assert len({answer["Location"] for answer in answers}) == 1
    assert wrong() == []
