"""Which SOP governs a case: the policies port of the kernel, answered from what is published.

A case stores the key of an ``Edition``: a version with the values of its company and project put in when the case was
opened. Editions never change, so they are remembered for good; which one is current is remembered until the ``Stamp``
counts on.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Final

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet

from guiju.kernel.audit import altered
from guiju.kernel.chain import open_body
from guiju.kernel.models import Event
from guiju.kernel.policy import Policy
from guiju.kernel.prepared import prepared
from guiju.kernel.refusals import Reason, Refused
from guiju.sop import content as contents
from guiju.sop.models import Document, Edition, ScopeValue, Stamp, Version, day_of


@altered.answered_by
def changed_texts() -> Iterator[str]:
    """Tell every version of an SOP whose content is not the one that was digested, or that the chain says was released."""
    told = {
        (given["code"], given["version"], given["sha256"])
        for event in Event.objects.filter(step__startswith="sop:").order_by("pk").iterator()
        if event.body is not None and "sha256" in (given := open_body(event.body)["given"])
    }
    for version in Version.objects.select_related("document").order_by("pk").iterator():
        fixed = version.shipped or version.state != Version.State.PUBLISHED
        if not version.intact or not (
            fixed or (version.document.code, version.number, version.sha256) in told
        ):
            yield f"作业标准书 {version.document.code} 第 {version.number} 版（编号 {version.pk}）的内容与其摘要不符：被改动过"


class NoSopInForce(Refused):
    """No version of the process's SOP is in force on the day of the act."""

    def __init__(self, process: str) -> None:
        super().__init__(
            [Reason(f"流程「{process}」没有生效的作业标准书，发布并到实施日期后才能办理", "I-0-d", "sop")]
        )


class NoSuchEdition(Refused):
    """The case names an SOP version that this database does not hold."""

    status = 404
    title = "没有这一版作业标准书"


#: What cases of the past carry instead of an edition: registers bring them in, no SOP governed them.
WITHOUT_SOP: Final = 0

_policies: dict[tuple[str, str, int], Policy] = {}
_current: dict[tuple[str, str, int, str, int, int | None, date], int] = {}


def forget() -> None:
    """Drop what this process remembers. Called whenever a version, value or edition is made."""
    _policies.clear()
    _current.clear()


def _place() -> tuple[str, str]:
    options = connection.settings_dict.get("OPTIONS", {}).get("options", "")
    return str(connection.settings_dict["NAME"]), str(options)


def changed() -> None:
    """Tell every process that something took force or lost it."""
    Stamp.objects.get_or_create(only=1)
    Stamp.objects.update(value=F("value") + 1)
    forget()


@prepared
def _stamp() -> QuerySet[Stamp, int]:
    return Stamp.objects.order_by("pk").values_list("value", flat=True)[:1]


class Shelf:
    """The policies port of the kernel."""

    def current(self, process: str, *, company_id: int, project_id: int | None, at: datetime) -> Policy:
        """
        Return what a case of the process opened at the moment is governed by.

        :raises NoSopInForce: nothing is in force.
        """
        stamp = _stamp.one() or 0
        day = day_of(at)
        key = (*_place(), stamp, process, company_id, project_id, day)
        found = _current.get(key)
        if found is None:
            version = in_force(process, company_id=company_id, day=day)
            if version is None:
                raise NoSopInForce(process)
            found = edition_for(version, company_id=company_id, project_id=project_id, day=day).pk
            if len(_current) > 10_000:
                _current.clear()
            _current[key] = found
        return self.get(found)

    def get(self, version_id: int) -> Policy:
        """
        Return what an edition says.

        :raises NoSuchEdition: there is none with this key.
        """
        if version_id == WITHOUT_SOP:
            return Policy(WITHOUT_SOP, "", "", "历史事项，无作业标准书", "")
        key = (*_place(), version_id)
        found = _policies.get(key)
        if found is None:
            edition = Edition.objects.select_related("version").filter(pk=version_id).first()
            if edition is None:
                raise NoSuchEdition(f"没有编号 {version_id} 的作业标准书版本")
            found = contents.policy_of(edition.content, key=edition.pk, version=edition.version.number)
            _policies[key] = found
        return found


SHELF: Final = Shelf()


def in_force(process: str, *, company_id: int, day: date) -> Version | None:
    """Return the version that governs a process on a day: the company's own, else the group's template."""
    documents = Document.objects.filter(process=process).filter(Q(company_id=company_id) | Q(company=None))
    for document in sorted(documents, key=lambda found: found.company_id is None):
        if (version := version_of(document, day)) is not None:
            return version
    return None


def version_of(document: Document, day: date) -> Version | None:
    """
    Return the document's version in force on a day.

    Before the first version's date the shipped one counts, so that old cases can be typed in.
    """
    newest = document.versions.effective_on(day).order_by("-effective_date", "-major", "-minor").first()
    return newest or document.versions.published().filter(shipped=True).order_by("major", "minor").first()


def values_for(
    document: Document, *, company_id: int, project_id: int | None, day: date
) -> dict[str, object]:
    """Return the approved values of a scope on a day: the narrower scope wins, within a scope the later day."""
    rows = (
        ScopeValue.objects.filter(
            document__code=document.code, company_id=company_id, approved_at__isnull=False
        )
        .filter(Q(project_id=None) | Q(project_id=project_id), from_date__lte=day)
        .filter(Q(to_date=None) | Q(to_date__gte=day))
        .order_by("from_date", "pk")
    )
    found: dict[str, object] = {}
    for row in sorted(rows, key=lambda row: row.project_id is not None):
        found[row.path] = row.value
    return found


def edition_for(version: Version, *, company_id: int, project_id: int | None, day: date) -> Edition:
    """Return the version with the scope's values put in; values that the version no longer has are left out."""
    values = values_for(version.document, company_id=company_id, project_id=project_id, day=day)
    return edition_of(
        version, {path: value for path, value in values.items() if contents.has_value(version.content, path)}
    )


def edition_of(version: Version, values: dict[str, object] | None = None) -> Edition:
    """Return the edition with these values, made if it is the first time."""
    values = values or {}
    sha256 = contents.digest(contents.with_values(version.content, values)) if values else version.sha256
    with transaction.atomic():
        edition, made = Edition.objects.get_or_create(
            version=version, sha256=sha256, defaults={"values": values}
        )
    if made:
        forget()
    return edition
