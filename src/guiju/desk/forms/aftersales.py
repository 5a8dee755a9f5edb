"""What the steps of an after-sales case ask for."""

from __future__ import annotations

from typing import Annotated, Any, cast

from pydantic import Field, ValidationInfo, field_validator

from guiju.desk import lists, scheduling
from guiju.desk.models import AfterSales, Complexity, ListEntry, Met, Urgency
from guiju.desk.warranty import PARTS, Excluded
from guiju.kernel.forms import Day, Form, LongText, Moment, Money, Sha256, Text, field
from guiju.org import posts

Words = Annotated[str, Field(min_length=2, max_length=5000, json_schema_extra={"widget": "longtext"})]
Short = Annotated[str, Field(min_length=2, max_length=200)]
Name = Annotated[str, Field(min_length=1, max_length=100)]
Phone = Annotated[str, Field(max_length=40, json_schema_extra={"widget": "phone"})]
Minutes = Annotated[int, Field(ge=0, le=24 * 60)]
Photos = Annotated[list[Sha256], Field(max_length=30)]

PART_CHOICES = {code: part.name for code, part in PARTS.items()}
HOW = {
    "call": "电话",
    "visit": "当面",
    "wechat": "微信",
    "sms": "短信",
    "email": "邮件",
    "letter": "信函",
    "online": "在线",
}
CONSENT_HOW = {
    "signed": "书面签字",
    "message": "短信、微信回复",
    "call": "电话同意（已录音）",
    "visit": "当面同意",
}
WAYS = {"visit": "上门", "workshop": "送修", "remote": "远程指导"}
DEPARTMENT_POSTS = {
    code: posts.label(code)
    for code in (
        posts.QUALITY, posts.INSPECTOR, posts.SERVICE_MANAGER, posts.FOREMAN, posts.CS_MANAGER,
        posts.CS_ASSISTANT_MANAGER, posts.FINANCE, posts.SALES_DIRECTOR, posts.DEPUTY_GM,
    )
}  # fmt: skip
SUPERIORS = {
    code: posts.label(code)
    for code in (posts.CS_MANAGER, posts.CS_ASSISTANT_MANAGER, posts.DEPUTY_GM, posts.GENERAL_MANAGER)
}


def choice(label: str, options: Any, *, closed: bool = False, **more: Any) -> Any:
    """
    Declare a field chosen from a list of codes, or of rows that are shown by their names (``names``).

    ``closed``: the form itself refuses what is not on the list; elsewhere a need does, by its clause.
    """
    help_, names = more.pop("help", ""), more.pop("names", "")
    extra = {"widget": "choice", "choices": options, "closed": closed, **({"names": names} if names else {})}
    return Field(title=label, description=help_ or None, json_schema_extra=extra, **more)


class Listed(Form):
    """A form whose closed choices are checked."""

    @field_validator("*")
    @classmethod
    def _is_listed(cls, value: Any, info: ValidationInfo) -> Any:
        extra = cls.model_fields[info.field_name or ""].json_schema_extra
        if isinstance(extra, dict) and extra.get("closed") and value not in cast(Any, extra["choices"]):
            raise ValueError("请从所列的选项中选")
        return value


RECIPIENTS = {AfterSales.EXTERNAL: "外部客户", AfterSales.INTERNAL: "内部客户"}
PRODUCTS = {AfterSales.TANGIBLE: "有形：房屋、部件、设备", AfterSales.INTANGIBLE: "无形：咨询、手续、说明"}


class RecordForm(Listed):
    """登记售后。原话照写，型号、更换、退换等说法照客户说的记，再对应到房屋、部位和设备。"""

    words: Words = field("客户原话", help="照客户说的写")
    contact_name: Text = field("联系人", default="")
    contact_phone: Phone = field("联系电话", default="")
    need: LongText = field("客户的要求", default="")
    problem: LongText = field("问题", default="", help="你理解的问题，与原话分开写")
    service: str = choice("服务类型", lists.choices(ListEntry.SERVICE), default="repair")
    part: str = choice("部位", {"": "还不清楚", **PART_CHOICES}, default="")
    symptom: Text = field("现象", default="")
    model: Annotated[str, Field(max_length=100)] = field(
        "型号", default="", help="设备的品牌型号，没有就不填"
    )
    urgency: Urgency = field("紧急程度", default=Urgency.ORDINARY)
    channel: str = choice("来自", {"": "—", **HOW}, default="call")
    reported_at: Moment | None = field("客户反映的时间", default=None, help="不填就是现在")
    repeat_of: Annotated[str, Field(max_length=40)] = field(
        "重复的售后编号", default="", help="同一问题又来的，填上次的编号"
    )
    recipient: str = choice("服务对象", RECIPIENTS, default=AfterSales.EXTERNAL)
    department: Annotated[str, Field(max_length=60)] = field(
        "内部客户", default="", help="服务对象是公司内部的，填部门"
    )
    product: str = choice("产品", PRODUCTS, default=AfterSales.TANGIBLE)
    unit: int | None = field("房屋", default=None, widget="hidden")
    customer: int | None = field("客户", default=None, widget="hidden")
    reception: Annotated[str, Field(max_length=40)] = field("接待编号", default="", widget="hidden")
    ticket_due_at: Moment | None = field("外部工单期限", default=None, widget="hidden")


class ContactForm(Listed):
    """首次联系客户，问清具体情况。"""

    how: str = choice("联系方式", HOW, closed=True, default="call")
    who: Name = field("联系到谁")
    where: Text = field("问题在哪里", default="", help="房间和位置，如：主卧飘窗左下角")
    since: Annotated[str, Field(max_length=100)] = field("从什么时候起", default="")
    effect: Annotated[str, Field(max_length=400)] = field("造成什么影响", default="")
    words: LongText = field("其他情况", default="")
    minutes: Minutes = field("用时", unit="分钟", default=0)


class MissedForm(Listed):
    """没有联系上客户。"""

    how: str = choice("联系方式", HOW, closed=True, default="call")
    words: Short = field("经过", help="如：三次无人接听，已发短信")


class DiagnoseForm(Listed):
    """初步诊断：性质、复杂程度、紧急程度、部位，是否要进一步调查。"""

    diagnosis: Words = field("初步诊断")
    nature: str = choice("问题性质", lists.choices(ListEntry.NATURE))
    complexity: Complexity = field("复杂程度")
    urgency: Urgency = field("紧急程度", default=Urgency.ORDINARY)
    part: str = choice("部位", PART_CHOICES)
    service: str = choice("服务类型", {"": "不改", **lists.SHIPPED_NAMES[ListEntry.SERVICE]}, default="")
    excluded: str = choice(
        "不保修的情形", {"": "没有", **{one.value: one.label for one in Excluded}}, closed=True, default="",
        help="看过现场、有依据才选；诊断以前不向客户说免费或收费",
    )  # fmt: skip
    investigate: bool = field("需要进一步调查", default=False)
    to_post: str = choice("请谁调查", {"": "—", **DEPARTMENT_POSTS}, closed=True, default="")
    question: LongText = field("调查什么", default="")


class OnSiteForm(DiagnoseForm):
    """初步诊断：需要上门。"""

    trade: str = choice("工种", {"": "按部位", **scheduling.trade_choices()}, default="")
    place: Annotated[str, Field(max_length=200)] = field("客户指定的地点", default="", help="不填就是本户")


class ProposeForm(Listed):
    """提出解决方案。"""

    kind: str = choice("方案类型", lists.choices(ListEntry.SOLUTION))
    equivalent: str = choice(
        "退换货对应", {"": "—", **lists.EQUIVALENTS}, default="", help="方案是退换货时必选"
    )
    words: Words = field("方案", help="具体怎么做、谁来做、多久、费用")
    adapted: Annotated[str, Field(max_length=400)] = field(
        "按这位客户调整了什么", default="", help="看过往记录和偏好，如：老人在家，避开午休"
    )
    price: Money | None = field("向客户报价", default=None, help="费用由客户承担时必填")
    sent_how: str = choice("怎样告诉客户", HOW, closed=True, default="call")
    met: Met = field("客户的要求", default=Met.FULL)
    met_why: LongText = field("不能（全部）满足的原因", default="")
    alternative: LongText = field("替代办法", default="")


class ConsentForm(Listed):
    """客户同意方案。"""

    who: Name = field("谁同意的")
    how: str = choice("怎样同意的", CONSENT_HOW, closed=True)
    words: LongText = field("客户的话", default="")
    evidence: Sha256 | None = field("凭据", default=None, help="签字、截图，没有可不传")


class RefuseForm(Listed):
    """客户不同意方案。"""

    who: Name = field("谁答复的")
    reason: Words = field("为什么不同意")
    wish: LongText = field("客户希望怎样", default="")


class ArrangeForm(Listed):
    """安排人员处理。"""

    way: str = choice("怎样处理", WAYS)
    worker: int | None = choice("人员", scheduling.people_choices(), names="person", default=None)
    team: Annotated[str, Field(max_length=60)] = field("或者班组、单位", default="")
    confirmed: bool = field("问题已确认", default=False, help="确认问题后才安排维修人员")
    trade: str = choice("工种", {"": "按部位", **scheduling.trade_choices()}, default="")
    words: LongText = field("交代", default="")


class MaterialForm(Listed):
    """一项物资。"""

    name: Name = field("名称")
    quantity: Annotated[str, Field(max_length=20)] = field("数量", default="1")


class DoneForm(Listed):
    """处理完成。"""

    words: Words = field("做了什么")
    cause: str = choice("根本原因", lists.choices(ListEntry.CAUSE))
    cause_words: Words = field("原因说明")
    measure: Words = field("采取的措施", help="针对这个原因做了什么")
    minutes: Minutes = field("用时", unit="分钟")
    material: Annotated[list[MaterialForm], Field(max_length=30)] = field("所需物资", default_factory=list)
    photos: Photos = field("照片", default_factory=list, widget="photos")


class RemoteFailedForm(Listed):
    """远程没有解决，转上门。"""

    words: Words = field("试过什么、为什么不行")
    trade: str = choice("工种", {"": "按部位", **scheduling.trade_choices()}, default="")
    minutes: Minutes = field("用时", unit="分钟", default=0)


class TestForm(Listed):
    """检验。"""

    passed: bool = field("检验合格", default=False)
    method: Words = field("怎样检验的", help="如：淋水 30 分钟，无渗漏")
    photos: Photos = field("照片", default_factory=list, widget="photos")


class ConfirmForm(Listed):
    """与客户确认问题彻底解决。"""

    how: str = choice("联系方式", HOW, closed=True, default="call")
    who: Name = field("与谁确认")
    solved: bool = field("客户确认问题已彻底解决", default=False)
    words: LongText = field("客户的话", default="")


class UnsolvedForm(Listed):
    """客户说没有解决，或者不满意。"""

    how: str = choice("联系方式", HOW, closed=True, default="call")
    who: Name = field("谁说的")
    unsolved: bool = field("问题没有解决", default=True, help="不勾是已解决但不满意")
    words: Words = field("客户的话")
    to_post: str = choice("与哪个部门沟通", DEPARTMENT_POSTS, closed=True, default=posts.QUALITY)


class ReviewReportForm(Listed):
    """部门负责人审核操作报告。"""

    complied: bool = field("按标准书的步骤和要求办理")
    accurate: bool = field("报告的结果与实际相符")
    words: LongText = field("审核意见", default="", help="有偏离或者不相符的，写明在哪里")


class RateForm(Listed):
    """登记客户评价。"""

    score: Annotated[int, Field(ge=1, le=5)] = field("满意度", help="5 非常满意，1 非常不满意")
    attitude: Annotated[int, Field(ge=1, le=5)] | None = field("服务态度", default=None)
    timely: Annotated[int, Field(ge=1, le=5)] | None = field("及时", default=None)
    quality: Annotated[int, Field(ge=1, le=5)] | None = field("质量", default=None)
    words: LongText = field("意见", default="")
    source: str = choice(
        "怎样得来",
        {"phone": "电话", "on_site": "当场", "paper": "书面", "link": "链接"},
        closed=True,
        default="phone",
    )


class UnratedForm(Listed):
    """客户不作评价。"""

    reason: Short = field("原因", help="如：客户说没有意见，不愿打分")


class CloseForm(Listed):
    """关闭。"""

    cause: str = choice("根本原因", {"": "按处理时的", **lists.SHIPPED_NAMES[ListEntry.CAUSE]}, default="")
    met: Met = field("客户的需求", default=Met.FULL)
    met_why: LongText = field("没有（全部）满足的原因", default="")
    alternative: LongText = field("给了什么替代", default="")


class UnsolvedCloseForm(Listed):
    """客户未认可而关闭。"""

    reason: Words = field("为什么关闭")
    cause: str = choice("根本原因", lists.choices(ListEntry.CAUSE))
    alternative: Words = field("给客户的替代办法和书面答复")


class ReopenForm(Listed):
    """重新打开。"""

    who: Name = field("谁反映的")
    words: Words = field("客户的话")


class FollowForm(Listed):
    """跟进联系。"""

    how: str = choice("联系方式", HOW, closed=True, default="call")
    who: Annotated[str, Field(max_length=100)] = field("联系谁", default="")
    words: Words = field("说了什么、进展如何")
    minutes: Minutes = field("用时", unit="分钟", default=0)


class DateForm(Listed):
    """特殊情况，与客户约定解决日期。"""

    promised_at: Moment = field("约定何时解决")
    reason: Words = field("为什么不能按期")
    who: Name = field("与客户哪位说的")
    how: str = choice("联系方式", HOW, closed=True, default="call")


class CoordinateForm(Listed):
    """请其他部门协助。"""

    to_post: str = choice("请谁", DEPARTMENT_POSTS, closed=True)
    subject: Annotated[str, Field(min_length=2, max_length=120)] = field("事由")
    content: Words = field("内容")
    wish: LongText = field("希望怎样办", default="")
    reply_due: Day | None = field("最迟答复", default=None, help="不填就是两个工作日后")


class CannotForm(Listed):
    """无法解决，向上级或相关部门求助。"""

    words: Words = field("为什么解决不了")
    to_post: str = choice("向谁求助", DEPARTMENT_POSTS, closed=True, default=posts.QUALITY)
    promised: Short = field("答应客户什么", help="照对客户说的写，如：明天下午前回电说明")
    promised_at: Moment = field("答应何时")


class ResultForm(Listed):
    """记录部门协调的结果。"""

    number: int | None = field("第几项", default=None, help="有几项没有结果时填，不填就是最早的一项")
    who: Name = field("谁答复的")
    result: Words = field("结果")


class TransferForm(Listed):
    """移交责任人。"""

    to: Name = field("交给谁", help="姓名或账号")
    reason: Short = field("为什么移交")


class AnswerForm(Listed):
    """答复移交。"""

    words: Annotated[str, Field(max_length=200)] = field("说明", default="")


class ImportantForm(Listed):
    """标为重要。"""

    reason: Short = field("为什么重要")


class ReportForm(Listed):
    """向上级汇报问题和方案。"""

    to_post: str = choice("向谁汇报", SUPERIORS, closed=True, default=posts.CS_MANAGER)
    problem: Words = field("问题")
    solution: LongText = field("方案", default="")


class RepeatForm(Listed):
    """关联为重复。"""

    earlier: Annotated[str, Field(min_length=4, max_length=40)] = field("上次的售后编号")


class CorrectForm(Listed):
    """更正服务记录。"""

    number: Annotated[int, Field(ge=1)] = field("第几条")
    words: Words = field("应为")
    reason: Short = field("理由")


class WaitForm(Listed):
    """等物资，暂停计时。"""

    reason: Short = field("等什么")
    expected: Day | None = field("预计何时到", default=None)


class VisitNews(Listed):
    """上门的进展（由上门流程写入）。"""

    visit: Annotated[str, Field(max_length=40)] = field("上门编号")
    starts_at: Moment | None = field("约定时间", default=None)
    technician: int | None = choice("上门人员", scheduling.people_choices(), names="person", default=None)
    words: LongText = field("经过", default="")
    result: Annotated[str, Field(max_length=400)] = field("结果", default="")
    minutes: int | None = field("用时", default=None)
    cause: str = choice("根本原因", {"": "—", **lists.SHIPPED_NAMES[ListEntry.CAUSE]}, default="")
    cause_words: LongText = field("原因说明", default="")
    measure: LongText = field("措施", default="")
    material: list[MaterialForm] = field("物资", default_factory=list)


class VisitSolution(Listed):
    """现场提出、客户同意的方案（由上门流程写入）。"""

    visit: Annotated[str, Field(max_length=40)] = field("上门编号")
    kind: str = choice("方案类型", lists.choices(ListEntry.SOLUTION))
    words: Words = field("方案")
    price: Money | None = field("向客户报价", default=None)
    who: Name = field("谁同意的")
