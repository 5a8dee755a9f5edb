"""Answers of customers to messages, by a link or told to a clerk. An answer is an event of the case."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction

from guiju.kernel import engine, store
from guiju.kernel.models import Case
from guiju.kernel.refusals import Refused
from guiju.notify import links
from guiju.notify.models import Link, Message
from guiju.notify.outbox import Recipient, send
from guiju.org.models import Person

PURPOSE = "reply"
KNOWN = "知道了，没有意见"
#: How long a customer may answer.
OPEN_FOR = timedelta(days=14)


class UnableToAnswer(Refused):
    """The answer is not taken; the text says why."""


def link_for(*, case: Case, key: str, phone: str, at: datetime, by: int | None = None) -> Link:
    """Make the link by which the message of this key will be answered; it goes into the message's own words."""
    return links.make(
        purpose=PURPOSE, case=case, subject={"key": key}, phone=phone, expires_at=at + OPEN_FOR, at=at, by=by
    )


def bind(link: Link, message: Message) -> None:
    """Say which message the link answers."""
    Link.objects.filter(pk=link.pk).update(subject={**link.subject, "message": message.pk})


def message_of(link: Link) -> Message:
    """
    Return the message that a link answers.

    :raises LinkClosed: it was never written.
    """
    found = Message.objects.filter(pk=link.subject.get("message", 0), case_id=link.case_id).first()
    if found is None:
        raise links.LinkClosed("这个链接打不开，请联系发给您链接的工作人员。")
    return found


def answer(link: Link, words: str, *, at: datetime) -> Message:
    """
    Take the customer's answer to the link's message; an event of the case says so. Answering again is refused.

    :raises UnableToAnswer: nothing was written, too much, or it was answered before.
    """
    words = words.strip()
    if not words:
        raise UnableToAnswer("请写下您的意见，或点「知道了，没有意见」。")
    if len(words) > 2000:
        raise UnableToAnswer("最多 2000 字，请写短一些。")
    found = message_of(link)
    with transaction.atomic():
        taken = Message.objects.filter(pk=found.pk, answered_at=None).update(answer=words, answered_at=at)
        if not taken:
            raise UnableToAnswer("您已经回复过了，谢谢。")
        links.used(link, at=at)
        tell_case(found, "notice:answer", at=at, answer=words)
    found.refresh_from_db()
    return found


def tell_case(message: Message, step: str, *, at: datetime, by_id: int | None = None, **said: object) -> None:
    """Write into the case's history what became of a message. Runs in the caller's transaction."""
    if message.case_id is None:
        return
    case = engine.lock_case(message.case_id)
    case.events += 1
    store.update(Case, {"events": case.events}, id=case.pk)
    work = engine.Work()
    engine.queue(
        work, case, step, from_state=case.state, by_id=by_id, happened_at=at, recorded_at=at,
        content={"message": message.pk, "way": message.way, "template": message.template, **said},
    )  # fmt: skip
    work.finish()


def ask_opinion(
    *, case: Case, to: Recipient, values: Mapping[str, object], by: Person, at: datetime
) -> Message:
    """Ask a customer's opinion by a message with a link to answer (J-2.7, 征求意见)."""
    key = str(uuid.uuid4())
    with transaction.atomic():
        link = link_for(case=case, key=key, phone=to.phone, at=at, by=by.pk)
        message = send(
            template="opinion", to=to, case=case, at=at, by=by.pk, key=key,
            values={**values, "link": links.full_address(link)},
        )  # fmt: skip
        bind(link, message)
    return message
