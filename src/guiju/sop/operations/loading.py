"""Loads the SOPs that ship with the program as version 1.0."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from guiju.kernel.duration import Limit, Unit, months_after
from guiju.sop import content as contents
from guiju.sop import policies, shipped
from guiju.sop.models import Document, Version


class UnableToLoad(Exception):
    """A shipped file is no SOP; says where it is wrong."""


@transaction.atomic
def load_shipped() -> list[Version]:
    """
    Load every shipped SOP whose version is not in the database yet, as the group's template, and return what was
    loaded. A document that was revised here is never touched. Doing it again changes nothing.

    :raises UnableToLoad: a file does not fit the schema.
    """
    loaded: list[Version] = []
    try:
        found = shipped.documents()
    except contents.BadFile as error:
        raise UnableToLoad(str(error)) from error
    for code, content in found.items():
        if Document.objects.filter(code=code, company=None).exists():
            continue
        if wrong := contents.misfits(content):
            raise UnableToLoad(f"{code}：" + "；".join(f"{place}：{text}" for place, text in wrong))
        loaded.append(_load(content))
    if loaded:
        policies.changed()
    return loaded


def _load(content: contents.Content) -> Version:
    control = content["control"]
    effective = date.fromisoformat(control["effective"])
    document = Document.objects.create(
        code=content["code"],
        title=content["title"],
        kind=content["kind"],
        category=content.get("category", contents.CATEGORIES[0]),
        process=content.get("process", ""),
        department=content["department"],
        audience=content.get("audience", []),
        next_review_date=review_date(effective, control["review"]),
    )
    major, minor = (int(part) for part in control["version"].split("."))
    version = Version.objects.create(
        document=document,
        major=major,
        minor=minor,
        content=content,
        sha256=contents.digest(content),
        state=Version.State.PUBLISHED,
        shipped=True,
        change_note=control["revisions"][-1]["text"],
        effective_date=effective,
    )
    policies.edition_of(version)
    return version


def review_date(effective: date, cycle: str) -> date:
    """Return the day by which a version must be reviewed: its date plus the cycle in months or days (G-6-a)."""
    limit = Limit.parse(cycle)
    if limit.unit is Unit.MONTHS:
        return months_after(effective, limit.number)
    return date.fromordinal(effective.toordinal() + limit.number)
