"""Giving and ending posts, with the check of qualification."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.db import IntegrityError, transaction

from guiju.kernel.refusals import Refused
from guiju.org import posts
from guiju.org.gates import require_administrator
from guiju.org.models import Company, Holding, Person, Post
from guiju.org.operations.recording import record


class Appointment(NamedTuple):
    """A holding that was made, and what of the post's qualification the person lacks."""

    holding: Holding
    warnings: list[str]


def qualification_gaps(person: Person, post: Post) -> list[str]:
    """Return what the person lacks for the post, one sentence each (I-4.1-b, c, d; I-4.2-m, n; I-4.3-b, c)."""
    gaps = []
    if person.education < post.education:
        gaps.append(
            f"「{post.name}」要求{post.get_education_display()}及以上，{person.name}登记的学历是{person.get_education_display()}。"
        )
    if person.experience_years < post.years:
        gaps.append(
            f"「{post.name}」要求 {post.years} 年以上相关工作经验，{person.name}登记的是 {person.experience_years} 年。"
        )
    if person.peer_years < post.peer_years:
        gaps.append(
            f"「{post.name}」要求 {post.peer_years} 年以上同等规模项目、同等职位经验，"
            f"{person.name}登记的是 {person.peer_years} 年。"
        )
    return gaps


class UnableToGivePost(Refused):
    """The post cannot be given; the text says why."""


@transaction.atomic
def give_post(
    *,
    person: Person,
    post: str,
    company: Company,
    by: Person,
    at: datetime,
    project_id: int | None = None,
    from_at: datetime | None = None,
) -> Appointment:
    """
    Let a person hold a post in a company, or in one project of it. A missing qualification warns, never blocks.

    The event keeps the warnings, so that it stays known under which reservation somebody was appointed.

    :raises NotYourPost: ``by`` is no administrator of the company.
    :raises UnableToGivePost: the person left, holds the post there already, would appoint themselves, or would
        audit and act at once.
    """
    require_administrator(by, company_id=company.pk, at=at)
    row = Post.objects.filter(code=post).first()
    if row is None:
        raise UnableToGivePost(f"没有岗位「{post}」。")
    if person.pk == by.pk:
        raise UnableToGivePost("不能给自己安排岗位，请另一位管理员办理。")
    if not person.is_active:
        raise UnableToGivePost(f"{person.name}已离职或已停用。")
    begins = from_at or at
    current = Holding.objects.filter(person=person, to_at=None).select_related("post")
    if current.filter(post=row, company=company, project_id=project_id).exists():
        raise UnableToGivePost(f"{person.name}已任「{row.name}」。")
    others = {holding.post.code for holding in current}
    if (post in posts.READ_ONLY and others - posts.READ_ONLY) or (
        post not in posts.READ_ONLY and others & posts.READ_ONLY
    ):
        raise UnableToGivePost("审计岗位只看不办，不能与其他岗位兼任。")

    try:
        with transaction.atomic():
            holding = Holding.objects.create(
                person=person, post=row, company=company, project_id=project_id, from_at=begins
            )
    except IntegrityError:
        raise UnableToGivePost(f"{person.name}刚被安排为「{row.name}」。") from None
    warnings = qualification_gaps(person, row)
    record(
        company.pk,
        "give_post",
        by=by,
        at=at,
        given={
            "person": person.pk,
            "post": post,
            "project": project_id,
            "from_at": begins.isoformat(),
            "warnings": warnings,
        },
    )
    return Appointment(holding, warnings)


class UnableToEndPost(Refused):
    """The post cannot be ended; the text says why."""


@transaction.atomic
def end_post(*, holding: Holding, by: Person, at: datetime, reason: str = "") -> Holding:
    """
    End a holding at this moment. Nobody ends their own administration, so that the house keeps one.

    :raises NotYourPost: ``by`` is no administrator of the company.
    :raises UnableToEndPost: it has ended already, or it is one's own administrator post.
    """
    require_administrator(by, company_id=holding.company_id, at=at)
    holding = Holding.objects.select_for_update(of=("self",)).select_related("post").get(pk=holding.pk)
    if holding.to_at is not None and holding.to_at <= at:
        raise UnableToEndPost("这项任职已经结束。")
    if holding.person_id == by.pk and holding.post.code in posts.MAY_ADMINISTER:
        raise UnableToEndPost("不能结束自己的管理员岗位，请另一位管理员办理。")
    holding.to_at = max(at, holding.from_at)
    holding.save(update_fields=["to_at"])
    record(
        holding.company_id,
        "end_post",
        by=by,
        at=at,
        given={
            "holding": holding.pk,
            "person": holding.person_id,
            "post": holding.post.code,
            "reason": reason,
        },
    )
    return holding
