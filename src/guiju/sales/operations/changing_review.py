"""What the posts do with an application for change between asking and execution. The deal is not touched."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Final

from guiju.estate.models import Control
from guiju.estate.operations import control
from guiju.kernel import search, store
from guiju.kernel.engine import Context
from guiju.kernel.numbering import document_number
from guiju.sales import changing_searching
from guiju.sales.changing import close_change, mark_approved
from guiju.sales.changing_facts import day_of, facts_of
from guiju.sales.changing_forms import (
    AgreementForm,
    BankConsentForm,
    CityForm,
    FinanceForm,
    HandBackForm,
    LegalForm,
    OpinionForm,
    ReportForm,
    ReviewForm,
    SignNewForm,
)
from guiju.sales.changing_rules import City
from guiju.sales.operations.acting import keep

HELD: Final = timedelta(days=3650)


def give_opinion(context: Context) -> None:
    """Record the sales director's opinion with the signature (I-5.2-1b)."""
    given = context.given
    assert isinstance(given, OpinionForm)
    row = facts_of(context).row
    row.director_id, row.director_signed_at, row.director_opinion = context.by_id, context.at, given.opinion
    store.write(row, "director_id", "director_signed_at", "director_opinion")
    keep(context, [given.signature], "director_signature", "销售总监签字")


def register(context: Context) -> None:
    """
    Fix the content, enter the change in its register with number and date, and sign (I-5.2-2a, 2b, 4b, 4c). The new
    unit is held at once, so that nobody else buys it meanwhile (I-5.2-6).
    """
    given = context.given
    assert isinstance(given, ReviewForm)
    facts = facts_of(context)
    row = facts.row
    row.registered_at, row.registered_by = context.at, context.by_id
    if not row.register_number:
        row.register_number = document_number("BGD", context.case.scope_id, context.at)
    row.findings = {**row.findings, "opinion": given.findings, "eligibility": given.eligibility_ok}
    store.write(row, "registered_at", "registered_by", "register_number", "findings")
    search.index_many([changing_searching.document(context.case, row)])
    keep(context, [given.signature], "change_checked", "客户服务部签字")
    unit = facts.new_unit
    if unit is not None and not control.holds(unit, context.case.pk):
        control.lock(
            unit=unit, case_id=context.case.pk, until=context.recorded_at + HELD, by_id=context.by_id, at=context.at,
            recorded_at=context.recorded_at,
        )  # fmt: skip
        context.link("unit", unit.pk)
    context.say(number=row.register_number)


def note_finance(context: Context) -> None:
    """Record what finance found: the difference, the old receipts (domain 2.3)."""
    given = context.given
    assert isinstance(given, FinanceForm)
    facts = facts_of(context)
    row = facts.row
    old, new = Decimal(facts.change.before["total_price"]), Decimal(facts.after["total_price"])
    row.finance = {
        "difference": str(new - old), "receipts_back": given.receipts_back, "lost": given.lost or "", "note": given.note,
    }  # fmt: skip
    row.finance_by, row.finance_at = context.by_id, context.at
    store.write(row, "finance", "finance_by", "finance_at")
    if given.lost:
        keep(context, [given.lost], "receipt_lost", "收据遗失声明")
    context.say(difference=new - old)


def note_legal(context: Context) -> None:
    """Record the opinion of legal, with the signed paper (domain 2.5)."""
    given = context.given
    assert isinstance(given, LegalForm)
    row = facts_of(context).row
    row.legal = {"lawyer": given.lawyer, "opinion": given.opinion}
    row.legal_by, row.legal_at = context.by_id, context.at
    store.write(row, "legal", "legal_by", "legal_at")
    keep(context, [given.paper], "legal_opinion", "法务意见")


def note_bank(context: Context) -> None:
    """Record what the bank says; the bank comes first (domain 2.5)."""
    given = context.given
    assert isinstance(given, BankConsentForm)
    row = facts_of(context).row
    row.bank_consent = {"bank": given.bank, "agrees": given.agrees, "dated": given.dated.isoformat()}
    store.write(row, "bank_consent")
    keep(context, [given.paper], "bank_consent", "银行意见")


def approve(context: Context) -> None:
    """
    The manager has reviewed and confirmed, and the general manager approved (I-5.2-5f, 5g): the version of the terms
    is written down. The deal stays as it is.
    """
    given = context.given
    assert isinstance(given, ReportForm)
    facts = facts_of(context)
    row = facts.row
    row.manager_id, row.manager_signed_at = context.by_id, context.at
    row.findings = {**row.findings, "manager": given.opinion}
    store.write(row, "manager_id", "manager_signed_at", "findings")
    keep(context, [given.signature], "manager_signature", "客户服务部经理签字")
    change = mark_approved(context, facts.deal)
    context.say(terms_version=change.approved_version)
    context.forget_facts()


def sign_new(context: Context) -> None:
    """Record who has signed the new paper, and how many old copies came back; may be done bit by bit."""
    given = context.given
    assert isinstance(given, SignNewForm)
    facts = facts_of(context)
    row = facts.row
    keys = {name: key for key, name in facts.people.items()}
    kept = {line["customer"]: line for line in row.signers}
    for one in given.signers:
        kept[keys[one.name]] = {
            "customer": keys[one.name], "signed": one.signed, "agent": one.agent, "on": day_of(context).isoformat(),
        }  # fmt: skip
    row.signers = list(kept.values())
    row.old_copies = min(99, row.old_copies + given.old_copies)
    if given.lost:
        row.findings = {**row.findings, "lost": True}
        keep(context, [given.lost], "paper_lost", "原件遗失声明")
    if isinstance(given, AgreementForm):
        row.agreement_number = given.number
        row.new_number = given.new_contract_number
        store.write(row, "agreement_number", "new_number")
    store.write(row, "signers", "old_copies", "findings")
    keep(context, [one.signed for one in given.signers], "change_signed", "变更签字")
    context.forget_facts()


def note_city(context: Context) -> None:
    """Record that the city's system has changed or cancelled the filing."""
    given = context.given
    assert isinstance(given, CityForm)
    row = facts_of(context).row
    row.city = {"act": City.CHANGE.value, "number": given.number, "done": given.done_date.isoformat()}
    store.write(row, "city")
    if given.paper:
        keep(context, [given.paper], "city_change", "城市系统办结凭证")


def take_back(context: Context) -> None:
    """Return to whoever applied: the new unit is let go, and everything is checked again when it comes back."""
    let_new_unit_go(context, "变更申请退回")


def drop(context: Context) -> None:
    """The change is refused or withdrawn: the deal goes on as it was, and the new unit is on sale again."""
    let_new_unit_go(context, "变更未执行")
    close_change(context, executed=False)


def let_new_unit_go(context: Context, reason: str) -> None:
    """Put the unit held for a 换房 back on sale, if this case still holds it."""
    unit = facts_of(context).new_unit
    if unit is not None and control.holds(unit, context.case.pk):
        control.let_go(
            unit_id=unit.pk, case_id=context.case.pk, to=Control.AVAILABLE, expected=(Control.LOCKED,),
            by_id=context.by_id, at=context.at, recorded_at=context.recorded_at, reason=reason,
        )  # fmt: skip


def hand_back(context: Context) -> None:
    """The application goes back to sales, with day and receiver (I-5.2-3)."""
    given = context.given
    assert isinstance(given, HandBackForm)
    row = facts_of(context).row
    row.receiver, row.handed_back_at, row.handed_back_by = given.receiver, context.at, context.by_id
    store.write(row, "receiver", "handed_back_at", "handed_back_by")
    if given.signature:
        keep(context, [given.signature], "change_received", "接收人签字")
    context.say(receiver=given.receiver, returned=given.returned_date or day_of(context))
