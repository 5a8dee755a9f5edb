"""What becomes of a deposit (定金): CC 586–588, the SPC interpretation 4, domain 1.2. Amounts in yuan."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from guiju.kernel.money import half_up

EFFECTIVE_SHARE = Decimal("0.20")


class Cause(Enum):
    """Why a subscription ends before signing (the decision table SubscriptionRefund)."""

    NO_PERMIT = "no_permit", "无预售许可或不具备销售条件"
    SELLER_DEFAULT = "seller_default", "我方违约：另售、涨价或拒签"
    BUYER_DEFAULT = "buyer_default", "买受人违约：逾期不签、拒绝已约定条款或隐瞒不符合条件"
    NO_AGREEMENT = "no_agreement", "双方善意磋商，对认购书未约定的条款未达成一致"
    NO_FAULT = "no_fault", "政策变化或贷款未获批，不可归责于双方"
    DEATH = "death", "买受人去世或丧失行为能力，继承人不继续"
    NOT_DEPOSIT = "not_deposit", "所收款项未约定为定金"

    label: str

    def __new__(cls, value: str, label: str) -> Cause:
        """Make a member of (value, label)."""
        member = object.__new__(cls)
        member._value_ = value
        member.label = label
        return member


@dataclass(frozen=True)
class Outcome:
    """What is kept and what is paid back. ``refund`` includes the doubling where the seller defaults."""

    cause: Cause
    paid: Decimal
    effective: Decimal
    forfeited: Decimal
    refund: Decimal
    with_interest: bool
    rule: str


def effective(price: Decimal, paid: Decimal) -> Decimal:
    """Return how much of the money paid has the effect of a deposit: at most 20 % of the price (CC 586)."""
    return min(paid, half_up(price * EFFECTIVE_SHARE))


def decide(cause: Cause, *, price: Decimal, paid: Decimal) -> Outcome:
    """Return what becomes of the money paid under the decision table. A person decides the cause, never a job."""
    bound = effective(price, paid)
    nothing = Decimal("0.00")
    match cause:
        case Cause.NO_PERMIT:
            return Outcome(cause, paid, nothing, nothing, paid, True, "商品房买卖合同解释第 2 条")
        case Cause.SELLER_DEFAULT:
            return Outcome(cause, paid, bound, nothing, paid + bound, False, "民法典第 587 条，双倍返还")
        case Cause.BUYER_DEFAULT:
            return Outcome(
                cause, paid, bound, bound, paid - bound, False, "民法典第 587 条，超过 20% 的部分退还"
            )
        case Cause.NO_AGREEMENT | Cause.NO_FAULT:
            return Outcome(cause, paid, bound, nothing, paid, False, "商品房买卖合同解释第 4 条，返还定金")
        case Cause.DEATH:
            return Outcome(cause, paid, bound, nothing, paid, False, "不可归责于当事人，返还定金")
        case Cause.NOT_DEPOSIT:
            return Outcome(
                cause, paid, nothing, nothing, paid, False, "合同编通则解释第 67 条，不适用定金罚则"
            )
