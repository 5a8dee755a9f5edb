"""What the steps of the desk's processes ask for."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

from pydantic import Field

from guiju.desk.intake_guide import CATEGORIES
from guiju.desk.models import Channel, Kind
from guiju.desk.warranty import PARTS
from guiju.kernel.forms import Day, Form, LongText, Moment, Sha256, Text, field
from guiju.org import posts

Word = Annotated[str, Field(max_length=40)]
Short = Annotated[str, Field(max_length=60)]
Line = Annotated[str, Field(max_length=100)]
Words = Annotated[str, Field(min_length=1, max_length=5000, json_schema_extra={"widget": "longtext"})]
Sentence = Annotated[str, Field(max_length=400)]
Said = Annotated[str, Field(min_length=2, max_length=400)]
Told = Annotated[str, Field(min_length=2, max_length=5000, json_schema_extra={"widget": "longtext"})]
MOST_KEY = 9_000_000_000_000_000
Key = Annotated[int, Field(ge=1, le=MOST_KEY)]
# Rows that people know by their names: the story of the case shows those.
CustomerKey = Annotated[int, Field(ge=1, le=MOST_KEY, json_schema_extra={"names": "customer"})]
UnitKey = Annotated[int, Field(ge=1, le=MOST_KEY, json_schema_extra={"names": "unit"})]
Files = Annotated[list[Sha256], Field(max_length=30)]


CATEGORIES_NAMED = {"": "还没分类", **{one.code: one.path for one in CATEGORIES}}
PARTS_NAMED = {"": "还不清楚", **{code: part.name for code, part in PARTS.items()}}
POSTS_NAMED = {
    kind.code: kind.name for kind in posts.POSTS if kind.code not in posts.READ_ONLY | posts.MAY_ADMINISTER
}
Category = Annotated[
    str, Field(max_length=40, json_schema_extra={"widget": "choice", "choices": CATEGORIES_NAMED})
]


class Labelled(Enum):
    """A choice with its Chinese words."""

    label: str

    def __new__(cls, value: str, label: str) -> Labelled:
        """Make a member of (value, label)."""
        member = object.__new__(cls)
        member._value_ = value
        member.label = label
        return member


class Urgency(Labelled):
    """How soon somebody has to be there."""

    ORDINARY = "ordinary", "一般"
    URGENT = "urgent", "较急"
    EMERGENCY = "emergency", "紧急"


class Source(Labelled):
    """Who began: the customer, or an agent on the customer's behalf (A-3.1-a)."""

    CUSTOMER = "customer", "客户提出"
    AGENT = "agent", "代客户发起"


class Target(Labelled):
    """What a reception is handed on to, by the name of the process."""

    AFTER_SALES = "after_sales", "售后维修"
    COMPLAINT = "complaint", "投诉"
    MEMO = "internal_memo", "内部工作联系单"
    PAID_SERVICE = "paid_service", "有偿服务"


class Solved(Labelled):
    """What the customer said when asked whether it is solved (D-2.6-d)."""

    YES = "yes", "已解决"
    NO = "no", "未解决"


class ClarifiedForm(Form):
    """追问的问题和回答。"""

    question: Annotated[str, Field(min_length=1, max_length=200)] = field("问题")
    answer: Sentence = field("回答", default="")


class ReceiveForm(Form):
    """登记接待。"""

    channel: Channel = field("来的方式")
    via: Word = field("其他渠道", default="", help="作业标准书里列出的，如小程序留言")
    phone: Short = field("来电号码", default="", widget="phone")
    caller: Line = field("来的是谁", default="")
    relation: Word = field("与业主关系", default="", help="业主、家属、租户、代理人等")
    call_back: Short = field("回电号码", default="", widget="phone", help="和来电号码不同时填")
    customer: CustomerKey | None = field("客户", default=None, help="客户档案编号")
    confirmed: bool = field("已核实身份", default=False)
    unit: UnitKey | None = field("房屋", default=None, help="房屋编号")
    words: Words = field("说了什么", help="照客户原话记，不下结论")
    kind: Kind = field("类型")
    need: Sentence = field("客户要什么", default="")
    problem: Sentence = field("问题是什么", default="")
    element: Line = field("哪个部位或设备", default="")
    more: Annotated[list[Said], Field(max_length=20)] = field(
        "还有别的需求", default_factory=list, help="一行一项"
    )
    repeated_back: bool = field("已复述，客户说对", default=False)
    difficult: bool = field("情况复杂，需要追问", default=False)
    clarified: Annotated[list[ClarifiedForm], Field(max_length=20)] = field("追问", default_factory=list)
    category: Category = field("分类", default="")
    category_suggested: Category = field("系统建议的分类", default="")
    urgency: Urgency = field("紧急程度", default=Urgency.ORDINARY)
    important: Text = field("重要信息", default="", help="以后每次接待都会看到")
    arrived_at: Moment | None = field("来的时间", default=None, help="不填就是现在")
    purpose: Text = field("来访目的", default="")
    appointment_at: Moment | None = field("预约时间", default=None)
    area: Short = field("引导到哪里", default="")
    external_number: Short = field("外部工单编号", default="")
    external_due_at: Moment | None = field("外部办结期限", default=None)
    chat: LongText = field("聊天文字", default="", help="微信对话整段粘贴")
    files: Files = field("来函扫描件、截图、附件", default_factory=list)
    subject: Text = field("来函事由", default="")
    received_date: Day | None = field("收函日期", default=None)
    promise: Text = field("答应客户", default="")
    promise_due: Moment | None = field("最迟什么时候", default=None)
    promise_owner: Word = field("由谁兑现", default="", help="姓名或账号，不填就是你自己")
    repeat_of: Word = field("关联以前的事项", default="")
    recording: Text = field("通话录音", default="", help="录音编号或地址")
    recording_announced: bool = field("已告知客户通话录音", default=False)
    source: Source = field("由谁发起", default=Source.CUSTOMER)
    incoming: Key | None = field("收件箱编号", default=None)


class WelcomeForm(Form):
    """迎接来访。"""

    appeared_at: Moment | None = field("到接待区的时间", default=None, help="不填就是现在")
    area: Short = field("引导到哪里", help="洽谈区、签约室、会客室等")
    greeted: bool = field("已问好并问明来意", default=False)


class IdentifyForm(Form):
    """核实身份。"""

    customer: CustomerKey | None = field("客户", default=None, help="客户档案编号，不在档案里的不填")
    caller: Line = field("来的是谁", default="")
    relation: Word = field("与业主关系", default="")
    confirmed: bool = field("已核实身份", default=False)
    how: Text = field("怎样核实的", default="", help="电话、姓名、房号，或看过证件")


class NoteDownForm(Form):
    """补充记录。"""

    words: LongText = field("客户又说了什么", default="", help="照原话接在后面")
    need: Sentence = field("客户要什么", default="")
    problem: Sentence = field("问题是什么", default="")
    element: Line = field("哪个部位或设备", default="")
    category: Category = field("分类", default="")
    clarified: Annotated[list[ClarifiedForm], Field(max_length=20)] = field("追问", default_factory=list)
    more: Annotated[list[Said], Field(max_length=20)] = field(
        "又提出的需求", default_factory=list, help="一行一项"
    )
    questions: Annotated[list[Said], Field(max_length=20)] = field(
        "又提出的疑问", default_factory=list, help="一行一项"
    )
    repeated_back: bool = field("已复述，客户说对", default=False)
    files: Files = field("附件", default_factory=list)


class AnswerForm(Form):
    """答复客户。"""

    answer: Told = field("怎样答复的")
    advice: LongText = field("给客户的建议", default="")
    number: Annotated[int, Field(ge=1, le=99)] | None = field(
        "答复第几项", default=None, help="不填就是全部没有结果的"
    )


class HandOnForm(Form):
    """转办。"""

    to: Target = field("转给哪个流程")
    urgency: Urgency = field("紧急程度", default=Urgency.ORDINARY)
    part: Annotated[
        str, Field(max_length=40, json_schema_extra={"widget": "choice", "choices": PARTS_NAMED})
    ] = field("部位", default="", help="不清楚可以不选")
    symptom: Text = field("现象", default="")
    repeat_of: Word = field("关联以前的事项", default="", help="二次投诉或返修填原编号")
    to_post: Annotated[
        str, Field(max_length=40, json_schema_extra={"widget": "choice", "choices": POSTS_NAMED})
    ] = field("给哪个岗位", default="cs_assistant_manager", help="开联系单时选")
    subject: Text = field("联系单事由", default="")
    reply_due: Day | None = field("请在哪天前回复", default=None)
    note: LongText = field("交代", default="")


class FollowUpForm(Form):
    """约定跟进。"""

    what: Said = field("跟进什么")
    due_at: Moment = field("什么时候")
    person: Word = field("由谁跟进", default="", help="姓名或账号，不填就是你自己")


class FollowedForm(Form):
    """记录跟进。"""

    number: Annotated[int, Field(ge=1, le=99)] | None = field(
        "第几项", default=None, help="不填就是最早到期的"
    )
    reached: bool = field("联系上客户", default=True)
    result: Said = field("跟进结果")


class ReplyLetterForm(Form):
    """复函。"""

    text: Told = field("复函内容")
    how: Short = field("怎样送达", help="挂号信、传真、当面交给客户等")
    scan: Sha256 | None = field("复函扫描件", default=None)
    filed_as: Short = field("归档编号", default="")


class TransferForm(Form):
    """移交他人。"""

    to: Annotated[str, Field(min_length=1, max_length=50)] = field("移交给谁", help="姓名或账号")
    reason: Said = field("为什么移交", widget="longtext")


class DecideTransferForm(Form):
    """答复移交。"""

    answer: Sentence = field("说明", default="")


class RecordingForm(Form):
    """关联录音。"""

    place: Annotated[str, Field(min_length=2, max_length=200)] = field("录音编号或地址")
    announced: bool = field("已告知客户通话录音", default=False)
    recorded_at: Moment | None = field("录音开始时间", default=None)


class EndContactForm(Form):
    """结束接触，另约跟进。"""

    what: Said = field("没解决的是什么，下次谈什么")
    due_at: Moment = field("下次联系时间")
    person: Word = field("由谁联系", default="", help="姓名或账号，不填就是你自己")
    explained: Sentence = field("告知客户的后续流程", default="")


class CloseForm(Form):
    """收尾办结。"""

    solved: Solved = field("问过客户，问题解决了吗")
    explained: Sentence = field("告知客户的后续服务或流程", default="")
    number_told: bool = field("已把编号念给客户", default=False)
