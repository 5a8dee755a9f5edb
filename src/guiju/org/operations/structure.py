"""Changing the organisation: companies, centres, heads, functions, headcount, qualification."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from guiju.kernel.refusals import Refused
from guiju.org import people
from guiju.org.functions import team_of, without_post
from guiju.org.gates import require_administrator
from guiju.org.models import (
    Centre,
    Company,
    CompanyDuty,
    Department,
    Establishment,
    Function,
    FunctionMove,
    Group,
    Person,
    Post,
    Team,
)
from guiju.org.operations.recording import record

Kind, Hold, Basis = Company.Kind, Company.Hold, Company.Basis


class UnableToAddCompany(Refused):
    """The company cannot be added; the text says which rule of the group it breaks."""


def _wrong_company(kind: str, held_by: Company | None, hold: str, basis: str) -> str | None:
    """Return what is wrong with the holding that a company claims, by the definitions I-1-b to I-1-i."""
    if kind == Kind.PARENT:
        if held_by is not None or basis:
            return "集团公司在集团之下，没有持股单位。"
        return None
    if kind == Kind.SUBSIDIARY:
        if held_by is None or held_by.kind != Kind.PARENT or hold != Hold.CONTROL:
            return "子公司须由集团公司控股。"
        return None
    if kind == Kind.PARTICIPATING:
        by_share = held_by is not None and held_by.kind == Kind.PARENT and hold == Hold.SHARE
        by_control = held_by is not None and held_by.kind == Kind.SUBSIDIARY and hold == Hold.CONTROL
        return None if by_share or by_control else "参股企业须由集团公司参股，或由子公司控股。"
    if basis == Basis.SHARE:
        through = held_by is not None and held_by.kind in (Kind.SUBSIDIARY, Kind.PARTICIPATING)
        return (
            None if through and hold == Hold.SHARE else "以参股为依据的关联企业，须由子公司或参股企业参股。"
        )
    if basis == Basis.CHARTER:
        return None if held_by is None else "以承认章程为依据的关联企业，与集团没有产权关系。"
    if basis == Basis.INVESTMENT:
        invests = held_by is not None and held_by.kind == Kind.PARENT and hold == Hold.SHARE
        return None if invests else "以投资为依据的关联企业，须由集团公司投资。"
    return "请写明关联企业的依据：参股、承认章程，或只投资不经营。"


@transaction.atomic
def add_company(
    *,
    name: str,
    kind: str,
    recorded_in: Company,
    by: Person,
    at: datetime,
    held_by: Company | None = None,
    hold: str = "",
    basis: str = "",
    basis_note: str = "",
    short_name: str = "",
    credit_code: str = "",
    operating: bool = False,
) -> Company:
    """
    Add a member company of the group, of one of the four kinds (I-1-e to I-1-i). ``recorded_in`` keeps the event.

    :raises NotYourPost: ``by`` is no administrator of ``recorded_in``.
    :raises UnableToAddCompany: the name is taken, there is a parent already, or the holding does not fit the kind.
    """
    require_administrator(by, company_id=recorded_in.pk, at=at)
    if kind not in Kind.values:
        raise UnableToAddCompany("请选择公司类型。")
    if Company.objects.filter(name=name.strip()).exists():
        raise UnableToAddCompany(f"「{name.strip()}」已在册。")
    if kind == Kind.PARENT and Company.objects.filter(kind=Kind.PARENT).exists():
        raise UnableToAddCompany("集团公司只有一家，已在册。")
    if wrong := _wrong_company(kind, held_by, hold, basis):
        raise UnableToAddCompany(wrong)
    company = Company.objects.create(
        group=Group.objects.get(),
        kind=kind,
        name=name.strip(),
        short_name=short_name,
        credit_code=credit_code,
        held_by=held_by,
        hold=hold,
        basis=basis,
        basis_note=basis_note,
        operating=operating,
    )
    given = {"company": company.pk, "name": company.name, "kind": kind}
    record(recorded_in.pk, "add_company", by=by, at=at, given=given)
    return company


class UnableToAssignDuty(Refused):
    """The duty cannot be assigned to this centre."""


@transaction.atomic
def assign_duty(*, duty: CompanyDuty, centre: Centre, by: Person, at: datetime) -> CompanyDuty:
    """
    Give a duty of the group company to one of its centres (I-1-d).

    :raises NotYourPost: ``by`` is no administrator of the company.
    :raises UnableToAssignDuty: the centre belongs to another company.
    """
    require_administrator(by, company_id=duty.company_id, at=at)
    if centre.company_id != duty.company_id:
        raise UnableToAssignDuty("集团公司的职责由它自己的中心履行。")
    given = {"duty": duty.pk, "from": duty.centre_id, "to": centre.pk}
    duty.centre = centre
    duty.save(update_fields=["centre"])
    record(duty.company_id, "assign_duty", by=by, at=at, given=given)
    return duty


class UnableToAssignFunction(Refused):
    """The function cannot be assigned to this team."""


@transaction.atomic
def assign_function(
    *,
    function: Function,
    team: Team,
    by: Person,
    at: datetime,
    from_at: datetime | None = None,
    reason: str = "",
) -> Function:
    """
    Give a function to a team, now or from a later moment (I-3.1-d to w). To-dos of cases opened from then on go to
    the posts of that team; cases under way stay with the team that they began with. A planned move is taken back by
    giving the function to the former team from the same moment.

    :raises NotYourPost: ``by`` is no administrator of the company.
    :raises UnableToAssignFunction: another company's team, one that carries the function already or has no post for
        its steps, or a moment in the past.
    """
    require_administrator(by, company_id=function.company_id, at=at)
    from_at = from_at or at
    if team.department.company_id != function.company_id:
        raise UnableToAssignFunction("职能只能交给本公司的组。")
    if from_at < at:
        raise UnableToAssignFunction("移交不能早于现在。")
    before = team_of(function, from_at)
    if team.pk == before.pk:
        raise UnableToAssignFunction(f"「{function.name}」本来就由{team.name}负责。")
    if missing := without_post(function, team):
        raise UnableToAssignFunction(
            f"{team.name}没有可以办理{'、'.join(f'「{label}」' for label in missing)}的岗位，请先把岗位编到这个组。"
        )
    FunctionMove.objects.create(
        function=function, team=team, from_at=from_at, reason=reason.strip(), made_at=at, made_by=by
    )
    given = {
        "function": function.code,
        "from": before.pk,
        "to": team.pk,
        "from_at": from_at.isoformat(),
        "reason": reason.strip(),
    }
    people.forget()
    record(function.company_id, "assign_function", by=by, at=at, given=given)
    return function


class UnableToNameHead(Refused):
    """The person cannot head the department."""


@transaction.atomic
def name_head(*, department: Department, person: Person, by: Person, at: datetime) -> Department:
    """
    Name the head of a department, who receives reviews and SOP suggestions (G-4.5-d).

    :raises NotYourPost: ``by`` is no administrator of the company.
    :raises UnableToNameHead: the person left.
    """
    require_administrator(by, company_id=department.company_id, at=at)
    if not person.is_active:
        raise UnableToNameHead(f"{person.name}已离职，不能任负责人。")
    given = {"department": department.pk, "from": department.head_id, "to": person.pk}
    department.head = person
    department.save(update_fields=["head"])
    record(department.company_id, "name_head", by=by, at=at, given=given)
    return department


class UnableToPlanHeadcount(Refused):
    """The planned headcount is unfit."""


@transaction.atomic
def plan_headcount(*, establishment: Establishment, planned: int, by: Person, at: datetime) -> Establishment:
    """
    Set how many people a company plans for a post (人员编制, I-3.3-b).

    :raises NotYourPost: ``by`` is no administrator of the company.
    :raises UnableToPlanHeadcount: a negative number.
    """
    require_administrator(by, company_id=establishment.company_id, at=at)
    if planned < 0:
        raise UnableToPlanHeadcount("编制人数不能小于 0。")
    given = {"establishment": establishment.pk, "from": establishment.planned, "to": planned}
    establishment.planned = planned
    establishment.save(update_fields=["planned"])
    record(establishment.company_id, "plan_headcount", by=by, at=at, given=given)
    return establishment


class UnableToChangePost(Refused):
    """The post cannot be changed like this."""


@transaction.atomic
def change_post(
    *,
    post: Post,
    company: Company,
    by: Person,
    at: datetime,
    superior: Post | None,
    education: int,
    years: int,
    peer_years: int,
) -> Post:
    """
    Change whom a post reports to and what it requires. ``company`` keeps the event.

    :raises NotYourPost: ``by`` is no administrator of the company.
    :raises UnableToChangePost: the superior is the post itself or one of its juniors.
    """
    require_administrator(by, company_id=company.pk, at=at)
    over = superior
    while over is not None:
        if over.pk == post.pk:
            raise UnableToChangePost("直接上级不能是本岗位或它的下属岗位。")
        over = over.superior
    given = {
        "post": post.code,
        "from": [post.superior_id, post.education, post.years, post.peer_years],
        "to": [superior.pk if superior else None, education, years, peer_years],
    }
    post.superior, post.education, post.years, post.peer_years = superior, education, years, peer_years
    post.save(update_fields=["superior", "education", "years", "peer_years"])
    record(company.pk, "change_post", by=by, at=at, given=given)
    return post


class UnableToPlacePost(Refused):
    """The post cannot work in this team."""


@transaction.atomic
def place_post(
    *,
    establishment: Establishment,
    team: Team | None,
    by: Person,
    at: datetime,
    also: Collection[Team] = (),
) -> Establishment:
    """
    Let a post work in a team of its department, or in none, and in further teams beside it; the to-dos of the
    functions of these teams come to it from then on.

    :raises NotYourPost: ``by`` is no administrator of the company.
    :raises UnableToPlacePost: a team belongs to another department.
    """
    require_administrator(by, company_id=establishment.company_id, at=at)
    further = [one for one in also if one != team]
    if any(one.department_id != establishment.department_id for one in (*further, *([team] if team else []))):
        raise UnableToPlacePost(
            f"{establishment.post.name}属于{establishment.department.name}，只能编到本部门的组。"
        )
    given = {
        "establishment": establishment.pk,
        "from": [establishment.team_id, sorted(establishment.also.values_list("pk", flat=True))],
        "to": [team.pk if team is not None else None, sorted(one.pk for one in further)],
    }
    establishment.team = team
    establishment.save(update_fields=["team"])
    establishment.also.set(further)
    people.forget()
    record(establishment.company_id, "place_post", by=by, at=at, given=given)
    return establishment
