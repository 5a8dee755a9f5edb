"""The door for people without an account: opens the page of a link, and asks for a code first where it must."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.cache import cache
from django.core.signing import BadSignature, SignatureExpired
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from guiju.kernel.crypto import normalise_phone
from guiju.notify import links
from guiju.notify.models import Link
from guiju.org.signin import client_address
from guiju.portal.pages import page_of

SALT = "portal.code"
KNOWN_FOR = 30 * 60
#: How often one address may knock within a minute.
KNOCKS = 60

View = Callable[..., HttpResponse]


def private(view: View) -> View:
    """Keep the answer out of caches and search engines, limit knocking, and say plainly that a link is closed."""

    @wraps(view)
    def kept(request: HttpRequest, token: str, **more: Any) -> HttpResponse:
        if _knocked_too_often(request):
            response = render(request, "portal/busy.html", status=429)
            response["Retry-After"] = "60"
        else:
            try:
                response = view(request, token, **more)
            except links.LinkClosed as closed:
                response = render(request, "portal/closed.html", {"why": str(closed)}, status=410)
        response["Cache-Control"] = "no-store, private"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return kept


def _knocked_too_often(request: HttpRequest) -> bool:
    key = f"portal:{client_address(request)}"
    cache.add(key, 0, 60)
    try:
        return cache.incr(key) > KNOCKS
    except ValueError:
        return False


@require_http_methods(["GET", "HEAD", "POST"])
@private
def door(request: HttpRequest, token: str) -> HttpResponse:
    """Show the page of the link, or ask for the code."""
    link = links.open_link(token, at=timezone.now())
    page = page_of(link.purpose)
    if page is None:
        raise links.LinkClosed("这个链接现在没有可办的事，请联系发给您链接的工作人员。")
    known = page.known is not None and page.known(request, link)
    if page.with_code and not known and not _knows_code(request, link):
        return _code_page(request, link)
    return page.view(request, link)


@require_POST
@private
def code(request: HttpRequest, token: str) -> HttpResponse:
    """Send the code, or accept it."""
    at = timezone.now()
    link = links.open_link(token, at=at)
    try:
        if request.POST.get("act") == "send":
            links.send_code(link, at=at)
            messages.success(request, f"验证码已发到 {masked(link.phone)}")
            return _code_page(request, link)
        links.check_code(link, request.POST.get("code", ""), at=at)
    except links.WrongCode as wrong:
        return _code_page(request, link, str(wrong), status=422)
    response = redirect("portal:door", token=token)
    response.set_signed_cookie(
        f"o{link.pk}", link.token_index, salt=SALT, max_age=KNOWN_FOR, path=link.url_path, httponly=True,
        samesite="Lax", secure=request.is_secure(),
    )  # fmt: skip
    return response


def _knows_code(request: HttpRequest, link: Link) -> bool:
    try:
        known = request.get_signed_cookie(f"o{link.pk}", salt=SALT, max_age=KNOWN_FOR)
    except (KeyError, BadSignature, SignatureExpired):
        return False
    return bool(known == link.token_index)


def _code_page(request: HttpRequest, link: Link, wrong: str = "", *, status: int = 200) -> HttpResponse:
    return render(
        request,
        "portal/code.html",
        {"link": link, "phone": masked(link.phone), "sent": bool(link.code_digest), "wrong": wrong},
        status=status,
    )


def masked(phone: str) -> str:
    """Return a phone with its middle hidden."""
    plain = normalise_phone(phone)
    return f"{plain[:3]} **** {plain[-4:]}" if len(plain) >= 8 else "登记的手机"
