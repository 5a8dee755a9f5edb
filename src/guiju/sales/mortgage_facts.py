"""The facts of a mortgage case, read once per act; and what its papers say in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property

from guiju.kernel.calendar import local_date
from guiju.kernel.engine import Context
from guiju.kernel.money import ZERO
from guiju.ledger.models import Book, Kind, Receipt
from guiju.ledger.queries import Line, book_of_deal, receivables_of
from guiju.sales.contracts import contract_of
from guiju.sales.models import Contract, Deal, DealBuyer, LoanArrears, Mortgage, MortgagePaper

KINDS = {Mortgage.COMMERCIAL: Kind.LOAN, Mortgage.FUND: Kind.FUND_LOAN}
TOP_UP = "贷款不足补足款"


def usable(paper: MortgagePaper, today: date) -> bool:
    """Whether a paper can go to the bank on a day: there, an original if wanted, and valid."""
    if not paper.needed:
        return True
    if paper.state in (MortgagePaper.MISSING, MortgagePaper.EXPIRED):
        return False
    if paper.needs_original and paper.state == MortgagePaper.COPY:
        return False
    return paper.valid_until is None or paper.valid_until >= today


def shown_state(paper: MortgagePaper, today: date) -> str:
    """Return how a paper stands on a day: one whose validity is over is 过期 whatever was ticked."""
    there = paper.state in (MortgagePaper.COPY, MortgagePaper.ORIGINAL)
    if there and paper.valid_until is not None and paper.valid_until < today:
        return MortgagePaper.EXPIRED
    return paper.state


def lacking(papers: Iterable[MortgagePaper], today: date, owner: str = "") -> list[MortgagePaper]:
    """Return what cannot go to the bank, in the order of the list; with ``owner``, what that side has to bring."""
    return [p for p in papers if not usable(p, today) and (not owner or p.owner == owner)]


def words(papers: Iterable[MortgagePaper], today: date, *, named: bool) -> str:
    """Return papers in a sentence: 收入证明（要原件）、周岚的银行流水（已过期）."""
    found = []
    for paper in papers:
        state = shown_state(paper, today)
        why = {MortgagePaper.COPY: "（要原件）", MortgagePaper.EXPIRED: "（已过期，要新的）"}.get(state, "")
        whose = f"{paper.customer.name}的" if named and paper.customer is not None else ""
        found.append(f"{whose}{paper.name}{why}")
    return "、".join(found)


@dataclass
class MortgageFacts:
    """A loan part with its deal, contract, papers and money, each read when first asked for."""

    row: Mortgage

    @property
    def deal(self) -> Deal:
        """The deal."""
        return self.row.deal

    @cached_property
    def contract(self) -> Contract | None:
        """The live contract."""
        return contract_of(self.row.deal_id)

    @cached_property
    def buyers(self) -> list[DealBuyer]:
        """The buyers in order, with their customers."""
        rows = DealBuyer.objects.filter(deal_id=self.row.deal_id)
        return list(rows.select_related("customer").order_by("position"))

    @cached_property
    def papers(self) -> list[MortgagePaper]:
        """The papers wanted, in the order of the list."""
        return list(self.row.papers.select_related("customer").order_by("position", "pk"))

    def lacking(self, at: datetime, owner: str = "") -> list[MortgagePaper]:
        """Return what is missing, only a copy, or expired."""
        return lacking(self.papers, local_date(at), owner)

    def lacking_words(self, at: datetime, owner: str = "") -> str:
        """Return what is missing in a sentence."""
        return words(self.lacking(at, owner), local_date(at), named=len(self.buyers) > 1)

    @cached_property
    def parts(self) -> list[Mortgage]:
        """All live loan parts of the deal, this one among them."""
        return list(Mortgage.objects.filter(deal_id=self.row.deal_id, live=True).order_by("pk"))

    @cached_property
    def book(self) -> Book | None:
        """The book of the deal."""
        return book_of_deal(self.row.deal_id)

    @cached_property
    def lines(self) -> list[Line]:
        """What is owed in the book."""
        return receivables_of(self.book.pk) if self.book is not None else []

    @property
    def loan_lines(self) -> list[Line]:
        """What the banks are to pay."""
        return [line for line in self.lines if Kind(line.receivable.kind).loan]

    @property
    def loan_line(self) -> Line | None:
        """What this part pays: the line of its kind, else the only loan line of the plan."""
        wanted = KINDS[self.row.part]
        mine = [line for line in self.loan_lines if line.receivable.kind == wanted]
        return mine[0] if mine else next(iter(self.loan_lines), None)

    @property
    def own_lines(self) -> list[Line]:
        """What the buyers pay of the price themselves."""
        return [
            line
            for line in self.lines
            if Kind(line.receivable.kind).price and not Kind(line.receivable.kind).loan
        ]

    @property
    def down_payment_open(self) -> Decimal:
        """What of deposit, down payment and top-up is not paid yet, in yuan."""
        kinds = (Kind.DEPOSIT, Kind.DOWN_PAYMENT)
        return sum((line.open for line in self.own_lines if line.receivable.kind in kinds), ZERO)

    @property
    def top_up_open(self) -> Decimal:
        """What of the money that tops up a smaller loan is not paid yet, in yuan."""
        return sum((line.open for line in self.own_lines if line.receivable.name == TOP_UP), ZERO)

    @cached_property
    def paid_by_others(self) -> Decimal:
        """What somebody who is no buyer paid of the price, in yuan."""
        if self.book is None:
            return ZERO
        rows = Receipt.objects.filter(book=self.book, third_party=True, reverses=None, reversal=None)
        return sum((row.amount for row in rows.exclude(method="loan")), ZERO)

    @cached_property
    def arrears(self) -> list[LoanArrears]:
        """Overdue repayments not settled yet, oldest first."""
        return list(self.row.arrears.filter(settled_at=None).order_by("due_date"))

    @property
    def payable(self) -> list[LoanArrears]:
        """Overdue repayments that the company may pay for the buyer: approved, and not settled yet."""
        return [one for one in self.arrears if one.payment_approved_at is not None]

    @cached_property
    def claims(self) -> list[LoanArrears]:
        """What the company paid for the buyer and has not got back."""
        return list(self.row.arrears.filter(paid_by_us=True, recovered_at=None).order_by("due_date"))

    @property
    def left(self) -> Decimal:
        """What of the approved loan is still to come, in yuan."""
        left: Decimal = (self.row.approved_amount or self.row.amount) - self.row.disbursed_amount
        return left


def load(context: Context) -> MortgageFacts | None:
    """Read the loan part of the case."""
    row = Mortgage.objects.filter(case_id=context.case.pk or 0)
    found = row.select_related("deal__unit__building", "deal__unit__project", "project").first()
    return MortgageFacts(found) if found is not None else None


def facts_of(context: Context) -> MortgageFacts:
    """Return the facts of the context's case."""
    facts = context.facts
    assert isinstance(facts, MortgageFacts)
    return facts
