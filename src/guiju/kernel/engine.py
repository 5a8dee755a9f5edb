"""The one door. Every change of state of every process passes ``advance``, whoever asks (ARCHITECTURE, one door)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet

from guiju.kernel import approvals, chain, clocks, numbering, ports, reactions, store
from guiju.kernel.forms import Form, parse, unsuitable
from guiju.kernel.models import ApprovalRequest, Case, CaseLink, Clock, Deviation, Event, Tick, Todo
from guiju.kernel.policy import Point, Policy, StepPolicy
from guiju.kernel.ports import Actor
from guiju.kernel.prepared import prepared
from guiju.kernel.process import Process, State, Step, process_of, steps_from
from guiju.kernel.refusals import BadlyFilled, NoSuchStep, NotReady, NotYourPost, Reason, SomebodyWasFaster

NEVER = datetime(9999, 12, 31, tzinfo=UTC)
LATE_ENTRY = timedelta(days=31)
READ_ONLY_POSTS = frozenset({"auditor"})
OWN_OVERRIDE = Reason("放行控制要点的人不能自己办理这一步", "G-4.2-b", "approval")


@dataclass
class Work:
    """One transaction's worth of acts: several cases may move, their events are chained together at the end."""

    events: list[chain.Pending] = field(default_factory=list)
    after: list[Callable[[], None]] = field(default_factory=list)
    last_of_case: dict[int, chain.Pending] = field(default_factory=dict)

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Try something that may be refused: on an exception the database and this work are as they were before."""
        events, after, last = len(self.events), len(self.after), dict(self.last_of_case)
        try:
            with transaction.atomic():
                yield
        except BaseException:
            del self.events[events:]
            del self.after[after:]
            self.last_of_case = last
            raise

    def finish(self) -> None:
        """Append the events to their chains and note the reactions to them. The last act of the transaction."""
        chain.append(self.events)
        for act in self.after:
            act()
        reactions.note(self.events)


class Context:
    """What needs and effects see: the case, the step, who acts, what was given, and the doors that effects may use."""

    def __init__(
        self,
        *,
        case: Case,
        process: Process,
        step: Step,
        policy: Policy,
        by: Actor | None,
        at: datetime,
        recorded_at: datetime,
        given: Form | None = None,
        work: Work | None = None,
        posts: Mapping[str, int | None] | None = None,
        links: Sequence[tuple[str, int]] | None = None,
    ) -> None:
        # The links of a case that is being opened; of others they are asked for.
        self.links = links
        self.case, self.process, self.step, self.policy = case, process, step, policy
        self.by, self.at, self.recorded_at, self.given, self.work = by, at, recorded_at, given, work
        self.posts: Mapping[str, int | None] = posts or {}
        self.said: dict[str, Any] = {}
        self.wanted_clocks: list[tuple[str, datetime | None]] = []
        self.paused_clocks: list[tuple[str, str]] = []
        self.resumed_clocks: list[str] = []
        self.title: str | None = None
        # What a need has read and later needs and effects of the same act may use, by name.
        self.kept: dict[str, Any] = {}

    @property
    def facts(self) -> Any:
        """The process's own facts of this case (for a subscription: its row with buyers and receipts)."""
        if "facts" not in self.kept:
            self.kept["facts"] = self.process.facts(self) if self.process.facts else None
        return self.kept["facts"]

    def forget_facts(self) -> None:
        """Read the facts again next time: an effect changed them."""
        self.kept.pop("facts", None)

    def for_step(self, step: Step) -> Context:
        """Return the same view for another step of the case (facts and what else was read are shared)."""
        other = Context(
            case=self.case, process=self.process, step=step, policy=self.policy, by=self.by, at=self.at,
            recorded_at=self.recorded_at, work=self.work, posts=self.posts, links=self.links,
        )  # fmt: skip
        other.kept = self.kept
        return other

    @property
    def by_id(self) -> int | None:
        """The key of the person who acts (None: the system)."""
        return self.by.pk if self.by is not None else None

    def setting(self, name: str, default: Any = None) -> Any:
        """Return a setting of the SOP version that the case is pinned to."""
        return self.policy.settings.get(name, default)

    def subject(self, kind: str) -> int | None:
        """Return the key of the unit, customer or deal that the case is about (the first one linked)."""
        if self.links is None:
            return _linked.one(self.case.pk or 0, kind)
        return next((key for linked, key in self.links if linked == kind), None)

    def open(
        self, process: str, *, given: Mapping[str, Any], title: str = "", links: Iterable[tuple[str, int]]
    ) -> int:
        """Open another case in the same transaction, and return its key."""
        if self.work is None:
            raise RuntimeError("Cases are opened by effects only.")
        definition = process_of(process)
        pending = _open(
            definition, definition.opening, self.by, self.recorded_at, dict(given), self.case.chain_id,
            self.case.scope_id, title, tuple(links), None, self.work, nested=True,
        )  # fmt: skip
        assert pending.case_id is not None
        return pending.case_id

    def say(self, **content: Any) -> None:
        """Add facts to the event's content (old and new values, documents made)."""
        self.said.update(content)

    def link(self, kind: str, key: int) -> None:
        """Link the case to a unit, customer, deal or other case."""
        CaseLink.objects.get_or_create(case_id=self.case.pk, kind=kind, key=key)
        if self.links is not None:
            self.links = (*self.links, (kind, key))

    def start_clock(self, name: str, *, due_at: datetime | None = None) -> None:
        """Start a clock besides those that the step itself starts."""
        self.wanted_clocks.append((name, due_at))

    def pause_clock(self, name: str, reason: str) -> None:
        """Pause a clock of the case, with its reason."""
        self.paused_clocks.append((name, reason))

    def resume_clock(self, name: str) -> None:
        """Resume a paused clock."""
        self.resumed_clocks.append(name)

    def nested(self, case: Case | int, step: str, *, given: Mapping[str, Any] | None = None) -> None:
        """Take a step of another case in the same transaction (DECISIONS 3)."""
        if self.work is None:
            raise RuntimeError("Nested steps are taken by effects only.")
        _advance(
            case, step, by=self.by, at=self.recorded_at, given=given or {}, version=None, key=None,
            happened_at=self.at, work=self.work, nested=True,
        )  # fmt: skip


@dataclass(frozen=True)
class PointState:
    """A control point of a step in hand, and whether it has been dealt with."""

    point: Point
    value: str | None
    by_id: int | None = None
    at: datetime | None = None
    waived: bool = False

    @property
    def done(self) -> bool:
        """Whether nothing is left to do about it."""
        return self.value is not None or self.waived


@dataclass(frozen=True)
class Option:
    """One step as this person sees it now: may it be taken, and if not, why not."""

    name: str
    label: str
    clause: str
    number: str
    words: str
    posts: tuple[str, ...]
    open: bool
    reasons: tuple[Reason, ...]
    form: type[Form]
    points: tuple[PointState, ...]
    primary: bool
    here: bool
    mine: bool
    step: Step
    policy: StepPolicy

    @property
    def fillable(self) -> bool:
        """Whether only control points are missing, which can be dealt with on the step's own page."""
        return self.here and self.mine and all(reason.kind == "point" for reason in self.reasons)


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
                    nested=follows,
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
) -> chain.Pending:
    happened_at = _happened_at(given, at, None)
    policy = ports.policies().current(process.name, company_id=chain_id, project_id=scope_id, at=happened_at)
    case = Case(
        process=process.name, sop_version_id=policy.id, state=process.starts.value, title=title or process.label,
        chain_id=chain_id, scope_id=scope_id, opened_at=happened_at, opened_by=by.pk if by else None, events=0,
    )  # fmt: skip
    post, behalf, posts = _post_of(by, step, policy.step(step.name), chain_id, scope_id, at, free=nested)
    points = _points_given(given)
    form = parse(step.form, given)
    context = Context(
        case=case, process=process, step=step, policy=policy, by=by, at=happened_at, recorded_at=at, given=form,
        work=work, posts=posts, links=links,
    )  # fmt: skip
    reasons = _needs(context, with_given=True)
    if not nested:
        reasons += _points_missing(policy.step(step.name), points, {}, set())
    if reasons:
        raise NotReady(reasons)
    case.number = numbering.case_number(process.series, scope_id, happened_at)
    (case.pk,) = store.insert(Case, [_case_row(case)])
    for kind, link_key in links:
        store.insert(CaseLink, [{"case": case.pk, "kind": kind, "key": link_key}])
    _effects(context)
    return _settle(context, None, post, behalf, key, points, {}, opening=True)


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


# The questions that every act asks.
@prepared
def _locked(case_id: int) -> QuerySet[Case, Case]:
    rows = Case.objects.filter(pk=case_id)
    return rows.select_for_update() if connection.vendor == "postgresql" else rows


@prepared
def _linked(case_id: int, kind: str) -> QuerySet[CaseLink, int]:
    return (
        CaseLink.objects.filter(case_id=case_id, kind=kind).order_by("id").values_list("key", flat=True)[:1]
    )


@prepared
def _open_ticks(case_id: int) -> QuerySet[Tick, Tick]:
    return Tick.objects.filter(case_id=case_id, used=False)


@prepared
def _open_deviations(case_id: int) -> QuerySet[Deviation, Deviation]:
    return Deviation.objects.filter(case_id=case_id, used_event=None)


@prepared
def _todos(case_id: int) -> QuerySet[Todo, Todo]:
    return Todo.objects.filter(case_id=case_id)


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
    post, behalf, posts = _post_of(by, step, said, locked.chain_id, locked.scope_id, at, free=nested)
    if process.state(locked.state) not in step.when:
        raise NotReady([_wrong_state(step, process, locked)])
    if locked.pending_request_id and not step.while_pending and approved is None:
        raise NotReady([Reason("本事项正在审批，审批有结果前只能写备注或撤回申请", kind="approval")])
    typed = _happened_at(given, at, locked)
    moment = happened_at or typed
    ticks = _points_given(given)
    form = parse(step.form, given)
    context = Context(
        case=locked, process=process, step=step, policy=policy, by=by, at=moment, recorded_at=at, given=form,
        work=work, posts=posts,
    )  # fmt: skip
    reasons = _needs(context, with_given=True)
    earlier: dict[str, Tick] = {}
    waived: dict[str, Deviation] = {}
    if said.points and not nested:
        earlier = {t.point: t for t in _open_ticks(locked.pk) if t.step == name}
        waived = _waivers(locked.pk, name)
        for deviation in waived.values():
            if by is not None and deviation.allowed_by == by.pk:
                reasons.append(OWN_OVERRIDE)
        reasons += _points_missing(said, ticks, {k: t.value for k, t in earlier.items()}, set(waived))
    if reasons:
        raise NotReady(reasons)
    if said.approval and approved is None and step.approvable and not nested:
        seats = approvals.frozen_chain(
            said.approval, approval_facts(context), requester=by.pk if by else 0, company_id=locked.chain_id,
            project_id=locked.scope_id, at=at,
        )  # fmt: skip
        if seats:
            return _request(context, seats, {**given, "points": ticks} if ticks else given, post, behalf, key)
    _effects(context)
    done = {**{k: t.value for k, t in earlier.items()}, **ticks}
    pending = _settle(
        context, process.state(locked.state), post, behalf, key, done, waived, approved=approved
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
    moment = _happened_at(rest, context.recorded_at, case)
    context.at = moment if typed else happened_at
    ticks = _points_given(rest)
    context.given = parse(step.form, rest)
    earlier = {t.point: t.value for t in _open_ticks(case.pk) if t.step == step.name}
    reasons = _needs(context, with_given=True)
    reasons += _points_missing(said, ticks, earlier, set(_waivers(case.pk, step.name)))
    if reasons:
        raise NotReady(reasons)
    post, _, _ = _post_of(context.by, step, said, case.chain_id, case.scope_id, context.recorded_at)
    seats = approvals.frozen_chain(
        said.approval, approval_facts(context), requester=by.pk if by else 0, company_id=case.chain_id,
        project_id=case.scope_id, at=context.recorded_at,
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
) -> chain.Pending:
    """Move the state, the clocks and the to-dos of a case whose effects have run, and queue its event."""
    case, process, step, work = context.case, context.process, context.step, context.work
    assert work is not None
    after = step.to or before or process.starts
    running = clocks.turn(context, opening=opening, ended=after in process.ends)
    closed_at = context.at if after in process.ends else None
    old_version = case.version
    case.state, case.closed_at = after.value, closed_at
    due = [clock.due_at for clock in running if clock.state == Clock.RUNNING]
    case.due_at = min(due) if due else None
    case.events += 1
    changes: dict[str, Any] = {
        "state": case.state, "closed_at": closed_at, "due_at": case.due_at, "events": case.events,
    }  # fmt: skip
    if not opening:
        case.version = changes["version"] = old_version + 1
    if approved is not None:
        case.pending_request_id = changes["pending_request_id"] = None
    if context.title is not None:
        case.title = changes["title"] = context.title[:200]
    if store.update(Case, changes, id=case.pk, version=old_version) != 1:
        raise SomebodyWasFaster([Reason(_moved_on(case, process), kind="version")])
    plan_todos(context, running, opening=opening)
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
    previous = ""
    if earlier is None and case.events > 1:
        with store.hot_cursor() as cursor:
            cursor.execute(
                "SELECT digest FROM kernel_event WHERE case_id = %s ORDER BY case_seq DESC LIMIT 1", [case.pk]
            )
            found = cursor.fetchone()
            previous = found[0] if found else ""
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


def _needs(context: Context, *, with_given: bool) -> list[Reason]:
    found = []
    for need in context.step.needs:
        if need.given and not with_given:
            continue
        if reason := need.reason(context):
            found.append(reason)
    return found


def _points_missing(
    said: StepPolicy, given: Mapping[str, Any], earlier: Mapping[str, str], waived: set[str]
) -> list[Reason]:
    """Return a reason for each required control point that nobody dealt with, and refuse unknown ones."""
    known = {point.key: point for point in said.points}
    errors = {f"points.{key}": "没有这个控制要点" for key in given if key not in known}
    for key, value in given.items():
        if key in known and (problem := _bad_point(known[key], value)):
            errors[f"points.{key}"] = problem
    if errors:
        raise BadlyFilled(errors)
    missing = []
    for point in said.points:
        now = given.get(point.key)
        dealt_with = (
            not (now is None or now is False or now == "") or point.key in earlier or point.key in waived
        )
        if point.required and not dealt_with:
            missing.append(
                Reason(f"控制要点未办：{point.label}", point.clause or said.clause, "point", point.key)
            )
    return missing


def _points_given(given: dict[str, Any]) -> dict[str, Any]:
    """Take the control points out of what was given; a blank answer is none.

    :raises BadlyFilled: they are no group of names and values.
    """
    points = given.pop("points", None)
    if points is None:
        return {}
    if not isinstance(points, Mapping):
        raise BadlyFilled({"points": "控制要点：格式不对"})
    return {
        key: None if isinstance(value, str) and not value.strip() else value for key, value in points.items()
    }


def _bad_point(point: Point, value: Any) -> str | None:
    if value is None or value is False or value == "":
        return None
    if problem := unsuitable(value):
        return problem
    if point.kind == "tick":
        return None if value is True or value in ("1", "true", "on", "是") else "请勾选"
    if not isinstance(value, str):
        return "请填文字"
    if len(value) > 2000:
        return "不能超过 2000 个字"
    if point.kind == "record" and (
        blank := [name for name in point.fields if name not in point.filled(value)]
    ):
        return f"记录表「{point.label}」还没有填：{'、'.join(blank)}"
    if point.kind in ("photo", "signature") and not (
        len(value) == 64 and set(value) <= set("0123456789abcdef")
    ):
        return "请先上传，再填附件的 sha256"
    return None


def _waivers(case_id: int, step: str) -> dict[str, Deviation]:
    return {d.point: d for d in _open_deviations(case_id) if d.step == step}


def _post_of(
    by: Actor | None,
    step: Step,
    said: StepPolicy,
    chain_id: int,
    scope_id: int | None,
    at: datetime,
    *,
    free: bool = False,
) -> tuple[str, int | None, Mapping[str, int | None]]:
    """Return the post in which the person acts, on whose behalf, and all posts held here."""
    if by is None:
        if step.by_clock or free:
            return "", None, {}
        raise NotYourPost([Reason("系统不能自动办理这一步", step.clause, "post")])
    posts = ports.people().posts_of(by.pk, company_id=chain_id, project_id=scope_id, at=at)
    if free:
        return next(iter(posts), ""), None, posts
    allowed = allowed_posts(step, said)
    own = [post for post in allowed if post in posts]
    own.sort(key=lambda post: posts[post] is not None)
    if not own:
        labels = "、".join(ports.people().post_label(post) for post in allowed)
        raise NotYourPost(
            [Reason(f"「{said.label or step.label}」须由{labels or '系统'}办理", step.clause, "post")]
        )
    return own[0], posts[own[0]], posts


def allowed_posts(step: Step, said: StepPolicy) -> tuple[str, ...]:
    """Return the posts that may take the step: the SOP's choice within the code's list."""
    chosen = tuple(post for post in said.posts if post in step.by)
    return chosen or step.by


def _happened_at(given: dict[str, Any], at: datetime, case: Case | None) -> datetime:
    """Take the moment of the act out of what was given, and check it against DECISIONS 10.

    :raises BadlyFilled: it lies in the future, too far back, or before the case began.
    """
    text = given.pop("happened_at", None)
    if text in (None, ""):
        return at
    try:
        moment = text if isinstance(text, datetime) else datetime.fromisoformat(str(text))
    except ValueError as error:
        raise BadlyFilled({"happened_at": "发生时间：请填日期和时间，如 2026-11-21 15:30"}) from error
    if moment.tzinfo is None:
        from django.utils import timezone

        moment = timezone.make_aware(moment)
    if moment > at + timedelta(minutes=2):
        raise BadlyFilled({"happened_at": "发生时间：不能晚于现在"})
    if moment < at - LATE_ENTRY:
        raise BadlyFilled({"happened_at": f"发生时间：最多补录 {LATE_ENTRY.days} 天以内的事"})
    if case is not None and moment < case.opened_at:
        raise BadlyFilled({"happened_at": "发生时间：不能早于本事项开始的时间"})
    return min(moment, at)


def _wrong_state(step: Step, process: Process, case: Case) -> Reason:
    here = process.state(case.state).label
    wanted = "、".join(f"「{state.label}」" for state in step.when)
    if case.closed_at is not None:
        return Reason(f"本事项已结束（{here}）", step.clause, "state")
    return Reason(f"现在是「{here}」，到{wanted}时才能办理", step.clause, "state")


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


def plan_todos(context: Context, running: Sequence[Clock], *, opening: bool = False) -> None:
    """Write the case's next acts: for each post the first wanted step, due when the case's nearest clock is."""
    case, process = context.case, context.process
    wanted: dict[tuple[str, str], str] = {}
    if case.closed_at is None and not case.historic:
        if case.pending_request_id:
            wanted = approvals.next_seats(case)
        else:
            taken: set[str] = set()
            for step in steps_from(process, process.state(case.state)):
                said = context.policy.step(step.name)
                if not step.todo or not step.wanted(context.for_step(step)):
                    continue
                post = ports.people().duty_post(
                    process.name, step.name, allowed_posts(step, said), company_id=case.chain_id, at=case.opened_at
                )  # fmt: skip
                if post not in taken:
                    taken.add(post)
                    wanted[(step.name, post)] = said.label or step.label
    existing: dict[tuple[str, str], Todo] = {}
    if not opening:
        existing = {(todo.act, todo.post): todo for todo in _todos(case.pk)}
    late = {f"escalate:{clock.name}" for clock in running}
    store.delete(
        Todo, [todo.pk for pair, todo in existing.items() if pair not in wanted and pair[0] not in late]
    )
    due_at = case.due_at or NEVER
    person = context.by_id
    rows = []
    for (act, post), label in wanted.items():
        found = existing.get((act, post))
        if found is None:
            owner = person if post in context.posts and context.posts[post] is None else None
            rows.append(
                {
                    "case": case.pk,
                    "act": act,
                    "label": label,
                    "post": post,
                    "person_id": owner,
                    "chain_id": case.chain_id,
                    "scope_id": case.scope_id,
                    "due_at": due_at,
                    "since_at": context.at,
                }  # fmt: skip
            )
        elif found.due_at != due_at:
            store.update(Todo, {"due_at": due_at}, id=found.pk)
    store.insert(Todo, rows)


def replan(case: Case, *, at: datetime, work: Work) -> None:
    """Plan a locked case's to-dos anew as of a moment: some are wanted only near or after a due moment."""
    process = process_of(case.process)
    context = Context(
        case=case, process=process, step=process.opening, policy=ports.policies().get(case.sop_version_id), by=None,
        at=at, recorded_at=at, work=work,
    )  # fmt: skip
    plan_todos(context, clocks.open_of(case))


def options(case: Case, *, by: Actor, at: datetime) -> list[Option]:
    """
    Answer the one question: what may this person do with this case now, and for everything else, why not?

    Steps that can be taken in the state come first, in the order of the process.
    """
    process = process_of(case.process)
    policy = ports.policies().get(case.sop_version_id)
    posts = ports.people().posts_of(by.pk, company_id=case.chain_id, project_id=case.scope_id, at=at)
    state = process.state(case.state)
    ticks: dict[tuple[str, str], Tick] = {}
    waivers: dict[tuple[str, str], int] = {}
    if case.closed_at is None and any(policy.step(step.name).points for step in steps_from(process, state)):
        ticks = {(t.step, t.point): t for t in _open_ticks(case.pk)}
        waivers = {(d.step, d.point): d.allowed_by for d in _open_deviations(case.pk)}
    base = Context(
        case=case,
        process=process,
        step=process.opening,
        policy=policy,
        by=by,
        at=at,
        recorded_at=at,
        posts=posts,
    )
    found: list[Option] = []
    for step in process.steps:
        if step.opens or not step.by:
            continue
        said = policy.step(step.name)
        allowed = allowed_posts(step, said)
        mine = any(post in posts for post in allowed) and not (set(posts) <= READ_ONLY_POSTS)
        here = state in step.when
        reasons: list[Reason] = []
        points: list[PointState] = []
        if not here:
            reasons.append(_wrong_state(step, process, case))
        else:
            if case.pending_request_id and not step.while_pending:
                reasons.append(Reason("正在审批，有结果前不能办理", said.clause or step.clause, "approval"))
            reasons += _needs(base.for_step(step), with_given=False)
            for point in said.points:
                tick = ticks.get((step.name, point.key))
                points.append(
                    PointState(
                        point,
                        tick.value if tick else None,
                        tick.ticked_by if tick else None,
                        tick.ticked_at if tick else None,
                        (step.name, point.key) in waivers,
                    )  # fmt: skip
                )
                if point.required and not points[-1].done:
                    reasons.append(Reason(f"控制要点未办：{point.label}", point.clause, "point", point.key))
                if waivers.get((step.name, point.key)) == by.pk:
                    reasons.append(OWN_OVERRIDE)
        if not mine:
            labels = "、".join(ports.people().post_label(post) for post in allowed)
            reasons.append(Reason(f"须由{labels}办理", said.clause or step.clause, "post"))
        clause = said.clause or step.clause
        found.append(
            Option(
                name=step.name,
                label=said.label or step.label,
                clause=clause,
                number=policy.number(clause),
                words=said.words,
                posts=allowed,
                open=not reasons,
                reasons=tuple(reasons),
                form=step.form,
                points=tuple(points),
                primary=step.main and here,
                here=here,
                mine=mine,
                step=step,
                policy=said,
            )  # fmt: skip
        )
    found.sort(key=lambda option: not option.here)
    return found


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
    with transaction.atomic():
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


def approval_facts(context: Context) -> Mapping[str, Decimal | int | str]:
    """Return the figures that a chain's conditions look at."""
    return context.step.facts_for_approval(context) if context.step.facts_for_approval else {}
