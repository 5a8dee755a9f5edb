"""Personal data found in a text and taken out of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guiju.knowledge import glossary, likeness, personal


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("打 13800001111 找他", "电话", "13800001111"),
        ("电话 199 0000 2222", "电话", "199 0000 2222"),
        ("座机 0100-8600 0001", "电话", "0100-8600 0001"),
        ("身份证 11010519491231002X", "证件号码", "11010519491231002X"),
        ("卡号 6222 0212 3456 7890 123", "银行卡号", "6222 0212 3456 7890 123"),
        ("写信到 a.b@example.com", "邮箱", "a.b@example.com"),
        ("3栋1502 室漏水", "房号", "3栋1502 室"),
        ("3-1502 漏水", "房号", "3-1502"),
        ("1号楼 2 单元 1502 漏水", "房号", "1号楼 2 单元 1502"),
        ("1502室漏水", "房号", "1502室"),
        ("王先生说漏水", "姓名", "王先生"),
        ("业主：李清照，", "姓名", "业主：李清照"),
    ],
)
def test_what_names_somebody_is_found(text, kind, words):
    assert personal.Found(kind, words) in personal.find(text)


@pytest.mark.parametrize(
    "text",
    [
        "淋水 30 分钟，无渗漏", "2026-11-20 前完成", "规格 590 mL，3 支", "依据第 4.2 条", "空鼓面积超过 10 cm 的要修",
        "GB 50210-2018", "保修期 5 年", "闭水试验 24 小时", "黄铜阀芯", "马桶水箱",
    ],
)  # fmt: skip
def test_ordinary_words_and_numbers_name_nobody(text):
    assert personal.find(text) == []


@pytest.mark.clause("E-4.4-a")
def test_names_that_the_case_knows_are_taken_out_wherever_they_stand():
    text = "苏清越反映飘窗渗水，苏清越女士电话 19900001111，住 3栋1502"

    stripped = personal.strip(text, names=["苏清越"])

    assert stripped == "客户反映飘窗渗水，客户电话 （电话），住 某房"
    assert personal.find(stripped, names=["苏清越"]) == []


@given(st.text(alphabet="苏清越先生3栋1502室电话199000 011-:：@a.业主，", max_size=60))
def test_a_stripped_text_has_nothing_left_to_find(text):
    stripped = personal.strip(f"电话 19900001111，{text}", names=["苏清越"])

    assert personal.find(stripped, names=["苏清越"]) == []
    assert personal.strip(stripped, names=["苏清越"]) == stripped


def test_a_colleague_is_named_by_family_and_trade_but_a_trade_alone_is_nobody():
    assert personal.find("，王师傅来过") == [personal.Found("姓名", "王师傅")]
    assert personal.find("我们安排师傅重新打胶，找项目经理和高工程度的") == []


@pytest.mark.clause("D-2.3-c", "H-3.1-d")
def test_technical_words_are_flagged_with_plain_ones():
    flags = glossary.flags("地砖空鼓要先做闭水试验", glossary.TERMS)

    assert [(flag.word, flag.plain) for flag in flags] == [
        ("闭水试验", "蓄水看漏不漏"), ("空鼓", "瓷砖或墙皮下面没有粘实"),
    ]  # fmt: skip
    assert glossary.flags("地砖空鼓，就是瓷砖或墙皮下面没有粘实", glossary.TERMS) == []
    assert glossary.plainly("空鼓和空鼓", glossary.TERMS) == "空鼓（瓷砖或墙皮下面没有粘实）和空鼓"


def test_the_likest_text_comes_first_and_unlike_ones_not_at_all():
    texts = ["飘窗左下角渗水，下雨就漏", "电梯按钮不亮", "卫生间地漏返味", "客厅窗户关不严，漏风"]

    found = likeness.best("主卧飘窗下雨渗水", texts, lambda text: text)

    assert found[0][0] == "飘窗左下角渗水，下雨就漏"
    assert "电梯按钮不亮" not in [text for text, _ in found]
    assert likeness.best("", texts, lambda text: text) == []
