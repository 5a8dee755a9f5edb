"""Communications that people do by hand: a call, a fax, a letter already sent, any further channel (J-2.7)."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction

from guiju.kernel import engine
from guiju.kernel.models import Case
from guiju.kernel.refusals import Refused
from guiju.notify import ways
from guiju.notify.models import Channel, Message
from guiju.notify.outbox import Recipient
from guiju.notify.replies import tell_case
from guiju.notify.templates import PURPOSES
from guiju.org.gates import scope_of
from guiju.org.models import Person

REACHED, NOT_REACHED = "reached", "not_reached"


class UnableToRecord(Refused):
    """The communication is not recorded; the text says why."""


def channels_of(company_id: int) -> dict[str, str]:
    """Return the channels by which somebody can communicate by hand: the built-in ones and the company's own."""
    found = {code: way.name for code, way in ways.WAYS.items() if way.by_hand and code != ways.HAND}
    for own in Channel.objects.filter(company_id=company_id, way=ways.HAND, on=True).order_by("pk"):
        found[own.code] = own.name
    return found


@transaction.atomic
def record(
    *,
    channel: str,
    to: Recipient,
    words: str,
    by: Person,
    at: datetime,
    case: Case | None = None,
    purpose: str = "notice",
    answer: str = "",
    happened_at: datetime | None = None,
    company_id: int | None = None,
) -> Message:
    """
    Record a communication with a customer that somebody had: by which channel, what was said, what the answer was.

    :raises UnableToRecord: unknown channel or purpose, no words, a moment ahead, or out of the person's scope.
    """
    company_id = case.chain_id if case is not None else company_id or by.company_id
    if not scope_of(by, at=at).holds(company_id, case.scope_id if case is not None else None):
        raise UnableToRecord("这不在你的项目里。")
    if channel not in channels_of(company_id):
        raise UnableToRecord("没有这个渠道，请先到渠道设置里增加。")
    if purpose not in PURPOSES:
        raise UnableToRecord("请选择沟通目的。")
    if not words.strip():
        raise UnableToRecord("请写明沟通内容。")
    happened_at = happened_at or at
    if happened_at > at:
        raise UnableToRecord("沟通时间不能晚于现在。")
    made = Message.objects.create(
        key=str(uuid.uuid4()), uuid=uuid.uuid4(), company_id=company_id,
        scope_id=case.scope_id if case is not None else None, case=case, purpose=purpose, to_kind=to.kind,
        to_id=to.id, name=to.name, phone=to.phone, email=to.email, address="", subject=PURPOSES[purpose],
        body=words.strip(), values={}, ways=[channel], way=channel, state=Message.State.DONE, made_at=at, made_by=by,
        sent_at=happened_at, arrived_at=happened_at, done_at=at, done_by=by, answer=answer.strip(),
        answered_at=happened_at if answer.strip() else None,
    )  # fmt: skip
    if case is not None:
        tell_case(
            made, "notice:done", at=at, by_id=by.pk, to=to.name, words=words.strip(), answer=answer.strip()
        )
    else:
        engine.record(
            company_id=company_id, step="notify.record", by=by, at=at, happened_at=happened_at,
            given={"message": made.pk, "channel": channel, "purpose": purpose},
        )  # fmt: skip
    return made


@transaction.atomic
def finish(
    message: Message, *, outcome: str, by: Person, at: datetime, words: str = "", answer: str = ""
) -> Message:
    """
    Finish a message that people do (a call, a fax): what came of it. Not reached: it stays, with a note.

    :raises UnableToRecord: it waits for nobody, or is a letter (which has its own register).
    """
    locked = Message.objects.select_for_update().get(pk=message.pk)
    if locked.state != Message.State.BY_HAND:
        raise UnableToRecord("这件事已经办理，或者不需要人办。")
    if locked.way == ways.LETTER:
        raise UnableToRecord("信函请在发函登记里办理。")
    if outcome == NOT_REACHED:
        locked.why = f"{by.name} 没有联系上{'：' + words.strip() if words.strip() else ''}"[:300]
        locked.attempts += 1
        locked.save(update_fields=["why", "attempts"])
        tell_case(locked, "notice:missed", at=at, by_id=by.pk, words=words.strip())
        return locked
    if outcome != REACHED:
        raise UnableToRecord("请选择结果。")
    locked.state, locked.done_at, locked.done_by = Message.State.DONE, at, by
    locked.sent_at = locked.arrived_at = at
    locked.why = words.strip()[:300]
    if answer.strip():
        locked.answer, locked.answered_at = answer.strip(), at
    locked.save()
    tell_case(
        locked, "notice:done", at=at, by_id=by.pk, to=locked.name, words=locked.body, answer=answer.strip()
    )
    return locked
