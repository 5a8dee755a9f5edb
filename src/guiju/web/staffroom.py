"""Reads for the pages about people: who is listed, what somebody holds, what would move when somebody leaves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.http import Http404

from guiju.estate.models import Project
from guiju.kernel import chain
from guiju.kernel.models import Event, Todo
from guiju.org import posts
from guiju.org.gates import holds_post
from guiju.org.models import Company, Delegation, Department, Holding, Person, Task
from guiju.papers.models import Seal

NOTHING = ""


@dataclass(frozen=True)
class Held:
    """A post that somebody holds, held or will hold, and where."""

    row: Holding
    where: str
    state: str

    @property
    def open(self) -> bool:
        """Whether it is held now or will be."""
        return self.state != "over"


def colleagues(by: Person) -> QuerySet[Person]:
    """Return the people of the reader's own company: employees are seen within their legal entity."""
    return Person.objects.get_queryset().filter(company_id=by.company_id)


def colleague(by: Person, key: int) -> Person:
    """
    Return one person of the reader's own company.

    :raises Http404: there is none.
    """
    found = colleagues(by).filter(pk=key).select_related("company", "left_by").first()
    if found is None:
        raise Http404("没有这位同事，或者不在你的公司。")
    return found


def may_administer(by: Person, at: datetime) -> bool:
    """Whether the reader changes people and posts of the own company."""
    return holds_post(by, *posts.MAY_ADMINISTER, at=at, company_id=by.company_id)


def projects_by_key(company: Company) -> dict[int, str]:
    """Return the names of a company's projects by key."""
    return dict(Project.objects.filter(company=company).order_by("pk").values_list("pk", "name"))


def held(rows: Iterable[Holding], projects: dict[int, str], at: datetime) -> list[Held]:
    """Return holdings with where they hold, the open ones first."""
    found = []
    for row in rows:
        state = (
            "over" if row.to_at is not None and row.to_at <= at else "coming" if row.from_at > at else "now"
        )
        where = projects.get(row.project_id, "别的项目") if row.project_id else "全公司"
        found.append(Held(row, where, state))
    return sorted(found, key=lambda one: (not one.open, -one.row.from_at.timestamp()))


@dataclass(frozen=True)
class Listed:
    """A person of the list."""

    person: Person
    posts: Sequence[Held]
    away: Delegation | None
    acting: Sequence[Delegation]


def listed(by: Person, at: datetime, *, left: bool = False) -> list[Listed]:
    """Return the people of the company with what they hold and who acts for whom; the same queries for any number."""
    projects = projects_by_key(by.company)
    rows = colleagues(by).filter(left_at__isnull=not left).prefetch_related("holdings__post")
    delegations = list(
        Delegation.objects.at(at)
        .filter(giver__company_id=by.company_id)
        .select_related("giver", "taker", "post")
        .order_by("from_at", "pk")
    )
    order = list(posts.BY_CODE)

    def place(one: Listed) -> tuple[int, str]:
        codes = [order.index(held.row.post.code) for held in one.posts if held.row.post.code in order]
        return (min(codes, default=len(order)), one.person.username)

    found = [
        Listed(
            person,
            [one for one in held(person.holdings.all(), projects, at) if one.open],
            next((one for one in delegations if one.giver_id == person.pk), None),
            [one for one in delegations if one.taker_id == person.pk],
        )
        for person in rows
    ]
    return sorted(found, key=place)


def delegations_in(company: Company, at: datetime) -> list[Delegation]:
    """Return the delegations of a company in force or to come, soonest first."""
    rows = Delegation.objects.filter(giver__company=company, ended_at=None, to_at__gt=at)
    return list(rows.select_related("giver", "taker", "post", "made_by").order_by("from_at", "pk"))


def burden(person: Person, at: datetime) -> list[str]:
    """Return, line by line, what a person holds that must move or end when they leave."""
    lines = []
    rows = Holding.objects.filter(person=person).open().select_related("post").order_by("pk")
    if names := [row.post.name for row in rows]:
        lines.append(f"岗位：{'、'.join(dict.fromkeys(names))}")
    if todos := Todo.objects.filter(person_id=person.pk).count():
        lines.append(f"指名由本人办的待办：{todos} 件")
    live = Delegation.objects.filter(Q(giver=person) | Q(taker=person), ended_at=None, to_at__gt=at)
    for one in live.select_related("giver", "taker").order_by("pk"):
        lines.append(f"代理：{one.taker.name}代{one.giver.name}")
    for seal in Seal.objects.in_use().filter(keeper=person).order_by("pk"):
        lines.append(f"保管的印章：{seal.name}")
    for department in Department.objects.filter(head=person).order_by("pk"):
        lines.append(f"部门负责人：{department.name}")
    tasks = Task.objects.filter(owner=person, state__in=[Task.State.OPEN, Task.State.DOING]).count()
    if tasks:
        lines.append(f"未完成的计划任务：{tasks} 项")
    return lines


def moved(person: Person) -> tuple[str, list[str]]:
    """Return why somebody left and what was moved, as the event of that act keeps it."""
    if person.left_at is None:
        return NOTHING, []
    events = Event.objects.filter(chain_id=person.company_id, step="org.leave", happened_at=person.left_at)
    for event in events.order_by("-pk"):
        said = chain.open_body(event.body)
        said = said.get("given", said)
        if said.get("person") == person.pk:
            return str(said.get("reason", "")), [str(line) for line in said.get("moved", [])]
    return NOTHING, []
