"""纠正措施 (K-2.6, A-2.2-b, F-2.5-d): Zheng issues, Xu heads the engineering department, Zhou approves, Luo inspects."""

from datetime import timedelta

import pytest

from guiju.kernel import clocks, engine
from guiju.kernel.models import ApprovalRequest, Case, Clock, Todo
from guiju.kernel.process import processes
from guiju.kernel.refusals import BadlyFilled, NotReady, NotYourPost
from guiju.org.models import Department
from guiju.papers.offers import print_case
from guiju.quality.models import CorrectiveAction, RecordEntry
from guiju.quality.operations.correctives import raise_by_rule, raise_for_kpi_miss
from guiju.sop import shipped
from tests.stories.conftest import WEDNESDAY, House, beijing

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ACTIONS = [{"what": "窗框交接处一律加防水附加层", "who": "许诺", "due_date": "2026-11-24"}]


@pytest.fixture
def house(house: House) -> House:
    Department.objects.filter(company=house.project.company, code="engineering").update(
        head=house.people["xu"]
    )
    return house


def raised(house: House, **given) -> Case:
    event = engine.open_case(
        "corrective_action", by=house.zheng, at=WEDNESDAY, chain_id=house.project.company_id, scope_id=house.project.pk,
        given={"fact": "飘窗交接处没有附加防水层", "department_name": "工程部", "clause": "K-2.6-b"} | given,
    )  # fmt: skip
    return Case.objects.get(pk=event.case_id)


def taken(house: House, **given) -> Case:
    case = raised(house, **given)
    house.take(case, "issue", "zheng", WEDNESDAY + HOUR)
    house.take(case, "acknowledge", "xu", WEDNESDAY + 2 * HOUR)
    return case


def planned(house: House, **given) -> Case:
    case = taken(house, **given)
    house.take(case, "correct", "xu", WEDNESDAY + 3 * HOUR, words="已拆除重做")
    house.take(
        case,
        "analyse",
        "xu",
        WEDNESDAY + 4 * HOUR,
        whys=["为什么渗：没有附加层", "为什么没有：图纸没画"],
        root="节点图缺附加层",
    )
    house.take(case, "plan", "xu", WEDNESDAY + 5 * HOUR, actions=ACTIONS)
    house.approve(case, WEDNESDAY + 6 * HOUR)
    return case


def entry(case: Case, kind: str) -> RecordEntry:
    return RecordEntry.objects.filter(case=case, kind=kind).order_by("-id")[0]


@pytest.mark.clause("K-2.6-b", "K-2.6-c", "K-2.6-d")
def test_a_notice_goes_to_the_department_and_stays_open_until_verified_by_somebody_else_and_effective(
    house: House,
):
    case = planned(house)
    assert case.state == "doing"
    house.take(
        case, "report", "xu", WEDNESDAY + 5 * DAY, done_date="2026-11-23", result="十二处已加，图纸已改"
    )
    assert case.state == "reported"
    house.take(case, "verify", "zheng", WEDNESDAY + 6 * DAY, words="抽查六处，均已加")
    with pytest.raises(NotReady, match="验证后观察满 30 日才能确认效果"):
        house.take(case, "evaluate", "zheng", WEDNESDAY + 30 * DAY, effective=True, words="没有再漏")
    with pytest.raises(NotReady, match="没有效果的不能关闭"):
        house.take(case, "evaluate", "zheng", WEDNESDAY + 37 * DAY, effective=False, words="又漏了")
    house.take(case, "evaluate", "zheng", WEDNESDAY + 37 * DAY, effective=True, words="没有再漏")

    row = CorrectiveAction.objects.get(case=case)
    assert (case.state, row.effective, row.department.name) == ("closed", True, "工程部")
    done = entry(case, "done")
    assert (done.data["done_date"], done.words) == ("2026-11-23", "十二处已加，图纸已改")
    assert entry(case, "acknowledged").entered_by == house.people["xu"]


@pytest.mark.clause("K-2.6-c")
def test_only_the_responsible_department_signs_for_the_notice(house: House):
    case = raised(house)
    house.take(case, "issue", "zheng", WEDNESDAY + HOUR)
    assert Todo.objects.get(case=case, act="acknowledge").person_id == house.people["xu"].pk

    with pytest.raises(NotReady, match="责任部门是工程部，由该部门的人办理"):
        house.take(case, "acknowledge", "wu", WEDNESDAY + 2 * HOUR)
    house.take(case, "dispute", "xu", WEDNESDAY + 2 * HOUR, reason="不是工程，是设计")
    assert case.state == "raised"
    house.take(case, "issue", "zheng", WEDNESDAY + 3 * HOUR, department_name="规划设计部")
    assert CorrectiveAction.objects.get(case=case).department.name == "规划设计部"


def test_a_notice_without_a_department_is_not_issued(house: House):
    case = raised(house, department_name="")

    with pytest.raises(NotReady, match="请选定责任部门"):
        house.take(case, "issue", "zheng", WEDNESDAY + HOUR)


@pytest.mark.clause("K-2.6-d")
def test_correction_comes_before_the_cause_and_the_cause_before_the_measures(house: House):
    case = taken(house)
    assert Clock.objects.get(case=case, name="correct").due_at == WEDNESDAY + 26 * HOUR
    with pytest.raises(NotReady, match="请先纠正眼前的问题"):
        house.take(case, "plan", "xu", WEDNESDAY + 3 * HOUR, actions=ACTIONS)
    house.take(case, "correct", "xu", WEDNESDAY + 3 * HOUR, words="已重做")
    with pytest.raises(NotReady, match="请先查明根本原因"):
        house.take(case, "plan", "xu", WEDNESDAY + 3 * HOUR, actions=ACTIONS)
    with pytest.raises(BadlyFilled, match="至少要有 2 项"):
        house.take(case, "analyse", "xu", WEDNESDAY + 3 * HOUR, whys=["没有附加层"], root="图纸没画")


def test_measures_need_the_managers_yes_and_grave_ones_the_deputys(house: House):
    minor = taken(house)
    house.take(minor, "correct", "xu", WEDNESDAY + 3 * HOUR, words="已重做")
    house.take(minor, "analyse", "xu", WEDNESDAY + 3 * HOUR, whys=["一", "二"], root="图纸没画")
    house.take(minor, "plan", "xu", WEDNESDAY + 3 * HOUR, actions=ACTIONS)
    assert minor.state == "taken"
    assert [seat["post"] for seat in ApprovalRequest.objects.get(case=minor).chain] == ["cs_manager"]

    major = taken(house, grade="major")
    house.take(major, "correct", "xu", WEDNESDAY + 3 * HOUR, words="已重做")
    house.take(major, "analyse", "xu", WEDNESDAY + 3 * HOUR, whys=["一", "二"], root="图纸没画")
    house.take(major, "plan", "xu", WEDNESDAY + 3 * HOUR, actions=ACTIONS)
    assert [seat["post"] for seat in ApprovalRequest.objects.get(case=major).chain] == ["deputy_gm"]


@pytest.mark.clause("K-2.6-d")
def test_nobody_verifies_what_he_did_himself(house: House):
    case = planned(house)
    house.take(case, "report", "xu", WEDNESDAY + 5 * DAY, done_date="2026-11-23", result="都已做完")
    CorrectiveAction.objects.filter(case=case).update(doer=house.zheng)

    with pytest.raises(NotReady, match="不能验证自己做的措施"):
        house.take(case, "verify", "zheng", WEDNESDAY + 6 * DAY, words="看过")
    with pytest.raises(NotYourPost, match="须由质检"):
        house.take(case, "verify", "xu", WEDNESDAY + 6 * DAY, words="看过")
    house.take(case, "refuse", "zhou", WEDNESDAY + 6 * DAY, reason="还有三处没做")
    assert case.state == "doing"

    # Nor does the doer judge the effect.
    house.take(case, "report", "xu", WEDNESDAY + 7 * DAY, done_date="2026-11-25", result="都已做完")
    CorrectiveAction.objects.filter(case=case).update(doer=house.zhou)
    house.take(case, "verify", "zheng", WEDNESDAY + 8 * DAY, words="看过，都已做")
    for step, given in (
        ("evaluate", {"effective": True, "words": "没有再漏"}),
        ("reissue", {"words": "又漏"}),
    ):
        with pytest.raises(NotReady, match="不能验证自己做的措施"):
            house.take(case, step, "zhou", WEDNESDAY + 60 * DAY, **given)


def test_what_had_no_effect_is_issued_anew_as_grave(house: House):
    case = planned(house)
    house.take(case, "report", "xu", WEDNESDAY + 5 * DAY, done_date="2026-11-23", result="都已做完")
    house.take(case, "verify", "zheng", WEDNESDAY + 6 * DAY, words="看过，都已做")
    house.take(case, "reissue", "zheng", WEDNESDAY + 20 * DAY, words="五处又渗")

    anew = CorrectiveAction.objects.get(replaces__case=case)
    assert (case.state, anew.case.state, anew.grade) == ("reissued", "raised", "major")
    assert "五处又渗" in anew.fact


def test_a_rule_raises_one_action_and_a_missed_target_only_after_two_periods(house: House):
    place = {"company_id": house.project.company_id, "project_id": house.project.pk, "at": WEDNESDAY}
    first = raise_by_rule(trigger="level:7", fact="三户渗漏", **place)
    assert first is not None
    assert raise_by_rule(trigger="level:7", fact="三户渗漏", **place) is None

    miss = {"kpi": "satisfaction", "label": "满意率", "target": "100%", **place}
    assert raise_for_kpi_miss(periods=["2026-10"], values=["96%"], **miss) is None
    case = raise_for_kpi_miss(periods=["2026-10", "2026-11"], values=["96%", "95%"], **miss)
    assert case is not None
    assert (
        CorrectiveAction.objects.get(case=case).fact
        == "指标「满意率」连续 2 期未达到目标 100%：2026-10 96%、2026-11 95%"
    )
    assert (
        raise_for_kpi_miss(periods=["2026-10", "2026-11", "2026-12"], values=["96%", "95%", "94%"], **miss)
        is None
    )


@pytest.mark.clause("F-2.5-d")
def test_a_customers_suggestion_becomes_an_improvement_with_owner_due_date_and_result(house: House):
    case = raised(
        house,
        kind="improvement",
        fact="顾客建议：维修前先发一张说明",
        owner="许诺",
        due_date="2026-12-10",
        clause="F-2.5-d",
    )
    row = CorrectiveAction.objects.get(case=case)
    assert (row.kind, row.owner, row.due_date.isoformat()) == ("improvement", "许诺", "2026-12-10")

    house.take(case, "issue", "zheng", WEDNESDAY + HOUR)
    house.take(case, "acknowledge", "xu", WEDNESDAY + 2 * HOUR)
    house.take(case, "correct", "xu", WEDNESDAY + 3 * HOUR, words="先口头说明")
    house.take(case, "analyse", "xu", WEDNESDAY + 4 * HOUR, whys=["一", "二"], root="没有说明单")
    house.take(case, "plan", "xu", WEDNESDAY + 5 * HOUR, actions=ACTIONS)
    house.approve(case, WEDNESDAY + 6 * HOUR)
    house.take(
        case, "report", "xu", WEDNESDAY + 5 * DAY, done_date="2026-11-23", result="说明单已印好，随派工单发"
    )
    assert entry(case, "done").words == "说明单已印好，随派工单发"


@pytest.mark.clause("K-2.6-e")
def test_the_library_holds_the_improvement_control_procedure_bound_to_the_process(house: House):
    document = shipped.documents()["KF-JZ-01"]

    assert document["title"] == "改进控制程序"
    assert document["process"] == "corrective_action" == processes()["corrective_action"].name
    assert "K-2.6-e" in {clause["id"] for clause in document["clauses"]}


def test_a_department_that_does_not_sign_is_heard_of(house: House):
    case = raised(house)
    house.take(case, "issue", "zheng", WEDNESDAY + HOUR)
    clocks.sweep(beijing("2026-11-20 18:00"))

    assert Todo.objects.filter(case=case, act="escalate:acknowledge", post="quality").exists()


@pytest.mark.clause("K-2.6-b")
def test_the_notice_prints_with_fact_cause_measures_and_who_signed(house: House):
    case = planned(house)

    paper = print_case(case, "notice", by=house.zheng, at=WEDNESDAY + DAY)

    assert paper.content["fact"] == "飘窗交接处没有附加防水层"
    assert paper.content["measures"][0]["who"] == "许诺"
    assert paper.content["acknowledged"]["name"] == "许诺"
    assert [one["name"] for one in paper.content["approved"]] == ["周岚"]
