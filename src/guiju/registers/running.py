"""
Deals of an owners' register as running deals: their books, what is owed, their contracts and loans.

The register says price, way of paying, first payment and bank; it does not say what has come. So nothing is booked as
received, and what is owed has no due day until finance has compared it (``CHECK``): nobody is dunned for what may be
paid long ago. Loans stand on the mortgage board as cases of the past: no clock, no notice (DECISIONS 22).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from django.db import transaction

from guiju.estate.models import Project
from guiju.kernel import engine, numbering, ports
from guiju.kernel.calendar import local_date
from guiju.kernel.chain import Pending, append
from guiju.kernel.models import Case, CaseLink
from guiju.kernel.money import ZERO
from guiju.kernel.ports import Actor
from guiju.kernel.process import process_of
from guiju.ledger.models import Book, BookDeal, Kind, Receivable
from guiju.ledger.operations import books
from guiju.ledger.operations.receivables import Planned, add, change
from guiju.ledger.queries import lines
from guiju.registers.writers.base import BATCH, start_of
from guiju.sales.models import Contract, Deal, Mortgage, Payment
from guiju.sales.receivables import AGREED, GATE_OPEN
from guiju.sop.policies import NoSopInForce

MORTGAGE, IMPORTED = "mortgage", "imported"
CHECK: Final = "台账导入，待财务核对实收"
CORRECTED: Final = "客户台账更正"
FIRST, WHOLE, REST, LOAN, FUND, BOTH = "首付款", "房款", "余款", "按揭款", "公积金款", "组合贷款"


@dataclass(frozen=True)
class Begun:
    """How many deals became running ones: books, contracts, loans made; and what is owed in them, in yuan."""

    books: int = 0
    contracts: int = 0
    loans: int = 0
    changed: int = 0
    owed: Decimal = ZERO


def planned(deal: Deal) -> list[Planned]:
    """
    Return what the register makes owed: the first payment, and the rest by the way of paying. A loan is due when its
    gate opens (domain 2.8); a price without a first payment stays one line.
    """
    price, first = deal.total_price, deal.down_payment or ZERO
    if price is None or price <= 0:
        return []
    first = min(first, price)
    rest = price - first
    found = [Planned(Kind.DOWN_PAYMENT, FIRST if rest else WHOLE, first, None, CHECK)] if first else []
    if not rest:
        return found
    payment = Payment(deal.payment) if deal.payment in Payment.values else Payment.OTHER
    if payment.needs_bank and first:
        kind = Kind.FUND_LOAN if payment is Payment.PROVIDENT else Kind.LOAN
        name = {Payment.PROVIDENT: FUND, Payment.COMBINED: BOTH}.get(payment, LOAN)
        return [*found, Planned(kind, name, rest, None, GATE_OPEN)]
    return [
        *found,
        Planned(Kind.INSTALMENT, REST if first else WHOLE, rest, None, AGREED if first else CHECK),
    ]


def loan_of(deal: Deal) -> Decimal:
    """Return what of the price a loan pays, in yuan; 0 without one, or when the register does not tell it apart."""
    return sum((line.amount for line in planned(deal) if line.kind.loan), ZERO)


@transaction.atomic
def begin(deals: Iterable[Deal], *, by_id: int | None, at: datetime) -> Begun:
    """
    Make running deals of imported ones: a book with what is owed, a contract if it was signed, a loan on the board.
    What is there already is left; again changes nothing.
    """
    rows = [deal for deal in deals if deal.live and deal.source and planned(deal)]
    keys = [deal.pk for deal in rows]
    projects = Project.objects.select_related("company").in_bulk({deal.project_id for deal in rows})
    for deal in rows:
        deal.project = deal.unit.project = projects[deal.project_id]
    booked: set[int] = set()
    signed: set[int] = set()
    lent: set[int] = set()
    for start in range(0, len(keys), BATCH):
        part = keys[start : start + BATCH]
        booked.update(BookDeal.objects.filter(deal__in=part).values_list("deal", flat=True))
        signed.update(Contract.objects.filter(deal__in=part, live=True).values_list("deal_id", flat=True))
        lent.update(Mortgage.objects.filter(deal__in=part).values_list("deal_id", flat=True))
    owed, opened = ZERO, 0
    for deal in rows:
        if deal.pk in booked:
            continue
        book = books.open_book(unit=deal.unit, at=at, by_id=by_id, deal=deal.pk)
        wanted = planned(deal)
        add(
            book=book, planned=wanted, at=deal.opened_at, recorded_at=at, by_id=by_id,
            reason=deal.source,
        )  # fmt: skip
        opened += 1
        owed += sum((line.amount for line in wanted), ZERO)
    contracts = [
        Contract(
            deal=deal, number=deal.contract_number, signed_date=deal.signed_date, total_price=deal.total_price,
            unit_price=deal.unit_price,
        )
        for deal in rows
        if deal.pk not in signed and deal.signed_date is not None and deal.stage == Deal.SIGNED
    ]  # fmt: skip
    Contract.objects.bulk_create(contracts, batch_size=BATCH)
    loans = _lend(
        [deal for deal in rows if deal.pk not in lent and deal.stage == Deal.SIGNED and loan_of(deal)],
        by_id,
        at,
    )
    return Begun(opened, len(contracts), loans, 0, owed)


def _lend(deals: Sequence[Deal], by_id: int | None, at: datetime) -> int:
    """Put the loans of deals on the mortgage board: a case of the past each, waiting to be taken up, with one event."""
    if not deals:
        return 0
    process = process_of(MORTGAGE)
    policies: dict[tuple[int, int], int] = {}
    made: list[tuple[Deal, Case]] = []
    for deal in deals:
        place = (deal.project.company_id, deal.project_id)
        if place not in policies:
            policies[place] = _policy(place, at)
        opened = start_of(_day(deal))
        made.append(
            (
                deal,
                Case(
                    number=numbering.case_number(process.series, deal.project_id, opened), process=MORTGAGE,
                    sop_version_id=policies[place], state=IMPORTED, historic=True, events=1,
                    title=f"{process.label} {deal.unit.label}"[:60], chain_id=place[0], scope_id=place[1],
                    opened_at=opened, opened_by=by_id,
                ),
            )
        )  # fmt: skip
    Case.objects.bulk_create([case for _, case in made], batch_size=BATCH)
    CaseLink.objects.bulk_create(
        [
            CaseLink(case=case, kind=kind, key=key)
            for deal, case in made
            for kind, key in (("unit", deal.unit_id), ("deal", deal.pk))
        ],
        batch_size=BATCH,
    )
    Mortgage.objects.bulk_create(
        [
            Mortgage(
                case=case, deal=deal, project_id=deal.project_id, bank=deal.bank, amount=loan_of(deal),
                part=Mortgage.FUND if deal.payment == Payment.PROVIDENT else Mortgage.COMMERCIAL,
                signed_date=_day(deal),
            )
            for deal, case in made
        ],
        batch_size=BATCH,
    )  # fmt: skip
    for start in range(0, len(made), 200):
        append(
            Pending(
                chain_id=case.chain_id, case_id=case.pk, case_number=case.number, case_seq=1, case_previous_of=None,
                case_previous="", step="import", from_state="", to_state=case.state, actor_id=by_id,
                behalf_id=None, post="", happened_at=case.opened_at, recorded_at=at, key=None,
                content={"given": {"source": deal.source}},
            )
            for deal, case in made[start : start + 200]
        )  # fmt: skip
    return len(made)


def _policy(place: tuple[int, int], at: datetime) -> int:
    """Return the SOP version that loans are worked by; 0, as for other cases of the past, while none is in force."""
    try:
        return ports.policies().current(MORTGAGE, company_id=place[0], project_id=place[1], at=at).id
    except NoSopInForce:
        return 0


def _day(deal: Deal) -> date:
    """Return the day from which a loan counts: the signing, or what the register says instead of it."""
    return deal.signed_date or deal.subscribed_date or local_date(deal.opened_at)


@transaction.atomic
def align(deals: Iterable[Deal], *, by_id: int | None, at: datetime) -> int:
    """
    Let books and loans follow what a corrected register says, as long as nobody has worked on them: nothing was paid,
    no line was added by a case, the loan is still of the past. Returns how many books changed.
    """
    changed = 0
    for deal in deals:
        book = Book.objects.filter(deals__deal=deal.pk).first()
        if book is None or not deal.live:
            continue
        standing = lines(Receivable.objects.filter(book=book).order_by("position"))
        if any(line.paid or line.receivable.case_id is not None for line in standing):
            continue
        by_kind: dict[str, Decimal] = defaultdict(lambda: ZERO)
        wanted = planned(deal)
        for one in wanted:
            by_kind[one.kind.value] += one.amount
        touched = False
        for line in standing:
            amount = by_kind.pop(line.receivable.kind, ZERO)
            if amount != line.amount:
                change(
                    receivable=line.receivable, act="changed", amount=amount, reason=CORRECTED, at=at, recorded_at=at,
                    by_id=by_id,
                )  # fmt: skip
                touched = True
        fresh = [one for one in wanted if one.kind.value in by_kind]
        if fresh:
            add(book=book, planned=fresh, at=at, recorded_at=at, by_id=by_id, reason=CORRECTED)
            touched = True
        changed += touched
        Contract.objects.filter(deal=deal, live=True, case=None).update(
            total_price=deal.total_price, unit_price=deal.unit_price
        )
        if loan_of(deal):
            loans = Mortgage.objects.filter(deal=deal, live=True)
            if loans.count() == 1:
                loans.filter(case__historic=True).update(amount=loan_of(deal), bank=deal.bank)
    return changed


def begin_all(project: Project, *, by: Actor | None, at: datetime) -> Begun:
    """Make running deals of all that were imported into a project before (`guiju import running`); once is enough."""
    rows = Deal.objects.filter(project=project, live=True).exclude(source="").order_by("pk")
    done = begin(
        rows.select_related("unit__project", "unit__building", "project"), by_id=by.pk if by else None, at=at
    )
    if done.books or done.contracts or done.loans:
        engine.record(
            company_id=project.company_id, step="deals_running", by=by, at=at,
            given={
                "project": project.code, "books": done.books, "contracts": done.contracts, "loans": done.loans,
                "owed": str(done.owed),
            },
        )  # fmt: skip
    return done


def totals(project: Project) -> dict[str, tuple[int, Decimal]]:
    """Return what the register's deals owe in a project, by kind of receivable: how many lines, yuan; loans by bank too."""
    found: dict[str, tuple[int, Decimal]] = {}

    def count(name: str, amount: Decimal) -> None:
        many, sum_ = found.get(name, (0, ZERO))
        found[name] = (many + 1, sum_ + amount)

    deals = dict(Deal.objects.filter(project=project, live=True).exclude(source="").values_list("pk", "bank"))
    books_of = dict(BookDeal.objects.filter(deal__in=list(deals)).values_list("book_id", "deal"))
    for line in lines(Receivable.objects.filter(book__in=list(books_of)).order_by("book", "position")):
        count(line.receivable.get_kind_display(), line.amount)
    for mortgage in Mortgage.objects.filter(deal__in=list(deals), live=True).order_by("pk"):
        count(f"按揭 {mortgage.bank or '未选定银行'}", mortgage.amount)
    return found
