"""Links for people without an account: one page, one matter, for a time; withdrawn at any moment; a code by SMS."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F

from guiju.kernel import engine
from guiju.kernel.crypto import keyed_digest
from guiju.kernel.models import Case
from guiju.kernel.refusals import Refused
from guiju.notify import ways
from guiju.notify.models import Link
from guiju.notify.outbox import ADDRESS, Recipient, send
from guiju.org.models import Person

CODE_LASTS = timedelta(minutes=5)
CODE_AGAIN = timedelta(seconds=60)
CODES_AT_MOST = 10
TRIES_AT_MOST = 5


class UnableToMakeLink(Refused):
    """The link is not made; the text says why."""


class LinkClosed(Refused):
    """The link opens nothing any more; the text says why, in the words of its reader."""

    title = "链接已失效"


class WrongCode(Refused):
    """The code is not accepted; the text says why and what to do."""


def make(
    *,
    purpose: str,
    case: Case,
    subject: Mapping[str, Any],
    phone: str,
    expires_at: datetime,
    at: datetime,
    by: int | None = None,
) -> Link:
    """
    Make a link that opens the page of a purpose about a case; its token is random and stored encrypted.

    ``subject`` is what the page needs to know; ``phone`` is where a code goes, if the page wants one.

    :raises UnableToMakeLink: it would have expired already.
    """
    if expires_at <= at:
        raise UnableToMakeLink("链接的失效时间已过。")
    token = secrets.token_urlsafe(24)
    return Link.objects.create(
        token=token,
        token_index=index_of(token),
        purpose=purpose,
        company_id=case.chain_id,
        case=case,
        subject=dict(subject),
        phone=phone,
        made_at=at,
        made_by_id=by,
        expires_at=expires_at,
    )


def index_of(token: str) -> str:
    """Return the keyed digest under which a token is found."""
    return keyed_digest(f"link\0{token}").hex()[:64]


def full_address(link: Link) -> str:
    """Return the address as it stands in a message."""
    return f"{settings.GUIJU_PUBLIC_URL}{link.url_path}"


def open_link(token: str, *, at: datetime) -> Link:
    """
    Return the link of a token and note that it was opened.

    :raises LinkClosed: there is none, it expired or was withdrawn. The three read alike to a stranger.
    """
    link = Link.objects.select_related("case", "company").filter(token_index=index_of(token)).first()
    if link is None:
        raise LinkClosed("这个链接打不开，请核对地址是否完整，或联系发给您链接的工作人员。")
    if link.withdrawn_at is not None:
        raise LinkClosed("这个链接已经停用，请联系发给您链接的工作人员。")
    if link.expires_at <= at:
        raise LinkClosed("这个链接已经过期，请联系发给您链接的工作人员重新发送。")
    if link.opened_at is None:
        Link.objects.filter(pk=link.pk, opened_at=None).update(opened_at=at)
        link.opened_at = at
    return link


def withdraw(link: Link, *, by: Person, at: datetime) -> Link:
    """Withdraw a link: from now on it opens nothing. Withdrawing twice changes nothing."""
    with transaction.atomic():
        if Link.objects.filter(pk=link.pk, withdrawn_at=None).update(withdrawn_at=at, withdrawn_by=by):
            engine.record(
                company_id=link.company_id, step="notify.withdraw_link", by=by, at=at,
                given={"link": link.pk, "purpose": link.purpose, "case": link.case.number},
            )  # fmt: skip
    link.refresh_from_db()
    return link


def used(link: Link, *, at: datetime) -> bool:
    """Note that the link did what it was for; return whether this was the first time."""
    return bool(Link.objects.filter(pk=link.pk, used_at=None).update(used_at=at))


def send_code(link: Link, *, at: datetime) -> None:
    """
    Send a code of six digits to the link's phone.

    :raises WrongCode: one was sent within the minute, ten were sent, or there is no phone.
    """
    if not link.phone:
        raise WrongCode("没有登记手机号，无法发送验证码，请联系工作人员。")
    code = f"{secrets.randbelow(1_000_000):06d}"
    with transaction.atomic():
        locked = Link.objects.select_for_update().get(pk=link.pk)
        if locked.code_sent_at is not None and at - locked.code_sent_at < CODE_AGAIN:
            raise WrongCode("验证码刚刚发出，请一分钟后再要。")
        if locked.codes >= CODES_AT_MOST:
            raise WrongCode("验证码要得太多，请联系工作人员重新发送链接。")
        Link.objects.filter(pk=link.pk).update(
            code_digest=_digest(link, code), code_sent_at=at, codes=F("codes") + 1, tries=0
        )
        send(
            template="portal.code", to=Recipient(ADDRESS, None, "", link.phone), case=link.case, at=at,
            values={"code": code, "minutes": int(CODE_LASTS.total_seconds() // 60)},
            key=f"{link.pk}:{locked.codes + 1}", channels=(ways.SMS,), urgent=True, grace=timedelta(0),
        )  # fmt: skip
    link.refresh_from_db()


def check_code(link: Link, code: str, *, at: datetime) -> None:
    """
    Accept a code, once.

    :raises WrongCode: none was sent, it is too old, wrong, or was tried five times.
    """
    with transaction.atomic():
        locked = Link.objects.select_for_update().get(pk=link.pk)
        refusal = _refusal(locked, code.strip(), at)
        if refusal is None:
            Link.objects.filter(pk=link.pk).update(code_digest="", tries=0)
        else:
            Link.objects.filter(pk=link.pk).update(tries=F("tries") + 1)
    if refusal is not None:
        raise WrongCode(refusal)


def _refusal(link: Link, code: str, at: datetime) -> str | None:
    if not link.code_digest or link.code_sent_at is None:
        return "请先获取验证码。"
    if link.tries >= TRIES_AT_MOST:
        return "输错次数太多，请重新获取验证码。"
    if at - link.code_sent_at > CODE_LASTS:
        return "验证码已过期，请重新获取。"
    if not secrets.compare_digest(link.code_digest, _digest(link, code)):
        left = TRIES_AT_MOST - link.tries - 1
        return f"验证码不对，还可以试 {left} 次。" if left else "输错次数太多，请重新获取验证码。"
    return None


def _digest(link: Link, code: str) -> str:
    return keyed_digest(f"code\0{link.pk}\0{code}").hex()
