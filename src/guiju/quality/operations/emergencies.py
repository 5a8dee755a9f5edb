"""Emergencies: the SOP's procedure opened as a checklist; start, first response, end and effect recorded (G-5.4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from guiju.estate.models import Project
from guiju.kernel import engine
from guiju.kernel.models import Case
from guiju.kernel.refusals import BadlyFilled, Refused
from guiju.org.gates import require_post
from guiju.org.models import Company, Person
from guiju.quality.models import Emergency, EmergencyStep
from guiju.quality.people import ANYBODY
from guiju.sop.models import Version

DECLARED, STEPPED, RESPONDED, ENDED = (
    "quality.emergency_declared", "quality.emergency_step", "quality.emergency_responded", "quality.emergency_ended",
)  # fmt: skip


class UnableToHandle(Refused):
    """The emergency stays as it is; says why."""

    title = "没有记下"


@transaction.atomic
def declare(
    *,
    company: Company,
    version: Version,
    words: str,
    started_at: datetime,
    by: Person,
    at: datetime,
    project: Project | None = None,
    case: Case | None = None,
    place: str = "",
) -> Emergency:
    """
    Declare an emergency: the procedure of the SOP version opens as a checklist (G-5.4-a).

    :raises NotYourPost: the person holds no working post in the company.
    :raises UnableToHandle: the SOP has no emergency procedure.
    :raises BadlyFilled: nothing was written, or it starts in the future.
    """
    require_post(by, *ANYBODY, at=at, company_id=company.pk, project_id=project.pk if project else None)
    lines = version.content.get("emergency", [])
    if not lines:
        raise UnableToHandle(f"《{version.content.get('title', '')}》没有写紧急处理程序")
    if len(words.strip()) < 2:
        raise BadlyFilled({"words": "情况：请写明发生了什么"})
    if started_at > at:
        raise BadlyFilled({"started_at": "发生时间：不能晚于现在"})
    made = Emergency.objects.create(
        company=company, project=project, version=version, case=case, place=place.strip(), words=words.strip(),
        started_at=started_at, declared_at=at, declared_by=by,
    )  # fmt: skip
    EmergencyStep.objects.bulk_create(
        EmergencyStep(emergency=made, position=place, words=line) for place, line in enumerate(lines, 1)
    )
    given = {"emergency": made.pk, "sop": version.document.code, "case": case.number if case else ""}
    engine.record(company_id=company.pk, step=DECLARED, by=by, at=at, given=given, happened_at=started_at)
    return made


def _locked(emergency: Emergency, by: Person, at: datetime) -> Emergency:
    require_post(by, *ANYBODY, at=at, company_id=emergency.company_id, project_id=emergency.project_id)
    found = Emergency.objects.select_for_update().get(pk=emergency.pk)
    if found.ended_at is not None:
        raise UnableToHandle("这次紧急情况已经结束")
    return found


def _respond(found: Emergency, by: Person, at: datetime) -> None:
    if found.responded_at is None:
        found.responded_at, found.responded_by = at, by
        found.save(update_fields=["responded_at", "responded_by"])


@transaction.atomic
def respond(*, emergency: Emergency, by: Person, at: datetime) -> Emergency:
    """
    Note the first response: somebody is there or has taken it in hand.

    :raises UnableToHandle: somebody responded before, or it has ended.
    """
    found = _locked(emergency, by, at)
    if found.responded_at is not None:
        raise UnableToHandle("已经记过首次响应")
    _respond(found, by, at)
    engine.record(company_id=found.company_id, step=RESPONDED, by=by, at=at, given={"emergency": found.pk})
    return found


@transaction.atomic
def do_step(
    *, emergency: Emergency, position: int, by: Person, at: datetime, left_out: str = ""
) -> EmergencyStep:
    """
    Tick off a line of the procedure, or leave it out with the reason. Doing the first line is a first response.

    :raises UnableToHandle: there is no such line, it is dealt with, or the emergency has ended.
    """
    found = _locked(emergency, by, at)
    step = found.steps.filter(position=position).first()
    if step is None or step.done_at is not None:
        raise UnableToHandle("没有这一项，或者它已经办过")
    step.done_at, step.done_by, step.left_out = at, by, left_out.strip()[:200]
    step.save(update_fields=["done_at", "done_by", "left_out"])
    if not step.left_out:
        _respond(found, by, at)
    given = {"emergency": found.pk, "position": position, "left_out": step.left_out}
    engine.record(company_id=found.company_id, step=STEPPED, by=by, at=at, given=given)
    return step


@transaction.atomic
def end(*, emergency: Emergency, effect: str, by: Person, at: datetime) -> Emergency:
    """
    End an emergency with its effect (G-5.4-b).

    :raises UnableToHandle: nobody responded, or lines of the procedure are neither done nor left out with a reason.
    :raises BadlyFilled: no effect is written.
    """
    found = _locked(emergency, by, at)
    if found.responded_at is None:
        raise UnableToHandle("还没有记首次响应")
    open_ = list(found.steps.filter(done_at=None).order_by("position").values_list("words", flat=True))
    if open_:
        raise UnableToHandle(
            f"须按紧急处理程序办理，还有 {len(open_)} 项没有办：{open_[0]}。不需要办的写明原因"
        )
    if len(effect.strip()) < 2:
        raise BadlyFilled({"effect": "后果和影响：请写明，没有的写「无」和依据"})
    found.effect, found.ended_at, found.ended_by = effect.strip(), at, by
    found.save(update_fields=["effect", "ended_at", "ended_by"])
    given = {"emergency": found.pk, "minutes": found.response_minutes}
    engine.record(company_id=found.company_id, step=ENDED, by=by, at=at, given=given)
    return found


@dataclass(frozen=True)
class Responses:
    """How fast emergencies of a period were answered: how many, answered, mean and longest in minutes."""

    count: int
    answered: int
    mean: float | None
    longest: int | None


def responses(where: Q, *, begin: datetime, end: datetime) -> Responses:
    """Return the response times of emergencies that started from ``begin`` until before ``end`` (G-5.4-b)."""
    rows = list(Emergency.objects.filter(where, started_at__gte=begin, started_at__lt=end))
    took = [row.response_minutes for row in rows if row.response_minutes is not None]
    return Responses(len(rows), len(took), sum(took) / len(took) if took else None, max(took, default=None))
