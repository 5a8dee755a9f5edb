"""
How little may be paid down, and how far the price may lie from the filed one. What law and banks ask is hard; a company
may ask for more in the SOP of the subscription, by city and date (domain 1.1, 1.11).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from guiju.estate.models import Unit
from guiju.kernel import ports
from guiju.kernel.engine import Context
from guiju.kernel.money import half_up, money
from guiju.sales.models import Payment

# The least share that is paid down where a loan is taken, in percent: dwellings since 2024-05, commercial property.
DWELLING: Final = Decimal(15)
COMMERCIAL: Final = Decimal(30)
HUNDRED: Final = Decimal(100)


def settings_now(context: Context) -> Mapping[str, Any]:
    """Return the settings of the subscription's SOP that hold where and when an act of another process happens."""
    policy = ports.policies().current(
        "subscription", company_id=context.case.chain_id, project_id=context.case.scope_id, at=context.at
    )
    return policy.settings


def least_down(unit: Unit, payment: Payment, settings: Mapping[str, Any]) -> Decimal:
    """Return the least share of the price that is paid down, in percent; 0 where all of it is due anyhow."""
    if payment is Payment.INSTALMENTS:
        return Decimal(str(settings.get("first_instalment_percent", 0)))
    if not payment.needs_bank:
        return Decimal(0)
    dwelling = unit.kind == "dwelling"
    asked = settings.get("down_payment_percent" if dwelling else "down_payment_percent_commercial", 0)
    return max(DWELLING if dwelling else COMMERCIAL, Decimal(str(asked)))


def down_problem(
    unit: Unit, payment: Payment, *, total: Decimal, down: Decimal | None, settings: Mapping[str, Any]
) -> str | None:
    """Return why so much down is too little, or None."""
    percent = least_down(unit, payment, settings)
    if down is None or not percent:
        return None
    least = half_up(total * percent / HUNDRED)
    if down >= least:
        return None
    name = "首期款" if payment is Payment.INSTALMENTS else "首付款"
    return f"{name}不能少于总价的 {percent.normalize():f}%，即 {money(least)}，所填 {money(down)}"


def price_problem(list_price: Decimal, total: Decimal, settings: Mapping[str, Any]) -> str | None:
    """Return why a price lies outside of what was filed (一房一价), or None: never above it, so far below as the city says."""
    if total > list_price:
        return f"成交总价 {money(total)} 高于备案的一房一价 {money(list_price)}，不能加价出售"
    percent = Decimal(str(settings.get("price_band_percent", 0)))
    floor = half_up(list_price * (HUNDRED - percent) / HUNDRED)
    if percent and total < floor:
        return (
            f"成交总价 {money(total)} 比备案的一房一价低 {percent.normalize():f}% 以上，"
            f"本市最低 {money(floor)}，请先变更备案价"
        )
    return None
