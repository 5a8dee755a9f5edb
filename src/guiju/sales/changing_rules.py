"""Which change is possible after signing, and how it is done: the decision tables before and after filing (domain 2.5)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from guiju.sales.changing_forms import Ground, Kind


class Way(Enum):
    """How the paper changes."""

    SUPPLEMENT = "supplement"
    RESIGN = "resign"

    @property
    def label(self) -> str:
        """In words."""
        return "补充协议" if self is Way.SUPPLEMENT else "解除协议并重签合同"


class City(Enum):
    """What the city's system has to do before execution."""

    NOTHING = "nothing"
    CHANGE = "change"
    CANCEL = "cancel"

    @property
    def label(self) -> str:
        """In words."""
        return {"nothing": "不需要", "change": "备案变更", "cancel": "注销备案"}[self.value]


class Loan(Enum):
    """How far the loan of the deal is."""

    NONE = "none", "没有贷款"
    ASKED = "asked", "贷款未批"
    APPROVED = "approved", "贷款已批未放"
    PAID_OUT = "paid_out", "贷款已放"

    label: str

    def __new__(cls, value: str, label: str) -> Loan:
        """Make a member of (value, label)."""
        member = object.__new__(cls)
        member._value_ = value
        member.label = label
        return member


@dataclass(frozen=True)
class Standing:
    """How the contract stands when a change is asked for."""

    filed: bool
    loan: Loan = Loan.NONE
    pre_notice: bool = False
    city_resigns: bool = False


@dataclass(frozen=True)
class Verdict:
    """Whether a change is possible (``why`` says why not), its way, what the city does, and whether the bank agrees first."""

    why: str = ""
    way: Way = Way.SUPPLEMENT
    city: City = City.NOTHING
    bank_first: bool = False

    @property
    def possible(self) -> bool:
        """Whether it may be asked for."""
        return not self.why


def decide(
    kind: Kind,
    at: Standing,
    *,
    ground: Ground | None = None,
    to_loan: bool = False,
    from_loan: bool = False,
    dearer: bool = False,
    correction: bool = False,
) -> Verdict:
    """
    Return the verdict of the table.

    ``to_loan``: cash becomes a loan; ``from_loan``: the loan is given up; ``dearer``: the price rises;
    ``correction``: an error or a court's paper.
    """
    bank_first = at.loan is not Loan.NONE
    city = City.CANCEL if at.filed else City.NOTHING
    match kind:
        case Kind.RENAME:
            if at.filed and not (
                ground is not None and (ground.by_law or (ground.family and at.city_resigns))
            ):
                return Verdict(
                    "已备案的合同不能更名：只有继承、离婚分割、法院文书，或者本市允许撤案重签的配偶、父母、子女可以办"
                )
            if ground is None or ground is Ground.NONE:
                return Verdict("合同不能随意更名：只限配偶、父母、子女，或者继承、离婚分割、法院文书")
            return Verdict(way=Way.RESIGN, city=city, bank_first=bank_first)
        case Kind.ADD | Kind.REMOVE:
            if ground is Ground.NONE:
                return Verdict("增减买受人只限配偶、父母、子女，或者继承、离婚分割、法院文书")
            return Verdict(way=Way.RESIGN, city=city, bank_first=bank_first)
        case Kind.SWAP:
            return Verdict("签约以后换房按「退房」加「重新认购」办理，新房按当日价目表，请开退房")
        case Kind.PAYMENT:
            if at.loan is Loan.PAID_OUT:
                return Verdict("贷款已经发放，不能再变更付款方式")
            change = City.CHANGE if at.filed else City.NOTHING
            return Verdict(city=change, bank_first=to_loan or (bank_first and not from_loan))
        case Kind.BANK:
            if at.loan in (Loan.APPROVED, Loan.PAID_OUT):
                return Verdict("贷款已经批准，不能再变更按揭银行或年限")
            return Verdict(bank_first=True)
        case Kind.DISCOUNT:
            if at.filed and not correction:
                return Verdict("已备案的合同不能变更价格，只有更正笔误和执行法院文书例外")
            if dearer and not correction:
                return Verdict("签约以后公司不能加价")
            return Verdict(city=City.CHANGE if at.filed else City.NOTHING, bank_first=bank_first)
        case _:
            return Verdict()
