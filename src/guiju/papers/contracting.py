"""The 销售合同审批单: what is put to approval, who said what, and the seal (I-6-3; domain form 3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from guiju.papers.forms import FORMS, FormKind, Instalment, Sealed, Signed, Tick, Yuan


@dataclass(frozen=True)
class Opinion:
    """What a post said of the contract; ``on_paper``: its paper was typed in afterwards (补录)."""

    post: str
    words: str
    opinion: str = ""
    signed: Signed | None = None
    on_paper: bool = False


@dataclass(frozen=True)
class ContractApprovalForm:
    """销售合同审批单. ``standard``: no word differs from the model contract; None: not said yet (a blank)."""

    project: str
    number: str
    contract: str
    subscription: str
    city_number: str
    buyers: str
    unit: str
    use: str
    gross_area: str
    inner_area: str
    signed_on: date | None
    list_unit_price: Yuan | None
    list_total: Yuan | None
    unit_price: Yuan | None
    total: Yuan
    discount: str
    discount_basis: str
    payment: str
    bank: str
    plan: tuple[Instalment, ...]
    paid: Yuan
    receipts: str
    account: str
    handover: str
    late_pay: str
    late_handover: str
    standard: bool | None
    deviations: tuple[str, ...]
    special: str
    permit: str
    regime: str
    checks: tuple[Tick, ...]
    opinions: tuple[Opinion, ...]
    prepared: Signed | None = None
    returned: tuple[str, ...] = ()
    seal: Sealed | None = None
    copies: str = ""


FORMS["contract_approval"] = FormKind(
    "contract_approval", "KF-BD-08", "A/0", "销售合同审批单", "contract_approval", ContractApprovalForm
)
