"""Job descriptions: every field of the form, versions, both signatures, stated counts against the chart."""

from decimal import Decimal

import pytest

from guiju.kernel.models import Event
from guiju.kernel.refusals import NotYourPost
from guiju.org.models import Establishment, JobDescription
from guiju.org.operations.descriptions import (
    DescriptionText,
    DutyText,
    UnableToDraftDescription,
    UnableToSignDescription,
    content_of,
    draft_description,
    sign_description,
)
from guiju.org.operations.structure import plan_headcount
from guiju.org.queries import current_description, mismatches, subordinates

from .conftest import LATER, NOW

FULL = DescriptionText(
    education="大学专科或专科以上",
    experience="3 年以上相关工作经验",
    knowledge="房地产法律政策",
    business_scope="合同法；房屋销售管理办法",
    purpose="让客户按时签约、按时收房",
    authority="批准延期签约 15 日以内",
    subordinates_stated=8,
    direct_stated=1,
    indirect_stated=7,
    managers_stated=2,
    professionals_stated=5,
    others_stated=1,
    sales_volume=Decimal("820000000.00"),
    profit=Decimal("96000000.50"),
    staff_total=64,
    change_note="首次编制",
    internal=("销售部", "工程部"),
    external=("律师事务所", "房管局"),
    duties=(
        DutyText("审批认购变更", "full", "审批按时率 100 %", "approval_on_time"),
        DutyText("协助收款", "support"),
    ),
)


def establishment(company, post="cs_manager"):
    return Establishment.objects.get(company=company, post__code=post)


@pytest.fixture
def drafted(people, company, admin) -> JobDescription:
    return draft_description(
        establishment=establishment(company), text=FULL, by=admin, at=NOW, holder=people["zhou"]
    )


@pytest.mark.clause(
    "I-4.0-2", "I-4.0-3", "I-4.0-4", "I-4.0-5", "I-4.0-6", "I-4.0-8", "I-4.0-9", "I-4.0-11", "I-4.0-12",
    "I-4.0-13", "I-4.0-14", "I-4.0-15", "I-4.0-16", "I-4.0-20", "I-4.0-21", "I-4.0-22", "I-4.0-23",
    "I-4.0-24", "I-4.0-25", "I-4.0-26",
)  # fmt: skip
def test_a_description_carries_every_field_of_the_form(drafted, people, company):
    said = JobDescription.objects.get(pk=drafted.pk)

    assert (said.unit, said.title, said.department) == (company.name, "客服经理", "客户服务部")
    assert (said.number, said.superior, said.team) == ("KF-01", "主管副总", "")
    assert (said.compiled_date.isoformat(), said.holder) == ("2026-11-20", people["zhou"])
    assert (said.education, said.experience) == ("大学专科或专科以上", "3 年以上相关工作经验")
    assert (said.knowledge, said.business_scope) == ("房地产法律政策", "合同法；房屋销售管理办法")
    assert (said.purpose, said.authority) == ("让客户按时签约、按时收房", "批准延期签约 15 日以内")
    assert (said.subordinates_stated, said.direct_stated, said.indirect_stated) == (8, 1, 7)
    assert (said.managers_stated, said.professionals_stated, said.others_stated) == (2, 5, 1)
    assert (said.sales_volume, said.profit) == (Decimal("820000000.00"), Decimal("96000000.50"))
    assert said.staff_total == 64


@pytest.mark.clause("I-4.0-8")
def test_the_description_of_a_post_in_a_group_names_the_group(company):
    said = current_description(establishment(company, "cs_clerk"))

    assert said.team == "签约组"


@pytest.mark.clause("I-4.0-11")
def test_post_numbers_are_unique_in_a_company(people, company):
    numbers = list(Establishment.objects.filter(company=company).values_list("number", flat=True))

    assert len(numbers) == len(set(numbers)) == 24


@pytest.mark.clause("I-4.0-17", "I-4.0-18", "I-4.0-19")
def test_communication_relations_are_listed_inside_and_outside(drafted):
    sides = list(drafted.contacts.order_by("pk").values_list("side", "name"))

    assert sides == [
        ("internal", "销售部"),
        ("internal", "工程部"),
        ("external", "律师事务所"),
        ("external", "房管局"),
    ]


@pytest.mark.clause("I-4.0-27", "I-4.0-28", "I-4.0-29")
def test_each_duty_has_its_degree_and_an_indicator_that_can_name_a_figure(drafted):
    first, second = drafted.duties.order_by("position")

    assert (first.duty, first.get_degree_display()) == ("审批认购变更", "全责")
    assert (first.kpi, first.kpi_code) == ("审批按时率 100 %", "approval_on_time")
    assert (second.duty, second.get_degree_display(), second.kpi) == ("协助收款", "协助", "")


@pytest.mark.clause("I-4.0-1", "I-4.0-7", "I-4.0-10")
def test_holder_and_superior_sign_and_the_signed_words_stay(drafted, people, company, admin):
    signed = sign_description(description=drafted, by=people["zhou"], at=NOW)
    assert not signed.signed
    signed = sign_description(description=drafted, by=people["sun"], at=LATER)

    assert signed.signed
    assert (signed.holder_signed_by, signed.holder_signed_at) == (people["zhou"], NOW)
    assert (signed.superior_signed_by, signed.superior_signed_at) == (people["sun"], LATER)
    assert Event.objects.filter(step="org.sign_description").count() == 2

    before = content_of(signed)
    newer = draft_description(
        establishment=establishment(company),
        text=DescriptionText(purpose="另写"),
        by=admin,
        at=LATER,
        holder=people["zhou"],
    )
    assert (newer.version, newer.signed) == (signed.version + 1, False)
    assert content_of(JobDescription.objects.get(pk=signed.pk)) == before


@pytest.mark.parametrize("username", ["tang", "gao", "admin"])
def test_nobody_else_signs(drafted, people, username):
    with pytest.raises(UnableToSignDescription, match="任职人和直接上级"):
        sign_description(description=drafted, by=people[username], at=NOW)

    drafted.refresh_from_db()
    assert not drafted.fixed


def test_nobody_signs_twice_nor_an_old_version(drafted, people, company, admin):
    sign_description(description=drafted, by=people["zhou"], at=NOW)
    with pytest.raises(UnableToSignDescription, match="任职人已签字"):
        sign_description(description=drafted, by=people["zhou"], at=NOW)
    draft_description(
        establishment=establishment(company), text=FULL, by=admin, at=NOW, holder=people["zhou"]
    )
    with pytest.raises(UnableToSignDescription, match="新版本"):
        sign_description(description=drafted, by=people["sun"], at=NOW)


def test_only_an_administrator_drafts_and_only_for_a_holder(people, company, admin):
    with pytest.raises(NotYourPost):
        draft_description(establishment=establishment(company), text=FULL, by=people["zhou"], at=NOW)
    with pytest.raises(UnableToDraftDescription, match="林晓雯不在"):
        draft_description(
            establishment=establishment(company), text=FULL, by=admin, at=NOW, holder=people["lin"]
        )


@pytest.mark.clause("I-4.1-w")
def test_the_managers_stated_subordinates_are_checked_against_the_chart(company):
    said = current_description(establishment(company))
    counted = subordinates(said.establishment.post, company)

    # By the chart: assistant 1 and clerks 3 report to the manager; the assistant's six are below.
    assert (counted.direct, counted.indirect) == (4, 5)
    assert (said.subordinates_stated, said.direct_stated, said.indirect_stated) == (8, 1, 7)
    assert [str(row) for row in mismatches(said)] == [
        "下属：说明书写 8 人，组织图为 9 人",
        "直接下属：说明书写 1 人，组织图为 4 人",
        "间接下属：说明书写 7 人，组织图为 5 人",
    ]


@pytest.mark.clause("I-4.2-l")
def test_the_assistants_stated_subordinates_are_checked_and_agree_once_the_chart_does(people, company, admin):
    said = current_description(establishment(company, "cs_assistant_manager"))
    assert (said.subordinates_stated, said.direct_stated, said.indirect_stated) == (6, 3, 3)
    assert [str(row) for row in mismatches(said)] == [
        "下属：说明书写 6 人，组织图为 5 人",
        "直接下属：说明书写 3 人，组织图为 4 人",
        "间接下属：说明书写 3 人，组织图为 1 人",
    ]

    for post, planned in (("front_desk", 0), ("administrator", 3)):
        plan_headcount(establishment=establishment(company, post), planned=planned, by=admin, at=NOW)

    assert mismatches(said) == []


@pytest.mark.clause("I-4.1-x", "I-4.1-y")
def test_the_managers_contacts_are_those_of_the_sop(company):
    contacts = current_description(establishment(company)).contacts

    assert set(contacts.filter(side="internal").values_list("name", flat=True)) == {
        "销售部",
        "市场部",
        "经营部",
        "规划设计部",
        "工程部",
    }
    assert set(contacts.filter(side="external").values_list("name", flat=True)) == {
        "律师事务所",
        "房管局",
        "材料供应商",
        "按揭银行",
        "施工单位",
        "装饰公司",
    }


@pytest.mark.clause("I-4.2-o", "I-4.2-p")
def test_the_assistants_contacts_are_those_of_the_sop(company):
    contacts = current_description(establishment(company, "cs_assistant_manager")).contacts
    inside = set(contacts.filter(side="internal").values_list("name", flat=True))
    outside = set(contacts.filter(side="external").values_list("name", flat=True))

    assert {"规划设计部", "计划财务部", "经营部", "销售部", "工程部"} == inside
    assert {"律师事务所", "房管局", "材料供应商", "按揭银行", "施工单位", "装饰公司"} <= outside
    assert {"房地产交易中心", "集团"} <= outside


@pytest.mark.clause("I-4.3-y", "I-4.3-z")
def test_the_clerks_contacts_are_those_of_the_sop(company):
    contacts = current_description(establishment(company, "cs_clerk")).contacts

    assert list(contacts.filter(side="internal").values_list("name", flat=True)) == ["客户档案管理员"]
    assert set(contacts.filter(side="external").values_list("name", flat=True)) == {"银行", "律师事务所"}


@pytest.mark.clause("I-4.1-z")
def test_the_managers_goals_and_authority_are_blank_until_somebody_writes_them(drafted, company):
    seeded = establishment(company).descriptions.get(version=1)

    assert (seeded.purpose, seeded.authority) == ("", "")
    assert drafted.purpose == "让客户按时签约、按时收房"
    assert drafted.authority == "批准延期签约 15 日以内"
