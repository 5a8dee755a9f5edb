"""Erasing what an event says, where the law wants it (PIPL 47): the chain keeps the digest, and says who and why."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from guiju.kernel.chain import ERASED
from guiju.kernel.engine import record
from guiju.kernel.models import Event
from guiju.kernel.ports import Actor
from guiju.kernel.refusals import BadlyFilled, NotReady


@transaction.atomic
def erase(event_id: int, *, reason: str, by: Actor, at: datetime) -> Event:
    """
    Erase the content of an event and return the event that says so. The row, its digest and its place stay.

    :raises BadlyFilled: no reason is given.
    :raises NotReady: there is no such event, or nothing is left to erase.
    """
    if len(reason.strip()) < 2:
        raise BadlyFilled({"reason": "删除理由：请写明依据"})
    event = Event.objects.filter(pk=event_id).first()
    if event is None or event.step == ERASED:
        raise NotReady("没有这条记录，或者它本身就是删除的记载")
    if Event.objects.filter(pk=event_id, erased_at=None).update(body=None, erased_at=at) != 1:
        raise NotReady("这条记录的内容已经删除")
    return record(
        company_id=event.chain_id,
        step=ERASED,
        by=by,
        at=at,
        given={"seq": event.seq, "event": event.pk, "reason": reason.strip()},
    )
