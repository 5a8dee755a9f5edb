"""What the steps of the sales processes ask for."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Annotated

from pydantic import Field

from guiju.kernel.forms import Day, Form, LongText, Moment, Money, Percent, Sha256, Text, field
from guiju.sales.deposit import Cause
from guiju.sales.models import Payment

Name = Annotated[str, Field(min_length=1, max_length=100)]
# As long as the columns that keep them.
Word = Annotated[str, Field(max_length=40)]
Short = Annotated[str, Field(max_length=60)]
Voucher = Annotated[str, Field(max_length=80)]
Line = Annotated[str, Field(max_length=100)]
Reason = Annotated[str, Field(min_length=2, max_length=1000, json_schema_extra={"widget": "longtext"})]


class Labelled(Enum):
    """A choice with its Chinese words."""

    label: str

    def __new__(cls, value: str, label: str) -> Labelled:
        """Make a member of (value, label)."""
        member = object.__new__(cls)
        member._value_ = value
        member.label = label
        return member


class Residence(Labelled):
    """Whether a buyer needs a residence permit and has it (I-5.1-4b)."""

    LOCAL = "local", "本地户籍，不需要"
    HELD = "held", "有暂住证（居住证）"
    MISSING = "missing", "没有，须尽快办理"
    EXEMPT = "exempt", "单位或境外人士，不适用"


class AgentKind(Labelled):
    """In what capacity somebody acts for a buyer."""

    AGENT = "agent", "代理人"
    GUARDIAN = "guardian", "监护人"
    REPRESENTATIVE = "representative", "单位经办人"


class How(Labelled):
    """How the buyers signed."""

    SCREEN = "screen", "屏幕签字"
    PAPER = "paper", "纸质签字（上传扫描件）"


class Method(Labelled):
    """How money was paid."""

    TRANSFER = "transfer", "银行转账"
    POS = "pos", "POS 刷卡"
    CASH = "cash", "现金"
    CHEQUE = "cheque", "支票"


class LockForm(Form):
    """锁定房源。"""

    intent: Text = field("意向客户", default="", help="客户姓名，可先不填")
    note: LongText = field("备注", default="")


class AgentForm(Form):
    """代理人、监护人或单位经办人。"""

    kind: AgentKind = field("身份", default=AgentKind.AGENT)
    name: Name = field("姓名")
    identity: Name = field("证件号码")
    phone: Text = field("联系电话", default="", widget="phone")
    matters: Text = field("授权事项", default="办理认购手续")
    valid_from: Day | None = field("授权起", default=None)
    valid_until: Day | None = field("授权止", default=None)
    notarised: bool = field("已公证", default=False)
    attachment: Sha256 | None = field("授权委托书或关系证明", default=None)


class BuyerForm(Form):
    """买受人。"""

    name: Name = field("姓名或单位名称")
    identity: Name = field("证件号码", help="身份证、护照、通行证或统一社会信用代码")
    phone: Name = field("联系电话", widget="phone")
    address: Text = field("通讯地址", default="")
    share: Percent | None = field("份额", default=None, gt=0, le=100)
    relation: Word = field("与首位买受人关系", default="")
    residence: Residence = field("暂住证（居住证）", default=Residence.LOCAL)
    agent: AgentForm | None = field("代理人", default=None)


class DiscountForm(Form):
    """折扣。"""

    name: Name = field("折扣名称")
    percent: Percent | None = field("折扣率", default=None, gt=0, lt=100, help="减百分之几，如 2 即九八折")
    amount: Money | None = field("优惠金额", default=None, gt=0)


class InstalmentForm(Form):
    """付款计划的一期。"""

    name: Name = field("款项")
    due_date: Day | None = field("应付日期", default=None)
    amount: Money = field("金额", gt=0)
    loan: bool = field("贷款支付", default=False)


class HandInForm(Form):
    """签署认购书。"""

    buyers: Annotated[list[BuyerForm], Field(min_length=1, max_length=10)] = field("买受人")
    payment: Payment = field("付款方式")
    bank: Short = field("按揭银行", default="", help="选贷款的，争取认购时选定")
    discounts: Annotated[list[DiscountForm], Field(max_length=10)] = field("折扣", default_factory=list)
    total_price: Money = field("成交总价", gt=0, help="按一房一价与折扣算到分，不符不能提交")
    down_payment: Money | None = field("首付款", default=None, ge=0)
    deposit: Money = field("定金", gt=0)
    plan: Annotated[list[InstalmentForm], Field(max_length=60)] = field(
        "付款计划", default_factory=list, help="不填则按付款方式生成"
    )
    signing_due_date: Day | None = field("签约期限", default=None, help="不填为认购日起 7 日")
    how: How = field("签字方式", default=How.PAPER)
    signed: Annotated[list[Sha256], Field(max_length=20)] = field(
        "买受人签字或签字扫描件", default_factory=list, widget="signatures"
    )
    disclosed: bool = field("已向客户出示预售许可证、一房一价、临时管理规约并说明", default=False)
    note: LongText = field("备注", default="")


class DirectorForm(Form):
    """总监审核。"""

    opinion: LongText = field("审核意见", default="同意")
    signature: Sha256 | None = field("签字", default=None, widget="signature")


class CheckForm(Form):
    """核对并登记。"""

    control_ok: bool = field("销控相符", default=False)
    price_ok: bool = field("单价、总价与价目表相符", default=False)
    payment_ok: bool = field("付款方式与付款计划相符", default=False)
    deviations: LongText = field("差异说明", default="")


class DepositForm(Form):
    """收取定金。"""

    amount: Money = field("实收金额", ge=0, help="前面已收够的，这里填 0 即可确认")
    method: Method = field("收款方式", default=Method.TRANSFER)
    account: Line = field("收款账户", default="")
    voucher: Voucher = field("银行流水号或票据号", default="")
    payer: Line = field("付款人", default="")
    relation: Line = field("与买受人关系", default="", help="付款人不是买受人时必填")
    cleared: bool = field("款项已到账", default=True)
    received_at: Moment | None = field("到账时间", default=None)


class BounceForm(Form):
    """定金退票。"""

    reason: Reason = field("原因")


class SealForm(Form):
    """加盖合同章。"""

    copies: Annotated[int, Field(ge=1, le=20)] = field("份数", default=4)
    straddle: bool = field("加盖骑缝章", default=True)
    scan: Sha256 | None = field("盖章后扫描件", default=None)


class PapersForm(Form):
    """收取身份证明。"""

    buyer: Annotated[int, Field(ge=1, le=10)] = field("第几位买受人", default=1)
    attachment: Sha256 = field("身份证明")


class PermitForm(Form):
    """登记暂住证。"""

    buyer: Annotated[int, Field(ge=1, le=10)] = field("第几位买受人", default=1)
    attachment: Sha256 | None = field("暂住证（居住证）", default=None)
    not_needed: bool = field("不需要", default=False)
    note: Text = field("说明", default="")


class RemindForm(Form):
    """督促或提醒。"""

    how: Name = field("方式", default="电话")
    answer: LongText = field("客户答复", default="")
    promised_date: Day | None = field("答应办到日期", default=None)


class BankForm(Form):
    """选定银行。"""

    bank: Short = field("按揭银行", default="")
    undecided: Text = field("暂未选定的原因", default="")


class ListForm(Form):
    """发放签约资料表。"""

    how: Name = field("方式", default="当面交付")
    receiver: Text = field("接收人", default="")


class AppointmentForm(Form):
    """约定签约时间。"""

    signing_at: Moment = field("签约时间")
    place: Text = field("签约地点", default="")
    lawyer: bool = field("同时与律师办理按揭手续", default=False)


class ExtendForm(Form):
    """延期签约。"""

    until_date: Day = field("延至")
    reason: Reason = field("理由")


class NoticeForm(Form):
    """送达催签通知。"""

    how: Annotated[str, Field(min_length=1, max_length=60)] = field("送达方式", default="EMS")
    proof: Name = field("送达凭证号")
    delivered_date: Day = field("送达日期")


class DefaultForm(Form):
    """违约处理。"""

    reason: Reason = field("事实与理由")


class CancelForm(Form):
    """退认购。"""

    cause: Cause = field("原因")
    reason: Reason = field("事实与理由")


class DeathForm(Form):
    """登记买受人去世。"""

    buyer: Annotated[int, Field(ge=1, le=10)] = field("第几位买受人", default=1)
    deceased_date: Day = field("去世日期")
    proof: Text = field("证明", default="")


class Correctable(Labelled):
    """What may be corrected after a step; names need the manager's yes."""

    PHONE = "phone", "联系电话"
    ADDRESS = "address", "通讯地址"
    RELATION = "relation", "与首位买受人关系"
    NAME = "name", "姓名或单位名称"

    @property
    def sensitive(self) -> bool:
        """Whether money or a name changes, so that somebody else must agree (DECISIONS 18)."""
        return self is Correctable.NAME


class CorrectForm(Form):
    """更正。"""

    buyer: Annotated[int, Field(ge=1, le=10)] = field("第几位买受人", default=1)
    what: Correctable = field("更正内容")
    value: Name = field("更正为")
    reason: Reason = field("理由")


class ConvertForm(Form):
    """转签约。"""

    contract_number: Annotated[str, Field(min_length=1, max_length=60)] = field("合同编号")
    signed_date: Day = field("签约日期")


def instalments(
    payment: Payment, *, total: Decimal, deposit: Decimal, down: Decimal | None, due: date
) -> list[InstalmentForm]:
    """Return the plan that a payment method means: deposit, own money at signing, the loan after it."""
    own = total if payment is Payment.LUMP_SUM or down is None else down
    plan = [InstalmentForm(name="定金", amount=min(deposit, own), due_date=None)]
    if own > deposit:
        plan.append(
            InstalmentForm(name="首付款" if own < total else "房款", amount=own - deposit, due_date=due)
        )
    if total > max(own, deposit):
        loan = payment.needs_bank
        plan.append(
            InstalmentForm(name="贷款" if loan else "余款", amount=total - max(own, deposit), loan=loan)
        )
    return plan
