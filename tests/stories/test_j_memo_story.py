"""内部工作联系单 and 合同纠纷 (J-2.8, J-2.11): Wu passes opinions on, Sun is the leader in charge, Zheng the quality department."""

from datetime import timedelta

import pytest

from guiju.kernel import clocks, engine
from guiju.kernel.chain import open_body
from guiju.kernel.models import Case, CaseLink, Clock, Event, Todo
from guiju.kernel.refusals import BadlyFilled, NotReady, NotYourPost
from guiju.papers.offers import print_case
from guiju.quality.models import Dispute, Memo, RecordEntry
from tests.stories.conftest import WEDNESDAY, House, beijing

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def opened(house: House, process: str, by: str, **given) -> Case:
    event = engine.open_case(
        process, by=house.people[by], at=WEDNESDAY, given=given, chain_id=house.project.company_id,
        scope_id=house.project.pk, links=[("unit", house.units[0].pk)] if process == "dispute" else [],
    )  # fmt: skip
    return Case.objects.get(pk=event.case_id)


def memo(house: House, **given) -> Case:
    return opened(
        house, "internal_memo", "wu",
        **{"to_post": "主管副总", "kind": "opinion", "subject": "业主建议增设快递柜", "content": "三号楼六户建议", "wish": "请研究答复"} | given,
    )  # fmt: skip


def entry(case: Case, kind: str) -> RecordEntry:
    return RecordEntry.objects.filter(case=case, kind=kind).order_by("-id")[0]


@pytest.mark.clause("J-2.8-a", "J-2.8-b", "J-2.8-c")
def test_a_customers_opinion_goes_to_the_leadership_and_on_to_the_department_that_analyses_it(house: House):
    case = memo(house)
    assert Todo.objects.get(case=case, act="receive").post == "deputy_gm"
    with pytest.raises(NotReady, match="联系单是给主管副总的，由收件岗位办理"):
        house.take(case, "receive", "zheng", WEDNESDAY + HOUR)
    house.take(case, "receive", "sun", WEDNESDAY + HOUR)
    row = Memo.objects.get(case=case)
    assert (row.receiver, row.received_at) == (house.people["sun"], WEDNESDAY + HOUR)

    house.take(
        case,
        "forward",
        "sun",
        WEDNESDAY + 2 * HOUR,
        to_post="质检",
        department="质检部",
        instruction="请核实位置和数量",
    )
    house.take(case, "receive", "zheng", WEDNESDAY + 3 * HOUR)
    with pytest.raises(NotReady, match="请先写分析，再写处理结果"):
        house.take(case, "answer", "zheng", WEDNESDAY + 4 * HOUR, result="可以装两组")
    house.take(case, "analyse", "zheng", WEDNESDAY + 4 * HOUR, analysis="大堂有位置，不占消防通道")
    house.take(case, "answer", "zheng", WEDNESDAY + 5 * HOUR, result="十二月装两组")
    with pytest.raises(NotReady, match="由发出人吴敏确认"):
        house.take(case, "finish", "ma", WEDNESDAY + 6 * HOUR)
    house.take(case, "send_back", "wu", WEDNESDAY + 6 * HOUR, reason="几号装")
    house.take(case, "answer", "zheng", WEDNESDAY + 7 * HOUR, result="十二月十日装两组")
    house.take(case, "finish", "wu", WEDNESDAY + 8 * HOUR)

    row.refresh_from_db()
    assert (case.state, row.to_post, row.result) == ("done", "quality", "十二月十日装两组")
    assert entry(case, "analysis").words == "大堂有位置，不占消防通道"
    assert entry(case, "forwarded").entered_by == house.people["sun"]


def test_an_answer_is_due_in_two_working_days_or_on_the_day_asked_for(house: House):
    case = memo(house)
    assert Clock.objects.get(case=case, name="answer").due_at == beijing("2026-11-20 18:00")
    clocks.sweep(beijing("2026-11-20 18:01"))
    assert Todo.objects.filter(case=case, act="escalate:answer", post="cs_manager").exists()

    asked = memo(house, reply_due="2026-11-25")
    assert Clock.objects.get(case=asked, name="answer").due_at == beijing("2026-11-26 00:00")


def test_a_memo_to_no_post_is_refused_and_keeps_what_was_typed(house: House):
    with pytest.raises(BadlyFilled, match="没有岗位「航天员」"):
        memo(house, to_post="航天员")


@pytest.mark.clause("J-2.8-a")
def test_the_memo_prints_with_receipts_and_instruction(house: House):
    case = memo(house)
    house.take(case, "receive", "sun", WEDNESDAY + HOUR)
    house.take(case, "forward", "sun", WEDNESDAY + HOUR, to_post="quality", instruction="请研究")

    content = print_case(case, "memo", by=house.wu, at=WEDNESDAY + DAY).content

    assert (content["subject"], content["sender"], content["receiver"]) == (
        "业主建议增设快递柜",
        "吴敏",
        "质检",
    )
    assert content["receipts"][0]["by"] == "孙达"
    assert content["instructions"][0]["words"] == "请研究（转质检）"


# --- disputes --------------------------------------------------------------------------------------------------------
def dispute(house: House) -> Case:
    return opened(
        house, "dispute", "ma", complainant="苏清越", phone="19900001111", subject="面积误差超过百分之三"
    )


def written(house: House) -> Case:
    case = dispute(house)
    house.take(
        case,
        "write",
        "ma",
        WEDNESDAY + HOUR,
        account="合同写一百平，实测九十六平五，要求退差价",
        read_back=True,
    )
    return case


@pytest.mark.clause("J-2.11-a", "J-2.11-b", "J-2.11-c")
def test_a_dispute_begins_with_the_customers_account_and_is_explained_by_a_rule(house: House):
    case = dispute(house)
    answer = {"rule": "area", "words": "误差超过百分之三的，可以选择结算差价或者解除合同"}
    with pytest.raises(NotReady, match="请先听完客户反映并做好记录，再作答复"):
        house.take(case, "explain", "wu", WEDNESDAY + HOUR, **answer)
    with pytest.raises(NotReady, match="记录要读给客户听过"):
        house.take(case, "write", "ma", WEDNESDAY + HOUR, account="实测小了")
    house.take(case, "write", "ma", WEDNESDAY + HOUR, account="合同写一百平，实测九十六平五", read_back=True)
    with pytest.raises(NotReady, match="请从法规库选出解释所依据的规定"):
        house.take(case, "explain", "wu", WEDNESDAY + 2 * HOUR, words="按规定可以结算")
    house.take(case, "explain", "wu", WEDNESDAY + 2 * HOUR, **answer, answer="同意结算差价")
    house.take(case, "settle", "wu", WEDNESDAY + DAY, words="按实测面积结算差价")

    row = Dispute.objects.get(case=case)
    assert (case.state, row.account, row.rule, row.settled) == (
        "settled",
        "合同写一百平，实测九十六平五",
        "area",
        True,
    )
    assert entry(case, "explained").data["rule_name"] == "商品房买卖司法解释 面积误差"


@pytest.mark.clause("J-2.11-d", "J-2.11-e")
def test_what_cannot_be_answered_is_looked_into_by_a_day_and_reported_to_the_leader(house: House):
    case = written(house)
    with pytest.raises(BadlyFilled, match="何时查完"):
        house.take(case, "investigate", "wu", WEDNESDAY + 2 * HOUR, question="公摊怎么算的", to_post="财务")
    with pytest.raises(NotReady, match="调查完成日期不能早于今天"):
        house.take(
            case,
            "investigate",
            "wu",
            WEDNESDAY + 2 * HOUR,
            question="公摊怎么算的",
            to_post="财务",
            due_date="2026-11-01",
        )
    house.take(
        case,
        "investigate",
        "wu",
        WEDNESDAY + 2 * HOUR,
        question="公摊怎么算的",
        to_post="财务",
        due_date="2026-11-23",
    )
    task = Memo.objects.get(source=case)
    assert (task.kind, task.to_post, task.reply_due_date.isoformat()) == (
        "investigation",
        "finance",
        "2026-11-23",
    )
    assert CaseLink.objects.filter(case=case, kind="case", key=task.case_id).exists()
    assert Clock.objects.get(case=case, name="investigate").due_at == beijing("2026-11-24 00:00")

    house.take(case, "report", "wu", WEDNESDAY + 3 * HOUR, words="客户质疑公摊，正在核")
    said = open_body(bytes(Event.objects.get(case=case, step="report").body))["said"]
    assert said["reported_to"] == "deputy_gm"
    assert entry(case, "reported").entered_at == WEDNESDAY + 3 * HOUR
    assert Todo.objects.filter(case=case, act="instruct", post="deputy_gm").exists()
    with pytest.raises(NotReady, match=f"调查 {task.case.number} 还没有结果"):
        house.take(case, "explain", "wu", WEDNESDAY + 3 * HOUR, rule="area", words="按规定可以结算")
    house.take(case, "instruct", "sun", WEDNESDAY + 4 * HOUR, opinion="查清后当面解释")
    assert entry(case, "instructed").words == "查清后当面解释"


def test_without_agreement_the_leader_knows_and_the_customer_is_told_the_other_ways(house: House):
    case = written(house)
    house.take(
        case, "explain", "wu", WEDNESDAY + 2 * HOUR, rule="area", words="可以结算差价", answer="不同意"
    )
    with pytest.raises(NotReady, match="没有答复的问题要先汇报分管领导"):
        house.take(case, "end", "zhou", WEDNESDAY + 3 * HOUR, words="客户坚持退房", told=True)
    house.take(case, "report", "wu", WEDNESDAY + 3 * HOUR, words="客户坚持退房")
    with pytest.raises(NotReady, match="请告知客户调解、仲裁或诉讼的途径"):
        house.take(case, "end", "zhou", WEDNESDAY + 3 * HOUR, words="客户坚持退房")
    with pytest.raises(NotYourPost):
        house.take(case, "end", "wu", WEDNESDAY + 3 * HOUR, words="客户坚持退房", told=True)
    house.take(case, "end", "zhou", WEDNESDAY + 4 * HOUR, words="客户坚持退房", told=True)
    house.approve(case, WEDNESDAY + 5 * HOUR)

    assert case.state == "ended"
