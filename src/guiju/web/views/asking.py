"""Small things that views share: who asks, in which project, and how a refusal is told."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any, cast
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from guiju.customers.models import Customer
from guiju.estate.models import Project, Unit
from guiju.kernel.models import Case
from guiju.kernel.refusals import Refused
from guiju.org.gates import Sight, sight_of
from guiju.org.models import Company, Person
from guiju.sales import gates
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


def masked(request: HttpRequest, at: datetime, *places: object) -> bool:
    """
    Whether names, phones and rooms are masked for this reader: the posts held where ``places`` lie do not need them.

    A place is a case, unit, customer, project, company or whatever else tells its company and project. Several are
    masked together. Without a place, and with None for one, whoever works in a part of what they see only, sees
    all of it masked.
    """
    sight = sight_of(person(request), at=at)
    if not sight.mixed:
        return not sight.full
    return not places or any(_masks(sight, place, at, person(request)) for place in places)


def masks(request: HttpRequest, at: datetime) -> bool | Callable[[object], bool]:
    """Return the same for the rows of a list, one by one: a plain answer where all rows have the same."""
    by = person(request)
    sight = sight_of(by, at=at)
    return functools.partial(_masks, sight, at=at, by=by) if sight.mixed else not sight.full


def hidden(masks: bool | Callable[[object], bool], row: object) -> bool:
    """Return whether a row is masked, given what :func:`masks` said of its list."""
    return masks if isinstance(masks, bool) else masks(row)


def masked_customers(request: HttpRequest, at: datetime, keys: Collection[int]) -> set[int]:
    """Return which of these customers are masked, asked once for all of them."""
    by = person(request)
    sight = sight_of(by, at=at)
    if not sight.mixed:
        return set() if sight.full else set(keys)
    shown = gates.customers_of(by, at, in_full=True).filter(pk__in=keys)
    return set(keys) - set(shown.values_list("pk", flat=True))


def _masks(sight: Sight, place: object, at: datetime, by: Person) -> bool:
    match place:
        case None:
            return True
        case Case():
            return sight.masks(place.chain_id, place.scope_id)
        case Unit():
            return sight.masks(place.project.company_id, place.project_id)
        case Project():
            return sight.masks(place.company_id, place.pk)
        case Company():
            return sight.masks(place.pk, None)
        case Customer():
            return not gates.customers_of(by, at, in_full=True).filter(pk=place.pk).exists()
    project_id = getattr(place, "project_id", None) or getattr(place, "scope_id", None)
    return sight.masks(getattr(place, "company_id"), project_id)  # noqa: B009


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
