"""Filing in the demonstration: contracts on their way to the city's file, early and late, and approvals that wait."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django.db import transaction

from guiju.demo import scenes
from guiju.estate.models import Project
from guiju.kernel import acts, engine
from guiju.kernel.calendar import local_date
from guiju.kernel.models import ApprovalRequest
from guiju.kernel.numbering import ZONE
from guiju.org.models import Person
from guiju.sales import filing_fields
from guiju.sales.contracts import contract_of
from guiju.sales.models import Contract, Deal, Filing, Milestone
from guiju.sales.operations.filing import reach_milestone

# Days since signing, and how far the filing has come.
FILINGS = (
    (46, "done"), (41, "done"), (38, "filed"), (35, "filed"), (30, "accepted"), (29, "submitted"), (26, "returned"),
    (24, "collecting"), (21, "submitted"), (17, "different"), (13, "collecting"), (11, "submitted"), (8, "collecting"),
)  # fmt: skip
APPROVALS = ((6, False, "approved"), (5, True, "submitted"))
PAPERS = {"contract": True, "approval": True, "identity": True, "payment": True, "application": True}


@transaction.atomic
def under_way(project: Project, staff: dict[str, Person], at: datetime) -> None:
    """File contracts signed before this program came, and put two new ones to approval."""
    first = project.buildings.order_by("position").first()
    today = local_date(at)
    if first is not None:
        reach_milestone(
            building=first, kind=Milestone.TOPPED_OUT, on=today - timedelta(days=20), proof="主体结构验收记录 1 号", by=staff["yu"],
            at=at - timedelta(days=19),
        )  # fmt: skip
    rows = list(
        Deal.objects.filter(project=project, stage=Deal.SIGNED, live=True, signed_date__isnull=False)
        .select_related("unit__building", "unit__project")
        .order_by("-signed_date", "pk")
    )
    for age, stage in FILINGS:
        deal = _of_age(rows, today, age)
        if deal is not None:
            _file(project, staff, deal, at, stage)
    for age, deviating, stage in APPROVALS:
        deal = _of_age(rows, today, age)
        if deal is not None:
            _approve(project, staff, deal, at, deviating=deviating, stage=stage)


def _of_age(rows: list[Deal], today: Any, age: int) -> Deal | None:
    """Take the deal whose signing is nearest to so many days ago."""
    if not rows:
        return None
    best = min(rows, key=lambda deal: abs((today - deal.signed_date).days - age) if deal.signed_date else 999)
    rows.remove(best)
    return best


def _contract(deal: Deal, **more: Any) -> Contract:
    found = contract_of(deal.pk)
    if found is not None:
        for name, value in more.items():
            setattr(found, name, value)
        found.save(update_fields=list(more) or ["number"])
        return found
    assert deal.signed_date is not None
    return Contract.objects.create(
        deal=deal, number=deal.contract_number, signed_date=deal.signed_date, total_price=deal.total_price,
        unit_price=deal.unit_price, plan=[{"name": "房款", "amount": str(deal.total_price)}],
        terms={"late_pay_rate": "2", "late_handover_rate": "2", "handover_date": "2028-06-30"}, **more,
    )  # fmt: skip


def _open(process: str, project: Project, by: Person, deal: Deal, at: datetime) -> int:
    event = engine.open_case(
        process, by=by, at=at, given={}, chain_id=project.company_id, scope_id=project.pk, links=[("deal", deal.pk)]
    )  # fmt: skip
    assert event.case_id is not None
    return event.case_id


def _file(project: Project, staff: dict[str, Person], deal: Deal, at: datetime, stage: str) -> None:
    registrar, clerk = staff["yu"], staff["wu"]
    assert deal.signed_date is not None
    begun = datetime.combine(deal.signed_date + timedelta(days=2), time(10), ZONE)
    contract = _contract(deal, sealed_at=begun - timedelta(hours=2))
    case = _open("presale_filing", project, registrar, deal, begun)
    hour = timedelta(hours=1)
    if stage == "collecting":
        scenes.take(
            case, "collect", registrar, begun + hour,
            {**PAPERS, "payment": False, "missing": "首付款进入监管账户的凭证，客户补"},
        )  # fmt: skip
        scenes.take(
            case, "chase", clerk, begun + 2 * hour, {"how": "电话", "answer": "客户说周末送来"},
        )  # fmt: skip
        return
    scenes.take(case, "collect", registrar, begun + hour, dict(PAPERS))
    shown = {**filing_fields.paper_fields(contract), "city_number": f"WQ{deal.signed_date:%Y}{deal.pk:06d}"}
    if stage == "different":
        shown["total_price"] = str((contract.total_price or 0) - 1000)
    scenes.take(case, "compare", registrar, begun + 2 * hour, shown)
    if stage == "different":
        return
    scenes.take(case, "submit", registrar, begun + 3 * hour, {"proof": f"LS{deal.pk:06d}"})
    if stage == "returned":
        scenes.take(
            case, "return_by_city", registrar, begun + 30 * hour,
            {"cause": "papers", "reason": "身份证复印件不清晰，请重新上传"},
        )  # fmt: skip
    if stage in ("accepted", "filed", "done"):
        scenes.take(case, "accept", registrar, begun + 30 * hour, {"acceptance_number": f"SL{deal.pk:06d}"})
    if stage in ("filed", "done"):
        filed = deal.signed_date + timedelta(days=5)
        done = datetime.combine(filed, time(16), ZONE)
        scenes.take(
            case, "file", registrar, done,
            {"filing_number": f"示备{filed:%Y}{deal.pk:06d}", "filed_date": filed.isoformat()},
        )  # fmt: skip
        if stage == "done":
            buyer = deal.buyers.select_related("customer").order_by("position")[0].customer.name
            told = filed + timedelta(days=2)
            noon = datetime.combine(told, time(12), ZONE)
            scenes.take(
                case, "tell_buyer", registrar, noon, {"proof": f"{buyer}签收", "told_date": told.isoformat()}
            )
            scenes.take(case, "hand_copies", registrar, noon + hour, {"receiver": buyer})
            scenes.take(case, "finish", registrar, noon + 2 * hour, {})
    Filing.objects.get(case_id=case)


def _approve(
    project: Project, staff: dict[str, Person], deal: Deal, at: datetime, *, deviating: bool, stage: str
) -> None:
    assert deal.signed_date is not None
    begun = datetime.combine(deal.signed_date + timedelta(days=1), time(9, 30), ZONE)
    odd = [{"title": "第八条 逾期交付", "words": "违约金由每日万分之二改为万分之三"}] if deviating else []
    _contract(deal, deviations=odd)
    case = _open("contract_approval", project, staff["wu"], deal, begun)
    hour = timedelta(hours=1)
    scenes.take(
        case, "prepare", staff["wu"], begun + hour,
        {"price_ok": True, "identity_ok": True, "escrow_ok": True, "permit_ok": True, "special": "无"},
    )  # fmt: skip
    if deviating:
        scenes.take(
            case, "legal", staff["deng"], begun + 2 * hour,
            {"lawyer": "示范律师事务所 秦律师", "opinion": "条款有效，责任上限明确，可以签署。", "agrees": True},
        )  # fmt: skip
    scenes.take(case, "submit", staff["wu"], begun + 3 * hour, {})
    if stage == "approved":
        scenes.approve(case, staff, begun + 4 * hour)
        return
    request = ApprovalRequest.objects.get(case_id=case, state=ApprovalRequest.PENDING)
    acts.vote(
        request.pk,
        decision="yes",
        by=staff["zhou"],
        at=begun + 4 * hour,
        reason="资料齐全，偏离条款已有法律意见",
    )
