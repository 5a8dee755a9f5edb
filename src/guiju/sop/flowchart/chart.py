"""What a flowchart shows: the states and steps of the code, in the words of the SOP. Nothing here is drawn by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from guiju.kernel.models import Case, Event
from guiju.kernel.policy import Policy, StepPolicy
from guiju.kernel.process import ClockRule, Process, State, Step
from guiju.org import posts
from guiju.sop.models import day_of


@dataclass(frozen=True)
class Box:
    """A state."""

    value: str
    label: str
    ends: bool
    limits: tuple[str, ...] = ()


@dataclass(frozen=True)
class Act:
    """A step: from where it can be taken, where it leads (None: the case stays), who takes it, by which clause."""

    name: str
    index: int
    label: str
    sources: tuple[str, ...]
    target: str | None
    posts: str
    number: str
    approval: str = ""
    main: bool = False
    by_clock: bool = False


@dataclass(frozen=True)
class Chart:
    """A whole process, ready to be laid out. ``spine`` is the way from the first state to the good end."""

    title: str
    code: str
    version: str
    boxes: Mapping[str, Box]
    opening: Act
    acts: tuple[Act, ...]
    spine: tuple[str, ...]

    def stays(self) -> list[Act]:
        """Return the steps that leave the case where it is."""
        return [act for act in self.acts if act.target is None]

    def moves(self) -> list[Act]:
        """Return the steps that lead elsewhere."""
        return [act for act in self.acts if act.target is not None]


@dataclass(frozen=True)
class Live:
    """Where a case is: its state, the states it came through, and who took which step when (the latest time)."""

    here: str = ""
    past: frozenset[str] = frozenset()
    taken: Mapping[str, str] = field(default_factory=dict)


def chart_of(process: Process, policy: Policy | None = None) -> Chart:
    """Return the chart of the definition that runs, with the words of an SOP version."""
    said = policy or Policy(id=0, code=process.sop, version="", title=process.label, process=process.name)
    acts: list[Act] = []
    opening: Act | None = None
    for index, step in enumerate(process.steps, 1):
        act = _act(step, index, said)
        if step.opens:
            opening = act
        else:
            acts.append(act)
    assert opening is not None
    boxes = {
        state.value: Box(state.value, state.label, state in process.ends, _limits(process, said, state))
        for state in process.states
    }
    return Chart(said.title, said.code, said.version, boxes, opening, tuple(acts), _spine(process))


def _act(step: Step, index: int, policy: Policy) -> Act:
    said = policy.step(step.name)
    chosen = [post for post in said.posts if post in step.by] or list(step.by)
    if step.by_clock and not step.by:
        who = "系统按时"
    else:
        who = "、".join(posts.label(post) for post in chosen)
    clause = said.clause or step.clause
    stays = step.to is None or all(state is step.to for state in step.when)
    sources = tuple(state.value for state in step.when if stays or state is not step.to)
    return Act(
        name=step.name,
        index=index,
        label=said.label or step.label,
        sources=sources,
        target=None if stays and not step.opens else (step.to.value if step.to else None),
        posts=who,
        number=policy.number(clause),
        approval=_approval(said),
        main=step.main or step.opens,
        by_clock=step.by_clock,
    )


def _approval(said: StepPolicy) -> str:
    by_order: dict[int, list[str]] = {}
    for seat in said.approval:
        by_order.setdefault(seat.order, []).append(posts.label(seat.post))
    chain = " → ".join("、".join(dict.fromkeys(by_order[order])) for order in sorted(by_order))
    return f"{chain}（按条件）" if any(seat.condition for seat in said.approval) else chain


def _limits(process: Process, policy: Policy, state: State) -> tuple[str, ...]:
    """Return the limits that begin to run on entering the state by the way forward."""
    found = []
    for rule in process.clocks:
        starters = [step for step in process.steps if step.name in rule.starts and (step.main or step.opens)]
        if any(step.to is state for step in starters):
            found.append(_limit(rule, policy))
    return tuple(dict.fromkeys(found))


def _limit(rule: ClockRule, policy: Policy) -> str:
    said = policy.clock(rule.name)
    limit = said.limit or rule.limit
    return f"{said.label or rule.label} {limit}".strip()


def _spine(process: Process) -> tuple[str, ...]:
    here = process.starts
    found = [here]
    while here not in process.ends:
        ways = [step for step in process.steps if here in step.when and step.to and step.to not in found]
        main = [step for step in ways if step.main]
        if not main:
            path = _path_to_end(process, here, set(found))
            found += path
            break
        assert main[0].to is not None
        here = main[0].to
        found.append(here)
    return tuple(state.value for state in found)


def _path_to_end(process: Process, start: State, taken: set[State]) -> list[State]:
    """Return the shortest way from the state to an end, without the state itself."""
    paths: list[list[State]] = [[start]]
    seen = set(taken)
    while paths:
        path = paths.pop(0)
        if path[-1] in process.ends:
            return path[1:]
        for step in process.steps:
            if path[-1] in step.when and step.to and step.to not in seen and not step.by_clock:
                seen.add(step.to)
                paths.append([*path, step.to])
    return []


def live(case: Case, process: Process, events: Iterable[Event], names: Mapping[int, str]) -> Live:
    """Return where a case is, read from its state and its events; ``names`` gives people by key."""
    past: set[str] = set()
    taken: dict[str, str] = {}
    known = {step.name for step in process.steps}
    for event in events:
        if event.step not in known:
            continue
        past |= {event.from_state, event.to_state} - {""}
        who = names.get(event.actor_id, "") if event.actor_id else "系统"
        taken[event.step] = f"{who} {_when(event)}".strip()
    return Live(case.state, frozenset(past - {case.state}), taken)


def _when(event: Any) -> str:
    day = day_of(event.happened_at)
    return f"{day:%m-%d}"
