"""Money of the demonstration: plans of the signed deals, what came, what is late, a loan that arrived, closed days."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from decimal import Decimal

from django.db import transaction

from guiju.estate.models import Project
from guiju.kernel import engine
from guiju.kernel.calendar import local_date
from guiju.kernel.money import ZERO, half_up
from guiju.kernel.numbering import ZONE
from guiju.ledger.models import Book, Kind, Receipt
from guiju.ledger.operations import banking, books, closing, penalties, receipts, receivables
from guiju.ledger.operations.allocating import allocate
from guiju.ledger.operations.receivables import Planned
from guiju.ledger.verify import day_totals
from guiju.org.models import Person
from guiju.sales.models import Deal, Payment
from guiju.sales.receivables import GATE_OPEN

DEALS = 30
LOANS_CAME = 5


@transaction.atomic
def signed(project: Project, staff: dict[str, Person], at: datetime) -> None:
    """Open the books of the deals signed before: own money came with signing, but some are late; a few loans came."""
    rows = Deal.objects.filter(project=project, stage=Deal.SIGNED, live=True).select_related("unit__project")
    cashier, checker = staff["he"].pk, staff["tang"].pk
    for place, deal in enumerate(
        rows.prefetch_related("buyers__customer").order_by("signed_date", "pk")[:DEALS]
    ):
        assert deal.total_price is not None
        assert deal.signed_date is not None
        noon = datetime.combine(deal.signed_date, time(11), ZONE)
        book = books.open_book(unit=deal.unit, at=noon, by_id=cashier, deal=deal.pk)
        own = deal.down_payment or deal.total_price
        lines = [
            Planned(Kind.DOWN_PAYMENT if deal.down_payment else Kind.INSTALMENT, "首付款" if deal.down_payment else "房款",
                    own, deal.signed_date + timedelta(days=7)),
            Planned(Kind.MAINTENANCE_FUND, "维修资金", half_up((deal.unit.area_contract or Decimal(100)) * 105),
                    deal.signed_date + timedelta(days=60)),
        ]  # fmt: skip
        if deal.total_price > own:
            kind = Kind.FUND_LOAN if deal.payment == Payment.PROVIDENT else Kind.LOAN
            lines.append(
                Planned(
                    kind,
                    "公积金款" if kind is Kind.FUND_LOAN else "按揭款",
                    deal.total_price - own,
                    None,
                    GATE_OPEN,
                )
            )
        receivables.add(book=book, planned=lines, at=noon, recorded_at=noon, by_id=cashier)
        penalties.set_term(
            book=book, millionths=200, limit_days=60, basis="买卖合同第八条", at=noon, by_id=cashier
        )
        names = [buyer.customer.name for buyer in deal.buyers.all()]
        part = half_up(own / 2) if place % 9 == 4 else own
        if place % 9 != 7:
            _came(
                book,
                part,
                names[0],
                noon + timedelta(days=place % 6),
                "transfer",
                f"2026{place:06d}",
                cashier,
                checker,
            )
        if deal.payment == Payment.MORTGAGE and place < LOANS_CAME:
            came = noon + timedelta(days=30)
            receivables.come_true(
                book=book,
                event=GATE_OPEN,
                due_date=local_date(came),
                at=came,
                recorded_at=came,
                by_id=cashier,
            )
            _came(book, deal.total_price - own, deal.bank, came, "loan", f"FK{place:06d}", cashier, checker)
    engine.record(
        company_id=project.company_id, step="demo.money", by=staff["admin"], at=at - timedelta(days=11),
        given={"books": Book.objects.filter(project=project).count()},
    )  # fmt: skip


def _came(
    book: Book,
    amount: Decimal,
    payer: str,
    at: datetime,
    method: str,
    voucher: str,
    cashier: int,
    checker: int,
) -> Receipt:
    made = receipts.book(
        unit=book.unit, case_id=None, purpose="price", amount=amount, method=method, account=book.project.escrow_account,
        voucher=voucher, payer=payer, third_party=False, relation="", received_at=at, recorded_at=at, by_id=cashier,
        to=book,
    )  # fmt: skip
    allocate(receipt=made, at=at, by_id=cashier)
    receipts.check(receipt=made, by_id=checker, at=at + timedelta(hours=1))
    return made


def lately(project: Project, staff: dict[str, Person], at: datetime) -> None:
    """Close the days up to yesterday, leave a transfer nobody knows, and a bank's page to be matched."""
    cashier, checker = staff["he"].pk, staff["tang"].pk
    yesterday = local_date(at) - timedelta(days=1)
    while (day := closing.first_open(project.pk)) is not None and day <= yesterday:
        for row in Receipt.objects.filter(project=project, book_date=day, reverses=None, check_row=None):
            receipts.check(receipt=row, by_id=checker, at=at)
        booked = day_totals(project.pk, day)
        counted = closing.Counted(
            cash=booked.get("cash", ZERO), pos=booked.get("pos", ZERO), cheque=booked.get("cheque", ZERO),
            transfer=booked.get("transfer", ZERO) + booked.get("loan", ZERO),
        )  # fmt: skip
        evening = datetime.combine(day, time(17, 40), ZONE)
        made = closing.close(
            project=project, on=day, counted=counted, explanation="", at=evening, by_id=cashier
        )
        if day != yesterday:
            closing.check_day(closing=made, by_id=checker, at=evening + timedelta(minutes=20))
    came = at - timedelta(days=5)
    receipts.book(
        unit=None, case_id=None, purpose="suspense", amount=Decimal("20000.00"), method="transfer", project=project,
        account=project.escrow_account, voucher="2026990001", payer="曾佩兰", third_party=False, relation="",
        received_at=came, recorded_at=at, by_id=cashier,
    )  # fmt: skip
    late = list(Book.objects.filter(project=project).select_related("unit").order_by("pk"))[4:5]
    rows: list[list[str]] = [["交易日期", "借方发生额", "贷方发生额", "对方户名", "交易流水号", "附言"]]
    rows += [[f"{yesterday}", "", "150000.00", "", "2026990002", f"{book.unit.room} 房款"] for book in late]
    rows.append([f"{yesterday}", "", "3000.00", "示范装饰公司", "2026990003", "押金"])
    rows.append([f"{yesterday}", "860000.00", "", "示范建设公司", "2026990004", "一标段进度款"])
    banking.take_in(
        project=project, account=project.escrow_account, name="监管户明细.xlsx", sha256="0" * 64, rows=rows, at=at, by_id=cashier
    )  # fmt: skip
