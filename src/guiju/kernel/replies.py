"""Answers kept for a day under the caller's idempotency key, so that a request sent twice is carried out once.

The answer is written in the transaction of the act itself: after a power cut both are there, or neither. Whoever
sends the same key meanwhile waits for that transaction and gets its answer (DECISIONS 12).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from guiju.kernel import store
from guiju.kernel.models import Reply

KEPT_FOR = timedelta(days=1)


class KeyUsedForAnotherRequest(Exception):
    """The key came before with another request."""


@dataclass(frozen=True)
class Answer:
    """What was answered: the status and the body. ``again``: it is an earlier answer."""

    status: int
    body: str
    again: bool = False


@store.once_more_after_deadlock
def once(
    *, person_id: int, key: str, request_digest: str, at: datetime, act: Callable[[], tuple[int, str]]
) -> Answer:
    """
    Carry out an act under a key, or return what it answered before. Whatever the act raises undoes it and keeps no
    answer; an act that is refused returns its refusal, which is kept.

    :raises KeyUsedForAnotherRequest: the key came before with another request.
    """
    with transaction.atomic():
        if not _claim(person_id, key, request_digest, at):
            found = Reply.objects.get(person_id=person_id, key=key)
            if found.made_at > at - KEPT_FOR:
                if found.request_digest != request_digest:
                    raise KeyUsedForAnotherRequest(key)
                return Answer(found.status, found.body, again=True)
            found.delete()
            if not _claim(person_id, key, request_digest, at):
                raise KeyUsedForAnotherRequest(key)
        status, body = act()
        store.update(Reply, {"status": status, "body": body}, person_id=person_id, key=key)
        return Answer(status, body)


def _claim(person_id: int, key: str, request_digest: str, at: datetime) -> bool:
    """Write the key's row; while another transaction holds it, wait. Return whether it is ours."""
    made_at = Reply._meta.get_field("made_at").get_db_prep_save(at, connection)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO kernel_reply (person_id, key, request_digest, status, body, made_at) "
            "VALUES (%s, %s, %s, 0, '', %s) ON CONFLICT (person_id, key) DO NOTHING",
            [person_id, key, request_digest, made_at],
        )
        return bool(cursor.rowcount == 1)


def forget_old(*, at: datetime) -> int:
    """Delete the answers older than a day; return how many."""
    return Reply.objects.filter(made_at__lte=at - KEPT_FOR).delete()[0]
