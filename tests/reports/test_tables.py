"""Lists as Excel: numbers are numbers, dates are dates, texts are texts whatever they begin with, and a mark says whose copy it is."""

import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from guiju.reports.tables import AREA, COUNT, DAY, MONEY, Column, Table, workbook

AT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
COLUMNS = (
    Column("姓名"),
    Column("总价（元）", MONEY),
    Column("面积（㎡）", AREA),
    Column("日期", DAY),
    Column("套数", COUNT),
)


def sheet_of(rows, totals=()):
    table = Table("认购登记表", COLUMNS, rows, totals, "云栖里一期", "2026-11-01 至 2026-11-20")
    return load_workbook(
        io.BytesIO(workbook(table, watermark="周岚 2026-11-20 10:00 导出", made_at=AT))
    ).active


def test_cells_have_the_type_of_what_they_hold():
    rows = [
        ("纪宁远", Decimal("1788000.50"), Decimal("89.40"), date(2026, 11, 18), 2),
        ("", None, None, None, 0),
    ]

    sheet = sheet_of(rows, ("合计", Decimal("1788000.50"), Decimal("89.40"), "", 2))

    assert sheet["A1"].value == "周岚 2026-11-20 10:00 导出"
    assert [cell.value for cell in sheet[4]] == ["纪宁远", 1788000.5, 89.4, datetime(2026, 11, 18), 2]
    assert [cell.data_type for cell in sheet[4]] == ["s", "n", "n", "d", "n"]
    assert [cell.number_format for cell in sheet[4]][1:] == ["#,##0.00", "#,##0.00", "yyyy-mm-dd", "0"]
    assert [cell.value for cell in sheet[5]] == [None, None, None, None, 0]
    assert [cell.value for cell in sheet[6]] == ["合计", 1788000.5, 89.4, None, 2]


@pytest.mark.parametrize("text", ['=HYPERLINK("http://x")', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "13800"])
def test_a_text_is_never_a_formula(text):
    cell = sheet_of([(text, None, None, None, 1)])["A4"]

    assert (cell.value, cell.data_type) == (text, "s")
    assert cell.quotePrefix == (text != "13800")
