"""What of customers can be found by search: names, initials, phone tails, identity numbers, all as keyed digests."""

from __future__ import annotations

from collections.abc import Iterator

from guiju.customers.models import Customer
from guiju.customers.questions import projects_of
from guiju.kernel.search import Document, source


def document(customer: Customer, scope_ids: tuple[int, ...] = ()) -> Document:
    """Return a customer as search knows it, in the projects that know the customer and those named."""
    known = {project for answer in projects_of.ask_all(customer.pk) for project in answer}
    return Document(
        "customer",
        str(customer.pk),
        customer.name,
        tuple(sorted(known | set(scope_ids))),
        (),
        (customer.name, customer.phone, customer.identity_number),
    )


@source("customer")
def customers() -> Iterator[Document]:
    """Give all customers that stand for themselves, for a rebuild of the index."""
    for customer in Customer.objects.filter(merged_into=None).order_by("pk").iterator(chunk_size=1000):
        yield document(customer)
