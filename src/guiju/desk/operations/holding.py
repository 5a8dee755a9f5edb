"""Putting a call on hold while another is served: what was typed waits sealed on the server (UI.md, intake)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from guiju.desk.models import HeldCall
from guiju.org.models import Person

AT_MOST = 8
KEPT = timedelta(days=2)


def hold(*, typed: Mapping[str, list[str]], by: Person, at: datetime) -> HeldCall:
    """Keep what was typed; of more than eight, and of those older than two days, the oldest go."""
    made = HeldCall.objects.create(person=by, body=dict(typed), held_at=at)
    HeldCall.objects.filter(person=by, held_at__lt=at - KEPT).delete()
    old = list(HeldCall.objects.filter(person=by).order_by("-held_at", "-pk").values_list("pk", flat=True))
    HeldCall.objects.filter(pk__in=old[AT_MOST:]).delete()
    return made


def held(by: Person) -> list[HeldCall]:
    """Return the calls that wait for this person, the longest waiting first."""
    return list(HeldCall.objects.filter(person=by).order_by("held_at", "pk"))


def take_up(key: int, *, by: Person) -> dict[str, Any]:
    """Return what was typed into a held call; it waits on until it is registered (``drop``). Empty: there is none."""
    found = HeldCall.objects.filter(pk=key, person=by).first()
    return dict(found.body) if found is not None else {}


def drop(key: int, *, by: Person) -> None:
    """Forget a held call: it is registered, or nobody was there any more."""
    HeldCall.objects.filter(pk=key, person=by).delete()
