"""The names of people for a whole page in one query."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from django.db.models import QuerySet

from guiju.kernel.prepared import prepared
from guiju.org.models import Person

PROGRAM = "系统"


def names_of(keys: Iterable[int | None]) -> Mapping[int, str]:
    """Return names by key, also of people who left."""
    wanted = {key for key in keys if key}
    return dict(_names(wanted))


@prepared
def _names(keys: Collection[int]) -> QuerySet[Person, tuple[int, str]]:
    return Person.objects.filter(pk__in=keys).values_list("pk", "name")
