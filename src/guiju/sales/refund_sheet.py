"""
What a buyer who returns a home gets back, line by line, and who is paid in which order (domain 1.10, 2.9, 2.32).

The reason class fixes the formula. Paid − forfeited or penalty − restoration, works and used fees + interest owed. Amounts
in yuan, rates in percent a year; every line is rounded half-up once, totals are sums of lines.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from guiju.kernel.money import ZERO, half_up
from guiju.kernel.money import money as written
from guiju.sales import deposit
from guiju.sales.forms import Labelled

HUNDRED: Final = Decimal(100)
DAY_COUNTS: Final = (365, 360)


class ReasonClass(Labelled):
    """Why a deal ends: it fixes what is deducted and whether interest is owed."""

    LEGAL = "legal", "法定解除（法律规定可以解除）"
    CONTRACT = "contract", "约定解除（合同约定可以解除）"
    COMPANY_FAULT = "company_fault", "我方违约"
    BUYER_FAULT = "buyer_fault", "买受人违约"
    NO_FAULT = "no_fault", "不可归责于双方（政策、贷款未获批等）"
    GOODWILL = "goodwill", "公司同意（双方协商，无解除权）"


@dataclass(frozen=True)
class Rule:
    """What a reason class means after the contract is signed. ``words``: the ground, as printed."""

    interest: bool
    buyer_pays: bool
    company_pays: bool
    fee: bool
    words: str


RULES: Final[Mapping[ReasonClass, Rule]] = {
    ReasonClass.LEGAL: Rule(True, False, False, False, "民法典第 566 条，退还已付款和利息"),
    ReasonClass.CONTRACT: Rule(True, False, True, False, "按合同约定退还已付款和利息，合同有违约金的另计"),
    ReasonClass.COMPANY_FAULT: Rule(True, False, True, False, "民法典第 566 条、第 577 条，退还已付款和利息，支付违约金"),
    ReasonClass.BUYER_FAULT: Rule(False, True, False, False, "合同约定的违约金从已付款中扣除，其余退还"),
    ReasonClass.NO_FAULT: Rule(True, False, False, False, "商品房买卖合同解释第 19 条，退还本金和利息"),
    ReasonClass.GOODWILL: Rule(False, False, False, True, "双方协商一致，按协议扣除后退还"),
}  # fmt: skip
BEFORE_CONTRACT: Final[Mapping[ReasonClass, deposit.Cause]] = {
    ReasonClass.LEGAL: deposit.Cause.NO_PERMIT,
    ReasonClass.CONTRACT: deposit.Cause.NO_AGREEMENT,
    ReasonClass.COMPANY_FAULT: deposit.Cause.SELLER_DEFAULT,
    ReasonClass.BUYER_FAULT: deposit.Cause.BUYER_DEFAULT,
    ReasonClass.NO_FAULT: deposit.Cause.NO_FAULT,
}


class UnableToCalculate(ValueError):
    """The figures do not fit together; the text says which, for people."""


@dataclass(frozen=True)
class Paid:
    """Money the buyers or their bank paid: on which day, how much, and from whom."""

    on: date
    amount: Decimal
    loan: bool = False
    payer: str = ""
    receipt: str = ""


@dataclass(frozen=True)
class Inputs:
    """What a sheet is made of besides the money paid. ``penalty_percent`` is of the sum due so far where the buyer is
    at fault (GF 8), of the price where we are (GF 12); ``accumulated_due`` is that sum due."""

    reason: ReasonClass
    signed: bool
    price: Decimal
    until: date
    rate: Decimal = ZERO
    day_count: int = 365
    penalty_percent: Decimal = ZERO
    accumulated_due: Decimal = ZERO
    fee: Decimal = ZERO
    restoration: Decimal = ZERO
    works: Decimal = ZERO
    property_fee: Decimal = ZERO
    pass_through: Decimal = ZERO


@dataclass(frozen=True)
class Line:
    """A line of the sheet: positive is paid to the buyers' side, negative is kept. ``words`` says how it came about."""

    kind: str
    name: str
    amount: Decimal
    words: str = ""


@dataclass(frozen=True)
class Sheet:
    """The lines and what they add up to, in yuan."""

    lines: tuple[Line, ...]

    def _sum(self, *kinds: str) -> Decimal:
        return sum((line.amount for line in self.lines if line.kind in kinds), ZERO)

    @property
    def paid(self) -> Decimal:
        """What was paid, own money and loan."""
        return self._sum("own", "loan", "pass_through")

    @property
    def kept(self) -> Decimal:
        """What of it stays with us."""
        return -sum((line.amount for line in self.lines if line.amount < 0), ZERO)

    @property
    def added(self) -> Decimal:
        """What we pay beside it: interest, double deposit, penalty."""
        return self._sum(*ADDED)

    @property
    def payable(self) -> Decimal:
        """What banks and buyers get together."""
        return sum((line.amount for line in self.lines), ZERO)


ADDED: Final = ("interest", "double", "penalty")


def interest(amount: Decimal, *, since: date, until: date, rate: Decimal, day_count: int) -> Decimal:
    """
    Return simple interest in yuan for the days after ``since`` up to ``until``: 600,000 at 4.90 % from 2025-03-01 to
    2026-11-17 (626 days, ACT/365) is 50,423.01.
    """
    days = max(0, (until - since).days)
    return half_up(amount * rate / HUNDRED * days / day_count)


def calculate(paid: Sequence[Paid], given: Inputs) -> Sheet:
    """
    Return the sheet of a refund.

    :raises UnableToCalculate: more is kept than the buyers paid of their own, or a figure the reason does not allow.
    """
    own = sum((row.amount for row in paid if not row.loan), ZERO)
    loan = sum((row.amount for row in paid if row.loan), ZERO)
    lines = [Line("own", "已付自有资金", own)]
    if loan:
        lines.append(Line("loan", "已放贷款", loan))
    if given.pass_through:
        lines.append(Line("pass_through", "代收款退还", given.pass_through, "尚未上缴的代收款"))
    lines += _of_contract(given) if given.signed else _of_deposit(given, own + loan)
    for kind, name, amount in (
        ("restoration", "房屋复原费", given.restoration), ("works", "工程变更实际费用", given.works),
        ("property_fee", "已发生物业费", given.property_fee),
    ):  # fmt: skip
        if amount:
            lines.append(Line(kind, name, -amount))
    if _bears_interest(given):
        lines += _interest(paid, given)
    found = Sheet(tuple(lines))
    if found.kept > own + given.pass_through:
        raise UnableToCalculate(
            f"扣款 {written(found.kept)} 超过了买受人自有资金 {written(own)}，请另行追偿，不能从贷款里扣"
        )
    return found


def decided(paid: Sequence[Paid], decision: Mapping[str, Any], given: Inputs) -> Sheet:
    """
    Return the sheet of money that goes back after the deposit table has decided: what lies free with what was forfeited,
    less that, the second half of a double return, and interest where the subscription was void. Without a decision
    (money paid too much) what lies free goes back as it came.

    :raises UnableToCalculate: interest is owed and no rate is given.
    """
    free = sum((row.amount for row in paid), ZERO)
    kept = Decimal(str(decision.get("forfeited", 0)))
    rule = str(decision.get("rule", ""))
    lines = [Line("own", "已付自有资金", free + kept)]
    if kept:
        lines.append(Line("forfeit", "没收定金", -kept, f"有效定金以总价 20% 为限；{rule}"))
    double = max(ZERO, Decimal(str(decision.get("refund", 0))) - Decimal(str(decision.get("paid", 0))))
    if double:
        lines.append(Line("double", "双倍返还定金", double, rule))
    if decision.get("interest"):
        lines += _interest(paid, given)
    return Sheet(tuple(lines))


def _bears_interest(given: Inputs) -> bool:
    if given.signed:
        return RULES[given.reason].interest
    return given.reason is ReasonClass.LEGAL


def _interest(paid: Sequence[Paid], given: Inputs) -> list[Line]:
    if given.rate <= 0:
        raise UnableToCalculate("这类原因应当计息，请按合同填利率")
    if given.day_count not in DAY_COUNTS:
        raise UnableToCalculate("计息天数按合同填 365 或 360")
    found = []
    for row in paid:
        days = max(0, (given.until - row.on).days)
        amount = interest(
            row.amount, since=row.on, until=given.until, rate=given.rate, day_count=given.day_count
        )
        if amount:
            words = f"{row.on} 起 {days} 日，{row.amount:,.2f} × {given.rate.normalize():f}% × {days} ÷ {given.day_count}"
            found.append(Line("interest", "贷款部分利息" if row.loan else "利息", amount, words))
    return found


def _of_contract(given: Inputs) -> list[Line]:
    rule, lines = RULES[given.reason], []
    if given.penalty_percent and not (rule.buyer_pays or rule.company_pays):
        raise UnableToCalculate(f"「{given.reason.label}」不收也不付违约金")
    percent = f"{given.penalty_percent.normalize():f}%"
    if rule.buyer_pays and given.penalty_percent:
        amount = half_up(given.accumulated_due * given.penalty_percent / HUNDRED)
        lines.append(
            Line(
                "buyer_penalty",
                "买受人违约金",
                -amount,
                f"累计应付款 {given.accumulated_due:,.2f} × {percent}",
            )
        )
    if rule.company_pays and given.penalty_percent:
        amount = half_up(given.price * given.penalty_percent / HUNDRED)
        lines.append(Line("penalty", "我方违约金", amount, f"总价 {given.price:,.2f} × {percent}"))
    if given.fee:
        if not rule.fee:
            raise UnableToCalculate(f"「{given.reason.label}」没有协商扣款，只有公司同意的退房可以约定")
        lines.append(Line("fee", "协商扣款", -given.fee, "按解除协议"))
    return lines


def _of_deposit(given: Inputs, paid: Decimal) -> list[Line]:
    if given.reason is ReasonClass.GOODWILL:
        bound = deposit.effective(given.price, paid)
        if given.fee > bound:
            raise UnableToCalculate(f"协商扣款不能超过有效定金 {written(bound)}，超出部分应退还")
        return [Line("fee", "协商扣款", -given.fee, "按解除协议")] if given.fee else []
    if given.fee or given.penalty_percent:
        raise UnableToCalculate("签约前按定金规则处理，没有违约金和协商扣款")
    found = deposit.decide(BEFORE_CONTRACT[given.reason], price=given.price, paid=paid)
    lines = []
    if found.forfeited:
        lines.append(Line("forfeit", "没收定金", -found.forfeited, f"有效定金以总价 20% 为限；{found.rule}"))
    if found.refund > paid:
        lines.append(Line("double", "双倍返还定金", found.refund - paid, found.rule))
    return lines


# --- who is paid -----------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Share:
    """Somebody to be paid, in yuan; ``kind`` as of ``ledger.Refund``."""

    kind: str
    name: str
    amount: Decimal


def order(
    payable: Decimal, *, payoffs: Sequence[tuple[str, Decimal]], own: Mapping[str, Decimal]
) -> list[Share]:
    """
    Return who is paid, in order: first the banks what ends the loans (SPC-CH 21), then the original payers the rest, each
    by what came from that account.

    :raises UnableToCalculate: the banks want more than there is, or nobody paid anything.
    """
    shares = [Share("bank", name, amount) for name, amount in payoffs if amount]
    rest = payable - sum((one.amount for one in shares), ZERO)
    if rest < 0:
        raise UnableToCalculate(f"结清贷款还差 {written(-rest)}，请买受人先补足，再办退房")
    total = sum(own.values(), ZERO)
    if not rest:
        return shares
    if total <= 0:
        raise UnableToCalculate("没有可以退回的原付款人，请写明收款人和依据")
    left, names = rest, list(own)
    for name in names[:-1]:
        part = half_up(rest * own[name] / total)
        shares.append(Share("payer", name, part))
        left -= part
    shares.append(Share("payer", names[-1], left))
    return shares


def late_interest(payable: Decimal, *, due: date, paid_on: date, rate: Decimal, day_count: int) -> Decimal:
    """Return the interest for paying after the term, in yuan: nothing up to the last day."""
    return interest(payable, since=due, until=paid_on, rate=rate, day_count=day_count)


def late_in_parts(
    payable: Decimal, parts: Sequence[tuple[date, Decimal]], on: date, more: Callable[[date], Decimal]
) -> Decimal:
    """
    Return the interest for being late when a sum is paid in parts, in yuan: ``more`` says what it would be for all of it
    on a day; each part bears its share up to its own day, what is left up to ``on``.
    """
    if payable <= 0:
        return ZERO
    left = payable - sum((amount for _, amount in parts), ZERO)
    shares = [*parts, (on, left)] if left > 0 else list(parts)
    return sum((half_up(more(day) * amount / payable) for day, amount in shares), ZERO)


def last_day(trigger: date, term_days: int) -> date:
    """Return the last day of the term, counted from the day after the notice or agreement (15 days GF, 30 days MSB 20)."""
    return date.fromordinal(trigger.toordinal() + term_days)
