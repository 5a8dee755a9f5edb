"""What a step's form can know by itself before anybody types: prices, names, accounts already in the books."""

from __future__ import annotations

from typing import Any

from guiju.desk.models import Reception
from guiju.kernel.models import Case
from guiju.sales.models import (
    AddedClause,
    ContractApproval,
    DealBuyer,
    Mortgage,
    RoomReturn,
    Signing,
    Subscription,
)
from guiju.sales.refund_facts import RefundFacts


def prefill(case: Case, step: str) -> dict[str, Any]:
    """Return the values with which the form of a step starts; the person may change every one of them."""
    if case.process == "reception":
        return _of_reception(case, step)
    if case.process == "refund":
        return _of_refund(case, step)
    if case.process == "mortgage":
        return _of_mortgage(case, step)
    if case.process == "contract_approval":
        return _of_approval(case, step)
    if case.process == "signing":
        return _of_signing(case, step)
    if case.process != "subscription" or step not in (
        "hand_in",
        "confirm_deposit",
        "confirm_more",
        "part_deposit",
    ):
        return {}
    facts = (
        Subscription.objects.filter(case=case)
        .select_related("unit__project", "deal")
        .prefetch_related("deal__buyers__customer")
        .first()
    )
    if facts is None:
        return {}
    if step == "hand_in":
        price = facts.unit.list_price
        return {"total_price": str(price)} if price is not None else {}
    given: dict[str, Any] = {"account": facts.unit.project.escrow_account}
    if facts.deal is not None:
        first = min(facts.deal.buyers.all(), key=lambda buyer: buyer.position, default=None)
        if first is not None:
            given["payer"] = first.customer.name
    if step == "confirm_deposit" and facts.deposit is not None:
        given["amount"] = str(facts.deposit)
    return given


def _of_signing(case: Case, step: str) -> dict[str, Any]:
    """Return what is known at signing: one line for each buyer, the clause that waits longest."""
    row = Signing.objects.filter(case=case).first()
    if row is None:
        return {}
    if step == "check_signatures":
        buyers = DealBuyer.objects.filter(deal_id=row.deal_id).order_by("position")
        return {
            "signers": [
                {"buyer": str(place), "by_agent": one.letter_id is not None}
                for place, one in enumerate(buyers, 1)
            ]
        }
    if step == "check_papers":
        wanted = row.papers.filter(needed=True, received_at=None).order_by("position")
        return {"papers": [{"paper": str(place)} for place in wanted.values_list("position", flat=True)]}
    kind = {"release_clause": AddedClause.CLAUSE, "review_service": AddedClause.SERVICE}.get(step)
    waiting = (
        AddedClause.objects.filter(signing=row, kind=kind or "", accepted=None).order_by("position").first()
    )
    return {"number": str(waiting.position)} if waiting is not None else {}


def _of_approval(case: Case, step: str) -> dict[str, Any]:
    """Return as many copies to seal as the review of the signing found; nothing for a contract that was not signed here."""
    if step != "seal":
        return {}
    found = ContractApproval.objects.filter(case=case).values_list("contract__case_id", flat=True).first()
    row = Signing.objects.filter(case_id=found).first() if found else None
    copies = (row.review or {}).get("copies") if row is not None else None
    return {"copies": str(copies)} if copies else {}


def _of_mortgage(case: Case, step: str) -> dict[str, Any]:
    """Return where the bank's money goes and how much is to come; a line for each paper that is not there yet."""
    row = Mortgage.objects.filter(case=case).select_related("project").first()
    if row is None:
        return {}
    if step == "receive_papers":
        buyers = DealBuyer.objects.filter(deal_id=row.deal_id).order_by("position")
        place = {customer: at for at, customer in enumerate(buyers.values_list("customer_id", flat=True), 1)}
        wanted = row.papers.filter(needed=True, received_at=None).order_by("position")
        return {
            "items": [
                {"kind": paper.kind, "buyer": str(place.get(paper.customer_id or 0, 1)), "state": paper.state}
                for paper in wanted
            ]
        }
    if step == "ask_payout":
        return {"account": row.project.escrow_account}
    if step == "disburse":
        left = (row.approved_amount or row.amount) - row.disbursed_amount
        return {"account": row.project.escrow_account, "amount": str(left)}
    if step == "approve":
        return {"amount": str(row.amount)}
    if step in ("settle_arrears", "ask_to_pay", "pay_for_buyer", "recover"):
        return _of_arrears(row, step)
    return {}


def _of_arrears(row: Mortgage, step: str) -> dict[str, Any]:
    """Return the repayment that a step is about: the oldest that waits for it."""
    waiting = {
        "pay_for_buyer": {"settled_at": None, "payment_approved_at__isnull": False},
        "recover": {"paid_by_us": True, "recovered_at": None},
    }.get(step, {"settled_at": None})
    found = row.arrears.filter(**waiting).order_by("due_date").first()
    if found is None:
        return {}
    due = found.due_date.isoformat()
    return {"due_date": due, "amount": str(found.amount)} if step == "ask_to_pay" else {"due_date": due}


def _of_reception(case: Case, step: str) -> dict[str, Any]:
    """Return what is known of a talk: where it usually goes, who it is."""
    row = Reception.objects.filter(case=case).select_related("customer").first()
    if row is None:
        return {}
    if step == "hand_on":
        usual = {"complaint": "complaint", "repair": "after_sales"}.get(row.kind, "internal_memo")
        said = row.problem or row.need or row.words
        return {
            "to": usual, "urgency": row.urgency, "repeat_of": row.repeat_of, "symptom": row.problem[:200],
            "subject": f"{row.get_kind_display()}：{said}"[:120] if usual == "internal_memo" else "",
        }  # fmt: skip
    if step == "identify":
        return {"customer": row.customer_id or "", "caller": row.caller, "relation": row.relation}
    return {}


def _of_refund(case: Case, step: str) -> dict[str, Any]:
    """Return what was calculated: the sums to be approved, the bank to be paid off, the payees still to be paid."""
    row = RoomReturn.objects.filter(case=case).select_related("deal").first()
    if row is None:
        return {}
    facts = RefundFacts(row)
    if step == "submit" and row.payable is not None:
        return {"payable": str(row.payable), "kept": str(row.kept)}
    open_ = [one for one in facts.payees if one.paid_date is None and one.amount > 0]
    bank = next((one for one in open_ if one.kind == "bank"), None)
    if step == "pay_bank" and bank is not None:
        return {"bank": bank.name, "amount": str(bank.amount)}
    if step == "pay":
        return {
            "payments": [
                {"payee": one.name, "amount": str(facts.open_of(one))} for one in open_ if one.kind != "bank"
            ]
        }
    if step == "pay_part":
        return {"payments": [{"payee": one.name} for one in open_ if one.kind != "bank"]}
    return {}
