"""People, posts, delegation, leaving, job descriptions, structure: administered on pages, refused with words."""

import re
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from guiju.org.functions import team_of
from guiju.org.models import (
    Centre,
    Company,
    CompanyDuty,
    Delegation,
    Department,
    Establishment,
    Function,
    Holding,
    JobDescription,
    Person,
    Post,
    Team,
)
from guiju.papers.models import Seal
from tests.web.test_pages import words

PAGES = ["people", "delegations", "establishments", "structure", "overview"]


def url(name, *rest):
    return reverse(f"web:{name}", args=rest)


@pytest.mark.parametrize("name", PAGES)
def test_every_page_of_the_organisation_reads_without_inline_script_or_style(house, visit, name):
    answer = visit("admin").get(url(name))

    page = answer.content.decode()
    assert answer.status_code == 200
    assert page.count("<h1") == 1
    assert not re.search(r"\s(style|on[a-z]+)=\"", page)


def test_the_list_shows_posts_scope_and_who_stands_in(house, visit):
    now = timezone.now()
    Delegation.objects.create(
        giver=house.gao, taker=house.tang, from_at=now - timedelta(hours=1), to_at=now + timedelta(days=1),
        reason="出差", made_at=now, made_by=house.gao,
    )  # fmt: skip
    Holding.objects.filter(person=house.song).update(project_id=house.project.pk)

    page = words(visit("wu").get(url("people")))

    assert "唐宁代" in page
    assert "代高志强" in page
    assert f"置业顾问 {house.project.name}" in page
    assert "加人员" not in page


def test_a_person_is_added_and_the_first_password_shown_once(house, visit):
    client = visit("admin")

    answer = client.post(
        url("person_add"), {"name": "新同事", "username": "Xin", "education": "30", "experience_years": "2"}
    )

    made = Person.objects.at_work().get(username="xin")
    password = re.search(r"[a-z]{4}-[a-z]{4}-[a-z]{4}-\d{4}", words(answer))[0]
    assert made.check_password(password)
    assert made.must_change_password
    assert "no-store" in answer["Cache-Control"]
    assert password not in words(client.get(url("person", made.pk)))


def test_a_taken_user_name_is_refused_beside_its_field(house, visit):
    answer = visit("admin").post(url("person_add"), {"name": "另一个林", "username": "lin", "education": "0"})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="f-username-error"' in page
    assert 'value="另一个林"' in page


def test_nobody_but_the_administrator_changes_people(house, visit):
    client = visit("lin")

    assert client.get(url("person_add")).status_code == 403
    assert client.get(url("person_leave", house.wu.pk)).status_code == 403
    assert client.post(url("person_reset", house.wu.pk), {}).status_code == 403
    assert client.post(url("person_unlock", house.wu.pk)).status_code == 403
    sent = {"give.post": "cashier", "give.project": ""}
    assert client.post(url("person_give", house.wu.pk), sent).status_code == 403
    assert "重设密码" not in words(client.get(url("person", house.wu.pk)))


@pytest.mark.clause("I-4.3-b", "I-4.3-c")
def test_a_post_is_given_with_a_warning_about_missing_qualification(house, visit):
    Post.objects.filter(code="cs_clerk").update(education=30, years=3)
    Person.objects.at_work().filter(pk=house.song.pk).update(education=20, experience_years=1)
    client = visit("admin")

    answer = client.post(
        url("person_give", house.song.pk), {"give.post": "cs_clerk", "give.project": ""}, follow=True
    )

    page = words(answer)
    assert Holding.objects.open().filter(person=house.song, post__code="cs_clerk").exists()
    assert "资格提醒" in page
    assert "要求大学本科及以上" in page
    assert "要求 3 年以上相关工作经验" in page


def test_a_post_held_already_is_refused_and_the_form_stays_open(house, visit):
    answer = visit("admin").post(
        url("person_give", house.wu.pk), {"give.post": "cs_clerk", "give.project": ""}
    )

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "已任「客户服务」" in words(answer)
    assert re.search(
        r'<details class="small-act" open><summary class="btn btn-small">.*?安排岗位', page, re.S
    )


def test_a_post_is_ended_with_a_reason_and_stays_in_the_history(house, visit):
    row = Holding.objects.get(person=house.wu)

    visit("admin").post(url("person_end", house.wu.pk), {"end.holding": row.pk, "end.reason": "调岗"})

    row.refresh_from_db()
    page = words(visit("admin").get(url("person", house.wu.pk)))
    assert row.to_at is not None
    assert "客户服务" in page
    assert f"至 {timezone.localdate():%Y-%m-%d}" in page


def test_the_administrator_does_not_end_the_own_administration(house, visit):
    row = Holding.objects.get(person=house.admin)

    answer = visit("admin").post(url("person_end", house.admin.pk), {"end.holding": row.pk})

    assert answer.status_code == 422
    assert "请另一位管理员办理" in words(answer)


def test_a_lock_out_is_seen_and_lifted(house, visit):
    AccessAttempt.objects.create(username="wu", ip_address="10.0.0.1", failures_since_start=5)
    client = visit("admin")

    before = words(client.get(url("person", house.wu.pk)))
    client.post(url("person_unlock", house.wu.pk))

    assert "登录已锁" in before
    assert "登录已锁" not in words(client.get(url("person", house.wu.pk)))
    assert not AccessAttempt.objects.filter(username="wu").exists()


def test_password_and_second_factor_are_reset_together(house, visit):
    from allauth.mfa.models import Authenticator

    Authenticator.objects.create(user=house.wu, type="totp", data={"secret": "x"})
    client = visit("admin")
    assert "已开" in words(client.get(url("person", house.wu.pk)))

    answer = client.post(
        url("person_reset", house.wu.pk), {"reset.second_factor.shown": "1", "reset.second_factor": "1"}
    )

    house.wu.refresh_from_db()
    password = re.search(r"[a-z]{4}-[a-z]{4}-[a-z]{4}-\d{4}", words(answer))[0]
    assert house.wu.check_password(password)
    assert "两步验证也已去掉" in words(answer)
    assert not Authenticator.objects.filter(user=house.wu).exists()


def delegation(giver, taker, **changed):
    now = timezone.localtime()
    return {
        "giver": giver.pk,
        "taker": taker.pk,
        "post": "",
        "from_at": now.strftime("%Y-%m-%dT%H:%M"),
        "to_at": (now + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M"),
        "reason": "出差",
    } | changed


@pytest.mark.clause("I-4.2-b")
def test_somebody_away_lets_a_colleague_act_and_ends_it_early(house, visit):
    client = visit("gao")

    client.post(url("delegations"), delegation(house.gao, house.tang))
    row = Delegation.objects.get(giver=house.gao)
    listed = words(client.get(url("delegations")))
    client.post(url("delegation_end", row.pk))

    row.refresh_from_db()
    assert "唐宁 代 高志强" in listed
    assert row.ended_by == house.gao


def test_the_administrator_sets_a_delegation_for_somebody_away_already(house, visit):
    visit("admin").post(url("delegations"), delegation(house.gao, house.tang))

    assert Delegation.objects.get(giver=house.gao).made_by == house.admin
    assert "管理员代设" in words(visit("gao").get(url("delegations")))


def test_nobody_sets_a_delegation_for_somebody_else(house, visit):
    answer = visit("wu").post(url("delegations"), delegation(house.gao, house.wu))

    assert answer.status_code == 422
    assert not Delegation.objects.filter(giver=house.gao).exists()


def test_a_delegation_without_reason_keeps_what_was_typed(house, visit):
    sent = delegation(house.gao, house.tang, reason="")

    answer = visit("gao").post(url("delegations"), sent)

    assert answer.status_code == 422
    assert 'id="f-reason-error"' in answer.content.decode()
    assert f'value="{sent["to_at"]}"' in answer.content.decode()


def test_leaving_moves_everything_in_one_act_and_shows_what_moved(house, visit):
    Department.objects.filter(name="客户服务部").update(head=house.fang)
    client = visit("admin")

    before = words(client.get(url("person_leave", house.fang.pk)))
    refused = client.post(url("person_leave", house.fang.pk), {"successor": "", "reason": "调往集团"})
    done = client.post(
        url("person_leave", house.fang.pk),
        {"successor": house.tang.pk, "reason": "调往集团", "posts_too.shown": "1", "posts_too": "1"},
        follow=True,
    )

    house.fang.refresh_from_db()
    page = words(done)
    assert "保管的印章：合同专用章" in before
    assert "部门负责人：客户服务部" in before
    assert refused.status_code == 422
    assert "请指定接手人" in words(refused)
    assert house.fang.left_at is not None
    assert Seal.objects.get().keeper == house.tang
    for text in (
        "「合同专用章」改由唐宁保管",
        "岗位「合同章保管」由唐宁接任",
        "客户服务部负责人改为唐宁",
        "事由：调往集团",
    ):
        assert text in page
    assert "方正" in words(client.get(url("people") + "?show=left"))


def test_people_of_another_company_are_not_found(house, visit):
    other = Company.objects.exclude(pk=house.wu.company_id).first()
    stranger = Person.objects.create_user("stranger", name="外人", company=other, joined_at=timezone.now())

    assert visit("admin").get(url("person", stranger.pk)).status_code == 404
    assert visit("admin").post(url("person_unlock", stranger.pk)).status_code == 404
    assert "外人" not in words(visit("admin").get(url("people")))


# --- posts and job descriptions ---------------------------------------------------------------------------------------
@pytest.mark.clause("I-3.3-a", "I-3.3-b")
def test_planned_headcount_stands_against_actual_occupation(house, visit):
    found = Establishment.objects.get(company=house.wu.company, post__code="cs_clerk")
    client = visit("admin")

    client.post(url("plan_headcount", found.pk), {f"plan-{found.pk}.planned": "3"})

    page = words(client.get(url("establishments")))
    found.refresh_from_db()
    assert found.planned == 3
    assert "3／1 缺 2" in page
    assert "吴敏" in page
    bad = client.post(url("plan_headcount", found.pk), {f"plan-{found.pk}.planned": "-1"})
    assert bad.status_code == 422
    assert 'value="-1"' in bad.content.decode()


def test_a_post_cannot_report_to_its_own_junior(house, visit):
    answer = visit("admin").post(
        url("post", "general_manager"),
        {"superior": "deputy_gm", "education": "0", "years": "0", "peer_years": "0"},
    )

    assert answer.status_code == 422
    assert 'id="f-superior-error"' in answer.content.decode()


def describe(client, house, **changed):
    found = Establishment.objects.get(company=house.wu.company, post__code="cs_clerk")
    sent = {
        "holder": house.wu.pk, "education": "大学专科", "experience": "两年以上客户服务", "knowledge": "房地产销售",
        "business_scope": "认购到产权", "purpose": "让客户满意", "authority": "退回不相符的认购书",
        "internal": "销售部\n财务", "external": "客户\n按揭银行", "subordinates_stated": "4", "direct_stated": "0",
        "managers_stated": "0", "professionals_stated": "0", "others_stated": "0", "indirect_stated": "0",
        "sales_volume": "1,200,000,000", "profit": "90000000", "staff_total": "80", "change_note": "补写考核指标",
        "duties.0.duty": "核对并登记认购", "duties.0.degree": "full", "duties.0.kpi": "登记及时率 100 %",
        "duties.0.kpi_code": "subscriptions_registered_in_time",
    } | changed  # fmt: skip
    return found, client.post(url("describe", found.pk), sent)


@pytest.mark.clause(
    "I-4.0-1", "I-4.0-2", "I-4.0-3", "I-4.0-4", "I-4.0-5", "I-4.0-6", "I-4.0-8", "I-4.0-9", "I-4.0-11", "I-4.0-12",
    "I-4.0-13", "I-4.0-14", "I-4.0-15", "I-4.0-16", "I-4.0-17", "I-4.0-18", "I-4.0-19", "I-4.0-24", "I-4.0-25",
    "I-4.0-26", "I-4.0-27", "I-4.0-28", "I-4.0-29",
)  # fmt: skip
def test_a_job_description_carries_every_field_of_the_form(house, visit):
    found, answer = describe(visit("admin"), house)

    page = words(visit("wu").get(url("description", found.pk)))
    assert answer.status_code == 302
    for text in (
        house.wu.company.name, "客户服务", found.number, found.department.name, "客服经理", "吴敏", "大学专科", "两年以上客户服务",
        "房地产销售", "认购到产权", "让客户满意", "退回不相符的认购书", "销售部、财务", "客户、按揭银行", "¥1,200,000,000.00",
        "¥90,000,000.00", "80 人", "核对并登记认购", "全责", "登记及时率 100 %", "subscriptions_registered_in_time",
        f"{timezone.localdate().year}年{timezone.localdate().month}月{timezone.localdate().day}日",
    ):  # fmt: skip
        assert text in page, text
    assert found.team is None or found.team.name in page


@pytest.mark.clause("I-4.0-20", "I-4.0-21", "I-4.0-22", "I-4.0-23")
def test_counts_of_subordinates_that_differ_from_the_chart_are_pointed_out(house, visit):
    found, _ = describe(visit("admin"), house)

    page = words(visit("wu").get(url("description", found.pk)))
    listed = words(visit("wu").get(url("establishments")))

    for text in ("下属人员", "直接", "间接", "经理", "专业人员", "其他"):
        assert text in page
    assert "下属：说明书写 4 人，组织图为 0 人" in page
    assert "下属：说明书写 4 人，组织图为 0 人" in listed


@pytest.mark.clause("I-4.0-1", "I-4.0-7", "I-4.0-10")
def test_a_job_description_is_signed_by_its_holder_and_the_direct_superior(house, visit):
    found, _ = describe(visit("admin"), house)
    version = JobDescription.objects.filter(establishment=found).latest("version").version
    place = url("description_sign", found.pk)

    stranger = visit("lin").post(place, {"version": version})
    visit("wu").post(place, {"version": version})
    half = words(visit("zhou").get(url("description", found.pk)))
    visit("zhou").post(place, {"version": version})

    made = JobDescription.objects.get(establishment=found, version=version)
    page = words(visit("lin").get(url("description", found.pk)))
    assert stranger.status_code == 422
    assert "由任职人和直接上级签字" in words(stranger)
    assert "还差一方签字" in half
    assert "作为直接上级签字" in half
    assert (made.holder_signed_by, made.superior_signed_by) == (house.wu, house.zhou)
    assert "两方已签" in page


def test_mistakes_in_a_job_description_stay_beside_their_fields(house, visit):
    _, answer = describe(visit("admin"), house, profit="很多", staff_total="")

    assert answer.status_code == 422
    assert 'id="f-profit-error"' in answer.content.decode()
    assert "核对并登记认购" in answer.content.decode()


# --- structure --------------------------------------------------------------------------------------------------------
@pytest.mark.clause("I-1-a", "I-1-b", "I-1-d", "I-1-j", "I-1-k", "I-1-l", "I-1-n")
def test_the_structure_shows_group_assembly_companies_by_kind_centres_and_departments(house, visit):
    page = words(visit("wu").get(url("structure")))

    for text in (
        "集团成员大会",
        "集团公司 1",
        "集团子公司",
        "集团参股企业",
        "集团关联企业",
        "投资控股",
        "投资中心",
        "客户服务部",
        "签约组",
        "销控",
    ):
        assert text in page
    assert house.wu.company.name in page


@pytest.mark.clause("I-1-e", "I-1-g", "I-1-h", "I-1-i")
def test_member_companies_are_added_by_the_rules_of_their_kind(house, visit):
    client = visit("admin")
    parent = Company.objects.get(kind="parent")

    wrong = client.post(
        url("company_add"), {"name": "归居物业", "kind": "subsidiary", "held_by": "", "hold": "", "basis": ""}
    )
    for name, sent in {
        "归居物业": {"kind": "subsidiary", "held_by": parent.pk, "hold": "control", "basis": ""},
        "邻里商业": {"kind": "affiliated", "held_by": "", "hold": "", "basis": "charter"},
        "远山基金": {"kind": "affiliated", "held_by": parent.pk, "hold": "share", "basis": "investment"},
    }.items():
        client.post(url("company_add"), {"name": name} | sent)

    page = words(client.get(url("structure")))
    assert wrong.status_code == 422
    assert "子公司须由集团公司控股" in words(wrong)
    assert 'value="归居物业"' in wrong.content.decode()
    for text in ("归居物业", "承认集团章程并互利协作", "只投资不参与经营管理"):
        assert text in page
    assert set(Company.objects.members().values_list("name", flat=True)) >= {
        "归居物业",
        "邻里商业",
        "远山基金",
    }


def test_a_head_a_function_and_a_duty_are_assigned(house, visit):
    client = visit("admin")
    department = Department.objects.get(company=house.wu.company, name="客户服务部")
    function = Function.objects.get(company=house.wu.company, code="daily_contact")
    team = Team.objects.get(department__company=house.wu.company, code="service")

    client.post(url("structure_assign", "head", department.pk), {f"head-{department.pk}.to": house.zhou.pk})
    moved = {f"function-{function.pk}.to": team.pk, f"function-{function.pk}.reason": "分工调整"}
    client.post(url("structure_assign", "function", function.pk), moved)
    again = client.post(url("structure_assign", "function", function.pk), moved)

    department.refresh_from_db()
    assert department.head == house.zhou
    assert team_of(function, timezone.now()) == team
    assert again.status_code == 422
    assert "本来就由" in words(again)
    duty = CompanyDuty.objects.first()
    centre = Centre.objects.exclude(pk=duty.centre_id).first()
    refused = client.post(url("structure_assign", "duty", duty.pk), {f"duty-{duty.pk}.to": centre.pk})
    assert refused.status_code in (302, 403)


# --- overview ---------------------------------------------------------------------------------------------------------
def test_the_overview_counts_acts_of_a_period(house, visit, ago):
    house.sealed(at=ago)
    today = timezone.localdate()

    page = words(visit("zhou").get(url("overview") + f"?from={today - timedelta(days=1)}&to={today}"))
    empty = words(visit("zhou").get(url("overview") + "?from=2020-01-01&to=2020-01-02"))

    assert "林晓雯" in page
    assert "100.0 %" in page
    assert "办理 0 次" in empty


def test_pages_of_people_ask_the_database_as_often_for_many(house, visit):
    client = visit("admin")

    def asked(name) -> int:
        client.get(url(name))
        with CaptureQueriesContext(connection) as seen:
            client.get(url(name))
        return len(seen)

    before = {name: asked(name) for name in PAGES}
    post = Post.objects.get(code="cs_clerk")
    for n in range(3):
        one = Person.objects.create_user(
            f"new{n}", name=f"新{n}", company=house.wu.company, joined_at=timezone.now()
        )
        Holding.objects.create(person=one, post=post, company=house.wu.company, from_at=timezone.now())
        Delegation.objects.create(
            giver=one, taker=house.tang, from_at=timezone.now() - timedelta(hours=1),
            to_at=timezone.now() + timedelta(days=1), reason="出差", made_at=timezone.now(), made_by=one,
        )  # fmt: skip
    describe(client, house)

    assert {name: asked(name) for name in PAGES} == before
