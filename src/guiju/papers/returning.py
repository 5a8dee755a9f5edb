"""The forms of returning a home and of referrals: 退房申请、审批表 (form 7), 推荐客户确认单 (form 8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from guiju.papers.forms import FORMS, Desk, FormKind, Signed, SquareMetres, Tick, Yuan


@dataclass(frozen=True)
class ReturnBuyer:
    """A buyer who asks for it, and whether the agreement is signed."""

    name: str
    identity: str = ""
    phone: str = ""
    address: str = ""
    signed: Signed | None = None
    capacity: str = ""


@dataclass(frozen=True)
class ReturnPaid:
    """Money paid, by its receipt."""

    on: date
    receipt: str
    payer: str
    way: str
    amount: Yuan


@dataclass(frozen=True)
class ReturnLine:
    """A line of the calculation: its sign, name, how it came about."""

    name: str
    words: str
    amount: Yuan


@dataclass(frozen=True)
class ReturnPay:
    """Somebody to be paid, and when it was."""

    number: str
    kind: str
    name: str
    account: str
    amount: Yuan
    voucher: str = ""
    paid_on: date | None = None


@dataclass(frozen=True)
class ReturnItem:
    """A line of the release checklist."""

    name: str
    needed: bool
    done_on: date | None = None
    proof: str = ""


@dataclass(frozen=True)
class RefundForm:
    """退房申请、审批表 (I-6-7): application, calculation line by line, payees in order, checklist, approval, payment."""

    project: str
    number: str
    applied_on: date | None
    stages: tuple[Tick, ...]
    kind: str
    unit: str
    area: SquareMetres | None
    unit_price: Yuan | None
    total: Yuan | None
    contract: str
    subscription: str
    buyers: tuple[ReturnBuyer, ...]
    reasons: tuple[Tick, ...]
    words: str
    clause: str
    paid: tuple[ReturnPaid, ...]
    paid_total: Yuan | None
    lines: tuple[ReturnLine, ...]
    payable: Yuan | None
    payees: tuple[ReturnPay, ...] = ()
    term: str = ""
    due_on: date | None = None
    items: tuple[ReturnItem, ...] = ()
    legal: str = ""
    desks: tuple[Desk, ...] = (
        Desk("置业顾问"), Desk("销售总监"), Desk("客服经理"), Desk("财务"), Desk("主管副总"), Desk("总经理"),
    )  # fmt: skip
    cashier: Signed | None = None


@dataclass(frozen=True)
class ReferralForm:
    """推荐客户确认单 (I-6-8): who recommended whom, the check, the deal, the reward and its taxes."""

    project: str
    number: str
    registered: str
    referrer: str
    referrer_unit: str
    referrer_contract: str
    referrer_phone: str
    name: str
    phone: str
    relation: str
    ways: tuple[Tick, ...]
    consented: str
    checked: str
    results: tuple[Tick, ...]
    confirmed: Signed | None = None
    visit_until: date | None = None
    deal_until: date | None = None
    registrar: Signed | None = None
    referrer_signed: Signed | None = None
    unit: str = ""
    contract: str = ""
    buyers: str = ""
    total: Yuan | None = None
    reward: Yuan | None = None
    vat: Yuan | None = None
    income_tax: Yuan | None = None
    net: Yuan | None = None
    account: str = ""
    voucher: str = ""
    paid_on: date | None = None
    desks: tuple[Desk, ...] = (Desk("销售总监"), Desk("客服经理"), Desk("财务"), Desk("总经理"))


for _kind in (
    FormKind("refund", "KF-BD-37", "A/0", "退房申请、审批表", "refund", RefundForm),
    FormKind("referral", "KF-BD-38", "A/0", "推荐客户确认单", "referral", ReferralForm),
):
    FORMS[_kind.code] = _kind
