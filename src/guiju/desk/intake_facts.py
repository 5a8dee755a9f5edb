"""The facts of a reception, read once per act."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.db.models import QuerySet

from guiju.desk.models import Channel, FollowUp, Letter, Matter, Reception, Transfer
from guiju.desk.promises import open_promises
from guiju.kernel.engine import Context
from guiju.kernel.prepared import prepared


@dataclass
class ReceptionFacts:
    """A reception with what was raised in it, who owns it, its letter; each read when first asked for."""

    row: Reception

    @property
    def channel(self) -> Channel:
        """How the customer came."""
        return Channel(self.row.channel)

    @cached_property
    def matters(self) -> list[Matter]:
        """What was raised, in order."""
        return _matters(self.row.pk)

    @property
    def open_matters(self) -> list[Matter]:
        """What has no outcome yet."""
        return [matter for matter in self.matters if matter.settled_at is None]

    @cached_property
    def follow_ups(self) -> list[FollowUp]:
        """What was arranged for later, the next one first."""
        return _follow_ups(self.row.case_id)

    @property
    def open_follow_ups(self) -> list[FollowUp]:
        """What was arranged and is not done."""
        return [one for one in self.follow_ups if one.done_at is None]

    @cached_property
    def promised(self) -> bool:
        """Whether a promise is open."""
        return bool(open_promises(self.row.case_id))

    @cached_property
    def letter(self) -> Letter | None:
        """The entry in the letter register, for letters and faxes."""
        return _letter.one(self.row.case_id)

    @cached_property
    def transfer(self) -> Transfer | None:
        """The offer to hand the reception to somebody else that waits for an answer."""
        return _transfer.one(self.row.pk)

    @property
    def arrived_at(self) -> datetime:
        """When the customer came."""
        return self.row.arrived_at


@prepared
def reception_of(case_id: int) -> QuerySet[Reception, Reception]:
    """The reception of a case with its customer, unit and owner."""
    rows = Reception.objects.filter(case_id=case_id)
    return rows.select_related("customer", "unit__building", "unit__project", "owner")


@prepared
def _matters(reception_id: int) -> QuerySet[Matter, Matter]:
    return Matter.objects.filter(reception_id=reception_id).order_by("id")


@prepared
def _follow_ups(case_id: int) -> QuerySet[FollowUp, FollowUp]:
    return FollowUp.objects.filter(case_id=case_id).order_by("due_at", "id")


@prepared
def _letter(case_id: int) -> QuerySet[Letter, Letter]:
    return Letter.objects.filter(case_id=case_id)


@prepared
def _transfer(reception_id: int) -> QuerySet[Transfer, Transfer]:
    return Transfer.objects.filter(reception_id=reception_id, decided_at=None)


def load(context: Context) -> ReceptionFacts:
    """Read the reception of the case."""
    row = reception_of.one(context.case.pk)
    if row is None:
        raise Reception.DoesNotExist
    return ReceptionFacts(row)


def facts_of(context: Context) -> ReceptionFacts:
    """Return the facts of the context's case."""
    facts = context.facts
    assert isinstance(facts, ReceptionFacts)
    return facts
