"""Reads of SOPs for pages and reports."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from guiju.org.models import Holding, Person
from guiju.sop import policies
from guiju.sop.lint import posts_of
from guiju.sop.models import Document, Edition, Reading, Suggestion, Version, day_of


@dataclass(frozen=True)
class Shelved:
    """A document of the library with the version in force and the one under way."""

    document: Document
    in_force: Version | None
    coming: Version | None
    under_way: Version | None
    review_overdue: bool


def library(*, company_id: int, on: date, posts: Iterable[str] | None = None) -> list[Shelved]:
    """
    Return the documents of a company: its own where it has one, else the group's, in the order of their codes.

    With ``posts`` only those that are for everybody or for one of these posts (G-1-b).
    """
    wanted = set(posts) if posts is not None else None
    rows = Document.objects.filter(Q(company_id=company_id) | Q(company=None)).prefetch_related("versions")
    chosen: dict[str, Document] = {}
    for document in sorted(rows, key=lambda row: row.company_id is None):
        chosen.setdefault(document.code, document)
    found = []
    for code in sorted(chosen):
        document = chosen[code]
        if wanted is not None and document.audience and not wanted & set(document.audience):
            continue
        found.append(_shelved(document, on))
    return found


def _shelved(document: Document, on: date) -> Shelved:
    versions = sorted(document.versions.all(), key=lambda row: (row.major, row.minor))
    published = [row for row in versions if row.state == Version.State.PUBLISHED and row.effective_date]
    past = [row for row in published if row.effective_date and row.effective_date <= on]
    future = [row for row in published if row.effective_date and row.effective_date > on]
    way = [row for row in versions if row.state in Version.ON_THE_WAY]
    return Shelved(
        document,
        in_force=max(past, key=lambda row: (row.effective_date, row.major, row.minor), default=None),
        coming=min(future, key=lambda row: (row.effective_date, row.major, row.minor), default=None),
        under_way=way[0] if way else None,
        review_overdue=bool(document.next_review_date and document.next_review_date < on),
    )


def standing(version: Version, on: date) -> str:
    """Return what a version is on a day, in one word: 待生效, 现行, 已被替代 for a published one, else its state."""
    if version.state != Version.State.PUBLISHED or version.effective_date is None:
        return version.get_state_display()
    if version.effective_date > on:
        return "待生效"
    newest = policies.version_of(version.document, on)
    return "现行" if newest is not None and newest.pk == version.pk else "已被替代"


def document(code: str, *, company_id: int | None = None) -> Document:
    """
    Return a document by its code: the company's own, else the group's.

    :raises Document.DoesNotExist: there is none.
    """
    rows = Document.objects.filter(code=code).filter(Q(company_id=company_id) | Q(company=None))
    found = sorted(rows, key=lambda row: row.company_id is None)
    if not found:
        raise Document.DoesNotExist(f"没有编号 {code} 的作业标准书")
    return found[0]


def version_of_case(sop_version_id: int) -> Version:
    """Return the version that a case is pinned to."""
    return Edition.objects.select_related("version__document").get(pk=sop_version_id).version


def overdue_reviews(on: date) -> list[Document]:
    """Return the documents whose review is overdue, longest first (G-6-a)."""
    return list(Document.objects.filter(next_review_date__lt=on).order_by("next_review_date", "code", "pk"))


@dataclass(frozen=True)
class Share:
    """A share as its two figures; ``None`` per cent when there is nothing to count."""

    counted: int
    of: int

    @property
    def percent(self) -> float | None:
        """The share in per cent."""
        return self.counted * 100 / self.of if self.of else None


def reviewed_in_time(on: date) -> dict[str, Share]:
    """Return per department how many of its SOPs are in force and not overdue for review (G-6-e)."""
    found: dict[str, Share] = {}
    for row in Document.objects.prefetch_related("versions").order_by("department", "pk"):
        shelf = _shelved(row, on)
        before = found.get(row.department, Share(0, 0))
        good = shelf.in_force is not None and not shelf.review_overdue
        found[row.department] = Share(before.counted + good, before.of + 1)
    return found


def has_read(person_id: int, version: Version) -> bool:
    """Return whether the person has read the version or was trained in it (G-4.1-a)."""
    return Reading.objects.filter(person_id=person_id, version=version).exists()


def unread_by(person: Person, *, at: datetime) -> list[Version]:
    """Return the versions in force, or soon to be, that concern one of the person's posts and that they have not read."""
    own = set(Holding.objects.at(at).filter(person=person).values_list("post__code", flat=True))
    seen = set(Reading.objects.filter(person=person).values_list("version_id", flat=True))
    found = []
    for shelf in library(company_id=person.company_id, on=day_of(at)):
        for version in (shelf.in_force, shelf.coming):
            if version is None or version.pk in seen:
                continue
            if own & concerned(version):
                found.append(version)
    return found


def concerned(version: Version) -> set[str]:
    """Return the posts that a version gives work to or is written for."""
    return set(posts_of(version.content)) | set(version.content.get("audience", []))


def open_suggestions(company_id: int) -> list[Suggestion]:
    """Return the suggestions that wait for the head of a department, oldest first."""
    rows = Suggestion.objects.filter(company_id=company_id, state=Suggestion.State.OPEN)
    return list(rows.select_related("version__document", "made_by").order_by("pk"))
