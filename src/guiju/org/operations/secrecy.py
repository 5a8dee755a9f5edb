"""Changing the confidentiality class of a case (E-4.4-b)."""

from __future__ import annotations

from datetime import datetime

from guiju.kernel import acts
from guiju.kernel.models import Case, Event
from guiju.org import posts
from guiju.org.gates import require_post
from guiju.org.models import Person


def classify_case(*, case: Case, secrecy: str, reason: str, by: Person, at: datetime) -> Event:
    """
    Make a case confidential or ordinary again; an event of the case with the reason.

    :raises NotYourPost: the post may not: more may make confidential than may take it back.
    :raises BadlyFilled: no such class, or no reason.
    :raises SomebodyWasFaster: it is of this class already.
    """
    may = posts.MAY_CLASSIFY if secrecy == Case.CONFIDENTIAL else posts.MAY_READ_CONFIDENTIAL
    require_post(by, *sorted(may), company_id=case.chain_id, project_id=case.scope_id, at=at)
    return acts.classify(case, secrecy, reason=reason, by=by, at=at)
