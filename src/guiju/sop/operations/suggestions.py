"""Suggestions on SOPs: anybody makes one, the head of the department decides, an accepted one starts a new version."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from guiju.org.models import Department, Person
from guiju.sop import authority
from guiju.sop.models import Document, Suggestion, Version
from guiju.sop.operations.revising import UnableToRevise, draft_from, note


class UnableToSuggest(Exception):
    """The suggestion is not taken; says why."""


class UnableToDecide(Exception):
    """The suggestion stays open; says why."""


@transaction.atomic
def suggest(version: Version, *, text: str, by: Person, at: datetime, place: str = "") -> Suggestion:
    """
    Suggest a change to an SOP. Everybody may (G-6-b); it goes to the head of the document's department.

    :raises UnableToSuggest: nothing was written.
    """
    if len(text.strip()) < 2:
        raise UnableToSuggest("请写明建议的内容")
    made = Suggestion.objects.create(
        version=version, company_id=by.company_id, place=place, text=text.strip(), made_at=at, made_by=by
    )
    note(version, "suggested", by=by, at=at, suggestion=made.pk)
    return made


def head_of(document: Document, company_id: int) -> Person | None:
    """Return the head of the department that the document belongs to, in the company."""
    department = (
        Department.objects.filter(company_id=company_id, name=document.department)
        .select_related("head")
        .first()
    )
    return department.head if department else None


@transaction.atomic
def decide_suggestion(
    suggestion: Suggestion, *, accepted: bool, reason: str, by: Person, at: datetime
) -> Suggestion:
    """
    Accept or reject a suggestion with a reason (G-6-c). Accepting one begins a new version with the change note
    (G-6-d), or joins the version that is under way.

    :raises UnableToDecide: decided already, no reason, or not the head of the department (without one: a manager).
    """
    found = Suggestion.objects.select_for_update().select_related("version__document").get(pk=suggestion.pk)
    document = found.version.document
    if found.state != Suggestion.State.OPEN:
        raise UnableToDecide(f"这条建议{found.get_state_display()}")
    head = head_of(document, found.company_id)
    if head is not None and head.pk != by.pk:
        raise UnableToDecide(f"须由部门负责人{head.name}处理")
    if head is None and (
        lacking := authority.lacking(by, authority.REVIEW, company_id=found.company_id, at=at)
    ):
        raise UnableToDecide(lacking)
    if not reason.strip():
        raise UnableToDecide("请写处理意见")
    if accepted:
        found.led_to = document.versions.open().first() or _begin(found, by=by, at=at)
    found.state = Suggestion.State.ACCEPTED if accepted else Suggestion.State.REJECTED
    found.reason, found.decided_by, found.decided_at = reason.strip(), by, at
    found.save(update_fields=["state", "reason", "decided_by", "decided_at", "led_to"])
    note(
        found.version,
        "suggestion_decided",
        by=by,
        at=at,
        suggestion=found.pk,
        accepted=accepted,
        reason=found.reason,
    )
    return found


def _begin(suggestion: Suggestion, *, by: Person, at: datetime) -> Version:
    latest = suggestion.version.document.versions.published().newest_first().first() or suggestion.version
    try:
        return draft_from(latest, by=by, at=at, change_note=f"采纳建议：{suggestion.text[:80]}")
    except UnableToRevise as error:
        raise UnableToDecide(str(error)) from error
