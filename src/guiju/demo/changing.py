"""Changes of the demonstration: another flat carried out, a discount before the general manager, a later day just asked."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from guiju.demo.scenes import approve, signature, take
from guiju.estate.models import Control, Project, Unit
from guiju.kernel import engine
from guiju.kernel.models import Case
from guiju.kernel.money import half_up
from guiju.kernel.numbering import ZONE
from guiju.org.models import Person
from guiju.sales.models import Subscription

HOUR = timedelta(hours=1)


def build(project: Project, staff: dict[str, Person], at: datetime) -> None:
    """Ask for three changes on subscriptions in force whose signing is not yet planned."""
    rows = list(
        Subscription.objects.select_related("case", "deal", "unit__building")
        .filter(case__scope_id=project.pk, case__state="sealed", signing_at=None, notice_delivered_at=None)
        .order_by("pk")[:3]
    )
    yesterday = at.astimezone(ZONE) - timedelta(days=1)
    begun = yesterday.replace(hour=9, minute=0, second=0, microsecond=0).astimezone(at.tzinfo)
    if rows:
        _swap(project, staff, rows[0], begun)
    if len(rows) > 1:
        _discount(staff, rows[1], begun + 2 * HOUR)
    if len(rows) > 2:
        assert rows[2].signing_due_date is not None
        until = rows[2].signing_due_date + timedelta(days=7)
        _ask(
            staff,
            rows[2],
            "extend",
            at - 2 * HOUR,
            reason="配偶出差，下周回来一起签约",
            until_date=until.isoformat(),
        )


def _names(row: Subscription) -> list[str]:
    assert row.deal is not None
    return [b.customer.name for b in row.deal.buyers.select_related("customer").order_by("position")]


def _signers(staff: dict[str, Person], row: Subscription, at: datetime) -> list[dict[str, Any]]:
    return [{"name": name, "signed": signature(staff["lin"], at)} for name in _names(row)]


def _ask(staff: dict[str, Person], row: Subscription, kind: str, at: datetime, **given: Any) -> int:
    seller = Person.objects.get(pk=row.sold_by_id or staff["lin"].pk)
    event = engine.open_case(
        "subscription_change", by=seller, at=at, chain_id=row.case.chain_id, scope_id=row.case.scope_id,
        links=[("unit", row.unit_id)], given={"kind": kind, "applicants": _signers(staff, row, at)[:1], **given},
    )  # fmt: skip
    assert event.case_id is not None
    return event.case_id


def _registered(staff: dict[str, Person], key: int, at: datetime) -> None:
    take(key, "director_opinion", staff["gao"], at + HOUR, {"signature": signature(staff["gao"], at)})
    take(
        key, "check_and_register", staff["wu"], at + 2 * HOUR,
        {
            "content_ok": True, "control_ok": True, "eligibility_ok": True, "findings": "内容与原认购书一致",
            "signature": signature(staff["wu"], at),
        },
    )  # fmt: skip
    take(
        key, "finance_check", staff["he"], at + 3 * HOUR,
        {"difference_ok": True, "receipts_back": True, "note": "原定金收据已收回"},
    )  # fmt: skip
    take(key, "report_up", staff["zhou"], at + 4 * HOUR, {"signature": signature(staff["zhou"], at)})


def _swap(project: Project, staff: dict[str, Person], row: Subscription, at: datetime) -> None:
    """The family takes a dearer flat in the same building: carried out, waiting to go back to sales."""
    assert row.deal is not None
    unit = (
        Unit.objects.select_related("building")
        .filter(project=project, control=Control.AVAILABLE, list_price__gte=row.deal.total_price or 0)
        .filter(building__in=Unit.objects.filter(control=Control.SUBSCRIBED).values("building"))
        .order_by("list_price", "pk")
        .first()
    )
    if unit is None:
        return
    total = unit.list_price or Decimal(0)
    down: dict[str, Any] = {}
    if row.deal.down_payment is not None:
        down = {"down_payment": str(half_up(total * Decimal("0.3")))}
    key = _ask(
        staff,
        row,
        "swap",
        at,
        reason="老人同住，换采光更好的户型",
        new_unit=unit.short,
        total_price=str(total),
        **down,
    )
    _registered(staff, key, at)
    approve(key, staff, at + 5 * HOUR)
    given = {"signers": _signers(staff, row, at), "old_copies": 4}
    take(key, "sign_new", staff["wu"], at + 7 * HOUR, given)
    take(key, "execute", staff["wu"], at + 8 * HOUR, {})
    new = Case.objects.get(subscription__replaces=row)
    take(new.pk, "seal", staff["fang"], at + 9 * HOUR, {"copies": 4})


def _discount(staff: dict[str, Person], row: Subscription, at: datetime) -> None:
    """An old owner's discount: reported up, waiting for deputy and general manager."""
    assert row.deal is not None
    base = row.deal.list_price or Decimal(0)
    total = base - half_up(base * Decimal("3") / 100)
    key = _ask(
        staff, row, "discount", at, reason="老业主再次购房", total_price=str(total),
        discounts=[{"name": "老业主优惠", "percent": "3"}],
    )  # fmt: skip
    _registered(staff, key, at)
