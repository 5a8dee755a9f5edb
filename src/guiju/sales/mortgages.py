"""
What others ask about loans: which are open on a deal, what ends them, and what is not paid out though approved.

A deal with a loan paid out ends bank first (民法典 566; 商品房买卖合同解释 20): ask ``open_loans``, take the bank's figure by
the step ``record_payoff``, pay the bank, take ``paid_off`` nested; only then does ``cancel`` go through.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from guiju.kernel.money import ZERO
from guiju.sales.models import Mortgage


def loans_of(deal_id: int) -> list[Mortgage]:
    """Return the loan parts of a deal that were not cancelled, commercial before fund."""
    return list(
        Mortgage.objects.filter(deal_id=deal_id, live=True).select_related("case").order_by("part", "pk")
    )


def open_loans(deal_id: int) -> list[Mortgage]:
    """Return the loan parts that bind somebody: not cancelled, and if paid out, not yet paid off."""
    return [loan for loan in loans_of(deal_id) if loan.paid_off_at is None]


@dataclass(frozen=True)
class Payoff:
    """What a bank wants on a day to end a loan, in yuan; ``amount`` None: its figure is still to be asked for."""

    mortgage: Mortgage
    bank: str
    paid_out: Decimal
    amount: Decimal | None
    on_date: date | None


def payoffs(deal_id: int) -> list[Payoff]:
    """Return what banks are to be paid before the buyer gets anything back: one row per loan paid out and not ended."""
    return [
        Payoff(loan, loan.bank, loan.disbursed_amount, loan.payoff_amount, loan.payoff_date)
        for loan in open_loans(deal_id)
        if loan.disbursed_amount > ZERO
    ]


def loan_total(deal_id: int) -> Decimal:
    """Return the money asked of banks and fund for a deal, in yuan."""
    return sum((loan.amount for loan in loans_of(deal_id)), ZERO)
