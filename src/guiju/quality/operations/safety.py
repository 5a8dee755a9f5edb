"""Safety incidents: written down with the SOP concerned, and counted by person, device and type of task (G-3-e, G-5.1-b)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from guiju.estate.models import Project
from guiju.kernel import engine
from guiju.kernel.process import processes
from guiju.kernel.refusals import BadlyFilled
from guiju.org.gates import require_post
from guiju.org.models import Company, Person
from guiju.quality.models import Equipment, SafetyIncident
from guiju.quality.people import ANYBODY
from guiju.sop.models import Document

RECORDED = "quality.incident"


def sop_of(process: str, company_id: int) -> Document | None:
    """Return the SOP of a process: the company's own, else the group's."""
    rows = Document.objects.filter(process=process).filter(Q(company_id=company_id) | Q(company=None))
    return min(rows, key=lambda row: row.company_id is None, default=None)


@transaction.atomic
def record_incident(
    *,
    company: Company,
    kind: str,
    words: str,
    measure: str,
    happened_at: datetime,
    by: Person,
    at: datetime,
    person: Person | None = None,
    equipment: Equipment | None = None,
    process: str = "",
    document: Document | None = None,
    project: Project | None = None,
    place: str = "",
) -> SafetyIncident:
    """
    Write down a safety incident. The SOP concerned is that of the type of task, or one named.

    :raises NotYourPost: the person holds no working post in the company.
    :raises BadlyFilled: nobody and nothing was involved, no SOP is named, or something else is missing.
    """
    require_post(by, *ANYBODY, at=at, company_id=company.pk, project_id=project.pk if project else None)
    concerned = document or (sop_of(process, company.pk) if process else None)
    wrong = {}
    if kind not in SafetyIncident.Kind.values:
        wrong["kind"] = "种类：请从所列的选项中选"
    if person is None and equipment is None:
        wrong["person"] = "涉及人员：人员和设备至少写一项"
    if process and process not in processes():
        wrong["process"] = "作业类型：请从所列的选项中选"
    elif concerned is None:
        wrong["document"] = "相关作业标准书：请选作业类型，或指明是哪份作业标准书"
    if len(words.strip()) < 2:
        wrong["words"] = "经过：请写明经过"
    if len(measure.strip()) < 2:
        wrong["measure"] = "处理和防范：请写明怎样处理，怎样防止再发生"
    if happened_at > at:
        wrong["happened_at"] = "发生时间：不能晚于现在"
    if wrong:
        raise BadlyFilled(wrong)
    assert concerned is not None
    made = SafetyIncident.objects.create(
        company=company, project=project, kind=kind, person=person, equipment=equipment, document=concerned,
        process=process, place=place.strip(), words=words.strip(), measure=measure.strip(), happened_at=happened_at,
        recorded_at=at, recorded_by=by,
    )  # fmt: skip
    given = {
        "incident": made.pk, "kind": kind, "person": person.pk if person else None,
        "equipment": equipment.code if equipment else "", "sop": concerned.code, "process": process,
    }  # fmt: skip
    engine.record(company_id=company.pk, step=RECORDED, by=by, at=at, given=given, happened_at=happened_at)
    return made


@dataclass(frozen=True)
class Tally:
    """Incidents of a period by one view: (what, how many), the most first."""

    label: str
    rows: Sequence[tuple[str, int]]


def tallies(where: Q, *, begin: datetime, end: datetime) -> list[Tally]:
    """Return the incidents from ``begin`` until before ``end`` by person, device, type of task and SOP (G-5.1-b)."""
    rows = SafetyIncident.objects.filter(where, happened_at__gte=begin, happened_at__lt=end)
    found: dict[str, Counter[str]] = {name: Counter() for name in ("人员", "设备", "作业类型", "作业标准书")}
    known = processes()
    for row in rows.select_related("person", "equipment", "document"):
        if row.person is not None:
            found["人员"][row.person.name] += 1
        if row.equipment is not None:
            found["设备"][str(row.equipment)] += 1
        found["作业类型"][known[row.process].label if row.process in known else "其他"] += 1
        found["作业标准书"][str(row.document)] += 1
    return [
        Tally(label, sorted(counts.items(), key=lambda one: (-one[1], one[0])))
        for label, counts in found.items()
    ]
