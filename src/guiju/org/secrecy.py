"""
Confidentiality classes 密级: who may read, print or export a record or document of each class (E-4.4-b).

Everything lies within the scope of the reader's posts first (``gates``). Within it: open and internal things are
read by everybody; what has personal data, by posts whose work needs it; confidential things, by the posts of
``posts.MAY_READ_CONFIDENTIAL`` and by those who work on them. Working on something does not let it leave the program.
"""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q

from guiju.kernel.models import Case, Event, Todo
from guiju.kernel.refusals import NotYourPost
from guiju.org import posts
from guiju.org.gates import holds_post, may_see_personal_data, posts_anywhere, scope_of
from guiju.org.models import Person
from guiju.org.people import ROSTER


class Secrecy(models.TextChoices):
    """The classes, from the widest circle to the narrowest."""

    OPEN = "open", "公开"
    INTERNAL = "internal", "内部"
    PERSONAL = Case.ORDINARY, "含个人信息"
    CONFIDENTIAL = Case.CONFIDENTIAL, "机密"


#: Said to whoever may see the case but not take its papers out.
NOT_OUT = "机密事项的单据由{posts}打印和导出"


def reads_confidential(person: Person, *, company_id: int, project_id: int | None, at: datetime) -> bool:
    """Whether the person reads all that is confidential here."""
    return holds_post(
        person, *posts.MAY_READ_CONFIDENTIAL, company_id=company_id, project_id=project_id, at=at
    )


def may_read(
    person: Person,
    secrecy: str,
    *,
    company_id: int,
    project_id: int | None,
    at: datetime,
    concerned: bool = False,
) -> bool:
    """Whether the person may read something of this class; ``concerned``: made it, or works on it."""
    if secrecy in (Secrecy.OPEN, Secrecy.INTERNAL):
        return True
    if secrecy == Secrecy.PERSONAL:
        return may_see_personal_data(person, company_id=company_id, project_id=project_id, at=at)
    return concerned or reads_confidential(person, company_id=company_id, project_id=project_id, at=at)


def may_take_out(
    person: Person, secrecy: str, *, company_id: int, project_id: int | None, at: datetime
) -> bool:
    """Whether the person may print or export something of this class: confidential things only by who reads them all."""
    return may_read(person, secrecy, company_id=company_id, project_id=project_id, at=at)


def works_on(person: Person, case: Case, *, at: datetime) -> bool:
    """Whether the person opened the case, acted on it, or has its next act to do."""
    if case.opened_by == person.pk or Event.objects.filter(case=case, actor_id=person.pk).exists():
        return True
    held = ROSTER.posts_of(person.pk, company_id=case.chain_id, project_id=case.scope_id, at=at)
    waiting = Todo.objects.filter(case=case, post__in=held.keys())
    return waiting.filter(
        Q(person_id=None) | Q(person_id__in=[person.pk, *filter(None, held.values())])
    ).exists()


def may_open(person: Person, case: Case, *, at: datetime) -> bool:
    """Whether the person may open the case: it lies in the scope, and a confidential one is the person's business."""
    if not scope_of(person, at=at).holds(case.chain_id, case.scope_id):
        return False
    if case.secrecy != Secrecy.CONFIDENTIAL:
        return True
    return reads_confidential(person, company_id=case.chain_id, project_id=case.scope_id, at=at) or works_on(
        person, case, at=at
    )


def listed(person: Person, *, at: datetime, prefix: str = "") -> Q:
    """
    Return the condition under which cases stand in lists of the person: confidential ones only where the person
    reads all of them, or opened them. ``prefix`` leads to the case (``case__``).
    """
    ordinary = Q(**{f"{prefix}secrecy": Secrecy.PERSONAL})
    if not posts_anywhere(person, at=at) & posts.MAY_READ_CONFIDENTIAL:
        return ordinary | Q(**{f"{prefix}opened_by": person.pk})
    wide = scope_of(person, at=at, of_posts=posts.MAY_READ_CONFIDENTIAL)
    if wide == scope_of(person, at=at):
        return Q()
    return (
        ordinary | Q(**{f"{prefix}opened_by": person.pk}) | wide.q(f"{prefix}chain_id", f"{prefix}scope_id")
    )


def require_take_out(person: Person, case: Case, *, at: datetime) -> None:
    """
    Let only those pass who may print or export what belongs to this case.

    :raises NotYourPost: the case is confidential and the person works on it only, or the post needs no personal data.
    """
    if may_take_out(person, case.secrecy, company_id=case.chain_id, project_id=case.scope_id, at=at):
        return
    if case.secrecy == Secrecy.CONFIDENTIAL:
        raise NotYourPost(NOT_OUT.format(posts=_names(posts.MAY_READ_CONFIDENTIAL)))
    raise NotYourPost("单据上有客户的姓名、证件和金额，你的岗位不接触")


def _names(codes: frozenset[str]) -> str:
    return "、".join(ROSTER.post_label(code) for code in posts.BY_CODE if code in codes)
