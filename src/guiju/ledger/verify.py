"""
Do the books add up? A list of small rules, each of which names the row that breaks it. It mends nothing.

Run every night by the worker, by ``guiju ledger verify``, and on the page of the books.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from django.apps import apps
from django.db import models
from django.db.models import F

from guiju.kernel import row_anchors
from guiju.kernel.audit import altered
from guiju.kernel.money import ZERO
from guiju.ledger.models import (
    Allocation,
    BankMatch,
    Book,
    DayClosing,
    Payout,
    Receipt,
    Receivable,
    ReceivableEntry,
    Refund,
    Till,
)

BATCH: Final = 500
#: So often what does not add up is looked at once more.
AGAIN: Final = 3


@dataclass(frozen=True)
class Problem:
    """A row that does not add up: its table, its name for people, and what is wrong."""

    row: str
    name: str
    words: str

    def __str__(self) -> str:
        return f"{self.name}：{self.words}（{self.row}）"


def problems() -> list[Problem]:
    """
    Tell every row that does not add up, book by book.

    People go on working: what was written while this read is whole when it is looked at again, and no problem.
    """
    found = list(_problems())
    for _ in range(AGAIN):
        if found:
            still = set(_problems())
            found = [one for one in found if one in still]
    return found


def _problems() -> Iterator[Problem]:
    last = 0
    while keys := list(Book.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        last = keys[-1]
        yield from _books(keys)
    yield from _receipts()
    yield from _days()


@altered.answered_by
def changed_books() -> Iterator[str]:
    """Tell every row of the books that does not add up, in a sentence."""
    return (f"账目：{one}" for one in problems())


@row_anchors.fixed.answered_by
def anchored_rows() -> Iterator[type[models.Model]]:
    """The books are only added to: every row of theirs but the till's is anchored."""
    return (model for model in apps.get_app_config("ledger").get_models() if model is not Till)


def _books(keys: list[int]) -> Iterator[Problem]:
    owed: dict[int, Decimal] = defaultdict(lambda: ZERO)
    entries: dict[int, int] = defaultdict(int)
    paid: dict[int, Decimal] = defaultdict(lambda: ZERO)
    rows = {row.pk: row for row in Receivable.objects.filter(book__in=keys).order_by("pk")}
    for key, amount in ReceivableEntry.objects.filter(receivable__book__in=keys).values_list(
        "receivable_id", "amount"
    ):
        owed[key] += amount
        entries[key] += 1
    made = Allocation.objects.filter(receivable__book__in=keys).values_list(
        "receivable_id", "amount", "receipt__book_id", "receipt__purpose", "pk"
    )
    for key, amount, book, purpose, allocation in made:
        if key not in rows:
            continue  # written after the rows were read
        paid[key] += amount
        if book != rows[key].book_id:
            yield Problem(f"ledger_allocation {allocation}", rows[key].name, "用别的户账的钱抵付")
        if (purpose == "pass_through") != rows[key].pass_through:
            yield Problem(f"ledger_allocation {allocation}", rows[key].name, "代收款和房款混用")
    for key, row in rows.items():
        name = f"应收 {row.name}"
        if not entries[key]:
            yield Problem(f"ledger_receivable {key}", name, "没有金额记录，是孤立的应收")
        if owed[key] < 0:
            yield Problem(f"ledger_receivable {key}", name, f"应收合计为 {owed[key]} 元")
        if not ZERO <= paid[key] <= max(owed[key], ZERO):
            yield Problem(f"ledger_receivable {key}", name, f"应收 {owed[key]} 元，已抵付 {paid[key]} 元")
    found = Receipt.objects.filter(book__in=keys)
    for book_id, unit, company, project in Book.objects.filter(pk__in=keys).values_list(
        "pk", "unit_id", "company_id", "project_id"
    ):
        strange = found.filter(book=book_id).exclude(unit=unit, company=company, project=project)
        for number in strange.values_list("number", flat=True):
            yield Problem(f"ledger_receipt {number}", f"收据 {number}", "和所在户账的房屋、项目或公司不一致")


def _receipts() -> Iterator[Problem]:
    """Of every receipt: what it pays and what was paid back lie within it; one reversed pays nothing."""
    used: dict[int, Decimal] = defaultdict(lambda: ZERO)
    undone: dict[int | None, Decimal] = {}
    for key, amount in Allocation.objects.values_list("receipt_id", "amount"):
        used[key] += amount
    for key, amount in Refund.objects.values_list("receipt_id", "amount"):
        used[key] += amount
    for row in Receipt.objects.exclude(reverses=None).only("reverses_id", "amount").iterator():
        undone[row.reverses_id] = row.amount
    for row in Receipt.objects.only("pk", "number", "amount", "reverses_id").iterator():
        spent, name, where = used.get(row.pk, ZERO), f"收据 {row.number}", f"ledger_receipt {row.pk}"
        if row.reverses_id is not None or row.pk in undone:
            if spent:
                yield Problem(where, name, f"已经冲销，还抵付着 {spent} 元")
            if row.pk in undone and undone[row.pk] != -row.amount:
                yield Problem(where, name, f"收 {row.amount} 元，冲销 {undone[row.pk]} 元")
        elif not ZERO <= spent <= row.amount:
            yield Problem(where, name, f"收 {row.amount} 元，抵付和退款共 {spent} 元")
    corrections = (
        (
            "ledger_allocation",
            Allocation.objects.exclude(reverses=None).exclude(amount=-F("reverses__amount")),
        ),
        ("ledger_refund", Refund.objects.exclude(reverses=None).exclude(amount=-F("reverses__amount"))),
        (
            "ledger_payout",
            Payout.objects.exclude(reverses=None)
            .exclude(amount=-F("reverses__amount"))
            .exclude(kind="reward", amount__gt=-F("reverses__amount")),
        ),  # fmt: skip
    )
    for table, rows in corrections:
        for key in rows.values_list("pk", flat=True):
            yield Problem(f"{table} {key}", "冲回", "冲回金额和原记录不一致")
    for match in BankMatch.objects.select_related("line", "receipt").exclude(receipt=None).iterator():
        assert match.receipt is not None
        if match.line.out or match.line.amount != match.receipt.amount:
            yield Problem(
                f"ledger_bankmatch {match.pk}", f"收据 {match.receipt.number}", "和所对的银行流水金额不一致"
            )
    yield from _slips()


def _slips() -> Iterator[Problem]:
    """Of every payment: its lines are of one company and one direction, and the bank's line is of the same amount."""
    paid: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for model, company in ((Refund, "receipt__company_id"), (Payout, "book__company_id")):
        rows = model.objects.values_list(
            "slip_id", "amount", "slip__company_id", company, "slip__back", "number"
        )
        for key, amount, one, other, back, number in rows.iterator():
            paid[key] += amount
            if one != other or back != (amount < 0):
                yield Problem(f"ledger_paymentslip {key}", f"付款 {number}", "和付款凭证的公司或方向不一致")
    for match in BankMatch.objects.select_related("line", "slip").exclude(slip=None).iterator():
        assert match.slip is not None
        if match.slip_id in paid and match.line.amount != abs(paid[match.slip_id]):
            yield Problem(
                f"ledger_bankmatch {match.pk}", f"付款凭证 {match.slip.voucher}", "和所对的银行流水金额不一致"
            )


def _days() -> Iterator[Problem]:
    """Of every closed day: the books say today what they said when it was closed."""
    for day in DayClosing.objects.order_by("pk").iterator():
        now = day_totals(day.project_id, day.on_date)
        for method, text in day.booked.items():
            if now.get(method, ZERO) != Decimal(text):
                yield Problem(
                    f"ledger_dayclosing {day.pk}", f"{day.on_date} 日结", f"{method} 当时 {text} 元，现在 {now.get(method, ZERO)} 元"
                )  # fmt: skip
        if set(now) - set(day.booked):
            yield Problem(f"ledger_dayclosing {day.pk}", f"{day.on_date} 日结", "日结后又有别的收款方式入账")


def day_totals(project_id: int, on: date) -> dict[str, Decimal]:
    """Return what the books say of a cashier's day, in yuan by method: receipts, reversals, less paid back."""
    found: dict[str, Decimal] = defaultdict(lambda: ZERO)
    # A bank's line identified later is no new money: moving it takes out and puts in the same amount.
    for method, amount in Receipt.objects.filter(project=project_id, book_date=on).values_list(
        "method", "amount"
    ):
        found[method] += amount
    for method, amount in Refund.objects.filter(receipt__project=project_id, book_date=on).values_list(
        "method", "amount"
    ):
        found[method] -= amount
    for method, amount in Payout.objects.filter(book__project=project_id, book_date=on).values_list(
        "method", "amount"
    ):
        found[method] -= amount
    return dict(found)
