"""
The locks of the sign-in: per name and address after five mistakes, and a ceiling per account over all addresses.

Who guesses from many addresses would have five tries at each. Therefore, after ``CEILING`` mistakes for one name within
``WINDOW`` wherever they were made, one try in ``PAUSE`` is looked at and the others are refused unread. That must not
let a stranger keep a person out: from an address where the person signed in within ``KNOWN`` the ceiling does not hold,
and with a second factor it does not hold for the password, since a guessed one opens nothing; mistakes at the code are
counted apart, and only who knows the password can make them.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from allauth.mfa.models import Authenticator
from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_client_username
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from guiju.org.models import Person

CEILING: Final = 20
WINDOW: Final = timedelta(hours=24)
PAUSE: Final = timedelta(minutes=15)
KNOWN: Final = timedelta(days=30)

PASSWORD, CODE = "password", "code"
_SLOT = "sign_in_slot"


def mistakes(username: str | None, *, at: datetime, what: str = "") -> Any:
    """Return the mistakes that count now for a name, over all addresses; ``what``: at the password or at the code."""
    found = AccessFailureLog.objects.filter(username=username, attempt_time__gt=at - WINDOW)
    return found.filter(path_info=what) if what else found


def slowed_until(username: str | None, address: str | None, *, what: str, at: datetime) -> datetime | None:
    """Return until when tries at this name from this address are refused unread; None: they are not."""
    made = (
        mistakes(username, at=at, what=what).order_by("-attempt_time").values_list("attempt_time", flat=True)
    )
    last = list(made[:CEILING])
    if len(last) < CEILING or last[0] + PAUSE <= at or _is_known(username, address, at):
        return None
    if what == PASSWORD and Authenticator.objects.filter(user__username=username).exists():
        return None
    until: datetime = last[0] + PAUSE
    return until


def _is_known(username: str | None, address: str | None, at: datetime) -> bool:
    since = at - KNOWN
    signed_in = AccessLog.objects.filter(username=username, ip_address=address, attempt_time__gt=since)
    return bool(signed_in.exists())


def forgive(username: str) -> int:
    """Forget the mistakes made for a name. Returns the number of locks that ends."""
    slow = mistakes(username, at=timezone.now()).count() >= CEILING
    AccessFailureLog.objects.filter(username=username).delete()
    ended: int = AccessAttempt.objects.filter(username=username).delete()[0]
    return ended + int(slow)


class Lock(AxesDatabaseHandler):  # type: ignore[misc]
    """The lock per name and address of the package, and the ceiling per account."""

    def is_locked(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> bool:
        """Whether this try is refused unread; if not, it is written down before it is looked at."""
        if super().is_locked(request, credentials):
            return True
        username, address, at = _who(request, credentials)
        what = _what(credentials)
        if mistakes(username, at=at, what=what).count() < CEILING:
            return False
        # Of several who ask at once one goes on: each waits here for the one before.
        with transaction.atomic():
            list(Person.objects.select_for_update().filter(username=username).values_list("pk"))
            if slowed_until(username, address, what=what, at=at) is not None:
                return True
            setattr(request, _SLOT, _write(username, address, what, at).pk)
        return False

    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any
    ) -> None:
        """Count a mistake for the name, wherever it was made."""
        refused = request is not None and getattr(request, "axes_locked_out", False)
        super().user_login_failed(sender, credentials, request, **kwargs)
        if request is None or refused or getattr(request, _SLOT, None) is not None:
            return
        username, address, at = _who(request, credentials)
        AccessFailureLog.objects.filter(attempt_time__lte=at - WINDOW).delete()
        _write(username, address, _what(credentials), at)

    def user_logged_in(self, sender: Any, request: HttpRequest, user: Person, **kwargs: Any) -> None:
        """Take back the try that was written down and was none of the mistakes."""
        super().user_logged_in(sender, request, user, **kwargs)
        AccessFailureLog.objects.filter(pk=getattr(request, _SLOT, None)).delete()


def _who(request: HttpRequest, credentials: dict[str, Any] | None) -> tuple[str | None, str | None, datetime]:
    return (
        get_client_username(request, credentials),
        getattr(request, "axes_ip_address", None),
        timezone.now(),
    )


def _what(credentials: dict[str, Any] | None) -> str:
    return PASSWORD if "password" in (credentials or {}) else CODE


def _write(username: str | None, address: str | None, what: str, at: datetime) -> AccessFailureLog:
    return AccessFailureLog.objects.create(
        username=username, ip_address=address, path_info=what, user_agent="", http_accept="", attempt_time=at
    )
