"""公司结构: group, member companies, centres, departments, teams and who answers for what."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated, Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from pydantic import Field

from guiju.kernel.forms import Form, Text
from guiju.kernel.forms import field as ask
from guiju.org.functions import carried
from guiju.org.gates import require_administrator
from guiju.org.models import Centre, Company, CompanyDuty, Department, Function, Group, Team
from guiju.org.operations import structure as operations
from guiju.org.queries import assembly
from guiju.web import formats, staffroom
from guiju.web.formats import SHANGHAI, local
from guiju.web.sheet import Sheet
from guiju.web.views import asking
from guiju.web.views.people import tabs
from guiju.web.views.revising import Labelled


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
