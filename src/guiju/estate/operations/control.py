"""Unit control (销控): the only writer of a unit's control state, by compare-and-set, with a row of history each."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from guiju.estate.models import Control, ControlChange, Unit
from guiju.estate.places import unit_at
from guiju.estate.seizures import seized_text
from guiju.kernel import store
from guiju.kernel.refusals import Reason, Refused, SomebodyWasFaster

# How often a change begins again when somebody else changed the unit between reading and writing.
TRIES = 5


class UnableToControl(Refused):
    """The unit is not in a state from which the change is allowed."""


class UnitTaken(SomebodyWasFaster):
    """Somebody else locked, subscribed or bought the unit first."""

    title = "房源已被别人占用"


def lock(
    *, unit: Unit, case_id: int, until: datetime, by_id: int | None, at: datetime, recorded_at: datetime
) -> None:
    """
    Lock an available unit for a case until a moment. A lock past its time counts as free (DECISIONS 2).

    :raises UnitTaken: it is locked, subscribed or sold to somebody else; says by whom.
    """
    held = {
        "control": Control.LOCKED,
        "lock_until_at": until,
        "holder_case_id": case_id,
        "control_since_at": at,
    }
    for _ in range(TRIES):
        before, seen = unit.control, {"id": unit.pk, "unverified": False, "control": unit.control}
        if before == Control.LOCKED and unit.lock_until_at is not None and unit.lock_until_at <= recorded_at:
            seen["lock_until_at"] = unit.lock_until_at
        elif before != Control.AVAILABLE:
            break
        if store.update(Unit, held, **seen) == 1:
            _note(unit, before, Control.LOCKED, case_id, by_id, at, recorded_at, "")
            for name, value in held.items():
                setattr(unit, name, value)
            return
        _see_again(unit)
        if unit.unverified:
            break
    raise UnitTaken([Reason(taken_text(unit), "I-5.1-1a")])


def _see_again(unit: Unit) -> None:
    """Read what somebody else has just changed: a lapsed lock may be free by now, or taken over."""
    now = unit_at.one(unit.pk)
    if now is None:
        raise Unit.DoesNotExist
    for field in Unit._meta.concrete_fields:
        setattr(unit, field.attname, getattr(now, field.attname))


def taken_text(unit: Unit) -> str:
    """Return, in a sentence, why the unit cannot be locked now."""
    if unit.unverified:
        return f"{unit.label}待核实：{unit.unverified_reason}"
    if said := seized_text(unit):
        return f"{said}，解封以前不能认购"
    label = Control(unit.control).label
    if unit.control == Control.LOCKED:
        return f"{unit.label}已被别人锁定，换一套，或等锁定到期"
    return f"{unit.label}现在是「{label}」，不能认购"


def extend_lock(*, unit_id: int, case_id: int, until: datetime) -> None:
    """Let a case keep its unit until a later moment.

    :raises UnitTaken: the case does not hold the unit any more.
    """
    kept = Unit.objects.filter(pk=unit_id, holder_case_id=case_id, control=Control.LOCKED).update(
        lock_until_at=until
    )
    if kept != 1:
        raise UnitTaken([Reason("锁定已过期，房源已放开或被别人锁定", "I-5.1-1a")])


def move(
    *,
    unit_id: int,
    to: Control,
    expected: Collection[Control],
    case_id: int | None,
    by_id: int | None,
    at: datetime,
    recorded_at: datetime,
    reason: str = "",
    held_by_case: int | None = None,
    hold: int | None = None,
) -> None:
    """
    Move a unit to a control state from one of the expected states, and write the register.

    ``held_by_case``: only if this case holds it. ``hold``: the case that holds it from now on (None: nobody).

    :raises UnableToControl: it is in another state, or another case holds it.
    """
    unit = unit_at.one(unit_id)
    if unit is None:
        raise Unit.DoesNotExist
    moved = {"control": to, "control_since_at": at, "lock_until_at": None, "holder_case_id": hold}
    for _ in range(TRIES):
        before = unit.control
        if before not in expected or (held_by_case is not None and unit.holder_case_id != held_by_case):
            break
        seen = {"control": before} | ({} if held_by_case is None else {"holder_case_id": held_by_case})
        if store.update(Unit, moved, id=unit_id, **seen) == 1:
            _note(unit, before, to, case_id, by_id, at, recorded_at, reason)
            return
        _see_again(unit)
    raise UnableToControl(
        [Reason(f"{unit.label}现在是「{Control(unit.control).label}」，不能改为「{to.label}」", "I-5.7-0")]
    )


def let_go(
    *,
    unit_id: int,
    case_id: int,
    to: Control,
    expected: Collection[Control],
    by_id: int | None,
    at: datetime,
    recorded_at: datetime,
    reason: str,
) -> bool:
    """Move a unit that this case holds, and hold it no longer; return whether the case still held it.

    A lapsed lock may have been taken over meanwhile: then the unit is another's, and nothing is done.
    """
    try:
        move(
            unit_id=unit_id, to=to, expected=expected, case_id=case_id, by_id=by_id, at=at, recorded_at=recorded_at,
            reason=reason, held_by_case=case_id,
        )  # fmt: skip
    except UnableToControl:
        now = unit_at.one(unit_id)
        if now is not None and now.holder_case_id == case_id:
            raise
        return False
    return True


def mark_unverified(*, unit_ids: Collection[int], reason: str) -> int:
    """Mark units 待核实: neither release nor subscription goes past it (DECISIONS 22). Return how many."""
    return Unit.objects.filter(pk__in=list(unit_ids)).update(unverified=True, unverified_reason=reason[:400])


def verify(*, unit_id: int) -> None:
    """Take the mark 待核实 off a unit; the act that orders it carries who and why."""
    Unit.objects.filter(pk=unit_id).update(unverified=False, unverified_reason="")


def _note(
    unit: Unit,
    before: str,
    after: str,
    case_id: int | None,
    by_id: int | None,
    at: datetime,
    recorded_at: datetime,
    reason: str,
) -> None:
    store.insert(
        ControlChange,
        [
            {
                "unit": unit.pk, "project": unit.project_id, "before": before, "after": after, "case": case_id,
                "changed_by": by_id, "changed_at": at, "recorded_at": recorded_at, "reason": reason[:400],
            }
        ],
    )  # fmt: skip


def holds(unit: Unit, case_id: int) -> bool:
    """Return whether the case holds the unit."""
    return unit.holder_case_id == case_id
