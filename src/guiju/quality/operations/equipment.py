"""The equipment register: devices with their maintenance requirements, what is due, and what was done (G-5.3)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction

from guiju.estate.models import Project
from guiju.kernel import engine
from guiju.kernel.models import Case
from guiju.kernel.numbering import ZONE
from guiju.kernel.process import processes
from guiju.kernel.refusals import BadlyFilled
from guiju.org import posts
from guiju.org.gates import require_post
from guiju.org.models import Company, Person
from guiju.quality.models import Equipment, Maintenance

KEEPERS: Final = (
    posts.FOREMAN,
    posts.SERVICE_MANAGER,
    posts.QUALITY,
    posts.CS_ASSISTANT_MANAGER,
    posts.CS_MANAGER,
)
WORKERS: Final = (*KEEPERS, posts.TECHNICIAN, posts.ONSITE)
ENTERED, MAINTAINED = "quality.equipment", "quality.maintained"


@transaction.atomic
def add_equipment(
    *,
    company: Company,
    code: str,
    name: str,
    requirements: str,
    every_days: int,
    in_use_date: date,
    life_months: int,
    works: Collection[str],
    by: Person,
    at: datetime,
    model: str = "",
    project: Project | None = None,
) -> Equipment:
    """
    Put a device on the register with what its maintenance requires and how often.

    :raises NotYourPost: only those who keep the register do so.
    :raises BadlyFilled: number taken, no requirement, no cycle, or a process that does not exist.
    """
    require_post(by, *KEEPERS, at=at, company_id=company.pk, project_id=project.pk if project else None)
    wrong = {}
    if Equipment.objects.filter(company=company, code=code.strip()).exists():
        wrong["code"] = f"设备编号：{code.strip()} 已经登记过"
    if len(requirements.strip()) < 2:
        wrong["requirements"] = "维护要求：写明怎么维护"
    if every_days < 1:
        wrong["every_days"] = "维护周期：至少一天"
    if life_months < 1:
        wrong["life_months"] = "使用寿命：至少一个月"
    if unknown := [work for work in works if work not in processes()]:
        wrong["works"] = f"用于流程：没有流程「{unknown[0]}」"
    if wrong:
        raise BadlyFilled(wrong)
    made = Equipment.objects.create(
        company=company, project=project, code=code.strip(), name=name.strip(), model=model.strip(),
        requirements=requirements.strip(), every_days=every_days, in_use_date=in_use_date, life_months=life_months,
        works=list(works), next_date=in_use_date + timedelta(days=every_days),
    )  # fmt: skip
    given = {"code": made.code, "name": made.name, "every": every_days, "works": made.works}
    engine.record(company_id=company.pk, step=ENTERED, by=by, at=at, given=given)
    return made


@transaction.atomic
def maintain(
    *, equipment: Equipment, done_date: date, words: str, condition: str, by: Person, at: datetime
) -> Maintenance:
    """
    Write down a maintenance; the next one is due its cycle later.

    :raises NotYourPost: neither a keeper nor a technician.
    :raises BadlyFilled: nothing was written, or the day has not come or lies before the device was in use.
    """
    require_post(by, *WORKERS, at=at, company_id=equipment.company_id, project_id=equipment.project_id)
    wrong = {}
    if len(words.strip()) < 2:
        wrong["words"] = "做了什么：写明做了哪些维护"
    if done_date > at.astimezone(ZONE).date():
        wrong["done_date"] = "维护日期：不能晚于今天"
    if done_date < equipment.in_use_date:
        wrong["done_date"] = "维护日期：不能早于启用日期"
    if condition not in Equipment.Condition.values:
        wrong["condition"] = "维护后状况：请从所列的选项中选"
    if wrong:
        raise BadlyFilled(wrong)
    made = Maintenance.objects.create(
        equipment=equipment, done_date=done_date, words=words.strip(), condition=condition, recorded_at=at,
        recorded_by=by,
    )  # fmt: skip
    last = equipment.maintenances.order_by("-done_date", "-pk").first()
    assert last is not None
    equipment.condition = last.condition
    equipment.next_date = last.done_date + timedelta(days=equipment.every_days)
    equipment.save(update_fields=["condition", "next_date"])
    given = {"code": equipment.code, "done": done_date.isoformat(), "condition": condition}
    engine.record(company_id=equipment.company_id, step=MAINTAINED, by=by, at=at, given=given)
    return made


def used_at(case: Case) -> list[Equipment]:
    """Return the devices that tasks of the case's process use in its company and project, by number (G-5.3-a)."""
    rows = Equipment.objects.filter(company_id=case.chain_id).exclude(condition=Equipment.Condition.SCRAPPED)
    return [
        row
        for row in rows.order_by("code")
        if case.process in row.works and row.project_id in (None, case.scope_id)
    ]
