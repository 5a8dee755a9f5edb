"""What an evidence pack is made of: the case and those that belong to it, each with its history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from guiju.kernel import ports
from guiju.kernel.models import Case, Event
from guiju.kernel.policy import Policy
from guiju.kernel.process import Process, process_of
from guiju.papers.questions import parts_of


@dataclass(frozen=True)
class Part:
    """A case in the pack, by the process and the policy under which it ran, with its events in order."""

    case: Case
    process: Process
    policy: Policy
    events: Sequence[Event]

    @property
    def name(self) -> str:
        """What it is called on paper: 上门 SM-2025-0001."""
        return f"{self.process.label} {self.case.number}"

    @property
    def last(self) -> str:
        """The digest of its last event; empty where nothing is on record."""
        return self.events[-1].digest if self.events else ""


def part_of(case: Case) -> Part:
    """Read a case as a part of a pack."""
    return Part(
        case, process_of(case.process), ports.policies().get(case.sop_version_id),
        list(Event.objects.filter(case=case).order_by("case_seq")),
    )  # fmt: skip


def belonging(case: Case) -> list[Case]:
    """Return the cases that the apps above name as parts of this one, in the order of their opening."""
    keys = {key for named in parts_of.ask_all(case) for key in named}
    rows = Case.objects.filter(pk__in=keys - {case.pk}, chain_id=case.chain_id)
    return list(rows.order_by("opened_at", "pk"))


def name_of(person_id: int | None) -> str:
    """Return the name of a person, or of the program."""
    return (ports.people().name(person_id) if person_id else "") or "系统"
