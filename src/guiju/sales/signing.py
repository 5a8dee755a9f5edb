"""What opens, moves and ends signings by itself: the appointment of a subscription, and the subscription's end."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from guiju.kernel import engine
from guiju.kernel.models import Event
from guiju.kernel.numbering import ZONE
from guiju.kernel.reactions import reaction
from guiju.kernel.refusals import Refused
from guiju.notify import outbox, ways
from guiju.notify.outbox import Recipient
from guiju.notify.templates import template
from guiju.sales.models import DealBuyer, Signing, Subscription
from guiju.sales.operations import signing_stock  # noqa: F401 - counts the sets every day

SPACE: Final = UUID("0e0d7a53-8f0b-4f06-9a3d-0b1f5d7e6a44")

template(
    "signing.appointment",
    "签约预约通知",
    channels=(ways.SMS, ways.TELEPHONE),
    text="{name}您好，您购买的{unit}约定于 {when} 在{place}签约，请按《签约预约及所需提供资料表》带齐证件资料和应付款项。",
)


@reaction("subscription", "set_signing_date", name="sales.signing.open")
def _open(event: Event, at: datetime) -> None:
    """A signing date is agreed: the signing is opened, or its appointment moves. Twice changes nothing."""
    row = Subscription.objects.select_related("deal", "unit__project").get(case_id=event.case_id or 0)
    if row.deal is None or not row.deal.live or row.signing_at is None or row.signing_at <= at:
        return
    given = {"signing_at": row.signing_at, "lawyer": row.lawyer_at_signing}
    there = Signing.objects.filter(deal=row.deal, open=True).first()
    try:
        if there is None:
            engine.open_case(
                "signing", by=None, at=at, given=given, chain_id=row.unit.project.company_id,
                scope_id=row.unit.project_id, links=[("unit", row.unit_id), ("case", row.case_id)],
                key=uuid5(SPACE, str(event.pk)), follows=True,
            )  # fmt: skip
        elif there.signing_at != row.signing_at:
            engine.advance(there.case_id, "reappoint", by=None, at=at, given=given)
    except Refused:
        # Somebody has gone on meanwhile: what stands now holds.
        return


@reaction("signing", "book", "reappoint", name="sales.signing.tell")
def _tell(event: Event, at: datetime) -> None:
    """Tell the buyers when and where they sign, and what to bring; once for each appointment."""
    row = Signing.objects.select_related("unit__project", "unit__building").get(case_id=event.case_id or 0)
    if not row.open or row.signing_at <= at:
        return
    when = f"{row.signing_at.astimezone(ZONE):%m 月 %d 日 %H:%M}"
    for buyer in (
        DealBuyer.objects.filter(deal_id=row.deal_id).select_related("customer").order_by("position")
    ):
        person = buyer.customer
        outbox.send(
            template="signing.appointment",
            to=Recipient(outbox.CUSTOMER, person.pk, person.name, person.phone, person.email),
            values={"name": person.name, "unit": row.unit.label, "when": when, "place": row.place or "签约地点"},
            case=event.case, at=at, key=f"{row.pk}:{row.signing_at.isoformat()}",
        )  # fmt: skip


@reaction("subscription", "cancel", "decide_default", "reissue", name="sales.signing.end")
def _end(event: Event, at: datetime) -> None:
    """The subscription ended without a contract: so does its signing."""
    there = Signing.objects.filter(
        subscription__case_id=event.case_id or 0, open=True, signed_at=None
    ).first()
    if there is not None:
        engine.advance(there.case_id, "cancel", by=None, at=at, given={"reason": "认购已经终止"})
