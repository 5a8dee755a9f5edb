"""What the steps of 认购变更 and 签约变更 ask for (forms 5 and 6)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from guiju.kernel.forms import Day, Form, LongText, Money, Percent, Sha256, Text, field
from guiju.sales.forms import (
    BuyerForm,
    DiscountForm,
    InstalmentForm,
    Labelled,
    Line,
    Name,
    Reason,
    Short,
    Word,
)
from guiju.sales.models import Payment

Files = Annotated[list[Sha256], Field(max_length=20)]


class Kind(Labelled):
    """What is changed (domain 2.3, 2.5). Each has its own rules."""

    RENAME = "rename", "更名（更换买受人）"
    ADD = "add", "增加买受人"
    REMOVE = "remove", "减少买受人"
    SWAP = "swap", "换房"
    PAYMENT = "payment", "付款方式"
    DISCOUNT = "discount", "价格（折扣）"
    EXTEND = "extend", "签约日期（延期）"
    DEPOSIT = "deposit", "增加定金"
    PLAN = "plan", "付款期限（供款表）"
    BANK = "bank", "按揭银行或年限"
    OTHER = "other", "其他约定"

    @classmethod
    def of(cls, value: str) -> Kind:
        """Return the kind of this value."""
        return cls[value.upper()]

    @property
    def buyers(self) -> bool:
        """Whether the buyers change."""
        return self in (Kind.RENAME, Kind.ADD, Kind.REMOVE)

    @property
    def money(self) -> bool:
        """Whether price, plan or receipts change, so that finance looks first (domain 2.29)."""
        return self not in (Kind.EXTEND, Kind.OTHER)

    @property
    def renews(self) -> bool:
        """Whether a new 认购书 is issued and the old copies come back."""
        return self not in (Kind.EXTEND, Kind.OTHER, Kind.SWAP)


class BeforeSigning(Labelled):
    """What may be asked for between subscription and signing."""

    RENAME = "rename", Kind.RENAME.label
    ADD = "add", Kind.ADD.label
    REMOVE = "remove", Kind.REMOVE.label
    SWAP = "swap", Kind.SWAP.label
    PAYMENT = "payment", Kind.PAYMENT.label
    DISCOUNT = "discount", "认购价格（折扣）"
    EXTEND = "extend", Kind.EXTEND.label
    DEPOSIT = "deposit", Kind.DEPOSIT.label
    OTHER = "other", Kind.OTHER.label


class AfterSigning(Labelled):
    """What may be asked for after signing."""

    RENAME = "rename", Kind.RENAME.label
    ADD = "add", Kind.ADD.label
    REMOVE = "remove", Kind.REMOVE.label
    SWAP = "swap", Kind.SWAP.label
    PAYMENT = "payment", Kind.PAYMENT.label
    PLAN = "plan", Kind.PLAN.label
    BANK = "bank", Kind.BANK.label
    DISCOUNT = "discount", "合同价格"
    OTHER = "other", Kind.OTHER.label


class Ground(Labelled):
    """On what ground a buyer changes; only these are heard (建房〔2010〕53号; domain 2.3, 2.5)."""

    SPOUSE = "spouse", "配偶"
    PARENT = "parent", "父母"
    CHILD = "child", "子女"
    INHERITANCE = "inheritance", "继承"
    DIVORCE = "divorce", "离婚分割"
    COURT = "court", "法院判决、裁定"
    NONE = "none", "其他人"

    @property
    def family(self) -> bool:
        """Whether it is a spouse, a parent or a child."""
        return self in (Ground.SPOUSE, Ground.PARENT, Ground.CHILD)

    @property
    def by_law(self) -> bool:
        """Whether the law itself changes the party."""
        return self in (Ground.INHERITANCE, Ground.DIVORCE, Ground.COURT)


class SignerForm(Form):
    """签字人。"""

    name: Name = field("买受人")
    signed: Sha256 = field("签字或签字扫描件", widget="signature")
    agent: bool = field("由持有效授权委托书的代理人代签", default=False)


class ShareForm(Form):
    """份额。"""

    name: Name = field("买受人")
    share: Percent = field("份额", gt=0, le=100)


class ItemForm(Form):
    """其他变更事项。"""

    name: Short = field("事项")
    old: Line = field("原约定")
    new: Line = field("变更为")


Signers = Annotated[list[SignerForm], Field(min_length=1, max_length=20)]


class _Wanted(Form):
    """What both applications may say of the new terms."""

    reason: Reason = field("变更理由")
    proof: Files = field("证明材料", default_factory=list, help="关系证明、判决书、收入证明等")
    applicants: Signers = field("申请人签字", help="至少一位买受人在申请上签字")
    buyers: Annotated[list[BuyerForm], Field(max_length=10)] = field(
        "新买受人", default_factory=list, help="更名、增加买受人时填"
    )
    leaving: Annotated[list[str], Field(max_length=10)] = field(
        "退出的买受人", default_factory=list, help="减少买受人时填姓名，每行一位"
    )
    ground: Ground | None = field("新买受人与原买受人关系或依据", default=None)
    shares: Annotated[list[ShareForm], Field(max_length=10)] = field(
        "变更后份额", default_factory=list, help="约定按份共有时填齐，合计 100%"
    )
    payment: Payment | None = field("变更后付款方式", default=None)
    bank: Short = field("按揭银行", default="")
    discounts: Annotated[list[DiscountForm], Field(max_length=10)] = field("变更后折扣", default_factory=list)
    total_price: Money | None = field("变更后总价", default=None, gt=0)
    down_payment: Money | None = field("变更后首付款", default=None, ge=0)
    plan: Annotated[list[InstalmentForm], Field(max_length=60)] = field(
        "变更后付款计划", default_factory=list, help="不填则按付款方式生成"
    )
    items: Annotated[list[ItemForm], Field(max_length=10)] = field("其他变更事项", default_factory=list)


class _ChosenBefore(Form):
    """What stands first in the application before signing."""

    kind: BeforeSigning = field("变更内容")
    new_unit: Short = field("换入房号", default="", help="换房时填，如 1-1-1502 或 1号楼 1单元 1502")
    until_date: Day | None = field("签约日期延至", default=None, help="延期时填")
    deposit: Money | None = field("增加后的定金", default=None, gt=0, help="增加定金时填，不超过总价的 20%")
    company_cause: bool = field("因公司原因", default=False)


class _ChosenAfter(Form):
    """What stands first in the application after signing."""

    kind: AfterSigning = field("变更内容")
    correction: bool = field("更正笔误或执行法院文书", default=False)


class ApplyForm(_Wanted, _ChosenBefore):
    """认购客户房屋变更申请。"""


class ContractApplyForm(_Wanted, _ChosenAfter):
    """签约客户房屋变更申请。"""


class OpinionForm(Form):
    """总监意见。"""

    opinion: Reason = field("意见", default="同意变更")
    signature: Sha256 = field("签字", widget="signature")


class ReviewForm(Form):
    """核定并登记。"""

    content_ok: bool = field("变更内容已核定，与原单和证明一致", default=False)
    control_ok: bool = field("原房号、新房号销控已核对", default=False)
    eligibility_ok: bool = field("购房资格、家庭套数已重新核验", default=False, help="买受人有变更的必核")
    findings: LongText = field("核定意见", default="")
    signature: Sha256 = field("签字确认", widget="signature")


class ContractReviewForm(ReviewForm):
    """面谈、核定并登记。"""

    interview: Reason = field("面谈记录", default="")
    invoices_ok: bool = field("发票影响清单已核对", default=False)


class FinanceForm(Form):
    """财务核对。"""

    difference_ok: bool = field("差价、应收变动已核对", default=False)
    receipts_back: bool = field("原收据已收回", default=False)
    lost: Sha256 | None = field(
        "收据遗失声明和承诺书", default=None, help="原收据遗失的，附声明、承诺书和身份证明"
    )
    note: LongText = field("说明", default="")


class LegalForm(Form):
    """法务意见。"""

    lawyer: Name = field("法务或律师姓名")
    opinion: Reason = field("法务意见")
    paper: Sha256 = field("签字的法务意见")


class BankConsentForm(Form):
    """银行意见。"""

    bank: Name = field("贷款银行（中心）")
    agrees: bool = field("银行书面同意", default=False)
    paper: Sha256 = field("银行书面意见")
    dated: Day = field("出具日期")


class ReportForm(Form):
    """经理审核并报总经理审批。"""

    opinion: Reason = field("审核意见", default="同意，报总经理审批")
    signature: Sha256 = field("客户服务部经理签字", widget="signature")


class SignNewForm(Form):
    """签署新认购书。"""

    signers: Signers = field("签字人", help="变更前、变更后的买受人都要签字")
    old_copies: Annotated[int, Field(ge=0, le=20)] = field("收回原件份数", default=0)
    lost: Sha256 | None = field("原件遗失声明", default=None)


class AgreementForm(SignNewForm):
    """签订补充协议或解除协议。"""

    number: Short = field("协议编号", default="")
    new_contract_number: Short = field("新合同编号", default="", help="解除后重签的填")


class CityForm(Form):
    """城市系统备案变更。"""

    number: Short = field("受理编号")
    done_date: Day = field("办结日期")
    paper: Sha256 | None = field("办结凭证", default=None)


class ExecuteForm(Form):
    """执行变更。"""

    note: LongText = field("说明", default="")


class HandBackForm(Form):
    """申请返销售部。"""

    receiver: Word = field("接收人")
    returned_date: Day | None = field("返回日期", default=None)
    signature: Sha256 | None = field("接收人签字", default=None, widget="signature")


class OfChangeForm(Form):
    """由变更执行带出。"""

    change: int = field("变更", widget="hidden")


class SwapOutForm(Form):
    """换房换出。"""

    reason: Text = field("理由")
