"""Importing a register of ten thousand rows."""

from __future__ import annotations

import io
import time
from datetime import datetime

import xlsxwriter

from guiju.org.models import Company, Person
from guiju.registers.operations import apply

_HEAD = ("楼栋", "单元", "楼层", "房号", "户型", "建筑面积", "套内面积", "单价", "总价")


def price_list(rows: int) -> bytes:
    """Return a price list as an office keeps it: a title, a head, so many units."""
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    sheet = book.add_worksheet("一房一价")
    sheet.write(0, 0, "测量用一房一价表")
    sheet.write_row(1, 0, _HEAD)
    for number in range(rows):
        building, rest = divmod(number, 500)
        entrance, rest = divmod(rest, 250)
        floor, place = divmod(rest, 10)
        price = 20_000 + 60 * floor
        sheet.write_row(
            number + 2,
            0,
            (
                f"{building + 1}号楼", entrance + 1, floor + 1, f"{floor + 1}{place + 1:02d}", "两室两厅",
                89.40, 70.11, price, round(89.40 * price, 2),
            ),
        )  # fmt: skip
    book.close()
    return made.getvalue()


def measure(at: datetime, *, rows: int) -> tuple[float, int]:
    """Import a price list of so many rows into a new project; return the seconds and how many units were made."""
    content = price_list(rows)
    by = Person.objects.get(username="admin")
    company = Company.objects.get(pk=by.company_id)
    start = time.perf_counter()
    done = apply(
        kind="units", content=content, file_name="一房一价.xlsx", project_code=f"BI{time.time_ns() % 10**8}",
        company=company, by=by, at=at,
    )  # fmt: skip
    return time.perf_counter() - start, int(done.preview.counts["created"])
