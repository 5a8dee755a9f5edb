"""Which row is the header, and which column is which field: by the columns' names and by what stands below.

Nothing here asks the database. A mapping that a person corrected comes in as ``corrected`` (see `models.Layout`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field
from decimal import Decimal

from guiju.registers.fields import FIELDS, NEEDED, Field, Kind, field_of
from guiju.registers.rooms import find_building, looks_like_place
from guiju.registers.values import says_nothing, squeezed
from guiju.registers.workbook import Cell, Row, Sheet

HEADER_WITHIN = 80
"""The header stands within the first so many rows."""
SAMPLE = 60
_UNIT = re.compile(
    r"^(万元|元|千元|元/(m2|平方?米|平)|万元/(m2|平方?米)|m2|平方?米|平米|㎡|%|人民币|sq\.?m\.?|(rmb|cny|yuan)(/(m2|sq\.?m\.?))?)([/,、]?(套|户|间|个))?$"
)
_UNIT_TAIL = re.compile(r"[/:,-]?(万元/m2|万元|元/m2|元/平方?米|m2|平方?米|(?<!单)元)$")
_MEASURED_WORDS = re.compile(r"实测|竣工|测绘|产权面积|确权|终测")
_LONG_TEXTS = frozenset({"content", "opinion", "result", "note", "address"})
_PLACE = frozenset({"building", "entrance", "room"})
_OF_A_SALE = frozenset(
    {"names", "identities", "phones", "subscribed", "signed", "contract_number", "payment"}
)
TOTALS = re.compile(
    r"^.{0,8}(合计|小计|总计|累计|共计|汇总|平均值?|总和)([(（].{0,6}[)）])?[:：]?[\d.,]*(元|万元|套|户|件|m2|㎡)?$"
    r"|^(合|总|小)\s*计$|^(sub)?total$",
    re.IGNORECASE,
)
NOTES = re.compile(
    r"^(注|说明|备注|填表|制表|审核|编制|复核|签字|签章|打印|日期|特此|以上|本表|温馨|填报|经办|单位盖章|销售经理|第\d+页)[^一-鿿]?.*"
)


@dataclass(frozen=True, slots=True)
class Heading:
    """A column's heading: its words from top to bottom, and the unit it names."""

    column: int
    words: tuple[str, ...]
    unit: str = ""

    @property
    def text(self) -> str:
        """The heading as one name."""
        return "".join(self.words)

    def candidates(self) -> list[tuple[str, float]]:
        """Return the names to try with the weight of each: a group and its part in both orders, then the part alone."""
        if len(self.words) < 2:
            return [(self.text, 1.0)]
        first, last = self.words[0], self.words[-1]
        return [(self.text, 1.0), (last + first, 0.97), (first + last, 0.97), (last, 0.95)]


@dataclass(frozen=True, slots=True)
class Choice:
    """The column chosen for a field, how sure that is (0–1), and other columns that might be meant."""

    field: str
    column: int
    confidence: float
    rivals: tuple[int, ...] = ()
    by: str = "name"


@dataclass(slots=True)
class Mapping:
    """What a sheet's columns mean."""

    kind: Kind
    sheet: str
    first: int
    last: int
    """First and last row number of the header."""
    headings: tuple[Heading, ...]
    choices: dict[str, Choice] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    """Labels of needed fields that no column holds."""
    building: str | None = None
    """The building that the sheet's name or title names, when no column does."""
    wan: bool = False
    """Whether the sheet says that its amounts are in 万元."""
    strength: float = 0.0

    @property
    def complete(self) -> bool:
        """Whether every needed field has a column."""
        return not self.missing

    @property
    def doubtful(self) -> list[str]:
        """Labels of fields found with little confidence or with rivals."""
        return [
            field_of(self.kind, choice.field).label
            for choice in self.choices.values()
            if choice.field != "note" and (choice.rivals or choice.confidence < 0.6)
        ]

    @property
    def fingerprint(self) -> str:
        """What tells this layout from others: the kind and the headings in their order."""
        text = f"{self.kind.value}|" + "|".join(heading.text for heading in self.headings)
        return hashlib.sha256(text.encode()).hexdigest()

    def column(self, name: str) -> int | None:
        """Return the column of a field, or None."""
        choice = self.choices.get(name)
        return choice.column if choice else None

    def heading(self, column: int) -> Heading | None:
        """Return the heading of a column."""
        return next((heading for heading in self.headings if heading.column == column), None)

    def name(self, field_name: str) -> str:
        """Return the column's own name for a field, as reasons quote it; the field's label when there is none."""
        column = self.column(field_name)
        heading = self.heading(column) if column is not None else None
        return (heading.text if heading and heading.text else "") or field_of(self.kind, field_name).label

    def scale(self, field_name: str) -> Decimal | None:
        """Return how many yuan one of the column's units is, or None when neither heading nor sheet says."""
        column = self.column(field_name)
        heading = self.heading(column) if column is not None else None
        if heading and heading.unit:
            return (
                Decimal(10_000)
                if heading.unit.startswith("万")
                else Decimal(1_000)
                if heading.unit == "千元"
                else Decimal(1)
            )
        return Decimal(10_000) if self.wan else None

    def places(self) -> dict[str, int]:
        """Return field → column, as a layout is remembered."""
        return {name: choice.column for name, choice in self.choices.items()}


def split_heading(cell: Cell) -> tuple[str, str]:
    """Return a heading's name and unit: `建筑面积(㎡)` → 建筑面积, m2; `*总价 万元` → 总价, 万元."""
    text = squeezed(cell).lower()
    text = re.sub(r"^[*★☆●▲\d]{1,2}[.、:]?(?=[^\d.])", "", text) if len(text) > 2 else text
    unit = ""

    def bracket(match: re.Match[str]) -> str:
        nonlocal unit
        inside = match.group(1)
        if _UNIT.fullmatch(inside):
            unit = unit or inside
            return ""
        return inside if len(inside) <= 6 else ""

    text = re.sub(r"[(\[<【〔{]([^)\]>】〕}]*)[)\]>】〕}]", bracket, text)
    tail = _UNIT_TAIL.search(text)
    if tail and tail.start() > 1:
        unit = unit or tail.group(1)
        text = text[: tail.start()]
    return re.sub(r"[:*★?？。]+", "", text), unit


def _is_datum(cell: Cell) -> bool:
    """Whether a cell cannot stand in a header: a number, a day, a long text."""
    if cell is None:
        return False
    if not isinstance(cell, str):
        return True
    text = squeezed(cell)
    return len(text) > 34 or looks_like_place(text) or bool(re.fullmatch(r"-?[\d.,/-]{2,}|\d{4}年.*日", text))


def _headings(sheet: Sheet, first: int, depth: int) -> tuple[Heading, ...] | None:
    """Build the headings out of ``depth`` rows from ``first``; None when these rows cannot be a header."""
    rows = [sheet.row(number) for number in range(first, first + depth)]
    if any(row is None or row.empty for row in rows):
        return None
    lines = [row for row in rows if row is not None]
    for line in lines:
        filled = [cell for cell in line.cells if cell is not None]
        if sum(_is_datum(cell) for cell in filled) > (max(1, len(filled) * 0.2) if depth == 1 else 1):
            return None
    width = max(max(len(line.cells), len(line.merged)) for line in lines)
    lowest = lines[-1]
    names: list[list[tuple[str, str]]] = [[] for _ in range(width)]
    for line in lines:
        carried: Cell = None
        labels = [line.label(column) for column in range(width)]
        spread = sum(1 for label in labels if label is not None and label == labels[0])
        if spread > 2 and spread > 0.7 * width:
            return None
        for column in range(width):
            label = labels[column]
            if label is not None:
                carried = label
            elif line is not lowest and carried is not None and lowest.label(column) is not None:
                label = carried
            if label is not None:
                names[column].append(split_heading(label))
    made = []
    for column, parts in enumerate(names):
        words: list[str] = []
        unit = ""
        for word, own in parts:
            unit = own or unit
            if word and (not words or words[-1] != word):
                words.append(word)
        if words:
            made.append(Heading(column, tuple(words), unit))
    return tuple(made) if len(made) >= 2 else None


def _name_scores(kind: Kind, headings: tuple[Heading, ...]) -> list[tuple[float, Field, Heading]]:
    scored = []
    for known in FIELDS[kind]:
        for heading in headings:
            best = max(known.by_name(name) * weight for name, weight in heading.candidates())
            if best > 0:
                scored.append((best, known, heading))
    return scored


def _header(kind: Kind, sheet: Sheet) -> tuple[float, int, int, tuple[Heading, ...]] | None:
    """
    Find the header: the first rows whose names fit nearly the most fields of the kind (a page may repeat it below).

    Returns strength, first and last row, headings.
    """
    found: list[tuple[float, int, int, tuple[Heading, ...]]] = []
    for first in range(1, min(len(sheet.rows), HEADER_WITHIN) + 1):
        for depth in (1, 2, 3):
            headings = _headings(sheet, first, depth)
            if headings is None:
                continue
            fields: set[str] = set()
            columns: set[int] = set()
            strength = 0.0
            for score, known, heading in sorted(_name_scores(kind, headings), key=lambda item: -item[0]):
                if known.name not in fields and heading.column not in columns:
                    fields.add(known.name)
                    columns.add(heading.column)
                    strength += score
            if len(fields) >= 2:
                found.append((strength - 0.02 * (depth - 1), first, first + depth - 1, headings))
    if not found:
        return None
    enough = 0.85 * max(strength for strength, *_ in found)
    top = min(first for strength, first, *_ in found if strength >= enough)
    return max(
        (one for one in found if one[1] <= top + 2 and one[0] >= enough),
        key=lambda one: (round(one[0], 3), -one[2]),
    )


def _with_unit_row(sheet: Sheet, last: int, headings: tuple[Heading, ...]) -> tuple[int, tuple[Heading, ...]]:
    """Take a row below the header that holds nothing but units (㎡, 元/㎡, 万元) as part of it."""
    below = sheet.row(last + 1)
    units = (
        {}
        if below is None
        else {column: squeezed(cell) for column, cell in enumerate(below.cells) if cell is not None}
    )
    units = {column: text.strip("()[]").lower() for column, text in units.items()}
    if not units or not all(_UNIT.fullmatch(text) for text in units.values()):
        return last, headings
    named = tuple(
        Heading(heading.column, heading.words, units.get(heading.column, heading.unit))
        for heading in headings
    )
    return last + 1, named


def _samples(sheet: Sheet, after: int, column: int) -> list[Cell]:
    found: list[Cell] = []
    for row in sheet.rows[after : after + 4 * SAMPLE]:
        cell = row.label(column)
        if cell is not None and not says_nothing(cell) and not TOTALS.match(squeezed(cell)):
            found.append(cell)
            if len(found) == SAMPLE:
                break
    return found


def recognise(
    kind: Kind, sheet: Sheet, corrected: Dictionary[str, Dictionary[str, int]] | None = None
) -> Mapping | None:
    """
    Find the header of a sheet and the column of every field; None when the sheet has no header of this kind.

    ``corrected``: fingerprint → field → column, as people corrected earlier files of the same layout.
    """
    found = _header(kind, sheet)
    if found is None:
        return None
    strength, first, last, headings = found
    last, headings = _with_unit_row(sheet, last, headings)
    mapping = Mapping(kind, sheet.name, first, last, headings, strength=strength)
    above = [cell for row in sheet.rows[: first - 1] for cell in row.cells if cell is not None]
    mapping.wan = any(
        re.search(r"单位[::]?[^一-鿿]*(?:[^\s,;]*[、/,])?万元", squeezed(cell)) for cell in above
    )
    remembered = (corrected or {}).get(mapping.fingerprint)
    if remembered is not None:
        known_names = {known.name for known in FIELDS[kind]}
        mapping.choices = {
            name: Choice(name, column, 1.0, by="person")
            for name, column in remembered.items()
            if name in known_names
        }
    else:
        mapping.choices = _assign(kind, sheet, mapping)
    mapping.missing = tuple(
        "或".join(dict.fromkeys(field_of(kind, name).label for name in group))
        for group in NEEDED[kind]
        if not any(name in mapping.choices for name in group)
    )
    if "building" not in mapping.choices:
        mapping.building = find_building(sheet.name)
        for cell in above:
            mapping.building = mapping.building or find_building(cell)
    return mapping


def _assign(kind: Kind, sheet: Sheet, mapping: Mapping) -> dict[str, Choice]:
    """Give each field its best column, the surest first."""
    samples = {heading.column: _samples(sheet, mapping.last, heading.column) for heading in mapping.headings}
    named = {
        (known.name, heading.column): score for score, known, heading in _name_scores(kind, mapping.headings)
    }
    offers: list[tuple[float, float, str, int, str]] = []
    for known in FIELDS[kind]:
        for heading in mapping.headings:
            sample = samples[heading.column]
            fit = sum(known.like(cell) for cell in sample) / len(sample) if sample else None
            score = named.get((known.name, heading.column), 0.0)
            by = "name"
            if score > 0:
                score += 0.5 * fit if fit is not None else 0.1
                if fit is not None and fit < 0.2:
                    score -= 0.5
            elif (
                known.by_content
                and known.may_be(heading.text)
                and fit is not None
                and fit >= 0.9
                and len(sample) >= 2
            ):
                score, by = 0.5 * fit, "content"
            elif (
                known.name == "room"
                and sample
                and sum(looks_like_place(cell) for cell in sample) >= 0.9 * len(sample)
            ):
                score, by = 0.5, "content"
            if heading.column in sheet.hidden_columns:
                score -= 0.3
            if score >= 0.4:
                offers.append((score, fit if fit is not None else 0.0, known.name, heading.column, by))
    offers.sort(key=lambda offer: (-offer[0], offer[3]))
    chosen: dict[str, Choice] = {}
    taken: dict[int, str] = {}
    scores: dict[str, float] = {}
    for score, fit, name, column, by in offers:
        if name in chosen or column in taken:
            continue
        taken[column] = name
        scores[name] = score
        confidence = round(min(1.0, score / 1.5 if by == "name" else 0.5 * fit), 2)
        chosen[name] = Choice(name, column, confidence, by=by)
    for name, choice in list(chosen.items()):
        rivals = tuple(
            column
            for score, _, other, column, _ in offers
            if other == name and column not in taken and score >= scores[name] - 0.1
        )
        if rivals and name != "note":
            chosen[name] = Choice(name, choice.column, choice.confidence, rivals, choice.by)
    return chosen


def says_measured(sheet: Sheet, mapping: Mapping) -> bool:
    """Whether headings, titles or the sheet's name say that the areas were measured after completion."""
    words = [heading.text for heading in mapping.headings] + [sheet.name]
    words += [
        squeezed(cell) for row in sheet.rows[: mapping.first - 1] for cell in row.cells if cell is not None
    ]
    return any(_MEASURED_WORDS.search(word) for word in words)


@dataclass(slots=True)
class DataRows:
    """The rows of a sheet that are entries, and those passed over with the reason (totals, notes, headers again)."""

    rows: list[Row]
    passed: list[tuple[int, str]]


def data_rows(sheet: Sheet, mapping: Mapping) -> DataRows:
    """Tell entries from totals, notes, repeated headers and blank rows; entries after a totals row still count."""
    entries: list[Row] = []
    passed: list[tuple[int, str]] = []
    columns = {choice.column: name for name, choice in mapping.choices.items()}
    long_texts = {column for column, name in columns.items() if name in _LONG_TEXTS}
    room = mapping.column("room")
    header = [
        row for number in range(mapping.first, mapping.last + 1) if (row := sheet.row(number)) is not None
    ]
    names = {
        heading.column: {squeezed(row.label(heading.column)) for row in header} - {""}
        for heading in mapping.headings
    }
    for row in sheet.rows[mapping.last :]:
        texts = {column: squeezed(cell) for column, cell in enumerate(row.cells) if cell is not None}
        if not texts:
            continue
        filled = {
            name for column, name in columns.items() if name != "note" and not says_nothing(texts.get(column))
        }
        has_room = room is not None and not says_nothing(row.label(room))
        first = next(iter(texts.values()))
        labels = [text for column, text in texts.items() if column not in long_texts][:4]
        if any(TOTALS.match(text) for text in labels):
            passed.append((row.number, "合计行"))
        elif sum(text in names.get(column, ()) for column, text in texts.items()) >= max(2, 0.6 * len(texts)):
            passed.append((row.number, "重复的表头"))
        elif row.number == mapping.last + 1 and _numbers_columns(list(texts.values())):
            passed.append((row.number, "栏号"))
        elif not filled:
            passed.append((row.number, "空行"))
        elif (NOTES.match(first) and len(filled) <= 2) or (len(filled) == 1 and len(first) > 12):
            passed.append((row.number, "说明"))
        elif not has_room and len(filled - _PLACE) < 2:
            passed.append((row.number, "没有内容的行"))
        elif mapping.kind is Kind.CUSTOMERS and has_room and not filled & _OF_A_SALE:
            passed.append((row.number, "没有买受人，未售"))
        else:
            entries.append(row)
    return DataRows(entries, passed)


def _numbers_columns(texts: list[str]) -> bool:
    """Whether a row only numbers the columns: 1, 2, 3, …"""
    return len(texts) >= 3 and [text.strip("()") for text in texts] == [
        str(number) for number in range(1, len(texts) + 1)
    ]
