"""Puts an approved version into force from a day, and takes one out of force."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from guiju.org.models import Person
from guiju.sop import authority, lint, policies
from guiju.sop.models import Version, day_of
from guiju.sop.operations.loading import review_date
from guiju.sop.operations.revising import company_of, note


class UnableToPublish(Exception):
    """The version does not take effect. ``reasons`` lists why, one sentence each."""

    def __init__(self, *reasons: str) -> None:
        self.reasons = reasons
        super().__init__("；".join(reasons))


@transaction.atomic
def publish(version: Version, *, effective_date: date, by: Person, at: datetime) -> Version:
    """
    Publish an approved version: it governs cases opened from its date on. Running cases keep theirs.

    :raises UnableToPublish: it was not approved, the day lies in the past, or lint found something: a limit without a
        clock, a form without a template, a post without a person who has read it, a dead end.
    """
    found = Version.objects.select_for_update().select_related("document").get(pk=version.pk)
    company_id = company_of(found.document, by)
    if found.state != Version.State.APPROVED:
        raise UnableToPublish(f"{found} 现在是「{found.get_state_display()}」，批准后才能发布")
    if reason := authority.lacking(by, authority.PUBLISH, company_id=company_id, at=at):
        raise UnableToPublish(reason)
    if effective_date < day_of(at):
        raise UnableToPublish("实施日期不能早于今天")
    if not found.intact:
        raise UnableToPublish("批准后的内容被改动过，请退回重新编制")
    findings = lint.lint(found.content) + lint.people(found, company_id=company_id, at=at)
    if errors := lint.errors(findings):
        raise UnableToPublish(*(str(finding) for finding in errors))
    found.state, found.effective_date = Version.State.PUBLISHED, effective_date
    found.published_by, found.published_at = by, at
    found.save(update_fields=["state", "effective_date", "published_by", "published_at"])
    document = found.document
    content = found.content
    document.title, document.department = content["title"], content["department"]
    document.category = content.get("category", document.category)
    document.audience = content.get("audience", [])
    document.next_review_date = review_date(effective_date, content["control"]["review"])
    document.save(update_fields=["title", "department", "category", "audience", "next_review_date"])
    policies.edition_of(found)
    policies.changed()
    note(found, "published", by=by, at=at, effective_date=effective_date.isoformat())
    return found


@transaction.atomic
def retire(version: Version, *, by: Person, at: datetime, reason: str) -> Version:
    """
    Take a published version out of force; cases opened from now on run under the version before it.

    :raises UnableToPublish: it is not published, the post may not, no reason is given, or nothing would be left.
    """
    found = Version.objects.select_for_update().select_related("document").get(pk=version.pk)
    if found.state != Version.State.PUBLISHED:
        raise UnableToPublish(f"{found} 没有发布，不用作废")
    if why := authority.lacking(by, authority.APPROVE, company_id=company_of(found.document, by), at=at):
        raise UnableToPublish(why)
    if not reason.strip():
        raise UnableToPublish("请写作废原因")
    others = found.document.versions.effective_on(day_of(at)).exclude(pk=found.pk)
    if found.document.process and found.document.company_id is None and not others.exists():
        raise UnableToPublish(f"{found} 作废后流程没有生效的作业标准书，请先发布新版本")
    found.state, found.remark = Version.State.RETIRED, reason.strip()
    found.retired_by, found.retired_at = by, at
    found.save(update_fields=["state", "remark", "retired_by", "retired_at"])
    policies.changed()
    note(found, "retired", by=by, at=at, reason=found.remark)
    return found
