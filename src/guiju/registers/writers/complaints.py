"""
Complaint registers (投诉登记表) of the past: cases marked 历史, without clock, notice or KPI (DECISIONS 22).

The result column decides whether one is open. The complainant need not be the owner. The same complaint is known again
by its day, place, complainant and words, so that a later file can bring its result.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F

from guiju.estate.models import Unit
from guiju.kernel.chain import Pending, append
from guiju.kernel.crypto import blind_index, keyed_digest, normalise_phone
from guiju.kernel.models import Case, CaseLink, Counter, Event
from guiju.kernel.search import Document
from guiju.quality.choices import words_key
from guiju.quality.models import Complaint
from guiju.registers.homes import Homes
from guiju.registers.memory import merge
from guiju.registers.models import ImportedFact
from guiju.registers.outcomes import Outcome, Status, refused
from guiju.registers.rows.facts import ComplaintRow, Entry
from guiju.registers.writers.base import (
    BATCH,
    Act,
    Facts,
    Scope,
    changes_of,
    find_again,
    first_seen,
    kept_notices,
    start_of,
)

PROCESS, SERIES = "complaint", "TS"
OPEN, CLOSED = "open", "closed"
LABELS = {
    "channel": "来源", "department": "责任部门", "treatment": "处理意见", "result": "处理结果",
    "closed_date": "办结日期", "satisfaction": "满意度", "quality": "质量问题",
}  # fmt: skip


@dataclass(slots=True)
class _Past:
    """A complaint to be made."""

    case: Case
    complaint: Complaint
    entry: Entry
    facts: ComplaintRow
    key: str


@dataclass(slots=True)
class ComplaintWriter:
    """Writes complaint registers."""

    scope: Scope
    homes: Homes = field(init=False)
    facts: Facts = field(init=False)
    _known: dict[str, int] = field(init=False)
    _complaints: dict[int, Complaint] = field(default_factory=dict)
    _new: list[_Past] = field(default_factory=list)
    _updates: list[tuple[Complaint, dict[str, Any]]] = field(default_factory=list)
    _changed: list[tuple[Complaint, dict[str, Any], str]] = field(default_factory=list)
    """Complaint, old and new values, and the state its case was in."""

    def __post_init__(self) -> None:
        self.homes = Homes(self.scope.units())
        self.facts = Facts(self.scope, ImportedFact.COMPLAINT)
        self._known = {fact.key: fact.target_id for fact in self.facts.known.values()}

    def plan(self, entries: Sequence[Entry]) -> list[Outcome]:
        """Return what would become of each row."""
        keys = [self._key(entry) for entry in entries]
        wanted = sorted({self._known[key] for key in keys if key in self._known})
        for start in range(0, len(wanted), BATCH):
            rows = Complaint.objects.filter(pk__in=wanted[start : start + BATCH]).select_related("case")
            self._complaints.update({complaint.pk: complaint for complaint in rows})
        seen: dict[str, Entry] = {}
        return [self._row(entry, key, seen) for entry, key in zip(entries, keys, strict=True)]

    def _key(self, entry: Entry) -> str:
        facts = entry.facts
        if not isinstance(facts, ComplaintRow):
            return ""
        unit, _ = self.homes.find(entry.places)
        place = f"unit:{unit.pk}" if unit else entry.place_text or facts.place_as_read
        text = "\0".join([facts.received.isoformat(), place, facts.complainant, facts.content])
        return keyed_digest(f"complaint\0{text}").hex()[:40]

    def _row(self, entry: Entry, key: str, seen: dict[str, Entry]) -> Outcome:
        facts = entry.facts
        if not isinstance(facts, ComplaintRow):
            return refused(entry)
        unit, why = self.homes.find(entry.places) if entry.places else (None, "")
        if entry.places and unit is None:
            return refused(entry, f"房号「{entry.place_text}」：{why}")
        label = unit.label if unit else facts.place_as_read or "未写房号"
        again = first_seen(seen, key, entry, "同一投诉")
        if again is not None:
            again.label = label
            return again
        known = self._complaints.get(self._known.get(key, 0))
        if known is not None:
            return self._compare(entry, facts, known, label)
        notices = list(entry.notices)
        if unit is None:
            notices.append("没有对应到房屋")
        self._new.append(self._past(entry, facts, unit, key))
        return Outcome(entry, Status.CREATED, label, notices=notices, unit_id=unit.pk if unit else None)

    def _compare(self, entry: Entry, facts: ComplaintRow, known: Complaint, label: str) -> Outcome:
        wanted = values_of(facts)
        current = {name: getattr(known, name) for name in wanted}
        merged = merge(current, wanted, self.facts.written(known.pk))
        notices = entry.notices + kept_notices(LABELS, merged.kept)
        if not merged.new:
            return Outcome(entry, Status.UNCHANGED, label, notices=notices, unit_id=known.unit_id)
        for name, value in merged.new.items():
            setattr(known, name, value)
        new = dict(merged.new)
        if "result" in new or "closed_date" in new:
            known.open, known.contradictions = facts.open, list(entry.notices)
            new |= {"open": facts.open, "contradictions": known.contradictions}
        self._updates.append((known, new))
        self._changed.append((known, {"old": merged.old, "new": merged.new}, known.case.state))
        self.facts.note(known, entry, merged.new)
        changes = changes_of(LABELS, merged.new, merged.old)
        return Outcome(entry, Status.UPDATED, label, changes, notices=notices, unit_id=known.unit_id)

    def _past(self, entry: Entry, facts: ComplaintRow, unit: Unit | None, key: str) -> _Past:
        project = self.scope.project
        case = Case(
            process=PROCESS, sop_version_id=0, state=OPEN if facts.open else CLOSED, historic=True, events=1,
            title=" ".join(facts.content.split())[:60], chain_id=self.scope.company_id,
            scope_id=project.pk if project else None, opened_at=start_of(facts.received),
            closed_at=None if facts.open else start_of(facts.closed or facts.received),
        )  # fmt: skip
        phone = normalise_phone(facts.phones[0]) if facts.phones else ""
        complaint = Complaint(
            project=project, unit=unit, unit_as_read=(facts.place_as_read or entry.place_text)[:60],
            complained_date=facts.received, complainant=facts.complainant, phone=phone,
            phone_index=blind_index("phone", phone), words=facts.content, words_key=words_key(facts.content),
            open=facts.open,
            contradictions=list(entry.notices), source=self.scope.source(entry),
            **{name: value for name, value in values_of(facts).items() if value is not None},
        )  # fmt: skip
        return _Past(case, complaint, entry, facts, key)

    # --- writing -------------------------------------------------------------------------------------------------------
    def write(self, act: Act) -> None:
        """Make the cases with one event each, their complaints and links; bring changed ones up to date."""
        self._number(act)
        for past in self._new:
            past.case.opened_by = act.by_id
        Case.objects.bulk_create([past.case for past in self._new], batch_size=BATCH)
        for past in self._new:
            past.complaint.case = past.case
        Complaint.objects.bulk_create([past.complaint for past in self._new], batch_size=BATCH)
        CaseLink.objects.bulk_create(
            [
                CaseLink(case=past.case, kind="unit", key=past.complaint.unit_id)
                for past in self._new
                if past.complaint.unit_id is not None
            ],
            batch_size=BATCH,
        )
        for past in self._new:
            self.facts.note(past.complaint, past.entry, values_of(past.facts), key=past.key)
        self._bring_up_to_date(act)
        self.facts.write(act)
        self._chain(act)
        self._chain_changes(act)
        find_again(self._documents())

    def _number(self, act: Act) -> None:
        """Give each case its number in the series of the year it was received, one counter update per year."""
        project = self.scope.project
        assert project is not None
        by_year: dict[int, list[Case]] = defaultdict(list)
        for past in self._new:
            by_year[past.facts.received.year].append(past.case)
        for year, cases in sorted(by_year.items()):
            stem = f"{SERIES}-{project.code}-{year}"
            counter, _ = Counter.objects.get_or_create(series=stem)
            Counter.objects.filter(pk=counter.pk).update(value=F("value") + len(cases))
            counter.refresh_from_db()
            first = counter.value - len(cases)
            for offset, case in enumerate(cases, 1):
                case.number = f"{stem}-{first + offset:04d}"

    def _bring_up_to_date(self, act: Act) -> None:
        names = sorted({name for _, new in self._updates for name in new})
        if not names:
            return
        Complaint.objects.bulk_update([complaint for complaint, _ in self._updates], names, batch_size=200)
        cases = []
        for complaint, new in self._updates:
            if "open" in new and complaint.case.historic:
                case = complaint.case
                case.state = OPEN if complaint.open else CLOSED
                day = complaint.closed_date or complaint.complained_date
                case.closed_at = None if complaint.open else start_of(day) if day else act.at
                cases.append(case)
        Case.objects.bulk_update(cases, ["state", "closed_at"], batch_size=200)

    def _chain(self, act: Act) -> None:
        """Write one event per new case onto the company's chain."""
        for start in range(0, len(self._new), 200):
            append(
                Pending(
                    chain_id=past.case.chain_id, case_id=past.case.pk, case_number=past.case.number, case_seq=1,
                    case_previous_of=None, case_previous="", step="import", from_state="", to_state=past.case.state,
                    actor_id=act.by_id, behalf_id=None, post="", happened_at=past.case.opened_at, recorded_at=act.at,
                    key=None, content={"given": {"source": past.complaint.source}},
                )
                for past in self._new[start : start + 200]
            )  # fmt: skip

    def _chain_changes(self, act: Act) -> None:
        """Write one event per changed complaint with old and new values (E-3.5-b)."""
        for start in range(0, len(self._changed), 200):
            chunk = self._changed[start : start + 200]
            last: dict[int, str] = {}
            events = Event.objects.filter(case__in=[complaint.case_id for complaint, _, _ in chunk]).order_by(
                "case_seq"
            )
            for case_id, text in events.values_list("case_id", "digest"):
                last[case_id] = text
            for complaint, _, _ in chunk:
                complaint.case.events += 1
                complaint.case.version += 1
            Case.objects.bulk_update(
                [complaint.case for complaint, _, _ in chunk], ["events", "version"], batch_size=200
            )
            append(
                Pending(
                    chain_id=complaint.case.chain_id, case_id=complaint.case_id, case_number=complaint.case.number,
                    case_seq=complaint.case.events, case_previous_of=None,
                    case_previous=last.get(complaint.case_id, ""), step="import_change", from_state=before,
                    to_state=complaint.case.state, actor_id=act.by_id, behalf_id=None, post="", happened_at=act.at,
                    recorded_at=act.at, key=None, content={"given": {"source": self.scope.file_name, **changes}},
                )
                for complaint, changes, before in chunk
            )  # fmt: skip

    def _documents(self) -> Iterator[Document]:
        for past in self._new:
            case, complaint = past.case, past.complaint
            unit = complaint.unit
            yield Document(
                "case", case.number, f"{case.number} {case.title}", (case.scope_id,) if case.scope_id else (),
                [case.number, case.title, unit.label if unit else complaint.unit_as_read],
                [complaint.complainant, complaint.phone],
            )  # fmt: skip


def values_of(facts: ComplaintRow) -> dict[str, Any]:
    """Return a row's facts by the complaint's fields."""
    return {
        "channel": facts.channel,
        "quality": facts.quality,
        "department": facts.department,
        "treatment": facts.opinion,
        "result": facts.result,
        "closed_date": facts.closed,
        "satisfaction": facts.satisfaction,
    }
