"""A bank's statement taken in, and its lines matched with bookings by a person."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Exists, Max, OuterRef, QuerySet

from guiju.estate.models import Project
from guiju.kernel.money import ZERO
from guiju.kernel.numbering import ZONE
from guiju.kernel.refusals import Reason, Refused
from guiju.ledger import statements
from guiju.ledger.models import BankLine, BankMatch, BankStatement, Book, PaymentSlip, Receipt, Receivable
from guiju.ledger.operations import receipts, slips
from guiju.ledger.operations.allocating import allocate
from guiju.ledger.queries import Line, lines

CLAUSE = "J-2.3-d"
#: So far from a bank's line a payment under the same voucher is looked for.
LATELY: Final = timedelta(days=60)


class UnableToImport(Refused):
    """The file is no statement that can be read."""


class UnableToMatch(Refused):
    """The line is matched, or the booking is not it."""


@dataclass(frozen=True)
class Taken:
    """What became of a file: lines read, of them money that went out, new ones, and ones known before."""

    statement: BankStatement
    read: int
    new: int
    out: int = 0

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
            statement=made, project=project, account=account, key=one.key, on_date=one.on_date, out=one.out,
            amount=one.amount, payer=one.payer, payer_account=one.payer_account, voucher=one.voucher, memo=one.memo,
        )
        for one in fresh
    )  # fmt: skip
    return Taken(made, len(found), len(fresh), sum(one.out for one in found))


def unmatched(project_id: int) -> list[BankLine]:
    """Return money that came and that no standing booking answers to, oldest first."""
    return list(_open_lines(project_id, out=False)[:500])


def unmatched_out(project_id: int) -> list[BankLine]:
    """Return money that went out and that no payment of ours answers to, oldest first."""
    return list(_open_lines(project_id, out=True)[:500])


def _open_lines(project_id: int, *, out: bool) -> QuerySet[BankLine, BankLine]:
    rows = BankLine.objects.filter(project=project_id, out=out).annotate(
        answered=Exists(BankMatch.objects.filter(line=OuterRef("pk"), receipt__reversal=None))
    )
    return rows.filter(answered=False).order_by("on_date", "pk")


@dataclass(frozen=True)
class Proposal:
    """What a line probably is: a booking that stands already, or money for a purchase; and why we think so."""

    line: BankLine
    receipt: Receipt | None = None
    slip: PaymentSlip | None = None
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
    backs = _slips_open(found, back=True)
    return [_proposed_slip(line, backs) or _propose(line, booked, books, owed) for line in found]


def proposals_out(found: Sequence[BankLine]) -> list[Proposal]:
    """
    Return for each line of money that went out the payment it probably is; a person confirms, always.

    The same voucher and amount first; then the same amount to the same payee within three days.
    """
    waiting = _slips_open(found, back=False)
    return [_proposed_slip(line, waiting) or Proposal(line) for line in found]


def _slips_open(found: Sequence[BankLine], *, back: bool) -> list[tuple[PaymentSlip, Decimal]]:
    """Return the payments by bank of the lines' time, or their ways back, that no line answers to, with their amounts."""
    if not found:
        return []
    days = [line.on_date for line in found]
    rows = PaymentSlip.objects.select_related("case").filter(
        project__in={line.project_id for line in found}, method="transfer", back=back, bank_match=None,
        paid_date__range=(min(days) - LATELY, max(days) + LATELY),
    )  # fmt: skip
    waiting = list(rows.order_by("pk"))
    paid = slips.amounts(waiting)
    return [(one, paid[one.pk]) for one in waiting]


def _proposed_slip(line: BankLine, found: Sequence[tuple[PaymentSlip, Decimal]]) -> Proposal | None:
    same = [one for one, paid in found if paid == line.amount and one.project_id == line.project_id]
    for one in same:
        if one.voucher and one.voucher == slips.plain(line.voucher):
            return Proposal(line, slip=one, because="凭证号和金额相同")
    for one in same:
        if abs((one.paid_date - line.on_date).days) <= 3 and line.payer and line.payer == one.payee:
            return Proposal(line, slip=one, because="对方和金额相同，日期相近")
    return None


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
    # What was noted as none of the customers' money may be found to be a payment after all.
    if BankMatch.objects.filter(line=line, receipt__reversal=None, other="").exists():
        raise UnableToMatch([Reason(f"这笔流水已经有对应的{'付款' if line.out else '收款'}", CLAUSE)])


@transaction.atomic
def match(*, line: BankLine, receipt: Receipt, at: datetime, by_id: int) -> BankMatch:
    """
    Confirm that a line is a booking that stands.

    :raises UnableToMatch: either is matched, amounts differ, or the booking is reversed.
    """
    _lock(line)
    if line.out or receipt.amount != line.amount or receipt.project_id != line.project_id:
        raise UnableToMatch([Reason(f"收据 {receipt.number} 和流水的金额或项目不一致", CLAUSE)])
    if (
        Receipt.objects.filter(reverses=receipt).exists()
        or BankMatch.objects.filter(receipt=receipt).exists()
    ):
        raise UnableToMatch([Reason(f"收据 {receipt.number} 已冲销，或已对上别的流水", CLAUSE)])
    return BankMatch.objects.create(line=line, receipt=receipt, matched_by_id=by_id, matched_at=at)


@transaction.atomic
def match_slip(*, line: BankLine, slip: PaymentSlip, at: datetime, by_id: int) -> BankMatch:
    """
    Confirm that a line is a payment of ours, or its way back.

    :raises UnableToMatch: either is matched, direction, amount or project differ, or the person booked the payment.
    """
    _lock(line)
    if slip.booked_by_id == by_id:
        raise UnableToMatch([Reason("不能核对自己办理的付款", "I-5.10-0b")])
    paid = slips.amounts([slip])[slip.pk]
    if (line.out, line.amount, line.project_id) != (not slip.back, paid, slip.project_id):
        raise UnableToMatch([Reason(f"付款凭证 {slip.voucher} 和流水的方向、金额或项目不一致", CLAUSE)])
    try:
        with transaction.atomic():
            return BankMatch.objects.create(line=line, slip=slip, matched_by_id=by_id, matched_at=at)
    except IntegrityError as error:
        words = f"付款凭证 {slip.voucher} 已经对上别的流水"
        raise UnableToMatch([Reason(words, CLAUSE)]) from error


@transaction.atomic
def note_other(*, line: BankLine, words: str, at: datetime, by_id: int) -> BankMatch:
    """
    Say what money that went out was for, if it was none of the customers' money.

    :raises UnableToMatch: it is matched, it came in, nothing is said, or a payment of ours answers to it.
    """
    _lock(line)
    if not line.out:
        raise UnableToMatch([Reason("到账的款请入账，查不到的转暂收", CLAUSE)])
    if not words.strip():
        raise UnableToMatch([Reason("请写明这笔付款的用途", CLAUSE)])
    if (found := proposals_out([line])[0].slip) is not None:
        words = f"这笔流水和付款凭证 {found.voucher} 相符，请确认为这笔付款"
        raise UnableToMatch([Reason(words, CLAUSE)])
    return BankMatch.objects.create(line=line, other=words.strip()[:200], matched_by_id=by_id, matched_at=at)


@dataclass(frozen=True)
class Difference:
    """Money out of a month: what the bank says, what the books say, and what only one of them says. Yuan."""

    bank: Decimal
    others: list[BankMatch]
    lines: list[BankLine]
    booked: Decimal
    slips: list[tuple[PaymentSlip, Decimal]]
    read_until: date | None

    @property
    def other(self) -> Decimal:
        """What went out and is none of the customers' money."""
        return sum((one.line.amount for one in self.others), ZERO)

    @property
    def only_bank(self) -> Decimal:
        """What the bank paid and the books do not know."""
        return sum((one.amount for one in self.lines), ZERO)

    @property
    def only_books(self) -> Decimal:
        """What the books paid and the bank does not know."""
        return sum((paid for _, paid in self.slips), ZERO)

    @property
    def matched_bank(self) -> Decimal:
        """What the bank paid and the books know, by the bank's days."""
        return self.bank - self.other - self.only_bank

    @property
    def matched_books(self) -> Decimal:
        """The same by the days of the books."""
        return self.booked - self.only_books


def differences(project_id: int, since: date, until: date) -> Difference:
    """Compare money out by the bank with money out by the books, from a day to before another."""
    rows = BankLine.objects.filter(project=project_id, on_date__gte=since, on_date__lt=until, out=True)
    noted = (
        BankMatch.objects.filter(line__in=rows).exclude(other="").exclude(line__matches__slip__isnull=False)
    )
    matches = noted.select_related("line", "matched_by")
    paid_rows = PaymentSlip.objects.filter(
        project=project_id, method="transfer", back=False, paid_date__gte=since, paid_date__lt=until
    )
    booked = list(paid_rows.select_related("bank_match", "case").order_by("paid_date", "pk"))
    paid = slips.amounts(booked)
    return Difference(
        bank=sum(rows.values_list("amount", flat=True), ZERO),
        others=list(matches.order_by("line__on_date", "pk")),
        lines=list(_open_lines(project_id, out=True).filter(on_date__gte=since, on_date__lt=until)),
        booked=sum(paid.values(), ZERO),
        slips=[(one, paid[one.pk]) for one in booked if getattr(one, "bank_match", None) is None],
        read_until=BankLine.objects.filter(project=project_id).aggregate(last=Max("on_date"))["last"],
    )


@transaction.atomic
def book_line(
    *, line: BankLine, to: Book | None, purpose: str, third_party: bool, relation: str, at: datetime, by_id: int,
    case_id: int | None = None, amount: Decimal | None = None,
) -> Receipt:  # fmt: skip
    """
    Book a line to a purchase, paying its oldest instalments; without one it goes into suspense (暂收).

    :raises UnableToMatch: the line is matched, or it went out.
    :raises VoucherBookedBefore: its voucher is booked already.
    """
    _lock(line)
    if line.out:
        raise UnableToMatch([Reason("付出的款不能记成收款", CLAUSE)])
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
