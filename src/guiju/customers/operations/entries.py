"""Entering customers: the same person is found again by identity number, never entered twice."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from guiju.customers.identity import decide
from guiju.customers.models import AuthorityLetter, Customer
from guiju.customers.searching import document
from guiju.kernel import search
from guiju.kernel.crypto import blind_index, normalise_phone


def enter(
    *,
    company_id: int,
    name: str,
    identity: str,
    phone: str = "",
    address: str = "",
    at: datetime,
    kind: str = Customer.PERSON,
    source: str = "",
    scope_ids: tuple[int, ...] = (),
    **facts: Any,
) -> Customer:
    """
    Return the customer of this identity number in this company, made if unknown, with what is newly known filled in.

    A name, phone or address that is already on file is not overwritten by an empty value.
    """
    decided = decide(identity)
    index = blind_index("identity", decided.number)
    customer = Customer.objects.filter(company_id=company_id, identity_index=index, merged_into=None).first()
    if customer is None:
        customer = Customer(
            company_id=company_id, kind=kind, name=name, identity_kind=decided.kind.value, identity_number=decided.number,
            identity_index=index, recorded_at=at, source=source,
        )  # fmt: skip
    _fill(customer, name=name, phone=phone, address=address, facts=facts)
    customer.save()
    index_customer(customer, scope_ids=scope_ids)
    return customer


def _fill(customer: Customer, *, name: str, phone: str, address: str, facts: Mapping[str, Any]) -> None:
    customer.name = name or customer.name
    if phone:
        customer.phone = normalise_phone(phone)
        customer.phone_index = blind_index("phone", customer.phone)
    if address:
        customer.address = address
    for key, value in facts.items():
        if value not in (None, ""):
            setattr(customer, key, value)


def correct_entry(customer: Customer, *, name: str = "", phone: str = "", address: str = "") -> None:
    """Correct a name, phone or address on file; the act that orders it keeps the old value."""
    _fill(customer, name=name, phone=phone, address=address, facts={})
    customer.save(update_fields=["name", "phone", "phone_index", "address"])
    index_customer(customer)


def index_customer(customer: Customer, *, scope_ids: tuple[int, ...] = ()) -> None:
    """Make a customer findable by name, initials and phone tail in the projects that know the customer."""
    search.index_many([document(customer, scope_ids)])


def is_minor(birth_date: date | None, on: date) -> bool:
    """Return whether somebody is under 18 on a day (CC 17)."""
    if birth_date is None:
        return False
    eighteen = (birth_date.year + 18, birth_date.month, birth_date.day)
    return (on.year, on.month, on.day) < eighteen


def letter(
    *,
    principal: Customer,
    agent: Customer,
    kind: str,
    matters: str,
    valid_from: date,
    valid_until: date | None,
    notarised: bool,
    attachment: str,
    at: datetime,
) -> AuthorityLetter:
    """Record a letter of authority, a guardian or a company's representative."""
    return AuthorityLetter.objects.create(
        principal=principal, agent=agent, kind=kind, matters=matters, valid_from=valid_from, valid_until=valid_until,
        notarised=notarised, attachment=attachment, recorded_at=at,
    )  # fmt: skip
