"""
Sale regimes: which rules hold for the sale of a building, by the day (domain 0).

Three: presale by the old rules, presale by those of 2026-08-28 (建房规〔2026〕3号, 个人住房贷款管理办法（试行）), and sale
of completed housing. What opens the pay-out of a loan, what goes into escrow and what the sale itself waits for
differ. The rules are rows here; which one holds for a building is said at the building, and by dated rows where it
changed. Contracts of before the day keep the old rules (个人住房贷款管理办法（试行） 37).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from django.db.models import QuerySet

from guiju.estate.models import Building, Unit
from guiju.kernel.numbering import ZONE
from guiju.kernel.prepared import prepared
from guiju.sales.models import BuildingRegime, Contract, Milestone

NEW_RULES_FROM: Final = date(2026, 8, 28)


class Gate(StrEnum):
    """What a loan's pay-out waits for."""

    TOPPED_OUT = "topped_out"
    COMPLETION_FILED = "completion_filed"
    SALE_FILED = "sale_filed"

    @property
    def label(self) -> str:
        """What has to have happened, in words."""
        return {"topped_out": "主体结构封顶", "completion_filed": "竣工验收备案", "sale_filed": "销售合同登记备案"}[self.value]  # fmt: skip


@dataclass(frozen=True)
class Regime:
    """The rules of one way to sell. ``loan_years`` is the longest term of a loan; ``basis`` the source."""

    name: str
    label: str
    payout_gate: Gate
    sale_needs: tuple[str, ...]
    escrow_all: bool
    loan_years: int
    basis: str

    def __str__(self) -> str:
        return self.label


PRESALE_OLD: Final = Regime(
    "presale_old", "预售（旧规）", Gate.TOPPED_OUT, (), False, 30, "城市商品房预售管理办法",
)  # fmt: skip
PRESALE_2026: Final = Regime(
    "presale_2026", "预售（2026 新规）", Gate.COMPLETION_FILED, (Milestone.TOPPED_OUT,), True, 40,
    "建房规〔2026〕3号；个人住房贷款管理办法（试行）第二十二条",
)  # fmt: skip
COMPLETED_SALE: Final = Regime(
    "completed_sale", "现房销售", Gate.SALE_FILED, (Milestone.COMPLETION_FILED,), True, 40,
    "建房规〔2026〕3号；个人住房贷款管理办法（试行）第二十二条",
)  # fmt: skip
REGIMES: Final = {regime.name: regime for regime in (PRESALE_OLD, PRESALE_2026, COMPLETED_SALE)}


def _day(at: date | datetime) -> date:
    return at.astimezone(ZONE).date() if isinstance(at, datetime) else at


@prepared
def _dated(building_id: int) -> QuerySet[BuildingRegime, BuildingRegime]:
    return BuildingRegime.objects.filter(building_id=building_id).order_by("-from_date", "-id")


@prepared
def _reached(building_id: int) -> QuerySet[Milestone, Milestone]:
    return Milestone.objects.filter(building_id=building_id).order_by("id")


def regime_of_building(building: Building, at: date | datetime) -> Regime:
    """Return the rules that hold for a sale of this building made at a moment (or on a day)."""
    day = _day(at)
    dated = next((row for row in _dated(building.pk) if row.from_date <= day), None)
    found = REGIMES[dated.regime if dated is not None else building.regime]
    return PRESALE_OLD if found is PRESALE_2026 and day < NEW_RULES_FROM else found


def regime_of(unit: Unit, at: date | datetime) -> Regime:
    """Return the rules that hold for a sale of this unit made at a moment: give the day the contract was signed."""
    return regime_of_building(unit.building, at)


def reached(building_id: int, kind: str, at: date | datetime) -> Milestone | None:
    """Return when the building reached a milestone, if it has by then."""
    day = _day(at)
    return next((m for m in _reached(building_id) if m.kind == kind and m.reached_date <= day), None)


def why_not_for_sale(unit: Unit, at: date | datetime) -> str | None:
    """Return what a sale of the unit still waits for by the rules that hold for its building, or None (domain 0, 1.1)."""
    regime = regime_of(unit, at)
    missing = [kind for kind in regime.sale_needs if reached(unit.building_id, kind, at) is None]
    if not missing:
        return None
    words = "、".join(dict(Milestone.KINDS)[kind] for kind in missing)
    return f"{regime.label}：{unit.building.name}还没有{words}，不能认购、不能收款"


def gate_opened(contract: Contract, at: date | datetime) -> date | None:
    """Return the day from which a loan on the contract may be paid out, None while it may not (domain 1.11)."""
    unit = contract.deal.unit
    gate = regime_of(unit, contract.signed_date or _day(at)).payout_gate
    if gate is Gate.SALE_FILED:
        return contract.filed_date if contract.filed_date and contract.filed_date <= _day(at) else None
    found = reached(unit.building_id, gate.value, at)
    return found.reached_date if found is not None else None


def explain_gate(contract: Contract, at: date | datetime) -> list[str]:
    """Return how it comes that a loan on the contract may be paid out, or not yet: rule, its source, and the fact."""
    signed = contract.signed_date or _day(at)
    unit = contract.deal.unit
    regime = regime_of(unit, signed)
    lines = [f"合同 {signed} 签订，按{regime.label}：{regime.payout_gate.label}后才能放款（{regime.basis}）"]
    opened = gate_opened(contract, at)
    if opened is None:
        return [*lines, f"现在还没有{regime.payout_gate.label}，登记后自动转为放款条件具备"]
    if regime.payout_gate is Gate.SALE_FILED:
        return [*lines, f"{opened} 备案，编号 {contract.filed_number}"]
    found = reached(unit.building_id, regime.payout_gate.value, at)
    proof = f"，凭证 {found.proof}" if found is not None and found.proof else ""
    return [*lines, f"{unit.building.name} {opened} {regime.payout_gate.label}{proof}"]


def why_closed(contract: Contract, at: date | datetime) -> str | None:
    """Return what the pay-out of a loan on the contract still waits for, in words; None when the gate is open."""
    if gate_opened(contract, at) is not None:
        return None
    regime = regime_of(contract.deal.unit, contract.signed_date or _day(at))
    return f"{regime.label}：贷款须在{regime.payout_gate.label}后发放，现在还没有"
