"""
投诉 (documents K 2.1 to 2.6, I-5.8, I-2.8): Ma stands at the front desk, Wu is the person in charge of quality complaints,
Zheng the quality department, Wei the technician with a certificate, Tang the assistant manager, Zhou the manager.
"""

from datetime import date, timedelta

import pytest

from guiju.kernel import acts, audit, clocks, engine
from guiju.kernel.chain import open_body
from guiju.kernel.models import ApprovalRequest, Case, CaseLink, Clock, Event, Todo
from guiju.kernel.reactions import run_due
from guiju.kernel.refusals import BadlyFilled, NotReady, NotYourPost
from guiju.org import people
from guiju.org.models import Certificate, Department, Holding, Post
from guiju.papers.models import AttachmentUse
from guiju.papers.offers import print_case
from guiju.portal.purposes.approval import lines_of
from guiju.quality.models import Complaint, ComplaintClerk, CorrectiveAction, Memo, RecordEntry
from tests.stories.conftest import WEDNESDAY, House, beijing

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LEAK = "主卧飘窗右下角渗水，窗台木饰面起鼓，孩子住这间，周末前要修好"
RUDE = "前台两次没给我回电话，说好的事没人管"


class Desk:
    """The house with its complaint desk."""

    def __init__(self, house: House) -> None:
        self.house = house
        company = house.project.company
        ComplaintClerk.objects.create(
            company=company, person=house.wu, named_at=WEDNESDAY - 30 * DAY, named_by=house.zhou
        )
        Certificate.objects.create(person=house.wei, name="防水维修资质证书", expires_date=date(2027, 12, 31))
        for who in ("zheng", "luo"):
            Certificate.objects.create(
                person=house.people[who], name="质量检验员证", expires_date=date(2027, 12, 31)
            )
        Holding.objects.create(
            person=house.people["luo"],
            post=Post.objects.get(code="inspector"),
            company=company,
            from_at=WEDNESDAY - 30 * DAY,
        )
        Department.objects.filter(company=company, code="engineering").update(head=house.people["xu"])

    def __getattr__(self, name: str):
        return getattr(self.house, name)

    def complain(
        self, words: str = LEAK, *, by: str = "ma", at=WEDNESDAY, unit: int | None = 0, **given
    ) -> Case:
        links = [("unit", self.units[unit].pk)] if unit is not None else []
        event = engine.open_case(
            "complaint", by=self.people[by], at=at, given={"words": words, **given}, chain_id=self.project.company_id,
            scope_id=self.project.pk, links=links,
        )  # fmt: skip
        return Case.objects.get(pk=event.case_id)

    def row(self, case: Case) -> Complaint:
        return Complaint.objects.get(case=case)

    def entry(self, case: Case, kind: str) -> RecordEntry:
        return RecordEntry.objects.filter(case=case, kind=kind).order_by("-id")[0]

    def planned(self, **given) -> Case:
        case = self.complain(**({"quality": True, "complainant": "苏清越", "phone": "19900001111"} | given))
        self.take(
            case,
            "plan",
            "wu",
            case.opened_at + HOUR,
            situation="飘窗渗水，木饰面起鼓",
            plan="先查渗漏点，再定维修办法",
        )
        return case

    def judged(self, **given) -> Case:
        case = self.planned(**given)
        at = case.opened_at
        self.take(case, "hand_over", "wu", at + 2 * HOUR, letters=[self.scan])
        self.take(
            case,
            "judge",
            "zheng",
            at + 3 * HOUR,
            departments=["工程部"],
            analysis="窗框交接处密封失效",
            measures="重做密封并淋水试验",
        )
        self.take(
            case, "opine", "zheng", at + 4 * HOUR, opinion="查清渗漏点，重做附加防水层，淋水试验三十分钟"
        )
        return case

    def onsite(self, region: str = "province", **given) -> Case:
        case = self.judged(**given)
        at = case.opened_at
        self.take(
            case,
            "delegate",
            "zheng",
            at + 5 * HOUR,
            person="wei",
            qualification="防水维修资质",
            region=region,
        )
        self.take(case, "read", "wei", at + 6 * HOUR, confirmed=True)
        self.take(case, "arrive", "wei", at + DAY)
        return case

    def found(self, **given) -> Case:
        case = self.onsite(**given)
        self.take(
            case, "investigate", "wei", case.opened_at + DAY + HOUR, words="窗框右下角密封胶开裂三十厘米", cause="seepage",
            reason="交接处没有做附加防水层",
        )  # fmt: skip
        return case

    def signed(self, **given) -> Case:
        case = self.found(**given)
        at = case.opened_at + DAY
        self.take(case, "decide", "wei", at + 2 * HOUR, fault="own", remedy="rectify", words="重做附加防水层")
        self.take(
            case,
            "execute",
            "wei",
            at + 5 * HOUR,
            words="拆窗套，补做防水两遍",
            test="淋水三十分钟不渗",
            passed=True,
        )
        self.take(case, "check", "zheng", at + 6 * HOUR, passed=True, words="复看合格")
        self.take(
            case,
            "confirm",
            "wei",
            at + 6 * HOUR,
            agreed=True,
            signature=self.scan,
            signed_by="苏清越",
            satisfied=True,
            words="可以",
        )
        return case

    def corrected(self, case: Case, at) -> Case:
        self.take(case, "corrective", "zheng", at, department="工程部", fact="飘窗交接处没有附加防水层")
        action = Case.objects.get(corrective_action__source=case, corrective_action__kind="corrective")
        self.take(action, "issue", "zheng", at + MINUTE)
        return action


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def running(case: Case) -> dict[str, Clock]:
    return {clock.name: clock for clock in Clock.objects.filter(case=case, state=Clock.RUNNING)}


def todos(case: Case) -> set[tuple[str, str]]:
    return set(Todo.objects.filter(case=case).values_list("post", "act"))


def steps(case: Case) -> list[str]:
    return list(Event.objects.filter(case=case).order_by("case_seq").values_list("step", flat=True))


def said(case: Case, step: str) -> dict:
    return open_body(Event.objects.get(case=case, step=step).body)["said"]


# --- recording -------------------------------------------------------------------------------------------------------
@pytest.mark.clause("K-2.1-g", "K-2.1-v", "I-2.8-a", "A-4.2-a")
def test_whoever_hears_a_complaint_records_it_and_it_has_a_handler_on_saving(desk: Desk):
    case = desk.complain(RUDE, channel="visit", complainant="苏清越")

    row, entry = desk.row(case), desk.entry(case, "recorded")
    assert (row.channel, row.words, row.complainant) == ("visit", RUDE, "苏清越")
    assert (entry.entered_by, entry.entered_at) == (desk.ma, WEDNESDAY)
    assert row.handler == desk.ma
    # From the entry to the first action a clock runs.
    assert running(case)["contact"].due_at == WEDNESDAY + 24 * HOUR
    desk.take(case, "contact", "ma", WEDNESDAY + 2 * HOUR, words="致歉，告知明天中午前答复")
    clock = Clock.objects.get(case=case, name="contact")
    assert (clock.state, clock.stopped_at - clock.started_at) == (Clock.MET, 2 * HOUR)


def test_nothing_but_missing_words_ever_prevents_recording(desk: Desk):
    for given in (
        {}, {"quality": None, "cause": "nonsense", "level": "L9", "channel": "pigeon"}, {"about_person": "没有这个人"},
        {"repeat_of": "TS-YQ1-1999-0001", "customer": 987654}, {"phone": "不记得了"},
        {"letters": ["0" * 64]},
    ):  # fmt: skip
        assert desk.complain("有意见", unit=None, **given).number.startswith("TS-YQ1-2026-")
    for by in ("lin", "fang", "xu", "wei", "qian", "he"):
        assert desk.complain("有意见", by=by).state == "recorded"

    with pytest.raises(BadlyFilled, match="投诉内容"):
        desk.complain("")


@pytest.mark.clause("K-2.1-a")
def test_quality_complaints_go_to_the_person_in_charge_others_stay_with_who_received_them(desk: Desk):
    assert desk.row(desk.complain(LEAK, quality=True)).handler == desk.wu
    assert desk.row(desk.complain(RUDE, quality=False)).handler == desk.ma

    later = desk.complain("墙面开裂", by="lin")
    assert desk.row(later).handler == desk.wu
    todo = Todo.objects.get(case=desk.complain(LEAK, quality=True, unit=1), act="plan")
    assert (todo.post, todo.person_id) == ("cs_clerk", desk.wu.pk)


@pytest.mark.parametrize(
    ("channel", "clause"),
    [
        pytest.param("letter", "K-2.1-b", marks=pytest.mark.clause("K-2.1-b")),
        pytest.param("fax", "K-2.1-c", marks=pytest.mark.clause("K-2.1-c")),
        pytest.param("call", "K-2.1-d", marks=pytest.mark.clause("K-2.1-d")),
        pytest.param("visit", "K-2.1-e", marks=pytest.mark.clause("K-2.1-e")),
    ],
)
def test_a_quality_complaint_comes_by_letter_fax_call_or_visit_with_its_paper(
    desk: Desk, channel: str, clause: str
):
    case = desk.complain(LEAK, quality=True, channel=channel, letters=[desk.scan])

    assert desk.row(case).channel == channel
    assert AttachmentUse.objects.filter(
        case=case, kind="complaint_letter", attachment__sha256=desk.scan
    ).exists()
    # What comes in writing is answered in writing.
    assert ("written" in running(case)) == (channel in ("letter", "fax"))


@pytest.mark.clause("K-2.1-m")
@pytest.mark.parametrize("channel", ["letter", "fax", "call"])
def test_letter_fax_and_call_about_quality_are_filled_in_by_the_person_in_charge(desk: Desk, channel: str):
    case = desk.complain(LEAK, quality=True, channel=channel)

    with pytest.raises(NotReady, match="质量投诉的方案由专人吴敏制定"):
        desk.take(case, "plan", "ma", WEDNESDAY + HOUR, situation="渗水", plan="查渗漏点")
    desk.take(case, "plan", "wu", WEDNESDAY + HOUR, situation="渗水", plan="查渗漏点")

    assert case.state == "planned"


@pytest.mark.clause("E-4.1-b", "F-3.3-d")
def test_an_upset_customer_or_a_conflict_alerts_the_supervisor_to_take_over(desk: Desk):
    upset = desk.complain(RUDE, quality=False, upset=True)
    assert Todo.objects.get(case=upset, post="cs_assistant_manager").label == "请主管接手"

    case = desk.complain("物业费多收了", quality=False, unit=1)
    assert not Todo.objects.filter(case=case, post="cs_assistant_manager").exists()
    desk.take(
        case, "upset", "ma", WEDNESDAY + 5 * MINUTE, upset=False, conflict="顾客以为我们不认账，说话声音大了"
    )
    assert Todo.objects.filter(case=case, post="cs_assistant_manager", label="请主管接手").exists()
    assert desk.entry(case, "upset").words == "顾客以为我们不认账，说话声音大了"


@pytest.mark.clause("I-2.8-g", "I-2.8-h")
def test_an_incident_alerts_the_crisis_posts_on_saving_and_ends_with_measures_and_review(desk: Desk):
    case = desk.complain("单元门玻璃脱落，砸伤一人", incident=True, quality=False)

    alerted = set(Todo.objects.filter(case=case, act="escalate:solve").values_list("post", flat=True))
    assert alerted == {"cs_manager", "deputy_gm", "general_manager"}
    assert desk.row(case).level == "L4"
    assert running(case)["reaction"].due_at == WEDNESDAY + 15 * MINUTE
    desk.take(case, "talk", "ma", WEDNESDAY + 3 * HOUR, words="送医，承担费用", satisfied=True)
    with pytest.raises(NotReady, match="还没有记录处置措施"):
        desk.take(case, "close", "ma", WEDNESDAY + 3 * HOUR, result="已处理")
    desk.take(
        case,
        "incident",
        "ma",
        WEDNESDAY + 4 * HOUR,
        measures="拨打 120，围挡，全部检查",
        persons="马原、唐宁",
        communication="家属已到",
    )
    clock = Clock.objects.get(case=case, name="reaction")
    assert (clock.state, clock.stopped_at - clock.started_at) == (Clock.LATE, 4 * HOUR)
    with pytest.raises(NotReady, match="还没有做处置复盘"):
        desk.take(case, "close", "ma", WEDNESDAY + 5 * HOUR, result="已处理")
    desk.take(case, "review", "zhou", WEDNESDAY + 5 * HOUR, words="合页没有按期检查", lessons="列入每季检查")

    entry = desk.entry(case, "measure")
    assert (entry.data["persons"], entry.data["communication"]) == ("马原、唐宁", "家属已到")


# --- not a quality problem -------------------------------------------------------------------------------------------
@pytest.mark.clause(
    "I-5.8-0", "K-2.1-i", "K-2.1-j", "K-2.1-k", "K-2.1-h", "I-2.8-d", "I-2.8-e", "I-2.8-f", "A-4.3-a"
)
def test_what_is_no_quality_problem_is_negotiated_until_the_customer_is_satisfied(desk: Desk):
    case = desk.complain(RUDE, complainant="苏清越")
    with pytest.raises(NotReady, match="请先判定是不是质量问题"):
        desk.take(case, "talk", "ma", WEDNESDAY + HOUR, words="致歉")
    desk.take(
        case,
        "classify",
        "ma",
        WEDNESDAY + HOUR,
        quality=False,
        cause="attitude",
        reason="是服务态度，不涉及房屋",
    )

    desk.take(
        case, "talk", "ma", WEDNESDAY + 2 * HOUR, words="致歉，说明原因", answer="光道歉不行", satisfied=False
    )
    with pytest.raises(NotReady, match="还没有得到顾客满意的答复"):
        desk.take(case, "close", "ma", WEDNESDAY + 3 * HOUR, result="已解释")
    desk.take(case, "feedback", "ma", WEDNESDAY + 20 * HOUR, words="主管同意登门说明", how="电话")
    desk.take(
        case,
        "talk",
        "tang",
        WEDNESDAY + DAY,
        words="登门说明，今后由唐宁专门跟",
        offer="专人跟进",
        answer="可以",
        satisfied=True,
    )
    desk.take(case, "reply", "ma", WEDNESDAY + DAY + HOUR, words="由唐宁专门跟进，每周回电")
    desk.take(case, "close", "ma", WEDNESDAY + DAY + 2 * HOUR, result="专人跟进，顾客满意")

    rounds = RecordEntry.objects.filter(case=case, kind="round").order_by("id")
    assert [(r.data["number"], r.data["satisfied"]) for r in rounds] == [(1, False), (2, True)]
    row = desk.row(case)
    assert (row.result, row.satisfied, row.closed_date, case.state) == (
        "专人跟进，顾客满意",
        True,
        date(2026, 11, 19),
        "done",
    )
    assert desk.entry(case, "feedback").entered_at == WEDNESDAY + 20 * HOUR
    assert Todo.objects.filter(case=case).count() == 0
    reported = said(case, "reply")
    assert reported["reported_to"] == "cs_manager"
    assert audit.verify().ok


@pytest.mark.clause("K-2.1-i")
def test_a_changed_classification_keeps_what_was_said_before_with_its_reason(desk: Desk):
    case = desk.complain(LEAK, quality=True)
    desk.take(
        case, "classify", "wu", WEDNESDAY + HOUR, quality=False, cause="property", reason="空调冷凝水，属使用"
    )

    entry = desk.entry(case, "reclassified")
    assert (entry.words, entry.entered_by) == ("空调冷凝水，属使用", desk.wu)
    assert said(case, "classify")["old"]["quality"] is True
    assert "hand_over" not in running(case)


@pytest.mark.clause("K-2.1-k")
def test_ending_without_satisfaction_needs_the_managers_reasoned_approval_and_counts_as_unsatisfied(
    desk: Desk,
):
    case = desk.complain(RUDE, quality=False, complainant="苏清越")
    with pytest.raises(NotReady, match="三次以上联系记录"):
        desk.take(case, "leave", "ma", WEDNESDAY + HOUR, ground="unreachable", reason="电话打不通，已寄信")
    with pytest.raises(BadlyFilled, match="理由"):
        desk.take(case, "leave", "ma", WEDNESDAY + HOUR, ground="unreasonable", reason="")

    desk.take(
        case,
        "leave",
        "ma",
        WEDNESDAY + HOUR,
        ground="unreasonable",
        reason="要求免三年物业费，没有依据，已书面说明",
    )
    assert case.state == "recorded"
    desk.approve(case, WEDNESDAY + 2 * HOUR)

    row = desk.row(case)
    assert (case.state, row.satisfied, row.satisfaction) == ("left", False, "不满意")


@pytest.mark.clause("A-4.3-a")
def test_silence_longer_than_the_interval_is_heard_and_each_feedback_starts_it_anew(desk: Desk):
    case = desk.complain(RUDE, quality=False)
    # Saturday the 21st is off: it rolls to Monday.
    assert running(case)["feedback"].due_at == beijing("2026-11-24 00:00")

    clocks.sweep(beijing("2026-11-24 00:01"))
    assert ("cs_assistant_manager", "escalate:feedback") in todos(case)
    desk.take(case, "feedback", "ma", beijing("2026-11-24 10:00"), words="还在等工程部的答复")
    assert running(case)["feedback"].due_at == beijing("2026-11-28 00:00")
    assert ("cs_assistant_manager", "escalate:feedback") not in todos(case)


# --- a quality problem -----------------------------------------------------------------------------------------------
@pytest.mark.clause(
    "I-5.8-0", "K-2.1-l", "K-2.1-n", "K-2.1-q", "K-2.1-r", "K-2.1-t", "K-2.2-f", "K-2.5-a", "K-2.6-a"
)
def test_a_leaking_window_goes_from_the_first_word_to_the_closing(desk: Desk):
    case = desk.signed()
    with pytest.raises(NotReady, match="到「处理中」、「待办结」时才能办理"):
        desk.take(case, "close", "wu", WEDNESDAY + 2 * DAY, result="已修好")
    desk.take(case, "hand_in", "wei", WEDNESDAY + DAY + 8 * HOUR)
    with pytest.raises(NotReady, match="应由质检部填写「纠正措施通知单」交责任部门"):
        desk.take(case, "close", "wu", WEDNESDAY + 2 * DAY, result="已修好")
    action = desk.corrected(case, WEDNESDAY + 2 * DAY)
    with pytest.raises(NotReady, match=f"纠正措施通知单 {action.number} 责任部门还没有签收"):
        desk.take(case, "close", "wu", WEDNESDAY + 2 * DAY, result="已修好")
    desk.take(action, "acknowledge", "xu", WEDNESDAY + 2 * DAY + HOUR)
    desk.take(case, "reply", "wu", WEDNESDAY + 2 * DAY + HOUR, words="已重做防水并淋水试验合格")
    desk.take(case, "close", "wu", WEDNESDAY + 2 * DAY + 2 * HOUR, result="已整改")

    assert case.state == "done"
    assert steps(case) == [
        "record", "plan", "hand_over", "judge", "opine", "delegate", "read", "arrive", "investigate", "decide",
        "execute", "check", "confirm", "hand_in", "corrective", "reply", "close",
    ]  # fmt: skip
    plan, analysis = desk.entry(case, "planned"), desk.entry(case, "analysis")
    assert (plan.words, plan.data["situation"], plan.entered_by) == (
        "先查渗漏点，再定维修办法",
        "飘窗渗水，木饰面起鼓",
        desk.wu,
    )
    assert (analysis.data["departments"], analysis.data["measures"]) == (["工程部"], "重做密封并淋水试验")
    delegated = desk.entry(case, "delegated")
    assert (delegated.data["name"], delegated.entered_at) == ("魏强", WEDNESDAY + 5 * HOUR)
    assert desk.entry(case, "arrived").entered_at == WEDNESDAY + DAY
    assert desk.entry(case, "executed").words == "拆窗套，补做防水两遍"
    assert desk.entry(case, "handed_in").entered_by == desk.wei
    assert not Clock.objects.filter(case=case, state=Clock.RUNNING).exists()
    assert audit.verify().ok


@pytest.mark.clause("K-2.1-o", "K-2.1-p")
def test_the_record_goes_to_the_quality_department_the_same_day_with_the_letters_and_lateness_is_flagged(
    desk: Desk,
):
    case = desk.planned()
    assert running(case)["hand_over"].due_at == beijing("2026-11-19 00:00")
    with pytest.raises(NotReady, match="顾客投诉函件等要一并交到质检部"):
        desk.take(case, "hand_over", "wu", WEDNESDAY + 2 * HOUR)
    desk.take(case, "hand_over", "wu", WEDNESDAY + 2 * HOUR, letters=[desk.scan])
    assert desk.entry(case, "handed_over").data["late"] is False
    assert AttachmentUse.objects.filter(case=case, kind="complaint_letter").count() == 1

    late = desk.planned(unit=1)
    desk.take(late, "hand_over", "wu", WEDNESDAY + DAY, no_letters=True)
    assert desk.entry(late, "handed_over").data["late"] is True
    assert Clock.objects.get(case=late, name="hand_over").state == Clock.LATE


@pytest.mark.clause("K-2.1-s", "K-2.1-r")
def test_the_column_of_the_opinion_is_the_quality_departments_alone_and_follows_its_analysis(desk: Desk):
    case = desk.planned()
    desk.take(case, "hand_over", "wu", WEDNESDAY + 2 * HOUR, no_letters=True)

    for by in ("wu", "ma", "zhou", "wei", "qian"):
        with pytest.raises(NotYourPost, match="须由质检办理"):
            desk.take(case, "opine", by, WEDNESDAY + 3 * HOUR, opinion="修一下")
    with pytest.raises(NotReady, match="会同有关部门分析并提出措施意见后，才能填写处理意见"):
        desk.take(case, "opine", "zheng", WEDNESDAY + 3 * HOUR, opinion="修一下")
    with pytest.raises(BadlyFilled, match="措施意见"):
        desk.take(case, "judge", "zheng", WEDNESDAY + 3 * HOUR, departments=["工程部"], analysis="密封失效")
    with pytest.raises(BadlyFilled, match="公司没有「航天部」这个部门"):
        desk.take(
            case,
            "judge",
            "zheng",
            WEDNESDAY + 3 * HOUR,
            departments=["航天部"],
            analysis="密封失效",
            measures="重做密封",
        )


@pytest.mark.clause("K-2.1-t", "K-2.3-a")
def test_only_a_technician_with_a_valid_certificate_is_delegated(desk: Desk):
    case = desk.judged()
    with pytest.raises(NotReady, match="马原没有「防水维修资质」，不能委派"):
        desk.take(case, "delegate", "zheng", WEDNESDAY + 5 * HOUR, person="ma", qualification="防水维修资质")
    Certificate.objects.filter(person=desk.wei).update(expires_date=date(2026, 3, 31))
    with pytest.raises(NotReady, match="「防水维修资质」已于 2026-03-31 到期，不能委派"):
        desk.take(case, "delegate", "zheng", WEDNESDAY + 5 * HOUR, person="wei", qualification="防水维修资质")
    assert desk.row(case).delegate is None


@pytest.mark.clause("K-2.2-a")
def test_the_delegate_sees_the_opinion_and_confirms_having_read_it_before_going(desk: Desk):
    case = desk.judged()
    desk.take(case, "delegate", "zheng", WEDNESDAY + 5 * HOUR, person="魏强", qualification="防水维修资质")
    assert Todo.objects.get(case=case, act="read").person_id == desk.wei.pk

    with pytest.raises(NotReady, match="被委派人还没有确认阅读处理意见"):
        desk.take(case, "arrive", "wei", WEDNESDAY + DAY)
    with pytest.raises(NotReady, match="请看完处理意见再确认阅知"):
        desk.take(case, "read", "wei", WEDNESDAY + 6 * HOUR)
    desk.take(case, "read", "wei", WEDNESDAY + 6 * HOUR, confirmed=True)

    assert desk.entry(case, "read").words == "查清渗漏点，重做附加防水层，淋水试验三十分钟"


@pytest.mark.parametrize(
    ("region", "due", "limit"),
    [
        pytest.param("province", "2026-11-22 00:00", "3 日", marks=pytest.mark.clause("K-2.2-b")),
        pytest.param("outside", "2026-11-26 00:00", "7 日", marks=pytest.mark.clause("K-2.2-c")),
        pytest.param("remote", "2026-11-29 00:00", "10 日", marks=pytest.mark.clause("K-2.2-d")),
    ],
)
@pytest.mark.clause("K-2.2-e")
def test_the_region_sets_by_when_the_delegate_arrives_and_the_clock_says_so(
    desk: Desk, region: str, due: str, limit: str
):
    case = desk.judged()
    desk.take(
        case,
        "delegate",
        "zheng",
        WEDNESDAY + 5 * HOUR,
        person="wei",
        qualification="防水维修资质",
        region=region,
    )

    clock = running(case)["arrive"]
    assert clock.due_at == beijing(due)
    assert desk.row(case).region == region
    assert any(limit in line for line in clocks.explain(clock, case))


def test_an_arrival_is_never_later_than_a_visit_promised_for_an_ordinary_repair(desk: Desk):
    case = desk.judged()
    desk.take(
        case, "delegate", "zheng", WEDNESDAY + 5 * HOUR, person="wei", qualification="防水维修资质", region="remote",
        promised_at="2026-11-20T09:00",
    )  # fmt: skip

    assert running(case)["arrive"].due_at == beijing("2026-11-20 09:00")


@pytest.mark.clause("K-2.4-a", "K-2.4-b")
def test_without_the_cause_nothing_is_decided(desk: Desk):
    case = desk.onsite()
    with pytest.raises(NotReady, match="还没有查明产生原因，不能作处理决定"):
        desk.take(case, "decide", "wei", WEDNESDAY + 2 * DAY, fault="own", remedy="rectify", words="维修")
    with pytest.raises(NotReady, match="必须仔细了解产品质量问题的产生原因"):
        desk.take(case, "investigate", "wei", WEDNESDAY + 2 * DAY, words="看过了")
    desk.take(
        case,
        "investigate",
        "wei",
        WEDNESDAY + 2 * DAY,
        words="密封胶开裂",
        cause="seepage",
        reason="没有附加防水层",
    )

    entry = desk.entry(case, "investigated")
    assert (entry.words, entry.data["reason"], desk.row(case).cause_found) == (
        "密封胶开裂",
        "没有附加防水层",
        "seepage",
    )


@pytest.mark.clause("K-2.4-c")
def test_our_own_fault_leads_to_rectification_exchange_or_return_and_nothing_less(desk: Desk):
    case = desk.found()
    for remedy in ("paid", "explain"):
        with pytest.raises(NotReady, match="属本公司产品质量问题的，应给予整改、换房或退房"):
            desk.take(case, "decide", "wei", WEDNESDAY + 2 * DAY, fault="own", remedy=remedy, words="处理")
    with pytest.raises(NotReady, match="不能换房、退房"):
        desk.take(case, "decide", "wei", WEDNESDAY + 2 * DAY, fault="none", remedy="return", words="处理")
    desk.take(case, "decide", "wei", WEDNESDAY + 2 * DAY, fault="own", remedy="exchange", words="同意换房")

    assert desk.row(case).remedy == "exchange"


@pytest.mark.clause("K-2.4-d")
def test_misuse_opens_a_paid_service_whose_price_and_payer_the_customer_was_told(desk: Desk):
    case = desk.found()
    paid = {"fault": "misuse", "remedy": "paid", "words": "自行打孔破坏防水"}
    with pytest.raises(NotReady, match="应为有偿服务"):
        desk.take(
            case, "decide", "wei", WEDNESDAY + 2 * DAY, fault="misuse", remedy="rectify", words="免费修"
        )
    with pytest.raises(
        NotReady, match="先报价、说明由谁付款并告知顾客，还缺：有偿服务报价、由谁付款、已告知顾客"
    ):
        desk.take(case, "decide", "wei", WEDNESDAY + 2 * DAY, **paid)
    offer = {"paid_amount": "800.00", "payer": "苏清越"}
    with pytest.raises(NotReady, match="还缺：已告知顾客"):
        desk.take(case, "decide", "wei", WEDNESDAY + 2 * DAY, **paid, **offer)
    desk.take(case, "decide", "wei", WEDNESDAY + 2 * DAY, **paid, **offer, told=True)

    assert desk.entry(case, "priced").data == {"amount": "800.00", "payer": "苏清越"}
    linked = Case.objects.filter(pk__in=CaseLink.objects.filter(case=case, kind="case").values("key"))
    opened = linked.get(process__in=["paid_service", "internal_memo"])
    if opened.process == "internal_memo":
        memo = Memo.objects.get(case=opened)
        assert (memo.to_post, memo.kind, memo.source_id) == ("service_manager", "request", case.pk)
        assert "已向顾客报价 800.00 元，由苏清越付款" in memo.content


@pytest.mark.clause("E-2.4-a", "E-2.4-b")
def test_a_repair_is_tested_and_checked_by_somebody_else_before_the_customer_is_asked(desk: Desk):
    case = desk.found()
    at = WEDNESDAY + 2 * DAY
    desk.take(case, "decide", "wei", at, fault="own", remedy="rectify", words="重做防水")
    with pytest.raises(BadlyFilled, match="测试情况"):
        desk.take(case, "execute", "wei", at + HOUR, words="做好了", passed=True)
    with pytest.raises(NotReady, match="测试合格后才能填写处理实施情况"):
        desk.take(case, "execute", "wei", at + HOUR, words="做好了", test="淋水还渗", passed=False)
    desk.take(case, "execute", "wei", at + HOUR, words="做好了", test="淋水不渗", passed=True)
    yes = {"agreed": True, "signature": desk.scan, "satisfied": True}
    with pytest.raises(NotReady, match="维修后还没有做质量检查"):
        desk.take(case, "confirm", "wei", at + HOUR, **yes)
    desk.take(case, "check", "luo", at + 2 * HOUR, passed=False, words="收口不平")
    with pytest.raises(NotReady, match="质量检查不合格，请退回返工"):
        desk.take(case, "confirm", "wei", at + 2 * HOUR, **yes)
    desk.take(case, "rework", "zheng", at + 3 * HOUR, reason="收口不平")
    desk.take(case, "execute", "wei", at + 5 * HOUR, words="收口重做", test="淋水不渗", passed=True)
    desk.take(case, "check", "luo", at + 6 * HOUR, passed=True, words="合格")
    desk.take(case, "confirm", "wei", at + 7 * HOUR, **yes)

    assert desk.entry(case, "checked").entered_by == desk.people["luo"]
    assert desk.entry(case, "executed").data["test"] == "淋水不渗"


@pytest.mark.clause("K-2.5-b", "K-2.5-c")
def test_the_customer_confirms_and_signs(desk: Desk):
    case = desk.found()
    at = WEDNESDAY + 2 * DAY
    desk.take(case, "decide", "wei", at, fault="own", remedy="rectify", words="重做防水")
    desk.take(case, "execute", "wei", at + HOUR, words="做好了", test="淋水不渗", passed=True)
    desk.take(case, "check", "zheng", at + HOUR, passed=True, words="合格")
    with pytest.raises(NotReady, match="顾客没有确认处理实施情况"):
        desk.take(case, "confirm", "wei", at + 2 * HOUR, signature=desk.scan)
    with pytest.raises(NotReady, match="请顾客在记录表上签名"):
        desk.take(case, "confirm", "wei", at + 2 * HOUR, agreed=True)
    desk.take(
        case,
        "confirm",
        "wei",
        at + 2 * HOUR,
        agreed=True,
        signature=desk.scan,
        signed_by="苏清越",
        satisfied=True,
    )

    entry = desk.entry(case, "confirmed")
    assert (entry.data["signature"], entry.data["signed_by"], desk.row(case).satisfied) == (
        desk.scan,
        "苏清越",
        True,
    )


@pytest.mark.clause("K-2.6-a")
def test_a_record_not_handed_in_is_due_the_next_working_day_and_then_heard(desk: Desk):
    case = desk.signed()

    clock = running(case)["hand_in"]
    assert clock.due_at == beijing("2026-11-20 18:00")
    clocks.sweep(beijing("2026-11-20 18:01"))
    assert ("quality", "escalate:hand_in") in todos(case)


# --- repeats, groups, levels, others ----------------------------------------------------------------------------------
def closed(desk: Desk, at, **given) -> Case:
    case = desk.complain(RUDE, quality=False, cause="delay", at=at, **given)
    desk.take(case, "talk", "ma", at + HOUR, words="致歉并说明", satisfied=True)
    desk.take(case, "close", "ma", at + 2 * HOUR, result="已解决")
    return case


def test_a_second_complaint_within_ninety_days_is_a_new_case_linked_counted_and_raised(desk: Desk):
    first = closed(desk, WEDNESDAY)

    second = desk.complain("又没人回电话", quality=False, cause="delay", at=WEDNESDAY + 90 * DAY)
    row = desk.row(second)
    assert (row.repeat_of.case, row.level) == (first, "L2")
    assert CaseLink.objects.filter(case=second, kind="case", key=first.pk).exists()
    assert ("cs_manager", "escalate:solve") in todos(second)

    assert desk.row(desk.complain("又没人回电话", cause="delay", at=WEDNESDAY + 92 * DAY)).repeat_of is None
    assert desk.row(desk.complain("渗水了", cause="seepage", at=WEDNESDAY + 5 * DAY)).repeat_of is None
    assert (
        desk.row(desk.complain("又没人回电话", cause="delay", unit=1, at=WEDNESDAY + 5 * DAY)).repeat_of
        is None
    )


def test_within_seven_days_it_is_reopened_and_later_a_new_one_is_recorded(desk: Desk):
    case = closed(desk, WEDNESDAY)
    with pytest.raises(NotReady, match="办结超过 7 天，请另登一件投诉"):
        desk.take(case, "reopen", "ma", WEDNESDAY + 8 * DAY, reason="又没人管")
    desk.take(case, "reopen", "ma", WEDNESDAY + 6 * DAY, reason="又没人管")

    assert (case.state, case.closed_at, desk.row(case).satisfied) == ("recorded", None, False)
    assert {"contact", "answer", "solve"} <= set(running(case))


def test_the_same_cause_in_three_homes_is_a_group_with_a_parent_whose_chain_is_told(desk: Desk):
    parent = desk.complain(LEAK, quality=True)
    children = [desk.complain(LEAK, quality=True, unit=n) for n in (1, 2)]
    desk.take(children[0], "join", "wu", WEDNESDAY + HOUR, parent=parent.number)
    assert desk.row(parent).level == "L1"
    desk.take(children[1], "join", "wu", WEDNESDAY + HOUR, parent=parent.number)

    assert desk.row(parent).level == "L3"
    assert {desk.row(child).parent.case_id for child in children} == {parent.pk}
    # The parent's own timeline says why; its chain is told, its first contact is due by the new level.
    assert desk.entry(parent, "level").words == "群体投诉：3 户并入"
    assert {("cs_manager", "escalate:solve"), ("deputy_gm", "escalate:solve")} <= todos(parent)
    assert running(parent)["contact"].due_at == WEDNESDAY + 5 * HOUR
    assert audit.verify().ok
    with pytest.raises(NotReady, match="已并入别的投诉，请填主投诉编号"):
        desk.take(parent, "join", "wu", WEDNESDAY + HOUR, parent=children[0].number)
    other = desk.complain(LEAK, quality=True, unit=3)
    with pytest.raises(NotReady, match=f"已并入本投诉，请把 {other.number} 并进来"):
        desk.take(parent, "join", "wu", WEDNESDAY + HOUR, parent=other.number)


@pytest.mark.clause("I-2.8-c")
def test_a_home_is_joined_while_the_parent_waits_for_an_approval_which_stays_as_it_was_asked(desk: Desk):
    parent = desk.complain(RUDE, quality=False, by="wu")
    children = [desk.complain(RUDE, quality=False, unit=n) for n in (1, 2)]
    desk.take(children[0], "join", "wu", WEDNESDAY + HOUR, parent=parent.number)
    desk.take(parent, "leave", "wu", WEDNESDAY + HOUR, ground="withdrawn", reason="顾客来电撤回")
    request = ApprovalRequest.objects.get(case=parent)
    asked = (request.state, request.body, request.round)

    desk.take(children[1], "join", "wu", WEDNESDAY + 2 * HOUR, parent=parent.number)

    request.refresh_from_db()
    parent.refresh_from_db()
    assert (request.state, request.body, request.round) == asked
    assert (parent.state, parent.pending_request_id) == ("recorded", request.pk)
    assert desk.row(parent).level == "L3"
    assert desk.entry(parent, "level").words == "群体投诉：3 户审批期间并入"
    lines = dict(lines_of(request, desk.zhou, WEDNESDAY + 2 * HOUR))
    assert (lines["群体投诉"], lines["级别"]) == ("已并入 2 件，共 3 户", "热点（L3）")
    # The last yes asks again: a group of three homes does not end without a corrective action, the request goes back.
    desk.approve(parent, WEDNESDAY + 3 * HOUR)
    request.refresh_from_db()
    assert (parent.state, request.state) == ("recorded", ApprovalRequest.RETURNED)
    assert "应由质检部填写「纠正措施通知单」" in str(
        open_body(Event.objects.get(case=parent, step="returned:leave").body)
    )


@pytest.mark.clause("I-2.8-d")
def test_no_change_of_level_and_no_second_judging_gives_more_time(desk: Desk):
    case = desk.complain(LEAK, quality=True)
    before = {name: clock.due_at for name, clock in running(case).items()}
    late = WEDNESDAY + 5 * HOUR
    desk.take(case, "set_level", "wu", late, level="L1", reason="仍是一般投诉")
    desk.take(case, "classify", "wu", late, quality=True, cause="seepage", reason="看过照片")
    desk.take(case, "set_level", "wu", late, level="L3", reason="记者来电")
    with pytest.raises(NotReady, match="处理人不能降级，请客服经理、主管副总或者质检部办理"):
        desk.take(case, "set_level", "wu", late, level="L1", reason="后来澄清")
    desk.take(case, "set_level", "zhou", late, level="L1", reason="后来澄清")

    now = {name: clock.due_at for name, clock in running(case).items()}
    assert now["hand_over"] == before["hand_over"]
    assert (now["contact"], now["answer"]) == (late + 4 * HOUR, late + 48 * HOUR)


@pytest.mark.clause("I-2.8-b")
def test_one_ticket_recorded_twice_is_one_matter_and_one_that_comes_back_a_second_complaint(desk: Desk):
    ticket = {"channel": "ticket", "ticket": "SH-20261118-7", "quality": False, "unit": None}
    first, again = desk.complain("夜间施工噪声", **ticket), desk.complain("工地晚上太吵", by="lin", **ticket)
    other = desk.complain("电梯异响", **ticket | {"ticket": "SH-20261118-8"})

    assert desk.row(again).parent.case_id == first.pk
    assert desk.row(again).repeat_of is None
    assert desk.entry(again, "joined").words == f"{first.number}，同一张外部工单 SH-20261118-7"
    assert set(CaseLink.objects.filter(case=first, kind="case").values_list("key", flat=True)) == {again.pk}
    assert (desk.row(other).parent, desk.row(other).repeat_of) == (None, None)

    # The action against the first serves both.
    desk.take(desk.corrected(first, WEDNESDAY + HOUR), "acknowledge", "xu", WEDNESDAY + HOUR)
    withdrawn = {"ground": "withdrawn", "reason": "市民撤回工单"}
    with pytest.raises(NotReady, match="外部工单 SH-20261118-7 还没有回复，请先办「回复工单」"):
        desk.take(again, "leave", "wu", WEDNESDAY + HOUR, **withdrawn)
    told = {"words": "已责令停工并告知市民，市民认可"}
    with pytest.raises(NotReady, match="请填平台回执编号，或者附回执、截图"):
        desk.take(first, "return_ticket", "wu", WEDNESDAY + HOUR, **told)
    desk.take(first, "return_ticket", "wu", WEDNESDAY + HOUR, **told, receipt="HZ-1")
    for case in (first, again):
        desk.take(case, "leave", "wu", WEDNESDAY + HOUR, **withdrawn)
        desk.approve(case, WEDNESDAY + 2 * HOUR)
    back = desk.complain("又在夜间施工", at=WEDNESDAY + 3 * DAY, **ticket)
    assert desk.row(back).repeat_of.case_id == again.pk
    assert desk.row(back).parent is None


def test_levels_set_the_limits_and_who_is_told_at_once(desk: Desk):
    case = desk.complain(RUDE, quality=False)
    assert running(case)["contact"].due_at == WEDNESDAY + 24 * HOUR
    desk.take(case, "set_level", "ma", WEDNESDAY + HOUR, level="L3", reason="记者来电")

    assert running(case)["contact"].due_at == WEDNESDAY + 5 * HOUR
    assert running(case)["answer"].due_at == WEDNESDAY + 49 * HOUR
    assert {("cs_manager", "escalate:solve"), ("deputy_gm", "escalate:solve")} <= todos(case)
    ticket = desk.complain(
        "热线转来：噪声扰民",
        channel="ticket",
        ticket="1234500001",
        ticket_due_at="2026-11-20T17:00",
        quality=False,
    )
    assert desk.row(ticket).level == "L3"
    with pytest.raises(NotReady, match="外部工单不能低于热点（L3）"):
        desk.take(ticket, "set_level", "zhou", WEDNESDAY + HOUR, level="L2", reason="小事")
    assert running(ticket)["ticket"].due_at == beijing("2026-11-20 17:00")
    # The customer's answer does not answer the office that sent the ticket.
    desk.take(ticket, "talk", "ma", WEDNESDAY + 2 * HOUR, words="已责令停工", satisfied=True)
    assert "ticket" in running(ticket)
    assert "return_ticket" in {act for _, act in todos(ticket)}
    desk.take(ticket, "return_ticket", "ma", WEDNESDAY + 3 * HOUR, words="已责令停工", proof=desk.scan)
    assert "ticket" not in running(ticket)


@pytest.mark.clause("I-2.8-b", "I-2.8-c")
def test_several_parties_are_asked_by_memo_and_each_ones_state_is_seen(desk: Desk):
    case = desk.complain(RUDE, quality=False)
    for post, subject in (("质检", "请看渗水"), ("财务", "请核物业费")):
        desk.take(
            case,
            "coordinate",
            "ma",
            WEDNESDAY + HOUR,
            post=post,
            subject=subject,
            content="顾客反映，请核实答复",
        )
    memos = list(Memo.objects.filter(source=case).select_related("case").order_by("pk"))
    assert [(m.to_post, m.sender, m.case.state) for m in memos] == [
        ("quality", desk.ma, "sent"),
        ("finance", desk.ma, "sent"),
    ]

    desk.take(memos[0].case, "receive", "zheng", WEDNESDAY + 2 * HOUR)

    states = dict(Memo.objects.filter(source=case).values_list("to_post", "case__state"))
    assert states == {"quality": "received", "finance": "sent"}
    memo = Memo.objects.get(pk=memos[0].pk)
    assert (memo.receiver, memo.received_at) == (desk.zheng, WEDNESDAY + 2 * HOUR)


@pytest.mark.clause("A-4.1-a", "K-2.1-k")
def test_whoever_is_complained_about_does_not_vote_on_its_end(desk: Desk):
    Holding.objects.create(
        person=desk.tang, post=Post.objects.get(code="cs_manager"), company=desk.project.company,
        from_at=WEDNESDAY - DAY,
    )  # fmt: skip
    case = desk.complain("周岚说话难听", by="lin", quality=False, about_person="周岚")
    ended = {"ground": "unreasonable", "reason": "要求开除，没有依据，已书面说明"}
    desk.take(case, "leave", "wu", WEDNESDAY + HOUR, **ended)
    request = ApprovalRequest.objects.get(case=case)
    assert [seat["post"] for seat in request.chain] == ["cs_manager"]

    with pytest.raises(NotYourPost, match="这件事与你本人或者你代理的人有关，请由别人审批"):
        acts.vote(request.pk, decision="yes", by=desk.zhou, at=WEDNESDAY + 2 * HOUR)
    acts.vote(request.pk, decision="yes", by=desk.tang, at=WEDNESDAY + 2 * HOUR)
    case.refresh_from_db()
    assert case.state == "left"

    # Nobody else holds the post: the superior decides.
    Holding.objects.filter(person=desk.tang, post__code="cs_manager").delete()
    people.forget()
    other = desk.complain("周岚又来骂人", by="lin", quality=False, unit=None, about_person="周岚")
    desk.take(other, "leave", "wu", WEDNESDAY + HOUR, **ended)
    assert [seat["post"] for seat in ApprovalRequest.objects.get(case=other).chain] == ["deputy_gm"]


def test_nobody_handles_a_complaint_about_himself(desk: Desk):
    case = desk.complain("马原态度不好", by="lin", quality=False, about_person="马原")
    assert desk.row(case).handler == desk.wu

    with pytest.raises(NotReady, match="投诉的是你本人，请交给别人处理"):
        desk.take(case, "talk", "ma", WEDNESDAY + HOUR, words="我没有")


def test_level_and_repeat_raise_a_corrective_action_by_rule_once(desk: Desk):
    closed(desk, WEDNESDAY)
    second = desk.complain("又没人回电话", quality=False, cause="delay", at=WEDNESDAY + 10 * DAY)
    grave = desk.complain("十户聚集", quality=False, level="L3", unit=1, at=WEDNESDAY + 10 * DAY)
    for _ in range(2):
        run_due(WEDNESDAY + 10 * DAY + MINUTE, limit=200)

    raised = dict(CorrectiveAction.objects.values_list("source__number", "grade"))
    assert raised == {second.number: "minor", grave.number: "major"}
    desk.take(second, "talk", "ma", WEDNESDAY + 10 * DAY + HOUR, words="致歉", satisfied=True)
    with pytest.raises(NotReady, match="责任部门还没有签收"):
        desk.take(second, "close", "ma", WEDNESDAY + 10 * DAY + HOUR, result="已解决")


@pytest.mark.clause("A-2.2-b")
def test_a_preventive_action_is_raised_from_the_complaint_and_linked(desk: Desk):
    case = desk.complain(RUDE, quality=False)
    desk.take(
        case,
        "corrective",
        "wu",
        WEDNESDAY + HOUR,
        department="客户服务部",
        fact="回电没有登记，容易漏",
        preventive=True,
    )

    action = CorrectiveAction.objects.get(source=case)
    assert (action.kind, action.department.name) == ("preventive", "客户服务部")
    assert CaseLink.objects.filter(case=case, kind="case", key=action.case_id).exists()


# --- papers ----------------------------------------------------------------------------------------------------------
@pytest.mark.clause("K-2.1-g", "I-2.8-e")
def test_the_record_prints_in_two_copies_and_the_customers_has_no_judgement_and_no_full_phone(desk: Desk):
    case = desk.signed()

    inner = print_case(case, "record_inner", by=desk.wu, at=WEDNESDAY + 2 * DAY)
    customer = print_case(case, "record_customer", by=desk.wu, at=WEDNESDAY + 2 * DAY)

    assert inner.content["opinion"] == "查清渗漏点，重做附加防水层，淋水试验三十分钟"
    assert inner.content["phone"] == "19900001111"
    for internal in (
        "plan",
        "analysis",
        "measures",
        "opinion",
        "found",
        "departments",
        "checked",
        "corrective",
    ):
        assert customer.content[internal] == ""
    assert customer.content["faults"] == []
    assert "0000" not in customer.content["phone"]
    assert customer.content["execution"] == "拆窗套，补做防水两遍"


def test_the_written_reply_prints_what_was_answered(desk: Desk):
    case = desk.complain(RUDE, quality=False, channel="letter", complainant="苏清越")
    assert running(case)["written"].due_at == beijing("2026-11-26 00:00")
    desk.take(
        case, "reply_letter", "ma", WEDNESDAY + DAY, words="已安排专人跟进，每周回电。", in_writing=True
    )

    paper = print_case(case, "reply", by=desk.ma, at=WEDNESDAY + DAY)

    assert paper.content["paragraphs"][1] == "已安排专人跟进，每周回电。"
    assert "written" not in running(case)
