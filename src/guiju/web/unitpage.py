"""Reads a unit for its drawer and its page: chain of deals, control history, prices, papers, cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from guiju.estate.models import ControlChange, PriceChange, Unit
from guiju.estate.seizures import seized_text
from guiju.kernel import ports
from guiju.kernel.models import Case, among
from guiju.org.masking import mask_name
from guiju.papers.models import Paper
from guiju.sales.contracts import contract_of
from guiju.sales.models import Deal
from guiju.web import formats, lists
from guiju.web.cards import UnitCard, unit_card
from guiju.web.matrix import Look, look_of
from guiju.web.unitchain import Link, chain


@dataclass(frozen=True)
class Owner:
    """A buyer of the live deal."""

    name: str
    url: str
    share: str


@dataclass
class UnitPage:
    """Everything about one unit."""

    unit: Unit
    look: Look
    card: UnitCard
    deal: Deal | None
    owners: Sequence[Owner]
    chain: Sequence[Link]
    cases: Sequence[lists.Row]
    history: Sequence[Any]
    prices: Sequence[PriceChange]
    deals: Sequence[Deal]
    papers: Sequence[Paper]
    money: Sequence[tuple[str, str]]
    actions: Sequence[tuple[str, str]]
    seized: str = ""


def load(unit: Unit, *, cases: Any, at: datetime, masked: bool, full: bool = True) -> UnitPage:
    """Return a unit's page; ``full`` False leaves out what the drawer does not show. ``cases``: those in scope."""
    deals = list(unit.deals.prefetch_related("buyers__customer").order_by("-live", "-pk"))
    deal = next((one for one in deals if one.live), None)
    mine = cases.filter(links__kind="unit", links__key=unit.pk).order_by("-pk")
    rows: list[Case] = list(mine[: 20 if full else 5])
    look = look_of(unit, at)
    people = ports.people()
    history = []
    if full:
        changes = list(ControlChange.objects.filter(unit=unit).select_related("case").order_by("-pk")[:50])
        shown = set(cases.filter(pk__in={one.case_id for one in changes}).values_list("pk", flat=True))
        for change in changes:
            history.append(
                {
                    "at": change.changed_at,
                    "recorded_at": change.recorded_at,
                    "before": change.get_before_display(),
                    "after": change.get_after_display(),
                    "who": people.name(change.changed_by_id) if change.changed_by_id else "系统",
                    "reason": change.reason,
                    "case": change.case if change.case_id in shown else None,
                }
            )
    return UnitPage(
        unit=unit,
        look=look,
        card=unit_card(unit, masked=masked),
        deal=deal,
        owners=_owners(deal, masked),
        chain=chain(deal, cases, at, papers=full),
        cases=lists.rows_of(rows, at, masked=masked),
        history=history,
        prices=list(PriceChange.objects.filter(unit=unit).order_by("-pk")[:20]) if full else [],
        deals=deals if full else [],
        papers=list(
            Paper.objects.filter(among(mine), case__links__kind="unit", case__links__key=unit.pk)
            .order_by("-pk")
            .distinct()[:20]
        )
        if full
        else [],
        money=_money(deal),
        actions=_actions(unit, look, deal),
        seized=seized_text(unit) or "",
    )


def _owners(deal: Deal | None, masked: bool) -> list[Owner]:
    if deal is None:
        return []
    found = []
    for buyer in sorted(deal.buyers.all(), key=lambda one: one.position):
        share = f"{buyer.share.normalize():f} %" if buyer.share is not None else ""
        name = mask_name(buyer.customer.name) if masked else buyer.customer.name
        found.append(Owner(name, reverse("web:customer", args=[buyer.customer_id]), share))
    return found


def _money(deal: Deal | None) -> list[tuple[str, str]]:
    if deal is None:
        return []
    found = [("成交总价", formats.money(deal.total_price)), ("单价", formats.money(deal.unit_price))]
    payment = deal.get_payment_display() if deal.payment else deal.payment_as_read
    found.append(("付款方式", payment or formats.NOTHING))
    if deal.down_payment is not None:
        found.append(("首付款", formats.money(deal.down_payment)))
    if deal.bank:
        found.append(("按揭银行", deal.bank))
    return found


def _actions(unit: Unit, look: Look, deal: Deal | None) -> list[tuple[str, str]]:
    """Return (words, address) of what may be begun from here."""
    found: list[tuple[str, str]] = []
    if look.value == "available":
        found.append(("登记认购", "subscription"))
    if deal is not None and deal.live and deal.stage == Deal.SUBSCRIBED:
        found.append(("认购变更", "subscription_change"))
    if deal is not None and deal.live and deal.stage == Deal.SIGNED:
        found.append(("签约变更", "contract_change"))
    if deal is not None and deal.live:
        found.append(("选色选材", "fitout_selection"))
    begun = [(words, reverse("web:open", args=[process]) + f"?unit={unit.pk}") for words, process in found]
    # A deal taken over from elsewhere has no contract here, and so no course to show.
    if deal is not None and deal.live and deal.stage == Deal.SIGNED and contract_of(deal.pk) is not None:
        begun.append(("合同全程", reverse("web:course", args=[unit.pk])))
    return begun
