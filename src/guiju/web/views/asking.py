"""Small things that views share: who asks, in which project, and how a refusal is told."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import datetime
from typing import Any, cast
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from guiju.estate.models import Project
from guiju.kernel.refusals import Refused
from guiju.org import posts
from guiju.org.gates import posts_anywhere
from guiju.org.models import Person
from guiju.web import shell


def person(request: HttpRequest) -> Person:
    """Return who asks (the door of the house let nobody in who did not sign in)."""
    return cast(Person, request.user)


def now() -> datetime:
    """Return the moment of this request. Only views look at the clock."""
    return timezone.now()


def project(request: HttpRequest) -> Project | None:
    """Return the project whose work is shown."""
    return cast("Project | None", shell.context(request)["shell"].project)


def masked(request: HttpRequest, at: datetime) -> bool:
    """Whether this reader's posts do not need names, phones and rooms in full."""
    return not posts_anywhere(person(request), at=at) - posts.WITHOUT_PERSONAL_DATA


def way_back(request: HttpRequest, otherwise: str = "/") -> str:
    """Return the page to go back to, if it is one of ours."""
    wanted = request.POST.get("next", "")
    parts = urlsplit(wanted)
    return (
        wanted if wanted.startswith("/") and not wanted.startswith("//") and not parts.netloc else otherwise
    )


def tells_refusals(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Show an expected refusal as a page that says why and what to do; nothing was changed."""

    @functools.wraps(view)
    def told(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Refused as refused:
            return refusal(request, refused)

    return told


def refusal(request: HttpRequest, refused: Refused) -> HttpResponse:
    """Return the page of a refusal with its own status."""
    return render(
        request,
        "web/refused.html",
        {"title": refused.title, "reasons": refused.reasons, "back": request.headers.get("referer", "/")},
        status=refused.status,
    )


def as_refusal(
    *kinds: type[Exception],
) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Take the anticipated failures of an operation, whose text is fit for the user, as refusals."""

    def around(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @functools.wraps(view)
        def taken(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                return view(request, *args, **kwargs)
            except kinds as failure:
                raise Refused(str(failure)) from failure

        return taken

    return around
