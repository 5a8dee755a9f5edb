"""What follows the execution of a 签约变更: the new contract goes to approval, a new loan gets its case."""

from __future__ import annotations

from datetime import datetime

from guiju.kernel import engine
from guiju.kernel.models import Event
from guiju.kernel.reactions import reaction
from guiju.sales.changing_facts import pays_by_loan
from guiju.sales.changing_rules import Way
from guiju.sales.contracts import contract_of
from guiju.sales.models import ChangeApplication, ContractApproval
from guiju.sales.mortgage_jobs import open_for


@reaction("contract_change", "execute", name="sales.changing.follow")
def _follow(event: Event, at: datetime) -> None:
    """Let a contract signed anew be approved (and filed after it), and a loan chosen now be applied for. Once each."""
    row = ChangeApplication.objects.select_related("change__deal").get(case_id=event.case_id or 0)
    deal = row.change.deal
    contract = contract_of(deal.pk)
    if contract is None:
        return
    again = row.findings.get("way") == Way.RESIGN.value
    if again and not ContractApproval.objects.filter(contract=contract).exists():
        engine.open_case(
            "contract_approval", by=None, at=at, given={}, chain_id=event.chain_id, scope_id=deal.project_id,
            links=[("deal", deal.pk), ("unit", deal.unit_id), ("case", event.case_id or 0)], follows=True,
        )  # fmt: skip
    if pays_by_loan(deal.payment):
        open_for(contract, at=at)
