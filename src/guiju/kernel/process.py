"""The grammar of a process: states, steps, needs, effects, clocks. Checked when the module is imported.

A process module is the law: what no company may switch off. The SOP (see ``policy``) adds words, posts within the
code's list, control points, limits and approval chains; it tightens, never loosens (ARCHITECTURE, law and policy).
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from guiju.kernel.forms import Form, Nothing
from guiju.kernel.refusals import Reason

if TYPE_CHECKING:
    from guiju.kernel.context import Context

TONES = ("plain", "brand", "ok", "risk", "over", "hold", "done")


class State(enum.Enum):
    """A state of a process: value, label and the one tone of its pill."""

    label: str
    tone: str

    def __new__(cls, value: str, label: str = "", tone: str = "plain") -> State:
        """Make a member of (value, label, tone)."""
        member = object.__new__(cls)
        member._value_ = value
        member.label = label or value
        member.tone = tone
        return member


@dataclass(frozen=True)
class Need:
    """A condition of a step. ``ask`` returns None when met, else the reason in the user's words."""

    ask: Callable[[Context], str | None]
    clause: str = ""
    given: bool = False
    kind: str = "need"

    def reason(self, context: Context) -> Reason | None:
        """Return why the need is not met, or None."""
        text = self.ask(context)
        return Reason(text, self.clause, self.kind) if text else None


def need(
    clause: str = "", *, given: bool = False, person: bool = False
) -> Callable[[Callable[[Context], str | None]], Need]:
    """
    Make a need of a function. ``given``: it looks at what was filled in, so it is asked only then. ``person``: unmet, it
    wants another person, not another state of things.
    """
    return lambda ask: Need(ask, clause, given, "person" if person else "need")


Effect = Callable[["Context"], None]
Wanted = Callable[["Context"], bool]


@dataclass(frozen=True)
class Step:
    """A step of a process.

    ``to`` None: the case stays where it is. ``by``: the posts the code allows; the SOP chooses among them (empty:
    nobody but the clock). ``todo``: the step is somebody's next act in these states (or when the function says so).
    ``main``: it is the way forward, shown as the primary act. ``while_pending``: allowed during an approval.
    ``approval_facts`` names what ``facts_for_approval`` gives, so that an SOP's conditions can be checked.
    """

    name: str
    label: str
    when: tuple[State, ...]
    by: tuple[str, ...]
    clause: str
    to: State | None = None
    needs: tuple[Need, ...] = ()
    does: tuple[Effect, ...] = ()
    form: type[Form] = Nothing
    todo: bool | Wanted = False
    main: bool = False
    by_clock: bool = False
    while_pending: bool = False
    opens: bool = False
    approvable: bool = True
    facts_for_approval: Callable[[Context], Mapping[str, Decimal | int | str]] | None = None
    approval_facts: tuple[str, ...] = ()

    def wanted(self, context: Context) -> bool:
        """Return whether the step is a to-do now."""
        return self.todo(context) if callable(self.todo) else self.todo


@dataclass(frozen=True)
class ClockRule:
    """A clock that named steps start and stop. ``law`` clocks cannot pause; ``latest`` is a limit's legal maximum.

    ``judged``: the due moment falls by the law's days (rolls past holidays). ``then``: the step that the system
    takes when the clock runs out (it must be ``by_clock``; never a forfeiture, never a close: DECISIONS 17).
    ``due``: a function that gives the due moment itself (a date agreed with the customer), or the limit of a decision
    table as text, instead of the limit.
    ``replans``: its alarms plan the case's to-dos anew, for steps that are wanted only near or after the due moment.
    """

    name: str
    label: str
    starts: tuple[str, ...]
    stops: tuple[str, ...]
    limit: str
    clause: str = ""
    law: bool = False
    rolls: bool = True
    latest: str = ""
    then: str = ""
    due: Callable[[Context], Any] | None = None
    replans: bool = False
    paused_in: tuple[State, ...] = ()


class BadProcess(Exception):
    """A process definition that cannot run: unknown or unreachable states, dead ends, an untimed wait."""


@dataclass(frozen=True)
class Process:
    """A process: one SOP as code. ``apart`` names whom a case is about: they decide on nothing in it, whatever seat they hold."""

    name: str
    label: str
    series: str
    sop: str
    starts: State
    ends: tuple[State, ...]
    steps: tuple[Step, ...]
    clocks: tuple[ClockRule, ...] = ()
    facts: Callable[[Context], Any] | None = None
    untimed: tuple[State, ...] = ()
    scripts: tuple[str, ...] = ()
    apart: Callable[[Context], Collection[int]] | None = None

    @property
    def states(self) -> type[State]:
        """The enumeration of this process's states."""
        return type(self.starts)

    def step(self, name: str) -> Step | None:
        """Return the step of this name."""
        return _steps_by_name(self).get(name)

    @property
    def opening(self) -> Step:
        """The step that opens a case."""
        return next(step for step in self.steps if step.opens)

    def state(self, value: str) -> State:
        """Return the state of this value."""
        return self.states(value)


_by_name: dict[str, dict[str, Step]] = {}
_processes: dict[str, Process] = {}


def _steps_by_name(process: Process) -> dict[str, Step]:
    found = _by_name.get(process.name)
    if found is None:
        found = {step.name: step for step in process.steps}
        if _processes.get(process.name) is process:
            _by_name[process.name] = found
    return found


def problems(process: Process) -> list[str]:
    """Return what is wrong with a definition (empty: it can run)."""
    found: list[str] = []
    states = list(process.states)
    names = [step.name for step in process.steps]
    found += [f"step {name} is declared twice" for name in {n for n in names if names.count(n) > 1}]
    if sum(step.opens for step in process.steps) != 1:
        found.append("exactly one step must open a case")
        return found
    if process.opening.to is not process.starts:
        found.append("the opening step must lead to the first state")
    foreign = [
        s for step in process.steps for s in (*step.when, *([step.to] if step.to else [])) if s not in states
    ]
    found += [f"{state} is no state of the process" for state in foreign]
    reached, edge = {process.starts}, [process.starts]
    while edge:
        here = edge.pop()
        for step in process.steps:
            if here in step.when and step.to and step.to not in reached:
                reached.add(step.to)
                edge.append(step.to)
    found += [f"state {state.value} is never reached" for state in states if state not in reached]
    for state in states:
        leaves = [step for step in process.steps if state in step.when and step.to and step.to is not state]
        if state in process.ends or state not in reached:
            continue
        if not leaves:
            found.append(f"state {state.value} is a dead end")
        if state not in process.untimed and not _timed(process, state):
            found.append(f"state {state.value} waits without a clock")
    for step in process.steps:
        if not step.opens and not step.when:
            found.append(f"step {step.name} can never be taken")
        if not step.by and not step.by_clock:
            found.append(f"step {step.name} is open to nobody")
        if step.to is None and step.main:
            found.append(f"step {step.name} is the way forward but leads nowhere")
    for clock in process.clocks:
        found += [
            f"clock {clock.name}: no step {name}"
            for name in (*clock.starts, *clock.stops)
            if name not in names
        ]
        if clock.then:
            taken = next((step for step in process.steps if step.name == clock.then), None)
            if taken is None or not taken.by_clock:
                found.append(f"clock {clock.name}: {clock.then} is no step that the clock may take")
    return found


def _timed(process: Process, state: State) -> bool:
    """Return whether a clock can be running in the state."""
    for clock in process.clocks:
        starters = [step for step in process.steps if step.name in clock.starts]
        stoppers = set(clock.stops)
        edge = [step.to or place for step in starters for place in (step.when or (process.starts,))]
        seen: set[State] = set()
        while edge:
            here = edge.pop()
            if here in seen:
                continue
            seen.add(here)
            edge += [
                step.to
                for step in process.steps
                if here in step.when and step.to and step.name not in stoppers and step.to not in process.ends
            ]
        if state in seen:
            return True
    return False


def register(process: Process) -> Process:
    """Check a process and make it known.

    :raises BadProcess: it cannot run; says why.
    """
    if found := problems(process):
        raise BadProcess(f"{process.name}: " + "; ".join(found))
    if process.name in _processes:
        raise BadProcess(f"{process.name} is registered twice.")
    _processes[process.name] = process
    return process


def processes() -> Mapping[str, Process]:
    """Return all registered processes by name."""
    return _processes


def process_of(name: str) -> Process:
    """Return the process of this name (KeyError if there is none)."""
    return _processes[name]


def steps_from(process: Process, state: State) -> Sequence[Step]:
    """Return the steps that can be taken in the state, in the order of the definition."""
    return [step for step in process.steps if state in step.when]
