"""
What follows by itself: the end of a subscription with money paid begins a refund, with the decision of the deposit table;
a rescission decided while dunning begins the return of the home.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from guiju.kernel import chain, engine
from guiju.kernel.calendar import local_date
from guiju.kernel.models import CaseLink, Event
from guiju.kernel.money import ZERO, money
from guiju.kernel.reactions import reaction
from guiju.ledger.queries import statement
from guiju.sales.deposit import Cause
from guiju.sales.dunning_forms import Way
from guiju.sales.models import Deal, Subscription
from guiju.sales.operations.dunning import facts_for as dunning_facts
from guiju.sales.receivables import last_deal, settle_ended
from guiju.sales.refund_sheet import ReasonClass

# The reason class of a refund that follows a decision of the deposit table (domain 1.2).
CLASS_OF: Final[Mapping[Cause, ReasonClass]] = {
    Cause.NO_PERMIT: ReasonClass.LEGAL,
    Cause.SELLER_DEFAULT: ReasonClass.COMPANY_FAULT,
    Cause.BUYER_DEFAULT: ReasonClass.BUYER_FAULT,
    Cause.NO_AGREEMENT: ReasonClass.CONTRACT,
    Cause.NO_FAULT: ReasonClass.NO_FAULT,
    Cause.DEATH: ReasonClass.NO_FAULT,
    Cause.NOT_DEPOSIT: ReasonClass.GOODWILL,
}
RESCISSION: Final = "民法典第 563 条、第 565 条，合同关于逾期付款的约定"
CAUSES: Final = {cause.value: cause for cause in Cause}


def said(number: str, outcome: Mapping[str, Any]) -> str:
    """Return the decision in words, with its figures."""
    cause, paid = CAUSES[outcome["cause"]], Decimal(outcome["paid"])
    forfeited, refund = Decimal(outcome["forfeited"]), Decimal(outcome["refund"])
    parts = [f"已收 {money(paid)}"]
    if forfeited:
        parts.append(f"没收定金 {money(forfeited)}")
    parts.append(f"应退 {money(refund)}" + ("和利息" if outcome.get("interest") else ""))
    return f"认购 {number} 已结束（{cause.label}）：{'，'.join(parts)}。{outcome['rule']}"


@reaction("subscription", "decide_default", "cancel", name="sales.refunds.open")
def open_refund(event: Event, at: datetime) -> None:
    """Money of a subscription that ended is not left lying: its refund begins by itself. Nothing to pay, nothing begins."""
    row = Subscription.objects.select_related("case", "unit", "deal").get(case_id=event.case_id or 0)
    book = settle_ended(row, event, at)
    if book is None or not row.outcome:
        return
    double = max(ZERO, Decimal(row.outcome["refund"]) - Decimal(row.outcome["paid"]))
    if statement(book).over + double <= 0:
        return
    if CaseLink.objects.filter(kind="case", key=row.case_id, case__process="refund").exists():
        return
    deal = Deal.objects.get(pk=last_deal(row) or 0)
    engine.open_case(
        "refund", by=None, at=at, chain_id=event.chain_id, scope_id=deal.project_id, follows=True,
        links=[("deal", deal.pk), ("unit", deal.unit_id), ("case", row.case_id)],
        given={
            "kind": "money", "cause": CLASS_OF[CAUSES[row.outcome["cause"]]].value, "clause": row.outcome["rule"],
            "words": said(row.number or row.case.number, row.outcome), "deal": deal.pk,
        },
    )  # fmt: skip


@reaction("dunning", "decide", name="sales.refunds.rescind")
def begin_return(event: Event, at: datetime) -> None:
    """A contract that is rescinded for a debt is wound up: the return of the home begins by itself (CC 563, 565)."""
    given = chain.open_body(event.body)["given"]
    if given["way"] != Way.RESCIND.value:
        return
    case_id = event.case_id or 0
    if CaseLink.objects.filter(kind="case", key=case_id, case__process="refund").exists():
        return
    facts = dunning_facts(case_id)
    deal, line = facts.deal, facts.line
    assert deal is not None
    words = (
        f"{facts.receivable.name}应于 {line.due_date} 付清，欠 {money(line.open)}，逾期 {line.late(local_date(event.happened_at))} 日，"
        f"经催告仍未付清，决定解除合同：{given['reason']}"
    )
    engine.open_case(
        "refund", by=None, at=at, chain_id=event.chain_id, scope_id=deal.project_id, follows=True,
        links=[("deal", deal.pk), ("unit", deal.unit_id), ("case", case_id)],
        given={
            "kind": "room", "cause": ReasonClass.BUYER_FAULT.value, "clause": RESCISSION, "words": words[:1000],
            "deal": deal.pk,
        },
    )  # fmt: skip
