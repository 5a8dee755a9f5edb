"""What the steps of a complaint ask for: the columns of the 顾客投诉及处理记录表 (K-2.1 to K-2.6)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from guiju.kernel.forms import Form, LongText, Moment, Money, Sha256, Text, field
from guiju.quality.choices import Cause, Channel, Fault, Level, Region, Remedy
from guiju.quality.forms.memo import Kind
from guiju.quality.people import POST_CHOICES
from guiju.sales.forms import Labelled

Words = Annotated[str, Field(min_length=1, max_length=5000, json_schema_extra={"widget": "longtext"})]
Plain = Annotated[str, Field(min_length=2, max_length=5000, json_schema_extra={"widget": "longtext"})]
Name = Annotated[str, Field(max_length=100)]
Number = Annotated[str, Field(max_length=60)]
Files = Annotated[list[Sha256], Field(max_length=30)]
Username = Annotated[str, Field(min_length=1, max_length=60)]


def _listed(choices: type[Labelled]) -> Any:
    return Field(json_schema_extra={"choices": {choice.value: choice.label for choice in choices}})


def _known(choices: type[Labelled], otherwise: str) -> BeforeValidator:
    """Take an unknown code for ``otherwise``: nothing may prevent that a complaint is recorded (DECISIONS 24)."""
    values = {choice.value for choice in choices}

    def read(value: object) -> object:
        if isinstance(value, choices):
            return value.value
        return value if isinstance(value, str) and value in values else otherwise

    return BeforeValidator(read)


class RecordForm(Form):
    """登记投诉。"""

    words: Words = field("投诉内容", help="照顾客的原话记，先听完再写")
    complainant: Name = field("投诉人", default="", help="不愿留名的可以不填")
    phone: Name = field("联系电话", default="", widget="phone")
    channel: Annotated[str, _known(Channel, "other"), _listed(Channel)] = field("受理方式", default="call")
    need: LongText = field("顾客希望", default="")
    problem: LongText = field("情况说明", default="")
    quality: bool | None = field("属质量问题", default=None, help="一时判断不了的先不选，登记后再定")
    cause: Annotated[str, _known(Cause, ""), _listed(Cause)] = field(
        "投诉事由", default="", help="不选则按内容建议，可再改"
    )
    level: Annotated[str, _known(Level, ""), _listed(Level)] = field("级别", default="")
    urgency: Annotated[str, Field(max_length=20)] = field("紧急程度", default="ordinary")
    important: bool = field("重要客户", default=False)
    incident: bool = field("突发事件", default=False, help="有人受伤、聚集、火情、媒体到场等，保存即报告领导")
    upset: bool = field("顾客情绪激动，请主管接手", default=False)
    conflict: Text = field("误解或冲突", default="", help="与顾客发生误解、争执的，记在这里，报主管")
    in_writing: bool = field("要求书面答复", default=False)
    ticket: Number = field("外部工单编号", default="")
    ticket_due_at: Moment | None = field("外部工单期限", default=None)
    letters: Files = field("函件、传真、照片", default_factory=list, widget="attachments")
    reported_at: Moment | None = field("受理时间", default=None)
    unit: int | None = field("房屋", default=None, widget="hidden")
    customer: int | None = field("客户", default=None, widget="hidden")
    reception: Number = field("接待事项", default="", widget="hidden")
    repeat_of: Number = field("前一次投诉", default="", help="编号，知道的填")
    about_person: Name = field("被投诉人", default="", help="投诉本公司人员的，填姓名或账号，不由本人处理")


class ClassifyForm(Form):
    """定性。"""

    quality: bool = field("属质量问题")
    cause: Cause = field("投诉事由")
    reason: Plain = field("判断依据")


class LevelForm(Form):
    """定级。"""

    level: Level = field("级别")
    reason: Plain = field("理由")


class AssignForm(Form):
    """指定处理人。"""

    person: Username = field("处理人", help="姓名或账号")
    reason: Text = field("理由", default="")


class ContactForm(Form):
    """首次联系。"""

    words: Plain = field("联系情况", help="先致歉、再核实，告知顾客处理人姓名和答复时间")
    told: bool = field("已告知处理人和答复时间", default=True)


class RoundForm(Form):
    """协商。"""

    words: Plain = field("协商经过")
    offer: LongText = field("提出的办法", default="")
    answer: LongText = field("顾客答复", default="")
    satisfied: bool | None = field("顾客满意", default=None)


class PlanForm(Form):
    """方案。"""

    situation: Plain = field("顾客反映情况")
    plan: Plain = field("解决方案", help="诊断以前不答应免费维修")


class HandOverForm(Form):
    """移交质检部。"""

    note: LongText = field("说明", default="")
    letters: Files = field("随附函件", default_factory=list, widget="attachments")
    no_letters: bool = field("没有函件", default=False)


class JudgeForm(Form):
    """分析。"""

    departments: Annotated[list[Username], Field(min_length=1, max_length=10)] = field(
        "会同部门", help="部门名称，如工程部"
    )
    analysis: Plain = field("分析")
    measures: Plain = field("措施意见")


class OpinionForm(Form):
    """处理意见。"""

    opinion: Plain = field("处理意见")


class DelegateForm(Form):
    """委派。"""

    person: Username = field("被委派人", help="姓名或账号")
    qualification: Annotated[str, Field(min_length=1, max_length=100)] = field(
        "要求的资质", default="维修资质", help="证书名称，须在有效期内"
    )
    region: Region = field("地区", default=Region.PROVINCE)
    promised_at: Moment | None = field(
        "已答应顾客的上门时间", default=None, help="普通维修已约好时间的，不得晚于它"
    )


class ReadForm(Form):
    """阅知。"""

    confirmed: bool = field("已阅读处理意见，按此办理", default=False)


class ArriveForm(Form):
    """到场。"""

    arrived_at: Moment | None = field("到达时间", default=None, help="不填为现在")
    note: Text = field("说明", default="")


class InvestigateForm(Form):
    """现场调查。"""

    words: Plain = field("调查情况")
    cause: Cause | None = field("原因类别", default=None)
    reason: LongText = field("产生原因", default="")
    photos: Files = field("照片", default_factory=list, widget="attachments")


class DecideForm(Form):
    """处理决定。"""

    fault: Fault = field("责任判定")
    remedy: Remedy = field("处理方式")
    words: Plain = field("决定内容")
    paid_amount: Money | None = field("有偿服务报价", default=None, help="有偿服务必填，先报价后服务")
    payer: Name = field("由谁付款", default="", help="有偿服务必填")
    told: bool = field("报价和付款人已告知顾客", default=False)


class ExecuteForm(Form):
    """处理实施情况。"""

    words: Plain = field("处理实施情况")
    test: Plain = field("测试情况", help="淋水、通电、试水等，写明方法和结果")
    passed: bool = field("测试合格", default=False)
    handled_at: Moment | None = field("处理完成时间", default=None, help="不填为现在")
    photos: Files = field("照片", default_factory=list, widget="attachments")


class CheckForm(Form):
    """质量检查。"""

    passed: bool = field("检查合格")
    words: Plain = field("检查情况")


class ConfirmForm(Form):
    """顾客确认。"""

    agreed: bool = field("顾客确认处理完成", default=False)
    signature: Sha256 | None = field("顾客签名", default=None, widget="signature")
    signed_by: Name = field("签名人", default="")
    satisfied: bool | None = field("顾客满意", default=None)
    words: LongText = field("顾客意见", default="")


class FeedbackForm(Form):
    """向顾客反馈。"""

    words: Plain = field("反馈内容")
    how: Name = field("方式", default="电话")
    answer: LongText = field("顾客答复", default="")


class ReplyForm(Form):
    """答复顾客。"""

    words: Plain = field("答复内容")
    in_writing: bool = field("书面答复", default=False)
    letter: Sha256 | None = field("答复函", default=None)
    to_management: bool = field("同时报客户服务部经理", default=True)


class CoordinateForm(Form):
    """转达、协调。"""

    post: Annotated[str, Field(min_length=1, max_length=60, json_schema_extra={"choices": POST_CHOICES})] = (
        field("转给岗位")
    )
    department: Name = field("部门", default="")
    kind: Annotated[str, Field(max_length=20), _listed(Kind)] = field("类别", default="coordination")
    subject: Annotated[str, Field(min_length=2, max_length=120)] = field("事由")
    content: Plain = field("内容")
    wish: LongText = field("要求", default="")


class UpsetForm(Form):
    """请主管接手。"""

    upset: bool = field("顾客情绪激动", default=True)
    conflict: LongText = field("误解或冲突", default="")


class IncidentForm(Form):
    """突发事件处置。"""

    measures: Plain = field("处置措施")
    persons: Plain = field("责任人")
    communication: LongText = field("沟通情况", default="")


class ReviewForm(Form):
    """处置复盘。"""

    words: Plain = field("复盘结论")
    lessons: LongText = field("改进", default="")


class Ground(Labelled):
    """Why a complaint ends without the customer's satisfaction."""

    UNSATISFIED = "unsatisfied", "顾客不满意，已尽力"
    UNREACHABLE = "unreachable", "三次以上联系不上，已书面通知"
    UNREASONABLE = "unreasonable", "要求没有依据，已书面说明"
    WITHDRAWN = "withdrawn", "顾客撤回"


class LeaveForm(Form):
    """未满意办结。"""

    ground: Ground = field("情形")
    reason: Plain = field("理由")
    attempts: LongText = field("联系和处理经过", default="")


class CloseForm(Form):
    """办结。"""

    result: Annotated[str, Field(min_length=2, max_length=60)] = field("处理结果")
    satisfaction: Annotated[str, Field(max_length=20)] = field("满意度", default="")


class ReopenForm(Form):
    """重新处理。"""

    reason: Plain = field("顾客反映")


class GroupForm(Form):
    """并入群体投诉。"""

    parent: Number = field("主投诉编号")


class PreventForm(Form):
    """提出预防或纠正措施。"""

    department: Name = field("责任部门")
    fact: Plain = field("事实")
    preventive: bool = field("预防措施", default=False)


class PastForm(Form):
    """启用历史投诉。"""

    reason: Plain = field("启用原因")
