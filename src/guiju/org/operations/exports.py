"""Taking personal data out of the program: ask, decide, take (DECISIONS 20)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from guiju.kernel.refusals import Refused
from guiju.org import posts
from guiju.org.gates import holds_post, may_see_personal_data
from guiju.org.models import Company, Delegation, ExportRequest, Person
from guiju.org.operations.recording import record
from guiju.org.people import ROSTER

State = ExportRequest.State


class UnableToAskForExport(Refused):
    """The export cannot be asked for; the text says why."""


@transaction.atomic
def ask_for_export(
    *,
    what: str,
    chosen: dict[str, Any],
    reason: str,
    company: Company,
    by: Person,
    at: datetime,
    project_id: int | None = None,
) -> ExportRequest:
    """
    Ask to take a list with personal data out: what, chosen by which filter, what for.

    :raises UnableToAskForExport: no purpose, or the person does not see this data in full anyway.
    """
    if not reason.strip():
        raise UnableToAskForExport("请填写用途。")
    if not may_see_personal_data(by, company_id=company.pk, project_id=project_id, at=at):
        raise UnableToAskForExport("你的岗位不接触这些客户信息，不能申请导出。")
    request = ExportRequest.objects.create(
        company=company,
        project_id=project_id,
        what=what,
        chosen=chosen,
        reason=reason.strip(),
        asked_at=at,
        asked_by=by,
    )
    given = {"export": request.pk, "what": what, "chosen": chosen, "reason": request.reason}
    record(company.pk, "ask_for_export", by=by, at=at, given=given)
    return request


class UnableToDecideExport(Refused):
    """The export cannot be decided by this person now; the text says why."""


@transaction.atomic
def decide_export(
    *, request: ExportRequest, approve: bool, by: Person, at: datetime, note: str = ""
) -> ExportRequest:
    """
    Approve or refuse an export; never one's own, and never that of whom one acts for.

    :raises UnableToDecideExport: decided already, one's own, or not a post that may let data go.
    """
    request = (
        ExportRequest.objects.select_for_update(of=("self",)).select_related("asked_by").get(pk=request.pk)
    )
    if request.state != State.ASKED:
        raise UnableToDecideExport("这份申请已有人处理。")
    if by.pk == request.asked_by_id:
        raise UnableToDecideExport("不能批准自己的申请。")
    if Delegation.objects.filter(giver=request.asked_by, taker=by).at(at).exists():
        raise UnableToDecideExport(f"你正在代理{request.asked_by.name}，不能批准其申请。")
    if not holds_post(
        by, *posts.MAY_APPROVE_EXPORT, company_id=request.company_id, project_id=request.project_id, at=at
    ):
        names = "、".join(ROSTER.post_label(code) for code in sorted(posts.MAY_APPROVE_EXPORT))
        raise UnableToDecideExport(f"导出由{names}批准。")
    if not approve and not note.strip():
        raise UnableToDecideExport("不批准时请写明原因。")
    request.state = State.APPROVED if approve else State.REFUSED
    request.decided_at, request.decided_by, request.decision_note = at, by, note.strip()
    request.save(update_fields=["state", "decided_at", "decided_by", "decision_note"])
    given = {"export": request.pk, "approve": approve, "note": request.decision_note}
    record(request.company_id, "decide_export", by=by, at=at, given=given)
    return request


def watermark_of(request: ExportRequest) -> str:
    """Return the line that stands on every page of the file: number, who took it, who approved, when, what for."""
    decided = request.decided_by.name if request.decided_by else "—"
    day = timezone.localtime(request.decided_at or request.asked_at).strftime("%Y-%m-%d %H:%M")
    return (
        f"导出 {request.pk} 号　{request.asked_by.name} 申请　{decided} 批准　{day}　仅限：{request.reason}"
    )


class UnableToTakeExport(Refused):
    """The file may not be made now; the text says why."""


@transaction.atomic
def take_export(*, request: ExportRequest, rows: int, sha256: str, by: Person, at: datetime) -> str:
    """
    Note that the file was made, once, by whoever asked. Returns the watermark that must stand on it.

    :raises UnableToTakeExport: not approved, taken already, or somebody else's request.
    """
    request = (
        ExportRequest.objects.select_for_update(of=("self",))
        .select_related("asked_by", "decided_by")
        .get(pk=request.pk)
    )
    if by.pk != request.asked_by_id:
        raise UnableToTakeExport("由申请人本人导出。")
    if request.state == State.TAKEN:
        raise UnableToTakeExport("已导出过一次，再导请重新申请。")
    if request.state != State.APPROVED:
        raise UnableToTakeExport("还没有批准，不能导出。")
    request.state, request.taken_at, request.rows, request.sha256 = State.TAKEN, at, rows, sha256
    request.save(update_fields=["state", "taken_at", "rows", "sha256"])
    given = {"export": request.pk, "rows": rows, "sha256": sha256}
    record(request.company_id, "take_export", by=by, at=at, given=given)
    return watermark_of(request)
