"""Document H: a visit is planned by urgency, place, trade and free time, kept on time, checked, mended, signed."""

from datetime import timedelta

import pytest

from guiju.desk import scheduling
from guiju.desk.models import Coordination, Material, ServiceEntry, Visit
from guiju.kernel import engine
from guiju.kernel.models import Case, Clock, Event
from guiju.kernel.refusals import BadlyFilled, NotReady
from guiju.org.models import Certificate
from guiju.papers.forms import print_form
from tests.desk.conftest import service
from tests.desk.servicing import MORNING, Service
from tests.stories.conftest import beijing

__all__ = ["service"]
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TWO = MORNING + 5 * HOUR


def slot(service: Service, hour: int = 14, who: str = "kang", **changed):
    start = beijing(f"2025-09-22 {hour}:00")
    return {
        "starts_at": start, "ends_at": start + HOUR, "technician": service.people[who].pk, "who": "苏清越", "how": "call",
    } | changed  # fmt: skip


@pytest.mark.clause("H-2.5-a", "H-2.5-b", "H-2.5-f", "H-2.5-g", "E-2.6-c")
def test_a_visit_from_the_request_to_the_customers_signature(service: Service):
    visit = service.finished()
    service.take(visit.case, "sign", "kang", TWO + 3 * HOUR, name="苏清越", signature=service.scan)

    case = visit.for_case
    case.refresh_from_db()
    assert (visit.case.state, case.state) == ("signed", "done")
    assert list(Event.objects.filter(case=visit.case).order_by("case_seq").values_list("step", flat=True)) == [
        "request", "agree", "depart", "arrive", "start", "inspect", "use", "finish", "sign",
    ]  # fmt: skip
    repair = ServiceEntry.objects.get(kind="repair")
    assert (repair.minutes, repair.result, repair.visit) == (115, "苏清越 签字确认", visit.case.number)
    assert repair.material == [
        {"name": "耐候密封胶", "quantity": "3 支"}, {"name": "JS 防水涂料", "quantity": "1.5 kg"},
    ]  # fmt: skip
    kinds = list(ServiceEntry.objects.order_by("happened_at", "id").values_list("kind", flat=True))
    assert kinds == [
        "received", "call", "diagnosis", "assigned", "visit", "visit", "visit", "offer", "answer", "repair",
    ]  # fmt: skip
    row = service.row(case)
    assert (row.cause, row.measure) == ("wear", "换用耐候胶并加做防水层")


@pytest.mark.clause("H-2.2-e", "C-3.2-i")
def test_the_time_is_agreed_with_the_customer_and_one_worker_is_never_in_two_places(service: Service):
    first = service.visit_of(service.on_site())
    second = service.visit_of(service.on_site(at=MORNING + MINUTE))
    with pytest.raises(NotReady, match="请约定上门的时间"):
        service.take(first.case, "agree", "guo", MORNING + HOUR, who="苏清越", technician=service.kang.pk)
    with pytest.raises(NotReady, match="请先定由谁上门"):
        service.take(first.case, "agree", "guo", MORNING + HOUR, who="苏清越", starts_at=TWO)
    service.take(first.case, "agree", "guo", MORNING + HOUR, **slot(service))

    first.refresh_from_db()
    assert (first.agreed_with, first.agreed_how, first.agreed_by, first.agreed_at) == (
        "苏清越", "call", service.guo, MORNING + HOUR,
    )  # fmt: skip
    half = {"starts_at": TWO + 30 * MINUTE, "ends_at": TWO + 90 * MINUTE}
    with pytest.raises(
        NotReady, match=f"康水在这段时间有别的上门：09-22 14:00–15:00 已约 {first.case.number}"
    ):
        service.take(second.case, "agree", "guo", MORNING + HOUR, **slot(service, **half))
    service.take(second.case, "agree", "guo", MORNING + HOUR, **slot(service, hour=15))
    with pytest.raises(NotReady, match="康水在这段时间有别的上门"):
        service.take(
            second.case, "move", "guo", MORNING + HOUR, reason="客户提早回家", **slot(service, **half)
        )


def test_the_end_must_follow_the_beginning_and_lie_ahead(service: Service):
    visit = service.visit_of(service.on_site())

    for words, changed in (
        ("上门时段的结束要晚于开始", {"ends_at": TWO - HOUR}),
        ("约定的时间已经过了", {"starts_at": MORNING, "ends_at": MORNING + MINUTE}),
        ("一次上门的时段太长，请分几次约", {"ends_at": TWO + 11 * HOUR}),
    ):
        with pytest.raises(NotReady, match=words):
            service.take(visit.case, "agree", "guo", MORNING + HOUR, **slot(service, **changed))


@pytest.mark.clause("H-2.2-f", "E-2.3-b")
def test_the_worker_has_the_trade_its_certificate_and_goes_to_customers(service: Service):
    visit = service.visit_of(service.on_site(part="electrical", diagnosis="线路跳闸", nature="power"))
    assert visit.trade == "electrician"

    for who, words in (("kang", "康水没有登记电工工种"), ("ma", "派的人不是本项目的维修、上门人员")):
        with pytest.raises(NotReady, match=words):
            service.take(visit.case, "agree", "guo", MORNING + HOUR, **slot(service, who=who))
    Certificate.objects.update(expires_date=beijing("2025-09-21 00:00").date())
    with pytest.raises(NotReady, match="杜电的电工作业证书在 2025-09-22 已过有效期"):
        service.take(visit.case, "agree", "guo", MORNING + HOUR, **slot(service, who="du"))
    Certificate.objects.update(expires_date=beijing("2025-09-22 00:00").date())
    service.take(visit.case, "agree", "guo", MORNING + HOUR, **slot(service, who="du"))
    visit.refresh_from_db()
    assert visit.technician == service.du


@pytest.mark.clause("H-2.2-f")
def test_workers_are_proposed_by_trade_free_time_way_and_load(service: Service):
    booked = service.booked()
    found = scheduling.candidates(
        trade="plumber", starts_at=TWO, ends_at=TWO + HOUR, company_id=service.project.company_id,
        project_id=service.project.pk, building_id=service.units[0].building_id,
    )  # fmt: skip

    assert [(one.person.username, one.fit, one.load, one.near) for one in found if one.person.username in ("du", "kang")] == [
        ("du", True, 0, 0), ("kang", False, 1, 1),
    ]  # fmt: skip
    later = scheduling.candidates(
        trade="plumber", starts_at=TWO + HOUR, ends_at=TWO + 2 * HOUR, company_id=service.project.company_id,
        project_id=service.project.pk, building_id=service.units[0].building_id,
    )  # fmt: skip
    # Free again at three, and already in that building: nearer than somebody with an empty day.
    assert later[0].person == booked.technician


@pytest.mark.clause("H-2.2-c", "H-2.2-d")
def test_waiting_visits_stand_by_urgency_and_by_building(service: Service):
    ordinary = service.visit_of(service.on_site(at=MORNING))
    urgent = service.visit_of(service.on_site(at=MORNING + HOUR, urgency="urgent"))
    case = service.record(at=MORNING + 2 * HOUR, unit=3)
    service.take(
        case, "contact", "shen", MORNING + 2 * HOUR, who="李", where="厨房", since="今早", effect="水漫到楼下"
    )
    service.take(
        case, "diagnose_on_site", "shen", MORNING + 2 * HOUR, **service.diagnosis(urgency="emergency")
    )
    emergency = service.visit_of(case)

    rows = Visit.objects.select_related("project", "unit__building")
    assert scheduling.in_order(rows) == [emergency, urgent, ordinary]
    assert [(stop.place, [v.pk for v in stop.visits]) for stop in scheduling.stops(rows)] == [
        ("云栖里一期 2号楼", [emergency.pk]), ("云栖里一期 1号楼", [urgent.pk, ordinary.pk]),
    ]  # fmt: skip


@pytest.mark.clause("H-2.3-a")
def test_arrival_is_held_against_the_appointment_at_the_place_the_customer_named(service: Service):
    case = service.contacted()
    service.take(
        case, "diagnose_on_site", "shen", MORNING + 40 * MINUTE,
        **service.diagnosis(place="地下车库 B 区 3 号车位旁"),
    )  # fmt: skip
    visit = service.visit_of(case)
    service.take(visit.case, "agree", "guo", MORNING + HOUR, **slot(service))
    service.take(visit.case, "depart", "kang", TWO - 30 * MINUTE)
    with pytest.raises(NotReady, match="迟到又没有先打电话告知客户的，要写明迟到原因"):
        service.take(visit.case, "arrive", "kang", TWO + 25 * MINUTE)
    service.take(visit.case, "arrive", "kang", TWO + 25 * MINUTE, late_reason="上一家延误")

    visit.refresh_from_db()
    assert (visit.place, visit.arrived_at, visit.late_minutes) == (
        "地下车库 B 区 3 号车位旁", TWO + 25 * MINUTE, 25,
    )  # fmt: skip
    assert service.clock(visit.case, "arrive").state == Clock.LATE


@pytest.mark.clause("H-2.3-a")
def test_whoever_will_be_late_calls_before_the_time(service: Service):
    visit = service.booked()
    service.take(visit.case, "depart", "kang", TWO - 30 * MINUTE)
    service.take(
        visit.case,
        "call_late",
        "kang",
        TWO - 5 * MINUTE,
        expected_at=TWO + 20 * MINUTE,
        words="堵车，20 分钟后到",
    )
    service.take(visit.case, "arrive", "kang", TWO + 18 * MINUTE)

    visit.refresh_from_db()
    assert (visit.called_late_at, visit.late_minutes) == (TWO - 5 * MINUTE, 18)
    other = service.booked(at=MORNING + DAY)
    with pytest.raises(NotReady, match="应在约定时间前打电话告知客户"):
        service.take(
            other.case,
            "call_late",
            "kang",
            TWO + DAY + 11 * MINUTE,
            expected_at=TWO + DAY + HOUR,
            words="堵车",
        )


@pytest.mark.clause("H-2.3-a", "E-4.2-b")
def test_badge_tools_manners_and_safety_are_ticked_before(service: Service):
    visit = service.booked()
    with pytest.raises(NotReady, match="控制要点未办：佩戴工牌，着工装"):
        engine.advance(visit.case, "depart", by=service.kang, at=TWO - 30 * MINUTE)
    service.take(visit.case, "depart", "kang", TWO - 30 * MINUTE)
    service.take(visit.case, "arrive", "kang", TWO)
    given = {"who": "苏清越", "need": "修好", "before": [service.scan], "points": {"manners": True}}
    with pytest.raises(NotReady, match="控制要点未办：已确认安全要求"):
        engine.advance(visit.case, "start", by=service.kang, at=TWO, given=given)


@pytest.mark.clause("E-4.2-a")
def test_the_operating_procedure_is_ticked_by_who_works_and_who_tests(service: Service):
    visit = service.inspected()
    done = {
        "done": "重打耐候胶", "measure": "换耐候胶", "test": "淋水无渗漏", "after": [service.scan], "minutes": 60,
    }  # fmt: skip
    with pytest.raises(NotReady, match="控制要点未办：按操作规程施工，已测试，现场已清理"):
        engine.advance(visit.case, "finish", by=service.kang, at=TWO + HOUR, given=done)
    case = service.done(at=MORNING + DAY)
    with pytest.raises(NotReady, match="控制要点未办：按操作规程检验"):
        engine.advance(
            case,
            "test",
            by=service.ling,
            at=MORNING + 2 * DAY,
            given={"passed": True, "method": "淋水无渗漏"},
        )


@pytest.mark.clause("H-2.3-b")
def test_problem_and_need_are_confirmed_on_site_before_the_work(service: Service):
    visit = service.arrived()
    with pytest.raises(BadlyFilled, match="客户的问题和要求"):
        service.take(visit.case, "start", "kang", TWO, who="苏清越", before=[service.scan])
    with pytest.raises(NotReady, match="动手前先拍修前照片，至少 1 张"):
        service.take(visit.case, "start", "kang", TWO, who="苏清越", need="不再渗水")
    with pytest.raises(NotReady, match="到「处理中」时才能办理"):
        service.take(visit.case, "inspect", "kang", TWO, **service.finding())
    service.take(visit.case, "start", "kang", TWO, who="苏清越", need="不再渗水", before=[service.scan])

    visit.refresh_from_db()
    assert (visit.confirmed_with, visit.confirmed_need, visit.before) == (
        "苏清越",
        "不再渗水",
        [service.scan],
    )


@pytest.mark.clause("H-2.3-c", "H-2.3-d", "H-2.3-e")
def test_the_inspection_has_findings_pictures_the_cause_and_the_solution_offered_there(service: Service):
    visit = service.working()
    with pytest.raises(NotReady, match="要认真检查：请至少填一项检查和结果"):
        service.take(visit.case, "inspect", "kang", TWO, **service.finding(findings=[]))
    with pytest.raises(NotReady, match="不正常的要写明发现了什么：窗框密封胶"):
        service.take(
            visit.case,
            "inspect",
            "kang",
            TWO,
            **service.finding(findings=[{"item": "窗框密封胶", "ok": False}]),
        )
    with pytest.raises(NotReady, match="还没有检查、找出问题的根源"):
        service.take(
            visit.case,
            "finish",
            "kang",
            TWO,
            done="补胶",
            measure="换胶",
            test="淋水",
            after=[service.scan],
            minutes=9,
        )
    service.take(visit.case, "inspect", "kang", TWO + 20 * MINUTE, **service.finding())

    visit.refresh_from_db()
    assert [(one["item"], one["ok"]) for one in visit.findings] == [("窗框密封胶", False), ("窗台坡度", True)]
    assert visit.findings[0]["photo"] == service.scan
    assert (visit.cause, visit.cause_words, visit.solution) == (
        "wear", "密封胶老化", "铲除旧胶，补防水，重打耐候胶",
    )  # fmt: skip
    assert visit.for_case.state == "working"


@pytest.mark.clause("F-2.4-a")
def test_on_site_too_nothing_is_mended_without_consent(service: Service):
    visit = service.inspected(agreed=False, who="")
    done = {
        "done": "补胶", "measure": "换胶", "test": "淋水无渗漏", "after": [service.scan], "minutes": 60,
    }  # fmt: skip

    with pytest.raises(NotReady, match="客户还没有同意解决方案"):
        service.take(visit.case, "finish", "kang", TWO + HOUR, **done)
    service.take(visit.case, "finish", "kang", TWO + HOUR, done="只查了原因", minutes=30, only_diagnosis=True)
    service.take(visit.case, "sign", "kang", TWO + HOUR, name="苏清越", signature=service.scan)

    visit.for_case.refresh_from_db()
    assert (visit.case.state, visit.for_case.state) == ("signed", "diagnosed")


@pytest.mark.clause("H-2.3-f", "H-2.3-g")
def test_missing_parts_are_asked_for_and_the_visit_waits_with_the_clock_paused(service: Service):
    visit = service.inspected()
    case = visit.for_case
    with pytest.raises(NotReady, match="物资目录里没有：XX-9"):
        service.take(visit.case, "ask", "kang", TWO + HOUR, items=[{"material": "XX-9", "quantity": "1"}])
    service.take(
        visit.case,
        "ask",
        "kang",
        TWO + HOUR,
        items=[{"material": "WJ-03", "quantity": "2"}],
        to_post="service_manager",
    )

    assert visit.case.state == "waiting"
    task = Coordination.objects.get()
    assert (task.to_post, task.subject, task.memo.process) == (
        "service_manager", "申请物资：窗执手 2 个", "internal_memo",
    )  # fmt: skip
    clock = service.clock(case, "resolve")
    assert clock.state == Clock.PAUSED
    assert clock.pauses.get().reason == "等物资：窗执手 2 个，预计 09-25 到"
    # Expected on the 25th: due that day at the close of work.
    assert service.clock(visit.case, "material").due_at == beijing("2025-09-25 18:00")
    with pytest.raises(NotReady, match="物资还没有到：窗执手要 2 个，库存 0 个，09-25 预计到 10 个"):
        service.take(visit.case, "material_arrived", "guo", MORNING + DAY)
    Material.objects.filter(code="WJ-03").update(stock=1000)
    service.take(visit.case, "material_arrived", "guo", MORNING + 2 * DAY)

    assert visit.case.state == "requested"
    assert service.clock(case, "resolve").state == Clock.RUNNING


@pytest.mark.clause("H-2.5-g")
def test_used_material_leaves_the_stock(service: Service):
    service.finished()

    assert dict(Material.objects.values_list("code", "stock")) == {"GL-01": 700, "FS-02": 350, "WJ-03": 0}


def test_the_customer_is_not_there_once_and_twice(service: Service):
    visit = service.booked()
    case = visit.for_case
    with pytest.raises(NotReady, match="约在 09-22 14:00，还没到时间"):
        service.take(visit.case, "customer_absent", "kang", TWO - MINUTE, words="敲门三次没人")
    service.take(
        visit.case,
        "customer_absent",
        "kang",
        TWO + 15 * MINUTE,
        words="敲门三次没人，留了上门卡",
        photo=service.scan,
    )
    assert visit.case.state == "requested"
    assert service.clock(case, "resolve").state == Clock.RUNNING
    service.take(visit.case, "agree", "guo", TWO + HOUR, **slot(service, hour=16))
    service.take(visit.case, "customer_absent", "kang", TWO + 3 * HOUR, words="还是没人，电话不接")

    visit.refresh_from_db()
    assert visit.no_shows == 2
    clock = service.clock(case, "resolve")
    assert (clock.state, clock.pauses.get().reason) == (Clock.PAUSED, "等物资：客户两次不在，等客户另约时间")
    service.take(
        visit.case, "agree", "guo", TWO + 4 * HOUR,
        **slot(service, starts_at=TWO + DAY, ends_at=TWO + DAY + HOUR),
    )  # fmt: skip
    assert service.clock(case, "resolve").state == Clock.RUNNING


def test_we_do_not_come_and_say_sorry_counted_against_us(service: Service):
    visit = service.booked()
    service.take(
        visit.case, "we_missed", "guo", TWO + HOUR, reason="车坏了", apology="已电话致歉，明早第一家"
    )

    visit.refresh_from_db()
    assert (visit.case.state, visit.staff_misses, visit.starts_at) == ("requested", 1, None)
    assert ServiceEntry.objects.filter(words="我方没有按约到：车坏了").exists()


def test_nobody_enters_where_only_a_child_is_at_home(service: Service):
    visit = service.arrived()
    service.take(visit.case, "entry_refused", "kang", TWO, why="no_adult", words="只有十岁孩子在家，没有进门")

    visit.refresh_from_db()
    assert (visit.case.state, visit.arrived_at) == ("requested", None)


def test_without_a_signature_somebody_else_than_the_worker_agrees(service: Service):
    visit = service.finished()
    service.take(
        visit.case,
        "close_unsigned",
        "kang",
        TWO + 3 * HOUR,
        reason="客户临时出门，电话确认修好",
        proof=service.scan,
    )
    assert visit.case.state == "finished"
    from guiju.kernel import acts

    acts.vote(
        visit.case.pending_request_id, decision="yes", by=service.duan, at=TWO + 4 * HOUR, reason="已电话核实"
    )

    visit.case.refresh_from_db()
    visit.for_case.refresh_from_db()
    assert (visit.case.state, visit.for_case.state) == ("unsigned", "done")


def test_only_the_worker_sent_reports_from_the_site(service: Service):
    visit = service.booked()
    with pytest.raises(NotReady, match="这次上门派给 康水，由他办理"):
        service.take(visit.case, "depart", "du", TWO - 30 * MINUTE)
    tomorrow = service.booked(hours=29)
    with pytest.raises(NotReady, match="约在 09-23 14:00，还没到日子"):
        service.take(tomorrow.case, "depart", "kang", MORNING + 2 * HOUR)


def test_an_unfinished_day_leaves_what_was_done_and_looks_for_another(service: Service):
    visit = service.inspected()
    service.take(
        visit.case,
        "leave_unfinished",
        "kang",
        TWO + 2 * HOUR,
        done="铲除旧胶，临时封堵",
        reason="防水要晾一夜",
        wish="明天下午",
    )
    visit.refresh_from_db()

    assert (visit.case.state, visit.starts_at) == ("requested", None)
    assert ServiceEntry.objects.filter(words="铲除旧胶，临时封堵").exists()


def test_the_work_order_prints_before_and_after(service: Service):
    from guiju.desk.aftersales_papers import service_record, work_order

    visit = service.booked()
    assert print_form("work_order", work_order(visit.case, TWO))[:5] == b"%PDF-"
    done = service.finished(at=MORNING + DAY)
    service.take(done.case, "sign", "kang", TWO + DAY + 3 * HOUR, name="苏清越", signature=service.scan)
    form = work_order(Case.objects.get(pk=done.case_id), TWO + DAY + 4 * HOUR)

    assert (form.signed.name, form.minutes, form.material) == (
        "苏清越", "115 分钟", (("耐候密封胶", "3 支"), ("JS 防水涂料", "1.5 kg")),
    )  # fmt: skip
    assert all(tick.ticked for tick in (*form.safety, *form.procedure))
    assert print_form("work_order", form)[:5] == b"%PDF-"
    assert print_form("service_record", service_record(done.for_case, TWO + DAY))[:5] == b"%PDF-"
