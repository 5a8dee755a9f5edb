"""What only several connections show: one wins, all votes count, the chain has no gap, nothing half done remains."""

import multiprocessing
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection

from guiju.kernel import acts, audit, clocks, engine, numbering, reactions
from guiju.kernel.models import ApprovalRequest, Case, Event, Reaction, Vote
from guiju.kernel.refusals import NotYourPost, Refused, SomebodyWasFaster
from tests.processes import PATIENCE

from . import toy
from .toy import FRIDAY, HE, LIN, SUN, WU, ZHOU

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

HOUR = timedelta(hours=1)


def together(acts_):
    """Run the acts at the same moment, each on its own connection; return what each returned or raised."""
    start = threading.Barrier(len(acts_), timeout=PATIENCE)

    def run(act):
        try:
            start.wait()
            return act()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts_)) as pool:
        return list(pool.map(run, acts_))


def kinds(results):
    return sorted(type(result).__name__ for result in results)


def checked(ask):
    case = ask()
    engine.advance(case, "check", by=LIN, at=FRIDAY)
    return case


def pay(case, amount="100", by=LIN, **words):
    return lambda: engine.advance(case.pk, "pay", by=by, at=FRIDAY + HOUR, given={"amount": amount}, **words)


def test_of_twenty_who_take_one_step_one_wins_and_the_others_are_told(install, ask):
    install()
    toy.fill_pot(10_000)
    case = checked(ask)

    results = together([pay(case, version=2)] * 20)

    assert kinds(results) == ["Event"] + ["SomebodyWasFaster"] * 19
    assert toy.in_pot() == 9_900
    assert {str(r) for r in results if isinstance(r, Refused)} == {
        "林 11:00 改过这一单，现在是「已付」，看改动后再办"
    }
    assert audit.verify().ok


def test_without_a_version_the_others_find_the_case_closed(install, ask):
    install()
    toy.fill_pot(10_000)
    case = checked(ask)

    results = together([pay(case)] * 20)

    assert kinds(results) == ["Event"] + ["NotReady"] * 19
    assert {str(r) for r in results if isinstance(r, Refused)} == {"本事项已结束（已付）"}


def test_twenty_cases_share_a_pot_that_is_never_overdrawn(install, ask):
    install()
    toy.fill_pot(700)
    cases = [checked(ask) for _ in range(20)]

    results = together([pay(case) for case in cases])

    assert sum(isinstance(r, Event) for r in results) == 7
    assert all(isinstance(r, Event | Refused) for r in results)
    assert toy.in_pot() == 0
    assert Case.objects.filter(state="paid").count() == 7
    assert audit.verify().ok


def test_the_same_key_sent_ten_times_at_once_acts_once(install, ask):
    install()
    case = ask()
    key = UUID("6f1b6c1e-0000-4000-8000-000000000001")

    results = together([lambda: engine.advance(case.pk, "remark", by=LIN, at=FRIDAY, key=key)] * 10)

    assert len({event.pk for event in results}) == 1
    assert len(toy.story(case)) == 2


def test_the_same_key_of_an_opening_sent_ten_times_at_once_opens_one_case(install):
    install()
    key = UUID("6f1b6c1e-0000-4000-8000-000000000002")

    results = together(
        [
            lambda: engine.open_case(
                "toy",
                by=LIN,
                at=FRIDAY,
                given={"subject": "纸"},
                chain_id=toy.COMPANY,
                scope_id=toy.PROJECT,
                key=key,
            )
        ]
        * 10
    )

    assert kinds(results) == ["Event"] * 10
    assert Case.objects.count() == 1


def test_parallel_votes_all_count_and_the_last_takes_the_step(install, ask):
    seats = [(1, "cs_manager"), (1, "deputy_gm"), (1, "general_manager"), (1, "finance")]
    install(toy.with_approval(*seats))
    toy.fill_pot(1000)
    for _ in range(5):
        case = checked(ask)
        pay(case)()
        request = ApprovalRequest.objects.get(case=case)

        results = together(
            [
                lambda by=by, r=request: acts.vote(r.pk, decision="yes", by=by, at=FRIDAY + HOUR)
                for by in (WU, ZHOU, SUN, HE)
            ]
        )

        assert kinds(results) == ["Event"] * 4
        assert Vote.objects.filter(request=request).count() == 4
        case.refresh_from_db()
        assert case.state == "paid"
    assert toy.in_pot() == 500
    assert audit.verify().ok


def test_a_seat_asked_of_two_is_decided_by_the_first(install, ask):
    people, _ = install(toy.with_approval((1, "cs_manager"), (2, "deputy_gm")))
    people.give(HE, "cs_manager")
    toy.fill_pot(1000)
    case = checked(ask)
    pay(case)()
    request = ApprovalRequest.objects.get(case=case)

    results = together(
        [lambda by=by: acts.vote(request.pk, decision="yes", by=by, at=FRIDAY + HOUR) for by in (WU, HE)]
    )

    assert sum(isinstance(r, Event) for r in results) == 1
    assert sum(isinstance(r, NotYourPost | SomebodyWasFaster) for r in results) == 1
    assert Vote.objects.count() == 1


def test_a_vote_and_a_withdrawal_at_once_leave_one_outcome(install, ask):
    install(toy.with_approval((1, "cs_manager")))
    toy.fill_pot(1000)
    for _ in range(5):
        case = checked(ask)
        pay(case)()
        request = ApprovalRequest.objects.get(case=case)

        results = together(
            [
                lambda r=request: acts.vote(r.pk, decision="yes", by=WU, at=FRIDAY + HOUR),
                lambda r=request: acts.withdraw(r.pk, reason="不付了", by=LIN, at=FRIDAY + HOUR),
            ]
        )

        assert kinds(results) == ["Event", "SomebodyWasFaster"]
        case.refresh_from_db()
        request.refresh_from_db()
        assert (case.state, request.state) in {("paid", "taken"), ("checked", "withdrawn")}


def test_the_chain_stays_without_a_gap_under_parallel_work(install, ask):
    install()
    cases = [ask() for _ in range(8)]

    def work(case):
        for n in range(6):
            engine.advance(case.pk, "remark", by=LIN, at=FRIDAY, given={"note": str(n)})
        engine.open_case(
            "toy", by=LIN, at=FRIDAY, given={"subject": "又一件"}, chain_id=toy.COMPANY, scope_id=toy.PROJECT
        )

    results = together([lambda case=case: work(case) for case in cases])

    assert results == [None] * 8
    assert list(Event.objects.order_by("seq").values_list("seq", flat=True)) == list(range(1, 8 + 8 * 7 + 1))
    assert audit.verify().ok


def test_document_numbers_taken_at_once_are_unlike_and_leave_no_gap(install):
    install()

    results = together([lambda: [numbering.next_value("RG") for _ in range(10)]] * 8)

    assert sorted(number for some in results for number in some) == list(range(1, 81))


def test_two_who_drop_each_others_cases_do_not_wait_for_each_other_for_ever(install, ask):
    install()
    for _ in range(5):
        one, two = ask(), ask()

        results = together(
            [
                lambda a=a, b=b: engine.advance(
                    a.pk, "drop_two", by=WU, at=FRIDAY, given={"reason": f"并入 #{b.pk}"}
                )
                for a, b in ((one, two), (two, one))
            ]
        )

        assert kinds(results) == ["Event", "NotReady"]
        assert set(Case.objects.filter(pk__in=[one.pk, two.pk]).values_list("state", flat=True)) == {
            "dropped"
        }
    assert audit.verify().ok


def test_four_workers_sound_each_clock_once_while_people_work(install, ask):
    install(toy.with_clock("finish", limit="8 小时", remind=("-2 小时",)))
    cases = [ask() for _ in range(30)]
    at = FRIDAY + 7 * HOUR

    together(
        [lambda: clocks.sweep(at, batch=10)] * 4
        + [lambda: [engine.advance(case.pk, "check", by=LIN, at=at) for case in cases]]
    )

    reminded = Event.objects.filter(step="clock:remind")
    assert reminded.count() == len(cases) == reminded.values("case").distinct().count()
    assert Case.objects.filter(state="checked").count() == 30
    assert audit.verify().ok


def test_four_workers_run_each_reaction_once(install, ask):
    install()
    toy.fill_pot(1000)
    for _ in range(15):
        pay(checked(ask), amount="1")()

    together([lambda: reactions.run_due(FRIDAY + HOUR)] * 4)

    assert sorted(toy.runs["tell"]) == sorted(Event.objects.filter(step="pay").values_list("id", flat=True))
    assert set(Reaction.objects.values_list("state", flat=True)) == {Reaction.DONE}


def _hang(case_id, pipe):
    # The parent's connection must not be touched by the child.
    connection.connection = None
    connection.closed_in_transaction = False
    toy.hanging.append(lambda: (pipe.send("in the middle"), time.sleep(10 * PATIENCE)))
    given = {"amount": "100", "remark": "hang"}
    engine.advance(case_id, "pay", by=LIN, at=FRIDAY + HOUR, given=given)


def test_a_process_killed_in_the_middle_of_a_step_leaves_nothing_half_done(install, ask):
    install()
    toy.fill_pot(1000)
    case = checked(ask)
    before = toy.whole(case)
    here, there = multiprocessing.Pipe()
    child = multiprocessing.get_context("fork").Process(target=_hang, args=(case.pk, there))
    child.start()
    assert here.poll(PATIENCE)
    assert here.recv() == "in the middle"

    os.kill(child.pid, signal.SIGKILL)
    child.join(PATIENCE)

    assert toy.whole(case) == before
    pay(case)()
    assert toy.in_pot() == 900
    assert audit.verify().ok
