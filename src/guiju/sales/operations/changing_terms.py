"""What the execution of a change writes: terms and buyers as approved, and the plan in the books."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from guiju.customers.models import Customer
from guiju.customers.operations.entries import index_customer
from guiju.kernel.engine import Context
from guiju.kernel.money import half_up
from guiju.ledger.queries import book_of_deal
from guiju.sales import receivables
from guiju.sales.changing_facts import ChangeFacts, day_of
from guiju.sales.changing_money import reshape
from guiju.sales.models import BuyerPaper, Deal, DealBuyer, Subscription


def reshape_book(context: Context, facts: ChangeFacts, deal: Deal) -> None:
    """Let the books of the deal owe what the new plan says; a deal without books owes by the seal of its 认购书."""
    book = book_of_deal(deal.pk)
    if book is None:
        return
    after, sub = facts.after, facts.row.subscription
    lines = receivables.planned(
        after["plan"], payment=after["payment"], deposit_due=deal.subscribed_date or day_of(context),
        signing_due=sub.signing_due_date if sub is not None else deal.signed_date,
    )  # fmt: skip
    reshape(
        book, lines, reason=f"变更 {context.case.number}", at=context.at, recorded_at=context.recorded_at,
        by_id=context.by_id, case_id=context.case.pk,
    )  # fmt: skip


def put_terms(deal: Deal, row: Subscription | None, after: dict[str, Any]) -> None:
    """Write payment, price and plan as approved, to deal and 认购书."""
    unit = deal.unit
    total = Decimal(after["total_price"])
    area = unit.inner_area if unit.pricing_basis == "inner" else unit.area_contract
    down = after.get("down_payment")
    deal.payment, deal.bank, deal.total_price = after["payment"], after.get("bank") or "", total
    deal.down_payment = None if down is None else Decimal(down)
    deal.unit_price = half_up(total / area) if area and unit.pricing_basis != "set" else None
    deal.save(update_fields=["payment", "bank", "total_price", "down_payment", "unit_price"])
    if row is not None:
        row.plan, row.discounts = after["plan"], after["discounts"]
        deposit = Decimal(after["deposit"]) if after.get("deposit") else row.deposit
        if row.deposit is not None and deposit is not None and deposit > row.deposit:
            # What is asked for more has not arrived: the cashier confirms anew before the seal.
            row.deposit_confirmed_at = row.deposit_confirmed_by = None
        row.deposit = deposit


def put_buyers(context: Context, deal: Deal, row: Subscription | None, lines: list[dict[str, Any]]) -> None:
    """Let these be the buyers: who left is asked for nothing more, who came owes the papers of a buyer."""
    keep = {line["customer"] for line in lines}
    DealBuyer.objects.filter(deal=deal).exclude(customer_id__in=keep).delete()
    if row is not None:
        row.papers.exclude(customer_id__in=keep).update(needed=False)
    for place, line in enumerate(lines, 1):
        DealBuyer.objects.update_or_create(
            deal=deal, customer_id=line["customer"],
            defaults={
                "position": place, "share": Decimal(line["share"]) if line["share"] else None,
                "relation": line["relation"], "letter_id": line["letter"],
            },
        )  # fmt: skip
        context.link("customer", line["customer"])
        index_customer(Customer.objects.get(pk=line["customer"]))
        if row is not None and "permit" in line:
            kinds = [BuyerPaper.IDENTITY] + ([BuyerPaper.RESIDENCE] if line["permit"] else [])
            for kind in kinds:
                BuyerPaper.objects.update_or_create(
                    subscription=row, customer_id=line["customer"], kind=kind, defaults={"needed": True}
                )
