"""Acting for somebody who is away 代理 (I-4.2-b)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from guiju.kernel.refusals import Refused
from guiju.org import posts
from guiju.org.gates import holds_post
from guiju.org.models import Delegation, Holding, Person, Post
from guiju.org.operations.recording import record

LONGEST = timedelta(days=366)


class UnableToDelegate(Refused):
    """The delegation cannot be made; the text says why."""


@transaction.atomic
def delegate(
    *,
    giver: Person,
    taker: Person,
    from_at: datetime,
    to_at: datetime,
    reason: str,
    by: Person,
    at: datetime,
    post: str | None = None,
) -> Delegation:
    """
    Let ``taker`` act for ``giver`` from a moment until another: with one post, or with all the giver holds.

    Made by the giver, or by an administrator when the giver is already away. What was itself delegated is not
    passed on, nor are auditing and administration. The taker never approves what the giver asked for (the kernel sees to it).

    :raises UnableToDelegate: nobody's business, nothing to delegate, an unfit taker or time.
    """
    if by.pk != giver.pk and not holds_post(by, *posts.MAY_ADMINISTER, company_id=giver.company_id, at=at):
        raise UnableToDelegate(f"代理由{giver.name}本人设定；本人不在时由系统管理员代办。")
    if giver.pk == taker.pk:
        raise UnableToDelegate("不能委托给自己。")
    if not giver.is_active or not taker.is_active:
        raise UnableToDelegate("委托人和代理人都须在职。")
    if not reason.strip():
        raise UnableToDelegate("请填写代理事由。")
    if to_at <= from_at or to_at <= at:
        raise UnableToDelegate("代理的结束时间须晚于开始时间和现在。")
    if to_at - from_at > LONGEST:
        raise UnableToDelegate("一次代理不超过一年，请改短。")
    row = None
    held = (
        Holding.objects.filter(person=giver).at(max(at, from_at)).exclude(post__code__in=posts.NOT_DELEGATED)
    )
    if post is not None:
        row = Post.objects.filter(code=post).first()
        held = held.filter(post__code=post)
    if not held.exists():
        raise UnableToDelegate(f"{giver.name}没有可委托的岗位。")
    if Holding.objects.filter(person=taker, post__code__in=posts.READ_ONLY).at(at).exists():
        raise UnableToDelegate(f"{taker.name}任审计，只看不办，不能代理。")
    if (
        Delegation.objects.filter(giver=giver, taker=taker, post=row, ended_at=None)
        .filter(from_at__lt=to_at, to_at__gt=from_at)
        .exists()
    ):
        raise UnableToDelegate(f"这段时间已委托给{taker.name}。")

    made = Delegation.objects.create(
        giver=giver,
        taker=taker,
        post=row,
        from_at=from_at,
        to_at=to_at,
        reason=reason.strip(),
        made_at=at,
        made_by=by,
    )
    record(
        giver.company_id,
        "delegate",
        by=by,
        at=at,
        given={
            "delegation": made.pk,
            "giver": giver.pk,
            "taker": taker.pk,
            "post": post,
            "from_at": from_at.isoformat(),
            "to_at": to_at.isoformat(),
            "reason": made.reason,
        },
    )
    return made


class UnableToEndDelegation(Refused):
    """The delegation cannot be ended; the text says why."""


@transaction.atomic
def end_delegation(*, delegation: Delegation, by: Person, at: datetime) -> Delegation:
    """
    End a delegation before its time, by its giver, its taker or an administrator.

    :raises UnableToEndDelegation: it is over already, or somebody else's business.
    """
    delegation = (
        Delegation.objects.select_for_update(of=("self",)).select_related("giver").get(pk=delegation.pk)
    )
    company_id = delegation.giver.company_id
    if by.pk not in (delegation.giver_id, delegation.taker_id) and not holds_post(
        by, *posts.MAY_ADMINISTER, company_id=company_id, at=at
    ):
        raise UnableToEndDelegation("代理由委托人、代理人或系统管理员结束。")
    if delegation.ended_at is not None or delegation.to_at <= at:
        raise UnableToEndDelegation("这项代理已经结束。")
    delegation.ended_at, delegation.ended_by = at, by
    delegation.save(update_fields=["ended_at", "ended_by"])
    record(company_id, "end_delegation", by=by, at=at, given={"delegation": delegation.pk})
    return delegation
