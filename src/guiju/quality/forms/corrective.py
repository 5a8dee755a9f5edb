"""What the steps of a corrective action ask for (K-2.6, domain 2.23)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from guiju.kernel.forms import Day, Form, Sha256, Text, field
from guiju.sales.forms import Labelled

Plain = Annotated[str, Field(min_length=2, max_length=5000, json_schema_extra={"widget": "longtext"})]
Number = Annotated[str, Field(max_length=60)]
Files = Annotated[list[Sha256], Field(max_length=30)]


class Grade(Labelled):
    """How grave a finding is."""

    MINOR = "minor", "一般"
    MAJOR = "major", "严重"


class Sort(Labelled):
    """What kind of action it is (A-2.2-b, F-2.5-d)."""

    CORRECTIVE = "corrective", "纠正措施"
    PREVENTIVE = "preventive", "预防措施"
    IMPROVEMENT = "improvement", "改进（客户建议）"


class RaiseForm(Form):
    """填写通知单。"""

    fact: Plain = field("事实")
    department: int | None = field("责任部门", default=None, widget="hidden")
    department_name: Annotated[str, Field(max_length=60)] = field(
        "责任部门", default="", help="如工程部，可在签发时再定"
    )
    grade: Grade = field("程度", default=Grade.MINOR)
    kind: Sort = field("类别", default=Sort.CORRECTIVE)
    clause: Annotated[str, Field(max_length=40)] = field("依据条款", default="")
    source: Number = field("来自事项", default="", help="编号，没有的不填")
    trigger: Annotated[str, Field(max_length=80)] = field("触发规则", default="", widget="hidden")
    cause: Annotated[str, Field(max_length=20)] = field("原因类别", default="", widget="hidden")
    owner: Annotated[str, Field(max_length=60)] = field("责任人", default="")
    due_date: Day | None = field("要求完成日期", default=None)


class IssueForm(Form):
    """签发。"""

    department_name: Annotated[str, Field(max_length=60)] = field(
        "责任部门", default="", help="填写时已选的可以不填"
    )
    grade: Grade | None = field("程度", default=None)
    note: Text = field("说明", default="")


class CorrectForm(Form):
    """纠正。"""

    words: Plain = field("纠正情况")


class CauseForm(Form):
    """查找原因。"""

    whys: Annotated[list[Text], Field(min_length=2, max_length=7)] = field(
        "逐层追问", help="每行一个为什么，至少两层"
    )
    root: Plain = field("根本原因")


class Action(Form):
    """一项措施。"""

    what: Annotated[str, Field(min_length=2, max_length=400)] = field("措施")
    who: Annotated[str, Field(min_length=1, max_length=60)] = field("责任人")
    due_date: Day = field("完成日期")


class PlanForm(Form):
    """制定措施。"""

    actions: Annotated[list[Action], Field(min_length=1, max_length=20)] = field("措施")


class ReportForm(Form):
    """报告完成。"""

    done_date: Day = field("完成日期")
    result: Plain = field("实施结果")
    evidence: Files = field("证据", default_factory=list, widget="attachments")


class VerifyForm(Form):
    """验证。"""

    words: Plain = field("验证情况")


class EffectForm(Form):
    """效果确认。"""

    effective: bool = field("措施有效", default=False)
    words: Plain = field("效果")


class ReissueForm(Form):
    """重新签发。"""

    words: Plain = field("没有效果的情况")
