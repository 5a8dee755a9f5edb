"""The one door. Every change of state of every process passes ``advance``, whoever asks (ARCHITECTURE, one door)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import OuterRef, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Cast, Concat

from guiju.kernel import approvals, chain, clocks, numbering, ports, reactions, readiness, store
from guiju.kernel.context import Context, Work
from guiju.kernel.forms import parse
from guiju.kernel.models import ApprovalRequest, Case, CaseLink, Clock, Deviation, Event, Tick, Todo
from guiju.kernel.options import Option, PointState, options, why_not_open
from guiju.kernel.ports import Actor
from guiju.kernel.prepared import prepared
from guiju.kernel.process import Process, State, Step, process_of
from guiju.kernel.readiness import READ_ONLY_POSTS, allowed_posts
from guiju.kernel.refusals import BadlyFilled, NoSuchStep, NotReady, Reason, SomebodyWasFaster
from guiju.kernel.todos import NEVER, plan_todos, replan

#: What callers of the door, needs and effects take from here.
__all__ = [
    "NEVER", "READ_ONLY_POSTS", "AskedAgain", "Context", "Option", "PointState", "Work", "advance", "allowed_posts",
    "approval_facts", "ask_again", "lock_case", "open_case", "options", "plan_todos", "queue", "queue_event", "record",
    "replan", "same_act", "touch", "why_not_open",
]  # fmt: skip


@store.once_more_after_deadlock
def open_case(
    process: str,
    *,
    by: Actor | None,
    at: datetime,
    given: Mapping[str, Any] | None = None,
    chain_id: int,
    scope_id: int | None,
    title: str = "",
    links: Iterable[tuple[str, int]] = (),
    key: UUID | None = None,
    work: Work | None = None,
    follows: bool = False,
) -> Event:
    """
    Open a case of a process by its opening step, and return the event. The case is ``event.case``.

    ``follows``: it follows from an act that was allowed (a reaction opens it), so that no post and no control point is
    asked for; needs and form are.

    :raises NotYourPost: the person holds no post that may open it here.
    :raises NotReady: a need of the opening step is not met.
    :raises BadlyFilled: the form is not filled rightly.
    """
    given = dict(given or {})
    definition = process_of(process)
    step = definition.opening
    if work is None:
        try:
            with transaction.atomic():
                if before := _event_under(key):
                    return _same_opening(before, definition, by)
                work = Work()
                pending = _open(
                    definition, step, by, at, given, chain_id, scope_id, title, tuple(links), key, work,
                    nested=follows, last=True,
                )  # fmt: skip
                work.finish()
                return _event(pending, work)
        except (IntegrityError, SomebodyWasFaster, NotReady):
            # The same key, sent twice at once: the other one was opened, and holds what this one was refused.
            if (before := _event_under(key)) is None:
                raise
            return _same_opening(before, definition, by)
    pending = _open(
        definition, step, by, at, given, chain_id, scope_id, title, tuple(links), key, work, nested=follows,
    )  # fmt: skip
    return _event(pending, work)


def _open(
    process: Process,
    step: Step,
    by: Actor | None,
    at: datetime,
    given: dict[str, Any],
    chain_id: int,
    scope_id: int | None,
    title: str,
    links: Sequence[tuple[str, int]],
    key: UUID | None,
    work: Work,
    *,
    nested: bool = False,
    last: bool = False,
) -> chain.Pending:
    happened_at = readiness.happened_at(given, at, None)
    policy = ports.policies().current(process.name, company_id=chain_id, project_id=scope_id, at=happened_at)
    case = Case(
        process=process.name, sop_version_id=policy.id, state=process.starts.value, title=title or process.label,
        chain_id=chain_id, scope_id=scope_id, opened_at=happened_at, opened_by=by.pk if by else None, events=0,
    )  # fmt: skip
    post, behalf, posts = readiness.post_of(
        by, step, policy.step(step.name), chain_id, scope_id, at, free=nested
    )
    points = readiness.points_given(given)
    form = parse(step.form, given)
    context = Context(
        case=case, process=process, step=step, policy=policy, by=by, at=happened_at, recorded_at=at, given=form,
        work=work, posts=posts, links=links,
    )  # fmt: skip
    reasons = readiness.unmet(context, with_given=True)
    if not nested:
        reasons += readiness.points_missing(policy.step(step.name), points, {}, set())
    if reasons:
        raise NotReady(reasons)
    case.number = numbering.case_number(process.series, scope_id, happened_at)
    (case.pk,) = store.insert(Case, [_case_row(case)])
    store.insert(CaseLink, [{"case": case.pk, "kind": kind, "key": one} for kind, one in links])
    _effects(context)
    return _settle(context, None, post, behalf, key, points, {}, opening=True, last=last)


def _case_row(case: Case) -> dict[str, Any]:
    return {
        name: getattr(case, name)
        for name in (
            "number", "process", "sop_version_id", "state", "version", "title", "chain_id", "scope_id", "opened_at",
            "opened_by", "closed_at", "due_at", "historic", "events", "pending_request_id",
        )
    }  # fmt: skip


@store.once_more_after_deadlock
def advance(
    case: Case | int,
    step: str,
    *,
    by: Actor | None,
    at: datetime,
    given: Mapping[str, Any] | None = None,
    version: int | None = None,
    key: UUID | None = None,
    happened_at: datetime | None = None,
) -> Event:
    """
    Take a step: lock the case, ask its needs, check post and scope, validate the form, run the effects, move the
    state, start and stop the clocks, write the event, and commit, all or nothing.

    ``at`` is when it is recorded. ``happened_at`` (or ``given["happened_at"]``) is when it was done: the clocks
    judge that one (DECISIONS 10). ``version`` is the case's version that the person saw. ``key`` is the client's own
    UUID of the act: repeated, the first event is returned and nothing is done again. ``by`` None is the system, for
    steps marked ``by_clock`` only. A step whose SOP has an approval chain becomes a request instead.

    :raises SomebodyWasFaster: the case moved on since it was read.
    :raises NotYourPost: the person holds none of the step's posts in this scope.
    :raises NotReady: needs or control points are not met; says which, with their clauses.
    :raises BadlyFilled: the form of the step is not filled rightly.
    :raises NoSuchStep: the process does not know the step.
    """
    with transaction.atomic():
        work = Work()
        pending = _advance(
            case,
            step,
            by=by,
            at=at,
            given=given or {},
            version=version,
            key=key,
            happened_at=happened_at,
            work=work,
            last=True,
        )
        if isinstance(pending, Event):
            return pending
        work.finish()
        return _event(pending, work)


def lock_case(case: Case | int) -> Case:
    """Return the case, locked until the transaction ends.

    :raises Case.DoesNotExist: there is none.
    """
    found = _locked.one(case.pk if isinstance(case, Case) else case)
    if found is None:
        raise Case.DoesNotExist
    return found


@prepared
def _locked(case_id: int) -> QuerySet[Case, Case]:
    rows = with_last_event(Case.objects.filter(pk=case_id))
    return rows.select_for_update(of=("self",)) if connection.vendor == "postgresql" else rows


def with_last_event(rows: QuerySet[Case, Case]) -> QuerySet[Case, Case]:
    """
    Return the same cases with their last event, which the next one is linked to.

    Whoever waited for a lock reads the row as it is then, but the event as it was before: ``_last_digest`` believes it
    only if its number fits.
    """
    last = Event.objects.filter(case_id=OuterRef("pk")).order_by("-case_seq")
    said = Concat(Cast("case_seq", TextField()), Value(" "), "digest", output_field=TextField())
    return rows.annotate(last_event=Subquery(last.values(said=said)[:1]))


def _last_digest(case: Case) -> str:
    """Return the digest of the event before the one that is being written; "" if it is the first."""
    if case.events <= 1:
        return ""
    number, _, digest = (case.__dict__.get("last_event") or "").partition(" ")
    if number == str(case.events - 1):
        return str(digest)
    found = store.answer(
        "SELECT digest FROM kernel_event WHERE case_id = %s ORDER BY case_seq DESC LIMIT 1", [case.pk]
    )
    return str(found[0][0]) if found else ""


def _event_under(key: UUID | None) -> Event | None:
    """Return the event that was written under a client's key."""
    if key is None or not store.ids(Event, key=key):
        return None
    return Event.objects.filter(key=key).first()


def _advance(
    case: Case | int,
    name: str,
    *,
    by: Actor | None,
    at: datetime,
    given: Mapping[str, Any],
    version: int | None,
    key: UUID | None,
    happened_at: datetime | None,
    work: Work,
    nested: bool = False,
    approved: approvals.Approved | None = None,
    last: bool = False,
) -> chain.Pending | Event:
    given = dict(given)
    locked = lock_case(case)
    if before := _event_under(key):
        return same_act(before, case_id=locked.pk, step=name, by=by)
    process = process_of(locked.process)
    step = process.step(name)
    if step is None or step.opens:
        raise NoSuchStep([Reason(f"流程「{process.label}」没有「{name}」这一步", kind="step", key=name)])
    if version is not None and version != locked.version:
        raise SomebodyWasFaster([Reason(_moved_on(locked, process), kind="version")])
    policy = ports.policies().get(locked.sop_version_id)
    said = policy.step(name)
    post, behalf, posts = readiness.post_of(by, step, said, locked.chain_id, locked.scope_id, at, free=nested)
    if process.state(locked.state) not in step.when:
        raise NotReady([readiness.wrong_state(step, process, locked)])
    if locked.pending_request_id and not step.while_pending and approved is None:
        raise NotReady([Reason("本事项正在审批，审批有结果前只能写备注或撤回申请", kind="approval")])
    typed = readiness.happened_at(given, at, locked)
    moment = happened_at or typed
    ticks = readiness.points_given(given)
    form = parse(step.form, given)
    context = Context(
        case=locked, process=process, step=step, policy=policy, by=by, at=moment, recorded_at=at, given=form,
        work=work, posts=posts,
    )  # fmt: skip
    reasons = readiness.unmet(context, with_given=True)
    earlier: dict[str, Tick] = {}
    waived: dict[str, Deviation] = {}
    if said.points and not nested:
        earlier = {t.point: t for t in readiness.open_ticks(locked.pk) if t.step == name}
        waived = readiness.waivers(locked.pk, name)
        for deviation in waived.values():
            if by is not None and deviation.allowed_by == by.pk:
                reasons.append(readiness.OWN_OVERRIDE)
        reasons += readiness.points_missing(
            said, ticks, {k: t.value for k, t in earlier.items()}, set(waived)
        )
    if reasons:
        raise NotReady(reasons)
    if said.approval and approved is None and step.approvable and not nested:
        seats = approvals.frozen_chain(
            said.approval, approval_facts(context), requester=by.pk if by else 0, company_id=locked.chain_id,
            project_id=locked.scope_id, at=at, apart=apart(context),
        )  # fmt: skip
        if seats:
            return _request(context, seats, {**given, "points": ticks} if ticks else given, post, behalf, key)
    _effects(context)
    done = {**{k: t.value for k, t in earlier.items()}, **ticks}
    pending = _settle(
        context, process.state(locked.state), post, behalf, key, done, waived, approved=approved, last=last
    )
    if earlier:
        Tick.objects.filter(pk__in=[t.pk for t in earlier.values()]).update(used=True)
    return pending


@dataclass(frozen=True)
class AskedAgain:
    """A changed request, checked: what is given now, when it happened, and the seats that this needs."""

    given: dict[str, Any]
    happened_at: datetime
    seats: list[dict[str, Any]]


def ask_again(context: Context, given: Mapping[str, Any], *, happened_at: datetime) -> AskedAgain:
    """Check the changed content of a returned request as the step checks it, and freeze its chain anew.

    :raises BadlyFilled: the form of the step is not filled rightly.
    :raises NotReady: a need of the step is not met, or nobody could approve.
    """
    case, step, by = context.case, context.step, context.by
    said = context.policy.step(step.name)
    rest = dict(given)
    typed = "happened_at" in rest and rest["happened_at"] not in (None, "")
    moment = readiness.happened_at(rest, context.recorded_at, case)
    context.at = moment if typed else happened_at
    ticks = readiness.points_given(rest)
    context.given = parse(step.form, rest)
    earlier = {t.point: t.value for t in readiness.open_ticks(case.pk) if t.step == step.name}
    reasons = readiness.unmet(context, with_given=True)
    reasons += readiness.points_missing(said, ticks, earlier, set(readiness.waivers(case.pk, step.name)))
    if reasons:
        raise NotReady(reasons)
    post, _, _ = readiness.post_of(context.by, step, said, case.chain_id, case.scope_id, context.recorded_at)
    seats = approvals.frozen_chain(
        said.approval, approval_facts(context), requester=by.pk if by else 0, company_id=case.chain_id,
        project_id=case.scope_id, at=context.recorded_at, apart=apart(context),
    )  # fmt: skip
    if not seats:
        raise NotReady("改后的内容不需要审批：请撤回申请，直接办理")
    for seat in seats:
        seat["from"] = post
    return AskedAgain({**rest, "points": ticks} if ticks else rest, context.at, seats)


def _request(
    context: Context,
    seats: list[dict[str, Any]],
    given: dict[str, Any],
    post: str,
    behalf: int | None,
    key: UUID | None,
) -> chain.Pending:
    """Ask for the step instead of taking it: the state and the business clocks stay as they are (DECISIONS 5)."""
    case, work = context.case, context.work
    assert work is not None
    for seat in seats:
        seat["from"] = post
    request = ApprovalRequest.objects.create(
        case=case, step=context.step.name, body=approvals.close_given(given), case_version=case.version + 1,
        sop_version_id=case.sop_version_id, requested_by=context.by_id or 0, requested_at=context.recorded_at,
        happened_at=context.at, chain=seats, order=seats[0]["order"],
    )  # fmt: skip
    case.pending_request_id, case.events, case.version = request.pk, case.events + 1, case.version + 1
    touch(case, version_before=case.version - 1)
    plan_todos(context, clocks.open_of(case) if context.process.clocks else ())
    posts = [ports.people().post_label(seat["post"]) for seat in seats]
    return queue_event(
        context, f"request:{context.step.name}", case.state, case.state, post, behalf, key,
        {"given": given, "seats": posts, "request": request.pk}, work=work,
    )  # fmt: skip


def touch(case: Case, *, version_before: int) -> None:
    """Store a case's counters and pending request with a compare-and-set on its version.

    :raises SomebodyWasFaster: the case moved on.
    """
    changes = {
        "version": case.version, "events": case.events, "pending_request_id": case.pending_request_id,
    }  # fmt: skip
    if store.update(Case, changes, id=case.pk, version=version_before) != 1:
        raise SomebodyWasFaster([Reason(_moved_on(case, process_of(case.process)), kind="version")])


def _settle(
    context: Context,
    before: State | None,
    post: str,
    behalf: int | None,
    key: UUID | None,
    points: Mapping[str, Any],
    waived: Mapping[str, Deviation],
    *,
    opening: bool = False,
    approved: approvals.Approved | None = None,
    last: bool = False,
) -> chain.Pending:
    """
    Move the state, the clocks and the to-dos of a case whose effects have run, and queue its event.

    ``last``: the transaction was opened for this act, so that no other case is locked after it. The head of its chain
    is then locked with its new state.
    """
    case, process, step, work = context.case, context.process, context.step, context.work
    assert work is not None
    after = step.to or before or process.starts
    running = clocks.turn(context, opening=opening, ended=after in process.ends)
    closed_at = context.at if after in process.ends else None
    old_version = case.version
    due = [clock.due_at for clock in running if clock.state == Clock.RUNNING]
    case.events += 1
    changes: dict[str, Any] = {"events": case.events}
    # Only what changes: each of these stands in indexes, which are written even when the value is the same.
    for name, value in (
        ("state", after.value),
        ("closed_at", closed_at),
        ("due_at", min(due) if due else None),
    ):
        if getattr(case, name) != value:
            setattr(case, name, value)
            changes[name] = value
    if not opening:
        case.version = changes["version"] = old_version + 1
    if approved is not None:
        case.pending_request_id = changes["pending_request_id"] = None
    if context.title is not None:
        case.title = changes["title"] = context.title[:200]
    there: list[Todo] | None = None
    if connection.vendor == "postgresql":
        # Heads are locked in the order of the chains: another one before this one is locked at the end, with this one.
        if last and all(event.chain_id == case.chain_id for event in work.events):
            work.head = chain.head_of(case.chain_id)
        there = store.update_and_read(
            Case, changes, Todo, "case", lock=work.head if last else None, id=case.pk, version=old_version
        )
        moved = there is not None
    else:
        moved = store.update(Case, changes, id=case.pk, version=old_version) == 1
    if not moved:
        raise SomebodyWasFaster([Reason(_moved_on(case, process), kind="version")])
    plan_todos(context, running, opening=opening, there=there, last=last)
    content: dict[str, Any] = {}
    if context.given is not None:
        content["given"] = context.given.model_dump(mode="json", exclude_defaults=True)
    if points:
        content["points"] = dict(points)
    if waived:
        content["waived"] = {k: d.pk for k, d in waived.items()}
    if approved is not None:
        content["approval"] = approved.as_content()
    if context.said:
        content["said"] = context.said
    pending = queue_event(
        context, step.name, before.value if before else "", after.value, post, behalf, key, content, work=work
    )
    if waived:
        ids = [d.pk for d in waived.values()]

        def mark_used() -> None:
            Deviation.objects.filter(pk__in=ids).update(used_event_id=pending.id)

        work.after.append(mark_used)
    return pending


def queue_event(
    context: Context,
    name: str,
    from_state: str,
    to_state: str,
    post: str,
    behalf: int | None,
    key: UUID | None,
    content: dict[str, Any],
    *,
    work: Work,
) -> chain.Pending:
    """Queue an event of the context's case for the end of the transaction."""
    return queue(
        work, context.case, name, from_state=from_state, to_state=to_state, by_id=context.by_id, behalf=behalf,
        post=post, happened_at=context.at, recorded_at=context.recorded_at, key=key, content=content,
    )  # fmt: skip


def queue(
    work: Work,
    case: Case,
    name: str,
    *,
    from_state: str = "",
    to_state: str = "",
    by_id: int | None,
    behalf: int | None = None,
    post: str = "",
    happened_at: datetime,
    recorded_at: datetime,
    key: UUID | None = None,
    content: dict[str, Any] | None = None,
) -> chain.Pending:
    """Queue an event of a case, linked to the case's event before it."""
    earlier = work.last_of_case.get(case.pk)
    previous = _last_digest(case) if earlier is None else ""
    pending = chain.Pending(
        chain_id=case.chain_id, case_id=case.pk, case_number=case.number, case_seq=case.events,
        case_previous_of=earlier, case_previous=previous, step=name, from_state=from_state,
        to_state=to_state or case.state, actor_id=by_id, behalf_id=behalf, post=post, happened_at=happened_at,
        recorded_at=recorded_at, key=key, content=content or {},
        reactions=reactions.names_for(case.process, name),
    )  # fmt: skip
    work.events.append(pending)
    work.last_of_case[case.pk] = pending
    return pending


def _effects(context: Context) -> None:
    for effect in context.step.does:
        effect(context)


def _moved_on(case: Case, process: Process) -> str:
    last = Event.objects.filter(case_id=case.pk).order_by("-case_seq").first()
    who = ports.people().name(last.actor_id) if last is not None and last.actor_id else "系统"
    when = f"{last.recorded_at.astimezone(clocks.ZONE):%H:%M}" if last is not None else ""
    return f"{who} {when} 改过这一单，现在是「{process.state(case.state).label}」，看改动后再办"


def same_act(event: Event, *, case_id: int | None, step: str, by: Actor | None) -> Event:
    """Return the first event of a repeated client key: the step taken, or the request for it.

    :raises BadlyFilled: the key was used for another act, or by somebody else.
    """
    same = event.case_id == case_id and event.step in (step, f"request:{step}")
    if not same or event.actor_id != (by.pk if by is not None else None):
        raise BadlyFilled({"key": "这个编号已用于另一次办理"})
    return event


def _same_opening(event: Event, process: Process, by: Actor | None) -> Event:
    case = Case.objects.filter(pk=event.case_id or 0, process=process.name).first()
    return same_act(event, case_id=case.pk if case else 0, step=process.opening.name, by=by)


def _event(pending: chain.Pending, work: Work) -> Event:
    """Return the event as a row of the model (its id is known once the work is finished)."""
    return Event(
        id=pending.id or None, chain_id=pending.chain_id, seq=pending.seq, case_id=pending.case_id,
        case_seq=pending.case_seq, step=pending.step, from_state=pending.from_state, to_state=pending.to_state,
        actor_id=pending.actor_id, behalf_id=pending.behalf_id, post=pending.post, happened_at=pending.happened_at,
        recorded_at=pending.recorded_at, key=pending.key, digest=pending.digest,
    )  # fmt: skip


def record(
    *,
    company_id: int,
    step: str,
    by: Actor | None,
    at: datetime,
    given: Mapping[str, Any] | None = None,
    happened_at: datetime | None = None,
    post: str = "",
) -> Event:
    """Write a chained event that belongs to no case: people, calendar, import, a look at personal data."""
    with transaction.atomic(savepoint=False):
        work = Work()
        work.events.append(
            chain.Pending(
                chain_id=company_id,
                case_id=None,
                case_number="",
                case_seq=0,
                case_previous_of=None,
                case_previous="",
                step=step,
                from_state="",
                to_state="",
                actor_id=by.pk if by else None,
                behalf_id=None,
                post=post,
                happened_at=happened_at or at,
                recorded_at=at,
                key=None,
                content={"given": dict(given or {})},
                reactions=reactions.names_for("", step),
            )  # fmt: skip
        )
        work.finish()
        return _event(work.events[0], work)


def apart(context: Context) -> Collection[int]:
    """Return whom the case is about: they vote on nothing in it."""
    return context.process.apart(context) if context.process.apart else ()


def approval_facts(context: Context) -> Mapping[str, Decimal | int | str]:
    """Return the figures that a chain's conditions look at."""
    return context.step.facts_for_approval(context) if context.step.facts_for_approval else {}
