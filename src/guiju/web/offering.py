"""Choices of a step's form that depend on the case: the technicians of its company and project, nobody else's."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from guiju.desk import scheduling
from guiju.web.stepform import Choices

WORKERS: Final = {"visit": "technician", "after_sales": "worker"}
"""The field by process that names who goes to the customer."""


def choices_of(process: str, *, company_id: int, project_id: int | None, at: datetime) -> Choices | None:
    """Return the choices of a form by field; None for a process whose forms know their own."""
    field = WORKERS.get(process)
    if field is None:
        return None

    def of(path: str) -> list[tuple[str, str]] | None:
        if path != field:
            return None
        people = scheduling.technicians(company_id=company_id, project_id=project_id, at=at)
        return [(str(one.pk), one.name) for one in sorted(people, key=lambda one: (one.name, one.pk))]

    return of
