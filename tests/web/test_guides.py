"""The guides of the source SOPs: in the library as published versions, and one step from where they are worked by."""

import pytest

from guiju.sop.models import Version
from guiju.web.guides import guides_of
from tests.web.test_pages_care import early, service, text, visit

__all__ = ["early", "service", "visit"]

GUIDES = {
    "KF-ZD-01": "客服前台作业指导书", "KF-ZD-02": "售后服务作业指导书（能力与要求）", "KF-ZD-03": "客户来电来访来函处理作业指导书",
    "KF-ZD-04": "售后服务人员作业指导书", "KF-ZD-05": "售后服务作业指导书（流程与标准）", "KF-ZD-06": "售后服务作业指导书（上门与技巧）",
    "KF-ZD-07": "售后服务管理规定",
}  # fmt: skip


@pytest.mark.clause("A-0-b", "C-1-b", "F-1-g", "H-1-c", "K-1-a")
def test_the_guides_are_published_documents_that_everybody_can_open(service, visit):
    client = visit("ma")
    for code, title in GUIDES.items():
        version = Version.objects.get(document__code=code)
        assert (version.document.title, version.state, version.number) == (
            title,
            Version.State.PUBLISHED,
            "1.0",
        )
        assert title in text(client.get(f"/sops/{code}/"))


@pytest.mark.clause("A-0-b")
def test_the_desk_opens_its_guide_from_the_reception_page(service, visit):
    assert "/sops/KF-ZD-01/" in text(visit("ma").get("/reception/"))


@pytest.mark.clause("C-1-b", "H-1-c", "F-1-g")
def test_after_sales_staff_open_the_guides_from_the_case_whose_limits_are_theirs(service, visit, early):
    case = service.record(at=early)

    page = text(visit("shen").get(f"/cases/{case.number}/"))

    for code, _ in guides_of("KF-SH-01"):
        assert f"/sops/{code}/" in page
    assert {"KF-ZD-02", "KF-ZD-05", "KF-ZD-06"} <= {code for code, _ in guides_of("KF-SH-01")}
    contact = case.clocks.get(name="contact")
    assert contact.limit == "24 小时"
    assert "24 小时内联系客户" in str(Version.objects.get(document__code="KF-ZD-05").content)


@pytest.mark.clause("K-1-a")
def test_the_regulation_stands_beside_the_complaint_that_follows_it(service):
    assert ("KF-ZD-07", "售后服务管理规定") in guides_of("KF-TS-01")
    content = Version.objects.get(document__code="KF-ZD-07").content
    bound = {
        clause for part in content["parts"] for section in part["sections"] for clause in section["clauses"]
    }
    assert {"K-2.1-g", "K-2.2-b", "K-2.6-e"} <= bound


@pytest.mark.clause("A-5.2-a")
def test_a_customers_ratings_stand_on_the_customers_page(service, visit, early):
    from guiju.customers.operations.entries import enter
    from guiju.demo.invented import identity
    from guiju.quality import surveys
    from tests.stories.conftest import BORN

    customer = enter(
        company_id=service.project.company_id,
        name="温故新",
        identity=identity(BORN, 9),
        phone="19900003333",
        at=early,
    )
    case = service.record(at=early, customer=customer.pk)
    case.links.get_or_create(kind="customer", key=customer.pk)
    surveys.rate(
        case=case, score=4, solved=True, items={}, words="来得快", source="phone", by=service.ma, at=early
    )

    page = text(visit("ma").get(f"/customers/{customer.pk}/"))
    assert "服务评价" in page
    assert "来得快" in page
