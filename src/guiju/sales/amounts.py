"""Which amounts of sales stand outside the books: `guiju audit verify` names each that was changed by no step."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import models

from guiju.kernel import figures
from guiju.sales.models import Contract, Deal, Mortgage

PRICES = ("list_price", "unit_price", "total_price", "down_payment")
LOAN = ("amount", "approved_amount", "disbursed_amount", "payoff_amount")
PROCESSES = ("subscription", "subscription_change", "contract_change", "signing", "mortgage")


@figures.watched.answered_by
def watched() -> Iterator[tuple[type[models.Model], tuple[str, ...], tuple[str, ...]]]:
    """Prices of deals and contracts, amounts of loans."""
    yield Deal, PRICES, PROCESSES
    yield Contract, ("total_price", "unit_price"), PROCESSES
    yield Mortgage, LOAN, PROCESSES
