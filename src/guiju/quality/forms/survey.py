"""What is filled in for a survey: the marks and words of a customer, by phone, from paper or on site."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

from pydantic import Field

from guiju.kernel.forms import Form, LongText, Moment, field


class Mark(Enum):
    """Five steps of satisfaction."""

    FIVE = "5", "5 很满意"
    FOUR = "4", "4 满意"
    THREE = "3", "3 一般"
    TWO = "2", "2 不满意"
    ONE = "1", "1 很不满意"

    label: str

    def __new__(cls, value: str, label: str) -> Mark:
        """Make a member of (value, label)."""
        member = object.__new__(cls)
        member._value_ = value
        member.label = label
        return member

    @property
    def points(self) -> int:
        """The mark as a number."""
        return int(self.value)


class Solved(Enum):
    """Whether the customer says that the matter is solved."""

    YES = "yes", "解决了"
    NO = "no", "没有解决"

    label: str

    def __new__(cls, value: str, label: str) -> Solved:
        """Make a member of (value, label)."""
        member = object.__new__(cls)
        member._value_ = value
        member.label = label
        return member


class Marks(Form):
    """The single questions; any may be left out."""

    attitude: Mark | None = field("友好、耐心、专业", default=None)
    positive: Mark | None = field("积极的态度", default=None)
    timely: Mark | None = field("及时", default=None)
    quality: Mark | None = field("质量", default=None)
    need_met: Mark | None = field("需要得到满足", default=None)
    valued: Mark | None = field("被重视和尊重", default=None)
    first_impression: Mark | None = field("第一印象", default=None)
    trust_safety: Mark | None = field("信任和安全感", default=None)
    company_trust: Mark | None = field("对公司的信任", default=None)
    image: Mark | None = field("公司和品牌形象", default=None)
    reputation: Mark | None = field("公司信誉", default=None)
    recommend: Annotated[int, Field(ge=0, le=10)] | None = field(
        "推荐意愿", help="0 分决不，10 分一定", default=None
    )

    def points(self) -> dict[str, int]:
        """The marks given, by question."""
        found = {name: getattr(self, name) for name in type(self).model_fields}
        return {
            name: mark.points if isinstance(mark, Mark) else int(mark)
            for name, mark in found.items()
            if mark is not None
        }


class Answers(Form):
    """A customer's answers."""

    score: Mark = field("总的评价")
    solved: Solved = field("问题解决了吗")
    marks: Marks = field("各项评价", default=Marks(), help="客户没有说的不用填")
    words: LongText = field("客户的意见", default="", help="照客户的原话写")
    suggestion: LongText = field("客户的建议", default="")


class How(Enum):
    """How an answer came in that staff type."""

    PAPER = "paper", "纸面调查表"
    ON_SITE = "on_site", "当面"
    PHONE = "phone", "电话"

    label: str

    def __new__(cls, value: str, label: str) -> How:
        """Make a member of (value, label)."""
        member = object.__new__(cls)
        member._value_ = value
        member.label = label
        return member


class EntryForm(Answers):
    """登记客户的评价。"""

    source: How = field("怎么得到的", default=How.PAPER)
    given_at: Moment | None = field("客户填写的时间", default=None, help="不填就是现在")
