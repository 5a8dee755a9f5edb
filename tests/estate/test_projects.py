"""The master data of projects: what they are, who owns them, and the service centre that each has for itself."""

import pytest

from guiju.estate.models import Building, Project
from guiju.estate.operations.projects import UnableToDescribeProject, describe_project
from guiju.kernel.models import Event
from guiju.kernel.refusals import NotYourPost
from guiju.org.models import Company
from guiju.papers.offers import print_case
from guiju.sales.models import Deal
from tests.stories.conftest import WEDNESDAY, House, house

__all__ = ["House", "house"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def towers(house):
    return Project.objects.create(code="XZ1", name="云栖大厦", company=house.project.company)


@pytest.mark.clause("B-2.0-a")
def test_a_residential_community_and_an_office_building_are_told_apart_and_each_has_its_service_centre(
    house, towers, client
):
    describe = {"by": house.admin, "at": WEDNESDAY}
    describe_project(
        project=house.project, kind="residential", service_centre="云栖里项目服务中心", **describe
    )
    describe_project(project=towers, kind="office", service_centre="云栖大厦项目服务中心", **describe)

    client.force_login(house.zhou)
    page = client.get("/projects/").content.decode()

    homes, offices = page.index("住宅小区"), page.index("写字楼")
    assert homes < page.index("云栖里项目服务中心") < offices < page.index("云栖大厦项目服务中心")
    assert Event.objects.filter(step="estate.describe_project").count() == 2


@pytest.mark.clause("B-2.0-a")
def test_a_service_centre_belongs_to_one_project_and_no_project_goes_without(house, towers):
    describe = {"by": house.admin, "at": WEDNESDAY}
    describe_project(project=house.project, service_centre="云栖里项目服务中心", **describe)

    with pytest.raises(UnableToDescribeProject, match="另一个项目的服务中心"):
        describe_project(project=towers, kind="office", service_centre="云栖里项目服务中心", **describe)
    with pytest.raises(UnableToDescribeProject, match="每个项目有自己的服务中心"):
        describe_project(project=towers, kind="office", service_centre=" ", **describe)
    with pytest.raises(UnableToDescribeProject, match="住宅小区或写字楼"):
        describe_project(project=towers, kind="factory", service_centre="云栖大厦项目服务中心", **describe)
    with pytest.raises(NotYourPost):
        describe_project(project=towers, service_centre="X", by=house.wu, at=WEDNESDAY)


@pytest.mark.clause("B-2.0-a")
def test_the_administrator_changes_a_project_on_its_page(house, towers, client):
    client.force_login(house.admin)

    answer = client.post(
        "/projects/XZ1/",
        {"name": "云栖大厦", "kind": "office", "service_centre": "云栖大厦项目服务中心", "city": "示范市"},
    )

    towers.refresh_from_db()
    assert answer.status_code == 302
    assert (towers.kind, towers.service_centre, towers.city) == ("office", "云栖大厦项目服务中心", "示范市")
    client.force_login(house.wu)
    assert client.get("/projects/XZ1/").status_code == 403


@pytest.mark.clause("I-1-m")
def test_the_operating_company_owns_projects_and_contracts(house):
    company = house.project.company
    assert list(Company.objects.operating()) == [company]

    case = house.sealed()
    paper = print_case(case, "subscription", by=house.lin, at=WEDNESDAY)

    deal = Deal.objects.get(pk=house.facts(case).deal_id)
    assert deal.project.company == company
    assert paper.company == company
    assert company.name in str(paper.content)


@pytest.mark.clause("I-1-m")
def test_a_company_that_does_not_operate_owns_no_project(house):
    parent = Company.objects.get(kind="parent")
    stray = Project.objects.create(code="JT1", name="集团项目", company=parent)
    Building.objects.create(project=stray, name="1号楼")
    from guiju.org.models import Holding, Post

    Holding.objects.create(
        person=house.admin, post=Post.objects.get(code="administrator"), company=parent, from_at=WEDNESDAY
    )

    with pytest.raises(UnableToDescribeProject, match="不是经营主体"):
        describe_project(project=stray, service_centre="集团服务中心", by=house.admin, at=WEDNESDAY)
