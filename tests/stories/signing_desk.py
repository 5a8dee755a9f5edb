"""What the stories of signing share: a project whose documents lie ready, and a subscription on its way to a contract."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from guiju.estate.models import Permit
from guiju.kernel import reactions
from guiju.kernel.models import Case
from guiju.kernel.refusals import Refused
from guiju.ledger.operations import cashier
from guiju.ledger.queries import book_of_deal
from guiju.sales.models import ContractTemplate, PreparedDocument, Signing
from guiju.sales.operations import signing_stock as stock
from tests.stories.conftest import WEDNESDAY, House, beijing

TERMS = {
    "late_pay_rate": "2", "late_handover_rate": "2", "rescind_after_days": 60, "rescind_percent": "5",
    "handover_date": "2028-06-30",
}  # fmt: skip
CLAUSES = (
    {"number": "8", "title": "逾期付款责任", "words": "按本条约定承担责任。"},
    {"number": "12", "words": "逾期交付责任。"},
)
ANNEXES = ({"name": "房屋平面图", "copies": 4}, {"name": "装修和设备标准", "copies": 4})
SIGNING_DAY = beijing("2026-11-24 10:00")
ALL = [key for key, _ in PreparedDocument.KINDS if key not in ("permits", "contract_text", "other")]


def work(at: datetime) -> None:
    while reactions.run_due(at):
        pass


@dataclass
class Desk:
    """The house with everything a signing draws on."""

    house: House
    template: ContractTemplate | None = None
    vouchers: int = field(default=0)

    def stocked(self, *, at: datetime = WEDNESDAY - timedelta(days=5), sets: int = 20, **text: Any) -> Desk:
        project, people = self.house.project, self.house.people
        for kind in ("land", "land_planning", "works_planning", "construction"):
            Permit.objects.get_or_create(project=project, kind=kind, number=f"示范 {kind} 001 号")
        for kind in ALL:
            stock.put_ready(
                project=project, text=stock.DocumentText(kind=kind, version="2026-1", owner=people["deng"]),
                by=people["wu"], at=at,
            )  # fmt: skip
        drawn = stock.draw_template(
            project=project,
            text=stock.TemplateText(
                name="商品房买卖合同（预售）", version="2026-1", terms=TERMS | text.pop("terms", {}), clauses=CLAUSES,
                annexes=ANNEXES, valid_from=date(2026, 11, 1),
            ),
            by=people["deng"], at=at,
        )  # fmt: skip
        self.template = stock.release_template(template=drawn, by=people["zhou"], at=at)
        if sets:
            stock.stock_texts(template=self.template, first="HTW-0001", sets=sets, by=people["wu"], at=at)
        return self

    def booked(self, *, payer: str = "苏清越", **paper: Any) -> Case:
        """A subscription in force whose signing date is agreed; its signing has opened by itself."""
        subscription = self.house.registered(**paper)
        self.house.take(
            subscription,
            "confirm_deposit",
            "he",
            WEDNESDAY + timedelta(minutes=70),
            **self.house.money(payer=payer),
        )
        self.house.take(subscription, "seal", "fang", WEDNESDAY + timedelta(minutes=90), copies=4)
        self.house.take(
            subscription, "set_signing_date", "deng", WEDNESDAY + timedelta(hours=3), signing_at=SIGNING_DAY
        )
        work(WEDNESDAY + timedelta(hours=3, minutes=1))
        return self.of(subscription)

    def of(self, subscription: Case) -> Case:
        return Signing.objects.select_related("case").get(subscription__case=subscription).case

    def row(self, case: Case) -> Signing:
        return Signing.objects.select_related("deal", "unit", "subscription__case").get(case=case)

    def take(self, case: Case, step: str, by: str, at: datetime, **given: Any) -> Any:
        return self.house.take(case, step, by, at, **given)

    @contextmanager
    def refused(self, words: str, clause: str = "") -> Iterator[None]:
        """Expect a refusal in these words, with this clause beside them."""
        with pytest.raises(Refused, match=words) as caught:
            yield
        assert not clause or clause in {reason.clause for reason in caught.value.reasons}

    def papers(self, case: Case, *, without: str = "", promised: str = "2026-11-23") -> list[dict[str, Any]]:
        rows = []
        for paper in self.row(case).papers.order_by("position"):
            here = not without or without not in paper.name
            rows.append(
                {"paper": paper.position, "received": True, "original_seen": True}
                if here
                else {"paper": paper.position, "promised_date": promised}
            )
        return rows

    def pay(self, case: Case, amount: str, at: datetime, payer: str = "苏清越") -> None:
        self.vouchers += 1
        book = book_of_deal(self.row(case).deal_id)
        assert book is not None
        money = cashier.Money(
            purpose="price", amount=Decimal(amount), method="transfer", account="预售资金监管账户",
            voucher=f"S{self.vouchers}", payer=payer, relation="", received_at=at,
        )  # fmt: skip
        cashier.receive(book=book, money=money, buyers=[payer], by=self.house.people["he"], at=at)

    def ready(self, case: Case, *, pay: str = "1910000.00", payer: str = "苏清越", **draft: Any) -> None:
        """Everything up to the day itself, each by whom the SOP names."""
        day = SIGNING_DAY - timedelta(days=4)
        self.take(case, "give_list", "ma", day, how="当面交付", receiver=payer)
        self.take(case, "prepare", "wu", day, complete=True)
        self.take(case, "draft", "deng", day + timedelta(hours=1), **draft)
        self.take(case, "collect_text", "lin", SIGNING_DAY - timedelta(days=1), signature=self.house.scan)
        self.take(case, "check_papers", "wu", SIGNING_DAY, papers=self.papers(case))
        if pay:
            self.pay(case, pay, SIGNING_DAY - timedelta(hours=20), payer)
        self.take(case, "check_money", "he", SIGNING_DAY, agreed=True)

    def signatures(self, case: Case, *signers: dict[str, Any], at: datetime = SIGNING_DAY) -> None:
        self.take(
            case, "check_signatures", "wu", at, signers=list(signers) or [{"buyer": 1, "every_page": True}],
            pages=[self.house.scan],
        )  # fmt: skip

    def sign(self, case: Case, at: datetime = SIGNING_DAY + timedelta(minutes=50), **given: Any) -> Any:
        return self.take(case, "sign", "deng", at, **({"signed_date": "2026-11-24"} | given))
