"""The customer signs the 维修任务单 on the technician's phone: paper, signature and act are kept together or not at all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from guiju.desk.aftersales_papers import work_order
from guiju.kernel import engine
from guiju.kernel.models import Case, Event
from guiju.org.models import Company, Person
from guiju.papers.operations.papers import issue
from guiju.papers.operations.signatures import UnableToSign, drawing, sign_on_screen


@transaction.atomic
def sign_off(
    case: Case, *, drawn: str, name: str, by: Person, at: datetime, given: Mapping[str, Any], key: UUID | None
) -> Event:
    """
    Put the drawn signature on the 维修任务单 as it stands, and take the step ``sign`` of the visit with it.

    ``drawn``: the strokes as JSON, ``{"strokes": [[[x, y, ms], …], …]}``. The same ``key`` again gives the same event
    and no second paper.

    :raises UnableToSign: no name, or a drawing that is none. What ``engine.advance`` raises, too.
    """
    # The case is locked before the paper, as in every act.
    here = Case.objects.select_for_update().get(pk=case.pk)
    signed = dict(given)
    if here.state == case.state and not (key and Event.objects.filter(key=key).exists()):
        signed["signature"] = _signed_paper(here, drawn, name, by, at)
    return engine.advance(case, "sign", by=by, at=at, given=signed, key=key)


def _signed_paper(case: Case, drawn: str, name: str, by: Person, at: datetime) -> str:
    """Print the paper, sign it, and return the digest of the drawing."""
    try:
        strokes = json.loads(drawn)["strokes"] or []
    except (ValueError, KeyError, TypeError):
        strokes = []
    if not name.strip():
        raise UnableToSign("请填写签名人。")
    # Before the paper is made: its number is that of the act, and waits for a drawing that will do.
    drawing(strokes)
    company = Company.objects.get(pk=case.chain_id)
    data = replace(work_order(case, at), number=f"{case.number}-签{case.events}")
    paper = issue(form="work_order", data=data, company=company, by=by, at=at, case=case)
    signature = sign_on_screen(paper=paper, role="客户", name=name, strokes=strokes, by=by, at=at)
    assert signature.picture is not None
    return signature.picture.sha256
