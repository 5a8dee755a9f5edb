"""What the steps of a contract dispute ask for (J-2.11)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from guiju.kernel.forms import Day, Form, LongText, Sha256, field
from guiju.quality.laws import LAWS
from guiju.quality.people import POST_CHOICES

Plain = Annotated[str, Field(min_length=2, max_length=5000, json_schema_extra={"widget": "longtext"})]
Rule = Annotated[
    str, Field(max_length=20, json_schema_extra={"choices": {law.key: law.name for law in LAWS}})
]


class ListenForm(Form):
    """接待合同纠纷。"""

    complainant: Annotated[str, Field(min_length=1, max_length=100)] = field("客户")
    phone: Annotated[str, Field(max_length=100)] = field("联系电话", default="", widget="phone")
    subject: Annotated[str, Field(min_length=2, max_length=120)] = field("争议事项")
    contract_number: Annotated[str, Field(max_length=60)] = field("合同编号", default="")
    unit: int | None = field("房屋", default=None, widget="hidden")
    customer: int | None = field("客户", default=None, widget="hidden")


class AccountForm(Form):
    """记录客户反映。"""

    account: Plain = field("客户反映", help="照客户的原话记，写明涉及的合同条款")
    read_back: bool = field("已读给客户听过，客户认可", default=False)
    papers: Annotated[list[Sha256], Field(max_length=20)] = field(
        "合同和证据", default_factory=list, widget="attachments"
    )


class ExplainForm(Form):
    """向客户解释。"""

    rule: Rule = field("所依据的规定", default="", help="从法规库选")
    words: Plain = field("解释内容")
    answer: LongText = field("客户反应", default="")


class InquireForm(Form):
    """调查了解。"""

    question: Plain = field("一时答不了的问题")
    to_post: Annotated[
        str, Field(min_length=1, max_length=60, json_schema_extra={"choices": POST_CHOICES})
    ] = field("请谁调查")
    due_date: Day = field("何时查完")


class ReportForm(Form):
    """汇报分管领导。"""

    words: Plain = field("汇报内容")


class InstructForm(Form):
    """领导意见。"""

    opinion: Plain = field("意见")


class SettleForm(Form):
    """达成一致。"""

    words: Plain = field("结果")
    papers: Annotated[list[Sha256], Field(max_length=20)] = field(
        "补充协议或书面说明", default_factory=list, widget="attachments"
    )


class EndForm(Form):
    """转其他途径。"""

    words: Plain = field("情况")
    told: bool = field("已告知客户调解、仲裁或诉讼的途径", default=False)
