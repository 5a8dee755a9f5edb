"""``guiju sop``: lint, show, publish."""

import json

import pytest
import yaml

from guiju.cli import words
from guiju.sop import cli, shipped
from guiju.sop.models import Version
from guiju.sop.operations import approve, review
from tests.sop.conftest import NOW, read_by_all, with_limit


def run(*typed):
    return cli.main(words().parse_args(["sop", *typed]))


@pytest.fixture
def file(tmp_path):
    changed = with_limit(shipped.documents()["KF-ZY-01"], "deposit", "12 小时")
    changed["control"]["revisions"].append({"version": "1.1", "date": "2026-11-20", "text": "缩短定金期限"})
    path = tmp_path / "认购.yaml"
    path.write_text(yaml.safe_dump(changed, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


def test_lint_passes_the_shipped_documents(db, capsys):
    assert run("lint") == 0
    assert capsys.readouterr().out.endswith("共 32 份，错误 0 处\n")


def test_lint_of_an_unknown_code_fails(db, capsys):
    assert run("lint", "KF-ZY-99") == 1
    assert "没有编号 KF-ZY-99" in capsys.readouterr().err


def test_lint_tells_programs_the_same(db, capsys):
    assert run("lint", "KF-ZY-01", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"documents": 1, "errors": 0, "findings": []}


def test_show_lists_and_prints(shelf, capsys):
    assert run("show") == 0
    assert "KF-ZY-01　1.0　现行　认购审批工作流程" in capsys.readouterr().out
    assert run("show", "KF-ZY-01") == 0
    printed = capsys.readouterr().out
    assert "第五部分 一 3.3　在经财务收款员签字确认客户已交纳定金后，在《认购书》上加盖合同章。" in printed
    assert "控制要点　已核对定金收据，与认购书编号、金额一致" in printed


def test_show_draws_mermaid(shelf, capsys):
    assert run("show", "KF-ZY-07", "--mermaid") == 0
    assert capsys.readouterr().out.startswith("flowchart TD\n")
    assert run("show", "KF-CX-01", "--mermaid") == 1


def test_publishing_a_file_goes_through_review_and_approval(people, shelf, file, capsys):
    assert run("publish", str(file), "--by", "deng") == 1
    assert "KF-ZY-01 1.1 已送审" in capsys.readouterr().err
    version = Version.objects.open().get()
    assert version.change_note == "缩短定金期限"

    assert run("publish", str(file), "--by", "zhou") == 1
    assert "现在是「待审核」，批准后再运行一次即可发布" in capsys.readouterr().err

    review(version, by=people["zhou"], at=NOW)
    approve(version, by=people["qian"], at=NOW)
    version.refresh_from_db()
    read_by_all(people, version)
    assert run("publish", str(file), "--by", "zhou", "--from-date", "2099-01-01") == 0
    assert "KF-ZY-01 1.1 已发布，2099-01-01 起执行" in capsys.readouterr().out


def test_publishing_by_nobody_or_by_a_post_without_a_say_fails(people, shelf, file, capsys):
    assert run("publish", str(file)) == 1
    assert "请用 --by 写明由谁办理" in capsys.readouterr().err
    assert run("publish", str(file), "--by", "lin") == 1
    assert "须由" in capsys.readouterr().err
    assert not Version.objects.open().exists()


def test_a_file_that_is_not_there_fails_with_its_name(people, shelf, tmp_path, capsys):
    assert run("publish", str(tmp_path / "没有.yaml"), "--by", "deng") == 1
    assert "没有.yaml：文件打不开" in capsys.readouterr().err
