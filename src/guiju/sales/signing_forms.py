"""What the steps of a signing ask for."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from guiju.kernel.forms import Day, Form, LongText, Moment, Percent, Sha256, Text, field
from guiju.sales.forms import AgentForm, Labelled, Reason, Short, Word
from guiju.sales.models import AddedClause

Rate = Annotated[Decimal, Field(ge=0, le=100, max_digits=6, decimal_places=2)]
Place = Annotated[int, Field(ge=1, le=200)]


class ClauseKind(Labelled):
    """What is added to the model contract."""

    CLAUSE = AddedClause.CLAUSE, "补充条款"
    SERVICE = AddedClause.SERVICE, "服务内容"


class Decision(Labelled):
    """What is decided about a clause."""

    RELEASE = "release", "同意写入合同"
    REFUSE = "refuse", "不同意"


class BookForm(Form):
    """预约签约。"""

    signing_at: Moment = field("签约时间")
    place: Text = field("签约地点", default="", help="不填为项目的签约地点")
    lawyer: bool = field("同时与律师办理按揭手续", default=False)


class GiveListForm(Form):
    """交付签约资料表。"""

    how: Short = field("方式", default="当面交付", min_length=1)
    receiver: Short = field("接收人", default="")


class PaperRow(Form):
    """一项客户资料。"""

    paper: Place = field("哪一项")
    received: bool = field("已收", default=False)
    original_seen: bool = field("已核对原件", default=False)
    valid_until: Day | None = field("有效期至", default=None)
    promised_date: Day | None = field("答应补交日期", default=None, help="没有收到的必填")
    attachment: Sha256 | None = field("扫描件", default=None)
    not_needed: bool = field("不需要", default=False)
    note: Text = field("说明", default="", help="不需要的写明原因")


class PapersForm(Form):
    """核对客户资料。"""

    papers: Annotated[list[PaperRow], Field(min_length=1, max_length=100)] = field(
        "资料", help="在签约台点客户资料的数字，可以在一张表上逐项勾选"
    )


class AskPaperForm(Form):
    """增加所需资料。"""

    name: Annotated[str, Field(min_length=1, max_length=80)] = field("资料名称")
    buyer: Annotated[int, Field(ge=0, le=10)] = field("谁的", default=0)
    copies: Annotated[int, Field(ge=0, le=20)] = field("复印份数", default=1)
    for_loan: bool = field("贷款资料", default=False)


class PrepareForm(Form):
    """核对签约准备文件。"""

    complete: bool = field("已按清单逐项核对，文件齐全成套", default=False)
    note: LongText = field("说明", default="")


class PointForm(Form):
    """登记谈判要点。"""

    subject: Annotated[str, Field(min_length=1, max_length=100)] = field("要点")
    buyer: LongText = field("客户意见", default="")
    seller: LongText = field("我方意见", default="")
    result: LongText = field("谈判结果", default="")


class CheckPointsForm(Form):
    """审核谈判结果。"""

    agreed: bool = field("谈判结果在授权范围内，可以签约", default=False)
    opinion: LongText = field("意见", default="")


class ClauseForm(Form):
    """提出补充条款或服务内容。"""

    kind: ClauseKind = field("种类", default=ClauseKind.CLAUSE)
    title: Annotated[str, Field(min_length=1, max_length=100)] = field("标题")
    words: Annotated[str, Field(min_length=2, max_length=5000, json_schema_extra={"widget": "longtext"})] = (
        field("条款内容")
    )


class DecideClauseForm(Form):
    """评审补充条款或服务内容。"""

    number: Place = field("第几条")
    decision: Decision = field("结论")
    opinion: LongText = field("评审意见", default="")


class ChangedClause(Form):
    """与范本不同的条款。"""

    clause: Word = field("范本条款号", min_length=1)
    words: Annotated[str, Field(min_length=2, max_length=5000, json_schema_extra={"widget": "longtext"})] = (
        field("改为")
    )
    reason: Text = field("理由", min_length=2)


class DueForm(Form):
    """付款计划中一期的日期。"""

    line: Place = field("第几期")
    due_date: Day = field("应付日期")


class AnnexForm(Form):
    """合同附件或随同文件。"""

    name: Annotated[str, Field(min_length=1, max_length=80)] = field("名称")
    copies: Annotated[int, Field(ge=1, le=20)] = field("份数", default=4)
    ready: bool = field("已备好", default=True)


class DraftForm(Form):
    """填制合同。"""

    template: int | None = field("合同范本", default=None, widget="hidden")
    late_pay_rate: Rate | None = field("逾期付款违约金", default=None, unit="万分之／日", help="不填按范本")
    late_handover_rate: Rate | None = field(
        "逾期交付违约金", default=None, unit="万分之／日", help="不填按范本"
    )
    rescind_after_days: Annotated[int, Field(ge=1, le=365)] | None = field(
        "逾期多少日可解除", default=None, unit="日", help="不填按范本"
    )
    rescind_percent: Percent | None = field("解除时的违约金", default=None, ge=0, le=30, help="不填按范本")
    handover_date: Day | None = field("交付日期", default=None, help="不填按范本")
    changed: Annotated[list[ChangedClause], Field(max_length=30)] = field(
        "与范本不同的条款", default_factory=list
    )
    due: Annotated[list[DueForm], Field(max_length=60)] = field("付款日期", default_factory=list)
    annexes: Annotated[list[AnnexForm], Field(max_length=40)] = field(
        "附件和相关文件", default_factory=list, help="不填按范本的附件清单"
    )


class CollectForm(Form):
    """领取合同文本。"""

    serial: Word = field("合同文本编号", default="", help="不填为库存中最早的一套")
    signature: Sha256 = field("领用人签字", widget="signature")


class SpoilForm(Form):
    """退回或作废合同文本。"""

    spoiled: bool = field("文本已填写或损坏，作废", default=False)
    reason: Reason = field("原因")


class SignerRow(Form):
    """一位买受人的签字。"""

    buyer: Annotated[int, Field(ge=1, le=10)] = field("哪位买受人")
    agent: AgentForm | None = field("由代理人签字", default=None, help="认购时已登记的代理人不用再填")
    by_agent: bool = field("由已登记的代理人签字", default=False)
    every_page: bool = field("各页签字或手印齐全，与证件一致", default=False)


class SignaturesForm(Form):
    """审查客户签字。"""

    signers: Annotated[list[SignerRow], Field(min_length=1, max_length=10)] = field("签字人")
    pages: Annotated[list[Sha256], Field(min_length=1, max_length=20)] = field(
        "签字页扫描件", widget="attachments"
    )
    note: LongText = field("审查意见", default="")


class MoneyForm(Form):
    """核对已交款费。"""

    agreed: bool = field("实收款项与签约时应付款项相符，收据齐全", default=False)
    note: LongText = field("说明", default="")


class SignForm(Form):
    """签订合同。"""

    signed_date: Day = field("签约日期")
    city_number: Short = field("网签合同号", default="", help="城市系统先出合同的，填在这里")
    note: LongText = field("备注", default="")


class ReviewForm(Form):
    """签约复核。"""

    signatures_ok: bool = field("签字、手印、日期齐全", default=False)
    annexes_ok: bool = field("附件齐全", default=False)
    copies_ok: bool = field("份数齐全，各份一致", default=False)
    copies: Annotated[int, Field(ge=1, le=20)] = field("份数", default=4)
    opinion: LongText = field("复核意见", default="同意送审")


class TakeOverForm(Form):
    """合同移交售后。"""

    signature: Sha256 | None = field("业务人员签字", default=None, widget="signature")
    copies: Annotated[int, Field(ge=1, le=20)] = field("份数", default=4)
    note: LongText = field("备注", default="")


class ArchiveForm(Form):
    """合同归档。"""

    place: Annotated[str, Field(min_length=1, max_length=100)] = field(
        "存放位置", help="如 A 区 3 柜 2 层 1501"
    )
    complete: bool = field("合同、附件、客户资料已入客户档案", default=False)
