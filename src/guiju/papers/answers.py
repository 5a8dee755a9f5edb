"""What this app answers to questions of the apps below it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db import models

from guiju.kernel import row_anchors
from guiju.kernel.audit import altered
from guiju.kernel.crypto import CannotDecrypt
from guiju.org.models import Person
from guiju.org.operations.people import UnableToLeave
from guiju.org.questions import person_leaves
from guiju.papers.forms import FORMS
from guiju.papers.models import Attachment, Reprint, Seal, SealHandover, SealUse, Signature
from guiju.papers.operations.seals import move_seal
from guiju.sop.questions import printed_forms


@printed_forms.answered_by
def forms_of_the_house() -> dict[str, str]:
    """Return the form library: number on paper -> title."""
    return {kind.number: kind.title for kind in FORMS.values()}


@altered.answered_by
def changed_files() -> Iterator[str]:
    """Read every file that is kept and tell those that are gone or hold something else than was uploaded or printed."""
    for kept in Attachment.objects.order_by("pk").iterator(chunk_size=500):
        named = f"{kept.get_kind_display()}《{kept.name}》（附件编号 {kept.pk}，{kept.uploaded_at:%Y-%m-%d}）"
        try:
            whole = hashlib.sha256(kept.read()).hexdigest()
        except OSError:
            yield f"{named}的文件不见了或读不出来"
            continue
        except (CannotDecrypt, ValueError):
            whole = ""
        if whole != kept.sha256:
            yield f"{named}的内容与其摘要不符：被改动过"


@row_anchors.fixed.answered_by
def registers_of_seals() -> Iterable[type[models.Model]]:
    """The registers of seals, signatures and reprints are only added to (I-6-1)."""
    return SealUse, SealHandover, Signature, Reprint


@person_leaves.answered_by
def hand_over_seals(*, person_id: int, successor_id: int | None, by_id: int, at: datetime) -> list[str]:
    """Give every seal that the leaver keeps to the successor; a seal is never left without a keeper."""
    seals = list(Seal.objects.in_use().filter(keeper_id=person_id).select_for_update().order_by("pk"))
    if not seals:
        return []
    if successor_id is None:
        raise UnableToLeave(f"还保管着{'、'.join(f'「{seal.name}」' for seal in seals)}，请指定接手人。")
    successor = Person.objects.get(pk=successor_id)
    for seal in seals:
        move_seal(seal=seal, to=successor, reason="离职移交", by_id=by_id, at=at)
    return [f"「{seal.name}」改由{successor.name}保管" for seal in seals]
