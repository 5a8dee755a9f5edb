"""Observation of service, competency records, products, training."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from guiju.desk import scheduling
from guiju.kernel.refusals import BadlyFilled, NotReady, NotYourPost
from guiju.quality import observing, surveys
from guiju.quality.models import Observation, ProductDuty, Training
from tests.desk.servicing import MORNING

DAY = timedelta(days=1)
BEGIN, END = MORNING - 30 * DAY, MORNING + 30 * DAY


def observed(service, person="ma", form="desk", by="tang", at=MORNING, case=None, **scores):
    return observing.observe(
        person=service.people[person], form=form, scores=scores, by=service.people[by], at=at, case=case
    )


@pytest.mark.parametrize(
    ("clause", "form", "words"),
    [
        pytest.param("A-1.2-b", "desk", "言谈举止", marks=pytest.mark.clause("A-1.2-b")),
        pytest.param("A-2.1-c", "desk", "不急躁，不打断", marks=pytest.mark.clause("A-2.1-c")),
        pytest.param("D-2.1-d", "call", "不中断", marks=pytest.mark.clause("D-2.1-d")),
        pytest.param("D-2.4-a", "call", "友善、礼貌", marks=pytest.mark.clause("D-2.4-a")),
        pytest.param("D-2.4-b", "call", "清晰、响亮", marks=pytest.mark.clause("D-2.4-b")),
        pytest.param("D-2.4-c", "call", "语速适中", marks=pytest.mark.clause("D-2.4-c")),
        pytest.param("D-2.4-d", "call", "大笑声", marks=pytest.mark.clause("D-2.4-d")),
        pytest.param("D-2.4-e", "call", "背景声", marks=pytest.mark.clause("D-2.4-e")),
        pytest.param("C-4.2-b", "case", "倾听并记下", marks=pytest.mark.clause("C-4.2-b", "H-3.1-a")),
        pytest.param("C-4.2-c", "case", "耐心解答", marks=pytest.mark.clause("C-4.2-c", "H-3.1-b")),
        pytest.param("H-3.1-c", "case", "清晰、简洁", marks=pytest.mark.clause("H-3.1-c")),
        pytest.param("E-3.1-b", "case", "第一次给的办法就有效", marks=pytest.mark.clause("E-3.1-b")),
        pytest.param("E-4.1-a", "case", "礼貌和耐心", marks=pytest.mark.clause("E-4.1-a")),
    ],
)
def test_each_skill_of_the_sops_is_a_scored_criterion_kept_with_the_employee(service, clause, form, words):
    criterion = next(one for one in observing.FORMS[form].criteria if clause in one.clauses)
    assert words in criterion.asks

    case = service.record() if form == "case" else None
    row = observed(service, form=form, case=case, **{criterion.code: 4})

    kept = Observation.objects.get(person=service.ma)
    assert (kept, kept.scores, kept.observed_by) == (row, {criterion.code: 4}, service.tang)
    record = observing.competency(service.ma, begin=BEGIN, end=END)
    assert record.abilities[criterion.ability].average == 4


@pytest.mark.clause("C-4.2-a", "E-3.1-a", "E-3.5-c")
def test_the_competency_record_adds_marks_up_by_ability(service):
    observed(service, calm=5, listening=4, awareness=3, care=2)
    observed(service, form="call", voice=3, at=MORNING + DAY)
    observing.observe(
        person=service.ma, form="desk", scores={"care": 4}, by=service.tang, at=MORNING + DAY, record_errors=3
    )

    record = observing.competency(service.ma, begin=BEGIN, end=END)

    # 5 + 4 + 3 of three marks; 3 of one; 2 + 4 of two.
    assert record.abilities["communication"].average == 4
    assert record.abilities["awareness"].average == 3
    assert record.abilities["care"].average == 3
    assert (record.observations, record.record_errors) == (3, 3)
    assert record.abilities["solving"].average is None


@pytest.mark.clause("E-5-b")
def test_scores_are_told_period_by_period(service):
    observed(service, calm=2, at=MORNING - 20 * DAY)
    observed(service, calm=5)

    before = observing.competency(service.ma, begin=MORNING - 30 * DAY, end=MORNING - 10 * DAY)
    after = observing.competency(service.ma, begin=MORNING - 10 * DAY, end=END)
    assert (before.abilities["communication"].average, after.abilities["communication"].average) == (2, 5)


@pytest.mark.clause("E-5-a", "C-4.4-a")
def test_an_employee_sees_the_own_satisfaction(service):
    case = service.done()
    surveys.rate(
        case=case,
        score=4,
        solved=True,
        items={"attitude": 5, "positive": 4},
        words="",
        source="phone",
        by=service.ma,
        at=MORNING,
    )

    record = observing.competency(service.kang, begin=BEGIN, end=END)
    assert (record.satisfaction, record.attitude.average, record.positive.average) == (100, 5, 4)


def test_only_supervisors_observe_and_nobody_themselves(service):
    with pytest.raises(NotYourPost):
        observed(service, by="lin", calm=4)
    with pytest.raises(observing.UnableToObserve, match="不能给自己打分"):
        observed(service, person="tang", by="tang", calm=5)


@pytest.mark.parametrize(
    ("scores", "says"), [({}, "一项也没有打分"), ({"calm": 6}, "1 到 5 分"), ({"charm": 3}, "没有这一项")]
)
def test_marks_that_say_nothing_are_refused(service, scores, says):
    with pytest.raises(BadlyFilled) as refused:
        observed(service, **scores)

    assert says in "".join(refused.value.errors.values())


def test_a_check_of_a_case_names_the_case(service):
    with pytest.raises(observing.UnableToObserve, match="写明是哪个事项"):
        observed(service, form="case", listened=4)


@pytest.mark.clause("C-4.1-a")
def test_products_in_ones_care_stand_with_the_evidence_of_knowing_them(service):
    with pytest.raises(BadlyFilled):
        observing.give_product(
            person=service.kang,
            product="地暖",
            from_date=date(2025, 9, 1),
            evidence="test",
            by=service.tang,
            at=MORNING,
        )
    observing.give_product(
        person=service.kang, product="地暖", from_date=date(2025, 9, 1), evidence="test", evidence_text="笔试 92 分",
        evidence_date=date(2025, 8, 30), by=service.tang, at=MORNING,
    )  # fmt: skip

    row = ProductDuty.objects.get(person=service.kang)
    assert (row.product, row.get_evidence_display(), row.evidence_text) == ("地暖", "考核", "笔试 92 分")


@pytest.mark.clause("C-4.1-b")
def test_training_is_planned_done_with_evidence_and_who_had_none_is_listed(service):
    company = service.project.company_id
    today = MORNING.date()
    everybody = observing.without_training(company, day=today, months=6, at=MORNING)
    assert {service.kang, service.ma} <= set(everybody)

    row = observing.plan_training(
        person=service.kang, topic="防水新工艺", planned_date=date(2025, 9, 20), by=service.tang, at=MORNING
    )
    assert service.kang in observing.without_training(company, day=today, months=6, at=MORNING)
    with pytest.raises(BadlyFilled):
        observing.finish_training(
            training=row, done_date=date(2025, 9, 21), evidence="", by=service.tang, at=MORNING
        )
    with pytest.raises(BadlyFilled, match="不能晚于今天"):
        observing.finish_training(
            training=row, done_date=date(2025, 9, 23), evidence="签到表", by=service.tang, at=MORNING
        )
    observing.finish_training(
        training=row, done_date=date(2025, 9, 21), evidence="签到表和试卷", hours=Decimal("4"), score=90, by=service.tang,
        at=MORNING,
    )  # fmt: skip

    assert service.kang not in observing.without_training(company, day=today, months=6, at=MORNING)
    assert service.kang in observing.without_training(company, day=date(2026, 4, 1), months=6, at=MORNING)
    assert Training.objects.get().evidence == "签到表和试卷"
    assert observing.training_months(company, MORNING) == 6


@pytest.mark.clause("E-3.3-a", "E-3.3-b")
def test_trades_on_record_decide_who_is_proposed_and_work_outside_them_is_refused_with_the_reason(service):
    at = MORNING + timedelta(hours=5)
    found = scheduling.candidates(
        trade="electrician", starts_at=at, ends_at=at + timedelta(hours=1), company_id=service.project.company_id,
        project_id=service.project.pk,
    )  # fmt: skip
    assert found[0].person == service.du
    problems = {one.person: one.problems for one in found}
    assert problems[service.du] == []
    assert problems[service.kang] == ["康水没有登记电工工种"]

    case = service.on_site(part="electrical", nature="power")
    visit = service.visit_of(case)
    slot = {"starts_at": at, "ends_at": at + timedelta(hours=1), "who": "苏清越", "how": "call"}
    with pytest.raises(NotReady, match="康水没有登记电工工种"):
        service.take(
            visit.case, "agree", "guo", MORNING + timedelta(hours=1), technician=service.kang.pk, **slot
        )
    service.take(visit.case, "agree", "guo", MORNING + timedelta(hours=1), technician=service.du.pk, **slot)
    visit.refresh_from_db()
    assert visit.technician == service.du
