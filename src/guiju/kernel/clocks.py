"""The clocks of a case: started and stopped by named steps, paused with a reason, reminded and escalated by a sweep.

A due moment is computed once and stored. Overdue is a query. Alarms are claimed by compare-and-set, so that a late or
second worker loses nothing and sends nothing twice (DECISIONS 9, STYLE 15 and 16).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import QuerySet

from guiju.kernel import calendar, ports, store
from guiju.kernel.duration import Due, Limit, due, offset_at
from guiju.kernel.models import Case, Clock, ClockPause, Todo
from guiju.kernel.policy import ClockPolicy, Policy
from guiju.kernel.prepared import prepared
from guiju.kernel.process import ClockRule, Process, process_of
from guiju.kernel.refusals import NotReady, Reason, Refused

if TYPE_CHECKING:
    from guiju.kernel.context import Context

log = logging.getLogger(__name__)

ZONE = ZoneInfo("Asia/Shanghai")
BATCH = 100
SYSTEM_PAUSE = "系统按流程暂停"


@dataclass(frozen=True)
class Alarm:
    """A moment at which a running clock makes itself heard: a reminder, the due moment, a step of the ladder."""

    at: datetime
    kind: str
    post: str = ""
    text: str = ""


def rule_of(process: Process, name: str) -> ClockRule:
    """Return the clock rule of this name (KeyError if the process has none)."""
    return next(rule for rule in process.clocks if rule.name == name)


def limit_of(rule: ClockRule, said: ClockPolicy) -> str:
    """Return the limit in force: the SOP's, else the code's."""
    return said.limit or rule.limit


def compute(
    rule: ClockRule,
    limit: str,
    start: datetime,
    days: calendar.Calendar,
    pauses: Sequence[ClockPause],
    *,
    event: str = "",
) -> Due:
    """Return the due moment of a limit from its start, with the lines that explain it."""
    periods = tuple((pause.paused_at, pause.resumed_at) for pause in pauses if pause.resumed_at is not None)
    return due(Limit.parse(limit, law=rule.law, rolls=rule.rolls), start, days, periods, event=event)


def alarms(clock: Clock, policy: Policy, days: calendar.Calendar) -> list[Alarm]:
    """Return the moments at which the clock is heard, in order: reminders, the due moment, the ladder after it."""
    said = policy.clock(clock.name)
    found = [Alarm(clock.due_at, "due")]
    for text in said.remind:
        at = offset_at(text if text.startswith("-") else f"-{text}", clock.due_at, days)
        if at > clock.started_at:
            found.append(Alarm(at, "remind", text=text.lstrip("- ")))
    for text, post in said.escalate:
        found.append(Alarm(max(offset_at(text, clock.due_at, days), clock.due_at), "escalate", post, text))
    order = {"remind": 0, "due": 1, "escalate": 2}
    return sorted(found, key=lambda alarm: (alarm.at, order[alarm.kind]))


def turn(context: Context, *, opening: bool, ended: bool) -> list[Clock]:
    """Stop, start, pause and resume the clocks that the step turns; return those still open."""
    process, case, step = context.process, context.case, context.step
    if not process.clocks:
        return []
    running = [] if opening else open_of(case)
    still: list[Clock] = []
    wanted = dict(context.wanted_clocks)
    starting = [rule.name for rule in process.clocks if step.name in rule.starts or rule.name in wanted]
    for clock in running:
        rule = rule_of(process, clock.name)
        if ended or step.name in rule.stops or clock.name in starting:
            _stop(context, clock)
        else:
            still.append(clock)
    for name in starting:
        still.append(_start(context, rule_of(process, name), wanted.get(name)))
    for name, reason in context.paused_clocks:
        _pause(context, still, name, reason)
    for name in context.resumed_clocks:
        _resume(context, still, name)
    _pause_by_state(context, still)
    return still


def open_of(case: Case) -> list[Clock]:
    """Return the clocks of a case that run or are paused."""
    return _open_clocks(case.pk)


@prepared
def _open_clocks(case_id: int) -> QuerySet[Clock, Clock]:
    return Clock.objects.filter(case_id=case_id, state__in=[Clock.RUNNING, Clock.PAUSED]).order_by("id")


def open_of_each(cases: Sequence[Case]) -> dict[int, list[Clock]]:
    """Return the clocks of several cases that run or are paused, by case."""
    found: dict[int, list[Clock]] = {case.pk: [] for case in cases}
    for clock in _open_clocks_of_each(list(found)):
        found[clock.case_id].append(clock)
    return found


@prepared
def _open_clocks_of_each(case_ids: list[int]) -> QuerySet[Clock, Clock]:
    open_ones = Clock.objects.filter(case_id__in=case_ids, state__in=[Clock.RUNNING, Clock.PAUSED])
    return open_ones.order_by("id")


def _stop(context: Context, clock: Clock) -> None:
    if clock.state == Clock.PAUSED:
        _end_pause(context, clock)
    clock.state = Clock.MET if context.at <= clock.due_at else Clock.LATE
    store.update(
        Clock,
        {"state": clock.state, "due_at": clock.due_at, "stopped_at": context.at, "alarm_at": None},
        id=clock.pk,
    )


def _end_pause(context: Context, clock: Clock) -> None:
    """End the pause in hand, and move the due moment by what was paused."""
    rule = rule_of(context.process, clock.name)
    open_pause = ClockPause.objects.get(clock=clock, resumed_at=None)
    # A late entry may say that the pause ended before it began: then it took no time.
    open_pause.resumed_at = max(context.at, open_pause.paused_at)
    open_pause.save(update_fields=["resumed_at"])
    if clock.limit:
        days, pauses = calendar.current(clock.chain_id), list(clock.pauses.order_by("paused_at", "id"))
        clock.due_at = compute(rule, clock.limit, clock.started_at, days, pauses).at
    else:
        clock.due_at += open_pause.resumed_at - open_pause.paused_at


def _start(context: Context, rule: ClockRule, due_at: datetime | None) -> Clock:
    case, policy = context.case, context.policy
    days = calendar.current(case.chain_id)
    said = policy.clock(rule.name)
    limit = limit_of(rule, said)
    if due_at is None and rule.due is not None:
        found = rule.due(context)
        # A text is the limit that a decision table of the SOP gives, and explains itself as one.
        limit, due_at = (found, None) if isinstance(found, str) else (limit, found)
    if due_at is None:
        due_at = compute(rule, limit, context.at, days, ()).at
    else:
        limit = ""
    clock = Clock(
        case_id=case.pk, name=rule.name, label=said.label or rule.label, limit=limit, state=Clock.RUNNING,
        started_at=context.at, started_by_step=context.step.name, due_at=due_at, chain_id=case.chain_id,
    )  # fmt: skip
    ladder = alarms(clock, policy, days)
    clock.alarm_at = ladder[0].at
    (clock.pk,) = store.insert(
        Clock,
        [
            {
                "case": case.pk, "name": clock.name, "label": clock.label, "limit": limit, "state": clock.state,
                "started_at": clock.started_at, "started_by_step": clock.started_by_step, "due_at": due_at,
                "alarm_at": clock.alarm_at, "alarm": 0, "chain_id": case.chain_id,
            }
        ],
    )  # fmt: skip
    return clock


def _pause_by_state(context: Context, still: list[Clock]) -> None:
    after = context.step.to
    if after is None:
        return
    for clock in still:
        rule = rule_of(context.process, clock.name)
        if after in rule.paused_in and clock.state == Clock.RUNNING:
            _pause(context, still, clock.name, SYSTEM_PAUSE)
        elif rule.paused_in and after not in rule.paused_in and clock.state == Clock.PAUSED:
            _resume(context, still, clock.name)


def _pause(context: Context, still: list[Clock], name: str, reason: str) -> None:
    clock = next((c for c in still if c.name == name and c.state == Clock.RUNNING), None)
    rule = rule_of(context.process, name)
    if clock is None:
        raise NotReady([Reason(f"时限「{rule.label}」没有在走", rule.clause, "clock")])
    if rule.law:
        raise NotReady([Reason(f"时限「{clock.label}」是法定或合同期限，不能暂停", rule.clause, "clock")])
    ClockPause.objects.create(clock=clock, paused_at=context.at, reason=reason)
    clock.state = Clock.PAUSED
    store.update(Clock, {"state": Clock.PAUSED}, id=clock.pk)


def _resume(context: Context, still: list[Clock], name: str) -> None:
    clock = next((c for c in still if c.name == name and c.state == Clock.PAUSED), None)
    rule = rule_of(context.process, name)
    if clock is None:
        raise NotReady([Reason(f"时限「{rule.label}」没有暂停", rule.clause, "clock")])
    _end_pause(context, clock)
    clock.state = Clock.RUNNING
    _replan(clock, context.policy)
    store.update(Clock, {"state": Clock.RUNNING}, id=clock.pk)


def _replan(clock: Clock, policy: Policy) -> None:
    """Store a new due moment and the next alarm; those already heard are not heard again."""
    ladder = alarms(clock, policy, calendar.current(clock.chain_id))
    clock.alarm = min(clock.alarm, len(ladder))
    clock.alarm_at = ladder[clock.alarm].at if clock.alarm < len(ladder) else None
    store.update(
        Clock, {"due_at": clock.due_at, "alarm": clock.alarm, "alarm_at": clock.alarm_at}, id=clock.pk
    )


def pause(context: Context, name: str, reason: str) -> None:
    """Pause a clock of the case.

    :raises NotReady: it does not run, or the law does not let it pause.
    """
    if name not in [rule.name for rule in context.process.clocks]:
        raise NotReady("没有这个时限")
    _pause(context, open_of(context.case), name, reason)


def resume(context: Context, name: str) -> None:
    """Resume a paused clock of the case.

    :raises NotReady: it is not paused.
    """
    if name not in [rule.name for rule in context.process.clocks]:
        raise NotReady("没有这个时限")
    _resume(context, open_of(context.case), name)


def explain(
    clock: Clock,
    case: Case,
    *,
    days: calendar.Calendar | None = None,
    pauses: Sequence[ClockPause] | None = None,
) -> list[str]:
    """
    Return, line by line, how the due moment came about: start, calendar, holidays, make-up days, pauses.

    ``days`` and ``pauses`` spare queries when several clocks are explained.
    """
    process = process_of(case.process)
    step = process.step(clock.started_by_step)
    policy = ports.policies().get(case.sop_version_id)
    said = policy.clock(clock.name)
    lines = []
    if said.words or said.clause:
        number = policy.number(said.clause)
        lines.append(f"依据：{said.words or said.label}" + (f"（{number}）" if number else ""))
    if pauses is None:
        pauses = sorted(clock.pauses.all(), key=lambda stop: (stop.paused_at, stop.pk))
    rule = rule_of(process, clock.name)
    if clock.limit:
        event = step.label if step else clock.started_by_step
        days = days or calendar.current(clock.chain_id)
        lines += compute(rule, clock.limit, clock.started_at, days, pauses, event=event).lines
    else:
        due = clock.due_at.astimezone(ZONE)
        # The end of a day is its own 24:00, not the first minute of the next.
        ends = due.hour == due.minute == 0
        lines.append(
            f"当日 24:00 为止：{due - timedelta(days=1):%Y-%m-%d}"
            if ends
            else f"约定时间：{due:%Y-%m-%d %H:%M}"
        )
    for stop in pauses:
        ended = f"{stop.resumed_at.astimezone(ZONE):%Y-%m-%d %H:%M}" if stop.resumed_at else "现在"
        lines.append(f"暂停：{stop.paused_at.astimezone(ZONE):%Y-%m-%d %H:%M} 至{ended}，{stop.reason}")
    return lines


def sweep(at: datetime, *, batch: int = BATCH) -> int:
    """
    Sound the alarms that are due: remind, mark overdue, climb the ladder, take the clock's own step. Return how many.

    A batch is one transaction; when it fails its clocks are tried singly, so that one bad case stops no other.
    """
    sounded = 0
    while True:
        due_now = list(
            Clock.objects.filter(state=Clock.RUNNING, alarm_at__lte=at)
            .order_by("alarm_at", "id")
            .values_list("id", flat=True)[:batch]
        )
        if not due_now:
            return sounded
        try:
            done = _sound(due_now, at)
        except Exception:
            log.exception("a batch of clocks failed, trying singly")
            done = sum(_sound_singly(clock_id, at) for clock_id in due_now)
        sounded += done
        if not done:
            return sounded


def _sound_singly(clock_id: int, at: datetime) -> int:
    try:
        return _sound([clock_id], at)
    except Exception:
        log.exception("clock %s failed and is put off for an hour", clock_id)
        store.update(Clock, {"alarm_at": at + timedelta(hours=1)}, id=clock_id)
        return 1


def _sound(ids: Sequence[int], at: datetime) -> int:
    from guiju.kernel import engine  # the sweep is a caller of the door, the door turns clocks

    with transaction.atomic():
        work = engine.Work()
        due_now = Clock.objects.filter(pk__in=ids, state=Clock.RUNNING, alarm_at__lte=at)
        rows = engine.with_last_event(
            Case.objects.filter(pk__in=set(due_now.values_list("case_id", flat=True))).order_by("id")
        )
        cases = {
            case.pk: case for case in (rows.select_for_update(of=("self",)) if store.lock_suffix() else rows)
        }
        # Read again under the locks: somebody may just have stopped, paused or sounded one.
        found = list(due_now.filter(case_id__in=cases).order_by("case_id", "id"))
        todos: list[dict[str, object]] = []
        steps: list[tuple[Clock, str]] = []
        replanned: dict[int, Case] = {}
        heard_of: list[tuple[Clock, list[Alarm]]] = []
        claims: list[dict[str, Any]] = []
        count = 0
        days_of = cache(calendar.current)
        for clock in found:
            policy = ports.policies().get(cases[clock.case_id].sop_version_id)
            ladder = alarms(clock, policy, days_of(clock.chain_id))
            rung = clock.alarm
            heard = [alarm for alarm in ladder[rung:] if alarm.at <= at]
            if not heard:
                _replan(clock, policy)
                count += 1
                continue
            following = rung + len(heard)
            breached = any(alarm.kind == "due" for alarm in heard)
            claims.append(
                {
                    "id": clock.pk, "was": rung, "alarm": following,
                    "alarm_at": ladder[following].at if following < len(ladder) else None,
                    "breached_at": clock.due_at if breached else clock.breached_at,
                }
            )  # fmt: skip
            heard_of.append((clock, heard))
        claimed = set(store.update_many(Clock, claims, alarm="was"))
        sounding = [(clock, heard) for clock, heard in heard_of if clock.pk in claimed]
        for clock, heard in sounding:
            case = cases[clock.case_id]
            count += 1
            rule = rule_of(process_of(case.process), clock.name)
            for alarm in heard:
                case.events += 1
                engine.queue(
                    work, case, f"clock:{alarm.kind}", from_state=case.state, by_id=None, happened_at=at,
                    recorded_at=at, content={"clock": clock.name, "label": clock.label, "due_at": clock.due_at,
                                             "post": alarm.post, "offset": alarm.text},
                )  # fmt: skip
                if alarm.kind == "escalate":
                    todos.append(_escalation(clock, case, alarm, at))
                if alarm.kind == "due" and rule.then:
                    steps.append((clock, rule.then))
            if rule.replans and not case.pending_request_id:
                replanned[case.pk] = case
        touched = {clock.case_id: cases[clock.case_id] for clock, _ in sounding}
        store.update_many(Case, [{"id": case.pk, "events": case.events} for case in touched.values()])
        _add_todos(todos)
        engine.replan(list(replanned.values()), at=at, work=work)
        for clock, step in steps:
            _take(engine, work, cases[clock.case_id], step, at)
        work.finish()
        return count


def _take(engine: Any, work: Any, case: Case, step: str, at: datetime) -> None:
    try:
        with work.attempt():
            engine._advance(
                case.pk, step, by=None, at=at, given={}, version=None, key=None, happened_at=None, work=work,
            )  # fmt: skip
    except Refused as refused:
        log.warning("the clock could not take %s of %s: %s", step, case.number, refused)


def _escalation(clock: Clock, case: Case, alarm: Alarm, at: datetime) -> dict[str, object]:
    return {
        "case": case.pk, "act": f"escalate:{clock.name}", "label": f"督办：{clock.label}"[:60], "post": alarm.post,
        "person_id": None, "chain_id": case.chain_id, "scope_id": case.scope_id, "due_at": clock.due_at,
        "since_at": at,
    }  # fmt: skip


def _add_todos(rows: list[dict[str, object]]) -> None:
    if not rows:
        return
    pairs = {(row["case"], row["act"], row["post"]) for row in rows}
    there = set(
        Todo.objects.filter(case_id__in={case for case, _, _ in pairs}).values_list("case_id", "act", "post")
    )
    fresh = {(row["case"], row["act"], row["post"]): row for row in rows}
    store.insert(Todo, [row for pair, row in fresh.items() if pair not in there])


def recompute_open(company_id: int | None = None, *, at: datetime | None = None) -> int:
    """Compute the due moments of running clocks anew after a calendar change; return how many moved.

    It never un-breaches and never sends again (DECISIONS 9): a clock that was marked overdue, or fell due before
    ``at``, keeps its due moment. Paused clocks follow when they are resumed.
    """
    moved = 0
    days_of = cache(calendar.current)
    rows = Clock.objects.filter(state=Clock.RUNNING, breached_at=None).exclude(limit="").order_by("id")
    rows = rows.select_related("case")
    if company_id is not None:
        rows = rows.filter(chain_id=company_id)
    if at is not None:
        rows = rows.filter(due_at__gte=at)
    for clock in rows.iterator(chunk_size=500):
        case = clock.case
        rule = rule_of(process_of(case.process), clock.name)
        now_due = compute(
            rule,
            clock.limit,
            clock.started_at,
            days_of(clock.chain_id),
            list(clock.pauses.order_by("paused_at")),
        ).at
        if now_due == clock.due_at:
            continue
        with transaction.atomic():
            if store.lock_suffix():
                Case.objects.select_for_update().get(pk=case.pk)
            clock.refresh_from_db()
            if clock.state != Clock.RUNNING or clock.breached_at is not None:
                continue
            clock.due_at = now_due
            _replan(clock, ports.policies().get(case.sop_version_id))
            open_due = list(
                Clock.objects.filter(case=case, state=Clock.RUNNING).values_list("due_at", flat=True)
            )
            store.update(Case, {"due_at": min(open_due)}, id=case.pk)
            Todo.objects.filter(case=case).exclude(act__startswith="escalate:").update(due_at=min(open_due))
        moved += 1
    return moved
