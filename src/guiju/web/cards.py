"""Small cards of a customer and a unit, as they stand beside a case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from guiju.customers.models import Customer
from guiju.estate.models import Unit
from guiju.org.masking import mask_name, mask_phone, mask_unit
from guiju.web import formats


@dataclass(frozen=True)
class CustomerCard:
    """A customer in short."""

    key: int
    name: str
    url: str
    phone: str
    role: str
    facts: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class UnitCard:
    """A unit in short."""

    key: int
    label: str
    project: str
    url: str
    map_url: str
    facts: Sequence[tuple[str, str]]


def customer_card(customer: Customer, *, masked: bool, role: str = "") -> CustomerCard:
    """Return a customer's card; masked for those whose work does not need the person."""
    facts = []
    if customer.kind == Customer.ORGANISATION and customer.legal_representative:
        facts.append(
            (
                "法定代表人",
                mask_name(customer.legal_representative) if masked else customer.legal_representative,
            )
        )
    return CustomerCard(
        customer.pk,
        mask_name(customer.name) if masked else customer.name,
        reverse("web:customer", args=[customer.pk]),
        mask_phone(customer.phone) if masked else customer.phone,
        role or customer.get_kind_display(),
        facts,
    )


def unit_card(unit: Unit, *, masked: bool) -> UnitCard:
    """Return a unit's card."""
    facts = [("销控", unit_state(unit))]
    if unit.layout_name or unit.layout:
        facts.append(("户型", " ".join(part for part in (unit.layout, unit.layout_name) if part)))
    if unit.area_contract is not None:
        inner = f"，套内 {formats.area(unit.inner_area)}" if unit.inner_area is not None else ""
        facts.append(("面积", f"建筑 {formats.area(unit.area_contract)}{inner}"))
    if unit.list_price is not None:
        facts.append(("公示总价", formats.money(unit.list_price)))
    if unit.unit_price is not None:
        facts.append(("公示单价", f"{formats.money(unit.unit_price)}／㎡"))
    return UnitCard(
        unit.pk,
        mask_unit(unit.label) if masked else unit.label,
        unit.project.name,
        reverse("web:unit", args=[unit.pk]),
        f"{reverse('web:units')}?building={unit.building_id}&unit={unit.pk}",
        facts,
    )


def unit_state(unit: Unit) -> str:
    """Return the control state in words; a flat that the register disputes is 待核实."""
    return "待核实" if unit.unverified else unit.get_control_display()
