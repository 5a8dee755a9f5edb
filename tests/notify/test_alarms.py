"""Alarms reach people, and the customer of an escalated case hears of it."""

from datetime import timedelta

import pytest

from guiju.kernel import clocks, reactions
from guiju.kernel.models import Clock, Event
from guiju.notify import feedback, progress
from guiju.notify.models import Message
from guiju.notify.outbox import Recipient
from guiju.notify.templates import _templates, template
from tests.notify.conftest import NOON, TEN, again, worked
from tests.stories.conftest import WEDNESDAY

State = Message.State


@pytest.fixture
def handed(house):
    """A subscription handed in: from now on its clocks run and remind."""
    return house.handed_in(at=WEDNESDAY)


def sounded(case, kind):
    """Let the clock with such an alarm sound, and the reactions run; return the event."""
    at = WEDNESDAY + timedelta(days=20)
    clocks.sweep(at)
    while reactions.run_due(at):
        pass
    return Event.objects.filter(case=case, step=f"clock:{kind}").order_by("case_seq").first()


def test_an_overdue_clock_tells_whoever_has_the_case_in_hand_once(house, handed):
    event = sounded(handed, "due")
    at = event.recorded_at

    found = Message.objects.filter(case=handed, template="clock.due", to_kind="person")
    told = {message.to_id for message in found}
    assert told
    assert told <= {person.pk for person in house.people.values()}
    assert all(handed.number in message.body for message in found)
    before = Message.objects.count()
    for name in ("notify.alarm",):
        reactions._runs[name](event, at)
    assert Message.objects.count() == before


def test_an_alarm_goes_out_at_night_too_and_is_found_inside(house, handed):
    event = sounded(handed, "due")

    worked(event.recorded_at + timedelta(hours=1))

    found = Message.objects.filter(case=handed, template="clock.due").first()
    assert (found.urgent, found.way, found.state) == (True, "inside", State.DELIVERED)


def test_an_escalation_tells_the_post_that_the_sop_names(house, handed):
    event = sounded(handed, "escalate")
    if event is None:
        pytest.skip("this SOP has no ladder")

    assert Message.objects.filter(case=handed, template="clock.escalate").exists()


# --- feedback owed ---------------------------------------------------------------------------------------------------
@pytest.fixture
def escalated(case, su):
    """A case whose clock was escalated: the event as the sweep writes it."""
    from guiju.kernel import engine

    case.refresh_from_db()
    case.events += 1
    work = engine.Work()
    from django.db import transaction

    with transaction.atomic():
        engine.queue(
            work, case, "clock:escalate", from_state=case.state, by_id=None, happened_at=NOON, recorded_at=NOON,
            content={"clock": "x", "label": "处理时限", "due_at": NOON, "post": "cs_manager"},
        )  # fmt: skip
        type(case).objects.filter(pk=case.pk).update(events=case.events)
        work.finish()
    while reactions.run_due(NOON):
        pass
    return case


@pytest.mark.clause("H-3.1-f")
def test_an_escalated_case_owes_the_customer_feedback_until_it_was_sent(house, connected, escalated):
    (owed,) = Message.objects.filter(case=escalated, state=State.OWED)
    assert (owed.to_kind, owed.due_at) == ("customer", NOON + timedelta(hours=24))

    worked(NOON + timedelta(hours=30))
    assert again(owed).state == State.OWED

    feedback.give(owed, words="配件已到，周五上午上门。", by=house.people["wu"], at=NOON + timedelta(hours=1))
    worked(NOON + timedelta(hours=1) + TEN)

    assert again(owed).state == State.SENT
    assert "配件已到，周五上午上门。" in connected.told[0][2]["text"]
    with pytest.raises(feedback.UnableToFeedBack, match="已经写好"):
        feedback.give(again(owed), words="再写一次看看。", by=house.people["wu"], at=NOON)


def test_feedback_that_is_overdue_is_told_to_colleagues_once(escalated):
    late = NOON + timedelta(hours=25)

    assert feedback.remind_owed(at=NOON + timedelta(hours=23)) == 0
    assert feedback.remind_owed(at=late) == 1
    assert feedback.remind_owed(at=late + timedelta(hours=1)) == 0
    assert Message.objects.filter(template="feedback.overdue").count() >= 1


def test_two_escalations_owe_one_feedback(escalated):
    event = Event.objects.get(case=escalated, step="clock:escalate")

    reactions._runs["notify.owe_feedback"](event, NOON)

    assert Message.objects.filter(case=escalated, state=State.OWED).count() == 1


# --- progress --------------------------------------------------------------------------------------------------------
@pytest.fixture
def followed():
    """The customer hears when a subscription was handed in."""
    templates, runs, steps = dict(_templates), dict(reactions._runs), dict(reactions._by_step)
    template(
        "t.progress",
        "进展",
        channels=("sms",),
        text="{name}：{number}{news}，现在{state}。",
        purpose="progress",
    )
    progress.follow("subscription", "t.progress", {"hand_in": "收到您的认购书"})
    yield
    for there, before in ((_templates, templates), (reactions._runs, runs), (reactions._by_step, steps)):
        there.clear()
        there.update(before)
    reactions.names_for.cache_clear()


@pytest.mark.clause("E-4.3-a", "F-2.4-d")
def test_a_change_of_state_tells_the_customer_and_the_notice_is_kept(house, connected, followed):
    case = house.handed_in(at=WEDNESDAY)
    while reactions.run_due(NOON):
        pass
    worked(NOON + TEN)

    (message,) = Message.objects.filter(case=case, template="t.progress")
    assert (message.purpose, message.key.endswith(str(Event.objects.get(case=case, step="hand_in").pk))) == (
        "progress", True
    )  # fmt: skip
    assert message.body.startswith(f"苏清越：{case.number}收到您的认购书")


def test_without_a_customer_on_file_whoever_was_named_at_the_opening_is_told(house, case):
    assert progress.contact_of(case) is None or isinstance(progress.contact_of(case), Recipient)


def test_following_needs_a_template():
    with pytest.raises(LookupError):
        progress.follow("subscription", "nothing", {"hand_in": "收到"})


def test_no_clock_of_the_house_is_silent(handed):
    """Every running clock has a next alarm, which is what the notices start from."""
    running = Clock.objects.filter(case=handed, state=Clock.RUNNING)

    assert [c.name for c in running if c.alarm_at is None and c.breached_at is None] == []
