"""
Taxes of a purchase and of a referral's reward, as rules with the day from which they hold (domain 0, 1.12). Yuan, percent.

Deed tax: 契税法 3 to 10; 财政部 税务总局 住房城乡建设部公告 2024 年第 16 号. Reward: 税务总局公告 2018 年第 61 号 (labour income,
withheld by who pays); 税务总局公告 2026 年第 19 号 (VAT of natural persons, withheld from 2026-11-01).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from guiju.kernel.money import ZERO, half_up

HUNDRED: Final = Decimal(100)
PROVINCE_RATE: Final = Decimal(3)
ONE, TWO, MORE = 1, 2, 3


@dataclass(frozen=True)
class DeedRule:
    """From a day on: up to ``line`` ㎡ (included) the first rate, above it the second, by which home of the family it is."""

    from_date: date
    line: Decimal
    rates: Mapping[int, tuple[Decimal, Decimal]]
    basis: str


DEED_RULES: Final = (
    DeedRule(
        date(2016, 2, 22), Decimal(90), {ONE: (Decimal("1"), Decimal("1.5")), TWO: (Decimal("1"), Decimal("2"))},
        "财税〔2016〕23 号",
    ),
    DeedRule(
        date(2024, 12, 1), Decimal(140), {ONE: (Decimal("1"), Decimal("1.5")), TWO: (Decimal("1"), Decimal("2"))},
        "公告 2024 年第 16 号",
    ),
)  # fmt: skip


@dataclass(frozen=True)
class DeedTax:
    """Rate in percent, tax in yuan, and by which rule."""

    rate: Decimal
    amount: Decimal
    basis: str


def deed_rule(on: date) -> DeedRule:
    """
    Return the rule that holds on a day.

    :raises ValueError: it lies before the first rule known here.
    """
    found = [rule for rule in DEED_RULES if rule.from_date <= on]
    if not found:
        raise ValueError(f"{on} 以前的契税规定没有收录")
    return found[-1]


def deed_tax(
    price: Decimal, *, area: Decimal, homes: int, on: date, individual: bool = True, dwelling: bool = True,
    province_rate: Decimal = PROVINCE_RATE,
) -> DeedTax:  # fmt: skip
    """
    Return the deed tax on a price without VAT, in yuan.

    ``homes``: the how many-th home of the family this is. A third one, a company's, or a shop bears the province's rate.
    """
    rule = deed_rule(on)
    if individual and dwelling and homes in rule.rates:
        rate, basis = rule.rates[homes][area > rule.line], rule.basis
    else:
        rate, basis = province_rate, "契税法第三条，省定税率"
    return DeedTax(rate, half_up(price * rate / HUNDRED), basis)


# --- reward of a referral --------------------------------------------------------------------------------------------
VAT_WITHHELD_FROM: Final = date(2026, 11, 1)
_FREE: Final = Decimal(800)
_SMALL: Final = Decimal(4000)
# Taxable labour income in yuan up to, rate in percent, quick deduction in yuan (税务总局公告 2018 年第 61 号).
_LADDER: Final = (
    (Decimal(20000), Decimal(20), Decimal(0)), (Decimal(50000), Decimal(30), Decimal(2000)),
    (None, Decimal(40), Decimal(7000)),
)  # fmt: skip


@dataclass(frozen=True)
class RewardTax:
    """What is withheld of a reward, in yuan, and what the referrer gets. ``vat_checked``: the law asks for the check."""

    vat: Decimal
    income_tax: Decimal
    net: Decimal
    vat_checked: bool


def vat_to_check(on: date) -> bool:
    """Return whether on this day the payer has to check, and withhold, the VAT of a natural person."""
    return on >= VAT_WITHHELD_FROM


def reward_tax(reward: Decimal, *, on: date, vat_rate: Decimal, vat_threshold: Decimal) -> RewardTax:
    """
    Return what is withheld of a reward paid to a natural person. ``vat_rate`` (percent) and ``vat_threshold`` (yuan each
    time) are the house's settings: the announcements leave them to further rules.
    """
    checked = vat_to_check(on)
    vat = half_up(reward * vat_rate / (HUNDRED + vat_rate)) if checked and reward > vat_threshold else ZERO
    income = reward - vat
    if income <= _FREE:
        taxable = ZERO
    else:
        taxable = income - _FREE if income <= _SMALL else income * Decimal("0.8")
    rate, quick = next((rate, quick) for most, rate, quick in _LADDER if most is None or taxable <= most)
    tax = half_up(taxable * rate / HUNDRED - quick) if taxable else ZERO
    return RewardTax(vat, tax, reward - vat - tax, checked)
