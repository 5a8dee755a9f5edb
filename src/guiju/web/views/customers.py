"""Customers: the list, and everything about one of them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from guiju.customers.models import Customer
from guiju.kernel.models import among
from guiju.org.masking import mask_address, mask_identity, mask_name, mask_phone
from guiju.org.operations.looks import note_look
from guiju.quality.models import Rating
from guiju.sales.models import DealBuyer
from guiju.web import lists
from guiju.web.access import cases_of, customer_for, customers_of
from guiju.web.views import asking, customerfile, merging


@require_safe
def customers(request: HttpRequest) -> HttpResponse:
    """List customers, newest first; looking for one is what search is for."""
    at, by = asking.now(), asking.person(request)
    mine = customers_of(by, at)
    rows, page = lists.walk_newest(mine, request.GET.get("after", ""))
    deals = DealBuyer.objects.filter(customer__in=rows, deal__live=True).select_related(
        "deal__unit__building"
    )
    units: dict[int, list[str]] = {}
    masked = asking.masked_customers(request, at, [one.pk for one in rows])
    for buyer in deals.order_by("pk"):
        units.setdefault(buyer.customer_id, []).append(buyer.deal.unit.label)
    return render(
        request,
        "web/customers.html",
        {
            "rows": [
                {
                    "key": one.pk,
                    "name": mask_name(one.name) if one.pk in masked else one.name,
                    "kind": one.get_kind_display(),
                    "phone": mask_phone(one.phone),
                    "units": units.get(one.pk, []) if one.pk not in masked else [],
                    "recorded_at": one.recorded_at,
                }
                for one in rows
            ],
            "page": page,
            "total": lists.exact(mine),
        },
    )


@require_safe
def customer(request: HttpRequest, key: int) -> HttpResponse:
    """Show one customer: contacts, purchases, cases, letters of authority. The look is recorded once a day."""
    at, by = asking.now(), asking.person(request)
    found = customer_for(by, key, at)
    masked = asking.masked(request, at, found)
    if not masked:
        note_look(by, "customer", found.pk, at=at, company_id=found.company_id)
    purchases = (
        DealBuyer.objects.filter(customer=found)
        .select_related("deal__unit__building", "deal__project")
        .order_by("-deal__live", "-deal_id", "pk")
    )
    theirs = cases_of(by, at).filter(links__kind="customer", links__key=found.pk)
    cases = theirs.order_by("-pk")[:30]
    return render(
        request,
        "web/customer.html",
        {
            "customer": found,
            "name": mask_name(found.name) if masked else found.name,
            "facts": _facts(found, masked=masked),
            "phone": mask_phone(found.phone) if masked else found.phone,
            "masked": masked,
            "contacts": [
                (one.get_kind_display(), mask_phone(one.value) if masked else one.value, one.remark)
                for one in found.contacts.order_by("pk")
            ],
            "purchases": list(purchases),
            "cases": lists.rows_of(list(cases), at, masked=masked),
            "letters": _letters(found, masked=masked),
            "file": customerfile.panel(found, by, theirs, at, masked=masked),
            "same": merging.panel(by, found, at, masked=masked),
            "ratings": Rating.objects.filter(
                customer__in=[found.pk, *found.merged.values_list("pk", flat=True)]
            )
            .filter(among(cases_of(by, at)))
            .select_related("case", "served_by")
            .order_by("-given_at", "-pk")[:10],
            "known": customerfile.known_panel(found, at, masked=masked),
        },
    )


def _letters(found: Customer, *, masked: bool) -> list[dict[str, Any]]:
    """Return the letters of authority that a customer gave or holds, newest first."""

    def name(one: Customer) -> str:
        return mask_name(one.name) if masked else one.name

    given = [(row, row.agent, True) for row in found.letters_given.select_related("agent")]
    held = [(row, row.principal, False) for row in found.letters_held.select_related("principal")]
    return [
        {"row": row, "other": name(other), "key": other.pk, "given": mine}
        for row, other, mine in sorted(given + held, key=lambda one: -one[0].pk)
    ]


def _facts(found: Customer, *, masked: bool) -> list[tuple[str, str]]:
    facts = [("类别", found.get_kind_display())]
    if found.identity_number:
        facts.append((_identity_name(found), mask_identity(found.identity_number)))
    if found.address:
        facts.append(("通讯地址", mask_address(found.address) if masked else found.address))
    if found.legal_representative:
        facts.append(
            ("法定代表人", mask_name(found.legal_representative) if masked else found.legal_representative)
        )
    if found.email and not masked:
        facts.append(("邮箱", found.email))
    if found.nationality:
        facts.append(("国籍", found.nationality))
    if found.deceased_date:
        facts.append(("去世日期", str(found.deceased_date)))
    if found.source:
        facts.append(("来源", found.source))
    return facts


def _identity_name(found: Customer) -> str:
    return "统一社会信用代码" if found.kind == Customer.ORGANISATION else "证件号码"
