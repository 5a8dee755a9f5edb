"""The next acts of a case, written as rows: who has to do what, until when (DECISIONS 6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db.models import QuerySet

from guiju.kernel import approvals, clocks, ports, store
from guiju.kernel.context import Context, Work
from guiju.kernel.models import Case, Clock, Todo
from guiju.kernel.prepared import prepared
from guiju.kernel.process import process_of, steps_from
from guiju.kernel.readiness import allowed_posts

NEVER = datetime(9999, 12, 31, tzinfo=UTC)


@dataclass
class Changes:
    """What the to-dos of cases lose, get, and get another due moment."""

    rows: store.Change = field(default_factory=lambda: store.Change(Todo))
    moved: list[dict[str, Any]] = field(default_factory=list)

    def write(self) -> None:
        """Write them."""
        self.rows.write()
        store.update_many(Todo, self.moved)


def plan_todos(
    context: Context, running: Sequence[Clock], *, opening: bool = False, there: Sequence[Todo] | None = None,
    last: bool = False,
) -> None:  # fmt: skip
    """
    Write the case's next acts: for each post the first wanted step, due when the case's nearest clock is.

    ``there`` are the to-dos that the case has, where they have just been read. ``last``: nothing but the events is
    written after them, so they are written with those.
    """
    if there is None:
        there = () if opening else _todos(context.case.pk)
    changes = Changes()
    _plan(context, running, there, changes)
    if last and context.work is not None and context.work.beside is None:
        context.work.beside, changes.rows = changes.rows, store.Change(Todo)
    changes.write()


def _plan(context: Context, running: Sequence[Clock], there: Sequence[Todo], changes: Changes) -> None:
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
    existing = {(todo.act, todo.post): todo for todo in there}
    late = {f"escalate:{clock.name}" for clock in running}
    changes.rows.gone += [
        todo.pk for pair, todo in existing.items() if pair not in wanted and pair[0] not in late
    ]
    due_at = case.due_at or NEVER
    for (act, post), label in wanted.items():
        found = existing.get((act, post))
        if found is None:
            owner = context.by_id if post in context.posts and context.posts[post] is None else None
            changes.rows.new.append(
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
            changes.moved.append({"id": found.pk, "due_at": due_at})


def replan(cases: Sequence[Case], *, at: datetime, work: Work) -> None:
    """Plan locked cases' to-dos anew as of a moment: some are wanted only near or after a due moment."""
    if not cases:
        return
    clocks_of = clocks.open_of_each(cases)
    there: dict[int, list[Todo]] = {case.pk: [] for case in cases}
    for todo in _todos_of_each(list(there)):
        there[todo.case_id].append(todo)
    changes = Changes()
    for case in cases:
        process = process_of(case.process)
        context = Context(
            case=case, process=process, step=process.opening, policy=ports.policies().get(case.sop_version_id),
            by=None, at=at, recorded_at=at, work=work,
        )  # fmt: skip
        _plan(context, clocks_of[case.pk], there[case.pk], changes)
    changes.write()


@prepared
def _todos(case_id: int) -> QuerySet[Todo, Todo]:
    return Todo.objects.filter(case_id=case_id)


@prepared
def _todos_of_each(case_ids: list[int]) -> QuerySet[Todo, Todo]:
    return Todo.objects.filter(case_id__in=case_ids)
