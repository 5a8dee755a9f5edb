"""What quality tells an evidence pack: who complained, and what was said to the customer when."""

from __future__ import annotations

from guiju.kernel.models import Case
from guiju.papers.questions import Exchange, exchanged, parts_of, subjects
from guiju.quality.models import (
    Callback,
    Compensation,
    Complaint,
    ContractorWork,
    CorrectiveAction,
    Dispute,
    Memo,
    RecordEntry,
)

SAID = {"contacted": "联系", "round": "协商", "feedback": "反馈", "replied": "答复", "explained": "解释"}


@subjects.answered_by
def complainant_of(case: Case) -> list[tuple[str, str]]:
    """Return who complained; the complainant need not be the owner (DECISIONS 22)."""
    named: str | None = None
    if case.process == "complaint":
        named = Complaint.objects.filter(case=case).values_list("complainant", flat=True).first()
    elif case.process == "dispute":
        named = Dispute.objects.filter(case=case).values_list("complainant", flat=True).first()
    return [("投诉人", named)] if named else []


@exchanged.answered_by
def said_to_the_customer(case: Case) -> list[Exchange]:
    """Return what the customer was told, with the answer, oldest first."""
    if case.process not in ("complaint", "dispute"):
        return []
    rows = RecordEntry.objects.filter(case=case, kind__in=SAID).select_related("entered_by").order_by("id")
    return [
        Exchange(
            at=entry.entered_at, way=str(entry.data.get("how") or SAID[entry.kind]), to="顾客", words=entry.words,
            state=entry.entered_by.name if entry.entered_by is not None else "系统",
            answer=str(entry.data.get("answer", "")),
        )
        for entry in rows
    ]  # fmt: skip


@parts_of.answered_by
def done_because_of_it(case: Case) -> list[int]:
    """Return what the case led to: memos, contractors' work, compensation, corrective actions, call-backs."""
    return [
        *Memo.objects.filter(source=case).values_list("case_id", flat=True),
        *ContractorWork.objects.filter(source=case).values_list("case_id", flat=True),
        *Compensation.objects.filter(source=case).values_list("case_id", flat=True),
        *CorrectiveAction.objects.filter(source=case).values_list("case_id", flat=True),
        *Callback.objects.filter(about=case).values_list("case_id", flat=True),
    ]
