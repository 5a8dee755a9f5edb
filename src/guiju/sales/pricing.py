"""The price of a subscription: list total, discounts line by line, to the cent (DECISIONS 14: half-up once a line)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from guiju.kernel.money import half_up


class DiscountLine(Protocol):
    """A discount as given: a share of the running price in percent, or an amount in yuan."""

    @property
    def name(self) -> str: ...

    @property
    def percent(self) -> Decimal | None: ...

    @property
    def amount(self) -> Decimal | None: ...


@dataclass(frozen=True)
class PriceLine:
    """One printed line of the price: what it is called, what it takes off, what is left."""

    name: str
    deduction: Decimal
    left: Decimal


def lines(list_price: Decimal, discounts: Sequence[DiscountLine]) -> list[PriceLine]:
    """Return the discount lines in order; each share is of what the line before left."""
    left, found = list_price, []
    for discount in discounts:
        deduction = discount.amount if discount.amount is not None else Decimal(0)
        if discount.percent is not None:
            deduction = half_up(left * discount.percent / 100)
        left -= deduction
        found.append(PriceLine(discount.name, deduction, left))
    return found


def total(list_price: Decimal, discounts: Sequence[DiscountLine]) -> Decimal:
    """Return the deal's total: the list total less the sum of the printed lines."""
    found = lines(list_price, discounts)
    return found[-1].left if found else list_price


def raised(plan: Sequence[Mapping[str, Any]], was: Decimal, wants: Decimal) -> list[dict[str, Any]] | None:
    """
    Return a plan whose deposit, its first line, is raised from ``was`` to ``wants`` yuan, out of the own money that comes
    next; None if there is not so much own money. The loan and the sum stay.
    """
    lines = [dict(line) for line in plan]
    if not lines or Decimal(str(lines[0]["amount"])) != was:
        return None
    left = wants - was
    lines[0]["amount"] = str(wants)
    for line in lines[1:]:
        if not line.get("loan") and left:
            part = min(left, Decimal(str(line["amount"])))
            line["amount"] = str(Decimal(str(line["amount"])) - part)
            left -= part
    return None if left else [line for line in lines if Decimal(str(line["amount"]))]


def discount_percent(list_price: Decimal, deal_total: Decimal) -> Decimal:
    """Return the whole discount in percent of the list total, to four places."""
    if not list_price:
        return Decimal(0)
    return half_up((list_price - deal_total) * 100 / list_price, 4)
