"""What notices ask about customers: consent, the preferred way, the postal address, whom news of a case goes to."""

from __future__ import annotations

from guiju.customers.models import Consent, Customer
from guiju.kernel.models import Case, CaseLink
from guiju.notify import questions, ways
from guiju.notify.outbox import CUSTOMER, Recipient

#: How the customer file calls a channel, and the way it is.
WAY_OF = {
    "call": ways.TELEPHONE,
    "sms": ways.SMS,
    "email": ways.EMAIL,
    "letter": ways.LETTER,
}


@questions.consent.answered_by
def consent(customer_id: int, kind: str) -> bool | None:
    """Return the last word; a merged customer's words are those of the entry that was kept."""
    last = Consent.objects.filter(customer_id=customer_id, purpose=kind).order_by("-pk").first()
    return last.given if last is not None else None


@questions.preferred_ways.answered_by
def preferred_ways(customer_id: int) -> list[str]:
    """Return the way the customer file names."""
    found = Customer.objects.filter(pk=customer_id).values_list("preferred_channel", flat=True).first()
    return [WAY_OF[found]] if found in WAY_OF else []


@questions.postal_address.answered_by
def postal_address(customer_id: int) -> str:
    """Return the address of the customer file."""
    found = Customer.objects.filter(pk=customer_id).first()
    return str(found.address) if found is not None else ""


@questions.contact_of.answered_by
def contact_of(case: Case) -> Recipient | None:
    """Return the first customer the case is linked with."""
    key = (
        CaseLink.objects.filter(case=case, kind="customer")
        .order_by("pk")
        .values_list("key", flat=True)
        .first()
    )
    found = Customer.objects.select_related("merged_into").filter(pk=key).first() if key else None
    return recipient(found.merged_into or found) if found is not None else None


def recipient(customer: Customer) -> Recipient:
    """Return a customer as recipient."""
    return Recipient(CUSTOMER, customer.pk, customer.name, str(customer.phone), customer.email)
