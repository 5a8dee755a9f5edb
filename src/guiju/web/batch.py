"""
Work in lists (DECISIONS 19): rows picked on a page or pasted from Excel → one form → one event and one result per case.

Each row is an act of its own through the one door: what fails says why and leaves the others done. The key of an act is
derived from the row, so pasting the same rows again changes nothing. Acts are registered below and by views.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, Final
from uuid import UUID, uuid5

from django.http import QueryDict

from guiju.estate.models import Project, Unit
from guiju.kernel import engine
from guiju.kernel.forms import Form, parse
from guiju.kernel.models import Case, CaseLink, Event
from guiju.kernel.process import Step, process_of
from guiju.kernel.refusals import BadlyFilled, Refused
from guiju.org.models import Person
from guiju.papers import forms as printed
from guiju.papers import scans
from guiju.papers.forms import Stamp
from guiju.papers.models import Paper
from guiju.papers.offers import offers_of, print_case
from guiju.papers.operations.papers import UnableToIssue, reprint
from guiju.papers.typesetting import render_many
from guiju.registers.rooms import building_key, entrance_key, read_places
from guiju.sales.models import Mortgage
from guiju.web.access import cases_of, units_of
from guiju.web.formats import local

SPACE: Final = UUID("6b1f0f2a-2a0e-4a39-9d35-95e5f3f4f7d1")
MOST: Final = 300
WHERE: Final = "房号或事项编号"
_WHERE_HEADS: Final = frozenset({"房号", "房间", "房屋", "房间号", "室号", "事项编号", "编号", WHERE})
_DAY: Final = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")


@dataclass(frozen=True)
class Selector:
    """A column that says which of several cases of a unit is meant: its head, and the cases that a text means."""

    label: str
    choose: Callable[[Sequence[Case], str], list[Case]]


@dataclass(frozen=True)
class Act:
    """A step that is taken for many cases: which of its fields differ by row; the others are filled in once."""

    process: str
    step: str
    columns: tuple[str, ...] = ()
    selector: Selector | None = None
    group: str = ""

    @property
    def definition(self) -> Step:
        """The step."""
        found = process_of(self.process).step(self.step)
        assert found is not None, f"{self.process} has no step {self.step}"
        return found

    @property
    def form(self) -> type[Form]:
        """The form of the step."""
        return self.definition.form

    @property
    def label(self) -> str:
        """What is done."""
        return self.definition.label

    @property
    def process_label(self) -> str:
        """Of which process."""
        return process_of(self.process).label

    @property
    def heads(self) -> list[tuple[str, str]]:
        """The columns that may be pasted beside the room: name and head."""
        found = [("", self.selector.label)] if self.selector else []
        fields = self.form.model_fields
        return found + [(name, fields[name].title or name) for name in self.columns]

    @property
    def states(self) -> list[str]:
        """The states in which the step can be taken."""
        return [state.value for state in self.definition.when]


_acts: dict[tuple[str, str], Act] = {}


def register(
    process: str, step: str, columns: Sequence[str] = (), *, selector: Selector | None = None, group: str = ""
) -> Act:
    """Let a step be taken for many cases. ``columns``: the fields of its form that differ by row."""
    made = Act(process, step, tuple(columns), selector, group)
    _acts[(process, step)] = made
    return made


def acts() -> list[Act]:
    """Return what can be done for many, in the order of registration."""
    return [act for act in _acts.values() if process_of(act.process).step(act.step) is not None]


def act_of(process: str, step: str) -> Act | None:
    """Return the act for many of a step."""
    return _acts.get((process, step))


# --- rows ------------------------------------------------------------------------------------------------------------
@dataclass
class Row:
    """A row of the grid: where, which, the values of the columns, and what was found."""

    place: int
    where: str
    which: str = ""
    values: dict[str, str] = field(default_factory=dict)
    case: Case | None = None
    before: Event | None = None
    problem: str = ""

    @property
    def empty(self) -> bool:
        """Whether nothing was typed into it."""
        return not self.where.strip() and not any(self.values.values())


def read_paste(act: Act, text: str) -> list[Row]:
    """Return the rows of pasted columns: by their heads if the first line has them, else room first, then in order."""
    lines = [line for line in text.replace("\r", "").replace("\x00", "").split("\n") if line.strip()]
    table = [[cell.strip() for cell in _cells(line)] for line in lines]
    if not table:
        return []
    names = [WHERE, *(name or head for name, head in act.heads)]
    by_head = {head: (name or head) for name, head in act.heads}
    first = table[0]
    if any(cell in _WHERE_HEADS or cell in by_head for cell in first):
        names = [WHERE if cell in _WHERE_HEADS else by_head.get(cell, "") for cell in first]
        table = table[1:]
    elif act.selector is not None and len(first) == len(act.columns) + 1:
        # Without heads and one cell fewer: nobody typed which of the unit's cases is meant.
        names = [WHERE, *act.columns]
    rows = []
    for place, cells in enumerate(table, 1):
        found = dict(zip(names, cells, strict=False))
        which = found.get(act.selector.label, "") if act.selector else ""
        rows.append(
            Row(place, found.get(WHERE, ""), which, {name: found.get(name, "") for name in act.columns})
        )
    return rows


def unknown_heads(act: Act, text: str) -> list[str]:
    """Return the heads of pasted columns that the act does not know: what stands under them is not read."""
    lines = [line for line in text.replace("\r", "").replace("\x00", "").split("\n") if line.strip()]
    cells = [cell.strip() for cell in _cells(lines[0])] if lines else []
    known = {*_WHERE_HEADS, *(head for _, head in act.heads)}
    if not any(cell in known for cell in cells):
        return []
    return [cell[:40] for cell in cells if cell and cell not in known][:20]


def _cells(line: str) -> list[str]:
    if "\t" in line:
        return line.split("\t")
    return re.split(r"[\s，；;]+", line.strip())


def plain(text: str) -> str:
    """Return what was typed without what no text may hold."""
    return text.replace("\x00", "").strip()


def picked(numbers: Iterable[str]) -> list[Row]:
    """Return a row for each case picked, in the order of the page."""
    found = dict.fromkeys(plain(number) for number in numbers)
    return [Row(place, number) for place, number in enumerate(list(found)[:MOST], 1)]


def read_grid(act: Act, posted: QueryDict) -> list[Row]:
    """Return the rows of the grid as posted."""
    rows = []
    for place in range(1, MOST + 1):
        if f"row-{place}" not in posted:
            continue
        row = Row(
            place, plain(posted.get(f"row-{place}", "")), plain(posted.get(f"row-{place}-which", "")),
            {name: plain(posted.get(f"row-{place}-{name}", "")) for name in act.columns},
        )  # fmt: skip
        if not row.empty:
            rows.append(row)
    return rows


def given_of(act: Act, row: Row) -> dict[str, str]:
    """Return what a row says, as the step's form takes it: days with dashes, choices by their code."""
    found = {}
    for name, text in row.values.items():
        if not text:
            continue
        info = act.form.model_fields[name]
        kind = info.annotation
        if isinstance(kind, type) and issubclass(kind, Enum):
            text = next((str(one.value) for one in kind if getattr(one, "label", "") == text), text)
        elif hit := _DAY.fullmatch(text):
            text = f"{hit[1]}-{int(hit[2]):02d}-{int(hit[3]):02d}"
        found[name] = text
    return found


def match(act: Act, rows: Sequence[Row], *, by: Person, at: datetime, project: Project | None) -> None:
    """Say of each row which case it means, or why none. The same number of queries for any number of rows."""
    mine = cases_of(by, at, project).filter(process=act.process)
    numbered = {case.number: case for case in mine.filter(number__in=[row.where for row in rows])}
    units = _units([row.where for row in rows if row.where not in numbered], by, at, project)
    by_unit = _by_unit(act, {unit.pk for found in units.values() for unit in found}, mine)
    keys = {_key(act, case, row): (row, case) for row in rows for case in _all(row, numbered, units, by_unit)}
    done = {event.key: event for event in Event.objects.filter(key__in=list(keys))}
    for row in rows:
        _choose(act, row, numbered, units, by_unit, done)


def _all(
    row: Row, numbered: Mapping[str, Case], units: Mapping[str, list[Unit]], by_unit: Mapping[int, list[Case]]
) -> list[Case]:
    if row.where in numbered:
        return [numbered[row.where]]
    return [case for unit in units.get(row.where, []) for case in by_unit.get(unit.pk, [])]


def _choose(
    act: Act, row: Row, numbered: Mapping[str, Case], units: Mapping[str, list[Unit]],
    by_unit: Mapping[int, list[Case]], done: Mapping[UUID | None, Event],
) -> None:  # fmt: skip
    cases = _all(row, numbered, units, by_unit)
    if row.values and any(row.values.values()):
        for case in cases:
            if before := done.get(_key(act, case, row)):
                row.case, row.before = case, before
                return
    if not row.where:
        row.problem = "没有写房号"
    elif row.where not in numbered and not units.get(row.where):
        row.problem = f"没有找到「{row.where}」，请核对房号或编号"
    elif row.where not in numbered and len(units[row.where]) > 1:
        found = "、".join(unit.label for unit in units[row.where][:4])
        row.problem = f"「{row.where}」可能是 {found}，请写全"
    else:
        open_ones = [case for case in cases if case.closed_at is None] or cases
        if row.which and act.selector is not None:
            open_ones = act.selector.choose(open_ones, row.which)
        if not open_ones:
            row.problem = f"没有{row.which}{process_of(act.process).label}事项"
            return
        ready = [case for case in open_ones if case.state in act.states]
        if len(open_ones) > 1 and len(ready) != 1:
            label = act.selector.label if act.selector else "事项编号"
            row.problem = f"这套房有 {len(open_ones)} 个{process_of(act.process).label}事项，请写明{label}"
            return
        row.case = ready[0] if len(ready) == 1 else open_ones[0]


def _by_unit(act: Act, keys: set[int], mine: Any) -> dict[int, list[Case]]:
    links = CaseLink.objects.filter(kind="unit", key__in=keys, case__process=act.process)
    pairs = list(links.values_list("key", "case_id"))
    cases = {case.pk: case for case in mine.filter(pk__in={case_id for _, case_id in pairs})}
    found: dict[int, list[Case]] = {}
    for unit_id, case_id in sorted(pairs, key=lambda pair: -pair[1]):
        if case_id in cases:
            found.setdefault(unit_id, []).append(cases[case_id])
    return found


def _units(texts: Iterable[str], by: Person, at: datetime, project: Project | None) -> dict[str, list[Unit]]:
    readings = {text: read_places(text) for text in set(texts) if text}
    rooms = {form for places in readings.values() for one in places for form in (one.room, f"0{one.room}")}
    rows = units_of(by, at).filter(room__in=rooms).select_related("building", "project")
    if project is not None:
        rows = rows.filter(project=project)
    known = list(rows)
    found: dict[str, list[Unit]] = {}
    for text, places in readings.items():
        fits = [
            unit
            for unit in known
            if any(
                unit.room.lstrip("0") == one.room.lstrip("0")
                and one.building in (None, building_key(unit.building.name))
                and one.entrance in (None, entrance_key(unit.entrance))
                for one in places
            )
        ]
        exact = [unit for unit in fits if text in (unit.label, unit.short)]
        found[text] = exact or fits
    return found


# --- doing -----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Outcome:
    """What became of a row: ``done``, ``before`` (had been done, nothing changed) or ``failed``; and in what words."""

    row: Row
    kind: str
    words: str

    @property
    def tone(self) -> str:
        """The tone of its mark."""
        return {"done": "ok", "before": "plain", "failed": "over"}[self.kind]

    @property
    def label(self) -> str:
        """Its mark."""
        return {"done": "办成", "before": "已办过", "failed": "没办成"}[self.kind]


def _key(act: Act, case: Case, row: Row, token: str = "") -> UUID:
    """Return the key of an act: of its row if the row says anything, else of this page."""
    said = json.dumps(given_of(act, row), sort_keys=True, ensure_ascii=False)
    return uuid5(SPACE, f"{act.process}:{act.step}:{case.pk}:{said if given_of(act, row) else token}")


def run(
    act: Act, rows: Sequence[Row], shared: Mapping[str, Any], *, token: str, by: Person, at: datetime
) -> list[Outcome]:
    """Take the step for every row, each by itself, and say what became of each."""
    found = []
    seen: dict[UUID, int] = {}
    for row in rows:
        if row.case is None:
            found.append(Outcome(row, "failed", row.problem or "没有找到事项"))
            continue
        key = _key(act, row.case, row, token)
        if key in seen:
            found.append(Outcome(row, "before", f"和第 {seen[key]} 行相同，只办一次"))
            continue
        seen[key] = row.place
        before = row.before or Event.objects.filter(key=key).first()
        if before is not None:
            found.append(
                Outcome(row, "before", f"{local(before.recorded_at):%m-%d %H:%M} 已经办过，没有改动")
            )
            continue
        found.append(_take(act, row, row.case, {**shared, **given_of(act, row)}, key, by=by, at=at))
    return found


def _take(
    act: Act, row: Row, case: Case, given: Mapping[str, Any], key: UUID, *, by: Person, at: datetime
) -> Outcome:
    try:
        event = engine.advance(case, act.step, by=by, at=at, given=given, key=key)
    except BadlyFilled as wrong:
        return Outcome(row, "failed", "；".join(wrong.errors.values()))
    except Refused as refused:
        return Outcome(row, "failed", "；".join(reason.text for reason in refused.reasons) or refused.title)
    asked = event.step.startswith("request:")
    return Outcome(row, "done", "已提交审批" if asked else f"{act.label}已办好")


def shared_errors(act: Act, rows: Sequence[Row], shared: Mapping[str, Any]) -> dict[str, str]:
    """Return what is wrong with the part of the form that is filled in once."""
    first = next((row for row in rows if row.case is not None), None)
    plain = {name: value for name, value in shared.items() if name not in ("happened_at", "points")}
    try:
        parse(act.form, {**plain, **(given_of(act, first) if first else {})})
    except BadlyFilled as wrong:
        return {path: text for path, text in wrong.errors.items() if path.split(".")[0] not in act.columns}
    return {}


# --- printing --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Printed:
    """What became of one paper of a run: ``new``, ``again`` (counted as 补打) or ``failed``."""

    case: Case
    kind: str
    words: str
    paper: Paper | None = None


def print_run(cases: Sequence[Case], name: str, *, reason: str, by: Person, at: datetime) -> list[Printed]:
    """
    Print a paper of many cases in one run. What was printed before is printed again with its mark 补打 and counted;
    that takes a reason. Call it outside of a transaction.
    """
    found = []
    for case in cases:
        out = _printed_before(case, name)
        try:
            paper = print_case(case, name, by=by, at=at)
            if out is not None and paper.pk == out.pk:
                reprint(paper=paper, reason=reason, by=by, at=at)
                found.append(Printed(case, "again", f"补打第 {paper.reprints} 次", paper))
            else:
                found.append(Printed(case, "new", "已印", paper))
        except UnableToIssue as refused:
            words = (
                "以前印过，内容没有变；要补打请写原因"
                if out is not None and not reason.strip()
                else str(refused)
            )
            found.append(Printed(case, "failed", words))
        except Refused as refused:
            words = "；".join(one.text for one in refused.reasons) or str(refused)
            found.append(Printed(case, "failed", words))
    return found


def _printed_before(case: Case, name: str) -> Paper | None:
    offer = next((one for one in offers_of(case.process) if one.name == name), None)
    if offer is None:
        return None
    rows = Paper.objects.valid().filter(case=case, form=offer.form, title=offer.title)
    return rows.order_by("-pk").first()


def run_pdf(papers: Sequence[Paper], *, by: Person, at: datetime) -> bytes:
    """Return the papers of a run as one PDF, each with its own number, code and mark."""
    assert papers
    kind = printed.form_kind(papers[0].form)
    documents = [
        printed.document_of(
            paper.form, paper.content, company=paper.company.name, version=paper.form_version,
            stamp=Stamp(
                by=by.name, at=at, qr=scans.qr_text(paper.token), number=paper.number, reprint=paper.reprints
            ),
        )
        for paper in papers
    ]  # fmt: skip
    return render_many(kind.template, documents, at=at)


# --- what comes in lists ---------------------------------------------------------------------------------------------
def _by_part(cases: Sequence[Case], text: str) -> list[Case]:
    parts = {label[:2]: code for code, label in Mortgage.PARTS} | {"按揭": Mortgage.COMMERCIAL}
    wanted = next((code for start, code in parts.items() if text.strip().startswith(start)), "")
    keys = Mortgage.objects.filter(case__in=[case.pk for case in cases], part=wanted).values_list(
        "case_id", flat=True
    )
    mine = set(keys)
    return [case for case in cases if case.pk in mine]


PART: Final = Selector("贷款种类", _by_part)

register("mortgage", "disburse", ("amount", "received_date", "voucher"), selector=PART, group="放款")
register("mortgage", "ask_payout", (), selector=PART, group="放款")
register("mortgage", "press_bank", (), selector=PART, group="放款")
register("mortgage", "approve", ("amount", "until_date", "approval_number"), selector=PART, group="放款")
register("mortgage", "chase", (), selector=PART, group="催办")
register("mortgage", "answer", ("promised_date", "words"), selector=PART, group="催办")
register("mortgage", "letter", ("tracking",), selector=PART, group="函件")
register("mortgage", "sign_loan", ("loan_number", "loan_date"), selector=PART, group="放款")
register(
    "mortgage", "register_mortgage", ("registration_number", "registered_date"), selector=PART, group="放款"
)
register("mortgage", "split", ("fund_amount", "fund_bank"), selector=PART, group="接办台账贷款")
register("mortgage", "take_up", (), selector=PART, group="接办台账贷款")
register(
    "mortgage",
    "take_up_submitted",
    ("acceptance_number", "submitted_date"),
    selector=PART,
    group="接办台账贷款",
)
register(
    "mortgage",
    "take_up_approved",
    ("amount", "decided_date", "until_date", "approval_number"),
    selector=PART,
    group="接办台账贷款",
)
register(
    "mortgage", "take_up_paid", ("amount", "received_date", "voucher"), selector=PART, group="接办台账贷款"
)
register("dunning", "call", ("words",), group="催款")
register("dunning", "letter", ("tracking",), group="函件")
register("dunning", "lawyer", ("tracking",), group="函件")
register("presale_filing", "submit", ("proof",), group="备案")
register("presale_filing", "accept", ("acceptance_number",), group="备案")
register("presale_filing", "file", ("filing_number", "filed_date", "late_reason"), group="备案")
