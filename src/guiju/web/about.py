"""What cases are about, for many cases at once: their customers and units, in three queries whatever the number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from guiju.customers.models import Customer
from guiju.estate.models import Unit
from guiju.kernel.models import CaseLink
from guiju.org.masking import mask_name, mask_unit

UNIT, CUSTOMER = "unit", "customer"


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


def about(case_ids: Iterable[int], *, masked: bool = False) -> Mapping[int, About]:
    """Return by case what it is about. ``masked``: the reader's post does not need names and rooms in full."""
    found: dict[int, About] = defaultdict(lambda: About(masked=masked))
    links = list(
        CaseLink.objects.filter(case_id__in=list(case_ids), kind__in=[UNIT, CUSTOMER])
        .order_by("pk")
        .values_list("case_id", "kind", "key")
    )
    units = Unit.objects.select_related("building", "project").in_bulk(
        {key for _, kind, key in links if kind == UNIT}
    )
    people = Customer.objects.in_bulk({key for _, kind, key in links if kind == CUSTOMER})
    for case_id, kind, key in links:
        if kind == UNIT and key in units:
            found[case_id].units.append(units[key])
        elif kind == CUSTOMER and key in people:
            found[case_id].customers.append(people[key])
    return found
