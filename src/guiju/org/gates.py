"""Gates: which companies and projects a person sees, and what of personal data. Closed by default.

Other apps build their gates (``Case``, ``Unit``, ``Customer``) on ``scope_of`` and ``Scope.q``.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from guiju.kernel.refusals import NotYourPost
from guiju.org import posts
from guiju.org.models import Person
from guiju.org.people import ROSTER, held_by


@dataclass(frozen=True)
class Scope:
    """Where a person holds posts: whole companies, and single projects beside them."""

    companies: frozenset[int]
    projects: frozenset[int]

    def __bool__(self) -> bool:
        return bool(self.companies or self.projects)

    def holds(self, company_id: int, project_id: int | None) -> bool:
        """Whether an object of this company and project lies in the scope."""
        return company_id in self.companies or (project_id is not None and project_id in self.projects)

    def q(self, company: str = "chain_id", project: str = "scope_id") -> Q:
        """Return the condition that keeps a queryset within the scope; an empty scope keeps nothing.

        ``company`` and ``project`` name the fields of the queryset that hold the two keys, e.g.
        ``scope.q("building__project__company", "building__project")``.
        """
        if not self:
            return Q(pk__in=[])
        where = Q()
        if self.companies:
            where |= Q(**{f"{company}__in": sorted(self.companies)})
        if self.projects:
            where |= Q(**{f"{project}__in": sorted(self.projects)})
        return where


def scope_of(person: Person, *, at: datetime, of_posts: Collection[str] | None = None) -> Scope:
    """Return where the person holds a post now, own or delegated; with ``of_posts``, one of those only."""
    companies: set[int] = set()
    projects: set[int] = set()
    if person.is_active:
        for held in held_by(person.pk):
            if held.in_force(at) and (of_posts is None or held.post in of_posts):
                if held.project_id is None:
                    companies.add(held.company_id)
                else:
                    projects.add(held.project_id)
    return Scope(frozenset(companies), frozenset(projects))


def posts_anywhere(person: Person, *, at: datetime) -> set[str]:
    """Return the codes of all posts that the person holds now in any scope, own or delegated."""
    return {held.post for held in held_by(person.pk) if held.in_force(at)} if person.is_active else set()


def may_see(person: Person, *, company_id: int, project_id: int | None, at: datetime) -> bool:
    """Whether the person may see objects of this company and project at all."""
    return scope_of(person, at=at).holds(company_id, project_id)


def may_see_personal_data(person: Person, *, company_id: int, project_id: int | None, at: datetime) -> bool:
    """Whether names, phones and units are shown in full here: the person's work needs them (E-4.4-a).

    Administrator and auditor alone see them masked. Identity numbers stay masked for everybody.
    """
    held = ROSTER.posts_of(person.pk, company_id=company_id, project_id=project_id, at=at)
    return bool(held.keys() - posts.WITHOUT_PERSONAL_DATA)


@dataclass(frozen=True)
class Sight:
    """Where a person sees names, phones and rooms in full (E-4.4-a): ``full`` of what the posts show at all.

    ``mixed``: there are places that the person sees and where the work needs none of it, such as the company whose
    administrator works in another one, or in one project only.
    """

    full: Scope
    mixed: bool

    def masks(self, company_id: int, project_id: int | None) -> bool:
        """Whether people are masked in this company and project."""
        return not self.full.holds(company_id, project_id)


def sight_of(person: Person, *, at: datetime) -> Sight:
    """Return where the person's work needs people's names, phones and rooms, as :func:`may_see_personal_data` says."""
    now = [held for held in held_by(person.pk) if held.in_force(at)] if person.is_active else []
    work = [held for held in now if held.post not in posts.WITHOUT_PERSONAL_DATA]
    full = Scope(
        frozenset(held.company_id for held in work if held.project_id is None),
        frozenset(held.project_id for held in work if held.project_id is not None),
    )
    return Sight(full, any(not full.holds(held.company_id, held.project_id) for held in now) and bool(work))


def reads_only(person: Person, *, at: datetime) -> bool:
    """Whether the person holds nothing but read-only posts (auditor), or nothing at all."""
    return not posts_anywhere(person, at=at) - posts.READ_ONLY


def holds_post(
    person: Person,
    *codes: str,
    at: datetime,
    company_id: int | None = None,
    project_id: int | None = None,
) -> bool:
    """Whether the person holds one of the posts: in the named company and project, or anywhere if none is named."""
    if company_id is None:
        return bool(posts_anywhere(person, at=at) & set(codes))
    held = ROSTER.posts_of(person.pk, company_id=company_id, project_id=project_id, at=at)
    return bool(held.keys() & set(codes))


def require_post(
    person: Person,
    *codes: str,
    at: datetime,
    company_id: int | None = None,
    project_id: int | None = None,
) -> None:
    """
    Let only holders of one of the posts pass.

    :raises NotYourPost: the person holds none of them in this scope; the text names the posts that may.
    """
    if not holds_post(person, *codes, at=at, company_id=company_id, project_id=project_id):
        raise NotYourPost(f"这件事由{'、'.join(ROSTER.post_label(code) for code in codes)}办理。")


def require_administrator(person: Person, *, company_id: int, at: datetime) -> None:
    """
    Let only whoever may change people, posts and parameters of this company pass (I-3.1-j).

    :raises NotYourPost: the person is no administrator of the company.
    """
    require_post(person, *sorted(posts.MAY_ADMINISTER), company_id=company_id, at=at)
