"""Reads of the intake page: who calls, which room, what is open already, what to say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from guiju.customers.models import AuthorityLetter, Contact, Customer
from guiju.customers.operations.contacts import hard_to_reach
from guiju.desk.models import Reception
from guiju.estate.models import Unit
from guiju.kernel import search
from guiju.kernel.crypto import blind_index, normalise_phone
from guiju.kernel.models import Case, CaseLink, among
from guiju.kernel.process import processes
from guiju.sales.models import DealBuyer

MOST_CALLERS, MOST_DUPLICATES = 9, 6
WATCHED = ("complaint", "after_sales", "reception", "paid_service")


@dataclass
class Caller:
    """Somebody who may be speaking: a customer with the relation, the units, and what must be known."""

    customer: Customer
    relation: str
    units: list[Unit] = field(default_factory=list)

    @property
    def important(self) -> str:
        """What everybody must know before speaking (D-2.1-c)."""
        return str(self.customer.important)

    @property
    def hard_to_reach(self) -> bool:
        """Whether we failed to reach this customer lately (A-3.2-d)."""
        return hard_to_reach(self.customer)


@dataclass(frozen=True)
class Duplicate:
    """An earlier matter of the same unit or customer, and what a repeat takes over from it."""

    case: Case
    label: str
    state: str
    tone: str
    open: bool
    category: str
    problem: str
    need: str
    same: str
    title: str


def by_phone(phone: str, *, among: QuerySet[Customer]) -> list[Caller]:
    """Return who is known under a telephone number, buyers first; own numbers, further contacts, agents (E-4.4-b)."""
    index = blind_index("phone", normalise_phone(phone))
    if not index:
        return []
    rows = among.filter(merged_into=None)
    further = Contact.objects.filter(kind="phone", value_index=index).values("customer_id")
    found = list(rows.filter(Q(phone_index=index) | Q(pk__in=further)).order_by("pk")[:MOST_CALLERS])
    return _callers(found)


def by_words(words: str, *, among: QuerySet[Customer], scopes: Sequence[int]) -> list[Caller]:
    """Return who is known by a name, initials, a room or the tail of a number, within these projects."""
    hits = search.search(words, scopes=list(scopes), limit=20)
    customers = [int(hit.key) for hit in hits if hit.kind == "customer" and hit.key.isdigit()]
    units = [int(hit.key) for hit in hits if hit.kind == "unit" and hit.key.isdigit()]
    owners = DealBuyer.objects.filter(deal__live=True, deal__unit_id__in=units)
    customers += [key for key in owners.values_list("customer_id", flat=True) if key not in customers]
    rows = among.filter(merged_into=None, pk__in=customers)
    known = rows.in_bulk()
    return _callers([known[key] for key in customers if key in known][:MOST_CALLERS])


def of_customer(key: int, *, among: QuerySet[Customer]) -> list[Caller]:
    """Return one customer as a caller."""
    rows = among.filter(merged_into=None, pk=key)
    return _callers(list(rows))


def _callers(found: Sequence[Customer]) -> list[Caller]:
    keys = [customer.pk for customer in found]
    buys: dict[int, list[Unit]] = {}
    for buyer in (
        DealBuyer.objects.filter(customer_id__in=keys, deal__live=True)
        .select_related("deal__unit__building", "deal__unit__project")
        .order_by("deal_id", "position")
    ):
        buys.setdefault(buyer.customer_id, []).append(buyer.deal.unit)
    agents = {
        letter.agent_id: letter
        for letter in AuthorityLetter.objects.filter(agent_id__in=keys, revoked_at=None)
        .select_related("principal")
        .order_by("pk")
    }
    principals: dict[int, list[Unit]] = {}
    for buyer in DealBuyer.objects.filter(
        customer_id__in=[letter.principal_id for letter in agents.values()], deal__live=True
    ).select_related("deal__unit__building", "deal__unit__project"):
        principals.setdefault(buyer.customer_id, []).append(buyer.deal.unit)
    callers = []
    for customer in found:
        letter = agents.get(customer.pk)
        if customer.pk in buys:
            callers.append(Caller(customer, "业主", buys[customer.pk]))
        elif letter is not None:
            words = f"{letter.principal.name}的{letter.get_kind_display()}"
            callers.append(Caller(customer, words, principals.get(letter.principal_id, [])))
        else:
            callers.append(Caller(customer, "客户"))
    callers.sort(key=lambda caller: caller.relation != "业主")
    return callers


def units_by_words(words: str, *, scopes: Sequence[int]) -> list[Unit]:
    """Return units by what was typed: 3-1-1502, 3栋1502, a room."""
    hits = search.search(words, scopes=list(scopes), limit=12)
    keys = [int(hit.key) for hit in hits if hit.kind == "unit" and hit.key.isdigit()]
    rows = Unit.objects.filter(pk__in=keys, project_id__in=list(scopes)).select_related("building", "project")
    known = rows.in_bulk()
    return [known[key] for key in keys if key in known]


def of_ticket(number: str, *, cases: QuerySet[Case]) -> list[Reception]:
    """Return the receptions of a ticket of another office among these cases, the latest first."""
    number = number.strip()
    if not number:
        return []
    rows = Reception.objects.filter(among(cases), external_number=number).select_related("case")
    return list(rows.order_by("-pk")[:MOST_DUPLICATES])


def duplicates(
    *,
    unit_id: int | None,
    customer_id: int | None,
    cases: QuerySet[Case],
    at: datetime,
    days: int = 90,
    but: int | None = None,
) -> list[Duplicate]:
    """
    Return what the same unit or customer had before: what is open, and what was opened or closed within the days.

    ``cases`` are those the reader may see.
    """
    about = Q(pk__in=[])
    if unit_id is not None:
        about |= Q(kind="unit", key=unit_id)
    if customer_id is not None:
        about |= Q(kind="customer", key=customer_id)
    linked = CaseLink.objects.filter(about).values("case_id")
    since = at - timedelta(days=days)
    recent = Q(closed_at=None) | Q(opened_at__gte=since) | Q(closed_at__gte=since)
    rows = cases.filter(recent, pk__in=linked, process__in=WATCHED)
    # Receptions that were handed on stand here as what they became.
    rows = rows.exclude(process="reception", state__in=("voided",))
    if but is not None:
        rows = rows.exclude(pk=but)
    found = list(rows.order_by("-pk")[: MOST_DUPLICATES * 2])
    origin = _origins(found)
    shown = {case.pk for case in found}
    mine = {row.case_id for row in origin.values()}
    units = set(
        CaseLink.objects.filter(case_id__in=shown, kind="unit", key=unit_id or 0).values_list(
            "case_id", flat=True
        )
    )
    result = []
    for case in found:
        row = origin.get(case.number)
        if case.process == "reception" and row is not None and row.handed_to and row.case_id in mine:
            continue
        result.append(_duplicate(case, row, "同一房屋" if case.pk in units else "同一客户"))
    return result[:MOST_DUPLICATES]


def _origins(found: Sequence[Case]) -> Mapping[str, Reception]:
    """Return the reception behind each case: itself, or the one that was handed on."""
    numbers = [case.number for case in found]
    rows = Reception.objects.filter(Q(case__number__in=numbers) | Q(handed_to__in=numbers)).select_related(
        "case"
    )
    known: dict[str, Reception] = {}
    for row in rows:
        known[row.case.number] = row
        if row.handed_to:
            known[row.handed_to] = row
    return known


def _duplicate(case: Case, row: Reception | None, same: str) -> Duplicate:
    process = processes().get(case.process)
    label, state, tone = case.process, case.state, "plain"
    if process is not None:
        label = process.label
        known = next((one for one in process.states if one.value == case.state), None)
        if known is not None:
            state, tone = known.label, known.tone
    return Duplicate(
        case, label, state, tone, case.closed_at is None, row.category if row else "", row.problem if row else "",
        row.need if row else "", same,
        (row.problem or " ".join(row.words.split())) if row else label,
    )  # fmt: skip


def calls_of(phone: str, *, cases: QuerySet[Case], at: datetime) -> tuple[int, Reception | None]:
    """Return how many times a number came in this month, and the last time before now."""
    index = blind_index("phone", normalise_phone(phone))
    if not index:
        return 0, None
    rows = Reception.objects.filter(among(cases), phone_index=index).exclude(case__state="voided")
    month = at - timedelta(days=30)
    return rows.filter(arrived_at__gte=month).count(), rows.order_by("-arrived_at", "-pk").first()
