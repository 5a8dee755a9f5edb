"""The chain on a unit's page and the signing register: one buyer with a loan from the subscription to the payout."""

import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from guiju.kernel.models import Case
from guiju.sales.models import Deal, Mortgage
from guiju.web.unitchain import DONE, NOW, TODO, chain
from tests.stories.signing_desk import SIGNING_DAY, Desk, work

pytestmark = pytest.mark.django_db
PERIOD = "from=2026-11-01&to=2026-11-30"


def links(deal, at):
    return {one.name: one for one in chain(deal, Case.objects.all(), at)}


@pytest.mark.clause("I-5.3-6b", "I-5.3-6c")
def test_a_deal_from_subscription_to_mortgage_stands_on_its_unit_and_in_the_signing_register(house, client):
    client.force_login(house.deng)
    unit = house.units[0].pk
    # Empty first: nothing sold, nothing signed.
    assert "从认购到产权" not in client.get(f"/units/{unit}/").content.decode()
    assert chain(None, Case.objects.all(), SIGNING_DAY) == []
    empty = client.get(f"/registers/signings/?{PERIOD}")
    assert empty.status_code == 200
    assert client.get(f"/registers/signings/report/?{PERIOD}").status_code == 200

    desk = Desk(house).stocked()
    case = desk.booked(payment="mortgage", down_payment="588000.00", bank="建设银行")
    deal = desk.row(case).deal
    rows = links(deal, SIGNING_DAY - timedelta(days=2))
    assert list(rows) == ["认购", "签约", "合同审批", "登记备案", "按揭", "收款", "交付", "产权"]
    assert (rows["认购"].state, rows["认购"].done) == (DONE, date(2026, 11, 18))
    assert "定金" in rows["认购"].words
    assert (rows["签约"].state, rows["签约"].planned, rows["签约"].done) == (NOW, date(2026, 11, 24), None)
    assert rows["签约"].number == case.number
    assert (rows["按揭"].state, rows["交付"].state) == (TODO, TODO)
    # Two days after the day agreed nobody has signed: it is late by two days.
    assert links(deal, SIGNING_DAY + timedelta(days=2))["签约"].late == 2

    desk.ready(case, pay="538000.00")
    desk.signatures(case)
    desk.sign(case)
    work(SIGNING_DAY + timedelta(hours=1))
    deal = Deal.objects.get(pk=deal.pk)
    loan = Mortgage.objects.select_related("case").get()
    rows = links(deal, SIGNING_DAY + timedelta(days=1))
    contract = deal.contracts.get()
    assert (rows["签约"].state, rows["签约"].done, rows["签约"].late) == (DONE, date(2026, 11, 24), 0)
    assert rows["签约"].words == contract.number
    # Papers: those of the signing are all there; of the loan's eleven the vouchers of the first payment, which is booked.
    gathered = rows["签约"].gathered
    assert gathered is not None
    assert gathered.there == gathered.needed > 0
    # Papers within seven days of signing on the 24th: the first of December until 24:00.
    assert (rows["按揭"].state, rows["按揭"].planned) == (NOW, date(2026, 12, 1))
    assert rows["按揭"].gathered.words == "资料 1／11"
    assert "建设银行" in rows["按揭"].words
    assert "1,372,000" in rows["按揭"].words
    # Money: 50,000 and 538,000 of 1,960,000 are there.
    assert "588,000" in rows["收款"].words
    assert "1,960,000" in rows["收款"].words

    for url in (f"/units/{unit}/", f"/units/?unit={unit}"):
        page = client.get(url)
        assert page.status_code == 200
        text = page.content.decode()
        for words in ("认购", "签约", "按揭", loan.case.number):
            assert words in text, (url, words)

    # 签约登记表 and 签约报表 of the month.
    text = client.get(f"/registers/signings/?{PERIOD}").content.decode()
    for words in (contract.number, "苏清越", "1,960,000.00", "11-24"):
        assert words in text
    paper = client.get(f"/registers/signings/report/?{PERIOD}")
    assert paper.content.startswith(b"%PDF")
    excel = client.get(f"/registers/signings/report/?{PERIOD}&as=xlsx")
    lines = list(load_workbook(io.BytesIO(excel.content)).active.iter_rows(values_only=True))
    building = next(line for line in lines if "1号楼" in line)
    assert building[:5] == ("楼栋", "1号楼", 1, 100, Decimal("1960000"))
    assert building[5] == 19600
    assert any("付款方式" in line and 1960000 in line for line in lines)
    assert "苏清越" not in str(lines)
