"""Clocks of a case: what starts, stops and pauses them; reminders, the ladder and the clock's own step."""

from datetime import UTC, date, datetime, timedelta

import pytest

from guiju.kernel import acts, audit, calendar, chain, clocks, engine
from guiju.kernel.models import Case, Clock, ClockPause, Event, Todo
from guiju.kernel.policy import ClockPolicy
from guiju.kernel.refusals import BadlyFilled, NotReady

from . import toy
from .toy import FRIDAY, LIN, PROJECT, WU

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MONDAY = FRIDAY + 3 * DAY
# Three working days after Friday: Wednesday at the close of work, 18:00 in Beijing.
WEDNESDAY_CLOSE = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)


def advance(case, step, at, by=LIN, **given):
    return engine.advance(case, step, by=by, at=at, given=given)


def clock(case, name):
    return Clock.objects.filter(case=case, name=name).order_by("-id")[0]


def clocks_of(case):
    return sorted(Clock.objects.filter(case=case).values_list("name", "state"))


def test_a_step_starts_its_clocks_with_due_moments_from_the_calendar(install, ask):
    install()

    case = ask()

    assert clock(case, "answer").due_at == FRIDAY + DAY
    assert clock(case, "finish").due_at == WEDNESDAY_CLOSE
    case.refresh_from_db()
    assert case.due_at == FRIDAY + DAY


def test_the_limit_of_the_sop_goes_before_that_of_the_code(install, ask):
    install(toy.with_clock("answer", limit="8 小时", label="回话"))

    case = ask()

    assert (clock(case, "answer").due_at, clock(case, "answer").label) == (FRIDAY + 8 * HOUR, "回话")


def test_a_clock_may_take_its_moment_from_what_was_agreed(install, ask):
    install(toy.policy(settings={"agreed_at": FRIDAY + 5 * DAY}))
    case = ask()

    advance(case, "check", FRIDAY + HOUR)

    assert clock(case, "meet").due_at == FRIDAY + 5 * DAY
    assert clocks.explain(clock(case, "meet"), case) == ["约定时间：2026-11-25 10:00"]


def test_stopping_at_the_due_moment_is_in_time_and_a_second_later_is_late(install, ask):
    install()
    punctual, late = ask(), ask()

    advance(punctual, "check", FRIDAY + DAY)
    advance(late, "check", FRIDAY + DAY + timedelta(seconds=1))

    assert (clock(punctual, "answer").state, clock(late, "answer").state) == (Clock.MET, Clock.LATE)


def test_closing_a_case_stops_all_its_clocks(install, ask):
    install()
    case = ask()
    advance(case, "check", FRIDAY + HOUR)

    advance(case, "drop", MONDAY, by=WU, reason="不需要了")

    assert clocks_of(case) == [("answer", "met"), ("finish", "met"), ("law", "met"), ("meet", "met")]
    case.refresh_from_db()
    assert case.due_at is None


def test_a_clock_started_again_begins_anew_and_the_old_one_is_judged(install, ask):
    install()
    case = ask()
    advance(case, "check", FRIDAY + HOUR)

    advance(case, "recheck", FRIDAY + 10 * DAY)

    assert [
        (c.state, c.started_at) for c in Clock.objects.filter(case=case, name="finish").order_by("id")
    ] == [
        (Clock.LATE, FRIDAY),
        (Clock.RUNNING, FRIDAY + 10 * DAY),
    ]


# --- pauses ---------------------------------------------------------------------------------------------------------


def test_a_state_pauses_its_clock_and_the_next_resumes_it_with_a_new_due_moment(install, ask):
    install()
    case = ask()
    advance(case, "check", FRIDAY + HOUR)

    advance(case, "wait", FRIDAY + 2 * HOUR, reason="等发票")
    assert clock(case, "finish").state == Clock.PAUSED
    advance(case, "go_on", MONDAY + DAY + HOUR)

    # Paused at the end of Friday and Monday; Monday does not count.
    assert (clock(case, "finish").state, clock(case, "finish").due_at) == (
        Clock.RUNNING,
        WEDNESDAY_CLOSE + DAY,
    )
    (pause,) = ClockPause.objects.filter(clock=clock(case, "finish"))
    assert (pause.paused_at, pause.resumed_at, pause.reason) == (
        FRIDAY + 2 * HOUR, MONDAY + DAY + HOUR, "系统按流程暂停",
    )  # fmt: skip


def test_a_pause_within_one_day_changes_nothing(install, ask):
    install()
    case = ask()

    acts.pause(case, "finish", reason="停电", by=LIN, at=FRIDAY + HOUR)
    acts.resume(case, "finish", by=LIN, at=FRIDAY + 3 * HOUR)

    assert clock(case, "finish").due_at == WEDNESDAY_CLOSE
    assert [step for step, *_ in toy.story(case)] == ["ask", "pause", "resume"]


def test_paused_hours_do_not_count(install, ask):
    install()
    case = ask()

    acts.pause(case, "answer", reason="客户要求", by=LIN, at=FRIDAY + HOUR)
    case.refresh_from_db()
    assert case.due_at == WEDNESDAY_CLOSE
    acts.resume(case, "answer", by=LIN, at=FRIDAY + 5 * HOUR)

    case.refresh_from_db()
    assert clock(case, "answer").due_at == case.due_at == FRIDAY + DAY + 4 * HOUR
    assert Todo.objects.get(case=case).due_at == FRIDAY + DAY + 4 * HOUR


def test_a_clock_stopped_while_paused_is_judged_without_what_was_paused(install, ask):
    install()
    case = ask()
    acts.pause(case, "answer", reason="客户要求", by=LIN, at=FRIDAY + HOUR)

    advance(case, "check", FRIDAY + 3 * DAY)

    stopped = clock(case, "answer")
    assert (stopped.state, stopped.due_at) == (Clock.MET, FRIDAY + 3 * DAY + 23 * HOUR)
    assert ClockPause.objects.get(clock=stopped).resumed_at == FRIDAY + 3 * DAY


def test_a_clock_of_the_law_cannot_pause(install, ask):
    install()
    case = ask()
    advance(case, "check", FRIDAY + HOUR)

    with pytest.raises(NotReady, match="时限「法定时限」是法定或合同期限，不能暂停"):
        acts.pause(case, "law", reason="客户要求", by=LIN, at=FRIDAY + 2 * HOUR)


@pytest.mark.parametrize(
    ("act", "name", "sentence"),
    [
        (acts.resume, "answer", "时限「答复时限」没有暂停"),
        (acts.pause, "law", "时限「法定时限」没有在走"),
        (acts.pause, "tea", "没有这个时限"),
        (acts.resume, "tea", "没有这个时限"),
    ],
)
def test_a_pause_that_makes_no_sense_is_refused(install, ask, act, name, sentence):
    install()
    case = ask()
    words = {"reason": "客户要求"} if act is acts.pause else {}

    with pytest.raises(NotReady, match=sentence):
        act(case, name, by=LIN, at=FRIDAY, **words)
    assert ClockPause.objects.count() == 0


def test_a_pause_needs_a_reason_and_does_not_happen_twice(install, ask):
    install()
    case = ask()
    with pytest.raises(BadlyFilled, match="暂停理由"):
        acts.pause(case, "answer", reason=" ", by=LIN, at=FRIDAY)
    acts.pause(case, "answer", reason="客户要求", by=LIN, at=FRIDAY)

    with pytest.raises(NotReady, match="没有在走"):
        acts.pause(case, "answer", reason="客户要求", by=LIN, at=FRIDAY)


def test_an_explanation_names_the_ground_the_start_the_days_and_the_pauses(install, ask):
    install(toy.with_clock("finish", words="三个工作日内办结", clause="G-3"))
    case = ask()
    acts.pause(case, "finish", reason="停电", by=LIN, at=FRIDAY + HOUR)
    acts.resume(case, "finish", by=LIN, at=FRIDAY + 3 * HOUR)

    lines = clocks.explain(clock(case, "finish"), case)

    assert lines[0] == "依据：三个工作日内办结（第三部分 一 3）"
    assert "提出" in lines[1]
    assert lines[-1] == "暂停：2026-11-20 11:00 至2026-11-20 13:00，停电"


# --- the sweep ------------------------------------------------------------------------------------------------------

LADDER = dict(
    limit="8 小时",
    remind=("-2 小时", "-1 小时"),
    escalate=(("1 小时", "deputy_gm"), ("3 小时", "general_manager")),
)


def heard(case):
    return [
        (e.step.removeprefix("clock:"), chain.open_body(e.body)["offset"], chain.open_body(e.body)["post"])
        for e in Event.objects.filter(case=case, step__startswith="clock:").order_by("seq")
    ]


def test_reminders_due_moment_and_ladder_are_heard_in_order_each_once(install, ask):
    install(toy.with_clock("finish", **LADDER))
    case = ask()

    assert clocks.sweep(FRIDAY + 6 * HOUR - timedelta(seconds=1)) == 0
    for hours in (6, 6, 7, 8, 9, 9, 11, 12):
        clocks.sweep(FRIDAY + hours * HOUR)

    assert heard(case) == [
        ("remind", "2 小时", ""),
        ("remind", "1 小时", ""),
        ("due", "", ""),
        ("escalate", "1 小时", "deputy_gm"),
        ("escalate", "3 小时", "general_manager"),
    ]
    assert clock(case, "finish").breached_at == FRIDAY + 8 * HOUR
    assert sorted(Todo.objects.filter(case=case, act="escalate:finish").values_list("post", "label")) == [
        ("deputy_gm", "督办：办结时限"),
        ("general_manager", "督办：办结时限"),
    ]
    assert audit.verify().ok


def test_a_worker_that_slept_hears_everything_at_once_and_nothing_twice(install, ask):
    install(toy.with_clock("finish", **LADDER))
    case = ask()

    clocks.sweep(FRIDAY + 12 * HOUR)
    clocks.sweep(FRIDAY + 13 * HOUR)

    assert [kind for kind, *_ in heard(case)] == ["remind", "remind", "due", "escalate", "escalate"]


def test_a_reminder_that_lies_before_the_start_is_left_out(install, ask):
    install(toy.with_clock("finish", limit="1 小时", remind=("-2 小时",)))
    case = ask()

    clocks.sweep(FRIDAY + HOUR)

    assert [kind for kind, *_ in heard(case)] == ["due"]


def test_a_paused_clock_is_silent(install, ask):
    install(toy.with_clock("finish", **LADDER))
    case = ask()
    acts.pause(case, "finish", reason="停电", by=LIN, at=FRIDAY + HOUR)

    clocks.sweep(FRIDAY + 20 * HOUR)

    assert heard(case) == []


def test_a_resumed_clock_goes_on_with_what_was_not_yet_heard(install, ask):
    install(toy.with_clock("finish", **LADDER))
    case = ask()
    clocks.sweep(FRIDAY + 6 * HOUR)
    acts.pause(case, "finish", reason="停电", by=LIN, at=FRIDAY + 6 * HOUR)
    acts.resume(case, "finish", by=LIN, at=FRIDAY + 16 * HOUR)

    clocks.sweep(FRIDAY + 16 * HOUR)
    clocks.sweep(FRIDAY + 17 * HOUR)

    assert heard(case) == [("remind", "2 小时", ""), ("remind", "1 小时", "")]


def test_a_step_taken_too_late_clears_the_escalation(install, ask):
    install(toy.with_clock("finish", **LADDER))
    toy.fill_pot(10)
    case = ask()
    advance(case, "check", FRIDAY + HOUR)
    clocks.sweep(FRIDAY + 12 * HOUR)

    advance(case, "pay", FRIDAY + 13 * HOUR, amount="1")

    assert Todo.objects.count() == 0
    assert clock(case, "finish").state == Clock.LATE


def test_a_clock_that_ran_out_takes_its_own_step_as_the_system(install, ask):
    install()
    case = ask()

    clocks.sweep(FRIDAY + DAY)

    case.refresh_from_db()
    assert case.state == "dropped"
    assert toy.story(case)[1:] == [
        ("clock:due", "asked", "asked", "系统"),
        ("lapse", "asked", "dropped", "系统"),
    ]
    assert audit.verify().ok


def test_a_step_that_the_clock_cannot_take_is_left_and_the_breach_stays(install, ask):
    """The case waits for approval, so the clock's step is refused; nothing of the attempt remains."""
    from guiju.kernel.policy import ApprovalSeat, StepPolicy

    install(toy.policy(steps={"check": StepPolicy("check", approval=(ApprovalSeat(1, "cs_manager"),))}))
    case, other = ask(), ask()
    advance(case, "check", FRIDAY + HOUR)

    assert clocks.sweep(FRIDAY + DAY) == 2

    case.refresh_from_db()
    other.refresh_from_db()
    assert (case.state, other.state) == ("asked", "dropped")
    assert clock(case, "answer").breached_at == FRIDAY + DAY
    assert audit.verify().ok


def test_the_sweep_works_in_batches_until_nothing_is_due(install, ask):
    install()
    cases = [ask() for _ in range(7)]

    assert clocks.sweep(FRIDAY + DAY, batch=3) == 7

    assert Case.objects.filter(state="dropped").count() == len(cases)


def test_one_broken_case_stops_no_other(install, ask):
    install()
    good, broken, last = ask(), ask(), ask()
    Case.objects.filter(pk=broken.pk).update(sop_version_id=999)

    clocks.sweep(FRIDAY + DAY, batch=2)

    assert [Case.objects.get(pk=c.pk).state for c in (good, broken, last)] == ["dropped", "asked", "dropped"]
    assert clock(broken, "answer").alarm_at == FRIDAY + DAY + HOUR


def test_a_second_worker_with_an_old_list_sounds_nothing_again(install, ask):
    install(toy.with_clock("finish", **LADDER))
    case = ask()
    ids = [clock(case, "finish").pk]
    clocks._sound(ids, FRIDAY + 6 * HOUR)

    assert clocks._sound(ids, FRIDAY + 6 * HOUR) == 0
    assert len(heard(case)) == 1


def test_a_historic_case_has_no_clock_to_hear_when_none_was_started(install):
    install()
    Case.objects.create(
        number="QK-1", process="toy", sop_version_id=1, state="asked", title="旧", chain_id=toy.COMPANY,
        scope_id=PROJECT, opened_at=FRIDAY - 400 * DAY, historic=True,
    )  # fmt: skip

    assert clocks.sweep(FRIDAY) == 0


# --- the calendar changes -------------------------------------------------------------------------------------------


def change(day, is_workday, at=FRIDAY + HOUR):
    calendar.change_day(date=day, is_workday=is_workday, note="公司通知", by=WU, at=at)
    return clocks.recompute_open(at=at)


def test_a_changed_day_moves_the_open_clocks_over_it_the_case_and_its_to_dos(install, ask):
    install(toy.with_clock("answer", limit="5 工作日"))
    case = ask()

    assert change(date(2026, 11, 24), is_workday=False) == 2

    case.refresh_from_db()
    assert clock(case, "finish").due_at == case.due_at == WEDNESDAY_CLOSE + DAY
    assert Todo.objects.get(case=case).due_at == WEDNESDAY_CLOSE + DAY
    assert change(date(2026, 11, 24), is_workday=False) == 0


def test_a_changed_day_leaves_stopped_clocks_alone(install, ask):
    install()
    toy.fill_pot(10)
    case = ask()
    advance(case, "check", FRIDAY + HOUR)
    advance(case, "pay", FRIDAY + HOUR, amount="1")

    assert change(date(2026, 11, 24), is_workday=False) == 0
    assert clock(case, "finish").due_at == WEDNESDAY_CLOSE


@pytest.mark.parametrize("swept", [True, False])
def test_a_changed_day_never_makes_an_overdue_clock_punctual(install, ask, swept):
    install(toy.with_clock("answer", limit="30 日"))
    case = ask()
    thursday = WEDNESDAY_CLOSE + DAY
    if swept:
        clocks.sweep(thursday)

    assert change(date(2026, 11, 24), is_workday=False, at=thursday) == 0

    advance(case, "check", thursday)
    toy.fill_pot(10)
    advance(case, "pay", thursday, amount="1")
    assert clock(case, "finish").state == Clock.LATE


def test_a_changed_day_sends_nothing_again(install, ask):
    install(toy.with_clock("finish", remind=("-1 工作日",)))
    case = ask(by=LIN)
    advance(case, "check", FRIDAY + HOUR)
    tuesday = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
    clocks.sweep(tuesday)
    assert [kind for kind, *_ in heard(case)] == ["remind"]

    change(date(2026, 11, 25), is_workday=False, at=tuesday)
    clocks.sweep(tuesday + DAY)

    assert clock(case, "finish").due_at == WEDNESDAY_CLOSE + DAY
    assert [kind for kind, *_ in heard(case)] == ["remind"]


def test_a_paused_clock_follows_the_calendar_when_it_is_resumed(install, ask):
    install()
    case = ask()
    acts.pause(case, "finish", reason="停电", by=LIN, at=FRIDAY + HOUR)

    assert change(date(2026, 11, 24), is_workday=False) == 0
    acts.resume(case, "finish", by=LIN, at=FRIDAY + 2 * HOUR)

    assert clock(case, "finish").due_at == WEDNESDAY_CLOSE + DAY


def test_an_sop_may_leave_out_the_words_of_a_clock(install, ask):
    install(toy.policy(clocks={"finish": ClockPolicy("finish")}))
    case = ask()

    assert clocks.explain(clock(case, "finish"), case)
