"""What the steps of a mortgage do. Effects of ``processes.mortgage``; money moves by the ledger's operations only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Final

from django.db.models import F

from guiju.customers.models import Customer
from guiju.kernel import figures, store
from guiju.kernel.calendar import end_of, local_date
from guiju.kernel.engine import Context
from guiju.kernel.money import ZERO
from guiju.kernel.numbering import ZONE
from guiju.kernel.refusals import NotReady, Reason
from guiju.ledger.models import Kind, ReceivableEntry
from guiju.ledger.operations import receipts, receivables
from guiju.ledger.operations.allocating import allocate, allocate_to
from guiju.ledger.operations.receivables import Planned
from guiju.notify import outbox
from guiju.notify.outbox import Recipient
from guiju.papers.writing import day, money
from guiju.sales import mortgage_forms as forms
from guiju.sales.contracts import contract_of
from guiju.sales.models import Deal, DealBuyer, LoanArrears, Mortgage, MortgagePaper, MortgageProblem
from guiju.sales.mortgage_facts import TOP_UP, MortgageFacts, facts_of, lacking, usable, words
from guiju.sales.mortgage_needs import (
    PER_PERSON,
    buyer_id,
    colleague,
    deal_here,
    find_paper,
    planned_amount,
)
from guiju.sales.operations.acting import keep, person_of
from guiju.sales.receivables import GATE_OPEN
from guiju.sales.regimes import gate_opened

COMPANY: Final = frozenset({"contract", "receipt"})
COMMERCIAL: Final = (
    "identity", "household", "marriage", "income", "flow", "credit", "homes", "slip", "card", "contract", "receipt",
)  # fmt: skip
FUND: Final = ("identity", "household", "marriage", "fund", "homes", "slip", "card", "contract", "receipt")
LABELS: Final = {kind.value: kind.label for kind in forms.PaperKind}
ORIGINALS: Final = ("income", "flow", "credit", "slip", "fund")


# --- opening ---------------------------------------------------------------------------------------------------------
def begin(context: Context) -> None:
    """Open the file of a loan part: its amount by the plan, its bank as chosen, the list of papers by the SOP."""
    given, deal = context.given, deal_here(context)
    assert isinstance(given, forms.BeginForm)
    assert deal is not None
    contract = contract_of(deal.pk)
    assert contract is not None
    part = given.part
    row = Mortgage.objects.create(
        case=context.case, deal=deal, project_id=deal.project_id, part=part.value,
        bank=given.bank or (deal.bank if part is forms.Part.COMMERCIAL else ""),
        amount=given.amount or planned_amount(deal, part.value), signed_date=contract.signed_date,
    )  # fmt: skip
    buyers = buyers_of(deal.pk)
    ask_for_papers(context, row, buyers)
    context.link("unit", deal.unit_id)
    context.link("deal", deal.pk)
    for buyer in buyers:
        context.link("customer", buyer.customer_id)
    if contract.case_id is not None:
        context.link("case", contract.case_id)
    context.title = title_of(row, buyers)
    context.say(amount=row.amount, bank=row.bank, contract=contract.number)
    figures.say(context, row)
    context.forget_facts()


def buyers_of(deal_id: int) -> list[DealBuyer]:
    """Return the buyers of a deal, the first one first."""
    return list(DealBuyer.objects.filter(deal=deal_id).select_related("customer").order_by("position"))


def title_of(row: Mortgage, buyers: Iterable[DealBuyer]) -> str:
    """Return the name of a loan's case: unit, kind of loan, buyers."""
    names = "、".join(buyer.customer.name for buyer in buyers)
    return f"按揭 {row.deal.unit.label} {row.get_part_display()} {names}"[:200]


def ask_for_papers(context: Context, row: Mortgage, buyers: Iterable[DealBuyer]) -> None:
    """Make the list of papers of a loan, by the SOP: each of every borrower, or one that they share."""
    default = COMMERCIAL if row.part == Mortgage.COMMERCIAL else FUND
    kinds = context.setting(f"papers_{row.part}", default)
    originals = set(context.setting("originals", ORIGINALS))
    people = list(buyers)
    papers: list[MortgagePaper] = []
    for kind in kinds:
        for buyer in people if kind in PER_PERSON else [None]:
            papers.append(
                MortgagePaper(
                    mortgage=row,
                    customer=buyer.customer if buyer else None,
                    kind=kind,
                    name=LABELS[kind],
                    position=len(papers) + 1,
                    owner=MortgagePaper.COMPANY if kind in COMPANY else MortgagePaper.BUYER,
                    needs_original=kind in originals,
                )
            )
    MortgagePaper.objects.bulk_create(papers)
    context.forget_facts()


def list_papers_anew(context: Context) -> None:
    """A loan that was taken up at the bank has no list of papers; who asks another bank, or again, needs one."""
    row = facts_of(context).row
    if not row.papers.exists():
        ask_for_papers(context, row, buyers_of(row.deal_id))


def adjust_amount(context: Context) -> None:
    """Move money between the parts before the bank has it."""
    given, row = context.given, facts_of(context).row
    assert isinstance(given, forms.AmountForm)
    context.say(old=row.amount, new=given.amount)
    row.amount = given.amount
    store.write(row, "amount")
    figures.say(context, row)


def set_bank(context: Context, bank: str) -> None:
    """Say which bank lends; the deal follows its commercial loan."""
    row = facts_of(context).row
    context.say(old=row.bank, new=bank)
    row.bank = bank
    store.write(row, "bank")
    if row.part == Mortgage.COMMERCIAL:
        Deal.objects.filter(pk=row.deal_id).update(bank=bank)


def choose_bank(context: Context) -> None:
    """Record the bank."""
    given = context.given
    assert isinstance(given, forms.BankForm)
    set_bank(context, given.bank)


def switch_bank(context: Context) -> None:
    """Begin anew with another bank: what the first one decided no longer counts; the papers stay where valid."""
    given, row = context.given, facts_of(context).row
    assert isinstance(given, forms.SwitchForm)
    set_bank(context, given.bank)
    row.interview_at = row.interviewed_at = row.submitted_at = row.decided_at = row.approval_until_date = None
    row.papers_complete_at = row.approved_amount = row.loan_date = row.registered_date = None
    row.acceptance_number = row.approval_number = row.refused_cause = row.loan_number = ""
    row.registration_number, row.payout_asked_at = "", None
    row.save()
    figures.say(context, row)
    list_papers_anew(context)
    # The authorisation names the bank.
    row.papers.filter(kind=forms.PaperKind.CREDIT.value).update(
        state=MortgagePaper.MISSING, received_at=None, received_by=None, valid_until=None, promised_date=None
    )
    context.forget_facts()


def appoint_lawyer(context: Context) -> None:
    """Record the bank's lawyer."""
    given, row = context.given, facts_of(context).row
    assert isinstance(given, forms.LawyerForm)
    row.lawyer, row.law_firm, row.lawyer_phone = given.lawyer, given.firm, given.phone
    row.save(update_fields=["lawyer", "law_firm", "lawyer_phone"])


def exchange(context: Context) -> None:
    """Keep what was handed to or came from the lawyer."""
    given, row = context.given, facts_of(context).row
    assert isinstance(given, forms.ExchangeForm)
    keep(context, given.papers, "mortgage_lawyer", f"{given.heard.label} 律师 {row.lawyer}")
    context.say(lawyer=row.lawyer)


# --- papers ----------------------------------------------------------------------------------------------------------
def receive_papers(context: Context) -> None:
    """Tick papers item by item: how each is there, until when, promised when (I-2.2-d). The other loan takes them too."""
    given, facts = context.given, facts_of(context)
    assert isinstance(given, forms.PapersForm)
    told = []
    for item in given.items:
        paper = find_paper(facts.papers, item.kind.value, buyer_id(context, item.buyer))
        assert paper is not None
        there = item.state in (forms.PaperState.ORIGINAL, forms.PaperState.COPY)
        paper.state, paper.promised_date = item.state.value, item.promised_date
        paper.valid_until = item.valid_until
        # What follows by itself from our own books was taken in by nobody.
        paper.received_at = context.at if there and context.by_id is not None else None
        paper.received_by_id = context.by_id if there else None
        if item.attachment:
            paper.attachment = item.attachment
            keep(context, [item.attachment], "mortgage_paper", paper.name)
        paper.save()
        told.append(f"{paper.name} {item.state.label}" + (f"（{item.source}）" if item.source else ""))
    context.say(papers=told)
    context.forget_facts()
    if given.both:
        _tell_other_part(context, given)


def _tell_other_part(context: Context, given: forms.PapersForm) -> None:
    facts = facts_of(context)
    today = local_date(context.at)
    for other in facts.parts:
        if other.pk == facts.row.pk or other.disbursed_at is not None or other.case.pending_request_id:
            continue
        papers = list(other.papers.all())
        items = []
        for item in given.items:
            paper = find_paper(papers, item.kind.value, buyer_id(context, item.buyer))
            own = item.kind is forms.PaperKind.CREDIT
            if paper is not None and not own and not usable(paper, today):
                items.append(item.model_dump(mode="json"))
        if items:
            context.nested(other.case_id, "receive_papers", given={"items": items, "both": False})


def require_paper(context: Context) -> None:
    """The bank wants one more paper, or one fewer."""
    given, facts = context.given, facts_of(context)
    assert isinstance(given, forms.RequireForm)
    customer = buyer_id(context, given.buyer) if given.buyer else None
    paper = next(
        (p for p in facts.papers if p.kind == given.kind.value and p.customer_id == customer), None
    ) or MortgagePaper(
        mortgage=facts.row, customer_id=customer, kind=given.kind.value, position=len(facts.papers) + 1
    )
    paper.name = given.name or given.kind.label
    paper.needed, paper.needs_original = given.needed, given.needs_original
    paper.owner = MortgagePaper.COMPANY if given.kind.value in COMPANY else MortgagePaper.BUYER
    paper.save()
    context.forget_facts()


def papers_complete(context: Context) -> None:
    """Remember when the file was complete."""
    row = facts_of(context).row
    row.papers_complete_at = context.at
    store.write(row, "papers_complete_at")


def recipients(customers: Iterable[Customer]) -> list[Recipient]:
    """Return those who can be reached by phone."""
    return [
        Recipient(outbox.CUSTOMER, one.pk, one.name, one.phone, one.email) for one in customers if one.phone
    ]


def chase(context: Context) -> None:
    """Remind the buyer of exactly what is missing, and count it on each paper (I-2.2-c, I-5.3-5c)."""
    given, facts = context.given, facts_of(context)
    assert isinstance(given, forms.ChaseForm)
    row = facts.row
    missing = facts.lacking(context.at, MortgagePaper.BUYER)
    text = words(missing, local_date(context.at), named=len(facts.buyers) > 1)
    if given.way is forms.Way.MESSAGE:
        to = recipients(buyer.customer for buyer in facts.buyers)[0]
        parts, both = _lacking_of_all(context, facts)
        named = words(both, local_date(context.at), named=len(facts.buyers) > 1)
        banks = dict.fromkeys(part.bank for part in parts if part.bank)
        outbox.send(
            template="mortgage.papers", to=to, case=context.case, at=context.recorded_at, by=context.by_id,
            # The loans of a buyer are chased together: the second one of the day finds its words said already.
            key=f"{row.deal_id}:{local_date(context.at)}:{named}" if len(parts) > 1 else "",
            values={
                "name": to.name, "unit": row.deal.unit.label, "papers": named,
                "part": "和".join(part.get_part_display() for part in parts), "bank": "和".join(banks) or "贷款银行",
            },
        )  # fmt: skip
        context.say(told=to.name)
    row.chases, row.chased_at = row.chases + 1, context.at
    row.save(update_fields=["chases", "chased_at"])
    MortgagePaper.objects.filter(pk__in=[paper.pk for paper in missing]).update(
        reminders=F("reminders") + 1, reminded_at=context.at
    )
    _promise(context, missing, given.promised_date)
    context.say(missing=[f"{paper.name}" for paper in missing], words=text)
    context.forget_facts()


def _lacking_of_all(context: Context, facts: MortgageFacts) -> tuple[list[Mortgage], list[MortgagePaper]]:
    """Return the loans of the deal that wait for papers of the buyer, and those papers, each once."""
    today, parts = local_date(context.at), []
    found: dict[tuple[str, int | None], MortgagePaper] = {}
    for part in facts.parts:
        papers = part.papers.select_related("customer").order_by("position", "pk")
        missing = lacking(papers, today, MortgagePaper.BUYER)
        if part.disbursed_at is not None or not missing:
            continue
        parts.append(part)
        for paper in missing:
            found.setdefault((paper.kind, paper.customer_id), paper)
    return parts, list(found.values())


def answer(context: Context) -> None:
    """Keep what the buyer said, and the day promised, on each paper that is missing."""
    given, facts = context.given, facts_of(context)
    assert isinstance(given, forms.AnswerForm)
    _promise(context, facts.lacking(context.at, MortgagePaper.BUYER), given.promised_date)
    context.forget_facts()


def _promise(context: Context, papers: list[MortgagePaper], until: object) -> None:
    if until is not None:
        MortgagePaper.objects.filter(pk__in=[paper.pk for paper in papers]).update(promised_date=until)


def post_letter(context: Context) -> None:
    """Record that the 催办按揭通知书 was posted."""
    given, row = context.given, facts_of(context).row
    assert isinstance(given, forms.PostForm)
    keep(context, [given.scan], "mortgage_letter", f"催办按揭通知书 {given.tracking}")
    row.letter_sent_at, row.letter_delivered_at = context.at, None
    row.save(update_fields=["letter_sent_at", "letter_delivered_at"])
    context.say(missing=facts_of(context).lacking_words(context.at, MortgagePaper.BUYER))


def letter_arrived(context: Context) -> None:
    """Keep the proof of delivery."""
    given, row = context.given, facts_of(context).row
    assert isinstance(given, forms.DeliveredForm)
    keep(context, [given.proof], "delivery_proof", "催办按揭通知书送达回执")
    row.letter_delivered_at = context.at
    row.save(update_fields=["letter_delivered_at"])


def treat_as_late(context: Context) -> None:
    """By the contract the loan money is owed from a day: the buyer did not hand in what was needed (domain 2.7)."""
    given, facts = context.given, facts_of(context)
    assert isinstance(given, forms.LateForm)
    line = facts.loan_line
    if line is None:
        raise NotReady([Reason("户账里没有这笔贷款的应收", "I-5.3-5c")])
    receivables.change(
        receivable=line.receivable, act=ReceivableEntry.CHANGED, due_date=given.due_date, reason=given.reason,
        at=context.at, recorded_at=context.recorded_at, by_id=context.by_id, case_id=context.case.pk,
    )  # fmt: skip
    context.say(owed=line.open, due=given.due_date)


# --- bank ------------------------------------------------------------------------------------------------------------
def plan_interview(context: Context) -> None:
    """Record the appointment, and tell the buyers."""
    given, facts = context.given, facts_of(context)
    assert isinstance(given, forms.InterviewPlanForm)
    row = facts.row
    row.interview_at, row.interview_place = given.interview_at, given.place
    row.save(update_fields=["interview_at", "interview_place"])
    local = given.interview_at.astimezone(ZONE)
    for to in recipients(buyer.customer for buyer in facts.buyers):
        outbox.send(
            template="mortgage.interview", to=to, case=context.case, at=context.recorded_at, by=context.by_id,
            values={
                "name": to.name, "unit": row.deal.unit.label, "bank": row.bank, "place": given.place or row.bank,
                "when": f"{local.month}月{local.day}日 {local:%H:%M}",
            },
        )  # fmt: skip


def interview(context: Context) -> None:
    """Record that the bank has seen the borrowers."""
    given, row = context.given, facts_of(context).row
    assert isinstance(given, forms.InterviewForm)
    keep(context, [given.consent], "mortgage_consent", "共有人同意书")
    row.interviewed_at = context.at
    row.save(update_fields=["interviewed_at"])


def submit(context: Context) -> None:
    """The bank has accepted the file."""
    given, row = context.given, facts_of(context).row
    row.submitted_at = context.at
    if isinstance(given, forms.SubmitForm):
        row.acceptance_number = given.acceptance_number
    row.save(update_fields=["submitted_at", "acceptance_number"])


def approve(context: Context) -> None:
    """Record the bank's yes, in full or for less, and until when it holds."""
    given, row = context.given, facts_of(context).row
    assert isinstance(given, forms.ApproveForm)
    row.decided_at, row.approved_amount = context.at, given.amount
    row.approval_number, row.approval_until_date = given.approval_number, given.until_date
    row.save(update_fields=["decided_at", "approved_amount", "approval_number", "approval_until_date"])
    figures.say(context, row)
    context.say(asked=row.amount)


def approval_due(context: Context) -> datetime | None:
    """The end of the day until which the bank's approval holds."""
    until = facts_of(context).row.approval_until_date
    return end_of(until) if until is not None else None


def want_supplement(context: Context) -> None:
    """What the bank wants anew is missing again."""
    given, facts = context.given, facts_of(context)
    assert isinstance(given, forms.SupplementForm)
    kinds = [kind.value for kind in given.kinds]
    facts.row.papers.filter(kind__in=kinds).update(
        state=MortgagePaper.MISSING, received_at=None, received_by=None
    )
    context.forget_facts()


def refuse(context: Context) -> None:
    """Record the bank's no, and whose doing it is: that decides what becomes of the contract (domain 1.10)."""
    given, row = context.given, facts_of(context).row
    assert isinstance(given, forms.RefuseForm)
    row.decided_at, row.refused_cause = context.at, given.cause.value
    row.save(update_fields=["decided_at", "refused_cause"])


def top_up(context: Context) -> None:
    """The loan becomes what the bank lends; the difference is owed in cash by a supplement that every buyer signed."""
    given, facts = context.given, facts_of(context)
    assert isinstance(given, forms.TopUpForm)
    row, line = facts.row, facts.loan_line
    assert row.approved_amount is not None
    if facts.book is None or line is None:
        raise NotReady([Reason("户账里没有这笔贷款的应收，请财务先建户账", "I-5.6-0")])
    difference = row.amount - row.approved_amount
    deal = Deal.objects.select_for_update().get(pk=row.deal_id)
    receivables.change(
        receivable=line.receivable, act=ReceivableEntry.CHANGED, amount=line.amount - difference,
        reason=f"银行批贷 {row.approved_amount}", at=context.at, recorded_at=context.recorded_at, by_id=context.by_id,
        case_id=context.case.pk,
    )  # fmt: skip
    receivables.add(
        book=facts.book, planned=[Planned(Kind.INSTALMENT, TOP_UP, difference, given.due_date)], at=context.at,
        recorded_at=context.recorded_at, by_id=context.by_id, case_id=context.case.pk,
    )  # fmt: skip
    Deal.objects.filter(pk=deal.pk).update(
        terms_version=deal.terms_version + 1, down_payment=(deal.down_payment or ZERO) + difference
    )
    keep(context, [given.agreement], "supplement", "贷款不足补充协议")
    context.say(old=row.amount, new=row.approved_amount, top_up=difference)
    row.amount = row.approved_amount
    row.save(update_fields=["amount"])
    figures.say(context, row, deal)
    context.forget_facts()


def sign_loan(context: Context) -> None:
    """Record the loan contract."""
    given, row = context.given, facts_of(context).row
    assert isinstance(given, forms.LoanForm)
    row.loan_number, row.loan_date = given.loan_number, given.loan_date
    row.save(update_fields=["loan_number", "loan_date"])


def register_mortgage(context: Context) -> None:
    """Record the mortgage pre-registration (抵押预告登记)."""
    given, row = context.given, facts_of(context).row
    assert isinstance(given, forms.RegistrationForm)
    row.registration_number, row.registered_date = given.registration_number, given.registered_date
    row.save(update_fields=["registration_number", "registered_date"])


def open_gate(context: Context) -> None:
    """The payout condition has come true: what waited for it is due after the days a bank usually takes (domain 2.8)."""
    facts = facts_of(context)
    opened = gate_opened(facts.contract, context.at) if facts.contract is not None else None
    days = int(context.setting("payout_days", 28))
    if facts.book is not None:
        receivables.come_true(
            book=facts.book, event=GATE_OPEN, due_date=local_date(context.at) + timedelta(days=days), at=context.at,
            recorded_at=context.recorded_at, by_id=context.by_id, case_id=context.case.pk,
            reason=f"放款条件 {opened} 具备，{days} 日内放款",
        )  # fmt: skip
    context.say(gate=opened)
    context.forget_facts()


def hold(context: Context) -> None:
    """Stop the payout until it is cleared with the bank."""
    row = facts_of(context).row
    row.held_reason = str(getattr(context.given, "reason", ""))[:200]
    row.save(update_fields=["held_reason"])


def unhold(context: Context) -> None:
    """Let the payout go on."""
    row = facts_of(context).row
    row.held_reason = ""
    row.save(update_fields=["held_reason"])


def ask_payout(context: Context) -> None:
    """The bank has the application for payout."""
    given, row = context.given, facts_of(context).row
    assert isinstance(given, forms.AskForm)
    row.payout_asked_at, row.account = context.at, given.account
    row.save(update_fields=["payout_asked_at", "account"])


def press_bank(context: Context) -> None:
    """Record that the bank was reminded, and what it said; the next reminder is due a week later (I-2.2-g)."""
    row = facts_of(context).row
    row.presses, row.pressed_at = row.presses + 1, context.at
    row.save(update_fields=["presses", "pressed_at"])
    if row.payout_asked_at is not None:
        context.start_clock("press")


def pay_out(context: Context, *, tell: bool = True) -> None:
    """Book the bank's money to the loan it pays, and tell the buyers (I-2.2-i)."""
    given, facts = context.given, facts_of(context)
    assert isinstance(given, forms.PayoutForm)
    row, book, line = facts.row, facts.book, facts.loan_line
    if book is None or line is None:
        raise NotReady([Reason("户账里没有这笔贷款的应收，请财务先建户账", "I-5.6-0")])
    came = context.at
    if given.received_date != local_date(context.at):
        came = datetime.combine(given.received_date, time(12), ZONE)
    made = receipts.book(
        unit=row.deal.unit, case_id=context.case.pk, purpose="price", amount=given.amount, method="loan",
        account=row.project.escrow_account, voucher=given.voucher, payer=row.bank or row.get_part_display(),
        third_party=False, relation="贷款银行", received_at=came, recorded_at=context.recorded_at,
        by_id=person_of(context).pk, to=book,
    )  # fmt: skip
    part = min(given.amount, line.open)
    if part > 0:
        allocate_to(
            receipt=made,
            receivable=line.receivable,
            amount=part,
            at=context.recorded_at,
            by_id=context.by_id,
        )
    if part < given.amount:
        allocate(receipt=made, at=context.recorded_at, by_id=context.by_id)
    row.disbursed_amount = Decimal(row.disbursed_amount) + given.amount
    if facts.left <= 0:
        row.disbursed_at = came
    row.save(update_fields=["disbursed_amount", "disbursed_at"])
    figures.say(context, row)
    for to in recipients(buyer.customer for buyer in facts.buyers) if tell else ():
        outbox.send(
            template="mortgage.paid_out", to=to, case=context.case, at=context.recorded_at, by=context.by_id,
            values={
                "name": to.name, "unit": row.deal.unit.label, "part": row.get_part_display(), "bank": row.bank,
                "amount": money(given.amount), "on": day(given.received_date), "receipt": made.number,
            },
        )  # fmt: skip
    context.say(receipt=made.number, left=facts.left)
    context.forget_facts()


# --- while the guarantee runs ----------------------------------------------------------------------------------------
def set_repayment(context: Context) -> None:
    """Remember on which day of the month the buyer repays."""
    given, row = context.given, facts_of(context).row
    assert isinstance(given, forms.RepaymentForm)
    row.repayment_day, row.first_repayment_date = given.day, given.first_date
    row.save(update_fields=["repayment_day", "first_repayment_date"])


def report_arrears(context: Context) -> None:
    """Enter the bank's notice that a repayment is overdue."""
    given = context.given
    assert isinstance(given, forms.ArrearsForm)
    LoanArrears.objects.create(
        mortgage=facts_of(context).row, due_date=given.due_date, amount=given.amount, reported_at=context.at,
        reported_how=given.how,
    )  # fmt: skip
    context.forget_facts()


def chase_repayment(context: Context) -> None:
    """Remind the buyer of the repayments the bank reports as overdue, with the answer (I-2.2-k)."""
    given, facts = context.given, facts_of(context)
    assert isinstance(given, forms.ChaseRepaymentForm)
    owed = sum((one.amount for one in facts.arrears), ZERO)
    if given.way is forms.Way.MESSAGE:
        for to in recipients(buyer.customer for buyer in facts.buyers):
            outbox.send(
                template="mortgage.overdue", to=to, case=context.case, at=context.recorded_at, by=context.by_id,
                values={
                    "name": to.name, "unit": facts.deal.unit.label, "bank": facts.row.bank, "amount": money(owed),
                    "due": "、".join(day(one.due_date) for one in facts.arrears),
                },
            )  # fmt: skip
    LoanArrears.objects.filter(pk__in=[one.pk for one in facts.arrears]).update(
        reminders=F("reminders") + 1, reminded_at=context.at
    )
    context.say(overdue=owed)
    context.forget_facts()


def settle_arrears(context: Context) -> None:
    """The buyer has made the repayment."""
    given = context.given
    assert isinstance(given, forms.SettledForm)
    facts_of(context).row.arrears.filter(due_date=given.due_date).update(settled_at=context.at)
    context.forget_facts()


def recover(context: Context) -> None:
    """The buyer has paid the company back."""
    given = context.given
    assert isinstance(given, forms.RecoveredForm)
    facts_of(context).row.arrears.filter(due_date=given.due_date).update(recovered_at=context.at)
    context.forget_facts()


def release_guarantee(context: Context) -> None:
    """The formal mortgage is registered: the company answers no more for the loan."""
    given, row = context.given, facts_of(context).row
    assert isinstance(given, forms.ReleaseForm)
    row.guarantee_released_at, row.guarantee_number = context.at, given.number
    row.save(update_fields=["guarantee_released_at", "guarantee_number"])


def record_payoff(context: Context) -> None:
    """Keep the bank's figure for ending the loan on a day."""
    given, row = context.given, facts_of(context).row
    assert isinstance(given, forms.PayoffForm)
    keep(context, [given.proof], "payoff_notice", f"结清金额通知 {given.on_date}")
    row.payoff_amount, row.payoff_date = given.amount, given.on_date
    row.save(update_fields=["payoff_amount", "payoff_date"])
    figures.say(context, row)


def paid_off(context: Context) -> None:
    """The bank has its money; the loan is over."""
    given, row = context.given, facts_of(context).row
    assert isinstance(given, forms.PaidOffForm)
    keep(context, [given.proof], "payoff_proof", "贷款结清证明")
    row.paid_off_at = context.at
    row.save(update_fields=["paid_off_at"])
    context.forget_facts()


# --- problems and end ------------------------------------------------------------------------------------------------
def raise_problem(context: Context) -> None:
    """Write down a problem with its owner (I-2.2-f)."""
    given = context.given
    assert isinstance(given, forms.ProblemForm)
    owner = colleague(context, given.owner)
    assert owner is not None
    MortgageProblem.objects.create(
        mortgage=facts_of(context).row, text=given.text, owner=owner, action=given.action, due_date=given.due_date,
        raised_at=context.at, raised_by=person_of(context),
    )  # fmt: skip
    context.say(owner=owner.name)


def solve_problem(context: Context) -> None:
    """Write what came of the oldest open problem."""
    given = context.given
    assert isinstance(given, forms.SolvedForm)
    found = facts_of(context).row.problems.filter(solved_at=None).order_by("raised_at", "pk").first()
    assert found is not None
    found.result, found.solved_at = given.result, context.at
    found.action = given.action or found.action
    found.save()
    context.say(problem=found.text)


def cancel(context: Context) -> None:
    """The loan is not wanted any more: cash instead, or the deal ended."""
    row = facts_of(context).row
    row.live = False
    row.save(update_fields=["live"])
