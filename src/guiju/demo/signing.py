"""Signing in the demonstration: model contract, contract sets and documents; appointments, one draft, one contract."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from guiju.demo import scenes
from guiju.estate.models import Project
from guiju.kernel import engine
from guiju.kernel.calendar import local_date
from guiju.kernel.models import Case
from guiju.ledger.operations import cashier
from guiju.ledger.queries import book_of_deal
from guiju.org.models import Person
from guiju.sales.models import PreparedDocument, Signing, Subscription
from guiju.sales.operations import signing_stock as stock
from guiju.sales.signing_facts import SigningFacts

SETS = 24
CLAUSES = (
    {"number": "8", "words": "买受人逾期付款的，按日支付违约金；逾期超过约定日数的，出卖人有权解除合同。"},
    {"number": "12", "words": "出卖人逾期交付的，按日支付违约金；逾期超过约定日数的，买受人有权解除合同。"},
    {"number": "19", "words": "双方在合同签订后 30 日内办理预售登记。"},
)
ANNEXES = ("房屋平面图", "共用部位说明", "装修和设备标准", "前期物业服务合同", "临时管理规约")


def build(project: Project, staff: dict[str, Person], at: datetime) -> None:
    """Lay everything ready, then take the appointed subscriptions on: booked, drafted, signed."""
    _lay_ready(project, staff, at - timedelta(days=40))
    rows = Subscription.objects.filter(
        case__scope_id=project.pk, case__state="sealed", signing_at__isnull=False
    ).select_related("deal", "unit")
    for place, row in enumerate(rows.order_by("pk")):
        opened = engine.open_case(
            "signing", by=staff["deng"], at=at - timedelta(hours=3), chain_id=project.company_id, scope_id=project.pk,
            given={"signing_at": row.signing_at, "lawyer": row.lawyer_at_signing},
            links=[("unit", row.unit_id), ("case", row.case_id)],
        )  # fmt: skip
        assert opened.case is not None
        if place < 3:
            _go_on(opened.case, staff, at, signed=row.deal is not None and row.deal.payment == "lump_sum")


def _lay_ready(project: Project, staff: dict[str, Person], at: datetime) -> None:
    for kind, _ in PreparedDocument.KINDS:
        if kind not in ("permits", "contract_text", "other"):
            until = local_date(at) + timedelta(days=365) if kind in ("licence", "authority") else None
            stock.put_ready(
                project=project,
                text=stock.DocumentText(kind=kind, version="2026-1", owner=staff["deng"], valid_until=until),
                by=staff["wu"], at=at,
            )  # fmt: skip
    drawn = stock.draw_template(
        project=project,
        text=stock.TemplateText(
            name="商品房买卖合同（预售）", version="2026-1", model_text="GF-2014-0171",
            terms={
                "late_pay_rate": "2", "late_handover_rate": "2", "rescind_after_days": 60, "rescind_percent": "5",
                "handover_date": "2028-06-30",
            },
            clauses=CLAUSES, annexes=tuple({"name": name, "copies": 4} for name in ANNEXES), valid_from=local_date(at),
        ),
        by=staff["deng"], at=at,
    )  # fmt: skip
    released = stock.release_template(template=drawn, by=staff["zhou"], at=at)
    stock.stock_texts(template=released, first="CY-HT-0001", sets=SETS, by=staff["wu"], at=at)


def _go_on(case: Case, staff: dict[str, Person], at: datetime, *, signed: bool) -> None:
    minute = timedelta(minutes=1)
    begun = at - 150 * minute

    def take(step: str, by: str, later: int, given: dict[str, Any]) -> None:
        scenes.take(case.pk, step, staff[by], begun + later * minute, given)

    row = Signing.objects.select_related("unit__project", "deal", "subscription", "sold_by").get(case=case)
    facts = SigningFacts(row)
    take("give_list", "ma", 1, {"how": "当面交付", "receiver": facts.buyer_names[0]})
    take("prepare", "wu", 5, {"complete": True})
    promised = f"{facts.day}"
    papers: list[dict[str, Any]] = [
        {"paper": paper.position, "received": True, "original_seen": True}
        if signed or not paper.for_loan
        else {"paper": paper.position, "promised_date": promised}
        for paper in facts.papers
    ]
    take("check_papers", "wu", 20, {"papers": papers})
    take("draft", "wu", 30, {})
    if not signed:
        return
    seller = row.sold_by
    assert seller is not None
    scenes.take(
        case.pk, "collect_text", seller, begun + 40 * minute, {"signature": scenes.signature(seller, begun)}
    )
    book = book_of_deal(row.deal_id)
    assert book is not None
    due = facts.due(facts.day) - facts.received
    money = cashier.Money(
        purpose="price", amount=due, method="transfer", account=row.unit.project.escrow_account,
        voucher=f"QY{case.pk:06d}", payer=facts.buyer_names[0], relation="", received_at=begun + 45 * minute,
    )  # fmt: skip
    cashier.receive(book=book, money=money, buyers=facts.buyer_names, by=staff["he"], at=begun + 45 * minute)
    take("check_money", "he", 50, {"agreed": True})
    signers = [{"buyer": place, "every_page": True} for place in range(1, len(facts.buyers) + 1)]
    pages = [scenes.signature(staff["wu"], begun)]
    take("check_signatures", "wu", 60, {"signers": signers, "pages": pages})
    take("sign", "deng", 70, {"signed_date": f"{local_date(begun + 70 * minute)}"})
    take("review", "zhou", 90, {"signatures_ok": True, "annexes_ok": True, "copies_ok": True})
