"""What the steps of unit control ask for."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

from pydantic import Field

from guiju.kernel.forms import Form, LongText, Moment, Sha256, WithReason, field


class Kind(Enum):
    """What is to be done with units (domain 2.1)."""

    RELEASE = "release", "推出可售"
    HOLD = "hold", "销控保留"
    RESTRICT = "restrict", "限制交易"
    SEIZE = "seize", "查封（法院或机关的文书）"
    REOPEN = "reopen", "待公开转可售"
    VERIFY = "verify", "核实后放开"

    label: str

    def __new__(cls, value: str, label: str) -> Kind:
        """Make a member of (value, label)."""
        member = object.__new__(cls)
        member._value_ = value
        member.label = label
        return member

    @property
    def lasts(self) -> bool:
        """Whether it stays in force until it is ended."""
        return self in (Kind.HOLD, Kind.RESTRICT, Kind.SEIZE)


class ApplyForm(Form):
    """申请销控调整。"""

    kind: Kind = field("调整")
    units: Annotated[list[int], Field(min_length=1, max_length=2000)] = field("房屋", widget="units")
    until_at: Moment | None = field("保留至", default=None, help="销控保留必填，最长 7 日；查封填查封期限")
    authority: Annotated[str, Field(max_length=100)] = field("查封机关", default="", help="查封的填")
    paper_number: Annotated[str, Field(max_length=80)] = field("文书号", default="", help="查封的填")
    paper: Sha256 | None = field("查封文书", default=None, help="查封的上传")
    reason: Annotated[str, Field(min_length=2, max_length=1000)] = field("理由", widget="longtext")


class LiftForm(WithReason):
    """解控。"""

    paper_number: Annotated[str, Field(max_length=80)] = field(
        "解封文书号", default="", help="查封的必填，期满没有续封的除外"
    )


class RenewForm(Form):
    """登记续封。"""

    until_at: Moment = field("续封至")
    paper_number: Annotated[str, Field(min_length=2, max_length=80)] = field("续封文书号")
    paper: Sha256 = field("续封文书")
    note: LongText = field("说明", default="")


class ExecuteForm(Form):
    """执行。"""

    note: LongText = field("说明", default="")
