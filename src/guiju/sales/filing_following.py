"""What follows by itself: an approval after the review of a signing, a filing after the seal, the 90 days after the
first registration of a building."""

from __future__ import annotations

from datetime import datetime

from guiju.kernel import chain, engine
from guiju.kernel.models import Case, Event
from guiju.kernel.reactions import reaction
from guiju.kernel.refusals import Refused
from guiju.sales.models import Contract, ContractApproval, Filing, Milestone


def _open(process: str, contract: Contract, event: Event, at: datetime) -> None:
    engine.open_case(
        process, by=None, at=at, given={}, chain_id=event.chain_id, scope_id=contract.deal.project_id,
        links=[("deal", contract.deal_id), ("unit", contract.deal.unit_id), ("case", event.case_id or 0)],
        follows=True,
    )  # fmt: skip


@reaction("signing", "review", name="sales.filing.approval")
def open_approval(event: Event, at: datetime) -> None:
    """A contract that was reviewed goes to approval. Once."""
    contract = Contract.objects.select_related("deal").filter(case_id=event.case_id or 0, live=True).first()
    if contract is None or contract.sealed_at is not None:
        return
    if not ContractApproval.objects.filter(contract=contract, open=True).exists():
        _open("contract_approval", contract, event, at)


@reaction("contract_approval", "seal", name="sales.filing.filing")
def open_filing(event: Event, at: datetime) -> None:
    """A sealed contract is to be filed. Once."""
    row = ContractApproval.objects.select_related("contract__deal").filter(case_id=event.case_id or 0).first()
    if row is None or not row.contract.live:
        return
    under_way = Filing.objects.filter(contract=row.contract, withdrawn_at=None)
    if not under_way.exclude(open=False, filed_at=None).exists():
        _open("presale_filing", row.contract, event, at)


@reaction("", "sales.milestone", name="sales.filing.first_registration")
def start_pre_notices(event: Event, at: datetime) -> None:
    """The first registration of a building starts the 90 days of each pre-notice there (CC 221). Once each."""
    said = chain.open_body(event.body).get("given", {})
    if said.get("kind") != Milestone.FIRST_REGISTERED:
        return
    rows = Filing.objects.filter(
        deal__unit__building_id=int(said["building"]), open=True, case__state="pre_noted"
    ).values_list("case_id", flat=True)
    for case_id in rows.order_by("pk"):
        case = Case.objects.get(pk=case_id)
        try:
            engine.advance(
                case, "first_registration", by=None, at=at, given={"registered_date": str(said["on"])}
            )
        except Refused:
            # Somebody moved it on meanwhile, by hand.
            continue
