"""What a change is about: the deal with its paper, its buyers, the new unit, how far filing and loan are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from guiju.customers.models import Customer
from guiju.estate.models import Unit
from guiju.kernel import ports
from guiju.kernel.calendar import local_date
from guiju.kernel.engine import Context
from guiju.ledger.models import Invoice
from guiju.ledger.queries import book_of_deal
from guiju.sales import filings
from guiju.sales.changing_forms import Kind
from guiju.sales.changing_rules import Loan, Standing
from guiju.sales.contracts import contract_of
from guiju.sales.models import ChangeApplication, Contract, Deal, DealBuyer, DealChange, Payment, Subscription
from guiju.sales.mortgages import open_loans


@dataclass
class Target:
    """The deal that a change is asked for, with what is written on it now."""

    deal: Deal
    subscription: Subscription | None
    contract: Contract | None

    @cached_property
    def buyers(self) -> list[DealBuyer]:
        """The buyers in order, with their customers."""
        return buyers_of(self.deal.pk)

    @property
    def unit(self) -> Unit:
        """The unit of the deal."""
        return self.deal.unit

    @property
    def total(self) -> Decimal:
        """The price agreed, in yuan."""
        return self.deal.total_price or Decimal(0)

    @property
    def plan(self) -> list[dict[str, Any]]:
        """The plan that holds: the contract's, before it the 认购书's."""
        if self.contract is not None:
            return list(self.contract.plan)
        return list(self.subscription.plan) if self.subscription is not None else []

    @cached_property
    def standing(self) -> Standing:
        """How far filing and loan are."""
        if self.contract is None:
            return Standing(filed=False)
        found = filings.filing_of(self.contract)
        return Standing(
            filed=filings.filed(self.contract),
            loan=loan_of(self.deal.pk),
            pre_notice=found is not None and bool(found.pre_notice_number),
        )

    def before(self) -> dict[str, Any]:
        """Return what the application calls the original terms; people by their keys only."""
        row, deal = self.subscription, self.deal
        return {
            "unit": deal.unit_id,
            "buyers": [_said(b.customer_id, b.share, b.relation, b.letter_id) for b in self.buyers],
            "payment": deal.payment,
            "bank": deal.bank,
            "list_price": str(deal.list_price or 0),
            "total_price": str(self.total),
            "down_payment": None if deal.down_payment is None else str(deal.down_payment),
            "discounts": list(row.discounts) if row is not None else [],
            "plan": self.plan,
            "deposit": None if row is None or row.deposit is None else str(row.deposit),
            "signing_due": _iso(row.signing_due_date if row is not None else None),
            "number": self.paper_number,
        }

    @property
    def paper_number(self) -> str:
        """The number of the 认购书 or contract that holds."""
        if self.contract is not None:
            return str(self.contract.number)
        return self.subscription.number if self.subscription is not None else ""

    def subscription_setting(self, name: str, default: int) -> int:
        """Return a figure of the SOP that the subscription is pinned to (延期签约)."""
        if self.subscription is None:
            return default
        policy = ports.policies().get(self.subscription.case.sop_version_id)
        return int(policy.settings.get(name, default))


def _said(customer: int, share: Decimal | None, relation: str, letter: int | None) -> dict[str, Any]:
    return {
        "customer": customer, "share": None if share is None else str(share), "relation": relation, "letter": letter,
    }  # fmt: skip


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None


def buyers_of(deal_id: int) -> list[DealBuyer]:
    """Return the buyers of a deal in order."""
    rows = DealBuyer.objects.filter(deal_id=deal_id).select_related("customer", "letter")
    return list(rows.order_by("position"))


def loan_of(deal_id: int) -> Loan:
    """Return how far the loan of a deal is; of two parts the farther one."""
    found = open_loans(deal_id)
    if any(loan.disbursed_amount > 0 for loan in found):
        return Loan.PAID_OUT
    if any(loan.approved_amount is not None for loan in found):
        return Loan.APPROVED
    return Loan.ASKED if found else Loan.NONE


def target_of(unit_id: int | None) -> Target | None:
    """Return the live deal of a unit with its paper, or None."""
    deal = (
        Deal.objects.select_related("unit__building", "unit__project")
        .filter(unit_id=unit_id or 0, live=True)
        .first()
    )
    if deal is None:
        return None
    return _target(deal)


def _target(deal: Deal) -> Target:
    row = (
        Subscription.objects.select_related("case", "unit__building", "unit__project", "deal")
        .filter(deal=deal)
        .order_by("-pk")
        .first()
    )
    return Target(deal, row, contract_of(deal.pk))


def asked_for(context: Context) -> Target | None:
    """Return the target of an act: of the unit named at the opening, afterwards of the case."""
    if "target" not in context.kept:
        unit = context.subject("unit")
        context.kept["target"] = target_of(unit) if not context.case.pk else facts_of(context).target
    found: Target | None = context.kept["target"]
    return found


def unit_called(words: str, project_id: int | None) -> Unit | None:
    """Return the unit of a project that people call so: 1-1-1502 or 1号楼 1单元 1502."""
    wanted = "".join(words.split())
    room = wanted.rsplit("单元", 1)[-1].rsplit("号楼", 1)[-1].rsplit("-", 1)[-1]
    rows = Unit.objects.select_related("building", "project").filter(project_id=project_id or 0, room=room)
    return next((unit for unit in rows if wanted in ("".join(unit.label.split()), unit.short)), None)


@dataclass
class ChangeFacts:
    """A change with its application, its deal and people, each read when first asked for."""

    row: ChangeApplication

    @property
    def change(self) -> DealChange:
        """The change of the deal."""
        return self.row.change

    @property
    def deal(self) -> Deal:
        """The deal that is changed."""
        return self.change.deal

    @property
    def kind(self) -> Kind:
        """What is changed."""
        return Kind.of(self.change.kind)

    @property
    def unit(self) -> Unit:
        """The unit of the deal."""
        return self.deal.unit

    @cached_property
    def target(self) -> Target:
        """The deal as it stands now."""
        return Target(self.deal, self.row.subscription, self.row.contract)

    @cached_property
    def new_unit(self) -> Unit | None:
        """The unit that takes the place of the old one."""
        key = self.change.after.get("unit")
        if key is None or key == self.change.before.get("unit"):
            return None
        return Unit.objects.select_related("building", "project").get(pk=key)

    @property
    def after(self) -> dict[str, Any]:
        """All terms as they will be: the original ones with what changes."""
        return {**self.change.before, **self.change.after}

    @cached_property
    def people(self) -> dict[int, str]:
        """The names of all buyers, before and after, by key, the old ones first."""
        keys = [line["customer"] for line in (*self.change.before["buyers"], *self.after["buyers"])]
        names = dict(Customer.objects.filter(pk__in=keys).values_list("pk", "name"))
        return {key: names[key] for key in keys if key in names}

    def names(self, side: Sequence[dict[str, Any]]) -> str:
        """Return the names of one side's buyers."""
        return "、".join(self.people.get(line["customer"], "") for line in side)

    @property
    def unsigned(self) -> list[str]:
        """The names of buyers, old and new, whose signature is not there yet."""
        signed = {line["customer"] for line in self.row.signers}
        return [name for key, name in self.people.items() if key not in signed]

    @property
    def buyers_after(self) -> list[int]:
        """The keys of the buyers afterwards."""
        return [line["customer"] for line in self.after["buyers"]]


def invoices_of(deal_id: int) -> list[Invoice]:
    """Return the invoices of a deal that stand (not taken back in red)."""
    book = book_of_deal(deal_id)
    if book is None:
        return []
    rows = Invoice.objects.filter(request__book=book, red_of=None, red_letter=None).select_related("request")
    return list(rows.order_by("pk"))


def load(context: Context) -> ChangeFacts:
    """Read the change of the case."""
    rows = ChangeApplication.objects.select_related(
        "change__deal__unit__building", "change__deal__unit__project__company", "change__case", "subscription__case",
        "subscription__unit__building", "subscription__deal", "contract__deal", "new_deal__unit__building",
    )  # fmt: skip
    return ChangeFacts(rows.get(case_id=context.case.pk))


def facts_of(context: Context) -> ChangeFacts:
    """Return the facts of the context's case."""
    facts = context.facts
    assert isinstance(facts, ChangeFacts)
    return facts


def day_of(context: Context) -> date:
    """Return the day of the act in the office's zone."""
    return local_date(context.at)


def deal_chain(target: Target) -> list[int]:
    """Return the keys of a deal and those it came from by 换房 or a 认购书 issued anew: they count as one purchase."""
    found, row = [target.deal.pk], target.subscription
    while row is not None and row.replaces_id is not None:
        row = Subscription.objects.get(pk=row.replaces_id)
        if row.deal_id is not None:
            found.append(row.deal_id)
    return found


def executed(deals: Iterable[int], kind: Kind) -> int:
    """Return how many changes of a kind were executed on these deals."""
    return DealChange.objects.filter(
        deal_id__in=list(deals), kind=kind.value, executed_at__isnull=False
    ).count()


def pays_by_loan(payment: str) -> bool:
    """Whether a payment method has a loan in it."""
    return bool(payment) and Payment(payment).needs_bank
