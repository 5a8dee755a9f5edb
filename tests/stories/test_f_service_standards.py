"""Document F: 24 hours to reach the customer, 48 to send somebody, 3 working days to solve it, and consent before work.

The clocks of the call of Friday 2025-09-26, 17:40, by hand. Work hours 9:00 to 18:00. Sunday 28 September is a make-up
working day, the holiday runs from 1 October. Contact: 24 clock hours, Saturday 27 17:40. Visit: 48 clock hours, Sunday
28 17:40. Solving: three working days from the next day; Saturday 27 is off, so Sunday 28, Monday 29, Tuesday 30: ends at
the close of work, 18:00.
"""

from datetime import timedelta

import pytest

from guiju.desk.models import Coordination, Solution, Visit
from guiju.estate.models import Project
from guiju.kernel import clocks, engine
from guiju.kernel.models import Case, Clock, Event, Todo
from guiju.kernel.refusals import NotReady
from tests.desk.conftest import service
from tests.desk.servicing import MORNING, Service
from tests.stories.conftest import BEIJING, beijing

__all__ = ["service"]
CALL = beijing("2025-09-26 17:40")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.mark.clause("F-3.1-a", "F-3.1-c", "F-3.2-d")
def test_the_call_of_friday_evening_has_its_three_clocks_by_the_calendar(service: Service):
    case = service.record(at=CALL)

    due = {clock.name: clock.due_at for clock in Clock.objects.filter(case=case)}
    assert due == {
        "contact": beijing("2025-09-27 17:40"),
        "visit": beijing("2025-09-28 17:40"),
        "resolve": beijing("2025-09-30 18:00"),
    }
    case.refresh_from_db()
    assert case.due_at == beijing("2025-09-27 17:40")
    lines = clocks.explain(service.clock(case, "resolve"), case)
    told = "\n".join(lines)
    assert "3 个工作日" in told or "3 工作日" in told
    assert "9月28日" in told or "09-28" in told or "2025-09-28" in told
    assert "调休" in told or "上班" in told


@pytest.mark.clause("K-1-c")
def test_every_project_of_the_company_has_the_same_rules_and_none_does_without(service: Service):
    other = Project.objects.create(code="YQ2", name="云栖里二期", company=service.project.company)
    here = service.record(at=CALL)
    there = Case.objects.get(
        pk=engine.open_case(
            "after_sales", by=service.shen, at=CALL, given={"words": "大堂漏雨"}, chain_id=other.company_id,
            scope_id=other.pk,
        ).case_id
    )  # fmt: skip

    rules = [
        {clock.name: (clock.limit, clock.due_at) for clock in Clock.objects.filter(case=case)}
        for case in (here, there)
    ]
    assert rules[0] == rules[1]
    assert here.sop_version_id == there.sop_version_id
    with pytest.raises(NotReady, match="售后要登记在一个项目下"):
        engine.open_case(
            "after_sales",
            by=service.shen,
            at=CALL,
            given={"words": "大堂漏雨"},
            chain_id=other.company_id,
            scope_id=None,
        )


@pytest.mark.clause("F-3.1-a")
def test_the_contact_is_warned_before_and_marked_late_after(service: Service):
    case = service.record(at=CALL)

    assert clocks.sweep(beijing("2025-09-27 13:41")) == 1
    assert service.clock(case, "contact").breached_at is None
    clocks.sweep(beijing("2025-09-27 17:41"))

    assert service.clock(case, "contact").breached_at == beijing("2025-09-27 17:40")
    assert Todo.objects.filter(case=case, act="escalate:contact", post="cs_assistant_manager").exists()
    service.take(
        case,
        "contact",
        "shen",
        beijing("2025-09-27 18:00"),
        who="苏清越",
        where="主卧飘窗",
        since="上周",
        effect="墙皮起泡",
    )
    assert service.clock(case, "contact").state == Clock.LATE


@pytest.mark.clause("F-3.1-b", "C-3.2-a", "E-2.2-b")
def test_a_call_that_clears_nothing_up_is_no_contact(service: Service):
    case = service.record(at=CALL)

    with pytest.raises(
        NotReady, match="联系客户要确认问题的具体情况，还没有问清：从什么时候起、造成什么影响"
    ):
        service.take(case, "contact", "shen", CALL + HOUR, who="苏清越", where="主卧飘窗")
    assert service.clock(case, "contact").state == Clock.RUNNING
    service.take(
        case,
        "contact",
        "shen",
        CALL + HOUR,
        who="苏清越",
        where="主卧飘窗左下角",
        since="上周下雨后",
        effect="墙皮起泡",
    )

    row = service.row(case)
    assert row.words == "主卧飘窗下面墙皮起泡，下雨就湿"
    assert (row.where, row.since, row.effect) == ("主卧飘窗左下角", "上周下雨后", "墙皮起泡")
    assert (row.contacted_at, row.contacted_by_id) == (CALL + HOUR, service.shen.pk)
    assert service.clock(case, "contact").state == Clock.MET


@pytest.mark.clause("E-2.2-a", "F-2.2-a", "H-2.2-a")
def test_nobody_diagnoses_before_the_contact_nor_offers_before_the_diagnosis(service: Service):
    case = service.record()

    with pytest.raises(NotReady, match="还没有与客户取得联系、确认问题的具体情况，不能诊断"):
        service.take(case, "diagnose_on_site", "shen", MORNING + MINUTE, **service.diagnosis())
    service.take(
        case,
        "contact",
        "shen",
        MORNING + MINUTE,
        who="苏清越",
        where="主卧飘窗",
        since="上周",
        effect="墙皮起泡",
    )
    with pytest.raises(NotReady, match="还没有根据客户问题作初步分析"):
        service.take(case, "propose", "shen", MORNING + HOUR, **service.offer())
    service.take(case, "diagnose_remote", "shen", MORNING + HOUR, **service.diagnosis())

    row = service.row(case)
    assert (row.diagnosis, row.diagnosed_by_id) == ("窗边密封胶老化开裂，雨水渗入", service.shen.pk)
    assert row.diagnosed_at == MORNING + HOUR


@pytest.mark.clause("F-3.1-c", "F-2.2-b", "C-3.2-e", "H-2.2-b")
def test_what_cannot_be_solved_by_phone_makes_a_visit_whose_arranging_and_arrival_are_both_kept(
    service: Service,
):
    visit = service.arrived(at=CALL.replace(hour=9, minute=0), late=0)

    case = visit.for_case
    row = service.row(case)
    nine = beijing("2025-09-26 09:00")
    assert visit.case.process == "visit"
    assert row.on_site is True
    assert (row.visit_arranged_at, row.visit_planned_at, row.visit_arrived_at) == (
        nine + HOUR, nine + 5 * HOUR, nine + 5 * HOUR,
    )  # fmt: skip
    assert service.clock(case, "visit").state == Clock.MET


@pytest.mark.clause("F-2.2-b", "H-2.2-b")
def test_what_the_phone_did_not_solve_takes_somebody_on_site(service: Service):
    case = service.remote()
    assert service.clock(case, "visit").state == Clock.MET
    assert not Visit.objects.filter(for_case=case).exists()

    service.take(
        case, "remote_failed", "shen", MORNING + 2 * HOUR, words="按电话指导重启无效", trade="electrician"
    )

    assert service.visit_of(case).trade == "electrician"
    assert service.clock(case, "visit").due_at == MORNING + 50 * HOUR


@pytest.mark.clause("F-3.1-c")
def test_a_visit_beyond_the_48_hours_says_why_the_customer_wanted_it(service: Service):
    case = service.on_site(at=CALL)
    visit = service.visit_of(case)
    slot = {
        "starts_at": beijing("2025-09-29 09:00"), "ends_at": beijing("2025-09-29 10:00"),
        "technician": service.kang.pk, "who": "苏清越", "how": "call",
    }  # fmt: skip

    with pytest.raises(NotReady, match="应在 09-28 17:40 前上门，约在更晚的，请写明客户为什么要晚"):
        service.take(visit.case, "agree", "guo", CALL + HOUR, **slot)
    service.take(visit.case, "agree", "guo", CALL + HOUR, later_why="客户周一才在家", **slot)

    visit.refresh_from_db()
    assert visit.later_why == "客户周一才在家"


@pytest.mark.clause("F-2.3-a", "F-2.3-b", "F-2.3-c", "F-2.3-d", "A-2.3-a", "A-3.3-a", "C-4.4-c")
def test_a_solution_is_tied_to_its_diagnosis_adapted_and_told_with_its_time(service: Service):
    from guiju.desk import lists

    case = service.remote()
    service.take(
        case,
        "propose",
        "shen",
        MORNING + HOUR,
        **service.offer(kind="replace_parts", adapted="家有老人，避开午休"),
    )

    solution = Solution.objects.get()
    assert (solution.kind, solution.diagnosis, solution.sent_how) == (
        "replace_parts", "窗边密封胶老化开裂，雨水渗入", "call",
    )  # fmt: skip
    assert (solution.offered_at, solution.offered_by_id) == (MORNING + HOUR, service.shen.pk)
    assert solution.adapted == "家有老人，避开午休"
    kinds = lists.entries("solution")
    assert [kinds[code] for code in ("repair", "replace_parts", "return_exchange")] == [
        "产品维修", "更换零部件", "退换货",
    ]  # fmt: skip


@pytest.mark.clause("F-2.4-a")
def test_no_work_before_the_customers_consent(service: Service):
    case = service.remote()
    arrange = {"way": "workshop", "worker": service.kang.pk, "confirmed": True}

    with pytest.raises(NotReady, match="客户还没有同意解决方案，不能安排处理"):
        service.take(case, "arrange", "guo", MORNING + HOUR, **arrange)
    service.take(case, "propose", "shen", MORNING + HOUR, **service.offer())
    with pytest.raises(NotReady, match="客户还没有同意解决方案，不能安排处理"):
        service.take(case, "arrange", "guo", MORNING + 2 * HOUR, **arrange)
    service.take(case, "consent", "shen", MORNING + 2 * HOUR, who="苏清越", how="call")
    service.take(case, "arrange", "guo", MORNING + 3 * HOUR, **arrange)

    assert case.state == "working"
    assert service.row(case).worker == service.kang


@pytest.mark.clause("F-2.4-b")
def test_work_goes_to_a_person_or_to_a_team(service: Service):
    case = service.agreed()

    with pytest.raises(NotReady, match="请安排相应的人员或者班组"):
        service.take(case, "arrange", "guo", MORNING + 2 * HOUR, way="workshop", confirmed=True)
    service.take(case, "arrange", "guo", MORNING + 2 * HOUR, way="workshop", team="防水二班", confirmed=True)

    row = service.row(case)
    assert (row.team, row.worker) == ("防水二班", None)


@pytest.mark.clause("F-2.4-c")
def test_a_case_without_contact_in_the_interval_is_flagged(service: Service):
    case = service.agreed()
    last = MORNING + 90 * MINUTE

    assert service.row(case).last_contact_at == last
    # Two working days after Monday: Wednesday's close of work.
    assert service.clock(case, "keep_in_touch").due_at == beijing("2025-09-24 18:00")
    clocks.sweep(beijing("2025-09-24 18:01"))
    assert service.clock(case, "keep_in_touch").breached_at is not None
    service.take(case, "follow", "shen", beijing("2025-09-25 09:00"), words="告知胶已到货，明天施工")

    assert service.row(case).last_contact_at == beijing("2025-09-25 09:00")
    assert service.clock(case, "keep_in_touch").breached_at is None


@pytest.mark.clause("F-3.2-a", "F-3.2-b", "F-3.2-c", "C-3.2-c", "C-3.2-b")
def test_urgency_and_complexity_set_the_time_for_solving_from_receipt(service):
    expected = [
        ("ordinary", "simple", "2025-09-30 18:00"),  # 3 working days: Sun 28, Mon 29, Tue 30
        ("ordinary", "complex", "2025-09-30 18:00"),
        ("urgent", "simple", "2025-09-27 17:40"),  # 24 clock hours
        ("urgent", "medium", "2025-09-29 18:00"),  # 2 working days: Sun 28, Mon 29
        ("emergency", "simple", "2025-09-27 01:40"),  # 8 clock hours
        ("emergency", "complex", "2025-09-29 18:00"),
    ]
    found = []
    for urgency, complexity, _ in expected:
        case = service.on_site(at=CALL, urgency=urgency, complexity=complexity)
        row = service.row(case)
        due = service.clock(case, "resolve").due_at.astimezone(BEIJING)
        found.append((row.urgency, row.complexity, f"{due:%Y-%m-%d %H:%M}"))
        assert row.nature == "leak"
        assert "自收到反馈起算" in row.resolve_rule

    assert found == expected


@pytest.mark.clause("F-3.2-e", "F-3.2-f")
def test_a_special_case_follows_the_date_agreed_beforehand(service: Service):
    case = service.on_site(at=CALL)
    asked = {"promised_at": beijing("2025-10-10 18:00"), "reason": "整窗要定做", "who": "苏清越"}

    service.take(case, "agree_date", "shen", beijing("2025-09-29 10:00"), **asked)

    row = service.row(case)
    assert service.clock(case, "resolve").due_at == row.promised_at == beijing("2025-10-10 18:00")
    assert (row.promised_why, row.resolve_rule) == ("整窗要定做", "与客户约定 2025-10-10 18:00 前解决")


@pytest.mark.clause("F-3.2-e")
def test_after_the_date_it_is_too_late_to_agree_on_another(service: Service):
    case = service.on_site(at=CALL)

    with pytest.raises(NotReady, match="原定 09-30 18:00 前解决，已经过了：特殊情况要提前与客户沟通"):
        service.take(
            case, "agree_date", "shen", beijing("2025-09-30 18:01"), promised_at=beijing("2025-10-10 18:00"),
            reason="整窗要定做", who="苏清越",
        )  # fmt: skip
    with pytest.raises(NotReady, match="约定的时间已经过了"):
        service.take(
            case, "agree_date", "shen", beijing("2025-09-29 10:00"), promised_at=beijing("2025-09-29 09:00"),
            reason="整窗要定做", who="苏清越",
        )  # fmt: skip


@pytest.mark.clause("F-1-a", "F-1-b", "F-1-c", "F-1-d", "E-1.1-a", "E-1.1-b", "E-1.1-c", "E-1.1-d", "H-1-a")
def test_every_service_type_of_the_manuals_is_offered_and_the_list_can_grow(service: Service):
    from guiju.desk import lists
    from guiju.desk.forms.aftersales import RecordForm
    from guiju.desk.models import ListEntry
    from guiju.web import stepform

    ListEntry.objects.create(list="service", code="cleaning", name="保洁返工")
    offered = next(f for f in stepform.fields_of(RecordForm) if f.name == "service").choices

    assert [words for _, words in offered] == [
        "故障处理", "维修", "更换", "退换货", "保修", "技术支持", "保洁返工",
    ]  # fmt: skip
    assert set(lists.EQUIVALENTS) == {"rectify", "room_change", "room_return", "equipment"}
    asked = service.record(service="support", part="", symptom="地暖怎么调")
    broken = service.record(service="fault")
    assert (service.row(asked).kind, service.row(broken).kind) == ("support", "problem")
    with pytest.raises(NotReady, match="服务类型请从所列的选项中选"):
        service.record(service="nothing")


@pytest.mark.clause("E-1.1-d", "F-1-c", "F-2.3-d")
def test_return_or_exchange_says_what_it_is_for_a_home(service: Service):
    case = service.remote()

    with pytest.raises(NotReady, match="退换货要说明对应什么：整改、换房、退房或者更换设备"):
        service.take(case, "propose", "shen", MORNING + HOUR, **service.offer(kind="return_exchange"))
    service.take(
        case,
        "propose",
        "shen",
        MORNING + HOUR,
        **service.offer(kind="return_exchange", equivalent="room_change"),
    )

    assert Solution.objects.get().equivalent == "room_change"


@pytest.mark.clause("F-1-a")
def test_the_diagnosis_says_who_pays_and_a_price_is_told_and_agreed_in_writing(service: Service):
    case = service.remote(part="lamp", diagnosis="灯座烧坏，已过保修")
    row = service.row(case)
    assert (row.payer, row.warranty_until.isoformat()) == ("owner", "2024-06-28")

    with pytest.raises(NotReady, match="费用由客户承担的，先报价再请客户决定"):
        service.take(case, "propose", "shen", MORNING + HOUR, **service.offer(kind="paid_repair"))
    service.take(case, "propose", "shen", MORNING + HOUR, **service.offer(kind="paid_repair", price="85.00"))
    with pytest.raises(NotReady, match="请客户书面签字或者回复短信、微信确认"):
        service.take(case, "consent", "shen", MORNING + 2 * HOUR, who="苏清越", how="call")
    service.take(case, "consent", "shen", MORNING + 2 * HOUR, who="苏清越", how="message")

    assert case.state == "agreed"


def test_the_whole_of_document_f_from_the_first_word_to_closing(service: Service):
    case = service.closed()

    assert list(Event.objects.filter(case=case).order_by("case_seq").values_list("step", "to_state")) == [
        ("record", "received"), ("contact", "contacted"), ("diagnose_remote", "diagnosed"), ("propose", "proposed"),
        ("consent", "agreed"), ("arrange", "working"), ("finish", "done"), ("test", "tested"), ("review_report", "tested"),
        ("confirm", "confirmed"), ("rate", "confirmed"), ("close", "closed"),
    ]  # fmt: skip
    assert case.state == "closed"
    assert {c.name: c.state for c in Clock.objects.filter(case=case)} == {
        "contact": "met", "visit": "met", "resolve": "met", "keep_in_touch": "met", "confirm": "met", "close": "met",
    }  # fmt: skip
    assert not Coordination.objects.exists()
    assert all(
        option.reasons for option in engine.options(case, by=service.shen, at=MORNING) if not option.open
    )
