"""
The course of a contract 合同全程 (I-1-r to I-1-t): who signed with whom, what was paid against its plan, and the products
and services provided since, in one timeline.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from django.db.models import QuerySet

from guiju.kernel.models import Case
from guiju.kernel.numbering import ZONE
from guiju.kernel.process import processes
from guiju.ledger.queries import Line, book_of_deal, statement
from guiju.sales.contracts import contract_of
from guiju.sales.models import Contract

TITLE: Final = "商品房买卖合同"
SIGNED, PAID, DUE, PROVIDED = "签约", "付款", "应付", "产品和服务"


@dataclass(frozen=True)
class Stop:
    """One entry of the timeline: the day, of which part of the course, what, and the case's number if it is one."""

    on: date
    part: str
    words: str
    case: str = ""


@dataclass
class Course:
    """A contract with its parties, how payment stands against the plan, and its timeline, the first day first."""

    contract: Contract
    seller: str
    buyers: tuple[str, ...]
    owed: Decimal
    paid: Decimal
    status: str
    stops: list[Stop] = field(default_factory=list)


def course_of(deal_id: int, *, cases: QuerySet[Case], today: date) -> Course | None:
    """Return the course of a deal's live contract; None while nothing is signed. ``cases``: those the reader may see."""
    contract = contract_of(deal_id)
    if contract is None:
        return None
    deal = contract.deal
    buyers = tuple(row.customer.name for row in deal.buyers.select_related("customer").order_by("position"))
    stops = [Stop(contract.signed_date, SIGNED, f"《{TITLE}》{contract.number} 双方签订")]
    if contract.filed_date is not None:
        stops.append(Stop(contract.filed_date, SIGNED, f"登记备案 {contract.filed_number}"))
    book = book_of_deal(deal_id)
    lines = statement(book).lines if book is not None else []
    for line in lines:
        name = line.receivable.name
        stops += [Stop(day, PAID, f"{name} {amount:,.2f} 元") for day, amount in line.payments]
        if line.open > 0 and line.due_date is not None:
            late = f"，逾期 {days} 天" if (days := line.late(today)) else ""
            stops.append(Stop(line.due_date, DUE, f"{name} 还有 {line.open:,.2f} 元{late}"))
    known = processes()
    served = cases.filter(
        links__kind="unit",
        links__key=deal.unit_id,
        process__in=SERVICES,
        opened_at__gte=_begin(contract.signed_date),
    )
    for case in served.order_by("opened_at", "pk"):
        kind = known[case.process]
        day = case.opened_at.astimezone(ZONE).date()
        stops.append(Stop(day, PROVIDED, f"{kind.label}：{kind.state(case.state).label}", case.number))
    leaving = cases.filter(process="refund", closed_at=None, links__kind="deal", links__key=deal_id).exists()
    owed, paid = sum((one.amount for one in lines), Decimal(0)), sum((one.paid for one in lines), Decimal(0))
    return Course(
        contract, deal.project.company.name, buyers, owed, paid, _status(lines, leaving, today),
        sorted(stops, key=lambda stop: stop.on),
    )  # fmt: skip


SERVICES: Final = (
    "fitout_selection",
    "after_sales",
    "visit",
    "complaint",
    "paid_service",
    "handover",
    "title",
)
"""Processes that provide a product or a service to the buyer after signing."""


def _begin(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZONE)


def _status(lines: list[Line], leaving: bool, today: date) -> str:
    """Return how the signing stands: it follows the payment of the price by the contract's plan (I-1-s), or is undone."""
    if leaving:
        return "已签约，退房退款办理中"
    if not lines:
        return "已签约，还没有付款计划"
    if all(line.open <= 0 for line in lines):
        return "已签约，房价款付清"
    if late := sum((line.open for line in lines if line.late(today)), Decimal(0)):
        return f"已签约，逾期未付 {late:,.2f} 元"
    return "已签约，按约付款中"
