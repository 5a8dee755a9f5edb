"""What the steps of an article ask for."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

from pydantic import Field

from guiju.kernel.forms import Form, LongText, field


class Kind(Enum):
    """What an article helps with."""

    REPAIR = "repair", "维修"
    QUESTION = "question", "咨询"
    COMPLAINT = "complaint", "投诉"
    PROCEDURE = "procedure", "办事"

    label: str

    def __new__(cls, value: str, label: str) -> Kind:
        """Make a member of (value, label)."""
        member = object.__new__(cls)
        member._value_ = value
        member.label = label
        return member


class Source(Enum):
    """Who found the solution."""

    STAFF = "staff", "员工"
    CUSTOMER = "customer", "客户"

    label: str

    def __new__(cls, value: str, label: str) -> Source:
        """Make a member of (value, label)."""
        member = object.__new__(cls)
        member._value_ = value
        member.label = label
        return member


StepText = Annotated[str, Field(min_length=2, max_length=300)]


class WriteForm(Form):
    """写一条知识。"""

    title: Annotated[str, Field(min_length=4, max_length=100)] = field("标题", help="客户会怎么说，就怎么写")
    kind: Kind = field("类别", default=Kind.REPAIR)
    part: Annotated[str, Field(max_length=40)] = field("部位", default="", widget="hidden")
    problem: Annotated[str, Field(min_length=4, max_length=5000)] = field("问题", widget="longtext")
    solution: Annotated[str, Field(min_length=4, max_length=5000)] = field("解决办法", widget="longtext")
    spoken: Annotated[str, Field(max_length=300)] = field(
        "一句话答复", default="", widget="longtext", help="电话里直接念给客户听的话，不用行话"
    )
    steps: Annotated[list[StepText], Field(max_length=20)] = field(
        "操作步骤", default=[], help="一行一步；指导客户时可以逐步勾选"
    )
    keywords: Annotated[str, Field(max_length=200)] = field("关键词", default="", help="用空格分开")
    source: Source = field("谁的办法", default=Source.STAFF)
    source_case: Annotated[str, Field(max_length=40)] = field("来自事项", default="", widget="hidden")
    replaces: Annotated[str, Field(max_length=40)] = field("新版本属于", default="", widget="hidden")


class ChangeForm(Form):
    """改草稿。"""

    title: Annotated[str, Field(min_length=4, max_length=100)] = field("标题")
    problem: Annotated[str, Field(min_length=4, max_length=5000)] = field("问题", widget="longtext")
    solution: Annotated[str, Field(min_length=4, max_length=5000)] = field("解决办法", widget="longtext")
    spoken: Annotated[str, Field(max_length=300)] = field("一句话答复", default="", widget="longtext")
    steps: Annotated[list[StepText], Field(max_length=20)] = field("操作步骤", default=[], help="一行一步")
    keywords: Annotated[str, Field(max_length=200)] = field("关键词", default="")


class PublishForm(Form):
    """审核发布。"""

    note: LongText = field("审核意见", default="")
