"""What the steps of returning a home and of paying money back do. Effects of ``processes.refund``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, time
from decimal import Decimal

from guiju.estate.models import Control
from guiju.estate.operations import control
from guiju.kernel import search
from guiju.kernel.calendar import end_of, local_date
from guiju.kernel.engine import Context
from guiju.kernel.money import ZERO
from guiju.kernel.numbering import ZONE
from guiju.kernel.refusals import NotReady, Reason
from guiju.kernel.search import Document
from guiju.ledger.models import Book, Payout, Receipt, Refund
from guiju.ledger.operations import allocating, paying, receivables, refunding
from guiju.ledger.queries import free_of
from guiju.sales import changing
from guiju.sales import refund_forms as forms
from guiju.sales.models import Deal, Filing, Referral, ReturnPayee, ReturnRelease, RoomReturn, Subscription
from guiju.sales.operations.acting import keep, person_of
from guiju.sales.operations.ending import end_deal
from guiju.sales.refund_facts import FORFEITED, KEPT, RefundFacts, facts_of
from guiju.sales.refund_needs import buyers_of, deal_asked, late_rate
from guiju.sales.refund_sheet import (
    BEFORE_CONTRACT,
    Inputs,
    ReasonClass,
    Share,
    Sheet,
    UnableToCalculate,
    calculate,
    decided,
    last_day,
    order,
)

HELD = (Control.LOCKED, Control.SUBSCRIBED, Control.SIGNED, Control.FILED)


def _noon(on: date, context: Context) -> datetime:
    """Return the moment of a payment of which only the day is known."""
    return context.at if on == local_date(context.at) else datetime.combine(on, time(12), ZONE)


# --- application -----------------------------------------------------------------------------------------------------
def stage_of(deal: Deal) -> str:
    """Return how far a deal has come."""
    if not deal.live:
        return RoomReturn.ENDED
    if deal.stage != Deal.SIGNED:
        return RoomReturn.SUBSCRIBED
    if Receipt.objects.filter(
        book__deals__deal=deal.pk, method="loan", reverses=None, reversal=None
    ).exists():
        return RoomReturn.LOAN
    if Filing.objects.filter(deal=deal, filed_at__isnull=False, withdrawn_at=None).exists():
        return RoomReturn.FILED
    return RoomReturn.SIGNED


def apply(context: Context) -> None:
    """Write the application; while it runs no other change, signing, filing or pay-out of the deal is begun."""
    given, deal = context.given, deal_asked(context)
    assert isinstance(given, forms.ApplyForm)
    assert deal is not None
    room = given.kind is forms.Kind.ROOM
    days = int(given.term.value)
    due = last_day(given.notice_date, days) if given.notice_date is not None else None
    RoomReturn.objects.create(
        case=context.case, deal=deal, kind=given.kind.value, stage=stage_of(deal) if room else RoomReturn.ENDED,
        reason=given.cause.value, words=given.words, clause=given.clause, term_days=days, trigger_date=given.notice_date,
        due_date=due,
    )  # fmt: skip
    if room:
        changing.open_change(
            context, deal=deal, kind="refund", before={"stage": deal.stage, "total_price": str(deal.total_price)},
            after={"reason": given.cause.value},
        )  # fmt: skip
    else:
        context.link("deal", deal.pk)
    context.link("unit", deal.unit_id)
    buyers = [one.customer for one in buyers_of(deal.pk)]
    for customer in buyers:
        context.link("customer", customer.pk)
    keep(context, given.signed, "refund_application", "退房退款申请签字")
    keep(context, given.proofs, "refund_proof", "退房退款证明材料")
    if due is not None:
        context.start_clock("pay", due_at=end_of(due))
    names = "、".join(customer.name for customer in buyers)
    context.title = f"{'退房' if room else '退款'} {deal.unit.label} {names}"[:200]
    context.say(cause=given.cause.label, stage=deal.stage)
    context.forget_facts()
    personal = [text for customer in buyers for text in (customer.name, customer.phone)]
    case = context.case
    scope = () if case.scope_id is None else (case.scope_id,)
    search.index_many(
        [
            Document(
                "case",
                case.number,
                context.title,
                scope,
                (case.number, deal.unit.label, deal.unit.short),
                personal,
            )
        ]
    )


def talk(context: Context) -> None:
    """Record what was said to keep the customer."""
    row = facts_of(context).row
    row.talked_at = context.at
    row.save(update_fields=["talked_at"])


def drafted(facts: RefundFacts, given: forms.CalculateForm) -> tuple[Inputs, Sheet, list[Share]]:
    """
    Return inputs, sheet and payees of a calculation as typed.

    :raises UnableToCalculate: the figures do not fit together.
    """
    terms = facts.terms
    rate = given.rate if given.rate is not None else Decimal(str(terms.get("interest_rate", 0)))
    rule_percent = given.penalty_percent
    if rule_percent is None:
        default = terms.get("rescind_percent", 0) if facts.reason is ReasonClass.BUYER_FAULT else 0
        rule_percent = Decimal(str(default or 0)) if facts.signed else ZERO
    inputs = Inputs(
        reason=facts.reason, signed=facts.signed, price=facts.deal.total_price or ZERO, until=given.until_date, rate=rate,
        day_count=int(given.day_count.value), penalty_percent=rule_percent,
        accumulated_due=facts.accumulated_due(given.until_date), fee=given.fee, restoration=given.restoration,
        works=given.works, property_fee=given.property_fee, pass_through=given.pass_through,
    )  # fmt: skip
    if facts.room:
        sheet = calculate(facts.paid, inputs)
    else:
        # The deal has ended before: the decision of then holds, and what lies free goes back as it came.
        inputs = Inputs(
            facts.reason, False, inputs.price, inputs.until, rate=rate, day_count=int(given.day_count.value)
        )
        sheet = decided(facts.paid, facts.decision, inputs)
    return inputs, sheet, _shares(facts, given, sheet)


def _shares(facts: RefundFacts, given: forms.CalculateForm, sheet: Sheet) -> list[Share]:
    payoffs = [(one.bank, one.amount) for one in given.payoffs]
    typed = [one for one in given.payees if one.amount is not None]
    banks = sum((amount for _, amount in payoffs), ZERO)
    if typed or len(given.payees) == 1:
        if typed and len(typed) != len(given.payees):
            raise UnableToCalculate("收款人的金额要么都填，要么都不填")
        rest = sheet.payable - banks
        order(sheet.payable, payoffs=payoffs, own={"全体": Decimal(1)})
        shares = [Share("bank", name, amount) for name, amount in payoffs]
        shares += [
            Share(one.kind.value, one.name, rest if one.amount is None else one.amount)
            for one in given.payees
        ]
        total = sum((one.amount for one in shares), ZERO)
        if total != sheet.payable:
            raise UnableToCalculate(f"收款人合计 {total:,.2f} 元，应等于应退合计 {sheet.payable:,.2f} 元")
        return shares
    if any(one.kind is not forms.PayeeKind.PAYER for one in given.payees):
        raise UnableToCalculate("退给原付款人以外的人，请填每人的金额")
    named = {one.name for one in given.payees}
    own = {name: amount for name, amount in facts.own_by_payer.items() if name in named}
    if len(own) < len(facts.own_by_payer):
        missing = next(name for name in facts.own_by_payer if name not in named)
        raise UnableToCalculate(f"原付款人{missing}没有列在收款人里")
    return order(sheet.payable, payoffs=payoffs, own=own)


def calculate_sheet(context: Context) -> None:
    """Store the sheet line by line with its payees; calculating again takes the place of the one before."""
    given, facts = context.given, facts_of(context)
    assert isinstance(given, forms.CalculateForm)
    inputs, sheet, shares = drafted(facts, given)
    row = facts.row
    row.rate, row.day_count, row.until_date = inputs.rate, inputs.day_count, inputs.until
    row.inputs = {
        name: str(getattr(inputs, name))
        for name in ("penalty_percent", "accumulated_due", "fee", "restoration", "works", "property_fee", "pass_through")
    }  # fmt: skip
    row.sheet = [{**asdict(line), "amount": str(line.amount)} for line in sheet.lines]
    row.kept, row.added, row.payable = sheet.kept, sheet.added, sheet.payable
    row.calculated_at, row.calculated_by = context.at, person_of(context)
    row.save()
    row.payees.all().delete()
    people = {one.name: one for one in given.payees}
    accounts = {one.bank: one.account for one in given.payoffs}
    for position, share in enumerate(shares, 1):
        person = people.get(share.name) if share.kind != "bank" else None
        ReturnPayee.objects.create(
            request=row, position=position, kind=share.kind, name=share.name, amount=share.amount,
            account=person.account if person is not None else accounts.get(share.name, ""),
            ground="结清贷款" if share.kind == "bank" else (person.ground if person is not None else ""),
            proof=(person.proof or "") if person is not None else "",
        )  # fmt: skip
        if person is not None:
            keep(context, [person.proof], "refund_payee", f"收款人 {share.name} 证明")
    context.say(kept=sheet.kept, added=sheet.added, payable=sheet.payable, lines=row.sheet)
    context.forget_facts()


def approval_facts(context: Context) -> Mapping[str, Decimal | int | str]:
    """What the chain looks at: the amount in yuan, whether a contract was signed, the reason class."""
    facts = facts_of(context)
    return {
        "payable": facts.row.payable or ZERO, "kept": facts.row.kept or ZERO, "signed": int(facts.signed),
        "reason": facts.row.reason,
    }  # fmt: skip


def approve(context: Context) -> None:
    """Everybody has said yes to the sheet: the deal's version is the one approved. Nothing else changes."""
    given, facts = context.given, facts_of(context)
    assert isinstance(given, forms.SubmitForm)
    if facts.room:
        changing.mark_approved(context, facts.deal)
    facts.row.approved_at = context.at
    facts.row.inputs = {**facts.row.inputs, "legal": given.legal}
    row = facts.row
    if given.notice_date is not None and row.due_date is None:
        row.trigger_date, row.due_date = given.notice_date, last_day(given.notice_date, row.term_days)
        context.start_clock("pay", due_at=end_of(row.due_date))
    row.save(update_fields=["approved_at", "inputs", "trigger_date", "due_date"])
    keep(context, [given.notice], "rescission_notice", f"解除通知送达凭证 {given.notice_date}")
    keep(context, [given.legal_paper], "legal_opinion", "法务意见书")
    keep(context, given.signed, "refund_application", "退房退款申请签字")


# --- agreement and checklist -----------------------------------------------------------------------------------------
def agree(context: Context) -> None:
    """Keep the agreement and who signed for whom; the checklist begins, and the term to pay."""
    given, facts = context.given, facts_of(context)
    assert isinstance(given, forms.AgreeForm)
    row = facts.row
    row.agreement, row.agreed_at = given.agreement, context.at
    row.agreed = [
        {
            "customer": facts.buyers[one.buyer - 1].customer_id,
            "kind": one.kind.value,
            "signature": one.signature,
        }
        for one in given.signers
    ]
    if row.due_date is None:
        row.trigger_date, row.due_date = given.agreed_date, last_day(given.agreed_date, row.term_days)
    row.save(update_fields=["agreement", "agreed_at", "agreed", "trigger_date", "due_date"])
    keep(context, [given.agreement], "termination_agreement", "解除协议")
    for one in given.signers:
        keep(context, [one.signature, one.proof], "termination_signature", "解除协议签字和证明")
    _checklist(facts)
    context.forget_facts()


def end_by_notice(context: Context) -> None:
    """The notice has ended the contract and nobody objected: the checklist begins without an agreement."""
    given, facts = context.given, facts_of(context)
    assert isinstance(given, forms.EndByNoticeForm)
    facts.row.agreed_at = context.at
    facts.row.save(update_fields=["agreed_at"])
    keep(context, [given.legal_paper], "termination_opinion", "法务确认解除有效的意见书")
    context.say(ended=facts.row.trigger_date)
    _checklist(facts)
    context.forget_facts()


def _checklist(facts: RefundFacts) -> None:
    needed = {
        "bank": any(one.kind == "bank" for one in facts.payees),
        "mortgage": facts.loaned > 0,
        "pre_notice": Filing.objects.filter(deal=facts.deal).exclude(pre_notice_number="").exists(),
        "filing": facts.row.stage in (RoomReturn.FILED, RoomReturn.LOAN),
        "tax": facts.signed,
        "invoice": True,
        "keys": facts.signed,
        "papers": True,
    }
    for position, (kind, _) in enumerate(ReturnRelease.KINDS, 1):
        ReturnRelease.objects.create(request=facts.row, kind=kind, position=position, needed=needed[kind])


def _done(context: Context, kind: str, *, number: str = "", note: str = "", proof: str | None = None) -> None:
    line = facts_of(context).row.releases.get(kind=kind)
    line.done_at, line.done_by = context.at, person_of(context)
    line.number, line.note, line.proof = number, note, proof or ""
    line.save()
    keep(context, [proof], "release_proof", line.get_kind_display())
    context.forget_facts()


def release(context: Context) -> None:
    """Tick a line of the checklist with its proof."""
    given = context.given
    assert isinstance(given, forms.ReleaseForm)
    facts = facts_of(context)
    if given.not_needed:
        facts.row.releases.filter(kind=given.kind.value).update(needed=False)
    if given.kind is forms.ReleaseKind.FILING and (filing := facts.open_filing()) is not None:
        # A filing whose case is over: what the city took off its file is entered here.
        filing.withdrawn_at, filing.withdraw_reason = (
            context.at,
            f"退房 {context.case.number}，凭证 {given.number}",
        )
        filing.save(update_fields=["withdrawn_at", "withdraw_reason"])
    _done(context, given.kind.value, number=given.number, note=given.note, proof=given.proof)


def pay_bank(context: Context) -> None:
    """
    Pay the bank what ends the loan, out of the loan money that came; if it is another figure than estimated, the buyers
    get so much more or less.
    """
    given, facts = context.given, facts_of(context)
    assert isinstance(given, forms.PayBankForm)
    payee = facts.row.payees.get(kind="bank", name=given.bank)
    more = given.amount - payee.amount
    _adjust(facts, more)
    payee.amount, payee.voucher, payee.slip, payee.paid_date = (
        given.amount,
        given.voucher,
        given.letter,
        given.paid_date,
    )
    payee.save()
    _out_of_receipts(
        context, [one for one in facts.receipts if one.method == "loan"], given.amount, payee, given.voucher,
        given.paid_date, free=True,
    )  # fmt: skip
    keep(context, [given.letter], "bank_payoff", f"{given.bank} 结清证明")
    for one in facts.payoffs:
        if one.bank == given.bank:
            context.nested(
                one.mortgage.case_id, "paid_off", given={"voucher": given.voucher, "proof": given.letter}
            )
    if not facts.row.payees.filter(kind="bank", paid_date=None).exists():
        _done(context, "bank", number=given.voucher, proof=given.letter)
    context.say(bank=given.bank, amount=given.amount, differs=more)
    context.forget_facts()


def _adjust(facts: RefundFacts, more: Decimal) -> None:
    """Take what the bank gets more from the buyers' parts, or give them what it gets less."""
    for payee in [one for one in facts.payees if one.kind != "bank"]:
        part = min(more, payee.amount)
        if part:
            payee.amount -= part
            payee.save(update_fields=["amount"])
            more -= part


def _out_of_receipts(
    context: Context, receipts: Sequence[Receipt], amount: Decimal, payee: ReturnPayee, voucher: str, on: date, *,
    free: bool = False,
) -> Decimal:  # fmt: skip
    """Book so much as paid back out of these receipts, and return what they could not cover. ``free``: release first."""
    left = amount
    for receipt in receipts:
        if left <= 0:
            break
        if free:
            allocating.release_all(
                receipt=receipt, reason="退房，先还银行", at=context.recorded_at, by_id=context.by_id
            )
        part = min(left, free_of(receipt))
        if part <= 0:
            continue
        kind, ground = payee.kind, payee.ground
        if kind == "payer" and (receipt.payer != payee.name or receipt.method == "loan"):
            kind, ground = "buyer", "全体买受人共有的款项，按解除协议分配"
        refunding.refund(
            receipt=receipt, amount=part, payee=refunding.Payee(kind, payee.name, payee.account, ground),
            voucher=voucher, method="transfer", paid_at=_noon(on, context), at=context.recorded_at,
            by_id=person_of(context).pk, case_id=context.case.pk,
        )  # fmt: skip
        left -= part
    return left


# --- execution -------------------------------------------------------------------------------------------------------
def execute(context: Context) -> None:
    """
    The one transaction in which a deal ends (domain 2.9): contract rescinded, following cases cancelled, receivables
    closed, what is kept booked, the unit held as 待公开 by this case, the referral's reward asked back.
    """
    facts = facts_of(context)
    row, deal = facts.row, changing.check_unchanged(facts.deal)
    end_deal(context, deal, reason="退房" if facts.signed else "退认购")
    control.move(
        unit_id=deal.unit_id, to=Control.COOLING, expected=HELD, case_id=context.case.pk, by_id=context.by_id,
        at=context.at, recorded_at=context.recorded_at, reason=f"退房 {context.case.number}", hold=context.case.pk,
    )  # fmt: skip
    changing.close_change(context)
    row.executed_at = context.at
    row.save(update_fields=["executed_at"])
    _end_subscription(context, facts)
    book = facts.book
    if book is not None:
        receivables.settle(
            book=book, reason=f"退房 {context.case.number}", kept=row.kept or ZERO,
            kept_name=KEPT if facts.signed else FORFEITED, at=context.at, recorded_at=context.recorded_at,
            by_id=person_of(context).pk, case_id=context.case.pk,
        )  # fmt: skip
    _claw_back(context, deal)
    context.say(closed=deal.pk, kept=row.kept, terms_version=deal.terms_version)
    context.forget_facts()


def _end_subscription(context: Context, facts: RefundFacts) -> None:
    """Before a contract the 认购书 itself is still running: it ends with the deal."""
    if facts.signed:
        return
    cause = BEFORE_CONTRACT.get(facts.reason, BEFORE_CONTRACT[ReasonClass.NO_FAULT])
    rows = Subscription.objects.filter(deal_id=facts.row.deal_id, case__closed_at=None)
    for subscription in rows.select_related("case"):
        if subscription.case.pending_request_id is not None:
            raise NotReady([Reason(f"认购 {subscription.case.number} 正在审批，请先撤回", "I-5.10-0a")])
        context.nested(
            subscription.case_id,
            "cancel",
            given={"cause": cause.value, "reason": f"退房 {context.case.number}"},
        )


def _claw_back(context: Context, deal: Deal) -> None:
    """The reward of whoever recommended the buyer falls with the deal (domain 2.13)."""
    rows = Referral.objects.filter(deal=deal, live=True, case__closed_at=None).order_by("case_id")
    for referral in rows.select_related("case"):
        if referral.case.pending_request_id is not None:
            raise NotReady([Reason(f"推荐奖励 {referral.case.number} 正在审批，请先撤回", "I-5.13-0")])
        step = "claw_back_paid" if referral.case.state == "paid" else "claw_back"
        if referral.case.state in ("deal", "eligible", "approved", "paid"):
            context.nested(referral.case_id, step, given={"reason": f"所荐客户退房 {context.case.number}"})


# --- payment ---------------------------------------------------------------------------------------------------------
def prepare(context: Context) -> None:
    """Money only: the term to pay begins with the approval."""
    row = facts_of(context).row
    if row.due_date is None:
        row.trigger_date = local_date(context.at)
        row.due_date = last_day(row.trigger_date, row.term_days)
        row.save(update_fields=["trigger_date", "due_date"])


def pay_due(context: Context) -> datetime | None:
    """The end of the last day to pay."""
    row = facts_of(context).row
    return end_of(row.due_date) if row.due_date is not None else None


def pay(context: Context) -> None:
    """Pay the buyers, each with voucher and slip: principal out of the receipts, the rest as interest, double or penalty."""
    given, facts = context.given, facts_of(context)
    assert isinstance(given, forms.PayForm)
    book = facts.book
    assert book is not None
    slips = {one.payee: one for one in given.payments}
    for due in facts.due_now(given.paid_date, rate=late_rate(context)):
        row, slip = due.payee, slips[due.payee.name]
        _pay_out(
            context,
            facts,
            book,
            row,
            due.principal,
            voucher=slip.voucher,
            late=due.late,
            on=given.paid_date,
        )
        row.late += due.late
        row.voucher, row.slip, row.paid_date = slip.voucher, slip.slip, given.paid_date
        row.save()
        keep(context, [slip.slip], "refund_slip", f"退款回单 {row.name}")
        context.say(**{f"paid_{row.position}": f"{row.name} {due.amount}"})
    facts.row.paid_at = context.at
    facts.row.save(update_fields=["paid_at"])
    context.forget_facts()


def pay_part(context: Context) -> None:
    """Pay a part of what was approved; the rest, and interest for being late, come with the last payment."""
    given, facts = context.given, facts_of(context)
    assert isinstance(given, forms.PayPartForm)
    book = facts.book
    assert book is not None
    keep(context, [given.consent], "refund_parts", "同意分次退款")
    payees = {one.name: one for one in facts.payees if one.kind != "bank"}
    for place, one in enumerate(given.payments, 1):
        _pay_out(
            context,
            facts,
            book,
            payees[one.payee],
            one.amount,
            voucher=one.voucher,
            late=ZERO,
            on=given.paid_date,
        )
        keep(context, [one.slip], "refund_slip", f"退款回单 {one.payee}")
        context.say(**{f"part_{place}": f"{one.payee} {one.amount}"})
    context.forget_facts()


def _pay_out(
    context: Context, facts: RefundFacts, book: Book, payee: ReturnPayee, amount: Decimal, *, voucher: str, late: Decimal,
    on: date,
) -> None:  # fmt: skip
    """Pay so much of the sum approved out of the receipts, the payee's own first, and beside them what they do not cover."""
    mine = sorted(facts.receipts, key=lambda one: (one.payer != payee.name, one.method == "loan", one.pk))
    if not facts.row.inputs.get("pass_through", "0").strip("0."):
        mine = [one for one in mine if one.purpose != "pass_through"]
    left = _out_of_receipts(context, mine, amount, payee, voucher, on)
    _beside(context, facts, book, payee, left, voucher=voucher, late=late, on=on)


def _beside(
    context: Context,
    facts: RefundFacts,
    book: Book,
    payee: ReturnPayee,
    amount: Decimal,
    *,
    voucher: str,
    late: Decimal,
    on: date,
) -> None:
    """Book what no receipt covers, by its kinds in the order of the sheet; being late is interest."""
    parts: list[tuple[str, Decimal]] = []
    for kind in ("interest", "double", "penalty"):
        planned = sum((Decimal(line["amount"]) for line in facts.row.sheet if line["kind"] == kind), ZERO)
        part = min(amount, max(planned - _paid_beside(facts, kind), ZERO))
        if part:
            parts.append((kind, part))
            amount -= part
    if amount:
        raise NotReady([Reason(f"收据可退的款不足，差 {amount} 元，请财务核对户账", "I-5.10-0b")])
    if late:
        parts.append(("interest", late))
    for kind, part in parts:
        paying.pay_out(
            book=book, kind=kind, amount=part, payee=payee.name, account=payee.account, voucher=voucher,
            method="transfer", paid_at=_noon(on, context), at=context.recorded_at, by_id=person_of(context).pk,
            case_id=context.case.pk,
        )  # fmt: skip


def _paid_beside(facts: RefundFacts, kind: str) -> Decimal:
    """Return what of the sheet's interest, double deposit or penalty was paid, without interest for being late."""
    rows = Payout.objects.filter(case_id=facts.row.case_id, kind=kind).values_list("amount", flat=True)
    late = facts.row.payees.values_list("late", flat=True) if kind == "interest" else ()
    return sum(rows, ZERO) - sum(late, ZERO)


def come_back(context: Context) -> None:
    """A payment came back: it is booked as come back and has to be paid again, to the account corrected."""
    given, facts = context.given, facts_of(context)
    assert isinstance(given, forms.CameBackForm)
    row = facts.row.payees.exclude(kind="bank").get(name=given.payee)
    last = [one for one in facts.parts if one.payee == row.name and not one.bank][-1]
    voucher = given.returned or row.voucher or last.voucher
    by, at = person_of(context).pk, context.recorded_at
    mine = {"case_id": context.case.pk, "voucher": voucher, "reverses": None, "reversal": None}
    for refund in Refund.objects.filter(**mine, payee=row.name).order_by("id"):
        refunding.returned(refund=refund, reason=given.reason, at=at, by_id=by)
    for payout in Payout.objects.filter(**mine, payee=row.name).order_by("id"):
        paying.came_back(payout=payout, at=at, by_id=by)
    # Interest for being late went out with the last payment; if an earlier one came back, it stays paid.
    if voucher == row.voucher:
        row.late, row.voucher, row.slip = ZERO, "", ""
    row.account, row.paid_date = given.account, None
    row.save()
    facts.row.paid_at = None
    facts.row.save(update_fields=["paid_at"])
    context.forget_facts()


def close(context: Context) -> None:
    """Everything is paid, released and withdrawn: the unit goes back on public sale."""
    facts = facts_of(context)
    if not facts.room:
        return
    control.move(
        unit_id=facts.deal.unit_id, to=Control.AVAILABLE, expected=(Control.COOLING,), case_id=context.case.pk,
        by_id=context.by_id, at=context.at, recorded_at=context.recorded_at,
        reason=f"退房 {context.case.number} 办结，恢复公开销售",
    )  # fmt: skip
    facts.row.on_sale_at = context.at
    facts.row.save(update_fields=["on_sale_at"])


def drop(context: Context) -> None:
    """The application ends without effect: the deal goes on as it was."""
    if facts_of(context).room:
        changing.close_change(context, executed=False)


def cases_waiting_for_payment(project_id: int) -> list[RefundFacts]:
    """Return the refunds of a project whose money is to be paid by finance, soonest due first."""
    rows = RoomReturn.objects.filter(
        case__process="refund", case__state__in=("releasing", "pay_ready"), case__scope_id=project_id
    )
    found = rows.select_related("case", "deal__unit__building").order_by("due_date", "pk")[:200]
    return [RefundFacts(row) for row in found]
