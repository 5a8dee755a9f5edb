"""What the steps of contract approval and of filing ask for."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from guiju.kernel.forms import Day, Form, LongText, Moment, Sha256, Text, field
from guiju.sales.forms import Labelled, Reason

Number = Annotated[str, Field(min_length=1, max_length=60)]
Proof = Annotated[str, Field(min_length=1, max_length=80)]
Way = Annotated[str, Field(min_length=1, max_length=60)]


class SheetForm(Form):
    """填写合同审批单。"""

    price_ok: bool = field("单价、总价、折扣与认购书和批准文件一致", default=False)
    identity_ok: bool = field("买受人姓名、证件与合同一致，签字齐全", default=False)
    escrow_ok: bool = field("收款进入预售资金监管账户，已付款与收据一致", default=False)
    permit_ok: bool = field("预售许可证有效，范围包括本房屋", default=False)
    special: LongText = field("特别约定、赠送和推荐情况", default="", help="没有的写「无」")


class LegalForm(Form):
    """登记法律意见。"""

    lawyer: Way = field("出具人", help="律师或法务姓名、单位")
    opinion: Reason = field("法律意见")
    agrees: bool = field("同意签署", default=False)
    attachment: Sha256 | None = field("意见书", default=None)


class CityNumberForm(Form):
    """登记网签合同号。"""

    city_number: Number = field("网签合同号", help="城市系统给出的合同编号，与本公司合同编号分开登记")
    entered_date: Day | None = field("网签日期", default=None)


class ContractSealForm(Form):
    """加盖合同章。"""

    copies: Annotated[int, Field(ge=1, le=20)] = field(
        "份数", default=5, help="买受人 1、公司 2、银行 1、登记机关 1"
    )
    straddle: bool = field("加盖骑缝章", default=True)
    scan: Sha256 | None = field("盖章后扫描件", default=None)


class DocumentsForm(Form):
    """备齐登记资料。"""

    contract: bool = field("盖章的商品房买卖合同", default=False)
    approval: bool = field("销售合同审批单", default=False)
    identity: bool = field("买受人身份证明", default=False)
    payment: bool = field("首付款或房款进入监管账户的凭证", default=False)
    application: bool = field("预售登记申请表", default=False)
    eligibility: bool = field("购房资格证明", default=False, help="按城市规定")
    authority: bool = field("授权委托书", default=False, help="代办时")
    missing: Text = field("还缺什么、谁来补", default="")
    promised_date: Day | None = field("答应补齐日期", default=None)
    pre_notice_agreed: bool = field("约定办理预告登记", default=False)


class ChaseForm(Form):
    """催办登记资料。"""

    how: Way = field("方式", default="电话")
    answer: Reason = field("客户答复")
    promised_date: Day | None = field("答应补齐日期", default=None)


class CityForm(Form):
    """核对网签数据：照城市系统显示的填写。"""

    city_number: Text = field("网签合同号", default="")
    buyers: Text = field("买受人", default="", help="几位买受人用顿号隔开")
    identities: Text = field("证件号码", default="", help="与买受人次序相同；系统遮住的位照样填 *")
    room: Text = field("房号", default="")
    area: Text = field("建筑面积", default="")
    inner_area: Text = field("套内建筑面积", default="")
    unit_price: Text = field("单价", default="")
    total_price: Text = field("总价", default="")
    payment: Text = field("付款方式", default="")
    signed_date: Text = field("签约日期", default="")
    permit: Text = field("预售许可证号", default="")
    account: Text = field("监管账户", default="")


class SubmitForm(Form):
    """报送登记。"""

    proof: Proof = field("报送凭证号", help="系统流水号或窗口回执号")
    how: Way = field("报送方式", default="网上报送")


class OutageForm(Form):
    """登记系统故障。"""

    reason: Reason = field("故障情况")
    proof: Sha256 | None = field("故障截图", default=None)


class AcceptForm(Form):
    """登记受理。"""

    acceptance_number: Number = field("受理编号")


class Cause(Labelled):
    """Why the authority returned a filing."""

    DATA = "data", "信息填写有误"
    PAPERS = "papers", "资料不齐或不清"
    BUYER = "buyer", "买受人资格"
    ESCROW = "escrow", "监管资金未到"
    UNIT = "unit", "房屋状态受限"
    OTHER = "other", "其他"


class ReturnForm(Form):
    """登记机关退回。"""

    cause: Cause = field("退回原因")
    reason: Reason = field("退回意见")


class FileForm(Form):
    """登记备案完成。"""

    filing_number: Number = field("备案编号")
    filed_date: Day = field("备案日期")
    late_reason: Text = field("超过三十日的原因", default="", help="签约三十日以后才备案的必填")
    certificate: Sha256 | None = field("备案证明", default=None)


class TellForm(Form):
    """书面告知买受人。"""

    how: Way = field("告知方式", default="当面送达")
    proof: Proof = field("送达凭证号或签收人")
    told_date: Day = field("告知日期")


class CopiesForm(Form):
    """合同领取签收。"""

    receiver: Way = field("领取人")
    capacity: Way = field("身份", default="买受人本人", help="代领的写明代理人，并收授权委托书")
    authority: Text = field("授权委托书编号", default="")
    copies: Annotated[int, Field(ge=1, le=20)] = field("份数", default=1)
    signature: Sha256 | None = field("签收", default=None, widget="signature")


class PreNoticeApplyForm(Form):
    """申请预告登记。"""

    proof: Proof = field("申请受理号")
    alone: bool = field("买受人未到，按约定单方申请", default=False)
    applied_at: Moment | None = field("申请时间", default=None)


class PreNoticeForm(Form):
    """登记预告登记证明。"""

    number: Number = field("预告登记证明号")
    registered_date: Day = field("登记日期")


class FirstRegisteredForm(Form):
    """首次登记已办，开始计算预告登记失效期限。"""

    registered_date: Day = field("首次登记日期")


class TitleAppliedForm(Form):
    """登记已申请本登记。"""

    acceptance: Proof = field("不动产登记受理号")
    applied_date: Day = field("申请日期")


class WithdrawForm(Form):
    """登记注销备案。"""

    proof: Proof = field("注销凭证号")
    withdrawn_date: Day = field("注销日期")
