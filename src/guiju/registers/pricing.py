"""How a price list reckons: by 建筑面积, by 套内面积 or per home, to the cent or to the yuan.

The list itself says it: the rule that fits most of its rows is the rule, and the rows that do not fit are wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from enum import StrEnum

from guiju.registers.values import CENT, Amount

YUAN = Decimal(1)


class Basis(StrEnum):
    """What a total is reckoned from."""

    BUILDING = "building"
    INNER = "inner"
    UNIT = "unit"


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one row of a price list; what it does not say is None."""

    area: Decimal | None = None
    inner_area: Decimal | None = None
    unit_price: Decimal | None = None
    inner_unit_price: Decimal | None = None
    total: Amount | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A way of reckoning the total. ``derived``: the total is the price and the price per ㎡ only shows it."""

    basis: Basis
    price: str = "unit_price"
    step: Decimal = CENT
    rounding: str = ROUND_HALF_UP
    derived: bool = False

    def factors(self, figures: Figures) -> tuple[Decimal, Decimal] | None:
        """Return area and price per ㎡ that the total is made of, or None when the row lacks one."""
        area = figures.inner_area if self.basis is Basis.INNER else figures.area
        price: Decimal | None = getattr(figures, self.price)
        return (area, price) if area is not None and price is not None else None

    def expected(self, figures: Figures) -> Decimal | None:
        """Return area × price in yuan, rounded as the list rounds; None when a factor lacks."""
        factors = self.factors(figures)
        if factors is None:
            return None
        return (factors[0] * factors[1]).quantize(self.step, self.rounding).quantize(CENT)

    def agrees(self, figures: Figures) -> bool | None:
        """Return whether the row's total is right by this rule; None when it cannot be told."""
        expected, factors = self.expected(figures), self.factors(figures)
        if expected is None or factors is None or figures.total is None:
            return None
        total = figures.total
        if self.derived:
            area, price = factors
            places = Decimal(1).scaleb(min(int(price.as_tuple().exponent), 0))
            return abs(total.yuan / area - price) <= max(places, CENT) / 2
        if total.step > self.step:
            return abs(expected - total.yuan) * 2 <= total.step
        return expected == total.yuan


_EXACT = (
    Rule(Basis.BUILDING),
    Rule(Basis.INNER),
    Rule(Basis.INNER, price="inner_unit_price"),
)
_ROUNDED = tuple(
    Rule(rule.basis, rule.price, step, rounding)
    for rounding, step in (
        (ROUND_HALF_UP, YUAN),
        (ROUND_DOWN, YUAN),
        (ROUND_HALF_UP, Decimal(10)),
        (ROUND_DOWN, CENT),
    )
    for rule in _EXACT
)
_DERIVED = tuple(Rule(rule.basis, rule.price, derived=True) for rule in _EXACT)
PER_UNIT = Rule(Basis.UNIT)


def settle(rows: Sequence[Figures]) -> Rule:
    """
    Return the rule that a list follows. A rule to the cent wins if it fits half of the rows; then one rounded to the
    yuan; then, if it fits four of five, a price per ㎡ derived from the total. A list without prices per ㎡ is per home;
    when nothing fits, the total has to be 建筑面积 × 单价.
    """
    if not any(figures.unit_price is not None or figures.inner_unit_price is not None for figures in rows):
        return PER_UNIT
    for rules, share in ((_EXACT, Decimal("0.5")), (_ROUNDED, Decimal("0.6")), (_DERIVED, Decimal("0.8"))):
        best, fitting = None, Decimal(0)
        for rule in rules:
            answers = [answer for figures in rows if (answer := rule.agrees(figures)) is not None]
            if answers and sum(answers) / Decimal(len(answers)) > fitting:
                best, fitting = rule, sum(answers) / Decimal(len(answers))
        if best is not None and fitting >= share:
            return best
    return next((rule for rule in _EXACT if any(rule.factors(figures) for figures in rows)), PER_UNIT)
