"""Reads that a page needs: member companies, headcount, the chart of posts, counts of subordinates, staff overview."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Count, Q

from guiju.kernel.models import Deviation, Event
from guiju.org import locking
from guiju.org.gates import Scope
from guiju.org.models import (
    Company,
    Delegation,
    Establishment,
    Group,
    Holding,
    JobDescription,
    Person,
    Post,
)
from guiju.org.operations.holdings import qualification_gaps


def assembly(group: Group) -> list[Company]:
    """Return all group members, who form the members' assembly (I-1-j, I-1-k): parent first, then by kind."""
    order = {kind: n for n, kind in enumerate(Company.Kind.values)}
    return sorted(
        group.companies.filter(pk__in=Company.objects.members()), key=lambda c: (order[c.kind], c.pk)
    )


@dataclass(frozen=True)
class Headcount:
    """One post of a company: planned people, actual people, and who they are (I-3.3-a, b)."""

    establishment: Establishment
    planned: int
    holders: tuple[Person, ...]

    @property
    def actual(self) -> int:
        return len(self.holders)

    @property
    def difference(self) -> int:
        """Actual less planned: below 0 is a vacancy 缺编, above 0 is over 超编."""
        return self.actual - self.planned


def headcounts(company: Company, *, at: datetime) -> list[Headcount]:
    """Return the posts of a company with planned and actual headcount, by department, team and number."""
    holders: dict[int, dict[int, Person]] = defaultdict(dict)
    for holding in Holding.objects.filter(company=company).at(at).select_related("person").order_by("pk"):
        holders[holding.post_id].setdefault(holding.person_id, holding.person)
    rows = (
        Establishment.objects.filter(company=company)
        .select_related("post__superior", "department__head", "team")
        .order_by("department_id", "team_id", "number", "pk")
    )
    return [Headcount(row, row.planned, tuple(holders[row.post_id].values())) for row in rows]


@dataclass(frozen=True)
class Subordinates:
    """Heads below a post: directly, indirectly, and by category (I-4.0-20 to 23)."""

    direct: int
    indirect: int
    managers: int
    professionals: int
    others: int

    @property
    def total(self) -> int:
        return self.direct + self.indirect


@dataclass(frozen=True)
class PostChart:
    """The chart of posts of a company: planned heads by post, and who reports to whom. Read once for many posts."""

    planned: Mapping[int, int]
    below: Mapping[int | None, Sequence[Post]]


def post_chart(company: Company) -> PostChart:
    """Return the chart of posts of a company."""
    planned = dict(Establishment.objects.filter(company=company).values_list("post_id", "planned"))
    below: dict[int | None, list[Post]] = defaultdict(list)
    for other in Post.objects.order_by("pk"):
        below[other.superior_id].append(other)
    return PostChart(planned, below)


def subordinates(post: Post, company: Company, *, chart: PostChart | None = None) -> Subordinates:
    """Count the planned heads below a post in the chart of a company."""
    chart = chart or post_chart(company)
    planned, below = chart.planned, chart.below
    direct = sum(planned.get(junior.pk, 0) for junior in below.get(post.pk, ()))
    total = 0
    by_category: dict[str, int] = defaultdict(int)
    waiting, seen = list(below.get(post.pk, ())), {post.pk}
    while waiting:
        junior = waiting.pop()
        if junior.pk in seen:
            continue
        seen.add(junior.pk)
        total += planned.get(junior.pk, 0)
        by_category[junior.category] += planned.get(junior.pk, 0)
        waiting += below.get(junior.pk, ())
    return Subordinates(
        direct=direct,
        indirect=total - direct,
        managers=by_category[Post.Category.MANAGER],
        professionals=by_category[Post.Category.PROFESSIONAL],
        others=by_category[Post.Category.OTHER],
    )


@dataclass(frozen=True)
class Mismatch:
    """A figure of the job description that differs from the chart."""

    what: str
    stated: int
    counted: int

    def __str__(self) -> str:
        return f"{self.what}：说明书写 {self.stated} 人，组织图为 {self.counted} 人"


def mismatches(description: JobDescription, *, chart: PostChart | None = None) -> list[Mismatch]:
    """Compare the stated counts of a job description with the chart of its company (I-4.1-w, I-4.2-l)."""
    establishment = description.establishment
    counted = subordinates(establishment.post, establishment.company, chart=chart)
    pairs = (
        ("下属", description.subordinates_stated, counted.total),
        ("直接下属", description.direct_stated, counted.direct),
        ("间接下属", description.indirect_stated, counted.indirect),
        ("下属经理", description.managers_stated, counted.managers),
        ("下属专业人员", description.professionals_stated, counted.professionals),
        ("其他下属", description.others_stated, counted.others),
    )
    return [
        Mismatch(what, stated, real) for what, stated, real in pairs if stated is not None and stated != real
    ]


def current_description(establishment: Establishment) -> JobDescription | None:
    """Return the newest version of a post's job description."""
    return establishment.descriptions.order_by("-version").first()


def current_descriptions(company: Company) -> dict[int, JobDescription]:
    """Return the newest version of every post's job description, by the key of its establishment."""
    rows = JobDescription.objects.filter(establishment__company=company).order_by("version", "pk")
    return {row.establishment_id: row for row in rows.select_related("establishment__post", "holder")}


@dataclass(frozen=True)
class SignIn:
    """
    How a person's sign-in stands: locked out after wrong passwords, second factor set up, first password.

    ``everywhere`` mistakes were made in the last 24 hours at ``addresses`` addresses; ``slowed``: these are so many that
    tries from elsewhere wait for each other (``org.locking``).
    """

    locked: bool
    failures: int
    everywhere: int
    addresses: int
    slowed: bool
    second_factor: bool
    first_password: bool


def sign_in_of(person: Person, *, at: datetime) -> SignIn:
    """Return how a person's sign-in stands at the moment."""
    since = at - settings.AXES_COOLOFF_TIME
    attempts = AccessAttempt.objects.filter(username=person.username, attempt_time__gt=since)
    failures = max((row.failures_since_start for row in attempts), default=0)
    made = list(locking.mistakes(person.username, at=at).values_list("ip_address", flat=True))
    return SignIn(
        locked=failures >= settings.AXES_FAILURE_LIMIT,
        failures=failures,
        everywhere=len(made),
        addresses=len(set(made)),
        slowed=len(made) >= locking.CEILING,
        second_factor=Authenticator.objects.filter(user_id=person.pk).exists(),
        first_password=person.must_change_password,
    )


@dataclass(frozen=True)
class StaffRow:
    """One employee of the staff overview: acts recorded, share done by the SOP, what of the qualification lacks.

    ``adherence`` is the share of steps on cases taken without an override of a control point, as a ratio from 0 to
    1; None when the person took no step in the period (I-S-m7).
    """

    person: Person
    posts: tuple[str, ...]
    acts: int
    overridden: int
    gaps: tuple[str, ...]

    @property
    def adherence(self) -> float | None:
        return None if not self.acts else 1 - self.overridden / self.acts


def staff_overview(scope: Scope, *, from_at: datetime, to_at: datetime, at: datetime) -> list[StaffRow]:
    """Return output, adherence and qualification of everybody who holds a post within the scope (I-S-m7)."""
    held: dict[int, list[Holding]] = defaultdict(list)
    rows = Holding.objects.filter(scope.q("company_id", "project_id")).at(at)
    for holding in rows.select_related("person", "post").order_by("person__name", "person_id", "pk"):
        held[holding.person_id].append(holding)
    period = Q(happened_at__gte=from_at, happened_at__lt=to_at)
    acts = _count(
        Event.objects.filter(period, case__isnull=False, actor_id__in=held)
        .values_list("actor_id")
        .annotate(Count("pk"))
    )
    used = Deviation.objects.filter(
        used_event__happened_at__gte=from_at, used_event__happened_at__lt=to_at, used_event__actor_id__in=held
    )
    overridden = _count(
        used.values_list("used_event__actor_id").annotate(Count("used_event_id", distinct=True))
    )
    return [
        StaffRow(
            person=holdings[0].person,
            posts=tuple(dict.fromkeys(holding.post.name for holding in holdings)),
            acts=acts.get(person_id, 0),
            overridden=overridden.get(person_id, 0),
            gaps=tuple(
                gap for holding in holdings for gap in qualification_gaps(holding.person, holding.post)
            ),
        )
        for person_id, holdings in held.items()
    ]


def _count(rows: Iterable[tuple[int, int]]) -> dict[int, int]:
    return dict(rows)


def delegations_of(person: Person, *, at: datetime) -> list[Delegation]:
    """Return delegations given or taken by the person that are in force or still to come, soonest first."""
    live = Delegation.objects.filter(Q(giver=person) | Q(taker=person), ended_at=None, to_at__gt=at)
    return list(live.select_related("giver", "taker", "post").order_by("from_at", "pk"))


def people_of(company: Company) -> list[Person]:
    """Return the people of a company with their open posts prefetched, those at work first."""
    return list(
        Person.objects.filter(company=company)
        .prefetch_related("holdings__post")
        .order_by("-is_active", "username", "pk")
    )


def head_over(person_id: int, *, company_id: int, at: datetime) -> Person | None:
    """Return the head of the department in which the person works (G-4.5-d); None if it names none at work."""
    own = Holding.objects.at(at).filter(person_id=person_id, company_id=company_id).values("post_id")
    rows = Establishment.objects.filter(
        company_id=company_id, post_id__in=own, department__head__is_active=True
    )
    found = rows.select_related("department__head").order_by("pk").first()
    return found.department.head if found is not None else None
