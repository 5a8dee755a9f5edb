"""What an SOP version says about a process: words, posts, control points, limits. Plain values, built by ``sop``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

POINT_KINDS = {
    "tick": "勾选", "note": "说明", "photo": "照片", "signature": "签字", "number": "编号", "record": "记录表",
}  # fmt: skip


@dataclass(frozen=True)
class Point:
    """
    A control point (控制要点) that an SOP adds to a step. ``hard`` points cannot be overridden.

    ``fields``: the columns of a record form (记录表, G-4.4-b), which is filled as one line per column, 栏目：内容.
    """

    key: str
    label: str
    kind: str = "tick"
    required: bool = True
    clause: str = ""
    number: str = ""
    hard: bool = False
    fields: tuple[str, ...] = ()

    def filled(self, text: str) -> dict[str, str]:
        """Return what was written into the columns of a record form, without those left blank."""
        lines = (line.replace(":", "：", 1).partition("：") for line in text.splitlines())
        said = {name.strip(): value.strip() for name, _, value in lines}
        return {name: said[name] for name in self.fields if said.get(name)}


@dataclass(frozen=True)
class ApprovalSeat:
    """One seat of an approval chain. Seats with the same order vote in parallel.

    ``condition`` is ``"<fact> <op> <number>"`` over the approval facts of the process, or None: always.
    """

    order: int
    post: str
    condition: str | None = None


@dataclass(frozen=True)
class StepPolicy:
    """What the SOP says about one step."""

    name: str
    label: str = ""
    posts: tuple[str, ...] = ()
    clause: str = ""
    number: str = ""
    words: str = ""
    points: tuple[Point, ...] = ()
    approval: tuple[ApprovalSeat, ...] = ()
    documents_in: tuple[str, ...] = ()
    documents_out: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    script: str = ""
    override_post: str = ""


@dataclass(frozen=True)
class ClockPolicy:
    """A limit with its reminders (before the due moment) and its escalation ladder (after it)."""

    name: str
    label: str = ""
    limit: str = ""
    remind: tuple[str, ...] = ()
    escalate: tuple[tuple[str, str], ...] = ()
    clause: str = ""
    words: str = ""


@dataclass(frozen=True)
class Policy:
    """One SOP version as the kernel uses it. Frozen: a case keeps the version it began with (ARCHITECTURE 3)."""

    id: int
    code: str
    version: str
    title: str
    process: str
    steps: Mapping[str, StepPolicy] = field(default_factory=dict)
    clocks: Mapping[str, ClockPolicy] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    clauses: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def step(self, name: str) -> StepPolicy:
        """Return what the SOP says about the step, or an empty entry."""
        return self.steps.get(name) or StepPolicy(name)

    def clock(self, name: str) -> ClockPolicy:
        """Return what the SOP says about the clock, or an empty entry."""
        return self.clocks.get(name) or ClockPolicy(name)

    def number(self, clause: str) -> str:
        """Return the clause's number as people know it (第五部分 一 3.1), or the id."""
        return str(self.clauses.get(clause, {}).get("number") or clause)
