"""Shipped SOPs are loaded once as version 1.0 and never touched again."""

import pytest

from guiju.kernel.process import processes
from guiju.sop import content as contents
from guiju.sop import lint, shipped
from guiju.sop.models import Document, Edition, Version
from guiju.sop.operations import load_shipped
from tests.sop.conftest import published, with_limit


def test_every_shipped_document_passes_the_check():
    found = {code: lint.lint(content) for code, content in shipped.documents().items()}

    assert found == {key: [] for key in found}


def test_shipped_documents_are_loaded_as_version_1_0_of_the_group(shelf):
    assert sorted(shelf) == [
        "KF-BA-01", "KF-CK-01", "KF-CX-01", "KF-HF-01", "KF-JF-01", "KF-JZ-01", "KF-LX-01", "KF-PC-01", "KF-QT-01",
        "KF-SC-00", "KF-SH-01", "KF-SM-01", "KF-TS-01", "KF-XS-01", "KF-ZD-01", "KF-ZD-02", "KF-ZD-03", "KF-ZD-04",
        "KF-ZD-05", "KF-ZD-06", "KF-ZD-07", "KF-ZR-01", "KF-ZS-01", "KF-ZY-01", "KF-ZY-02", "KF-ZY-03", "KF-ZY-04",
        "KF-ZY-05", "KF-ZY-06", "KF-ZY-07", "KF-ZY-10", "KF-ZY-13",
    ]  # fmt: skip
    assert {version.number for version in shelf.values()} == {"1.0"}
    assert {version.document.company for version in shelf.values()} == {None}
    assert all(version.intact for version in shelf.values())


def test_loading_twice_changes_nothing(shelf):
    assert load_shipped() == []
    assert Version.objects.count() == len(shelf) == Edition.objects.count()


def test_loading_again_leaves_a_revised_document_alone(people, shelf):
    new = published(people, shelf["KF-ZY-01"], with_limit(shelf["KF-ZY-01"].content, "deposit", "12 小时"))

    load_shipped()

    assert list(new.document.versions.newest_first().values_list("major", "minor")) == [(1, 1), (1, 0)]


def test_each_running_process_names_the_document_that_ships_for_it():
    codes = {
        content["process"]: code for code, content in shipped.documents().items() if "process" in content
    }

    assert codes == {name: process.sop for name, process in processes().items() if name in codes}
    assert set(codes) == {
        "after_sales", "article", "callback", "compensation", "complaint", "contract_approval", "contract_change",
        "contractor_work", "corrective_action", "dispute", "dunning", "fitout_selection", "internal_memo", "mortgage",
        "presale_filing", "reception", "referral", "refund", "signing", "subscription", "subscription_change",
        "unit_control", "visit",
    }  # fmt: skip


def test_a_file_with_a_key_given_twice_is_refused():
    with pytest.raises(contents.BadFile, match="第 2 行：「title」写了两次"):
        contents.read("title: 甲\ntitle: 乙\n")


def test_a_file_that_is_no_yaml_names_the_line():
    with pytest.raises(contents.BadFile, match="第 2 行读不懂"):
        contents.read("title: 甲\n  steps: [\n")


def test_lines_broken_between_chinese_characters_are_joined_and_numbers_keep_their_spaces():
    content = contents.read("purpose: >\n  统一认购的\n  办理顺序\nnumber: 第五部分 一 3.1\n")

    assert content == {"purpose": "统一认购的办理顺序", "number": "第五部分 一 3.1"}


@pytest.mark.clause("G-3-a")
def test_a_document_without_one_of_the_fixed_parts_does_not_fit():
    content = dict(shipped.documents()["KF-ZY-01"])
    for part in ("purpose", "scope", "steps", "forms"):
        content.pop(part)

    assert [text for _, text in contents.misfits(content)] == [
        "缺「目的」、「适用范围」",
        "缺「步骤」、「表格」",
    ]


@pytest.mark.clause("G-2-b", "G-2-c", "G-2-d", "G-2-e")
def test_categories_of_the_general_sop_are_offered_and_another_may_be_written(shelf):
    assert {"生产", "质量控制", "设备维护", "安全操作"} <= set(contents.CATEGORIES)
    content = shelf["KF-CX-01"].content | {"category": "工程配合"}
    assert contents.misfits(content) == []
    assert Document.objects.get(code="KF-CX-01").category == "销售管理"


@pytest.mark.clause("G-2-a")
def test_running_processes_without_a_published_sop_are_listed(db, people):
    assert {"subscription", "unit_control"} <= {process.name for process in lint.without_sop()}

    load_shipped()

    assert not {"subscription", "unit_control"} & {process.name for process in lint.without_sop()}
