"""What the API says about a case, the same everywhere: personal data masked, clauses and reasons in full (DECISIONS 20)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson
from django.db.models import QuerySet

from guiju.api.access import customer_named
from guiju.customers.models import Customer
from guiju.estate.models import Project, Unit
from guiju.estate.places import unit_at
from guiju.kernel import approvals, calendar, clocks, engine, ports
from guiju.kernel.engine import Option
from guiju.kernel.forms import Form
from guiju.kernel.models import ApprovalRequest, Case, CaseLink, Clock, ClockPause, Event
from guiju.kernel.policy import Policy
from guiju.kernel.prepared import prepared
from guiju.kernel.process import Process, process_of
from guiju.org.masking import mask_name
from guiju.org.models import Person

ACTS = {
    "note": "备注", "tick": "控制要点", "override": "放行控制要点", "pause": "暂停时限", "resume": "恢复时限", "move": "改用新版 SOP",
    "classify": "改密级", "evidence": "制作证据包",
}  # fmt: skip
PREFIXES = {
    "request": "申请", "vote": "审批", "resubmit": "重新申请", "withdraw": "撤回申请", "returned": "退回申请",
    "clock": "时限",
}  # fmt: skip
CLOCK_EVENTS = {"remind": "提醒", "due": "到期", "escalate": "督办"}
NOTICE_EVENTS = {
    "sent": "通知已发出", "delivered": "通知已送达", "answer": "客户回复", "done": "与客户沟通", "missed": "没有联系上",
    "posted": "信函寄出", "returned": "信函退回",
}  # fmt: skip


@dataclass
class About:
    """What the cases of a page are about, read in as many queries for one case as for a hundred."""

    units: dict[int, Unit] = field(default_factory=dict)
    customers: dict[int, Customer] = field(default_factory=dict)
    projects: dict[int, str] = field(default_factory=dict)
    links: dict[int, dict[str, list[int]]] = field(default_factory=dict)

    def unit(self, case: Case) -> dict[str, Any] | None:
        """The unit of a case, or None."""
        for key in self.links.get(case.pk, {}).get("unit", []):
            if key in self.units:
                return unit_said(self.units[key])
        return None

    def buyers(self, case: Case) -> list[dict[str, Any]]:
        """The customers of a case, their names masked."""
        keys = self.links.get(case.pk, {}).get("customer", [])
        return [
            {"id": key, "name": mask_name(self.customers[key].name)} for key in keys if key in self.customers
        ]


class Words:
    """The names of people and posts that one answer needs."""

    def __init__(self, people: Iterable[int | None] = ()) -> None:
        """``people`` are read at once: lists name many."""
        wanted = {key for key in people if key is not None}
        self._people = dict(Person.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}
        self._posts: dict[str, str] = {}

    def person(self, key: int | None) -> str | None:
        """The name of a person, also of one who left; None for the system."""
        if key is None:
            return None
        if key not in self._people:
            self._people[key] = ports.people().name(key)
        return self._people[key]

    def post(self, code: str) -> str:
        """The name of a post."""
        if code not in self._posts:
            self._posts[code] = ports.people().post_label(code)
        return self._posts[code]


def unit_said(unit: Unit) -> dict[str, Any]:
    """Return a unit as cases name it."""
    return {"id": unit.pk, "label": unit.label, "short": unit.short, "project": unit.project.code}


def about(cases: Sequence[Case]) -> About:
    """Read what the cases are about."""
    found = About()
    links: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    keys: dict[str, set[int]] = defaultdict(set)
    rows = CaseLink.objects.filter(case_id__in=[case.pk for case in cases], kind__in=["unit", "customer"])
    for case_id, kind, key in rows.order_by("id").values_list("case_id", "kind", "key"):
        links[case_id][kind].append(key)
        keys[kind].add(key)
    found.links = dict(links)
    units = Unit.objects.filter(pk__in=keys["unit"]).select_related("building", "project")
    found.units = {unit.pk: unit for unit in units}
    found.customers = Customer.objects.only("id", "name").in_bulk(keys["customer"])
    scopes = {case.scope_id for case in cases if case.scope_id is not None}
    found.projects = dict(Project.objects.filter(pk__in=scopes).values_list("pk", "code"))
    return found


@prepared
def _links(case_id: int) -> QuerySet[CaseLink, tuple[str, int]]:
    rows = CaseLink.objects.filter(case_id=case_id, kind__in=["unit", "customer"])
    return rows.order_by("id").values_list("kind", "key")


def about_one(case: Case) -> About:
    """Read what one case is about."""
    found = About()
    links: dict[str, list[int]] = defaultdict(list)
    for kind, key in _links(case.pk):
        links[kind].append(key)
        if kind == "unit" and (unit := unit_at.one(key)) is not None:
            found.units[key] = unit
            found.projects[unit.project_id] = unit.project.code
        elif kind == "customer" and (customer := customer_named.one(key)) is not None:
            found.customers[key] = customer
    found.links[case.pk] = links
    if case.scope_id is not None and case.scope_id not in found.projects:
        found.projects[case.scope_id] = ports.scope_code(case.scope_id)
    return found


def brief(case: Case, known: About) -> dict[str, Any]:
    """Return a case as lists show it."""
    process = process_of(case.process)
    policy = ports.policies().get(case.sop_version_id)
    state, unit = process.state(case.state), known.unit(case)
    return {
        "number": case.number,
        "process": case.process,
        "process_label": process.label,
        "sop": policy.code,
        "sop_version": policy.version,
        "state": case.state,
        "state_label": state.label,
        "version": case.version,
        "project": known.projects.get(case.scope_id or 0),
        "unit": unit,
        "customers": known.buyers(case),
        "opened_at": case.opened_at,
        "due_at": case.due_at,
        "closed_at": case.closed_at,
        "historic": case.historic,
        "secrecy": case.secrecy,
    }


def whole(case: Case, *, by: Person, at: datetime) -> dict[str, Any]:
    """Return a case in full: clocks with their explanation, steps with what is missing, story, approval in hand."""
    process = process_of(case.process)
    policy = ports.policies().get(case.sop_version_id)
    newest = _newest(case.pk)
    request = None
    if case.pending_request_id is not None:
        request = ApprovalRequest.objects.prefetch_related("votes").get(pk=case.pending_request_id)
    words = Words()
    return {
        **brief(case, about_one(case)),
        "clocks": _clocks(case),
        "steps": [_step(option, policy, words) for option in engine.options(case, by=by, at=at)],
        "events": [_event(event, process, policy, words) for event in newest[:STORY][::-1]],
        "earlier": len(newest) > STORY,
        "approval": approval_said(request, case, words) if request is not None else None,
    }


#: So many events a case tells with itself, the newest; the whole story is walked by key.
STORY = 100


@prepared
def _newest(case_id: int) -> QuerySet[Event, Event]:
    return Event.objects.filter(case_id=case_id).defer("body").order_by("-case_seq")[: STORY + 1]


def story(case: Case, *, after: int, limit: int) -> list[dict[str, Any]]:
    """Return what happened on a case from the event after ``after``, the oldest first, and one more than ``limit``."""
    process, policy = process_of(case.process), ports.policies().get(case.sop_version_id)
    rows = Event.objects.filter(case_id=case.pk, case_seq__gt=after).defer("body").order_by("case_seq")
    found = list(rows[: limit + 1])
    words = Words(key for event in found for key in (event.actor_id, event.behalf_id))
    return [_event(event, process, policy, words) for event in found]


@prepared
def _clocks_of(case_id: int) -> QuerySet[Clock, Clock]:
    return Clock.objects.filter(case_id=case_id).order_by("due_at", "id")


@prepared
def _pauses_of(case_id: int) -> QuerySet[ClockPause, ClockPause]:
    return ClockPause.objects.filter(clock__case_id=case_id).order_by("paused_at", "id")


def _clocks(case: Case) -> list[dict[str, Any]]:
    rows = _clocks_of(case.pk)
    days = calendar.current(case.chain_id) if rows else None
    pauses = _pauses_of(case.pk) if rows else []
    return [
        {
            "name": clock.name,
            "label": clock.label,
            "limit": clock.limit,
            "state": clock.state,
            "started_at": clock.started_at,
            "due_at": clock.due_at,
            "stopped_at": clock.stopped_at,
            "overdue": clock.breached_at is not None or clock.state == Clock.LATE,
            "explanation": clocks.explain(
                clock, case, days=days, pauses=[pause for pause in pauses if pause.clock_id == clock.pk]
            ),
        }
        for clock in rows
    ]


def _step(option: Option, policy: Policy, words: Words) -> dict[str, Any]:
    return {
        "name": option.name,
        "label": option.label,
        "clause": option.clause,
        "clause_number": option.number,
        "words": option.words,
        "posts": [{"code": post, "name": words.post(post)} for post in option.posts],
        "open": option.open,
        "fillable": option.fillable,
        "primary": option.primary,
        "reasons": [
            {"text": r.text, "clause": r.clause, "clause_number": policy.number(r.clause) if r.clause else "",
             "kind": r.kind, "key": r.key}
            for r in option.reasons
        ],
        "points": [
            {"key": state.point.key, "label": state.point.label, "kind": state.point.kind,
             "clause": state.point.clause, "required": state.point.required, "hard": state.point.hard,
             "done": state.value is not None, "waived": state.waived}
            for state in option.points
        ],
        "form": _form_text(option),
    }  # fmt: skip


def _form_text(option: Option) -> orjson.Fragment:
    """Return the form as JSON text, which is the same for many cases."""
    open_points = tuple(state.point.key for state in option.points if state.point.required and not state.done)
    key = (option.form, option.policy.points, bool(option.points), open_points)
    found = _forms.get(key)
    if found is None:
        if len(_forms) >= FORMS_KEPT:
            _forms.clear()
        found = _forms[key] = orjson.dumps(form_of(option))
    return orjson.Fragment(found)


FORMS_KEPT = 4096
_forms: dict[tuple[Any, ...], bytes] = {}


@lru_cache(maxsize=256)
def _schema(form: type[Form]) -> Mapping[str, Any]:
    return form.model_json_schema()


def form_of(option: Option) -> dict[str, Any]:
    """Return the JSON Schema of what the step asks for, with its control points and the moment of the act."""
    schema = dict(_schema(option.form))
    said = dict(schema.get("properties", {}))
    if option.policy.points:
        wanted = {}
        for state in option.points or [engine.PointState(point, None) for point in option.policy.points]:
            point = state.point
            entry: dict[str, Any] = {"title": point.label, "x-kind": point.kind}
            if point.kind == "tick":
                entry["type"] = "boolean"
            else:
                entry |= {"type": "string", "maxLength": 2000}
            if point.kind in ("photo", "signature"):
                entry["pattern"] = "^[0-9a-f]{64}$"
            if point.kind == "record":
                entry |= {"description": "一行一栏，写作「栏目：内容」", "x-fields": list(point.fields)}
            wanted[point.key] = entry
        missing = [s.point.key for s in option.points if s.point.required and not s.done]
        said["points"] = {
            "type": "object",
            "title": "控制要点",
            "properties": wanted,
            "additionalProperties": False,
        }
        if missing:
            said["points"]["required"] = missing
    said["happened_at"] = {
        "type": "string", "format": "date-time", "title": "发生时间", "description": "不填就是现在；补录时填真实发生的时间",
    }  # fmt: skip
    return {**schema, "properties": said}


def _event(event: Event, process: Process, policy: Policy, words: Words) -> dict[str, Any]:
    step = process.step(event.step)
    said = policy.steps.get(event.step)
    return {
        "seq": event.case_seq,
        "step": event.step,
        "label": _act_label(event.step, process, policy),
        "clause": (said.clause if said else "") or (step.clause if step else ""),
        "from_state": event.from_state,
        "to_state": event.to_state,
        "by": words.person(event.actor_id),
        "on_behalf_of": words.person(event.behalf_id),
        "post": event.post,
        "happened_at": event.happened_at,
        "recorded_at": event.recorded_at,
        "digest": event.digest,
    }


def _act_label(name: str, process: Process, policy: Policy) -> str:
    first, _, rest = name.partition(":")
    if rest:
        if first == "clock":
            return f"时限{CLOCK_EVENTS.get(rest, rest)}"
        if first == "notice":
            return NOTICE_EVENTS.get(rest, "通知")
        return f"{PREFIXES.get(first, first)}：{_act_label(rest, process, policy)}"
    step, said = process.step(name), policy.steps.get(name)
    return (said.label if said else "") or (step.label if step else "") or ACTS.get(name, name)


def _people_of(request: ApprovalRequest) -> list[int | None]:
    return [request.requested_by, *(vote.person_id for vote in request.votes.all())]


def approvals_said(requests: Sequence[ApprovalRequest]) -> list[dict[str, Any]]:
    """Return approval requests, read with their cases and votes."""
    words = Words([key for request in requests for key in _people_of(request)])
    return [approval_said(request, request.case, words) for request in requests]


def approval_said(request: ApprovalRequest, case: Case, words: Words) -> dict[str, Any]:
    """Return an approval request: who asked for which step, and what each seat of this round has said."""
    process = process_of(case.process)
    votes = {vote.seat: vote for vote in request.votes.all() if vote.round == request.round}
    waiting = request.state == ApprovalRequest.PENDING
    return {
        "id": request.pk,
        "case": case.number,
        "step": request.step,
        "label": _act_label(request.step, process, ports.policies().get(request.sop_version_id)),
        "state": request.state,
        "round": request.round,
        "requested_by": words.person(request.requested_by) or "",
        "requested_at": request.requested_at,
        "happened_at": request.happened_at,
        "seats": [
            {
                "seat": seat["seat"],
                "order": seat["order"],
                "post": seat["post"],
                "post_name": words.post(seat["post"]),
                "waiting": waiting and seat["order"] == request.order and seat["seat"] not in votes,
                "decision": votes[seat["seat"]].decision if seat["seat"] in votes else None,
                "by": words.person(votes[seat["seat"]].person_id) if seat["seat"] in votes else None,
                "reason": votes[seat["seat"]].reason if seat["seat"] in votes else "",
            }
            for seat in request.chain
        ],
    }


def may_decide(request: ApprovalRequest, *, by: Person, at: datetime) -> bool:
    """Whether a seat of the request waits for this person."""
    people, case = ports.people(), request.case
    barred = {request.requested_by, *people.delegates_of(request.requested_by, at=at)}
    if by.pk in barred or request.state != ApprovalRequest.PENDING:
        return False
    held = people.posts_of(by.pk, company_id=case.chain_id, project_id=case.scope_id, at=at)
    return any(
        seat["post"] in held and held[seat["post"]] not in barred for seat in approvals.open_seats(request)
    )


def page(rows: Iterable[dict[str, Any]], *, limit: int, key: str) -> dict[str, Any]:
    """Return one page of a list read with one row more than its limit; ``next`` is what ``after`` takes."""
    items = list(rows)
    more = len(items) > limit
    items = items[:limit]
    following = items[-1][key] if more else None
    return {"items": [{k: v for k, v in item.items() if k != "_key"} for item in items], "next": following}
