"""A cashier, a colleague who checks, two companies and three flats; what the books of the tests are made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from guiju.estate.models import Building, Project, Unit
from guiju.kernel import calendar
from guiju.ledger.models import Book, Kind, Receipt, Receivable
from guiju.ledger.operations import books, receipts
from guiju.ledger.operations.allocating import allocate
from guiju.ledger.operations.receivables import Planned, add
from guiju.org.models import Company, Person
from guiju.org.seed import seed_demo_people
from tests.worlds import world

BEIJING = ZoneInfo("Asia/Shanghai")
AT = datetime(2026, 11, 18, 10, tzinfo=BEIJING)
DAY = timedelta(days=1)


@dataclass
class Office:
    """The people by their sign-in, the project, its flats."""

    people: dict[str, Person]
    project: Project
    units: list[Unit]
    _vouchers: int = field(default=0)

    def book(self, unit: int = 0, *lines: Planned) -> Book:
        """A book with these lines owed."""
        made = books.open_book(unit=self.units[unit], at=AT, by_id=self.people["he"].pk)
        if lines:
            add(book=made, planned=lines, at=AT, recorded_at=AT, by_id=self.people["he"].pk)
        return made

    def paid(
        self, book: Book, amount: str, *, at: datetime = AT, pays: bool = True, **changed: Any
    ) -> Receipt:
        """Money that came into a book and pays its oldest instalments."""
        made = self.receipt(book, amount, at=at, **changed)
        if pays:
            allocate(receipt=made, at=at, by_id=self.people["he"].pk)
        return made

    def receipt(self, book: Book | None, amount: str, *, at: datetime = AT, **changed: Any) -> Receipt:
        """Money that came."""
        self._vouchers += 1
        given: dict[str, Any] = {
            "unit": book.unit if book else None, "case_id": None, "purpose": "price" if book else "suspense",
            "amount": Decimal(amount), "method": "transfer", "account": "监管户", "voucher": f"V{self._vouchers}",
            "payer": "苏清越", "third_party": False, "relation": "", "received_at": at, "recorded_at": at,
            "by_id": self.people["he"].pk, "to": book, "project": self.project,
        }  # fmt: skip
        return receipts.book(**(given | changed))

    def owed(self, book: Book) -> list[Receivable]:
        """What is owed in a book, by position."""
        return list(Receivable.objects.filter(book=book).order_by("position"))


def line(
    amount: str, due: str = "2026-12-01", kind: Kind = Kind.INSTALMENT, name: str = "楼款", event: str = ""
) -> Planned:
    """A line of a plan."""
    return Planned(kind, name, Decimal(amount), date.fromisoformat(due) if due else None, event)


@world
def office() -> Office:
    return make_office()


def make_office() -> Office:
    """Build the office in an empty database."""
    calendar.seed(range(2026, 2028))
    people = seed_demo_people(AT - 30 * DAY)
    company = people["admin"].company
    project = Project.objects.create(code="YQ1", name="云栖里一期", company=company)
    building = Building.objects.create(project=project, name="1号楼", position=1)
    other = Company.objects.create(
        group=company.group, kind="subsidiary", name="另一家置业公司", hold="control", held_by=company
    )
    elsewhere = Project.objects.create(code="YQ2", name="云栖里二期", company=other)
    far = Building.objects.create(project=elsewhere, name="1号楼", position=1)
    units = [
        Unit.objects.create(
            project=building_.project, building=building_, entrance="1", floor=15, room=f"150{n}", layout="A",
            area_contract=Decimal("100.00"), list_price=Decimal("2000000.00"),
        )
        for n, building_ in ((1, building), (2, building), (3, far))
    ]  # fmt: skip
    return Office(people, project, units)
