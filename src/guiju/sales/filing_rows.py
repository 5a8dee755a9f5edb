"""The city's export compared row by row with our contracts: what is the same, what differs, what one side lacks."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import NAMESPACE_URL, UUID, uuid5

from guiju.estate.models import Project
from guiju.kernel import engine
from guiju.kernel.models import Case
from guiju.kernel.refusals import Refused
from guiju.org.models import Person
from guiju.sales import filing_fields
from guiju.sales.models import Filing

SAME, DIFFERENT, UNKNOWN, REFUSED = "same", "different", "unknown", "refused"
LABELS: Final = {SAME: "一致", DIFFERENT: "有差异", UNKNOWN: "本公司没有", REFUSED: "没有登记"}
HEADINGS_AT_LEAST = 3
MOST_ROWS = 2000
COMPARED_IN: Final = ("collecting", "returned")


class UnableToCompare(Refused):
    """The export cannot be compared; the text says why."""


@dataclass(frozen=True)
class Result:
    """What came of one row of the export: ``number`` is the row's in the file."""

    number: int
    label: str
    outcome: str
    case: Case | None = None
    words: tuple[str, ...] = ()

    @property
    def outcome_label(self) -> str:
        """The outcome in words."""
        return LABELS[self.outcome]


@dataclass
class Compared:
    """A whole export: its rows, and the filings under way that it does not have."""

    results: list[Result] = field(default_factory=list)
    missing: list[Filing] = field(default_factory=list)

    def count(self, outcome: str) -> int:
        """Return how many rows came out so."""
        return sum(result.outcome == outcome for result in self.results)


def read(rows: Sequence[Sequence[object]]) -> list[tuple[int, dict[str, str]]]:
    """
    Return the rows of an export by field, with their numbers in the file; the row of headings is found by itself.

    :raises UnableToCompare: no row has headings that are known, or there are too many rows.
    """
    keys: list[str] = []
    found: list[tuple[int, dict[str, str]]] = []
    for number, cells in enumerate(rows, 1):
        if not keys:
            known = [filing_fields.key_of(str(cell or "")) for cell in cells]
            if len({key for key in known if key}) >= HEADINGS_AT_LEAST:
                keys = known
            continue
        row = {
            key: filing_fields.as_text(cell) for key, cell in zip(keys, cells, strict=False) if key and cell not in (None, "")
        }  # fmt: skip
        if row.get("city_number") or row.get("room"):
            found.append((number, {**{key: "" for key in keys if key}, **row}))
    if not keys:
        raise UnableToCompare("没有认出表头：第一行要有网签合同号、买受人、房号、总价这样的列名。")
    if len(found) > MOST_ROWS:
        raise UnableToCompare(f"一次最多比对 {MOST_ROWS} 行，请分开导入。")
    return found


def compare(rows: Sequence[Sequence[object]], *, project: Project, by: Person, at: datetime) -> Compared:
    """
    Compare an export with the filings of a project. Of those in preparation the result is entered as the step
    核对网签数据, once for the same row and the same terms; of the others it is only shown.

    :raises UnableToCompare: it cannot be read.
    """
    shown = read(rows)
    filings = list(
        Filing.objects.filter(project=project, withdrawn_at=None)
        .exclude(open=False, filed_at=None)
        .select_related("case", "contract__deal__unit__building", "contract__deal__unit__project")
        .order_by("pk")
    )
    by_number = {one.contract.city_number: one for one in filings if one.contract.city_number}
    by_room = {filing_fields.room_of(one.contract.deal.unit.label): one for one in filings}
    done = Compared()
    seen: set[int] = set()
    for number, row in shown:
        label = row.get("city_number") or row.get("room", "")
        found = by_number.get(row.get("city_number", "")) or by_room.get(
            filing_fields.room_of(row.get("room", ""))
        )
        if found is None:
            done.results.append(Result(number, label, UNKNOWN))
            continue
        seen.add(found.pk)
        done.results.append(_one(number, label, row, found, by, at))
    done.missing = [one for one in filings if one.open and one.filed_at is None and one.pk not in seen]
    return done


def _one(number: int, label: str, row: Mapping[str, str], found: Filing, by: Person, at: datetime) -> Result:
    paper = filing_fields.paper_fields(found.contract)
    differences = filing_fields.differences(paper, row, exported=True)
    words = tuple(str(one) for one in differences)
    if found.case.state in COMPARED_IN and found.open:
        # What an export does not carry at all is taken to be as in the contract: it was not shown to be otherwise.
        given = {key: row.get(key) or ("" if key in row else paper[key]) for key in filing_fields.BY_KEY}
        try:
            engine.advance(found.case_id, "compare", by=by, at=at, given=given, key=_key(found, given))
        except Refused as refused:
            why = "；".join(reason.text for reason in refused.reasons) or str(refused)
            return Result(number, label, REFUSED, found.case, (*words, why))
    return Result(number, label, DIFFERENT if words else SAME, found.case, words)


def _key(found: Filing, given: Mapping[str, str]) -> UUID:
    text = "|".join(f"{key}={given[key]}" for key in sorted(given))
    digest = hashlib.sha256(text.encode()).hexdigest()
    returned = len(found.returned)
    return uuid5(NAMESPACE_URL, f"compare:{found.case_id}:{found.deal.terms_version}:{returned}:{digest}")
