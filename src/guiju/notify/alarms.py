"""Alarms of clocks reach people: whoever has the case in hand is reminded, the post the SOP names is told of delay."""

from __future__ import annotations

from datetime import datetime

from guiju.kernel import chain, ports
from guiju.kernel.clocks import ZONE
from guiju.kernel.models import Case, Event, Todo
from guiju.kernel.reactions import reaction
from guiju.notify.outbox import Recipient, send
from guiju.org.models import Person

AT_MOST = 20


@reaction("*", "clock:remind", "clock:due", "clock:escalate", name="notify.alarm")
def tell_colleagues(event: Event, at: datetime) -> None:
    """Write one message per person and event; run twice, it writes nothing more."""
    case = event.case
    if case is None or case.historic:
        return
    said = chain.open_body(event.body)
    kind = event.step.partition(":")[2]
    wanted = _holders(case, str(said.get("post", "")), at) if kind == "escalate" else in_hand(case, at)
    due = datetime.fromisoformat(str(said["due_at"])).astimezone(ZONE)
    for person in Person.objects.filter(pk__in=wanted[:AT_MOST], is_active=True).order_by("pk"):
        send(
            template=f"clock.{kind}",
            to=Recipient.person(person),
            case=case,
            at=at,
            key=str(event.pk),
            values={
                "number": case.number,
                "title": case.title,
                "clock": said.get("label", ""),
                "due": f"{due:%m-%d %H:%M}",
            },
        )


def in_hand(case: Case, at: datetime) -> list[int]:
    """Return whose next act the case waits for: named persons, else the holders of the post."""
    found: list[int] = []
    for todo in Todo.objects.filter(case=case).exclude(act__startswith="escalate:").order_by("due_at", "pk"):
        found += [todo.person_id] if todo.person_id is not None else _holders(case, todo.post, at)
    return list(dict.fromkeys(found))


def _holders(case: Case, post: str, at: datetime) -> list[int]:
    return list(
        ports.people().holders(post, company_id=case.chain_id, project_id=case.scope_id, at=at)
        if post
        else []
    )
