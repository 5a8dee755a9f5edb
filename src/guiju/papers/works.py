"""The form of works a buyer asks for: 工程变更申请单 (form 4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from guiju.papers.forms import FORMS, Desk, FormKind, Signed, Tick, Yuan


@dataclass(frozen=True)
class WorksItem:
    """A line of the quote: what, how much of it, and the amount in yuan."""

    name: str = ""
    quantity: str = ""
    price: Yuan | None = None
    amount: Yuan | None = None


NODES = (Tick("未过变更节点"), Tick("已过变更节点，不予受理"))
NEVER = (
    Tick("不涉及承重结构、外墙、防水、消防、燃气和共用部位"),
    Tick("涉及，不予变更"),
)


@dataclass(frozen=True)
class WorksChangeForm:
    """工程变更申请单 (I-6-4): what is wanted, opinions and risk, quote, confirmation, execution and acceptance."""

    project: str = ""
    number: str = ""
    unit: str = ""
    buyers: str = ""
    phone: str = ""
    contract: str = ""
    applied_on: date | None = None
    place: str = ""
    present: str = ""
    wanted: str = ""
    reason: str = ""
    nodes: tuple[Tick, ...] = NODES
    never: tuple[Tick, ...] = NEVER
    engineering: str = ""
    design: str = ""
    quote: tuple[WorksItem, ...] = (WorksItem(), WorksItem(), WorksItem())
    total: Yuan | None = None
    extra_days: str = ""
    warranty: str = ""
    receipt: str = ""
    confirmed: Signed | None = None
    order: str = ""
    finished_on: date | None = None
    check: str = ""
    accepted: Signed | None = None
    applicant: Signed | None = None
    desks: tuple[Desk, ...] = (
        Desk("客户服务"), Desk("工程"), Desk("设计"), Desk("成本"), Desk("客服经理"), Desk("主管副总"), Desk("财务"),
    )  # fmt: skip


FORMS["works_change"] = FormKind(
    "works_change", "KF-BD-39", "A/0", "工程变更申请单", "works_change", WorksChangeForm
)
