"""The facts of a subscription case, read once per act."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import QuerySet

from guiju.estate.models import Unit
from guiju.kernel.engine import Context
from guiju.kernel.prepared import prepared
from guiju.ledger.queries import balance
from guiju.sales.models import BuyerPaper, Deal, DealBuyer, Subscription


@dataclass
class SubscriptionFacts:
    """A subscription with its unit, deal, buyers, papers and money, each read when first asked for."""

    row: Subscription
    _extra: dict[str, Any] = field(default_factory=dict)

    @property
    def unit(self) -> Unit:
        """The unit subscribed."""
        return self.row.unit

    @property
    def deal(self) -> Deal | None:
        """The deal, from the moment the 认购书 is handed in."""
        return self.row.deal

    @cached_property
    def buyers(self) -> list[Any]:
        """The buyers in order, with their customers."""
        if self.row.deal_id is None:
            return []
        return _buyers(self.row.deal_id)

    @property
    def buyer_names(self) -> list[str]:
        """The buyers' names in order."""
        return [buyer.customer.name for buyer in self.buyers]

    @property
    def deceased(self) -> list[str]:
        """The names of buyers known to have died."""
        return [buyer.customer.name for buyer in self.buyers if buyer.customer.deceased_date is not None]

    @cached_property
    def cases(self) -> list[int]:
        """This case and those whose 认购书 it replaced: their receipts count."""
        found, row = [self.row.case_id], self.row
        while row.replaces_id is not None:
            row = Subscription.objects.get(pk=row.replaces_id)
            found.append(row.case_id)
        return found

    @cached_property
    def received(self) -> Decimal:
        """The money booked and not reversed, in yuan."""
        return balance(self.cases)

    @cached_property
    def papers(self) -> list[BuyerPaper]:
        """The papers to be had from the buyers."""
        return _papers(self.row.pk)

    @property
    def identity_missing(self) -> list[BuyerPaper]:
        """Identity papers not yet collected."""
        return [
            p for p in self.papers if p.kind == BuyerPaper.IDENTITY and p.needed and p.received_at is None
        ]

    @property
    def residence_missing(self) -> list[BuyerPaper]:
        """Residence permits not yet provided."""
        return [
            p for p in self.papers if p.kind == BuyerPaper.RESIDENCE and p.needed and p.received_at is None
        ]

    @property
    def sold_by_id(self) -> int | None:
        """Who sold."""
        return self.row.sold_by_id

    @property
    def director_id(self) -> int | None:
        """The director who signed."""
        return self.row.director_id

    @property
    def deposit(self) -> Decimal | None:
        """The deposit agreed, in yuan."""
        deposit: Decimal | None = self.row.deposit
        return deposit

    @property
    def price(self) -> Decimal:
        """The price agreed, in yuan; before the new 认购书 is signed, that of the one it replaces."""
        row: Subscription | None = self.row
        while row is not None:
            if row.deal is not None and row.deal.total_price is not None:
                total: Decimal = row.deal.total_price
                return total
            row = row.replaces
        return Decimal(0)

    @property
    def discounts(self) -> list[dict[str, str]]:
        """The printed discount lines."""
        return list(self.row.discounts)

    @property
    def deposit_confirmed_at(self) -> datetime | None:
        """When the cashier confirmed the deposit."""
        return self.row.deposit_confirmed_at

    @property
    def deposit_confirmed_by(self) -> int | None:
        """The cashier who confirmed the deposit."""
        return self.row.deposit_confirmed_by

    @property
    def signing_due_date(self) -> date | None:
        """The signing deadline."""
        return self.row.signing_due_date

    @property
    def extensions(self) -> int:
        """How often the deadline was extended."""
        return self.row.extensions

    @property
    def notice_delivered_at(self) -> datetime | None:
        """When the notice was delivered."""
        return self.row.notice_delivered_at


def load(context: Context) -> SubscriptionFacts:
    """Read the subscription of the case."""
    row = _subscription.one(context.case.pk)
    if row is None:
        raise Subscription.DoesNotExist
    return SubscriptionFacts(row)


@prepared
def _subscription(case_id: int) -> QuerySet[Subscription, Subscription]:
    rows = Subscription.objects.filter(case_id=case_id)
    return rows.select_related("unit__building", "unit__project", "deal")


@prepared
def _buyers(deal_id: int) -> QuerySet[DealBuyer, DealBuyer]:
    return DealBuyer.objects.filter(deal_id=deal_id).select_related("customer").order_by("position")


@prepared
def _papers(subscription_id: int) -> QuerySet[BuyerPaper, BuyerPaper]:
    # Whose paper it is says the name; what is encrypted is read by who asks for it.
    rows = BuyerPaper.objects.filter(subscription_id=subscription_id).select_related("customer")
    return rows.defer("customer__identity_number", "customer__phone", "customer__address").order_by("id")


def facts_of(context: Context) -> SubscriptionFacts:
    """Return the facts of the context's case."""
    facts = context.facts
    assert isinstance(facts, SubscriptionFacts)
    return facts
