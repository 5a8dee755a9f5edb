"""Drafting and signing job descriptions 职位说明书."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from guiju.kernel.refusals import Refused
from guiju.org.gates import holds_post, require_administrator
from guiju.org.models import Contact, DescribedDuty, Establishment, Holding, JobDescription, Person
from guiju.org.operations.recording import record


@dataclass(frozen=True)
class DutyText:
    """A row of the duty table. ``kpi_code`` names a figure of the reports, if the indicator is measured."""

    duty: str
    degree: str = DescribedDuty.Degree.FULL
    kpi: str = ""
    kpi_code: str = ""


@dataclass(frozen=True)
class DescriptionText:
    """What a job description says, beside what the establishment gives. Counts are people, money is yuan."""

    education: str = ""
    experience: str = ""
    knowledge: str = ""
    business_scope: str = ""
    purpose: str = ""
    authority: str = ""
    subordinates_stated: int | None = None
    direct_stated: int | None = None
    indirect_stated: int | None = None
    managers_stated: int | None = None
    professionals_stated: int | None = None
    others_stated: int | None = None
    sales_volume: Decimal | None = None
    profit: Decimal | None = None
    staff_total: int | None = None
    change_note: str = ""
    internal: Sequence[str] = ()
    external: Sequence[str] = ()
    duties: Sequence[DutyText] = field(default_factory=tuple)


_PLAIN = (
    "education", "experience", "knowledge", "business_scope", "purpose", "authority",
    "subordinates_stated", "direct_stated", "indirect_stated",
    "managers_stated", "professionals_stated", "others_stated",
    "sales_volume", "profit", "staff_total", "change_note",
)  # fmt: skip


class UnableToDraftDescription(Refused):
    """The job description cannot be drafted; the text says why."""


@transaction.atomic
def draft_description(
    *,
    establishment: Establishment,
    text: DescriptionText,
    by: Person,
    at: datetime,
    holder: Person | None = None,
) -> JobDescription:
    """
    Write the next version of a post's job description; earlier versions stay as they were signed.

    :raises NotYourPost: ``by`` is no administrator of the company.
    :raises UnableToDraftDescription: the named holder does not hold the post.
    """
    require_administrator(by, company_id=establishment.company_id, at=at)
    if holder is not None and not _holdings(establishment, at).filter(person=holder).exists():
        raise UnableToDraftDescription(f"{holder.name}不在「{establishment.post.name}」岗位上。")
    description = write_description(establishment=establishment, text=text, holder=holder, by=by, at=at)
    given = {
        "post": establishment.post.code,
        "version": description.version,
        "digest": digest_of(description),
    }
    record(establishment.company_id, "draft_description", by=by, at=at, given=given)
    return description


def write_description(
    *, establishment: Establishment, text: DescriptionText, holder: Person | None, by: Person, at: datetime
) -> JobDescription:
    """Make the rows of the next version, without asking who may and without an event (seed, drafting)."""
    post, team = establishment.post, establishment.team
    last = establishment.descriptions.aggregate(last=Max("version"))["last"] or 0
    description = JobDescription.objects.create(
        establishment=establishment,
        # Two drafts at once: the second fails on the unique (establishment, version) and is tried again by hand.
        version=last + 1,
        compiled_date=timezone.localdate(at),
        compiled_by=by,
        unit=establishment.company.name,
        title=post.name,
        number=establishment.number,
        department=establishment.department.name,
        team=team.name if team else "",
        superior=post.superior.name if post.superior else "",
        holder=holder,
        **{name: getattr(text, name) for name in _PLAIN},
    )
    DescribedDuty.objects.bulk_create(
        DescribedDuty(
            description=description,
            position=n,
            duty=row.duty,
            degree=row.degree,
            kpi=row.kpi,
            kpi_code=row.kpi_code,
        )
        for n, row in enumerate(text.duties, 1)
    )
    Contact.objects.bulk_create(
        Contact(description=description, side=side, name=name)
        for side, names in ((Contact.Side.INTERNAL, text.internal), (Contact.Side.EXTERNAL, text.external))
        for name in names
    )
    return description


def _holdings(establishment: Establishment, at: datetime) -> Any:
    return Holding.objects.filter(post=establishment.post, company=establishment.company).at(at)


def content_of(description: JobDescription) -> dict[str, Any]:
    """Return everything the form says, without signatures: what a signature stands for."""
    shown = ("unit", "title", "number", "department", "team", "superior", "version", *_PLAIN)
    content: dict[str, Any] = {name: getattr(description, name) for name in shown}
    content["compiled_date"] = description.compiled_date.isoformat()
    content["holder"] = description.holder_id
    content["duties"] = list(
        description.duties.order_by("position").values_list("position", "duty", "degree", "kpi", "kpi_code")
    )
    content["contacts"] = list(description.contacts.order_by("side", "pk").values_list("side", "name"))
    return content


def digest_of(description: JobDescription) -> str:
    """Return the sha256 of what the form says."""
    plain = json.dumps(content_of(description), ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(plain.encode()).hexdigest()


class UnableToSignDescription(Refused):
    """The job description cannot be signed by this person now; the text says why."""


@transaction.atomic
def sign_description(*, description: JobDescription, by: Person, at: datetime) -> JobDescription:
    """
    Sign as post holder or as direct superior, whichever ``by`` is (I-4.0-7, I-4.0-10).

    The event keeps the digest of what was signed. From the first signature the words stay.

    :raises UnableToSignDescription: ``by`` is neither, signed already, or a newer version is out.
    """
    description = JobDescription.objects.select_for_update().get(pk=description.pk)
    establishment = description.establishment
    if establishment.descriptions.filter(version__gt=description.version).exists():
        raise UnableToSignDescription("已有新版本，请签新版本。")
    superior = establishment.post.superior
    as_superior = superior is not None and holds_post(
        by, superior.code, company_id=establishment.company_id, at=at
    )
    if by.pk == description.holder_id:
        if description.holder_signed_at is not None:
            raise UnableToSignDescription("任职人已签字。")
        description.holder_signed_at, description.holder_signed_by = at, by
        capacity = "holder"
    elif as_superior:
        if description.superior_signed_at is not None:
            raise UnableToSignDescription("直接上级已签字。")
        description.superior_signed_at, description.superior_signed_by = at, by
        capacity = "superior"
    else:
        raise UnableToSignDescription("职位说明书由任职人和直接上级签字。")
    description.save(
        update_fields=["holder_signed_at", "holder_signed_by", "superior_signed_at", "superior_signed_by"]
    )
    given = {"description": description.pk, "as": capacity, "digest": digest_of(description)}
    record(establishment.company_id, "sign_description", by=by, at=at, given=given)
    return description
