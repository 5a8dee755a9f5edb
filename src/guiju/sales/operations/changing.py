"""
What the steps of 认购变更 and 签约变更 do. Only execution touches the deal, in one transaction; and how a deal ends.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from django.db.models import F

from guiju.customers.identity import decide
from guiju.customers.models import Customer
from guiju.customers.operations.entries import enter, index_customer, letter
from guiju.estate.models import Control, Unit
from guiju.estate.operations import control
from guiju.kernel import search, store
from guiju.kernel.engine import Context
from guiju.kernel.models import Case, CaseLink
from guiju.kernel.money import half_up
from guiju.kernel.numbering import document_number
from guiju.kernel.refusals import NotReady, Reason
from guiju.ledger.operations import books
from guiju.ledger.operations.allocating import allocate_book
from guiju.ledger.operations.receivables import add
from guiju.ledger.queries import book_of_deal
from guiju.org.models import Person
from guiju.papers.operations.attachments import attach
from guiju.sales import changing_searching, pricing, receivables
from guiju.sales.changing import check_unchanged, close_change, mark_approved, open_change
from guiju.sales.changing_checks import kind_of, verdict_of, wanted
from guiju.sales.changing_facts import (
    ChangeFacts,
    Target,
    asked_for,
    day_of,
    facts_of,
    invoices_of,
    pays_by_loan,
    unit_called,
)
from guiju.sales.changing_forms import (
    AgreementForm,
    ApplyForm,
    BankConsentForm,
    CityForm,
    ContractApplyForm,
    FinanceForm,
    HandBackForm,
    Kind,
    LegalForm,
    OfChangeForm,
    OpinionForm,
    ReportForm,
    ReviewForm,
    SignNewForm,
)
from guiju.sales.changing_money import move_all, reshape
from guiju.sales.changing_rules import City, Way
from guiju.sales.facts import facts_of as subscription_facts
from guiju.sales.forms import BuyerForm, Residence, instalments
from guiju.sales.models import (
    BuyerPaper,
    ChangeApplication,
    Contract,
    Deal,
    DealBuyer,
    DealChange,
    Payment,
    Subscription,
)
from guiju.sales.operations.subscribing import _index

FOLLOWING: Final = ("signing", "contract_approval", "presale_filing", "mortgage")
HELD: Final = timedelta(days=3650)
TAKEN: Final = (Control.LOCKED, Control.SUBSCRIBED)


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


# --- asking ---------------------------------------------------------------------------------------------------------
def _person(context: Context) -> Person:
    return context.by if isinstance(context.by, Person) else Person.objects.get(pk=context.by_id or 0)


def _attach(context: Context, hashes: list[str], kind: str, title: str) -> None:
    if hashes:
        attach(
            sha256s=hashes, company_id=context.case.chain_id, kind=kind, by=_person(context), at=context.recorded_at,
            case=context.case, title=title,
        )  # fmt: skip


def apply(context: Context) -> None:
    """Write the application with the original and the new terms; nothing of the deal is touched (I-5.2-1a)."""
    target = asked_for(context)
    assert target is not None
    kind = kind_of(context)
    change = open_change(
        context,
        deal=target.deal,
        kind=kind.value,
        before=target.before(),
        after=_after(context, target, kind),
    )
    row = ChangeApplication(
        case_id=context.case.pk, change=change, subscription=target.subscription, contract=target.contract
    )
    _write(context, target, row)
    store.add(row)
    for buyer in target.buyers:
        context.link("customer", buyer.customer_id)
    label = "签约变更" if target.contract is not None else "认购变更"
    context.title = context.case.title = f"{label} {target.unit.label} {kind.label}"
    search.index_many([changing_searching.document(context.case, row)])


def apply_again(context: Context) -> None:
    """Write a returned application anew: opinions and registration begin again."""
    facts = facts_of(context)
    kind, change, row = kind_of(context), facts.change, facts.row
    _let_new_unit_go(context, "申请退回重填")
    target = facts.target
    change.kind, change.before, change.after = kind.value, target.before(), _after(context, target, kind)
    change.opened_version = Deal.objects.get(pk=change.deal_id).terms_version
    change.save(update_fields=["kind", "before", "after", "opened_version"])
    row.director_id = row.director_signed_at = row.finance_at = row.finance_by = row.legal_at = (
        row.legal_by
    ) = None
    row.director_opinion, row.finance, row.legal, row.bank_consent, row.signers = "", {}, {}, {}, []
    _write(context, target, row)
    row.save()
    context.title = (
        f"{'签约变更' if target.contract is not None else '认购变更'} {target.unit.label} {kind.label}"
    )
    context.forget_facts()


def _write(context: Context, target: Target, row: ChangeApplication) -> None:
    given = wanted(context)
    by_name = {buyer.customer.name: buyer.customer_id for buyer in target.buyers}
    row.reason, row.proof, row.applied_by = given.reason, list(given.proof), context.by_id
    row.applied_signers = [
        {
            "customer": by_name[one.name],
            "signed": one.signed,
            "agent": one.agent,
            "on": day_of(context).isoformat(),
        }
        for one in given.applicants
    ]
    row.company_cause = bool(getattr(given, "company_cause", False))
    row.findings = {}
    if isinstance(given, ContractApplyForm):
        found = verdict_of(target, given, city_resigns=bool(context.setting("city_resigns", 0)))
        row.findings = {
            "way": found.way.value, "city": found.city.value, "bank_first": found.bank_first,
            "filed": target.standing.filed, "loan": target.standing.loan.value, "pre_notice": target.standing.pre_notice,
        }  # fmt: skip
        row.invoices = _invoice_effects(target, kind_of(context))
    _attach(context, list(given.proof), "change_proof", "变更证明材料")
    _attach(context, [one.signed for one in given.applicants], "change_applied", "变更申请签字")


def _invoice_effects(target: Target, kind: Kind) -> list[dict[str, str]]:
    """Return what becomes of each invoice that stands: taken back in red and issued anew where buyer or price change."""
    again = kind.buyers or kind is Kind.DISCOUNT or kind is Kind.PAYMENT
    act = "开红字发票后重开" if again else "不变"
    return [
        {"number": one.number, "amount": str(one.amount), "title": one.request.title, "act": act}
        for one in invoices_of(target.deal.pk)
    ]


def _after(context: Context, target: Target, kind: Kind) -> dict[str, Any]:
    given, deal = wanted(context), target.deal
    if kind.buyers:
        return {"buyers": _buyers_after(context, target, kind)}
    if kind is Kind.EXTEND:
        until = getattr(given, "until_date", None)
        return {"signing_due": until.isoformat() if until is not None else None}
    if kind is Kind.BANK:
        return {"bank": given.bank}
    if kind is Kind.OTHER:
        return {"items": [item.model_dump() for item in given.items]}
    unit = deal.unit
    if kind is Kind.SWAP and isinstance(given, ApplyForm):
        found = unit_called(given.new_unit, deal.project_id)
        assert found is not None
        unit = found
    payment = given.payment or Payment(deal.payment)
    total = given.total_price or target.total
    list_price = unit.list_price if kind is Kind.SWAP else deal.list_price
    down = given.down_payment if given.down_payment is not None else deal.down_payment
    if not payment.needs_bank and payment is not Payment.INSTALMENTS:
        down = None
    row = target.subscription
    due = row.signing_due_date if row is not None and row.signing_due_date else day_of(context)
    lines = pricing.lines(list_price or Decimal(0), given.discounts)
    plan = given.plan or instalments(
        payment,
        total=total,
        deposit=(row.deposit if row is not None else None) or Decimal(0),
        down=down,
        due=due,
    )
    after: dict[str, Any] = {
        "payment": payment.value, "total_price": str(total), "down_payment": None if down is None else str(down),
        "plan": [line.model_dump(mode="json") for line in plan],
    }  # fmt: skip
    if kind is not Kind.PLAN:
        after["discounts"] = [
            {"name": line.name, "deduction": str(line.deduction), "left": str(line.left)} for line in lines
        ]
    if given.bank or (deal.bank and not payment.needs_bank):
        after["bank"] = given.bank if payment.needs_bank else ""
    if kind is Kind.SWAP:
        after |= {"unit": unit.pk, "list_price": str(unit.list_price)}
    return after


def _buyers_after(context: Context, target: Target, kind: Kind) -> list[dict[str, Any]]:
    given = wanted(context)
    shares = {one.name: one.share for one in given.shares}
    stay = [] if kind is Kind.RENAME else [b for b in target.buyers if b.customer.name not in given.leaving]
    lines = [
        {
            "customer": b.customer_id, "share": _share(shares, b.customer.name), "relation": b.relation,
            "letter": b.letter_id,
        }
        for b in stay
    ]  # fmt: skip
    return lines + [_enter(context, buyer, shares) for buyer in given.buyers]


def _share(shares: dict[str, Decimal], name: str) -> str | None:
    return str(shares[name]) if name in shares else None


def _enter(context: Context, buyer: BuyerForm, shares: dict[str, Decimal]) -> dict[str, Any]:
    """Put a new buyer on file, with the letter of whoever acts for them; the purchase itself waits for execution."""
    identity = decide(buyer.identity)
    source = f"变更申请 {context.case.number}"
    customer = enter(
        company_id=context.case.chain_id, name=buyer.name, identity=buyer.identity, phone=buyer.phone,
        address=buyer.address, at=context.at, source=source,
        kind=Customer.ORGANISATION if identity.kind.is_organisation else Customer.PERSON,
        birth_date=identity.born_date, local_household=buyer.residence is Residence.LOCAL or None,
    )  # fmt: skip
    held: int | None = None
    if buyer.agent is not None and buyer.agent.attachment is not None:
        agent = enter(
            company_id=context.case.chain_id, name=buyer.agent.name, identity=buyer.agent.identity,
            phone=buyer.agent.phone, at=context.at, source=source,
        )  # fmt: skip
        _attach(context, [buyer.agent.attachment], "authority_letter", f"{customer.name} 授权")
        made = letter(
            principal=customer, agent=agent, kind=buyer.agent.kind.value, matters=buyer.agent.matters,
            valid_from=buyer.agent.valid_from or day_of(context), valid_until=buyer.agent.valid_until,
            notarised=buyer.agent.notarised, attachment=buyer.agent.attachment, at=context.at,
        )  # fmt: skip
        held = made.pk
    permit = buyer.residence in (Residence.MISSING, Residence.HELD)
    return {
        "customer": customer.pk, "share": _share(shares, buyer.name), "relation": buyer.relation, "letter": held,
        "permit": permit,
    }  # fmt: skip


# --- on the way -----------------------------------------------------------------------------------------------------
def give_opinion(context: Context) -> None:
    """Record the sales director's opinion with the signature (I-5.2-1b)."""
    given = context.given
    assert isinstance(given, OpinionForm)
    row = facts_of(context).row
    row.director_id, row.director_signed_at, row.director_opinion = context.by_id, context.at, given.opinion
    store.write(row, "director_id", "director_signed_at", "director_opinion")
    _attach(context, [given.signature], "director_signature", "销售总监签字")


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
    _attach(context, [given.signature], "change_checked", "客户服务部签字")
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
        _attach(context, [given.lost], "receipt_lost", "收据遗失声明")
    context.say(difference=new - old)


def note_legal(context: Context) -> None:
    """Record the opinion of legal, with the signed paper (domain 2.5)."""
    given = context.given
    assert isinstance(given, LegalForm)
    row = facts_of(context).row
    row.legal = {"lawyer": given.lawyer, "opinion": given.opinion}
    row.legal_by, row.legal_at = context.by_id, context.at
    store.write(row, "legal", "legal_by", "legal_at")
    _attach(context, [given.paper], "legal_opinion", "法务意见")


def note_bank(context: Context) -> None:
    """Record what the bank says; the bank comes first (domain 2.5)."""
    given = context.given
    assert isinstance(given, BankConsentForm)
    row = facts_of(context).row
    row.bank_consent = {"bank": given.bank, "agrees": given.agrees, "dated": given.dated.isoformat()}
    store.write(row, "bank_consent")
    _attach(context, [given.paper], "bank_consent", "银行意见")


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
    _attach(context, [given.signature], "manager_signature", "客户服务部经理签字")
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
        _attach(context, [given.lost], "paper_lost", "原件遗失声明")
    if isinstance(given, AgreementForm):
        row.agreement_number = given.number
        row.new_number = given.new_contract_number
        store.write(row, "agreement_number", "new_number")
    store.write(row, "signers", "old_copies", "findings")
    _attach(context, [one.signed for one in given.signers], "change_signed", "变更签字")
    context.forget_facts()


def note_city(context: Context) -> None:
    """Record that the city's system has changed or cancelled the filing."""
    given = context.given
    assert isinstance(given, CityForm)
    row = facts_of(context).row
    row.city = {"act": City.CHANGE.value, "number": given.number, "done": given.done_date.isoformat()}
    store.write(row, "city")
    if given.paper:
        _attach(context, [given.paper], "city_change", "城市系统办结凭证")


def take_back(context: Context) -> None:
    """Return to whoever applied: the new unit is let go, and everything is checked again when it comes back."""
    _let_new_unit_go(context, "变更申请退回")


def drop(context: Context) -> None:
    """The change is refused or withdrawn: the deal goes on as it was, and the new unit is on sale again."""
    _let_new_unit_go(context, "变更未执行")
    close_change(context, executed=False)


def _let_new_unit_go(context: Context, reason: str) -> None:
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
        _attach(context, [given.signature], "change_received", "接收人签字")
    context.say(receiver=given.receiver, returned=given.returned_date or day_of(context))


# --- execution before signing ---------------------------------------------------------------------------------------
def execute(context: Context) -> None:
    """
    Execute an approved change of a subscription, in one transaction: the deal's row is held and its version compared,
    then terms, 认购书, unit control and money change together (domain 2.0, 2.3).
    """
    facts = facts_of(context)
    deal = check_unchanged(facts.deal)
    row, kind = facts.row, facts.kind
    assert row.subscription is not None
    row.old_number = row.subscription.number
    if kind is Kind.SWAP:
        _swap(context, facts, deal)
    else:
        if kind is Kind.EXTEND:
            context.nested(
                row.subscription.case_id, "extend",
                given={"until_date": facts.after["signing_due"], "reason": row.reason},
            )  # fmt: skip
        elif kind.renews:
            context.nested(row.subscription.case_id, "renew", given={"change": facts.change.pk})
            row.new_number = Subscription.objects.values_list("number", flat=True).get(pk=row.subscription.pk)
        Deal.objects.filter(pk=deal.pk).update(terms_version=F("terms_version") + 1)
        if kind in (Kind.PAYMENT, Kind.DISCOUNT):
            _reshape(context, facts, deal)
    row.save(update_fields=["old_number", "new_number", "new_deal"])
    close_change(context)
    context.say(old=row.old_number, new=row.new_number)
    context.forget_facts()


def _reshape(context: Context, facts: ChangeFacts, deal: Deal) -> None:
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


def _swap(context: Context, facts: ChangeFacts, deal: Deal) -> None:
    """Both units are held in the order of their keys; the old deal ends, the new one begins, the money goes with it."""
    row, unit = facts.row, facts.new_unit
    old = row.subscription
    assert unit is not None
    assert old is not None
    list(
        Unit.objects.select_for_update()
        .filter(pk__in=(deal.unit_id, unit.pk))
        .order_by("pk")
        .values_list("pk")
    )
    end_deal(context, deal, reason="换房")
    context.nested(old.case_id, "swap_out", given={"reason": f"换房 {context.case.number}"})
    control.move(
        unit_id=unit.pk, to=Control.AVAILABLE, expected=(Control.LOCKED,), case_id=context.case.pk,
        by_id=context.by_id, at=context.at, recorded_at=context.recorded_at, reason=f"换房执行 {context.case.number}",
        held_by_case=context.case.pk,
    )  # fmt: skip
    opened = context.open(
        "subscription", given={"note": f"换房 {context.case.number}，原 {old.number}"},
        links=[("unit", unit.pk), ("case", old.case_id)],
    )  # fmt: skip
    new = Subscription.objects.get(case_id=opened)
    new.replaces, new.sold_by_id = old, old.sold_by_id
    store.write(new, "replaces", "sold_by")
    context.nested(opened, "take_up", given={"change": facts.change.pk})
    new.refresh_from_db()
    row.new_number, row.new_deal_id = new.number, new.deal_id
    was = book_of_deal(deal.pk)
    book = books.open_book(unit=unit, at=context.recorded_at, by_id=context.by_id, deal=new.deal_id)
    if was is not None:
        moved = move_all(
            was, book, from_cases={old.case_id}, to_case=opened, reason=f"换房 {context.case.number}", at=context.at,
            recorded_at=context.recorded_at, by_id=_person(context).pk, case_id=context.case.pk,
        )  # fmt: skip
        context.say(receipts=moved)
    lines = receivables.planned(
        new.plan, payment=facts.after["payment"], deposit_due=deal.subscribed_date or day_of(context),
        signing_due=new.signing_due_date,
    )  # fmt: skip
    add(
        book=book, planned=lines, at=context.at, recorded_at=context.recorded_at, by_id=context.by_id, case_id=opened,
        reason=f"换房 {context.case.number}",
    )  # fmt: skip
    allocate_book(book_id=book.pk, at=context.recorded_at, by_id=context.by_id)
    context.link("case", opened)


# --- execution after signing ----------------------------------------------------------------------------------------
def execute_contract(context: Context) -> None:
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
        _put_buyers(context, deal, None, after["buyers"])
        # The signing's own case goes on with the new contract: it is reviewed, taken over and archived as the old one was.
        Contract.objects.filter(pk=old.pk).update(
            live=False, closed_at=context.at, close_reason=kind.label[:40], case=None
        )
        Contract.objects.create(
            deal=deal, case_id=old.case_id, number=row.new_number, text=None, signed_date=day_of(context), total_price=old.total_price,
            unit_price=old.unit_price, plan=old.plan, terms=old.terms, deviations=old.deviations,
        )  # fmt: skip
        Deal.objects.filter(pk=deal.pk).update(contract_number=row.new_number, signed_date=day_of(context))
    elif kind in (Kind.PAYMENT, Kind.DISCOUNT, Kind.PLAN, Kind.BANK):
        gives_up = pays_by_loan(facts.change.before["payment"]) and not pays_by_loan(after["payment"])
        if gives_up:
            cancel_cases(context, deal.pk, "mortgage", reason=reason)
        _put_terms(deal, None, after)
        Contract.objects.filter(pk=old.pk).update(
            plan=after["plan"], total_price=Decimal(after["total_price"]), unit_price=deal.unit_price
        )
        if kind is not Kind.BANK:
            _reshape(context, facts, deal)
    Deal.objects.filter(pk=deal.pk).update(terms_version=F("terms_version") + 1)
    row.save(update_fields=["old_number", "new_number"])
    close_change(context)
    context.say(old=row.old_number, new=row.new_number, agreement=row.agreement_number, invoices=row.invoices)
    context.forget_facts()


# --- what a change does inside the subscription's own case ----------------------------------------------------------
def renew(context: Context) -> None:
    """
    Issue a new 认购书 under a new number: the old copies are void, the new ones wait for the contract seal. The money
    confirmed stays confirmed.
    """
    given = context.given
    assert isinstance(given, OfChangeForm)
    facts = subscription_facts(context)
    row, deal = facts.row, facts.row.deal
    assert deal is not None
    change = ChangeApplication.objects.select_related("change").get(change_id=given.change)
    after = {**change.change.before, **change.change.after}
    if Kind.of(change.change.kind).buyers:
        _put_buyers(context, deal, row, after["buyers"])
    _put_terms(deal, row, after)
    old = row.number
    row.number = document_number("RGS", context.case.scope_id, context.at)
    row.sealed_at = row.sealed_by = None
    row.seal_number = ""
    row.signed_with_customer_at, row.signed_how = context.at, "paper"
    if change.signers:
        row.signed_paper = change.signers[0]["signed"]
    row.save()
    context.say(old=old, new=row.number)
    context.forget_facts()
    names = "、".join(subscription_facts(context).buyer_names)
    context.title = f"认购 {row.unit.label} {names}"
    _index(context)


def _put_terms(deal: Deal, row: Subscription | None, after: dict[str, Any]) -> None:
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


def _put_buyers(context: Context, deal: Deal, row: Subscription | None, lines: list[dict[str, Any]]) -> None:
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


def swap_out(context: Context) -> None:
    """The old unit goes to 待公开: it is offered publicly again, not to the next in the queue (domain 2.1)."""
    facts = subscription_facts(context)
    control.let_go(
        unit_id=facts.unit.pk, to=Control.COOLING, expected=TAKEN, case_id=context.case.pk, by_id=context.by_id,
        at=context.at, recorded_at=context.recorded_at, reason="换房",
    )  # fmt: skip


def take_up(context: Context) -> None:
    """
    The subscription of the new unit begins where the old one stood: registered, its deposit confirmed, waiting for the
    seal on the new 认购书.
    """
    given = context.given
    assert isinstance(given, OfChangeForm)
    facts = subscription_facts(context)
    row, unit = facts.row, facts.unit
    change = _change(given.change)
    old, before_deal = row.replaces, change.deal
    assert old is not None
    after = {**change.before, **change.after}
    deal = Deal.objects.create(
        unit=unit, project_id=unit.project_id, payment=after["payment"], list_price=unit.list_price,
        subscribed_date=before_deal.subscribed_date, opened_at=context.at, opened_by_id=context.by_id,
        source=f"换房 {change.case.number}", stage=Deal.SUBSCRIBED,
    )  # fmt: skip
    for name in (
        "deposit", "signing_due_date", "signed_how", "director_id", "director_signed_at", "deposit_confirmed_at",
        "deposit_confirmed_by", "bank_asked_at", "extensions", "list_given_at", "list_given_how",
    ):  # fmt: skip
        setattr(row, name, getattr(old, name))
    application = ChangeApplication.objects.get(change=change)
    row.deal, row.signed_with_customer_at = deal, context.at
    row.signed_paper = application.signers[0]["signed"] if application.signers else old.signed_paper
    row.number = document_number("RGS", context.case.scope_id, context.at)
    row.registered_at, row.registered_by = context.at, context.by_id
    row.checked = {
        "control": True,
        "price": True,
        "payment": True,
        "deviations": f"换房 {change.case.number}",
    }
    _put_terms(deal, row, after)
    row.save()
    _put_buyers(context, deal, None, after["buyers"])
    for paper in old.papers.all():
        BuyerPaper.objects.create(
            subscription=row, customer_id=paper.customer_id, kind=paper.kind, needed=paper.needed,
            attachment=paper.attachment, received_at=paper.received_at,
        )  # fmt: skip
    control.move(
        unit_id=unit.pk, to=Control.SUBSCRIBED, expected=(Control.LOCKED,), case_id=context.case.pk,
        by_id=context.by_id, at=context.at, recorded_at=context.recorded_at, reason=f"换房认购登记 {row.number}",
        held_by_case=context.case.pk, hold=context.case.pk,
    )  # fmt: skip
    context.link("deal", deal.pk)
    context.say(number=row.number, replaces=old.number)
    context.forget_facts()
    context.title = f"认购 {unit.label} {'、'.join(subscription_facts(context).buyer_names)}"
    _index(context)


def _change(key: int) -> DealChange:
    return DealChange.objects.select_related("deal", "case").get(pk=key)
