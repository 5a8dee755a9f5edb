"""Making, ending and recognising bearer tokens."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from guiju.api.models import Token
from guiju.kernel import engine
from guiju.kernel.prepared import prepared
from guiju.kernel.refusals import Refused
from guiju.org.models import Person

PREFIX = "guiju_"
LIFE = timedelta(days=365)
LONGEST = timedelta(days=3650)
NOTED_EVERY = timedelta(minutes=5)


class UnableToMakeToken(Refused):
    """No token is made; the text says why."""


def digest_of(text: str) -> str:
    """Return what is kept of a token. It has 256 bits of chance, so a plain digest does."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


@transaction.atomic
def make_token(
    *, person: Person, label: str = "", life: timedelta = LIFE, by: Person | None, at: datetime
) -> tuple[Token, str]:
    """
    Make a token for a person and return it with its text, which is never shown again.

    :raises UnableToMakeToken: the person has left, or the life is not between a day and ten years.
    """
    if not person.is_active:
        raise UnableToMakeToken(f"{person.name}已停用，不能创建令牌")
    if not timedelta(days=1) <= life <= LONGEST:
        raise UnableToMakeToken("令牌有效期应在 1 天到 10 年之间")
    text = PREFIX + secrets.token_urlsafe(32)
    token = Token.objects.create(
        person=person, label=label[:100], digest=digest_of(text), created_at=at, expires_at=at + life
    )
    engine.record(
        company_id=person.company_id, step="api.token_made", by=by, at=at,
        given={"token": token.pk, "person": person.pk, "label": token.label, "expires_at": token.expires_at.isoformat()},
    )  # fmt: skip
    return token, text


@transaction.atomic
def revoke_token(*, token: Token, by: Person | None, at: datetime) -> None:
    """
    End a token at once.

    :raises UnableToMakeToken: it has been ended before.
    """
    if Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=at) != 1:
        raise UnableToMakeToken("这个令牌已停用")
    engine.record(
        company_id=token.person.company_id, step="api.token_revoked", by=by, at=at, given={"token": token.pk}
    )


@prepared
def _token(digest: str) -> QuerySet[Token, Token]:
    rows = Token.objects.filter(digest=digest, revoked_at=None, person__is_active=True)
    return rows.select_related("person__company")


def person_of(text: str, *, at: datetime) -> Person | None:
    """Return the active person whose token this is; None if it is unknown, ended, or too old."""
    token = _token.one(digest_of(text))
    if token is None or token.expires_at <= at:
        return None
    if token.last_used_at is None or token.last_used_at < at - NOTED_EVERY:
        before = Q(last_used_at=None) | Q(last_used_at__lt=at - NOTED_EVERY)
        Token.objects.filter(before, pk=token.pk).update(last_used_at=at)
    return token.person
