"""The chase of loan papers: ladder, answers, letter, sixty days; the weekly list to sales; the bank is pressed."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection

from guiju.kernel import calendar, chain
from guiju.kernel.models import Event, Todo
from guiju.kernel.refusals import NotYourPost
from guiju.ledger.models import BankLine
from guiju.ledger.operations import banking, cashier
from guiju.ledger.queries import receivables_of
from guiju.notify.models import Message
from guiju.papers.offers import NotYetPrintable
from guiju.sales import mortgage_jobs, mortgage_list
from guiju.sales.models import Contract, MissingList, MortgagePaper
from guiju.sales.mortgage_papers import chasing_letter
from tests.sales.loans import ALL, SIGNED, Loans, after, on
from tests.stories.conftest import house  # noqa: F401 - the house of the stories
from tests.stories.signing_desk import work

pytestmark = pytest.mark.django_db


@pytest.fixture
def loans(house) -> Loans:
    return Loans(house)


def wanted(case):
    return set(Todo.objects.filter(case=case).values_list("act", flat=True))


@pytest.mark.clause("I-2.2-c", "I-5.3-5c")
def test_missing_papers_are_chased_on_day_3_7_and_15_then_by_letter_then_as_late_payment(house, loans):
    deal = loans.signed("苏清越")
    case = loans.case(deal)
    loans.hand_in(case, after(1), *[kind for kind in ALL if kind not in ("income", "flow")])

    assert mortgage_jobs.remind(after(2)) == 0
    assert mortgage_jobs.remind(after(3)) == 1
    assert mortgage_jobs.remind(after(4)) == 0
    told = Message.objects.get(template="mortgage.papers")
    assert "还缺：收入证明、银行流水。" in told.body
    loans.take(case, "answer", after(4), words="单位在盖章", promised_date="2026-11-12")
    lacks = MortgagePaper.objects.filter(mortgage__case=case, kind__in=["income", "flow"])
    assert {(p.reminders, p.promised_date) for p in lacks} == {(1, date(2026, 11, 12))}
    assert mortgage_jobs.remind(after(7)) == mortgage_jobs.remind(after(15)) == 1
    assert mortgage_jobs.remind(after(16)) == 0
    event = Event.objects.filter(case=case, step="chase").first()
    assert event.actor_id is None

    # By hand a call: its answer stays in the event.
    loans.take(case, "chase", after(16), by="lin", way="call", answer="月底交", promised_date="2026-11-30")
    assert loans.row(case).chases == 4
    assert Message.objects.filter(template="mortgage.papers").count() == 3

    assert "现在是第 30 日" in loans.refused(case, "letter", after(30), tracking="EMS1001")
    with pytest.raises(NotYetPrintable, match="第 30 日"):
        chasing_letter(case, after(30))
    letter = chasing_letter(case, after(31))
    assert letter.number == f"AJH-{case.number}"
    assert dict(letter.facts)["尚缺资料"] == "收入证明、银行流水"
    assert dict(letter.facts)["贷款"] == "商业贷款 1,400,000.00 元（人民币壹佰肆拾万元整）建设银行"
    assert "没有寄发" not in loans.refused(
        case, "treat_as_late", after(31), by="zhou", due_date="2026-12-31", reason="合同第八条"
    )
    loans.take(case, "letter", after(31), tracking="EMS1001")
    assert "deliver" in wanted(case)
    assert "没有送达凭证" in loans.refused(
        case, "treat_as_late", after(61), by="zhou", due_date="2027-01-05", reason="合同第八条"
    )
    loans.take(case, "deliver", after(33), delivered_date="2026-12-05", receiver="本人", proof=house.scan)
    loans.take(case, "treat_as_late", after(61), by="zhou", due_date="2027-01-05", reason="合同第八条")
    line = next(x for x in receivables_of(deal.unit.books.get().pk) if x.receivable.name == "按揭款")
    assert line.due_date == date(2027, 1, 5)

    loans.hand_in(case, after(62), "income", "flow")
    assert "不用催" in loans.refused(case, "chase", after(62), way="message")
    with pytest.raises(NotYetPrintable, match="不用发函"):
        chasing_letter(case, after(62))


@pytest.mark.clause("I-2.2-c")
def test_who_has_no_phone_is_left_to_people_and_an_expired_paper_is_missing_again(house, loans):
    case = loans.case(loans.signed("宋时雨", phone=""))
    assert "没有登记手机号" in loans.refused(case, "chase", after(3), way="message")
    assert mortgage_jobs.remind(after(3)) == 0
    loans.take(case, "chase", after(3), way="call", answer="明天来")

    loans.hand_in(case, after(4))
    loans.take(case, "complete_papers", after(4))
    assert "身份证（已过期，要新的）" in loans.refused(
        case, "interview", on(date(2027, 7, 1)), everybody=True
    )
    assert "已过期，请客户换新的" in loans.refused(
        case,
        "receive_papers",
        after(5),
        items=[{"kind": "flow", "state": "original", "valid_until": "2026-10-01"}],
    )


@pytest.mark.clause("I-5.3-5a", "I-5.3-5b")
def test_the_list_of_incomplete_papers_closes_monday_evening_and_goes_to_sales(house, loans):
    couple, single = loans.signed("苏清越", "陆望舒"), loans.signed("程一舟")
    ready = loans.signed("宋时雨")
    assert mortgage_list.close_due(on(SIGNED, 18)) == 1
    loans.hand_in(loans.case(ready), after(1))
    loans.hand_in(loans.case(single), after(1), *[kind for kind in ALL if kind != "flow"])
    loans.hand_in(
        loans.case(couple), after(1), *[kind for kind in ALL if kind not in ("income", "contract")], buyers=2
    )
    loans.take(loans.case(single), "chase", after(3), way="call", answer="周五交", promised_date="2026-11-06")
    monday = date(2026, 11, 9)

    assert mortgage_list.close_due(on(monday, 17)) == 0
    assert mortgage_list.close_due(on(monday, 18)) == 1
    made = MissingList.objects.get(week_date=monday)
    assert (made.buyers, made.papers, made.late) == (2, 4, False)
    assert mortgage_list.close(project=house.project, monday=monday, at=on(monday, 19)) is None
    # four of the sales department: the director and three consultants
    told = Message.objects.filter(template="mortgage.list")
    assert told.count() == 4 + 4
    assert "2 户缺 4 项" in told.latest("pk").body

    rows = mortgage_list.rows_of(made)
    assert {row["unit"]: [(i["name"], i["state"], i["owner"]) for i in row["items"]] for row in rows} == {
        couple.unit.label: [
            ("苏清越 收入证明", "缺", "客户"), ("陆望舒 收入证明", "缺", "客户"), ("备案合同", "缺", "公司"),
        ],
        single.unit.label: [("银行流水", "缺", "客户")],
    }  # fmt: skip
    alone = next(row for row in rows if row["unit"] == single.unit.label)
    assert (alone["days"], alone["chases"], alone["items"][0]["promised"]) == (7, 1, "2026-11-06")
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM sales_missinglist ORDER BY id DESC")
        assert b"19900001111" not in bytes(cursor.fetchone()[0])

    # What comes later changes nothing of it.
    loans.hand_in(loans.case(single), on(monday, 20), "flow")
    made.refresh_from_db()
    assert len(mortgage_list.rows_of(made)) == 2
    form = mortgage_list.form_of(made)
    assert (len(form.rows), form.remarks) == (4, "共 2 户 4 项")

    with pytest.raises(NotYourPost):
        mortgage_list.receive(found=made, by=house.yu, at=on(monday, 20))
    got = mortgage_list.receive(found=made, by=house.lin, at=on(monday, 20))
    assert got.received_by == house.lin
    with pytest.raises(mortgage_list.UnableToReceive):
        mortgage_list.receive(found=made, by=house.gao, at=on(monday, 21))

    tuesday = on(date(2026, 11, 17), 9)
    late = mortgage_list.close(project=house.project, monday=date(2026, 11, 16), at=tuesday)
    assert late.late
    assert "迟于周二前" in mortgage_list.form_of(late).remarks


@pytest.mark.clause("I-5.3-5a")
def test_lists_missed_while_nothing_ran_are_made_up_as_of_their_own_evening(house, loans):
    # The first list goes out on time; then nothing runs for two Mondays.
    couple, single = loans.signed("苏清越", "陆望舒"), loans.signed("程一舟")
    assert mortgage_list.close_due(on(date(2026, 11, 2), 18)) == 1
    loans.hand_in(loans.case(single), on(date(2026, 11, 10)))
    loans.hand_in(loans.case(couple), on(date(2026, 11, 18)), buyers=2)
    later = loans.signed("宋时雨", open_=False)
    mortgage_jobs.open_for(
        Contract.objects.select_related("deal__project", "deal__unit").get(deal=later),
        at=on(date(2026, 11, 19)),
    )
    back = on(date(2026, 11, 19), 11)
    assert mortgage_list.close_due(back) == 2
    assert mortgage_list.close_due(back) == 0, "nothing double"

    first, second = MissingList.objects.filter(week_date__gt=date(2026, 11, 2)).order_by("week_date")
    close = calendar.current(house.project.company_id).close_of
    assert (first.week_date, first.closed_at, first.sent_at, first.late) == (
        date(2026, 11, 9), close(date(2026, 11, 9)), back, True,
    )  # fmt: skip
    # On the 9th nobody had brought anything: 6 papers each of two and 5 shared, and 11 of one; on the 16th one was complete.
    assert (first.buyers, first.papers) == (2, 17 + 11)
    assert (second.week_date, second.buyers, second.papers) == (date(2026, 11, 16), 1, 17)
    assert {row["unit"] for row in mortgage_list.rows_of(second)} == {couple.unit.label}
    assert mortgage_list.rows_of(second)[0]["days"] == 14
    assert "截止 2026-11-16，2026-11-19 补报，迟于周二前" in mortgage_list.form_of(second).remarks
    # Four of the sales department were told of each list once.
    assert Message.objects.filter(template="mortgage.list").count() == 3 * 4


@pytest.mark.clause("I-5.3-5a")
def test_a_monday_off_closes_on_the_working_day_before(house):
    company = house.project.company_id
    # 2026-10-05 lies in the National Day holiday; the last day worked before it is Wednesday, 30 September.
    assert not calendar.current(company).is_workday(date(2026, 10, 5))
    closing = mortgage_list.closing_of(date(2026, 10, 5), company)
    assert closing == calendar.current(company).close_of(date(2026, 9, 30))
    assert mortgage_list.due_of(date(2026, 10, 5)) == on(date(2026, 10, 6), 0)


@pytest.mark.clause("I-2.2-g", "J-2.2-c")
def test_the_bank_is_pressed_every_week_until_the_money_is_there(house, loans):
    from guiju.kernel import clocks

    loans.topped_out()
    deal = loans.signed()
    case = loans.case(deal)
    loans.asked(case, deal)
    assert "press_bank" not in wanted(case)
    clocks.sweep(after(36))
    case.refresh_from_db()
    assert "press_bank" in wanted(case)
    loans.take(case, "press_bank", after(36), who="秦", answer="本周")
    assert "press_bank" not in wanted(case)
    clocks.sweep(after(44))
    assert "press_bank" in wanted(case)
    loans.take(
        case,
        "disburse",
        after(44),
        by="he",
        amount="1400000",
        received_date=str(SIGNED + timedelta(days=44)),
        voucher="V1",
    )
    assert "press_bank" not in wanted(case)
    assert wanted(case) == {"set_repayment"}


@pytest.mark.clause("I-2.2-d")
def test_our_own_papers_are_there_by_themselves_and_what_a_person_said_stands(house, loans):
    deal, other = loans.signed("苏清越"), loans.signed("宋时雨", paid=False)
    row, second = loans.row(loans.case(deal)), loans.row(loans.case(other))
    assert mortgage_jobs.take_own_papers(row, after(1))
    assert not mortgage_jobs.take_own_papers(second, after(1)), "not paid, not filed"
    number = deal.unit.books.get().receipts.get().number
    assert row.papers.get(kind="receipt").state == "copy"
    assert row.papers.get(kind="contract").state == "missing"
    event = Event.objects.filter(case=row.case, step="receive_papers").latest("pk")
    assert (event.actor_id, number in str(chain.open_body(event.body))) == (None, True)

    loans.take(row.case, "receive_papers", after(2), items=[{"kind": "receipt", "state": "expired"}])
    loans.file(deal, after(3))
    assert mortgage_jobs.take_own_papers(row, after(4))
    assert not mortgage_jobs.take_own_papers(row, after(5)), "once"
    assert row.papers.get(kind="contract").state == "copy"
    assert row.papers.get(kind="receipt").state == "expired"
    event = Event.objects.filter(case=row.case, step="receive_papers").latest("pk")
    assert f"备 HT-{deal.unit.room}" in str(chain.open_body(event.body))

    # The cashier books the first payment of the other: it follows by itself.
    money = cashier.Money(
        purpose="price", amount=Decimal("600000.00"), method="transfer", account=house.project.escrow_account,
        voucher="Q1", payer="宋时雨", relation="", received_at=after(5),
    )  # fmt: skip
    cashier.receive(
        book=other.unit.books.get(), money=money, buyers=["宋时雨"], by=house.people["he"], at=after(5)
    )
    work(after(6))
    assert second.papers.get(kind="receipt").state == "copy"

    # Of a third one the bank's statement is booked line by line: the same.
    third = loans.signed("程一舟", paid=False)
    paper = loans.row(loans.case(third)).papers.get(kind="receipt")
    rows = [
        ["交易日期", "贷方发生额", "对方户名", "对方账号", "流水号", "摘要"],
        ["2026-11-07", "600000.00", "程一舟", "6222", "Q2", "首付款"],
    ]
    banking.take_in(
        project=house.project, account=house.project.escrow_account, name="明细.xlsx", sha256="0" * 64, rows=rows, at=after(7),
        by_id=house.he.pk,
    )  # fmt: skip
    cashier.confirm_line(
        line=BankLine.objects.get(),
        receipt=None,
        to=third.unit.books.get(),
        buyers=["程一舟"],
        by=house.he,
        at=after(7),
    )
    assert paper.state == "missing"
    work(after(8))
    paper.refresh_from_db()
    assert paper.state == "copy"
