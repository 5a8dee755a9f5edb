"""Pages of refusal and failure: what happened, whether the work is safe, what to do, and a code to report."""

from __future__ import annotations

import logging
import secrets

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone

log = logging.getLogger(__name__)


def code() -> str:
    """Return a code that a person can read out and the log knows: E-1121-4F7A."""
    return f"E-{timezone.localtime():%m%d}-{secrets.token_hex(2).upper()}"


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that there is nothing here, or nothing for this person."""
    words = str(exception) if exception.args and isinstance(exception.args[0], str) else ""
    return render(request, "404.html", {"words": words}, status=404)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that this is another post's work."""
    return render(request, "403.html", {"words": str(exception)}, status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    """Own up to a failure; rendered without anything that may have failed."""
    mark = code()
    log.error("Page failed: %s %s %s", mark, request.method, request.path)
    return HttpResponse(render_to_string("500.html", {"code": mark}), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that the page was open too long; what was typed is still in the browser."""
    return render(request, "403_csrf.html", {"reason": reason}, status=403)
