"""What a row writes, as the preview shows it: of a new thing what the row says of it, of a known one what changes."""

from __future__ import annotations

from collections.abc import Sequence

from guiju.registers.outcomes import Change, Outcome, Status
from guiju.registers.rows.facts import ComplaintRow, OwnerRow, UnitRow
from guiju.registers.writers import complaints, customers, units
from guiju.registers.writers.base import changes_of, shown


def content_of(outcome: Outcome) -> Sequence[Change]:
    """Return what a row writes, field by field; of a new thing without what it leaves open."""
    if outcome.status is not Status.CREATED:
        return outcome.changes
    facts = outcome.entry.facts
    if isinstance(facts, UnitRow):
        found = changes_of(units.LABELS, units.values_of(facts), {})
    elif isinstance(facts, OwnerRow):
        buyers = "、".join(buyer.name for buyer in facts.buyers)
        found = [Change("买受人", "", buyers), *changes_of(customers.LABELS, customers.values_of(facts), {})]
    elif isinstance(facts, ComplaintRow):
        found = [
            Change("受理日期", "", shown(facts.received)),
            Change("内容", "", facts.content),
            *changes_of(complaints.LABELS, complaints.values_of(facts), {}),
        ]
    else:
        return []
    return [change for change in found if change.new]
