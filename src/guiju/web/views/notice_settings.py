"""通知模板和渠道: the words, who approved them, the gateways, quiet hours, filing, where colleagues are reached."""

from __future__ import annotations

from datetime import datetime, time
from enum import Enum
from typing import Annotated, Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from pydantic import Field

from guiju.kernel.forms import Form, Text
from guiju.kernel.forms import field as ask
from guiju.kernel.refusals import BadlyFilled, Refused
from guiju.notify import manners, ways
from guiju.notify.gateways import kinds
from guiju.notify.models import Channel, Reach, SmsFiling, Wording
from guiju.notify.operations.channels import add_channel, set_channel, set_filing, set_quiet, set_reach
from guiju.notify.operations.wordings import (
    MAY_APPROVE,
    MAY_WRITE,
    approve_wording,
    refuse_wording,
    write_wording,
)
from guiju.notify.templates import KINDS, Template, filled, template_of, templates, words_of
from guiju.org import posts
from guiju.org.gates import holds_post, require_post
from guiju.org.models import Company, Person
from guiju.web import formats
from guiju.web.sheet import Sheet
from guiju.web.views import asking

READERS = tuple(dict.fromkeys([*MAY_WRITE, posts.ADMINISTRATOR, posts.AUDITOR, posts.DEPUTY_GM]))
# What stands in the braces of a wording, as people read it.
MEANS = {
    "name": "客户姓名", "title": "事项", "number": "编号", "clock": "时限", "due": "到期时间", "words": "要说的话", "link": "链接",
    "days": "天数", "when": "时间", "news": "进展", "what": "内容", "contractor": "责任单位", "unit": "房号", "amount": "金额",
    "part": "贷款种类", "papers": "所缺资料", "bank": "银行", "place": "地点", "on": "到账日期", "receipt": "收据号", "project": "项目",
    "week": "周次", "buyers": "户数", "ready": "可用份数", "reserve": "应备份数", "short": "缺少份数", "purpose": "上门事由",
    "code": "验证码", "minutes": "分钟数",
}  # fmt: skip
SAMPLES = {
    "name": "苏清越", "number": "WX-YQ1-2026-0317", "title": "厨房渗水", "words": "师傅今天下午已修好，请您查看。",
    "when": "11月20日 14:00", "code": "204817", "minutes": "5", "clock": "24 小时联系", "due": "11-20 18:00",
    "link": "https://example.com/o/…", "step": "完工", "state": "待确认",
}  # fmt: skip


class WayChoice(Enum):
    """The ways a template may name, in the order in which they are tried."""

    label: str

    def __new__(cls, value: str, label: str) -> WayChoice:
        """Make a member of (value, label)."""
        member = object.__new__(cls)
        member._value_ = value
        member.label = label
        return member

    SMS = ways.SMS, ways.label(ways.SMS)
    EMAIL = ways.EMAIL, ways.label(ways.EMAIL)
    WECOM = ways.WECOM, ways.label(ways.WECOM)
    DINGTALK = ways.DINGTALK, ways.label(ways.DINGTALK)
    FEISHU = ways.FEISHU, ways.label(ways.FEISHU)
    ROBOT = ways.ROBOT, ways.label(ways.ROBOT)
    INSIDE = ways.INSIDE, ways.label(ways.INSIDE)
    TELEPHONE = ways.TELEPHONE, ways.label(ways.TELEPHONE)
    LETTER = ways.LETTER, ways.label(ways.LETTER)
    FAX = ways.FAX, ways.label(ways.FAX)


class WordingForm(Form):
    """A new version of a template's words."""

    subject: Annotated[str, Field(max_length=100)] = ask("标题", default="", help="邮件和信函用")
    text: Annotated[str, Field(min_length=5, max_length=1000)] = ask("正文", widget="longtext")
    channels: Annotated[list[WayChoice], Field(min_length=1)] = ask(
        "渠道", help="从左到右依次试，客户自己的偏好优先"
    )


def _company(request: HttpRequest) -> Company:
    return asking.person(request).company


def _state(declared: Template, company: Company) -> dict[str, Any]:
    words = words_of(declared.code, company.pk)
    filings = {
        row.version: row
        for row in SmsFiling.objects.filter(company=company, kind=declared.kind, template=declared.code)
    }
    filing = filings.get(words.version)
    return {
        "template": declared,
        "words": words,
        "said": filled(words.text, {name: f"〔{MEANS.get(name, name)}〕" for name in declared.fields}),
        "kind": KINDS[declared.kind],
        "channels": [ways.label(way) for way in words.channels],
        "sms": ways.SMS in words.channels,
        "filing": filing.get_state_display() if filing else "未报备",
        "filed": filing is not None and filing.state == SmsFiling.State.FILED,
        "waiting": Wording.objects.filter(
            company=company, template=declared.code, approved_at=None, refused_at=None
        ).exists(),
    }


@require_safe
@asking.tells_refusals
def shelf(request: HttpRequest) -> HttpResponse:
    """List the templates with the version in force."""
    require_post(asking.person(request), *READERS, at=asking.now())
    company = _company(request)
    rows = [
        _state(one, company) for one in sorted(templates().values(), key=lambda one: (one.kind, one.code))
    ]
    return render(request, "web/notices/templates.html", {"rows": rows})


def _sample(declared: Template, text: str) -> str:
    return filled(text, {name: SAMPLES.get(name, f"〔{MEANS.get(name, name)}〕") for name in declared.fields})


@require_http_methods(["GET", "HEAD", "POST"])
@asking.tells_refusals
def template(request: HttpRequest, code: str) -> HttpResponse:
    """Show a template with a preview and its versions; take a new version."""
    at, by, company = asking.now(), asking.person(request), _company(request)
    require_post(by, *READERS, at=at)
    if code not in templates():
        raise Http404("没有这个模板。")
    declared, words = template_of(code), words_of(code, company.pk)
    sheet = Sheet(
        WordingForm,
        typed={"subject": words.subject, "text": words.text, "channels": list(words.channels)},
    )
    if request.method == "POST" and (given := sheet.take(request)) is not None:
        try:
            write_wording(
                template=code, company_id=company.pk, subject=given.subject, text=given.text,
                channels=[one.value for one in given.channels], by=by, at=at,
            )  # fmt: skip
        except Refused as refused:
            sheet.refuse(refused)
        else:
            messages.success(request, "已写好，等另一位审核后生效")
            return redirect("web:notice_template", code=code)
    versions = Wording.objects.filter(company=company, template=code).select_related(
        "written_by", "approved_by", "refused_by"
    )
    return render(
        request,
        "web/notices/template.html",
        {
            **_state(declared, company),
            "preview": _sample(declared, words.text),
            "fields": [(f"{{{name}}}", MEANS.get(name, "")) for name in declared.fields],
            "sheet": sheet,
            "may_write": holds_post(by, *MAY_WRITE, at=at, company_id=company.pk),
            "versions": [
                {
                    "row": row,
                    "preview": _sample(declared, row.text),
                    "channels": [ways.label(way) for way in row.channels],
                    "may_decide": row.approved_at is None
                    and row.refused_at is None
                    and row.written_by_id != by.pk
                    and holds_post(by, *MAY_APPROVE, at=at, company_id=company.pk),
                }
                for row in versions.order_by("-version")[:20]
            ],
        },
        status=sheet.status,
    )


@require_POST
@asking.tells_refusals
def decide(request: HttpRequest, code: str, version: int) -> HttpResponse:
    """Approve a version, or send it back."""
    at, by = asking.now(), asking.person(request)
    wording = Wording.objects.filter(company=_company(request), template=code, version=version).first()
    if wording is None:
        raise Http404("没有这一版。")
    if request.POST.get("decision") == "approve":
        approve_wording(wording=wording, by=by, at=at)
        messages.success(request, f"第 {version} 版已生效")
    else:
        refuse_wording(wording=wording, reason=request.POST.get("reason", ""), by=by, at=at)
        messages.success(request, "已退回")
    return redirect("web:notice_template", code=code)


# --- channels --------------------------------------------------------------------------------------------------------
class QuietForm(Form):
    """Quiet hours."""

    starts: time = ask("开始", help="例如 21:00")
    ends: time = ask("结束", help="例如 08:00；两个相同就没有免打扰")


class ChannelForm(Form):
    """A further channel."""

    code: Annotated[str, Field(min_length=2, max_length=20)] = ask("代码", help="小写字母，例如 wechat")
    name: Annotated[str, Field(min_length=1, max_length=30)] = ask("名称", help="例如 微信、公告栏、上门告知")


class FilingForm(Form):
    """What the operator said about a signature or a template."""

    kind: Text = ask("类别")
    template: Text = ask("模板", default="", help="不选就是签名")
    version: int = ask("模板版次", default=0, ge=0, le=999)
    text: Annotated[str, Field(min_length=2, max_length=500)] = ask("签名或报备文本")
    state: Text = ask("状态")
    number: Annotated[str, Field(max_length=60)] = ask("运营商编号", default="")
    note: Annotated[str, Field(max_length=200)] = ask("说明", default="")


class ReachForm(Form):
    """Where a colleague is reached."""

    person: Text = ask("同事")
    way: Text = ask("渠道")
    address: Annotated[str, Field(max_length=120)] = ask(
        "账号、手机号或邮箱", default="", help="空着就是取消"
    )
    order: int = ask("次序", default=1, ge=1, le=9)


def _sheets(company: Company) -> dict[str, Sheet[Any]]:
    starts, ends = manners.quiet_of(company.pk)
    people = Person.objects.filter(company=company, is_active=True).order_by("name", "pk")
    return {
        "quiet": Sheet(QuietForm, prefix="q.", typed={"starts": f"{starts:%H:%M}", "ends": f"{ends:%H:%M}"}),
        "channel": Sheet(ChannelForm, prefix="c."),
        "filing": Sheet(
            FilingForm,
            prefix="f.",
            choices={
                "kind": list(KINDS.items()),
                "template": [(one.code, one.name) for one in templates().values()],
                "state": list(SmsFiling.State.choices),
            },
            typed={"kind": "notice", "version": 0},
        ),
        "reach": Sheet(
            ReachForm,
            prefix="r.",
            choices={
                "person": [(str(one.pk), one.name) for one in people],
                "way": [(way, ways.label(way)) for way in (*ways.PERSONAL, ways.SMS, ways.EMAIL)],
            },
            typed={"order": 1},
        ),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@asking.tells_refusals
def channels(request: HttpRequest) -> HttpResponse:
    """Show the channels of the company and change what is around them."""
    at, by, company = asking.now(), asking.person(request), _company(request)
    require_post(by, *READERS, at=at)
    sheets = _sheets(company)
    status = 200
    if request.method == "POST":
        part = request.POST.get("part", "")
        if (sheet := sheets.get(part)) is None:
            raise Refused("请选择要改的设置。")
        if (given := sheet.take(request)) is not None:
            try:
                _apply(given, company=company, by=by, at=at)
            except Refused as refused:
                sheet.refuse(refused)
            else:
                messages.success(request, "已保存")
                return redirect("web:notice_channels")
        status = sheet.status
    own = {one.code: one for one in Channel.objects.filter(company=company).order_by("pk")}
    return render(
        request,
        "web/notices/channels.html",
        {
            "gateways": [
                {
                    "way": way,
                    "name": ways.label(way),
                    "icon": ways.WAYS[way].icon,
                    "on": way in own and own[way].on,
                    "there": way in own,
                }
                for way in kinds()
            ],
            "further": [one for one in own.values() if one.way == ways.HAND],
            "by_hand": [one.name for one in ways.WAYS.values() if one.by_hand and one.code != ways.HAND],
            "filings": SmsFiling.objects.filter(company=company).order_by("kind", "template", "version"),
            "names": {code: one.name for code, one in templates().items()},
            "reaches": Reach.objects.filter(person__company=company)
            .select_related("person")
            .order_by("person__name", "order", "pk")[:300],
            "labels": {code: one.name for code, one in ways.WAYS.items()},
            "sheets": sheets,
            "may": holds_post(by, *posts.MAY_ADMINISTER, at=at, company_id=company.pk),
            "quiet": manners.quiet_of(company.pk),
        },
        status=status,
    )


def _apply(given: Form, *, company: Company, by: Person, at: datetime) -> None:
    if isinstance(given, QuietForm):
        set_quiet(company=company, starts=given.starts, ends=given.ends, by=by, at=at)
    elif isinstance(given, ChannelForm):
        add_channel(company=company, code=given.code, name=given.name, by=by, at=at)
    elif isinstance(given, FilingForm):
        set_filing(
            company=company, kind=given.kind, template=given.template, version=given.version, text=given.text,
            state=given.state, number=given.number, note=given.note, by=by, at=at,
        )  # fmt: skip
    elif isinstance(given, ReachForm):
        person = Person.objects.filter(company=company, pk=formats.whole(given.person) or 0).first()
        if person is None:
            raise BadlyFilled({"person": "同事：请从名单里选"})
        set_reach(person=person, way=given.way, address=given.address, order=given.order, by=by, at=at)


@require_http_methods(["GET", "HEAD", "POST"])
@asking.tells_refusals
def channel(request: HttpRequest, way: str) -> HttpResponse:
    """Set the gateway of a way; secrets are never shown again."""
    at, by, company = asking.now(), asking.person(request), _company(request)
    require_post(by, posts.ADMINISTRATOR, at=at, company_id=company.pk)
    kind = kinds().get(way)
    if kind is None:
        raise Http404("这个渠道没有接口可设。")
    own = Channel.objects.filter(company=company, code=way).first()
    known = own.config if own is not None else {}
    typed: dict[str, str] = {
        one.name: "" if one.secret else str(known.get(one.name, "")) for one in kind.settings
    }
    errors: dict[str, str] = {}
    on = own.on if own is not None else True
    if request.method == "POST":
        typed = {one.name: request.POST.get(one.name, "") for one in kind.settings}
        on = request.POST.get("on") == "1"
        try:
            set_channel(company=company, way=way, config=typed, on=on, by=by, at=at)
        except BadlyFilled as wrong:
            errors = dict(wrong.errors)
        else:
            messages.success(request, f"{ways.label(way)}已保存")
            return redirect("web:notice_channels")
    return render(
        request,
        "web/notices/channel.html",
        {
            "name": ways.label(way),
            "on": on,
            "back": reverse("web:notice_channels"),
            "fields": [
                {
                    "name": one.name,
                    "label": one.label,
                    "secret": one.secret,
                    "needed": one.needed,
                    "help": ("已存，空着就不改" if one.secret and known.get(one.name) else one.help),
                    "value": "" if one.secret else typed[one.name],
                    "error": errors.get(one.name, ""),
                }
                for one in kind.settings
            ],
        },
        status=422 if errors else 200,
    )


urls: list[URLPattern] = [
    path("notices/templates/", shelf, name="notice_templates"),
    path("notices/templates/<str:code>/", template, name="notice_template"),
    path("notices/templates/<str:code>/<int:version>/", decide, name="notice_decide"),
    path("notices/channels/", channels, name="notice_channels"),
    path("notices/channels/<slug:way>/", channel, name="notice_channel"),
]
