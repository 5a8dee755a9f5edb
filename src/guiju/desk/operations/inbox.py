"""What comes in by itself: mail and online messages, once each, opened by somebody, registered or put aside (C-3.1-f)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from guiju.desk.models import Incoming
from guiju.kernel import engine, ports
from guiju.kernel.crypto import normalise_phone
from guiju.kernel.refusals import Refused
from guiju.org.gates import holds_post, require_post
from guiju.org.models import Person

KEEP_ASIDE = timedelta(days=90)


class UnableToSort(Refused):
    """The item cannot be taken so; says why."""


def take_in(
    *,
    company_id: int,
    channel: str,
    key: str,
    text: str,
    sender: str = "",
    address: str = "",
    phone: str = "",
    room: str = "",
    subject: str = "",
    files: Sequence[str] = (),
    original: str = "",
    notes: str = "",
    project_id: int | None = None,
    sent_at: datetime | None = None,
    at: datetime,
) -> tuple[Incoming, bool]:
    """
    Take in what came, once by its key; return it, and whether it is new.

    ``files`` and ``original`` are digests of stored attachments.
    """
    return Incoming.objects.get_or_create(
        company_id=company_id, key=key[:200],
        defaults={
            "channel": channel, "project_id": project_id, "sender": sender[:100], "address": address,
            "phone": normalise_phone(phone), "room": room[:60], "subject": subject[:200], "text": text,
            "files": list(files), "original": original, "notes": notes[:400], "sent_at": sent_at,
            "received_at": at,
        },
    )  # fmt: skip


def _receivers(item: Incoming, at: datetime) -> tuple[str, ...]:
    """Return the posts that register receptions by the SOP in force (A-1.3-a)."""
    policy = ports.policies().current(
        "reception", company_id=item.company_id, project_id=item.project_id, at=at
    )
    return policy.step("receive").posts


def receives(item: Incoming, *, by: Person, at: datetime) -> bool:
    """Whether this person may register the item; who only reads it does not take it from the unread."""
    where = {"company_id": item.company_id, "project_id": item.project_id} if item.project_id else {}
    return holds_post(by, *_receivers(item, at), at=at, **where)


@transaction.atomic
def open_item(item: Incoming, *, by: Person, at: datetime) -> Incoming:
    """Open an item: the first person who does stands on it with the moment (C-3.1-f)."""
    changed = Incoming.objects.filter(pk=item.pk, opened_at=None).update(opened_at=at, opened_by=by)
    item.refresh_from_db()
    if changed:
        engine.record(
            company_id=item.company_id, step="desk.open_incoming", by=by, at=at, given={"incoming": item.pk}
        )
    return item


@transaction.atomic
def put_aside(item: Incoming, *, reason: str, by: Person, at: datetime) -> Incoming:
    """
    Put aside what is no matter of a customer (advertisement, out of office), with a reason.

    :raises UnableToSort: without a reason, or it is registered already.
    :raises NotYourPost: ``by`` registers no receptions here.
    """
    if not receives(item, by=by, at=at):
        require_post(by, *_receivers(item, at), at=at, company_id=item.company_id, project_id=item.project_id)
    if len(reason.strip()) < 2:
        raise UnableToSort("请写明为什么不登记，如：广告")
    changed = Incoming.objects.filter(pk=item.pk, case=None, dropped="").update(dropped=reason.strip()[:200])
    if not changed:
        raise UnableToSort("这一件已登记或已放到一边")
    if item.opened_at is None:
        Incoming.objects.filter(pk=item.pk).update(opened_at=at, opened_by=by)
    engine.record(
        company_id=item.company_id, step="desk.put_aside", by=by, at=at,
        given={"incoming": item.pk, "reason": reason.strip()[:200]},
    )  # fmt: skip
    item.refresh_from_db()
    return item
