"""The paper of the front desk: 业户接待登记表, one row per visit of a day (domain 3, form 9)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Final

from django.db.models import QuerySet

from guiju.desk.models import FollowUp, Reception
from guiju.estate.models import Project
from guiju.kernel import chain
from guiju.kernel.models import Event
from guiju.kernel.numbering import ZONE
from guiju.kernel.process import process_of, processes
from guiju.org import posts
from guiju.org.masking import mask_name, mask_phone
from guiju.org.models import Person
from guiju.papers import receiving as paper
from guiju.papers.writing import short_moment

SOLVED: Final = {True: "已解决", False: "没有解决", None: ""}
HIDDEN = "（对你的岗位不显示）"


def reception_log(
    project: Project, on: date, *, receptions: QuerySet[Reception], masked: bool
) -> paper.ReceptionLogForm:
    """
    Build the register of a day from the receptions the reader may see, in the order they came (B-3.1-e).

    ``masked``: the reader's post needs no names, numbers and words of customers.
    """
    begin = datetime.combine(on, time(), ZONE)
    rows = list(
        receptions.filter(project=project, arrived_at__gte=begin, arrived_at__lt=begin + timedelta(days=1))
        .select_related("case", "unit__building", "owner").order_by("arrived_at", "pk")
    )  # fmt: skip
    later: dict[int, list[str]] = {}
    for one in FollowUp.objects.filter(case__in=[row.case_id for row in rows]).order_by("due_at", "pk"):
        words = f"{short_moment(one.due_at)} {one.what}{'（已办）' if one.done_at else ''}"
        later.setdefault(one.case_id, []).append(HIDDEN if masked else words)
    takers = _takers([row.handed_to for row in rows if row.handed_to])
    return paper.ReceptionLogForm(
        project=project.name,
        day=on,
        rows=tuple(
            _row(row, later.get(row.case_id, []), takers.get(row.handed_to, ""), masked) for row in rows
        ),
    )


def _takers(numbers: list[str]) -> Mapping[str, str]:
    """Return by case number to whom a matter was handed: who answered for the case from its first record on."""
    first = list(
        Event.objects.filter(case__number__in=numbers, case_seq=1).values_list("case__number", "body")
    )
    told = {number: chain.open_body(body) for number, body in first}
    people: dict[str, int] = {}
    found: dict[str, str] = {}
    for number, content in told.items():
        said, given = content.get("said") or {}, content.get("given") or {}
        person = said.get("handler") or said.get("owner")
        if isinstance(person, int):
            people[number] = person
        elif post := given.get("to_post"):
            found[number] = posts.label(str(post))
    names = dict(Person.objects.filter(pk__in=people.values()).values_list("pk", "name"))
    return found | {number: names.get(key, "") for number, key in people.items()}


def _row(row: Reception, later: list[str], taker: str, masked: bool) -> paper.Received:
    state = process_of(row.case.process).state(row.case.state)
    to = processes().get(row.handed_process)
    handed = (
        f"{to.label if to else ''} {short_moment(row.handed_at)} {row.handed_to}{f' {taker}' if taker else ''}"
        if row.handed_at is not None
        else ""
    )
    result = SOLVED[row.solved] or (state.label if row.closed_at is None else "")
    caller = row.caller or "未留姓名"
    return paper.Received(
        number=row.case.number, time=_clock(row.arrived_at), channel=row.via or row.get_channel_display(),
        visitor=mask_name(caller) if masked else caller, unit=row.unit.label if row.unit is not None else "",
        phone=mask_phone(row.phone) if masked else row.phone, kind=row.get_kind_display(),
        content=HIDDEN if masked else row.problem or row.words, answer=HIDDEN if masked and row.answer else row.answer,
        handed=handed, result=result, end=_clock(row.closed_at) if row.closed_at is not None else "",
        follow_up="；".join(later), receptionist=row.owner.name if row.owner is not None else "",
    )  # fmt: skip


def _clock(at: datetime) -> str:
    return f"{at.astimezone(ZONE):%H:%M}"
