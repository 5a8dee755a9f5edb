"""
The rows of a register as typed facts: what a row of each kind says, or in Chinese why it cannot be taken.

Nothing here asks the database; whether a home exists and what it is sold for is asked by the writers.
"""

from __future__ import annotations

from collections.abc import Sequence

from guiju.registers.fields import Kind
from guiju.registers.rows.areas import read_areas
from guiju.registers.rows.complaints import read_complaints
from guiju.registers.rows.customers import read_customers
from guiju.registers.rows.days import Days
from guiju.registers.rows.facts import Entry
from guiju.registers.rows.reader import Page
from guiju.registers.rows.units import read_units


def read_entries(kind: Kind, pages: Sequence[Page], days: Days) -> list[Entry]:
    """Read all rows of a register."""
    match kind:
        case Kind.UNITS:
            return list(read_units(pages))
        case Kind.AREAS:
            return list(read_areas(pages))
        case Kind.CUSTOMERS:
            return list(read_customers(pages, days))
        case Kind.COMPLAINTS:
            return list(read_complaints(pages, days))
