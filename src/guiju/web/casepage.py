"""Reads one case for its page: step line, clocks with their explanation, acts with reasons, timeline, what it is about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Final

from django.db.models import QuerySet

from guiju.kernel import approvals, calendar, clocks, engine, ports
from guiju.kernel.engine import Option, PointState
from guiju.kernel.models import ApprovalRequest, Case, Clock, ClockPause, Event, Todo
from guiju.kernel.policy import Policy
from guiju.kernel.prepared import prepared
from guiju.kernel.process import Process, process_of
from guiju.kernel.refusals import Reason
from guiju.org.models import Person
from guiju.web import formats, stepform, story
from guiju.web.formats import Chip

#: The posts that the line of a step names before it only counts them.
MOST_POSTS: Final = 5


@dataclass(frozen=True)
class Why:
    """A reason with its clause as people know it."""

    text: str
    number: str
    kind: str = ""


@dataclass(frozen=True)
class Act:
    """A step as a button: open, or locked with its reasons."""

    option: Option
    whys: tuple[Why, ...]

    @property
    def name(self) -> str:
        return self.option.name

    @property
    def label(self) -> str:
        return self.option.label

    @property
    def open(self) -> bool:
        """Whether the button leads to the step: it can be taken, or only control points are missing."""
        return self.option.open or self.option.fillable

    @property
    def missing(self) -> tuple[PointState, ...]:
        """The required control points that nobody dealt with."""
        return tuple(state for state in self.option.points if state.point.required and not state.done)

    @property
    def done_points(self) -> int:
        """How many control points have been dealt with."""
        return sum(state.done for state in self.option.points)

    @property
    def barred(self) -> bool:
        """Whether the person holds the post, yet somebody else has to take the step."""
        return self.option.mine and any(reason.kind == "person" for reason in self.option.reasons)

    @property
    def posts(self) -> str:
        """The posts that may take the step."""
        return "、".join(ports.people().post_label(post) for post in self.option.posts)

    @property
    def why(self) -> str:
        """The first reason, for a line with little room."""
        return self.whys[0].text if self.whys else ""


@dataclass(frozen=True)
class Stage:
    """One step of the line of the procedure: done, now, or to come."""

    number: int
    name: str
    label: str
    clause: str
    state: str
    meta: str = ""
    act: Act | None = None


@dataclass(frozen=True)
class Timer:
    """A clock of the case with its chip and its explanation."""

    clock: Clock
    chip: Chip
    lines: tuple[str, ...]
    law: bool
    paused_for: str = ""


@dataclass(frozen=True)
class Seat:
    """One seat of an approval: who is asked, what was said."""

    post: str
    decision: str
    who: str
    reason: str
    mine: bool
    now: bool


@dataclass(frozen=True)
class Approval:
    """The open request of the case."""

    request: ApprovalRequest
    label: str
    who: str
    seats: tuple[Seat, ...]
    facts: Sequence[tuple[str, object]]
    returned: bool
    own: bool
    may_vote: bool


@dataclass
class CasePage:
    """Everything the page of a case shows."""

    case: Case
    process: Process
    policy: Policy
    state_label: str
    tone: str
    acts: list[Act]
    stages: list[Stage]
    timers: list[Timer]
    chip: Chip
    deadline_words: str
    lines: list[story.Line]
    whole: bool
    earlier: int
    approval: Approval | None
    owner: str = ""
    points_done: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    todos: frozenset[str] = frozenset()

    @cached_property
    def primary(self) -> Act | None:
        """The step's own act: the way forward from here, open or locked; what is wanted now comes before what is not."""
        mine = [act for act in self.acts if act.option.primary and act.option.mine]
        wanted = [act for act in self.acts if act.open and act.name in self.todos]
        return (
            next((act for act in mine if act.open and act.name in self.todos), None)
            or next(iter(wanted), None)
            or next((act for act in mine if act.open), None)
            or next(iter(mine), None)
        )

    @cached_property
    def others(self) -> list[Act]:
        """The other acts that can be taken now, in the order of the process."""
        return [act for act in self.acts if act.open and act is not self.primary]

    @property
    def seconds(self) -> list[Act]:
        """Those that stand in the bar."""
        return self.others[:3]

    @property
    def more(self) -> list[Act]:
        """Those behind 更多."""
        return self.others[3:]

    @cached_property
    def locked(self) -> list[Act]:
        """What cannot be done now, with reasons: the person's own acts first, then those of this state."""
        locked = [act for act in self.acts if not act.open and act is not self.primary]
        return sorted(locked, key=lambda act: (not act.option.mine, not act.option.here))

    @cached_property
    def all_locked(self) -> list[Act]:
        """Everything that cannot be done now, the primary act included."""
        first = self.primary
        return ([first] if first is not None and not first.option.open else []) + self.locked

    @cached_property
    def now(self) -> Stage | None:
        """The step in hand."""
        return next((stage for stage in self.stages if stage.state == "now"), None)

    @cached_property
    def done(self) -> int:
        """How many steps of the line are done."""
        return sum(stage.state == "done" for stage in self.stages)


def whys(reasons: Iterable[Reason], policy: Policy) -> tuple[Why, ...]:
    """Return reasons with clause numbers as people know them; a reason said twice is shown once."""
    found: dict[str, Why] = {}
    for reason in reasons:
        found.setdefault(
            reason.text, Why(reason.text, policy.number(reason.clause) if reason.clause else "", reason.kind)
        )
    # Whose work it is comes first: it answers most of "why not me, why not now".
    return tuple(sorted(found.values(), key=lambda why: why.kind != "post"))


def load(
    case: Case, *, by: Person, at: datetime, masked: bool = False, before: int | None = None
) -> CasePage:
    """
    Return the page of a case as this person sees it now; ``masked``: without people's names and numbers.

    ``before``: what happened is read back from this place in the case; otherwise the newest of it.
    """
    process = process_of(case.process)
    policy = ports.policies().get(case.sop_version_id)
    options = engine.options(case, by=by, at=at)
    acts = [Act(option, whys(option.reasons, policy)) for option in options]
    events = _events(case.pk, before or _NEWEST)
    lines = story.read(events, process, policy, masked=masked)
    timers = _timers(case, process, at)
    nearest = next((timer for timer in timers if timer.clock.state == Clock.RUNNING), None)
    state = process.state(case.state)
    return CasePage(
        case=case,
        process=process,
        policy=policy,
        state_label=state.label,
        tone=state.tone,
        acts=acts,
        stages=_stages(case, process, policy, acts, at),
        timers=timers,
        chip=_case_chip(case, timers, at),
        deadline_words=_deadline_words(nearest, at),
        lines=lines,
        whole=len(events) == case.events,
        earlier=max(events[-1].case_seq - 1, 0) if events else 0,
        approval=_approval(case, process, policy, by, at, masked),
        todos=frozenset(_wanted(case.pk)),
        owner=ports.people().name(case.opened_by) if case.opened_by else "系统",
        counts={
            kind: sum(line.kind == kind for line in lines)
            for kind in (story.CONTACT, story.NOTES, story.STEPS, story.SYSTEM)
        },
    )


#: So much of what happened is shown at once.
STORY = 100
_NEWEST = 2**31 - 1


@prepared
def _events(case_id: int, before: int) -> QuerySet[Event, Event]:
    return Event.objects.filter(case_id=case_id, case_seq__lt=before).order_by("-case_seq")[:STORY]


@prepared
def _taken(case_id: int, steps: list[str]) -> QuerySet[Event, Event]:
    return Event.objects.filter(case_id=case_id, step__in=steps).defer("body").order_by("case_seq")


@prepared
def _wanted(case_id: int) -> QuerySet[Todo, str]:
    return Todo.objects.filter(case_id=case_id).values_list("act", flat=True)


@prepared
def _clocks(case_id: int) -> QuerySet[Clock, Clock]:
    return Clock.objects.filter(case_id=case_id)


@prepared
def _pauses(case_id: int) -> QuerySet[ClockPause, ClockPause]:
    return ClockPause.objects.filter(clock__case_id=case_id).order_by("paused_at", "pk")


def _deadline_words(timer: Timer | None, at: datetime) -> str:
    if timer is None:
        return ""
    return f"{formats.due_moment(timer.clock.due_at, now=at)} 前，{timer.clock.label}"


def _case_chip(case: Case, timers: list[Timer], at: datetime) -> Chip:
    if case.closed_at is not None or case.historic:
        late = any(timer.clock.state == Clock.LATE for timer in timers)
        if case.historic:
            return Chip("none", "历史")
        return Chip("late", "曾超期") if late else Chip("done", "已结束")
    running = [timer for timer in timers if timer.clock.state == Clock.RUNNING]
    if running:
        return running[0].chip
    return timers[0].chip if timers and timers[0].clock.state == Clock.PAUSED else Chip("none", "无时限")


def clock_chip(clock: Clock, at: datetime, pause: ClockPause | None = None) -> Chip:
    """Return the chip of one clock."""
    if clock.state == Clock.MET:
        return Chip("done", "按时办结")
    if clock.state == Clock.LATE:
        return Chip("late", "超期办结")
    if clock.state == Clock.VOID:
        return Chip("none", "已作废")
    paused = (pause.reason if pause else "原因未记") if clock.state == Clock.PAUSED else ""
    return formats.chip(clock.due_at, now=at, started_at=clock.started_at, paused=paused, what=clock.label)


def _timers(case: Case, process: Process, at: datetime) -> list[Timer]:
    order = {Clock.RUNNING: 0, Clock.PAUSED: 1}
    found = _clocks(case.pk)
    pauses: dict[int, list[ClockPause]] = defaultdict(list)
    for pause in _pauses(case.pk) if found else ():
        pauses[pause.clock_id].append(pause)
    days = calendar.current(case.chain_id) if found else None
    found.sort(
        key=lambda clock: (
            order.get(clock.state, 2),
            clock.due_at if clock.state in order else datetime.max.replace(tzinfo=at.tzinfo),
            -clock.pk,
        )
    )
    laws = {rule.name: rule.law for rule in process.clocks}
    timers = []
    for clock in found:
        open_pause = next((pause for pause in pauses[clock.pk] if pause.resumed_at is None), None)
        timers.append(
            Timer(
                clock,
                clock_chip(clock, at, open_pause),
                tuple(clocks.explain(clock, case, days=days, pauses=pauses[clock.pk]))
                if clock.state in order
                else (),
                laws.get(clock.name, False),
                open_pause.reason if open_pause else "",
            )
        )
    return timers


def _named(posts: Sequence[str]) -> str:
    """Return the posts of a step as its line has room for them; the step's own page names them all."""
    if len(posts) <= MOST_POSTS:
        return "、".join(posts)
    return f"{'、'.join(posts[: MOST_POSTS - 1])}等 {len(posts)} 个岗位"


def _stages(case: Case, process: Process, policy: Policy, acts: Sequence[Act], at: datetime) -> list[Stage]:
    """The main line of the procedure: the opening step and every way forward, in the order of the process."""
    by_name = {act.name: act for act in acts}
    main = [step for step in process.steps if step.opens or step.main]
    taken = {event.step: event for event in _taken(case.pk, [step.name for step in main])}
    last = max((at_ for at_, step in enumerate(main) if step.name in taken), default=-1)
    state = process.state(case.state)
    now = next((at_ for at_, step in enumerate(main) if at_ > last and state in step.when), None)
    if now is None and case.closed_at is None:
        now = next((at_ for at_, step in enumerate(main) if state in step.when), None)
    stages = []
    for number, step in enumerate(main):
        said = policy.step(step.name)
        event = taken.get(step.name)
        kind = "now" if number == now else "done" if event is not None else "todo"
        meta = ""
        if event is not None and kind == "done":
            who = ports.people().name(event.actor_id) if event.actor_id else "系统"
            meta = f"{who} {formats.local(event.happened_at):%m-%d %H:%M}"
        elif kind != "done":
            meta = _named([ports.people().post_label(post) for post in engine.allowed_posts(step, said)])
        clause = said.clause or step.clause
        stages.append(
            Stage(
                number + 1,
                step.name,
                said.label or step.label,
                policy.number(clause) if clause else "",
                kind,
                meta,
                by_name.get(step.name),
            )
        )
    return stages


def _approval(
    case: Case, process: Process, policy: Policy, by: Person, at: datetime, masked: bool
) -> Approval | None:
    if case.pending_request_id is None:
        return None
    request = case.requests.prefetch_related("votes").get(pk=case.pending_request_id)
    people = ports.people()
    posts = people.posts_of(by.pk, company_id=case.chain_id, project_id=case.scope_id, at=at)
    waiting = {entry["seat"] for entry in approvals.open_seats(request)}
    votes = {vote.seat: vote for vote in request.votes.all() if vote.round == request.round}
    barred = {request.requested_by, *people.delegates_of(request.requested_by, at=at)}
    may = by.pk not in barred and not any(behalf in barred for behalf in posts.values() if behalf is not None)
    seats = []
    for entry in request.chain:
        vote = votes.get(entry["seat"])
        seats.append(
            Seat(
                people.post_label(entry["post"]),
                story.VOTES.get(vote.decision, "") if vote else "",
                people.name(vote.person_id) if vote else "",
                vote.reason if vote else "",
                may and entry["seat"] in waiting and entry["post"] in posts,
                entry["seat"] in waiting,
            )
        )
    step = process.step(request.step)
    given = approvals.given_of(request)
    return Approval(
        request,
        story.step_label(request.step, process, policy),
        people.name(request.requested_by),
        tuple(seats),
        stepform.shown(step.form, given, masked=masked) if step else (),
        request.state == ApprovalRequest.RETURNED,
        request.requested_by == by.pk,
        any(seat.mine for seat in seats),
    )
