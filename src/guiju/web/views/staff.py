"""The administrator's acts on people and posts, and everybody's own delegations."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guiju.kernel.refusals import Refused
from guiju.org import posts
from guiju.org.gates import holds_post, require_administrator
from guiju.org.models import Delegation, Person, Post
from guiju.org.operations import delegations, holdings
from guiju.org.operations import people as operations
from guiju.web.access import projects_of
from guiju.web.views import asking


def _person(request: HttpRequest, key: int) -> Person:
    """
    Return an employee of the reader's own company.

    :raises Http404: there is none.
    """
    mine = Person.objects.get_queryset().filter(company_id=asking.person(request).company_id)
    found = mine.filter(pk=key).select_related("company").first()
    if found is None:
        raise Http404("没有这位同事，或者不在你的公司。")
    return found


@require_safe
def person(request: HttpRequest, key: int) -> HttpResponse:
    """Show an employee: posts held and given up, delegations, and for the administrator what may be done."""
    at, by = asking.now(), asking.person(request)
    found = _person(request, key)
    rows = found.holdings.select_related("post", "company").order_by("to_at", "pk")
    projects = {project.pk: project.name for project in projects_of(by, at)}
    return render(
        request,
        "web/person.html",
        {
            "person": found,
            "holdings": [
                {
                    "row": row,
                    "where": projects.get(row.project_id or 0, "") or str(row.company),
                    "open": row.to_at is None or row.to_at > at,
                }
                for row in rows
            ],
            "delegations": Delegation.objects.at(at)
            .filter(giver=found)
            .select_related("taker", "post")
            .order_by("from_at", "pk"),
            "may": holds_post(by, *posts.MAY_ADMINISTER, at=at, company_id=found.company_id),
            "posts": [(post.code, post.name) for post in Post.objects.order_by("name", "pk")],
            "projects": list(projects.items()),
            "colleagues": Person.objects.at_work()
            .filter(company_id=found.company_id)
            .exclude(pk=found.pk)
            .order_by("name", "pk"),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@asking.tells_refusals
def add(request: HttpRequest) -> HttpResponse:
    """Add an employee; the first password is shown once."""
    at, by = asking.now(), asking.person(request)
    require_administrator(by, company_id=by.company_id, at=at)
    given = {name: request.POST.get(name, "").strip() for name in ("username", "name", "phone")}
    problem, status = "", 200
    if request.method == "POST":
        try:
            made, password = operations.add_person(
                username=given["username"],
                name=given["name"],
                phone=given["phone"],
                company=by.company,
                by=by,
                at=at,
            )
        except operations.UnableToAddPerson as refused:
            problem, status = str(refused), refused.status
        else:
            return render(
                request, "web/password_once.html", {"person": made, "password": password, "fresh": True}
            )
    return render(request, "web/person_add.html", {"given": given, "problem": problem}, status=status)


@require_POST
@asking.tells_refusals
def act(request: HttpRequest, key: int, act: str) -> HttpResponse:
    """Do one administrator's act on an employee: give or end a post, new password, unlock, leave."""
    at, by = asking.now(), asking.person(request)
    found = _person(request, key)
    if act == "give":
        project = request.POST.get("project", "")
        done = holdings.give_post(
            person=found,
            post=request.POST.get("post", ""),
            company=found.company,
            by=by,
            at=at,
            project_id=int(project) if project.isdigit() else None,
        )
        messages.success(request, f"{found.name}已任{posts.label(request.POST.get('post', ''))}")
        for gap in getattr(done, "warnings", ()) or ():
            messages.warning(request, f"资格提醒：{gap}")
    elif act == "end":
        row = found.holdings.filter(pk=_whole(request.POST.get("holding", ""))).first()
        if row is None:
            raise Http404("没有这个任职。")
        holdings.end_post(holding=row, by=by, at=at, reason=request.POST.get("reason", ""))
        messages.success(request, f"{found.name}不再任{row.post.name}")
    elif act == "password":
        password = operations.reset_password(
            person=found, by=by, at=at, second_factor_too=request.POST.get("second_factor") == "1"
        )
        return render(request, "web/password_once.html", {"person": found, "password": password})
    elif act == "unlock":
        operations.lift_lockout(person=found, by=by, at=at)
        messages.success(request, f"{found.name}可以再次登录")
    elif act == "leave":
        successor = request.POST.get("successor", "")
        moved = operations.leave(
            person=found,
            successor=_person(request, int(successor)) if successor.isdigit() else None,
            by=by,
            at=at,
            reason=request.POST.get("reason", ""),
            posts_too=request.POST.get("posts_too") == "1",
        )
        messages.success(request, f"{found.name}已办离职，{len(moved)} 项工作已移交")
    else:
        raise Http404("没有这个操作。")
    return redirect("web:person", found.pk)


def _whole(text: str) -> int:
    return int(text) if text.isdigit() and len(text) < 18 else 0


def _moment(text: str) -> datetime:
    """
    Return a moment as the browser gives it.

    :raises Refused: it is none.
    """
    found = parse_datetime(text)
    if found is None:
        raise Refused("代理时间：请填起止时间")
    return timezone.make_aware(found) if timezone.is_naive(found) else found


@require_POST
@asking.tells_refusals
def delegate(request: HttpRequest) -> HttpResponse:
    """Let a colleague act for oneself for a time."""
    at, by = asking.now(), asking.person(request)
    taker = _person(request, _whole(request.POST.get("taker", "")))
    delegations.delegate(
        giver=by,
        taker=taker,
        from_at=_moment(request.POST.get("from_at", "")),
        to_at=_moment(request.POST.get("to_at", "")),
        reason=request.POST.get("reason", ""),
        post=request.POST.get("post", "") or None,
        by=by,
        at=at,
    )
    messages.success(request, f"已委托{taker.name}代理，到期自动结束")
    return redirect("web:me")


@require_POST
@asking.tells_refusals
def end_delegation(request: HttpRequest, key: int) -> HttpResponse:
    """End a delegation that one gave or took."""
    at, by = asking.now(), asking.person(request)
    own: Any = Delegation.objects.filter(giver=by) | Delegation.objects.filter(taker=by)
    row = own.filter(pk=key).first()
    if row is None:
        raise Http404("没有这个代理。")
    delegations.end_delegation(delegation=row, by=by, at=at)
    messages.success(request, "代理已结束")
    return redirect(reverse("web:me"))
