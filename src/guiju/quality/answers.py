"""What quality answers when lower apps ask: ratings to keep, closed cases that resemble a story."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

from guiju.desk.models import AfterSales, Reception
from guiju.desk.questions import record_rating
from guiju.kernel.models import Case
from guiju.knowledge import likeness
from guiju.knowledge.questions import (
    Solved,
    contact_of,
    names_in,
    outcome_of,
    part_of,
    solved_cases,
    story_of,
)
from guiju.org.models import Person
from guiju.quality import surveys
from guiju.quality.models import Complaint

LOOKED_AT = 1000


@record_rating.answered_by
def _record(
    *,
    case: Case,
    score: int,
    solved: bool | None,
    items: Mapping[str, int],
    words: str,
    source: str,
    by: Person | None,
    at: datetime,
) -> int:
    """Keep a customer's rating of a case of the desk."""
    rating = surveys.rate(
        case=case, score=score, solved=solved, items=items, words=words, source=source, by=by, at=at
    )
    return rating.pk


@story_of.answered_by
def _story(case_id: int) -> str:
    """Return what the customer said in a repair, a reception or a complaint."""
    repair = (
        AfterSales.objects.filter(case_id=case_id).values_list("words", "need", "problem", "symptom").first()
    )
    heard = (
        Reception.objects.filter(case_id=case_id).values_list("words", "need", "problem", "element").first()
    )
    complaint = (
        Complaint.objects.filter(case_id=case_id).values_list("words", "wish", "problem", "cause").first()
    )
    return "\n".join(part for found in (repair, heard, complaint) if found for part in found[:3] if part)


@part_of.answered_by
def _part(case_id: int) -> str:
    """Return the part that a repair is about."""
    return AfterSales.objects.filter(case_id=case_id).values_list("part", flat=True).first() or ""


@names_in.answered_by
def _names(case_id: int) -> Collection[str]:
    """Return whom a case names beside its customers: who called, who complained."""
    found = [
        *AfterSales.objects.filter(case_id=case_id).values_list("contact_name", flat=True),
        *Reception.objects.filter(case_id=case_id).values_list("caller", flat=True),
        *Complaint.objects.filter(case_id=case_id).values_list("complainant", flat=True),
    ]
    return [name for name in found if name]


@solved_cases.answered_by
def _solved(words: str, part: str, company_id: int, but: int | None) -> Collection[Solved]:
    """Return closed repairs and complaints that resemble the words, those of the same part first."""
    found = list(_closed_repairs(company_id, but)) + list(_closed_complaints(company_id, but))
    scored = likeness.best(words, found, lambda one: one[1].problem, most=20, least=0.05)
    best = [
        Solved(one.case_id, one.number, one.problem, one.solution, one.closed_at, min(1.0, likeness_ + extra))
        for (theirs, one), likeness_ in scored
        for extra in [0.2 if part and theirs == part else 0.0]
    ]
    return sorted(best, key=lambda one: -one.likeness)[:5]


def _closed_repairs(company_id: int, but: int | None) -> Iterator[tuple[str, Solved]]:
    rows = (
        AfterSales.objects.filter(case__chain_id=company_id, closed_at__isnull=False)
        .exclude(case_id=but or 0)
        .select_related("case")
        .order_by("-pk")[:LOOKED_AT]
    )
    for row in rows:
        assert row.closed_at is not None
        told = row.problem or row.words
        problem = told if row.symptom in told else f"{told}\n{row.symptom}"
        solution = row.measure or row.cause_words
        yield row.part, Solved(row.case_id, row.case.number, problem, solution, row.closed_at, 0.0)


def _closed_complaints(company_id: int, but: int | None) -> Iterator[tuple[str, Solved]]:
    rows = (
        Complaint.objects.filter(case__chain_id=company_id, case__closed_at__isnull=False)
        .exclude(case_id=but or 0)
        .select_related("case")
        .order_by("-pk")[:LOOKED_AT]
    )
    for row in rows:
        assert row.case.closed_at is not None
        solution = row.treatment or row.result
        yield (
            "",
            Solved(row.case_id, row.case.number, row.problem or row.words, solution, row.case.closed_at, 0.0),
        )


@outcome_of.answered_by
def _outcome(case_id: int) -> tuple[str, str] | None:
    """Return what was wrong and what helped, of a repair, a complaint or a question."""
    repair = AfterSales.objects.filter(case_id=case_id).first()
    if repair is not None:
        problem = "\n".join(part for part in (repair.problem or repair.words, repair.diagnosis) if part)
        return problem, "\n".join(part for part in (repair.cause_words, repair.measure) if part)
    complaint = Complaint.objects.filter(case_id=case_id).first()
    if complaint is not None:
        return complaint.problem or complaint.words, complaint.treatment
    heard = Reception.objects.filter(case_id=case_id).first()
    if heard is not None:
        return heard.need or heard.words, "\n".join(part for part in (heard.answer, heard.advice) if part)
    return None


@contact_of.answered_by
def _contact(case_id: int) -> tuple[str, str] | None:
    """Return whom a repair, a complaint or a reception is for."""
    repair = AfterSales.objects.filter(case_id=case_id).first()
    if repair is not None:
        return repair.contact_name, repair.contact_phone
    complaint = Complaint.objects.filter(case_id=case_id).first()
    if complaint is not None:
        return complaint.complainant, complaint.phone
    heard = Reception.objects.filter(case_id=case_id).first()
    return (heard.caller, heard.phone) if heard is not None else None
