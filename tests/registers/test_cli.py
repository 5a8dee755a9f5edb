"""`guiju import`: what it prints and with what it ends."""

import json
from argparse import Namespace

import pytest

from guiju.customers.models import Customer
from guiju.estate.models import Project, Unit
from guiju.registers.cli import main
from guiju.registers.models import Import
from tests.registers.builders import Page, excel
from tests.registers.conftest import UNITS_HEADER

HOME = ["1号楼", "1单元", 1, "101", "A", 100, 80, 10000, 1000000, None]


@pytest.fixture
def run(company, tmp_path, capsys):
    def act(kind, content, *, name="澄园 价格表.xlsx", **more):
        file = tmp_path / name
        file.write_bytes(content)
        given = {"project": "CY1", "dry_run": False, "json": True, "year": None, "by": None, **more}
        code = main(Namespace(kind=kind, file=str(file), **given))
        out = capsys.readouterr()
        return code, json.loads(out.out) if given["json"] else out.out, out.err

    return act


def test_it_prints_the_counts_and_refused_rows_as_json_and_ends_with_0(run):
    content = excel(Page("1号楼", [UNITS_HEADER, HOME, [*HOME[:3], "102", "A", 100, 80, 10000, 1, None]]))

    code, said, _ = run("units", content)

    assert code == 0
    assert {key: said[key] for key in ("read", "created", "updated", "unchanged", "rejected")} == {
        "read": 2, "created": 1, "updated": 0, "unchanged": 0,
        "rejected": [
            {"sheet": "1号楼", "row": 3, "reason": "总价 1.00 元与面积 × 单价（100.00 × 10,000.00 = 1,000,000.00）不符"}
        ],
    }  # fmt: skip
    assert said["project"] == {"code": "CY1", "name": "澄园", "new": True}
    assert Unit.objects.count() == 1


def test_a_dry_run_writes_nothing(run):
    code, said, _ = run("units", excel(Page("价格", [UNITS_HEADER, HOME])), dry_run=True)

    assert (code, said["created"]) == (0, 1)
    assert (Project.objects.count(), Import.objects.count()) == (0, 0)


def test_it_says_in_words_what_it_did(run):
    code, said, _ = run("units", excel(Page("价格", [UNITS_HEADER, HOME, HOME])), json=False)

    assert code == 0
    assert said.splitlines()[:3] == [
        "导入一房一价表《澄园 价格表.xlsx》 → 澄园 CY1（新建）",
        "读取 2 行：新增 1，更新 0，不变 0，拒绝 1",
        "  拒绝 工作表「价格」第 3 行：1号楼 1单元 101 与第 2 行重复",
    ]


@pytest.mark.parametrize(
    ("kind", "content", "words"),
    [
        ("units", b"", "文件是空的"),
        ("units", b"no table", "没有找到分列的内容"),
        ("customers", excel(Page("价格", [UNITS_HEADER, HOME])), "像一房一价表"),
        ("areas", excel(Page("x", [["房号", "实测面积"], ["1-1-101", 100]])), "没有代码为 CY1 的项目"),
    ],
)
def test_what_is_no_register_ends_with_2_and_a_sentence(run, kind, content, words):
    code, said, errors = run(kind, content)

    assert code == 2
    assert words in said["error"]
    assert words in errors
    assert Customer.objects.count() == 0


def test_a_file_that_is_not_there_ends_with_2(company, capsys, tmp_path):
    given = Namespace(
        kind="units",
        file=str(tmp_path / "x.xlsx"),
        project="CY1",
        dry_run=False,
        json=False,
        year=None,
        by=None,
    )

    assert main(given) == 2
    assert "读不到文件" in capsys.readouterr().err


def test_an_unknown_importer_is_refused(run):
    code, said, _ = run("units", excel(Page("价格", [UNITS_HEADER, HOME])), by="nobody")

    assert (code, said["error"]) == (2, "没有用户名为 nobody 的在职人员。")
