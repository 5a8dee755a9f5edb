"""Days without a year: whose year they are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from guiju.registers import values
from guiju.registers.fields import Kind
from guiju.registers.rows.reader import Page, RowReader
from guiju.registers.values import DayOfYear, Unreadable, shown

_DAY_FIELDS = {Kind.CUSTOMERS: ("subscribed", "signed"), Kind.COMPLAINTS: ("received", "closed")}


class Days:
    """Gives days without a year theirs: the year that was told, else the only one among the column's full days."""

    def __init__(self, kind: Kind, pages: Sequence[Page], year: int | None) -> None:
        self.told = year
        self.inferred: dict[str, int] = {}
        self.yearless: dict[str, int] = {}
        for name in _DAY_FIELDS.get(kind, ()):
            years: set[int] = set()
            for page in pages:
                column = page.mapping.column(name)
                if column is None:
                    continue
                for row in page.data.rows:
                    try:
                        day = values.read_day(row.cell(column))
                    except Unreadable:
                        continue
                    if isinstance(day, DayOfYear):
                        self.yearless[name] = self.yearless.get(name, 0) + 1
                    elif day is not None:
                        years.add(day.year)
            if len(years) == 1 and self.yearless.get(name):
                self.inferred[name] = years.pop()

    @property
    def asked(self) -> bool:
        """Whether a person has to be asked for the year: days lack it, nobody told it, the column does not show it."""
        return self.told is None and any(name not in self.inferred for name in self.yearless)

    def read(self, reader: RowReader, name: str, *, strict: bool = True) -> date | None:
        """Read a day of a row. Not ``strict``: an unreadable one is only remarked on."""
        problems = reader.reasons if strict else reader.notices
        label = reader.columns.name(name)
        try:
            day = values.read_day(reader.cell(name))
            if not isinstance(day, DayOfYear):
                return day
            year = self.told if self.told is not None else self.inferred.get(name)
            if year is None:
                problems.append(f"{label}「{shown(reader.cell(name))}」没有年份，请指定年份")
                return None
            return day.in_year(year)
        except Unreadable as error:
            problems.append(f"{label}{error}")
            return None
