"""The shipped SOPs on the shelf, and the people of the demonstration: Deng drafts, Zhou reviews, Qian approves."""

from copy import deepcopy
from datetime import UTC, date, datetime, timedelta

import pytest

from guiju.org.models import Company, Person
from guiju.org.seed import seed_demo_people
from guiju.sop.models import Document, Version
from guiju.sop.operations import (
    approve,
    draft_from,
    edit,
    load_shipped,
    note_reading,
    publish,
    review,
    submit,
)
from tests.worlds import world

SEEDED = datetime(2026, 3, 1, 0, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
TODAY, TOMORROW = date(2026, 11, 20), date(2026, 11, 21)
NEXT_DAY = NOW + timedelta(days=1)
PROJECT, OTHER_PROJECT = 71, 72


@world
def people() -> dict[str, Person]:
    return seed_demo_people(SEEDED)


@pytest.fixture
def company(people) -> Company:
    return people["zhou"].company


@world(on=people)
def shelf(people: dict[str, Person]) -> dict[str, Version]:
    """The shipped versions by the code of their documents."""
    load_shipped()
    return {version.document.code: version for version in Version.objects.select_related("document")}


@pytest.fixture
def subscription(shelf) -> Document:
    return shelf["KF-ZY-01"].document


def with_limit(content, clock: str, limit: str):
    """The content with another limit of a clock."""
    changed = deepcopy(content)
    next(row for row in changed["clocks"] if row["clock"] == clock)["limit"] = limit
    return changed


def with_step(content, step: str, **words):
    """The content with other words of a step."""
    changed = deepcopy(content)
    next(row for row in changed["steps"] if row["step"] == step).update(words)
    return changed


def drafted(people, version, content, *, note="缩短定金期限", at=NOW) -> Version:
    """A draft by Deng with this content."""
    draft = draft_from(version, by=people["deng"], at=at, change_note=note)
    return edit(draft, content=content, by=people["deng"], at=at)


def approved(people, version, content, **options) -> Version:
    """A version drafted by Deng, reviewed by Zhou, approved by Qian."""
    draft = drafted(people, version, content, **options)
    submit(draft, by=people["deng"], at=NOW)
    review(draft, by=people["zhou"], at=NOW)
    return approve(draft, by=people["qian"], at=NOW)


def read_by_all(people, version) -> None:
    """Everybody reads the version."""
    for person in people.values():
        note_reading(version, by=person, at=NOW)


def published(people, version, content, *, effective=TODAY, **options) -> Version:
    """A version that went the whole way."""
    found = approved(people, version, content, **options)
    read_by_all(people, found)
    return publish(found, effective_date=effective, by=people["zhou"], at=NOW)
