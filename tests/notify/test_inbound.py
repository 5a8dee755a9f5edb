"""A customer's answer is a message to us: it gets a reply timer, and colleagues hear when the limit is passed."""

from datetime import timedelta

import pytest

from guiju.kernel import clocks, reactions
from guiju.kernel.models import Case, Clock
from guiju.notify import replies
from guiju.notify.models import Link, Message
from tests.notify.conftest import NOON

MINUTE = timedelta(minutes=1)


def react(at):
    while reactions.run_due(at):
        pass


@pytest.fixture
def asked(house, case, to):
    values = {"name": "苏清越", "title": "厨房渗水", "number": case.number, "words": "周五上门可以吗？"}
    replies.ask_opinion(case=case, to=to, values=values, by=house.people["wu"], at=NOON)
    return Link.objects.get(purpose="reply")


@pytest.mark.clause("A-3.2-b")
def test_an_answer_runs_a_reply_timer_and_alarms_when_nobody_replied(house, asked, su):
    replies.answer(asked, "周五不行，周六上午可以。", at=NOON + MINUTE)
    react(NOON + 2 * MINUTE)

    (reception,) = Case.objects.filter(process="reception")
    timer = Clock.objects.get(case=reception, name="reply")
    # 24 hours of the clock from the moment the answer came.
    assert timer.due_at == NOON + MINUTE + timedelta(hours=24)
    assert {link.kind for link in reception.links.all()} >= {"case", "customer"}

    clocks.sweep(timer.due_at + MINUTE)
    react(timer.due_at + MINUTE)

    told = Message.objects.filter(case=reception, to_kind="person")
    assert {message.template for message in told} >= {"clock.due", "clock.escalate"}
    assert all(reception.number in message.body for message in told)


def test_an_answer_becomes_one_reception_however_often_its_reaction_runs(asked):
    replies.answer(asked, "周六上午可以。", at=NOON + MINUTE)
    react(NOON + 2 * MINUTE)
    event = asked.case.history.get(step="notice:answer")

    reactions._runs["desk.answer_received"](event, NOON + 3 * MINUTE)

    assert Case.objects.filter(process="reception").count() == 1


def test_who_only_says_that_it_was_read_waits_for_no_reply(asked):
    replies.answer(asked, replies.KNOWN, at=NOON + MINUTE)
    react(NOON + 2 * MINUTE)

    assert not Case.objects.filter(process="reception").exists()
