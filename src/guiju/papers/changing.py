"""The forms of changes: 认购客户房屋变更申请 (form 5) and 签约客户房屋变更申请 (form 6)."""

from __future__ import annotations

from dataclasses import dataclass

from guiju.papers.forms import FORMS, FormKind, Signed, Tick


@dataclass(frozen=True)
class ChangedLine:
    """A term as it was and as it will be; ``changes`` marks it."""

    name: str
    before: str
    after: str
    changes: bool = False


@dataclass(frozen=True)
class OpinionLine:
    """A post's opinion on the paper, with the signature once it is there."""

    post: str
    words: str = ""
    signed: Signed | None = None


@dataclass(frozen=True)
class BuyerSign:
    """A buyer, before or after, who signs the application."""

    name: str
    role: str
    signed: Signed | None = None


@dataclass(frozen=True)
class ChangeApplicationForm:
    """认购客户房屋变更申请 (I-5.2-7, I-6-5): what was, what will be, why, who signs, what came of it."""

    project: str
    number: str
    case: str
    paper: str
    unit: str
    applied_on: str
    kinds: tuple[Tick, ...]
    lines: tuple[ChangedLine, ...]
    reason: str
    proof: str
    money: tuple[tuple[str, str], ...] = ()
    signers: tuple[BuyerSign, ...] = ()
    opinions: tuple[OpinionLine, ...] = ()
    executed: str = ""
    handed_back: str = ""


@dataclass(frozen=True)
class ContractChangeForm:
    """签约客户房屋变更申请 (I-6-6): as form 5, and filing, loan, pre-notice, agreement, city, invoices."""

    project: str
    number: str
    case: str
    paper: str
    unit: str
    applied_on: str
    kinds: tuple[Tick, ...]
    lines: tuple[ChangedLine, ...]
    reason: str
    proof: str
    money: tuple[tuple[str, str], ...] = ()
    signers: tuple[BuyerSign, ...] = ()
    opinions: tuple[OpinionLine, ...] = ()
    executed: str = ""
    handed_back: str = ""
    standing: tuple[tuple[str, str], ...] = ()
    invoices: tuple[tuple[str, str, str], ...] = ()


for _kind in (
    FormKind(
        "subscription_change", "KF-BD-32", "A/0", "认购客户房屋变更申请", "change", ChangeApplicationForm
    ),
    FormKind("contract_change", "KF-BD-33", "A/0", "签约客户房屋变更申请", "change", ContractChangeForm),
):
    FORMS[_kind.code] = _kind
