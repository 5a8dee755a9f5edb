"""Sessions in the database, as Django's own; found by one prepared question, because every page asks it."""

from __future__ import annotations

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from guiju.kernel.prepared import prepared


class SessionStore(DatabaseSessions):
    """One session."""

    def _get_session_from_db(self) -> Session | None:
        found = _session.one(self.session_key or "")
        if found is None or found.expire_date <= timezone.now():
            self._session_key = None
            return None
        return found


@prepared
def _session(key: str) -> QuerySet[Session, Session]:
    return Session.objects.filter(session_key=key)
