"""A milestone of a building opens the pay-out gate of its loans and lets instalments fall due, by itself and explained."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse

from guiju.kernel.models import Case
from guiju.ledger.operations.receivables import Planned, add
from guiju.ledger.queries import book_of_deal, receivables_of
from guiju.sales.models import Contract, Mortgage
from guiju.sales.operations.filing import reach_milestone
from guiju.sales.receivables import AGREED, event_of, planned
from guiju.sales.regimes import explain_gate
from tests.sales.loans import Loans, after
from tests.stories.conftest import house as house
from tests.stories.signing_desk import work

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.mark.clause("I-5.6-0", "I-5.3-2a")
def test_topping_out_opens_the_gate_and_lets_the_instalment_fall_due(house, client):
    loans = Loans(house)
    deal = loans.signed("苏清越")
    case = loans.case(deal)
    book = book_of_deal(deal.pk)
    plan = [
        {"name": "定金", "amount": "50000"},
        {"name": "二期款（主体结构封顶后）", "amount": "100000"},
        {"name": "三期款", "amount": "100000"},
    ]
    lines = planned(plan, payment="instalments", deposit_due=after(0).date(), signing_due=None)
    assert [line.due_event for line in lines] == ["", "主体结构封顶", AGREED]
    assert event_of("尾款（竣工验收备案后）") == "竣工验收备案"
    add(book=book, planned=[lines[1]], at=after(0), recorded_at=after(0), by_id=house.he.pk)
    assert isinstance(lines[1], Planned)

    Case.objects.filter(pk=case.pk).update(state="waiting")
    contract = Contract.objects.select_related("deal__unit__building").get(deal=deal)
    assert explain_gate(contract, after(20)) == [
        "合同 2026-11-02 签订，按预售（旧规）：主体结构封顶后才能放款（城市商品房预售管理办法）",
        "现在还没有主体结构封顶，登记后自动转为放款条件具备",
    ]
    reach_milestone(
        building=house.units[0].building, kind="topped_out", on=date(2026, 11, 20), proof="验收 7 号", by=house.deng,
        at=after(20),
    )  # fmt: skip
    for again in (after(20), after(21)):
        work(again)
    case.refresh_from_db()
    assert case.state == "ready"
    due = {line.receivable.name: (line.due_date, line.due_event) for line in receivables_of(book.pk)}
    # 22 November and 28 days for the bank, 7 days for the buyer
    assert due["按揭款"] == (date(2026, 12, 20), "放款条件具备")
    assert due["二期款（主体结构封顶后）"] == (date(2026, 11, 29), "主体结构封顶")

    with time_machine.travel(after(21)):
        client.force_login(house.yu)
        page = client.get(reverse("web:mortgage_file", args=[case.number])).content.decode()
    assert "1号楼 2026-11-20 主体结构封顶，凭证 验收 7 号" in page
    assert "2026-12-20 到期：放款条件 2026-11-20 具备，28 日内放款" in page
    assert Mortgage.objects.get(case=case).disbursed_at is None
