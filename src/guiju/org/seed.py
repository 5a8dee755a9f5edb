"""The standard organisation, and the people of the demonstration. Both can be run again: nothing doubles."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.contrib.auth.hashers import make_password
from django.db import transaction

from guiju.kernel import engine
from guiju.org import people, posts
from guiju.org.models import (
    Centre,
    Company,
    CompanyDuty,
    Department,
    Establishment,
    Function,
    Group,
    Holding,
    Person,
    Post,
    Team,
)
from guiju.org.models.posts import Education
from guiju.org.operations.descriptions import DescriptionText, DutyText, write_description

OPERATING_COMPANY: Final = "归居示范（北京）房地产开发有限公司"
DEMO_PASSWORD: Final = "Guiju-demo-2026"  # noqa: S105 (printed at the start of every demonstration)

# Duty of the group company, and the centre that carries it (I-1-c, I-1-d).
_DUTIES = (("投资控股", "投资中心"), ("战略发展", "战略中心"), ("管理文化", "管理中心"))

_DEPARTMENTS = (
    ("general", "总经理办公室", "公司领导与审计"),
    ("customer_service", "客户服务部", "认购、签约、登记、产权、入伙和客户服务"),
    ("sales", "销售部", "推荐、认购"),
    ("finance", "计划财务部", "收款、退款、税费"),
    ("engineering", "工程部", "工程变更、维修支持"),
    ("quality", "质检部", "质量判定、委派和检验"),
    ("after_sales", "售后服务部", "报修、上门和维修"),
    ("marketing", "市场部", "市场与推广"),
    ("operations", "经营部", "经营计划"),
    ("planning", "规划设计部", "规划与设计"),
)

_TEAMS = (("signing", "签约组"), ("registration", "登记产权组"), ("service", "客户服务组"))

# Function, the team that carries it, the clause of the organisation chart, and the processes and steps it consists of.
_FUNCTIONS: tuple[tuple[str, str, str, str, tuple[str, ...]], ...] = (
    (
        "signing_preparation", "签约前准备", "signing", "I-3.1-d",
        (
            "subscription.hand_out_list", "subscription.set_signing_date", "signing.give_list", "signing.prepare",
            "signing.draft", "signing.collect_text",
        ),
    ),
    ("subscription_support", "认购及签约辅助", "signing", "I-3.1-e", ("subscription", "subscription_change", "signing")),
    ("contract_approval", "合同及补充条款审批", "signing", "I-3.1-f", ("contract_approval", "signing.release_clause")),
    ("papers_reminder", "登记及按揭资料催办", "signing", "I-3.1-g", ("subscription.remind_residence", "presale_filing.chase")),
    ("unit_control", "销控", "signing", "I-3.1-h", ("unit_control",)),
    ("customer_data", "客户资料管理", "signing", "I-3.1-i", ("subscription.collect_papers", "signing.check_papers")),
    ("administration", "系统维护", "signing", "I-3.1-j", ()),
    ("daily_contact", "日常沟通与联络", "signing", "I-3.1-k", ()),
    ("refund", "退房／退款", "signing", "I-3.1-l", ()),
    ("filing", "预售登记", "registration", "I-3.1-m", ("presale_filing",)),
    ("mortgage", "按揭", "registration", "I-3.1-n", ()),
    ("contract_change", "合同变更", "registration", "I-3.1-o", ("contract_change",)),
    ("title", "权属证书审办", "registration", "I-3.1-p", ()),
    ("works_change", "工程变更", "service", "I-3.1-q", ()),
    ("fit_out", "装修方案及选色选材", "service", "I-3.1-r", ("fitout_selection",)),
    ("handover", "交屋", "service", "I-3.1-s", ()),
    ("warranty", "维保", "service", "I-3.1-t", ("after_sales", "visit")),
    ("activities", "客户活动方案及组织", "service", "I-3.1-u", ()),
    ("complaints", "客户投诉处理、协调", "service", "I-3.1-v", ("complaint", "dispute")),
    ("call_backs", "客户回访", "service", "I-3.1-w", ("callback",)),
)  # fmt: skip

# Post, department, team, post number, planned headcount.
_ESTABLISHMENT = (
    (posts.GENERAL_MANAGER, "general", None, "ZJ-01", 1),
    (posts.DEPUTY_GM, "general", None, "ZJ-02", 1),
    (posts.AUDITOR, "general", None, "ZJ-03", 1),
    (posts.SEAL_KEEPER, "general", None, "ZJ-04", 1),
    (posts.CS_MANAGER, "customer_service", None, "KF-01", 1),
    (posts.CS_ASSISTANT_MANAGER, "customer_service", None, "KF-02", 1),
    (posts.SIGNING_SUPERVISOR, "customer_service", "signing", "KF-03", 1),
    (posts.CS_CLERK, "customer_service", "signing", "KF-04", 3),
    (posts.ADMINISTRATOR, "customer_service", "signing", "KF-05", 1),
    (posts.REGISTRAR, "customer_service", "registration", "KF-06", 1),
    (posts.ARCHIVIST, "customer_service", "service", "KF-07", 1),
    (posts.FRONT_DESK, "customer_service", "service", "KF-08", 1),
    (posts.SALES_DIRECTOR, "sales", None, "XS-01", 1),
    (posts.SALES, "sales", None, "XS-02", 3),
    (posts.FINANCE, "finance", None, "CW-01", 1),
    (posts.CASHIER, "finance", None, "CW-02", 1),
    (posts.QUALITY, "quality", None, "ZJB-01", 1),
    (posts.INSPECTOR, "quality", None, "ZJB-02", 1),
    (posts.DELEGATE, "quality", None, "ZJB-03", 2),
    (posts.AFTER_SALES, "after_sales", None, "SH-01", 0),
    (posts.SERVICE_MANAGER, "after_sales", None, "SH-02", 1),
    (posts.FOREMAN, "after_sales", None, "SH-03", 1),
    (posts.TECHNICIAN, "after_sales", None, "SH-04", 3),
    (posts.ONSITE, "after_sales", None, "SH-05", 2),
)

# Posts whose people work in further teams: the clerks sign, register and serve customers (I-4.3-b to r).
_ALSO = {posts.CS_CLERK: ("registration", "service")}

# Education, years of related work, years in the same post (I-4.1-b, c, d; I-4.2-m, n; I-4.3-b, c).
_REQUIRED = {
    posts.CS_MANAGER: (Education.JUNIOR_COLLEGE, 3, 2),
    posts.CS_ASSISTANT_MANAGER: (Education.JUNIOR_COLLEGE, 2, 0),
    posts.CS_CLERK: (Education.JUNIOR_COLLEGE, 2, 0),
}

_OUTSIDE = ("律师事务所", "房管局", "材料供应商", "按揭银行", "施工单位", "装饰公司")

_DESCRIPTIONS = {
    posts.CS_MANAGER: DescriptionText(
        education="大学专科或以上",
        experience="3 年以上相关工作经验；2 年以上同等规模项目、同等职位工作经验",
        knowledge="房地产法律政策；房地产销售管理流程；客户关系协调；客户活动组织",
        business_scope="房地产有关法律政策；本项目产品及其优势；房屋销售管理办法；合同法",
        purpose="",
        authority="",
        subordinates_stated=8,
        direct_stated=1,
        indirect_stated=7,
        internal=("销售部", "市场部", "经营部", "规划设计部", "工程部"),
        external=_OUTSIDE,
        duties=(
            DutyText("制定部门目标和工作计划，督导完成", "full", "计划完成率", "plan_completion"),
            DutyText("审批认购变更、退房退款和对外承诺", "full", "审批按时率", "approval_on_time"),
            DutyText("受理升级的投诉，组织改进", "full", "客户服务满意率 100 %", "satisfaction"),
        ),
    ),
    posts.CS_ASSISTANT_MANAGER: DescriptionText(
        education="大学专科",
        experience="2 年以上房地产经验",
        knowledge="房地产销售流程；认购、签约及销控细节",
        business_scope="银行按揭；销售登记；入住流程",
        purpose="协助经理处理部门日常管理，负责选色选材、房屋变更设计和客户投诉",
        authority="经理委托范围内的日常审批",
        subordinates_stated=6,
        direct_stated=3,
        indirect_stated=3,
        internal=("规划设计部", "计划财务部", "经营部", "销售部", "工程部"),
        external=(*_OUTSIDE, "房地产交易中心", "集团"),
        duties=(
            DutyText("处理客户投诉", "full", "客户服务满意率 100 %", "satisfaction"),
            DutyText("选色选材和房屋变更设计", "full", "按时完成率", "on_time"),
            DutyText("部门日常管理", "support"),
        ),
    ),
    posts.CS_CLERK: DescriptionText(
        education="大学专科及以上",
        experience="2 年以上相关工作经验",
        knowledge="相关法律；房地产政策法规；签约、预售登记和产权办理",
        business_scope="购房贷款流程；客户投诉接待",
        purpose="负责签约、按揭资料、工程变更和合同报批，建立健全各项档案",
        authority="核对并登记认购，发出签约须知",
        internal=("客户档案管理员",),
        external=("银行", "律师事务所"),
        duties=(
            DutyText("核对认购并登记销控", "full", "登记差错数为 0", "registration_errors"),
            DutyText("签约、按揭资料和合同报批", "full", "签约到位率", "signing_on_time"),
            DutyText("客户投诉的接待与记录", "shared", "客户服务到位率 100 %", "service_in_place"),
        ),
    ),
    posts.ARCHIVIST: DescriptionText(
        purpose="保管客户档案，办理借阅，定期盘点",
        internal=("签约组", "登记产权组", "客户服务组"),
        # Part III, 2.6.
        duties=(
            DutyText("收集客户资料，列出还缺的部分", "full", "档案完整率 100 %", "dossier_complete"),
            DutyText("为每位客户建档编号，及时更新，登记修改、借阅和归还", "full"),
            DutyText("收集法规和主管部门政策，注明来源、生效日期和状态", "full"),
            DutyText("为签约主管准备合同、协议文本", "support"),
            DutyText("按存档数据打印合同和文件，登记每次打印", "full"),
            DutyText("从档案整理客户办理产权登记的资料", "shared"),
            DutyText("完成主管交办的录入和打印", "full"),
            DutyText("登记部门收发文：编号、日期、往来单位", "full"),
        ),
    ),
}

# Who heads the departments of the demonstration; the deputy in charge heads those without people of their own.
_HEADS = {
    "general": "qian",
    "customer_service": "zhou",
    "sales": "gao",
    "finance": "he",
    "quality": "zheng",
}

# Username, name, post, education, years of related work, years in the same post.
_DEMO: Final = (
    ("qian", "钱立", posts.GENERAL_MANAGER, Education.MASTER, 18, 6),
    ("sun", "孙达", posts.DEPUTY_GM, Education.BACHELOR, 15, 4),
    ("zhou", "周岚", posts.CS_MANAGER, Education.BACHELOR, 9, 4),
    ("tang", "唐宁", posts.CS_ASSISTANT_MANAGER, Education.JUNIOR_COLLEGE, 5, 2),
    ("deng", "邓宇", posts.SIGNING_SUPERVISOR, Education.BACHELOR, 6, 2),
    ("wu", "吴敏", posts.CS_CLERK, Education.JUNIOR_COLLEGE, 4, 2),
    ("yu", "于静", posts.REGISTRAR, Education.BACHELOR, 4, 2),
    ("xu", "许诺", posts.ARCHIVIST, Education.JUNIOR_COLLEGE, 3, 1),
    ("ma", "马原", posts.FRONT_DESK, Education.JUNIOR_COLLEGE, 1, 1),
    ("gao", "高志强", posts.SALES_DIRECTOR, Education.BACHELOR, 10, 3),
    ("lin", "林晓雯", posts.SALES, Education.BACHELOR, 3, 2),
    ("luo", "罗佳", posts.SALES, Education.JUNIOR_COLLEGE, 2, 1),
    ("song", "宋扬", posts.SALES, Education.BACHELOR, 1, 1),
    ("he", "何静", posts.CASHIER, Education.JUNIOR_COLLEGE, 6, 4),
    ("fang", "方正", posts.SEAL_KEEPER, Education.BACHELOR, 7, 3),
    ("zheng", "郑重", posts.QUALITY, Education.BACHELOR, 12, 5),
    ("wei", "魏强", posts.TECHNICIAN, Education.MIDDLE, 8, 5),
    ("jiang", "江平", posts.AUDITOR, Education.BACHELOR, 8, 3),
    ("admin", "管理员", posts.ADMINISTRATOR, Education.BACHELOR, 5, 2),
)


@transaction.atomic
def seed_posts() -> None:
    """Make the posts that code names. A post that exists keeps what an administrator changed."""
    rows: dict[str, Post] = {}
    for kind in posts.POSTS:
        education, years, peer_years = _REQUIRED.get(kind.code, (Education.NONE, 0, 0))
        rows[kind.code], made = Post.objects.get_or_create(
            code=kind.code,
            defaults={
                "name": kind.name,
                "may": kind.may,
                "category": kind.category,
                "clause": kind.clause,
                "education": education,
                "years": years,
                "peer_years": peer_years,
            },
        )
        if made and kind.superior:
            rows[kind.code].superior = rows.get(kind.superior) or Post.objects.get(code=kind.superior)
            rows[kind.code].save(update_fields=["superior"])
    people.forget()


@transaction.atomic
def seed_organisation(
    at: datetime,
    *,
    company_name: str = OPERATING_COMPANY,
    short_name: str = "归居示范",
    group_name: str = "归居示范集团",
    parent_name: str = "归居示范集团有限公司",
) -> Company:
    """
    Make the standard organisation: group, group company with its centres, the operating company with departments,
    teams, functions, posts and planned headcount. What exists is left as it is. Returns the operating company.
    """
    seed_posts()
    group = Group.objects.first() or Group.objects.create(name=group_name)
    parent, _ = Company.objects.get_or_create(
        group=group,
        kind=Company.Kind.PARENT,
        defaults={"name": parent_name, "short_name": "集团公司"},
    )
    for duty, centre_name in _DUTIES:
        centre, _ = Centre.objects.get_or_create(company=parent, name=centre_name)
        CompanyDuty.objects.get_or_create(company=parent, name=duty, defaults={"centre": centre})
    company, made = Company.objects.get_or_create(
        name=company_name,
        defaults={
            "group": group,
            "kind": Company.Kind.SUBSIDIARY,
            "short_name": short_name,
            "held_by": parent,
            "hold": Company.Hold.CONTROL,
            "operating": True,
        },
    )
    departments = {
        code: Department.objects.get_or_create(
            company=company, code=code, defaults={"name": name, "duty": duty}
        )[0]
        for code, name, duty in _DEPARTMENTS
    }
    teams = {
        code: Team.objects.get_or_create(
            department=departments["customer_service"], code=code, defaults={"name": name}
        )[0]
        for code, name in _TEAMS
    }
    for code, name, team, clause, works in _FUNCTIONS:
        Function.objects.get_or_create(
            company=company,
            code=code,
            defaults={"name": name, "team": teams[team], "clause": clause, "works": list(works)},
        )
    for post, department, team_code, number, planned in _ESTABLISHMENT:
        establishment, new = Establishment.objects.get_or_create(
            company=company,
            post=Post.objects.get(code=post),
            defaults={
                "department": departments[department],
                "team": teams[team_code] if team_code else None,
                "number": number,
                "planned": planned,
            },
        )
        if new:
            establishment.also.set(teams[code] for code in _ALSO.get(post, ()))
    if made:
        engine.record(company_id=company.pk, step="org.seed", by=None, at=at, given={"company": company.name})
    return company


@transaction.atomic
def seed_administrator(
    at: datetime, *, company: Company, username: str = "admin", name: str = "管理员", password: str
) -> Person:
    """
    Make the first person, who may add all others, with a first password that must be changed. Once only: a
    person of that username is returned as is.
    """
    found = Person.objects.filter(username=username).first()
    if found is not None:
        return found
    person = Person.objects.create_user(
        username, password, name=name, company=company, must_change_password=True, joined_at=at
    )
    Holding.objects.create(
        person=person, post=Post.objects.get(code=posts.ADMINISTRATOR), company=company, from_at=at
    )
    people.forget()
    engine.record(
        company_id=company.pk, step="org.first_administrator", by=person, at=at, given={"person": person.pk}
    )
    return person


@transaction.atomic
def seed_demo_people(at: datetime, *, project_id: int | None = None) -> dict[str, Person]:
    """
    Make the people of the demonstration with one password for all, each with the post of their name, company-wide.

    With ``project_id`` the sales people get their post in that project only. Returns username -> person.
    """
    company = seed_organisation(at)
    hashed = make_password(DEMO_PASSWORD)
    made: dict[str, Person] = {}
    for n, (username, name, post, education, years, peer_years) in enumerate(_DEMO, 1):
        person, new = Person.objects.get_or_create(
            username=username,
            defaults={
                "name": name,
                "password": hashed,
                "phone": f"8{n:03d}",
                "company": company,
                "education": education,
                "experience_years": years,
                "peer_years": peer_years,
                "joined_at": at,
            },
        )
        made[username] = person
        if new:
            Holding.objects.create(
                person=person,
                post=Post.objects.get(code=post),
                company=company,
                project_id=project_id if post == posts.SALES else None,
                from_at=at,
            )
    for department in Department.objects.filter(company=company, head=None).order_by("pk"):
        department.head = made[_HEADS.get(department.code, "sun")]
        department.save(update_fields=["head"])
    # 财务 is one more post of the cashier in a small office.
    finance = Post.objects.get(code=posts.FINANCE)
    if not Holding.objects.filter(post=finance, company=company).exists():
        Holding.objects.create(person=made["he"], post=finance, company=company, from_at=at)
    seed_descriptions(at, company=company, by=made["admin"])
    people.forget()
    return made


@transaction.atomic
def seed_descriptions(at: datetime, *, company: Company, by: Person) -> int:
    """Write the first job descriptions, unsigned, for posts that have none. Returns how many were written."""
    written = 0
    for code, text in _DESCRIPTIONS.items():
        establishment = Establishment.objects.select_related(
            "post__superior", "company", "department", "team"
        ).get(company=company, post__code=code)
        if not establishment.descriptions.exists():
            holders = list(Holding.objects.filter(post__code=code, company=company).at(at)[:2])
            holder = holders[0].person if len(holders) == 1 else None
            write_description(establishment=establishment, text=text, holder=holder, by=by, at=at)
            written += 1
    return written
