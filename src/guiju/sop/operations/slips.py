"""Refused attempts are written down per SOP, so that it is seen where people stumble (G-3-b, G-1-d)."""

from __future__ import annotations

import re
from datetime import datetime

from guiju.kernel.models import Case
from guiju.kernel.refusals import BadlyFilled, NotReady, Refused
from guiju.org.models import Person
from guiju.sop.models import Edition, Slip

_NAME = re.compile(r"^[a-z][a-z0-9_.]{0,59}$")
MOST = 20


def note_slip(*, case: Case, step: str, refused: Refused, by: Person, at: datetime) -> Slip | None:
    """
    Write down that an attempt at a step was refused for how it was filled, or for what was not met yet.

    Another post, a colleague who was faster, or a step that does not exist are no slips: None is returned. Call it
    after the attempt, outside of its transaction.
    """
    if isinstance(refused, BadlyFilled):
        kind, about = Slip.Kind.FILLED, [name for name in refused.errors if _NAME.match(name)]
    elif isinstance(refused, NotReady):
        kind = Slip.Kind.UNREADY
        about = [reason.key or reason.clause for reason in refused.reasons if reason.key or reason.clause]
    else:
        return None
    edition = Edition.objects.filter(pk=case.sop_version_id).only("version_id").first()
    return Slip.objects.create(
        version_id=edition.version_id if edition is not None else None,
        case=case,
        process=case.process,
        step=step,
        kind=kind,
        about=sorted(set(about))[:MOST],
        made_at=at,
        made_by=by,
    )
