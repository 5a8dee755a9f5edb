"""A house with signed deals that are paid by loans, the money in their books, and the filing when a test wants it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from guiju.customers.models import Customer
from guiju.estate.models import Control, Unit
from guiju.kernel import engine
from guiju.kernel.models import Case
from guiju.ledger.models import Kind
from guiju.ledger.operations import books, receipts
from guiju.ledger.operations.allocating import allocate
from guiju.ledger.operations.receivables import Planned, add
from guiju.ledger.queries import book_of_deal
from guiju.sales import mortgage_jobs
from guiju.sales.models import Contract, Deal, DealBuyer, Filing, Milestone, Mortgage
from guiju.sales.receivables import GATE_OPEN
from tests.stories.conftest import BEIJING, House

SIGNED = date(2026, 11, 2)
SIGNED_AT = datetime(2026, 11, 2, 10, tzinfo=BEIJING)
PRICE = Decimal("2000000.00")
ALL = (
    "identity",
    "household",
    "marriage",
    "income",
    "flow",
    "credit",
    "homes",
    "slip",
    "card",
    "contract",
    "receipt",
)
FUND = ("identity", "household", "marriage", "fund", "homes", "slip", "card", "contract", "receipt")


def on(day: date, hour: int = 10) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=BEIJING)


def after(days: int, hour: int = 10) -> datetime:
    """So many days after signing."""
    return on(SIGNED + timedelta(days=days), hour)


class Loans:
    """Signed deals of the house with their loan cases."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.made = 0

    def unit(self) -> Unit:
        """The next unit of the house; more are built as wanted."""
        place = self.made
        self.made += 1
        if place < len(self.house.units):
            return self.house.units[place]
        first = self.house.units[0]
        return Unit.objects.create(
            project=first.project, building=first.building, entrance="1", floor=16 + place // 9, room=f"{16 + place // 9}0{place % 9 + 1}",
            unit_price=first.unit_price, list_price=first.list_price, control=Control.SIGNED,
        )  # fmt: skip

    def signed(
        self, *names: str, payment: str = "mortgage", loan: str = "1400000.00", fund: str = "", phone: str = "19900001111",
        paid: bool = True, payer: str = "", open_: bool = True,
    ) -> Deal:  # fmt: skip
        """A deal of 2,000,000 signed on 2 November, own money in, one loan (and one of the fund)."""
        house, unit = self.house, self.unit()
        own = PRICE - Decimal(loan) - Decimal(fund or 0)
        deal = Deal.objects.create(
            unit=unit, project=house.project, stage=Deal.SIGNED, payment=payment, bank="建设银行" if payment != "provident" else "",
            total_price=PRICE, down_payment=own, signed_date=SIGNED, contract_number=f"HT-{unit.room}", opened_at=SIGNED_AT,
        )  # fmt: skip
        for place, name in enumerate(names or ("苏清越",), 1):
            customer = Customer.objects.create(
                company=house.project.company,
                name=name,
                identity_number="",
                phone=phone,
                address="",
                recorded_at=SIGNED_AT,
            )
            DealBuyer.objects.create(deal=deal, customer=customer, position=place)
        Contract.objects.create(deal=deal, number=f"HT-{unit.room}", signed_date=SIGNED, total_price=PRICE)
        book = books.open_book(unit=unit, at=SIGNED_AT, by_id=house.he.pk, deal=deal.pk)
        lines = [Planned(Kind.DOWN_PAYMENT, "首付款", own, SIGNED)]
        if Decimal(loan) and payment != "provident":
            lines.append(Planned(Kind.LOAN, "按揭款", Decimal(loan), None, GATE_OPEN))
        if payment == "provident":
            lines.append(Planned(Kind.FUND_LOAN, "公积金款", Decimal(loan), None, GATE_OPEN))
        if fund:
            lines.append(Planned(Kind.FUND_LOAN, "公积金款", Decimal(fund), None, GATE_OPEN))
        add(book=book, planned=lines, at=SIGNED_AT, recorded_at=SIGNED_AT, by_id=house.he.pk)
        if paid:
            self.pay(deal, str(own), payer=payer or (names or ("苏清越",))[0], third=bool(payer))
        if open_:
            mortgage_jobs.open_for(
                Contract.objects.select_related("deal__project", "deal__unit").get(deal=deal), at=SIGNED_AT
            )
        return deal

    def pay(
        self, deal: Deal, amount: str, *, payer: str = "苏清越", third: bool = False, at: datetime = SIGNED_AT
    ) -> None:
        """Money of the buyer that pays the oldest instalment."""
        book = book_of_deal(deal.pk)
        assert book is not None
        made = receipts.book(
            unit=deal.unit, case_id=None, purpose="price", amount=Decimal(amount), method="transfer",
            account=self.house.project.escrow_account, voucher=f"K{deal.pk}-{amount}", payer=payer, third_party=third,
            relation="父亲" if third else "", received_at=at, recorded_at=at, by_id=self.house.he.pk, to=book,
        )  # fmt: skip
        allocate(receipt=made, at=at, by_id=None)

    def case(self, deal: Deal, part: str = "commercial") -> Case:
        return Mortgage.objects.select_related("case").get(deal=deal, part=part, live=True).case

    def row(self, case: Case) -> Mortgage:
        return Mortgage.objects.get(case=case)

    def file(self, deal: Deal, at: datetime | None = None) -> None:
        """The contract is on the city's file, by the tenth day if no other is said."""
        at = at or after(10)
        contract = Contract.objects.get(deal=deal)
        case = Case.objects.create(
            number=f"BA-{contract.number}", process="presale_filing", sop_version_id=self.case_version(), state="filed",
            title="预售登记", chain_id=deal.project.company_id, scope_id=deal.project_id, opened_at=at, closed_at=at,
        )  # fmt: skip
        Filing.objects.create(
            case=case, contract=contract, deal=deal, project_id=deal.project_id, open=False, signed_date=SIGNED,
            due_date=SIGNED + timedelta(days=30), filed_at=at, filed_date=at.date(), filing_number=f"备 {contract.number}",
        )  # fmt: skip
        Contract.objects.filter(pk=contract.pk).update(filed_date=at.date(), filed_number="备 001")

    def case_version(self) -> int:
        return Case.objects.filter(process="mortgage").values_list("sop_version_id", flat=True)[:1].get()

    def topped_out(self, day: date = date(2026, 10, 1)) -> None:
        """The building of the house has its main structure complete."""
        Milestone.objects.create(
            building=self.house.units[0].building, kind="topped_out", reached_date=day, proof="验收记录", recorded_at=on(day),
            recorded_by=self.house.deng,
        )  # fmt: skip

    def take(self, case: Case, step: str, at: datetime, by: str = "yu", **given: Any) -> Any:
        return self.house.take(case, step, by, at, **given)

    def hand_in(self, case: Case, at: datetime, *kinds: str, buyers: int = 1) -> None:
        """Everything, or these papers, in the original."""
        items = [
            {"kind": kind, "buyer": place, "state": "original", "valid_until": "2027-06-30"}
            for kind in kinds or ALL
            for place in range(1, buyers + 1)
        ]
        self.take(case, "receive_papers", at, items=items)

    def complete(self, case: Case, *, buyers: int = 1, kinds: tuple[str, ...] = ALL) -> None:
        self.hand_in(case, after(3), *kinds, buyers=buyers)
        self.take(case, "complete_papers", after(3, 11))

    def submitted(self, case: Case, deal: Deal, *, buyers: int = 1, kinds: tuple[str, ...] = ALL) -> None:
        self.complete(case, buyers=buyers, kinds=kinds)
        self.take(case, "interview", after(5), everybody=True)
        if not Filing.objects.filter(deal=deal).exists():
            self.file(deal)
        self.take(case, "submit", after(11), acceptance_number="CCB-001")

    def asked(self, case: Case, deal: Deal, amount: str = "1400000.00", **more: Any) -> None:
        """All the way to the application for payout, the gate open."""
        self.submitted(case, deal, **more)
        self.take(
            case, "approve", after(20), amount=amount, until_date="2027-05-01", approval_number="批 001"
        )
        self.take(
            case, "sign_loan", after(21), loan_number="借 001", loan_date=str(SIGNED + timedelta(days=21))
        )
        self.take(
            case,
            "register_mortgage",
            after(25),
            registration_number="预抵 001",
            registered_date=str(SIGNED + timedelta(days=25)),
        )
        mortgage_jobs.open_gates(after(26))
        case.refresh_from_db()
        self.take(case, "ask_payout", after(26, 11), account=self.house.project.escrow_account)

    def refused(self, case: Case, step: str, at: datetime, by: str = "yu", **given: Any) -> str:
        """Why a step is refused, in the SOP's words."""
        try:
            engine.advance(case, step, by=self.house.people[by], at=at, given=given)
        except engine.NotReady as refused:
            return "；".join(f"{reason.text}" for reason in refused.reasons)
        raise AssertionError(f"{step} was not refused")
