"""
What a milestone of a building sets going by itself: the pay-out gate of loans that wait for it, and the due day of
instalments that the contract hangs on it (domain 0, 2.8). Twice changes nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from guiju.kernel import chain, ports
from guiju.kernel.calendar import local_date
from guiju.kernel.models import Event
from guiju.kernel.reactions import reaction
from guiju.ledger.models import Book, ReceivableEntry
from guiju.ledger.operations.receivables import come_true
from guiju.sales.models import Contract, Filing, Milestone, Mortgage
from guiju.sales.mortgage_jobs import open_gates

LABELS: Final = dict(Milestone.KINDS)
DAYS: Final = 7


def instalments_fall_due(found: Milestone, *, at: datetime) -> int:
    """Give a due day to the instalments of a building that waited for its milestone; return how many books changed."""
    label = LABELS[found.kind]
    waiting = ReceivableEntry.objects.filter(
        due_event=label, due_date=None, receivable__book__unit__building_id=found.building_id
    )
    keys = set(waiting.values_list("receivable__book", flat=True))
    changed = 0
    for book in Book.objects.filter(pk__in=keys).select_related("unit__project").order_by("pk"):
        project = book.unit.project
        policy = ports.policies().current(
            "signing", company_id=project.company_id, project_id=project.pk, at=at
        )
        days = int(policy.settings.get("milestone_days", DAYS))
        changed += bool(
            come_true(
                book=book, event=label, due_date=local_date(at) + timedelta(days=days), at=at, recorded_at=at, by_id=None,
                reason=f"{found.building.name} {found.reached_date} {label}，{days} 日内付",
            )
        )  # fmt: skip
    return changed


@reaction("", "sales.milestone", name="sales.milestones.reached")
def _reached(event: Event, at: datetime) -> None:
    """The building has come so far: loans may be paid out, instalments fall due."""
    said = chain.open_body(event.body).get("given", {})
    found = Milestone.objects.select_related("building").filter(pk=int(said.get("milestone", 0))).first()
    if found is None:
        return
    open_gates(at, Mortgage.objects.filter(deal__unit__building_id=found.building_id))
    instalments_fall_due(found, at=at)


@reaction("signing", "sign", name="sales.milestones.signed")
def _signed(event: Event, at: datetime) -> None:
    """What the building had reached before the contract was signed is not waited for."""
    contract = (
        Contract.objects.filter(case_id=event.case_id or 0, live=True).select_related("deal__unit").first()
    )
    if contract is None:
        return
    rows = Milestone.objects.filter(building_id=contract.deal.unit.building_id)
    for found in rows.select_related("building").order_by("pk"):
        instalments_fall_due(found, at=at)


@reaction("presale_filing", "file", name="sales.milestones.filed")
def _filed(event: Event, at: datetime) -> None:
    """Of completed housing the filing is the gate (domain 1.11)."""
    deals = Filing.objects.filter(case_id=event.case_id or 0).values("deal_id")
    open_gates(at, Mortgage.objects.filter(deal_id__in=deals))


@reaction("mortgage", "register_mortgage", name="sales.milestones.registered")
def _registered(event: Event, at: datetime) -> None:
    """Where the building has come far enough already, the loan does not wait for the hour."""
    open_gates(at, Mortgage.objects.filter(case_id=event.case_id or 0))
