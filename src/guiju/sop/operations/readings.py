"""Records who has read a version and who was trained in it (G-4.1-a, G-4.1-b)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from guiju.org.models import Person
from guiju.sop import authority
from guiju.sop.models import Reading, Version
from guiju.sop.operations.revising import company_of, note


class UnableToRecord(Exception):
    """The reading or training is not recorded; says why."""


_READABLE = (Version.State.APPROVED, Version.State.PUBLISHED)


@transaction.atomic
def note_reading(version: Version, *, by: Person, at: datetime) -> Reading:
    """
    Record that the person has read the version. Reading it again is no new fact: the first record is returned.

    :raises UnableToRecord: the version is not approved yet, or no longer in use.
    """
    _readable(version)
    found = Reading.objects.filter(version=version, person=by, kind=Reading.Kind.READ).first()
    if found is not None:
        return found
    reading = Reading.objects.create(version=version, person=by, kind=Reading.Kind.READ, read_at=at)
    note(version, "read", by=by, at=at)
    return reading


@transaction.atomic
def train(
    version: Version, *, people: list[Person], by: Person, at: datetime, scores: dict[int, int] | None = None
) -> list[Reading]:
    """
    Record that people were trained in the version; ``scores`` keeps a short test's result (0 to 100) by person key.

    :raises UnableToRecord: the version may not be read yet, the trainer's post may not, or trains themselves.
    """
    _readable(version)
    if lacking := authority.lacking(by, authority.TRAIN, company_id=company_of(version.document, by), at=at):
        raise UnableToRecord(lacking)
    if any(person.pk == by.pk for person in people):
        raise UnableToRecord("不能给自己登记培训")
    made = []
    for person in people:
        score = (scores or {}).get(person.pk)
        if score is not None and not 0 <= score <= 100:
            raise UnableToRecord("测验得分应在 0 到 100 之间")
        made.append(
            Reading.objects.create(
                version=version, person=person, kind=Reading.Kind.TRAINED, read_at=at, trainer=by, score=score
            )
        )
    note(version, "trained", by=by, at=at, people=[person.pk for person in people])
    return made


def _readable(version: Version) -> None:
    if version.state not in _READABLE:
        raise UnableToRecord(f"{version} 现在是「{version.get_state_display()}」，批准后才能阅读登记")
