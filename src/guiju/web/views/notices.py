"""通知: the outbox, one message, what people do by hand, letters, one's own reminders, the notices of a case."""

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

from guiju.customers.models import Customer
from guiju.customers.notices import recipient
from guiju.kernel.forms import Form, Moment, Sha256, Text
from guiju.kernel.forms import field as ask
from guiju.kernel.models import Case
from guiju.kernel.refusals import NotYourPost, Refused
from guiju.notify import links, outbox, replies, sending, ways
from guiju.notify.feedback import give
from guiju.notify.models import Channel, Letter, Link, Message
from guiju.notify.operations import letters as post
from guiju.notify.operations.register import NOT_REACHED, REACHED, channels_of, finish, record
from guiju.notify.operations.wordings import check_message
from guiju.notify.outbox import Recipient
from guiju.notify.progress import contact_of
from guiju.notify.templates import PURPOSES, templates
from guiju.org import posts
from guiju.org.gates import holds_post, may_see_personal_data, reads_only, scope_of
from guiju.org.masking import mask_name
from guiju.org.models import Person
from guiju.org.operations.looks import note_look
from guiju.org.secrecy import listed
from guiju.papers.evidence import day_of
from guiju.papers.operations.evidence import take_pack
from guiju.web import formats, lists
from guiju.web.access import case_for, customer_for
from guiju.web.sheet import Sheet
from guiju.web.views import asking
from guiju.web.views.files import send as send_file

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
    return Message.objects.filter(inside & _open_to(by, at, "case"))


def _open_to(by: Person, at: datetime, case: str) -> Q:
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


def _require_work(by: Person, company_id: int, scope_id: int | None, at: datetime) -> None:
    """
    Let only those pass whose work needs to reach customers here (E-4.4-a).

    :raises NotYourPost: the person's posts do not.
    """
    if not may_see_personal_data(by, company_id=company_id, project_id=scope_id, at=at):
        raise NotYourPost("和客户联系用到姓名、电话和地址，你的岗位不接触")


def _shown(request: HttpRequest, rows: Sequence[Message], at: datetime) -> list[dict[str, Any]]:
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
            "to": _to(row, masked),
            "words": _words(row, masked),
            "late": bool(row.due_at and row.due_at < at and row.state == State.OWED),
            "may_check": row.state == State.CHECKING and row.made_by_id != by.pk,
            "may_stop": row.state in (State.WAITING, State.CHECKING, State.UNCONNECTED, State.BY_HAND),
        }
        for row in rows
    ]


def _to(row: Message, masked: bool) -> str:
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
"""Posts whose to-do it is to tell a customer what no gateway tells."""


def by_hand(request: HttpRequest, *, size: int = 10) -> tuple[list[dict[str, Any]], str]:
    """Return the oldest notices that wait for a person, as the to-do list shows them, and how many there are."""
    at, by = asking.now(), asking.person(request)
    if not holds_post(by, *BY_HAND, at=at):
        return [], "0"
    waiting = reachable(by, at).exclude(to_kind="person").filter(state__in=TABS["todo"][1])
    project = asking.project(request)
    if project is not None:
        waiting = waiting.filter(Q(scope_id=project.pk) | Q(scope_id=None, company_id=project.company_id))
    # Mostly there is none: only the keys are asked for first.
    keys = list(waiting.order_by("pk").values_list("pk", flat=True)[:size])
    rows = waiting.filter(pk__in=keys).select_related("case").order_by("pk") if keys else ()
    return (_shown(request, list(rows), at), lists.exact(waiting)) if keys else ([], "0")


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
            "rows": _shown(request, rows, at),
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


# --- one message -----------------------------------------------------------------------------------------------------
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
            "one": _shown(request, [message], at)[0],
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
        _require_work(by, message.company_id, message.scope_id, at)
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


# --- new -------------------------------------------------------------------------------------------------------------
class RecordForm(Form):
    """A communication that somebody had."""

    channel: Text = ask("渠道")
    purpose: Text = ask("目的")
    name: Annotated[str, Field(min_length=1, max_length=60)] = ask("对方")
    phone: Annotated[str, Field(max_length=40)] = ask("电话或传真号", default="")
    words: Annotated[str, Field(min_length=2, max_length=2000)] = ask("说了什么", widget="longtext")
    answer: Annotated[str, Field(max_length=2000)] = ask(
        "对方意见", default="", widget="longtext", help="照原话记"
    )
    happened_at: Moment | None = ask("时间", default=None, help="不填就是现在")


class WriteForm(Form):
    """A message to the customer of a case, in the template's words around one's own."""

    template: Text = ask("用哪个模板")
    words: Annotated[str, Field(min_length=2, max_length=300)] = ask(
        "要说的话", widget="longtext", help="放进模板里，由另一位复核后发出"
    )


FOR_HAND = ("inform", "opinion")


def _whom(case: Case | None, customer: Customer | None) -> Recipient | None:
    if customer is not None:
        return recipient(customer)
    return contact_of(case) if case is not None else None


@require_http_methods(["GET", "HEAD", "POST"])
@asking.tells_refusals
def new_record(request: HttpRequest) -> HttpResponse:
    """Record a call, a fax, a letter or another communication, about a case or a customer."""
    at, by = asking.now(), asking.person(request)
    case = case_for(by, request.GET["case"], at) if request.GET.get("case") else None
    key = formats.whole(request.GET.get("customer", ""))
    customer = customer_for(by, key, at) if key is not None else None
    company_id = case.chain_id if case else customer.company_id if customer else by.company_id
    if (case or customer) and asking.masked(request, at, case or customer):
        _require_work(by, company_id, case.scope_id if case else None, at)
    whom = _whom(case, customer)
    sheet = Sheet(
        RecordForm,
        choices={"channel": list(channels_of(company_id).items()), "purpose": list(PURPOSES.items())},
        typed={"name": whom.name, "phone": whom.phone, "channel": ways.TELEPHONE} if whom else {},
    )
    back = (
        reverse("web:case_notices", args=[case.number])
        if case
        else f"{reverse('web:notices')}?tab=gone" + (f"&customer={key}" if customer else "")
    )
    if request.method == "POST" and (given := sheet.take(request)) is not None:
        to = Recipient(
            whom.kind if whom else "address", whom.id if whom else None, given.name, given.phone,
            whom.email if whom else "",
        )  # fmt: skip
        try:
            record(
                channel=given.channel, to=to, words=given.words, purpose=given.purpose, answer=given.answer, case=case,
                company_id=company_id, happened_at=given.happened_at, by=by, at=at,
            )  # fmt: skip
        except Refused as refused:
            sheet.refuse(refused)
        else:
            messages.success(request, "已记下")
            return redirect(back)
    return render(
        request,
        "web/ask.html",
        {
            "title": "记一次沟通",
            "lead": case.title if case else str(customer or ""),
            "crumbs": [("通知和沟通", back)],
            "sheet": sheet,
            "button": "记下",
            "back": back,
            "notes": ["渠道不够用时，请管理员在渠道设置里增加", "写进这个事项的经过和客户的沟通登记"],
        },
        status=sheet.status,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@asking.tells_refusals
def write(request: HttpRequest, number: str) -> HttpResponse:
    """Write to the customer of a case: progress, or a question with a link to answer."""
    at, by = asking.now(), asking.person(request)
    case = case_for(by, number, at)
    _require_work(by, case.chain_id, case.scope_id, at)
    whom = contact_of(case)
    if whom is None:
        raise Refused("这个事项没有登记客户的联系方式，请先补上，或者用「记一次沟通」。")
    sheet = Sheet(
        WriteForm,
        choices={"template": [(code, templates()[code].name) for code in FOR_HAND]},
        typed={"template": FOR_HAND[0]},
    )
    back = reverse("web:case_notices", args=[number])
    if request.method == "POST" and (given := sheet.take(request)) is not None:
        values = {
            "name": whom.name or "业主",
            "title": case.title,
            "number": case.number,
            "words": given.words,
        }
        try:
            if given.template == "opinion":
                replies.ask_opinion(case=case, to=whom, values=values, by=by, at=at)
                messages.success(request, "已放进发件箱，10 秒后发出，附有回复链接")
            else:
                outbox.send(template=given.template, to=whom, values=values, case=case, at=at, by=by.pk)
                messages.success(request, "已写好，等另一位复核后发出")
        except Refused as refused:
            sheet.refuse(refused)
        else:
            return redirect(back)
    return render(
        request,
        "web/ask.html",
        {
            "title": "给客户发通知",
            "lead": f"{case.number} {case.title}",
            "crumbs": [("通知和沟通", back)],
            "sheet": sheet,
            "button": "写好",
            "back": back,
            "notes_title": "模板",
            "notes": [f"{templates()[code].name}：{templates()[code].text}" for code in FOR_HAND],
        },
        status=sheet.status,
    )


# --- of a case -------------------------------------------------------------------------------------------------------
@require_safe
@asking.tells_refusals
def of_case(request: HttpRequest, number: str) -> HttpResponse:
    """Show every communication about a case, and the links that lead into it."""
    at, by = asking.now(), asking.person(request)
    case = case_for(by, number, at)
    rows = list(
        Message.objects.filter(case=case)
        .exclude(to_kind="person")
        .select_related("case")
        .order_by("-pk")[:200]
    )
    return render(
        request,
        "web/notices/case.html",
        {
            "case": case,
            "rows": _shown(request, rows, at),
            "links": [
                {
                    "row": one,
                    "open": one.withdrawn_at is None and one.expires_at > at,
                    "purpose": _purpose(one),
                }
                for one in Link.objects.filter(case=case).select_related("withdrawn_by").order_by("-pk")[:50]
            ],
        },
    )


def _purpose(link: Link) -> str:
    return {"reply": "客户回复", "contractor_work": "承包商维修", "survey": "满意度调查"}.get(
        link.purpose, link.purpose
    )


@require_POST
@asking.tells_refusals
def withdraw_link(request: HttpRequest, number: str, key: int) -> HttpResponse:
    """Withdraw a link of a case."""
    at, by = asking.now(), asking.person(request)
    case = case_for(by, number, at)
    _require_work(by, case.chain_id, case.scope_id, at)
    link = Link.objects.filter(case=case, pk=key).first()
    if link is None:
        raise Http404("没有这个链接。")
    links.withdraw(link, by=by, at=at)
    messages.success(request, "链接已停用")
    return redirect("web:case_notices", number=number)


@require_POST
@asking.tells_refusals
def evidence(request: HttpRequest, number: str) -> HttpResponse:
    """Give the evidence pack of a case; its history says who took it."""
    at, by = asking.now(), asking.person(request)
    case = case_for(by, number, at)
    pack = take_pack(case=case, by=by, at=at)
    return send_file(pack.zipped(), "application/zip", f"证据包 {case.number} {day_of(at)}.zip", inline=False)


# --- letters ---------------------------------------------------------------------------------------------------------
class PostForm(Form):
    """Carrier and tracking number."""

    carrier: Annotated[str, Field(min_length=1, max_length=40)] = ask("承运", default="中国邮政 EMS")
    tracking: Annotated[str, Field(min_length=4, max_length=60)] = ask("运单号")


class DeliveryForm(Form):
    """Who received the letter, when, and the proof."""

    received_by: Annotated[str, Field(min_length=1, max_length=60)] = ask("签收人")
    delivered_at: Moment = ask("签收时间")
    proof: Sha256 | None = ask("签收凭证", default=None, help="回执或物流页面的照片")


class ReturnForm(Form):
    """Why a letter came back."""

    reason: Annotated[str, Field(min_length=2, max_length=200)] = ask("退回原因")


STEPS: dict[str, tuple[str, type[Form] | None]] = {
    "post": ("登记寄出", PostForm),
    "deliver": ("登记签收", DeliveryForm),
    "return": ("登记退回", ReturnForm),
}


def _letters(by: Person, at: datetime) -> QuerySet[Letter]:
    inside = scope_of(by, at=at).q("message__company_id", "message__scope_id")
    return Letter.objects.filter(inside & _open_to(by, at, "message__case"))


@require_safe
@asking.tells_refusals
def letters(request: HttpRequest) -> HttpResponse:
    """The register of outgoing letters, newest first."""
    at, by = asking.now(), asking.person(request)
    rows, page = lists.walk_newest(
        _letters(by, at).select_related("message__case", "paper", "proof"), request.GET.get("after", "")
    )
    masked = asking.masked(request, at, *[row.message for row in rows])
    return render(
        request,
        "web/notices/letters.html",
        {
            "page": page,
            "rows": [
                {
                    "row": row,
                    "to": _to(row.message, masked),
                    "received": mask_name(row.received_by_name) if masked else row.received_by_name,
                    "state": _letter_state(row),
                    "next": _letter_next(row),
                }
                for row in rows
            ],
        },
    )


def _letter_state(row: Letter) -> tuple[str, str]:
    if row.message.state == State.STOPPED:
        return "已撤回", "plain"
    if row.returned_at is not None:
        return "退回", "over"
    if row.delivered_at is not None:
        return "已签收", "ok"
    if row.posted_at is not None:
        return "已寄出", "brand"
    return ("待寄出", "risk") if row.printed_at is not None else ("待打印", "risk")


def _letter_next(row: Letter) -> list[tuple[str, str]]:
    if row.message.state == State.STOPPED or row.returned_at is not None or row.delivered_at is not None:
        return []
    if row.posted_at is not None:
        return [("deliver", STEPS["deliver"][0]), ("return", STEPS["return"][0])]
    return [("post", STEPS["post"][0])] if row.printed_at is not None else []


def _letter(request: HttpRequest, key: int) -> Letter:
    found = (
        _letters(asking.person(request), asking.now())
        .filter(pk=key)
        .select_related("message__case", "paper")
        .first()
    )
    if found is None:
        raise Http404("没有这封信，或者它不在你的项目里。")
    return found


def _own_letter(request: HttpRequest, key: int) -> Letter:
    letter = _letter(request, key)
    _require_work(asking.person(request), letter.message.company_id, letter.message.scope_id, asking.now())
    return letter


@require_POST
@asking.tells_refusals
def letter_print(request: HttpRequest, key: int) -> HttpResponse:
    """Print a letter under its number; printed before, the same print is given."""
    letter = post.print_letter(letter=_own_letter(request, key), by=asking.person(request), at=asking.now())
    assert letter.paper is not None
    return send_file(letter.paper.file.read(), "application/pdf", f"{letter.number}.pdf", inline=True)


@require_http_methods(["GET", "HEAD", "POST"])
@asking.tells_refusals
def letter_step(request: HttpRequest, key: int, step: str) -> HttpResponse:
    """Note that a letter was posted, received or came back."""
    at, by = asking.now(), asking.person(request)
    letter = _own_letter(request, key)
    if step not in STEPS or (form := STEPS[step][1]) is None:
        raise Http404("没有这一步。")
    sheet: Sheet[Any] = Sheet(form)
    if request.method == "POST" and (given := sheet.take(request)) is not None:
        try:
            if isinstance(given, PostForm):
                post.post_letter(letter=letter, carrier=given.carrier, tracking=given.tracking, by=by, at=at)
            elif isinstance(given, DeliveryForm):
                post.deliver_letter(
                    letter=letter, received_by=given.received_by, delivered_at=given.delivered_at,
                    proof_sha256=given.proof or "", by=by, at=at,
                )  # fmt: skip
            elif isinstance(given, ReturnForm):
                post.return_letter(letter=letter, reason=given.reason, by=by, at=at)
        except Refused as refused:
            sheet.refuse(refused)
        else:
            messages.success(request, f"{letter.number} 已{STEPS[step][0]}")
            return redirect("web:letters_out")
    return render(
        request,
        "web/ask.html",
        {
            "title": STEPS[step][0],
            "lead": f"{letter.number} 致 {letter.message.name}",
            "crumbs": [("发函登记", reverse("web:letters_out"))],
            "sheet": sheet,
            "button": STEPS[step][0],
            "back": reverse("web:letters_out"),
        },
        status=sheet.status,
    )


urls: list[URLPattern] = [
    path("notices/", notices, name="notices"),
    path("notices/mine/", mine, name="notices_mine"),
    path("notices/mine/read/", read, name="notices_read"),
    path("notices/record/", new_record, name="notice_record"),
    path("notices/letters/", letters, name="letters_out"),
    path("notices/letters/<int:key>/print/", letter_print, name="letter_print"),
    path("notices/letters/<int:key>/<slug:step>/", letter_step, name="letter_step"),
    path("notices/<int:key>/", notice, name="notice"),
    path("notices/<int:key>/act/", act, name="notice_act"),
    path("cases/<str:number>/notices/", of_case, name="case_notices"),
    path("cases/<str:number>/notices/new/", write, name="notice_write"),
    path("cases/<str:number>/links/<int:key>/withdraw/", withdraw_link, name="link_withdraw"),
    path("cases/<str:number>/evidence/", evidence, name="evidence"),
]
