"""What the steps of returning a home and of paying money back ask for (退房、退款; domain 2.9, form 7)."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from guiju.kernel.forms import Day, Form, Money, Percent, Sha256, Text, field
from guiju.sales.forms import Labelled
from guiju.sales.refund_sheet import ReasonClass

Plain = Annotated[str, Field(min_length=2, max_length=1000, json_schema_extra={"widget": "longtext"})]
Name = Annotated[str, Field(min_length=1, max_length=100)]
Voucher = Annotated[str, Field(min_length=1, max_length=80)]
Number = Annotated[str, Field(max_length=80)]
Files = Annotated[list[Sha256], Field(max_length=20)]


class Kind(Labelled):
    """What is asked for."""

    ROOM = "room", "退房"
    MONEY = "money", "只退款（认购已结束，或多交的款项）"


class Term(Labelled):
    """Within how many days the money goes back, and by what."""

    CONTRACT = "15", "15 日（买卖合同约定）"
    MINISTRY = "30", "30 日（商品房销售管理办法）"


class DayCount(Labelled):
    """How the contract counts days of interest."""

    ACTUAL_365 = "365", "实际天数 ÷ 365"
    ACTUAL_360 = "360", "实际天数 ÷ 360"


class PayeeKind(Labelled):
    """To whom money goes that is not the bank's."""

    PAYER = "payer", "原付款人"
    BUYER = "buyer", "买受人（原账户不可用）"
    HEIR = "heir", "继承人"
    COURT = "court", "法院"


class SignerKind(Labelled):
    """In what capacity somebody signs for a buyer."""

    SELF = "self", "本人"
    AGENT = "agent", "代理人（公证委托）"
    HEIR = "heir", "继承人"
    COURT = "court", "依法院文书"


class ReleaseKind(Labelled):
    """A line of the checklist."""

    MORTGAGE = "mortgage", "注销抵押登记（解押）"
    PRE_NOTICE = "pre_notice", "注销预告登记"
    FILING = "filing", "注销合同备案"
    TAX = "tax", "契税、维修资金退还"
    INVOICE = "invoice", "红冲发票"
    KEYS = "keys", "收回房屋、钥匙并复原"
    PAPERS = "papers", "收回认购书或合同、收据原件"


class ApplyForm(Form):
    """退房申请。"""

    kind: Kind = field("申请事项", default=Kind.ROOM)
    cause: ReasonClass = field("原因类别", help="决定扣款和利息怎样算")
    words: Plain = field("事实与理由")
    clause: Text = field("依据的合同条款或法律条款", default="")
    term: Term = field("退款期限", default=Term.CONTRACT)
    notice_date: Day | None = field(
        "解除通知送达日期", default=None, help="已送达解除通知的填，退款期限从次日起算"
    )
    signed: Files = field("全体买受人签字的申请", default_factory=list, widget="signatures")
    proofs: Files = field("证明材料", default_factory=list, widget="attachments")
    deal: int | None = field("成交", default=None, widget="hidden")


class TalkForm(Form):
    """挽留洽谈。"""

    how: Name = field("方式", default="面谈")
    words: Plain = field("洽谈情况和客户意见")


class PayoffForm(Form):
    """贷款银行。"""

    bank: Name = field("银行")
    amount: Money = field("结清金额", gt=0)
    account: Name = field("还款账号")


class PayeeForm(Form):
    """收款人。"""

    kind: PayeeKind = field("收款人类别", default=PayeeKind.PAYER)
    name: Name = field("户名")
    account: Name = field("开户行和账号")
    amount: Money | None = field("金额", default=None, ge=0, help="不填的按原付款比例计算")
    ground: Text = field("不退回原账户的依据", default="")
    proof: Sha256 | None = field("证明", default=None)


class CalculateForm(Form):
    """测算退款。"""

    until_date: Day = field("计息到", help="预计付款日期，不晚于退款期限")
    rate: Percent | None = field("年利率", default=None, ge=0, le=24, help="不填的用合同约定")
    day_count: DayCount = field("计息天数", default=DayCount.ACTUAL_365)
    penalty_percent: Percent | None = field("违约金比例", default=None, ge=0, le=30, help="不填的用合同约定")
    fee: Money = field("协商扣款", default=Decimal(0), ge=0)
    restoration: Money = field("房屋复原费", default=Decimal(0), ge=0)
    works: Money = field("工程变更实际费用", default=Decimal(0), ge=0)
    property_fee: Money = field("已发生物业费", default=Decimal(0), ge=0)
    pass_through: Money = field("未上缴、应退的代收款", default=Decimal(0), ge=0)
    payoffs: Annotated[list[PayoffForm], Field(max_length=4)] = field("先还银行", default_factory=list)
    payees: Annotated[list[PayeeForm], Field(min_length=1, max_length=10)] = field("退给买受人")


class SubmitForm(Form):
    """送审。"""

    payable: Money = field("应退合计", ge=0)
    kept: Money = field("扣款合计", ge=0)
    legal: Text = field("法务意见", default="", help="签约后的退房必填")
    legal_paper: Sha256 | None = field("法务意见书", default=None)
    signed: Files = field(
        "全体买受人签字的退款申请",
        default_factory=list,
        widget="signatures",
        help="认购结束后自动立案的，送审前补签",
    )
    notice_date: Day | None = field(
        "解除通知送达日期", default=None, help="催款决定解除合同的必填，退款期限从次日起算"
    )
    notice: Sha256 | None = field("解除通知送达凭证", default=None)


class SignerForm(Form):
    """签署人。"""

    buyer: Annotated[int, Field(ge=1, le=10)] = field("第几位买受人", default=1)
    kind: SignerKind = field("身份", default=SignerKind.SELF)
    signature: Sha256 = field("签字", widget="signature")
    proof: Sha256 | None = field("委托书、继承证明或法院文书", default=None)


class AgreeForm(Form):
    """签订解除协议。"""

    agreement: Sha256 = field("双方签字盖章的解除协议")
    agreed_date: Day = field("协议日期")
    signers: Annotated[list[SignerForm], Field(min_length=1, max_length=10)] = field("签署人")


class EndByNoticeForm(Form):
    """通知解除生效。"""

    no_objection: bool = field("异议期内没有收到异议、诉讼或仲裁", default=False)
    checked: Plain = field("怎样核实的", help="问过谁、查过哪里、哪一天")
    legal_paper: Sha256 = field("法务确认解除有效的意见书")


class ReleaseForm(Form):
    """登记解除事项。"""

    kind: ReleaseKind = field("事项")
    not_needed: bool = field("不涉及", default=False)
    number: Number = field("凭证号", default="")
    proof: Sha256 | None = field("凭证", default=None)
    note: Text = field("说明", default="", help="不涉及、原件遗失的写明")


class PayBankForm(Form):
    """结清银行贷款。"""

    bank: Name = field("银行")
    amount: Money = field("实际结清金额", gt=0)
    letter: Sha256 = field("银行出具的结清金额或结清证明")
    voucher: Voucher = field("付款凭证号")
    paid_date: Day = field("付款日期")


class PaymentForm(Form):
    """一笔付款。"""

    payee: Name = field("户名")
    amount: Money = field("实付金额", gt=0)
    voucher: Voucher = field("付款凭证号")
    slip: Sha256 = field("银行回单")


class PayForm(Form):
    """付款。"""

    paid_date: Day = field("付款日期")
    payments: Annotated[list[PaymentForm], Field(min_length=1, max_length=10)] = field("付款明细")


class PayPartForm(Form):
    """分次付款。"""

    paid_date: Day = field("付款日期")
    payments: Annotated[list[PaymentForm], Field(min_length=1, max_length=10)] = field("本次付款明细")
    consent: Sha256 | None = field(
        "买受人同意分次付款的书面材料", default=None, help="第一次分次付款时必须上传"
    )


class CheckPaidForm(Form):
    """复核付款。"""

    note: Text = field("复核意见", default="回单、账号、金额与审批一致")


class CameBackForm(Form):
    """退汇。"""

    payee: Name = field("户名")
    returned: Number = field("退汇的付款凭证号", default="", help="分次付款的填；不填为最后一次")
    account: Name = field("更正后的开户行和账号")
    reason: Plain = field("退汇原因")
