"""Who is meant by a name, which departments somebody works in, and whose to-do an act becomes."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from django.db.models import Q

from guiju.kernel import ports
from guiju.kernel.engine import Context
from guiju.kernel.models import Todo
from guiju.kernel.refusals import BadlyFilled
from guiju.org import posts
from guiju.org.models import Certificate, Department, Establishment, Person
from guiju.quality.models import ComplaintClerk

ANYBODY = tuple(code for code in posts.BY_CODE if code not in (posts.AUDITOR, posts.ADMINISTRATOR))
"""Every post that acts at all: a complaint is recorded by whoever hears it first (首问负责)."""


POST_CHOICES = {code: posts.label(code) for code in ANYBODY}
"""The posts that can be asked, for a choice on a page."""


def person_named(name: str, *, company_id: int, field: str, label: str) -> Person:
    """
    Return the person at work in a company who is named by sign-in or full name.

    :raises BadlyFilled: nobody, or more than one, is called so.
    """
    at_work = Person.objects.at_work().filter(company_id=company_id, is_active=True)
    found = list(at_work.filter(username=name)[:2]) or list(at_work.filter(name=name)[:2])
    if len(found) != 1:
        raise BadlyFilled({field: f"{label}：公司里{'有不止一位' if found else '没有'}「{name}」，请填账号"})
    return found[0]


def department_named(name: str, *, company_id: int, field: str, label: str) -> Department:
    """
    Return the department of a company by name or code.

    :raises BadlyFilled: there is none.
    """
    found = Department.objects.filter(Q(name=name) | Q(code=name), company_id=company_id).first()
    if found is None:
        raise BadlyFilled({field: f"{label}：公司没有「{name}」这个部门"})
    return found


def post_named(name: str, *, field: str, label: str) -> str:
    """
    Return the code of a post by code or name.

    :raises BadlyFilled: there is none.
    """
    found = next((kind.code for kind in posts.POSTS if name in (kind.code, kind.name)), None)
    if found is None:
        raise BadlyFilled({field: f"{label}：没有岗位「{name}」"})
    return found


def departments_of(person_id: int, held: Collection[str], *, company_id: int) -> set[int]:
    """Return the departments that a person heads, or whose posts the person holds."""
    headed = Department.objects.filter(company_id=company_id, head_id=person_id).values_list("pk", flat=True)
    placed = Establishment.objects.filter(company_id=company_id, post__code__in=list(held))
    return set(headed) | set(placed.values_list("department_id", flat=True))


def works_in(context: Context, department_id: int | None) -> bool:
    """Whether the person who acts belongs to the department; a case without one is open to all."""
    if department_id is None or context.by_id is None:
        return True
    return department_id in departments_of(context.by_id, context.posts, company_id=context.case.chain_id)


def qualified(person_id: int, name: str, *, on: date) -> str | None:
    """Return None if the person holds a valid certificate of this name, else what is wrong with it (K-2.3)."""
    found = list(
        Certificate.objects.filter(person_id=person_id, name__contains=name).order_by("-expires_date")
    )
    if not found:
        return f"没有「{name}」"
    valid = [c for c in found if c.expires_date is None or c.expires_date >= on]
    if not valid:
        last = max(c.expires_date for c in found if c.expires_date is not None)
        return f"「{name}」已于 {last:%Y-%m-%d} 到期"
    return None


def complaint_clerk(company_id: int) -> Person | None:
    """Return the person in charge of product-quality complaint information now (K-2.1-a)."""
    found = (
        ComplaintClerk.objects.filter(company_id=company_id, until_at=None).select_related("person").first()
    )
    return found.person if found is not None and found.person.is_active else None


def post_to_ask(person_id: int, *, company_id: int, project_id: int | None, at: datetime) -> str | None:
    """Return the post in which a person is asked: the first held here in an own right."""
    held = ports.people().posts_of(person_id, company_id=company_id, project_id=project_id, at=at)
    return next((post for post, behalf in held.items() if behalf is None), next(iter(held), None))


def hand_to(context: Context, person_id: int | None, *acts: str, within: Collection[str] = ()) -> None:
    """
    Give the to-dos of these acts to a person once they are written. Without a person they stay with the post.

    ``within``: the posts that may take the act; the person is asked in one of those if held.
    """
    if person_id is None or context.work is None:
        return
    case = context.case
    held = ports.people().posts_of(
        person_id, company_id=case.chain_id, project_id=case.scope_id, at=context.at
    )
    own = [post for post, behalf in held.items() if behalf is None]
    post = next((p for p in own if p in within), None) or (own[0] if own and not within else None)
    if post is None:
        return
    case_id, wanted = case.pk, list(acts)

    def give() -> None:
        for todo in Todo.objects.filter(case_id=case_id, act__in=wanted):
            clash = Todo.objects.filter(case_id=case_id, act=todo.act, post=post).exclude(pk=todo.pk).exists()
            Todo.objects.filter(pk=todo.pk).update(person_id=person_id, **({} if clash else {"post": post}))

    context.work.after.append(give)
