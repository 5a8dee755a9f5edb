"""人员岗位: who holds which post where, and what each post may do."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from guiju.estate.models import Project
from guiju.org.gates import holds_post, scope_of
from guiju.org.models import Delegation, Holding, Post
from guiju.org.posts import BY_CODE, MAY_ADMINISTER
from guiju.web.views import asking


@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """List the posts in the order of the organisation, each with its holders in the reader's companies."""
    at, by = asking.now(), asking.person(request)
    scope = scope_of(by, at=at)
    projects = {project.pk: project for project in Project.objects.select_related("company").order_by("pk")}
    companies = set(scope.companies) | {projects[key].company_id for key in scope.projects if key in projects}
    companies.add(by.company_id)
    holders: dict[int, list[dict[str, Any]]] = {}
    rows = (
        Holding.objects.at(at)
        .filter(company_id__in=companies)
        .select_related("person", "company")
        .order_by("person__name", "pk")
    )
    for holding in rows:
        known = projects.get(holding.project_id) if holding.project_id else None
        holders.setdefault(holding.post_id, []).append(
            {
                "key": holding.person_id,
                "name": holding.person.name,
                "where": known.name if known else str(holding.company),
            }
        )
    order = list(BY_CODE)
    posts = sorted(
        Post.objects.select_related("superior").order_by("pk"),
        key=lambda post: (order.index(post.code) if post.code in order else len(order), post.pk),
    )
    away = (
        Delegation.objects.at(at)
        .filter(giver__company_id__in=companies)
        .select_related("giver", "taker", "post")
    )
    return render(
        request,
        "web/people.html",
        {
            "posts": [
                {
                    "name": post.name,
                    "may": post.may,
                    "superior": post.superior.name if post.superior else "",
                    "holders": holders.get(post.pk, []),
                }
                for post in posts
            ],
            "may": holds_post(by, *MAY_ADMINISTER, at=at, company_id=by.company_id),
            "away": list(away.order_by("from_at", "pk")),
            "vacant": sum(not holders.get(post.pk) for post in posts),
        },
    )
