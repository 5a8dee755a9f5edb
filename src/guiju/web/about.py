"""What cases are about, for many cases at once: their customers and units, in three queries whatever the number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from django.db.models import QuerySet

from guiju.customers.models import Customer
from guiju.estate.models import Unit
from guiju.kernel.models import CaseLink
from guiju.kernel.prepared import prepared
from guiju.org.masking import mask_name, mask_unit
from guiju.sales.models import DealBuyer

UNIT, CUSTOMER, DEAL = "unit", "customer", "deal"


@dataclass
class About:
    """The customers and units of one case."""

    customers: list[Customer] = field(default_factory=list)
    units: list[Unit] = field(default_factory=list)
    masked: bool = False

    @property
    def customer_names(self) -> list[str]:
        """Names as this reader may see them."""
        return [mask_name(one.name) if self.masked else one.name for one in self.customers]

    @property
    def unit_labels(self) -> list[str]:
        """Units as this reader may see them."""
        return [mask_unit(one.label) if self.masked else one.label for one in self.units]


@prepared
def _links(case_ids: Collection[int]) -> QuerySet[CaseLink, tuple[int, str, int]]:
    rows = CaseLink.objects.filter(case_id__in=case_ids, kind__in=[UNIT, CUSTOMER, DEAL])
    return rows.order_by("pk").values_list("case_id", "kind", "key")


@prepared
def _units(keys: Collection[int]) -> QuerySet[Unit, Unit]:
    return Unit.objects.filter(pk__in=keys).select_related("building", "project")


@prepared
def _customers(keys: Collection[int]) -> QuerySet[Customer, Customer]:
    return Customer.objects.filter(pk__in=keys)


@prepared
def _buyers(deals: Collection[int]) -> QuerySet[DealBuyer, tuple[int, int]]:
    rows = DealBuyer.objects.filter(deal_id__in=deals).order_by("deal_id", "position")
    return rows.values_list("deal_id", "customer_id")


# What a line of a list shows; the rows are wide, and half of a customer's is encrypted.
@prepared
def _unit_labels(keys: Collection[int]) -> QuerySet[Unit, Unit]:
    rows = Unit.objects.filter(pk__in=keys).select_related("building")
    return rows.only("entrance", "room", "building__name")


@prepared
def _names(keys: Collection[int]) -> QuerySet[Customer, Customer]:
    return Customer.objects.filter(pk__in=keys).only("name")


def about(
    case_ids: Iterable[int], *, masked: bool | Collection[int] = False, labels_only: bool = False
) -> Mapping[int, About]:
    """
    Return by case what it is about. ``masked``: the reader's post does not need names and rooms in full;
    or of which cases it does not.
    ``labels_only``: of units and customers nothing but their labels is asked for.
    """
    found: dict[int, About] = defaultdict(lambda: About(masked=masked is True))
    if not isinstance(masked, bool):
        found.update((key, About(masked=True)) for key in masked)
    links = list(_links(list(case_ids)))
    # A case of the past names its deal only, and is of the buyers of that.
    named = {case_id for case_id, kind, _ in links if kind == CUSTOMER}
    unnamed = [(case_id, key) for case_id, kind, key in links if kind == DEAL and case_id not in named]
    if unnamed:
        buyers: dict[int, list[int]] = defaultdict(list)
        for deal, customer in _buyers({key for _, key in unnamed}):
            buyers[deal].append(customer)
        links += [(case_id, CUSTOMER, one) for case_id, key in unnamed for one in buyers[key]]
    unit_keys = {key for _, kind, key in links if kind == UNIT}
    customer_keys = {key for _, kind, key in links if kind == CUSTOMER}
    units = {unit.pk: unit for unit in (_unit_labels if labels_only else _units)(unit_keys)}
    people = {one.pk: one for one in (_names if labels_only else _customers)(customer_keys)}
    for case_id, kind, key in links:
        if kind == UNIT and key in units:
            found[case_id].units.append(units[key])
        elif kind == CUSTOMER and key in people:
            found[case_id].customers.append(people[key])
    return found
