"""The service record of an after-sales case: its lines, and whose they are (E-1.3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from guiju.desk.models import AfterSales, ServiceEntry
from guiju.kernel import store
from guiju.kernel.engine import Context
from guiju.org.models import Person


def author(context: Context) -> Person | None:
    """Return the person who takes the step; none where the program takes it."""
    return context.by if isinstance(context.by, Person) else None


def note(
    context: Context,
    row: AfterSales,
    kind: str,
    words: str,
    *,
    result: str = "",
    minutes: int | None = None,
    material: Iterable[Mapping[str, str]] = (),
    spoke: bool = False,
    visit: str = "",
    corrects: ServiceEntry | None = None,
) -> ServiceEntry:
    """Add a line to the service record; ``spoke``: it was a contact with the customer."""
    entry = ServiceEntry(
        after_sales=row, kind=kind, words=words, result=result[:400], minutes=minutes,
        material=[dict(item) for item in material], happened_at=context.at, recorded_at=context.recorded_at,
        recorded_by_id=context.by_id, visit=visit, corrects=corrects,
    )  # fmt: skip
    store.add(entry)
    row.last_action_at = context.at
    if spoke:
        row.last_contact_at = context.at
    return entry


def author_of_record(context: Context) -> Person:
    """Return the person who takes the step, in whose name something is attached."""
    person = author(context)
    return person if person is not None else Person.objects.get(pk=context.by_id or 0)
