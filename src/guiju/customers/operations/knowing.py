"""The structured customer file: what is known of a customer, from where, as of when; and what the data may be used for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from guiju.customers.consenting import PURPOSES
from guiju.customers.models import Consent, Customer, CustomerFact
from guiju.customers.operations.contacts import UnableToKeep
from guiju.kernel import engine
from guiju.kernel.calendar import local_date
from guiju.org.models import Person


@dataclass(frozen=True)
class Known:
    """A field of the file as it stands: the newest entry, and how many there were before."""

    label: str
    fact: CustomerFact
    before: int


def known(customer: Customer) -> list[Known]:
    """Return what is known of a customer, field by field in the order of the form; what was taken back is missing."""
    entries: dict[str, list[CustomerFact]] = {}
    for row in CustomerFact.objects.filter(customer=customer).select_related("recorded_by").order_by("pk"):
        entries.setdefault(row.field, []).append(row)
    return [
        Known(label, entries[code][-1], len(entries[code]) - 1)
        for code, label in CustomerFact.FIELDS
        if code in entries and entries[code][-1].value
    ]


@transaction.atomic
def note_fact(
    *,
    customer: Customer,
    field: str,
    value: str,
    source: str,
    known_date: date,
    source_words: str = "",
    by: Person,
    at: datetime,
) -> CustomerFact:
    """
    Write one thing into the customer's file, with its source and its day (I-2.1-r); what stood there before stays below.

    :raises UnableToKeep: no such field or source, no value where none stood, or a day that lies ahead.
    """
    if field not in dict(CustomerFact.FIELDS):
        raise UnableToKeep("客户档案里没有这一项")
    if source not in dict(CustomerFact.SOURCES):
        raise UnableToKeep("请选这条信息从哪里来")
    if known_date > local_date(at):
        raise UnableToKeep("信息的日期不能晚于今天")
    value = value.strip()
    last = CustomerFact.objects.filter(customer=customer, field=field).order_by("-pk").first()
    if not value and (last is None or not last.value):
        raise UnableToKeep("请填写内容")
    made = CustomerFact.objects.create(
        customer=customer, field=field, value=value[:200] or None, source=source, source_words=source_words.strip()[:100],
        known_date=known_date, recorded_at=at, recorded_by=by,
    )  # fmt: skip
    engine.record(
        company_id=customer.company_id, step="customers.note_fact", by=by, at=at,
        given={"customer": customer.pk, "field": field, "fact": made.pk, "source": source},
    )  # fmt: skip
    return made


@transaction.atomic
def set_consents(
    *, customers: Sequence[Customer], purpose: str, given: bool, how: str, by: Person, at: datetime
) -> int:
    """
    Write down what customers said about a use of their data; the last word holds (PIPL 15).

    :raises UnableToKeep: no such purpose, or it is not said how they said it.
    """
    if purpose not in PURPOSES:
        raise UnableToKeep("没有这种用途")
    if len(how.strip()) < 2:
        raise UnableToKeep("请写明客户怎样表示的，如：签约时书面同意")
    Consent.objects.bulk_create(
        [
            Consent(customer=one, purpose=purpose, given=given, how=how.strip()[:100], recorded_at=at, recorded_by=by)
            for one in customers
        ],
        batch_size=500,
    )  # fmt: skip
    for one in customers:
        engine.record(
            company_id=one.company_id, step="customers.consent", by=by, at=at,
            given={"customer": one.pk, "purpose": purpose, "given": given},
        )  # fmt: skip
    return len(customers)
