"""Which units are seized (查封): by whose paper, and until when. A seized unit is not sold, changed or paid back."""

from __future__ import annotations

from guiju.estate.models import ControlOrder, Unit
from guiju.kernel.numbering import ZONE


def seizure_of(unit_id: int) -> ControlOrder | None:
    """Return the newest seizure of a unit that is in force, or None."""
    rows = ControlOrder.objects.filter(kind="seize", units=unit_id, case__state="in_force")
    return rows.select_related("case").order_by("-pk").first()


def seized_text(unit: Unit) -> str | None:
    """Return, in a sentence, by which paper and until when a unit is seized, or None."""
    order = seizure_of(unit.pk) if unit.seized else None
    if order is None:
        return None
    until = f"，至 {order.until_at.astimezone(ZONE):%Y-%m-%d}" if order.until_at is not None else ""
    return f"{unit.label}已被{order.authority}查封：{order.paper_number}{until}（{order.case.number}）"
