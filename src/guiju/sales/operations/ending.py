"""How a deal ends: the cases that follow it are cancelled with it, in one transaction."""

from __future__ import annotations

from typing import Final

from django.db.models import F

from guiju.kernel.engine import Context
from guiju.kernel.models import Case, CaseLink
from guiju.kernel.refusals import NotReady, Reason
from guiju.sales.models import Contract, Deal

FOLLOWING: Final = ("signing", "contract_approval", "presale_filing", "mortgage")


def cases_of(deal_id: int, *processes: str) -> list[Case]:
    """Return the running cases of these processes on a deal, oldest first (the order in which they are locked)."""
    keys = CaseLink.objects.filter(kind="deal", key=deal_id).values_list("case_id", flat=True)
    rows = Case.objects.filter(pk__in=list(keys), process__in=processes, closed_at=None)
    return list(rows.order_by("pk"))


def cancel_cases(context: Context, deal_id: int, *processes: str, reason: str) -> None:
    """
    Cancel the running cases of these processes on a deal, in this transaction.

    :raises NotReady: one of them waits for an approval, which has to be withdrawn first.
    """
    for case in cases_of(deal_id, *processes):
        if case.pending_request_id is not None:
            raise NotReady([Reason(f"{case.title}（{case.number}）正在审批，请先撤回", "I-5.4-0")])
        context.nested(case, "cancel", given={"reason": reason})


def end_deal(context: Context, deal: Deal, *, reason: str) -> None:
    """
    End a deal: it lives no more, its contract is closed, and the cases that follow the contract (签约, 合同审批,
    预售登记, 按揭) are cancelled, all in this transaction. Unit and money are the caller's.

    :raises NotReady: one of those cases waits for an approval, which has to be withdrawn first.
    """
    cancel_cases(context, deal.pk, *FOLLOWING, reason=reason)
    Contract.objects.filter(deal_id=deal.pk, live=True).update(
        live=False, closed_at=context.at, close_reason=reason[:40]
    )
    Deal.objects.filter(pk=deal.pk).update(
        live=False, stage=Deal.CLOSED, closed_at=context.at, close_reason=reason[:40],
        terms_version=F("terms_version") + 1,
    )  # fmt: skip
    deal.refresh_from_db()
