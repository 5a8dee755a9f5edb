"""What the steps of a subscription do: unit control, deal, buyers, money, seal. Effects of ``processes.subscription``."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from guiju.customers.identity import decide
from guiju.customers.models import AuthorityLetter, Customer
from guiju.customers.operations.entries import correct_entry, enter, index_customer, letter
from guiju.estate.models import Control, Unit
from guiju.estate.operations import control
from guiju.estate.places import unit_at
from guiju.kernel import figures, search, store
from guiju.kernel.duration import Limit
from guiju.kernel.engine import Context
from guiju.kernel.money import half_up
from guiju.kernel.numbering import ZONE, document_number
from guiju.kernel.refusals import BadlyFilled, NotReady, Reason
from guiju.ledger.models import Receipt
from guiju.ledger.operations import receipts
from guiju.papers.models import Seal
from guiju.papers.operations.seals import register_use
from guiju.sales import deposit, pricing, receivables, searching
from guiju.sales.facts import facts_of
from guiju.sales.forms import (
    AppointmentForm,
    BankForm,
    BounceForm,
    BuyerForm,
    CancelForm,
    CheckForm,
    ConvertForm,
    Correctable,
    CorrectForm,
    DeathForm,
    DefaultForm,
    DepositForm,
    DirectorForm,
    ExtendForm,
    HandInForm,
    ListForm,
    LockForm,
    NoticeForm,
    PapersForm,
    PermitForm,
    RemindForm,
    Residence,
    SealForm,
    instalments,
)
from guiju.sales.models import BuyerPaper, Deal, DealBuyer, Subscription
from guiju.sales.operations.acting import keep, person_of
from guiju.sales.operations.ending import end_change

TAKEN = (Control.LOCKED, Control.SUBSCRIBED)
RELATION_LENGTH = 40
# How long a unit stays locked for somebody whose money is held: until a person decides.
PAID_FOR = timedelta(days=3650)


def _day(context: Context) -> date:
    return context.at.astimezone(ZONE).date()


def _limit(context: Context, clock: str, fallback: str) -> timedelta:
    """Return a clock-hour limit of the SOP as a span (the lock and the deposit are counted in minutes and hours)."""
    limit = Limit.parse(context.policy.clock(clock).limit or fallback)
    return timedelta(minutes=limit.number) if limit.unit.value == "分钟" else timedelta(hours=limit.number)


def _held_for(context: Context) -> timedelta:
    """Return how long the unit stays locked after a 认购书: the deposit's limit, or for good once money is held."""
    return PAID_FOR if facts_of(context).received else _limit(context, "deposit", "24 小时")


def lock_unit(context: Context) -> None:
    """Lock the unit for this case, and write the subscription's row. An older, lapsed lock is taken over."""
    given = context.given
    assert isinstance(given, LockForm)
    unit_id = context.subject("unit")
    assert unit_id is not None
    unit = context.kept.get("unit") or unit_at.one(unit_id)
    assert isinstance(unit, Unit)
    until = max(context.at, context.recorded_at) + _limit(context, "lock", "15 分钟")
    control.lock(
        unit=unit, case_id=context.case.pk, until=until, by_id=context.by_id, at=context.at,
        recorded_at=context.recorded_at,
    )  # fmt: skip
    store.add(Subscription(case_id=context.case.pk, unit=unit, sold_by_id=context.by_id))
    context.title = f"认购 {unit.label}" + (f" {given.intent}" if given.intent else "")
    _index(context)


def lock_due(context: Context) -> Any:
    """
    A lock typed in later runs from its entry, so that it does not lapse at once; one that takes the place of a voided
    认购书 has the deposit's limit; otherwise the limit holds.
    """
    if context.subject("case") is not None:
        return context.recorded_at + _limit(context, "deposit", "24 小时")
    late = context.recorded_at - context.at > timedelta(minutes=1)
    return context.recorded_at + _limit(context, "lock", "15 分钟") if late else None


def write_subscription(context: Context) -> None:
    """Write buyers, deal, price, plan and deadline; extend the lock to the deposit limit (DECISIONS 2)."""
    given = context.given
    assert isinstance(given, HandInForm)
    facts = facts_of(context)
    row, unit = facts.row, facts.unit
    assert unit.list_price is not None
    until = max(context.at, context.recorded_at) + _held_for(context)
    control.extend_lock(unit_id=unit.pk, case_id=context.case.pk, until=until)
    day = _day(context)
    due = given.signing_due_date or _default_due(context)
    lines = pricing.lines(unit.list_price, given.discounts)
    area = unit.inner_area if unit.pricing_basis == "inner" else unit.area_contract
    Deal.objects.filter(unit=unit, live=True, stage=Deal.SUBSCRIBING).update(
        live=False, stage=Deal.CLOSED, closed_at=context.at, close_reason="重填"
    )
    deal = Deal.objects.create(
        unit=unit, project_id=unit.project_id, payment=given.payment, bank=given.bank, list_price=unit.list_price,
        unit_price=half_up(given.total_price / area) if area and unit.pricing_basis != "set" else None,
        total_price=given.total_price, down_payment=given.down_payment, subscribed_date=day, opened_at=context.at,
        opened_by_id=context.by_id,
    )  # fmt: skip
    plan = given.plan or instalments(
        given.payment, total=given.total_price, deposit=given.deposit, down=given.down_payment, due=due
    )
    row.deal = deal
    row.discounts = [
        {"name": line.name, "deduction": str(line.deduction), "left": str(line.left)} for line in lines
    ]
    row.plan = [instalment.model_dump(mode="json") for instalment in plan]
    row.deposit, row.signing_due_date = given.deposit, due
    row.signed_how, row.signed_paper = given.how.value, given.signed[0]
    row.signed_with_customer_at = context.at
    row.bank_asked_at = context.at if given.payment.needs_bank else None
    row.save()
    # A 认购书 filled in again may name other buyers: nothing is asked any more of those who are no longer there.
    row.papers.update(needed=False)
    buyers = [_buyer(context, deal, row, place, buyer) for place, buyer in enumerate(given.buyers, 1)]
    keep(context, given.signed, "subscription_signed", "认购书签字")
    context.link("deal", deal.pk)
    for customer in buyers:
        context.link("customer", customer.pk)
    context.title = f"认购 {unit.label} {'、'.join(c.name for c in buyers)}"
    context.say(list_price=unit.list_price, total=given.total_price, signing_due=due)
    figures.say(context, deal)
    context.forget_facts()
    _index(context)


def _default_due(context: Context) -> date:
    days = Limit.parse(context.policy.clock("sign").limit or "7 日").number
    return _day(context) + timedelta(days=days)


def _buyer(context: Context, deal: Deal, row: Subscription, place: int, buyer: BuyerForm) -> Customer:
    identity = decide(buyer.identity)
    customer = enter(
        company_id=context.case.chain_id, name=buyer.name, identity=buyer.identity, phone=buyer.phone,
        address=buyer.address, at=context.at, source=f"认购 {context.case.number}",
        kind=Customer.ORGANISATION if identity.kind.is_organisation else Customer.PERSON,
        birth_date=identity.born_date, local_household=buyer.residence is Residence.LOCAL or None,
    )  # fmt: skip
    held = _letter(context, customer, buyer)
    DealBuyer.objects.create(
        deal=deal, customer=customer, position=place, share=buyer.share, relation=buyer.relation, letter=held
    )
    index_customer(customer)
    kinds = [BuyerPaper.IDENTITY]
    if buyer.residence in (Residence.MISSING, Residence.HELD):
        kinds.append(BuyerPaper.RESIDENCE)
    for kind in kinds:
        BuyerPaper.objects.update_or_create(
            subscription=row, customer=customer, kind=kind, defaults={"needed": True}
        )
    return customer


def _letter(context: Context, customer: Customer, buyer: BuyerForm) -> AuthorityLetter | None:
    if buyer.agent is None:
        return None
    agent = enter(
        company_id=context.case.chain_id, name=buyer.agent.name, identity=buyer.agent.identity,
        phone=buyer.agent.phone, at=context.at, source=f"认购 {context.case.number} {buyer.agent.kind.label}",
    )  # fmt: skip
    assert buyer.agent.attachment is not None
    keep(context, [buyer.agent.attachment], "authority_letter", f"{customer.name} 授权")
    return letter(
        principal=customer, agent=agent, kind=buyer.agent.kind.value, matters=buyer.agent.matters,
        valid_from=buyer.agent.valid_from or _day(context), valid_until=buyer.agent.valid_until,
        notarised=buyer.agent.notarised, attachment=buyer.agent.attachment, at=context.at,
    )  # fmt: skip


def _index(context: Context) -> None:
    context.case.title = context.title or context.case.title
    search.index_many([searching.document(context.case, facts_of(context).row)])


def sign_as_director(context: Context) -> None:
    """Record the director's review and signature (I-5.1-1b)."""
    given = context.given
    assert isinstance(given, DirectorForm)
    row = facts_of(context).row
    row.director_id, row.director_signed_at = context.by_id, context.at
    store.write(row, "director_id", "director_signed_at")
    if given.signature:
        keep(context, [given.signature], "director_signature", "销售总监签字")


def take_back_review(context: Context) -> None:
    """Return to sales: the review is void, the unit stays held for a new 认购书 within the lock's limit."""
    facts = facts_of(context)
    facts.row.director_id = facts.row.director_signed_at = None
    store.write(facts.row, "director_id", "director_signed_at")
    until = max(context.at, context.recorded_at) + _held_for(context)
    control.extend_lock(unit_id=facts.unit.pk, case_id=context.case.pk, until=until)


def register(context: Context) -> None:
    """Enter the subscription in its register with number and date, and update unit control (I-5.1-2d, 2e)."""
    given = context.given
    assert isinstance(given, CheckForm)
    facts = facts_of(context)
    row = facts.row
    row.number = document_number("RGS", context.case.scope_id, context.at)
    row.registered_at, row.registered_by = context.at, context.by_id
    row.checked = {"control": True, "price": True, "payment": True, "deviations": given.deviations}
    store.write(row, "number", "registered_at", "registered_by", "checked")
    control.move(
        unit_id=facts.unit.pk, to=Control.SUBSCRIBED, expected=TAKEN, case_id=context.case.pk, by_id=context.by_id,
        at=context.at, recorded_at=context.recorded_at, reason=f"认购登记 {row.number}",
        held_by_case=context.case.pk, hold=context.case.pk,
    )  # fmt: skip
    context.say(number=row.number)


def _book(context: Context) -> Receipt:
    given = context.given
    assert isinstance(given, DepositForm)
    facts = facts_of(context)
    receipt = receipts.book(
        unit=facts.unit, case_id=context.case.pk, purpose="deposit", amount=given.amount, method=given.method.value,
        account=given.account, voucher=given.voucher, payer=given.payer,
        third_party=given.payer not in facts.buyer_names, relation=given.relation,
        received_at=given.received_at or context.at, recorded_at=context.recorded_at, by_id=person_of(context).pk,
        to=receivables.book_of(facts.row, at=context.recorded_at, by_id=context.by_id),
    )  # fmt: skip
    context.say(receipt=receipt.number, amount=receipt.amount, third_party=receipt.third_party)
    return receipt


def book_part(context: Context) -> None:
    """Book a part of the deposit; the unit stays held till the limit (domain 2.2)."""
    _book(context)
    context.forget_facts()


def confirm_deposit(context: Context) -> None:
    """Book the deposit and confirm it by the cashier's signature (I-5.1-3a). Says how much of it is effective."""
    if getattr(context.given, "amount", Decimal(0)):
        _book(context)
    facts = facts_of(context)
    facts.row.deposit_confirmed_at, facts.row.deposit_confirmed_by = context.at, context.by_id
    store.write(facts.row, "deposit_confirmed_at", "deposit_confirmed_by")
    context.forget_facts()
    fresh = facts_of(context)
    if fresh.deal is not None and fresh.deal.total_price is not None:
        context.say(effective=deposit.effective(fresh.deal.total_price, fresh.received))


def bounce(context: Context) -> None:
    """Take back every deposit booking of the case that stands: the payment bounced."""
    given = context.given
    assert isinstance(given, BounceForm)
    facts = facts_of(context)
    for receipt in Receipt.objects.filter(case_id__in=facts.cases, reverses=None, reversal=None).order_by(
        "id"
    ):
        undone = receipts.reverse(
            receipt=receipt, reason=given.reason, at=context.at, recorded_at=context.recorded_at,
            by_id=person_of(context).pk,
        )  # fmt: skip
        context.say(**{f"reversed_{receipt.number}": undone.number})
    facts.row.deposit_confirmed_at = facts.row.deposit_confirmed_by = None
    store.write(facts.row, "deposit_confirmed_at", "deposit_confirmed_by")
    context.forget_facts()


def seal(context: Context) -> None:
    """Put the contract seal on the 认购书 and enter it in the seal register (I-5.1-3b). The deal is subscribed."""
    given = context.given
    assert isinstance(given, SealForm)
    facts = facts_of(context)
    found = (
        Seal.objects.filter(company_id=context.case.chain_id, kind=Seal.Kind.CONTRACT, retired_at=None)
        .filter(project_id__in=[context.case.scope_id])
        .first()
        or Seal.objects.filter(
            company_id=context.case.chain_id, kind=Seal.Kind.CONTRACT, retired_at=None, project_id=None
        ).first()
    )
    if found is None:
        raise NotReady([Reason("公司还没有登记合同专用章，请先登记印章和保管人", "I-5.1-3b")])
    use = register_use(
        seal=found, by=person_of(context), at=context.recorded_at, used_at=min(context.at, context.recorded_at),
        copies=given.copies, approval=f"认购书 {facts.row.number}，定金已确认", reason="房产认购书用印",
        case=context.case, title=f"房产认购书 {facts.row.number}", across_pages=given.straddle,
    )  # fmt: skip
    row = facts.row
    row.sealed_at, row.sealed_by, row.seal_number = context.at, context.by_id, use.number
    store.write(row, "sealed_at", "sealed_by", "seal_number")
    Deal.objects.filter(pk=row.deal_id or 0).update(stage=Deal.SUBSCRIBED)
    if given.scan:
        keep(context, [given.scan], "subscription_sealed", "盖章认购书")
    context.say(seal=use.number, copies=given.copies)


def _paper(context: Context, place: int, kind: str) -> BuyerPaper:
    buyer = facts_of(context).buyers[place - 1]
    paper, _ = BuyerPaper.objects.get_or_create(
        subscription=facts_of(context).row, customer=buyer.customer, kind=kind
    )
    return paper


def collect_papers(context: Context) -> None:
    """Attach a buyer's identity document (I-5.1-4a)."""
    given = context.given
    assert isinstance(given, PapersForm)
    paper = _paper(context, given.buyer, BuyerPaper.IDENTITY)
    paper.attachment, paper.received_at = given.attachment, context.at
    store.write(paper, "attachment", "received_at")
    keep(context, [given.attachment], "identity", f"{paper.customer.name} 身份证明")
    context.forget_facts()


def provide_permit(context: Context) -> None:
    """Record the residence permit, or that none is needed, with the reason (I-5.1-4b)."""
    given = context.given
    assert isinstance(given, PermitForm)
    paper = _paper(context, given.buyer, BuyerPaper.RESIDENCE)
    paper.needed = not given.not_needed
    if given.attachment:
        paper.attachment, paper.received_at = given.attachment, context.at
        keep(context, [given.attachment], "residence_permit", f"{paper.customer.name} 暂住证")
    paper.save()
    context.forget_facts()


def remind_permit(context: Context) -> None:
    """Count a reminder to everybody whose residence permit is missing (I-5.1-4b)."""
    assert isinstance(context.given, RemindForm)
    for paper in facts_of(context).residence_missing:
        paper.reminders, paper.reminded_at = paper.reminders + 1, context.at
        store.write(paper, "reminders", "reminded_at")
    context.forget_facts()


def choose_bank(context: Context) -> None:
    """Record the bank chosen, or that the buyer was asked and has not chosen yet (I-5.1-5a)."""
    given = context.given
    assert isinstance(given, BankForm)
    facts = facts_of(context)
    facts.row.bank_asked_at = context.at
    store.write(facts.row, "bank_asked_at")
    if given.bank and facts.deal is not None:
        context.say(old=facts.deal.bank, new=given.bank)
        Deal.objects.filter(pk=facts.deal.pk).update(bank=given.bank)
    context.forget_facts()


def hand_out_list(context: Context) -> None:
    """Record that the customer was told which papers to bring to signing (I-5.1-4c)."""
    given = context.given
    assert isinstance(given, ListForm)
    row = facts_of(context).row
    row.list_given_at, row.list_given_how = context.at, given.how[:60]
    store.write(row, "list_given_at", "list_given_how")


def appoint_signing(context: Context) -> None:
    """Set the signing appointment, with the lawyer at the same time where a bank is chosen (I-5.1-5b)."""
    given = context.given
    assert isinstance(given, AppointmentForm)
    row = facts_of(context).row
    row.signing_at, row.lawyer_at_signing = given.signing_at, given.lawyer
    store.write(row, "signing_at", "lawyer_at_signing")


def note_reminder(context: Context) -> None:
    """Record that the customer was reminded to sign, with the answer."""
    row = facts_of(context).row
    row.reminded_at = context.at
    store.write(row, "reminded_at")


def extend_signing(context: Context) -> None:
    """Move the signing deadline (domain 2.3)."""
    given = context.given
    assert isinstance(given, ExtendForm)
    row = facts_of(context).row
    context.say(old=row.signing_due_date, new=given.until_date)
    row.signing_due_date, row.extensions = given.until_date, row.extensions + 1
    store.write(row, "signing_due_date", "extensions")


def note_delivery(context: Context) -> None:
    """Record that the notice reached the customer, with its proof (domain 2.2)."""
    given = context.given
    assert isinstance(given, NoticeForm)
    row = facts_of(context).row
    row.notice_delivered_at, row.notice_proof = (
        context.at,
        f"{given.how} {given.proof} {given.delivered_date}",
    )
    store.write(row, "notice_delivered_at", "notice_proof")


def _close(context: Context, reason: str, to: Control) -> None:
    facts = facts_of(context)
    if facts.deal is not None:
        end_change(context, facts.deal.pk, reason=reason)
        Deal.objects.filter(pk=facts.deal.pk).update(
            live=False, stage=Deal.CLOSED, closed_at=context.at, close_reason=reason
        )
    control.let_go(
        unit_id=facts.unit.pk, to=to, expected=TAKEN, case_id=context.case.pk, by_id=context.by_id, at=context.at,
        recorded_at=context.recorded_at, reason=reason,
    )  # fmt: skip


def release_unit(context: Context) -> None:
    """Put the unit back on sale: nothing was paid and the subscription ends."""
    _close(context, "释放" if context.by is not None else "锁定到期", Control.AVAILABLE)


def _decide(context: Context, cause: deposit.Cause, reason: str) -> None:
    facts = facts_of(context)
    outcome = deposit.decide(cause, price=facts.price, paid=facts.received)
    facts.row.outcome = {
        "cause": cause.value, "rule": outcome.rule, "paid": str(outcome.paid), "effective": str(outcome.effective),
        "forfeited": str(outcome.forfeited), "refund": str(outcome.refund), "interest": outcome.with_interest,
        "reason": reason,
    }  # fmt: skip
    store.write(facts.row, "outcome")
    context.say(outcome=facts.row.outcome)


def decide_default(context: Context) -> None:
    """A person decides the buyer's default: the effective deposit is forfeited, the rest refunded; unit to 待公开."""
    given = context.given
    assert isinstance(given, DefaultForm)
    _decide(context, deposit.Cause.BUYER_DEFAULT, given.reason)
    _close(context, "挞定", Control.COOLING)


def cancel(context: Context) -> None:
    """End the subscription for another cause; the decision table says what is paid back; unit to 待公开."""
    given = context.given
    assert isinstance(given, CancelForm)
    _decide(context, given.cause, given.reason)
    _close(context, "退认购", Control.COOLING)


def reissue(context: Context) -> None:
    """
    Void the 认购书 with all copies and open a new one: the unit, the money and the true day go with it. A unit that is
    paid for does not fall to others by lapse of time.
    """
    facts = facts_of(context)
    old = facts.row
    if facts.deal is not None:
        end_change(context, facts.deal.pk, reason="作废重开")
        Deal.objects.filter(pk=facts.deal.pk).update(
            live=False, stage=Deal.CLOSED, closed_at=context.at, close_reason="作废重开"
        )
    control.move(
        unit_id=facts.unit.pk, to=Control.AVAILABLE, expected=TAKEN, case_id=context.case.pk, by_id=context.by_id,
        at=context.at, recorded_at=context.recorded_at, reason=f"认购书 {old.number} 作废重开",
        held_by_case=context.case.pk,
    )  # fmt: skip
    opened = context.open(
        "subscription", given={"note": f"替代作废的 {old.number or context.case.number}"},
        links=[("unit", facts.unit.pk), ("case", context.case.pk)],
    )  # fmt: skip
    new = Subscription.objects.get(case_id=opened)
    new.replaces, new.sold_by_id = old, old.sold_by_id
    store.write(new, "replaces", "sold_by")
    until = max(context.at, context.recorded_at) + _held_for(context)
    control.extend_lock(unit_id=facts.unit.pk, case_id=opened, until=until)
    context.say(replaced_by=opened)


def note_death(context: Context) -> None:
    """Record that a buyer died: everything but cancelling waits for the heirs (domain 1.17)."""
    given = context.given
    assert isinstance(given, DeathForm)
    buyer = facts_of(context).buyers[given.buyer - 1]
    Customer.objects.filter(pk=buyer.customer_id).update(deceased_date=given.deceased_date)
    context.forget_facts()


def convert(context: Context) -> None:
    """The contract is signed: the deal goes on as a contract and the unit as signed."""
    given = context.given
    assert isinstance(given, ConvertForm)
    facts = facts_of(context)
    Deal.objects.filter(pk=facts.row.deal_id or 0).update(
        stage=Deal.SIGNED, signed_date=given.signed_date, contract_number=given.contract_number
    )
    control.move(
        unit_id=facts.unit.pk, to=Control.SIGNED, expected=[Control.SUBSCRIBED], case_id=context.case.pk,
        by_id=context.by_id, at=context.at, recorded_at=context.recorded_at,
        reason=f"签约 {given.contract_number}", held_by_case=context.case.pk,
    )  # fmt: skip


def correct(context: Context) -> None:
    """Correct a slip of the pen after a step: old, new and reason stay in the event (DECISIONS 18, E-3.5-b)."""
    given = context.given
    assert isinstance(given, CorrectForm)
    buyer = facts_of(context).buyers[given.buyer - 1]
    customer = buyer.customer
    if given.what is Correctable.RELATION:
        if len(given.value) > RELATION_LENGTH:
            raise BadlyFilled({"value": f"更正为：不能超过 {RELATION_LENGTH} 个字"})
        old, buyer.relation = buyer.relation, given.value
        store.write(buyer, "relation")
    else:
        old = getattr(customer, given.what.value)
        correct_entry(customer, **{given.what.value: given.value})
    context.say(field=given.what.label, old=old, new=given.value)
    context.forget_facts()
