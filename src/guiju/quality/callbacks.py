"""
Who is called back, without anybody having to think of it: after closing by rule or by sample, and regularly.

Reactions to the closing of after-sales cases, visits, paid services and complaints, by the processes' names; a process
that is not installed is simply not followed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from django.db.models import Exists, OuterRef

from guiju.customers.models import Customer
from guiju.estate.models import Project
from guiju.kernel import chain, engine, ports
from guiju.kernel.duration import months_after
from guiju.kernel.models import Case, CaseLink, Event
from guiju.kernel.numbering import ZONE
from guiju.kernel.policy import Policy
from guiju.kernel.process import Process, processes
from guiju.kernel.reactions import reaction
from guiju.kernel.worker import every
from guiju.notify import links, outbox
from guiju.notify.models import Message
from guiju.notify.outbox import Recipient
from guiju.quality import surveys
from guiju.quality.models import Callback, Rating
from guiju.sales.models import DealBuyer

SPACE: Final = UUID("2d0c6a38-7b60-4a0b-8a5c-5f7a0e1b6d22")
ALWAYS: Final = ("complaint",)
SAMPLED: Final = ("after_sales", "visit", "paid_service")
FOLLOWED: Final = (*ALWAYS, *SAMPLED)
NOT_SERVED: Final = frozenset(
    {"void", "voided", "withdrawn", "cancelled", "canceled", "duplicate", "merged", "dropped", "closed_past"}
)
"""States in which nothing was done for the customer: there is nothing to ask about."""

SAMPLE, CARE_MONTHS, A_RUN = 60, 6, 20
PURPOSE, OPEN_FOR = "rating", 14


def closing_steps(process: Process) -> list[str]:
    """Return the steps that close a case with something done for the customer."""
    return [
        step.name
        for step in process.steps
        if step.to in process.ends and step.to is not None and step.to.value not in NOT_SERVED
    ]


def follow(names: Iterable[str] = FOLLOWED) -> list[str]:
    """React to the closing of these processes, those that are installed; return which. Called once, at the start."""
    found = []
    for name in names:
        process = processes().get(name)
        if process is None:
            continue
        reaction(name, *closing_steps(process), name="quality.callbacks.after_closing")(after_closing)
        found.append(name)
    return found


def policy_for(company_id: int, project_id: int | None, at: datetime) -> Policy:
    """Return the running SOP of call-backs for a company and project."""
    return ports.policies().current("callback", company_id=company_id, project_id=project_id, at=at)


def in_sample(number: str, percent: int) -> bool:
    """Return whether a case is drawn: by its number alone, so that nobody chooses and it can be checked afterwards."""
    drawn = int.from_bytes(hashlib.sha256(f"callback:{number}".encode()).digest()[:4], "big") % 100
    return drawn < percent


def after_closing(event: Event, at: datetime) -> None:
    """Plan the call-back of a closed case: complaints always, repairs and visits by sample. At most one a case."""
    case = Case.objects.filter(pk=event.case_id or 0).first()
    if case is None or case.closed_at is None or case.historic:
        return
    if case.process == "visit" and _has_parent(case):
        # The repair that the visit belongs to is asked about as a whole.
        return
    invite(case, at)
    if Callback.objects.filter(about=case, kind__in=[Callback.RULE, Callback.SAMPLE]).exists():
        return
    policy = policy_for(case.chain_id, case.scope_id, at)
    percent = int(policy.settings.get("callback_sample", SAMPLE))
    if case.process in ALWAYS:
        kind, reason = Callback.RULE, "投诉办结必访"
    elif in_sample(case.number, percent):
        kind, reason = Callback.SAMPLE, "办结抽访"
    else:
        return
    about = [("case", case.pk), *_about(case)]
    name, phone = _contact(case)
    if not phone and not any(link == "customer" for link, _ in about):
        return
    given = {
        "kind": kind,
        "about": case.number,
        "reason": reason,
        "contact_name": name,
        "contact_phone": phone,
    }
    engine.open_case(
        "callback", by=None, at=at, given=given, chain_id=case.chain_id, scope_id=case.scope_id, links=about,
        key=uuid5(SPACE, f"{case.pk}"), follows=True,
    )  # fmt: skip


def invite(case: Case, at: datetime) -> None:
    """Ask the customer of a closed case by a link for an answer, unless there is one already (F-2.5-a)."""
    if Rating.objects.filter(case=case).exists():
        return
    name, phone = _contact(case)
    key = CaseLink.objects.filter(case=case, kind="customer").values_list("key", flat=True).first()
    customer = Customer.objects.filter(pk=key or 0).first()
    if customer is not None:
        name, phone = name or customer.name, phone or customer.phone
    if not phone:
        return
    message_key = f"survey:{case.pk}:{case.closed_at:%Y%m%d%H%M}"
    if Message.objects.filter(case=case, template="survey.ask").exists():
        return
    link = links.make(
        purpose=PURPOSE, case=case, subject={"case": case.number}, phone=phone,
        expires_at=at + timedelta(days=OPEN_FOR), at=at,
    )  # fmt: skip
    to = (
        Recipient(outbox.CUSTOMER, customer.pk, name, phone)
        if customer
        else Recipient(outbox.ADDRESS, None, name, phone)
    )
    what = processes()[case.process].label
    outbox.send(
        template="survey.ask", to=to, case=case, at=at, key=message_key,
        values={"what": f"{what}事项 {case.number} ", "link": links.full_address(link), "days": OPEN_FOR},
    )  # fmt: skip


def _has_parent(case: Case) -> bool:
    return CaseLink.objects.filter(case=case, kind="case").exists()


def _about(case: Case) -> list[tuple[str, int]]:
    rows = CaseLink.objects.filter(case=case, kind__in=["unit", "customer"]).order_by("pk")
    return list(dict.fromkeys(rows.values_list("kind", "key")))


def _contact(case: Case) -> tuple[str, str]:
    """Return whom the case itself names: what was given when it was opened."""
    opening = Event.objects.filter(case=case, case_seq=1).first()
    given = chain.open_body(opening.body).get("given", {}) if opening is not None else {}
    if not isinstance(given, dict):
        return "", ""
    name = given.get("contact_name") or given.get("complainant") or ""
    phone = given.get("contact_phone") or given.get("phone") or ""
    return str(name)[:100], str(phone)[:40]


@reaction("", surveys.RATED, name="quality.callbacks.answered")
def answered(event: Event, at: datetime) -> None:
    """End the planned call-back of a case whose customer has answered by the link, on paper or on site."""
    key = chain.open_body(event.body).get("given", {}).get("rating")
    rating = Rating.objects.filter(pk=key or 0).first()
    if rating is None:
        return
    waiting = Callback.objects.filter(about_id=rating.case_id, case__closed_at=None).select_related("case")
    for row in waiting:
        engine.advance(
            row.case, "answered", by=None, at=at, given={"rating": rating.pk},
            key=uuid5(SPACE, f"answered:{row.pk}:{rating.pk}"),
        )  # fmt: skip


@every(timedelta(hours=6), "quality.care")
def plan_care(at: datetime) -> int:
    """
    Plan regular call-backs: buyers whom nobody has called within the interval of the SOP, a few a run, the longest
    waiting first. Doing it again changes nothing (A-5.1-a). Returns how many were planned.
    """
    planned = 0
    for project in Project.objects.order_by("pk"):
        policy = policy_for(project.company_id, project.pk, at)
        months = int(policy.settings.get("care_months", CARE_MONTHS))
        if months > 0:
            planned += _care_of(project, months, at)
    return planned


def _care_of(project: Project, months: int, at: datetime) -> int:
    day = at.astimezone(ZONE).date()
    since = months_after(day, -months)
    asked = Callback.objects.filter(customer=OuterRef("customer"), planned_at__date__gt=since)
    fresh = {"deal__subscribed_date__gt": since}
    buyers = (
        DealBuyer.objects.filter(deal__project=project, deal__live=True, customer__merged_into=None)
        .exclude(**fresh)
        .exclude(customer__phone_index="")
        .filter(~Exists(asked))
        .select_related("customer", "deal")
        .order_by("pk")[: A_RUN * 3]
    )
    planned: set[int] = set()
    for buyer in buyers:
        if len(planned) == A_RUN or buyer.customer_id in planned:
            continue
        planned.add(buyer.customer_id)
        _plan_care(project, buyer.customer, buyer.deal.unit_id, months, at)
    return len(planned)


def _plan_care(project: Project, customer: Customer, unit_id: int, months: int, at: datetime) -> None:
    day = at.astimezone(ZONE).date()
    engine.open_case(
        "callback", by=None, at=at, given={"kind": Callback.CARE, "reason": f"{months} 个月没有回访"},
        chain_id=project.company_id, scope_id=project.pk, links=[("customer", customer.pk), ("unit", unit_id)],
        key=uuid5(SPACE, f"care:{customer.pk}:{day}"), follows=True,
    )  # fmt: skip
