"""What the stories of changes share: an application on its way, taken by the posts of the SOP."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from guiju.kernel import engine, reactions
from guiju.kernel.models import Case
from guiju.sales.models import ChangeApplication, DealChange
from tests.stories.conftest import WEDNESDAY, House

THURSDAY = WEDNESDAY + timedelta(days=1)
HOUR = timedelta(hours=1)


def work(at: datetime = THURSDAY) -> None:
    """Let the worker do what follows."""
    while reactions.run_due(at):
        pass


def signers(house: House, *names: str, **more: Any) -> list[dict[str, Any]]:
    return [{"name": name, "signed": house.scan, **more} for name in names]


def asked(house: House, kind: str, *, unit: int = 0, process: str = "subscription_change", by: str = "lin",
          at: datetime = THURSDAY, applicants: tuple[str, ...] = ("苏清越",), **given: Any) -> Case:  # fmt: skip
    """Open an application for change."""
    event = engine.open_case(
        process, by=house.people[by], at=at, chain_id=house.project.company_id, scope_id=house.project.pk,
        links=[("unit", house.units[unit].pk)],
        given={"kind": kind, "reason": "客户申请", "applicants": signers(house, *applicants), **given},
    )  # fmt: skip
    return Case.objects.get(pk=event.case_id)


def registered(house: House, case: Case, at: datetime = THURSDAY) -> Case:
    house.take(case, "director_opinion", "gao", at + HOUR, opinion="同意", signature=house.scan)
    house.take(
        case, "check_and_register", "wu", at + 2 * HOUR, content_ok=True, control_ok=True, eligibility_ok=True,
        signature=house.scan, **({"interview": "客户本人到场", "invoices_ok": True} if case.process == "contract_change" else {}),
    )  # fmt: skip
    return case


def approved(house: House, case: Case, at: datetime = THURSDAY) -> Case:
    """Registered, looked at by finance, reported by the manager, approved by the general manager."""
    registered(house, case, at)
    house.take(case, "finance_check", "he", at + 3 * HOUR, difference_ok=True, receipts_back=True)
    house.take(case, "report_up", "zhou", at + 4 * HOUR, opinion="同意", signature=house.scan)
    house.approve(case, at + 5 * HOUR)
    return case


def change_of(case: Case) -> DealChange:
    return DealChange.objects.select_related("deal").get(case=case)


def facts_of(case: Case) -> ChangeApplication:
    return ChangeApplication.objects.select_related("change__deal", "new_deal").get(case=case)
