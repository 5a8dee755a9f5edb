"""Group complaints (群体投诉): several homes of a building with one cause, and joining them (I-2.8-c, domain 2.14)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from guiju.estate.models import Unit
from guiju.kernel import engine, ports
from guiju.kernel.models import Case, among
from guiju.kernel.numbering import ZONE
from guiju.org.models import Person
from guiju.quality.choices import Cause, said
from guiju.quality.models import Complaint

MOST = 200
MOST_GROUPS = 5


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
            Q(cause=cause) | Q(cause_found=cause), among(cases), unit__building_id=unit.building_id,
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


def suggestions(*, cases: QuerySet[Case]) -> list[Group]:
    """Return the groups that open complaints among these cases seem to form, those with the most homes first."""
    loose = (
        Complaint.objects.filter(among(cases), case__closed_at=None, case__historic=False, parent=None)
        .exclude(unit=None)
        .select_related("case", "unit__building")
        .order_by("-pk")[:MOST]
    )
    alike: dict[tuple[int, str], list[Complaint]] = {}
    for row in loose:
        if row.unit is not None and _cause(row) not in ("", Cause.OTHER.value):
            alike.setdefault((row.unit.building_id, _cause(row)), []).append(row)
    several = sorted((rows for rows in alike.values() if len({one.unit_id for one in rows}) > 1), key=len)
    found = [suggestion(rows[0], cases=cases) for rows in several[-MOST_GROUPS:]]
    return sorted((group for group in found if group is not None), key=lambda group: -group.homes)


@dataclass(frozen=True)
class Nearby:
    """What a complaint that is being heard may belong to: so many homes of the building said the same lately."""

    cause: str
    building: str
    homes: int
    days: int
    numbers: tuple[str, ...]
    led: bool


def nearby(unit: Unit, cause: str, *, cases: QuerySet[Case], at: datetime) -> Nearby | None:
    """
    Return the other homes of the building that complained of this cause within the SOP's days; None if too few did.

    With this home they are as many as make a group, or one of them leads a group already (I-2.8-c).
    """
    if cause in ("", Cause.OTHER.value):
        return None
    company = unit.project.company_id
    settings = (
        ports.policies().current("complaint", company_id=company, project_id=unit.project_id, at=at).settings
    )
    days, least = int(settings.get("group_days", 30)), int(settings.get("group_units", 3))
    since = at.astimezone(ZONE).date() - timedelta(days=days)
    rows = list(
        Complaint.objects.filter(
            Q(cause=cause) | Q(cause_found=cause), among(cases), unit__building_id=unit.building_id,
            case__historic=False, complained_date__gte=since,
        )
        .exclude(unit=unit).select_related("case", "parent__case").order_by("complained_date", "pk")[:MOST]
    )  # fmt: skip
    rows = [one for one in rows if _cause(one) == cause]
    homes = {one.unit_id for one in rows}
    leader = next((one.parent.case for one in rows if one.parent is not None), None)
    if leader is None and len(homes) + 1 < least:
        return None
    numbers = (leader.number,) if leader is not None else tuple(one.case.number for one in rows[:4])
    return Nearby(said(Cause, cause), unit.building.name, len(homes), days, numbers, leader is not None)


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
