"""
What happens to loans by itself: opened when the contract is signed, chased on day 3, 7 and 15, told that the payout gate
is open, buyers reminded five days before a repayment while the guarantee runs, the weekly list closed.
"""

from __future__ import annotations

import calendar as months
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

from django.db.models import QuerySet

from guiju.customers.questions import fold, unfold
from guiju.kernel import chain, engine, search
from guiju.kernel.calendar import local_date
from guiju.kernel.models import Case, Event
from guiju.kernel.reactions import reaction
from guiju.kernel.refusals import Refused
from guiju.kernel.search import Document, source
from guiju.kernel.worker import every
from guiju.ledger.models import Allocation, Kind, Receipt
from guiju.ledger.queries import book_of_deal, receivables_of
from guiju.notify import outbox
from guiju.papers.writing import day
from guiju.sales.contracts import contract_of
from guiju.sales.models import Contract, DealBuyer, Filing, Mortgage, MortgagePaper, Payment
from guiju.sales.mortgage_board import COLLECTING
from guiju.sales.mortgage_facts import MortgageFacts
from guiju.sales.mortgage_list import close_due
from guiju.sales.operations.mortgage import recipients

SPACE: Final = UUID("0b9b4e1e-6c29-4d6b-a1c5-2f5f60f4c1aa")
RUNGS: Final = (3, 7, 15)
GRACE_DAYS: Final = 3
AHEAD: Final = 5


# --- opening ---------------------------------------------------------------------------------------------------------
def parts_of(contract: Contract) -> list[str]:
    """Return the loan parts that the plan of a contract has: one for each kind of loan line, commercial first."""
    deal = contract.deal
    if not Payment(deal.payment or Payment.OTHER).needs_bank:
        return []
    book = book_of_deal(deal.pk)
    kinds = {line.receivable.kind for line in receivables_of(book.pk) if line.amount > 0} if book else set()
    found = [
        part
        for part, kind in ((Mortgage.COMMERCIAL, Kind.LOAN), (Mortgage.FUND, Kind.FUND_LOAN))
        if kind in kinds
    ]
    only = [Mortgage.FUND] if deal.payment == Payment.PROVIDENT else [Mortgage.COMMERCIAL]
    return only if len(found) == 1 and deal.payment != Payment.COMBINED else found


def open_for(contract: Contract, *, at: datetime) -> list[Mortgage]:
    """Open a case for each loan part of a contract that has none (J-2.2-b). Twice opens once."""
    made = []
    deal = contract.deal
    for part in parts_of(contract):
        if Mortgage.objects.filter(deal=deal, part=part, live=True).exists():
            continue
        event = engine.open_case(
            "mortgage", by=None, at=at, given={"part": part},
            chain_id=deal.project.company_id, scope_id=deal.project_id, links=[("deal", deal.pk)],
            key=uuid5(SPACE, f"open:{contract.pk}:{part}"), follows=True,
        )  # fmt: skip
        made.append(Mortgage.objects.get(case_id=event.case_id or 0))
    return made


@reaction("signing", "sign", name="sales.mortgage.open")
def _open(event: Event, at: datetime) -> None:
    """The contract is signed: every loan part gets its case."""
    contract = (
        Contract.objects.filter(case_id=event.case_id or 0, live=True).select_related("deal__project").first()
    )
    if contract is not None:
        open_for(contract, at=at)


# --- our own papers --------------------------------------------------------------------------------------------------
def _where_contract(facts: MortgageFacts) -> str:
    """Return where the filed contract comes from; empty while it is not on the city's file."""
    if facts.contract is None:
        return ""
    filing = Filing.objects.filter(contract=facts.contract, filed_at__isnull=False, withdrawn_at=None)
    found = filing.select_related("case").order_by("-pk").first()
    return f"预售登记 {found.case.number}，备案号 {found.filing_number}" if found is not None else ""


def _where_receipt(facts: MortgageFacts) -> str:
    """Return which receipts paid the down payment; empty while some of it is open."""
    lines = [
        line for line in facts.own_lines if line.receivable.kind == Kind.DOWN_PAYMENT and line.amount > 0
    ]
    if not lines or facts.down_payment_open > 0:
        return ""
    paid = Allocation.objects.filter(
        receivable__in=[line.receivable.pk for line in lines], reverses=None, reversal=None
    )
    numbers = dict.fromkeys(paid.order_by("pk").values_list("receipt__number", flat=True))
    return f"首付款收据 {'、'.join(numbers)}"[:200] if numbers else ""


def take_own_papers(row: Mortgage, at: datetime) -> bool:
    """Mark what we hold ourselves as there, as a copy, with its source; what a person has said of a paper stands."""
    facts, items = MortgageFacts(row), []
    where = {"contract": _where_contract, "receipt": _where_receipt}
    untouched = row.papers.filter(
        kind__in=where, customer=None, needed=True, state=MortgagePaper.MISSING, received_at=None, promised_date=None,
        attachment="",
    )  # fmt: skip
    for paper in untouched.order_by("position"):
        if source := where[paper.kind](facts):
            items.append({"kind": paper.kind, "state": "copy", "source": source})
    if not items:
        return False
    try:
        engine.advance(row.case_id, "receive_papers", by=None, at=at, given={"items": items, "both": False})
    except Refused:
        return False
    return True


def _take_own(rows: QuerySet[Mortgage], at: datetime) -> None:
    for row in rows.filter(live=True, disbursed_at=None, case__historic=False).order_by("pk"):
        take_own_papers(row, at)


@reaction("mortgage", "begin", "take_up", name="sales.mortgage.own_papers")
def _own_at_opening(event: Event, at: datetime) -> None:
    _take_own(Mortgage.objects.filter(case_id=event.case_id or 0), at)


@reaction("presale_filing", "file", name="sales.mortgage.filed_contract")
def _own_contract(event: Event, at: datetime) -> None:
    deals = Filing.objects.filter(case_id=event.case_id or 0).values("deal_id")
    _take_own(Mortgage.objects.filter(deal_id__in=deals), at)


@reaction("", "receive_money", "identify_money", "match_bank_line", name="sales.mortgage.receipt")
def _own_receipt(event: Event, at: datetime) -> None:
    number = chain.open_body(event.body).get("given", {}).get("receipt", "")
    units = Receipt.objects.filter(number=number, company_id=event.chain_id).values("unit_id")
    _take_own(Mortgage.objects.filter(deal__unit_id__in=units), at)


# --- the ladder ------------------------------------------------------------------------------------------------------
def _in_hand(*states: str) -> QuerySet[Mortgage]:
    rows = Mortgage.objects.filter(live=True, case__state__in=states, case__historic=False)
    return rows.select_related("case").order_by("pk")


def remind(at: datetime) -> int:
    """Chase on the third, seventh and fifteenth day after signing, once each; who has no phone is left to people."""
    today, told = local_date(at), 0
    first = today - timedelta(days=max(RUNGS) + GRACE_DAYS)
    rows = _in_hand(*COLLECTING).filter(signed_date__range=(first, today - timedelta(days=min(RUNGS))))
    for row in rows:
        days = (today - row.signed_date).days
        rung = max(rung for rung in RUNGS if rung <= days)
        key = uuid5(SPACE, f"chase:{row.pk}:{rung}")
        if days - rung > GRACE_DAYS or Event.objects.filter(key=key).exists():
            continue
        try:
            engine.advance(row.case_id, "chase", by=None, at=at, given={"way": "message"}, key=key)
        except Refused:
            continue
        told += 1
    return told


# --- the gate --------------------------------------------------------------------------------------------------------
def open_gates(at: datetime, among: QuerySet[Mortgage] | None = None) -> int:
    """Tell the cases that wait for the payout condition (all, or those ``among``) that it has come true."""
    opened = 0
    rows = _in_hand("waiting") if among is None else _in_hand("waiting").filter(pk__in=among.values("pk"))
    for row in rows:
        if contract_of(row.deal_id) is None:
            continue
        try:
            engine.advance(row.case_id, "open_gate", by=None, at=at)
        except Refused:
            continue
        opened += 1
    return opened


# --- repayments ------------------------------------------------------------------------------------------------------
def due_on(row: Mortgage, on: date) -> bool:
    """Whether a loan's repayment falls on a day; a day that the month lacks is its last."""
    assert row.repayment_day is not None
    last = months.monthrange(on.year, on.month)[1]
    first = row.first_repayment_date
    return min(row.repayment_day, last) == on.day and (first is None or on >= first)


def remind_repayments(at: datetime) -> int:
    """Remind buyers five days before a repayment while the developer answers for the loan (I-2.2-j); once each."""
    on, told = local_date(at) + timedelta(days=AHEAD), 0
    wanted = [on.day]
    if on.day == months.monthrange(on.year, on.month)[1]:
        wanted += list(range(on.day + 1, 32))
    rows = Mortgage.objects.filter(
        live=True, repayment_day__in=wanted, disbursed_at__isnull=False, guarantee_released_at=None, paid_off_at=None
    )  # fmt: skip
    for row in rows.select_related("case", "deal__unit__building").order_by("pk"):
        if not due_on(row, on):
            continue
        buyers = DealBuyer.objects.filter(deal_id=row.deal_id).select_related("customer").order_by("position")
        for to in recipients(buyer.customer for buyer in buyers):
            outbox.send(
                template="mortgage.repayment", to=to, case=row.case, at=at, key=f"{row.pk}:{on}",
                values={"name": to.name, "unit": row.deal.unit.label, "bank": row.bank, "due": day(on)},
            )  # fmt: skip
            told += 1
    return told


@every(timedelta(hours=1), "sales.mortgage")
def _by_the_hour(at: datetime) -> None:
    remind(at)
    open_gates(at)
    remind_repayments(at)
    close_due(at)


# --- search, and customers that turn out to be one -------------------------------------------------------------------
def document(case: Case, row: Mortgage) -> Document:
    """Return a mortgage case as search knows it."""
    unit = row.deal.unit
    personal: list[str] = []
    for buyer in (
        DealBuyer.objects.filter(deal_id=row.deal_id).select_related("customer").order_by("position")
    ):
        personal += [buyer.customer.name, buyer.customer.phone]
    scope = () if case.scope_id is None else (case.scope_id,)
    return Document("case", case.number, case.title, scope, (case.number, unit.label, unit.short), personal)


@source("case")
def cases() -> Iterator[Document]:
    """Give all mortgage cases for a rebuild of the index."""
    rows = Mortgage.objects.select_related("case", "deal__unit__building").order_by("pk")
    for row in rows.iterator(chunk_size=1000):
        yield document(row.case, row)


@reaction(
    "mortgage", "begin", "split", "take_up", "take_up_submitted", "take_up_approved", "take_up_paid",
    name="sales.mortgage.index",
)  # fmt: skip
def _index(event: Event, at: datetime) -> None:
    row = Mortgage.objects.select_related("case", "deal__unit__building").get(case_id=event.case_id or 0)
    search.index_many([document(row.case, row)])


PAPERS: Final = "sales.MortgagePaper"


@fold.answered_by
def _fold_papers(kept_id: int, folded_id: int) -> dict[str, list[int]]:
    """Papers of a person go with the person; a loan that asks both keeps both."""
    had = set(MortgagePaper.objects.filter(customer_id=kept_id).values_list("mortgage_id", "kind"))
    keys = [
        paper.pk
        for paper in MortgagePaper.objects.filter(customer_id=folded_id)
        if (paper.mortgage_id, paper.kind) not in had
    ]
    MortgagePaper.objects.filter(pk__in=keys).update(customer_id=kept_id)
    return {PAPERS: keys}


@unfold.answered_by
def _unfold_papers(kept_id: int, folded_id: int, moved: dict[str, Any]) -> None:
    MortgagePaper.objects.filter(pk__in=moved.get(PAPERS, [])).update(customer_id=folded_id)
