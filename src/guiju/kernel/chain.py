"""The chain of events: how an event is digested, linked and written (DECISIONS 11)."""

from __future__ import annotations

import hashlib
import json
import os
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder

from guiju.kernel import store
from guiju.kernel.crypto import decrypt, encrypt
from guiju.kernel.models import ChainHead, Event

SALT = 16
# The step of the event that says which event's content was erased by law.
ERASED = "erase"
PLACE = "kernel_event.body"
_encoder = DjangoJSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True)
_in_order = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def moment(at: datetime) -> str:
    """Write a moment as the digest has it: UTC with microseconds."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def digest_of(
    *,
    chain_id: int,
    seq: int,
    previous: str,
    case: str,
    case_seq: int,
    case_previous: str,
    step: str,
    from_state: str,
    to_state: str,
    actor_id: int | None,
    behalf_id: int | None,
    post: str,
    happened_at: datetime,
    recorded_at: datetime,
    key: UUID | None,
    body_digest: str,
) -> str:
    """Return the sha256 of an event: everything it says, its body by digest, and both of its predecessors."""
    said = [
        chain_id, seq, previous, case, case_seq, case_previous, step, from_state, to_state,
        actor_id, behalf_id, post, moment(happened_at), moment(recorded_at), str(key or ""), body_digest,
    ]  # fmt: skip
    return hashlib.sha256(_in_order.encode(said).encode()).hexdigest()


def close_body(content: dict[str, Any]) -> tuple[bytes, str]:
    """Return the encrypted body and the salted digest that the chain keeps."""
    plain = os.urandom(SALT).hex() + _encoder.encode(content)
    return encrypt(plain, PLACE), hashlib.sha256(plain.encode()).hexdigest()


def open_body(body: bytes | memoryview | None) -> dict[str, Any]:
    """Return an event's content; an erased one reads ``{"erased": True}``."""
    if body is None:
        return {"erased": True}
    content: dict[str, Any] = json.loads(decrypt(bytes(body), PLACE)[SALT * 2 :])
    return content


def digest_of_body(body: bytes | memoryview) -> str:
    """Return the digest of a stored body, as the chain must have it.

    :raises CannotDecrypt: the body was changed.
    """
    return hashlib.sha256(decrypt(bytes(body), PLACE).encode()).hexdigest()


@dataclass
class Pending:
    """An event that waits for the end of its transaction, when the chain's head is locked."""

    chain_id: int
    case_id: int | None
    case_number: str
    case_seq: int
    case_previous_of: Pending | None
    case_previous: str
    step: str
    from_state: str
    to_state: str
    actor_id: int | None
    behalf_id: int | None
    post: str
    happened_at: datetime
    recorded_at: datetime
    key: UUID | None
    content: dict[str, Any]
    reactions: tuple[str, ...] = ()
    id: int = 0
    seq: int = 0
    digest: str = ""


def head_of(chain_id: int) -> store.Lock:
    """Return the head of a chain as a row that another statement may lock beside what it does."""
    return store.Lock(ChainHead, {"chain_id": chain_id}, ("seq", "digest"))


def append(
    events: Iterable[Pending], *, head: store.Lock | None = None, beside: store.Change | None = None
) -> None:
    """
    Link events to their chains and write them. Must run in a transaction, as its last act.

    ``head`` is a head that is locked already, ``beside`` a change of another table that is written with the events.
    """
    by_chain: dict[int, list[Pending]] = defaultdict(list)
    for event in events:
        by_chain[event.chain_id].append(event)
    for chain_id in sorted(by_chain):
        if head is not None and head.found is not None and head.by["chain_id"] == chain_id:
            seq, previous = head.found
        else:
            seq, previous = _lock_head(chain_id)
        rows = []
        for event in by_chain[chain_id]:
            body, body_digest = close_body(event.content)
            seq += 1
            if event.case_previous_of is not None:
                event.case_previous = event.case_previous_of.digest
            event.seq = seq
            event.digest = digest_of(
                chain_id=chain_id,
                seq=seq,
                previous=previous,
                case=event.case_number,
                case_seq=event.case_seq,
                case_previous=event.case_previous,
                step=event.step,
                from_state=event.from_state,
                to_state=event.to_state,
                actor_id=event.actor_id,
                behalf_id=event.behalf_id,
                post=event.post,
                happened_at=event.happened_at,
                recorded_at=event.recorded_at,
                key=event.key,
                body_digest=body_digest,
            )
            rows.append(
                {
                    "chain_id": chain_id,
                    "seq": seq,
                    "case": event.case_id,
                    "case_seq": event.case_seq,
                    "step": event.step,
                    "from_state": event.from_state,
                    "to_state": event.to_state,
                    "actor_id": event.actor_id,
                    "behalf_id": event.behalf_id,
                    "post": event.post,
                    "happened_at": event.happened_at,
                    "recorded_at": event.recorded_at,
                    "key": event.key,
                    "body": body,
                    "body_digest": body_digest,
                    "case_previous": event.case_previous,
                    "previous": previous,
                    "digest": event.digest,
                }
            )
            previous = event.digest
        ids = store.insert_and_update(
            Event, rows, ChainHead, {"seq": seq, "digest": previous}, beside=beside, chain_id=chain_id
        )
        beside = None
        for event, event_id in zip(by_chain[chain_id], ids, strict=True):
            event.id = event_id


def _lock_head(chain_id: int) -> tuple[int, str]:
    query = f"SELECT seq, digest FROM kernel_chainhead WHERE chain_id = %s{store.lock_suffix()}"  # noqa: S608
    found = store.answer(query, [chain_id])
    if not found:
        store.changed(
            "INSERT INTO kernel_chainhead (chain_id, seq, digest) VALUES (%s, 0, '') ON CONFLICT DO NOTHING",
            [chain_id],
        )
        found = store.answer(query, [chain_id])
    ((seq, digest),) = found
    return int(seq), str(digest)
