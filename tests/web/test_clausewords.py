"""Clauses carry the number people know, on the board as in the SOP; the keys of programs stay off the screen."""

from pathlib import Path

import pytest
import yaml

from guiju.web import clausewords

LIBRARY = Path(clausewords.__file__).parents[1]


@pytest.mark.parametrize(
    ("key", "number"),
    [
        ("A-4.1-a", "客服前台作业指导书 四 4.1"),
        ("C-2-2", "售后服务作业指导书（能力与要求） 二 2"),
        ("D-2.1-a", "来电来访来函 2.1"),
        ("F-2.5-d", "售后服务作业指导书（流程与标准） 二 5"),
        ("I-2.8-a", "第三部分 二 8"),
        ("I-5.10-0b", "第五部分 十"),
        ("I-6-7", "第六部分 7"),
        ("I-S-q5", "第二部分 质量标准"),
        ("J-2.11-a", "客户服务管理办法 二 11"),
        ("K-2.6-d", "售后服务工作内容 2.6"),
        ("A-0-c", "客服前台作业指导书"),
        ("第五部分 一", "第五部分 一"),
    ],
)
def test_a_clause_is_named_by_its_document_and_number(key, number):
    assert clausewords.known(key) == number


def test_every_clause_of_the_shipped_sops_is_numbered_one_way_everywhere():
    rows = [
        row
        for path in LIBRARY.glob("**/*.yaml")
        for row in (yaml.safe_load(path.read_text("utf-8")) or {}).get("clauses", [])
    ]
    numbers: dict[str, set[str]] = {}
    for row in rows:
        numbers.setdefault(row["id"], set()).add(row["number"])

    assert len(rows) > 300
    assert [key for key in numbers if clausewords.known(key)[0].isascii()] == []
    assert {key: said for key, said in numbers.items() if len(said) > 1} == {}
    assert [row for row in rows if not row["number"].startswith(clausewords.known(row["id"]))] == []
