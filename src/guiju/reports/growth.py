"""What keeps the company going, by the year: sales to customers who bought before, and to those whom customers referred (H-1-d)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from guiju.kernel.numbering import ZONE
from guiju.reports.kpi import SHARE, Figure, Place
from guiju.sales.models import Deal, DealBuyer, Referral

BY_WORD = Q(customer__source__startswith="老业主推荐") | Q(customer__source__startswith="推荐")
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
    named = Exists(Referral.objects.filter(deal=OuterRef("pk"), confirmed_at__isnull=False)) | Exists(
        DealBuyer.objects.filter(BY_WORD, deal=OuterRef("pk"))
    )
    (deals, amount), (again, again_amount), (referred, referred_amount) = (
        _added(rows) for rows in (sold, sold.filter(Exists(before)), sold.filter(named))
    )
    return YearOfSales(
        year, deals, amount, Figure(SHARE, again, deals), again_amount, Figure(SHARE, referred, deals),
        referred_amount,
    )  # fmt: skip


def _added(deals: QuerySet[Deal, Deal]) -> tuple[int, Decimal]:
    """Return how many deals there are, and their amounts in yuan."""
    found = deals.aggregate(number=Count("pk"), amount=Sum("total_price"))
    return found["number"], found["amount"] or Decimal(0)
