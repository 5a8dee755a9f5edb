"""The master data of projects: kind, service centre, and what papers say of the seller (B-2.0-a, I-1-m)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from guiju.estate.models import Project
from guiju.kernel import engine
from guiju.kernel.refusals import Refused
from guiju.org.gates import require_administrator
from guiju.org.models import Person

FIELDS = (
    "name", "kind", "service_centre", "city", "address", "signing_place", "escrow_bank", "escrow_account",
    "seller_address", "seller_qualification", "seller_representative", "seller_phone",
)  # fmt: skip


class UnableToDescribeProject(Refused):
    """The project cannot be described like this; the text says why."""


@transaction.atomic
def describe_project(*, project: Project, by: Person, at: datetime, **values: str) -> Project:
    """
    Change the master data of a project; an event of its company with old and new values.

    :raises NotYourPost: ``by`` is no administrator of the company.
    :raises UnableToDescribeProject: no name, a kind that does not exist, or no service centre of the project's own.
    """
    require_administrator(by, company_id=project.company_id, at=at)
    locked = Project.objects.select_for_update().select_related("company").get(pk=project.pk)
    given = {name: values[name].strip() for name in FIELDS if name in values}
    if not locked.company.operating:
        raise UnableToDescribeProject(f"{locked.company}不是经营主体，项目须归拥有项目、签订合同的公司。")
    if not given.get("name", locked.name):
        raise UnableToDescribeProject("请填写项目名称。")
    if given.get("kind", locked.kind) not in dict(Project.KINDS):
        raise UnableToDescribeProject("请选住宅小区或写字楼。")
    centre = given.get("service_centre", locked.service_centre)
    if not centre:
        raise UnableToDescribeProject("请填写项目服务中心：每个项目有自己的服务中心。")
    other = Project.objects.filter(company_id=locked.company_id, service_centre=centre).exclude(pk=locked.pk)
    if other.exists():
        raise UnableToDescribeProject(f"「{centre}」是另一个项目的服务中心，每个项目有自己的服务中心。")
    changed = {name: value for name, value in given.items() if getattr(locked, name) != value}
    if not changed:
        return locked
    old = {name: getattr(locked, name) for name in changed}
    for name, value in changed.items():
        setattr(locked, name, value)
    locked.save(update_fields=sorted(changed))
    engine.record(
        company_id=locked.company_id,
        step="estate.describe_project",
        by=by,
        at=at,
        given={"project": locked.code, "old": old, "new": changed},
    )
    return locked
