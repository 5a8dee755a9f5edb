"""Execution of a 签约变更, in one transaction (domain 2.5)."""

from __future__ import annotations

from decimal import Decimal

from django.db.models import F

from guiju.kernel import figures
from guiju.kernel.engine import Context
from guiju.sales.changing import check_unchanged, close_change
from guiju.sales.changing_facts import day_of, facts_of, pays_by_loan
from guiju.sales.changing_forms import Kind
from guiju.sales.changing_rules import Way
from guiju.sales.models import Contract, Deal
from guiju.sales.operations.changing_terms import put_buyers, put_terms, reshape_book
from guiju.sales.operations.ending import cancel_cases


def execute(context: Context) -> None:
    """
    Execute an approved change of a contract, in one transaction: by supplement the contract goes on with other terms;
    signed anew, the old one is closed and the new one takes its place, to be approved and filed again (domain 2.5).
    """
    facts = facts_of(context)
    deal = check_unchanged(facts.deal)
    row, kind, after = facts.row, facts.kind, facts.after
    old = row.contract
    assert old is not None
    row.old_number, reason = old.number, f"{kind.label} {context.case.number}"
    if row.findings.get("way") == Way.RESIGN.value:
        cancel_cases(context, deal.pk, "contract_approval", "presale_filing", reason=reason)
        if kind is Kind.RENAME:
            cancel_cases(context, deal.pk, "mortgage", reason=reason)
        put_buyers(context, deal, None, after["buyers"])
        # The signing's own case goes on with the new contract: it is reviewed, taken over and archived as the old one was.
        Contract.objects.filter(pk=old.pk).update(
            live=False, closed_at=context.at, close_reason=kind.label[:40], case=None
        )
        made = Contract.objects.create(
            deal=deal, case_id=old.case_id, number=row.new_number, text=None, signed_date=day_of(context), total_price=old.total_price,
            unit_price=old.unit_price, plan=old.plan, terms=old.terms, deviations=old.deviations,
        )  # fmt: skip
        Deal.objects.filter(pk=deal.pk).update(contract_number=row.new_number, signed_date=day_of(context))
        figures.say(context, made)
    elif kind in (Kind.PAYMENT, Kind.DISCOUNT, Kind.PLAN, Kind.BANK):
        gives_up = pays_by_loan(facts.change.before["payment"]) and not pays_by_loan(after["payment"])
        if gives_up:
            cancel_cases(context, deal.pk, "mortgage", reason=reason)
        put_terms(deal, None, after)
        Contract.objects.filter(pk=old.pk).update(
            plan=after["plan"], total_price=Decimal(after["total_price"]), unit_price=deal.unit_price
        )
        figures.say(context, deal, old)
        if kind is not Kind.BANK:
            reshape_book(context, facts, deal)
    Deal.objects.filter(pk=deal.pk).update(terms_version=F("terms_version") + 1)
    row.save(update_fields=["old_number", "new_number"])
    close_change(context)
    context.say(old=row.old_number, new=row.new_number, agreement=row.agreement_number, invoices=row.invoices)
    context.forget_facts()
