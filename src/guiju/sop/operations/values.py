"""Sets values that differ by company and project, from a day on (DECISIONS 7). They tighten the law, never loosen it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from guiju.kernel import engine
from guiju.org.models import Company, Person
from guiju.sop import authority, lint, policies
from guiju.sop import content as contents
from guiju.sop.models import Document, ScopeValue, day_of


class UnableToSetValue(Exception):
    """The value is not taken; says why."""


@transaction.atomic
def propose_value(
    document: Document,
    *,
    company: Company,
    project_id: int | None,
    path: str,
    value: Any,
    from_date: date,
    to_date: date | None = None,
    reason: str,
    by: Person,
    at: datetime,
) -> ScopeValue:
    """
    Propose a value for a company, or for one of its projects: ``settings.<name>`` or ``clocks.<name>.limit``.

    :raises UnableToSetValue: the document has no such value, it is looser than the law or out of its range, the day
        lies in the past, or the post may not.
    """
    if lacking := authority.lacking(by, authority.DRAFT, company_id=company.pk, at=at):
        raise UnableToSetValue(lacking)
    if not reason.strip():
        raise UnableToSetValue("请写另定的理由")
    if from_date < day_of(at):
        raise UnableToSetValue("起始日期不能早于今天")
    if to_date is not None and to_date < from_date:
        raise UnableToSetValue("最后日期不能早于起始日期")
    version = policies.version_of(document, from_date)
    if version is None:
        raise UnableToSetValue(f"《{document.title}》到起始日期还没有生效的版本")
    try:
        before = contents.value_of(version.content, path)
        content = contents.with_values(version.content, {path: value})
    except contents.NoSuchValue as error:
        raise UnableToSetValue(str(error)) from error
    wrong = [f"{place}：{text}" for place, text in contents.misfits(content)]
    known = set(lint.errors(lint.lint(version.content)))
    wrong += [str(finding) for finding in lint.errors(lint.lint(content)) if finding not in known]
    if wrong:
        raise UnableToSetValue("；".join(wrong))
    made = ScopeValue.objects.create(
        document=document, company=company, project_id=project_id, path=path, value=value, from_date=from_date,
        to_date=to_date, reason=reason.strip(), proposed_by=by, proposed_at=at,
    )  # fmt: skip
    _note(made, "value_proposed", by=by, at=at, old=before)
    return made


@transaction.atomic
def approve_value(value: ScopeValue, *, by: Person, at: datetime) -> ScopeValue:
    """
    Approve a proposed value; cases opened from its first day on run with it.

    :raises UnableToSetValue: approved already, the approver's own proposal, or the post may not.
    """
    found = ScopeValue.objects.select_for_update().select_related("document").get(pk=value.pk)
    if found.approved_at is not None:
        raise UnableToSetValue("已经批准过了")
    if found.proposed_by_id == by.pk:
        raise UnableToSetValue("不能批准自己提出的值")
    if lacking := authority.lacking(
        by, authority.APPROVE | authority.PUBLISH, company_id=found.company_id, at=at
    ):
        raise UnableToSetValue(lacking)
    found.approved_by, found.approved_at = by, at
    found.save(update_fields=["approved_by", "approved_at"])
    policies.changed()
    _note(found, "value_approved", by=by, at=at)
    return found


def values_of(document: Document, *, company_id: int, on: date) -> list[ScopeValue]:
    """Return the values that hold on a day in the company and its projects, and those still to come."""
    rows = ScopeValue.objects.filter(document=document, company_id=company_id)
    return list(
        rows.filter(Q(to_date=None) | Q(to_date__gte=on)).order_by("path", "project_id", "from_date", "pk")
    )


def _note(value: ScopeValue, act: str, *, by: Person, at: datetime, **said: Any) -> None:
    engine.record(
        company_id=value.company_id,
        step=f"sop:{act}",
        by=by,
        at=at,
        given={
            "code": value.document.code, "path": value.path, "value": value.value, "project": value.project_id,
            "from_date": value.from_date.isoformat(), "reason": value.reason, **said,
        },
    )  # fmt: skip
