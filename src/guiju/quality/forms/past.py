"""What the steps of complaints ask for."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from guiju.kernel.forms import Day, Form, Text, field


class SettleForm(Form):
    """补记办结。"""

    result: Annotated[str, Field(min_length=2, max_length=60)] = field("处理结果")
    closed_date: Day = field("办结日期")
    satisfaction: Text = field("满意度", default="")
