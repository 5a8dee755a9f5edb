"""The customer's file: relationship, important information, contact points, contact history, care contacts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from guiju.customers.consenting import ASKED, PURPOSES
from guiju.customers.models import CareContact, Consent, ContactRecord, Customer, CustomerFact
from guiju.customers.operations.contacts import (
    UnableToKeep,
    add_contact,
    hard_to_reach,
    mark,
    plan_care,
    record_care,
    record_contact,
)
from guiju.customers.operations.knowing import known, note_fact, set_consents
from guiju.desk.models import Channel
from guiju.kernel.models import Case
from guiju.org import posts
from guiju.org.gates import require_post
from guiju.org.models import Person
from guiju.quality.models import Rating
from guiju.sales.models import BuyerPaper, MortgagePaper, SigningPaper
from guiju.web import formats
from guiju.web.access import customer_for
from guiju.web.views import asking

MAY_KEEP = (
    posts.FRONT_DESK, posts.CS_CLERK, posts.AFTER_SALES, posts.SIGNING_SUPERVISOR, posts.CS_ASSISTANT_MANAGER,
    posts.CS_MANAGER, posts.SERVICE_MANAGER, posts.REGISTRAR,
)  # fmt: skip
LONG_AGO = timedelta(days=180)
LOW = 2
SHOWN = 60
# A channel as it is called when we are the ones who get in touch; the rest keep their names.
OUTWARD = {"call": "去电", "visit": "拜访", "letter": "去函", "fax": "发传真", "email": "发邮件"}
OUT = [
    (value, OUTWARD.get(value, label)) for value, label in Channel.choices if value not in ("ticket", "other")
] + [("sms", "短信")]


@dataclass(frozen=True)
class Relationship:
    """How we stand with a customer (C-2-3): from open cases, complaints, the last contact and the last rating."""

    label: str
    tone: str
    open: int
    complaints: int
    last: ContactRecord | None
    rating: Rating | None
    hard_to_reach: bool


def relationship(customer: Customer, cases: QuerySet[Case], at: datetime) -> Relationship:
    """Return the status of the relationship: an open complaint, a low rating or silence weigh more than open work."""
    running = cases.filter(closed_at=None, historic=False)
    open_cases = running.count()
    complaints = running.filter(process="complaint").count()
    last = ContactRecord.objects.filter(customer=customer).order_by("-happened_at", "-pk").first()
    rating = Rating.objects.filter(customer_id=customer.pk).order_by("-given_at", "-pk").first()
    lost = hard_to_reach(customer)
    low = rating is not None and ((rating.score or LOW + 1) <= LOW or rating.solved is False)
    if complaints or low:
        label, tone = "需要关注", "over"
    elif lost:
        label, tone = "联系不上", "risk"
    elif open_cases:
        label, tone = "正在办理", "brand"
    elif last is None or at - last.happened_at > LONG_AGO:
        label, tone = "久未联系", "hold"
    else:
        label, tone = "良好", "ok"
    return Relationship(label, tone, open_cases, complaints, last, rating, lost)


def panel(
    customer: Customer, by: Person, cases: QuerySet[Case], at: datetime, *, masked: bool
) -> dict[str, Any]:
    """Return what the customer's page shows of the file."""
    history = list(
        ContactRecord.objects.filter(customer=customer)
        .select_related("by").order_by("-happened_at", "-pk")[:SHOWN]
    )  # fmt: skip
    numbers = dict(
        cases.filter(pk__in=[one.case_id for one in history if one.case_id]).values_list("pk", "number")
    )
    names = dict(Channel.choices) | {"sms": "短信"}
    return {
        "status": relationship(customer, cases, at),
        "history": [
            {"one": one, "channel": OUTWARD.get(one.channel, "") if one.outward and one.channel in OUTWARD else names.get(one.channel, one.channel), "number": numbers.get(one.case_id or 0, "")}
            for one in history
        ],
        "care": list(
            CareContact.objects.filter(customer=customer).select_related("person", "team", "done_by").order_by("-due_date", "-pk")[:20]
        ),
        "channels": OUT,
        "preferred": Customer.CHANNELS,
        "may": not masked,
        "today": formats.local(at).date(),
    }  # fmt: skip


def known_panel(customer: Customer, at: datetime, *, masked: bool) -> dict[str, Any]:
    """Return what the customer's page shows of facts, papers collected and permitted uses (I-2.1-r, I-2.1-s)."""
    words: dict[str, Consent] = {}
    for row in Consent.objects.filter(customer=customer).order_by("pk"):
        words[row.purpose] = row
    papers = _papers(customer)
    return {
        "facts": known(customer), "fields": CustomerFact.FIELDS, "sources": CustomerFact.SOURCES, "may": not masked,
        "today": formats.local(at).date(), "papers": papers, "there": sum(one["there"] for one in papers),
        "purposes": [
            {
                "code": code, "label": label, "asked": code in ASKED, "word": words[code].given if code in words else None,
                "how": words[code].how if code in words else "", "day": words[code].recorded_at if code in words else None,
            }
            for code, label in PURPOSES.items()
        ],
    }  # fmt: skip


def _papers(customer: Customer) -> list[dict[str, Any]]:
    """Return the papers wanted of a customer in subscription, signing and mortgage, and how they stand."""
    found = []
    for one in BuyerPaper.objects.filter(customer=customer, needed=True).order_by("-pk")[:SHOWN]:
        found.append(_paper(one.get_kind_display(), "认购", one.received_at is not None, one.received_at))
    for brought in SigningPaper.objects.filter(customer=customer, needed=True).order_by("-pk")[:SHOWN]:
        late = (
            f"，约 {brought.promised_date} 带来" if brought.promised_date and not brought.received_at else ""
        )
        found.append(
            _paper(brought.name, f"签约{late}", brought.received_at is not None, brought.received_at)
        )
    for wanted in MortgagePaper.objects.filter(customer=customer, needed=True).order_by("-pk")[:SHOWN]:
        there = wanted.state in (MortgagePaper.ORIGINAL, MortgagePaper.COPY)
        found.append(_paper(wanted.name, "按揭", there, wanted.received_at, wanted.get_state_display()))
    return found


def _paper(name: str, what: str, there: bool, day: datetime | None, state: str = "") -> dict[str, Any]:
    return {
        "name": name, "what": what, "there": there, "day": day, "state": state or ("已收" if there else "缺"),
        "tone": "ok" if there else "risk",
    }  # fmt: skip


@require_POST
@asking.tells_refusals
def keep(request: HttpRequest, key: int) -> HttpResponse:
    """Change the customer's file: a contact point, important information, a contact made, a care contact."""
    at, by = asking.now(), asking.person(request)
    customer = customer_for(by, key, at)
    require_post(by, *MAY_KEEP, at=at)
    data, act = request.POST, request.POST.get("act", "")
    if act == "contact":
        add_contact(
            customer=customer, kind=data.get("kind", ""), value=data.get("value", ""), remark=data.get("remark", ""),
            by=by, at=at,
        )  # fmt: skip
        messages.success(request, "联系方式已加上")
    elif act == "mark":
        mark(
            customer=customer, important=data.get("important", ""), preferred_channel=data.get("preferred", ""),
            by=by, at=at,
        )  # fmt: skip
        messages.success(request, "已记下，以后每次接待都会看到")
    elif act == "contacted":
        _contacted(request, customer, by, at)
        messages.success(request, "这次联系已记录")
    elif act == "fact":
        note_fact(
            customer=customer, field=data.get("field", ""), value=data.get("value", ""), source=data.get("source", ""),
            known_date=_day(data.get("known_date", "")), by=by, at=at,
        )  # fmt: skip
        messages.success(request, "已登记到客户档案")
        return redirect(f"{reverse('web:customer', args=[customer.pk])}#known")
    elif act == "consent":
        set_consents(
            customers=[customer], purpose=data.get("purpose", ""), given=data.get("given") == "1",
            how=data.get("how", ""), by=by, at=at,
        )  # fmt: skip
        messages.success(request, "已记下客户的表示")
        return redirect(f"{reverse('web:customer', args=[customer.pk])}#consents")
    elif act == "plan":
        plan_care(
            customer=customer, due_date=_day(data.get("due", "")), subject=data.get("subject", ""),
            person=None if data.get("whose") == "team" else by, channel=data.get("channel", ""), by=by, at=at,
        )  # fmt: skip
        messages.success(request, "关怀联系已排上")
    elif act == "care":
        care = CareContact.objects.filter(
            customer=customer, pk=formats.whole(data.get("care", "")) or 0
        ).first()
        if care is None:
            raise Http404("没有这次关怀。")
        record_care(
            care=care, outcome=data.get("outcome", ""), reached=data.get("reached") == "1",
            channel=data.get("channel", "call"), by=by, at=at,
        )  # fmt: skip
        messages.success(request, "关怀结果已记录")
    return redirect(f"{reverse('web:customer', args=[customer.pk])}#file")


def _contacted(request: HttpRequest, customer: Customer, by: Person, at: datetime) -> None:
    data = request.POST
    summary = data.get("summary", "").strip()
    if len(summary) < 2 or data.get("channel", "") not in dict(OUT):
        raise UnableToKeep("请写明联系的经过")
    record_contact(
        customer=customer, channel=data["channel"], summary=summary, outward=True,
        reached=data.get("reached") == "1", by=by, at=at,
    )  # fmt: skip


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as wrong:
        raise UnableToKeep("请填哪天联系") from wrong
