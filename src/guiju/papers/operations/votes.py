"""A decision that was signed on paper, typed in afterwards with the scan (补录)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from guiju.kernel import acts
from guiju.kernel.models import ApprovalRequest, Event
from guiju.kernel.refusals import BadlyFilled
from guiju.org.models import Person
from guiju.papers.operations.attachments import attach, store


@transaction.atomic
def vote_on_paper(
    *,
    request: ApprovalRequest,
    decision: str,
    reason: str,
    voter: Person,
    post: str,
    scan: bytes,
    name: str,
    by: Person,
    at: datetime,
) -> Event:
    """
    Enter what ``voter`` decided on paper; ``by`` types it in, the scan of the signed paper stays with the case.

    :raises BadlyFilled: no scan, no decision, or none of the reasons that a refusal needs.
    :raises NotYourPost: ``voter`` holds no open seat, or ``by`` asked for the step himself.
    :raises SomebodyWasFaster: the seat has been decided.
    """
    if not scan:
        raise BadlyFilled({"file": "签字件扫描：必填"})
    kept = store(file=scan, name=name or "书面审批.jpg", by=by, at=at)
    event = acts.vote(
        request.pk, decision=decision, by=voter, at=at, reason=reason, post=post, paper_sha256=kept.sha256,
        recorded_by=by,
    )  # fmt: skip
    attach(
        sha256s=[kept.sha256], company_id=request.case.chain_id, kind="paper_vote", by=by, at=at, case=request.case,
        title=f"{voter.name}书面审批意见",
    )  # fmt: skip
    return event
