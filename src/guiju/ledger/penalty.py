"""
Penalty for late payment (违约金; GF 8, domain 1.4): overdue amount × daily rate × days, from the day after the due
day to the day of payment, both counted. Rounded half-up once per printed line; the total is the sum of the lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from guiju.kernel.money import ZERO, half_up

MILLION = Decimal(1_000_000)


@dataclass(frozen=True)
class Line:
    """One line of a penalty sheet: so much was overdue for so many days."""

    since: date
    until: date
    overdue: Decimal
    days: int
    amount: Decimal


def of(overdue: Decimal, *, millionths: int, days: int) -> Decimal:
    """Return the penalty in yuan: 300,000 × 0.0002 × 20 days is 1,200.00."""
    return half_up(overdue * millionths / MILLION * days)


def sheet(
    *, owed: Decimal, due: date, payments: Sequence[tuple[date, Decimal]], until: date, millionths: int
) -> list[Line]:
    """
    Return the lines for a receivable of ``owed`` yuan due on ``due``: one for each stretch in which the same amount was
    overdue. A payment ends its stretch on its day; payments up to the due day were in time.
    """
    left = owed - sum((amount for on, amount in payments if on <= due), ZERO)
    later = sorted((on, amount) for on, amount in payments if due < on <= until)
    lines, start = [], due
    for on, amount in [*later, (until, ZERO)]:
        days = (on - start).days
        if left > 0 and days > 0:
            lines.append(Line(start, on, left, days, of(left, millionths=millionths, days=days)))
        left -= amount
        start = on
    return lines
