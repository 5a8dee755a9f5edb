"""What the steps of an 内部工作联系单 ask for (J-2.8)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from guiju.kernel.forms import Day, Form, LongText, Text, field
from guiju.quality.people import POST_CHOICES
from guiju.sales.forms import Labelled

Plain = Annotated[str, Field(min_length=2, max_length=5000, json_schema_extra={"widget": "longtext"})]
Number = Annotated[str, Field(max_length=60)]
ToPost = Annotated[str, Field(min_length=1, max_length=60, json_schema_extra={"choices": POST_CHOICES})]


class Kind(Labelled):
    """What a memo is for."""

    OPINION = "opinion", "客户意见、建议"
    INVESTIGATION = "investigation", "调查了解"
    COORDINATION = "coordination", "协调办理"
    REQUEST = "request", "请求支持"


class SendForm(Form):
    """发出联系单。"""

    to_post: ToPost = field("收件岗位")
    department: Annotated[str, Field(max_length=60)] = field("收件部门", default="")
    kind: Kind = field("类别", default=Kind.COORDINATION)
    subject: Annotated[str, Field(min_length=2, max_length=120)] = field("事由")
    content: Plain = field("内容")
    wish: LongText = field("要求", default="")
    reply_due: Day | None = field("要求答复日期", default=None, help="不填为两个工作日内")
    source: Number = field("来自事项", default="", help="编号，没有的不填")


class ReceiveForm(Form):
    """签收。"""

    note: Text = field("说明", default="")


class ForwardForm(Form):
    """转交。"""

    to_post: ToPost = field("转给岗位")
    department: Annotated[str, Field(max_length=60)] = field("部门", default="")
    instruction: Plain = field("批示")


class AnalyseForm(Form):
    """分析处理。"""

    analysis: Plain = field("分析")


class AnswerForm(Form):
    """答复。"""

    result: Plain = field("处理结果")


class BackForm(Form):
    """退回补充。"""

    reason: Plain = field("还缺什么")
