"""Acts on a case besides its steps: notes, control points, overrides, pauses, votes, corrections, moving to a new SOP.

Each is an event of the case, written through the same door: the case is locked, the event chained, all or nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from guiju.kernel import approvals, chain, clocks, engine, ports, readiness, store
from guiju.kernel.engine import Context, Work, lock_case
from guiju.kernel.forms import unsuitable
from guiju.kernel.models import ApprovalRequest, Case, Clock, Deviation, Event, Tick, Vote
from guiju.kernel.policy import Point
from guiju.kernel.ports import Actor
from guiju.kernel.process import process_of
from guiju.kernel.refusals import (
    BadlyFilled,
    NoSuchStep,
    NotReady,
    NotYourPost,
    Reason,
    Refused,
    SomebodyWasFaster,
)


class Act:
    """One act in hand: the locked case and the transaction's work."""

    def __init__(
        self, case: Case, work: Work, by: Actor, at: datetime, posts: Mapping[str, int | None]
    ) -> None:
        self.case, self.work, self.by, self.at, self.posts = case, work, by, at, posts
        self.process = process_of(case.process)
        self.policy = ports.policies().get(case.sop_version_id)
        self.pending: chain.Pending | None = None

    def context(self, step: str = "") -> Context:
        """Return the context for planning to-dos and clocks of the case."""
        return Context(
            case=self.case, process=self.process, step=self.process.step(step) or self.process.opening,
            policy=self.policy, by=self.by, at=self.at, recorded_at=self.at, work=self.work, posts=self.posts,
        )  # fmt: skip

    def say(self, name: str, *, post: str = "", key: UUID | None = None, **content: Any) -> chain.Pending:
        """Queue the act's event."""
        self.case.events += 1
        store.update(Case, {"events": self.case.events}, id=self.case.pk)
        self.pending = engine.queue(
            self.work, self.case, name, from_state=self.case.state, to_state=self.case.state, by_id=self.by.pk,
            behalf=self.posts.get(post), post=post, happened_at=self.at, recorded_at=self.at, key=key,
            content=content,
        )  # fmt: skip
        return self.pending

    def event(self) -> Event:
        """Return the event written (after the transaction's work is finished)."""
        assert self.pending is not None
        return engine._event(self.pending, self.work)


def _require_working_post(by: Actor, case: Case, at: datetime) -> Mapping[str, int | None]:
    posts = ports.people().posts_of(by.pk, company_id=case.chain_id, project_id=case.scope_id, at=at)
    if set(posts) <= engine.READ_ONLY_POSTS:
        raise NotYourPost([Reason("你在这个项目没有可以办理的岗位", kind="post")])
    return posts


@contextmanager
def _acting(case: Case | int, *, by: Actor, at: datetime) -> Iterator[Act]:
    """Lock the case for an act by somebody who holds a working post in its scope.

    :raises NotYourPost: the person holds none, or only a reading one.
    """
    with transaction.atomic():
        locked = lock_case(case)
        posts = _require_working_post(by, locked, at)
        act = Act(locked, Work(), by, at, posts)
        yield act
        if act.pending is not None:
            act.work.finish()


def note(
    case: Case | int,
    *,
    text: str,
    by: Actor,
    at: datetime,
    to_customer: bool = False,
    key: UUID | None = None,
) -> Event:
    """Write a note on a case; internal unless ``to_customer``.

    :raises BadlyFilled: it is empty or longer than 5,000 characters.
    """
    text = text.strip()
    if not text or len(text) > 5000:
        raise BadlyFilled({"text": "备注：请写 1 到 5000 个字"})
    if problem := unsuitable(text):
        raise BadlyFilled({"text": f"备注：{problem}"})
    with _acting(case, by=by, at=at) as act:
        if key is not None and (before := Event.objects.filter(key=key).first()):
            return engine.same_act(before, case_id=act.case.pk, step="note", by=by)
        act.say("note", key=key, text=text, to_customer=to_customer)
    return act.event()


def tick(case: Case | int, step: str, point: str, *, value: Any, by: Actor, at: datetime) -> Event:
    """Deal with a control point of a step in hand before the step is taken; an empty value takes it back.

    :raises NoSuchStep: the step or point does not exist.
    :raises NotReady: the case is not where the step can be taken.
    :raises NotYourPost: the step is not this person's.
    """
    with _acting(case, by=by, at=at) as act:
        found, known = _point(act, step, point)
        if process_of(act.case.process).state(act.case.state) not in found.when:
            raise NotReady([readiness.wrong_state(found, act.process, act.case)])
        post, _, _ = readiness.post_of(
            by, found, act.policy.step(step), act.case.chain_id, act.case.scope_id, at
        )
        if problem := readiness.bad_point(known, value):
            raise BadlyFilled({f"points.{point}": problem})
        Tick.objects.filter(case=act.case, step=step, point=point, used=False).delete()
        done = value not in (None, False, "")
        if done:
            stored = "是" if value is True else str(value)
            Tick.objects.create(
                case=act.case, step=step, point=point, value=stored, ticked_at=at, ticked_by=by.pk
            )
        act.say("tick", post=post, step=step, point=point, value=value if done else None, label=known.label)
    return act.event()


def _point(act: Act, step: str, point: str) -> tuple[Any, Point]:
    found = act.process.step(step)
    known = next((p for p in act.policy.step(step).points if p.key == point), None)
    if found is None or known is None:
        raise NoSuchStep("没有这个控制要点")
    return found, known


def override(case: Case | int, step: str, point: str, *, reason: str, by: Actor, at: datetime) -> Event:
    """Free one control point for one attempt; leaves a deviation record (DECISIONS 7).

    :raises NotReady: the point is hard, or the SOP names no post that may free it.
    :raises NotYourPost: the person does not hold the post that the SOP names.
    :raises BadlyFilled: no reason is given.
    """
    if len(reason.strip()) < 4:
        raise BadlyFilled({"reason": "放行理由：请写清楚，至少 4 个字"})
    with _acting(case, by=by, at=at) as act:
        found, known = _point(act, step, point)
        said = act.policy.step(step)
        if act.process.state(act.case.state) not in found.when:
            raise NotReady([readiness.wrong_state(found, act.process, act.case)])
        if Deviation.objects.filter(case=act.case, step=step, point=point, used_event=None).exists():
            raise SomebodyWasFaster(f"控制要点「{known.label}」已放行，办理一次有效")
        if known.hard or not said.override_post:
            raise NotReady([Reason(f"控制要点「{known.label}」不允许放行", known.clause or said.clause)])
        if said.override_post not in act.posts:
            label = ports.people().post_label(said.override_post)
            raise NotYourPost([Reason(f"放行控制要点须由{label}办理", said.clause, "post")])
        Deviation.objects.create(
            case=act.case, step=step, point=point, reason=reason.strip(), post=said.override_post, allowed_at=at,
            allowed_by=by.pk,
        )  # fmt: skip
        act.say(
            "override",
            post=said.override_post,
            step=step,
            point=point,
            label=known.label,
            reason=reason.strip(),
        )
    return act.event()


def classify(case: Case | int, secrecy: str, *, reason: str, by: Actor, at: datetime) -> Event:
    """Change the confidentiality class of a case, with a reason; who may do so is asked above the kernel.

    :raises BadlyFilled: no such class, or no reason is given.
    :raises SomebodyWasFaster: the case is of this class already.
    """
    if secrecy not in (Case.ORDINARY, Case.CONFIDENTIAL):
        raise BadlyFilled({"secrecy": "密级：请从列出的密级中选"})
    if len(reason.strip()) < 2:
        raise BadlyFilled({"reason": "原因：请写明为什么改密级"})
    with _acting(case, by=by, at=at) as act:
        before = act.case.secrecy
        if before == secrecy:
            raise SomebodyWasFaster("本事项已是这个密级")
        store.update(Case, {"secrecy": secrecy}, id=act.case.pk)
        act.case.secrecy = secrecy
        act.say("classify", old=before, new=secrecy, reason=reason.strip())
    return act.event()


def pause(case: Case | int, clock: str, *, reason: str, by: Actor, at: datetime) -> Event:
    """Pause a running clock, with a reason; law clocks cannot pause.

    :raises NotReady: the clock does not run or may not pause.
    :raises NotYourPost: no step of this case is the person's work.
    :raises BadlyFilled: no reason is given.
    """
    if len(reason.strip()) < 2:
        raise BadlyFilled({"reason": "暂停理由：请写清楚等什么"})
    with _acting(case, by=by, at=at) as act:
        _require_part(act)
        clocks.pause(act.context(), clock, reason.strip()[:200])
        _after_clock(act)
        act.say("pause", clock=clock, reason=reason.strip())
    return act.event()


def resume(case: Case | int, clock: str, *, by: Actor, at: datetime) -> Event:
    """Let a paused clock run again; its due moment is computed anew.

    :raises NotReady: the clock is not paused.
    :raises NotYourPost: no step of this case is the person's work.
    """
    with _acting(case, by=by, at=at) as act:
        _require_part(act)
        clocks.resume(act.context(), clock)
        _after_clock(act)
        act.say("resume", clock=clock)
    return act.event()


def _require_part(act: Act) -> None:
    """
    Let only those pass whose work a step of this case is: limits are not moved from outside.

    :raises NotYourPost: none is.
    """
    theirs = {post for step in act.policy.steps.values() for post in step.posts}
    if theirs and not act.posts.keys() & theirs:
        raise NotYourPost("时限由办这件事的岗位暂停和恢复。")


def _after_clock(act: Act) -> None:
    running = clocks.open_of(act.case)
    due = [clock.due_at for clock in running if clock.state == Clock.RUNNING]
    act.case.due_at = min(due) if due else None
    store.update(Case, {"due_at": act.case.due_at}, id=act.case.pk)
    engine.plan_todos(act.context(), running)


@store.once_more_after_deadlock
def vote(
    request_id: int,
    *,
    decision: str,
    by: Actor,
    at: datetime,
    reason: str = "",
    post: str = "",
    paper_sha256: str = "",
    recorded_by: Actor | None = None,
) -> Event:
    """
    Decide a seat of an approval: ``yes``, ``return`` or ``no``. The last yes takes the step as the requester.

    ``recorded_by``: a clerk enters a decision made on paper, with the signed scan (补录); it is marked as such.

    :raises NotYourPost: no open seat is this person's, or it is the person's own request.
    :raises BadlyFilled: returned or refused without a reason; a paper decision without its scan.
    :raises SomebodyWasFaster: the seat has been decided.
    """
    if decision not in (Vote.YES, Vote.RETURN, Vote.NO):
        raise BadlyFilled({"decision": "请选：同意、退回、不同意"})
    if decision != Vote.YES and len(reason.strip()) < 2:
        raise BadlyFilled({"reason": "意见：退回或不同意要写明理由"})
    if recorded_by is not None and len(paper_sha256) != 64:
        raise BadlyFilled({"paper_sha256": "补录书面意见要附签字件扫描"})
    clerk = recorded_by or by
    with transaction.atomic():
        case_id = ApprovalRequest.objects.values_list("case_id", flat=True).get(pk=request_id)
        locked = lock_case(case_id)
        request = ApprovalRequest.objects.get(pk=request_id)
        people = ports.people()
        posts = people.posts_of(by.pk, company_id=locked.chain_id, project_id=locked.scope_id, at=at)
        if request.state != ApprovalRequest.PENDING:
            raise SomebodyWasFaster("这个申请已有结果，或已退回修改")
        barred = {request.requested_by, *people.delegates_of(request.requested_by, at=at)}
        if by.pk in barred:
            raise NotYourPost([Reason("不能审批自己或自己代理人的申请", kind="approval")])
        for person in {person for entry in request.chain for person in entry.get("apart", ())}:
            barred |= {person, *people.delegates_of(person, at=at)}
        if by.pk in barred:
            raise NotYourPost([Reason("这件事与你本人或者你代理的人有关，请由别人审批", kind="approval")])
        if recorded_by is not None:
            if recorded_by.pk in barred:
                raise NotYourPost([Reason("申请人不能补录对自己申请的意见", kind="approval")])
            _require_working_post(recorded_by, locked, at)
        mine = {held for held, behalf in posts.items() if behalf not in barred}
        seats = [
            s for s in approvals.open_seats(request) if s["post"] in mine and (not post or s["post"] == post)
        ]
        if not seats:
            if Vote.objects.filter(request=request, round=request.round, person_id=by.pk).exists():
                raise SomebodyWasFaster("你已对这一轮申请表过态")
            if any(s["post"] in posts for s in approvals.open_seats(request)):
                raise NotYourPost([Reason("不能替申请人或其代理人审批这个申请", kind="approval")])
            waiting = "、".join(people.post_label(s["post"]) for s in approvals.open_seats(request))
            raise NotYourPost([Reason(f"现在等{waiting}审批", kind="approval")])
        seat = seats[0]
        act = Act(locked, Work(), clerk, at, posts)
        Vote.objects.create(
            request=request, round=request.round, seat=seat["seat"], post=seat["post"], person_id=by.pk,
            behalf_id=posts[seat["post"]], decision=decision, reason=reason.strip(), voted_at=at,
            paper_sha256=paper_sha256, recorded_by=recorded_by.pk if recorded_by else None,
        )  # fmt: skip
        act.say(
            f"vote:{request.step}", post=seat["post"], decision=decision, reason=reason.strip(), request=request.pk,
            round=request.round, voter=by.pk, paper=paper_sha256, on_paper=recorded_by is not None,
        )  # fmt: skip
        _count(act, request, decision, at)
        act.work.finish()
    return act.event()


def _count(act: Act, request: ApprovalRequest, decision: str, at: datetime) -> None:
    case = act.case
    if decision == Vote.NO:
        request.state, request.decided_at = ApprovalRequest.REFUSED, at
        case.pending_request_id = None
    elif decision == Vote.RETURN:
        request.state = ApprovalRequest.RETURNED
    elif not approvals.open_seats(request):
        later = [entry["order"] for entry in request.chain if entry["order"] > request.order]
        if later:
            request.order = min(later)
        else:
            _take(act, request, at)
            return
    request.save(update_fields=["state", "decided_at", "order"])
    case.version += 1
    engine.touch(case, version_before=case.version - 1)
    _replan(act)


def _take(act: Act, request: ApprovalRequest, at: datetime) -> None:
    """Take the approved step as its requester. If its needs no longer hold, the request goes back with the reasons."""
    requester = _Requester(request.requested_by)
    votes = tuple(request.votes.filter(round=request.round).order_by("seat").values_list("post", "person_id"))
    approved = approvals.Approved(request, votes)
    try:
        with act.work.attempt():
            engine._advance(
                act.case, request.step, by=requester, at=at, given=approvals.given_of(request), version=None, key=None,
                happened_at=request.happened_at, work=act.work, approved=approved,
            )  # fmt: skip
            request.state, request.decided_at = ApprovalRequest.TAKEN, at
            request.save(update_fields=["state", "decided_at"])
    except Refused as refused:
        request.state = ApprovalRequest.RETURNED
        request.save(update_fields=["state"])
        act.say(
            f"returned:{request.step}",
            reasons=[reason.text for reason in refused.reasons],
            request=request.pk,
        )
        act.case.version += 1
        engine.touch(act.case, version_before=act.case.version - 1)
        _replan(act)


class _Requester:
    def __init__(self, pk: int) -> None:
        self.pk = pk


def _replan(act: Act) -> None:
    running = clocks.open_of(act.case)
    engine.plan_todos(act.context(), running)


def resubmit(request_id: int, *, given: Mapping[str, Any], by: Actor, at: datetime) -> Event:
    """
    Answer a returned request with changed content: the same request, its next round. What is given is checked like
    the step itself, and the seats are asked again of the changed figures, so that nobody slips past a condition.

    :raises NotYourPost: somebody else made the request.
    :raises SomebodyWasFaster: it is not waiting for its maker.
    :raises BadlyFilled: the form of the step is not filled rightly.
    :raises NotReady: a need of the step is not met.
    """
    case_id = ApprovalRequest.objects.values_list("case_id", flat=True).get(pk=request_id)
    with _acting(case_id, by=by, at=at) as act:
        request = ApprovalRequest.objects.get(pk=request_id)
        if request.state != ApprovalRequest.RETURNED:
            raise SomebodyWasFaster("这个申请没有退回，不需要重新提交")
        if request.requested_by != by.pk:
            raise NotYourPost([Reason("由原申请人修改后重新提交", kind="approval")])
        asked = engine.ask_again(act.context(request.step), given, happened_at=request.happened_at)
        request.body, request.round, request.chain = (
            approvals.close_given(asked.given),
            request.round + 1,
            asked.seats,
        )
        request.state, request.order = ApprovalRequest.PENDING, asked.seats[0]["order"]
        request.happened_at = asked.happened_at
        request.save(update_fields=["body", "round", "chain", "state", "order", "happened_at"])
        act.case.version += 1
        engine.touch(act.case, version_before=act.case.version - 1)
        act.say(f"resubmit:{request.step}", given=asked.given, request=request.pk, round=request.round)
        _replan(act)
    return act.event()


def withdraw(request_id: int, *, reason: str, by: Actor, at: datetime) -> Event:
    """Take back one's own request; the case goes on as if it had not been made.

    :raises NotYourPost: somebody else made the request.
    :raises SomebodyWasFaster: it has been decided.
    """
    case_id = ApprovalRequest.objects.values_list("case_id", flat=True).get(pk=request_id)
    with _acting(case_id, by=by, at=at) as act:
        request = ApprovalRequest.objects.get(pk=request_id)
        if request.state not in (ApprovalRequest.PENDING, ApprovalRequest.RETURNED):
            raise SomebodyWasFaster("这个申请已有结果，不能撤回")
        if request.requested_by != by.pk:
            raise NotYourPost([Reason("只有申请人自己可以撤回", kind="approval")])
        request.state, request.decided_at = ApprovalRequest.WITHDRAWN, at
        request.save(update_fields=["state", "decided_at"])
        act.case.pending_request_id = None
        act.case.version += 1
        engine.touch(act.case, version_before=act.case.version - 1)
        act.say(f"withdraw:{request.step}", reason=reason.strip(), request=request.pk)
        _replan(act)
    return act.event()


def move(
    case: Case | int, version_id: int, *, difference: list[str], reason: str, by: Actor, at: datetime
) -> Event:
    """Move a running case to another SOP version; the difference shown is kept in the event (ARCHITECTURE 3).

    :raises NotReady: the case is closed, or its process differs.
    """
    with _acting(case, by=by, at=at) as act:
        policy = ports.policies().get(version_id)
        if act.case.closed_at is not None or policy.process != act.case.process:
            raise NotReady("已结束的事项，或别的流程的 SOP，不能改用")
        before = act.case.sop_version_id
        store.update(Case, {"sop_version_id": version_id}, id=act.case.pk)
        act.case.sop_version_id, act.policy = version_id, policy
        act.say("move", old=before, new=version_id, difference=difference, reason=reason)
        _replan(act)
    return act.event()
