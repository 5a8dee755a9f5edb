"""Work governed by an SOP, shown on after-sales: safety, qualification, the report of what was done, the customer's verdict."""

from copy import deepcopy
from datetime import date, timedelta

import pytest

from guiju.customers.models import Customer
from guiju.customers.operations.entries import enter
from guiju.desk.aftersales_papers import service_record
from guiju.kernel import chain, engine
from guiju.kernel.models import Case, Event, Todo
from guiju.kernel.refusals import BadlyFilled, NotReady
from guiju.org.functions import team_of
from guiju.org.models import Certificate, Function
from guiju.org.people import teams_of_posts
from guiju.sop import content as contents
from guiju.sop import lint
from guiju.sop.models import Version
from guiju.sop.policies import changed
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


@pytest.mark.clause("G-4.4-b")
def test_a_record_form_that_the_sop_names_is_filled_before_the_task_is_completed(service):
    version = Version.objects.get(document__process="visit", state="published")
    content = deepcopy(version.content)
    step = next(row for row in content["steps"] if row["step"] == "finish")
    step.setdefault("points", []).append(
        {"key": "water", "label": "淋水试验记录表", "kind": "record", "fields": ["起止时间", "渗漏情况"]}
    )
    assert [one for one in lint.lint(content) if one.rule == "point"] == []
    bare = deepcopy(content)
    del next(row for row in bare["steps"] if row["step"] == "finish")["points"][-1]["fields"]
    assert "记录表「淋水试验记录表」没有写栏目" in [one.text for one in lint.lint(bare)]
    Version.objects.filter(pk=version.pk).update(content=content, sha256=contents.digest(content))
    changed()
    visit = service.inspected()

    def finish(**points):
        given = {
            "done": "铲除旧胶，重打耐候胶", "measure": "换用耐候胶", "test": "淋水 30 分钟，无渗漏", "after": [service.scan], "minutes": 115,
        }  # fmt: skip
        known = {p.point.key: True for p in service.option(visit.case, "finish", "kang", hours(7)).points}
        ticked = {key: value for key, value in known.items() if key != "water"}
        return engine.advance(
            visit.case_id, "finish", by=service.kang, at=hours(7), given={**given, "points": ticked | points}
        )

    with pytest.raises(NotReady, match="控制要点未办：淋水试验记录表"):
        finish()
    with pytest.raises(BadlyFilled, match="记录表「淋水试验记录表」还没有填：渗漏情况"):
        finish(water="起止时间：14:00 至 14:30")

    finish(water="起止时间：14:00 至 14:30\n渗漏情况：无")

    event = Event.objects.get(case_id=visit.case_id, step="finish")
    filled = chain.open_body(event.body)["points"]["water"]
    assert filled == "起止时间：14:00 至 14:30\n渗漏情况：无"


@pytest.mark.clause("G-4.5-a", "G-4.5-b", "G-4.5-c")
def test_the_head_of_the_department_reviews_each_operation_report_before_the_task_is_finished(service):
    case = service.tested()
    todo = Todo.objects.get(case=case, act="review_report")
    # After-sales is headed by the deputy general manager in this house.
    assert (todo.person_id, todo.post) == (service.people["sun"].pk, "deputy_gm")
    service.take(case, "confirm", "shen", hours(8), how="call", who="苏清越", solved=True, words="好了")
    service.take(case, "leave_unrated", "shen", hours(8), reason="不愿打分")
    with pytest.raises(NotReady, match="操作报告还没有经部门负责人审核和确认，不能关闭"):
        service.take(case, "close", "shen", hours(8, 30), met="full")
    with pytest.raises(NotReady, match="操作报告由部门负责人孙达审核"):
        service.take(case, "review_report", "zhou", hours(9), complied=True, accurate=True)
    with pytest.raises(NotReady, match="有偏离或者与实际不符的，请写明在哪里"):
        service.take(case, "review_report", "sun", hours(9), complied=False, accurate=False)
    service.take(
        case,
        "review_report",
        "sun",
        hours(9),
        complied=False,
        accurate=False,
        words="用胶数量与领料不符，没有拍修前照片",
    )
    with pytest.raises(NotReady, match="操作报告的结果与实际不符"):
        service.take(case, "close", "shen", hours(9, 10), met="full")

    service.take(
        case,
        "review_report",
        "sun",
        hours(10),
        complied=False,
        accurate=True,
        words="数量已更正，没有拍修前照片",
    )
    service.take(case, "close", "shen", hours(11), met="full")

    row = service.row(case)
    assert (row.complied, row.accurate, row.reviewed_by) == (False, True, service.people["sun"])
    lines = row.entries.filter(kind="review").order_by("pk").values_list("result", flat=True)
    assert list(lines) == ["步骤有偏离，结果与实际不符", "步骤有偏离，结果与实际相符"]
    assert case.state == "closed"


@pytest.mark.clause("I-1-p")
def test_a_service_is_recorded_for_customers_outside_and_within_and_for_the_tangible_and_the_intangible(
    service,
):
    with pytest.raises(NotReady, match="服务对象是内部客户的，请填部门"):
        service.record(recipient="internal", product="intangible")

    within = service.record(
        recipient="internal",
        department="销售部",
        product="intangible",
        words="请派人给样板间讲一遍地暖怎么用",
        service="support",
    )
    outside = service.record(unit=1)

    assert (service.row(within).get_recipient_display(), service.row(within).department) == (
        "内部客户",
        "销售部",
    )
    assert service.row(within).get_product_display() == "无形：咨询、手续、说明"
    assert service.row(outside).get_recipient_display() == "外部客户"
    assert service.row(outside).get_product_display() == "有形：房屋、部件、设备"
    printed = service_record(within, hours(1)).problem
    assert "服务对象：内部客户 销售部" in printed
