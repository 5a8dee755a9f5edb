"""A list of the house as plain values: written to Excel, or filled into the printed register form."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from guiju.papers import writing
from guiju.papers.forms import Column as PaperColumn
from guiju.papers.forms import RegisterForm
from guiju.papers.writing import SHANGHAI

TEXT, MONEY, AREA, DAY, COUNT = "text", "money", "area", "day", "count"
_FORMATS = {MONEY: "#,##0.00", AREA: "#,##0.00", DAY: "yyyy-mm-dd", COUNT: "0"}
_RIGHT = (MONEY, AREA, COUNT)
#: What a spreadsheet takes for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Column:
    """A column: its head, what kind of values it holds, and its width in characters."""

    head: str
    kind: str = TEXT
    width: int = 12


@dataclass(frozen=True)
class Table:
    """A list with its title, columns and rows; ``totals`` has a cell for each column, or is empty."""

    title: str
    columns: tuple[Column, ...]
    rows: Sequence[Sequence[Any]]
    totals: Sequence[Any] = ()
    project: str = ""
    period: str = ""


def workbook(table: Table, *, watermark: str, made_at: datetime) -> bytes:
    """
    Return the list as an Excel file. The watermark stands in the first row, in the head of every printed page and in
    the properties. Texts are written as texts: a name that begins with ``=``, ``+``, ``-`` or ``@`` is no formula, and
    stays none when somebody edits its cell.
    """
    # Files are made now and then; the program starts without the library.
    import xlsxwriter

    target = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = xlsxwriter.Workbook(target, options)
    book.set_properties(
        {
            "title": table.title,
            "comments": watermark,
            "created": made_at.astimezone(SHANGHAI).replace(tzinfo=None),
        }
    )
    sheet = book.add_worksheet(table.title[:31])
    mark = book.add_format({"font_color": "#854600", "italic": False})
    title = book.add_format({"bold": True, "font_size": 14})
    head = book.add_format(
        {"bold": True, "bg_color": "#eef0f3", "border": 1, "text_wrap": True, "valign": "vcenter"}
    )
    plain = book.add_format({"border": 1, "valign": "vcenter"})
    kinds = {kind: book.add_format({"border": 1, "num_format": wanted}) for kind, wanted in _FORMATS.items()}
    sums = {
        kind: book.add_format({"border": 1, "bold": True, "num_format": wanted})
        for kind, wanted in _FORMATS.items()
    }
    bold = book.add_format({"border": 1, "bold": True})
    literal = book.add_format({"border": 1, "valign": "vcenter", "quote_prefix": True})

    sheet.write_string(0, 0, watermark, mark)
    sheet.write_string(
        1, 0, "　".join(part for part in (table.title, table.project, table.period) if part), title
    )
    for place, column in enumerate(table.columns):
        sheet.set_column(place, place, column.width)
        sheet.write_string(2, place, column.head, head)
    for line, row in enumerate(table.rows, 3):
        for place, (column, value) in enumerate(zip(table.columns, row, strict=True)):
            kind = _kind(column.kind, value)
            text = literal if isinstance(value, str) and value.startswith(_FORMULA) else plain
            _write(sheet, line, place, kind, value, kinds.get(kind, text), text)
    if table.totals:
        line = 3 + len(table.rows)
        for place, (column, value) in enumerate(zip(table.columns, table.totals, strict=True)):
            _write(
                sheet,
                line,
                place,
                column.kind if value != "" else TEXT,
                value,
                sums.get(column.kind, bold),
                bold,
            )
    sheet.freeze_panes(3, 0)
    sheet.autofilter(2, 0, 2 + max(len(table.rows), 1), len(table.columns) - 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(2)
    # "&" begins a code in page heads.
    sheet.set_header("&L&8" + watermark.replace("&", "&&")[:200])
    sheet.set_footer("&C&P／&N")
    book.close()
    return target.getvalue()


def _kind(kind: str, value: Any) -> str:
    """Return how a cell is written: whole numbers among amounts (套, 件) without places."""
    return COUNT if kind == MONEY and isinstance(value, int) else kind


def _write(sheet: Any, line: int, place: int, kind: str, value: Any, format: Any, plain: Any) -> None:
    if value is None or value == "":
        sheet.write_blank(line, place, None, plain)
    elif kind in _RIGHT and isinstance(value, int | Decimal):
        sheet.write_number(line, place, float(value), format)
    elif kind == DAY and isinstance(value, date):
        sheet.write_datetime(line, place, datetime(value.year, value.month, value.day), format)  # noqa: DTZ001
    else:
        sheet.write_string(line, place, str(value), plain if kind != TEXT else format)


def words(kind: str, value: Any) -> str:
    """Return a value of a cell as it is read."""
    if value is None or value == "":
        return ""
    if kind == MONEY and isinstance(value, Decimal):
        return writing.money(value)
    if kind == AREA and isinstance(value, Decimal):
        return writing.area(value)
    if kind == DAY and isinstance(value, date):
        return value.isoformat()
    return str(value)


def paper(table: Table, *, remarks: str = "", code: str = "") -> RegisterForm:
    """Return the list as the printed form 登记表."""
    return RegisterForm(
        title=table.title,
        columns=tuple(
            PaperColumn(column.head, float(column.width), "right" if column.kind in _RIGHT else "left")
            for column in table.columns
        ),
        rows=tuple(
            tuple(words(column.kind, value) for column, value in zip(table.columns, row, strict=True))
            for row in table.rows
        ),
        project=table.project,
        period=table.period,
        totals=tuple(
            words(column.kind, value) for column, value in zip(table.columns, table.totals, strict=True)
        )
        if table.totals
        else (),
        remarks=remarks,
        code=code,
    )
