"""Feedback owed to a customer: due by a moment, open until somebody wrote it and it went out (H-3.1-f).

An escalation makes one by itself. It is a message without words yet: it waits on the notices page and on its case.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import transaction

from guiju.kernel.models import Case, Event
from guiju.kernel.reactions import reaction
from guiju.kernel.refusals import Refused
from guiju.notify import ways
from guiju.notify.alarms import in_hand
from guiju.notify.models import Message
from guiju.notify.outbox import Recipient, send
from guiju.notify.progress import contact_of
from guiju.notify.templates import filled, words_of
from guiju.org.models import Person

TEMPLATE = "escalated.feedback"
#: How soon after an escalation the customer hears of it.
WITHIN = timedelta(hours=24)


class UnableToFeedBack(Refused):
    """The feedback is not sent; the text says why."""


def owe(
    *, case: Case, to: Recipient, due_at: datetime, key: str, at: datetime, by: int | None = None
) -> Message:
    """Write down that the customer is owed news by a moment; the same key owes it once."""
    unique = f"{TEMPLATE}|{case.pk}|{key}"[:120]
    made, _ = Message.objects.get_or_create(
        key=unique,
        defaults={
            "uuid": uuid.uuid4(), "company_id": case.chain_id, "scope_id": case.scope_id, "case": case,
            "template": TEMPLATE, "purpose": "progress", "to_kind": to.kind, "to_id": to.id, "name": to.name,
            "phone": to.phone, "email": to.email, "address": "", "subject": "", "body": "", "values": {},
            "state": Message.State.OWED, "made_at": at, "made_by_id": by, "due_at": due_at, "answer": "",
        },
    )  # fmt: skip
    return made


@reaction("*", "clock:escalate", "escalate", name="notify.owe_feedback")
def owe_after_escalation(event: Event, at: datetime) -> None:
    """An escalated case owes its customer news within a day, once until it is given."""
    case = event.case
    if case is None or case.historic or case.closed_at is not None:
        return
    if Message.objects.filter(case=case, template=TEMPLATE, state=Message.State.OWED).exists():
        return
    to = contact_of(case)
    if to is not None:
        owe(case=case, to=to, due_at=event.happened_at + WITHIN, key=str(event.pk), at=at)


def give(message: Message, *, words: str, by: Person, at: datetime) -> Message:
    """
    Write the words of an owed feedback and put it into the outbox.

    :raises UnableToFeedBack: no words, or it was given already.
    """
    words = words.strip()
    if not words or len(words) > 500:
        raise UnableToFeedBack("请写明进展和下一步安排，最多 500 字。")
    case = message.case
    assert case is not None
    found = words_of(TEMPLATE, message.company_id)
    values = {"name": message.name or "业主", "title": case.title, "number": case.number, "words": words}
    with transaction.atomic():
        moved = Message.objects.filter(pk=message.pk, state=Message.State.OWED).update(
            state=Message.State.WAITING,
            next_at=at + timedelta(seconds=10),
            version=found.version,
            subject=filled(found.subject, values),
            body=filled(found.text, values),
            values=values,
            ways=list(found.channels),
            made_by=by,
        )
        if not moved:
            raise UnableToFeedBack("这条反馈已经写好，正在发送。")
    message.refresh_from_db()
    return message


def remind_owed(*, at: datetime) -> int:
    """Tell those who have the case in hand that the customer still waits; once per feedback. Return how many."""
    told = 0
    late = Message.objects.filter(state=Message.State.OWED, due_at__lte=at, reminded_at=None)
    for message in late.select_related("case").order_by("due_at", "pk")[:100]:
        if message.case is None or not Message.objects.filter(pk=message.pk, reminded_at=None).update(
            reminded_at=at
        ):
            continue
        people = Person.objects.filter(pk__in=in_hand(message.case, at)[:20], is_active=True)
        for person in people.order_by("pk"):
            send(
                template="feedback.overdue", to=Recipient.person(person), case=message.case, at=at,
                key=str(message.pk), channels=(ways.WECOM, ways.DINGTALK, ways.FEISHU, ways.INSIDE),
                values={"number": message.case.number, "title": message.case.title},
            )  # fmt: skip
        told += 1
    return told
