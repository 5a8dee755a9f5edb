"""The record of a case of this app: entries added by steps and read back as the columns of its printed form."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import QuerySet

from guiju.kernel.engine import Context
from guiju.kernel.models import Case
from guiju.kernel.prepared import prepared
from guiju.org.models import Person
from guiju.papers.operations.attachments import attach as take_up
from guiju.quality.models import RecordEntry


@prepared
def entries_of(case_id: int) -> QuerySet[RecordEntry, RecordEntry]:
    """The entries of a case in the order they were made, with who made them."""
    return RecordEntry.objects.filter(case_id=case_id).select_related("entered_by").order_by("id")


@dataclass
class Facts:
    """The row of a case and its record, read when first asked for."""

    row: Any
    case_id: int
    _extra: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def entries(self) -> list[RecordEntry]:
        """All entries in order."""
        return entries_of(self.case_id)

    def all(self, kind: str) -> list[RecordEntry]:
        """The entries of a kind in order."""
        return [entry for entry in self.entries if entry.kind == kind]

    def last(self, kind: str) -> RecordEntry | None:
        """The latest entry of a kind: what the column of the form says now."""
        return next((entry for entry in reversed(self.entries) if entry.kind == kind), None)

    def since(self, kind: str, other: str) -> RecordEntry | None:
        """The latest entry of a kind, if it was made after the latest of another kind."""
        found, before = self.last(kind), self.last(other)
        return found if found is not None and (before is None or found.pk > before.pk) else None


def facts_of(context: Context) -> Facts:
    """Return the facts of the context's case."""
    facts = context.facts
    assert isinstance(facts, Facts)
    return facts


def enter(
    context: Context, kind: str, words: str = "", *, at: datetime | None = None, **data: Any
) -> RecordEntry:
    """Add an entry to the record of the case, and forget the facts read before."""
    made = RecordEntry.objects.create(
        case_id=context.case.pk, kind=kind, words=words, data={k: v for k, v in data.items() if v not in (None, "")},
        entered_at=at or context.at, entered_by_id=context.by_id,
    )  # fmt: skip
    context.forget_facts()
    return made


def attach(context: Context, hashes: Iterable[str | None], kind: str, title: str) -> list[str]:
    """Take attachments up on the case, and return their hashes."""
    wanted = [sha256 for sha256 in hashes if sha256]
    if wanted:
        take_up(
            sha256s=wanted, company_id=context.case.chain_id, kind=kind, by=person_of(context),
            at=context.recorded_at, case=context.case, title=title,
        )  # fmt: skip
    return wanted


def person_of(context: Context) -> Person | None:
    """Return who acts as a person; None is the program."""
    if context.by is None or isinstance(context.by, Person):
        return context.by
    return Person.objects.get(pk=context.by.pk)


def case_numbered(number: str, *, company_id: int) -> Case | None:
    """Return the case of this number in a company, if there is one."""
    return Case.objects.filter(number=number, chain_id=company_id).first() if number else None
