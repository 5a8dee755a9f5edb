"""Group, company kinds, centres, departments and teams: Part I, definitions and chart of the SOP."""

import pytest
from django.db import IntegrityError, transaction

from guiju.kernel import ports
from guiju.kernel.models import Event
from guiju.kernel.refusals import NotYourPost
from guiju.org.functions import team_of
from guiju.org.models import (
    Centre,
    Company,
    CompanyDuty,
    Department,
    Establishment,
    Function,
    Group,
    Holding,
    Post,
    Team,
)
from guiju.org.operations import structure
from guiju.org.operations.holdings import give_post
from guiju.org.queries import assembly, headcounts
from guiju.org.seed import seed_demo_people, seed_organisation

from .conftest import NOW, SEEDED


def add(people, company, **given):
    return structure.add_company(recorded_in=company, by=people["admin"], at=NOW, **given)


@pytest.mark.clause("I-1-a")
def test_there_is_one_group_and_no_second(people):
    assert Group.objects.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Group.objects.create(name="另一个集团")
    with pytest.raises(IntegrityError), transaction.atomic():
        Group.objects.create(name="另一个集团", only=2)


@pytest.mark.clause("I-1-b")
def test_the_group_company_stands_below_the_group_and_is_the_only_one(people, company):
    parent = Company.objects.get(kind="parent")
    assert (parent.group, parent.held_by) == (Group.objects.get(), None)

    with pytest.raises(structure.UnableToAddCompany, match="集团公司只有一家"):
        add(people, company, name="第二集团公司", kind="parent")


@pytest.mark.clause("I-1-c", "I-1-d", "I-1-l")
def test_each_duty_of_the_group_company_is_carried_by_one_of_its_centres(people):
    parent = Company.objects.get(kind="parent")

    duties = dict(parent.duties.order_by("pk").values_list("name", "centre__name"))

    assert duties == {"投资控股": "投资中心", "战略发展": "战略中心", "管理文化": "管理中心"}
    assert set(parent.centres.values_list("name", flat=True)) == {"投资中心", "战略中心", "管理中心"}


@pytest.mark.clause("I-1-d")
def test_a_duty_moves_to_another_centre_but_not_to_another_companys(people, company):
    duty = CompanyDuty.objects.get(name="战略发展")
    Holding.objects.create(
        person=people["admin"],
        post=Post.objects.get(code="administrator"),
        company=duty.company,
        from_at=SEEDED,
    )
    own = Centre.objects.get(name="投资中心")
    foreign = Centre.objects.create(company=company, name="别家中心")

    structure.assign_duty(duty=duty, centre=own, by=people["admin"], at=NOW)
    with pytest.raises(structure.UnableToAssignDuty):
        structure.assign_duty(duty=duty, centre=foreign, by=people["admin"], at=NOW)

    duty.refresh_from_db()
    assert duty.centre == own


@pytest.mark.clause("I-1-e")
def test_a_subsidiary_is_controlled_by_the_group_company(people, company):
    parent = Company.objects.get(kind="parent")

    made = add(people, company, name="子公司甲", kind="subsidiary", held_by=parent, hold="control")

    assert made.get_kind_display() == "集团子公司"
    with pytest.raises(structure.UnableToAddCompany, match="控股"):
        add(people, company, name="子公司乙", kind="subsidiary", held_by=parent, hold="share")


@pytest.mark.clause("I-1-f")
def test_a_participating_company_is_held_by_share_of_the_parent_or_by_control_of_a_subsidiary(
    people, company
):
    parent = Company.objects.get(kind="parent")

    one = add(people, company, name="参股甲", kind="participating", held_by=parent, hold="share")
    two = add(people, company, name="参股乙", kind="participating", held_by=company, hold="control")

    assert {one.get_kind_display(), two.get_kind_display()} == {"集团参股企业"}
    with pytest.raises(structure.UnableToAddCompany, match="参股"):
        add(people, company, name="参股丙", kind="participating", held_by=company, hold="share")


@pytest.mark.clause("I-1-g", "I-1-h", "I-1-i")
def test_an_affiliated_company_states_its_basis_share_charter_or_investment(people, company):
    parent = Company.objects.get(kind="parent")
    by_share = add(
        people, company, name="关联甲", kind="affiliated", basis="share", held_by=company, hold="share"
    )
    by_charter = add(
        people, company, name="关联乙", kind="affiliated", basis="charter", basis_note="互相介绍客户"
    )
    by_investment = add(
        people, company, name="关联丙", kind="affiliated", basis="investment", held_by=parent, hold="share"
    )

    assert by_share.get_basis_display() == "子公司或参股企业参股"
    assert (by_charter.held_by, by_charter.get_basis_display()) == (None, "承认集团章程并互利协作")
    assert by_investment.get_basis_display() == "只投资不参与经营管理"
    with pytest.raises(structure.UnableToAddCompany, match="依据"):
        add(people, company, name="关联丁", kind="affiliated")
    with pytest.raises(structure.UnableToAddCompany, match="没有产权关系"):
        add(people, company, name="关联戊", kind="affiliated", basis="charter", held_by=parent, hold="share")


@pytest.mark.clause("I-1-j", "I-1-k")
def test_members_are_the_four_kinds_and_form_the_assembly_the_highest_body(people, company):
    parent = Company.objects.get(kind="parent")
    add(people, company, name="关联乙", kind="affiliated", basis="charter")
    add(people, company, name="参股甲", kind="participating", held_by=parent, hold="share")
    gone = add(people, company, name="已退出", kind="affiliated", basis="charter")
    Company.objects.filter(pk=gone.pk).update(left_date=NOW.date())

    group = Group.objects.get()

    assert group.highest_body == "集团成员大会"
    assert [(c.get_kind_display(), c.name) for c in assembly(group)] == [
        ("集团公司", "归居示范集团有限公司"),
        ("集团子公司", "归居示范（北京）房地产开发有限公司"),
        ("集团参股企业", "参股甲"),
        ("集团关联企业", "关联乙"),
    ]


@pytest.mark.clause("I-1-n", "K-2.1-u")
def test_the_operating_company_has_the_departments_that_the_sops_name(people, company):
    names = set(company.departments.values_list("name", flat=True))

    assert {"客户服务部", "售后服务部", "质检部", "销售部", "计划财务部", "工程部"} <= names


@pytest.mark.clause("I-3.1-a", "I-3.1-b", "I-3.1-c")
def test_the_customer_service_department_has_three_teams(people, company):
    teams = Team.objects.filter(department__company=company, department__name="客户服务部")

    assert set(teams.values_list("name", flat=True)) == {"签约组", "登记产权组", "客户服务组"}


def test_every_function_of_the_chart_has_its_team_and_can_be_moved_with_an_event(people, company):
    refund = Function.objects.get(company=company, code="refund")
    service = Team.objects.get(code="service")
    assert refund.team.name == "签约组"

    structure.assign_function(function=refund, team=service, by=people["admin"], at=NOW)

    assert team_of(Function.objects.get(pk=refund.pk), NOW) == service
    assert Event.objects.filter(step="org.assign_function").count() == 1
    assert Function.objects.filter(company=company).count() == 20
    with pytest.raises(structure.UnableToAssignFunction, match="本来就由"):
        structure.assign_function(function=refund, team=service, by=people["admin"], at=NOW)


@pytest.mark.clause("G-4.5-d")
def test_each_department_can_name_a_head_and_names_another_later(people, company):
    department = Department.objects.get(company=company, code="customer_service")
    assert department.head == people["zhou"]
    assert not company.departments.filter(head=None).exists()

    structure.name_head(department=department, person=people["tang"], by=people["admin"], at=NOW)

    department.refresh_from_db()
    assert department.head == people["tang"]
    with pytest.raises(NotYourPost):
        structure.name_head(department=department, person=people["zhou"], by=people["zhou"], at=NOW)


@pytest.mark.clause("I-3.3-a", "I-3.3-b")
def test_posts_show_planned_headcount_against_actual(people, company):
    rows = {row.establishment.post.code: row for row in headcounts(company, at=NOW)}

    assert len(rows) == 24
    assert (rows["cs_clerk"].planned, rows["cs_clerk"].actual, rows["cs_clerk"].difference) == (3, 1, -2)
    assert [person.username for person in rows["sales"].holders] == ["lin", "luo", "song"]
    assert rows["sales"].difference == 0

    clerk = Establishment.objects.get(company=company, post__code="cs_clerk")
    structure.plan_headcount(establishment=clerk, planned=1, by=people["admin"], at=NOW)

    rows = {row.establishment.post.code: row for row in headcounts(company, at=NOW)}
    assert rows["cs_clerk"].difference == 0
    with pytest.raises(structure.UnableToPlanHeadcount):
        structure.plan_headcount(establishment=clerk, planned=-1, by=people["admin"], at=NOW)


@pytest.mark.clause("I-4.1-v", "I-4.3-s")
def test_superiors_are_those_of_the_job_descriptions_and_take_escalations(people, company):
    roster = ports.people()

    def escalated_to(post):
        over = roster.superior(post)
        return over, roster.holders(over, company_id=company.pk, project_id=None, at=NOW)

    assert escalated_to("cs_manager") == ("deputy_gm", [people["sun"].pk])
    assert escalated_to("cs_clerk") == ("cs_manager", [people["zhou"].pk])


@pytest.mark.clause("I-4.2-a", "I-4.3-a", "K-2.3-d")
@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("cs_assistant_manager", "经理助理"),
        ("cs_clerk", "客户服务"),
        ("delegate", "技术人员"),
        ("inspector", "检验员"),
    ],
)
def test_the_posts_of_the_sops_can_be_given_and_are_known_to_the_kernel(people, company, code, name):
    give_post(person=people["wei"], post=code, company=company, by=people["admin"], at=NOW)

    held = ports.people().posts_of(people["wei"].pk, company_id=company.pk, project_id=None, at=NOW)

    assert held[code] is None
    assert ports.people().post_label(code) == name


def test_a_post_never_reports_to_its_own_junior(people, company):
    manager, clerk = Post.objects.get(code="cs_manager"), Post.objects.get(code="cs_clerk")

    with pytest.raises(structure.UnableToChangePost):
        structure.change_post(
            post=manager,
            company=company,
            by=people["admin"],
            at=NOW,
            superior=clerk,
            education=20,
            years=3,
            peer_years=2,
        )


def test_seeding_again_doubles_nothing(people, company):
    counts = [
        model.objects.count() for model in (Company, Department, Team, Function, Post, Establishment, Event)
    ]

    seed_organisation(NOW)
    seed_demo_people(NOW)

    assert counts == [
        model.objects.count() for model in (Company, Department, Team, Function, Post, Establishment, Event)
    ]
