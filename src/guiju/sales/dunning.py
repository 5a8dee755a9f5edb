"""The ladder of dunning by itself: notices a week and three days before, a case the day after (domain 2.8, T−7 … T+1)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from guiju.kernel import engine
from guiju.kernel.calendar import end_of, local_date
from guiju.kernel.models import CaseLink
from guiju.kernel.refusals import Refused
from guiju.kernel.worker import every
from guiju.ledger.models import Kind, Receivable, ReceivableEntry
from guiju.ledger.queries import Line, lines
from guiju.notify import outbox, ways
from guiju.notify.outbox import Recipient
from guiju.notify.templates import template
from guiju.papers.writing import day, money
from guiju.sales.models import Deal, DealBuyer
from guiju.sales.operations.dunning import LINK
from guiju.sales.receivables import deal_of

SPACE: Final = UUID("5f1f6d0a-9d4c-4f0e-8b39-0a6a6f2f5c11")
AHEAD: Final = (3, 7)
BACK: Final = 90

template(
    "dunning.upcoming",
    "付款到期提醒",
    channels=(ways.SMS, ways.TELEPHONE),
    text="{name}您好，您购买的{unit}，{what} {amount} 元应于 {due} 前付清，请提前安排。已付款的请忽略。",
)
template(
    "dunning.late",
    "逾期付款提醒",
    channels=(ways.SMS, ways.TELEPHONE),
    text="{name}您好，您购买的{unit}，{what}应于 {due} 付清，还差 {amount} 元，请尽快付款；如有困难或疑问，请与我们联系。",
)


def _between(first: date, last: date) -> Iterator[tuple[Line, Deal]]:
    """Tell what buyers owe with a due day between two days, of deals that live; loans are chased with the bank."""
    entries = ReceivableEntry.objects.filter(due_date__range=(first, last)).values_list(
        "receivable_id", flat=True
    )
    rows = Receivable.objects.filter(pk__in=set(entries)).select_related(
        "book__unit__project", "book__unit__building"
    )
    for line in lines(rows.order_by("pk")):
        kind = Kind(line.receivable.kind)
        if line.open <= 0 or line.due_date is None or not first <= line.due_date <= last or kind.loan:
            continue
        deal = deal_of(line.receivable.book)
        if deal is not None and deal.live:
            yield line, deal


def _tell(name: str, line: Line, deal: Deal, key: str, at: datetime) -> int:
    told = 0
    assert line.due_date is not None
    for buyer in DealBuyer.objects.filter(deal=deal).select_related("customer").order_by("position"):
        person = buyer.customer
        outbox.send(
            template=name,
            to=Recipient(outbox.CUSTOMER, person.pk, person.name, person.phone, person.email),
            values={
                "name": person.name, "unit": line.receivable.book.unit.label, "what": line.receivable.name,
                "amount": money(line.open), "due": day(line.due_date),
            },
            case=None, at=at, key=key, company_id=deal.project.company_id,
        )  # fmt: skip
        told += 1
    return told


def remind(at: datetime) -> int:
    """Tell buyers what falls due within a week, and again within three days; once each (J-2.3-a, J-2.3-b)."""
    today, told = local_date(at), 0
    for line, deal in _between(today, today + timedelta(days=max(AHEAD))):
        assert line.due_date is not None
        left = (line.due_date - today).days
        rung = next(days for days in AHEAD if left <= days)
        told += _tell("dunning.upcoming", line, deal, f"{line.receivable.pk}:{line.due_date}:{rung}", at)
    return told


def begin_late(at: datetime) -> int:
    """Open a dunning case for what fell due and is not paid, once for each due day (T+1)."""
    today, opened = local_date(at), 0
    for line, deal in _between(today - timedelta(days=BACK), today - timedelta(days=1)):
        row = line.receivable
        assert line.due_date is not None
        # One case for one due day: what people stopped or decided is not opened anew.
        mine = CaseLink.objects.filter(kind=LINK, key=row.pk, case__process="dunning")
        if mine.filter(case__opened_at__gte=end_of(line.due_date)).exists():
            continue
        key = uuid5(SPACE, f"{row.pk}:{line.due_date}")
        try:
            engine.open_case(
                "dunning", by=None, at=at, given={"receivable": row.pk}, chain_id=deal.project.company_id,
                scope_id=deal.project_id, links=[(LINK, row.pk)], key=key, follows=True,
            )  # fmt: skip
        except Refused:
            continue
        _tell("dunning.late", line, deal, f"{row.pk}:{line.due_date}:late", at)
        opened += 1
    return opened


@every(timedelta(hours=1), "sales.dunning")
def _ladder(at: datetime) -> None:
    remind(at)
    begin_late(at)
