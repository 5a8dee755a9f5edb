"""
From deal to books: which book a deal uses, what its plan makes owed, and what becomes of it when the deal ends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from guiju.kernel.calendar import local_date
from guiju.kernel.models import Event
from guiju.kernel.money import ZERO, yuan
from guiju.kernel.reactions import reaction
from guiju.ledger.models import Book, Kind, Receivable
from guiju.ledger.operations import books
from guiju.ledger.operations.allocating import allocate_book
from guiju.ledger.operations.receivables import Planned, add, settle
from guiju.ledger.queries import book_of_deal
from guiju.sales.models import Deal, Milestone, Payment, RoomReturn, Subscription

GATE_OPEN: Final = "放款条件具备"
AGREED: Final = "按合同约定"
HANGS_ON: Final = {
    "封顶": Milestone.TOPPED_OUT,
    "竣工": Milestone.COMPLETION_FILED,
    "首次登记": Milestone.FIRST_REGISTERED,
}
CLASSES: Final[Mapping[str, str]] = {
    Payment.MORTGAGE: "按揭", Payment.PROVIDENT: "按揭", Payment.COMBINED: "按揭", Payment.INSTALMENTS: "分期",
    Payment.LUMP_SUM: "一次性",
}  # fmt: skip


def class_of(payment: str) -> str:
    """Return the class of a contract by its payment method (J-2.2-a): 按揭, 分期 or 一次性; 其他 if none."""
    return CLASSES.get(payment, "其他")


def book_of(row: Subscription, *, at: datetime, by_id: int | None) -> Book:
    """Return the book of a subscription's deal; one issued anew goes on in the book of the one it replaces."""
    assert row.deal_id is not None
    found = book_of_deal(row.deal_id)
    if found is not None:
        return found
    older = row.replaces
    while older is not None:
        found = book_of_deal(older.deal_id) if older.deal_id is not None else None
        if found is not None:
            books.join(book=found, deal=row.deal_id, at=at)
            return found
        older = older.replaces
    return books.open_book(unit=row.unit, at=at, by_id=by_id, deal=row.deal_id)


def event_of(name: str) -> str:
    """Return what an instalment without a day waits for: the milestone that its name says, else what was agreed."""
    kind = next((kind for word, kind in HANGS_ON.items() if word in name), None)
    return dict(Milestone.KINDS)[kind] if kind is not None else AGREED


def planned(
    plan: Sequence[Mapping[str, Any]], *, payment: str, deposit_due: date, signing_due: date | None
) -> list[Planned]:
    """Return what a plan of the 认购书 makes owed: a loan is due when its gate opens, never by signing (domain 2.8)."""
    found = []
    for place, line in enumerate(plan):
        name, due = str(line["name"]), line.get("due_date")
        on = date.fromisoformat(str(due)) if due else None
        if line.get("loan"):
            kind = Kind.FUND_LOAN if payment == Payment.PROVIDENT or "公积金" in name else Kind.LOAN
            found.append(Planned(kind, name, yuan(str(line["amount"])), None, GATE_OPEN))
            continue
        if place == 0 and "定金" in name:
            kind, on = Kind.DEPOSIT, on or deposit_due
        elif "首" in name:
            kind, on = Kind.DOWN_PAYMENT, on or signing_due
        else:
            kind = Kind.INSTALMENT
        found.append(Planned(kind, name, yuan(str(line["amount"])), on, "" if on else event_of(name)))
    return found


@reaction("subscription", "seal", name="sales.receivables.plan")
def _plan(event: Event, at: datetime) -> None:
    """The 认购书 is in force: what it says is owed; the deposit pays the first of it. Twice changes nothing."""
    row = Subscription.objects.select_related("deal", "unit__project", "replaces").get(
        case_id=event.case_id or 0
    )
    if row.deal is None:
        return
    book = book_of(row, at=at, by_id=event.actor_id)
    if not Receivable.objects.filter(book=book).exists():
        lines = planned(
            row.plan, payment=row.deal.payment, deposit_due=row.deal.subscribed_date or local_date(event.happened_at),
            signing_due=row.signing_due_date,
        )  # fmt: skip
        add(
            book=book,
            planned=lines,
            at=event.happened_at,
            recorded_at=at,
            by_id=event.actor_id,
            case_id=event.case_id,
        )
    allocate_book(book_id=book.pk, at=at, by_id=event.actor_id)


@reaction("subscription", "decide_default", "cancel", name="sales.receivables.settle")
def _settle(event: Event, at: datetime) -> None:
    """The deal ends before signing: nothing more is owed, what is forfeited is kept, the rest waits for its refund."""
    row = Subscription.objects.select_related("deal").get(case_id=event.case_id or 0)
    settle_ended(row, event, at)


def last_deal(row: Subscription) -> int | None:
    """Return the deal of a subscription; of one issued anew and not yet signed, that of the one it replaces."""
    found: Subscription | None = row
    while found is not None and found.deal_id is None:
        found = found.replaces
    return found.deal_id if found is not None else None


def settle_ended(row: Subscription, event: Event, at: datetime) -> Book | None:
    """
    Settle the book of a subscription that ended, and return it; None if there is none, or if a refund ended the deal:
    that has settled it in its own transaction. Twice changes nothing.
    """
    deal_id = last_deal(row)
    book = book_of_deal(deal_id) if deal_id is not None else None
    if book is None or event.actor_id is None or event.case_id is None:
        return None
    if RoomReturn.objects.filter(deal_id=deal_id or 0, executed_at__isnull=False).exists():
        return None
    kept = yuan(str(row.outcome.get("forfeited", "0"))) if row.outcome else ZERO
    settle(
        book=book, reason="认购终止", kept=Decimal(kept), kept_name="没收定金", at=event.happened_at, recorded_at=at,
        by_id=event.actor_id, case_id=event.case_id,
    )  # fmt: skip
    return book


def deal_of(book: Book) -> Deal | None:
    """Return the deal of a book that is the newest."""
    keys = list(book.deals.values_list("deal", flat=True))
    return Deal.objects.filter(pk__in=keys).order_by("-pk").first()
