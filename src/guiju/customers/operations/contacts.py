"""The contact history of a customer, the ways to reach them, and what everybody must know before speaking."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from guiju.customers.models import CareContact, Contact, ContactRecord, Customer
from guiju.customers.routing import DAILY_CONTACT, team_for
from guiju.kernel import engine
from guiju.kernel.crypto import blind_index, normalise_phone
from guiju.kernel.refusals import Refused
from guiju.org.models import Person

FAILED_IN_A_ROW = 2


class UnableToKeep(Refused):
    """The customer file cannot be changed so; says why."""


def record_contact(
    *,
    customer: Customer,
    channel: str,
    summary: str,
    outward: bool,
    reached: bool = True,
    by: Person | None,
    at: datetime,
    happened_at: datetime | None = None,
    case_id: int | None = None,
) -> ContactRecord:
    """Write one contact into the customer's history (A-3.2-a). Outward contacts that failed flag the customer."""
    return ContactRecord.objects.create(
        company_id=customer.company_id, customer=customer, case_id=case_id, channel=channel, outward=outward,
        reached=reached, summary=summary[:400], happened_at=happened_at or at, recorded_at=at, by=by,
    )  # fmt: skip


def hard_to_reach(customer: Customer) -> bool:
    """Whether the last two contacts that went out both failed (A-3.2-d). An own contact of the customer ends it."""
    last = list(
        ContactRecord.objects.filter(customer=customer)
        .order_by("-happened_at", "-pk")
        .values_list("outward", "reached")[:FAILED_IN_A_ROW]
    )
    return len(last) == FAILED_IN_A_ROW and all(outward and not reached for outward, reached in last)


@transaction.atomic
def add_contact(
    *, customer: Customer, kind: str, value: str, remark: str = "", by: Person, at: datetime
) -> Contact:
    """
    Add a further way to reach a customer; the same one is kept once.

    :raises UnableToKeep: it is empty, of no known kind, or there already.
    """
    value = normalise_phone(value) if kind == "phone" else value.strip()
    if not value or kind not in dict(Contact._meta.get_field("kind").flatchoices):
        raise UnableToKeep("请填联系方式，如手机号码")
    index = blind_index(kind, value)
    if Contact.objects.filter(customer=customer, kind=kind, value_index=index).exists():
        raise UnableToKeep("这个联系方式已经有了")
    made = Contact.objects.create(
        customer=customer, kind=kind, value=value, value_index=index, remark=remark.strip()[:200]
    )
    _note("customers.add_contact", customer, by, at, kind=kind, contact=made.pk)
    return made


@transaction.atomic
def mark(
    *, customer: Customer, important: str, preferred_channel: str | None = None, by: Person, at: datetime
) -> Customer:
    """
    Set what everybody must know about a customer at every contact (D-2.1-c), and the preferred channel; empty clears.

    :raises UnableToKeep: no such channel.
    """
    if preferred_channel and preferred_channel not in dict(Customer.CHANNELS):
        raise UnableToKeep("没有这种联系方式")
    before = (customer.important, customer.preferred_channel)
    customer.important = important.strip()[:400]
    customer.important_at, customer.important_by = (at, by) if customer.important else (None, None)
    if preferred_channel is not None:
        customer.preferred_channel = preferred_channel
    customer.save(update_fields=["important", "important_at", "important_by", "preferred_channel"])
    if before != (customer.important, customer.preferred_channel):
        _note("customers.mark", customer, by, at, important=customer.important, before=before[0])
    return customer


@transaction.atomic
def plan_care(
    *,
    customer: Customer,
    due_date: date,
    subject: str,
    person: Person | None,
    by: Person,
    at: datetime,
    channel: str = "",
) -> CareContact:
    """
    Plan a contact of ourselves with a customer (A-3.1-b, I-2.1-t). Without a person it goes to the team that carries
    the function 日常沟通与联络 (I-3.1-k).

    :raises UnableToKeep: without a subject, or by an unknown channel.
    :raises NobodyCarries: no team carries the function.
    """
    if len(subject.strip()) < 2:
        raise UnableToKeep("请写明为什么联系，如：入住满月问候")
    if channel and channel not in dict(Customer.CHANNELS):
        raise UnableToKeep("没有这种联系方式")
    team = team_for(customer.company_id, DAILY_CONTACT, at) if person is None else None
    made = CareContact.objects.create(
        customer=customer, company_id=customer.company_id, due_date=due_date, subject=subject.strip()[:100],
        channel=channel, person=person, team=team, planned_at=at, planned_by=by,
    )  # fmt: skip
    _note("customers.plan_care", customer, by, at, care=made.pk, due=due_date.isoformat())
    return made


@transaction.atomic
def record_care(
    *, care: CareContact, outcome: str, reached: bool, channel: str, by: Person, at: datetime
) -> CareContact:
    """
    Write down what came of a planned contact; it stands in the contact history too (A-3.1-b).

    :raises UnableToKeep: it has its outcome already, or none is given.
    """
    found = CareContact.objects.select_for_update().select_related("customer").get(pk=care.pk)
    if found.done_at is not None:
        raise UnableToKeep("这次关怀已经记过结果")
    if len(outcome.strip()) < 2:
        raise UnableToKeep("请写明联系的结果")
    found.done_at, found.done_by, found.reached, found.outcome = at, by, reached, outcome.strip()[:400]
    found.channel = channel
    found.save(update_fields=["done_at", "done_by", "reached", "outcome", "channel"])
    record_contact(
        customer=found.customer, channel=channel, summary=f"{found.subject}：{found.outcome}", outward=True,
        reached=reached, by=by, at=at,
    )  # fmt: skip
    _note("customers.record_care", found.customer, by, at, care=found.pk, reached=reached)
    return found


def _note(step: str, customer: Customer, by: Person, at: datetime, **given: object) -> None:
    engine.record(
        company_id=customer.company_id, step=step, by=by, at=at, given={"customer": customer.pk, **given}
    )
