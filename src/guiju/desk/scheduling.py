"""Who can come when: trades with the certificate they take, people's slots, load and way, and waiting visits in order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from django.db import connection
from django.db.models import Q

from guiju.desk.lists import Offered
from guiju.desk.models import Skill, Urgency, Visit
from guiju.kernel.numbering import ZONE
from guiju.org.models import Certificate, Holding, Person
from guiju.org.posts import DELEGATE, ONSITE, TECHNICIAN

TECHNICIANS: Final = (TECHNICIAN, ONSITE, DELEGATE)


@dataclass(frozen=True)
class Trade:
    """
    A trade (工种); ``certificate``: a word in the name of the certificate without which nobody may work in it;
    ``level``: the level of skill that its tasks require (``Skill.Level``).
    """

    code: str
    name: str
    certificate: str = ""
    level: int = 2


TRADES: Final[dict[str, Trade]] = {
    trade.code: trade
    for trade in (
        Trade("general", "综合维修"),
        Trade("waterproof", "防水"),
        Trade("plumber", "水暖"),
        Trade("electrician", "电工", "电工", 3),
        Trade("carpenter", "木工门窗"),
        Trade("mason", "泥瓦"),
        Trade("hvac", "制冷空调", "制冷", 3),
    )
}

ORDER: Final = {Urgency.EMERGENCY: 0, Urgency.URGENT: 1, Urgency.ORDINARY: 2}


@dataclass
class Candidate:
    """Somebody who could come: why not, if anything stands against it; what the person has that day, and where."""

    person: Person
    problems: list[str] = field(default_factory=list)
    load: int = 0
    near: int = 0

    @property
    def fit(self) -> bool:
        """Whether nothing stands against it."""
        return not self.problems


def trade_of(code: str) -> Trade:
    """Return the trade of this code; an unknown one takes no certificate."""
    return TRADES.get(code, TRADES["general"])


def people_choices() -> Offered:
    """Return an open choice: who may be sent depends on the case, and the page asks ``technicians`` for it."""
    return Offered(dict, {})


def trade_choices() -> dict[str, str]:
    """Return trades as choices of a form."""
    return {trade.code: trade.name for trade in TRADES.values()}


def technicians(*, company_id: int, project_id: int | None, at: datetime) -> list[Person]:
    """Return the people who go to customers in this project, by key."""
    held = Holding.objects.at(at).filter(company_id=company_id, post__code__in=TECHNICIANS)
    held = held.filter(Q(project_id=None) | Q(project_id=project_id))
    return list(Person.objects.filter(pk__in=held.values("person_id"), is_active=True).order_by("pk"))


def unqualified(person: Person, trade: str, on: date) -> str | None:
    """Return why a person may not work in a trade on a day; None if nothing stands against it."""
    wanted = trade_of(trade)
    skills = set(Skill.objects.filter(person=person).values_list("trade", flat=True))
    if wanted.code != "general" and wanted.code not in skills:
        return f"{person.name}没有登记{wanted.name}工种"
    if not wanted.certificate:
        return None
    found = list(Certificate.objects.filter(person=person, name__contains=wanted.certificate))
    if not found:
        return f"{person.name}没有{wanted.name}作业证书"
    if not any(one.expires_date is None or one.expires_date >= on for one in found):
        return f"{person.name}的{wanted.name}作业证书在 {on:%Y-%m-%d} 已过有效期"
    return None


def overlapping(
    person_id: int, starts_at: datetime, ends_at: datetime, *, apart_from: int | None = None
) -> Visit | None:
    """Return an open visit of this person that overlaps the slot (touching ends do not)."""
    rows = Visit.objects.filter(
        technician_id=person_id, closed_at=None, starts_at__lt=ends_at, ends_at__gt=starts_at
    ).select_related("case")
    if apart_from is not None:
        rows = rows.exclude(case_id=apart_from)
    return rows.order_by("starts_at", "pk").first()


def hold_diary(person_id: int) -> None:
    """Let nobody else put a slot into this person's day until the transaction ends (SQLite has one writer anyway)."""
    if connection.vendor == "postgresql":
        Person.objects.select_for_update().get(pk=person_id)


def clash_words(visit: Visit) -> str:
    """Return what is in the way, in words."""
    assert visit.starts_at is not None
    assert visit.ends_at is not None
    start, end = visit.starts_at.astimezone(ZONE), visit.ends_at.astimezone(ZONE)
    return f"{start:%m-%d %H:%M}–{end:%H:%M} 已约 {visit.case.number}"


def day_of(at: datetime) -> tuple[datetime, datetime]:
    """Return the start and end of the local day of a moment."""
    start = at.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    return start, start + timedelta(days=1)


def candidates(
    *,
    trade: str,
    starts_at: datetime,
    ends_at: datetime,
    company_id: int,
    project_id: int | None,
    building_id: int | None = None,
    apart_from: int | None = None,
) -> list[Candidate]:
    """
    Return everybody who goes to customers, the fittest first: qualified and free, then already in the same building
    that day, then with the fewest visits (H-2.2-f).
    """
    start, end = day_of(starts_at)
    people = technicians(company_id=company_id, project_id=project_id, at=starts_at)
    theirs: dict[int, list[Visit]] = defaultdict(list)
    rows = Visit.objects.filter(
        technician__in=people, closed_at=None, starts_at__gte=start, starts_at__lt=end
    ).select_related("case", "unit")
    for visit in rows.order_by("starts_at", "pk"):
        if visit.case_id != apart_from and visit.technician_id is not None:
            theirs[visit.technician_id].append(visit)
    found = []
    for person in people:
        one = Candidate(person, load=len(theirs[person.pk]))
        if problem := unqualified(person, trade, starts_at.astimezone(ZONE).date()):
            one.problems.append(problem)
        for visit in theirs[person.pk]:
            assert visit.starts_at is not None
            assert visit.ends_at is not None
            if visit.starts_at < ends_at and visit.ends_at > starts_at:
                one.problems.append(clash_words(visit))
            if building_id is not None and visit.unit is not None and visit.unit.building_id == building_id:
                one.near += 1
        found.append(one)
    found.sort(key=lambda one: (not one.fit, -one.near, one.load, one.person.pk))
    return found


@dataclass
class Stop:
    """The waiting visits of one building, the most urgent first (H-2.2-c, H-2.2-d)."""

    place: str
    visits: list[Visit] = field(default_factory=list)

    @property
    def rank(self) -> tuple[int, datetime]:
        """How soon somebody has to come here."""
        return min((ORDER.get(Urgency(v.urgency), 2), v.requested_at) for v in self.visits)


def in_order(visits: Iterable[Visit]) -> list[Visit]:
    """Return waiting visits by urgency, then by how long they wait."""
    return sorted(visits, key=lambda v: (ORDER.get(Urgency(v.urgency), 2), v.requested_at, v.pk))


def stops(visits: Iterable[Visit]) -> list[Stop]:
    """Return waiting visits grouped by project and building, the building with the most urgent one first."""
    found: dict[str, Stop] = {}
    for visit in in_order(visits):
        where = visit.project.name
        if visit.unit is not None:
            where += f" {visit.unit.building.name}"
        found.setdefault(where, Stop(where)).visits.append(visit)
    return sorted(found.values(), key=lambda stop: stop.rank)
