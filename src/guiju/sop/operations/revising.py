"""Revises an SOP: drafted by one person, reviewed by a second, approved by a third (I-0-a to I-0-c)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from guiju.kernel import engine, ports
from guiju.org.models import Company, Person
from guiju.sop import authority, lint
from guiju.sop import content as contents
from guiju.sop.difference import difference
from guiju.sop.models import Document, Version


class UnableToRevise(Exception):
    """The version cannot take this step. ``reasons`` lists why, one sentence each."""

    def __init__(self, *reasons: str) -> None:
        self.reasons = reasons
        super().__init__("；".join(reasons))


def _locked(version: Version, *states: str) -> Version:
    """Return the version as it is now, if it is in one of the states.

    :raises UnableToRevise: it is elsewhere.
    """
    now = Version.objects.select_for_update().select_related("document").get(pk=version.pk)
    if now.state not in states:
        wanted = "、".join(f"「{Version.State(state).label}」" for state in states)
        raise UnableToRevise(f"{now} 现在是「{now.get_state_display()}」，{wanted}时才能这样办")
    return now


def company_of(document: Document, by: Person) -> int:
    """Return the company whose posts count: the document's, else the person's own."""
    return document.company_id or by.company_id


def _may(by: Person, wanted: frozenset[str], document: Document, at: datetime) -> None:
    if reason := authority.lacking(by, wanted, company_id=company_of(document, by), at=at):
        raise UnableToRevise(reason)


def _involved(person_id: int, at: datetime) -> set[int]:
    """Return the person and whoever stands in for them: none of them decides on their work (DECISIONS 5)."""
    return {person_id, *ports.people().delegates_of(person_id, at=at)}


def note(version: Version, act: str, *, by: Person, at: datetime, **said: object) -> None:
    """Write the act on the version into the audit chain of the company."""
    engine.record(
        company_id=company_of(version.document, by),
        step=f"sop:{act}",
        by=by,
        at=at,
        given={"code": version.document.code, "version": version.number, "sha256": version.sha256, **said},
    )


@transaction.atomic
def draft_from(
    version: Version,
    *,
    by: Person,
    at: datetime,
    change_note: str,
    major: bool = False,
    company: Company | None = None,
) -> Version:
    """
    Begin a new version as a copy of another: 1.0 gives 1.1, or 2.0 if ``major``. With ``company`` the draft belongs
    to that company's own document, which is made of the group's template if it is not there yet.

    :raises UnableToRevise: a version of the document is under way already, or the post may not.
    """
    document = version.document
    if company is not None and document.company_id != company.pk:
        document, _ = Document.objects.get_or_create(
            code=document.code,
            company=company,
            defaults={
                "title": document.title,
                "kind": document.kind,
                "category": document.category,
                "process": document.process,
                "department": document.department,
                "audience": document.audience,
                "next_review_date": document.next_review_date,
            },
        )
    _may(by, authority.DRAFT, document, at)
    if not change_note.strip():
        raise UnableToRevise("请写修订说明")
    if under_way := document.versions.open().first():
        raise UnableToRevise(f"{under_way} 正在修订（{under_way.get_state_display()}），办完后才能再起草")
    last = document.versions.newest_first().first()
    of_major, of_minor = (last.major, last.minor) if last else (version.major, version.minor)
    draft = Version.objects.create(
        document=document,
        major=of_major + 1 if major else of_major,
        minor=0 if major else of_minor + 1,
        content=version.content,
        sha256=version.sha256,
        change_note=change_note.strip(),
        based_on=version,
        prepared_at=at,
        prepared_by=by,
    )
    _set_content(draft, version.content, by=by, at=at)
    note(draft, "drafted", by=by, at=at, based_on=version.number, change_note=draft.change_note)
    return draft


@transaction.atomic
def edit(version: Version, *, content: contents.Content, by: Person, at: datetime) -> Version:
    """
    Replace the content of a draft. Its code, process, version number and control block are the document's own.

    :raises UnableToRevise: it is no draft, the post may not, or the content does not fit the schema.
    """
    draft = _locked(version, Version.State.DRAFT)
    _may(by, authority.DRAFT, draft.document, at)
    before = draft.content
    _set_content(draft, content, by=by, at=at)
    if changes := difference(before, draft.content):
        note(draft, "edited", by=by, at=at, difference=changes)
    return draft


def _set_content(draft: Version, content: contents.Content, *, by: Person, at: datetime) -> None:
    """Store content with the control block of this version; the drafter is whoever edited last."""
    based = draft.based_on.content if draft.based_on else content
    control = dict(content.get("control") or {})
    earlier = [row for row in based["control"]["revisions"] if row["version"] != draft.number]
    revision = {"version": draft.number, "date": at.date().isoformat(), "text": draft.change_note}
    control |= {
        "prepared": by.name,
        "version": draft.number,
        "effective": based["control"]["effective"],
        "revisions": [*earlier, revision],
    }
    fixed = {"code": draft.document.code, "kind": draft.document.kind, "control": control}
    if draft.document.process:
        fixed["process"] = draft.document.process
    whole = {**content, **fixed}
    if wrong := contents.misfits(whole):
        raise UnableToRevise(*(f"{place}：{text}" for place, text in wrong))
    draft.content, draft.sha256 = whole, contents.digest(whole)
    draft.prepared_by, draft.prepared_at = by, at
    draft.save(update_fields=["content", "sha256", "prepared_by", "prepared_at"])


@transaction.atomic
def submit(version: Version, *, by: Person, at: datetime) -> Version:
    """
    Hand a draft in for review. From here its content is fixed.

    :raises UnableToRevise: it is no draft, the post may not, nothing was changed, or lint found errors.
    """
    draft = _locked(version, Version.State.DRAFT)
    _may(by, authority.DRAFT, draft.document, at)
    if draft.based_on is not None and not difference(draft.based_on.content, draft.content):
        raise UnableToRevise(f"{draft} 与 {draft.based_on.number} 版没有差别")
    if errors := lint.errors(lint.lint(draft.content)):
        raise UnableToRevise(*(str(finding) for finding in errors))
    draft.state = Version.State.SUBMITTED
    draft.remark = ""
    draft.save(update_fields=["state", "remark"])
    note(draft, "submitted", by=by, at=at)
    return draft


@transaction.atomic
def review(version: Version, *, by: Person, at: datetime, opinion: str = "") -> Version:
    """
    Review a submitted version 审核.

    :raises UnableToRevise: it is not submitted, the post may not, or it is the reviewer's own draft.
    """
    submitted = _locked(version, Version.State.SUBMITTED)
    _may(by, authority.REVIEW, submitted.document, at)
    if submitted.prepared_by_id and by.pk in _involved(submitted.prepared_by_id, at):
        raise UnableToRevise("编制人及其代理人不能审核自己编制的版本")
    submitted.state = Version.State.REVIEWED
    submitted.reviewed_by, submitted.reviewed_at = by, at
    submitted.save(update_fields=["state", "reviewed_by", "reviewed_at"])
    note(submitted, "reviewed", by=by, at=at, opinion=opinion)
    return submitted


@transaction.atomic
def approve(version: Version, *, by: Person, at: datetime, opinion: str = "") -> Version:
    """
    Approve a reviewed version 批准. Three different people have then drafted, reviewed and approved it.

    :raises UnableToRevise: it was not reviewed, the post may not, or the approver drafted or reviewed it.
    """
    reviewed = _locked(version, Version.State.REVIEWED)
    _may(by, authority.APPROVE, reviewed.document, at)
    for person_id, act in ((reviewed.prepared_by_id, "编制"), (reviewed.reviewed_by_id, "审核")):
        if person_id and by.pk in _involved(person_id, at):
            raise UnableToRevise(f"{act}人及其代理人不能批准同一版本")
    if not reviewed.intact:
        raise UnableToRevise("送审后的内容被改动过，请退回重新编制")
    reviewed.state = Version.State.APPROVED
    reviewed.approved_by, reviewed.approved_at = by, at
    reviewed.save(update_fields=["state", "approved_by", "approved_at"])
    note(reviewed, "approved", by=by, at=at, opinion=opinion)
    return reviewed


@transaction.atomic
def send_back(version: Version, *, by: Person, at: datetime, reason: str) -> Version:
    """
    Return a version that is under way to its drafter, with the reason; review and approval start again.

    :raises UnableToRevise: it is not under way, the post may not, or no reason is given.
    """
    found = _locked(version, Version.State.SUBMITTED, Version.State.REVIEWED, Version.State.APPROVED)
    _may(by, authority.REVIEW | authority.APPROVE, found.document, at)
    if not reason.strip():
        raise UnableToRevise("请写退回原因")
    found.state, found.remark = Version.State.DRAFT, reason.strip()
    found.reviewed_by = found.reviewed_at = found.approved_by = found.approved_at = None
    found.save(update_fields=["state", "remark", "reviewed_by", "reviewed_at", "approved_by", "approved_at"])
    note(found, "returned", by=by, at=at, reason=found.remark)
    return found
