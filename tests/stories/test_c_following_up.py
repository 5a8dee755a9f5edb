"""Documents C, A and D: analysis, another solution when the first does not help, one owner, the superior, other departments."""

from datetime import timedelta

import pytest

from guiju.desk.models import AfterSales, Coordination, OwnerChange, Promise, ServiceEntry, Solution
from guiju.kernel import engine
from guiju.kernel.models import Case, Clock, Todo
from guiju.kernel.refusals import NotReady
from tests.desk.conftest import service
from tests.desk.servicing import MORNING, Service
from tests.stories.conftest import beijing

__all__ = ["service"]
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.mark.clause("C-3.2-d")
def test_an_investigation_is_named_opens_a_task_and_no_solution_comes_before_its_result(service: Service):
    case = service.contacted()
    with pytest.raises(NotReady, match="判断需要进一步调查的，要写明请谁调查、调查什么"):
        service.take(
            case,
            "diagnose_remote",
            "shen",
            MORNING + HOUR,
            **service.diagnosis(investigate=True, to_post="quality"),
        )
    service.take(
        case, "diagnose_remote", "shen", MORNING + HOUR,
        **service.diagnosis(investigate=True, to_post="quality", question="同一栋还有没有窗边渗水"),
    )  # fmt: skip

    task = Coordination.objects.get()
    memo = Case.objects.get(pk=task.memo_id)
    assert (task.kind, memo.process) == ("investigation", "internal_memo")
    with pytest.raises(
        NotReady, match=f"还在调查（{memo.number}）：调查：外墙和窗边防渗漏，有结果后再提方案"
    ):
        service.take(case, "propose", "shen", MORNING + 2 * HOUR, **service.offer())
    service.take(case, "note_result", "shen", MORNING + 3 * HOUR, who="郑重", result="只此一户")
    service.take(case, "propose", "shen", MORNING + 4 * HOUR, **service.offer())
    assert case.state == "proposed"


@pytest.mark.clause("C-3.2-f")
def test_what_is_solved_remotely_keeps_the_concrete_solution(service: Service):
    case = service.remote(nature="usage", diagnosis="温控器设成了节能")
    service.take(
        case, "propose", "shen", MORNING + HOUR,
        **service.offer(kind="guidance", words="长按温控器电源 3 秒，再调到舒适模式"),
    )  # fmt: skip
    service.take(case, "consent", "shen", MORNING + HOUR, who="苏清越", how="call")
    service.take(case, "arrange", "shen", MORNING + HOUR, way="remote", confirmed=True)
    service.take(case, "finish", "shen", MORNING + HOUR, **service.work(cause="misuse", words="电话指导调好"))

    assert Solution.objects.get().words == "长按温控器电源 3 秒，再调到舒适模式"
    assert ServiceEntry.objects.filter(kind="remote", words="电话指导调好").exists()


@pytest.mark.clause("C-3.2-h")
def test_the_time_from_decision_to_assignment_is_measured(service: Service):
    from guiju.kernel.chain import open_body

    case = service.agreed()
    event = service.take(
        case, "arrange", "guo", MORNING + 135 * MINUTE, way="workshop", worker=service.kang.pk, confirmed=True
    )

    event = type(event).objects.get(case=case, step="arrange")
    assert open_body(event.body)["said"]["minutes_from_decision"] == 45
    assert service.row(case).assigned_at == MORNING + 135 * MINUTE


@pytest.mark.clause("C-3.3-a", "H-2.4-a")
def test_no_closing_before_the_customer_confirms_that_it_is_solved(service: Service):
    case = service.tested()
    with pytest.raises(NotReady, match="还没有与客户确认问题彻底解决，不能关闭"):
        service.take(case, "close", "shen", MORNING + 8 * HOUR)
    with pytest.raises(NotReady, match="客户没有确认问题彻底解决：请办「客户反映未解决」"):
        service.take(case, "confirm", "shen", MORNING + 8 * HOUR, how="call", who="苏清越", solved=False)
    service.take(case, "confirm", "shen", MORNING + 8 * HOUR, how="call", who="苏清越", solved=True)

    row = service.row(case)
    assert (row.solved, row.confirmed_at, row.confirmed_how) == (True, MORNING + 8 * HOUR, "call")


@pytest.mark.clause("C-3.3-b", "C-3.3-c", "H-2.4-b", "H-2.4-c")
def test_what_is_not_solved_opens_again_with_another_solution_and_all_attempts_kept(service: Service):
    case = service.tested()
    service.take(
        case,
        "unsolved",
        "shen",
        MORNING + 8 * HOUR,
        who="苏清越",
        words="又渗了",
        to_post="quality",
        how="call",
    )

    assert case.state == "negotiating"
    task = Coordination.objects.get()
    assert (task.kind, task.to_post, task.subject) == ("unsatisfied", "quality", "问题没有解决，另找办法")
    assert Todo.objects.filter(case=case, act="propose", post="after_sales").exists()
    assert service.clock(case, "resolve").state == Clock.RUNNING
    with pytest.raises(NotReady, match="这个方案与第 1 次的相同（没有解决），请提供其他解决方案"):
        service.take(case, "propose", "shen", MORNING + 9 * HOUR, **service.offer())
    service.take(
        case, "propose", "shen", MORNING + 9 * HOUR, **service.offer(words="拆窗重装，窗框四周满注发泡胶")
    )

    assert [(s.attempt, s.outcome) for s in Solution.objects.order_by("attempt")] == [
        (1, "failed"), (2, "offered"),
    ]  # fmt: skip


@pytest.mark.clause("C-3.3-b", "C-3.3-c")
def test_a_refusal_is_negotiated_again_and_brought_to_the_superior(service: Service):
    case = service.remote()
    service.take(case, "propose", "shen", MORNING + HOUR, **service.offer())
    service.take(
        case, "refuse", "shen", MORNING + 2 * HOUR, who="苏清越", reason="不要修补，要换窗", wish="换整窗"
    )

    assert case.state == "negotiating"
    assert Todo.objects.filter(case=case, act="step_in", post="cs_manager").exists()
    with pytest.raises(NotReady, match="客户还没有同意解决方案"):
        service.take(case, "arrange", "guo", MORNING + 2 * HOUR, way="workshop", team="二班", confirmed=True)
    service.take(case, "step_in", "zhou", MORNING + 3 * HOUR, reason="同意换窗扇，窗框保留")
    service.take(case, "propose", "shen", MORNING + 4 * HOUR, **service.offer(words="更换窗扇，窗框补防水"))

    assert not Todo.objects.filter(case=case, act="step_in").exists()
    assert Solution.objects.filter(outcome="refused", answer="不要修补，要换窗").exists()


@pytest.mark.clause("C-3.3-b")
def test_a_closed_case_opens_again_within_seven_days_counted_and_not_later(service: Service):
    case = service.closed()
    closed = service.row(case).closed_at

    service.take(case, "reopen", "ma", closed + 7 * DAY, who="苏清越", words="下雨又湿了")
    row = service.row(case)
    assert (case.state, case.closed_at, row.reopened) == ("negotiating", None, 1)

    late = service.closed(at=MORNING + 10 * DAY)
    closed = service.row(late).closed_at
    with pytest.raises(NotReady, match="关闭已超过 7 日，不再重新打开：请另行登记，并关联为重复"):
        service.take(late, "reopen", "ma", closed + 7 * DAY + MINUTE, who="苏清越", words="又湿了")


@pytest.mark.clause("C-3.3-c")
def test_the_same_defect_within_ninety_days_of_closing_is_linked_as_a_repeat(service: Service):
    first = service.closed()
    closed = service.row(first).closed_at

    again = service.record(at=closed + 90 * DAY)
    elsewhere = service.record(at=closed + 90 * DAY, unit=1)
    other = service.record(at=closed + 90 * DAY, part="lamp")
    late = service.record(at=closed + 90 * DAY + MINUTE)

    assert service.row(again).repeat_of == service.row(first)
    assert [service.row(case).repeat_of for case in (elsewhere, other, late)] == [None, None, None]
    service.take(late, "link_repeat", "shen", closed + 91 * DAY, earlier=first.number)
    assert service.row(late).repeat_of == service.row(first)
    with pytest.raises(NotReady, match="本项目没有编号为 WX-NO-1 的售后"):
        service.take(other, "link_repeat", "shen", closed + 91 * DAY, earlier="WX-NO-1")


@pytest.mark.clause("C-3.3-d", "E-1.3-b")
def test_what_is_important_is_reported_to_the_superior_with_its_time(service: Service):
    case = service.confirmed()
    service.take(case, "mark_important", "shen", MORNING + 8 * HOUR, reason="客户是业委会主任，第三次渗水")
    service.take(case, "leave_unrated", "shen", MORNING + 8 * HOUR, reason="不愿打分")

    with pytest.raises(NotReady, match="重要事项还没有向上级汇报"):
        service.take(case, "close", "shen", MORNING + 8 * HOUR)
    assert Todo.objects.filter(case=case, act="report").exists()
    service.take(
        case,
        "report",
        "shen",
        MORNING + 9 * HOUR,
        to_post="cs_manager",
        problem="窗边渗水三次",
        solution="换整窗",
    )

    row = service.row(case)
    assert (row.reported_at, row.reported_to) == (MORNING + 9 * HOUR, "cs_manager")
    assert Todo.objects.filter(case=case, act="read_report", post="cs_manager").exists()
    assert ServiceEntry.objects.filter(kind="report", words="问题：窗边渗水三次　方案：换整窗").exists()
    service.take(case, "read_report", "zhou", MORNING + 10 * HOUR, words="同意")
    assert service.row(case).report_read_at == MORNING + 10 * HOUR


@pytest.mark.clause("C-3.3-e", "E-3.4-a", "D-2.5-h")
def test_tasks_of_other_departments_stand_on_the_case_with_their_result(service: Service):
    case = service.agreed()
    for post, subject in (("quality", "判断是否整栋排查"), ("service_manager", "借脚手架")):
        service.take(
            case, "coordinate", "shen", MORNING + 2 * HOUR, to_post=post, subject=subject, content="窗边渗水"
        )

    assert [(t.to_post, t.memo.process, t.memo.state) for t in Coordination.objects.order_by("id")] == [
        ("quality", "internal_memo", t.memo.state) if t.to_post == "quality" else
        ("service_manager", "internal_memo", t.memo.state)
        for t in Coordination.objects.order_by("id")
    ]  # fmt: skip
    service.take(case, "note_result", "shen", MORNING + 3 * HOUR, who="郑重", result="不用整栋排查")
    service.take(case, "note_result", "shen", MORNING + 4 * HOUR, who="段经理", result="明早到")

    found = [(t.to_post, t.who, t.result, t.answered_at) for t in Coordination.objects.order_by("id")]
    assert found == [
        ("quality", "郑重", "不用整栋排查", MORNING + 3 * HOUR),
        ("service_manager", "段经理", "明早到", MORNING + 4 * HOUR),
    ]
    with pytest.raises(NotReady, match="没有等结果的部门协调"):
        service.take(case, "note_result", "shen", MORNING + 5 * HOUR, who="郑重", result="再说一次")


@pytest.mark.clause("E-3.4-a")
def test_no_closing_while_a_department_owes_its_result(service: Service):
    case = service.confirmed()
    service.take(case, "leave_unrated", "shen", MORNING + 8 * HOUR, reason="不愿打分")
    service.take(
        case,
        "coordinate",
        "shen",
        MORNING + 8 * HOUR,
        to_post="quality",
        subject="整栋排查",
        content="窗边渗水",
    )

    with pytest.raises(NotReady, match="还有 1 项部门协调没有结果：整栋排查"):
        service.take(case, "close", "shen", MORNING + 9 * HOUR)


@pytest.mark.clause("D-2.5-g", "H-3.1-e")
def test_what_cannot_be_solved_is_said_promised_and_brought_to_department_and_superior(service: Service):
    case = service.contacted()
    service.take(
        case, "cannot_solve", "shen", MORNING + HOUR, words="要设计院判断结构", to_post="quality",
        promised="明天下午回电说明", promised_at=MORNING + DAY,
    )  # fmt: skip

    promise = Promise.objects.get()
    assert (promise.what, promise.due_at, promise.owner) == ("明天下午回电说明", MORNING + DAY, service.shen)
    assert service.clock(case, "promise").due_at == MORNING + DAY
    task = Coordination.objects.get()
    assert (task.kind, task.to_post, task.memo.process) == ("unsolved", "quality", "internal_memo")
    row = service.row(case)
    assert row.escalated_at == MORNING + HOUR
    assert Todo.objects.filter(case=case, act="step_in", post="cs_manager").exists()


@pytest.mark.clause("A-2.3-b", "E-1.2-a")
def test_one_person_answers_for_the_case_until_the_next_one_accepts(service: Service):
    case = service.record(by="ma")
    row = service.row(case)
    assert row.owner == service.shen

    with pytest.raises(NotReady, match="由责任人 沈一鸣 或者经理移交"):
        service.take(case, "transfer", "wu", MORNING + MINUTE, to="wu", reason="我来")
    service.take(case, "transfer", "shen", MORNING + MINUTE, to="吴敏", reason="明天休假")
    assert service.row(case).owner == service.shen
    with pytest.raises(NotReady, match="等 吴敏 答复"):
        service.take(case, "accept", "tang", MORNING + 2 * MINUTE)
    with pytest.raises(NotReady, match="已请 吴敏 接手，等他答复"):
        service.take(case, "transfer", "shen", MORNING + 2 * MINUTE, to="tang", reason="再问一个")
    service.take(case, "accept", "wu", MORNING + 3 * MINUTE)

    row = service.row(case)
    assert (row.owner, row.transfers) == (service.wu, 1)
    assert OwnerChange.objects.get().reason == "明天休假"
    service.take(case, "transfer", "wu", MORNING + 4 * MINUTE, to="shen", reason="还是他熟")
    service.take(case, "decline", "shen", MORNING + 5 * MINUTE, reason="在休假")
    assert service.row(case).owner == service.wu
    assert AfterSales.objects.filter(owner=None).count() == 0


@pytest.mark.clause("A-2.3-c", "E-1.3-a")
def test_follow_ups_are_dated_and_quiet_cases_are_listed_with_their_last_action(service: Service):
    from guiju.desk.aftersales_queries import quiet

    case = service.contacted()
    fresh = service.contacted(at=MORNING + 3 * DAY, unit=1)
    service.take(case, "follow", "shen", MORNING + HOUR, words="告知已排期")

    assert ServiceEntry.objects.filter(kind="call", happened_at=MORNING + HOUR).exists()
    listed = list(quiet(project_ids=[service.project.pk], at=MORNING + HOUR + 2 * DAY + MINUTE, days=2))
    assert [row.case.number for row in listed] == [case.number]
    assert listed[0].last_action_at == MORNING + HOUR
    assert fresh.number not in [row.case.number for row in listed]


@pytest.mark.clause("A-2.2-a", "E-3.2-b")
def test_no_closing_without_a_coded_root_cause_and_a_measure(service: Service):
    case = service.confirmed()
    service.take(case, "leave_unrated", "shen", MORNING + 8 * HOUR, reason="不愿打分")
    AfterSales.objects.update(cause="", measure="")

    with pytest.raises(NotReady) as refused:
        service.take(case, "close", "shen", MORNING + 9 * HOUR)
    texts = [reason.text for reason in refused.value.reasons]
    assert "还没有找出问题的根源：请选根本原因" in texts
    assert "还没有针对原因采取措施，不能办结" in texts
    assert "A-2.2-a" in [reason.clause for reason in refused.value.reasons]
    AfterSales.objects.update(measure="换胶")
    service.take(case, "close", "shen", MORNING + 9 * HOUR, cause="wear")
    assert service.row(case).cause == "wear"


@pytest.mark.clause("A-2.3-a", "A-3.3-a")
def test_no_closing_without_a_solution_offered(service: Service):
    case = service.confirmed()
    service.take(case, "leave_unrated", "shen", MORNING + 8 * HOUR, reason="不愿打分")
    Solution.objects.all().delete()

    with pytest.raises(NotReady, match="还没有主动提供过解决方案，不能办结"):
        service.take(case, "close", "shen", MORNING + 9 * HOUR)


@pytest.mark.clause("C-4.4-b", "C-2-1")
def test_a_request_not_fully_met_has_its_reason_and_alternative_and_the_share_is_reported(service: Service):
    from guiju.desk.aftersales_queries import needs_met

    full = service.closed()
    case = service.confirmed(at=MORNING + DAY)
    service.take(case, "leave_unrated", "shen", MORNING + DAY + 8 * HOUR, reason="不愿打分")
    with pytest.raises(NotReady, match="要写明原因和替代办法"):
        service.take(case, "close", "shen", MORNING + DAY + 9 * HOUR, met="partly")
    service.take(
        case,
        "close",
        "shen",
        MORNING + DAY + 9 * HOUR,
        met="partly",
        met_why="整窗停产",
        alternative="换窗扇并延保一年",
    )

    assert (service.row(case).met, service.row(full).met) == ("partly", "full")
    share = needs_met(
        project_ids=[service.project.pk], since=beijing("2025-09-01 00:00"), until=beijing("2025-10-01 00:00")
    )
    assert (share.met, share.closed, share.percent) == (1, 2, 50)


@pytest.mark.clause("C-4.4-b")
def test_closing_without_the_customers_approval_takes_the_manager(service: Service):
    case = service.remote()
    service.take(case, "propose", "shen", MORNING + HOUR, **service.offer())
    service.take(
        case, "close_unsolved", "shen", MORNING + 2 * HOUR, reason="客户要求超出合同，三次协商不成", cause="none_found",
        alternative="书面答复，告知可走仲裁",
    )  # fmt: skip
    assert case.pending_request_id is not None
    service.approve(case, MORNING + 3 * HOUR)

    assert (case.state, service.row(case).met) == ("unsolved", "refused")


def test_a_withdrawn_request_calls_its_visit_off(service: Service):
    case = service.on_site()
    service.take(case, "withdraw", "ma", MORNING + HOUR, reason="客户自己找人修了")

    assert case.state == "withdrawn"
    assert service.visit_of(case).case.state == "cancelled"


def test_every_locked_act_says_why_and_by_which_clause(service: Service):
    case = service.agreed()
    for name in ("shen", "wu", "guo", "kang", "ling", "zhou", "ma", "jiang"):
        for option in engine.options(case, by=service.people[name], at=MORNING + 3 * HOUR):
            assert option.open or option.reasons
            assert option.clause
            assert option.number
