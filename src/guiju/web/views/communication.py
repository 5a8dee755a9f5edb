"""沟通: what is said and written to the customer of a case, its links, and the evidence pack."""

from __future__ import annotations

from typing import Annotated

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from pydantic import Field

from guiju.customers.models import Customer
from guiju.customers.notices import recipient
from guiju.kernel.forms import Form, Moment, Text
from guiju.kernel.forms import field as ask
from guiju.kernel.models import Case
from guiju.kernel.refusals import Refused
from guiju.notify import links, outbox, replies, ways
from guiju.notify.models import Link, Message
from guiju.notify.operations.register import channels_of, record
from guiju.notify.outbox import Recipient
from guiju.notify.progress import contact_of
from guiju.notify.templates import PURPOSES, templates
from guiju.papers.evidence import day_of
from guiju.papers.operations.evidence import take_pack
from guiju.web import formats
from guiju.web.access import case_for, customer_for
from guiju.web.sheet import Sheet
from guiju.web.views import asking
from guiju.web.views.files import send as send_file
from guiju.web.views.notices import require_work, shown


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
        require_work(by, company_id, case.scope_id if case else None, at)
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
    require_work(by, case.chain_id, case.scope_id, at)
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
            "rows": shown(request, rows, at),
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
    require_work(by, case.chain_id, case.scope_id, at)
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


urls: list[URLPattern] = [
    path("notices/record/", new_record, name="notice_record"),
    path("cases/<str:number>/notices/", of_case, name="case_notices"),
    path("cases/<str:number>/notices/new/", write, name="notice_write"),
    path("cases/<str:number>/links/<int:key>/withdraw/", withdraw_link, name="link_withdraw"),
    path("cases/<str:number>/evidence/", evidence, name="evidence"),
]
