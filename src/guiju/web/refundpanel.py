"""What a refund's page shows of its money: the sheet line by line, who gets what first, what was paid, and the term."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from guiju.kernel import ports
from guiju.kernel.models import Case
from guiju.kernel.money import ZERO
from guiju.ledger.models import Refund
from guiju.org.masking import mask_name
from guiju.sales.models import RoomReturn
from guiju.sales.refund_facts import Part, RefundFacts

PAYEES = dict(Refund.PAYEES)


@dataclass(frozen=True)
class SheetLine:
    """A line of the sheet in yuan, with how it came about."""

    name: str
    words: str
    amount: Decimal


@dataclass(frozen=True)
class PayeeLine:
    """Who gets how much, in yuan, what was paid and what is open."""

    position: int
    kind: str
    name: str
    amount: Decimal
    late: Decimal
    open: Decimal
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class RefundPanel:
    """The money of a refund. ``overdue``: days over the term; ``late``: the interest that brings up to today, in yuan."""

    kind: str
    lines: tuple[SheetLine, ...]
    kept: Decimal
    added: Decimal
    payable: Decimal
    paid: Decimal
    open: Decimal
    payees: tuple[PayeeLine, ...]
    term_days: int
    due: date | None
    left: int
    overdue: int
    late: Decimal
    approved: bool


def of_case(case: Case, today: date, *, masked: bool) -> RefundPanel | None:
    """Return what the page of a refund shows of its money; None for other cases, and before anything is calculated."""
    if case.process != "refund":
        return None
    row = RoomReturn.objects.filter(case=case, calculated_at__isnull=False).select_related("deal").first()
    if row is None:
        return None
    facts = RefundFacts(row)
    rate = Decimal(str(ports.policies().get(case.sop_version_id).settings.get("late_rate", 3)))
    payees = tuple(
        PayeeLine(
            one.position, PAYEES.get(one.kind, one.kind),
            mask_name(one.name) if masked and one.kind != "bank" else one.name, one.amount, one.late, facts.open_of(one),
            tuple(part for part in facts.parts if part.payee == one.name and part.bank == (one.kind == "bank")),
        )
        for one in facts.payees
    )  # fmt: skip
    owed = sum((one.open for one in payees), ZERO)
    over = facts.lateness(today) if row.paid_at is None else 0
    waiting = row.paid_at is None and row.due_date is not None
    return RefundPanel(
        row.get_kind_display(),
        tuple(SheetLine(one["name"], one["words"], Decimal(one["amount"])) for one in row.sheet),
        row.kept or ZERO, row.added or ZERO, row.payable or ZERO,
        sum((part.amount for part in facts.parts), ZERO), owed, payees, row.term_days, row.due_date,
        (row.due_date - today).days if waiting and row.due_date is not None else 0, over,
        sum((one.late for one in facts.due_now(today, rate=rate)), ZERO) if over else ZERO, row.approved_at is not None,
    )  # fmt: skip
