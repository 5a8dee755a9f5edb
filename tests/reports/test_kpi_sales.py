"""Figures of the sales side: each by hand from a few loans, with what counts and what is left out; SOP and board agree."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml
from django.urls import reverse

import guiju.sales
from guiju.kernel import clocks
from guiju.org.gates import Scope
from guiju.reports import kpi, kpi_kept
from guiju.reports.kpi import Place
from guiju.reports.kpi_board import BY_CODE
from guiju.reports.kpi_sales import SALES
from guiju.sales.models import Filing
from tests.sales.loans import Loans, after
from tests.stories.conftest import house as house

NOVEMBER = kpi.month_of(date(2026, 11, 20))


@pytest.mark.clause("I-5.3-5c", "I-5.3-5d", "I-5.3-5e", "I-5.6-0")
@pytest.mark.django_db
def test_loans_and_filings_of_a_month_by_hand(house, client):
    loans = Loans(house)
    loans.topped_out()
    one, two, three = (loans.signed(name) for name in ("苏清越", "程一舟", "宋时雨"))
    # Papers within seven days of one; of two on the tenth day; of three never. One is filed, approved, paid on day 24.
    case = loans.case(one)
    loans.asked(case, one)
    loans.take(
        case, "disburse", after(26, 15), by="he", amount="1400000", received_date="2026-11-26", voucher="V1"
    )
    late = loans.case(two)
    loans.hand_in(late, after(10))
    clocks.sweep(after(10))
    loans.take(late, "complete_papers", after(10, 11))
    loans.take(late, "interview", after(11), everybody=True)
    loans.file(two)
    loans.take(late, "submit", after(12), acceptance_number="CCB-2")
    loans.take(late, "refuse", after(15), cause="neither", reason="额度用完")
    Filing.objects.filter(deal=two).update(filed_date=date(2026, 11, 22))
    now = after(29)
    clocks.sweep(now)
    kpi_kept.rebuild(now)

    place = Place(Scope(frozenset({house.project.company_id}), frozenset()))

    def lines(code: str) -> list[tuple[bool, str]]:
        return [(line.counted, line.why) for line in kpi_kept.lines(BY_CODE[code], place, NOVEMBER, now)]

    def value(code: str) -> str:
        found = kpi_kept.Sums(place, [code], [NOVEMBER], now).figure(BY_CODE[code], NOVEMBER)
        return BY_CODE[code].written(found.value)

    assert sorted(lines("loan_papers_in_time")) == [(False, "超期办了"), (False, "超期未办"), (True, "")]
    assert value("loan_papers_in_time") == "33.3"
    assert sorted(lines("loans_approved")) == [(False, "拒贷"), (True, "")]
    assert value("loans_approved") == "50.0"
    # signed on the 2nd; filed on the 12th and the 22nd: (10 + 20) ÷ 2; money on the 26th
    assert value("days_to_filing") == "15.0"
    assert value("days_to_loan") == "24.0"
    assert value("loans_paid_in_time") == "100.0"

    client.force_login(house.zhou)
    page = client.get(reverse("web:kpi", args=["loans_approved"]), {"period": "year"}).content.decode()
    assert "银行足额批准的 ÷ 本期银行作出决定的贷款" in page


def test_every_figure_of_a_sales_sop_stands_on_the_board_in_the_same_words():
    said = {}
    for file in Path(guiju.sales.__file__).parent.glob("processes/*.yaml"):
        for row in yaml.safe_load(file.read_text(encoding="utf-8"))["kpis"]:
            said[row["kpi"]] = (row["label"], row["formula"])
    shown = {one.code: (one.label, one.formula) for one in SALES}
    # Who chose a bank is told by the register of subscriptions, with its list.
    assert said.keys() - shown.keys() == {"bank_chosen_at_subscription"}
    assert {code: words for code, words in said.items() if code in shown} == shown
