"""
One change at a time on a deal: opening it, holding the version approved, and closing it (domain 2.0).

An approved change is not an executed one. Between approval and execution the deal's terms must not have moved.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from guiju.kernel.engine import Context
from guiju.kernel.prepared import prepared
from guiju.kernel.refusals import NotReady, Reason
from guiju.sales.models import Deal, DealChange

CLAUSE = "2.0"


@prepared
def _pending(deal_id: int) -> QuerySet[DealChange, DealChange]:
    return DealChange.objects.filter(deal_id=deal_id, open=True).select_related("case")


def pending_change(deal_id: int) -> str | None:
    """Return the number of the change or refund that is open on a deal, or None."""
    found = _pending.one(deal_id)
    return found.case.number if found is not None else None


def change_of(case_id: int) -> DealChange:
    """Return the change of a case.

    :raises DealChange.DoesNotExist: the case asks for none.
    """
    return DealChange.objects.select_related("deal").get(case_id=case_id)


def open_change(
    context: Context, *, deal: Deal, kind: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> DealChange:
    """
    Write that a change of ``kind`` ("refund" for a refund) is asked for; the deal is linked to the case.

    :raises NotReady: another one is open on the deal.
    """
    now = Deal.objects.get(pk=deal.pk)
    try:
        with transaction.atomic():
            made = DealChange.objects.create(
                case_id=context.case.pk, deal=now, kind=kind, opened_at=context.at, opened_version=now.terms_version,
                before=dict(before), after=dict(after),
            )  # fmt: skip
    except IntegrityError as error:
        number = pending_change(deal.pk) or ""
        raise NotReady([Reason(f"本单已有变更或退房 {number} 在办，办结后再申请", CLAUSE)]) from error
    context.link("deal", deal.pk)
    return made


def mark_approved(context: Context, deal: Deal) -> DealChange:
    """
    Write down which version of the deal's terms was approved.

    :raises NotReady: the terms have moved since the application.
    """
    change = change_of(context.case.pk)
    now = Deal.objects.get(pk=deal.pk)
    if now.terms_version != change.opened_version or not now.live:
        raise NotReady(
            [Reason(f"申请时成交条款是第 {change.opened_version} 版，现在是第 {now.terms_version} 版，请撤销后重新申请", CLAUSE)]
        )  # fmt: skip
    change.approved_version, change.approved_at = now.terms_version, context.recorded_at
    change.save(update_fields=["approved_version", "approved_at"])
    return change


def why_changed(deal_id: int) -> str | None:
    """Return why the open change of a deal may not be executed by its version, or None."""
    change = _pending.one(deal_id)
    if change is None or change.approved_version is None:
        return "变更还没有批准，不能执行"
    now = Deal.objects.get(pk=deal_id)
    if not now.live:
        return "这笔成交已经结束，不能执行变更"
    if now.terms_version != change.approved_version:
        return (
            f"批准的是成交条款第 {change.approved_version} 版，现在是第 {now.terms_version} 版，"
            "不能执行，请撤销后重新申请"
        )
    return None


def check_unchanged(deal: Deal) -> Deal:
    """
    Hold the deal's row and return it as it stands, if its terms are still those approved. The first act of execution.

    :raises NotReady: not approved, ended, or the terms have moved since.
    """
    held = Deal.objects.select_for_update().get(pk=deal.pk)
    if reason := why_changed(deal.pk):
        raise NotReady([Reason(reason, CLAUSE)])
    return held


def close_change(context: Context, *, executed: bool = True) -> DealChange:
    """Let the deal go: the change of this case is executed, or (``executed`` False) refused, withdrawn or cancelled."""
    change = change_of(context.case.pk)
    change.open, change.closed_at = False, context.at
    if executed:
        change.executed_at = context.at
    change.save(update_fields=["open", "closed_at", "executed_at"])
    return change
