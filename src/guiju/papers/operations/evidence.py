"""Taking the evidence pack of a case out of the program: by those who may, and the case says so."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from guiju.kernel import engine, store
from guiju.kernel.models import Case
from guiju.org.models import Person
from guiju.org.secrecy import may_take_out, require_take_out
from guiju.papers.evidence import Pack, make_pack
from guiju.papers.evidence_parts import belonging


def take_pack(*, case: Case, by: Person, at: datetime) -> Pack:
    """
    Make the pack of a case and write into its history who took it, with the digests. Call it outside a transaction.

    What belongs to the case but may not be taken out by this person stays out, and the pack says how much.

    :raises NotYourPost: the person may not take the papers of this case out.
    :raises UnableToPrint: it could not be typeset.
    """
    require_take_out(by, case, at=at)
    named = belonging(case)
    parts = [
        one
        for one in named
        if may_take_out(by, one.secrecy, company_id=one.chain_id, project_id=one.scope_id, at=at)
    ]
    pack = make_pack(case, by_name=by.name, at=at, parts=parts, left_out=len(named) - len(parts))
    note_pack(case=case, pack=pack, by=by, at=at)
    return pack


@transaction.atomic
def note_pack(*, case: Case, pack: Pack, by: Person | None, at: datetime) -> None:
    """Write into the case's history that its pack was made; ``by`` is empty for the command line."""
    locked = engine.lock_case(case)
    locked.events += 1
    store.update(Case, {"events": locked.events}, id=locked.pk)
    work = engine.Work()
    engine.queue(
        work, locked, "evidence", from_state=locked.state, by_id=by.pk if by else None, happened_at=at,
        recorded_at=at, content={
            "last": pack.last, "digest": pack.digest, "record": pack.record_sha256, "events": pack.events,
        },
    )  # fmt: skip
    work.finish()
