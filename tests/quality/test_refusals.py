"""What the processes of quality refuse: each condition unmet once, in the words of the SOP with its clause."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from guiju.kernel import engine
from guiju.kernel.models import Case
from guiju.org import people as roster
from guiju.org.models import Certificate, Holding, Post
from tests.quality.test_callback import CLOSED, planned
from tests.stories import test_i_compensation_story as money
from tests.stories import test_k_corrective_story as notices
from tests.stories.conftest import WEDNESDAY, House
from tests.stories.test_desk_refusals import no, not_opened
from tests.stories.test_j_memo_story import dispute, memo
from tests.stories.test_k_complaint_story import LEAK, RUDE
from tests.stories.test_k_complaint_story import Desk as ComplaintDesk

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def none(
    house: House, case: Case, by: str, at: datetime, words: str, clause: str, /, **steps: dict[str, Any]
) -> None:
    """None of the steps is taken by this person, in the same words."""
    for step, given in steps.items():
        no(house, case, step, by, at, words, clause, **given)


@pytest.mark.clause("A-5.1-a")
def test_what_a_call_back_refuses(service):
    not_opened(
        "没有编号为 WX-YQ1-1999-0001 的事项",
        "A-5.1-a",
        lambda: planned(service, about="WX-YQ1-1999-0001"),
    )
    not_opened("没有联系电话：填电话，或选客户", "A-5.1-a", lambda: planned(service, contact_phone=""))
    case = planned(service)
    no(service, case, "give_up", "ma", CLOSED + HOUR, "已联系 0 次、0 天", "E-1.2-b", reason="打不通")


@pytest.mark.clause("J-2.8-a", "J-2.8-b", "J-2.8-c")
def test_what_a_memo_refuses(house: House):
    case, at = memo(house), WEDNESDAY + HOUR
    mine = "联系单是给主管副总的，由收件岗位办理"
    none(
        house,
        case,
        "zheng",
        at,
        mine,
        "J-2.8-c",
        receive={},
        forward={"to_post": "质检", "instruction": "请办"},
    )
    no(house, case, "withdraw", "ma", at, "由发出人吴敏确认", "J-2.8-a", reason="不用了")
    house.take(case, "receive", "sun", at)
    none(
        house, case, "zheng", at, mine, "J-2.8-c", analyse={"analysis": "可以装"}, answer={"result": "十二月装"},
    )  # fmt: skip
    no(house, case, "answer", "sun", at, "请先写分析，再写处理结果", "J-2.8-c", result="十二月装")
    house.take(case, "analyse", "sun", at, analysis="大堂有位置")
    house.take(case, "answer", "sun", at, result="十二月装两组")
    none(house, case, "ma", at, "由发出人吴敏确认", "J-2.8-a", send_back={"reason": "几号装"}, finish={})


@pytest.mark.clause("J-2.11-b", "J-2.11-c", "J-2.11-d", "J-2.11-e")
def test_what_a_contract_dispute_refuses(house: House):
    case, at = dispute(house), WEDNESDAY + HOUR
    answer = {"rule": "area", "words": "误差超过百分之三的，可以选择结算差价或者解除合同"}
    asked = {"question": "公摊怎么算的", "to_post": "财务", "due_date": "2026-11-23"}
    heard = "请先听完客户反映并做好记录，再作答复"
    none(house, case, "wu", at, heard, "J-2.11-b", explain=answer, investigate=asked)
    no(house, case, "write", "ma", at, "记录要读给客户听过，客户认可", "J-2.11-b", account="实测小了")
    house.take(case, "write", "ma", at, account="合同写一百平，实测九十六平五", read_back=True)

    no(house, case, "explain", "wu", at, "请从法规库选出解释所依据的规定", "J-2.11-c", words="可以结算差价")
    no(
        house, case, "investigate", "wu", at, "调查完成日期不能早于今天", "J-2.11-d",
        **asked | {"due_date": "2026-11-17"},
    )  # fmt: skip
    leader = "没有答复的问题要先汇报分管领导"
    no(house, case, "instruct", "sun", at, leader, "J-2.11-e", opinion="当面解释")
    past = {"what": "下午回电", "due_at": at - MINUTE}
    no(house, case, "promise", "wu", at, "答应客户的时间已经过了", "A-2.3-b", **past)
    no(house, case, "keep_promise", "wu", at, "没有答应客户而未兑现的事", "A-2.3-b", how="回过电话")
    house.take(case, "promise", "wu", at, what="下午回电", due_at=at + HOUR)
    house.take(case, "explain", "wu", at, **answer)
    no(
        house, case, "settle", "wu", at, "还有 1 项答应客户的事没有兑现：下午回电", "A-2.3-b", words="结算差价",
    )  # fmt: skip
    no(house, case, "end", "zhou", at, leader, "J-2.11-e", words="客户坚持退房", told=True)
    told = "请告知客户调解、仲裁或诉讼的途径"
    no(house, case, "end", "zhou", at, told, "J-2.11-e", words="客户坚持退房")
    house.take(case, "investigate", "wu", at, **asked)
    no(house, case, "explain", "wu", at, "还没有结果", "J-2.11-d", **answer)


@pytest.mark.clause("I-2.8-h")
def test_an_amount_that_differs_from_the_one_proposed_is_refused_at_every_step(house: House):
    case, words = money.proposed(house, "3200"), "金额应为 3200.00 元；要改金额的，请重新提出并报批"
    no(house, case, "approve", "wu", WEDNESDAY + HOUR, words, "I-2.8-h", amount="3200.01")
    house.take(case, "approve", "wu", WEDNESDAY + HOUR, amount="3200")
    house.approve(case, WEDNESDAY + 2 * HOUR)
    signed = {"agreement": house.scan}
    no(house, case, "agree", "wu", WEDNESDAY + DAY, words, "I-2.8-h", amount="3300", **signed)
    house.take(case, "agree", "wu", WEDNESDAY + DAY, amount="3200", **signed)
    paid = {"voucher": "V1", "paid_date": "2026-11-20"}
    no(house, case, "pay", "he", WEDNESDAY + 2 * DAY, words, "I-2.8-h", amount="3100", **paid)


@pytest.mark.clause("K-2.6-c", "K-2.6-d")
def test_what_a_corrective_action_refuses(house: House):
    notices.Department.objects.filter(company=house.project.company, code="engineering").update(
        head=house.people["xu"]
    )
    bare = notices.raised(house, department_name="")
    no(house, bare, "issue", "zheng", WEDNESDAY + HOUR, "请选定责任部门", "K-2.6-c")

    case, at = notices.raised(house), WEDNESDAY + HOUR
    house.take(case, "issue", "zheng", at)
    theirs = "责任部门是工程部，由该部门的人办理"
    none(house, case, "wu", at, theirs, "K-2.6-c", acknowledge={}, dispute={"reason": "不是我们的"})
    house.take(case, "acknowledge", "xu", at)
    cause = {"whys": ["为什么渗：没有附加层", "为什么没有：图纸没画"], "root": "节点图缺附加层"}
    plan = {"actions": notices.ACTIONS}
    none(house, case, "wu", at, theirs, "K-2.6-c", correct={"words": "拆了"}, analyse=cause, plan=plan)
    no(house, case, "plan", "xu", at, "请先纠正眼前的问题", "K-2.6-d", **plan)
    no(house, case, "plan", "xu", at, "请先查明根本原因，再制定措施", "K-2.6-d", **plan)
    house.take(case, "correct", "xu", at, words="已拆除重做")
    house.take(case, "analyse", "xu", at, **cause)
    house.take(case, "plan", "xu", at, **plan)
    house.approve(case, at + HOUR)
    done = {"done_date": "2026-11-23", "result": "十二处已加"}
    none(house, case, "wu", at + DAY, theirs, "K-2.6-c", report=done)
    house.take(case, "report", "xu", at + 5 * DAY, **done)

    Holding.objects.create(
        person=house.people["xu"], post=Post.objects.get(code="inspector"), company=house.project.company,
        from_at=WEDNESDAY,
    )  # fmt: skip
    roster.forget()
    own = "不能验证自己做的措施，请由别人验证"
    none(
        house, case, "xu", at + 6 * DAY, own, "K-2.6-d", verify={"words": "都加了"}, refuse={"reason": "没加"}
    )
    house.take(case, "verify", "zheng", at + 6 * DAY, words="抽查六处，均已加")
    effect = {"effective": False, "words": "又漏了"}
    no(house, case, "evaluate", "zheng", at + 7 * DAY, "观察满 30 日才能确认效果", "K-2.6-d", **effect)
    no(house, case, "evaluate", "zheng", at + 40 * DAY, "没有效果的不能关闭", "K-2.6-d", **effect)


@pytest.mark.clause("A-4.1-a")
def test_nobody_handles_a_complaint_about_himself_at_any_step(house: House):
    d, own = ComplaintDesk(house), "投诉的是你本人，请交给别人处理"
    case, at = d.complain(RUDE, quality=True, about_person="tang"), WEDNESDAY + MINUTE
    plan = {"situation": "没有回电", "plan": "专人跟进"}
    none(
        house, case, "tang", at, own, "A-4.1-a",
        contact={"words": "致歉"}, classify={"quality": False, "cause": "other", "reason": "态度"}, plan=plan,
        close={"result": "已解释"}, leave={"ground": "withdrawn", "reason": "顾客撤回"}, reply={"words": "抱歉"},
        reply_letter={"words": "抱歉", "in_writing": True},
    )  # fmt: skip
    d.take(case, "plan", "wu", at, **plan)
    none(house, case, "tang", at, own, "A-4.1-a", hand_over={"no_letters": True})

    quality = d.planned(about_person="zheng", unit=1)
    at = quality.opened_at + 2 * HOUR
    d.take(quality, "hand_over", "wu", at, no_letters=True)
    analysis = {"departments": ["工程部"], "analysis": "密封失效", "measures": "重做密封"}
    none(house, quality, "zheng", at, own, "A-4.1-a", judge=analysis, opine={"opinion": "重做密封"})

    talked = d.complain(RUDE, quality=False, about_person="tang", unit=2)
    none(house, talked, "tang", at, own, "A-4.1-a", talk={"words": "致歉"})


@pytest.mark.clause("K-2.2-a", "K-2.4-b", "E-2.4-b", "K-2.6-a", "I-2.8-c")
def test_only_the_delegate_handles_it_another_checks_and_it_ends_when_everything_is_done(house: House):
    d, company = ComplaintDesk(house), house.project.company
    for code in ("technician", "after_sales"):
        Holding.objects.create(
            person=house.people["song"], post=Post.objects.get(code=code), company=company, from_at=WEDNESDAY - DAY
        )  # fmt: skip
    Holding.objects.create(
        person=house.people["wei"], post=Post.objects.get(code="after_sales"), company=company, from_at=WEDNESDAY - DAY
    )  # fmt: skip
    roster.forget()
    case = d.judged()
    at = case.opened_at + 5 * HOUR
    sent = {"person": "wei", "qualification": "防水维修资质", "region": "province"}
    d.take(case, "delegate", "zheng", at, **sent)
    wei = "被委派的是魏强，由本人办理"
    none(house, case, "song", at, wei, "K-2.2-a", read={"confirmed": True}, arrive={})
    no(house, case, "read", "wei", at, "请看完处理意见再确认阅知", "K-2.2-a")
    no(house, case, "arrive", "wei", at, "被委派人还没有确认阅读处理意见", "K-2.2-a")
    d.take(case, "read", "wei", at, confirmed=True)
    d.take(case, "arrive", "wei", at)
    found = {"words": "密封胶开裂", "cause": "seepage", "reason": "没有做附加防水层"}
    none(house, case, "song", at, wei, "K-2.2-a", investigate=found)
    no(
        house, case, "investigate", "wei", at, "请选原因类别，写明产生原因", "K-2.4-b", words="看过了",
    )  # fmt: skip
    d.take(case, "investigate", "wei", at, **found)
    d.take(case, "decide", "wei", at, fault="own", remedy="rectify", words="重做附加防水层")
    done = {"words": "补做防水两遍", "test": "淋水三十分钟不渗", "passed": True}
    none(house, case, "song", at, wei, "K-2.2-a", execute=done)
    d.take(case, "execute", "wei", at, **done)

    signed = {"agreed": True, "signature": house.scan, "signed_by": "苏清越", "satisfied": True}
    checked = {"passed": True, "words": "复看合格"}
    no(house, case, "confirm", "wei", at, "维修后还没有做质量检查", "E-2.4-b", **signed)
    no(house, case, "check", "wei", at, "处理人不能检查自己的处理结果", "E-2.4-b", **checked)
    no(house, case, "check", "song", at, "检验员应由具备相应专业技术的人担任", "K-2.3-b", **checked)
    d.take(case, "check", "zheng", at, passed=False, words="边角还湿")
    no(house, case, "confirm", "wei", at, "质量检查不合格，请退回返工", "E-2.4-b", **signed)
    d.take(case, "check", "zheng", at, **checked)
    no(house, case, "confirm", "wei", at, "请顾客在记录表上签名", "K-2.5-b", agreed=True)
    d.take(case, "confirm", "wei", at, **signed)
    none(house, case, "song", at, wei, "K-2.2-a", hand_in={})
    d.take(case, "hand_in", "wei", at)

    past = {"what": "周六回访", "due_at": at - MINUTE}
    no(house, case, "promise", "wu", at, "答应客户的时间已经过了", "A-2.3-b", **past)
    no(house, case, "keep_promise", "wu", at, "没有答应客户而未兑现的事", "A-2.3-b", how="回过电话")
    d.take(case, "promise", "wu", at, what="周六回访", due_at=at + DAY)
    engine.open_case(
        "contractor_work", by=house.wu, at=at, chain_id=company.pk, scope_id=house.project.pk,
        given={"contractor": "恒筑防水", "scope": "重做防水", "source": case.number},
    )  # fmt: skip
    for words, clause in (
        ("还没有办结", "I-2.8-c"), ("还有 1 项答应客户的事没有兑现：周六回访", "A-2.3-b"),
        ("应由质检部填写「纠正措施通知单」交责任部门", "K-2.6-b"),
    ):  # fmt: skip
        no(house, case, "close", "wu", at, words, clause, result="已维修")
    no(
        house, case, "leave", "wu", at, "应由质检部填写「纠正措施通知单」交责任部门", "K-2.6-b",
        ground="unsatisfied", reason="要求赔偿",
    )  # fmt: skip


@pytest.mark.clause("K-2.1-k", "K-2.6-a", "I-2.8-h")
def test_what_was_settled_by_talk_and_turns_out_a_quality_problem_is_not_closed_without_its_record(
    house: House,
):
    d, at = ComplaintDesk(house), WEDNESDAY + HOUR
    case = d.complain(LEAK, quality=False)
    d.take(case, "talk", "ma", at, words="致歉并解释", satisfied=True)
    d.take(case, "classify", "zheng", at, quality=True, cause="seepage", reason="窗框密封失效")
    no(house, case, "close", "wu", at, "记录表还没有交回质检部", "K-2.6-a", result="已解释")
    d.take(case, "incident", "wu", at, measures="断电、疏散", persons="吴敏")
    left = {"ground": "unreachable", "reason": "电话不通"}
    no(house, case, "leave", "wu", at, "突发事件还没有做处置复盘", "I-2.8-h", **left)
    no(house, case, "leave", "wu", at, "要有三次以上联系记录", "K-2.1-k", **left)


def test_a_qualification_that_ran_out_is_refused_on_the_day_of_the_check(house: House):
    d = ComplaintDesk(house)
    Certificate.objects.filter(person=house.people["wei"]).update(expires_date=date(2026, 11, 17))
    case = d.judged()
    sent = {"person": "wei", "qualification": "防水维修资质", "region": "province"}
    no(house, case, "delegate", "zheng", WEDNESDAY + 5 * HOUR, "不能委派", "K-2.3-d", **sent)
