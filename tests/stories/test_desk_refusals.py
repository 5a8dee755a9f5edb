"""What the desk's processes refuse: each condition unmet once, in the words of the SOP with its clause."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from guiju.estate.models import Building, Project, Unit
from guiju.kernel import engine
from guiju.kernel.models import Case, Event
from guiju.kernel.refusals import NotReady
from tests.desk.conftest import service
from tests.desk.servicing import MORNING, Service
from tests.stories import test_i_compensation_story as contractors
from tests.stories.at_the_desk import MINUTE
from tests.stories.at_the_desk import Desk as FrontDesk
from tests.stories.at_the_desk import desk as front
from tests.stories.conftest import WEDNESDAY, House, sop_without
from tests.stories.test_j_memo_story import written
from tests.stories.test_k_complaint_story import LEAK, RUDE
from tests.stories.test_k_complaint_story import Desk as ComplaintDesk

__all__ = ["front", "service"]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOBODY = "须经审批：请在作业标准书的审批里写上审批岗位"


def no(
    house: House, case: Case, step: str, by: str, at: datetime, words: str, clause: str, /, **given: Any
) -> None:
    """The step is refused in these words with this clause, and nothing has happened."""
    before = Event.objects.filter(case=case).count()
    with pytest.raises(NotReady) as found:
        house.take(case, step, by, at, **given)
    said = [(reason.text, reason.clause) for reason in found.value.reasons]
    assert any(words in text and of == clause for text, of in said), said
    assert Event.objects.filter(case=case).count() == before


def no_points(house: House, case: Case, step: str, by: str, at: datetime, *labels: str, **given: Any) -> None:
    """Each control point is missed once while the others are dealt with; the refusal names it with its clause."""
    points = house.option(case, step, by, at).points
    assert [one.point.label for one in points if one.point.required] == list(labels)
    for missed in points:
        ticked = {one.point.key: True for one in points if one is not missed}
        with pytest.raises(NotReady) as found:
            engine.advance(case, step, by=house.people[by], at=at, given={**given, "points": ticked})
        assert f"控制要点未办：{missed.point.label}" in str(found.value)


def not_opened(words: str, clause: str, opening: Any) -> None:
    """Nothing is opened, in these words with this clause."""
    before = Case.objects.count()
    with pytest.raises(NotReady) as found:
        opening()
    said = [(reason.text, reason.clause) for reason in found.value.reasons]
    assert any(words in text and of == clause for text, of in said), said
    assert Case.objects.count() == before


def _elsewhere(s: Service, room: Unit) -> None:
    told = {"words": "渗水", "contact_name": "苏清越", "need": "修好", "service": "repair", "unit": room.pk}
    engine.open_case(
        "after_sales",
        by=s.people["shen"],
        at=MORNING,
        given=told,
        chain_id=s.project.company_id,
        scope_id=s.project.pk,
    )


@pytest.mark.clause(
    "E-2.1-a", "I-1-p", "C-3.3-c", "F-3.1-b", "F-2.4-a", "F-2.4-b", "C-3.3-d", "A-2.3-b", "H-2.3-g"
)
def test_what_an_after_sales_case_refuses(service: Service):
    s, company = service, service.project.company
    far = Project.objects.create(code="YQ2", name="云栖里二期", company=company)
    room = Unit.objects.create(
        project=far, building=Building.objects.create(project=far, name="1号楼", position=1), entrance="1", floor=1,
        room="101", control="signed",
    )  # fmt: skip
    for words, clause, given in (
        ("最多补录 31 天以内", "E-2.1-a", {"reported_at": MORNING - 32 * DAY}),
        ("客户反映的时间不能晚于现在", "E-2.1-a", {"reported_at": MORNING + HOUR}),
        ("填了内部客户的部门，服务对象请选内部客户", "I-1-p", {"department": "工程部"}),
        ("服务对象是内部客户的，请填部门", "I-1-p", {"recipient": "internal"}),
        ("本项目没有编号为 WX-YQ1-1999-0001 的售后", "C-3.3-c", {"repeat_of": "WX-YQ1-1999-0001"}),
    ):
        not_opened(words, clause, lambda given=given: s.record(**given))

    not_opened("这套房屋不在本项目", "K-1-c", lambda: _elsewhere(s, room))

    case = s.record()
    contact = {"how": "call", "who": "苏清越", "since": "上周", "effect": "起泡"}
    no(s, case, "contact", "shen", MORNING, "还没有问清：问题在哪里", "F-3.1-b", **contact)
    no(s, case, "link_repeat", "shen", MORNING, "不能关联为自己的重复", "C-3.3-c", earlier=case.number)
    no(s, case, "diagnose_remote", "shen", MORNING, "还没有与客户取得联系", "F-3.1-b", **s.diagnosis())
    no(
        s,
        case,
        "transfer",
        "shen",
        MORNING,
        "公司里没有唯一的「没有这人」",
        "A-2.3-b",
        to="没有这人",
        reason="请假",
    )
    no(s, case, "transfer", "shen", MORNING, "沈一鸣 已经是责任人", "A-2.3-b", to="shen", reason="请假")
    no(
        s,
        case,
        "transfer",
        "wu",
        MORNING,
        "由责任人 沈一鸣 或者经理移交",
        "A-2.3-b",
        to="wu",
        reason="我来办",
    )
    no(s, case, "accept", "wu", MORNING, "没有待答复的移交", "A-2.3-b")
    no(s, case, "step_in", "tang", MORNING, "没有要上级过问的事", "H-3.1-e", reason="看一下")
    no(s, case, "read_report", "tang", MORNING, "没有待阅的汇报", "C-3.3-d")
    s.take(case, "mark_important", "shen", MORNING, reason="孩子住这间")
    no(s, case, "mark_important", "shen", MORNING, "已经标为重要", "C-3.3-d", reason="再标一次")
    s.take(case, "report", "shen", MORNING, to_post="cs_manager", problem="渗水")
    no(
        s,
        case,
        "report",
        "shen",
        MORNING,
        "上一次汇报上级还没有看",
        "C-3.3-d",
        to_post="cs_manager",
        problem="还在渗",
    )
    no(s, case, "keep_promise", "shen", MORNING, "没有答应客户而未兑现的事", "A-2.3-b", how="回过电话")

    twin = s.record(at=MORNING + MINUTE)
    s.take(twin, "link_repeat", "shen", MORNING + MINUTE, earlier=case.number)
    no(s, twin, "link_repeat", "shen", MORNING + MINUTE, "已经关联为重复", "C-3.3-c", earlier=case.number)

    remote = s.remote()
    at = MORNING + HOUR
    no(s, remote, "consent", "shen", at, "还没有向客户提出解决方案", "F-2.4-a", who="苏清越", how="call")
    goods = s.offer(kind="return_exchange")
    no(
        s,
        remote,
        "propose",
        "shen",
        at,
        "退换货要说明对应什么：整改、换房、退房或者更换设备",
        "E-1.1-d",
        **goods,
    )
    s.take(remote, "propose", "shen", at, **s.offer())
    s.take(remote, "consent", "shen", at, who="苏清越", how="call")
    no(s, remote, "arrange", "guo", at, "请选上门、送修还是远程指导", "F-2.4-b", way="post", confirmed=True)
    no(s, remote, "arrange", "guo", at, "请安排相应的人员或者班组", "F-2.4-b", way="workshop", confirmed=True)
    no(s, remote, "finish", "kang", at, "还没有安排人员处理", "E-2.3-b", **s.work())
    s.take(remote, "arrange", "guo", at, way="workshop", worker=s.people["kang"].pk, confirmed=True)
    no(s, remote, "resume", "guo", at, "没有在等物资", "H-2.3-g")
    s.take(remote, "wait", "guo", at, reason="等耐候胶")
    no(s, remote, "wait", "guo", at, "已经在等：等耐候胶", "H-2.3-g", reason="等防水涂料")
    s.take(remote, "resume", "guo", at)
    no_points(s, remote, "finish", "kang", at, "严格按操作规程处理，工作质量和安全符合要求", **s.work())
    s.take(remote, "finish", "kang", at + HOUR, **s.work())
    test = {"passed": True, "method": "淋水 30 分钟，无渗漏"}
    no_points(
        s,
        remote,
        "test",
        "ling",
        at + HOUR,
        "按操作规程检验：通水、通电或淋水，恢复原状，清理现场",
        "检验过程符合安全要求",
        **test,
    )
    s.take(remote, "test", "ling", at + 2 * HOUR, **test)
    s.reviewed(remote, at + 3 * HOUR)
    said = {"complied": True, "accurate": True}
    no(s, remote, "review_report", "sun", at + 3 * HOUR, "没有待审核的操作报告", "G-4.5-a", **said)
    s.take(remote, "promise", "shen", at + 3 * HOUR, what="送一支密封胶", due_at=MORNING + 2 * DAY)
    s.take(remote, "confirm", "shen", at + 3 * HOUR, how="call", who="苏清越", solved=True)
    s.take(remote, "rate", "shen", at + 3 * HOUR, score=5, source="phone")
    no(s, remote, "rate", "shen", at + 3 * HOUR, "已经登记过评价", "F-2.5-b", score=4, source="phone")
    no(
        s,
        remote,
        "close",
        "shen",
        at + 3 * HOUR,
        "还有 1 项答应客户的事没有兑现：送一支密封胶",
        "A-2.3-b",
        met="full",
    )


@pytest.mark.clause("H-2.3-a", "H-2.3-c", "H-2.3-e", "F-2.2-b")
def test_what_a_visit_refuses(service: Service):
    s = service
    visit = s.booked()
    home = Case.objects.get(pk=visit.for_case_id)
    there = MORNING + 5 * HOUR
    no(s, home, "remote_failed", "shen", MORNING + 2 * HOUR, "已经安排上门", "F-2.2-b", words="电话里没解决")
    no_points(
        s, visit.case, "depart", "kang", there - HOUR,
        "佩戴工牌，着工装", "工具、材料、鞋套、垫布带齐", "出发前已打电话与客户确认",
    )  # fmt: skip
    s.take(visit.case, "depart", "kang", there - HOUR)
    no(s, home, "withdraw", "shen", there - HOUR, "正在进行，不能撤回", "H-2.3-a", reason="自己找人修")
    late = {"expected_at": there - 2 * HOUR, "words": "路上堵车"}
    no(s, visit.case, "call_late", "kang", there - HOUR, "预计到达的时间已经过了", "H-2.3-a", **late)
    s.take(visit.case, "arrive", "kang", there, met="苏清越")
    start = {"who": "苏清越", "need": "飘窗不再渗水", "before": [s.scan]}
    no_points(
        s, visit.case, "start", "kang", there,
        "敲门、自我介绍、穿鞋套、铺垫布", "已确认安全要求：断电断水、登高有人扶、动火有许可", **start,
    )  # fmt: skip
    no(s, visit.case, "start", "kang", there, "动手前先拍修前照片", "H-2.3-c", **start | {"before": []})
    s.take(visit.case, "start", "kang", there, **start)
    no(
        s,
        visit.case,
        "inspect",
        "kang",
        there,
        "请写明客户哪一位同意现场处理",
        "H-2.3-e",
        **s.finding(who=""),
    )
    no(s, visit.case, "inspect", "kang", there, "请至少填一项检查和结果", "H-2.3-c", **s.finding(findings=[]))
    s.take(visit.case, "inspect", "kang", there, **s.finding())
    done = {
        "done": "重打耐候胶",
        "measure": "换用耐候胶",
        "test": "淋水 30 分钟",
        "after": [s.scan],
        "minutes": 60,
    }
    for words, changed in (
        ("完工要拍修后照片，至少 1 张", {"after": []}),
        ("修好要测试，请写明怎样测试的", {"test": ""}),
        ("请写明针对原因采取的措施", {"measure": ""}),
    ):
        no(s, visit.case, "finish", "kang", there + HOUR, words, "H-2.3-c", **done | changed)

    closed = s.closed(at=MORNING + DAY)
    asked = {"for_case": closed.number, "trade": "general"}
    chain = {"chain_id": s.project.company_id, "scope_id": s.project.pk}
    late_hour = MORNING + DAY + 9 * HOUR
    not_opened(
        f"{closed.number} 已结束，不能再安排上门", "H-2.2-b",
        lambda: engine.open_case("visit", by=s.people["guo"], at=late_hour, given=asked, **chain),
    )  # fmt: skip


@pytest.mark.clause("A-1.3-b", "A-2.3-b", "A-2.3-c", "D-2.1-b", "D-2.6-c", "D-3.1-a", "D-4-a")
def test_what_a_reception_refuses(front: FrontDesk):
    f, house = front, front.house
    far = Project.objects.create(code="YQ2", name="云栖里二期", company=house.project.company)
    room = Unit.objects.create(
        project=far, building=Building.objects.create(project=far, name="1号楼", position=1), entrance="1", floor=1,
        room="101", control="signed",
    )  # fmt: skip
    for words, given in (
        ("没有这位客户，请重新选来电人", {"customer": 987654}),
        ("核实了身份，请填来的是谁", {"customer": None, "caller": "", "confirmed": True}),
        ("没有这套房屋，请重新选房号", {"unit": 987654}),
        ("不在这个项目里，请先切换项目", {"unit": room.pk}),
    ):
        not_opened(words, "D-2.1-b", lambda given=given: f.receive(**given))

    call = f.receive(unit=None)
    no(house, call, "welcome", "ma", WEDNESDAY, "只有来访才需要迎接", "D-3.1-a", greeted=True, area="洽谈区")
    no(house, call, "identify", "ma", WEDNESDAY, "没有这位客户，请重新选", "D-2.1-b", customer=987654)
    no(
        house,
        call,
        "answer",
        "ma",
        WEDNESDAY,
        "只提出了 1 项，没有第 4 项",
        "A-3.2-c",
        answer="好的",
        number=4,
    )
    no(
        house,
        call,
        "hand_on",
        "ma",
        WEDNESDAY,
        "报修要先选房屋，才能判断保修和派人",
        "A-1.3-b",
        to="after_sales",
    )
    no(house, call, "hand_on", "ma", WEDNESDAY, "内部工作联系单要写事由", "A-1.3-b", to="internal_memo")
    no(
        house,
        call,
        "reply_letter",
        "ma",
        WEDNESDAY,
        "只有来函和传真需要复函",
        "D-4-a",
        text="已安排",
        how="mail",
        filed_as="来函卷",
    )
    no(house, call, "followed_up", "ma", WEDNESDAY, "没有约好的跟进", "A-2.3-c", result="问过")
    f.take(call, "follow_up", what="问修好没有", due_at=WEDNESDAY + DAY)
    no(
        house,
        call,
        "followed_up",
        "ma",
        WEDNESDAY + HOUR,
        "只有 1 项没有做",
        "A-2.3-c",
        result="问过",
        number=3,
    )
    no(house, call, "accept_transfer", "wu", WEDNESDAY, "没有等待答复的移交", "A-2.3-b")
    no(house, call, "ask_transfer", "ma", WEDNESDAY, "本来就由这位负责", "A-2.3-b", to="ma", reason="下班")
    f.take(call, "ask_transfer", to="wu", reason="下班")
    no(
        house,
        call,
        "ask_transfer",
        "ma",
        WEDNESDAY,
        "已在移交，等对方答复",
        "A-2.3-b",
        to="tang",
        reason="下班",
    )
    no(house, call, "accept_transfer", "tang", WEDNESDAY, "由本人答复", "A-2.3-b")

    promised = f.receive(kind="inquiry", repeated_back=True, promise="下午回电", promise_due=WEDNESDAY + HOUR)
    f.take(promised, "answer", answer="保修两年")
    no(
        house,
        promised,
        "close",
        "ma",
        WEDNESDAY + 10 * MINUTE,
        "答应客户的事还没有兑现",
        "D-2.6-e",
        solved="yes",
    )
    handed = f.receive(repeated_back=True)
    f.take(handed, "hand_on", to="complaint")
    number = f.row(handed).handed_to
    no(
        house,
        handed,
        "close",
        "ma",
        WEDNESDAY + 10 * MINUTE,
        f"请把编号 {number} 念给客户",
        "D-2.6-c",
        solved="no",
    )
    no_points(
        house, handed, "close", "ma", WEDNESDAY + 10 * MINUTE, "已感谢客户，并感谢客户选择我们公司", solved="no", number_told=True,
    )  # fmt: skip


@pytest.mark.clause(
    "K-2.1-j", "K-2.1-n", "K-2.2-a", "K-2.3-d", "K-2.4-d", "E-2.4-b", "K-2.6-a", "I-2.8-c", "I-2.8-g"
)
def test_what_a_complaint_refuses(house: House):
    d = ComplaintDesk(house)
    rude = d.complain(RUDE, quality=False, about_person="wei")
    plan = {"situation": "没有回电", "plan": "专人跟进"}
    no(house, rude, "plan", "wu", WEDNESDAY, "不属质量问题，由接待人员与顾客协商解决", "K-2.1-n", **plan)
    no(house, rude, "close", "ma", WEDNESDAY, "还没有答复顾客", "I-2.8-d", result="已解释")
    no(
        house,
        rude,
        "join",
        "ma",
        WEDNESDAY,
        f"没有编号为 {rude.number} 的另一件投诉",
        "I-2.8-c",
        parent=rude.number,
    )
    no(house, rude, "review", "zhou", WEDNESDAY, "不是突发事件，不用办这一步", "I-2.8-g", words="没有")

    leak = d.complain(LEAK, quality=True, about_person="wei")
    no(
        house,
        leak,
        "talk",
        "ma",
        WEDNESDAY,
        "质量问题由专人提出方案、交质检部处理，不走协商",
        "K-2.1-j",
        words="致歉",
    )
    asked = d.judged(about_person="wei", unit=1)
    sent = {"person": "wei", "qualification": "防水维修资质", "region": "province"}
    no(house, asked, "delegate", "zheng", WEDNESDAY + 5 * HOUR, "本人，请委派别人", "K-2.3-d", **sent)

    onsite = d.onsite(unit=2)
    found = {"words": "密封胶开裂", "cause": "seepage", "reason": "没有做附加防水层"}
    at = WEDNESDAY + DAY + HOUR
    decided = {"fault": "misuse", "remedy": "rectify", "words": "打了孔"}
    no(house, onsite, "decide", "wei", at, "还没有查明产生原因，不能作处理决定", "K-2.4-b", **decided)
    d.take(onsite, "investigate", "wei", at, **found)
    no(house, onsite, "decide", "wei", at, "属顾客使用不当造成质量问题的，应为有偿服务", "K-2.4-c", **decided)
    d.take(onsite, "decide", "wei", at, fault="own", remedy="rectify", words="重做附加防水层")
    work = {"words": "补做防水两遍", "test": "淋水三十分钟"}
    no(house, onsite, "execute", "wei", at, "测试合格后才能填写处理实施情况", "E-2.4-a", passed=False, **work)


@pytest.mark.clause("E-2.4-b", "I-2.8-c")
def test_what_a_contractors_work_refuses(house: House):
    at = WEDNESDAY + 3 * DAY
    own = contractors.work(house)
    house.take(own, "accept", "wu", at, by_whom="恒筑李工")
    house.take(own, "report", "zheng", at, words="做好了", test="淋水不渗", passed=True)
    no(house, own, "inspect", "zheng", at, "报告完工的人不能验收", "E-2.4-b", passed=True, words="合格")

    work = contractors.work(house)
    house.take(work, "refuse", "wu", at, words="说过了保修期", notice="EMS1001")
    house.take(work, "replace", "zheng", at, third_party="安居维修", estimate="6000", reason="三日未进场")
    house.approve(work, at + HOUR)
    done = {"words": "做好了", "test": "不渗", "passed": True, "cost": "6000"}
    house.take(work, "report", "wu", at + 2 * HOUR, **done)
    house.take(work, "inspect", "zheng", at + 3 * HOUR, passed=True, words="合格")
    charge = {"basis": "合同第八条"}
    no(
        house,
        work,
        "charge",
        "zhou",
        at + DAY,
        "扣回金额不能超过还没有着落的费用 6000.00 元",
        "I-2.8-c",
        amount="7000",
        **charge,
    )
    house.take(work, "charge", "zhou", at + DAY, amount="6000", **charge)
    house.approve(work, at + DAY)
    no(house, work, "charge", "zhou", at + DAY, "已经扣回", "I-2.8-c", amount="1", **charge)


@pytest.mark.clause("I-2.8-c", "I-2.8-h", "J-2.11-e", "K-2.1-k")
def test_what_is_approved_is_refused_where_the_sop_names_nobody_who_approves(house: House):
    """A company may change the posts of an approval, but not leave these without one."""
    at = WEDNESDAY + 3 * DAY
    d = ComplaintDesk(house)
    rude = d.complain(RUDE, quality=False, complainant="苏清越")
    sop_without("KF-TS-01", "leave")
    no(house, rude, "leave", "ma", at, NOBODY, "K-2.1-k", ground="withdrawn", reason="顾客来电撤回")
    no(house, rude, "return_ticket", "ma", at, "没有外部工单", "I-2.8-d", words="已答复", receipt="1")

    paid = contractors.proposed(house, "300")
    sop_without("KF-PC-01", "approve")
    no(house, paid, "approve", "wu", at, NOBODY, "I-2.8-h", amount="300")

    over = written(house)
    house.take(over, "explain", "wu", at, rule="area", words="可以结算差价", answer="不同意")
    sop_without("KF-JF-01", "end")
    no(house, over, "end", "zhou", at, NOBODY, "J-2.11-e", words="客户坚持退房", told=True)

    work = contractors.work(house)
    house.take(work, "refuse", "wu", at, words="说过了保修期", notice="EMS1001")
    third = {"third_party": "安居维修", "estimate": "6000", "reason": "三日未进场"}
    house.take(work, "replace", "zheng", at, **third)
    house.approve(work, at + HOUR)
    done = {"words": "做好了", "test": "不渗", "passed": True, "cost": "6000"}
    house.take(work, "report", "wu", at + 2 * HOUR, **done)
    house.take(work, "inspect", "zheng", at + 3 * HOUR, passed=True, words="合格")
    came = {"amount": "1", "voucher": "SK-1", "paid_date": at.date()}
    no(house, work, "recover", "he", at + DAY, "还没有向责任单位追偿", "I-2.8-c", **came)
    for step, given in (
        ("charge", {"amount": "6000", "basis": "合同第八条"}), ("bear", {"amount": "6000", "reason": "追不回来"}),
    ):  # fmt: skip
        sop_without("KF-ZR-01", step)
        no(house, work, step, "zhou", at + DAY, NOBODY, "I-2.8-c", **given)
    other = contractors.work(house)
    house.take(other, "refuse", "wu", at, words="说过了保修期", notice="EMS1002")
    sop_without("KF-ZR-01", "replace")
    no(house, other, "replace", "zheng", at, NOBODY, "I-2.8-c", **third)
