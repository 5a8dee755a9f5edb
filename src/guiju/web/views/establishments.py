"""岗位和编制: the plan of heads against who is there, and one post with its people."""

from __future__ import annotations

from collections import defaultdict
from typing import Annotated, Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from pydantic import Field

from guiju.kernel.forms import Form, Text
from guiju.kernel.forms import field as ask
from guiju.org.gates import require_administrator
from guiju.org.models import Establishment, Post, Team
from guiju.org.operations import structure as operations
from guiju.org.queries import current_descriptions, headcounts, mismatches, post_chart
from guiju.web import clausewords, staffroom
from guiju.web.sheet import Sheet
from guiju.web.views import asking
from guiju.web.views.people import EDUCATION, Years, tabs

Count = Annotated[int, Field(ge=0, le=100_000)]


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


def establishment_of(request: HttpRequest, key: int) -> Establishment:
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
    found = establishment_of(request, key)
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
