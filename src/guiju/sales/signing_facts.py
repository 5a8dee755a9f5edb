"""The facts of a signing case, read once per act: documents ready, papers of the customer, money, clauses, text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, Final

from django.db.models import Q, QuerySet

from guiju.estate.models import Permit, Unit
from guiju.kernel.calendar import local_date
from guiju.kernel.engine import Context
from guiju.kernel.money import ZERO, yuan
from guiju.kernel.prepared import prepared
from guiju.ledger.models import Kind
from guiju.ledger.queries import book_of_deal, statement
from guiju.sales.contracts import contract_of
from guiju.sales.facts import SubscriptionFacts
from guiju.sales.models import (
    AddedClause,
    Contract,
    ContractTemplate,
    ContractText,
    Deal,
    DealBuyer,
    NegotiationPoint,
    Payment,
    PreparedDocument,
    Signing,
    SigningPaper,
)
from guiju.sales.receivables import planned

READY, MISSING, EXPIRED, NOT_NEEDED = "ready", "missing", "expired", "not_needed"
WORDS: Final = {READY: "已备好", MISSING: "缺", EXPIRED: "已过期", NOT_NEEDED: "不适用"}
CLAUSES: Final = {
    "licence": "I-5.3-1a", "authority": "I-5.3-1b", "permits": "I-5.3-1c", "areas": "I-5.3-1d", "prices": "I-5.3-1e",
    "apportionment": "I-5.3-1f", "floor_plan": "I-5.3-1g", "equipment": "I-5.3-1h", "payment_terms": "I-5.3-1i",
    "contract_text": "I-5.3-1j", "loan": "I-5.3-1k", "mortgage": "I-5.3-1l", "other": "I-5.3-1l",
}  # fmt: skip
FOR_LOANS: Final = ("loan", "mortgage")


@dataclass(frozen=True)
class Prepared:
    """A line of the preparation list: the document, its version, number, owner, validity, and how it stands."""

    kind: str
    title: str
    state: str
    version: str = ""
    number: str = ""
    owner: str = ""
    valid_until: date | None = None

    @property
    def clause(self) -> str:
        """The clause that asks for the document."""
        return CLAUSES[self.kind]

    @property
    def label(self) -> str:
        """How it stands, in words."""
        return WORDS[self.state]

    def kept(self) -> dict[str, str]:
        """Return the line as it is kept with the signing."""
        return {
            "kind": self.kind, "title": self.title, "state": self.state, "version": self.version, "number": self.number,
            "owner": self.owner, "valid_until": f"{self.valid_until}" if self.valid_until else "",
        }  # fmt: skip


def template_in_force(project_id: int, on: date) -> ContractTemplate | None:
    """Return the released template of a project that is in force on a day, the newest of several."""
    rows = ContractTemplate.objects.filter(project_id=project_id, released_at__isnull=False)
    rows = rows.filter(Q(valid_until=None) | Q(valid_until__gte=on), valid_from__lte=on)
    return rows.order_by("-valid_from", "-pk").first()


def _state(valid_until: date | None, on: date) -> str:
    return EXPIRED if valid_until is not None and valid_until < on else READY


def preparation(unit: Unit, *, on: date, loan: bool, sets: int | None = None) -> list[Prepared]:
    """
    Return the preparation list of a signing on a day (I-5.3-1a to 1l): twelve documents and what the project added.

    ``sets``: how many blank contract texts there are; a signing that holds its own needs none (None).
    """
    found: list[Prepared] = []
    by_kind: dict[str, list[PreparedDocument]] = {}
    rows = PreparedDocument.objects.filter(
        project_id=unit.project_id, live=True, layout__in=["", unit.layout]
    )
    for row in rows.select_related("owner").order_by("kind", "-layout", "name", "pk"):
        by_kind.setdefault(row.kind, []).append(row)
    for kind, words in PreparedDocument.KINDS:
        if kind == "permits":
            found += _permits(unit, on)
        elif kind == "contract_text":
            found.append(_text(unit, on, str(words), sets))
        elif kind in FOR_LOANS and not loan:
            found.append(Prepared(kind, str(words), NOT_NEEDED))
        elif kind in by_kind:
            documents = by_kind[kind] if kind == "other" else by_kind[kind][:1]
            found += [
                Prepared(
                    kind, row.title, _state(row.valid_until, on), row.version, row.number, row.owner.name,
                    row.valid_until,
                )
                for row in documents
            ]  # fmt: skip
        elif kind != "other":
            found.append(Prepared(kind, str(words), MISSING))
    return found


def _permits(unit: Unit, on: date) -> list[Prepared]:
    """Return the five certificates with number and validity; a presale permit has to cover the building."""
    rows = list(
        Permit.objects.filter(project_id=unit.project_id)
        .filter(~Q(kind="presale") | Q(buildings=unit.building_id))
        .order_by("-issued_date", "-pk")
    )
    found = []
    for kind, words in Permit.KINDS:
        own = [row for row in rows if row.kind == kind]
        best = next((row for row in own if _state(row.valid_until, on) == READY), own[0] if own else None)
        if best is None:
            found.append(Prepared("permits", str(words), MISSING))
            continue
        found.append(
            Prepared(
                "permits", str(words), _state(best.valid_until, on), number=best.number, owner=best.authority,
                valid_until=best.valid_until,
            )
        )  # fmt: skip
    return found


def _text(unit: Unit, on: date, words: str, sets: int | None) -> Prepared:
    template = template_in_force(unit.project_id, on)
    if template is None:
        return Prepared("contract_text", words, MISSING)
    state = READY if sets is None or sets > 0 else MISSING
    owner = template.released_by.name if template.released_by is not None else ""
    return Prepared(
        "contract_text", words, state, template.version, template.name, owner, template.valid_until
    )


def texts_in_stock(project_id: int, on: date) -> int:
    """Return how many blank contract sets of a project are ready for use: of a model contract in force on the day."""
    rows = ContractText.objects.filter(project_id=project_id, state=ContractText.STOCK)
    return rows.filter(Q(template__valid_until=None) | Q(template__valid_until__gte=on)).count()


@dataclass
class SigningFacts:
    """A signing with its unit, deal, buyers, papers, clauses and money, each read when first asked for."""

    row: Signing

    @property
    def unit(self) -> Unit:
        """The unit sold."""
        return self.row.unit

    @property
    def deal(self) -> Deal:
        """The deal."""
        return self.row.deal

    @property
    def day(self) -> date:
        """The day of the appointment."""
        return local_date(self.row.signing_at)

    @cached_property
    def subscription(self) -> SubscriptionFacts | None:
        """The subscription that is signed, if there is one."""
        return SubscriptionFacts(self.row.subscription) if self.row.subscription is not None else None

    @cached_property
    def buyers(self) -> list[DealBuyer]:
        """The buyers in order, with customer and authority letter."""
        return _buyers(self.row.deal_id)

    @property
    def buyer_names(self) -> list[str]:
        """The buyers' names in order."""
        return [buyer.customer.name for buyer in self.buyers]

    @property
    def loan(self) -> bool:
        """Whether a loan is part of the payment."""
        return Payment(self.deal.payment).needs_bank if self.deal.payment else False

    @cached_property
    def papers(self) -> list[SigningPaper]:
        """The papers that the customer brings."""
        return _papers(self.row.pk)

    @property
    def papers_missing(self) -> list[SigningPaper]:
        """Papers that are needed and not here."""
        return [paper for paper in self.papers if paper.needed and paper.received_at is None]

    @cached_property
    def clauses(self) -> list[AddedClause]:
        """Clauses and services added."""
        return list(AddedClause.objects.filter(signing=self.row).order_by("position"))

    @property
    def clauses_waiting(self) -> list[AddedClause]:
        """Clauses nobody has decided on."""
        return [clause for clause in self.clauses if clause.accepted is None]

    @property
    def clauses_accepted(self) -> list[AddedClause]:
        """Clauses that become part of the contract."""
        return [clause for clause in self.clauses if clause.accepted]

    @cached_property
    def points(self) -> list[NegotiationPoint]:
        """What was negotiated."""
        return list(NegotiationPoint.objects.filter(signing=self.row).order_by("pk"))

    @cached_property
    def text(self) -> ContractText | None:
        """The contract set that was taken for this signing."""
        return _held_text(self.row.pk)

    @cached_property
    def contract(self) -> Contract | None:
        """The contract, once signed."""
        return contract_of(self.row.deal_id)

    def prepared(self, on: date) -> list[Prepared]:
        """Return the preparation list as it stands for a day."""
        sets = None if self.text is not None else texts_in_stock(self.row.project_id, on)
        return preparation(self.unit, on=on, loan=self.loan, sets=sets)

    @property
    def plan(self) -> list[dict[str, Any]]:
        """The payment plan, with the days that the draft agreed on."""
        lines: list[dict[str, Any]] = list(self.row.draft.get("plan") or [])
        if lines or self.row.subscription is None:
            return lines
        return [dict(line) for line in self.row.subscription.plan]

    def due(self, on: date) -> Decimal:
        """Return what the buyers themselves owe by signing, in yuan: deposit, first payment, what is due by then."""
        total = ZERO
        window = self.row.subscription.signing_due_date if self.row.subscription is not None else None
        until = max(on, window) if window is not None else on
        for line in planned(self.plan, payment=self.deal.payment, deposit_due=on, signing_due=on):
            if line.kind in (Kind.DEPOSIT, Kind.DOWN_PAYMENT) or (
                not line.kind.loan and line.due_date is not None and line.due_date <= until
            ):
                total += line.amount
        return total

    @cached_property
    def received(self) -> Decimal:
        """Return what came for the price and was not paid back, in yuan."""
        book = book_of_deal(self.row.deal_id)
        if book is None:
            return ZERO
        said = statement(book)
        came = sum((row.amount for row in said.receipts if row.purpose != "pass_through"), ZERO)
        return yuan(came - said.refunded)

    @property
    def terms(self) -> Mapping[str, Any]:
        """The terms that the draft says."""
        found: Mapping[str, Any] = self.row.draft.get("terms") or {}
        return found


@prepared
def _signing(case_id: int) -> QuerySet[Signing, Signing]:
    rows = Signing.objects.filter(case_id=case_id)
    return rows.select_related("unit__building", "unit__project", "deal", "subscription", "template")


@prepared
def _buyers(deal_id: int) -> QuerySet[DealBuyer, DealBuyer]:
    rows = DealBuyer.objects.filter(deal_id=deal_id).select_related("customer", "letter__agent")
    return rows.order_by("position")


@prepared
def _papers(signing_id: int) -> QuerySet[SigningPaper, SigningPaper]:
    return SigningPaper.objects.filter(signing_id=signing_id).select_related("customer").order_by("position")


def _held_text(signing_id: int) -> ContractText | None:
    rows = ContractText.objects.filter(
        signing_id=signing_id, state__in=[ContractText.ISSUED, ContractText.USED]
    )
    return rows.select_related("template").first()


def load(context: Context) -> SigningFacts | None:
    """Read the signing of the case; None while it is being opened."""
    row = _signing.one(context.case.pk) if context.case.pk else None
    return SigningFacts(row) if row is not None else None


def facts_of(context: Context) -> SigningFacts:
    """Return the facts of the context's case."""
    facts = context.facts
    assert isinstance(facts, SigningFacts)
    return facts
