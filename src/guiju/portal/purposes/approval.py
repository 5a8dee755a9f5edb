"""审批: a manager sees on the phone what is asked and decides it. Opening the link decides nothing: the yes is a post.

Who is signed in on this phone as that person goes straight in; anybody else gets a code by SMS first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from guiju.kernel import acts, approvals, ports
from guiju.kernel.engine import Context, approval_facts
from guiju.kernel.forms import Form, parse
from guiju.kernel.models import ApprovalRequest, Case, Vote
from guiju.kernel.process import process_of
from guiju.kernel.refusals import BadlyFilled, Refused
from guiju.notify import links
from guiju.notify.links import LinkClosed
from guiju.notify.models import Link
from guiju.org import posts
from guiju.org.models import Person
from guiju.papers.writing import day as written_day
from guiju.papers.writing import money
from guiju.portal.notices import PURPOSE
from guiju.portal.pages import page
from guiju.quality.choices import Level, said
from guiju.quality.models import Compensation, Complaint
from guiju.quality.operations.compensating import given_beside
from guiju.quality.operations.complaint_record import head_of
from guiju.sales.filing_papers import approval_form

DECISIONS: Final = {Vote.YES: "同意", Vote.RETURN: "退回修改", Vote.NO: "不同意"}
FACTS: Final = {
    "total_price": "总价（元）", "discount_percent": "优惠（%）", "deviations": "与范本不同（处）", "extensions": "已延期（次）",
    "amount": "金额（元）", "owed": "欠款（元）", "refund": "退款（元）",
}  # fmt: skip
LINES_AT_MOST = 20


def signed_in(request: HttpRequest, link: Link) -> bool:
    """Return whether the person asked is signed in with this browser."""
    return bool(request.user.is_authenticated and request.user.pk == link.subject.get("person"))


@page(PURPOSE, with_code=True, known=signed_in)
def approval(request: HttpRequest, link: Link) -> HttpResponse:
    """Show the request and what others said; on POST vote, as the person the link was sent to."""
    at = timezone.now()
    found = (
        ApprovalRequest.objects.select_related("case").filter(pk=int(link.subject.get("request", 0))).first()
    )
    person = Person.objects.filter(pk=int(link.subject.get("person", 0)), is_active=True).first()
    if found is None or person is None or found.case_id != link.case_id:
        raise LinkClosed("这个链接没有对应的申请，请到系统里查看。")
    same_round = found.round == link.subject.get("round")
    wrong, reason = "", ""
    if request.method == "POST":
        decision, reason = request.POST.get("decision", ""), request.POST.get("reason", "").strip()
        if not same_round:
            wrong = "申请已经改过，请看最新收到的链接。"
        else:
            try:
                acts.vote(
                    found.pk,
                    decision=decision,
                    by=person,
                    at=at,
                    reason=reason,
                    post=str(link.subject["post"]),
                )
            except BadlyFilled as refused:
                wrong = "；".join(text.split("：", 1)[-1] for text in refused.errors.values())
            except Refused as refused:
                wrong = "；".join(one.text for one in refused.reasons) or str(refused)
            else:
                links.used(link, at=at)
                return redirect("portal:door", token=link.token)
        found.refresh_from_db()
    own = (
        Vote.objects.filter(request=found, person_id=person.pk, round=link.subject.get("round"))
        .order_by("-pk")
        .first()
    )
    mine = [seat for seat in approvals.open_seats(found) if seat["post"] == link.subject.get("post")]
    step = process_of(found.case.process).step(found.step)
    return render(
        request,
        "portal/approval.html",
        {
            "link": link,
            "case": found.case,
            "what": step.label if step is not None else found.step,
            "asked_by": ports.people().name(found.requested_by),
            "asked_at": found.requested_at,
            "lines": lines_of(found, person, at),
            "votes": _votes(found),
            "own": DECISIONS.get(own.decision, "") if own is not None else "",
            "open": bool(mine) and own is None and same_round,
            "decided": found.get_state_display() if hasattr(found, "get_state_display") else "",
            "reason": reason,
            "wrong": wrong,
        },
        status=422 if wrong else 200,
    )


def _votes(found: ApprovalRequest) -> list[dict[str, Any]]:
    return [
        {
            "post": posts.label(vote.post),
            "name": ports.people().name(vote.person_id),
            "decision": DECISIONS.get(vote.decision, vote.decision),
            "reason": vote.reason,
            "on_paper": bool(vote.paper_sha256),
        }
        for vote in found.votes.filter(round=found.round).order_by("seat")
    ]


def lines_of(found: ApprovalRequest, person: Person, at: datetime) -> list[tuple[str, str]]:
    """Return what the request says, line by line: the summary of its process, what was filled in, its figures."""
    summary = SUMMARIES.get(found.case.process)
    lines = summary(found.case, at) if summary is not None else []
    step = process_of(found.case.process).step(found.step)
    if step is None:
        return lines
    given = {
        key: value for key, value in approvals.given_of(found).items() if key not in ("points", "happened_at")
    }
    try:
        form = parse(step.form, given)
    except BadlyFilled:
        return lines
    lines += _filled(form)
    if summary is None:
        context = Context(
            case=found.case, process=process_of(found.case.process), step=step,
            policy=ports.policies().get(found.sop_version_id), by=person, at=at, recorded_at=at, given=form,
        )  # fmt: skip
        facts: Mapping[str, Any] = approval_facts(context)
        lines += [(FACTS[key], _written(value)) for key, value in facts.items() if key in FACTS]
    return lines[:LINES_AT_MOST]


def _filled(form: Form) -> list[tuple[str, str]]:
    found = []
    for name, field in type(form).model_fields.items():
        value = getattr(form, name)
        extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
        if value in (None, "", False) or extra.get("widget") in (
            "attachment",
            "signature",
            "signatures",
            "hidden",
        ):
            continue
        if isinstance(value, list | dict | Form):
            continue
        if isinstance(value, str) and len(value) == 64 and set(value) <= set("0123456789abcdef"):
            continue
        found.append((str(field.title or name), _written(value)))
    return found


def _written(value: Any) -> str:
    if value is True:
        return "是"
    if isinstance(value, Enum):
        return str(getattr(value, "label", value.value))
    if isinstance(value, Decimal):
        return money(value) if value == value.quantize(Decimal("0.01")) else format(value, "f")
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    return written_day(value) if hasattr(value, "isoformat") else str(value)


def _contract(case: Case, at: datetime) -> list[tuple[str, str]]:
    sheet = approval_form(case, at)
    return [
        ("合同", sheet.contract),
        ("房屋", sheet.unit),
        ("买受人", sheet.buyers),
        ("总价", f"{money(sheet.total)} 元，优惠 {sheet.discount}"),
        ("付款", "，".join(part for part in (sheet.payment, sheet.bank) if part)),
        ("已付", f"{money(sheet.paid)} 元"),
        ("与范本", "一致" if sheet.standard else "；".join(sheet.deviations)),
        *([("特别约定", sheet.special)] if sheet.special else []),
        *((one.post, one.opinion) for one in sheet.opinions if one.post == "法律意见" and one.opinion),
    ]


def _complaint(case: Case, at: datetime) -> list[tuple[str, str]]:
    row = Complaint.objects.filter(case=case).first()
    if row is None:
        return []
    children = list(Complaint.objects.filter(parent=row).values_list("unit_id", flat=True))
    homes = len({row.unit_id, *children} - {None})
    lines = [("投诉内容", head_of(row.words)), ("级别", said(Level, row.level))]
    return [*lines, ("群体投诉", f"已并入 {len(children)} 件，共 {homes} 户")] if children else lines


def _compensation(case: Case, at: datetime) -> list[tuple[str, str]]:
    row = Compensation.objects.select_related("case", "source", "unit__building").filter(case=case).first()
    if row is None:
        return []
    beside = given_beside(row)
    lines = [
        ("赔给谁", row.payee), ("事由和依据", row.ground), ("来自投诉", row.source.number if row.source else ""),
        ("房屋", row.unit.label if row.unit else ""),
        ("同一投诉、同一房屋一年之内已提出", f"{money(beside)} 元" if beside else ""),
        ("合并计算", f"{money(beside + row.amount)} 元" if beside else ""),
    ]  # fmt: skip
    return [(name, value) for name, value in lines if value]


SUMMARIES: Final[dict[str, Callable[[Case, datetime], list[tuple[str, str]]]]] = {
    "contract_approval": _contract,
    "compensation": _compensation,
    "complaint": _complaint,
}
