"""What the steps of call-backs ask for."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

from pydantic import Field

from guiju.kernel.forms import Form, LongText, Moment, Text, field
from guiju.quality.forms.survey import Answers


class Kind(Enum):
    """Why somebody is called back."""

    RULE = "rule", "必访"
    SAMPLE = "sample", "抽访"
    CARE = "care", "定期回访"
    ASKED = "asked", "临时安排"

    label: str

    def __new__(cls, value: str, label: str) -> Kind:
        """Make a member of (value, label)."""
        member = object.__new__(cls)
        member._value_ = value
        member.label = label
        return member


class Outcome(Enum):
    """How an attempt ended that reached nobody."""

    NO_ANSWER = "no_answer", "无人接听"
    BUSY = "busy", "占线"
    OFF = "off", "关机或停机"
    WRONG = "wrong", "号码不对"
    LATER = "later", "请改时间再打"

    label: str

    def __new__(cls, value: str, label: str) -> Outcome:
        """Make a member of (value, label)."""
        member = object.__new__(cls)
        member._value_ = value
        member.label = label
        return member


class Way(Enum):
    """How the customer was reached."""

    PHONE = "phone", "电话"
    ON_SITE = "on_site", "上门当面"

    label: str

    def __new__(cls, value: str, label: str) -> Way:
        """Make a member of (value, label)."""
        member = object.__new__(cls)
        member._value_ = value
        member.label = label
        return member


class PlanForm(Form):
    """安排回访。"""

    kind: Kind = field("为什么回访", default=Kind.ASKED)
    about: Annotated[str, Field(max_length=40)] = field(
        "关于哪个事项", default="", help="事项编号；没有就不填"
    )
    reason: Annotated[str, Field(max_length=200)] = field("要问什么", default="")
    contact_name: Text = field("联系人", default="")
    contact_phone: Text = field("电话", default="", widget="phone")


class AttemptForm(Form):
    """记一次没有联系上。"""

    outcome: Outcome = field("这一次")
    next_at: Moment | None = field("下次再打", default=None, help="客户说了时间就照客户的时间")
    note: Text = field("说明", default="")


class ResultForm(Answers):
    """记回访结果。"""

    way: Way = field("怎么联系上的", default=Way.PHONE)


class DeclineForm(Form):
    """客户不愿接受回访。"""

    reason: Annotated[str, Field(min_length=2, max_length=200)] = field("客户怎么说")


class EndForm(Form):
    """不再回访。"""

    reason: Annotated[str, Field(min_length=2, max_length=200)] = field("原因")


class AnsweredForm(Form):
    """客户已从链接作答。"""

    rating: int = field("评价", widget="hidden")
    note: LongText = field("说明", default="")
