"""Reads for the mortgage board: the grid buyers × papers, and what is missing of whom. Five queries for any page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch, QuerySet

from guiju.kernel.process import process_of
from guiju.sales.models import DealBuyer, Mortgage, MortgagePaper
from guiju.sales.mortgage_facts import lacking, shown_state, usable, words
from guiju.sales.mortgage_forms import PaperKind

COLLECTING = (
    "collecting", "complete", "interviewed", "submitted", "supplement", "less", "refused", "expired",
)  # fmt: skip
GRANTED = ("approved", "contracted", "waiting", "ready", "asked")
BEFORE_PAYOUT = (*COLLECTING, *GRANTED)
ORDER = {"expired": 0, "missing": 1, "copy": 2, "original": 3}


def loans(rows: QuerySet[Mortgage]) -> QuerySet[Mortgage]:
    """Return loan parts with all that a page shows of them."""
    buyers = DealBuyer.objects.select_related("customer").order_by("position")
    papers = MortgagePaper.objects.select_related("customer").order_by("position", "pk")
    return rows.select_related("case", "project", "deal__unit__building").prefetch_related(
        Prefetch("deal__buyers", queryset=buyers), Prefetch("papers", queryset=papers)
    )


@dataclass(frozen=True)
class Cell:
    """A paper of a loan in the grid: the worst of the borrowers', who it is of, and the day promised."""

    kind: str
    state: str
    label: str
    whose: str
    promised: date | None
    reminders: int
    late_promise: bool


@dataclass(frozen=True)
class Row:
    """A loan part in the grid."""

    loan: Mortgage
    buyers: tuple[str, ...]
    phone: str
    cells: tuple[Cell | None, ...]
    missing: tuple[MortgagePaper, ...]
    days: int
    state: str
    tone: str

    @property
    def reachable(self) -> bool:
        """Whether somebody can be sent a message."""
        return bool(self.phone)


def row_of(loan: Mortgage, kinds: Sequence[str], today: date) -> Row:
    """Return a loan part as the grid shows it on a day."""
    buyers = list(loan.deal.buyers.all())
    papers = [paper for paper in loan.papers.all() if paper.needed]
    state = process_of("mortgage").state(loan.case.state)
    return Row(
        loan,
        tuple(buyer.customer.name for buyer in buyers),
        next((buyer.customer.phone for buyer in buyers if buyer.customer.phone), ""),
        tuple(_cell([p for p in papers if p.kind == kind], today, many=len(buyers) > 1) for kind in kinds),
        tuple(lacking(papers, today)),
        (today - loan.signed_date).days,
        state.label,
        state.tone,
    )


def _cell(papers: list[MortgagePaper], today: date, *, many: bool) -> Cell | None:
    if not papers:
        return None
    worst = min(papers, key=lambda p: (usable(p, today), ORDER[shown_state(p, today)], p.position))
    state = "ok" if usable(worst, today) else shown_state(worst, today)
    label = {"ok": "有", "copy": "复印", "missing": "缺", "expired": "过期"}[state]
    if state == "ok" and worst.state == MortgagePaper.COPY:
        label = "复印"
    open_ones = [p for p in papers if not usable(p, today)]
    whose = (
        "、".join(p.customer.name for p in open_ones if p.customer)
        if many and len(papers) > 1 and open_ones
        else ""
    )
    promised = min((p.promised_date for p in open_ones if p.promised_date), default=None)
    return Cell(
        worst.kind, state, label, whose, promised, max((p.reminders for p in papers), default=0),
        promised is not None and promised < today,
    )  # fmt: skip


def columns(rows: Iterable[Mortgage]) -> list[tuple[str, str]]:
    """Return the papers that any of the loans wants, as columns: code and name."""
    found: dict[str, tuple[int, str]] = {}
    for loan in rows:
        for paper in loan.papers.all():
            if paper.needed and paper.kind not in found:
                found[paper.kind] = (paper.position, paper.name)
    order = [kind.value for kind in PaperKind]
    return [(kind, found[kind][1]) for kind in sorted(found, key=order.index)]


def missing_words(row: Row, today: date) -> str:
    """Return what a loan lacks in a sentence."""
    return words(row.missing, today, named=len(row.buyers) > 1)
