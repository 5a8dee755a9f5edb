"""发函: the register of outgoing letters; printed, posted, received or come back."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from pydantic import Field

from guiju.kernel.forms import Form, Moment, Sha256
from guiju.kernel.forms import field as ask
from guiju.kernel.refusals import Refused
from guiju.notify.models import Letter
from guiju.notify.operations import letters as post
from guiju.org.gates import scope_of
from guiju.org.masking import mask_name
from guiju.org.models import Person
from guiju.web import lists
from guiju.web.sheet import Sheet
from guiju.web.views import asking
from guiju.web.views.files import send as send_file
from guiju.web.views.notices import State, addressee, open_to, require_work


class PostForm(Form):
    """Carrier and tracking number."""

    carrier: Annotated[str, Field(min_length=1, max_length=40)] = ask("承运", default="中国邮政 EMS")
    tracking: Annotated[str, Field(min_length=4, max_length=60)] = ask("运单号")


class DeliveryForm(Form):
    """Who received the letter, when, and the proof."""

    received_by: Annotated[str, Field(min_length=1, max_length=60)] = ask("签收人")
    delivered_at: Moment = ask("签收时间")
    proof: Sha256 | None = ask("签收凭证", default=None, help="回执或物流页面的照片")


class ReturnForm(Form):
    """Why a letter came back."""

    reason: Annotated[str, Field(min_length=2, max_length=200)] = ask("退回原因")


STEPS: dict[str, tuple[str, type[Form] | None]] = {
    "post": ("登记寄出", PostForm),
    "deliver": ("登记签收", DeliveryForm),
    "return": ("登记退回", ReturnForm),
}


def _letters(by: Person, at: datetime) -> QuerySet[Letter]:
    inside = scope_of(by, at=at).q("message__company_id", "message__scope_id")
    return Letter.objects.filter(inside & open_to(by, at, "message__case"))


@require_safe
@asking.tells_refusals
def letters(request: HttpRequest) -> HttpResponse:
    """The register of outgoing letters, newest first."""
    at, by = asking.now(), asking.person(request)
    rows, page = lists.walk_newest(
        _letters(by, at).select_related("message__case", "paper", "proof"), request.GET.get("after", "")
    )
    masked = asking.masked(request, at, *[row.message for row in rows])
    return render(
        request,
        "web/notices/letters.html",
        {
            "page": page,
            "rows": [
                {
                    "row": row,
                    "to": addressee(row.message, masked),
                    "received": mask_name(row.received_by_name) if masked else row.received_by_name,
                    "state": _state(row),
                    "next": _next(row),
                }
                for row in rows
            ],
        },
    )


def _state(row: Letter) -> tuple[str, str]:
    if row.message.state == State.STOPPED:
        return "已撤回", "plain"
    if row.returned_at is not None:
        return "退回", "over"
    if row.delivered_at is not None:
        return "已签收", "ok"
    if row.posted_at is not None:
        return "已寄出", "brand"
    return ("待寄出", "risk") if row.printed_at is not None else ("待打印", "risk")


def _next(row: Letter) -> list[tuple[str, str]]:
    if row.message.state == State.STOPPED or row.returned_at is not None or row.delivered_at is not None:
        return []
    if row.posted_at is not None:
        return [("deliver", STEPS["deliver"][0]), ("return", STEPS["return"][0])]
    return [("post", STEPS["post"][0])] if row.printed_at is not None else []


def _letter(request: HttpRequest, key: int) -> Letter:
    found = (
        _letters(asking.person(request), asking.now())
        .filter(pk=key)
        .select_related("message__case", "paper")
        .first()
    )
    if found is None:
        raise Http404("没有这封信，或者它不在你的项目里。")
    return found


def _own_letter(request: HttpRequest, key: int) -> Letter:
    letter = _letter(request, key)
    require_work(asking.person(request), letter.message.company_id, letter.message.scope_id, asking.now())
    return letter


@require_POST
@asking.tells_refusals
def letter_print(request: HttpRequest, key: int) -> HttpResponse:
    """Print a letter under its number; printed before, the same print is given."""
    letter = post.print_letter(letter=_own_letter(request, key), by=asking.person(request), at=asking.now())
    assert letter.paper is not None
    return send_file(letter.paper.file.read(), "application/pdf", f"{letter.number}.pdf", inline=True)


@require_http_methods(["GET", "HEAD", "POST"])
@asking.tells_refusals
def letter_step(request: HttpRequest, key: int, step: str) -> HttpResponse:
    """Note that a letter was posted, received or came back."""
    at, by = asking.now(), asking.person(request)
    letter = _own_letter(request, key)
    if step not in STEPS or (form := STEPS[step][1]) is None:
        raise Http404("没有这一步。")
    sheet: Sheet[Any] = Sheet(form)
    if request.method == "POST" and (given := sheet.take(request)) is not None:
        try:
            if isinstance(given, PostForm):
                post.post_letter(letter=letter, carrier=given.carrier, tracking=given.tracking, by=by, at=at)
            elif isinstance(given, DeliveryForm):
                post.deliver_letter(
                    letter=letter, received_by=given.received_by, delivered_at=given.delivered_at,
                    proof_sha256=given.proof or "", by=by, at=at,
                )  # fmt: skip
            elif isinstance(given, ReturnForm):
                post.return_letter(letter=letter, reason=given.reason, by=by, at=at)
        except Refused as refused:
            sheet.refuse(refused)
        else:
            messages.success(request, f"{letter.number} 已{STEPS[step][0]}")
            return redirect("web:letters_out")
    return render(
        request,
        "web/ask.html",
        {
            "title": STEPS[step][0],
            "lead": f"{letter.number} 致 {letter.message.name}",
            "crumbs": [("发函登记", reverse("web:letters_out"))],
            "sheet": sheet,
            "button": STEPS[step][0],
            "back": reverse("web:letters_out"),
        },
        status=sheet.status,
    )


urls: list[URLPattern] = [
    path("notices/letters/", letters, name="letters_out"),
    path("notices/letters/<int:key>/print/", letter_print, name="letter_print"),
    path("notices/letters/<int:key>/<slug:step>/", letter_step, name="letter_step"),
]
