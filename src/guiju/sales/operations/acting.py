"""Who acts, and keeping the papers that an act brings."""

from __future__ import annotations

from collections.abc import Sequence

from guiju.kernel.engine import Context
from guiju.org.models import Person
from guiju.papers.operations.attachments import attach


def person_of(context: Context) -> Person:
    """Return the person who acts; of an act taken by the clock, the one it is taken for."""
    return context.by if isinstance(context.by, Person) else Person.objects.get(pk=context.by_id or 0)


def keep(context: Context, hashes: Sequence[str | None], kind: str, title: str) -> None:
    """Attach those of these files that are there to the case."""
    wanted = [one for one in hashes if one]
    if wanted:
        attach(
            sha256s=wanted, company_id=context.case.chain_id, kind=kind, by=person_of(context), at=context.recorded_at,
            case=context.case, title=title,
        )  # fmt: skip
