"""Reactions: what follows an event after its transaction committed. Noted in the same transaction, run by a worker,
retried with growing pauses, and given up where people can see it (STYLE 14)."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache

from django.db import transaction

from guiju import discreet
from guiju.kernel import store
from guiju.kernel.chain import Pending
from guiju.kernel.models import Event, Reaction

log = logging.getLogger(__name__)

Run = Callable[[Event, datetime], None]
ATTEMPTS = 8
LEASE = timedelta(minutes=10)

_runs: dict[str, Run] = {}
_by_step: dict[tuple[str, str], tuple[str, ...]] = {}


def reaction(process: str, *steps: str, name: str = "") -> Callable[[Run], Run]:
    """Register a function that runs after each event of these steps. It must be idempotent: it may run twice."""

    def add(run: Run) -> Run:
        known_as = name or f"{run.__module__}.{run.__name__}"
        _runs[known_as] = run
        for step in steps:
            _by_step[(process, step)] = (*_by_step.get((process, step), ()), known_as)
        names_for.cache_clear()
        return run

    return add


@lru_cache(maxsize=2048)
def names_for(process: str, step: str) -> tuple[str, ...]:
    """Return the reactions to a step of a process (``*``: of any process; ``request:*``: to any step asked for)."""
    kind, colon, _ = step.partition(":")
    of_kind = _by_step.get(("*", f"{kind}:*"), ()) if colon else ()
    return _by_step.get((process, step), ()) + _by_step.get(("*", step), ()) + of_kind


def note(events: Sequence[Pending]) -> None:
    """Write the reactions to events into the outbox, in the events' own transaction."""
    rows = [
        {
            "event": event.id, "name": name, "state": Reaction.WAITING, "attempts": 0,
            "next_at": event.recorded_at, "error": "",
        }
        for event in events
        for name in event.reactions
    ]  # fmt: skip
    store.insert(Reaction, rows)


def run_due(at: datetime, *, limit: int = 50) -> int:
    """Run the reactions that are due, each in its own transaction, and return how many were run.

    A reaction whose worker died is taken up again when its lease is over.
    """
    due = list(
        Reaction.objects.filter(state__in=[Reaction.WAITING, Reaction.RUNNING], next_at__lte=at)
        .order_by("next_at", "id")
        .select_related("event")[:limit]
    )
    ran = 0
    for found in due:
        claimed = store.update(
            Reaction,
            {"state": Reaction.RUNNING, "attempts": found.attempts + 1, "next_at": at + LEASE},
            id=found.pk,
            attempts=found.attempts,
        )
        if claimed != 1:
            continue
        if found.attempts >= ATTEMPTS:
            # Whoever ran it died with it every time; it must not take the next worker along.
            store.update(
                Reaction,
                {"state": Reaction.DEAD, "error": "The worker ended while running this."},
                id=found.pk,
            )
            continue
        _run(found, at)
        ran += 1
    return ran


def _run(found: Reaction, at: datetime) -> None:
    run = _runs.get(found.name)
    try:
        if run is None:
            raise LookupError(f"No reaction is called {found.name}.")
        with transaction.atomic():
            run(found.event, at)
            store.update(Reaction, {"state": Reaction.DONE, "error": ""}, id=found.pk)
    except Exception as error:
        log.exception("reaction %s to event %s failed", found.name, found.event_id)
        dead = found.attempts + 1 >= ATTEMPTS
        pause = timedelta(seconds=min(3600, 5 * 2 ** (found.attempts + 1)) * random.uniform(0.8, 1.2))
        store.update(
            Reaction,
            {
                "state": Reaction.DEAD if dead else Reaction.WAITING,
                "next_at": at + pause,
                "error": discreet.failure(error)[-4000:],
            },
            id=found.pk,
        )


def retry(reaction_id: int, *, at: datetime) -> bool:
    """Put a dead reaction back to work; return whether it was dead."""
    changed = store.update(
        Reaction,
        {"state": Reaction.WAITING, "attempts": 0, "next_at": at},
        id=reaction_id,
        state=Reaction.DEAD,
    )
    return changed == 1
