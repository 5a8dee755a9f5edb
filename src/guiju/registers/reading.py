"""A file as a register of one kind: its sheets recognised, its rows read. Asks the database nothing."""

from __future__ import annotations

from collections.abc import Mapping as Dictionary
from dataclasses import dataclass

from guiju.registers.fields import NEEDED, Kind, field_of
from guiju.registers.recognise import Mapping, recognise, says_measured
from guiju.registers.rows import read_entries
from guiju.registers.rows.days import Days
from guiju.registers.rows.facts import Entry
from guiju.registers.rows.reader import Page
from guiju.registers.workbook import Sheet, UnableToOpenWorkbook, read_workbook

EMPTY = "表头下面没有数据"


class NotARegister(Exception):
    """
    The file is no register of this kind. Says in Chinese why, and of which kind it may be.

    ``mappings``: sheets with a header that lacks a needed column, so that a person can point it out.
    """

    def __init__(self, text: str, mappings: list[Mapping] | None = None) -> None:
        super().__init__(text)
        self.mappings = mappings or []


@dataclass(slots=True)
class Reading:
    """A file read as a register."""

    kind: Kind
    pages: list[Page]
    skipped: list[tuple[str, str]]
    """Sheets that were not read, with the reason."""
    days: Days
    entries: list[Entry]

    @property
    def passed(self) -> list[tuple[str, int, str]]:
        """Rows that are no entries: sheet, row, what they are."""
        return [(page.sheet.name, number, why) for page in self.pages for number, why in page.data.passed]


def read_register(
    kind: Kind | str,
    content: bytes,
    *,
    file_name: str,
    corrected: Dictionary[str, Dictionary[str, int]] | None = None,
    year: int | None = None,
) -> Reading:
    """
    Read a file as a register of a kind.

    :raises NotARegister: it cannot be opened, has no such table, or is a register of another kind.
    """
    kind = Kind(kind)
    try:
        sheets = read_workbook(content, name=file_name)
    except UnableToOpenWorkbook as error:
        raise NotARegister(str(error)) from error
    pages: list[Page] = []
    skipped: list[tuple[str, str]] = []
    partial: list[Mapping] = []
    for sheet in sheets:
        if sheet.hidden:
            skipped.append((sheet.name, "隐藏的工作表"))
            continue
        mapping = recognise(kind, sheet, corrected)
        if mapping is None or not mapping.complete:
            skipped.append((sheet.name, _why(mapping)))
            partial += [mapping] if mapping is not None else []
            continue
        page = Page.of(sheet, mapping)
        if page.data.rows:
            pages.append(page)
        else:
            skipped.append((sheet.name, EMPTY))
    if not pages:
        raise NotARegister(
            f"{kind.label}里没有数据：{EMPTY}。"
            if any(why == EMPTY for _, why in skipped)
            else _refusal(kind, sheets, partial),
            partial,
        )
    guessed = [page.sheet for page in pages if page.mapping.fingerprint not in (corrected or {})]
    other = _another_kind(kind, guessed, file_name)
    if other is not None:
        raise NotARegister(f"这不像{kind.label}，像{other.label}。请核对文件，或换一种导入。")
    days = Days(kind, pages, year)
    return Reading(kind, pages, skipped, days, read_entries(kind, pages, days))


def _why(mapping: Mapping | None) -> str:
    if mapping is None:
        return "没有找到表头"
    return f"缺少「{'」「'.join(mapping.missing)}」列"


def _complete(kind: Kind, sheet: Sheet) -> Mapping | None:
    mapping = recognise(kind, sheet)
    return mapping if mapping is not None and mapping.complete else None


def _is_kind(kind: Kind, sheet: Sheet) -> bool:
    mapping = _complete(kind, sheet)
    return mapping is not None and (kind is not Kind.AREAS or says_measured(sheet, mapping))


def _another_kind(kind: Kind, sheets: list[Sheet], file_name: str) -> Kind | None:
    """Return the kind that the sheets rather are, although they have this kind's columns too."""
    if kind is Kind.UNITS and any(_complete(Kind.CUSTOMERS, sheet) for sheet in sheets):
        return Kind.CUSTOMERS
    if kind is Kind.AREAS:
        for sheet in sheets:
            mapping = _complete(Kind.AREAS, sheet)
            measured = mapping is not None and (says_measured(sheet, mapping) or "实测" in file_name)
            if not measured and _complete(Kind.UNITS, sheet):
                return Kind.UNITS
            if not measured and _complete(Kind.CUSTOMERS, sheet):
                return Kind.CUSTOMERS
    return None


def _refusal(kind: Kind, sheets: list[Sheet], partial: list[Mapping]) -> str:
    """Say why no sheet is a register of this kind."""
    for other in Kind:
        if other is not kind and any(_is_kind(other, sheet) for sheet in sheets if not sheet.hidden):
            return f"这不是{kind.label}，像{other.label}。请核对文件，或换一种导入。"
    if partial:
        best = max(partial, key=lambda mapping: mapping.strength)
        names = "、".join(f"「{label}」" for label in best.missing)
        return f"这不是{kind.label}：工作表「{best.sheet}」里没有找到{names}列。"
    needed = "、".join(f"「{field_of(kind, group[0]).label}」" for group in NEEDED[kind])
    return f"这不是{kind.label}：没有找到含{needed}的表头。"
