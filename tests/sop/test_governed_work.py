"""Work governed by an SOP, shown on after-sales: safety, qualification, the report of what was done, the customer's verdict."""

from datetime import date, timedelta

import pytest

from guiju.customers.models import Customer
from guiju.customers.operations.entries import enter
from guiju.kernel import engine
from guiju.kernel.models import Case, Todo
from guiju.kernel.refusals import NotReady
from guiju.org.functions import team_of
from guiju.org.models import Certificate, Function
from guiju.org.people import teams_of_posts
from tests.desk.conftest import service
from tests.desk.servicing import MORNING, Service

__all__ = ["Service", "service"]

pytestmark = pytest.mark.django_db


def hours(count, minutes=0):
    return MORNING + timedelta(hours=count, minutes=minutes)


@pytest.mark.clause("G-5.1-a")
def test_work_does_not_start_before_the_worker_confirmed_the_safety_rules(service):
    visit = service.arrived()
    given = {"who": "苏清越", "need": "不再渗水", "before": [service.scan]}

    def start(**points):
        return engine.advance(
            visit.case_id, "start", by=service.kang, at=hours(5, 5), given={**given, "points": points}
        )

    with pytest.raises(NotReady, match="控制要点未办：已确认安全要求：断电断水、登高有人扶、动火有许可"):
        start(manners=True)
    with pytest.raises(NotReady, match="安全要求"):
        start(manners=True, safe=False)
    assert Case.objects.get(pk=visit.case_id).state == "arrived"

    start(manners=True, safe=True)

    assert Case.objects.get(pk=visit.case_id).state == "working"


@pytest.mark.clause("G-5.2-a")
def test_work_that_takes_a_certificate_is_given_to_nobody_without_a_valid_one(service):
    case = service.on_site(trade="electrician")
    visit = service.visit_of(case)

    def agree(who):
        service.take(
            visit.case, "agree", "guo", hours(1), starts_at=hours(5), ends_at=hours(6),
            technician=service.people[who].pk, who="苏清越", how="call",
        )  # fmt: skip

    with pytest.raises(NotReady, match="康水没有登记电工工种"):
        agree("kang")
    licence = Certificate.objects.get(person=service.du)
    Certificate.objects.filter(pk=licence.pk).update(expires_date=date(2025, 9, 21))
    with pytest.raises(NotReady, match="杜电的电工作业证书在 2025-09-22 已过有效期"):
        agree("du")
    Certificate.objects.filter(pk=licence.pk).delete()
    with pytest.raises(NotReady, match="杜电没有电工作业证书"):
        agree("du")
    Certificate.objects.create(person=service.du, name="低压电工作业证", expires_date=date(2025, 9, 22))

    agree("du")

    assert service.visit_of(case).technician == service.du


@pytest.mark.clause("G-4.4-a", "G-4.4-c", "G-4.4-d", "G-4.4-e", "G-4.4-f")
def test_a_task_is_not_completed_without_the_report_of_what_was_done(service):
    visit = service.inspected()
    sign = {"name": "苏清越", "signature": service.scan}
    with pytest.raises(NotReady):
        service.take(visit.case, "sign", "kang", hours(7, 5), **sign)
    with pytest.raises(NotReady, match="请写明怎样测试的"):
        service.take(
            visit.case, "finish", "kang", hours(7), done="铲除旧胶，重打耐候胶", measure="换用耐候胶", test="",
            after=[service.scan], minutes=115,
        )  # fmt: skip

    service.take(
        visit.case, "finish", "kang", hours(7), done="铲除旧胶，重打耐候胶", measure="换用耐候胶",
        test="淋水 30 分钟，无渗漏", after=[service.scan], minutes=115,
    )  # fmt: skip
    service.take(visit.case, "sign", "kang", hours(7, 5), **sign)

    visit.refresh_from_db()
    report = service.row(Case.objects.get(pk=visit.for_case_id)).entries.filter(kind="repair").get()
    assert visit.finished_at == hours(7)  # operation time
    assert (report.minutes, report.happened_at) == (115, hours(7, 5))
    assert report.recorded_by == service.kang  # operator
    assert "铲除旧胶，重打耐候胶" in report.words  # steps carried out
    assert visit.test == "淋水 30 分钟，无渗漏"  # result
    assert "签字确认" in report.result


@pytest.mark.clause("I-1-q")
def test_a_service_is_completed_only_with_the_customers_verdict_or_the_reason_why_there_is_none(service):
    case = service.confirmed()

    with pytest.raises(NotReady, match="还没有登记客户评价，客户不愿评价的登记原因"):
        service.take(case, "close", "shen", hours(8, 10), met="full")
    service.take(case, "leave_unrated", "shen", hours(8, 20), reason="客户说没有意见，不愿打分")
    service.take(case, "close", "shen", hours(8, 30), met="full")

    assert case.state == "closed"


@pytest.mark.clause("I-1-o")
def test_persons_and_organisations_are_customers(service):
    company = service.project.company_id
    person = enter(company_id=company, name="苏清越", identity="110101190305070019", at=MORNING)
    firm = enter(
        company_id=company, name="示范贸易有限公司", identity="91110000MA0000000X", kind=Customer.ORGANISATION,
        legal_representative="方志明", at=MORNING,
    )  # fmt: skip

    assert (person.get_kind_display(), firm.get_kind_display()) == ("自然人", "单位")
    assert Customer.objects.filter(company_id=company).count() == 2


@pytest.mark.clause("I-3.1-v", "I-3.1-w")
@pytest.mark.parametrize(
    ("process", "function", "act", "given"),
    [
        ("complaint", "complaints", "classify", {"words": "主卧飘窗又漏水", "channel": "call"}),
        ("callback", "call_backs", "finish", {"kind": "asked", "reason": "问修好没有", "contact_name": "苏清越", "contact_phone": "19900001111"}),
    ],
)  # fmt: skip
def test_complaints_and_call_backs_are_work_of_the_customer_service_group(
    service, process, function, act, given
):
    company = service.project.company
    event = engine.open_case(
        process, by=service.ma, at=MORNING, given=given, chain_id=company.pk, scope_id=service.project.pk
    )

    todos = Todo.objects.filter(case_id=event.case_id, act=act)
    team = team_of(Function.objects.get(company=company, code=function), MORNING)
    assert team.name == "客户服务组"
    places = teams_of_posts(company.pk)
    assert [team.pk in places.get(todo.post, ()) for todo in todos] == [True]
