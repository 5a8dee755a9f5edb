"""Units and customers, as the outside may see them: personal data masked (DECISIONS 20)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from django.http import HttpResponse
from django.utils import timezone
from ninja import Query, Router
from pydantic import Field

from guiju.api import reading, shapes
from guiju.api.access import cases_of, customer_for, project_named, unit_for, units_of
from guiju.api.approvals import Key
from guiju.api.cases import After, Limit, Text
from guiju.api.door import ApiRequest
from guiju.api.problems import response, written
from guiju.estate.models import Unit
from guiju.kernel.process import process_of
from guiju.org.gates import scope_of
from guiju.org.masking import mask_address, mask_identity, mask_name, mask_phone
from guiju.org.models import Person
from guiju.sales.models import Deal

router = Router(tags=["房屋和客户"])
MOST_CASES = 200


@router.get("/units", response=shapes.HomePage, summary="列出房屋")
def list_units(
    request: ApiRequest,
    project: Text = None,
    control: Annotated[
        str | None, Field(max_length=20, pattern=r"^[a-z_]+$"), Query(None, description="销控状态")
    ] = None,
    after: After = None,
    limit: Limit = 50,
) -> HttpResponse:
    """List the units in the person's scope by their key."""
    by, at = request.auth, timezone.now()
    rows = units_of(by, at)
    if project is not None:
        rows = rows.filter(project=project_named(by, project, at))
    if control is not None:
        rows = rows.filter(control=control)
    if after is not None:
        rows = rows.filter(pk__gt=after)
    said = [_unit(unit) for unit in rows.order_by("pk")[: limit + 1]]
    return response(200, written(reading.page(said, limit=limit, key="id")))


@router.get("/units/{unit}", response=shapes.HomeWhole, summary="读一套房屋")
def read_unit(request: ApiRequest, unit: Key) -> HttpResponse:
    """Return a unit with its live deal and its newest cases."""
    by, at = request.auth, timezone.now()
    found = unit_for(by, unit, at)
    deal = Deal.objects.filter(unit=found, live=True).prefetch_related("buyers__customer").first()
    return response(
        200,
        written(
            {**_unit(found), "deal": _deal(deal) if deal else None, "cases": _cases("unit", found.pk, by, at)}
        ),
    )


@router.get("/customers/{customer}", response=shapes.PersonSaid, summary="读一位客户")
def read_customer(request: ApiRequest, customer: Key) -> HttpResponse:
    """Return a customer, masked, with the deals and cases in the person's scope."""
    by, at = request.auth, timezone.now()
    found = customer_for(by, customer, at)
    deals = Deal.objects.filter(buyers__customer=found).filter(
        scope_of(by, at=at).q("project__company_id", "project_id")
    )
    return response(
        200,
        written(
            {
                "id": found.pk,
                "kind": found.kind,
                "name": mask_name(found.name),
                "phone": mask_phone(found.phone),
                "identity_kind": found.identity_kind,
                "identity_number": mask_identity(found.identity_number),
                "address": mask_address(found.address),
                "merged_into": found.merged_into_id,
                "deals": [
                    {**_deal(deal), "unit": reading.unit_said(deal.unit)}
                    for deal in deals.select_related("unit__building", "unit__project")
                    .prefetch_related("buyers__customer")
                    .order_by("-pk")[:MOST_CASES]
                ],
                "cases": _cases("customer", found.pk, by, at),
            }
        ),
    )


def _unit(unit: Unit) -> dict[str, Any]:
    return {
        **reading.unit_said(unit),
        "building": unit.building.name,
        "entrance": unit.entrance,
        "floor": unit.floor,
        "room": unit.room,
        "kind": unit.kind,
        "layout": unit.layout,
        "pricing_basis": unit.pricing_basis,
        "area_contract": _figure(unit.area_contract),
        "inner_area": _figure(unit.inner_area),
        "area_measured": _figure(unit.area_measured),
        "unit_price": _figure(unit.unit_price),
        "list_price": _figure(unit.list_price),
        "control": unit.control,
        "control_label": unit.get_control_display(),
        "control_since_at": unit.control_since_at,
        "lock_until_at": unit.lock_until_at,
        "unverified": unit.unverified,
    }


def _figure(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _deal(deal: Deal) -> dict[str, Any]:
    return {
        "id": deal.pk,
        "stage": deal.stage,
        "stage_label": deal.get_stage_display(),
        "live": deal.live,
        "payment": deal.payment,
        "total_price": _figure(deal.total_price),
        "subscribed_date": deal.subscribed_date,
        "signed_date": deal.signed_date,
        "contract_number": deal.contract_number,
        "buyers": [
            {"id": buyer.customer_id, "name": mask_name(buyer.customer.name)}
            for buyer in sorted(deal.buyers.all(), key=lambda buyer: buyer.position)
        ],
    }


def _cases(kind: str, key: int, by: Person, at: datetime) -> list[dict[str, Any]]:
    rows = cases_of(by, at).filter(links__kind=kind, links__key=key).order_by("-pk")[:MOST_CASES]
    return [
        {
            "number": case.number,
            "process": case.process,
            "process_label": process_of(case.process).label,
            "state": case.state,
            "state_label": process_of(case.process).state(case.state).label,
            "opened_at": case.opened_at,
            "closed_at": case.closed_at,
        }
        for case in rows
    ]
