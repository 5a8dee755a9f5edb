"""A form of any step becomes fields and comes back as values."""

from enum import Enum
from typing import Annotated

from django.http import QueryDict
from pydantic import Field

from guiju.kernel.forms import Day, Form, LongText, Moment, Money, Sha256, Text, field, parse
from guiju.web import stepform


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Agent(Form):
    kind: Colour = field("身份", default=Colour.RED)
    name: Text = field("姓名")


class Buyer(Form):
    name: Text = field("姓名")
    share: Money | None = field("份额", default=None)
    local: bool = field("本地户籍", default=True)
    agent: Agent | None = field("代理人", default=None)


class Paper(Form):
    buyers: Annotated[list[Buyer], Field(min_length=1)] = field("买受人")
    colour: Colour = field("颜色")
    amount: Money = field("金额")
    on: Day | None = field("日期", default=None)
    at: Moment | None = field("时间", default=None)
    scans: Annotated[list[Sha256], Field(max_length=3)] = field("扫描件", default_factory=list)
    note: LongText = field("备注", default="")


def typed(text: str) -> dict:
    return stepform.read(Paper, QueryDict(text))


def test_each_field_gets_the_kind_of_its_type():
    kinds = {one.name: one.kind for one in stepform.fields_of(Paper)}

    assert kinds == {
        "buyers": "group",
        "colour": "choice",
        "amount": "money",
        "on": "date",
        "at": "moment",
        "scans": "files",
        "note": "longtext",
    }


class Proof(Form):
    must: Sha256 = field("身份证明")
    may: Sha256 | None = field("扫描件", default=None)
    drawn: Sha256 = field("签字", widget="signature")


def test_a_file_that_must_be_there_is_asked_for_as_a_file():
    assert {one.name: one.kind for one in stepform.fields_of(Proof)} == {
        "must": "file",
        "may": "file",
        "drawn": "signature",
    }


def test_digits_that_are_no_numbers_lead_to_no_item():
    assert typed("buyers.².name=a&buyers.٣.name=b&buyers.x.name=c&buyers.1.name=苏清越")["buyers"] == [
        {"name": "苏清越"}
    ]


def test_a_required_group_starts_with_one_empty_item():
    group = next(one for one in stepform.fields_of(Paper) if one.name == "buyers")

    assert [one.name for one in group.items[0]] == [
        "buyers.0.name",
        "buyers.0.share",
        "buyers.0.local",
        "buyers.0.agent",
    ]
    assert group.blank[0].name == "buyers.__n__.name"


def test_what_was_posted_comes_back_nested_and_parses():
    given = typed(
        "buyers.0.name=苏清越&buyers.0.share=1,000.50&buyers.0.local.shown=1&colour=blue&amount=¥50,000"
        "&on=2026-11-20&at=2026-11-20T09:30&note="
    )

    paper = parse(Paper, given)

    assert given["at"] == "2026-11-20T09:30:00+08:00"
    assert paper.buyers[0].local is False
    assert (str(paper.buyers[0].share), str(paper.amount), paper.colour) == ("1000.50", "50000", Colour.BLUE)


def test_groups_that_nobody_filled_are_left_out_even_when_they_start_with_answers():
    given = typed(
        "buyers.0.name=甲&buyers.0.local=1&buyers.0.agent.kind=red&buyers.3.name=&buyers.3.local=1"
        "&buyers.7.name=乙&buyers.7.local=1&buyers.7.agent.kind=red&buyers.7.agent.name=丙"
    )

    assert given["buyers"] == [
        {"name": "甲", "local": True},
        {"name": "乙", "local": True, "agent": {"kind": "red", "name": "丙"}},
    ]


def test_a_mistake_stands_at_its_field_and_in_the_summary_and_keeps_what_was_typed():
    errors = {"buyers.1.name": "买受人 2 姓名：必填", "amount": "金额：请填数字"}

    fields = stepform.fields_of(Paper, {"buyers": [{"name": "甲"}, {"share": "9"}], "amount": "五万"}, errors)

    assert stepform.summary(fields) == [("f-buyers-1-name", "姓名", "必填"), ("f-amount", "金额", "请填数字")]
    group, _, amount = fields[:3]
    assert (group.items[1][1].value, amount.value) == ("9", "五万")
    assert amount.describes == "f-amount-error"


def test_what_an_event_was_given_is_shown_with_labels_and_units():
    given = {"buyers": [{"name": "甲", "local": True}], "amount": "50000", "scans": ["a" * 64], "note": ""}

    assert stepform.shown(Paper, given) == [
        ("买受人 1", [("姓名", "甲"), ("本地户籍", "是")]),
        ("金额", "¥50,000.00"),
        ("扫描件", "1 份"),
    ]
