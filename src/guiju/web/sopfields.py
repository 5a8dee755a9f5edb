"""The fields of the forms in which an SOP is edited: steps, limits, clauses, indicators, papers, chapters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Annotated

from pydantic import Field

from guiju.kernel.forms import Form, LongText, Text
from guiju.kernel.forms import field as ask
from guiju.kernel.policy import POINT_KINDS

Choices = Mapping[str, Sequence[tuple[str, str]]]

Line = Annotated[str, Field(min_length=1, max_length=120)]

Words = Annotated[str, Field(min_length=1, max_length=4000, json_schema_extra={"widget": "longtext"})]

DUE = "到期"

FACTS = {
    "discount_percent": "折扣率（%）",
    "total_price": "总价（元）",
    "extensions": "已延期次数",
    "days": "保留日数",
    "units": "套数",
    "kind": "种类",
    "cause": "原因",
    "sensitive": "涉及姓名或金额（1 是，0 否）",
    "amount": "金额（元）",
    "owed": "欠款（元）",
    "payable": "应退（元）",
    "kept": "扣款（元）",
    "signed": "已签合同（1 是，0 否）",
    "reason": "原因类别",
    "deviations": "与范本不同处",
    "legal_vote": "有法务审核人（1 是，0 否）",
    "major": "重大问题（1 是，0 否）",
}


class Sign(Enum):
    """How a fact is compared."""

    label: str

    def __new__(cls, value: str, label: str) -> Sign:
        """Make a member of (value, label)."""
        member = object.__new__(cls)
        member._value_ = value
        member.label = label
        return member

    MORE = ">", "超过"
    AT_LEAST = ">=", "达到"
    LESS = "<", "低于"
    AT_MOST = "<=", "不超过"
    IS = "==", "为"
    IS_NOT = "!=", "不是"


class PointKind(Enum):
    """Kinds of control points."""

    label: str

    def __new__(cls, value: str) -> PointKind:
        """Make a member that is called as the policy calls it."""
        member = object.__new__(cls)
        member._value_ = value
        member.label = POINT_KINDS[value]
        return member

    TICK = "tick"
    NOTE = "note"
    PHOTO = "photo"
    SIGNATURE = "signature"
    NUMBER = "number"
    RECORD = "record"


class PointForm(Form):
    """控制要点。"""

    key: Text = ask("代码", default="", widget="hidden")
    label: Line = ask("要做到什么")
    kind: PointKind = ask("怎么办", default=PointKind.TICK)
    fields: list[str] = ask("记录表的栏目", default_factory=list, help="只有记录表要写，一行一栏")
    clause: Text = ask("依据条款", default="")
    required: bool = ask("必办", default=True)
    hard: bool = ask("不可放行", default=False)


class SeatForm(Form):
    """审批。"""

    order: Annotated[int, Field(ge=1, le=9)] = ask("顺序", default=1, help="同一顺序的同时审批")
    post: Line = ask("审批岗位")
    fact: Text = ask("条件", default="")
    sign: Sign = ask("比较", default=Sign.MORE)
    value: Text = ask("数值", default="")


class StepForm(Form):
    """步骤。"""

    label: Line = ask("名称")
    clause: Text = ask("依据条款", default="")
    words: Words = ask("要求")
    caution: LongText = ask("注意事项", default="")
    script: LongText = ask("应答话术", default="")
    points: Annotated[list[PointForm], Field(max_length=20)] = ask("控制要点", default_factory=list)
    override_post: Text = ask("放行岗位", default="", help="不办控制要点也放行一次的岗位，不能就是办理岗位")
    approval: Annotated[list[SeatForm], Field(max_length=12)] = ask("审批", default_factory=list)
    documents_in: list[str] = ask("收到资料", default_factory=list, help="一行一种")
    documents_out: list[str] = ask("形成资料", default_factory=list, help="一行一种")


class RungForm(Form):
    """超期上报。"""

    after: Text = ask("什么时候", default=DUE, help="写「到期」，或超期多久，如 1 日、4 小时")
    post: Line = ask("报给")


class ClockForm(Form):
    """时限。"""

    label: Line = ask("名称")
    limit: Text = ask("期限", default="")
    words: Words = ask("要求")
    clause: Text = ask("依据条款", default="")
    remind: list[str] = ask("到期前提醒", default_factory=list, help="一行一次，如 3 日、4 小时")
    escalate: Annotated[list[RungForm], Field(max_length=9)] = ask("超期上报", default_factory=list)


class HeadForm(Form):
    """文件头。"""

    title: Line = ask("名称")
    category: Line = ask("分类")
    department: Line = ask("部门")
    purpose: Words = ask("目的")
    scope: Words = ask("适用范围")
    review: Line = ask("复审周期", help="如 12 月")
    emergency: list[str] = ask("紧急处理", default_factory=list, help="一行一种情形")


class ClauseForm(Form):
    """条款。"""

    id: Line = ask("条款代码", help="条款目录里的代码，如 I-5.1-1a")
    number: Line = ask("编号", help="大家知道的编号，如 第五部分 一 3.1")
    words: Words = ask("条文")


class ClausesForm(Form):
    """全部条款。"""

    clauses: Annotated[list[ClauseForm], Field(max_length=300)] = ask("条款", default_factory=list)


class KpiForm(Form):
    """指标。"""

    kpi: Text = ask("代码", default="", widget="hidden")
    label: Line = ask("名称")
    target: Line = ask("目标")
    formula: Words = ask("计算方法")
    clause: Text = ask("依据条款", default="")


class KpisForm(Form):
    """全部指标。"""

    kpis: Annotated[list[KpiForm], Field(max_length=50)] = ask("指标", default_factory=list)


class PaperForm(Form):
    """相关表格。"""

    form: Line = ask("表格")
    title: Line = ask("名称")
    clause: Text = ask("依据条款", default="")


class RelatedForm(Form):
    """相关文件。"""

    code: Text = ask("文件编号", default="")
    title: Line = ask("名称")
    clause: Text = ask("依据条款", default="")


class FilesForm(Form):
    """相关文件和表格。"""

    forms: Annotated[list[PaperForm], Field(max_length=50)] = ask("相关表格", default_factory=list)
    related: Annotated[list[RelatedForm], Field(max_length=50)] = ask("相关文件", default_factory=list)


class SectionForm(Form):
    """节。"""

    number: Line = ask("编号")
    title: Line = ask("标题")
    words: LongText = ask("正文", default="")
    document: Text = ask("打开的文件", default="", help="文件编号，没有就不填")
    form: Text = ask("打开的表格", default="", help="表格编号，没有就不填")
    clauses: list[str] = ask("条款代码", default_factory=list, help="一行一个")


class ChapterForm(Form):
    """部分。"""

    number: Line = ask("编号")
    title: Line = ask("标题")
    words: LongText = ask("正文", default="")
    sections: Annotated[list[SectionForm], Field(max_length=60)] = ask("节", default_factory=list)


class TextForm(Form):
    """The whole document as text."""

    text: Annotated[str, Field(min_length=1, max_length=400_000)] = ask("文本", widget="longtext")
