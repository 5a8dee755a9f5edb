"""A machine that takes any step, as anybody, in any order: whatever happens, what must hold holds."""

import os
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from guiju.kernel import acts, audit, clocks, engine
from guiju.kernel.models import ApprovalRequest, Case, Clock, Event, Reaction, Tick, Todo
from guiju.kernel.policy import ApprovalSeat, StepPolicy
from guiju.kernel.refusals import NotReady, NotYourPost, Refused

from . import toy

EXAMPLES = int(os.environ.get("GUIJU_WALKS", "0"))
FILLED = 2000
NEXT = {"check": "checked", "wait": "waiting", "go_on": "checked", "drop": "dropped", "pay": "paid"}
FROM = {
    "check": {"asked"},
    "wait": {"checked"},
    "go_on": {"waiting"},
    "drop": {"asked", "checked", "waiting"},
    "pay": {"checked"},
}

people = st.sampled_from([toy.LIN, toy.WU, toy.HE, toy.ZHOU, toy.SUN, toy.QIAN, toy.BAI])
amounts = st.sampled_from(["0", "50", "100", "100.00", "101", "600", "1500", "5000", "many"])
steps = st.sampled_from(["check", "wait", "go_on", "drop", "pay", "remark", "recheck"])


def sop():
    return toy.policy(
        steps={
            "check": StepPolicy("check", points=(toy.point(),), override_post="cs_manager"),
            "pay": StepPolicy(
                "pay",
                approval=(
                    ApprovalSeat(1, "cs_manager", "amount > 100"),
                    ApprovalSeat(2, "deputy_gm", "amount > 500"),
                ),
            ),
        }
    )


class Desk(RuleBasedStateMachine):
    """One case on the desk at a time; when it is closed the next is opened."""

    def __init__(self):
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.block = toy.installed(sop())
        self.port, _ = self.block.__enter__()
        self.port.give(toy.SUN, "cs_manager")
        toy.fill_pot(FILLED)
        self.at = toy.FRIDAY
        self.case = None

    def teardown(self):
        try:
            assert audit.verify().ok
        finally:
            self.block.__exit__(None, None, None)
            transaction.set_rollback(True)
            self.transaction.__exit__(None, None, None)

    def attempt(self, act):
        """Act; a refusal must leave everything as it was. Return the event, or None."""
        before = toy.whole(self.case)
        try:
            with transaction.atomic():
                event = act()
        except Refused as refused:
            assert refused.reasons
            assert toy.whole(self.case) == before
            return None
        self.case.refresh_from_db()
        return event

    @initialize()
    def first(self):
        self.open(toy.LIN)

    def open(self, by):
        event = engine.open_case(
            "toy", by=by, at=self.at, given={"subject": "纸"}, chain_id=toy.COMPANY, scope_id=toy.PROJECT
        )
        self.case = Case.objects.get(pk=event.case_id)

    @precondition(lambda self: self.case.closed_at is not None)
    @rule()
    def next_case(self):
        self.open(toy.LIN)

    @rule(hours=st.sampled_from([0, 1, 5, 30]), sweep=st.booleans())
    def time_passes(self, hours, sweep):
        self.at += timedelta(hours=hours)
        if sweep:
            clocks.sweep(self.at)
            self.case.refresh_from_db()
            assert not Clock.objects.filter(state=Clock.RUNNING, alarm_at__lte=self.at).exists()

    @rule(step=steps, by=people, amount=amounts, seen=st.booleans(), stale=st.booleans())
    def step(self, step, by, amount, seen, stale):
        given = {"pay": {"amount": amount}, "wait": {"reason": "等发票"}, "drop": {"reason": "不需要"}}.get(
            step, {}
        )
        if step == "check" and seen:
            given = {"points": {"seen": True}}
        (option,) = [o for o in engine.options(self.case, by=by, at=self.at) if o.name == step]
        was, version, pot = self.case.state, self.case.version, toy.in_pot()
        event = self.attempt(
            lambda: engine.advance(
                self.case.pk, step, by=by, at=self.at, given=given, version=version - 1 if stale else version
            )
        )
        if event is None:
            assert (self.case.state, self.case.version) == (was, version)
            if option.open and not stale:
                assert step == "pay", "an open step without a form of its own can be taken"
            return
        assert not stale
        assert option.open or (step == "check" and seen and option.fillable)
        if event.step.startswith("request:"):
            assert (self.case.state, toy.in_pot()) == (was, pot)
            return
        if step in NEXT:
            assert was in FROM[step]
            assert self.case.state == NEXT[step]
        else:
            assert self.case.state == was
        assert toy.in_pot() == pot - (int(float(amount)) if step == "pay" else 0)

    @rule(by=people, value=st.sampled_from([True, False, "no"]))
    def tick(self, by, value):
        self.attempt(lambda: acts.tick(self.case.pk, "check", "seen", value=value, by=by, at=self.at))

    @rule(by=people)
    def override(self, by):
        self.attempt(
            lambda: acts.override(self.case.pk, "check", "seen", reason="原件在银行", by=by, at=self.at)
        )

    @rule(by=people, text=st.sampled_from(["来电", " ", "a\x00"]))
    def note(self, by, text):
        self.attempt(lambda: acts.note(self.case.pk, text=text, by=by, at=self.at))

    @rule(by=people, name=st.sampled_from(["answer", "finish", "law"]), resume=st.booleans())
    def pause(self, by, name, resume):
        if resume:
            self.attempt(lambda: acts.resume(self.case.pk, name, by=by, at=self.at))
        else:
            self.attempt(lambda: acts.pause(self.case.pk, name, reason="停电", by=by, at=self.at))

    @precondition(lambda self: self.case.pending_request_id is not None)
    @rule(by=people, decision=st.sampled_from(["yes", "yes", "yes", "return", "no"]))
    def vote(self, by, decision):
        request = ApprovalRequest.objects.get(pk=self.case.pending_request_id)
        event = self.attempt(
            lambda: acts.vote(request.pk, decision=decision, by=by, at=self.at, reason="看附件")
        )
        if event is not None:
            assert by.pk != request.requested_by
            assert request.state == ApprovalRequest.PENDING

    @precondition(lambda self: self.case.pending_request_id is not None)
    @rule(by=people, amount=amounts)
    def resubmit(self, by, amount):
        key = self.case.pending_request_id
        self.attempt(lambda: acts.resubmit(key, given={"amount": amount}, by=by, at=self.at))

    @precondition(lambda self: self.case.pending_request_id is not None)
    @rule(by=people)
    def withdraw(self, by):
        key = self.case.pending_request_id
        self.attempt(lambda: acts.withdraw(key, reason="不付了", by=by, at=self.at))

    @precondition(lambda self: self.case.closed_at is not None)
    @rule(step=steps, by=people)
    def closed_stays_closed(self, step, by):
        if step != "remark":
            with pytest.raises((NotReady, NotYourPost)), transaction.atomic():
                engine.advance(self.case.pk, step, by=by, at=self.at)

    @invariant()
    def the_story_leads_to_the_state(self):
        if self.case is None:
            return
        events = list(Event.objects.filter(case=self.case).order_by("case_seq"))
        assert [e.case_seq for e in events] == list(range(1, self.case.events + 1))
        state = ""
        for event in events:
            assert event.from_state == state or not event.step.isalpha()
            state = event.to_state
        assert state == self.case.state

    @invariant()
    def what_is_closed_waits_for_nobody(self):
        closed = Case.objects.filter(closed_at__isnull=False)
        assert not Todo.objects.filter(case__in=closed).exists()
        assert not Clock.objects.filter(case__in=closed, state__in=["running", "paused"]).exists()
        assert not closed.exclude(due_at=None).exists()

    @invariant()
    def the_nearest_running_clock_is_the_due_moment(self):
        if self.case is not None and self.case.closed_at is None:
            due = Clock.objects.filter(case=self.case, state="running").order_by("due_at").first()
            assert self.case.due_at == (due.due_at if due else None)

    @invariant()
    def at_most_one_request_is_open_and_the_case_knows_it(self):
        for case in Case.objects.all():
            open_ones = list(
                ApprovalRequest.objects.filter(case=case, state__in=["pending", "returned"]).values_list(
                    "id", flat=True
                )
            )
            assert open_ones == ([case.pending_request_id] if case.pending_request_id else [])

    @invariant()
    def no_money_is_lost(self):
        paid = 0
        from guiju.kernel.chain import open_body

        for event in Event.objects.filter(step="pay"):
            paid += int(float(open_body(event.body)["given"]["amount"]))
        assert toy.in_pot() + paid == FILLED
        assert (
            Reaction.objects.filter(event__step="pay").count() == 2 * Event.objects.filter(step="pay").count()
        )

    @invariant()
    def a_tick_is_used_once(self):
        used = Tick.objects.filter(used=True).count()
        assert used <= Event.objects.filter(step="check").count()


@pytest.mark.slow
@pytest.mark.django_db
def test_whatever_is_tried_in_whatever_order_what_must_hold_holds():
    run_state_machine_as_test(
        Desk,
        settings=settings(
            max_examples=EXAMPLES or 12,
            stateful_step_count=30,
            deadline=None,
            # The suite tries the same walks each time; a longer search on demand tries others.
            derandomize=not EXAMPLES,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
