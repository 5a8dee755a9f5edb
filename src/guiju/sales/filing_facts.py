"""The facts of an approval and of a filing: the contract with its deal, unit and buyers, each read when first asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import QuerySet

from guiju.estate.models import Permit, Unit
from guiju.kernel.engine import Context
from guiju.kernel.models import ApprovalRequest, Vote
from guiju.kernel.prepared import prepared
from guiju.ledger.queries import book_of_deal, receivables_of
from guiju.sales import pricing
from guiju.sales.models import Contract, ContractApproval, Deal, DealBuyer, Filing
from guiju.sales.regimes import Regime, regime_of


@dataclass
class ContractFacts:
    """What is known of the contract that a case is about."""

    contract: Contract

    @property
    def deal(self) -> Deal:
        """The deal of the contract."""
        return self.contract.deal

    @property
    def unit(self) -> Unit:
        """The unit sold."""
        return self.contract.deal.unit

    @cached_property
    def buyers(self) -> list[DealBuyer]:
        """The buyers in order, with their customers."""
        rows = DealBuyer.objects.filter(deal_id=self.contract.deal_id).select_related("customer", "letter")
        return list(rows.order_by("position"))

    @cached_property
    def permits(self) -> list[Permit]:
        """The presale permits that cover the building, newest first."""
        rows = Permit.objects.filter(kind="presale", buildings=self.unit.building_id)
        return list(rows.order_by("-issued_date", "-pk"))

    @cached_property
    def paid(self) -> Decimal:
        """What is paid on the deal's book so far, in yuan."""
        book = book_of_deal(self.contract.deal_id)
        return (
            sum((line.paid for line in receivables_of(book.pk)), Decimal(0))
            if book is not None
            else Decimal(0)
        )

    @property
    def regime(self) -> Regime:
        """The rules by which the unit was sold."""
        return regime_of(self.unit, self.contract.signed_date)

    @property
    def discount_percent(self) -> Decimal:
        """How far the contract is under the price tag, in percent."""
        return pricing.discount_percent(self.deal.list_price or Decimal(0), self.contract.total_price)


@dataclass
class ApprovalFacts(ContractFacts):
    """An approval with its contract."""

    row: ContractApproval

    @property
    def opinions(self) -> list[dict[str, Any]]:
        """The lawyer's opinion and the votes so far, with the post first asked for each seat."""
        legal = [line for line in self.row.opinions if line.get("post") == "legal"]
        return [*legal, *votes_of(self.row.case_id)]


def votes_of(case_id: int) -> list[dict[str, Any]]:
    """Return the votes of the request made last, in its present round: post, person, opinion, when, on paper or not."""
    request = ApprovalRequest.objects.filter(case_id=case_id, step="submit").order_by("-pk").first()
    if request is None or request.state in (ApprovalRequest.WITHDRAWN, ApprovalRequest.REFUSED):
        return []
    asked = {seat["seat"]: seat.get("asked", seat["post"]) for seat in request.chain}
    return [
        {
            "post": vote.post, "asked": asked.get(vote.seat, vote.post), "person": vote.person_id,
            "opinion": vote.reason or "同意", "at": vote.voted_at.isoformat(), "on_paper": bool(vote.paper_sha256),
        }
        for vote in request.votes.filter(round=request.round, decision=Vote.YES).order_by("seat")
    ]  # fmt: skip


@dataclass
class FilingFacts(ContractFacts):
    """A filing with its contract."""

    row: Filing

    @property
    def signed_date(self) -> date:
        """The day of signing, from which the 30 days run."""
        found: date = self.row.signed_date
        return found


def _of_deal(context: Context) -> Contract | None:
    deal_id = context.subject("deal")
    if deal_id is not None:
        return _contract.one(deal_id)
    unit_id = context.subject("unit")
    return _contract_of_unit.one(unit_id) if unit_id is not None else None


@prepared
def _contract(deal_id: int) -> QuerySet[Contract, Contract]:
    return _whole(Contract.objects.filter(deal_id=deal_id, live=True))


@prepared
def _contract_of_unit(unit_id: int) -> QuerySet[Contract, Contract]:
    return _whole(Contract.objects.filter(deal__unit_id=unit_id, deal__live=True, live=True))


def _whole(rows: QuerySet[Contract, Contract]) -> QuerySet[Contract, Contract]:
    return rows.select_related("deal__unit__building", "deal__unit__project", "deal__project")


@prepared
def _approval(case_id: int) -> QuerySet[ContractApproval, ContractApproval]:
    rows = ContractApproval.objects.filter(case_id=case_id)
    return rows.select_related("contract__deal__unit__building", "contract__deal__unit__project")


@prepared
def _filing(case_id: int) -> QuerySet[Filing, Filing]:
    rows = Filing.objects.filter(case_id=case_id)
    return rows.select_related("contract__deal__unit__building", "contract__deal__unit__project")


def load_approval(context: Context) -> ApprovalFacts | ContractFacts | None:
    """Read the approval of the case; before it is opened, the contract of the deal or unit it is to be about."""
    row = _approval.one(context.case.pk) if context.case.pk else None
    if row is not None:
        return ApprovalFacts(row.contract, row)
    contract = _of_deal(context)
    return ContractFacts(contract) if contract is not None else None


def load_filing(context: Context) -> FilingFacts | ContractFacts | None:
    """Read the filing of the case; before it is opened, the contract of the deal or unit it is to be about."""
    row = _filing.one(context.case.pk) if context.case.pk else None
    if row is not None:
        return FilingFacts(row.contract, row)
    contract = _of_deal(context)
    return ContractFacts(contract) if contract is not None else None


def contract_in(context: Context) -> ContractFacts | None:
    """Return the contract of the context's case, None while there is none."""
    facts: Any = context.facts
    return facts if isinstance(facts, ContractFacts) else None


def approval_in(context: Context) -> ApprovalFacts:
    """Return the facts of an approval case."""
    facts = context.facts
    assert isinstance(facts, ApprovalFacts)
    return facts


def filing_in(context: Context) -> FilingFacts:
    """Return the facts of a filing case."""
    facts = context.facts
    assert isinstance(facts, FilingFacts)
    return facts
