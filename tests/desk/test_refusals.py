"""What after-sales, visits, receptions, fit-out and knowledge refuse beside their stories, in the SOP's words."""

from __future__ import annotations

from datetime import timedelta

import pytest

from guiju.kernel import engine
from guiju.kernel.models import Case
from tests.desk.servicing import MORNING, Service
from tests.knowledge.test_articles import LATER, drafted
from tests.quality.test_refusals import none
from tests.stories.at_the_desk import Desk, desk
from tests.stories.conftest import WEDNESDAY, House, house, sop_without
from tests.stories.test_desk_refusals import NOBODY, no, no_points, not_opened
from tests.stories.test_i_fitout_story import begun, chosen

__all__ = ["desk", "house"]
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LISTED = "请从所列的选项中选"


@pytest.mark.clause("E-1.1-d", "C-3.2-d", "C-3.2-h", "C-4.4-b", "E-2.2-a")
def test_what_is_not_on_the_lists_is_refused_at_every_step_of_after_sales(service: Service):
    s, at = service, MORNING + HOUR
    case = s.contacted()
    trade, nature = f"工种{LISTED}", f"问题性质{LISTED}"
    no(s, case, "diagnose_on_site", "shen", at, trade, "C-3.2-h", **s.diagnosis(), trade="astronaut")
    for step in ("diagnose_on_site", "diagnose_remote"):
        no(s, case, step, "shen", at, nature, "E-1.1-d", **s.diagnosis(nature="magic"))
        asked = s.diagnosis(investigate=True)
        no(s, case, step, "shen", at, "要写明请谁调查、调查什么", "C-3.2-d", **asked)
    no(s, case, "propose", "shen", at, "还没有根据客户问题作初步分析（诊断）", "E-2.2-a", **s.offer())
    s.take(case, "diagnose_remote", "shen", at, **s.diagnosis())
    no(s, case, "remote_failed", "shen", at, trade, "C-3.2-h", words="电话里没解决", trade="astronaut")
    no(s, case, "propose", "shen", at, f"方案类型{LISTED}", "E-1.1-d", **s.offer(kind="magic"))
    partly = s.offer(met="partly")
    no(s, case, "propose", "shen", at, "要写明原因和替代办法", "C-4.4-b", **partly)
    arranged = {"way": "workshop", "worker": s.kang.pk, "confirmed": True}
    no(s, case, "arrange", "guo", at, "客户还没有同意解决方案", "F-2.4-a", **arranged)
    s.take(case, "propose", "shen", at, **s.offer())
    s.take(case, "consent", "shen", at, who="苏清越", how="call", words="同意")
    no(s, case, "arrange", "guo", at, trade, "C-3.2-h", **arranged, trade="astronaut")
    soon = {"words": "没有配件", "promised": "回电", "promised_at": at - MINUTE}
    no(s, case, "cannot_solve", "shen", at, "已经过", "F-3.2-f", **soon)
    no(s, case, "decline", "wu", at, "没有待答复的移交", "A-2.3-b", reason="没空")
    s.take(case, "transfer", "shen", at, to="wu", reason="请假")
    no(s, case, "decline", "tang", at, "等 吴敏 答复", "A-2.3-b", reason="没空")
    promise = {"what": "下午回电", "due_at": at - MINUTE}
    no(s, case, "promise", "shen", at, "答应客户的时间已经过了", "A-2.3-b", **promise)
    s.take(case, "arrange", "guo", at, **arranged)
    no(s, case, "finish", "kang", at, f"根本原因{LISTED}", "E-1.1-d", **s.work(cause="magic"))


@pytest.mark.clause("G-4.5-a", "G-4.5-b", "E-2.4-a", "E-3.4-a", "F-2.5-b", "A-2.3-b")
def test_what_is_owed_keeps_an_after_sales_case_open(service: Service):
    s = service
    case, at = s.tested(), MORNING + 8 * HOUR
    judged = {"complied": True, "accurate": True}
    no(s, case, "review_report", "duan", at, "操作报告由部门负责人孙达审核", "G-4.5-a", **judged)
    no(
        s, case, "review_report", "sun", at, "有偏离或者与实际不符的，请写明在哪里", "G-4.5-b",
        complied=False, accurate=True,
    )  # fmt: skip
    s.reviewed(case, at)
    no(s, case, "review_report", "sun", at, "没有待审核的操作报告", "G-4.5-a", **judged)
    s.take(case, "confirm", "shen", at, how="call", who="苏清越", solved=True)
    no(s, case, "close", "shen", at, "还没有登记客户评价", "F-2.5-b", met="full")
    s.take(case, "rate", "shen", at, score=5, source="phone")
    no(s, case, "leave_unrated", "shen", at, "已经登记过评价", "F-2.5-b", reason="不愿打分")

    s.take(case, "coordinate", "shen", at, to_post="quality", subject="查来源", content="同批密封胶")
    s.take(case, "promise", "shen", at, what="下周回访", due_at=at + DAY)
    engine.open_case(
        "visit", by=s.guo, at=at, given={"for_case": case.number, "trade": "general"},
        chain_id=s.project.company_id, scope_id=s.project.pk,
    )  # fmt: skip
    unsolved = {"reason": "要求免费换窗", "cause": "wear", "alternative": "书面说明"}
    for words, clause in (
        ("还有 1 项部门协调没有结果：查来源", "E-3.4-a"), ("还没有办完", "E-2.4-a"),
        ("还有 1 项答应客户的事没有兑现：下周回访", "A-2.3-b"),
    ):  # fmt: skip
        no(s, case, "close", "shen", at, words, clause, met="full")
        no(s, case, "close_unsolved", "shen", at, words, clause, **unsolved)
    no(s, case, "close", "shen", at, f"根本原因{LISTED}", "E-1.1-d", met="full", cause="magic")
    no(s, case, "close", "shen", at, "要写明原因和替代办法", "C-4.4-b", met="partly")
    no(
        s, case, "close_unsolved", "shen", at, f"根本原因{LISTED}", "E-1.1-d", **unsolved | {"cause": "magic"},
    )  # fmt: skip
    sop_without("KF-SH-01", "close_unsolved")
    no(s, case, "close_unsolved", "shen", at, NOBODY, "C-4.4-b", **unsolved)


def test_a_visit_without_a_signature_ends_by_approval_only(service: Service):
    visit = service.finished()
    sop_without("KF-SM-01", "close_unsigned")
    unsigned = {"reason": "客户临时出门，电话确认修好", "proof": service.scan}
    no(service, visit.case, "close_unsigned", "kang", MORNING + 8 * HOUR, NOBODY, "H-2.4-a", **unsigned)


def test_work_is_not_reported_done_while_a_visit_is_open(service: Service):
    s, at = service, MORNING + 2 * HOUR
    visit = s.booked()
    case = Case.objects.get(pk=visit.for_case_id)
    s.take(case, "propose", "shen", at, **s.offer())
    s.take(case, "consent", "shen", at, who="苏清越", how="call", words="同意")

    no(s, case, "finish", "kang", at, f"上门 {visit.case.number} 还没有办完", "E-2.4-a", **s.work())


@pytest.mark.clause("H-2.2-b", "H-2.2-e", "H-2.2-f", "H-2.3-a")
def test_what_the_appointment_of_a_visit_refuses(service: Service):
    s, at = service, MORNING + HOUR
    booked = s.booked()
    home = Case.objects.get(pk=booked.for_case_id)
    chain = {"chain_id": s.project.company_id, "scope_id": s.project.pk}
    then = {"starts_at": booked.starts_at, "ends_at": booked.ends_at}
    strange, busy = "派的人不是本项目的维修、上门人员", "康水在这段时间有别的上门"
    for words, clause, given in (
        ("没有编号为 WX-YQ1-1999-0001 的事项", "H-2.2-b", {"for_case": "WX-YQ1-1999-0001"}),
        (f"工种{LISTED}", "H-2.2-e", {"trade": "astronaut"}),
        (strange, "H-2.2-f", {"technician": s.shen.pk}),
        (busy, "H-2.2-e", {"technician": s.kang.pk} | then),
    ):
        asked = {"for_case": home.number, "trade": "general"} | given
        not_opened(
            words, clause, lambda asked=asked: engine.open_case("visit", by=s.guo, at=at, given=asked, **chain)
        )  # fmt: skip

    other = s.visit_of(s.on_site(at=MORNING + 10 * MINUTE)).case
    free = {"starts_at": MORNING + 8 * HOUR, "ends_at": MORNING + 9 * HOUR}
    backwards = {"starts_at": MORNING + 8 * HOUR, "ends_at": MORNING + 7 * HOUR}
    no(s, other, "offer", "guo", at, "请约定上门的时间", "H-2.2-e")
    no(s, other, "offer", "guo", at, "上门时段的结束要晚于开始", "H-2.2-e", **backwards)
    no(s, other, "offer", "guo", at, "请先定由谁上门", "H-2.2-f", **free)
    for step, given in (("offer", {}), ("agree", {"who": "苏清越", "how": "call"})):
        no(s, other, step, "guo", at, strange, "H-2.2-f", technician=s.shen.pk, **free, **given)
        no(s, other, step, "guo", at, busy, "H-2.2-e", technician=s.kang.pk, **then, **given)
    s.take(other, "agree", "guo", at, technician=s.kang.pk, **free, who="苏清越", how="call")
    no(s, other, "assign", "guo", at, strange, "H-2.2-f", technician=s.shen.pk)
    moved = {"who": "苏清越", "how": "call", "reason": "客户有事"}
    no(s, other, "move", "guo", at, busy, "H-2.2-e", **moved | then)
    no(s, other, "move", "guo", at, "上门时段的结束要晚于开始", "H-2.2-e", **moved | backwards)
    no(s, other, "move", "guo", at, strange, "H-2.2-f", **moved, technician=s.shen.pk)
    asked = engine.open_case(
        "visit", by=s.guo, at=at, given={"for_case": home.number, "trade": "general"} | then, **chain
    )
    second = Case.objects.get(pk=asked.case_id)
    no(s, second, "assign", "guo", at, busy, "H-2.2-e", technician=s.kang.pk)

    tomorrow = {"starts_at": MORNING + DAY + HOUR, "ends_at": MORNING + DAY + 2 * HOUR}
    s.take(other, "move", "guo", at, **moved | tomorrow)
    none(s, other, "kang", at, "还没到日子", "H-2.3-a", depart={}, arrive={"met": "苏清越"})
    no(
        s, other, "we_missed", "guo", at, "还没到时间", "H-2.3-a", reason="堵车", apology="电话致歉",
    )  # fmt: skip
    no(s, other, "customer_absent", "kang", at, "还没到时间", "H-2.3-a", words="敲门没有人")


@pytest.mark.clause("H-2.3-a", "H-2.5-g", "H-2.3-g")
def test_nobody_but_the_person_sent_takes_a_step_on_site(service: Service):
    s, there = service, MORNING + 5 * HOUR
    visit = s.booked()
    case, kang = visit.case, "这次上门派给 康水，由他办理"
    no(
        s, case, "call_late", "kang", there + HOUR, "要迟到的，应在约定时间前打电话告知客户", "H-2.3-a",
        expected_at=there + 2 * HOUR, words="堵车",
    )  # fmt: skip
    no(s, case, "arrive", "kang", there + HOUR, "要写明迟到原因", "H-2.3-a", met="苏清越")
    none(
        s, case, "du", there, kang, "H-2.3-a", depart={}, arrive={"met": "苏清越"}, customer_absent={"words": "没有人"},
    )  # fmt: skip
    s.take(case, "depart", "kang", there - HOUR)
    s.take(case, "arrive", "kang", there, met="苏清越")
    start = {"who": "苏清越", "need": "飘窗不再渗水", "before": [s.scan]}
    none(
        s,
        case,
        "du",
        there,
        kang,
        "H-2.3-a",
        start=start,
        entry_refused={"why": "refused", "words": "不让进"},
    )
    s.take(case, "start", "kang", there, **start)
    used = {"items": [{"material": "GL-01", "quantity": "1"}]}
    done = {"done": "重打胶", "measure": "换胶", "test": "淋水 30 分钟", "after": [s.scan], "minutes": 60}
    none(
        s, case, "du", there, kang, "H-2.3-a", inspect=s.finding(), use=used, ask=used,
        leave_unfinished={"done": "拆了旧胶", "reason": "天黑"}, finish=done,
    )  # fmt: skip
    unknown = {"items": [{"material": "XX-99", "quantity": "1"}]}
    none(s, case, "kang", there, "物资目录里没有：XX-99", "H-2.5-g", use=unknown, ask=unknown)
    no(s, case, "finish", "kang", there, "还没有检查、找出问题的根源", "H-2.3-d", **done)
    s.take(case, "inspect", "kang", there, **s.finding())
    s.take(case, "finish", "kang", there + HOUR, **done)
    signed = {"name": "苏清越", "signature": s.scan}
    none(s, case, "du", there + HOUR, kang, "H-2.3-a", sign=signed, close_unsigned={"reason": "客户出门了"})


@pytest.mark.clause("A-2.3-b", "D-2.2-a", "D-2.5-a", "D-2.6-e")
def test_what_else_a_reception_refuses(desk: Desk):
    d, at = desk, WEDNESDAY + MINUTE
    case = d.receive()
    past = "答应客户的时间已经过了，请和客户另约时间"
    no(d.house, case, "promise", "ma", at, past, "A-2.3-b", what="回电", due_at=at - MINUTE)
    no(d.house, case, "keep_promise", "ma", at, "没有答应客户而未兑现的事", "A-2.3-b", how="回过电话")
    untold = "没有告知客户的通话录音不能关联"
    no(d.house, case, "link_recording", "ma", at, untold, "D-2.5-a", place="REC-20261118-01")
    late = "下次联系最迟约在三个月内"
    no(d.house, case, "follow_up", "ma", at, late, "D-2.6-e", what="问修好没有", due_at=at + 91 * DAY)
    again = {"what": "问修好没有", "due_at": at + DAY}
    no(d.house, case, "end_contact", "ma", at, "请把客户的需求复述一遍", "D-2.2-a", **again)
    before = again | {"due_at": at - MINUTE}
    no(d.house, case, "end_contact", "ma", at, "下次联系的时间已经过了", "D-2.6-e", **before)
    no(d.house, case, "refuse_transfer", "wu", at, "没有等待答复的移交", "A-2.3-b", reason="没空")
    d.take(case, "ask_transfer", at=at, to="wu", reason="下班")
    no(d.house, case, "refuse_transfer", "tang", at, "由本人答复", "A-2.3-b", reason="没空")
    no(d.house, case, "close", "ma", at, "已在移交，等对方答复", "A-2.3-b", solved="yes")


@pytest.mark.clause("I-3.1-r")
def test_colours_are_not_changed_after_the_last_day_nor_confirmed_without_a_sample(house: House):
    house.sealed()
    case, at = begun(house), WEDNESDAY + DAY
    house.take(case, "select", "wu", at, choices=chosen())
    signed = {"agreed": True, "signed_by": "苏清越", "signature": house.scan}
    no_points(house, case, "confirm", "wu", at, "客户看过实物样板", **signed)
    late = WEDNESDAY + 23 * DAY
    no(house, case, "change", "wu", late, "选择已于 2026-12-10 截止", "I-3.1-r", reason="换颜色")


@pytest.mark.clause("D-2.3-a", "D-2.3-d", "D-2.5-e", "E-4.4-a")
def test_what_an_article_refuses(service: Service):
    s = service
    not_opened("没有这条知识，不能写新版本", "D-2.3-d", lambda: drafted(s, replaces="ZS-1999-0001"))
    not_opened("客户提出的办法要从事项页登记", "D-2.5-e", lambda: drafted(s, source="customer"))
    case = drafted(s)
    s.take(case, "submit", "shen", LATER)
    no_points(
        s, case, "publish", "tang", LATER, "办法正确、完整，与作业标准书一致", "看不出是哪位客户、哪套房屋",
    )  # fmt: skip
