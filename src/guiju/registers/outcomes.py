"""What becomes of each row of a register."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from guiju.registers.rows.facts import Entry


class Status(StrEnum):
    """The four things that can become of a row; together they are all rows read."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"

    @property
    def label(self) -> str:
        """The status in the user's words."""
        return {"created": "新增", "updated": "更新", "unchanged": "不变", "rejected": "拒绝"}[self.value]


@dataclass(frozen=True, slots=True)
class Change:
    """A field that an import writes: its label, and old and new value as shown."""

    label: str
    old: str
    new: str


@dataclass(slots=True)
class Outcome:
    """A row with what becomes of it: the thing it speaks of, the changes, reasons of refusal and remarks."""

    entry: Entry
    status: Status
    label: str = ""
    changes: list[Change] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    unit_id: int | None = None

    @property
    def sheet(self) -> str:
        """The row's sheet."""
        return self.entry.sheet

    @property
    def row(self) -> int:
        """The row's number as Excel shows it."""
        return self.entry.number

    @property
    def reason(self) -> str:
        """Why the row is refused, in one sentence."""
        return "；".join(self.reasons)


def refused(entry: Entry, *reasons: str, label: str = "", unit_id: int | None = None) -> Outcome:
    """Refuse a row with these reasons after its own."""
    return Outcome(
        entry,
        Status.REJECTED,
        label,
        reasons=[*entry.reasons, *reasons],
        notices=list(entry.notices),
        unit_id=unit_id,
    )


def counted(outcomes: Sequence[Outcome]) -> dict[str, int]:
    """Return rows read and rows by status."""
    counts = {status.value: 0 for status in Status}
    for outcome in outcomes:
        counts[outcome.status.value] += 1
    return {"read": len(outcomes), **counts}
