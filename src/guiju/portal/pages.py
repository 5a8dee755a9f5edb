"""Which page a link opens: views registered by the purpose of the link."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse

from guiju.notify.models import Link

View = Callable[[HttpRequest, Link], HttpResponse]


@dataclass(frozen=True)
class Page:
    """The page of a purpose, and whether it asks for a code by SMS first; ``known`` says whom it need not ask."""

    purpose: str
    view: View
    with_code: bool
    known: Callable[[HttpRequest, Link], bool] | None = None


_pages: dict[str, Page] = {}


def page(
    purpose: str, *, with_code: bool = False, known: Callable[[HttpRequest, Link], bool] | None = None
) -> Callable[[View], View]:
    """Register the view of a purpose: it gets the request and the open link, and answers GET and POST."""

    def add(view: View) -> View:
        if purpose in _pages:
            raise RuntimeError(f"The page {purpose} is registered twice.")
        _pages[purpose] = Page(purpose, view, with_code, known)
        return view

    return add


def page_of(purpose: str) -> Page | None:
    """Return the page of a purpose; None if no app has one."""
    return _pages.get(purpose)
