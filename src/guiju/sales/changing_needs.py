"""Needs that keep a deal still while a change or refund is open on it."""

from __future__ import annotations

from django.db.models import QuerySet

from guiju.estate.seizures import seized_text
from guiju.kernel.engine import Context
from guiju.kernel.prepared import prepared
from guiju.kernel.process import need
from guiju.sales.changing import pending_change, why_changed
from guiju.sales.models import DealChange


def deal_id_of(context: Context) -> int | None:
    """Return the deal the case is about: the one linked, or the one its facts name."""
    linked = context.subject("deal")
    if linked is not None:
        return linked
    row = getattr(context.facts, "row", None)
    found: int | None = getattr(row, "deal_id", None)
    return found


@need("2.0")
def no_change_pending(context: Context) -> str | None:
    """Nobody signs, files, asks for pay-out or hands out keys while a change or refund is open on the deal."""
    deal_id = deal_id_of(context)
    number = pending_change(deal_id) if deal_id is not None else None
    if number is None or number == context.case.number:
        return None
    return f"本单有变更或退房 {number} 在办，办结或撤销以后再办"


@need("城市房地产管理法 38")
def not_seized(context: Context) -> str | None:
    """What a court or an authority has seized is not sold, filed, lent on, changed or paid back without its paper."""
    deal = getattr(context.facts, "deal", None)
    unit = deal.unit if deal is not None else None
    said = seized_text(unit) if unit is not None else None
    return f"{said}，解封以前不能办理" if said is not None else None


@need("2.0")
def no_change_in_approval(context: Context) -> str | None:
    """A deal is not ended over the heads of those who just approve a change of it: their request is withdrawn first."""
    deal_id = deal_id_of(context)
    # Several steps of one page ask this.
    if deal_id is not None and "in_approval" not in context.kept:
        context.kept["in_approval"] = _in_approval.one(deal_id, context.case.pk or 0)
    found = context.kept.get("in_approval")
    return None if found is None else f"{found[0]}（{found[1]}）正在审批，请先撤回"


@prepared
def _in_approval(deal_id: int, case_id: int) -> QuerySet[DealChange, tuple[str, str]]:
    rows = DealChange.objects.filter(deal_id=deal_id, open=True, case__pending_request_id__isnull=False)
    return rows.exclude(case_id=case_id).order_by("id").values_list("case__title", "case__number")[:1]


@need("2.0")
def unchanged_since_approval(context: Context) -> str | None:
    """What is executed is what was approved: the deal's terms have not moved since (domain 2.0)."""
    deal_id = deal_id_of(context)
    return why_changed(deal_id) if deal_id is not None else "没有成交，不能执行"
