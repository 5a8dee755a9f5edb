"""What the steps of a fit-out selection ask for."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from guiju.kernel.forms import Day, Form, LongText, Money, Sha256, field

Line = Annotated[str, Field(min_length=1, max_length=100)]
Short = Annotated[str, Field(min_length=1, max_length=40)]


class BeginForm(Form):
    """启动选色选材。"""

    scheme: Line = field("装修方案", help="方案名称和版本")
    rooms: Annotated[list[Short], Field(min_length=1, max_length=30)] = field("要选的房间", help="一行一间")
    window_date: Day = field("选择截止日期", help="过了这天按合同标准配置")


class ChoiceForm(Form):
    """一个部位。"""

    room: Short = field("房间")
    item: Short = field("部位", help="如墙面、地面、橱柜")
    colour: Annotated[str, Field(min_length=1, max_length=60)] = field("颜色")
    material: Line = field("材料", help="品牌、型号")
    difference: Money = field("差价", default=Decimal(0))


class SelectForm(Form):
    """填写选色选材。"""

    choices: Annotated[list[ChoiceForm], Field(min_length=1, max_length=200)] = field("选定的颜色和材料")
    words: LongText = field("客户的要求", default="")


class ConfirmForm(Form):
    """客户确认。"""

    agreed: bool = field("客户确认颜色、材料和差价", default=False)
    signed_by: Annotated[str, Field(max_length=100)] = field("确认人", default="")
    signature: Sha256 | None = field("客户签名", default=None, widget="signature")


class PaidForm(Form):
    """差价已收。"""

    amount: Money = field("收到")
    receipt: Short = field("收据编号")


class OrderForm(Form):
    """下单。"""

    sample: Short = field("封样编号")
    supplier: Line = field("供应商")


class CheckForm(Form):
    """安装检查。"""

    passed: bool = field("与确认的颜色、材料一致")
    words: LongText = field("检查情况", default="")
