"""Adding people, their passwords, and letting them go."""

from __future__ import annotations

import re
import secrets
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db import transaction

from guiju.kernel.models import Todo
from guiju.kernel.refusals import Refused
from guiju.org import questions
from guiju.org.gates import require_administrator
from guiju.org.locking import forgive
from guiju.org.models import Centre, Company, Delegation, Department, Holding, Person, Task
from guiju.org.operations.recording import record
from guiju.org.people import ROSTER, forget

_USERNAME = re.compile(r"[a-z][a-z0-9._-]{1,39}")
_LETTERS = "abcdefghjkmnpqrstuvwxyz"
_DIGITS = "23456789"


class UnableToAddPerson(Refused):
    """The person cannot be added; the text says why."""


def initial_password() -> str:
    """Return a random first password that is easy to read out: three groups of letters and one of digits."""
    groups = ["".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3)]
    return "-".join([*groups, "".join(secrets.choice(_DIGITS) for _ in range(4))])


@transaction.atomic
def add_person(
    *,
    username: str,
    name: str,
    company: Company,
    by: Person,
    at: datetime,
    phone: str = "",
    education: int = 0,
    experience_years: int = 0,
    peer_years: int = 0,
    password: str | None = None,
) -> tuple[Person, str]:
    """
    Add an employee who signs in with a first password, which must be changed at the first sign-in.

    Returns the person and the first password, which is shown once and stored only as a hash. Years are whole years.

    :raises NotYourPost: ``by`` is no administrator of the company.
    :raises UnableToAddPerson: the username is taken or unfit, or the name is missing.
    """
    require_administrator(by, company_id=company.pk, at=at)
    username, name = username.strip().lower(), name.strip()
    if not _USERNAME.fullmatch(username):
        raise UnableToAddPerson("用户名用小写字母开头，只含小写字母、数字、点、横线和下划线，2 到 40 位。")
    if not name:
        raise UnableToAddPerson("请填写姓名。")
    if Person.objects.filter(username=username).exists():
        raise UnableToAddPerson(f"用户名「{username}」已有人用，请换一个。")

    password = password or initial_password()
    person = Person.objects.create_user(
        username,
        password,
        name=name,
        phone=phone.strip(),
        company=company,
        education=education,
        experience_years=experience_years,
        peer_years=peer_years,
        must_change_password=True,
        joined_at=at,
    )
    record(
        company.pk,
        "add_person",
        by=by,
        at=at,
        given={"person": person.pk, "username": username, "name": name},
    )
    return person, password


class UnableToChangePerson(Refused):
    """The person cannot be changed; the text says why."""


@transaction.atomic
def change_person(*, person: Person, by: Person, at: datetime, **changes: str | int) -> Person:
    """
    Change name, phone, education or years of experience; the event keeps old and new value of each.

    :raises NotYourPost: ``by`` is no administrator of the person's company.
    :raises UnableToChangePerson: the person left, a field may not be changed here, or nothing would change.
    """
    require_administrator(by, company_id=person.company_id, at=at)
    if person.left_at is not None:
        raise UnableToChangePerson(f"{person.name}已离职，资料不再修改。")
    allowed = {"name", "phone", "education", "experience_years", "peer_years"}
    if not changes.keys() <= allowed:
        raise UnableToChangePerson("这里只能修改姓名、电话、学历和工作年限。")
    if not str(changes.get("name", person.name)).strip():
        raise UnableToChangePerson("请填写姓名。")
    changed = {
        key: [getattr(person, key), new] for key, new in changes.items() if getattr(person, key) != new
    }
    if not changed:
        raise UnableToChangePerson("没有改动。")
    Person.objects.filter(pk=person.pk).update(**{key: new for key, (_, new) in changed.items()})
    person.refresh_from_db()
    record(person.company_id, "change_person", by=by, at=at, given={"person": person.pk, "changed": changed})
    return person


class UnableToResetPassword(Refused):
    """The password cannot be reset; the text says why."""


@transaction.atomic
def reset_password(*, person: Person, by: Person, at: datetime, second_factor_too: bool = False) -> str:
    """
    Give a new first password, end the person's sessions and lift a lock-out. Returns the password, shown once.

    With ``second_factor_too`` the person's authenticator app and recovery codes are removed as well (lost phone).

    :raises NotYourPost: ``by`` is no administrator of the person's company.
    :raises UnableToResetPassword: the person left.
    """
    require_administrator(by, company_id=person.company_id, at=at)
    if person.left_at is not None:
        raise UnableToResetPassword(f"{person.name}已离职，不能再登录。")
    password = initial_password()
    person.set_password(password)
    person.must_change_password = True
    person.save(update_fields=["password", "must_change_password"])
    forgive(person.username)
    if second_factor_too:
        Authenticator.objects.filter(user_id=person.pk).delete()
    record(
        person.company_id,
        "reset_password",
        by=by,
        at=at,
        given={"person": person.pk, "second_factor_too": second_factor_too},
    )
    return password


@transaction.atomic
def lift_lockout(*, person: Person, by: Person, at: datetime) -> int:
    """
    Let a person who mistyped the password too often try again at once. Returns the number of locks lifted.

    :raises NotYourPost: ``by`` is no administrator of the person's company.
    """
    require_administrator(by, company_id=person.company_id, at=at)
    lifted = forgive(person.username)
    record(person.company_id, "lift_lockout", by=by, at=at, given={"person": person.pk, "lifted": lifted})
    return lifted


class UnableToLeave(Refused):
    """The person cannot leave yet; the text says what stands against it."""


@transaction.atomic
def leave(
    *,
    person: Person,
    successor: Person | None,
    by: Person,
    at: datetime,
    reason: str,
    posts_too: bool = False,
) -> list[str]:
    """
    Let a person go: everything they held ends or moves to the successor in this one act.

    Open to-dos that name the leaver go to the successor where the successor holds the post, else to the post;
    posts end (and begin for the successor with ``posts_too``); delegations given end, those taken move; headed
    departments and open plan tasks move; the apps above hand over seals and end tokens (``questions.person_leaves``).
    Sign-in, sessions and second factor end at once. Returns what was moved, line by line, as the event keeps it.

    :raises NotYourPost: ``by`` is no administrator of the leaver's company.
    :raises UnableToLeave: already left, oneself, an unfit successor, or work that nobody would take over.
    """
    require_administrator(by, company_id=person.company_id, at=at)
    person = Person.objects.select_for_update().get(pk=person.pk)
    if person.left_at is not None:
        raise UnableToLeave(f"{person.name}已办过离职。")
    if person.pk == by.pk:
        raise UnableToLeave("离职由另一位管理员办理，不能自己办自己的。")
    if not reason.strip():
        raise UnableToLeave("请填写离职事由。")
    if successor is not None and (successor.pk == person.pk or not successor.is_active):
        raise UnableToLeave("接手人须是在职的另一位同事。")

    moved = [
        *_move_posts(person, successor if posts_too else None, at),
        *_move_delegations(person, successor, by, at),
        *_move_todos(person, successor, at),
        *_move_headships(person, successor),
    ]
    answers = questions.person_leaves.ask_all(
        person_id=person.pk, successor_id=successor.pk if successor else None, by_id=by.pk, at=at
    )
    moved += [line for lines in answers for line in lines]

    person.is_active = False
    person.left_at, person.left_by = at, by
    person.set_unusable_password()
    person.save(update_fields=["is_active", "left_at", "left_by", "password"])
    Authenticator.objects.filter(user_id=person.pk).delete()
    record(
        person.company_id,
        "leave",
        by=by,
        at=at,
        given={
            "person": person.pk,
            "successor": successor.pk if successor else None,
            "reason": reason.strip(),
            "moved": moved,
        },
    )
    return moved


def _move_posts(person: Person, successor: Person | None, at: datetime) -> list[str]:
    lines = []
    for holding in Holding.objects.filter(person=person).open().select_related("post").order_by("pk"):
        # A post that was to begin later ends where it would have begun.
        holding.to_at = max(at, holding.from_at)
        holding.save(update_fields=["to_at"])
        lines.append(f"岗位「{holding.post.name}」结束")
        same = Holding.objects.filter(
            post=holding.post, company_id=holding.company_id, project_id=holding.project_id, to_at=None
        )
        if successor is not None and not same.filter(person=successor).exists():
            Holding.objects.create(
                person=successor,
                post=holding.post,
                company_id=holding.company_id,
                project_id=holding.project_id,
                from_at=at,
            )
            lines.append(f"岗位「{holding.post.name}」由{successor.name}接任")
    Holding.objects.filter(person=person, to_at__gt=at, from_at__lte=at).update(to_at=at)
    forget()
    return lines


def _move_delegations(person: Person, successor: Person | None, by: Person, at: datetime) -> list[str]:
    lines = []
    live = Delegation.objects.filter(ended_at=None, to_at__gt=at).select_related("giver", "taker")
    for delegation in (live.filter(giver=person) | live.filter(taker=person)).order_by("pk"):
        Delegation.objects.filter(pk=delegation.pk).update(ended_at=at, ended_by=by)
        if delegation.giver_id == person.pk:
            lines.append(f"{delegation.taker.name}的代理结束")
        elif successor is not None and successor.pk != delegation.giver_id:
            Delegation.objects.create(
                giver=delegation.giver,
                taker=successor,
                post_id=delegation.post_id,
                from_at=max(at, delegation.from_at),
                to_at=delegation.to_at,
                reason=f"{delegation.reason}（接替{person.name}）",
                made_at=at,
                made_by=by,
            )
            lines.append(f"{delegation.giver.name}的代理改由{successor.name}承担")
        else:
            lines.append(f"{delegation.giver.name}的代理结束，须另行委托")
    return lines


def _move_todos(person: Person, successor: Person | None, at: datetime) -> list[str]:
    named = Todo.objects.filter(person_id=person.pk)
    to_successor: list[int] = []
    to_post: list[int] = []
    for todo in named.order_by("pk"):
        fits = successor is not None and todo.post in ROSTER.posts_of(
            successor.pk, company_id=todo.chain_id, project_id=todo.scope_id, at=at
        )
        (to_successor if fits else to_post).append(todo.pk)
    lines = []
    if successor is not None and to_successor:
        Todo.objects.filter(pk__in=to_successor).update(person_id=successor.pk)
        lines.append(f"{len(to_successor)} 件待办改由{successor.name}办理")
    if to_post:
        Todo.objects.filter(pk__in=to_post).update(person_id=None)
        lines.append(f"{len(to_post)} 件待办退回岗位")
    return lines


def _move_headships(person: Person, successor: Person | None) -> list[str]:
    lines = []
    for department in Department.objects.filter(head=person).order_by("pk"):
        Department.objects.filter(pk=department.pk).update(head=successor)
        lines.append(f"{department.name}负责人{'改为' + successor.name if successor else '空缺'}")
    for centre in Centre.objects.filter(head=person).order_by("pk"):
        Centre.objects.filter(pk=centre.pk).update(head=successor)
        lines.append(f"{centre.name}负责人{'改为' + successor.name if successor else '空缺'}")
    tasks = Task.objects.filter(owner=person, state__in=[Task.State.OPEN, Task.State.DOING])
    count = tasks.count()
    if count and successor is None:
        raise UnableToLeave(f"{person.name}还有 {count} 项计划任务未完成，请指定接手人。")
    if count:
        tasks.update(owner=successor)
        lines.append(f"{count} 项计划任务改由{successor.name if successor else ''}负责")
    return lines
