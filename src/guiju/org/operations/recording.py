"""How an act on the organisation is recorded: one event without a case in the company's chain."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from guiju.kernel import engine
from guiju.org import people
from guiju.org.models import Person


def record(company_id: int, step: str, *, by: Person | None, at: datetime, given: dict[str, Any]) -> None:
    """Write the event, and forget remembered appointments now and when the transaction commits."""
    engine.record(company_id=company_id, step=f"org.{step}", by=by, at=at, given=given)
    people.forget()
    transaction.on_commit(people.forget)
