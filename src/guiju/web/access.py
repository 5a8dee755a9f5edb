"""The gates of the staff pages: what one person may load, and nothing else. Outside the scope is "not found"."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest

from guiju.customers.models import Customer
from guiju.estate.models import Project, Unit
from guiju.kernel.models import Case
from guiju.kernel.prepared import prepared
from guiju.org.gates import scope_of
from guiju.org.models import Person
from guiju.org.secrecy import listed, may_open
from guiju.papers.models import Paper
from guiju.sales import gates

CHOSEN = "project"


class StaffRequest(HttpRequest):
    """A request of somebody who has signed in."""

    user: Person


def projects_of(person: Person, at: datetime) -> list[Project]:
    """Return the projects the person works in, by code."""
    scope = scope_of(person, at=at)
    return _projects(scope.companies, scope.projects)


def project_keys_of(person: Person, at: datetime) -> list[int]:
    """Return the keys of the projects the person works in."""
    scope = scope_of(person, at=at)
    return _project_keys(scope.companies, scope.projects)


@prepared
def _project_keys(companies: Collection[int], projects: Collection[int]) -> QuerySet[Project, int]:
    return Project.objects.filter(Q(company_id__in=companies) | Q(pk__in=projects)).values_list(
        "pk", flat=True
    )


@prepared
def _projects(companies: Collection[int], projects: Collection[int]) -> QuerySet[Project, Project]:
    rows = Project.objects.filter(Q(company_id__in=companies) | Q(pk__in=projects))
    return rows.order_by("code", "pk")


@prepared
def _case(number: str) -> QuerySet[Case, Case]:
    return Case.objects.filter(number=number)


def chosen_project(request: HttpRequest, projects: list[Project]) -> Project | None:
    """Return the project whose work is shown: the one chosen, or the only one; None means all."""
    if len(projects) == 1:
        return projects[0]
    wanted = request.session.get(CHOSEN)
    return next((project for project in projects if project.pk == wanted), None)


def cases_of(person: Person, at: datetime, project: Project | None = None) -> QuerySet[Case]:
    """Return the cases in the person's scope, of one project if one is chosen; confidential ones for their readers."""
    scope = scope_of(person, at=at)
    if project is not None:
        if not scope.holds(project.company_id, project.pk):
            return Case.objects.none()
        return Case.objects.filter(listed(person, at=at), scope_id=project.pk)
    return Case.objects.filter(scope.q(), listed(person, at=at))


def case_for(person: Person, number: str, at: datetime) -> Case:
    """
    Return a case in the person's scope.

    :raises Http404: there is none, or it is none of this person's business.
    """
    case = _case.one(number)
    if case is None or not may_open(person, case, at=at):
        raise Http404(f"没有编号为 {number} 的事项，或者它不在你的项目里。")
    return case


def units_of(person: Person, at: datetime) -> QuerySet[Unit]:
    """Return the units in the person's scope."""
    return Unit.objects.filter(scope_of(person, at=at).q("project__company_id", "project_id"))


def unit_for(person: Person, key: int, at: datetime) -> Unit:
    """
    Return a unit in the person's scope, with its building and project.

    :raises Http404: there is none, or it is none of this person's business.
    """
    unit = units_of(person, at).filter(pk=key).select_related("building", "project").first()
    if unit is None:
        raise Http404("没有这套房屋，或者它不在你的项目里。")
    return unit


def customers_of(person: Person, at: datetime) -> QuerySet[Customer]:
    """Return the customers who are the person's business; merged entries are left out."""
    return gates.customers_of(person, at).filter(merged_into=None)


def customer_for(person: Person, key: int, at: datetime) -> Customer:
    """
    Return a customer of a company that the person works for.

    :raises Http404: there is none, or it is none of this person's business.
    """
    customer = customers_of(person, at).filter(pk=key).first()
    if customer is None:
        raise Http404("没有这位客户，或者不在你的范围里。")
    return customer


def paper_for(person: Person, key: int, at: datetime) -> Paper:
    """
    Return a printed paper of a case in the person's scope.

    :raises Http404: there is none, or it is none of this person's business.
    """
    scope = scope_of(person, at=at)
    mine = Paper.objects.filter(scope.q("case__chain_id", "case__scope_id"), case__isnull=False)
    paper = mine.filter(pk=key).select_related("file", "case").first()
    if paper is None or paper.case is None or not may_open(person, paper.case, at=at):
        raise Http404("没有这份单据，或者它不在你的范围里。")
    return paper
