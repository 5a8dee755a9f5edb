"""通知: the outbox, one message, what people do by hand, one's own reminders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from pydantic import Field

from guiju.kernel.forms import Form, Text
from guiju.kernel.forms import field as ask
from guiju.kernel.prepared import prepared
from guiju.kernel.refusals import NotYourPost, Refused
from guiju.notify import outbox, sending, ways
from guiju.notify.feedback import give
from guiju.notify.models import Channel, Letter, Message
from guiju.notify.operations.register import NOT_REACHED, REACHED, finish
from guiju.notify.operations.wordings import check_message
from guiju.notify.templates import PURPOSES, templates
from guiju.org import posts
from guiju.org.gates import holds_post, may_see_personal_data, reads_only, scope_of
from guiju.org.models import Person
from guiju.org.operations.looks import note_look
from guiju.org.secrecy import listed
from guiju.web import formats, lists
from guiju.web.access import customer_for
from guiju.web.sheet import Sheet
from guiju.web.views import asking

State = Message.State

TONES = {
    State.OWED: "risk", State.WAITING: "brand", State.CHECKING: "risk", State.SENDING: "brand", State.SENT: "ok",
    State.DELIVERED: "ok", State.READ: "ok", State.BY_HAND: "risk", State.DONE: "ok", State.UNCONNECTED: "hold",
    State.REFUSED: "hold", State.UNSURE: "over", State.DEAD: "over", State.STOPPED: "plain",
}  # fmt: skip

TABS: dict[str, tuple[str, tuple[str, ...]]] = {
    "todo": ("要人办", (State.OWED, State.CHECKING, State.BY_HAND)),
    "dead": ("没有送到", (State.DEAD, State.UNSURE)),
    "waiting": ("待发送", (State.WAITING, State.SENDING)),
    "shown": ("渠道未接通", (State.UNCONNECTED,)),
    "gone": ("已发出", (State.SENT, State.DELIVERED, State.READ, State.DONE)),
    "all": ("全部", ()),
}

MASKED = "你的岗位不接触客户信息，正文不显示"


def reachable(by: Person, at: datetime) -> QuerySet[Message]:
    """Return the messages that lie in the person's scope, without those of confidential cases of others."""
    inside = scope_of(by, at=at).q("company_id", "scope_id")
    return Message.objects.filter(inside & open_to(by, at, "case"))


def open_to(by: Person, at: datetime, case: str) -> Q:
    """Return the condition that leaves out what belongs to confidential cases of others."""
    limits = listed(by, at=at, prefix=f"{case}__")
    return Q(**{case: None}) | limits if limits else Q()


def _found(request: HttpRequest, key: int) -> Message:
    """
    Return a message in the person's scope.

    :raises Http404: there is none.
    """
    rows = reachable(asking.person(request), asking.now()).filter(pk=key)
    found = rows.select_related("case", "company", "made_by", "checked_by", "done_by").first()
    if found is None:
        raise Http404("没有这条通知，或者它不在你的项目里。")
    return found


def require_work(by: Person, company_id: int, scope_id: int | None, at: datetime) -> None:
    """
    Let only those pass whose work needs to reach customers here (E-4.4-a).

    :raises NotYourPost: the person's posts do not.
    """
    if not may_see_personal_data(by, company_id=company_id, project_id=scope_id, at=at):
        raise NotYourPost("和客户联系用到姓名、电话和地址，你的岗位不接触")


def shown(request: HttpRequest, rows: Sequence[Message], at: datetime) -> list[dict[str, Any]]:
    masked = asking.masked(request, at, *rows)
    own = dict(
        Channel.objects.filter(company_id__in={m.company_id for m in rows}).values_list("code", "name")
    )
    by = asking.person(request)
    return [
        {
            "row": row,
            "state": row.get_state_display(),
            "tone": TONES[State(row.state)],
            "way": own.get(row.way) or ways.label(row.way),
            "icon": ways.WAYS[row.way].icon if row.way in ways.WAYS else "send",
            "what": templates()[row.template].name if row.template in templates() else PURPOSES[row.purpose],
            "to": addressee(row, masked),
            "words": _words(row, masked),
            "late": bool(row.due_at and row.due_at < at and row.state == State.OWED),
            "may_check": row.state == State.CHECKING and row.made_by_id != by.pk,
            "may_stop": row.state in (State.WAITING, State.CHECKING, State.UNCONNECTED, State.BY_HAND),
        }
        for row in rows
    ]


def addressee(row: Message, masked: bool) -> str:
    if masked:
        return formats.masked_phone(row.phone) if row.phone else "客户"
    return row.name or formats.phone(row.phone)


def _words(row: Message, masked: bool) -> str:
    if row.state == State.OWED:
        return "事项已升级，欠客户一次进展反馈"
    # Only the own machine of somebody who tries the program out shows a code, where no gateway could send it.
    if row.secret and not (settings.PLAIN_HTTP and row.state == State.UNCONNECTED):
        return "（验证码，只发给本人）"
    return MASKED if masked and row.to_kind != "person" else str(row.body)


BY_HAND = (
    posts.FRONT_DESK, posts.CS_CLERK, posts.AFTER_SALES, posts.SIGNING_SUPERVISOR, posts.CS_ASSISTANT_MANAGER,
    posts.CS_MANAGER, posts.SERVICE_MANAGER, posts.REGISTRAR,
)  # fmt: skip


def by_hand(request: HttpRequest, *, size: int = 10) -> tuple[list[dict[str, Any]], str]:
    """Return the oldest notices that wait for a person, as the to-do list shows them, and how many there are."""
    at, by = asking.now(), asking.person(request)
    if not holds_post(by, *BY_HAND, at=at):
        return [], "0"
    places = scope_of(by, at=at)
    # Mostly there is none at all: that is asked the short way.
    if _some_by_hand.one(sorted(places.companies), sorted(places.projects)) is None:
        return [], "0"
    waiting = reachable(by, at).exclude(to_kind="person").filter(state__in=TABS["todo"][1])
    project = asking.project(request)
    if project is not None:
        waiting = waiting.filter(Q(scope_id=project.pk) | Q(scope_id=None, company_id=project.company_id))
    keys = list(waiting.order_by("pk").values_list("pk", flat=True)[:size])
    rows = waiting.filter(pk__in=keys).select_related("case").order_by("pk") if keys else ()
    return (shown(request, list(rows), at), lists.exact(waiting)) if keys else ([], "0")


@prepared
def _some_by_hand(companies: list[int], projects: list[int]) -> QuerySet[Message, int]:
    rows = Message.objects.filter(state__in=TABS["todo"][1]).exclude(to_kind="person")
    rows = rows.filter(Q(company_id__in=companies) | Q(scope_id__in=projects))
    return rows.values_list("pk", flat=True)[:1]


@require_safe
@asking.tells_refusals
def notices(request: HttpRequest) -> HttpResponse:
    """List messages to people outside, newest first, by what is to be done about them."""
    at, by = asking.now(), asking.person(request)
    tab = request.GET.get("tab", "todo")
    tab = tab if tab in TABS else "todo"
    mine = reachable(by, at)
    customer = formats.whole(request.GET.get("customer", ""))
    staff = request.GET.get("to") == "staff"
    if customer is not None:
        mine = mine.filter(to_kind="customer", to_id=customer_for(by, customer, at).pk)
    else:
        mine = mine.filter(to_kind="person") if staff else mine.exclude(to_kind="person")
    project = asking.project(request)
    if project is not None:
        mine = mine.filter(Q(scope_id=project.pk) | Q(scope_id=None, company_id=project.company_id))
    parts = {name: mine.filter(state__in=states) if states else mine for name, (_, states) in TABS.items()}
    rows, page = lists.walk_newest(parts[tab].select_related("case"), request.GET.get("after", ""))
    if rows and not staff and not asking.masked(request, at, *rows):
        note_look(by, "list", "notices", at=at)
    kept = f"&customer={customer}" if customer is not None else "&to=staff" if staff else ""
    return render(
        request,
        "web/notices/outbox.html",
        {
            "rows": shown(request, rows, at),
            "page": page,
            "tab": tab,
            "tabs": [
                {
                    "label": label,
                    "url": f"?tab={name}{kept}",
                    "current": name == tab,
                    "count": lists.exact(parts[name]),
                }
                for name, (label, _) in TABS.items()
            ],
            "customer": customer_for(by, customer, at) if customer is not None else None,
            "staff": staff,
        },
    )


@require_safe
@asking.tells_refusals
def mine(request: HttpRequest) -> HttpResponse:
    """Show one's own reminders, newest first."""
    by = asking.person(request)
    rows, page = lists.walk_newest(
        Message.objects.filter(to_kind="person", to_id=by.pk).select_related("case"),
        request.GET.get("after", ""),
    )
    return render(
        request,
        "web/notices/mine.html",
        {
            "rows": rows,
            "page": page,
            "unread": Message.objects.filter(to_kind="person", to_id=by.pk, state=State.DELIVERED).count(),
        },
    )


@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """Mark one's own reminders as read."""
    by = asking.person(request)
    Message.objects.filter(to_kind="person", to_id=by.pk, state=State.DELIVERED).update(state=State.READ)
    return redirect("web:notices_mine")


class ResultForm(Form):
    """What came of a call or another act by hand."""

    outcome: Text = ask("结果")
    answer: Annotated[str, Field(max_length=2000)] = ask(
        "对方意见", default="", widget="longtext", help="征求意见的，照原话记"
    )
    words: Annotated[str, Field(max_length=200)] = ask("说明", default="")


class FeedbackForm(Form):
    """The words of an owed feedback."""

    words: Annotated[str, Field(min_length=5, max_length=500)] = ask(
        "进展和下一步", widget="longtext", help="前后的称呼、编号和结尾由模板写好"
    )


def _page(request: HttpRequest, message: Message, sheet: Sheet[Any] | None = None) -> HttpResponse:
    at, by = asking.now(), asking.person(request)
    if sheet is None:
        sheet = _sheet(message)
    if message.to_kind != "person" and not asking.masked(request, at, message):
        kind, key = (
            ("customer", message.to_id) if message.to_kind == "customer" else ("case", message.case_id)
        )
        note_look(by, kind if key else "message", key or message.pk, at=at, company_id=message.company_id)
    return render(
        request,
        "web/notices/message.html",
        {
            "one": shown(request, [message], at)[0],
            "message": message,
            "tries": [
                {
                    "at": one.tried_at,
                    "way": ways.label(one.way),
                    "outcome": _OUTCOMES[one.outcome],
                    "said": one.said,
                }
                for one in message.tries.order_by("pk")
            ],
            "letter": Letter.objects.filter(message=message).select_related("paper", "proof").first(),
            "sheet": sheet,
            "may_again": message.state in (State.DEAD, State.UNSURE, State.UNCONNECTED),
            "own": message.made_by_id == by.pk,
            "purpose": PURPOSES[message.purpose],
        },
        status=sheet.status if sheet is not None else 200,
    )


_OUTCOMES = {
    "sent": "已交网关",
    "later": "稍后再试",
    "refused": "没有发出",
    "unsure": "去向不明",
    "again": "决定再发",
}


def _sheet(message: Message) -> Sheet[Any] | None:
    if message.state == State.BY_HAND and message.way != ways.LETTER:
        return Sheet(ResultForm, choices={"outcome": [(REACHED, "已告知"), (NOT_REACHED, "没有联系上")]})
    if message.state == State.OWED:
        return Sheet(FeedbackForm)
    return None


@require_http_methods(["GET", "HEAD", "POST"])
@asking.tells_refusals
def notice(request: HttpRequest, key: int) -> HttpResponse:
    """Show a message; take the result of what was done by hand, or the words of an owed feedback."""
    at, by = asking.now(), asking.person(request)
    message = _found(request, key)
    sheet = _sheet(message)
    if request.method != "POST" or sheet is None:
        return _page(request, message)
    given = sheet.take(request)
    if given is None:
        return _page(request, message, sheet)
    try:
        if isinstance(given, FeedbackForm):
            give(message, words=given.words, by=by, at=at)
            messages.success(request, "已放进发件箱，10 秒后发出")
        else:
            finish(message, outcome=given.outcome, words=given.words, answer=given.answer, by=by, at=at)
            messages.success(request, "已记下")
    except Refused as refused:
        sheet.refuse(refused)
        return _page(request, message, sheet)
    return redirect("web:notice", key=key)


@require_POST
@asking.tells_refusals
def act(request: HttpRequest, key: int) -> HttpResponse:
    """Stop a message, let it pass or not, send it again, or say that it arrived."""
    at, by = asking.now(), asking.person(request)
    message, wanted = _found(request, key), request.POST.get("act", "")
    if message.to_kind != "person" or reads_only(by, at=at):
        require_work(by, message.company_id, message.scope_id, at)
    if wanted == "stop":
        outbox.stop(message, by=by, at=at)
        messages.success(request, "已撤回，不会发出")
    elif wanted in ("pass", "refuse"):
        check_message(
            message=message, accept=wanted == "pass", reason=request.POST.get("reason", ""), by=by, at=at
        )
        messages.success(request, "已复核，马上发出" if wanted == "pass" else "已复核，不发")
    elif wanted == "again":
        sending.send_again(message, by=by, at=at)
        messages.success(request, "已放回发件箱")
    elif wanted == "arrived":
        sending.settle(message, by=by, at=at)
        messages.success(request, "已记为送达")
    else:
        raise Refused("请选择怎么办。")
    return redirect(asking.way_back(request, reverse("web:notice", args=[key])))


urls: list[URLPattern] = [
    path("notices/", notices, name="notices"),
    path("notices/mine/", mine, name="notices_mine"),
    path("notices/mine/read/", read, name="notices_read"),
    path("notices/<int:key>/", notice, name="notice"),
    path("notices/<int:key>/act/", act, name="notice_act"),
]
