"""Weekly and monthly reports of sales: frozen when due, tasks beside them, what turns out later as dated adjustments."""

import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from guiju.kernel.refusals import Refused
from guiju.reports.jobs import adjust_frozen, produce
from guiju.reports.models import Adjustment, Snapshot
from guiju.reports.periodic import by_company, due_spans, reports, set_target
from guiju.reports.statistics import DAY, MONTH, WEEK, span_of
from guiju.sales.models import Contract
from tests.sales.loans import Loans, after
from tests.stories.conftest import House, beijing, house

__all__ = ["House", "house"]

pytestmark = pytest.mark.django_db
D = Decimal

#: 2 to 8 November, 9 to 15, 16 to 22; the payout falls into the week of 30 November.
WEEK_45, WEEK_46, WEEK_47, WEEK_49 = (
    span_of(WEEK, date(2026, 11, day)) for day in (2, 9, 16, 30)
)  # fmt: skip
NOVEMBER = span_of(MONTH, date(2026, 11, 2))


def of(house: House, span, *codes):
    (row,) = reports([house.project], span)
    return [row.value(code) for code in codes]


@pytest.fixture
def loans(house):
    """Signed on Monday 2 November for 2,000,000 with a loan of 1,400,000; papers on the 5th, filed on the 12th."""
    return Loans(house)


@pytest.mark.clause("I-2.1-g", "I-2.1-h", "I-2.1-i")
def test_the_figures_of_signing_filing_and_mortgage_stand_in_the_week_they_happened(house, loans):
    deal = loans.signed("苏清越")
    case = loans.case(deal)
    loans.topped_out()
    loans.asked(case, deal)
    # 400,000 on Sunday of week 48, the rest on Wednesday of week 49.
    part = {"received_date": "2026-11-29", "voucher": "A0"}
    loans.take(case, "disburse_part", after(27), by="he", amount="400000", **part)
    paid = {"received_date": "2026-12-02", "voucher": "A1"}
    loans.take(case, "disburse", after(30), by="he", amount="1000000", **paid)

    signing = ("signed", "signed_area", "signed_amount", "signed_net", "taken_back")
    filing = ("filing_submitted", "filed", "filed_late")
    mortgage = ("loans", "loans_amount", "loan_papers", "loan_submitted", "loan_approved", "loan_paid_amount")
    assert of(house, WEEK_45, *signing) == [1, D("100.00"), D("2000000.00"), 1, 0]
    assert of(house, WEEK_45, *filing) == [0, 0, 0]
    assert of(house, WEEK_45, *mortgage) == [1, D("1400000.00"), 1, 0, 0, 0]
    assert of(house, WEEK_46, *signing) == [0, 0, 0, 0, 0]
    assert of(house, WEEK_46, "filed", "filed_late", "loan_submitted") == [1, 0, 1]
    assert of(house, WEEK_47, "loan_approved", "loan_approved_amount") == [1, D("1400000.00")]
    assert of(house, WEEK_49, "loan_paid", "loan_paid_amount") == [1, D("1000000.00")]
    # The month has its weeks together; the payout is of December.
    assert of(house, NOVEMBER, "signed", "filed", "loans", "loan_approved", "loan_paid") == [1, 1, 1, 1, 0]
    assert of(house, NOVEMBER, "signed_amount", "received") == [D("2000000.00"), D("1000000.00")]
    assert of(house, NOVEMBER, "loan_paid_amount") == [D("400000.00")]


@pytest.mark.clause("I-2.1-d", "I-2.1-e")
def test_a_day_is_due_at_six_a_week_on_monday_at_eight_a_month_when_it_is_over():
    day, week, month = due_spans(beijing("2026-11-09 07:59"))
    assert (day.begin, week.number, month.number) == (date(2026, 11, 8), "2026-W44", "2026-10")
    assert due_spans(beijing("2026-11-09 08:00"))[1].number == "2026-W45"
    assert due_spans(beijing("2026-11-09 17:59"))[0].begin == date(2026, 11, 8)
    assert due_spans(beijing("2026-11-09 18:00"))[0].begin == date(2026, 11, 9)
    assert due_spans(beijing("2026-12-01 00:00"))[2] == NOVEMBER


@pytest.mark.clause("I-2.1-g", "I-2.1-i")
def test_what_is_frozen_stays_and_what_turns_out_later_stands_dated_beside_it(house, loans):
    loans.signed("苏清越")
    at = beijing("2026-11-03 09:00")
    set_target(
        project=house.project, month=date(2026, 11, 1), figure="signed", value=D(4), by=house.zhou, at=at
    )
    monday = beijing("2026-11-09 08:00")
    produce(monday)
    frozen = Snapshot.objects.get(kind=WEEK, begin_date=WEEK_45.begin)
    (row,) = reports([house.project], WEEK_45)
    # 1 of the 4 that are the month's task
    assert (row.value("signed"), row.cell("signed").attained(MONTH), row.taken_at) == (1, D("25.0"), monday)

    # A contract of that week is typed on Tuesday, and the task is set anew: the frozen report does not move.
    tuesday = monday + timedelta(days=1)
    loans.signed("陆望舒", payer="陆望舒")
    set_target(
        project=house.project, month=date(2026, 11, 9), figure="signed", value=D(8), by=house.zhou, at=tuesday
    )
    adjust_frozen(tuesday)
    adjust_frozen(tuesday + timedelta(hours=12))
    produce(tuesday)
    (row,) = reports([house.project], WEEK_45)
    cell = row.cell("signed")
    assert (cell.values[WEEK], cell.adjusted, cell.tasks[MONTH]) == (1, 1, 4)
    assert row.cell("loans_amount").adjusted == D("1400000.00")
    assert {one.noted_at for one in row.adjustments} == {tuesday}
    assert Snapshot.objects.get(pk=frozen.pk).figures == frozen.figures

    # Taken back the week after: a minus of then, no change of the week it was signed in.
    Contract.objects.filter(deal__contract_number="HT-1502").update(closed_at=tuesday + timedelta(days=1))
    adjust_frozen(tuesday + timedelta(days=2))
    assert Adjustment.objects.filter(snapshot=frozen, figure="signed").count() == 1
    assert of(house, WEEK_46, "signed", "taken_back", "taken_back_amount", "signed_net") == [
        0,
        1,
        D("2000000.00"),
        -1,
    ]
    # By company the same stands as a total, 2 of 8 in the month as it runs.
    (whole,) = by_company([(house.project, reports([house.project], NOVEMBER)[0])])
    assert (whole.value("signed"), whole.cell("signed").attained(MONTH)) == (2, D("25.0"))


def test_a_task_is_above_zero_in_whole_units_and_only_of_figures_that_have_one(house):
    def refused(figure, value):
        with pytest.raises(Refused) as caught:
            set_target(
                project=house.project, month=date(2026, 11, 1), figure=figure, value=D(value), by=house.zhou,
                at=beijing("2026-11-03 09:00"),
            )  # fmt: skip
        return str(caught.value)

    assert "不设任务" in refused("taken_back", "1")
    assert "整数" in refused("signed", "1.5")
    assert "大于 0" in refused("signed_amount", "0")


@pytest.mark.clause("I-2.1-g", "I-2.1-h", "I-2.1-i")
def test_the_page_and_its_excel_show_figures_task_rate_and_adjustment(house, loans, client):
    client.force_login(house.zhou)
    for kind in (DAY, WEEK, MONTH):  # nothing sold yet
        assert client.get(f"/registers/statistics/?kind={kind}&on=2026-11-04").status_code == 200

    assert client.get("/registers/statistics/excel/?kind=week&on=2026-11-04").status_code == 200

    loans.signed("苏清越")
    said = client.post(
        "/registers/statistics/YQ1/target/", {"month": "2026-11", "figure": "signed", "value": "4"}
    )
    assert said.status_code == 302
    produce(beijing("2026-11-09 08:00"))
    loans.signed("陆望舒", payer="陆望舒")
    adjust_frozen(beijing("2026-11-10 12:00"))

    page = client.get("/registers/statistics/?kind=week&on=2026-11-04").content.decode()
    for words in ("新签约", "登记", "按揭", "2,000,000.00", "25.0 %", "期后调整", "11月10日 12:00"):
        assert words in page
    for kind in (DAY, MONTH):
        assert "新签约" in client.get(f"/registers/statistics/?kind={kind}&on=2026-11-04").content.decode()
    answer = client.get(f"/registers/statistics/excel/?kind=week&on=2026-11-04&project={house.project.pk}")
    rows = list(load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True))
    heads = next(row for row in rows if "指标" in row)
    line = dict(zip(heads, next(row for row in rows if "新签约" in row), strict=True))
    assert (line["本周"], line["本月任务"], line["期后调整"]) == (1, 4, 1)
    assert "25.0 %" in next(row for row in rows if "新签约" in row)
    assert "苏清越" not in str(rows)
    # Who does not plan sets no task.
    client.force_login(house.ma)
    refused = client.post(
        "/registers/statistics/YQ1/target/", {"month": "2026-11", "figure": "signed", "value": "9"}
    )
    assert refused.status_code in (403, 409, 422)
