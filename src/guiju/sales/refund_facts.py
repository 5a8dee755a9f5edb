"""The facts of a refund case: the deal with its buyers, the money paid, what ends the loans, the checklist."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any, Final

from guiju.kernel.calendar import local_date
from guiju.kernel.engine import Context
from guiju.kernel.money import ZERO, half_up
from guiju.ledger.models import Book, Payout, Receipt, Refund
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
from guiju.sales.refund_sheet import Inputs, Paid, ReasonClass, Sheet, calculate, late_in_parts, late_interest

KEPT: Final = "退房扣款"
FORFEITED: Final = "没收定金"


@dataclass(frozen=True)
class Part:
    """A payment as it went out: to whom, under which voucher, on which day, how much, in yuan; who booked and who checked it."""

    payee: str
    bank: bool
    voucher: str
    on: date
    amount: Decimal
    booked_by: str
    checked_by: str

    def with_more(self, other: Part) -> Part:
        """Return this payment with another row of the books that belongs to it."""
        checked = self.checked_by if other.checked_by else ""
        return replace(self, amount=self.amount + other.amount, checked_by=checked)


@dataclass(frozen=True)
class Due:
    """What a payee is to get now, in yuan: of the sum approved, and interest for being late."""

    payee: ReturnPayee
    principal: Decimal
    late: Decimal

    @property
    def amount(self) -> Decimal:
        """Both together."""
        return self.principal + self.late


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
            Receipt.objects.filter(book=self.book, reverses=None, reversal=None)
            .select_related("check_row", "moved_from")
            .order_by("received_at", "id")
        )

    @cached_property
    def paid(self) -> list[Paid]:
        """What buyers and banks paid, without what was collected for others; for money only, what lies free of it."""
        free = free_by_receipt(self.receipts)
        mine: dict[int, Decimal] = {}
        others: dict[int, Decimal] = {}
        for refund in Refund.objects.filter(receipt__in=[row.pk for row in self.receipts]):
            side = mine if refund.case_id == self.row.case_id else others
            side[refund.receipt_id] = side.get(refund.receipt_id, ZERO) + refund.amount
        found = []
        for row in self.receipts:
            if row.purpose == "pass_through":
                continue
            # What this case has paid back is still what it is about; what others paid back is gone.
            left = row.amount - others.get(row.pk, ZERO)
            amount = left if self.room else free.get(row.pk, ZERO) + mine.get(row.pk, ZERO)
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
    def parts(self) -> list[Part]:
        """What was paid and did not come back, payment by payment, oldest first."""
        if not self.row.case_id:
            return []
        mine = {"case_id": self.row.case_id, "reverses": None, "reversal": None}
        rows: list[Refund | Payout] = [
            *Refund.objects.filter(**mine)
            .select_related("check_row__checked_by", "booked_by")
            .order_by("id"),
            *Payout.objects.filter(**mine)
            .select_related("check_row__checked_by", "booked_by")
            .order_by("id"),
        ]
        found: dict[tuple[str, bool, str], Part] = {}
        for row in rows:
            bank = isinstance(row, Refund) and row.payee_kind == "bank"
            checked = row.check_row.checked_by.name if hasattr(row, "check_row") else ""
            part = Part(
                row.payee, bank, row.voucher, local_date(row.paid_at), row.amount, row.booked_by.name, checked
            )
            before = found.get((row.payee, bank, row.voucher))
            found[row.payee, bank, row.voucher] = part if before is None else before.with_more(part)
        return sorted(found.values(), key=lambda one: (one.on, not one.bank))

    def open_of(self, payee: ReturnPayee) -> Decimal:
        """What a payee has not got yet of the sum approved, in yuan, interest for being late apart."""
        if payee.paid_date is not None:
            return ZERO
        had = [
            one.amount for one in self.parts if one.payee == payee.name and one.bank == (payee.kind == "bank")
        ]
        left: Decimal = payee.amount + payee.late - sum(had, ZERO)
        return left

    def due_now(self, on: date, *, rate: Decimal) -> list[Due]:
        """What each payee who is not paid gets on a day, with the part of the interest for being late; the last takes the cents."""
        late = self.late(on, rate=rate)
        everybody = [one for one in self.payees if one.kind != "bank" and one.amount > 0]
        total, left, found = sum((one.amount for one in everybody), ZERO), late, []
        for place, one in enumerate(everybody, 1):
            part = left if place == len(everybody) else half_up(late * one.amount / total)
            left -= part
            if one.paid_date is None:
                found.append(Due(one, self.open_of(one), max(ZERO, part - one.late)))
        return found

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
        late = {(one.name, one.voucher): one.late for one in self.payees}
        parts = [(one.on, one.amount - late.get((one.payee, one.voucher), ZERO)) for one in self.parts]
        return late_in_parts(row.payable, parts, paid_on, lambda on: self._late_for_all(on, rate=rate))

    def _late_for_all(self, paid_on: date, *, rate: Decimal) -> Decimal:
        """What would be owed beside the approved sum if all of it was paid on that day."""
        row = self.row
        assert row.payable is not None
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
