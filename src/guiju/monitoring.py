"""Three questions of a watchman: is the process alive, can it work, and how is the work going."""

import hmac
import os
import time
from collections.abc import Callable
from itertools import count
from typing import Final

from django.apps import apps
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

# Seconds for which the figures are kept: being asked often costs nothing.
KEPT_SECONDS: Final = 15
PLAIN: Final = "text/plain; version=0.0.4; charset=utf-8"

_requests = count(1)
_counted = 0
_ready = False
_figures: tuple[float, str] = (0.0, "")


class CountRequests:
    """Counts what this process answered; outermost, so that refusals count as well."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        global _counted
        _counted = next(_requests)
        return self.get_response(request)


@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    """200 as long as this process answers; touches nothing else."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when the database answers, its tables are those of this program and the data folder can be written."""
    global _ready
    lacks = []
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        if not _ready:
            executor = MigrationExecutor(connection)
            if executor.migration_plan(executor.loader.graph.leaf_nodes()):
                lacks.append("migrations are waiting: run `guiju init`")
    except DatabaseError:
        lacks.append("the database does not answer")
    if not os.access(settings.GUIJU_DATA, os.W_OK):
        lacks.append("the data folder cannot be written")
    _ready = not lacks
    return HttpResponse(
        "".join(f"{x}\n" for x in lacks or ["ready"]), status=503 if lacks else 200, content_type=PLAIN
    )


@login_not_required
def metrics(request: HttpRequest) -> HttpResponse:
    """
    Figures for Prometheus: cases open and overdue, reactions waiting and dead, requests of this process.

    Through a proxy only with the bearer token of GUIJU_METRICS_TOKEN; to others the page does not exist.
    """
    if not _may_see(request):
        return HttpResponse(status=404)
    return HttpResponse(_figures_text(), content_type=PLAIN)


def _may_see(request: HttpRequest) -> bool:
    token = settings.GUIJU_METRICS_TOKEN
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token and hmac.compare_digest(given.encode(), token.encode()):
        return True
    forwarded = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    return not forwarded and request.META.get("REMOTE_ADDR", "") in ("127.0.0.1", "::1")


def _figures_text() -> str:
    global _figures
    made, text = _figures
    if not text or time.monotonic() - made > KEPT_SECONDS:
        text = _counted_in_database()
        _figures = (time.monotonic(), text)
    return text + _line("guiju_requests_total", "counter", "Requests answered by this process", _counted)


def _counted_in_database() -> str:
    now = timezone.now()
    cases = apps.get_model("kernel", "Case").objects
    running = cases.filter(closed_at__isnull=True, historic=False)
    text = _line("guiju_cases_open", "gauge", "Cases not closed", running.count())
    text += _line(
        "guiju_cases_overdue", "gauge", "Open cases past their moment", running.filter(due_at__lt=now).count()
    )
    for name, help_text, rows in (
        ("guiju_reactions_waiting", "Reactions after a commit that have not run yet", {"state": "waiting"}),
        ("guiju_reactions_dead", "Reactions that were given up and wait for a person", {"state": "dead"}),
    ):
        reactions = apps.get_model("kernel", "Reaction").objects
        text += _line(name, "gauge", help_text, reactions.filter(**rows).count())
    return text


def _line(name: str, kind: str, help_text: str, value: int) -> str:
    return f"# HELP {name} {help_text}\n# TYPE {name} {kind}\n{name} {value}\n"
