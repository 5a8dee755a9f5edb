"""What the steps of a signing do: papers, text, contract, conversion in one piece. Effects of ``processes.signing``."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import zip_longest
from typing import Any

from django.db.models import F

from guiju.customers.models import Customer
from guiju.customers.operations.entries import enter, letter
from guiju.kernel import figures, search, store
from guiju.kernel.calendar import end_of, local_date
from guiju.kernel.engine import Context
from guiju.kernel.numbering import document_number
from guiju.kernel.refusals import NotReady, Reason
from guiju.ledger.models import Book, Receivable, ReceivableEntry
from guiju.ledger.operations import penalties
from guiju.ledger.operations.allocating import allocate_book
from guiju.ledger.operations.receivables import Planned, add, change
from guiju.ledger.queries import line_of
from guiju.org.models import Person
from guiju.papers.operations.attachments import attach
from guiju.sales import receivables, signing_searching
from guiju.sales.models import (
    AddedClause,
    Contract,
    ContractText,
    Deal,
    NegotiationPoint,
    Signing,
    SigningPaper,
    Subscription,
    TextEntry,
)
from guiju.sales.papers import required
from guiju.sales.signing_facts import SigningFacts, facts_of, template_in_force
from guiju.sales.signing_forms import (
    ArchiveForm,
    AskPaperForm,
    BookForm,
    CheckPointsForm,
    ClauseForm,
    CollectForm,
    DecideClauseForm,
    Decision,
    DraftForm,
    GiveListForm,
    MoneyForm,
    PapersForm,
    PointForm,
    PrepareForm,
    ReviewForm,
    SignaturesForm,
    SignForm,
    SpoilForm,
    TakeOverForm,
)
from guiju.sales.signing_needs import subscription_at_opening, term

PER_TEN_THOUSAND = 100
EVERYBODY = "全体买受人"


def _day(context: Context) -> date:
    return local_date(context.at)


def _person(context: Context) -> Person | None:
    if context.by_id is None:
        return None
    return context.by if isinstance(context.by, Person) else Person.objects.get(pk=context.by_id)


def _attach(context: Context, hashes: list[str], kind: str, title: str) -> None:
    attach(
        sha256s=hashes, company_id=context.case.chain_id, kind=kind, by=_person(context), at=context.recorded_at,
        case=context.case, title=title,
    )  # fmt: skip


# --- before the day -------------------------------------------------------------------------------------------------
def book(context: Context) -> None:
    """Write the appointment and the list of papers that these buyers bring (I-2.1-q, I-5.3-0)."""
    given = context.given
    assert isinstance(given, BookForm)
    row = subscription_at_opening(context)
    assert row is not None
    assert row.deal is not None
    made = Signing(
        case_id=context.case.pk, subscription=row, deal=row.deal, unit=row.unit, project_id=row.unit.project_id,
        sold_by_id=row.sold_by_id, signing_at=given.signing_at, place=given.place or row.unit.project.signing_place,
        lawyer=given.lawyer, list_given_at=row.list_given_at, list_given_how=row.list_given_how,
    )  # fmt: skip
    store.add(made)
    facts = SigningFacts(made)
    _list_papers(facts)
    for kind, key in (("unit", row.unit_id), ("deal", row.deal_id), ("case", row.case_id)):
        if key is not None:
            context.link(kind, key)
    for buyer in facts.buyers:
        context.link("customer", buyer.customer_id)
    _agree(row, given.signing_at, given.lawyer)
    context.title = f"签约 {row.unit.label} {'、'.join(facts.buyer_names)}"
    context.case.title = context.title
    search.index_many([signing_searching.document(context.case, made)])
    context.say(subscription=row.number, signing_at=given.signing_at)
    context.forget_facts()


def _agree(row: Subscription, signing_at: datetime | None, lawyer: bool) -> None:
    row.signing_at, row.lawyer_at_signing = signing_at, lawyer
    store.write(row, "signing_at", "lawyer_at_signing")


def _list_papers(facts: SigningFacts) -> None:
    """Write the papers of the 签约预约及所需提供资料表 as rows that can be ticked."""
    assert facts.subscription is not None
    by_name: dict[str, Customer] = {buyer.customer.name: buyer.customer for buyer in facts.buyers}
    papers = [(part.title, paper) for part in required(facts.subscription) for paper in part.papers]
    for place, (part, paper) in enumerate(papers, 1):
        customer = by_name.get(paper.whose)
        role = "" if customer is not None or paper.whose == EVERYBODY else f"（{paper.whose}）"
        store.add(
            SigningPaper(
                signing=facts.row, customer=customer, position=place, name=f"{paper.title}{role}"[:80],
                copies=int(paper.copies or 0), for_loan=part == "贷款资料",
            )
        )  # fmt: skip


def reappoint(context: Context) -> None:
    """Move the appointment; a set that was taken stays with the signing."""
    given = context.given
    assert isinstance(given, BookForm)
    row = facts_of(context).row
    context.say(old=row.signing_at, new=given.signing_at)
    row.signing_at, row.lawyer = given.signing_at, given.lawyer
    row.place = given.place or row.place
    store.write(row, "signing_at", "place", "lawyer")
    if row.subscription is not None:
        _agree(row.subscription, given.signing_at, given.lawyer)


def appointment_due(context: Context) -> Any:
    """The signing is due on the day of the appointment."""
    given = context.given
    return end_of(local_date(given.signing_at)) if isinstance(given, BookForm) else None


def collecting_due(context: Context) -> Any:
    """The text is collected one day before signing (I-5.3-3a)."""
    given = context.given
    return end_of(local_date(given.signing_at) - timedelta(days=1)) if isinstance(given, BookForm) else None


def give_list(context: Context) -> None:
    """Record that the 签约预约及所需提供资料表 was given, when, how and to whom (I-5.3-3d)."""
    given = context.given
    assert isinstance(given, GiveListForm)
    row = facts_of(context).row
    row.list_given_at, row.list_given_how, row.list_given_to = context.at, given.how, given.receiver
    store.write(row, "list_given_at", "list_given_how", "list_given_to")
    context.say(days_ahead=(facts_of(context).day - _day(context)).days)


def check_papers(context: Context) -> None:
    """Tick the papers one by one; what is missing is listed with the day promised (I-5.3-4c)."""
    given = context.given
    assert isinstance(given, PapersForm)
    facts = facts_of(context)
    known = {paper.position: paper for paper in facts.papers}
    for line in given.papers:
        paper = known[line.paper]
        paper.needed = not line.not_needed
        paper.received_at = context.at if line.received and not line.not_needed else None
        paper.original_seen, paper.valid_until = line.original_seen, line.valid_until
        paper.promised_date = None if line.received or line.not_needed else line.promised_date
        paper.attachment = line.attachment or paper.attachment
        paper.note = line.note or paper.note
        paper.save()
        if line.attachment:
            _attach(context, [line.attachment], "signing_paper", paper.name)
    facts.row.papers_checked_at, facts.row.papers_checked_by = context.at, context.by_id
    store.write(facts.row, "papers_checked_at", "papers_checked_by")
    context.forget_facts()
    context.say(missing=[f"{p.name}（{p.promised_date}）" for p in facts_of(context).papers_missing])


def ask_paper(context: Context) -> None:
    """Ask for a further paper: lists differ by city and bank, and can be extended (I-5.3-1l)."""
    given = context.given
    assert isinstance(given, AskPaperForm)
    facts = facts_of(context)
    place = max((paper.position for paper in facts.papers), default=0) + 1
    customer = facts.buyers[given.buyer - 1].customer if given.buyer else None
    store.add(
        SigningPaper(
            signing=facts.row, customer=customer, position=place, name=given.name, copies=given.copies,
            for_loan=given.for_loan,
        )
    )  # fmt: skip
    context.forget_facts()


def prepare(context: Context) -> None:
    """Keep which documents, in which version, were put together as one set for this signing (I-2.1-j, 2.1-k)."""
    assert isinstance(context.given, PrepareForm)
    facts = facts_of(context)
    row = facts.row
    row.prepared = [line.kept() for line in facts.prepared(max(facts.day, _day(context)))]
    row.prepared_at, row.prepared_by = context.at, context.by_id
    store.write(row, "prepared", "prepared_at", "prepared_by")
    context.say(documents=len(row.prepared))


# --- negotiation and clauses ----------------------------------------------------------------------------------------
def note_point(context: Context) -> None:
    """Record a point of the negotiation: both positions and the result (I-2.1-l)."""
    given = context.given
    assert isinstance(given, PointForm)
    assert context.by_id is not None
    row = facts_of(context).row
    values = {"buyer": given.buyer, "seller": given.seller, "result": given.result}
    known = NegotiationPoint.objects.filter(signing=row, subject=given.subject, checked_at=None).first()
    if known is None:
        known = NegotiationPoint(
            signing=row, subject=given.subject, recorded_at=context.at, recorded_by=context.by_id, **values
        )
    else:
        # The same point once more: what is said now stands, what was said stays in the events.
        for name, value in values.items():
            setattr(known, name, value or getattr(known, name))
    known.save()
    context.forget_facts()


def check_points(context: Context) -> None:
    """Let the results pass: they lie within what we may agree to."""
    given = context.given
    assert isinstance(given, CheckPointsForm)
    for point in facts_of(context).points:
        if point.checked_at is None:
            point.checked_at, point.checked_by, point.opinion = context.at, context.by_id, given.opinion
            store.write(point, "checked_at", "checked_by", "opinion")
    context.forget_facts()


def propose_clause(context: Context) -> None:
    """Put a supplementary clause or a service up for its decision."""
    given = context.given
    assert isinstance(given, ClauseForm)
    assert context.by_id is not None
    facts = facts_of(context)
    place = len(facts.clauses) + 1
    store.add(
        AddedClause(
            signing=facts.row, kind=given.kind.value, position=place, title=given.title, words=given.words,
            proposed_at=context.at, proposed_by=context.by_id,
        )
    )  # fmt: skip
    context.say(number=place)
    context.forget_facts()


def decide_clause(context: Context) -> None:
    """Release or refuse one clause (I-2.1-m, K-3.1-a); a released one is to be written into the contract."""
    given = context.given
    assert isinstance(given, DecideClauseForm)
    found = next(clause for clause in facts_of(context).clauses if clause.position == given.number)
    found.accepted = given.decision is Decision.RELEASE
    found.decided_at, found.decided_by, found.opinion = context.at, context.by_id, given.opinion
    store.write(found, "accepted", "decided_at", "decided_by", "opinion")
    context.say(title=found.title, kind=found.get_kind_display(), released=found.accepted)
    context.forget_facts()


# --- the contract ---------------------------------------------------------------------------------------------------
def draft(context: Context) -> None:
    """
    Fill the contract from the model contract in force; what differs from it is marked, with both wordings (I-5.3-2a);
    annexes are listed (I-5.3-2b) and released clauses and services are written in as items (K-3.1-b).
    """
    given = context.given
    assert isinstance(given, DraftForm)
    facts = facts_of(context)
    row = facts.row
    template = template_in_force(row.project_id, max(facts.day, _day(context)))
    assert template is not None
    plan = [dict(line) for line in facts.plan]
    if row.subscription is not None:
        plan = [dict(line) for line in row.subscription.plan]
    for due in given.due:
        plan[due.line - 1]["due_date"] = due.due_date.isoformat()
    names = ("late_pay_rate", "late_handover_rate", "rescind_after_days", "rescind_percent", "handover_date")
    terms = {name: _plain(term(given, template.terms, name)) for name in names}
    terms["escrow_account"] = row.project.escrow_account
    annexes = [annex.model_dump(mode="json") for annex in given.annexes] or [
        {"name": str(one["name"]), "copies": int(one.get("copies", 4)), "ready": True}
        for one in template.annexes
    ]
    added = [
        {"position": c.position, "kind": c.kind, "title": c.title, "words": c.words}
        for c in facts.clauses_accepted
    ]
    row.template = template
    row.draft = {
        "terms": terms, "plan": plan, "annexes": annexes, "added": added,
        "deviations": _deviations(given, facts, template.terms, template.clauses),
    }  # fmt: skip
    deal = Deal.objects.only("terms_version").get(pk=row.deal_id)
    row.drafted_version = deal.terms_version
    row.drafted_at, row.drafted_by = context.at, context.by_id
    store.write(row, "template", "draft", "drafted_version", "drafted_at", "drafted_by")
    context.say(template=str(template), deviations=row.draft["deviations"])


def _plain(value: object) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _deviations(
    given: DraftForm, facts: SigningFacts, standard: dict[str, Any], clauses: list[dict[str, Any]]
) -> list[dict[str, str]]:
    """Return what differs from the model contract: terms, clauses reworded, clauses added."""
    labels = {
        "late_pay_rate": "逾期付款违约金（万分之／日）", "late_handover_rate": "逾期交付违约金（万分之／日）",
        "rescind_after_days": "逾期多少日可解除", "rescind_percent": "解除时的违约金（%）", "handover_date": "交付日期",
    }  # fmt: skip
    found = []
    for name, label in labels.items():
        usual, here = standard.get(name), _plain(term(given, standard, name))
        if usual not in (None, "") and not _same(usual, here):
            found.append({"what": label, "standard": str(usual), "here": str(here), "reason": ""})
    words = {str(clause.get("number")): str(clause.get("words", "")) for clause in clauses}
    for changed in given.changed:
        found.append(
            {
                "what": f"第 {changed.clause} 条", "standard": words[changed.clause], "here": changed.words,
                "reason": changed.reason,
            }
        )  # fmt: skip
    for clause in facts.clauses_accepted:
        kind = str(clause.get_kind_display())
        found.append(
            {
                "what": f"{kind}：{clause.title}",
                "standard": "",
                "here": clause.words,
                "reason": clause.opinion,
            }
        )
    return found


def _same(one: object, other: object) -> bool:
    try:
        return Decimal(str(one)) == Decimal(str(other))
    except ArithmeticError:
        return str(one) == str(other)


def collect_text(context: Context) -> None:
    """Issue a set to the salesperson, who signs for it; the day before signing is the rule, later is marked late."""
    given = context.given
    assert isinstance(given, CollectForm)
    facts = facts_of(context)
    row = facts.row
    rows = ContractText.objects.filter(project_id=row.project_id, state=ContractText.STOCK).order_by("pk")
    template = template_in_force(row.project_id, max(facts.day, _day(context)))
    if template is not None:
        rows = rows.filter(template=template)
    if given.serial:
        rows = rows.filter(serial=given.serial)
    for key in rows.values_list("pk", flat=True)[:20]:
        taken = ContractText.objects.filter(pk=key, state=ContractText.STOCK)
        if taken.update(state=ContractText.ISSUED, signing=row) == 1:
            break
    else:
        raise NotReady([Reason("没有待用的合同文本，请签约主管先入库", "I-5.3-2c")])
    text = ContractText.objects.get(pk=key)
    late = _day(context) >= facts.day
    _enter(context, text, TextEntry.OUT, signature=given.signature, needed=facts.day, late=late)
    _attach(context, [given.signature], "text_signature", f"领取合同文本 {text.serial}")
    row.text_taken_at, row.text_taken_by = context.at, context.by_id
    store.write(row, "text_taken_at", "text_taken_by")
    context.say(serial=text.serial, late=late)
    context.forget_facts()


def _enter(
    context: Context, text: ContractText, act: str, *, signature: str = "", needed: date | None = None,
    late: bool = False, note: str = "",
) -> None:  # fmt: skip
    row = facts_of(context).row
    store.add(
        TextEntry(
            project_id=text.project_id, text=text, act=act, case_id=context.case.pk, unit_id=row.unit_id,
            person_id=context.by_id, signature=signature, needed_date=needed, late=late, note=note[:200],
            happened_at=context.at, recorded_at=context.recorded_at,
        )
    )  # fmt: skip


def _put_back(context: Context, *, spoiled: bool, note: str) -> None:
    facts = facts_of(context)
    text = facts.text
    if text is None or text.state != ContractText.ISSUED:
        return
    if spoiled:
        # A void set stays with the signing it was spoiled for, all copies of it.
        text.state = ContractText.VOID
        store.write(text, "state")
    else:
        text.state, text.signing = ContractText.STOCK, None
        store.write(text, "state", "signing")
    _enter(context, text, TextEntry.VOIDED if spoiled else TextEntry.BACK, note=note)
    facts.row.text_taken_at = facts.row.text_taken_by = None
    store.write(facts.row, "text_taken_at", "text_taken_by")
    context.say(serial=text.serial, spoiled=spoiled)
    context.forget_facts()


def give_back(context: Context) -> None:
    """Take the set back into stock, or void it with its reason; another has to be collected."""
    given = context.given
    assert isinstance(given, SpoilForm)
    _put_back(context, spoiled=given.spoiled, note=given.reason)


# --- on the day -----------------------------------------------------------------------------------------------------
def check_signatures(context: Context) -> None:
    """Keep who signed for each buyer, with what authority, and that each page was looked at (I-5.3-4a)."""
    given = context.given
    assert isinstance(given, SignaturesForm)
    facts = facts_of(context)
    found = []
    for line in sorted(given.signers, key=lambda one: one.buyer):
        buyer = facts.buyers[line.buyer - 1]
        signer, authority = buyer.customer.name, None
        if line.agent is not None:
            agent = enter(
                company_id=context.case.chain_id, name=line.agent.name, identity=line.agent.identity,
                phone=line.agent.phone, at=context.at, source=f"签约 {context.case.number} {line.agent.kind.label}",
            )  # fmt: skip
            assert line.agent.attachment is not None
            _attach(context, [line.agent.attachment], "authority_letter", f"{buyer.customer.name} 授权")
            authority = letter(
                principal=buyer.customer, agent=agent, kind=line.agent.kind.value, matters=line.agent.matters,
                valid_from=line.agent.valid_from or _day(context), valid_until=line.agent.valid_until,
                notarised=line.agent.notarised, attachment=line.agent.attachment, at=context.at,
            )  # fmt: skip
            signer = agent.name
        elif line.by_agent and buyer.letter is not None:
            authority, signer = buyer.letter, buyer.letter.agent.name
        found.append({"buyer": line.buyer, "signer": signer, "letter": authority.pk if authority else None})
    _attach(context, list(given.pages), "contract_signatures", "合同签字页")
    row = facts.row
    row.signatures = found
    row.signatures_checked_at, row.signatures_checked_by = context.at, context.by_id
    store.write(row, "signatures", "signatures_checked_at", "signatures_checked_by")


def check_money(context: Context) -> None:
    """Keep what was due at signing and what had come (I-5.3-4b)."""
    given = context.given
    assert isinstance(given, MoneyForm)
    facts = facts_of(context)
    row = facts.row
    due = facts.due(max(facts.day, _day(context)))
    row.money = {"due": str(due), "received": str(facts.received), "note": given.note}
    row.money_checked_at, row.money_checked_by = context.at, context.by_id
    store.write(row, "money", "money_checked_at", "money_checked_by")
    context.say(due=due, received=facts.received)


def sign(context: Context) -> None:
    """
    The contract is signed: all in one transaction, or nothing (domain 2.4). The subscription becomes a contract, the
    terms get their next version, the unit is signed, the books say what is owed with the deposit set off against it,
    and the set of papers is used.
    """
    given = context.given
    assert isinstance(given, SignForm)
    facts = facts_of(context)
    row, text = facts.row, facts.text
    number = document_number("HT", context.case.scope_id, context.at)
    moved = Deal.objects.filter(pk=row.deal_id, live=True, terms_version=row.drafted_version or 0)
    if moved.update(terms_version=F("terms_version") + 1) != 1:
        raise NotReady([Reason("填制合同以后成交条件变更过，请重新填制", "I-5.3-2a")])
    assert row.subscription is not None
    row.signed_at, row.signed_by = context.at, context.by_id
    store.write(row, "signed_at", "signed_by")
    context.nested(
        row.subscription.case_id, "convert",
        given={"contract_number": number, "signed_date": given.signed_date.isoformat()},
    )  # fmt: skip
    deal = Deal.objects.get(pk=row.deal_id)
    terms = dict(facts.terms)
    terms["annexes"], terms["added"] = row.draft.get("annexes", []), row.draft.get("added", [])
    contract = Contract(
        deal=deal, case_id=context.case.pk, number=number, city_number=given.city_number, text=text,
        signed_date=given.signed_date, total_price=deal.total_price, unit_price=deal.unit_price, plan=facts.plan,
        terms=terms, deviations=row.draft.get("deviations", []),
    )  # fmt: skip
    store.add(contract)
    if text is not None:
        text.state = ContractText.USED
        store.write(text, "state")
        _enter(context, text, TextEntry.SIGNED, note=number)
    own = _owe(context, facts, number)
    search.index_many([signing_searching.document(context.case, row, contract)])
    context.say(contract=number, total=contract.total_price, set_off=own)
    figures.say(context, contract)
    context.forget_facts()


def _owe(context: Context, facts: SigningFacts, number: str) -> Decimal:
    """Let the books say what the contract says, set off what has come, and return how much that was, in yuan."""
    row = facts.row
    assert row.subscription is not None
    found = receivables.book_of(row.subscription, at=context.recorded_at, by_id=context.by_id)
    lines = receivables.planned(
        facts.plan, payment=row.deal.payment, deposit_due=row.deal.subscribed_date or _day(context),
        signing_due=_day(context),
    )  # fmt: skip
    _fit(context, found, lines)
    terms = facts.terms
    penalties.set_term(
        book=found, millionths=int(Decimal(str(terms["late_pay_rate"])) * PER_TEN_THOUSAND),
        limit_days=int(terms["rescind_after_days"]), basis=f"买卖合同 {number}", at=context.at, by_id=context.by_id,
    )  # fmt: skip
    allocate_book(book_id=found.pk, at=context.recorded_at, by_id=context.by_id)
    rows = Receivable.objects.filter(book=found)
    return sum((line_of(one).paid for one in rows), Decimal(0))


def _fit(context: Context, found: Book, lines: list[Planned]) -> None:
    """Bring what is owed to what the contract says; where it says so already nothing is written."""
    there = list(Receivable.objects.filter(book=found, pass_through=False).order_by("position"))
    new = []
    for old, line in zip_longest(there, lines):
        if old is None:
            new.append(line)
            continue
        now = line_of(old)
        wanted = now.paid if line is None else line.amount
        due = (now.due_date, now.due_event) if line is None else (line.due_date, line.due_event)
        if (now.amount, now.due_date, now.due_event) != (wanted, *due):
            change(
                receivable=old, act=ReceivableEntry.CHANGED, amount=wanted, due_date=due[0], due_event=due[1],
                reason="按买卖合同约定", at=context.at, recorded_at=context.recorded_at, by_id=context.by_id,
                case_id=context.case.pk,
            )  # fmt: skip
    if new:
        add(
            book=found, planned=new, at=context.at, recorded_at=context.recorded_at, by_id=context.by_id,
            case_id=context.case.pk, reason="按买卖合同约定",
        )  # fmt: skip


# --- after it -------------------------------------------------------------------------------------------------------
def review(context: Context) -> None:
    """Keep the review with its result, reviewer and time (I-2.1-b, I-2.1-n)."""
    given = context.given
    assert isinstance(given, ReviewForm)
    row = facts_of(context).row
    row.review = {"copies": given.copies, "opinion": given.opinion, "result": "通过"}
    row.reviewed_at, row.reviewed_by = context.at, context.by_id
    store.write(row, "review", "reviewed_at", "reviewed_by")


def take_over(context: Context) -> None:
    """Hand the contract over from the salesperson to after-sales, with register number and date (J-2.1-a, 2.1-b)."""
    given = context.given
    assert isinstance(given, TakeOverForm)
    facts = facts_of(context)
    contract = Contract.objects.get(deal_id=facts.row.deal_id, live=True)
    contract.register_number = document_number("HTD", context.case.scope_id, context.at)
    contract.taken_over_at, contract.taken_over_by_id = context.at, context.by_id
    contract.handed_over_by_id = facts.row.sold_by_id
    store.write(contract, "register_number", "taken_over_at", "taken_over_by", "handed_over_by")
    if given.signature:
        _attach(context, [given.signature], "handover_signature", "合同移交签字")
    context.say(register=contract.register_number, handed_over_by=facts.row.sold_by_id)
    context.forget_facts()


def archive(context: Context) -> None:
    """File the contract with its place (J-2.1-c, I-5.3-6a); the signing is at its end."""
    given = context.given
    assert isinstance(given, ArchiveForm)
    row = facts_of(context).row
    contract = Contract.objects.get(deal_id=row.deal_id, live=True)
    contract.archived_at, contract.place = context.at, given.place
    store.write(contract, "archived_at", "place")
    row.open = False
    store.write(row, "open")


def cancel(context: Context) -> None:
    """End the signing: the set goes back, the appointment lapses. What was signed is ended by its own process."""
    row = facts_of(context).row
    _put_back(context, spoiled=row.drafted_at is not None, note="签约取消")
    row.open = False
    store.write(row, "open")
    if row.signed_at is None and row.subscription is not None:
        _agree(row.subscription, None, False)
