"""What the steps of dunning ask for (document J 2.3)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from guiju.kernel.forms import Day, Form, Money, Sha256, field
from guiju.sales.forms import Labelled

Plain = Annotated[str, Field(min_length=2, max_length=1000, json_schema_extra={"widget": "longtext"})]


class Answer(Labelled):
    """What came of a call."""

    PROMISED = "promised", "答应付款"
    PAID = "paid", "说已付款，待查"
    TROUBLE = "trouble", "有困难，要求延期"
    DISPUTE = "dispute", "有异议"
    NOBODY = "nobody", "没有接通"


class BeginForm(Form):
    """开始催款。"""

    receivable: int = field("应收", widget="hidden")


class CallForm(Form):
    """电话催款。"""

    answer: Answer = field("对方答复")
    words: Plain = field("通话情况")


class PromiseForm(Form):
    """登记付款承诺。"""

    until_date: Day = field("承诺付款日期")
    words: Plain = field("承诺内容")


class LetterForm(Form):
    """寄发函件。"""

    tracking: Annotated[str, Field(min_length=4, max_length=40)] = field("EMS 单号")
    scan: Sha256 | None = field("函件和面单照片", default=None)


class DeliverForm(Form):
    """登记送达。"""

    tracking: Annotated[str, Field(min_length=4, max_length=40)] = field("EMS 单号")
    delivered_date: Day = field("签收日期")
    receiver: Annotated[str, Field(min_length=1, max_length=60)] = field("签收人")
    proof: Sha256 = field("签收回执")


class WaiveForm(Form):
    """减免违约金。"""

    amount: Money = field("减免金额", gt=0)
    until_date: Day = field("计算到")
    reason: Plain = field("理由和依据")


class ChargeForm(Form):
    """收取违约金。"""

    due_date: Day = field("要求付款日期")


class CloseForm(Form):
    """收清结案。"""

    note: Annotated[str, Field(max_length=200)] = field("说明", default="")


class Way(Labelled):
    """What follows a debt that stays unpaid."""

    RESCIND = "rescind", "解除合同"
    SUE = "sue", "诉讼"
    OTHER = "other", "其他"


class DecideForm(Form):
    """决定解除或诉讼。"""

    way: Way = field("处理方式", help="解除合同的，批准后自动立退房案，向买受人送达解除合同通知书")
    reason: Plain = field("理由和依据")
