"""Reactions: run after the commit, retried with growing pauses, given up where people see it, taken over from the dead."""

from datetime import timedelta

import pytest

from guiju.kernel import engine, reactions, worker
from guiju.kernel.models import Counter, Reaction

from . import toy
from .toy import FRIDAY, LIN

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def paid(install, ask):
    install()
    toy.fill_pot(100)
    case = ask()
    engine.advance(case, "check", by=LIN, at=FRIDAY)
    return engine.advance(case, "pay", by=LIN, at=FRIDAY, given={"amount": "1"})


def of(name):
    return Reaction.objects.get(name=f"toy.{name}")


def test_what_follows_a_step_is_run_once_for_its_event(paid):
    assert reactions.run_due(FRIDAY) == 2
    assert reactions.run_due(FRIDAY + HOUR) == 0

    assert dict(toy.runs) == {"tell": [paid.pk], "file_away": [paid.pk]}
    assert {r.state for r in Reaction.objects.all()} == {Reaction.DONE}


def test_nothing_is_run_before_its_time(paid):
    assert reactions.run_due(FRIDAY - timedelta(seconds=1)) == 0


def test_a_failure_undoes_its_own_work_says_why_and_waits_longer_each_time(paid):
    toy.failing.add("tell")
    at, pauses = FRIDAY, []
    for _ in range(4):
        reactions.run_due(at)
        found = of("tell")
        pauses.append((found.next_at - at).total_seconds())
        at = found.next_at

    assert (found.state, found.attempts) == (Reaction.WAITING, 4)
    assert "the line is dead" in found.error
    assert Counter.objects.filter(series__startswith="half-done").count() == 0
    assert of("file_away").state == Reaction.DONE
    for pause, base in zip(pauses, (10, 20, 40, 80), strict=True):
        assert base * 0.8 <= pause <= base * 1.2


def exhaust():
    at = FRIDAY
    for _ in range(reactions.ATTEMPTS):
        reactions.run_due(at)
        at = of("tell").next_at
    return at


def test_after_eight_failures_it_is_a_dead_letter(paid):
    toy.failing.add("tell")

    at = exhaust()

    assert of("tell").state == Reaction.DEAD
    assert reactions.run_due(at + 100 * HOUR) == 0
    assert len(toy.runs["tell"]) == 8


def test_a_dead_letter_is_put_back_to_work_by_hand(paid):
    toy.failing.add("tell")
    at = exhaust()
    toy.failing.clear()

    assert reactions.retry(of("tell").pk, at=at)
    assert not reactions.retry(of("file_away").pk, at=at)
    reactions.run_due(at)

    assert of("tell").state == Reaction.DONE


def test_what_a_killed_worker_held_is_taken_up_when_its_lease_is_over(paid):
    Reaction.objects.filter(name="toy.tell").update(
        state=Reaction.RUNNING, attempts=1, next_at=FRIDAY + reactions.LEASE
    )

    reactions.run_due(FRIDAY + reactions.LEASE - timedelta(seconds=1))
    assert toy.runs["tell"] == []
    reactions.run_due(FRIDAY + reactions.LEASE)

    assert (of("tell").state, of("tell").attempts) == (Reaction.DONE, 2)


def test_what_kills_every_worker_is_given_up(paid):
    Reaction.objects.filter(name="toy.tell").update(
        state=Reaction.RUNNING, attempts=reactions.ATTEMPTS, next_at=FRIDAY + reactions.LEASE
    )

    reactions.run_due(FRIDAY + reactions.LEASE)

    assert of("tell").state == Reaction.DEAD
    assert toy.runs["tell"] == []


def test_a_claim_lost_to_another_worker_is_not_run(paid):
    stale = list(Reaction.objects.order_by("id"))
    reactions.run_due(FRIDAY)

    for found in stale:
        assert reactions.store.update(Reaction, {"attempts": 9}, id=found.pk, attempts=found.attempts) == 0


def test_a_reaction_that_no_code_knows_any_more_fails_visibly(paid):
    Reaction.objects.filter(name="toy.tell").update(name="toy.gone")

    reactions.run_due(FRIDAY)

    assert "toy.gone" in of("gone").error
    assert of("gone").state == Reaction.WAITING


def test_one_round_of_the_worker_sounds_clocks_and_runs_what_is_due(paid, ask):
    ask()

    # Besides the two of this process, the alarm is told to colleagues.
    assert worker.run_once(FRIDAY + 24 * HOUR) == {"clocks": 1, "reactions": 3}
    assert worker.run_once(FRIDAY + 24 * HOUR) == {"clocks": 0, "reactions": 0}
