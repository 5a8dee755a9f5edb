"""Releasing, holding, restricting and reopening units: effects of ``processes.unit_control``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from guiju.estate.facts import facts_of
from guiju.estate.forms import ApplyForm, Kind, RenewForm
from guiju.estate.models import Control, ControlOrder, Permit, Unit
from guiju.estate.operations import control
from guiju.estate.seizures import seized_text
from guiju.kernel.engine import Context
from guiju.kernel.numbering import ZONE
from guiju.org.models import Person
from guiju.papers.operations.attachments import attach

FROM: dict[Kind, tuple[Control, ...]] = {
    Kind.RELEASE: (Control.NOT_RELEASED,),
    Kind.HOLD: (Control.AVAILABLE, Control.NOT_RELEASED, Control.COOLING),
    Kind.RESTRICT: (Control.AVAILABLE, Control.NOT_RELEASED, Control.COOLING, Control.HELD),
    Kind.SEIZE: tuple(Control),
    Kind.REOPEN: (Control.COOLING,),
    Kind.VERIFY: tuple(Control),
}
TO = {
    Kind.RELEASE: Control.AVAILABLE,
    Kind.HOLD: Control.HELD,
    Kind.RESTRICT: Control.RESTRICTED,
    Kind.SEIZE: Control.RESTRICTED,
    Kind.REOPEN: Control.AVAILABLE,
}


def release_problem(units: Sequence[Unit], at: datetime) -> str | None:
    """Return why units may not go on sale: no valid presale permit for the building, no price, or in doubt."""
    day = at.astimezone(ZONE).date()
    covered = {
        building
        for permit in Permit.objects.filter(
            kind="presale", buildings__in={unit.building_id for unit in units}
        )
        if (permit.valid_until is None or permit.valid_until >= day)
        for building in permit.buildings.values_list("pk", flat=True)
    }
    for unit in units:
        if unit.building_id not in covered:
            return f"{unit.building.name}没有有效的商品房预售许可证，不能推出"
        if unit.list_price is None:
            return f"{unit.label}没有一房一价，不能推出"
        if unit.unverified:
            return f"{unit.label}待核实：{unit.unverified_reason}"
        if said := seized_text(unit):
            return f"{said}，不能推出"
    return None


def write_application(context: Context) -> None:
    """Write the order with its units, and link them."""
    given = context.given
    assert isinstance(given, ApplyForm)
    order = ControlOrder.objects.create(
        case_id=context.case.pk, kind=given.kind.value, until_at=given.until_at, reason=given.reason,
        applied_at=context.at, authority=given.authority, paper_number=given.paper_number,
    )  # fmt: skip
    if given.paper is not None:
        _keep(context, given.paper, f"查封文书 {given.paper_number}")
    order.units.set(given.units)
    for unit_id in given.units[:50]:
        context.link("unit", unit_id)
    first = Unit.objects.select_related("building").get(pk=given.units[0])
    more = f"等 {len(given.units)} 套" if len(given.units) > 1 else ""
    context.title = f"{given.kind.label} {first.label}{more}"


def _keep(context: Context, sha256: str, title: str) -> None:
    by = context.by if isinstance(context.by, Person) else None
    attach(
        sha256s=[sha256], company_id=context.case.chain_id, kind="seizure", by=by, at=context.recorded_at,
        case=context.case, title=title,
    )  # fmt: skip


def execute(context: Context) -> None:
    """Move all units of the order; one that has changed meanwhile stops the whole act."""
    facts = facts_of(context)
    if facts.kind is Kind.SEIZE and facts.until_at is not None:
        context.start_clock("seizure", due_at=facts.until_at)
    for unit in facts.units:
        if facts.kind is Kind.VERIFY:
            control.verify(unit_id=unit.pk)
            continue
        if facts.kind is Kind.SEIZE:
            Unit.objects.filter(pk=unit.pk).update(seized=True)
            # What is sold, or held by a return, stays where it is in the register; the seizure lies over it.
            if unit.control not in FROM[Kind.RESTRICT] or (
                unit.control == Control.COOLING and unit.holder_case_id
            ):
                continue
        control.move(
            unit_id=unit.pk, to=TO[facts.kind], expected=FROM[facts.kind], case_id=context.case.pk,
            by_id=context.by_id, at=context.at, recorded_at=context.recorded_at, reason=facts.order.reason,
            hold=context.case.pk if facts.kind.lasts else None,
        )  # fmt: skip


def renew(context: Context) -> None:
    """The authority seizes for longer: the paper in force and its term are the new ones; the event keeps the old."""
    given, order = context.given, facts_of(context).order
    assert isinstance(given, RenewForm)
    context.say(before_paper=order.paper_number, before_until=order.until_at)
    order.until_at, order.paper_number = given.until_at, given.paper_number
    order.save(update_fields=["until_at", "paper_number"])
    _keep(context, given.paper, f"续封文书 {given.paper_number}")


def lift(context: Context) -> None:
    """End a hold or restriction: each unit that this case still holds goes back to where it was."""
    facts = facts_of(context)
    reason = getattr(context.given, "reason", "") or "保留到期"
    if facts.kind is Kind.SEIZE:
        facts.order.lifted_by = getattr(context.given, "paper_number", "")
        facts.order.save(update_fields=["lifted_by"])
    for unit in facts.units:
        if facts.kind is Kind.SEIZE and not _seized_by_another(unit, context.case.pk):
            Unit.objects.filter(pk=unit.pk).update(seized=False)
        if unit.holder_case_id != context.case.pk:
            continue
        taken = unit.control_changes.filter(case_id=context.case.pk).order_by("-id").first()
        back = Control(taken.before) if taken is not None else Control.AVAILABLE
        control.move(
            unit_id=unit.pk, to=back if back is not Control.HELD else Control.AVAILABLE,
            expected=(Control.HELD, Control.RESTRICTED), case_id=context.case.pk, by_id=context.by_id, at=context.at,
            recorded_at=context.recorded_at, reason=reason, held_by_case=context.case.pk,
        )  # fmt: skip


def _seized_by_another(unit: Unit, case_id: int) -> bool:
    rows = ControlOrder.objects.filter(kind=Kind.SEIZE.value, units=unit, case__state="in_force")
    return rows.exclude(case_id=case_id).exists()
