"""What keeps the company going, by the year: sales to customers who bought before, and to those whom customers referred (H-1-d)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q

from guiju.kernel.numbering import ZONE
from guiju.reports.kpi import SHARE, Figure, Place
from guiju.sales.models import Deal, DealBuyer, Referral

BY_WORD = Q(buyers__customer__source__startswith="老业主推荐") | Q(
    buyers__customer__source__startswith="推荐"
)
"""What registers of the past say of a buyer whom an owner referred."""


@dataclass(frozen=True)
class YearOfSales:
    """
    The sales of a calendar year in China's time: deals that began in it and stand. A deal of a customer who bought before
    and was referred as well counts in both columns. Amounts in yuan.
    """

    year: int
    deals: int
    amount: Decimal
    repeat: Figure
    repeat_amount: Decimal
    referred: Figure
    referred_amount: Decimal


def years(place: Place, today: datetime, count: int = 3) -> list[YearOfSales]:
    """Return the sales of the last calendar years up to that of a moment, oldest first."""
    this = today.astimezone(ZONE).year
    return [year_of(place, year) for year in range(this - count + 1, this + 1)]


def year_of(place: Place, year: int) -> YearOfSales:
    """Return the sales of a year with the shares of repeat customers and of referrals."""
    begin, end = (datetime(one, 1, 1, tzinfo=ZONE) for one in (year, year + 1))
    sold = Deal.objects.filter(
        place.projects("project__company_id", "project_id"),
        live=True,
        opened_at__gte=begin,
        opened_at__lt=end,
    )
    before = DealBuyer.objects.filter(
        customer__purchases__deal=OuterRef("pk"), deal__opened_at__lt=OuterRef("opened_at")
    ).exclude(deal=OuterRef("pk"))
    rows = dict(sold.values_list("pk", "total_price"))
    again = set(sold.filter(Exists(before)).values_list("pk", flat=True))
    referred = set(
        Referral.objects.filter(deal__in=sold, confirmed_at__isnull=False).values_list("deal_id", flat=True)
    )
    referred |= set(sold.filter(BY_WORD).values_list("pk", flat=True))
    found: Sequence[Iterable[int]] = (rows, again, referred)
    amounts = [sum((rows[key] or Decimal(0) for key in keys), Decimal(0)) for keys in found]
    return YearOfSales(
        year, len(rows), amounts[0], Figure(SHARE, len(again), len(rows)), amounts[1],
        Figure(SHARE, len(referred), len(rows)), amounts[2],
    )  # fmt: skip
