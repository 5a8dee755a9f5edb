"""Putting a call on hold while another is served: what was typed waits sealed on the server (UI.md, intake)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from guiju.desk.models import HeldCall
from guiju.org.models import Person

AT_MOST = 40
KEPT = timedelta(days=2)
PRESSED_TWICE = timedelta(minutes=1)


def hold(*, typed: Mapping[str, list[str]], by: Person, at: datetime) -> HeldCall:
    """
    Keep what was typed. The same words pressed twice are one call; what waits longer than two days goes.

    More than forty wait for nobody at a desk: of more, the oldest go.
    """
    mine = HeldCall.objects.filter(person=by)
    body = dict(typed)
    last = mine.filter(held_at__gte=at - PRESSED_TWICE).order_by("-held_at", "-pk").first()
    if last is not None and last.body == body:
        return last
    made = HeldCall.objects.create(person=by, body=body, held_at=at)
    mine.filter(held_at__lt=at - KEPT).delete()
    old = list(mine.order_by("-held_at", "-pk").values_list("pk", flat=True)[AT_MOST:])
    mine.filter(pk__in=old).delete()
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
