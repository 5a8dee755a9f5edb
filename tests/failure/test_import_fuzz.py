"""Broken, lying and monstrous files as registers: refused in words, never half imported, never a traceback."""

import io
import os
import zipfile
from datetime import UTC, datetime
from itertools import cycle
from random import Random
from types import SimpleNamespace

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError
from django.test import Client

from guiju.registers import cli, operations
from guiju.registers.workbook import read_workbook
from tests.failure.conftest import picture, wrong

pytestmark = pytest.mark.django_db

KINDS = ("units", "areas", "customers", "complaints")
HEAD = [
    "序号",
    "房号",
    "业主姓名",
    "身份证号",
    "联系电话",
    "认购日期",
    "签约日期",
    "合同编号",
    "付款方式",
    "成交总价",
]
UNITS = ["楼栋", "单元", "楼层", "房号", "户型", "建筑面积", "套内面积", "单价", "总价"]
LUCKS = int(os.environ.get("GUIJU_FUZZ_FILES", "6"))


def workbook(rows, **sheets):
    made = io.BytesIO()
    book = xlsxwriter.Workbook(
        made, {"in_memory": True, "strings_to_formulas": False, "nan_inf_to_errors": True}
    )
    # The same bytes in every run: what chance changes of them, it changes again.
    book.set_properties({"created": datetime(2026, 11, 18, tzinfo=UTC)})
    for name, lines in {"Sheet1": rows, **sheets}.items():
        page = book.add_worksheet(name)
        for number, line in enumerate(lines):
            for column, value in enumerate(line):
                page.write(number, column, value)
    book.close()
    return made.getvalue()


GOOD = workbook(
    [
        UNITS,
        ["1号楼", "1", 15, "1505", "A", 100, 80, 20000, 2000000],
        ["1号楼", "1", 15, "1506", "A", 100, 80, 20000, 2000000],
    ]
)


def bomb():
    """A workbook of 100 kB whose sheet unpacks to far more than its rows could need."""
    inside = zipfile.ZipFile(io.BytesIO(GOOD))
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in inside.namelist():
            content = inside.read(name)
            if name.endswith("sheet1.xml"):
                content = content.replace(b"<sheetData>", b"<sheetData><!--" + b" " * 60_000_000 + b"-->")
            archive.writestr(name, content)
    return made.getvalue()


def zipped(name, content):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(name, content)
    return made.getvalue()


def lying():
    """An archive that says of itself that it is small."""
    content = bytearray(GOOD)
    at = content.rfind(b"PK\x01\x02")
    content[at + 24 : at + 28] = b"\xff\xff\xff\x7f"
    return bytes(content)


def formulas():
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    page = book.add_worksheet()
    page.write_row(0, 0, UNITS)
    for row in range(1, 6):
        page.write_formula(row, 0, '="1号楼"', value="#REF!")
        page.write_formula(row, 3, "=1/0", value="#DIV/0!")
        page.write_formula(row, 8, "=cmd|' /C calc'!A0", value="#NAME?")
    book.close()
    return made.getvalue()


def merged():
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    page = book.add_worksheet()
    for column, name in enumerate(UNITS):
        page.merge_range(0, 2 * column, 3, 2 * column + 1, name)
    page.merge_range(4, 0, 4000, 17, "1505")
    book.close()
    return made.getvalue()


def wide():
    return workbook([[f"列{n}" for n in range(2000)], *[[n] * 2000 for n in range(30)]])


def far(row, column, *, coloured=False):
    """A sheet whose only cells lie at its two corners: what is between them takes gigabytes, unless it is only coloured."""
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    page = book.add_worksheet()
    for number, line in enumerate([UNITS, ["1号楼", "1", 15, "1505", "A", 100, 80, 20000, 2000000]]):
        page.write_row(number, 0, line)
    page.write(row, column, None if coloured else "x", book.add_format({"bg_color": "#FFEE00"}))
    book.close()
    return made.getvalue()


def entities():
    """Entities that unfold into each other, where the list of texts should be."""
    inside = zipfile.ZipFile(io.BytesIO(GOOD))
    made = io.BytesIO()
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    text = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "哈">{laughs}]><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>&l11;</t></si></sst>'
    with zipfile.ZipFile(made, "w") as archive:
        for name in inside.namelist():
            archive.writestr(name, text.encode() if "sharedStrings" in name else inside.read(name))
    return made.getvalue()


def csv(*lines, encoding="utf-8"):
    return "\r\n".join(lines).encode(encoding, "surrogatepass")


FILES = {
    "nothing": b"",
    "blanks": b" \r\n \t ",
    "one byte": b"P",
    "the beginning of a zip": b"PK\x03\x04",
    "half a workbook": GOOD[: len(GOOD) // 2],
    "a workbook without its end": GOOD[:-30],
    "an empty zip": b"PK\x05\x06" + b"\0" * 18,
    "a zip of something else": zipped("readme.txt", b"hello"),
    "a bomb": bomb(),
    "a lying zip": lying(),
    "entities": entities(),
    "corners far apart": far(190_000, 16_000),
    "a cell in the last row": far(1_048_575, 3),
    "an old workbook's head": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
    "formulas and errors": formulas(),
    "everything merged": merged(),
    "two thousand columns": wide(),
    "a cell of a million characters": csv(",".join(HEAD), "1,1-1-1501," + "苏" * 1_000_000 + ",,,,,,,"),
    "NUL in a csv": csv(",".join(HEAD), "1,1-1-1501,苏\x00清越,110105,\x00,,,,,"),
    "half characters": csv(",".join(HEAD), "1,1-1-1501,苏\ud842清越,,,,,,,"),
    "a csv without end quote": csv(",".join(HEAD), '1,"1-1-1501,苏清越,,,,,,,\r\n' * 50),
    "only a header": csv(",".join(HEAD)),
    "headers only, many times": csv(*[",".join(HEAD)] * 60),
    "absurd figures": csv(",".join(HEAD), "1,1-1-1501,苏清越,110105190305070019,19900001111,9999-99-99,0000-00-00,,一次性付款,1e400",
                         "2,1-1-1502,苏清越,110105190305070019,19900001111,2026-11-01,2026-11-08,,一次性付款," + "9" * 400,
                         "3,1-1-1503,苏清越,110105190305070019,19900001111,-1,1e9,,一次性付款,-5",
                         "4,1-1-1504,苏清越,110105190305070019,19900001111,2026-11-01,2026-11-08,,一次性付款,NaN"),
    "absurd units": csv(",".join(UNITS), "1号楼,1,99999999999999999999,1601,A,1e300,80,Infinity,1",
                        "1号楼,1,15," + "1" * 500 + ",A,100,80,20000,2000000", "1号楼,1,15,1602,A,-100,80,20000,2000000",
                        "1号楼,1,15,1603,A,99999999999999,80,99999999999999,9999999999999999999"),
    "long names": csv(",".join(HEAD), "1,1-1-1501," + "苏" * 300 + ",110105190305070019,19900001111,2026-11-01,2026-11-08," + "H" * 300 + ",一次性付款,1960000"),
    "a picture": b"\x89PNG\r\n\x1a\n" + b"\0" * 100,
    "utf-16": csv(",".join(HEAD), "1,1-1-1501,苏清越", encoding="utf-16"),
    "html": ("<html><table>" + "<tr>" * 3000 + "<td rowspan=99999 colspan=99999>房号</td>" + "</table></html>").encode(),
    "nested tables": ("<table><tr><td>" * 2000).encode(),
    "control characters": bytes(range(256)) * 40,
}  # fmt: skip


def imported(house, kind, content, tmp_path, *, dry=False):
    """The command's exit code; whatever else comes out of it is a failure of this test."""
    file = tmp_path / "登记表.xlsx"
    file.write_bytes(content)
    return cli.main(
        SimpleNamespace(
            kind=kind,
            file=str(file),
            project=house.project.code,
            dry_run=dry,
            json=True,
            year=None,
            by="deng",
        )
    )


@pytest.mark.parametrize("name", FILES)
def test_a_broken_file_is_refused_or_its_rows_are_and_nothing_is_half_imported(house, tmp_path, capsys, name):
    for kind in KINDS:
        before = picture()

        code = imported(house, kind, FILES[name], tmp_path)

        said = capsys.readouterr()
        assert code in (0, 2)
        assert "Traceback" not in said.err
        if code == 2:
            assert said.err.strip()
            assert picture() == before
    assert wrong() == []


def test_a_sheet_that_is_coloured_to_its_corner_is_read():
    assert [len(sheet.rows) for sheet in read_workbook(far(1_048_575, 16_000, coloured=True))] == [2]


def test_a_dry_run_of_anything_writes_nothing(house, tmp_path):
    before = picture()

    for kind in KINDS:
        for content in (GOOD, FILES["absurd figures"], FILES["absurd units"], FILES["everything merged"]):
            assert imported(house, kind, content, tmp_path, dry=True) in (0, 2)

    assert picture() == before


@pytest.mark.parametrize("luck", range(LUCKS))
def test_a_workbook_with_bytes_changed_by_chance_is_refused_or_read(house, tmp_path, luck):
    chance = Random(luck)
    content = bytearray(GOOD)
    for _ in range(chance.choice([1, 3, 30, 300])):
        content[chance.randrange(len(content))] = chance.randrange(256)

    for kind in KINDS:
        assert imported(house, kind, bytes(content[: chance.choice([None, None, 3000])]), tmp_path) in (0, 2)

    assert wrong() == []


def test_the_pages_refuse_them_too(house):
    client = Client()
    client.force_login(house.deng)
    # What each kind makes of each file is asked above; the pages are the same for all kinds.
    for (name, content), kind in zip(FILES.items(), cycle(KINDS)):
        file = SimpleUploadedFile("登记表.xlsx", content)
        answer = client.post("/imports/", {"kind": kind, "project": "YQ1", "file": file})
        assert answer.status_code in (302, 422), name
        if answer.status_code == 302:
            page = answer["Location"]
            shown = client.get(page)
            done = client.post(page, {"act": "apply"})
            assert (shown.status_code in (200, 422), done.status_code in (302, 422)) == (True, True), name
            assert client.get(page).status_code in (404, 200, 422)
    assert wrong() == []


def test_a_file_that_fails_late_leaves_nothing_of_itself(house, tmp_path, monkeypatch):
    """The last write of an import fails as a full disk would make it fail: the rows before it are gone, too."""

    def full(**_):
        raise DatabaseError("disk full")

    monkeypatch.setattr(operations, "record", full)
    before = picture()

    with pytest.raises(DatabaseError):
        imported(house, "units", GOOD, tmp_path)

    assert picture() == before
