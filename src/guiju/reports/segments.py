"""Segments of customers (客户分组): by what they bought, how far it is, how they pay, when they were last spoken to (I-2.1-s)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from guiju.customers.models import ContactRecord, Customer, CustomerFact
from guiju.kernel.numbering import ZONE
from guiju.sales.models import Deal, DealBuyer, Payment

STAGES: Final[Mapping[str, str]] = {Deal.SUBSCRIBED: "已认购", Deal.SIGNED: "已签约"}


@dataclass(frozen=True)
class Segment:
    """Which customers: every condition that is set holds. Days as days, months 1 to 12."""

    project: int | None = None
    building: int | None = None
    stage: str = ""
    payment: str = ""
    bought_from: date | None = None
    bought_to: date | None = None
    birth_month: int | None = None
    silent_days: int | None = None
    knows: str = ""
    owners_only: bool = True

    def words(self, names: Mapping[str, str]) -> str:
        """Say the segment in a sentence; ``names`` of the project and the building."""
        parts = [names.get("project", ""), names.get("building", "")]
        parts += [STAGES.get(self.stage, ""), dict(Payment.choices).get(self.payment, "")]
        if self.bought_from or self.bought_to:
            parts.append(f"{self.bought_from or '…'} 至 {self.bought_to or '…'} 认购")
        if self.birth_month:
            parts.append(f"{self.birth_month} 月生日")
        if self.silent_days:
            parts.append(f"{self.silent_days} 天没有联系过")
        if self.knows:
            parts.append(f"档案里有{dict(CustomerFact.FIELDS).get(self.knows, self.knows)}")
        return "，".join(part for part in parts if part) or ("全部业主" if self.owners_only else "全部客户")

    @property
    def kept(self) -> dict[str, Any]:
        """The conditions that are set, as they are kept with a list."""
        found = {name: value for name, value in vars(self).items() if value not in (None, "", True)}
        return {
            name: value.isoformat() if isinstance(value, date) else value for name, value in found.items()
        }


def chosen(mine: QuerySet[Customer], segment: Segment, at: datetime) -> QuerySet[Customer]:
    """Return the customers of a segment among those the person may see, by key."""
    found = mine.order_by("pk")
    bought = DealBuyer.objects.filter(customer=OuterRef("pk"), deal__live=True)
    conditions = {
        "deal__project_id": segment.project, "deal__unit__building_id": segment.building,
        "deal__stage": segment.stage or None, "deal__payment": segment.payment or None,
        "deal__subscribed_date__gte": segment.bought_from, "deal__subscribed_date__lte": segment.bought_to,
    }  # fmt: skip
    wanted = {name: value for name, value in conditions.items() if value is not None}
    if wanted or segment.owners_only:
        found = found.filter(Exists(bought.filter(**wanted)))
    if segment.birth_month:
        found = found.filter(birth_date__month=segment.birth_month)
    if segment.knows:
        newest = CustomerFact.objects.filter(customer=OuterRef("pk"), field=segment.knows).order_by("-pk")
        found = found.filter(facts__pk=Subquery(newest.values("pk")[:1]), facts__value__isnull=False)
    if segment.silent_days:
        since = datetime.combine(
            at.astimezone(ZONE).date() - timedelta(days=segment.silent_days), time(), ZONE
        )
        spoken = ContactRecord.objects.filter(customer=OuterRef("pk"), happened_at__gte=since, reached=True)
        found = found.exclude(Exists(spoken))
    return found
