"""A contract that is signed, as rows: for stories that begin after the signing."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from guiju.estate.models import Control, Unit
from guiju.kernel import acts, approvals, engine
from guiju.kernel.models import ApprovalRequest, Case
from guiju.sales.models import Contract, Deal
from tests.stories.conftest import House


def contract(house: House, subscription: Case, *, signed: date, **more: Any) -> Contract:
    """Sign the contract of a sealed subscription: deal, unit and contract as the signing leaves them."""
    row = house.facts(subscription)
    assert row.deal is not None and row.deal.total_price is not None
    number = more.pop("number", f"HT-YQ1-2026-{row.deal_id:04d}")
    Deal.objects.filter(pk=row.deal_id).update(stage=Deal.SIGNED, signed_date=signed, contract_number=number)
    Unit.objects.filter(pk=row.unit_id).update(control=Control.SIGNED)
    return Contract.objects.create(
        deal=Deal.objects.get(pk=row.deal_id), case=subscription, number=number, signed_date=signed,
        total_price=row.deal.total_price, unit_price=Decimal("19600.00"),
        plan=[{"name": "房款", "amount": str(row.deal.total_price)}],
        terms={"late_pay_rate": "2", "late_handover_rate": "2", "handover_date": "2028-06-30"}, **more,
    )  # fmt: skip


def opened(house: House, process: str, made: Contract, by: str, at: datetime) -> Case:
    """Open a case about the contract's deal by hand."""
    event = engine.open_case(
        process, by=house.people[by], at=at, given={}, chain_id=house.project.company_id, scope_id=house.project.pk,
        links=[("deal", made.deal_id)],
    )  # fmt: skip
    return Case.objects.get(pk=event.case_id)


def seats(case: Case) -> list[str]:
    """Return the posts first asked for the seats that are open."""
    request = ApprovalRequest.objects.get(case=case, state=ApprovalRequest.PENDING)
    return [seat["asked"] for seat in approvals.open_seats(request)]


def vote(
    house: House, case: Case, by: str, at: datetime, decision: str = "yes", reason: str = "同意"
) -> None:
    """Let somebody decide the seat that waits for him."""
    request = ApprovalRequest.objects.get(case=case, state=ApprovalRequest.PENDING)
    acts.vote(request.pk, decision=decision, by=house.people[by], at=at, reason=reason)
    case.refresh_from_db()
