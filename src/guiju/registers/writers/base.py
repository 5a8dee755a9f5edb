"""What all writers share: the scope they write in, what imports remember, and the plan as they build it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from guiju.estate.models import Project, Unit
from guiju.kernel.search import Document, index_many
from guiju.registers.fields import Kind
from guiju.registers.homes import Homes, units_of
from guiju.registers.memory import digest, said
from guiju.registers.models import Import, ImportedFact
from guiju.registers.outcomes import Change, Outcome, refused
from guiju.registers.rows.facts import Entry
from guiju.sales.models import Payment

ZONE = ZoneInfo("Asia/Shanghai")
BATCH = 500


class UnableToImport(Exception):
    """The import cannot be done now. Says in Chinese why; nothing was written."""


@dataclass(slots=True)
class Scope:
    """Where an import writes: the company, the project (None while it is still to be made) and the file it reads."""

    kind: Kind
    company_id: int
    project: Project | None
    file_name: str

    def units(self) -> list[Unit]:
        """Return the project's units."""
        return units_of(self.project.pk) if self.project else []

    def facts(self) -> dict[int, ImportedFact]:
        """Return what imports of this register wrote last, by target."""
        if self.project is None:
            return {}
        rows = ImportedFact.objects.filter(project=self.project, register=self.kind.value)
        return {fact.target_id: fact for fact in rows}

    def source(self, entry: Entry) -> str:
        """Name a row as a refusal elsewhere quotes it."""
        return f"{self.file_name} 工作表「{entry.sheet}」第 {entry.number} 行"[:200]


@dataclass(slots=True)
class Act:
    """Who imports, when, and under which import."""

    made: Import
    by_id: int | None
    at: datetime


class Writer(Protocol):
    """Plans and writes one kind of register."""

    scope: Scope
    homes: Homes

    def plan(self, entries: Sequence[Entry]) -> list[Outcome]:
        """Return what would become of each row; reads the database, writes nothing."""

    def write(self, act: Act) -> None:
        """Write the plan. Runs inside the import's transaction."""


class Facts:
    """Remembers what an import wrote, for all rows of a run, and writes it in two statements."""

    def __init__(self, scope: Scope, target_kind: str) -> None:
        self.scope, self.target_kind = scope, target_kind
        self.known = scope.facts()
        self._pending: list[tuple[Any, Entry, Mapping[str, Any], str]] = []

    def written(self, target_id: int | None) -> Mapping[str, str] | None:
        """Return the digests last written to a target, or None."""
        fact = self.known.get(target_id) if target_id is not None else None
        return fact.values if fact else None

    def note(self, target: Any, entry: Entry, values: Mapping[str, Any], *, key: str = "") -> None:
        """Remember that this row wrote these values to the target (a row that may not have its key yet)."""
        self._pending.append((target, entry, values, key))

    def write(self, act: Act) -> None:
        """Write what was noted."""
        assert self.scope.project is not None
        new: dict[int, ImportedFact] = {}
        changed: dict[int, ImportedFact] = {}
        for target, entry, values, key in self._pending:
            digests = {name: text for name, value in values.items() if (text := digest(value))}
            fact = self.known.get(target.pk) or new.get(target.pk)
            if fact is None:
                new[target.pk] = ImportedFact(
                    project=self.scope.project, register=self.scope.kind.value, target_kind=self.target_kind,
                    target_id=target.pk, key=key, written_by=act.made, sheet=entry.sheet[:100], row=entry.number,
                    values=digests,
                )  # fmt: skip
                continue
            fact.values = {**fact.values, **digests}
            fact.written_by, fact.sheet, fact.row = act.made, entry.sheet[:100], entry.number
            if fact.pk:
                changed[target.pk] = fact
        ImportedFact.objects.bulk_create(new.values(), batch_size=BATCH)
        ImportedFact.objects.bulk_update(
            changed.values(), ["values", "written_by", "sheet", "row"], batch_size=BATCH
        )


WORDS: Mapping[str, Mapping[str, str]] = {"payment": dict(Payment.choices), "pricing_basis": dict(Unit.BASES)}


def changes_of(labels: Mapping[str, str], new: Mapping[str, Any], old: Mapping[str, Any]) -> list[Change]:
    """Return changes as they are shown; of what is chosen, the words."""
    return [
        Change(labels.get(name, name), _worded(name, old.get(name)), _worded(name, value))
        for name, value in new.items()
    ]


def _worded(name: str, value: Any) -> str:
    return WORDS[name].get(str(value or ""), "") if name in WORDS else shown(value)


def shown(value: Any) -> str:
    """Return a value as a page shows it."""
    if isinstance(value, Decimal):
        return f"{value:,.2f}"
    if value is True:
        return "是"
    return said(value)


def kept_notices(labels: Mapping[str, str], kept: Mapping[str, Any]) -> list[str]:
    """Say which fields keep what a person wrote."""
    return [
        f"{labels.get(name, name)}已人工改为「{shown(value) or '空'}」，保留不变"
        for name, value in kept.items()
    ]


def first_seen(seen: dict[Any, Entry], key: Any, entry: Entry, label: str) -> Outcome | None:
    """Refuse a row about something that an earlier row of the file was about; else remember it."""
    earlier = seen.get(key)
    if earlier is None:
        seen[key] = entry
        return None
    place = "" if earlier.sheet == entry.sheet else f"工作表「{earlier.sheet}」"
    return refused(entry, f"{label} 与{place}第 {earlier.number} 行重复", label=label)


def start_of(day: date) -> datetime:
    """Return the first moment of a day in China."""
    return datetime.combine(day, time(0), ZONE)


def find_again(documents: Iterable[Document]) -> None:
    """Put what was written into the search index."""
    index_many(documents)
