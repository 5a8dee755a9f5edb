"""The gates of the API: what the token's person may reach, and nothing else. Outside the scope is "not found"."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet
from django.http import Http404

from guiju.customers.models import Customer
from guiju.estate.models import Project, Unit
from guiju.estate.places import unit_at
from guiju.kernel.models import ApprovalRequest, Case, Todo
from guiju.kernel.prepared import prepared
from guiju.kernel.refusals import BadlyFilled
from guiju.org.gates import scope_of
from guiju.org.models import Person
from guiju.org.people import held_by
from guiju.org.secrecy import listed, may_open
from guiju.registers.rooms import building_key, entrance_key, read_places, room_key
from guiju.sales.gates import customers_of

BIGGEST = 2**63 - 1


def projects_of(person: Person, at: datetime) -> QuerySet[Project]:
    """Return the projects in the person's scope."""
    return Project.objects.filter(scope_of(person, at=at).q("company_id", "pk"))


def project_named(person: Person, code: str, at: datetime) -> Project:
    """
    Return a project of the person's scope by its code.

    :raises Http404: there is none, or it is outside.
    """
    project = projects_of(person, at).filter(code=code).first()
    if project is None:
        raise Http404(f"没有编号为 {code} 的项目，或者它不在你的范围里")
    return project


def cases_of(person: Person, at: datetime) -> QuerySet[Case]:
    """Return the cases in the person's scope; confidential ones for their readers."""
    return Case.objects.filter(scope_of(person, at=at).q(), listed(person, at=at))


def case_for(person: Person, number: str, at: datetime) -> Case:
    """
    Return a case of the person's scope by its number.

    :raises Http404: there is none, or it is outside.
    """
    case = _case.one(number)
    if case is None or not may_open(person, case, at=at):
        raise Http404(f"没有编号为 {number} 的事项，或者它不在你的项目里")
    return case


def case_of_act(person: Person, case_id: int | None, at: datetime) -> Case:
    """
    Return the case that an act of this person concerned.

    :raises Http404: there is none, or it is outside the person's scope.
    """
    case = _case_at.one(case_id) if case_id is not None else None
    if case is None or not may_open(person, case, at=at):
        raise Http404("没有这个事项，或者它不在你的项目里")
    return case


@prepared
def _case(number: str) -> QuerySet[Case, Case]:
    return Case.objects.filter(number=number)


@prepared
def _case_at(key: int) -> QuerySet[Case, Case]:
    return Case.objects.filter(pk=key)


def requests_of(person: Person, at: datetime) -> QuerySet[ApprovalRequest]:
    """Return the approval requests of cases in the person's scope."""
    return ApprovalRequest.objects.filter(scope_of(person, at=at).q("case__chain_id", "case__scope_id"))


def waiting_for(person: Person, at: datetime) -> list[int]:
    """Return the keys of requests with a seat that waits for a post of the person: read from the to-dos of its posts."""
    mine = Q(pk__in=[])
    for held in held_by(person.pk):
        if held.in_force(at):
            where = (
                {"chain_id": held.company_id} if held.project_id is None else {"scope_id": held.project_id}
            )
            mine |= Q(post=held.post, **where)
    todos = Todo.objects.filter(mine, act__startswith="approve:")
    keys = todos.values_list("case__pending_request_id", flat=True).distinct()
    return [key for key in keys if key is not None]


def request_for(person: Person, key: int, at: datetime) -> ApprovalRequest:
    """
    Return an approval request of the person's scope, with its case.

    :raises Http404: there is none, or it is outside.
    """
    request = requests_of(person, at).filter(pk=key).select_related("case").first()
    if request is None:
        raise Http404("没有这个审批申请，或者它不在你的项目里")
    return request


def colleague(person: Person, key: int) -> Person:
    """
    Return somebody of the same company.

    :raises Http404: there is nobody with this key, or the person belongs to another company.
    """
    found = Person.objects.filter(company_id=person.company_id, pk=key).first()
    if found is None:
        raise Http404("没有这个人，或者不在你的公司")
    return found


def units_of(person: Person, at: datetime) -> QuerySet[Unit]:
    """Return the units in the person's scope, with building and project."""
    units = Unit.objects.filter(scope_of(person, at=at).q("project__company_id", "project_id"))
    return units.select_related("building", "project")


def unit_for(person: Person, key: int, at: datetime) -> Unit:
    """
    Return a unit of the person's scope.

    :raises Http404: there is none, or it is outside.
    """
    unit = units_of(person, at).filter(pk=key).first()
    if unit is None:
        raise Http404("没有这套房屋，或者它不在你的项目里")
    return unit


def unit_named(person: Person, name: int | str, project: Project | None, at: datetime) -> Unit:
    """
    Return the unit that a key or a label means: ``17``, ``1-1-1502``, ``1号楼-1-1502``, ``1号楼 1单元 1502``.

    :raises Http404: no unit of the person's scope is called so.
    :raises BadlyFilled: the label means several units, or units of several projects.
    """
    absent = Http404(f"没有叫「{name}」的房屋，或者它不在你的项目里")
    if isinstance(name, int) or (name.isascii() and name.isdigit()):
        key = int(name)
        unit = unit_at.one(key) if 0 < key <= BIGGEST else None
        if unit is None or not scope_of(person, at=at).holds(unit.project.company_id, unit.project_id):
            raise absent
        if project is not None and unit.project_id != project.pk:
            raise absent
        return unit
    units = units_of(person, at)
    if project is not None:
        units = units.filter(project=project)
    places = read_places(name)
    rooms = {name.rsplit("-", 1)[-1].strip()} | {place.room for place in places}
    found = []
    for unit in units.filter(Q(room__in=rooms)).order_by("pk")[:500]:
        keys = (building_key(unit.building.name), entrance_key(unit.entrance) if unit.entrance else "")
        meant = any(
            room_key(unit.room) == place.room
            and place.building in (None, keys[0])
            and (place.entrance or "") in ("", keys[1])
            for place in places
        )
        if name in (unit.label, unit.short) or meant:
            found.append(unit)
    exact = [unit for unit in found if name in (unit.label, unit.short)]
    found = exact or found
    if not found:
        raise absent
    if len(found) > 1:
        raise BadlyFilled({"unit": "房屋：这样写可以指几套房屋，请写全楼栋、单元和房号，并写明 project"})
    return found[0]


@prepared
def customer_named(key: int) -> QuerySet[Customer, Customer]:
    """Read the name of a customer whose case the person may see; the caller masks it."""
    return Customer.objects.filter(pk=key).only("id", "name")


def customer_for(person: Person, key: int, at: datetime) -> Customer:
    """
    Return a customer who is the person's business.

    :raises Http404: there is none, or it belongs to another company.
    """
    customer = customers_of(person, at).filter(pk=key).first()
    if customer is None:
        raise Http404("没有这位客户，或者不在你的范围里")
    return customer
