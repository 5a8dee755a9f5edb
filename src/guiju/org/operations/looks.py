"""Noting that somebody saw personal data (DECISIONS 20, E-4.4-a)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from guiju.kernel import engine, store
from guiju.kernel.refusals import Refused
from guiju.org.models import Look, Person


def note_look(
    person: Person, kind: str, key: str | int, *, at: datetime, company_id: int | None = None
) -> bool:
    """
    Note that the person saw personal data of an object (``case``, ``unit``, ``customer`` and its key).

    The first look of a day (in China's time) writes a row and an event in the chain of ``company_id`` (the person's
    own company if none is named); further looks of that day write nothing. Returns whether this one was the first.
    """
    day = timezone.localdate(at)
    seen = {"person": person.pk, "kind": kind, "key": str(key), "day_date": day}
    if store.ids(Look, **seen):
        return False
    with transaction.atomic():
        # Two windows of one person may ask at once: one row, one event.
        first = store.insert_once(Look, seen | {"looked_at": at}) is not None
        if first:
            engine.record(
                company_id=company_id or person.company_id,
                step="org.look",
                by=person,
                at=at,
                given={"kind": kind, "key": str(key)},
            )
    return first


class UnableToUnmask(Refused):
    """The value is not shown in full; the text says what is missing."""


def note_unmasking(
    person: Person,
    kind: str,
    key: str | int,
    *,
    what: str,
    reason: str,
    at: datetime,
    company_id: int | None = None,
) -> None:
    """
    Note that somebody had a masked value shown in full (identity number, bank card). Every time is an event.

    :raises UnableToUnmask: no reason was given.
    """
    if not reason.strip():
        raise UnableToUnmask("请填写查看原因。")
    engine.record(
        company_id=company_id or person.company_id,
        step="org.unmask",
        by=person,
        at=at,
        given={"kind": kind, "key": str(key), "what": what, "reason": reason.strip()},
    )
