"""How a deal ends: the cases that follow it are cancelled with it, in one transaction."""

from __future__ import annotations

from typing import Final

from django.db.models import F

from guiju.kernel.engine import Context
from guiju.kernel.models import Case, CaseLink
from guiju.kernel.refusals import NotReady, Reason
from guiju.sales.models import Contract, Deal, DealChange

# How a change or refund is ended whose deal ends otherwise.
ENDED_BY: Final = {"subscription_change": "cancel", "contract_change": "cancel", "refund": "withdraw"}
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


def end_change(context: Context, deal_id: int, *, reason: str) -> None:
    """
    End the change or refund that is open on a deal, other than this case itself, because the deal ends (domain 2.0): a
    unit held for it is let go, and the reason stands in its file.

    :raises NotReady: it waits for an approval, which has to be withdrawn first.
    """
    found = DealChange.objects.filter(deal_id=deal_id, open=True).exclude(case_id=context.case.pk)
    for change in found.select_related("case"):
        case = change.case
        if case.pending_request_id is not None:
            raise NotReady([Reason(f"{case.title}（{case.number}）正在审批，请先撤回", "2.0")])
        context.nested(case, ENDED_BY[case.process], given={"reason": f"成交已结束：{reason}"})
        context.say(ended_change=case.number)


def end_deal(context: Context, deal: Deal, *, reason: str) -> None:
    """
    End a deal: it lives no more, its contract is closed, a change open on it and the cases that follow the contract (签约, 合同审批,
    预售登记, 按揭) are cancelled, all in this transaction. Unit and money are the caller's.

    :raises NotReady: one of those cases waits for an approval, which has to be withdrawn first.
    """
    end_change(context, deal.pk, reason=reason)
    cancel_cases(context, deal.pk, *FOLLOWING, reason=reason)
    Contract.objects.filter(deal_id=deal.pk, live=True).update(
        live=False, closed_at=context.at, close_reason=reason[:40]
    )
    Deal.objects.filter(pk=deal.pk).update(
        live=False, stage=Deal.CLOSED, closed_at=context.at, close_reason=reason[:40],
        terms_version=F("terms_version") + 1,
    )  # fmt: skip
    deal.refresh_from_db()
