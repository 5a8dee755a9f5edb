"""What needs and effects see of an act, and the work of the transaction in which it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from django.db import transaction
from django.db.models import QuerySet

from guiju.kernel import chain, reactions, store
from guiju.kernel.forms import Form
from guiju.kernel.models import Case, CaseLink
from guiju.kernel.policy import Policy
from guiju.kernel.ports import Actor
from guiju.kernel.prepared import prepared
from guiju.kernel.process import Process, Step, process_of


@dataclass
class Work:
    """One transaction's worth of acts: several cases may move, their events are chained together at the end."""

    events: list[chain.Pending] = field(default_factory=list)
    after: list[Callable[[], None]] = field(default_factory=list)
    last_of_case: dict[int, chain.Pending] = field(default_factory=dict)
    # Of the act that the transaction was opened for, which is settled last: the chain's head locked with the case's
    # new state, and the to-dos that are written with the events. One statement less each.
    head: store.Lock | None = None
    beside: store.Change | None = None

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
        chain.append(self.events, head=self.head, beside=self.beside)
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
            known = self.kept.get("subjects")
            if known is None:
                found = _links(self.case.pk or 0)
                known = self.kept["subjects"] = dict(reversed(found))
                # Of a case with more links than were read, other kinds are asked for one by one.
                known[""] = len(found) < LINKS
            if kind not in known and not known[""]:
                known[kind] = _linked.one(self.case.pk or 0, kind)
            return cast("int | None", known.get(kind))
        return next((key for linked, key in self.links if linked == kind), None)

    def open(
        self, process: str, *, given: Mapping[str, Any], title: str = "", links: Iterable[tuple[str, int]]
    ) -> int:
        """Open another case in the same transaction, and return its key."""
        if self.work is None:
            raise RuntimeError("Cases are opened by effects only.")
        from guiju.kernel import engine  # the door shows this to effects, which go through it again

        definition = process_of(process)
        pending = engine._open(
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
        self.kept.pop("subjects", None)
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
        from guiju.kernel import engine  # as above

        engine._advance(
            case, step, by=self.by, at=self.recorded_at, given=given or {}, version=None, key=None,
            happened_at=self.at, work=self.work, nested=True,
        )  # fmt: skip


#: Cases of most processes are about a handful of things.
LINKS = 32


@prepared
def _links(case_id: int) -> QuerySet[CaseLink, tuple[str, int]]:
    return CaseLink.objects.filter(case_id=case_id).order_by("id").values_list("kind", "key")[:LINKS]


@prepared
def _linked(case_id: int, kind: str) -> QuerySet[CaseLink, int]:
    return (
        CaseLink.objects.filter(case_id=case_id, kind=kind).order_by("id").values_list("key", flat=True)[:1]
    )
