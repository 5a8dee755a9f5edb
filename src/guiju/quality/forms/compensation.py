"""What compensation and the work of contractors ask for (I-2.8-c, h)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from guiju.kernel.forms import Day, Form, Money, Sha256, Text, field

Plain = Annotated[str, Field(min_length=2, max_length=1000, json_schema_extra={"widget": "longtext"})]
Name = Annotated[str, Field(min_length=1, max_length=100)]
Number = Annotated[str, Field(max_length=60)]
Files = Annotated[list[Sha256], Field(max_length=30)]


class ProposeForm(Form):
    """提出赔偿。"""

    payee: Name = field("赔给谁")
    ground: Plain = field("事由和依据")
    amount: Money = field("金额", gt=0)
    source: Number = field("来自投诉", default="", help="编号")
    unit: int | None = field("房屋", default=None, widget="hidden")
    customer: int | None = field("客户", default=None, widget="hidden")


class ApproveForm(Form):
    """报批。"""

    amount: Money = field("报批金额", gt=0)
    note: Text = field("说明", default="")


class AgreeForm(Form):
    """签订协议。"""

    agreement: Sha256 = field("双方签名的协议")
    amount: Money = field("协议金额", gt=0)


class PayForm(Form):
    """付款。"""

    amount: Money = field("实付金额", gt=0)
    voucher: Annotated[str, Field(min_length=1, max_length=80)] = field("付款凭证号")
    paid_date: Day = field("付款日期")


class DispatchForm(Form):
    """派给责任单位。"""

    contractor: Name = field("责任单位")
    contact: Annotated[str, Field(max_length=60)] = field("联系人", default="")
    phone: Annotated[str, Field(max_length=40)] = field("联系电话", default="", widget="phone")
    contract_number: Number = field("合同编号", default="")
    scope: Annotated[str, Field(min_length=2, max_length=5000, json_schema_extra={"widget": "longtext"})] = (
        field("维修范围和要求")
    )
    finish_date: Day | None = field("要求完成日期", default=None)
    retention: Money | None = field(
        "未付质保金", default=None, ge=0, help="财务核实的余额；还不知道的可以以后核实"
    )
    source: Number = field("来自事项", default="", help="编号")
    unit: int | None = field("房屋", default=None, widget="hidden")


class AcceptForm(Form):
    """责任单位接受。"""

    by_whom: Name = field("谁接受的", help="责任单位的联系人")
    starts_date: Day | None = field("进场日期", default=None)
    words: Text = field("说明", default="")


class RefuseForm(Form):
    """责任单位拒绝。"""

    words: Plain = field("拒绝经过")
    notice: Annotated[str, Field(max_length=80)] = field("书面通知凭证号", default="")


class ReplaceForm(Form):
    """改派第三方。"""

    third_party: Name = field("第三方")
    estimate: Money = field("费用估算", gt=0)
    reason: Plain = field("理由")


class WorkDoneForm(Form):
    """报告完工。"""

    words: Plain = field("维修情况")
    test: Plain = field("测试结果")
    passed: bool = field("测试合格", default=False)
    cost: Money | None = field("费用", default=None, ge=0, help="第三方维修的必填")
    photos: Files = field("照片", default_factory=list, widget="attachments")


class InspectForm(Form):
    """验收。"""

    passed: bool = field("验收合格", default=False)
    words: Plain = field("验收情况")


class ChargeForm(Form):
    """从质保金扣回。"""

    amount: Money = field("扣回金额", gt=0)
    basis: Plain = field("合同依据")


class RetentionForm(Form):
    """核实质保金。"""

    retention: Money = field("现未付质保金", ge=0, help="没有了的填 0")
    contract_number: Number = field("合同编号", default="", help="同一合同的几项维修合用一笔质保金")
    source: Plain = field("谁核实的，依据", help="如财务台账、结算单")


class DamagesForm(Form):
    """并入赔偿。"""

    compensation: Annotated[str, Field(min_length=1, max_length=60)] = field("赔偿编号", help="已付款的赔偿")
    ground: Plain = field("依据", help="为什么应由责任单位承担")


class ClaimForm(Form):
    """向责任单位追偿。"""

    amount: Money = field("追偿金额", gt=0)
    basis: Plain = field("理由和合同依据", help="为什么不能从质保金扣回")
    letter: Sha256 = field("追偿函")
    notice: Annotated[str, Field(min_length=1, max_length=80)] = field("寄送凭证号")
    pay_by: Day = field("要求付款日期")


class RecoverForm(Form):
    """追偿到账。"""

    amount: Money = field("到账金额", gt=0)
    voucher: Annotated[str, Field(min_length=1, max_length=80)] = field("收款凭证号")
    paid_date: Day = field("到账日期")


class BearForm(Form):
    """由公司承担。"""

    amount: Money = field("承担金额", gt=0)
    reason: Plain = field("理由", help="为什么追不回来")
