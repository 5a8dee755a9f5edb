"""What holds for every page of somebody who signed in: the first password is changed, and idle sessions end."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

SEEN = "seen"
TOUCH_AFTER = 5 * 60


class SignedIn:
    """
    Sends a person with a first password to the page that changes it, and keeps a used session alive.

    A session ends ``SESSION_COOKIE_AGE`` seconds after its last use; the use is noted at most every five minutes, so
    that reading a page writes nothing.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if user.is_authenticated:
            if user.must_change_password and not request.path.startswith(self._open_paths()):
                return self._to_password_page(request)
            now = int(time.time())
            if now - int(request.session.get(SEEN, 0)) > TOUCH_AFTER:
                request.session[SEEN] = now
        return self.get_response(request)

    def _open_paths(self) -> tuple[str, ...]:
        return (
            reverse("account_change_password"),
            reverse("account_logout"),
            "/static/",
            "/healthz",
            "/readyz",
        )

    def _to_password_page(self, request: HttpRequest) -> HttpResponse:
        page = reverse("account_change_password")
        if request.headers.get("HX-Request"):
            # htmx would put the page into the part that asked; this makes the browser go there.
            return HttpResponse(status=204, headers={"HX-Redirect": page})
        return redirect(page)
