"""The outbox: a message is written in the transaction of whoever wants it, and goes out after it, once.

Nothing here touches the network. ``sending`` sends what is due.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from guiju.kernel.crypto import keyed_digest, normalise_phone
from guiju.kernel.models import Case
from guiju.kernel.refusals import Refused
from guiju.notify import questions
from guiju.notify.models import Message
from guiju.notify.templates import filled, words_of
from guiju.org.models import Company, Person

CUSTOMER, PERSON, ADDRESS = "customer", "person", "address"
#: How long a message can still be stopped (DECISIONS 18).
GRACE = timedelta(seconds=10)
HISTORIC = "历史事项不发通知"


class UnableToSend(Refused):
    """The message is not written; the text says why."""


@dataclass(frozen=True)
class Recipient:
    """Whom a message is for: a customer, a colleague (``person``), or nobody known (``address``)."""

    kind: str
    id: int | None = None
    name: str = ""
    phone: str = ""
    email: str = ""

    @classmethod
    def person(cls, person: Person) -> Recipient:
        """Return a colleague as recipient."""
        return cls(PERSON, person.pk, person.name, person.phone)


def send(
    *,
    template: str,
    to: Recipient,
    values: Mapping[str, object],
    case: Case | None,
    at: datetime,
    by: int | None = None,
    not_before: datetime | None = None,
    key: str = "",
    channels: Sequence[str] = (),
    urgent: bool = False,
    company_id: int | None = None,
    grace: timedelta = GRACE,
) -> Message:
    """
    Write a message into the outbox and return it; the worker sends it ``grace`` later, not before ``not_before``.

    ``key`` makes it once-only for this template and recipient: sent again, the first message is returned and nothing
    is written. ``channels`` overrides the template's order. Quiet hours and consent are asked when it is sent. A
    message about a historic case is written down and not sent (DECISIONS 22).

    :raises UnableToFill: the template is unknown or a value is missing.
    :raises UnableToSend: it is not known on which company's behalf.
    """
    company_id = company_id or _company_of(to, case)
    words = words_of(template, company_id)
    unique = _unique(template, to, key)
    if key and (there := Message.objects.filter(key=unique).first()):
        return there
    declared = words.template
    historic = case is not None and case.historic
    state = Message.State.REFUSED if historic else Message.State.WAITING
    if declared.check and not historic:
        state = Message.State.CHECKING
    message = Message(
        key=unique,
        uuid=uuid.uuid4(),
        company_id=company_id,
        scope_id=case.scope_id if case is not None else None,
        case=case,
        template=template,
        version=words.version,
        kind=declared.kind,
        purpose=declared.purpose,
        urgent=declared.urgent or urgent,
        secret=declared.secret,
        to_kind=to.kind,
        to_id=to.id,
        name=to.name,
        phone=to.phone,
        email=to.email,
        address=_address_of(to),
        subject=filled(words.subject, values),
        body=filled(words.text, values),
        values={name: str(value) for name, value in values.items()},
        ways=list(channels or words.channels),
        state=state,
        why=HISTORIC if historic else "",
        next_at=max(at + grace, not_before or at) if state == Message.State.WAITING else None,
        made_at=at,
        made_by_id=by,
    )
    try:
        with transaction.atomic():
            message.save(force_insert=True)
    except IntegrityError:
        # Written by somebody else at the same moment.
        there = Message.objects.filter(key=unique).first()
        if there is None:
            raise
        return there
    return message


def _unique(template: str, to: Recipient, key: str) -> str:
    if not key:
        return str(uuid.uuid4())
    whom = str(to.id) if to.id else keyed_digest(f"{normalise_phone(to.phone)}\0{to.email}").hex()[:16]
    text = f"{template}|{to.kind}:{whom}|{key}"
    return text if len(text) <= 120 else f"{template[:50]}|{hashlib.sha256(text.encode()).hexdigest()}"


def _company_of(to: Recipient, case: Case | None) -> int:
    if case is not None:
        return case.chain_id
    if to.kind == PERSON and to.id is not None:
        return Person.objects.values_list("company_id", flat=True).get(pk=to.id)
    only: Any = list(Company.objects.operating().order_by("pk").values_list("pk", flat=True)[:2])
    if len(only) != 1:
        raise UnableToSend("不知道以哪家公司的名义发送。")
    return int(only[0])


def _address_of(to: Recipient) -> str:
    if to.kind != CUSTOMER or to.id is None:
        return ""
    return next((address for address in questions.postal_address.ask_all(to.id) if address), "")


class UnableToStop(Refused):
    """The message is on its way or gone; the text says so."""


def stop(message: Message, *, by: Person, at: datetime) -> Message:
    """
    Stop a message that has not gone out.

    :raises UnableToStop: it has.
    """
    stopped = Message.objects.filter(
        pk=message.pk,
        state__in=[
            Message.State.WAITING, Message.State.CHECKING, Message.State.BY_HAND, Message.State.UNCONNECTED,
        ],
    ).update(
        state=Message.State.STOPPED, next_at=None, done_at=at, done_by=by, why=f"{by.name}撤回"
    )  # fmt: skip
    if not stopped:
        raise UnableToStop("这条通知已经发出或已处理，不能撤回。")
    message.refresh_from_db()
    return message
