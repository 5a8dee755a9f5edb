"""Loans of an owners' register are taken up once, at the stage that bank papers show; the sums stay what the register says."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from guiju.customers.models import Customer
from guiju.kernel import chain, engine, figures
from guiju.kernel.models import Case, Clock, Event, Todo
from guiju.kernel.refusals import NotReady
from guiju.ledger.models import Receipt
from guiju.ledger.queries import receivables_of
from guiju.ledger.verify import problems
from guiju.notify.models import Message
from guiju.registers.running import begin, totals
from guiju.sales import mortgage_jobs, mortgage_list
from guiju.sales.models import Deal, DealBuyer, Mortgage
from guiju.web import batch
from tests.sales.loans import Loans, on
from tests.stories.conftest import (
    House,
    house,  # noqa: F401 - the house of the stories
)
from tests.stories.signing_desk import work

pytestmark = pytest.mark.django_db
D = Decimal
SIGNED = date(2026, 3, 2)
NOW = on(date(2026, 11, 18))
BASIS = {"basis": "银行贷款清单核对"}
# First payment, way of paying, bank: what the register says of four homes of 2,000,000.
ROWS = (
    ("600000", "mortgage", "建设银行"),
    ("500000", "mortgage", "招商银行"),
    ("700000", "provident", "公积金中心"),
    ("400000", "combined", "建设银行"),
)


@pytest.fixture
def deals(house: House) -> list[Deal]:
    """Four signed deals as the register leaves them, made running."""
    made = []
    for place, (first, payment, bank) in enumerate(ROWS):
        unit = house.units[place]
        deal = Deal.objects.create(
            unit=unit, project=house.project, stage=Deal.SIGNED, payment=payment, bank=bank, total_price=D("2000000.00"),
            down_payment=D(first), contract_number=f"HT-{place}", signed_date=SIGNED, source=f"客户台账第 {place} 行",
            opened_at=on(SIGNED),
        )  # fmt: skip
        customer = Customer.objects.create(
            company=house.project.company, name=f"赵{place}", identity_number="", phone="19900001111", address="",
            recorded_at=on(SIGNED),
        )  # fmt: skip
        DealBuyer.objects.create(deal=deal, customer=customer, position=1)
        made.append(deal)
    begin(made, by_id=house.wu.pk, at=NOW)
    return made


def loan(deal: Deal, part: str = "commercial") -> Mortgage:
    return Mortgage.objects.select_related("case").get(deal=deal, part=part, live=True)


def lent() -> tuple[int, Decimal]:
    rows = Mortgage.objects.filter(live=True).values_list("amount", flat=True)
    return len(rows), sum(rows, D(0))


@pytest.mark.clause("J-2.2-b", "I-5.6-0")
def test_a_loan_of_the_register_is_taken_up_once_and_its_pay_out_books_as_any_other(house, deals):
    loans, first = Loans(house), loan(deals[0])
    case = first.case
    # 1,400,000 + 1,500,000 + 1,300,000 + 1,600,000
    assert lent() == (4, D("5800000.00"))
    assert (case.state, case.historic) == ("imported", True)
    board = totals(house.project)
    assert [one.name for one in engine.options(case, by=house.yu, at=NOW) if one.open] == [
        "take_up", "take_up_submitted", "take_up_approved",
    ]  # fmt: skip
    assert "不是组合贷款" in loans.refused(case, "split", NOW, fund_amount="1", **BASIS)
    assert mortgage_list.lines(house.project, NOW) == []
    with pytest.raises(NotReady, match="现在是「台账导入待接办」"):
        loans.take(case, "complete_papers", NOW)

    loans.take(case, "take_up", NOW, **BASIS)
    first.refresh_from_db()
    case.refresh_from_db()
    assert (case.state, case.historic, first.amount, first.bank) == (
        "collecting", False, D("1400000.00"), "建设银行",
    )  # fmt: skip
    assert "赵0" in case.title
    assert first.papers.filter(state="missing").count() == first.papers.count() == 11
    assert set(Clock.objects.filter(case=case).values_list("name", flat=True)) == {
        "papers",
        "interview",
        "letter",
    }
    assert Todo.objects.filter(case=case).exists()
    assert [row["case"] for row in mortgage_list.lines(house.project, NOW)] == [case.number]
    with pytest.raises(NotReady, match="到「台账导入待接办」时才能办理"):
        loans.take(case, "take_up", NOW, **BASIS)
    assert (lent(), totals(house.project)) == ((4, D("5800000.00")), board)

    # At the bank: what the register does not say is given, and stands.
    second = loan(deals[1]).case
    given = {"submitted_date": "2026-03-20", "acceptance_number": "CMB-7"}
    early = given | {"submitted_date": "2026-03-01"}
    assert "应在签约以后" in loans.refused(second, "take_up_submitted", NOW, **early, **BASIS)
    loans.take(second, "take_up_submitted", NOW, **given, **BASIS)
    row = loan(deals[1])
    assert (row.case.state, f"{row.submitted_at:%Y-%m-%d}", row.acceptance_number) == (
        "submitted",
        "2026-03-20",
        "CMB-7",
    )
    assert not row.papers.exists()
    loans.take(second, "refuse", NOW, cause="neither", reason="额度用完")
    loans.take(second, "switch_bank", NOW, bank="建设银行", reason="招商银行没有额度")
    assert loan(deals[1]).papers.filter(state="missing").count() == 11, "another bank wants the papers"

    # Approved: in full, and still valid; then contract, registration, gate and money as for any loan.
    third = loan(deals[2], "fund").case
    given = {"decided_date": "2026-04-01", "until_date": "2027-04-01", "approval_number": "批 9"}
    assert "少批的请办" in loans.refused(third, "take_up_approved", NOW, amount="1", **given, **BASIS)
    loans.take(third, "take_up_approved", NOW, amount="1300000", **given, **BASIS)
    loans.take(third, "sign_loan", NOW, loan_number="借 9", loan_date="2026-04-10")
    loans.take(third, "register_mortgage", NOW, registration_number="抵 9", registered_date="2026-04-20")
    loans.topped_out(date(2026, 5, 1))
    assert mortgage_jobs.open_gates(NOW) == 1
    third.refresh_from_db()
    loans.take(third, "ask_payout", NOW, account="4400 0000 0001")
    paid = {"received_date": f"{NOW:%Y-%m-%d}", "voucher": "GJJ-1"}
    loans.take(third, "disburse", NOW, by="he", amount="1300000", **paid)
    assert Message.objects.filter(template="mortgage.paid_out", case=third).count() == 1
    line = next(
        one for one in receivables_of(deals[2].unit.books.get().pk) if one.receivable.name == "公积金款"
    )
    assert (line.amount, line.open) == (D("1300000.00"), D("0.00"))
    assert lent() == (4, D("5800000.00"))
    assert list(problems()) == []


@pytest.mark.clause("J-2.2-b")
def test_a_combined_loan_becomes_two_of_the_past_and_what_was_paid_is_booked_without_a_message(
    house, deals, client
):
    loans, whole = Loans(house), loan(deals[3])
    case = whole.case
    for step, by, given in (
        ("take_up", "yu", {}),
        ("take_up_paid", "he", {"amount": "1600000", "received_date": "2026-06-01", "voucher": "V"}),
    ):
        assert "先按商业贷款和公积金贷款分成两笔" in loans.refused(case, step, NOW, by=by, **given, **BASIS)
    assert "应少于组合贷款总额 ¥1,600,000.00" in loans.refused(
        case, "split", NOW, fund_amount="1600000", **BASIS
    )
    loans.take(case, "split", NOW, fund_amount="600000", **BASIS)
    # Both read as the events say: an amount changed past the program would be told.
    said = figures.said_last()
    for row in Mortgage.objects.filter(deal=deals[3]):
        (now,) = figures.of(row).values()
        assert said["sales_mortgage", row.pk] == figures.digest("sales_mortgage", now)
    fund = loan(deals[3], "fund")
    assert (fund.case.state, fund.case.historic, fund.amount) == ("imported", True, D("600000.00"))
    assert (loan(deals[3]).amount, lent()) == (D("1000000.00"), (5, D("5800000.00")))
    assert not fund.papers.exists()
    assert not Clock.objects.filter(case__in=[case, fund.case], state="running").exists()
    assert not Todo.objects.filter(case__in=[case, fund.case]).exists()
    assert "已经分成两笔" in loans.refused(case, "split", NOW, fund_amount="1", **BASIS)
    begin(deals, by_id=house.wu.pk, at=NOW)
    assert lent() == (5, D("5800000.00")), "the register again makes nothing anew"

    paid = {"amount": "600000", "received_date": "2026-06-01", "voucher": "GJJ-2"}
    assert "台账没有写贷款银行" in loans.refused(fund.case, "take_up_paid", NOW, by="he", **paid, **BASIS)
    loans.take(fund.case, "take_up_paid", NOW, by="he", bank="公积金中心", **paid, **BASIS)
    work(NOW)
    fund = loan(deals[3], "fund")
    receipt = Receipt.objects.get(voucher="GJJ-2")
    assert (fund.case.state, fund.disbursed_amount, fund.bank) == ("disbursed", D("600000.00"), "公积金中心")
    assert (receipt.amount, f"{receipt.received_at:%Y-%m-%d}", receipt.payer) == (
        D("600000.00"), "2026-06-01", "公积金中心",
    )  # fmt: skip
    line = next(one for one in receivables_of(deals[3].unit.books.get().pk) if one.receivable.kind == "loan")
    assert (line.amount, line.open) == (D("1600000.00"), D("1000000.00"))
    assert not Message.objects.exists()
    event = Event.objects.filter(case=fund.case).latest("pk")
    assert chain.open_body(event.body)["said"]["before_gate"] is True
    # What was paid before its gate is counted and marked where loans are looked at.
    client.force_login(house.yu)
    for name, args, said in (
        ("mortgage_register", [], '<a href="?early=1">1 笔</a>，¥600,000.00'),
        ("mortgage_guarantees", [], "放款早于放款条件"),
        ("mortgage_file", [fund.case.number], "早于放款条件"),
    ):
        assert said in client.get(reverse(f"web:{name}", args=args)).content.decode()
    only = client.get(reverse("web:mortgage_register") + "?early=1").content.decode()
    assert fund.case.number in only
    assert loan(deals[0]).case.number not in only
    assert list(problems()) == []


@pytest.mark.clause("J-2.2-b")
def test_loans_of_the_register_are_taken_up_by_the_list_and_again_changes_nothing(house, deals):
    act = batch.act_of("mortgage", "take_up")
    assert act is not None
    rows = batch.picked([loan(deals[0]).case.number, loan(deals[1]).case.number, loan(deals[3]).case.number])
    batch.match(act, rows, by=house.yu, at=NOW, project=house.project)
    found = batch.run(act, rows, BASIS, token="a", by=house.yu, at=NOW)
    assert Counter(one.kind for one in found) == {"done": 2, "failed": 1}
    assert "分成两笔" in found[2].words

    act = batch.act_of("mortgage", "take_up_paid")
    assert act is not None
    for expected in ("done", "before"):
        rows = batch.read_paste(act, f"{deals[2].unit.label}\t公积金\t1300000\t2026-06-01\tGJJ-3")
        batch.match(act, rows, by=house.he, at=NOW, project=house.project)
        found = batch.run(act, rows, BASIS, token="b", by=house.he, at=NOW)
        assert [one.kind for one in found] == [expected], found
    assert Receipt.objects.count() == 1
    assert Case.objects.filter(process="mortgage", state="imported").count() == 1


def test_the_register_page_leads_to_taking_up(house, deals, client):
    client.force_login(house.yu)
    page = client.get(reverse("web:mortgage_register"))
    assert "接办台账里的贷款" in page.content.decode()
    link = reverse("web:batch_many", args=["mortgage", "take_up_approved"])
    assert link in page.content.decode()
    many = client.get(link).content.decode()
    assert all(
        loan(deal, part).case.number in many for deal, part in ((deals[0], "commercial"), (deals[2], "fund"))
    )
    buyers = [one.customer.name for deal in (deals[0], deals[2]) for one in deal.buyers.all()]
    assert buyers
    assert all(name in many for name in buyers)
    case = client.get(reverse("web:case", args=[loan(deals[0]).case.number])).content.decode()
    assert "接办：收集资料" in case
