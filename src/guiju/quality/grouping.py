"""Group complaints (群体投诉): several homes of a building with one cause, and joining them (I-2.8-c, domain 2.14)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from guiju.kernel import engine, ports
from guiju.kernel.models import Case
from guiju.org.models import Person
from guiju.quality.choices import Cause, said
from guiju.quality.models import Complaint

MOST = 200


@dataclass(frozen=True)
class Group:
    """What looks like one matter: the cause, the homes, the complaint they would join, and those that would."""

    cause: str
    building: str
    homes: int
    days: int
    parent: Complaint
    members: tuple[Complaint, ...]


def _cause(row: Complaint) -> str:
    return row.cause_found or row.cause


def suggestion(row: Complaint, *, cases: QuerySet[Case]) -> Group | None:
    """
    Return the group that an open complaint seems to belong to, among the cases the person may see; None if there is none.

    It takes as many homes of one building as the SOP says, with one cause found, or else reported, within its days.
    The complaint that others were joined to already is the parent, else the earliest.
    """
    cause, unit, day = _cause(row), row.unit, row.complained_date
    if unit is None or day is None or cause in ("", Cause.OTHER.value) or row.case.closed_at is not None:
        return None
    settings = ports.policies().get(row.case.sop_version_id).settings if row.case.sop_version_id else {}
    days, least = int(settings.get("group_days", 30)), int(settings.get("group_units", 3))
    span = timedelta(days=days)
    near = list(
        Complaint.objects.filter(
            Q(cause=cause) | Q(cause_found=cause), unit__building_id=unit.building_id, case__in=cases,
            case__historic=False, complained_date__gte=day - span, complained_date__lte=day + span,
        )
        .select_related("case", "unit", "parent__case")
        .order_by("complained_date", "pk")[:MOST]
    )  # fmt: skip
    near = _together([one for one in near if _cause(one) == cause], row, span)
    homes = {one.unit_id for one in near}
    if len(homes) < least:
        return None
    leaders = set(Complaint.objects.filter(parent__in=near).values_list("parent_id", flat=True))
    leader = next((one for one in near if one.pk in leaders), None) or next(
        (one.parent for one in near if one.parent is not None), None
    )
    parent = leader or near[0]
    members = tuple(
        one for one in near
        if one.pk != parent.pk and one.parent_id is None and one.pk not in leaders and one.case.closed_at is None
    )  # fmt: skip
    if not members or row.pk not in {parent.pk, *(one.pk for one in members)}:
        return None
    return Group(said(Cause, cause), unit.building.name, len(homes), days, parent, members)


def _together(near: list[Complaint], row: Complaint, span: timedelta) -> list[Complaint]:
    """Return the run of complaints around this one that lies within the span and has the most homes."""
    best: list[Complaint] = []
    for first in near:
        begin = first.complained_date
        if begin is None or row.complained_date is None or not begin <= row.complained_date <= begin + span:
            continue
        run = [one for one in near if one.complained_date and begin <= one.complained_date <= begin + span]
        if len({one.unit_id for one in run}) > len({one.unit_id for one in best}):
            best = run
    return best


@transaction.atomic
def join_all(group: Group, *, by: Person, at: datetime) -> int:
    """
    Join every member to the parent, each by its own act, all or none; return how many.

    :raises Refused: one of them cannot be joined by this person.
    """
    for one in group.members:
        engine.advance(one.case, "join", by=by, at=at, given={"parent": group.parent.case.number})
    return len(group.members)
