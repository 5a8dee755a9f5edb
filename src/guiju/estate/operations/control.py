"""Unit control (销控): the only writer of a unit's control state, by compare-and-set, with a row of history each."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q

from guiju.estate.models import Control, ControlChange, Unit
from guiju.kernel.refusals import Reason, Refused, SomebodyWasFaster


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
    free = Q(control=Control.AVAILABLE) | Q(control=Control.LOCKED, lock_until_at__lte=recorded_at)
    before = unit.control
    taken = Unit.objects.filter(free, pk=unit.pk, unverified=False).update(
        control=Control.LOCKED, lock_until_at=until, holder_case_id=case_id, control_since_at=at
    )
    if taken != 1:
        raise UnitTaken(
            [Reason(taken_text(Unit.objects.select_related("building").get(pk=unit.pk)), "I-5.1-1a")]
        )
    _note(unit, before, Control.LOCKED, case_id, by_id, at, recorded_at, "")
    unit.refresh_from_db()


def taken_text(unit: Unit) -> str:
    """Return, in a sentence, why the unit cannot be locked now."""
    if unit.unverified:
        return f"{unit.label}待核实：{unit.unverified_reason}"
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
    rows = Unit.objects.filter(pk=unit_id, control__in=list(expected))
    if held_by_case is not None:
        rows = rows.filter(holder_case_id=held_by_case)
    unit = Unit.objects.select_related("building").get(pk=unit_id)
    before = unit.control
    if rows.update(control=to, control_since_at=at, lock_until_at=None, holder_case_id=hold) != 1:
        raise UnableToControl(
            [
                Reason(
                    f"{unit.label}现在是「{Control(unit.control).label}」，不能改为「{to.label}」", "I-5.7-0"
                )
            ]
        )
    _note(unit, before, to, case_id, by_id, at, recorded_at, reason)


def free(
    *, unit_id: int, case_id: int, by_id: int | None, at: datetime, recorded_at: datetime, reason: str
) -> bool:
    """Put a unit that this case locked back on sale; return whether it still held it (a no-op otherwise)."""
    unit = Unit.objects.get(pk=unit_id)
    freed = Unit.objects.filter(pk=unit_id, holder_case_id=case_id, control=Control.LOCKED).update(
        control=Control.AVAILABLE, control_since_at=at, lock_until_at=None, holder_case_id=None
    )
    if freed:
        _note(unit, Control.LOCKED, Control.AVAILABLE, case_id, by_id, at, recorded_at, reason)
    return bool(freed)


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
    ControlChange.objects.create(
        unit_id=unit.pk, project_id=unit.project_id, before=before, after=after, case_id=case_id,
        changed_by_id=by_id, changed_at=at, recorded_at=recorded_at, reason=reason[:400],
    )  # fmt: skip


def holds(unit: Unit, case_id: int) -> bool:
    """Return whether the case holds the unit."""
    return unit.holder_case_id == case_id
