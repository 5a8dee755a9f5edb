"""人员：the list, one person with posts and sign-in, delegation while absent, and leaving in one act."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Annotated, Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from pydantic import Field

from guiju.kernel.forms import Form, Moment, Text
from guiju.kernel.forms import field as ask
from guiju.kernel.refusals import Refused
from guiju.org import posts
from guiju.org.gates import require_administrator
from guiju.org.models import Delegation, Holding, Person, Post
from guiju.org.models.posts import Education
from guiju.org.operations import delegations, holdings
from guiju.org.operations import people as operations
from guiju.org.operations.certificates import certificates_of
from guiju.org.operations.holdings import qualification_gaps
from guiju.org.queries import delegations_of, sign_in_of
from guiju.web import staffroom
from guiju.web.formats import SHANGHAI, local
from guiju.web.sheet import Choice, Sheet
from guiju.web.views import asking

Name = Annotated[str, Field(min_length=1, max_length=50)]
Years = Annotated[int, Field(ge=0, le=60)]
Why = Annotated[str, Field(min_length=2, max_length=200)]
EDUCATION: Choice = [(str(value), label) for value, label in Education.choices]


class AddForm(Form):
    """加人员。"""

    name: Name = ask("姓名")
    username: Annotated[str, Field(min_length=2, max_length=40)] = ask(
        "用户名", help="登录用，小写字母开头，如拼音 zhanghua"
    )
    phone: Text = ask("内部电话", default="")
    education: int = ask("学历", default=0)
    experience_years: Years = ask("相关工作经验", default=0, unit="年")
    peer_years: Years = ask("同等规模项目同等职位经验", default=0, unit="年")


class ChangeForm(Form):
    """改资料。"""

    name: Name = ask("姓名")
    phone: Text = ask("内部电话", default="")
    education: int = ask("学历", default=0)
    experience_years: Years = ask("相关工作经验", default=0, unit="年")
    peer_years: Years = ask("同等规模项目同等职位经验", default=0, unit="年")


class PostForm(Form):
    """安排岗位。"""

    post: Annotated[str, Field(min_length=1)] = ask("岗位")
    project: Text = ask("范围", default="")
    from_at: Moment | None = ask("从什么时候起", default=None, help="不填就是现在")


class EndForm(Form):
    """结束任职。"""

    holding: int = ask("任职", widget="hidden")
    reason: Text = ask("原因", default="")


class PasswordForm(Form):
    """重设密码。"""

    second_factor: bool = ask("同时去掉两步验证（手机丢了）", default=False)


class LeaveForm(Form):
    """办理离职。"""

    successor: Text = ask("接手人", default="", help="指名的待办、印章、部门负责人、计划任务都交给这位")
    posts_too: bool = ask("岗位也由接手人接任", default=False)
    reason: Why = ask("离职事由")


class DelegateForm(Form):
    """委托代理。"""

    giver: int = ask("谁不在")
    taker: int = ask("由谁代理")
    post: Text = ask("代理岗位", default="", help="不选就是全部岗位，审计和系统管理除外")
    from_at: Moment = ask("从")
    to_at: Moment = ask("到", help="到期自动结束")
    reason: Why = ask("事由")


TABS = (
    ("people", "人员"),
    ("delegations", "代理"),
    ("establishments", "岗位和编制"),
    ("structure", "公司结构"),
    ("certificates", "证书"),
    ("overview", "员工概览"),
)


def tabs(current: str) -> list[dict[str, Any]]:
    """Return the pages about the organisation, as tabs."""
    return [
        {"label": words, "url": reverse(f"web:{name}"), "current": name == current} for name, words in TABS
    ]


@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """List the people of the company with their posts and scope, and who acts for whom."""
    at, by = asking.now(), asking.person(request)
    left = request.GET.get("show") == "left"
    rows = staffroom.listed(by, at, left=left)
    return render(
        request,
        "web/people/list.html",
        {
            "tabs": tabs("people"),
            "rows": rows,
            "left": left,
            "bare": sum(not one.posts for one in rows),
            "away": sum(one.away is not None for one in rows),
            "may": staffroom.may_administer(by, at),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@asking.tells_refusals
def add(request: HttpRequest) -> HttpResponse:
    """Add a person; the first password is shown once, on this answer only."""
    at, by = asking.now(), asking.person(request)
    require_administrator(by, company_id=by.company_id, at=at)
    sheet = Sheet(AddForm, choices={"education": EDUCATION}, typed={"education": "0"})
    if request.method == "POST":
        given = sheet.take(request)
        if given is not None:
            try:
                made, password = operations.add_person(**given.model_dump(), company=by.company, by=by, at=at)
            except operations.UnableToAddPerson as refused:
                sheet.refuse(refused, beside="username")
            else:
                return _password(request, made, password, fresh=True)
    return render(
        request,
        "web/ask.html",
        {
            "title": "加人员",
            "lead": by.company.name,
            "crumbs": [("人员", reverse("web:people"))],
            "sheet": sheet,
            "button": "加人员",
            "back": reverse("web:people"),
            "notes": ["第一个密码只显示一次，请当面交给本人", "本人第一次登录时必须改密码", "没有岗位就什么都办不了，加好以后安排岗位"],
        },
        status=sheet.status,
    )  # fmt: skip


def _password(
    request: HttpRequest, person: Person, password: str, *, fresh: bool = False, factor: bool = False
) -> HttpResponse:
    return render(
        request,
        "web/people/password.html",
        {"person": person, "password": password, "fresh": fresh, "factor": factor},
    )


@require_safe
def person(request: HttpRequest, key: int) -> HttpResponse:
    """Show a person: facts, posts held and given up, delegations, sign-in."""
    return _show(request, staffroom.colleague(asking.person(request), key))


def _post_choices() -> Choice:
    order = list(posts.BY_CODE)
    rows = sorted(
        Post.objects.values_list("code", "name"),
        key=lambda row: (order.index(row[0]) if row[0] in order else len(order), row[1]),
    )
    return list(rows)


def _change_sheet(found: Person) -> Sheet[ChangeForm]:
    names = ("name", "phone", "education", "experience_years", "peer_years")
    return Sheet(
        ChangeForm,
        prefix="change.",
        choices={"education": EDUCATION},
        typed={name: getattr(found, name) for name in names},
    )


def _give_sheet(projects: dict[int, str]) -> Sheet[PostForm]:
    where = [("", "全公司"), *((str(key), name) for key, name in projects.items())]
    return Sheet(PostForm, prefix="give.", choices={"post": _post_choices(), "project": where})


def _show(request: HttpRequest, found: Person, **sent: Sheet[Any]) -> HttpResponse:
    at, by = asking.now(), asking.person(request)
    projects = staffroom.projects_by_key(found.company)
    rows = staffroom.held(found.holdings.select_related("post", "company"), projects, at)
    may = staffroom.may_administer(by, at)
    reason, moved = staffroom.moved(found)
    own = found.pk == by.pk
    gaps = [gap for one in rows if one.open for gap in qualification_gaps(found, one.row.post)]
    return render(
        request,
        "web/people/person.html",
        {
            "person": found,
            "rows": [
                {"held": one, "end": sent.get("end") if _about(sent.get("end"), one.row) else None}
                for one in rows
            ],
            "gaps": gaps,
            "certificates": certificates_of(found, at=at),
            "delegations": delegations_of(found, at=at),
            "may": may,
            "may_change": may and found.left_at is None,
            "own": own,
            "sign_in": sign_in_of(found, at=at) if may and found.left_at is None else None,
            "change": sent.get("change") or _change_sheet(found),
            "give": sent.get("give") or _give_sheet(projects),
            "reset": sent.get("reset") or Sheet(PasswordForm, prefix="reset."),
            "leave_reason": reason,
            "moved": moved,
        },
        status=max((sheet.status for sheet in sent.values()), default=200),
    )


def _about(sheet: Sheet[Any] | None, row: Holding) -> bool:
    return sheet is not None and str(sheet.typed.get("holding")) == str(row.pk)


@require_POST
@asking.tells_refusals
def change(request: HttpRequest, key: int) -> HttpResponse:
    """Change a person's name, phone, education or experience."""
    at, by = asking.now(), asking.person(request)
    found = staffroom.colleague(by, key)
    sheet = _change_sheet(found)
    given = sheet.take(request)
    if given is not None:
        try:
            operations.change_person(person=found, by=by, at=at, **given.model_dump())
        except operations.UnableToChangePerson as refused:
            sheet.refuse(refused)
        else:
            messages.success(request, f"已改好{given.name}的资料")
            return redirect("web:person", key)
    return _show(request, staffroom.colleague(by, key), change=sheet)


@require_POST
@asking.tells_refusals
def give(request: HttpRequest, key: int) -> HttpResponse:
    """Give a person a post; what is missing of its qualification is a warning, kept with the appointment."""
    at, by = asking.now(), asking.person(request)
    found = staffroom.colleague(by, key)
    sheet = _give_sheet(staffroom.projects_by_key(found.company))
    given = sheet.take(request)
    if given is not None:
        try:
            made = holdings.give_post(
                person=found,
                post=given.post,
                company=found.company,
                by=by,
                at=at,
                project_id=int(given.project) if given.project else None,
                from_at=given.from_at,
            )
        except holdings.UnableToGivePost as refused:
            sheet.refuse(refused)
        else:
            messages.success(request, f"{found.name}已任「{posts.label(given.post)}」")
            for warning in made.warnings:
                messages.warning(request, f"资格提醒：{warning}")
            return redirect("web:person", key)
    return _show(request, found, give=sheet)


@require_POST
@asking.tells_refusals
def end(request: HttpRequest, key: int) -> HttpResponse:
    """End a holding of a person."""
    at, by = asking.now(), asking.person(request)
    found = staffroom.colleague(by, key)
    sheet = Sheet(EndForm, prefix="end.")
    given = sheet.take(request)
    row = (
        found.holdings.select_related("post").filter(pk=given.holding).first() if given is not None else None
    )
    if row is None:
        raise Http404("没有这项任职。")
    assert given is not None
    try:
        holdings.end_post(holding=row, by=by, at=at, reason=given.reason)
    except holdings.UnableToEndPost as refused:
        sheet.refuse(refused)
        return _show(request, found, end=sheet)
    messages.success(request, f"{found.name}不再任「{row.post.name}」")
    return redirect("web:person", key)


@require_POST
@never_cache
@asking.tells_refusals
def reset(request: HttpRequest, key: int) -> HttpResponse:
    """Give a new first password, shown once; a lost second factor goes with it."""
    at, by = asking.now(), asking.person(request)
    found = staffroom.colleague(by, key)
    sheet = Sheet(PasswordForm, prefix="reset.")
    given = sheet.take(request)
    if given is not None:
        try:
            password = operations.reset_password(
                person=found, by=by, at=at, second_factor_too=given.second_factor
            )
        except operations.UnableToResetPassword as refused:
            sheet.refuse(refused)
        else:
            return _password(request, found, password, factor=given.second_factor)
    return _show(request, found, reset=sheet)


@require_POST
@asking.tells_refusals
def unlock(request: HttpRequest, key: int) -> HttpResponse:
    """Let somebody who mistyped the password too often try again at once."""
    at, by = asking.now(), asking.person(request)
    found = staffroom.colleague(by, key)
    operations.lift_lockout(person=found, by=by, at=at)
    messages.success(request, f"已解锁，{found.name}现在可以再登录")
    return redirect("web:person", key)


@require_http_methods(["GET", "HEAD", "POST"])
@asking.tells_refusals
def leave(request: HttpRequest, key: int) -> HttpResponse:
    """Let a person go in one act: what they hold is listed before, what moved is shown after."""
    at, by = asking.now(), asking.person(request)
    found = staffroom.colleague(by, key)
    require_administrator(by, company_id=found.company_id, at=at)
    others = staffroom.colleagues(by).filter(left_at=None).exclude(pk=found.pk).order_by("name", "pk")
    choices = [(str(one.pk), one.name) for one in others]
    sheet = Sheet(LeaveForm, choices={"successor": choices}, order=("successor", "reason", "posts_too"))
    if request.method == "POST":
        given = sheet.take(request)
        if given is not None:
            try:
                moved = operations.leave(
                    person=found,
                    successor=others.get(pk=int(given.successor)) if given.successor else None,
                    by=by,
                    at=at,
                    reason=given.reason,
                    posts_too=given.posts_too,
                )
            except operations.UnableToLeave as refused:
                sheet.refuse(refused)
            else:
                messages.success(request, f"{found.name}已办离职，{len(moved)} 项已结束或移交，明细在下面")
                return redirect("web:person", key)
    back = reverse("web:person", args=[key])
    return render(
        request,
        "web/ask.html",
        {
            "title": f"办理{found.name}离职",
            "crumbs": [("人员", reverse("web:people")), (found.name, back)],
            "sheet": sheet,
            "button": "办理离职",
            "back": back,
            "beside": "web/people/burden.html",
            "burden": staffroom.burden(found, at),
            "consequence": "办完以后不能再登录，代理、两步验证和令牌同时失效",
            "notes": [
                "指名的待办交给接手人；接手人没有那个岗位的，退回岗位",
                "保管的印章必须有人接手",
                "一次办完，办不了就什么都不动",
            ],
        },
        status=sheet.status,
    )


def _day(at: datetime, days: int, hour: int) -> datetime:
    return datetime.combine(local(at).date() + timedelta(days=days), time(hour), tzinfo=SHANGHAI)


@require_http_methods(["GET", "HEAD", "POST"])
@asking.tells_refusals
def away(request: HttpRequest) -> HttpResponse:
    """List the delegations; set one for oneself, or as administrator for somebody who is away already."""
    at, by = asking.now(), asking.person(request)
    may = staffroom.may_administer(by, at)
    everybody = list(staffroom.colleagues(by).filter(left_at=None).order_by("name", "pk"))
    names = [(str(one.pk), one.name) for one in everybody]
    giver = request.GET.get("for", "")
    held_posts = Post.objects.exclude(code__in=posts.NOT_DELEGATED)
    if not may:
        held_posts = held_posts.filter(holdings__in=Holding.objects.at(at).filter(person=by)).distinct()
    sheet = Sheet(
        DelegateForm,
        choices={
            "giver": names if may else [(str(by.pk), by.name)],
            "taker": names,
            "post": [("", "全部岗位"), *held_posts.order_by("pk").values_list("code", "name")],
        },
        typed={
            "giver": giver if may and giver else by.pk,
            "from_at": _day(at, 1, 9),
            "to_at": _day(at, 2, 18),
        },
    )
    if request.method == "POST":
        given = sheet.take(request)
        if given is not None:
            people_by_key = {one.pk: one for one in everybody}
            try:
                made = delegations.delegate(
                    giver=people_by_key[given.giver],
                    taker=people_by_key[given.taker],
                    from_at=given.from_at,
                    to_at=given.to_at,
                    reason=given.reason,
                    post=given.post or None,
                    by=by,
                    at=at,
                )
            except delegations.UnableToDelegate as refused:
                sheet.refuse(refused)
            else:
                messages.success(request, f"已设好：{made.taker.name}代{made.giver.name}，到期自动结束")
                return redirect("web:delegations")
    return render(
        request,
        "web/people/delegations.html",
        {
            "tabs": tabs("delegations"),
            "rows": [
                {
                    "row": row,
                    "now": row.from_at <= at,
                    "may_end": may or by.pk in (row.giver_id, row.taker_id),
                }
                for row in staffroom.delegations_in(by.company, at)
            ],
            "sheet": sheet,
            "may": may,
        },
        status=sheet.status,
    )


@require_POST
@asking.tells_refusals
def back(request: HttpRequest, key: int) -> HttpResponse:
    """End a delegation before its time: by its giver, its taker, or an administrator."""
    at, by = asking.now(), asking.person(request)
    row = Delegation.objects.filter(pk=key, giver__company_id=by.company_id).first()
    if row is None:
        raise Http404("没有这项代理。")
    try:
        delegations.end_delegation(delegation=row, by=by, at=at)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "代理已结束")
    return redirect(asking.way_back(request, reverse("web:delegations")))
