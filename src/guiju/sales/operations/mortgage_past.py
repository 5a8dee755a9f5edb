"""
Loans of an owners' register taken up (接办): from history to a case that is governed, timed and counted, at the stage that
its facts show. Nothing is invented: bank, amount and kind are the register's; what it does not say is given by who takes
it up, with the source. Effects of ``processes.mortgage``.
"""

from __future__ import annotations

from datetime import date, datetime, time

from guiju.kernel import figures, ports, store
from guiju.kernel.engine import Context
from guiju.kernel.models import Case
from guiju.kernel.numbering import ZONE
from guiju.sales import mortgage_forms as forms
from guiju.sales.models import DealBuyer, Mortgage
from guiju.sales.mortgage_facts import facts_of
from guiju.sales.operations import mortgage as acts
from guiju.sales.regimes import gate_opened


def keep_as_past(context: Context) -> None:
    """A loan that was split off another of the past is of the past itself: no papers asked, no clock, no notice."""
    case, row = context.case, facts_of(context).row
    case.historic = True
    store.update(Case, {"historic": True}, id=case.pk)
    row.papers.all().delete()
    context.forget_facts()


def split(context: Context) -> None:
    """A combined loan of the register becomes two: bank and fund, together what it was (domain 1.11)."""
    given, row = context.given, facts_of(context).row
    assert isinstance(given, forms.SplitForm)
    context.say(old=row.amount, commercial=row.amount - given.fund_amount, fund=given.fund_amount)
    row.amount -= given.fund_amount
    store.write(row, "amount")
    figures.say(context, row)
    opened = context.open(
        "mortgage",
        given={"part": Mortgage.FUND, "amount": str(given.fund_amount), "bank": given.fund_bank},
        links=[("unit", row.deal.unit_id), ("deal", row.deal_id)],
    )
    context.nested(opened, "import")
    context.forget_facts()


def take_up(context: Context) -> None:
    """From now on the loan is worked by the SOP in force; its papers are asked for (DECISIONS 22)."""
    _wake(context)
    row = facts_of(context).row
    acts.ask_for_papers(context, row, acts.buyers_of(row.deal_id))


def take_up_submitted(context: Context) -> None:
    """The bank has the file: it took the papers itself."""
    given = context.given
    assert isinstance(given, forms.TakeUpSubmittedForm)
    _wake(context)
    row = facts_of(context).row
    row.acceptance_number, row.submitted_at = given.acceptance_number, _noon(given.submitted_date)
    store.write(row, "acceptance_number", "submitted_at")


def take_up_approved(context: Context) -> None:
    """The bank has said yes, in full, and its word still holds."""
    given = context.given
    assert isinstance(given, forms.TakeUpApprovedForm)
    _wake(context)
    acts.approve(context)
    row = facts_of(context).row
    row.decided_at = _noon(given.decided_date)
    store.write(row, "decided_at")


def take_up_paid(context: Context) -> None:
    """The money had come before: it is booked as any pay-out, and nobody is told of what is long ago."""
    given = context.given
    assert isinstance(given, forms.TakeUpPaidForm)
    _wake(context)
    contract = facts_of(context).contract
    early = contract is not None and gate_opened(contract, given.received_date) is None
    acts.pay_out(context, tell=False)
    row = facts_of(context).row
    row.before_gate = early
    store.write(row, "before_gate")
    context.say(before_gate=early)


def _noon(day: date) -> datetime:
    """The register and the bank's papers say days, not hours."""
    return datetime.combine(day, time(12), ZONE)


def _wake(context: Context) -> None:
    """Bind the case to the SOP in force, name its buyers, and take what the act says of bank."""
    case, row = context.case, facts_of(context).row
    policy = ports.policies().current(
        case.process, company_id=case.chain_id, project_id=case.scope_id, at=context.at
    )
    context.policy = policy
    case.historic, case.sop_version_id = False, policy.id
    store.update(Case, {"historic": False, "sop_version_id": policy.id}, id=case.pk)
    bank = getattr(context.given, "bank", "")
    if bank and bank != row.bank:
        acts.set_bank(context, bank)
    buyers: list[DealBuyer] = acts.buyers_of(row.deal_id)
    for buyer in buyers:
        context.link("customer", buyer.customer_id)
    context.title = acts.title_of(row, buyers)
