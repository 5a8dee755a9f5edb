"""Registers as they lie on people's disks, read into sheets of numbered rows.

Excel (.xlsx, .xlsm, .xlsb, .xls), OpenDocument, CSV and tab-separated text in UTF-8, UTF-16 or GBK, and the HTML
tables that many sales systems save under the name .xls. What a file is, is decided by its first bytes, never by its name.
"""

from __future__ import annotations

import csv
import io
import re
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from html.parser import HTMLParser
from importlib.util import find_spec

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

MOST_BYTES = 50_000_000
MOST_UNPACKED_BYTES = 600_000_000
MOST_ROWS = 200_000
MOST_COLUMNS = 400
MOST_SPANNED = 20_000
MOST_CELLS = 20_000_000
_FILLED = re.compile(rb"""<(?:\w+:)?c\b(?:[^>]*?\sr=["']([A-Z]{1,3})([0-9]{1,8})["'])?[^>]*(?<!/)>""")
"""A cell that holds something, in a sheet of an .xlsx; cells that are only coloured do not count."""
_TOO_FAR = "工作表太大：请删去表格以外的内容，或拆分后再导入。"

Cell = str | int | float | date | datetime | None
"""One cell as the file holds it; whole numbers are ``int``, an empty cell is ``None``."""


class UnableToOpenWorkbook(Exception):
    """The file is no workbook that can be read. Says in Chinese what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a sheet. ``number`` is the one Excel shows in its margin, from 1."""

    number: int
    cells: tuple[Cell, ...]
    merged: tuple[Cell, ...] = ()

    def cell(self, column: int) -> Cell:
        """Return what stands in the cell itself."""
        return self.cells[column] if 0 <= column < len(self.cells) else None

    def label(self, column: int) -> Cell:
        """Return what a reader sees there: the cell, or the merged cell that covers it."""
        if 0 <= column < len(self.merged) and self.merged[column] is not None:
            return self.merged[column]
        return self.cell(column)

    @property
    def empty(self) -> bool:
        """Whether nothing stands in the row itself."""
        return all(cell is None for cell in self.cells)


@dataclass(slots=True)
class Sheet:
    """A sheet: its name, its rows from row 1, and what its author hid."""

    name: str
    rows: list[Row]
    joined: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    """Column → vertical merges in it, as first and last row number."""
    hidden_columns: frozenset[int] = frozenset()
    hidden_rows: frozenset[int] = frozenset()
    hidden: bool = False

    def row(self, number: int) -> Row | None:
        """Return the row with this number."""
        return self.rows[number - 1] if 0 < number <= len(self.rows) else None

    def merge_over(self, column: int, number: int) -> tuple[int, int] | None:
        """Return the first and last row of the vertical merge that covers this cell."""
        for first, last in self.joined.get(column, ()):
            if first <= number <= last:
                return first, last
        return None


def read_workbook(content: bytes, *, name: str = "") -> list[Sheet]:
    """
    Read every sheet that holds anything, hidden ones marked as such.

    :raises UnableToOpenWorkbook: empty, too large, protected by a password, damaged, or no table at all.
    """
    if not content.strip():
        raise UnableToOpenWorkbook("文件是空的。")
    if len(content) > MOST_BYTES:
        raise UnableToOpenWorkbook(f"文件超过 {MOST_BYTES // 1_000_000} MB，请拆分后再导入。")
    if content[:4] == b"PK\x03\x04" or content[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        sheets = _read_excel(content)
    elif content[:5] == b"%PDF-":
        raise UnableToOpenWorkbook("这是 PDF 文件，请导入 Excel 或 CSV 文件。")
    else:
        sheets = _read_text(content, name)
    sheets = [sheet for sheet in sheets if any(not row.empty for row in sheet.rows)]
    if not sheets:
        raise UnableToOpenWorkbook("文件里没有内容。")
    return sheets


def _read_excel(content: bytes) -> list[Sheet]:
    """Read what calamine reads; hidden rows and columns come from the file's own XML."""
    hidden: dict[str, tuple[frozenset[int], frozenset[int]]] = {}
    if content[:2] == b"PK":
        hidden = _hidden_parts(content)
    try:
        if not hidden:
            _try_apart(content)
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = []
        for about in book.sheets_metadata:
            if about.typ != SheetTypeEnum.WorkSheet:
                continue
            page = book.get_sheet_by_name(about.name)
            if page.total_height > MOST_ROWS:
                raise UnableToOpenWorkbook(f"工作表「{about.name}」超过 {MOST_ROWS:,} 行，请拆分后再导入。")
            values = page.to_python(skip_empty_area=False)
            columns, rows = hidden.get(about.name, (frozenset(), frozenset()))
            sheet = _sheet(about.name, values, page.merged_cell_ranges or [])
            sheet.hidden_columns, sheet.hidden_rows = columns, rows
            sheet.hidden = about.visible != SheetVisibleEnum.Visible
            sheets.append(sheet)
    except PasswordError as error:
        raise UnableToOpenWorkbook("文件有密码保护，请去掉密码后再导入。") from error
    except (CalamineError, OSError, ValueError, OverflowError) as error:
        if b"E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e" in content:
            raise UnableToOpenWorkbook("文件有密码保护，请去掉密码后再导入。") from error
        raise UnableToOpenWorkbook("文件打不开：不是 Excel 工作簿，或已损坏。") from error
    return sheets


_APART = """
import io, sys
import resource
resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
from python_calamine import CalamineWorkbook, SheetTypeEnum
try:
    book = CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
    for about in book.sheets_metadata:
        if about.typ == SheetTypeEnum.WorkSheet:
            book.get_sheet_by_name(about.name)
except Exception:
    pass
"""


def _try_apart(content: bytes) -> None:
    """
    Open a workbook that is no plain .xlsx in a process of its own first: one whose only cells lie at opposite corners
    of a sheet takes more memory than there is, and that ends the process that opens it.

    :raises UnableToOpenWorkbook: that process came to its end.
    """
    if find_spec("resource") is None:
        return
    try:
        done = subprocess.run(
            [sys.executable, "-c", _APART], input=content, capture_output=True, timeout=120, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise UnableToOpenWorkbook(_TOO_FAR) from error
    if done.returncode != 0:
        raise UnableToOpenWorkbook(_TOO_FAR)


def _hidden_parts(content: bytes) -> dict[str, tuple[frozenset[int], frozenset[int]]]:
    """
    Find hidden columns and rows of an .xlsx by sheet name; a file of another make has none.

    :raises UnableToOpenWorkbook: the archive is broken or would unpack to an absurd size.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MOST_UNPACKED_BYTES:
                raise UnableToOpenWorkbook("文件解压后过大，请拆分后再导入。")
            names = set(archive.namelist())
            for name in names - {"xl/sharedStrings.xml", "xl/styles.xml", "content.xml"}:
                if name.endswith(".xml"):
                    _refuse_far_cells(archive.read(name))
            if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
                return {}
            book = archive.read("xl/workbook.xml").decode("utf-8", "replace")
            links = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
            targets = {}
            for link in re.findall(r"<Relationship\b[^>]*>", links):
                key, target = _attribute(link, "Id"), _attribute(link, "Target")
                targets[key] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            found = {}
            for tag in re.findall(r"<(?:\w+:)?sheet\b[^>]*>", book):
                path = targets.get(_attribute(tag, r"\w+:id"), "")
                if path in names:
                    text = archive.read(path)
                    found[_unescape(_attribute(tag, "name"))] = (_hidden_columns(text), _hidden_rows(text))
            return found
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        ValueError,
        KeyError,
        NotImplementedError,
        RuntimeError,
    ) as error:
        raise UnableToOpenWorkbook("文件打不开：不是 Excel 工作簿，或已损坏。") from error


def _refuse_far_cells(text: bytes) -> None:
    """
    Refuse a sheet whose cells lie so far apart that the space between them fills the memory.

    :raises UnableToOpenWorkbook: it does.
    """
    filled = _FILLED.findall(text)
    if not filled:
        return
    rows = max(int(row or 0) for row in {row for _, row in filled})
    if any(not row for _, row in filled):
        rows = max(rows, *(int(row) for row in re.findall(rb"""\sr=["']([0-9]{1,8})["']""", text)), 0, 0)
    letters = max((letter for letter, _ in filled), key=lambda letter: (len(letter), letter))
    columns = 0
    for sign in letters:
        columns = columns * 26 + sign - 64
    if rows > MOST_ROWS:
        raise UnableToOpenWorkbook(f"有工作表超过 {MOST_ROWS:,} 行，请拆分后再导入。")
    if rows * columns > MOST_CELLS:
        raise UnableToOpenWorkbook(_TOO_FAR)


def _attribute(tag: str, name: str) -> str:
    match = re.search(rf'\s{name}="([^"]*)"', tag)
    return match.group(1) if match else ""


def _unescape(text: str) -> str:
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&")):
        text = text.replace(entity, character)
    return re.sub(r"&#(\d+);", lambda match: chr(int(match.group(1))), text)


def _hidden_columns(text: bytes) -> frozenset[int]:
    found: set[int] = set()
    head = text[: text.find(b"<sheetData")]
    for tag in re.findall(rb"<(?:\w+:)?col\b[^>]*>", head):
        if re.search(rb'\bhidden="(?:1|true)"', tag):
            low, high = re.search(rb'\bmin="(\d+)"', tag), re.search(rb'\bmax="(\d+)"', tag)
            if low and high:
                found.update(range(int(low.group(1)) - 1, min(int(high.group(1)), MOST_COLUMNS)))
    return frozenset(found)


def _hidden_rows(text: bytes) -> frozenset[int]:
    found = set()
    for tag in re.findall(rb'<(?:\w+:)?row\b[^>]*\bhidden="(?:1|true)"[^>]*>', text):
        number = re.search(rb'\br="(\d+)"', tag)
        if number:
            found.add(int(number.group(1)))
    return frozenset(found)


def _read_text(content: bytes, name: str) -> list[Sheet]:
    """
    Read CSV, tab-separated text or an HTML table.

    :raises UnableToOpenWorkbook: the bytes are no text.
    """
    text = _decode(content)
    if re.search(r"<\s*(table|html)\b", text[:4000], re.IGNORECASE):
        reader = _Tables()
        reader.feed(text)
        reader.close()
        return [_sheet(title or name, values, merges) for title, values, merges in reader.tables]
    head = text[:20_000]
    lines = [line for line in head.splitlines()[:40] if line.strip()]
    mark = max(",\t;|，", key=lambda sign: sum(line.count(sign) for line in lines))
    if not any(mark in line for line in lines):
        raise UnableToOpenWorkbook("文件不是表格：没有找到分列的内容。")
    try:
        values = list(csv.reader(io.StringIO(text, newline=""), delimiter=mark))
    except csv.Error as error:
        raise UnableToOpenWorkbook("CSV 文件的格式有误，读不下去。") from error
    if len(values) > MOST_ROWS:
        raise UnableToOpenWorkbook(f"文件超过 {MOST_ROWS:,} 行，请拆分后再导入。")
    stem = re.sub(r"\.\w{2,5}$", "", name.replace("\\", "/").rsplit("/", 1)[-1])
    return [_sheet(stem or "表", values, [])]


def _decode(content: bytes) -> str:
    """
    Decode the text of a file by its byte order mark, else as UTF-8, else as GB18030.

    :raises UnableToOpenWorkbook: it is none of them.
    """
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text[:4000]:
            return text
    raise UnableToOpenWorkbook("文件不是 Excel 工作簿，也不是文本表格（CSV）。")


class _Tables(HTMLParser):
    """Collects the tables of an HTML page with their spans."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[tuple[str, list[list[str]], list[tuple[tuple[int, int], tuple[int, int]]]]] = []
        self._cell: list[str] | None = None
        self._span = (1, 1)
        self._covered: set[tuple[int, int]] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a table, a row or a cell."""
        if tag == "table":
            self.tables.append(("", [], []))
            self._covered = set()
        elif tag == "tr" and self.tables:
            self.tables[-1][1].append([])
        elif tag in ("td", "th") and self.tables and self.tables[-1][1]:
            given = dict(attrs)
            self._cell = []
            wide = min(_span(given.get("colspan")), MOST_COLUMNS)
            # Spans of thousands by thousands are a slip, or meant to exhaust the reader.
            self._span = (min(_span(given.get("rowspan")), MOST_SPANNED // wide), wide)
        elif tag == "br" and self._cell is not None:
            self._cell.append("\n")

    def handle_data(self, data: str) -> None:
        """Keep text that stands inside a cell."""
        if self._cell is not None:
            self._cell.append(data)

    def handle_endtag(self, tag: str) -> None:
        """Close a cell and put it where its spans leave room."""
        if tag not in ("td", "th") or self._cell is None:
            return
        _, rows, merges = self.tables[-1]
        number, row = len(rows) - 1, rows[-1]
        while (number, len(row)) in self._covered:
            row.append("")
        first = (number, len(row))
        row.append("".join(self._cell).strip())
        last = (number + self._span[0] - 1, first[1] + self._span[1] - 1)
        if last != first:
            merges.append((first, last))
            self._covered.update(
                (r, c) for r in range(first[0], last[0] + 1) for c in range(first[1], last[1] + 1)
            )
            self._covered.discard(first)
        self._cell = None


def _span(text: str | None) -> int:
    return max(1, min(int(text), 2000)) if text and re.fullmatch(r"[0-9]{1,9}", text) else 1


def _sheet(
    name: str,
    values: Sequence[Sequence[object]],
    merges: Iterable[tuple[tuple[int, int], tuple[int, int]]],
) -> Sheet:
    """Number the rows, tidy the cells and lay the merged cells over them."""
    rows = [tuple(_cell(value) for value in line[:MOST_COLUMNS]) for line in values]
    while rows and all(cell is None for cell in rows[-1]):
        rows.pop()
    covers: dict[int, dict[int, Cell]] = {}
    joined: dict[int, list[tuple[int, int]]] = {}
    for (top, left), (bottom, right) in merges:
        if top >= len(rows) or left >= len(rows[top]):
            continue
        value = rows[top][left]
        if bottom > top and left == right:
            joined.setdefault(left, []).append((top + 1, bottom + 1))
        if value is None:
            continue
        for number in range(top, min(bottom + 1, len(rows))):
            for column in range(left, min(right + 1, MOST_COLUMNS)):
                if (number, column) != (top, left):
                    covers.setdefault(number, {})[column] = value
    made = []
    for number, cells in enumerate(rows):
        cover = covers.get(number)
        merged: tuple[Cell, ...] = ()
        if cover:
            merged = tuple(cover.get(column) for column in range(max(len(cells), max(cover) + 1)))
        made.append(Row(number + 1, cells, merged))
    return Sheet(name.strip(), made, joined)


def _cell(value: object) -> Cell:
    """Tidy one cell: blanks are None, whole floats are whole, a moment at midnight is a day."""
    if value is None or isinstance(value, bool):
        return None if value is None else ("是" if value else "否")
    if isinstance(value, str):
        text = value.replace("\u200b", "").replace("\ufeff", "").replace("\r\n", "\n").replace("\r", "\n")
        text = text.replace("_x000D_", "").strip(" \t\n\u3000\xa0")
        quoted = re.fullmatch(r'="([^"]*)"|\'(\d.*)', text)
        return (quoted.group(1) or quoted.group(2) if quoted else text) or None
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 1e15 else value
    if isinstance(value, datetime):
        return value.date() if value.time() == time(0) else value
    if isinstance(value, int | date):
        return value
    return str(value)
