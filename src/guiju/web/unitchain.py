"""
The chain of a unit: every sibling case of the live deal as a row, from 认购 to 产权, with the day promised, the day done,
how late, the money and the papers (issue of the unit page; ui/shots/03). What the program does not know is 未开始.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db.models import QuerySet
from django.urls import reverse

from guiju.kernel.calendar import local_date
from guiju.kernel.models import Case, CaseLink, Clock
from guiju.kernel.process import processes
from guiju.ledger.models import Book
from guiju.ledger.queries import Statement, statement
from guiju.papers.models import Paper
from guiju.sales.models import (
    BuyerPaper,
    Contract,
    Deal,
    Mortgage,
    MortgagePaper,
    Payment,
    Signing,
    SigningPaper,
    Subscription,
)
from guiju.sales.models.changing import DealChange
from guiju.sales.models.filing import ContractApproval, Filing
from guiju.web import formats

DONE, NOW, TODO, OVER = "done", "now", "todo", "over"
#: The order of the chain: process, its name in the chain, whether every deal goes through it.
ORDER: Final = (
    ("subscription", "认购", True),
    ("subscription_change", "认购变更", False),
    ("signing", "签约", True),
    ("contract_approval", "合同审批", True),
    ("presale_filing", "登记备案", True),
    ("mortgage", "按揭", False),
    ("contract_change", "签约变更", False),
    ("refund", "退房退款", False),
)
COLLECTING: Final = "收款"
LATER: Final = ("交付", "产权")


@dataclass(frozen=True)
class Gathered:
    """Papers of a link: how many are there of how many needed, and which are missing."""

    there: int
    needed: int
    missing: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """As it stands in the chain."""
        return f"资料 {self.there}／{self.needed}"


@dataclass
class Link:
    """A row of the chain: what, how it stands, promised and done, days late, what to know, its case and papers."""

    name: str
    state: str
    planned: date | None = None
    done: date | None = None
    words: str = ""
    number: str = ""
    url: str = ""
    label: str = ""
    tone: str = ""
    late: int = 0
    gathered: Gathered | None = None
    papers: Sequence[Paper] = field(default_factory=list)

    @property
    def day(self) -> str:
        """The day that matters most: when it was done, else when it is promised."""
        if self.done is not None:
            return f"{self.done}"
        return f"约 {self.planned}" if self.planned is not None else ""


def _late(planned: date | None, done: date | None, today: date, *, open: bool) -> int:
    """Return how many days it came late, or is late now; 0 when it was in time, has no day, or was given up."""
    if planned is None:
        return 0
    end = done or (today if open else None)
    return max(0, (end - planned).days) if end is not None else 0


@dataclass
class _Facts:
    """What sibling cases know of a deal, by case."""

    subscriptions: dict[int, Subscription]
    signings: dict[int, Signing]
    approvals: dict[int, ContractApproval]
    filings: dict[int, Filing]
    mortgages: dict[int, Mortgage]
    changes: dict[int, DealChange]

    @classmethod
    def of(cls, deal: Deal) -> _Facts:
        """Read the rows of a deal: six queries."""

        def rows(model: Any) -> dict[int, Any]:
            return {row.case_id: row for row in model.objects.filter(deal=deal).order_by("pk")}

        return cls(
            *(rows(one) for one in (Subscription, Signing, ContractApproval, Filing, Mortgage, DealChange))
        )

    @property
    def keys(self) -> set[int]:
        """The cases they belong to."""
        found: set[int] = set()
        for one in (
            self.subscriptions,
            self.signings,
            self.approvals,
            self.filings,
            self.mortgages,
            self.changes,
        ):
            found.update(one)
        return found


def chain(deal: Deal | None, cases: QuerySet[Case], at: datetime, *, papers: bool = True) -> list[Link]:
    """Return the chain of a live deal; ``cases`` are those in the reader's scope, ``papers``: with their papers."""
    if deal is None:
        return []
    today, facts = local_date(at), _Facts.of(deal)
    linked = CaseLink.objects.filter(kind="deal", key=deal.pk).values_list("case_id", flat=True)
    wanted = facts.keys | set(linked)
    names = [name for name, _, _ in ORDER]
    found: dict[str, list[Case]] = defaultdict(list)
    for case in cases.filter(pk__in=wanted, process__in=names).order_by("pk"):
        found[case.process].append(case)
    keys = [case.pk for theirs in found.values() for case in theirs]
    limits = _limits(keys)
    printed: dict[int, list[Paper]] = defaultdict(list)
    if papers:
        for paper in Paper.objects.valid().filter(case__in=keys).order_by("-pk")[:200]:
            printed[paper.case_id or 0].append(paper)
    contract = Contract.objects.filter(deal=deal, live=True).first()
    gathered = _gathered(facts)
    made: list[Link] = []
    for name, label, always in ORDER:
        for case in found.get(name, []):
            link = _link(case, label, deal, facts, contract, limits.get(case.pk), today)
            link.gathered, link.papers = gathered.get(case.pk), printed.get(case.pk, [])
            made.append(link)
        if not found.get(name) and (always or (name == "mortgage" and _has_loan(deal))):
            made.append(_without_case(name, label, deal, contract, today))
        if name == "mortgage":
            made += _money(deal, today)
    return [*made, *(Link(name, TODO) for name in LATER)]


def _has_loan(deal: Deal) -> bool:
    return deal.payment in Payment.values and Payment(deal.payment).needs_bank


def _limits(keys: Iterable[int]) -> dict[int, date]:
    """Return by case the day promised: of an open case the nearest limit that runs, of a closed one its last limit."""
    running: dict[int, date] = {}
    ended: dict[int, date] = {}
    rows = Clock.objects.filter(case__in=list(keys)).exclude(state=Clock.VOID).order_by("due_at", "pk")
    for case, state, due in rows.values_list("case_id", "state", "due_at"):
        # The end of a day is the first moment of the next: the day promised is the one that ends.
        last = local_date(due - timedelta(microseconds=1))
        if state in (Clock.RUNNING, Clock.PAUSED):
            running.setdefault(case, last)
        else:
            ended[case] = last
    return {**ended, **running}


def _link(
    case: Case,
    label: str,
    deal: Deal,
    facts: _Facts,
    contract: Contract | None,
    limit: date | None,
    today: date,
) -> Link:
    """Return the row of a case: its own milestones where its facts know them, else its clocks and its end."""
    process = processes().get(case.process)
    state = process.state(case.state) if process is not None else None
    closed = local_date(case.closed_at) if case.closed_at is not None else None
    planned, done, words = _milestones(case, deal, facts, contract)
    planned, done = planned or limit, done or closed
    link = Link(
        label, DONE if done is not None else NOW, planned, done, words, case.number,
        reverse("web:case", args=[case.number]), state.label if state is not None else "", state.tone if state is not None else "",
    )  # fmt: skip
    if case.closed_at is not None and _given_up(case):
        link.state, link.done = OVER, closed
    link.late = _late(link.planned, link.done, today, open=link.state == NOW and not case.historic)
    return link


def _given_up(case: Case) -> bool:
    return case.state in ("cancelled", "voided", "withdrawn", "released", "defaulted", "refused")


def _milestones(
    case: Case, deal: Deal, facts: _Facts, contract: Contract | None
) -> tuple[date | None, date | None, str]:
    """Return (promised, done, what to know) as the facts of a case tell it."""
    if case.pk in facts.subscriptions:
        row = facts.subscriptions[case.pk]
        deposit = f"定金 {formats.money(row.deposit)}" if row.deposit is not None else ""
        sealed = local_date(row.sealed_at) if row.sealed_at is not None else None
        return None, sealed, "，".join(part for part in (deposit, row.number) if part)
    if case.pk in facts.signings:
        signing = facts.signings[case.pk]
        return (
            local_date(signing.signing_at),
            deal.signed_date,
            contract.number if contract is not None else "",
        )
    if case.pk in facts.approvals:
        approval = facts.approvals[case.pk]
        sealed = local_date(approval.sealed_at) if approval.sealed_at is not None else None
        return None, sealed, f"用印 {approval.seal_number}" if approval.seal_number else ""
    if case.pk in facts.filings:
        filing = facts.filings[case.pk]
        return filing.due_date, filing.filed_date, filing.filing_number or filing.acceptance_number
    if case.pk in facts.mortgages:
        loan = facts.mortgages[case.pk]
        paid = local_date(loan.disbursed_at) if loan.disbursed_at is not None else None
        bank = loan.bank or "未选定银行"
        return (
            None,
            paid,
            f"{loan.get_part_display()} {bank} {formats.money(loan.approved_amount or loan.amount)}",
        )
    if case.pk in facts.changes:
        change = facts.changes[case.pk]
        executed = local_date(change.executed_at) if change.executed_at is not None else None
        approved = f"{local_date(change.approved_at)} 批准" if change.approved_at is not None else "待批准"
        return None, executed, approved if executed is None else ""
    return None, None, ""


def _without_case(name: str, label: str, deal: Deal, contract: Contract | None, today: date) -> Link:
    """Return the row of a link that has no case: what the deal itself knows of it (deals of the owners' register)."""
    if name == "subscription":
        on = deal.subscribed_date
        return Link(label, DONE if on or deal.signed_date else NOW, done=on, words=_price(deal))
    if name == "signing":
        on = deal.signed_date
        state = DONE if on or deal.stage == Deal.SIGNED else TODO
        return Link(
            label, state, done=on, words=contract.number if contract is not None else deal.contract_number
        )
    if contract is None:
        return Link(label, TODO)
    if name == "contract_approval":
        on = local_date(contract.sealed_at) if contract.sealed_at is not None else None
        return Link(label, DONE if on else TODO, done=on)
    if name == "presale_filing":
        on = contract.filed_date
        return Link(label, DONE if on else TODO, done=on, words=contract.filed_number)
    return Link(label, TODO, words=deal.bank)


def _price(deal: Deal) -> str:
    return f"成交总价 {formats.money(deal.total_price)}" if deal.total_price is not None else ""


def _money(deal: Deal, today: date) -> list[Link]:
    """Return the row of money: what was paid of what is owed, the next day due, how late."""
    book = Book.objects.filter(deals__deal=deal.pk).first()
    if book is None:
        return [Link(COLLECTING, TODO)]
    said: Statement = statement(book)
    link = Link(
        COLLECTING, DONE if said.owed and not said.open else NOW, number="户账",
        url=reverse("web:book", args=[book.pk]),
        words=f"已收 {formats.money(said.paid)}，共应收 {formats.money(said.owed)}",
    )  # fmt: skip
    dues = sorted(line.due_date for line in said.lines if line.open > 0 and line.due_date is not None)
    link.planned = dues[0] if dues else None
    paid = [on for line in said.lines for on, _ in line.payments]
    link.done = max(paid) if link.state == DONE and paid else None
    link.late = max((line.late(today) for line in said.lines), default=0)
    overdue = said.overdue(today)
    if overdue:
        link.words += f"，逾期 {formats.money(overdue)}"
    return [link]


def _gathered(facts: _Facts) -> dict[int, Gathered]:
    """Return by case how many of the papers that the customer brings are there."""
    found: dict[int, list[tuple[str, bool]]] = defaultdict(list)
    of = {row.pk: row.case_id for row in facts.subscriptions.values()}
    for paper in BuyerPaper.objects.filter(subscription__in=list(of), needed=True).order_by("pk"):
        found[of[paper.subscription_id]].append((paper.get_kind_display(), paper.received_at is not None))
    of = {row.pk: row.case_id for row in facts.signings.values()}
    for brought in SigningPaper.objects.filter(signing__in=list(of), needed=True).order_by("position", "pk"):
        found[of[brought.signing_id]].append((brought.name, brought.received_at is not None))
    of = {row.pk: row.case_id for row in facts.mortgages.values()}
    for wanted in MortgagePaper.objects.filter(mortgage__in=list(of), needed=True).order_by("position", "pk"):
        there = wanted.state in (MortgagePaper.ORIGINAL, MortgagePaper.COPY)
        found[of[wanted.mortgage_id]].append((wanted.name, there))
    return {
        case: Gathered(
            sum(there for _, there in theirs), len(theirs), tuple(name for name, there in theirs if not there)
        )
        for case, theirs in found.items()
    }
