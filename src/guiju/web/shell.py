"""What every staff page shows around its content: menu, project, counts, theme. A context processor."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.safestring import SafeString

from guiju.estate.models import Project
from guiju.org import posts
from guiju.org.gates import posts_anywhere
from guiju.org.people import held_by
from guiju.web.access import chosen_project, projects_of
from guiju.web.addresses import address
from guiju.web.duties import Duties, Window

THEMES = ("light", "dark")
AT_MOST = 1000


@dataclass(frozen=True)
class Item:
    """One line of the menu."""

    label: str = ""
    url: str = ""
    icon: str = ""
    keys: str = ""
    current: bool = False
    count: int = 0
    over: int = 0


@dataclass(frozen=True)
class Group:
    """Lines of the menu under one name; the everyday ones have none. Closed groups are one line."""

    label: str
    items: tuple[Item, ...]
    open: bool = True

    @property
    def drawn(self) -> SafeString:
        """The group as HTML: drawn once, for it is the same on most pages of most people."""
        return _drawn("components/menu_group.html", self)


@dataclass(frozen=True)
class Choices:
    """The projects to choose from, by key and name, and the one chosen."""

    projects: tuple[tuple[int, str], ...]
    chosen: int | None

    @property
    def drawn(self) -> SafeString:
        """The choices as HTML, drawn once: a group of companies has a hundred projects."""
        return _drawn("components/project_choices.html", self)


@lru_cache(maxsize=1024)
def _drawn(template: str, what: Group | Choices) -> SafeString:
    return render_to_string(template, {"it": what})


#: The posts that begin their day in a group of the menu: for them it stands open.
AT_HOME: Final = {
    "销售": {posts.SALES, posts.SALES_DIRECTOR, posts.SIGNING_SUPERVISOR, posts.CS_CLERK},
    "签约": {
        posts.SALES_DIRECTOR, posts.SIGNING_SUPERVISOR, posts.CS_CLERK, posts.CS_ASSISTANT_MANAGER, posts.SEAL_KEEPER,
        posts.REGISTRAR, posts.ARCHIVIST,
    },
    "收款": {posts.CASHIER, posts.FINANCE},
    "客服": {
        posts.CS_MANAGER, posts.CS_ASSISTANT_MANAGER, posts.FRONT_DESK, posts.SERVICE_MANAGER, posts.FOREMAN,
        posts.AFTER_SALES, posts.TECHNICIAN, posts.ONSITE, posts.DELEGATE, posts.QUALITY, posts.INSPECTOR,
    },
    "管理": {
        posts.CS_MANAGER, posts.DEPUTY_GM, posts.GENERAL_MANAGER, posts.QUALITY, posts.ADMINISTRATOR, posts.AUDITOR,
    },
}  # fmt: skip


@dataclass
class Shell:
    """What stands around a page."""

    now: datetime
    theme: str = ""
    person_key: str = ""
    post: str = ""
    projects: list[Project] = field(default_factory=list)
    project: Project | None = None
    todos: int = 0
    overdue: int = 0
    menu: list[Group] = field(default_factory=list)
    tabbar: list[Item] = field(default_factory=list)

    @property
    def project_id(self) -> int | None:
        """The key of the project chosen; None means all."""
        return self.project.pk if self.project else None

    @property
    def project_name(self) -> str:
        """The name of the project chosen."""
        return self.project.name if self.project else "全部项目"

    @property
    def choices(self) -> Choices:
        """The projects to choose from."""
        return Choices(tuple((one.pk, one.name) for one in self.projects), self.project_id)


def _menu(path: str, held: set[str], todos: int, overdue: int) -> list[Group]:
    def item(label: str, name: str, icon: str, keys: str = "", **more: Any) -> Item:
        url = address(f"web:{name}")
        current = path == url if name in ("home", "units") else path.startswith(url)
        return Item(label, url, icon, keys, current, **more)

    def group(label: str, *items: Item) -> Group:
        here = any(one.current for one in items)
        return Group(label, items, open=here or bool(held & AT_HOME[label]))

    everyday = [
        item("工作台", "home", "house", "GH"),
        item("待办", "todos", "list-checks", "GT", count=todos, over=overdue),
        item("事项", "cases", "folder", "GC"),
        item("接待", "reception", "phone-incoming", "GJ"),
    ]
    if held & {posts.TECHNICIAN, posts.ONSITE, posts.DELEGATE, posts.FOREMAN}:
        everyday.insert(1, item("今日上门", "technician", "calendar-days", "GV"))
    audit = []
    if held & {posts.AUDITOR, posts.ADMINISTRATOR, posts.CS_MANAGER, posts.DEPUTY_GM, posts.GENERAL_MANAGER}:
        audit.append(item("审计", "audit", "shield-check"))
    return [
        Group("", tuple(everyday)),
        group(
            "销售",
            item("销控图", "units", "layout-grid", "GX"),
            item("日销控表", "daily", "table-2"),
            item("认购登记表", "subscriptions", "clipboard-list"),
            item("变更登记表", "changes", "replace"),
            item("销售统计", "statistics", "chart-column"),
        ),
        group(
            "签约",
            item("签约台", "signing_desk", "pen-line", "GQ"),
            item("签约登记表", "signings", "file-pen"),
            item("预售登记", "filing", "stamp"),
            item("按揭", "mortgages", "landmark"),
            item("用印登记", "seals", "badge-check"),
            item("批量办理", "batch", "list-plus"),
        ),
        group(
            "收款",
            item("应收和回款", "receivables", "wallet"),
            item("收款日结", "till", "calculator"),
        ),
        group(
            "客服",
            item("客户", "customers", "users", "GK"),
            item("客户联络", "contacts", "contact-round"),
            item("售后", "aftersales", "wrench", "GW"),
            item("投诉", "complaints", "message-square-warning"),
            item("回访", "callbacks", "phone-outgoing"),
            item("客户意见", "feedback", "message-square"),
            item("知识库", "knowledge", "lightbulb", "GZ"),
            item("通知和沟通", "notices", "send", "GN"),
        ),
        group(
            "管理",
            item("管理看板", "board", "chart-no-axes-combined", "GB"),
            item("服务观察", "observations", "clipboard-check"),
            item("安全和设备", "safety", "shield-alert"),
            item("作业标准书", "sops", "book-open", "GS"),
            item("人员岗位", "people", "contact", "GP"),
            item("项目", "projects", "building-2"),
            item("工作日历", "calendar", "calendar-days"),
            item("导入登记表", "imports", "upload"),
            item("导出", "exports", "file-down"),
            item("名词释义", "glossary", "book-a"),
            *audit,
        ),
    ]


def build(request: HttpRequest) -> Shell:
    """Return the shell of this request; for a visitor only the theme."""
    at = timezone.now()
    theme = request.COOKIES.get("theme", "")
    shell = Shell(now=at, theme=theme if theme in THEMES else "")
    person = getattr(request, "user", None)
    if person is None or not person.is_authenticated:
        return shell
    projects = projects_of(person, at)
    project = chosen_project(request, projects)
    mine = Duties(person, at, project)
    held = posts_anywhere(person, at=at)
    first = next((one.post for one in held_by(person.pk) if one.in_force(at)), "")
    shell.person_key, shell.projects, shell.project = str(person.pk), projects, project
    shell.post = posts.label(first) if first else ""
    shell.todos, shell.overdue = mine.counts(Window(), Window(until=at))
    shell.menu = _menu(request.path, held, shell.todos, shell.overdue)
    shell.tabbar = [
        Item(label, url := address(f"web:{name}"), icon, current=request.path == url)
        for label, name, icon in (
            ("工作台", "home", "house"),
            ("待办", "todos", "list-checks"),
            ("销控图", "units", "layout-grid"),
            ("更多", "more", "menu"),
        )
    ]
    return shell


def context(request: HttpRequest) -> dict[str, Any]:
    """Put the shell into every template; it is built when a page asks for it, and once a request."""
    if not hasattr(request, "_guiju_shell"):
        request._guiju_shell = SimpleLazyObject(lambda: build(request))  # type: ignore[attr-defined]
    return {"shell": request._guiju_shell}  # type: ignore[attr-defined]
