"""What the steps of a referral ask for (推荐客户确认; domain 2.13, form 8)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from guiju.kernel.forms import Day, Form, Money, Sha256, Text, field
from guiju.sales.forms import Labelled

Plain = Annotated[str, Field(min_length=2, max_length=400, json_schema_extra={"widget": "longtext"})]
Name = Annotated[str, Field(min_length=1, max_length=100)]
Number = Annotated[str, Field(min_length=1, max_length=60)]
Voucher = Annotated[str, Field(min_length=1, max_length=80)]


class Way(Labelled):
    """How the referred person comes."""

    TOGETHER = "together", "推荐人陪同到访"
    PHONE = "phone", "推荐人来电"
    MESSAGE = "message", "推荐人发消息"


class RegisterForm(Form):
    """登记推荐。"""

    referrer: Annotated[int, Field(ge=1, le=10)] = field("推荐人是第几位买受人", default=1)
    name: Name = field("被推荐人姓名")
    phone_tail: Annotated[str, Field(pattern=r"^\d{4}$")] = field("手机尾号四位", help="本人同意以前只留尾号")
    relation: Annotated[str, Field(max_length=40)] = field("与推荐人关系", default="")
    way: Way = field("推荐方式", default=Way.TOGETHER)
    contact_date: Day = field("到访或联系日期", help="当天填写，不补认")
    signed: Sha256 = field("推荐人签字", widget="signature")


class ConsentForm(Form):
    """登记本人同意。"""

    phone: Name = field("被推荐人手机", widget="phone")
    how: Text = field("怎样同意的", default="当面签字")
    proof: Sha256 = field("同意书或通话记录")


class ConfirmForm(Form):
    """核查确认。"""

    checked: Plain = field("核查结果", help="来访、来电、渠道登记的查询情况")


class VisitForm(Form):
    """登记到访。"""

    visit_date: Day = field("到访日期")
    note: Text = field("说明", default="")


class DealForm(Form):
    """登记成交。"""

    number: Number = field("认购书编号或合同编号")
    spouse_proof: Sha256 | None = field("配偶关系证明", default=None, help="签约人是被推荐人配偶的上传")


class QualifyForm(Form):
    """核对奖励条件。"""

    note: Text = field("说明", default="")


class ClaimForm(Form):
    """申报奖励。"""

    amount: Money = field("奖励金额", gt=0)


class PayForm(Form):
    """发放奖励。"""

    vat: Money | None = field("代扣增值税", default=None, ge=0, help="2026-11-01 起应当核定，没有的填 0")
    income_tax: Money = field("代扣个人所得税", ge=0)
    tax_note: Text = field("与测算不同的原因", default="")
    account: Name = field("推荐人的开户行和账号")
    voucher: Voucher = field("付款凭证号")
    paid_date: Day = field("付款日期")


class CheckPaidForm(Form):
    """复核付款。"""

    note: Text = field("复核意见", default="回单、户名、账号、税款与审批一致")


class RecoverForm(Form):
    """追回奖励。"""

    amount: Money = field("追回金额", ge=0)
    voucher: Voucher = field("收款凭证号")
    note: Text = field("说明", default="")
