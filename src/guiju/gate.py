"""The door of the house: every page asks for a sign-in unless it says that it is open."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

# The API asks for its own bearer token; the others say nothing about anybody.
OPEN_PATHS = ("/api/", "/healthz", "/readyz", "/metrics", "/static/")


class SignInRequired(LoginRequiredMiddleware):
    """Sends a visitor to the sign-in page, except under :data:`OPEN_PATHS` and views marked `login_not_required`."""

    def process_view(self, request: HttpRequest, *view: Any) -> Any:
        if request.path.startswith(OPEN_PATHS):
            return None
        return super().process_view(request, *view)


class StaffAccounts(DefaultAccountAdapter):
    """People get their account from the administrator; nobody signs up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


def typed_username(request: HttpRequest | None, credentials: dict[str, Any] | None) -> str | None:
    """The name somebody tried to sign in with, however the form calls its field; None if there is none."""
    for source in (credentials or {}, getattr(request, "POST", {})):
        for field in ("username", "login"):
            if source.get(field):
                return str(source[field]).strip().lower()
    return None


def locked_out(request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
    """The page after too many wrong passwords: 429, with the time after which one may try again."""
    return render(request, "locked_out.html", status=429)
