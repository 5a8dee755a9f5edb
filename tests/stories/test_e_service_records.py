"""Document E: received, analysed, confirmed, mended, tested, asked; one service record per case with everything in it."""

import io
from datetime import timedelta

import pytest
from pypdf import PdfReader

from guiju.desk.aftersales_papers import service_record
from guiju.desk.aftersales_queries import open_cases, record_gaps
from guiju.desk.models import AfterSales, ServiceEntry
from guiju.kernel.chain import open_body
from guiju.kernel.models import Event
from guiju.kernel.refusals import NotReady, NotYourPost
from guiju.papers.evidence import make_pack
from guiju.papers.offers import print_case
from tests.desk.conftest import service
from tests.desk.servicing import MORNING, Service
from tests.stories.conftest import beijing

__all__ = ["service"]
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.mark.clause("E-2.1-a", "E-1.2-a")
def test_a_case_begins_received_by_somebody_at_a_time_with_its_assisting_agent(service: Service):
    case = service.record(by="ma", reported_at=MORNING - 2 * HOUR)

    row = service.row(case)
    assert case.state == "received"
    assert (row.received_by, row.received_at, row.owner) == (service.ma, MORNING - 2 * HOUR, service.shen)
    # The clocks run from the customer's report, not from its entry.
    assert service.clock(case, "contact").due_at == MORNING + 22 * HOUR


def test_a_report_of_the_future_or_of_long_ago_is_not_taken(service: Service):
    with pytest.raises(NotReady, match="客户反映的时间不能晚于现在"):
        service.record(reported_at=MORNING + HOUR)
    with pytest.raises(NotReady, match="最多补录 31 天以内"):
        service.record(reported_at=MORNING - 32 * DAY)


@pytest.mark.clause("E-2.3-a", "E-2.2-a")
def test_the_problem_is_confirmed_before_anybody_is_sent(service: Service):
    case = service.agreed()

    with pytest.raises(NotReady, match="确认问题后才安排维修人员"):
        service.take(case, "arrange", "guo", MORNING + 2 * HOUR, way="visit", worker=service.kang.pk)
    service.take(
        case, "arrange", "guo", MORNING + 2 * HOUR, way="visit", worker=service.kang.pk, confirmed=True
    )

    assert service.row(case).worker == service.kang


@pytest.mark.clause("E-2.3-b")
def test_the_repair_worker_is_assigned_and_told(service: Service):
    from guiju.kernel import reactions
    from guiju.notify.models import Message

    case = service.agreed()
    service.take(
        case, "arrange", "guo", MORNING + 2 * HOUR, way="visit", worker=service.kang.pk, confirmed=True
    )
    visit = service.visit_of(case)
    assert visit.technician == service.kang
    while reactions.run_due(MORNING + 3 * HOUR):
        pass

    message = Message.objects.get(template="visit_assigned")
    assert (message.to_kind, message.to_id) == ("person", service.kang.pk)
    assert visit.case.number in message.body


@pytest.mark.clause(
    "E-2.6-a", "E-2.6-b", "E-2.6-c", "E-2.6-d", "H-2.5-c", "H-2.5-d", "H-2.5-e", "H-2.5-f", "H-2.5-g"
)
def test_the_service_record_carries_customer_problem_handling_solution_time_and_material(service: Service):
    case = service.closed()

    form = service_record(case, MORNING + 9 * HOUR)
    assert (form.customer, form.phone, form.unit) == ("苏清越", "19900001111", "1号楼 1单元 1501")
    assert form.words == "主卧飘窗下面墙皮起泡，下雨就湿"
    assert "位置：主卧飘窗左下角" in form.problem
    assert [line.kind for line in form.lines] == [
        "接收", "联系客户", "诊断", "提出方案", "客户答复", "安排", "维修", "检验", "报告审核", "客户确认", "客户确认", "关闭",
    ]  # fmt: skip
    assert form.solutions[0].words == "铲除旧胶，窗框四周补防水两遍，重打耐候胶，约半天"
    assert form.solutions[0].outcome == "已解决"
    # 8 minutes of the call and 150 of the repair.
    assert form.minutes == "158 分钟"
    assert form.material == "耐候密封胶 3 支"
    paper = print_case(case, "service_record", by=service.shen, at=MORNING + 9 * HOUR)
    assert (paper.form_number, paper.file.mime) == ("KF-BD-20", "application/pdf")


@pytest.mark.clause("E-1.4-a", "H-2.5-a", "H-2.5-b")
def test_the_record_is_corrected_beside_the_line_by_those_who_may(service: Service):
    case = service.contacted()
    line = ServiceEntry.objects.order_by("id")[1]
    with pytest.raises(NotYourPost):
        service.take(case, "correct", "kang", MORNING + HOUR, number=2, words="次卧飘窗", reason="听错")
    with pytest.raises(NotReady, match="服务记录只有 2 条"):
        service.take(case, "correct", "shen", MORNING + HOUR, number=3, words="次卧飘窗", reason="听错")
    service.take(case, "correct", "shen", MORNING + HOUR, number=2, words="次卧飘窗", reason="听错")

    found = ServiceEntry.objects.get(kind="correction")
    assert (found.corrects, found.words, found.result) == (line, "次卧飘窗", "更正第 2 条：听错")
    line.refresh_from_db()
    assert line.words.startswith("电话联系 苏清越")
    said = open_body(Event.objects.get(case=case, step="correct").body)["said"]
    assert (said["old"], said["new"]) == (line.words, "次卧飘窗")


@pytest.mark.clause("E-3.5-a")
def test_missing_and_late_entries_are_listed_by_employee(service: Service):
    case = service.closed()
    AfterSales.objects.filter(case=case).update(measure="")
    other = service.contacted(at=MORNING + DAY, unit=1)
    service.take(
        other, "follow", "wu", MORNING + 3 * DAY, words="昨天说的现在补", happened_at=MORNING + DAY + 2 * HOUR
    )

    found = record_gaps(
        project_ids=[service.project.pk], since=beijing("2025-09-01 00:00"), until=beijing("2025-10-01 00:00")
    )
    assert [(gap.person, gap.number, gap.words) for gap in found] == [
        ("吴敏", other.number, "联系客户晚记 46 小时"), ("沈一鸣", case.number, "缺措施"),
    ]  # fmt: skip


@pytest.mark.clause("E-1.3-a", "A-2.3-c")
def test_every_open_case_shows_its_progress_with_the_last_action(service: Service):
    case = service.agreed()
    service.closed(at=MORNING + DAY)

    rows = list(open_cases(project_ids=[service.project.pk]))
    assert [(row.case.number, row.case.state, row.last_action_at) for row in rows] == [
        (case.number, "agreed", MORNING + 90 * MINUTE)
    ]


@pytest.mark.clause("E-3.2-b")
def test_a_repair_reports_the_measure_for_its_cause(service: Service):
    case = service.agreed()
    service.take(case, "arrange", "guo", MORNING + 2 * HOUR, way="workshop", team="二班", confirmed=True)
    AfterSales.objects.filter(case=case).update(assigned_at=MORNING)
    service.take(case, "finish", "kang", MORNING + 3 * HOUR, **service.work())
    AfterSales.objects.filter(case=case).update(measure="")

    with pytest.raises(NotReady, match="还没有针对原因采取措施，不能办结"):
        service.take(case, "test", "ling", MORNING + 4 * HOUR, passed=True, method="淋水无渗漏")


def test_what_does_not_pass_the_test_goes_back(service: Service):
    case = service.done()
    with pytest.raises(NotReady, match="检验不合格的，请办「检验不合格」退回处理"):
        service.take(case, "test", "ling", MORNING + 7 * HOUR, passed=False, method="淋水 10 分钟渗出")
    service.take(case, "fail_test", "ling", MORNING + 7 * HOUR, reason="淋水 10 分钟渗出")

    assert case.state == "working"


def test_the_customer_is_asked_once_or_the_reason_is_kept(service: Service):
    case = service.confirmed()
    with pytest.raises(NotReady, match="还没有登记客户评价，客户不愿评价的登记原因"):
        service.take(case, "close", "shen", MORNING + 9 * HOUR)
    service.take(case, "rate", "shen", MORNING + 9 * HOUR, score=4, timely=3, words="来晚了一点")
    with pytest.raises(NotReady, match="已经登记过评价"):
        service.take(case, "rate", "shen", MORNING + 9 * HOUR, score=5)


def test_the_pack_of_a_repair_speaks_the_words_of_its_forms(service: Service):
    case = service.closed()

    pack = make_pack(case, by_name="沈一鸣", at=MORNING + 9 * HOUR)

    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(pack.pdf)).pages)
    assert "方案类型：产品维修" in text
    assert "repair" not in text
    # The key of the home in the database says nothing to anybody.
    assert f"房屋：{service.row(case).unit_id}" not in text
