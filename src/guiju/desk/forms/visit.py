"""What the steps of a home visit ask for."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from guiju.desk import lists, scheduling
from guiju.desk.forms.aftersales import (
    DEPARTMENT_POSTS,
    HOW,
    Listed,
    Minutes,
    Name,
    Phone,
    Photos,
    Short,
    Words,
    choice,
)
from guiju.desk.models import ListEntry, Urgency
from guiju.desk.parts import material_choices
from guiju.kernel.forms import Day, LongText, Moment, Money, Sha256, field
from guiju.org import posts

TRADES = scheduling.trade_choices()
Quantity = Annotated[Decimal, Field(gt=0, le=Decimal("99999"), max_digits=7, decimal_places=2)]
REFUSED = {
    "refused": "客户不让进或者不让修",
    "no_adult": "家里只有未成年人",
    "unsafe": "现场不安全",
    "other": "其他",
}


class RequestForm(Listed):
    """登记上门。"""

    for_case: Annotated[str, Field(min_length=4, max_length=40)] = field("为哪个事项", widget="hidden")
    unit: int | None = field("房屋", default=None, widget="hidden")
    place: Annotated[str, Field(max_length=200)] = field("客户指定的地点", default="")
    contact_name: Annotated[str, Field(max_length=100)] = field("联系人", default="")
    contact_phone: Phone = field("联系电话", default="")
    purpose: Annotated[str, Field(max_length=400)] = field("要解决什么", default="")
    trade: str = choice("工种", TRADES, default="general")
    urgency: Urgency = field("紧急程度", default=Urgency.ORDINARY)
    technician: int | None = choice("上门人员", scheduling.people_choices(), names="person", default=None)
    starts_at: Moment | None = field("几时到", default=None)
    ends_at: Moment | None = field("到几时", default=None)


class SlotForm(Listed):
    """时段和人员。"""

    starts_at: Moment | None = field("几时到", default=None)
    ends_at: Moment | None = field("到几时", default=None)
    technician: int | None = choice("上门人员", scheduling.people_choices(), names="person", default=None)


class OfferForm(SlotForm):
    """向客户提出上门时间。"""

    how: str = choice("怎样告知", HOW, closed=True, default="call")


class AgreeForm(SlotForm):
    """客户确认上门时间。"""

    who: Name = field("与谁约定")
    how: str = choice("怎样约定", HOW, closed=True, default="call")
    later_why: Annotated[str, Field(max_length=200)] = field(
        "晚于期限的原因", default="", help="约在安排上门期限之后的，写明客户为什么要晚"
    )


class MoveForm(SlotForm):
    """改约。"""

    who: Name = field("与谁改约")
    how: str = choice("怎样约定", HOW, closed=True, default="call")
    reason: Short = field("为什么改")


class AssignForm(Listed):
    """派人。"""

    technician: int = choice("上门人员", scheduling.people_choices(), names="person")


class LateForm(Listed):
    """要迟到，先打电话。"""

    expected_at: Moment = field("预计几时到")
    words: Short = field("怎样对客户说的")


class ArriveForm(Listed):
    """到达。"""

    met: Annotated[str, Field(max_length=100)] = field("谁开门", default="")
    late_reason: Annotated[str, Field(max_length=200)] = field(
        "迟到原因", default="", help="迟到又没有先打电话的，必填"
    )


class StartForm(Listed):
    """与客户确认问题和需求，再动手。"""

    who: Name = field("与谁确认")
    need: Words = field("客户的问题和要求")
    before: Photos = field("修前照片", default_factory=list, widget="photos")


class FindingForm(Listed):
    """检查的一项。"""

    item: Name = field("检查项")
    ok: bool = field("正常", default=False)
    words: Annotated[str, Field(max_length=400)] = field("发现", default="")
    photo: Sha256 | None = field("照片", default=None)


class InspectForm(Listed):
    """检查、找原因、现场提出方案。"""

    findings: Annotated[list[FindingForm], Field(max_length=40)] = field("检查清单", default_factory=list)
    photos: Photos = field("检查照片", default_factory=list, widget="photos")
    cause: str = choice("根本原因", lists.choices(ListEntry.CAUSE))
    cause_words: Words = field("原因说明")
    kind: str = choice("方案类型", lists.choices(ListEntry.SOLUTION), default="repair")
    solution: Words = field("现场方案")
    price: Money | None = field("向客户报价", default=None)
    agreed: bool = field("客户同意现在处理", default=False)
    who: Annotated[str, Field(max_length=100)] = field("谁同意的", default="")


class UsedForm(Listed):
    """一项物资。"""

    material: str = choice("物资", material_choices())
    quantity: Quantity = field("数量")


class UseForm(Listed):
    """登记用料。"""

    items: Annotated[list[UsedForm], Field(min_length=1, max_length=30)] = field("用料")


class AskForm(Listed):
    """缺料，申请物资。"""

    items: Annotated[list[UsedForm], Field(min_length=1, max_length=30)] = field("要什么")
    to_post: str = choice("向谁申请", DEPARTMENT_POSTS, closed=True, default=posts.SERVICE_MANAGER)
    expected: Day | None = field("预计何时到", default=None, help="不填按库存登记的到货日")
    words: LongText = field("说明", default="")


class UnfinishedForm(Listed):
    """今天做不完。"""

    done: Words = field("已经做了什么")
    reason: Short = field("为什么做不完")
    wish: Annotated[str, Field(max_length=200)] = field("客户希望下次何时", default="")


class FinishForm(Listed):
    """完工。"""

    done: Words = field("做了什么")
    measure: LongText = field("针对原因采取的措施", default="")
    test: Annotated[str, Field(max_length=400)] = field("怎样测试的", default="")
    after: Photos = field("修后照片", default_factory=list, widget="photos")
    minutes: Minutes = field("用时", unit="分钟")
    only_diagnosis: bool = field("这次只诊断，没有维修", default=False)


class SignForm(Listed):
    """请客户签字。"""

    name: Name = field("签字人")
    signature: Sha256 = field("签字", widget="signature")


class UnsignedForm(Listed):
    """客户不能签字。"""

    reason: Words = field("为什么没有客户签字")
    proof: Sha256 | None = field("照片或凭据", default=None)


class AbsentForm(Listed):
    """客户不在。"""

    words: Short = field("经过", help="如：敲门三次、打两次电话没有人接，留了上门卡")
    photo: Sha256 | None = field("门前和上门卡的照片", default=None)


class MissedForm(Listed):
    """我方没有按约到。"""

    reason: Short = field("为什么没有到")
    apology: Short = field("怎样向客户道歉")


class EntryForm(Listed):
    """进不了门。"""

    why: str = choice("情形", REFUSED, closed=True)
    words: Short = field("经过")
    proof: Sha256 | None = field("客户签字的说明或照片", default=None)


class CancelForm(Listed):
    """取消上门。"""

    reason: Short = field("理由")
    told: bool = field("事项已经知道", default=False, widget="hidden")
