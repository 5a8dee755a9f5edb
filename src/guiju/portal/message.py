"""The public form of a project: a customer leaves a message, gets the number of the case it opened, and when to expect
an answer. No account; the address stands on the company's site or as a QR code in the lobby."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from guiju.desk.intake_online import MessageForm, Wish, submit
from guiju.estate.models import Project
from guiju.kernel.models import Clock
from guiju.kernel.refusals import BadlyFilled, Refused
from guiju.org.signin import client_address
from guiju.portal.views import private

AT_MOST = 6
FIELDS = tuple(MessageForm.model_fields)


@require_http_methods(["GET", "HEAD", "POST"])
@private
def message(request: HttpRequest, token: str) -> HttpResponse:
    """Show the form of the project of this code; on POST open the case. A field nobody sees catches machines."""
    found = Project.objects.filter(code=token).select_related("company").first()
    if found is None:
        return render(
            request, "portal/closed.html", {"why": "没有这个项目的留言页，请核对地址。"}, status=404
        )
    page = {
        "project": found,
        "kinds": [(one.value, one.label) for one in Wish],
        "key": uuid4(),
        "typed": {},
        "errors": {},
    }
    if request.method != "POST":
        return render(request, "portal/message.html", page)
    typed = {name: request.POST.get(name, "").strip() for name in FIELDS}
    page |= {"typed": typed, "key": request.POST.get("key", "")}
    if request.POST.get("website") or _too_often(request):
        page["errors"] = {"": "留言太频繁，请过一分钟再交；着急请直接打电话。"}
        return render(request, "portal/message.html", page, status=429)
    try:
        case = submit(
            {name: value for name, value in typed.items() if value}, project=found,
            key=UUID(request.POST.get("key", "")), at=timezone.now(),
        )  # fmt: skip
    except ValueError:
        page |= {"key": uuid4(), "errors": {"": "页面放得太久了，请再交一次。"}}
        return render(request, "portal/message.html", page, status=422)
    except BadlyFilled as wrong:
        page["errors"] = {name: text.split("：", 1)[-1] for name, text in wrong.errors.items()}
        return render(request, "portal/message.html", page, status=422)
    except Refused as refused:
        page["errors"] = {"": str(refused)}
        return render(request, "portal/message.html", page, status=422)
    reply = Clock.objects.filter(case=case, name="reply").first()
    page |= {"number": case.number, "until": reply.due_at if reply else None}
    return render(request, "portal/message.html", page)


def _too_often(request: HttpRequest) -> bool:
    key = f"message:{client_address(request)}"
    cache.add(key, 0, 60)
    try:
        return cache.incr(key) > AT_MOST
    except ValueError:
        return False
