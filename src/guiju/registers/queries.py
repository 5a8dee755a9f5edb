"""What pages and other apps ask about imports."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import QuerySet

from guiju.estate.models import Project, Unit
from guiju.registers.models import Doubt, Import, ImportedFact

THREE_PERCENT = Decimal("0.03")
"""Beyond it the buyer may ask for the house to be taken back (商品房买卖合同解释 14, 面积误差比 3%)."""


@dataclass(frozen=True, slots=True)
class BeyondThreePercent:
    """Units whose measured area differs from the contract's by more than 3 %, judged exactly: |A − C| > 0.03·C."""

    by_area: list[Unit]
    by_area_or_inner: list[Unit]


def units_beyond_three_percent(project: Project) -> BeyondThreePercent:
    """Return the units beyond 3 % by 建筑面积, and those beyond it when 套内面积 counts as well (DECISIONS 22)."""
    units = Unit.objects.filter(project=project).select_related("building").order_by("pk")
    by_area, either = [], []
    for unit in units:
        gross = _beyond(unit.area_measured, unit.area_contract)
        if gross:
            by_area.append(unit)
        if gross or _beyond(unit.inner_measured, unit.inner_area):
            either.append(unit)
    return BeyondThreePercent(by_area, either)


def _beyond(measured: Decimal | None, contract: Decimal | None) -> bool:
    return (
        measured is not None and contract is not None and abs(measured - contract) > THREE_PERCENT * contract
    )


def imports_of(project: Project) -> QuerySet[Import]:
    """Return a project's imports, the latest first."""
    return Import.objects.filter(project=project).select_related("imported_by", "project").order_by("-pk")


def came_from(*, target_kind: str, target_id: int) -> list[ImportedFact]:
    """Return which file, sheet and row wrote a unit, deal or complaint, one per register."""
    facts = ImportedFact.objects.filter(target_kind=target_kind, target_id=target_id)
    return list(facts.select_related("written_by").order_by("pk"))


def doubts_about(unit: Unit) -> list[Doubt]:
    """Return the refused rows that cast doubt on a unit, the latest first."""
    return list(Doubt.objects.filter(unit=unit).select_related("raised_by").order_by("-pk"))
