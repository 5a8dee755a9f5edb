"""The names of people for a whole page in one query."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from guiju.org.models import Person

PROGRAM = "系统"


def names_of(keys: Iterable[int | None]) -> Mapping[int, str]:
    """Return names by key, also of people who left."""
    wanted = {key for key in keys if key}
    return dict(Person.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}
