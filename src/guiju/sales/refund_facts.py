"""The facts of a refund case: the deal with its buyers, the money paid, what ends the loans, the checklist."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any, Final

from guiju.kernel.calendar import local_date
from guiju.kernel.engine import Context
from guiju.kernel.money import ZERO
from guiju.ledger.models import Book, Receipt, Refund
from guiju.ledger.queries import book_of_deal, free_by_receipt, receivables_of
from guiju.sales.contracts import contract_of
from guiju.sales.models import (
    Contract,
    Deal,
    DealBuyer,
    Filing,
    ReturnPayee,
    ReturnRelease,
    RoomReturn,
    Subscription,
)
from guiju.sales.mortgages import payoffs
from guiju.sales.refund_sheet import Inputs, Paid, ReasonClass, Sheet, calculate, late_interest

KEPT: Final = "退房扣款"
FORFEITED: Final = "没收定金"


@dataclass
class RefundFacts:
    """A refund as it stands, each part read when first asked for."""

    row: RoomReturn

    @property
    def deal(self) -> Deal:
        """The deal that ends, or has ended."""
        return self.row.deal

    @property
    def room(self) -> bool:
        """Whether the home comes back, not only money."""
        return self.row.kind == RoomReturn.ROOM

    @property
    def signed(self) -> bool:
        """Whether a contract was signed."""
        return self.row.stage not in (RoomReturn.SUBSCRIBED, RoomReturn.ENDED)

    @property
    def reason(self) -> ReasonClass:
        """The reason class."""
        return next(one for one in ReasonClass if one.value == self.row.reason)

    @cached_property
    def buyers(self) -> list[DealBuyer]:
        """The buyers in order, with their customers."""
        rows = DealBuyer.objects.filter(deal_id=self.row.deal_id).select_related("customer")
        return list(rows.order_by("position"))

    @property
    def deceased(self) -> list[str]:
        """The names of buyers known to have died."""
        return [one.customer.name for one in self.buyers if one.customer.deceased_date is not None]

    @cached_property
    def contract(self) -> Contract | None:
        """The live contract."""
        return contract_of(self.row.deal_id)

    @cached_property
    def terms(self) -> Mapping[str, Any]:
        """The terms of the contract."""
        return dict(self.contract.terms) if self.contract is not None else {}

    @cached_property
    def book(self) -> Book | None:
        """The book of the purchase."""
        return book_of_deal(self.row.deal_id)

    @cached_property
    def receipts(self) -> list[Receipt]:
        """The receipts that stand, oldest first."""
        if self.book is None:
            return []
        return list(
            Receipt.objects.filter(book=self.book, reverses=None, reversal=None).order_by("received_at", "id")
        )

    @cached_property
    def paid(self) -> list[Paid]:
        """What buyers and banks paid, without what was collected for others; for money only, what lies free of it."""
        free = free_by_receipt(self.receipts)
        found = []
        for row in self.receipts:
            if row.purpose == "pass_through":
                continue
            amount = row.amount if self.room else free.get(row.pk, ZERO)
            if amount:
                found.append(
                    Paid(local_date(row.received_at), amount, row.method == "loan", row.payer, row.number)
                )
        return found

    @property
    def own_by_payer(self) -> dict[str, Decimal]:
        """What each original payer paid of the buyers' own money."""
        found: dict[str, Decimal] = {}
        for row in self.paid:
            if not row.loan:
                found[row.payer] = found.get(row.payer, ZERO) + row.amount
        return found

    @property
    def loaned(self) -> Decimal:
        """The loan money that came."""
        return sum((row.amount for row in self.paid if row.loan), ZERO)

    @cached_property
    def bank_paid(self) -> Decimal:
        """What the banks got back."""
        rows = Refund.objects.filter(case_id=self.row.case_id, payee_kind="bank").values_list(
            "amount", flat=True
        )
        return sum(rows, ZERO)

    @cached_property
    def decision(self) -> Mapping[str, Any]:
        """
        What the deposit table said when the subscription ended (cause, forfeited, refund, interest); nothing of a home
        that comes back, and nothing once a refund of this deal was paid.
        """
        if (
            self.room
            or RoomReturn.objects.filter(deal_id=self.row.deal_id, paid_at__isnull=False)
            .exclude(pk=self.row.pk)
            .exists()
        ):
            return {}
        row = Subscription.objects.filter(deal_id=self.row.deal_id).order_by("-pk").first()
        after = Subscription.objects.filter(replaces=row, deal=None).first() if row is not None else None
        found = after if after is not None else row
        return dict(found.outcome) if found is not None else {}

    @cached_property
    def payoffs(self) -> list[Any]:
        """What banks want by the mortgage cases."""
        return payoffs(self.row.deal_id)

    @cached_property
    def payees(self) -> list[ReturnPayee]:
        """Who is paid, in order."""
        return list(self.row.payees.order_by("position")) if self.row.pk else []

    @cached_property
    def releases(self) -> list[ReturnRelease]:
        """The checklist in order."""
        return list(self.row.releases.order_by("position")) if self.row.pk else []

    @property
    def unreleased(self) -> list[ReturnRelease]:
        """What of the checklist is open."""
        return [one for one in self.releases if one.needed and one.done_at is None]

    def open_filing(self) -> Filing | None:
        """A filing of the deal's contracts that is not withdrawn."""
        rows = Filing.objects.filter(deal_id=self.row.deal_id, filed_at__isnull=False, withdrawn_at=None)
        return rows.select_related("case").first()

    def accumulated_due(self, on: date) -> Decimal:
        """What fell due up to a day (GF 8: 累计应付款), in yuan."""
        if self.book is None:
            return ZERO
        lines = receivables_of(self.book.pk)
        return sum(
            (one.amount for one in lines if one.due_date is not None and one.due_date <= on and not one.receivable.pass_through),
            ZERO,
        )  # fmt: skip

    def inputs(self, until: date) -> Inputs:
        """The inputs of the sheet that is stored, for another day of payment."""
        kept = self.row.inputs
        money = {name: Decimal(str(kept[name])) for name in MONEY if name in kept}
        return Inputs(
            reason=self.reason, signed=self.signed, price=self.deal.total_price or ZERO, until=until,
            rate=self.row.rate or ZERO, day_count=self.row.day_count, **money,
        )  # fmt: skip

    def sheet_until(self, until: date) -> Sheet:
        """The sheet if it were paid on that day."""
        return calculate(self.paid, self.inputs(until))

    def late(self, paid_on: date, *, rate: Decimal) -> Decimal:
        """What is owed beside the approved sum for paying on that day, in yuan; ``rate`` where the sheet bears none."""
        row = self.row
        if row.payable is None:
            return ZERO
        until = row.until_date
        if until is not None and paid_on > until and any(line["kind"] == "interest" for line in row.sheet):
            more = self.sheet_until(paid_on).added - self.sheet_until(until).added
            return max(more, ZERO)
        if row.due_date is None or paid_on <= row.due_date:
            return ZERO
        return late_interest(
            row.payable, due=row.due_date, paid_on=paid_on, rate=rate, day_count=row.day_count
        )

    def lateness(self, on: date) -> int:
        """How many days the term is over."""
        return max(0, (on - self.row.due_date).days) if self.row.due_date is not None else 0


MONEY: Final = (
    "penalty_percent", "accumulated_due", "fee", "restoration", "works", "property_fee", "pass_through",
)  # fmt: skip
ONE_DAY: Final = timedelta(days=1)


def load(context: Context) -> RefundFacts | None:
    """Read the refund of the case; None while it is being opened."""
    rows = RoomReturn.objects.select_related("deal__unit__building", "deal__unit__project__company")
    row = rows.filter(case_id=context.case.pk or 0).first()
    return RefundFacts(row) if row is not None else None


def facts_of(context: Context) -> RefundFacts:
    """Return the facts of the context's case."""
    facts = context.facts
    assert isinstance(facts, RefundFacts)
    return facts
