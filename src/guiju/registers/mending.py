"""The refused rows of an import as an Excel file to mend: same headers, reasons in the last column, importable again."""

from __future__ import annotations

import io
import re
from collections import defaultdict
from typing import Any

import xlsxwriter

from guiju.registers.models import Import

ROW_HEADING, REASON_HEADING = "原行号", "拒绝原因"


def mend_file(made: Import) -> bytes:
    """Return the workbook of an import's refused rows, sheet by sheet; one empty sheet says so when there are none."""
    result: dict[str, Any] = made.result
    by_sheet: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for refused in result["rejected"]:
        by_sheet[refused["sheet"]].append(refused)
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    head = book.add_format({"bold": True, "bg_color": "#E9EDEB", "border": 1, "border_color": "#C6CFCB"})
    cell = book.add_format({"border": 1, "border_color": "#DDE3E0"})
    reason = book.add_format(
        {"border": 1, "border_color": "#DDE3E0", "font_color": "#B42318", "text_wrap": True}
    )
    if not by_sheet:
        book.add_worksheet("无").write_string(0, 0, "没有被拒绝的行。")
    for name, rows in by_sheet.items():
        page = book.add_worksheet(_sheet_name(name))
        headers = result["headers"].get(name, [])
        width = max([len(row["cells"]) for row in rows] + [len(header) for header in headers])
        line = 0
        title = result["buildings"].get(name, "")
        if result["money"].get(name):
            title = f"{title} 单位：万元".strip()
        if title:
            page.write_string(line, 0, title)
            line += 1
        for position, header in enumerate(headers):
            for column in range(width):
                page.write_string(line, column, header[column] if column < len(header) else "", head)
            last = position == len(headers) - 1
            page.write_string(line, width, ROW_HEADING if last else "", head)
            page.write_string(line, width + 1, REASON_HEADING if last else "", head)
            line += 1
        page.freeze_panes(line, 0)
        for row in rows:
            for column in range(width):
                page.write_string(
                    line, column, row["cells"][column] if column < len(row["cells"]) else "", cell
                )
            page.write_number(line, width, row["row"], cell)
            page.write_string(line, width + 1, row["reason"], reason)
            line += 1
        page.set_column(0, width - 1, 14)
        page.set_column(width + 1, width + 1, 60)
    book.close()
    return target.getvalue()


def _sheet_name(name: str) -> str:
    """Return a name that Excel takes for a sheet."""
    return re.sub(r"[\[\]:*?/\\]", " ", name).strip(" '")[:31] or "Sheet"
