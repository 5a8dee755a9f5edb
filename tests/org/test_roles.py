"""The posts of the SOPs: each exists with the rights that its document gives it, held by people with their own account."""

import pytest
from django.db import IntegrityError, transaction

from guiju.kernel import engine, ports
from guiju.kernel.process import process_of
from guiju.kernel.refusals import NotYourPost
from guiju.org.gates import holds_post
from guiju.org.models import Department, Establishment, Person
from guiju.org.operations.exports import UnableToDecideExport, ask_for_export, decide_export
from guiju.org.operations.holdings import give_post
from guiju.sop.models import Document
from tests.stories.conftest import WEDNESDAY, House, house

__all__ = ["House", "house"]

pytestmark = pytest.mark.django_db


def given(house, post, who="wei"):
    """Let a person hold the post, as the kernel sees it."""
    company = house.project.company
    give_post(person=house.people[who], post=post, company=company, by=house.admin, at=WEDNESDAY)
    held = ports.people().posts_of(
        house.people[who].pk, company_id=company.pk, project_id=house.project.pk, at=WEDNESDAY
    )
    assert post in held
    return Establishment.objects.select_related("department", "post", "team").get(
        company=company, post__code=post
    )


def may(process, post):
    """The steps that the post may take by the process."""
    return {step.name for step in process_of(process).steps if post in step.by}


@pytest.mark.clause("C-3.1-i")
def test_after_sales_agents_receive_diagnose_assign_follow_up_and_record(house):
    place = given(house, "after_sales")

    assert place.post.name == "售后服务人员"
    assert {
        "record", "contact", "diagnose_on_site", "diagnose_remote", "arrange", "follow", "close",
    } <= may("after_sales", "after_sales")  # fmt: skip
    assert {"offer", "agree", "assign"} <= may("visit", "after_sales")


@pytest.mark.clause("E-2.3-c")
def test_repair_workers_carry_out_and_report_repairs(house):
    place = Establishment.objects.get(company=house.project.company, post__code="technician")

    assert place.post.name == "维修人员"
    assert holds_post(house.wei, "technician", at=WEDNESDAY)
    assert {"depart", "arrive", "start", "inspect", "use", "finish", "sign"} <= may("visit", "technician")
    assert "diagnose_on_site" not in may("after_sales", "technician")


@pytest.mark.clause("H-2.3-h")
def test_on_site_service_staff_receive_visits_and_record_them(house):
    place = given(house, "onsite")

    assert place.post.name == "上门服务人员"
    assert {"depart", "arrive", "start", "finish", "sign", "customer_absent"} <= may("visit", "onsite")


@pytest.mark.clause("B-3.2-j")
def test_supervisors_or_foremen_stand_over_the_workers_and_assign_tasks(house):
    place = given(house, "foreman", "xu")

    assert place.post.name == "主管／领班"
    assert {ports.people().superior(post) for post in ("technician", "onsite")} == {"foreman"}
    assert {"agree", "assign", "move"} <= may("visit", "foreman")


@pytest.mark.clause("A-0-a", "B-3.1-a")
def test_the_front_desk_receives_customers_resolves_problems_and_provides_services(house):
    place = Establishment.objects.get(company=house.project.company, post__code="front_desk")

    assert place.post.name == "客服助理（前台）"
    assert holds_post(house.ma, "front_desk", at=WEDNESDAY)
    assert {"receive", "answer", "hand_on", "close"} <= may("reception", "front_desk")
    assert "record" in may("after_sales", "front_desk")
    assert "record" in may("complaint", "front_desk")


@pytest.mark.clause("I-4.1-a")
def test_the_manager_of_customer_service_has_the_departments_approvals_and_reports(house, client):
    department = Department.objects.get(company=house.project.company, code="customer_service")
    place = Establishment.objects.get(company=house.project.company, post__code="cs_manager")
    assert (place.department, department.head) == (department, house.zhou)

    # Approvals: cancelling and defaults are the manager's steps; an export asked for by others is decided by the manager.
    assert {"cancel", "decide_default"} <= may("subscription", "cs_manager")
    asked = ask_for_export(
        what="认购登记表", chosen={}, reason="对账", company=house.project.company, by=house.wu, at=WEDNESDAY
    )
    with pytest.raises(UnableToDecideExport):
        decide_export(request=asked, approve=True, by=house.deng, at=WEDNESDAY)
    assert decide_export(request=asked, approve=True, by=house.zhou, at=WEDNESDAY).state == "approved"

    # Reports: figures of the department, of its people, of its SOPs.
    client.force_login(house.zhou)
    for page in (
        "/registers/statistics/",
        "/registers/sops/",
        "/people/overview/",
        "/registers/subscriptions/",
    ):
        assert client.get(page).status_code == 200, page


@pytest.mark.clause("I-4.4-a")
def test_the_archive_clerk_stands_in_the_department_with_the_archive_duties_described(house):
    place = Establishment.objects.get(company=house.project.company, post__code="archivist")
    description = place.descriptions.get()

    assert (place.post.name, place.department.name) == ("客户档案管理员", "客户服务部")
    assert holds_post(house.xu, "archivist", at=WEDNESDAY)
    duties = " ".join(description.duties.values_list("duty", flat=True))
    # Part III, 2.6: collect, open and keep files, laws and policies, contracts for the supervisor, printing,
    # papers of the title, entry and printing handed on, register of what comes in and goes out.
    for word in ("收集", "建档", "借阅", "法规", "政策", "合同", "打印", "产权", "录入", "收发文"):
        assert word in duties, word


@pytest.mark.clause("F-2-a")
def test_the_after_sales_department_owns_its_process(house):
    department = Department.objects.get(company=house.project.company, code="after_sales")

    assert (department.name, department.head) == ("售后服务部", house.sun)
    document = Document.objects.get(process="after_sales")
    assert document.department == department.name


@pytest.mark.clause("E-4.4-c")
def test_accounts_are_personal_and_what_one_may_do_goes_by_role(house, client):
    with pytest.raises(IntegrityError), transaction.atomic():
        Person.objects.create(username="wu", name="吴另", company=house.project.company, joined_at=WEDNESDAY)
    assert client.get("/cases/").status_code == 302  # nobody sees anything before signing in
    case = house.handed_in()

    with pytest.raises(NotYourPost, match="须由销售总监办理"):
        engine.advance(case, "director_sign", by=house.wu, at=WEDNESDAY, given={"opinion": "同意"})
    event = house.take(case, "director_sign", "gao", WEDNESDAY, opinion="同意")

    assert (event.actor_id, event.post) == (house.gao.pk, "sales_director")
    client.force_login(house.lin)
    assert client.get("/audit/").status_code in (403, 404)
    Person.objects.filter(pk=house.lin.pk).update(is_active=False)
    assert client.get("/cases/").status_code == 302
