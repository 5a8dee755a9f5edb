"""Taking a step: its form made from the kernel's, errors beside the fields, nothing typed lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods
from pydantic import BaseModel

from guiju.kernel import acts, approvals, engine, ports
from guiju.kernel.engine import Option
from guiju.kernel.models import ApprovalRequest, Case, Event, Todo
from guiju.kernel.policy import Policy
from guiju.kernel.process import Process, process_of
from guiju.kernel.refusals import BadlyFilled, Refused, SomebodyWasFaster
from guiju.org.operations.looks import note_look
from guiju.papers.operations.attachments import UnableToStore
from guiju.quality.operations.equipment import used_at
from guiju.sop import reading
from guiju.sop.operations.slips import note_slip
from guiju.web import formats, signing, stepform, story, uploads
from guiju.web.about import about
from guiju.web.access import case_for
from guiju.web.cards import unit_card
from guiju.web.casepage import Why, whys
from guiju.web.lists import chips, title_of
from guiju.web.offering import choices_for
from guiju.web.prefill import prefill
from guiju.web.stepform import Field
from guiju.web.views import asking
from guiju.web.views.cases import uuid_of

RESERVED = ("happened_at",)


@dataclass(frozen=True)
class Refusal:
    """Why a step was not taken, for the top of the form."""

    title: str
    reasons: Sequence[Why]
    words: str = ""


@dataclass(frozen=True)
class Point:
    """A control point on the form of a step."""

    key: str
    label: str
    kind: str
    required: bool
    number: str
    done: bool
    waived: bool
    typed: str
    error: str
    by: str
    at: datetime | None
    field: Field
    fields: tuple[tuple[str, str, str], ...] = ()


@dataclass
class Typed:
    """What somebody typed into the form of a step."""

    given: dict[str, Any] = field(default_factory=dict)
    points: dict[str, Any] = field(default_factory=dict)
    happened_at: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)

    def as_given(self) -> dict[str, Any]:
        """Return it as ``advance`` takes it.

        :raises BadlyFilled: a file that came with it could not be taken in.
        """
        if self.unread:
            raise BadlyFilled(self.unread)
        given = dict(self.given)
        if self.points:
            given["points"] = self.points
        if self.happened_at:
            given["happened_at"] = self.happened_at
        return given


def typed(request: HttpRequest, form: type[BaseModel], option_points: Sequence[Any], at: datetime) -> Typed:
    """
    Return what was posted. Files and drawings are stored first, so that a refusal does not lose them. What is wrong
    with a file is said beside its field, and nothing else that was typed is lost.
    """
    by = asking.person(request)
    found = Typed(stepform.read(form, request.POST))
    found.unread = uploads.with_files(form, found.given, request.POST, request.FILES, by=by, at=at)
    for point in option_points:
        name = f"points.{point.key}"
        files = request.FILES.getlist(name) or request.FILES.getlist(f"{name}.file")
        text = request.POST.get(name, "").strip()
        if files:
            try:
                found.points[point.key] = uploads.take(files[-1], by=by, at=at).sha256
            except UnableToStore as refused:
                found.unread[name] = str(refused)
        elif point.kind == "tick":
            if text:
                found.points[point.key] = True
        elif point.kind == "record":
            lines = [
                f"{column}：{' '.join(request.POST.get(f'{name}.{place}', '').split())}"
                for place, column in enumerate(point.fields)
            ]
            if any(not line.endswith("：") for line in lines):
                found.points[point.key] = "\n".join(lines)
        elif text.startswith("{") and point.kind == "signature":
            try:
                found.points[point.key] = uploads.take_signature(text, by=by, at=at)
            except BadlyFilled as empty:
                found.unread[name] = empty.errors["signature"]
        elif text:
            found.points[point.key] = text
    found.happened_at = stepform.moment(request.POST.get("happened_at", ""))
    return found


def points_of(states: Sequence[Any], entered: Typed) -> list[Point]:
    """Return the control points of a step as the form shows them."""
    people = ports.people()
    found = []
    for state in states:
        point = state.point
        value = entered.points.get(point.key)
        text = "" if value in (None, False) else "1" if value is True else str(value)
        found.append(
            Point(
                point.key,
                point.label,
                point.kind,
                point.required,
                point.number,
                state.done,
                state.waived,
                text,
                entered.errors.get(f"points.{point.key}", ""),
                people.name(state.by_id) if state.by_id else "",
                state.at,
                Field(f"points.{point.key}", point.label, "file", value=text or state.value or ""),
                _columns(point, text or state.value or ""),
            )
        )
    return found


def _columns(point: Any, text: str) -> tuple[tuple[str, str, str], ...]:
    """Return the columns of a record form as (field name, label, what is written there)."""
    said = point.filled(text)
    return tuple(
        (f"points.{point.key}.{place}", column, said.get(column, ""))
        for place, column in enumerate(point.fields)
    )


@require_http_methods(["GET", "HEAD", "POST"])
@asking.tells_refusals
def step(request: HttpRequest, number: str, step: str) -> HttpResponse:
    """Show the form of a step; on POST take it through the one door."""
    at, by = asking.now(), asking.person(request)
    case = case_for(by, number, at)
    option = next((one for one in engine.options(case, by=by, at=at) if one.name == step), None)
    if option is None:
        raise Http404("没有这一步。")
    if request.method != "POST":
        # What was filled in before stands beside the form, with names and numbers.
        if not asking.masked(request, at, case):
            note_look(by, "case", case.pk, at=at, company_id=case.chain_id)
        return show(request, case, option, _before(case, option, by.pk))
    entered = typed(request, option.form, [state.point for state in option.points], at)
    if "add" in request.POST:
        return show(request, case, option, _one_more(entered, request.POST["add"]))
    version = request.POST.get("version", "")
    try:
        request_id = _returned(case, option, by.pk)
        if request_id is not None:
            acts.resubmit(request_id, given=entered.as_given(), by=by, at=at)
            messages.success(request, "已重新申请，等审批人表态")
        else:
            event = engine.advance(
                case,
                step,
                by=by,
                at=at,
                given=entered.as_given(),
                version=formats.whole(version),
                key=uuid_of(request.POST.get("key", "")),
            )
            messages.success(request, _done(case, option, event.step))
    except BadlyFilled as wrong:
        note_slip(case=case, step=step, refused=wrong, by=by, at=at)
        entered.errors = wrong.errors
        return show(
            request, case, option, entered, refused=_leftover(option.form, wrong), status=wrong.status
        )
    except Refused as refused:
        note_slip(case=case, step=step, refused=refused, by=by, at=at)
        case.refresh_from_db()
        policy = ports.policies().get(case.sop_version_id)
        words = (
            "看过改动后可以再办，你填的都还在。"
            if isinstance(refused, SomebodyWasFaster)
            else "你填的都还在，什么都没有改动。"
        )
        told = Refusal(refused.title, whys(refused.reasons, policy), words)
        fresh = next((one for one in engine.options(case, by=by, at=at) if one.name == step), option)
        return show(request, case, fresh, entered, refused=told, status=refused.status)
    return redirect(f"{reverse('web:case', args=[case.number])}?done={step}")


def _returned(case: Case, option: Option, person_id: int) -> int | None:
    """Return the request that came back to this person for this step, if there is one."""
    if case.pending_request_id is None:
        return None
    request = case.requests.get(pk=case.pending_request_id)
    mine = request.requested_by == person_id and request.step == option.name
    return request.pk if mine and request.state == ApprovalRequest.RETURNED else None


def _before(case: Case, option: Option, person_id: int) -> Typed:
    """Fill the form with what a returned request was given; empty otherwise."""
    key = _returned(case, option, person_id)
    if key is None:
        return Typed(prefill(case, option.name))
    given = approvals.given_of(case.requests.get(pk=key))
    points = given.pop("points", {}) or {}
    given.pop("happened_at", None)
    return Typed(given, dict(points))


def _one_more(entered: Typed, name: str) -> Typed:
    """Add an empty group where somebody without script asked for one."""
    rows = entered.given.setdefault(name, [])
    if isinstance(rows, list):
        rows.append({})
    return entered


def _leftover(form: type[BaseModel], wrong: BadlyFilled) -> Refusal | None:
    """Return errors that belong to no field of the page, so that none is hidden."""
    names = {name for name, _, _ in stepform.kinds(form)}
    known = {path for path in wrong.errors if path.split(".")[0] in names | {"points", *RESERVED}}
    rest = [Why(text, "") for path, text in wrong.errors.items() if path not in known]
    return Refusal(wrong.title, rest, "你填的都还在。") if rest else None


def _done(case: Case, option: Option, event_step: str) -> str:
    """Say what was done and who is next."""
    if event_step.startswith("request:"):
        return f"「{option.label}」已送审批，审批通过后生效"
    following = Todo.objects.filter(case_id=case.pk).order_by("due_at", "pk").first()
    if following is None:
        return f"「{option.label}」已办好"
    return (
        f"「{option.label}」已办好，下一步：{following.label}（{ports.people().post_label(following.post)}）"
    )


def approval_words(option: Option) -> str:
    """Return the approval chain of a step in a phrase."""
    people = ports.people()
    seats: dict[int, list[str]] = {}
    for seat in option.policy.approval:
        words = people.post_label(seat.post) + (
            f"（{reading.condition(seat.condition)}）" if seat.condition else ""
        )
        seats.setdefault(seat.order, []).append(words)
    return " → ".join("、".join(seats[order]) for order in sorted(seats))


SO_FAR = 6


def so_far(case: Case, process: Process, policy: Policy, *, masked: bool) -> dict[str, Any]:
    """Return what the way to here was given, newest first: who reviews sees what is reviewed. The fullest stands open."""
    way = [step.name for step in process.steps if step.opens or step.main]
    events = Event.objects.filter(case_id=case.pk, step__in=way).order_by("-case_seq")[:SO_FAR]
    lines = [line for line in story.read(list(events), process, policy, masked=masked) if line.facts]
    fullest = max(lines, key=lambda line: len(line.facts), default=None)
    return {"so_far": lines, "fullest": fullest.seq if fullest else 0}


def show(
    request: HttpRequest,
    case: Case,
    option: Option,
    entered: Typed,
    *,
    refused: Refusal | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    """Render the form of a step with what was typed; ``more`` is what an act beside it has to show."""
    at = asking.now()
    process = process_of(case.process)
    policy: Policy = ports.policies().get(case.sop_version_id)
    state = process.state(case.state)
    masked = asking.masked(request, at, case)
    choices = choices_for(case, masked=masked, at=at)
    fields = stepform.fields_of(option.form, entered.given, entered.errors, choices=choices)
    mistakes = stepform.summary(fields)
    happened_error = entered.errors.get("happened_at", "").split("：")[-1]
    if happened_error:
        mistakes.append(("f-happened_at", "发生时间", happened_error))
    units = about([case.pk], masked=masked)[case.pk].units
    back = reverse("web:case", args=[case.number])
    return render(
        request,
        "web/step.html",
        {
            "case": case,
            "label": option.label,
            # A title may name people.
            "subject": title_of(case, about([case.pk], masked=True)[case.pk]) if masked else case.title,
            "state_label": state.label,
            "tone": state.tone,
            "chip": chips([case.pk], at).get(case.pk),
            "fields": fields,
            "points": points_of(option.points, entered),
            "equipment": used_at(case),
            "mistakes": mistakes,
            "refused": refused,
            "warnings": []
            if refused
            else [why for why in whys(option.reasons, policy) if why.kind != "point"],
            "words": option.words,
            "number": option.number,
            "posts": "、".join(ports.people().post_label(post) for post in option.posts),
            "policy": option.policy,
            "approval_words": approval_words(option),
            "facts": unit_card(units[0], masked=masked).facts if units else [],
            "facts_title": unit_card(units[0], masked=masked).label if units else "",
            "happened_at": entered.happened_at[:16],
            "happened_error": happened_error,
            "key": uuid4(),
            "version": case.version,
            "draft": f"{case.number}:{option.name}",
            "returned": request.method == "POST",
            "back_url": back,
            "back_words": case.number,
            "consequence": _consequence(option, process),
            "signing": signing.panel(case, option.name, entered.given),
            "option_name": option.name,
            **so_far(case, process, policy, masked=masked),
            **more,
        },
        status=status,
    )


def _consequence(option: Option, process: Any) -> str:
    if option.policy.approval:
        if all(seat.condition for seat in option.policy.approval):
            return "符合右边的审批条件时先走审批，通过才生效。"
        return "提交后先走审批，通过才生效。"
    to = option.step.to
    return f"办好后事项变为「{to.label}」。" if to is not None else ""
