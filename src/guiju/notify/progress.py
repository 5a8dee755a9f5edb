"""News for the customer at each step that matters: which step says which template (E-2.5-a, E-4.3-a, F-2.4-d).

A process's app says in its ``notices.py``: ``follow("after_sales", "after_sales.done", {"finish": "修好了"})``. The words
may use ``{name}``, ``{number}``, ``{title}``, ``{news}``, ``{step}``, ``{state}``, ``{when}`` and what the act was given.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from guiju.kernel import chain
from guiju.kernel.clocks import ZONE
from guiju.kernel.models import Case, Event
from guiju.kernel.process import process_of
from guiju.kernel.reactions import reaction
from guiju.notify import questions
from guiju.notify.outbox import Recipient, send
from guiju.notify.templates import templates


def follow(process: str, template: str, news: Mapping[str, str]) -> None:
    """
    Tell the customer whenever one of these steps was taken: step and, in the owner's words, what is new (``{news}``).
    The template must be declared before.
    """
    if template not in templates():
        raise LookupError(f"No template is called {template}.")

    @reaction(process, *news, name=f"notify.progress.{process}.{template}")
    def tell(event: Event, at: datetime) -> None:
        if event.case is None or event.case.historic:
            return
        to = contact_of(event.case)
        if to is None:
            return
        send(
            template=template, to=to, case=event.case, at=at, by=event.actor_id, key=str(event.pk),
            values={**values_of(event, to), "news": news[event.step]},
        )  # fmt: skip


def values_of(event: Event, to: Recipient) -> dict[str, Any]:
    """Return what the words about an act may use."""
    assert event.case is not None
    process = process_of(event.case.process)
    step = process.step(event.step)
    given = chain.open_body(event.body).get("given")
    plain = {
        name: value
        for name, value in (given if isinstance(given, dict) else {}).items()
        if isinstance(value, (str, int))
    }
    return plain | {
        "name": to.name or "业主",
        "number": event.case.number,
        "title": event.case.title,
        "step": step.label if step is not None else event.step,
        "state": process.state(event.to_state).label if event.to_state else "",
        "when": f"{(on := event.happened_at.astimezone(ZONE)).month}月{on.day}日 {on:%H:%M}",
    }


def contact_of(case: Case) -> Recipient | None:
    """Return whom news about the case goes to: what apps answer, else who was named when it was opened."""
    for answer in questions.contact_of.ask_all(case):
        if answer is not None:
            return answer
    first = Event.objects.filter(case=case).order_by("case_seq").first()
    given = chain.open_body(first.body).get("given") if first is not None else None
    if not isinstance(given, dict):
        return None
    phone = next((str(given[key]) for key in ("contact_phone", "phone") if given.get(key)), "")
    name = next((str(given[key]) for key in ("contact_name", "complainant", "name") if given.get(key)), "")
    return Recipient("address", None, name, phone) if phone else None
