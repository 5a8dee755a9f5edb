"""Who holds which post, where, and for whom: the answers the kernel asks for (``kernel.ports.People``).

Answers about one person come from one query. They are remembered in this process for ``ORG_ROSTER_SECONDS``
(two by default), so that another process's change is seen after that time at the latest; operations
of this process clear what is remembered at once. The moment asked about is judged when answering, not when reading.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple, TypeVar

from django.conf import settings
from django.db import connection
from django.db.models import BigIntegerField, F, Q, Value
from django.db.models.functions import Coalesce

from guiju.org import posts
from guiju.org.models import Delegation, Establishment, Function, Holding, Person, Post

T = TypeVar("T")
_LIMIT: Final = 10_000


class Held(NamedTuple):
    """One post in one scope, for a time; ``behalf`` is the person for whom it is held, None for oneself."""

    post: str
    company_id: int
    project_id: int | None
    from_at: datetime
    to_at: datetime | None
    behalf: int | None

    def covers(self, company_id: int, project_id: int | None, at: datetime) -> bool:
        """Whether the post is held in this scope now. A company's holder covers its projects, not the reverse."""
        return (
            self.company_id == company_id
            and (self.project_id is None or self.project_id == project_id)
            and self.from_at <= at
            and (self.to_at is None or at < self.to_at)
        )

    def in_force(self, at: datetime) -> bool:
        """Whether the post is held at the moment, wherever."""
        return self.from_at <= at and (self.to_at is None or at < self.to_at)


_remembered: dict[tuple[Any, ...], tuple[float, Any]] = {}


def forget() -> None:
    """Drop what this process remembers. Operations that change an appointment call it."""
    _remembered.clear()


def _remember(key: tuple[Any, ...], read: Callable[[], T]) -> T:
    seconds: float = getattr(settings, "ORG_ROSTER_SECONDS", 2.0)
    if not seconds:
        return read()
    # The database (and, on PostgreSQL, the schema) is part of the key: a process may serve several tenants.
    place = (
        connection.settings_dict["NAME"],
        str(connection.settings_dict.get("OPTIONS", {}).get("options", "")),
    )
    whole, now = (*place, *key), time.monotonic()
    found = _remembered.get(whole)
    if found is not None and now - found[0] < seconds:
        return found[1]  # type: ignore[no-any-return]
    value = read()
    if len(_remembered) > _LIMIT:
        _remembered.clear()
    _remembered[whole] = (now, value)
    return value


def _read_held(person_id: int) -> tuple[Held, ...]:
    own = (
        Holding.objects.filter(person_id=person_id, person__is_active=True)
        .annotate(
            since=F("from_at"), until=F("to_at"), behalf=Value(None, output_field=BigIntegerField(null=True))
        )
        .values_list("post__code", "company_id", "project_id", "since", "until", "behalf", "from_at", "to_at")
    )
    given = (
        Holding.objects.filter(
            Q(person__delegations_given__post=None) | Q(person__delegations_given__post=F("post")),
            person__is_active=True,
            person__delegations_given__taker_id=person_id,
            person__delegations_given__taker__is_active=True,
        )
        .exclude(post__code__in=posts.NOT_DELEGATED)
        .annotate(
            since=F("person__delegations_given__from_at"),
            until=Coalesce(F("person__delegations_given__ended_at"), F("person__delegations_given__to_at")),
            behalf=F("person_id"),
        )
        .values_list("post__code", "company_id", "project_id", "since", "until", "behalf", "from_at", "to_at")
    )
    found: list[Held] = []
    for post, company_id, project_id, since, until, behalf, from_at, to_at in own.union(given, all=True):
        ends = [end for end in (until, to_at) if end is not None]
        found.append(
            Held(post, company_id, project_id, max(since, from_at), min(ends) if ends else None, behalf)
        )
    # Own posts first: whoever holds a post does not act on another's behalf.
    found.sort(key=lambda held: (held.behalf is not None, held.behalf or 0))
    return tuple(found)


def held_by(person_id: int) -> tuple[Held, ...]:
    """Return every post the person holds or held, and those delegated to them, own posts first."""
    return _remember(("held", person_id), lambda: _read_held(person_id))


def _read_posts() -> dict[str, tuple[str, str | None]]:
    return {
        code: (name, over) for code, name, over in Post.objects.values_list("code", "name", "superior__code")
    }


class _Chart(NamedTuple):
    """Which team answers for which work of a company since when, and in which teams each post works."""

    teams: dict[str, list[tuple[datetime | None, int]]]
    posts: dict[str, frozenset[int]]


def _read_chart(company_id: int) -> _Chart:
    teams: dict[str, list[tuple[datetime | None, int]]] = {}
    functions = Function.objects.filter(company_id=company_id).exclude(works=[]).order_by("pk")
    for function in functions.prefetch_related("moves"):
        moves = sorted(function.moves.all(), key=lambda move: (move.from_at, move.pk))
        for work in function.works:
            teams[work] = [(None, function.team_id), *((move.from_at, move.team_id) for move in moves)]
    return _Chart(teams, teams_of_posts(company_id))


def teams_of_posts(company_id: int) -> dict[str, frozenset[int]]:
    """Return by post the teams in which it works in a company; posts outside the teams are left out."""
    found: dict[str, set[int]] = {}
    rows = Establishment.objects.filter(company_id=company_id)
    for code, team, also in rows.values_list("post__code", "team_id", "also"):
        found.setdefault(code, set()).update(one for one in (team, also) if one is not None)
    return {code: frozenset(teams) for code, teams in found.items() if teams}


class Roster:
    """The people port of the kernel, answered from the rows of this app."""

    def posts_of(
        self, person_id: int, *, company_id: int, project_id: int | None, at: datetime
    ) -> dict[str, int | None]:
        """Return post code -> person on whose behalf (None: own post). Left people and strangers hold nothing."""
        found: dict[str, int | None] = {}
        for held in held_by(person_id):
            if held.covers(company_id, project_id, at):
                found.setdefault(held.post, held.behalf)
        return found

    def holders(self, post: str, *, company_id: int, project_id: int | None, at: datetime) -> list[int]:
        """Return the people who hold the post themselves in this scope: those of the project first."""

        def read() -> tuple[tuple[int, int | None, datetime, datetime | None], ...]:
            return tuple(
                Holding.objects.filter(post__code=post, company_id=company_id, person__is_active=True)
                .order_by("person_id", "pk")
                .values_list("person_id", "project_id", "from_at", "to_at")
            )

        rows = _remember(("holders", post, company_id), read)
        near: list[int] = []
        wide: list[int] = []
        for person_id, project, from_at, to_at in rows:
            if not (from_at <= at and (to_at is None or at < to_at)):
                continue
            if project is None:
                wide.append(person_id)
            elif project == project_id:
                near.append(person_id)
        return list(dict.fromkeys(near + wide))

    def duty_post(
        self, process: str, step: str, posts: Sequence[str], *, company_id: int, at: datetime
    ) -> str:
        """
        Return the post that a step's to-do goes to, for a case opened at the moment: of the posts that may take it, the
        first that works in the team which carries the function (I-3.1-d to w). A step that belongs first to a post
        outside the teams stays there, as does one that no post of the team may take.
        """
        first = posts[0]
        if len(posts) == 1:
            return first
        chart = _remember(("chart", company_id), lambda: _read_chart(company_id))
        since = chart.teams.get(f"{process}.{step}") or chart.teams.get(process)
        if since is None or first not in chart.posts:
            return first
        team = [team for from_at, team in since if from_at is None or from_at <= at][-1]
        return next((post for post in posts if team in chart.posts.get(post, ())), first)

    def superior(self, post: str) -> str | None:
        """Return the code of the post that this post reports to; None at the top or for an unknown post."""
        return _remember(("posts",), _read_posts).get(post, ("", None))[1]

    def delegates_of(self, person_id: int, *, at: datetime) -> set[int]:
        """Return the people who act for this person at the moment."""
        return set(Delegation.objects.at(at).filter(giver_id=person_id).values_list("taker_id", flat=True))

    def name(self, person_id: int) -> str:
        """Return the person's name, also of one who left; empty for an unknown key."""

        def read() -> str:
            return Person.objects.filter(pk=person_id).values_list("name", flat=True).first() or ""

        return _remember(("name", person_id), read)

    def post_label(self, post: str) -> str:
        """Return the post's Chinese name."""
        known = _remember(("posts",), _read_posts).get(post)
        return known[0] if known else posts.label(post)


ROSTER: Final = Roster()
