"""What belongs to the person: theme, project in view, account, the phone's menu, the server's clock."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from guiju.org.models import Delegation, Holding
from guiju.web import formats, shell
from guiju.web.access import CHOSEN
from guiju.web.views import asking

YEAR = 365 * 24 * 60 * 60


@require_safe
def now(request: HttpRequest) -> HttpResponse:
    """Tell the server's time, so that countdowns never trust the computer's clock alone."""
    return JsonResponse({"now": asking.now().isoformat()})


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keep light, dark or the system's choice in a cookie."""
    wanted = request.POST.get("theme", "")
    answer = redirect(asking.way_back(request))
    if wanted in shell.THEMES:
        answer.set_cookie(
            "theme", wanted, max_age=YEAR, samesite="Lax", secure=request.is_secure(), httponly=True
        )
    else:
        answer.delete_cookie("theme", samesite="Lax")
    return answer


@require_POST
def choose_project(request: HttpRequest) -> HttpResponse:
    """Show the work of one project, or of all."""
    wanted = request.POST.get("project", "")
    if (key := formats.whole(wanted)) is not None:
        request.session[CHOSEN] = key
    else:
        request.session.pop(CHOSEN, None)
    return redirect(asking.way_back(request))


@require_safe
def me(request: HttpRequest) -> HttpResponse:
    """Show the person's own posts, delegations and account."""
    at, by = asking.now(), asking.person(request)
    return render(
        request,
        "web/me.html",
        {
            "holdings": Holding.objects.at(at)
            .filter(person=by)
            .select_related("post", "company")
            .order_by("pk"),
            "delegations": Delegation.objects.at(at)
            .filter(giver=by)
            .select_related("taker", "post")
            .order_by("from_at", "pk"),
            "taken": Delegation.objects.at(at)
            .filter(taker=by)
            .select_related("giver", "post")
            .order_by("from_at", "pk"),
        },
    )


@require_safe
def more(request: HttpRequest) -> HttpResponse:
    """Show the whole menu as a page, for phones."""
    return render(request, "web/more.html")
