"""A bank's statement taken in, and its lines matched with bookings by a person."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from typing import Any

from django.db import transaction

from guiju.estate.models import Project
from guiju.kernel.numbering import ZONE
from guiju.kernel.refusals import Reason, Refused
from guiju.ledger import statements
from guiju.ledger.models import BankLine, BankMatch, BankStatement, Book, Receipt, Receivable
from guiju.ledger.operations import receipts
from guiju.ledger.operations.allocating import allocate
from guiju.ledger.queries import Line, lines

CLAUSE = "J-2.3-d"


class UnableToImport(Refused):
    """The file is no statement that can be read."""


class UnableToMatch(Refused):
    """The line is matched, or the booking is not it."""


@dataclass(frozen=True)
class Taken:
    """What became of a file: lines read, of them new, of them known before."""

    statement: BankStatement
    read: int
    new: int

    @property
    def known(self) -> int:
        """Lines that were there already."""
        return self.read - self.new


@transaction.atomic
def take_in(
    *,
    project: Project,
    account: str,
    name: str,
    sha256: str,
    rows: Sequence[Sequence[Any]],
    at: datetime,
    by_id: int,
) -> Taken:
    """
    Take in a statement; lines that are known already are not added again.

    :raises UnableToImport: no head row with date and amount was found.
    """
    try:
        found, columns = statements.read(rows)
    except statements.NoStatement as error:
        raise UnableToImport(
            [Reason("没有找到写着日期和金额的表头，请用银行导出的对账单", CLAUSE)]
        ) from error
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    made = BankStatement.objects.create(
        project=project, account=account, name=name[:200], sha256=sha256, layout=columns, lines_read=len(found),
        imported_by_id=by_id, imported_at=at,
    )  # fmt: skip
    known = set(
        BankLine.objects.filter(
            project=project, account=account, key__in=[one.key for one in found]
        ).values_list("key", flat=True)
    )
    fresh = [one for one in found if one.key not in known]
    BankLine.objects.bulk_create(
        BankLine(
            statement=made, project=project, account=account, key=one.key, on_date=one.on_date, amount=one.amount,
            payer=one.payer, payer_account=one.payer_account, voucher=one.voucher, memo=one.memo,
        )
        for one in fresh
    )  # fmt: skip
    return Taken(made, len(found), len(fresh))


def unmatched(project_id: int) -> list[BankLine]:
    """Return lines that no standing booking answers to, oldest first."""
    return list(
        BankLine.objects.filter(project=project_id)
        .exclude(matches__receipt__reversal=None, matches__isnull=False)
        .order_by("on_date", "pk")[:500]
    )


@dataclass(frozen=True)
class Proposal:
    """What a line probably is: a booking that stands already, or money for a purchase; and why we think so."""

    line: BankLine
    receipt: Receipt | None = None
    book: Book | None = None
    owed: Line | None = None
    because: str = ""


def proposals(found: Sequence[BankLine], books: Sequence[tuple[Book, str, Sequence[str]]]) -> list[Proposal]:
    """
    Return a proposal for each line. ``books`` gives every live book with its room label and its buyers' names.

    Strongest first: the same voucher is booked already; the same amount by the same payer within three days; the room
    or a buyer is named and the amount is exactly what is owed; a buyer is named. A person confirms, always.
    """
    projects = {line.project_id for line in found}
    booked = list(
        Receipt.objects.filter(project__in=projects, reverses=None, reversal=None, bank_match=None).order_by(
            "pk"
        )
    )
    owed: dict[int, list[Line]] = {}
    for one in lines(
        Receivable.objects.filter(book__in=[book.pk for book, _, _ in books]).order_by("position")
    ):
        if one.open > 0:
            owed.setdefault(one.receivable.book_id, []).append(one)
    return [_propose(line, booked, books, owed) for line in found]


def _propose(
    line: BankLine,
    booked: Sequence[Receipt],
    books: Sequence[tuple[Book, str, Sequence[str]]],
    owed: dict[int, list[Line]],
) -> Proposal:
    same = [row for row in booked if row.amount == line.amount and row.project_id == line.project_id]
    for row in same:
        if line.voucher and row.voucher == line.voucher:
            return Proposal(line, receipt=row, because="流水号相同")
    for row in same:
        near = abs((row.received_at.astimezone(ZONE).date() - line.on_date).days) <= 3
        if near and line.payer and row.payer == line.payer:
            return Proposal(line, receipt=row, because="付款人和金额相同，日期相近")
    text = f"{line.memo} {line.payer}"
    rooms = set(re.findall(r"\d+", line.memo))
    best: Proposal | None = None
    for book, label, names in books:
        if book.project_id != line.project_id:
            continue
        named = next((name for name in names if name and name in text), "")
        digits = re.findall(r"\d+", label)
        room = bool(digits) and digits[-1] in rooms
        if not named and not room:
            continue
        exact = next((one for one in owed.get(book.pk, ()) if one.open == line.amount), None)
        words = "、".join(filter(None, [f"买受人 {named}" if named else "", "附言有房号" if room else ""]))
        if exact is not None:
            return Proposal(line, book=book, owed=exact, because=f"{words}，金额等于{exact.receivable.name}")
        best = best or Proposal(line, book=book, because=words)
    return best or Proposal(line)


def _lock(line: BankLine) -> None:
    BankLine.objects.select_for_update(no_key=True).get(pk=line.pk)
    if BankMatch.objects.filter(line=line, receipt__reversal=None).exists():
        raise UnableToMatch([Reason("这笔流水已经有对应的收款", CLAUSE)])


@transaction.atomic
def match(*, line: BankLine, receipt: Receipt, at: datetime, by_id: int) -> BankMatch:
    """
    Confirm that a line is a booking that stands.

    :raises UnableToMatch: either is matched, amounts differ, or the booking is reversed.
    """
    _lock(line)
    if receipt.amount != line.amount or receipt.project_id != line.project_id:
        raise UnableToMatch([Reason(f"收据 {receipt.number} 和流水的金额或项目不一致", CLAUSE)])
    if (
        Receipt.objects.filter(reverses=receipt).exists()
        or BankMatch.objects.filter(receipt=receipt).exists()
    ):
        raise UnableToMatch([Reason(f"收据 {receipt.number} 已冲销，或已对上别的流水", CLAUSE)])
    return BankMatch.objects.create(line=line, receipt=receipt, matched_by_id=by_id, matched_at=at)


@transaction.atomic
def book_line(
    *, line: BankLine, to: Book | None, purpose: str, third_party: bool, relation: str, at: datetime, by_id: int,
    case_id: int | None = None, amount: Decimal | None = None,
) -> Receipt:  # fmt: skip
    """
    Book a line to a purchase, paying its oldest instalments; without one it goes into suspense (暂收).

    :raises UnableToMatch: the line is matched.
    :raises VoucherBookedBefore: its voucher is booked already.
    """
    _lock(line)
    receipt = receipts.book(
        unit=to.unit if to else None, project=line.project, case_id=case_id, purpose=purpose if to else "suspense",
        amount=line.amount, method="transfer", account=line.account, voucher=line.voucher, payer=line.payer or "付款人不详",
        third_party=third_party, relation=relation, received_at=datetime.combine(line.on_date, time(12), ZONE),
        recorded_at=at, by_id=by_id, to=to,
    )  # fmt: skip
    BankMatch.objects.create(line=line, receipt=receipt, matched_by_id=by_id, matched_at=at)
    if to is not None:
        allocate(receipt=receipt, at=at, by_id=by_id)
    return receipt
