"""岗位和编制、职位说明书、公司结构、员工概览."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from pydantic import Field

from guiju.kernel.forms import Form, LongText, Money, Text
from guiju.kernel.forms import field as ask
from guiju.org.functions import carried
from guiju.org.gates import holds_post, require_administrator, scope_of
from guiju.org.models import (
    Centre,
    Company,
    CompanyDuty,
    Contact,
    Department,
    DescribedDuty,
    Establishment,
    Function,
    Group,
    JobDescription,
    Post,
    Team,
)
from guiju.org.operations import structure as operations
from guiju.org.operations.descriptions import (
    DescriptionText,
    DutyText,
    UnableToDraftDescription,
    UnableToSignDescription,
    draft_description,
    sign_description,
)
from guiju.org.queries import (
    assembly,
    current_descriptions,
    headcounts,
    mismatches,
    post_chart,
    staff_overview,
    subordinates,
)
from guiju.web import clausewords, formats, staffroom
from guiju.web.formats import SHANGHAI, local
from guiju.web.sheet import Sheet
from guiju.web.views import asking
from guiju.web.views.people import EDUCATION, Years, tabs
from guiju.web.views.revising import Labelled

Count = Annotated[int, Field(ge=0, le=100_000)]


# --- posts and headcount ----------------------------------------------------------------------------------------------
class PlanForm(Form):
    """编制人数。"""

    planned: Annotated[int, Field(ge=0, le=999)] = ask("编制人数", unit="人")


class PostForm(Form):
    """岗位的上级和资格。"""

    superior: Text = ask("直接上级", default="")
    education: int = ask("学历要求", default=0)
    years: Years = ask("相关工作经验", default=0, unit="年")
    peer_years: Years = ask("同等规模项目同等职位经验", default=0, unit="年")
    team: Text = ask("所在组", default="", help="组负责的职能，其待办由组内岗位办")
    also: list[str] = ask("也在的组", default_factory=list, help="一行一个组名")


def _establishment(request: HttpRequest, key: int) -> Establishment:
    """
    Return a post as it stands in the reader's company.

    :raises Http404: there is none.
    """
    rows = Establishment.objects.filter(company_id=asking.person(request).company_id, pk=key)
    found = rows.select_related("post__superior", "department", "team", "company").first()
    if found is None:
        raise Http404("没有这个岗位，或者不在你的公司。")
    return found


@require_safe
def establishments(request: HttpRequest) -> HttpResponse:
    """List the posts of the company: planned and actual people, who they are, job description, what does not agree."""
    return _establishments(request)


def _establishments(request: HttpRequest, *, sent: tuple[int, Sheet[Any]] | None = None) -> HttpResponse:
    at, by = asking.now(), asking.person(request)
    company = by.company
    counts = headcounts(company, at=at)
    descriptions = current_descriptions(company)
    chart = post_chart(company)
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for one in counts:
        description = descriptions.get(one.establishment.pk)
        groups[one.establishment.department.name].append(
            {
                "one": one,
                "description": description,
                "wrong": mismatches(description, chart=chart) if description is not None else [],
                "plan": sent[1]
                if sent and sent[0] == one.establishment.pk
                else Sheet(PlanForm, prefix=f"plan-{one.establishment.pk}.", typed={"planned": one.planned}),
            }
        )
    return render(
        request,
        "web/people/establishments.html",
        {
            "tabs": tabs("establishments"),
            "groups": list(groups.items()),
            "planned": sum(one.planned for one in counts),
            "actual": sum(one.actual for one in counts),
            "vacant": sum(max(-one.difference, 0) for one in counts),
            "over": sum(max(one.difference, 0) for one in counts),
            "may": staffroom.may_administer(by, at),
        },
        status=sent[1].status if sent else 200,
    )


@require_POST
@asking.tells_refusals
def plan(request: HttpRequest, key: int) -> HttpResponse:
    """Set the planned headcount of a post."""
    at, by = asking.now(), asking.person(request)
    found = _establishment(request, key)
    sheet = Sheet(PlanForm, prefix=f"plan-{found.pk}.")
    given = sheet.take(request)
    if given is not None:
        try:
            operations.plan_headcount(establishment=found, planned=given.planned, by=by, at=at)
        except operations.UnableToPlanHeadcount as refused:
            sheet.refuse(refused)
        else:
            messages.success(request, f"「{found.post.name}」编制改为 {given.planned} 人")
            return redirect(f"{reverse('web:establishments')}#post-{found.pk}")
    return _establishments(request, sent=(found.pk, sheet))


@require_http_methods(["GET", "HEAD", "POST"])
@asking.tells_refusals
def post(request: HttpRequest, code: str) -> HttpResponse:
    """Change whom a post reports to and what it requires."""
    at, by = asking.now(), asking.person(request)
    require_administrator(by, company_id=by.company_id, at=at)
    found = Post.objects.filter(code=code).select_related("superior").first()
    if found is None:
        raise Http404("没有这个岗位。")
    others = Post.objects.exclude(pk=found.pk).order_by("pk")
    here = Establishment.objects.filter(company_id=by.company_id, post=found).select_related("team").first()
    teams = (
        list(Team.objects.filter(department=here.department_id).order_by("pk")) if here is not None else []
    )
    sheet = Sheet(
        PostForm,
        choices={
            "superior": [(one.code, one.name) for one in others],
            "education": EDUCATION,
            "team": [("", "不在组里"), *((one.code, one.name) for one in teams)],
        },
        typed={
            "superior": found.superior.code if found.superior else "",
            "education": found.education,
            "years": found.years,
            "peer_years": found.peer_years,
            "team": here.team.code if here is not None and here.team is not None else "",
            "also": [one.name for one in here.also.order_by("pk")] if here is not None else [],
        },
    )
    back = reverse("web:establishments")
    if request.method == "POST":
        given = sheet.take(request)
        if given is not None:
            try:
                operations.change_post(
                    post=found,
                    company=by.company,
                    by=by,
                    at=at,
                    superior=others.get(code=given.superior) if given.superior else None,
                    education=given.education,
                    years=given.years,
                    peer_years=given.peer_years,
                )
                team = next((one for one in teams if one.code == given.team), None)
                also = [one for one in teams if one.name in given.also and one != team]
                if here is not None and (here.team, set(here.also.all())) != (team, set(also)):
                    operations.place_post(establishment=here, team=team, also=also, by=by, at=at)
            except operations.UnableToChangePost as refused:
                sheet.refuse(refused, beside="superior")
            else:
                messages.success(request, f"已改好「{found.name}」")
                return redirect(back)
    return render(
        request,
        "web/ask.html",
        {
            "title": f"岗位「{found.name}」",
            "lead": found.may,
            "crumbs": [("人员", reverse("web:people")), ("岗位和编制", back)],
            "sheet": sheet,
            "button": "改好岗位",
            "back": back,
            "notes": [
                "直接上级收到超期上报，也在没有别人能批时审批",
                "资格不够的人也可以安排，但会提醒并记下",
                f"依据 {clausewords.known(found.clause)}" if found.clause else "依据组织和岗位图",
            ],
        },
        status=sheet.status,
    )


# --- job descriptions -------------------------------------------------------------------------------------------------
class Degree(Labelled):
    """How far somebody answers for a duty."""

    FULL = DescribedDuty.Degree.FULL.value, "全责"
    SHARED = DescribedDuty.Degree.SHARED.value, "部分责任"
    SUPPORT = DescribedDuty.Degree.SUPPORT.value, "协助"


class DutyForm(Form):
    """职责。"""

    duty: Annotated[str, Field(min_length=1, max_length=200)] = ask("职责范围")
    degree: Degree = ask("负责程度", default=Degree.FULL)
    kpi: Text = ask("考核指标（KPI）", default="")
    kpi_code: Text = ask("系统指标代码", default="", help="有对应的系统指标才填")


class DescriptionForm(Form):
    """职位说明书。"""

    holder: Text = ask("任职人", default="")
    change_note: Text = ask("修订说明", default="")
    education: Annotated[str, Field(max_length=100)] = ask("学历", default="")
    experience: Text = ask("经历", default="")
    knowledge: LongText = ask("专业知识", default="")
    business_scope: LongText = ask("业务了解范围", default="")
    purpose: LongText = ask("职位目的（目标）", default="")
    authority: LongText = ask("职位目的（权限）", default="")
    internal: list[str] = ask("内部沟通对象", default_factory=list, help="一行一个")
    external: list[str] = ask("外部沟通对象", default_factory=list, help="一行一个")
    subordinates_stated: Count | None = ask("下属人数", default=None, unit="人")
    direct_stated: Count | None = ask("直接下属", default=None, unit="人")
    indirect_stated: Count | None = ask("间接下属", default=None, unit="人")
    managers_stated: Count | None = ask("其中经理", default=None, unit="人")
    professionals_stated: Count | None = ask("其中专业人员", default=None, unit="人")
    others_stated: Count | None = ask("其中其他", default=None, unit="人")
    sales_volume: Money | None = ask("销售额", default=None)
    profit: Money | None = ask("利润", default=None)
    staff_total: Count | None = ask("职员总数", default=None, unit="人")
    duties: Annotated[list[DutyForm], Field(max_length=40)] = ask("职责", default_factory=list)


_PLAIN = (
    "education", "experience", "knowledge", "business_scope", "purpose", "authority", "subordinates_stated",
    "direct_stated", "indirect_stated", "managers_stated", "professionals_stated", "others_stated", "sales_volume",
    "profit", "staff_total",
)  # fmt: skip


@require_safe
def description(request: HttpRequest, key: int) -> HttpResponse:
    """Show the job description of a post, the version named or the newest, with both signatures."""
    return _description(request, _establishment(request, key))


def _description(request: HttpRequest, found: Establishment, *, refused: str = "") -> HttpResponse:
    at, by = asking.now(), asking.person(request)
    versions = list(found.descriptions.select_related("holder", "compiled_by").order_by("-version"))
    wanted = request.GET.get("version", "")
    shown = next((row for row in versions if str(row.version) == wanted), versions[0] if versions else None)
    if wanted and shown is not None and str(shown.version) != wanted:
        raise Http404("没有这一版职位说明书。")
    superior = found.post.superior
    as_superior = superior is not None and holds_post(by, superior.code, company_id=found.company_id, at=at)
    newest = shown is not None and shown.pk == versions[0].pk
    contacts: dict[str, list[str]] = {side: [] for side in Contact.Side.values}
    if shown is not None:
        for contact in shown.contacts.order_by("pk"):
            contacts[contact.side].append(contact.name)
    return render(
        request,
        "web/people/description.html",
        {
            "establishment": found,
            "shown": shown,
            "versions": versions,
            "counted": subordinates(found.post, found.company),
            "wrong": mismatches(shown) if shown is not None else [],
            "duties": list(shown.duties.order_by("position")) if shown is not None else [],
            "internal": contacts[Contact.Side.INTERNAL],
            "external": contacts[Contact.Side.EXTERNAL],
            "may": staffroom.may_administer(by, at),
            "signs_as_holder": bool(
                newest and shown and by.pk == shown.holder_id and not shown.holder_signed_at
            ),
            "signs_as_superior": bool(
                newest and shown and as_superior and by.pk != shown.holder_id and not shown.superior_signed_at
            ),
            "newest": newest,
            "refused": refused,
        },
        status=422 if refused else 200,
    )


@require_POST
@asking.tells_refusals
def sign(request: HttpRequest, key: int) -> HttpResponse:
    """Sign the newest job description of a post, as its holder or as the direct superior."""
    at, by = asking.now(), asking.person(request)
    found = _establishment(request, key)
    shown = found.descriptions.filter(version=formats.whole(request.POST.get("version", "")) or 0).first()
    if shown is None:
        raise Http404("没有这一版职位说明书。")
    try:
        sign_description(description=shown, by=by, at=at)
    except UnableToSignDescription as refused:
        return _description(request, found, refused=str(refused))
    messages.success(request, f"已签「{found.post.name}」职位说明书第 {shown.version} 版")
    return redirect("web:description", key)


def _typed(shown: JobDescription | None) -> dict[str, Any]:
    if shown is None:
        return {}
    typed: dict[str, Any] = {
        name: getattr(shown, name) for name in _PLAIN if getattr(shown, name) not in (None, "")
    }
    typed["holder"] = shown.holder_id or ""
    typed["duties"] = [
        {"duty": row.duty, "degree": row.degree, "kpi": row.kpi, "kpi_code": row.kpi_code}
        for row in shown.duties.order_by("position")
    ]
    for side in Contact.Side.values:
        typed[side] = [row.name for row in shown.contacts.order_by("pk") if row.side == side]
    return typed


@require_http_methods(["GET", "HEAD", "POST"])
@asking.tells_refusals
def describe(request: HttpRequest, key: int) -> HttpResponse:
    """Write the next version of a post's job description; earlier ones stay as they were signed."""
    at, by = asking.now(), asking.person(request)
    found = _establishment(request, key)
    require_administrator(by, company_id=found.company_id, at=at)
    newest = found.descriptions.order_by("-version").first()
    holders = next(
        (one.holders for one in headcounts(found.company, at=at) if one.establishment.pk == found.pk), ()
    )
    sheet = Sheet(
        DescriptionForm,
        choices={"holder": [("", "暂不指定"), *((str(one.pk), one.name) for one in holders)]},
        typed=_typed(newest),
    )
    back = reverse("web:description", args=[key])
    if request.method == "POST":
        given = sheet.take(request)
        if given is not None:
            text = DescriptionText(
                **{name: getattr(given, name) for name in _PLAIN},
                change_note=given.change_note,
                internal=tuple(dict.fromkeys(given.internal)),
                external=tuple(dict.fromkeys(given.external)),
                duties=tuple(
                    DutyText(row.duty, row.degree.value, row.kpi, row.kpi_code) for row in given.duties
                ),
            )
            holder = next((one for one in holders if str(one.pk) == given.holder), None)
            try:
                made = draft_description(establishment=found, text=text, by=by, at=at, holder=holder)
            except UnableToDraftDescription as refused:
                sheet.refuse(refused)
            else:
                messages.success(request, f"已写好第 {made.version} 版，请任职人和直接上级签字")
                return redirect(back)
    counted = subordinates(found.post, found.company)
    return render(
        request,
        "web/ask.html",
        {
            "title": f"「{found.post.name}」职位说明书第 {(newest.version if newest else 0) + 1} 版",
            "lead": f"{found.company.name} {found.department.name} 职位编号 {found.number}",
            "crumbs": [("人员", reverse("web:people")), ("岗位和编制", reverse("web:establishments")), (found.post.name, back)],
            "sheet": sheet,
            "button": "写好这一版",
            "back": back,
            "notes": [
                "单位、职位、部门、组、直接上级和编号从岗位设置带出",
                f"组织图上：下属 {counted.total} 人，直接 {counted.direct}，间接 {counted.indirect}",
                f"其中经理 {counted.managers}，专业人员 {counted.professionals}，其他 {counted.others}",
                "任职人和直接上级都签字才算生效，签过的版本不再改",
            ],
            "notes_title": "对照",
        },
        status=sheet.status,
    )  # fmt: skip


# --- structure --------------------------------------------------------------------------------------------------------
class Kind(Labelled):
    """The kinds of member companies (I-1-b to I-1-g)."""

    PARENT = Company.Kind.PARENT.value, "集团公司"
    SUBSIDIARY = Company.Kind.SUBSIDIARY.value, "集团子公司"
    PARTICIPATING = Company.Kind.PARTICIPATING.value, "集团参股企业"
    AFFILIATED = Company.Kind.AFFILIATED.value, "集团关联企业"


class CompanyForm(Form):
    """加成员企业。"""

    name: Annotated[str, Field(min_length=2, max_length=100)] = ask("名称")
    short_name: Annotated[str, Field(max_length=30)] = ask("简称", default="")
    credit_code: Annotated[str, Field(max_length=18)] = ask("统一社会信用代码", default="")
    kind: Kind = ask("类型", default=Kind.SUBSIDIARY)
    held_by: Text = ask("持股单位", default="")
    hold: Text = ask("持股方式", default="")
    basis: Text = ask("关联依据", default="", help="只有关联企业要写")
    basis_note: Text = ask("关联依据说明", default="")
    operating: bool = ask("经营主体：拥有项目、签订合同", default=False)


class ChooseForm(Form):
    """One choice."""

    to: Annotated[str, Field(min_length=1)] = ask("改为")


class MoveForm(Form):
    """职能移交。"""

    to: Annotated[str, Field(min_length=1)] = ask("改为")
    from_date: date | None = ask("从哪天起", default=None, help="不填就是现在；已开始的事项仍由原来的组办完")
    reason: Annotated[str, Field(max_length=200)] = ask("原因", default="")


def _structure(request: HttpRequest, *, sent: tuple[str, Sheet[Any]] | None = None) -> HttpResponse:
    at, by = asking.now(), asking.person(request)
    group = Group.objects.first()
    companies = list(Company.objects.select_related("held_by").order_by("pk"))
    kinds = [
        (label, [one for one in companies if one.kind == value and one.left_date is None])
        for value, label in Company.Kind.choices
    ]
    departments = list(
        Department.objects.filter(company_id=by.company_id).select_related("head").order_by("pk")
    )
    teams = list(
        Team.objects.filter(department__company_id=by.company_id).select_related("department").order_by("pk")
    )
    functions = carried(by.company, at=at)
    people = [
        (str(one.pk), one.name)
        for one in staffroom.colleagues(by).filter(left_at=None).order_by("name", "pk")
    ]
    may = staffroom.may_administer(by, at)

    def sheet(
        prefix: str, choices: list[tuple[str, str]], now: int | None, form: type[Form] = ChooseForm
    ) -> Sheet[Any]:
        if sent is not None and sent[0] == prefix:
            return sent[1]
        return Sheet(form, prefix=prefix, choices={"to": choices}, typed={"to": now or ""})

    centres = list(Centre.objects.select_related("company", "head").order_by("pk"))
    duties = list(CompanyDuty.objects.select_related("centre").order_by("pk"))
    team_choices = [(str(one.pk), one.name) for one in teams]
    return render(
        request,
        "web/people/structure.html",
        {
            "tabs": tabs("structure"),
            "group": group,
            "members": assembly(group) if group is not None else [],
            "kinds": kinds,
            "centres": [
                {"centre": one, "duties": [duty for duty in duties if duty.centre_id == one.pk]}
                for one in centres
            ],
            "duties": [
                {
                    "row": duty,
                    "may": may and duty.company_id == by.company_id,
                    "sheet": sheet(
                        f"duty-{duty.pk}.",
                        [(str(one.pk), one.name) for one in centres if one.company_id == duty.company_id],
                        duty.centre_id,
                    ),
                }
                for duty in duties
            ],
            "departments": [
                {
                    "row": one,
                    "sheet": sheet(f"head-{one.pk}.", people, one.head_id),
                    "teams": [
                        {
                            "row": team,
                            "functions": [
                                {
                                    "row": row.function,
                                    "carried": row,
                                    "sheet": sheet(
                                        f"function-{row.function.pk}.", team_choices, row.team.pk, MoveForm
                                    ),
                                }
                                for row in functions
                                if row.team.pk == team.pk
                            ],
                        }
                        for team in teams
                        if team.department_id == one.pk
                    ],
                }
                for one in departments
            ],
            "may": may,
        },
        status=sent[1].status if sent else 200,
    )


@require_safe
def structure(request: HttpRequest) -> HttpResponse:
    """Show the group, its companies by kind, centres with duties, departments, teams and functions."""
    return _structure(request)


def _number(text: str) -> int:
    return formats.whole(text) or 0


def _assign(request: HttpRequest, kind: str, key: int, given: Any) -> str:
    at, by = asking.now(), asking.person(request)
    to = _number(given.to)
    if kind == "head":
        department = Department.objects.filter(company_id=by.company_id, pk=key).first()
        person = staffroom.colleagues(by).filter(pk=to).first()
        if department is not None and person is not None:
            operations.name_head(department=department, person=person, by=by, at=at)
            return f"{department.name}负责人改为{person.name}"
    elif kind == "function":
        function = Function.objects.filter(company_id=by.company_id, pk=key).first()
        team = Team.objects.select_related("department").filter(pk=to).first()
        if function is not None and team is not None:
            later = given.from_date is not None and given.from_date != local(at).date()
            from_at = datetime.combine(given.from_date, time(), tzinfo=SHANGHAI) if later else None
            operations.assign_function(
                function=function, team=team, by=by, at=at, from_at=from_at, reason=given.reason
            )
            when = f"从 {given.from_date:%Y-%m-%d} 起" if later else ""
            return f"「{function.name}」{when}改由{team.name}负责"
    elif kind == "duty":
        duty = CompanyDuty.objects.filter(pk=key).first()
        centre = Centre.objects.filter(pk=to).first()
        if duty is not None and centre is not None:
            operations.assign_duty(duty=duty, centre=centre, by=by, at=at)
            return f"「{duty.name}」改由{centre.name}履行"
    raise Http404("没有这一项。")


@require_POST
@asking.tells_refusals
def assign(request: HttpRequest, kind: str, key: int) -> HttpResponse:
    """Name the head of a department, or give a function or a duty to another team or centre."""
    prefix = f"{kind}-{key}."
    sheet: Sheet[Any] = Sheet(MoveForm if kind == "function" else ChooseForm, prefix=prefix)
    given = sheet.take(request)
    if given is not None:
        try:
            messages.success(request, _assign(request, kind, key, given))
        except (
            operations.UnableToAssignFunction,
            operations.UnableToAssignDuty,
            operations.UnableToNameHead,
        ) as refused:
            sheet.refuse(refused, beside="to")
        else:
            return redirect(f"{reverse('web:structure')}#{kind}-{key}")
    return _structure(request, sent=(prefix, sheet))


@require_http_methods(["GET", "HEAD", "POST"])
@asking.tells_refusals
def add_company(request: HttpRequest) -> HttpResponse:
    """Add a member company of the group, of one of the four kinds."""
    at, by = asking.now(), asking.person(request)
    require_administrator(by, company_id=by.company_id, at=at)
    holders = Company.objects.members().order_by("pk")
    sheet = Sheet(
        CompanyForm,
        choices={
            "held_by": [("", "没有"), *((str(one.pk), str(one)) for one in holders)],
            "hold": [(value, label) for value, label in Company.Hold.choices],
            "basis": [(value, label) for value, label in Company.Basis.choices],
        },
    )
    back = reverse("web:structure")
    if request.method == "POST":
        given = sheet.take(request)
        if given is not None:
            try:
                made = operations.add_company(
                    name=given.name,
                    short_name=given.short_name,
                    credit_code=given.credit_code,
                    kind=given.kind.value,
                    held_by=holders.filter(pk=_number(given.held_by)).first(),
                    hold=given.hold,
                    basis=given.basis,
                    basis_note=given.basis_note,
                    operating=given.operating,
                    recorded_in=by.company,
                    by=by,
                    at=at,
                )
            except operations.UnableToAddCompany as refused:
                sheet.refuse(refused)
            else:
                messages.success(request, f"已加{made.get_kind_display()}「{made.name}」")
                return redirect(back)
    return render(
        request,
        "web/ask.html",
        {
            "title": "加成员企业",
            "crumbs": [("人员", reverse("web:people")), ("公司结构", back)],
            "sheet": sheet,
            "button": "加成员企业",
            "back": back,
            "notes": [
                "子公司：集团公司控股",
                "参股企业：集团公司参股，或子公司控股",
                "关联企业：子公司或参股企业参股；或承认集团章程、互利协作；或集团公司只投资、不参与经营",
            ],
            "notes_title": "四种成员企业",
        },
        status=sheet.status,
    )


# --- overview ---------------------------------------------------------------------------------------------------------
def _period(request: HttpRequest, at: datetime) -> tuple[date, date]:
    today = local(at).date()
    first = today.replace(day=1)

    def day(name: str, otherwise: date) -> date:
        try:
            return date.fromisoformat(request.GET.get(name, ""))
        except ValueError:
            return otherwise

    begin, end = day("from", first), day("to", today)
    return (begin, end) if begin <= end else (end, begin)


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Show everybody's recorded acts, the share done without an override, and missing qualification, for a period."""
    at, by = asking.now(), asking.person(request)
    begin, end = _period(request, at)
    rows = staff_overview(
        scope_of(by, at=at),
        from_at=datetime.combine(begin, time(), tzinfo=SHANGHAI),
        to_at=datetime.combine(end + timedelta(days=1), time(), tzinfo=SHANGHAI),
        at=at,
    )
    acts, overridden = sum(row.acts for row in rows), sum(row.overridden for row in rows)
    most = max((row.acts for row in rows), default=0)
    return render(
        request,
        "web/people/overview.html",
        {
            "tabs": tabs("overview"),
            "begin": begin,
            "end": end,
            "rows": [
                {
                    "row": row,
                    "share": None if row.adherence is None else Decimal(str(row.adherence)) * 100,
                    "width": round(100 * row.acts / most) if most else 0,
                }
                for row in sorted(rows, key=lambda row: (-row.acts, row.person.username))
            ],
            "acts": acts,
            "overridden": overridden,
            "share": Decimal(100) * (acts - overridden) / acts if acts else None,
            "gaps": sum(bool(row.gaps) for row in rows),
        },
    )
