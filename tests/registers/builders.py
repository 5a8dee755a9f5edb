"""Makes registers as people leave them: titles above, merged cells, text numbers, totals in the middle."""

import csv
import io
from dataclasses import dataclass, field

from openpyxl import Workbook
from openpyxl.utils import get_column_letter

XLSX = "一房一价.xlsx"


@dataclass
class Page:
    name: str
    rows: list
    merges: list[str] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    hidden: bool = False


def excel(*pages: Page) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for page in pages:
        sheet = book.create_sheet(page.name)
        for row in page.rows:
            sheet.append(list(row))
        for area in page.merges:
            sheet.merge_cells(area)
        for column in page.hidden_columns:
            sheet.column_dimensions[get_column_letter(column)].hidden = True
        for number in page.hidden_rows:
            sheet.row_dimensions[number].hidden = True
        if page.hidden:
            sheet.sheet_state = "hidden"
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def text_file(rows, *, encoding="utf-8-sig", delimiter=",") -> bytes:
    target = io.StringIO()
    csv.writer(target, delimiter=delimiter).writerows([["" if c is None else c for c in row] for row in rows])
    return target.getvalue().encode(encoding)


def resident(serial: int, *, born="19800115", county="110105") -> str:
    """A resident identity number with its right check digit (GB 11643), of nobody in particular."""
    body = f"{county}{born}{serial:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True))
    return body + "10X98765432"[total % 11]


def credit_code(serial: int) -> str:
    """A unified social credit code with its right check character (GB 32100)."""
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    body = f"91110105MA{serial:07d}"
    total = sum(alphabet.index(sign) * 3**place % 31 for place, sign in enumerate(body))
    return body + alphabet[-total % 31]


def wrong(number: str) -> str:
    """The number with another last digit."""
    return number[:-1] + ("1" if number[-1] != "1" else "2")
