"""Books whose rows are only added: what is owed, what came, where it went, and the way back of each."""

from datetime import date
from decimal import Decimal

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from guiju.ledger.models import Allocation, Book, Kind, Receipt, ReceiptCheck, Receivable, ReceivableEntry
from guiju.ledger.operations import allocating, books, receipts, receivables, refunding
from guiju.ledger.queries import line_of, receivables_of, statement
from guiju.ledger.verify import problems

from .conftest import AT, DAY, line

D = Decimal
TODAY = date(2026, 11, 18)


def opens(book):
    return [one.open for one in receivables_of(book.pk)]


@pytest.mark.parametrize("change", ["update", "delete"])
def test_the_database_itself_refuses_to_change_or_remove_rows(office, change):
    office.paid(office.book(0, line("100")), "100")

    for model in (Book, Receipt, Receivable, ReceivableEntry, Allocation):
        table = model._meta.db_table
        words = f"UPDATE {table} SET id = id + 99" if change == "update" else f"DELETE FROM {table}"
        with (
            pytest.raises(DatabaseError, match="only added"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(words)
    assert Receipt.objects.count() == Allocation.objects.count() == 1


def test_every_table_of_the_books_but_the_till_is_held(db):
    tables = {model._meta.db_table for model in apps.get_app_config("ledger").get_models()} - {"ledger_till"}
    catalogue = {
        "sqlite": "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'ledger_%_only_added_%'",
        "postgresql": "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'only_added'",
    }
    with connection.cursor() as cursor:
        cursor.execute(catalogue[connection.vendor])
        held = {row[0] for row in cursor.fetchall()}

    assert held == tables


@pytest.mark.clause("J-2.3-d")
def test_money_pays_the_oldest_instalment_first_and_what_is_too_much_stays_over(office):
    book = office.book(0, line("300", "2026-12-01"), line("500", "2026-11-20"))

    office.paid(book, "600")

    assert [(one.amount, one.open) for one in receivables_of(book.pk)] == [
        (D("500"), D(0)),
        (D("300"), D("200")),
    ]
    office.paid(book, "250")
    found = statement(book)
    assert (found.owed, found.paid, found.open, found.over) == (D("800"), D("800"), D(0), D("50"))
    assert list(problems()) == []


@pytest.mark.clause("J-2.3-d")
def test_the_buyer_may_name_the_instalment(office):
    book = office.book(0, line("500", "2026-11-20"), line("300"))
    money = office.paid(book, "300", pays=False)

    allocating.allocate_to(receipt=money, receivable=office.owed(book)[1], amount=D("300"), at=AT, by_id=None)

    assert opens(book) == [D("500"), D(0)]


@pytest.mark.parametrize(
    ("amount", "words"),
    [("301", "只剩 300"), ("0", "只剩 300"), ("-1", "只剩 300")],
    ids=["too much", "none", "less"],
)
def test_more_than_the_receipt_has_left_pays_nothing(office, amount, words):
    book = office.book(0, line("500"))
    money = office.paid(book, "300", pays=False)

    with pytest.raises(allocating.UnableToAllocate, match=words):
        allocating.allocate_to(
            receipt=money, receivable=office.owed(book)[0], amount=D(amount), at=AT, by_id=None
        )
    assert Allocation.objects.count() == 0


def test_more_than_is_owed_is_refused(office):
    book = office.book(0, line("200"))
    money = office.paid(book, "300", pays=False)

    with pytest.raises(allocating.UnableToAllocate, match="只欠 200"):
        allocating.allocate_to(
            receipt=money, receivable=office.owed(book)[0], amount=D("201"), at=AT, by_id=None
        )


def test_money_of_one_purchase_does_not_pay_another(office):
    first, second = office.book(0), office.book(1, line("200"))
    money = office.paid(first, "300")

    with pytest.raises(allocating.UnableToAllocate, match="同一户账"):
        allocating.allocate_to(
            receipt=money, receivable=office.owed(second)[0], amount=D("1"), at=AT, by_id=None
        )


def test_money_collected_for_others_is_kept_apart_from_the_price(office):
    book = office.book(0, line("500"), line("200", kind=Kind.MAINTENANCE_FUND, name="维修资金"))

    office.paid(book, "700")
    assert opens(book) == [D(0), D("200")]

    office.paid(book, "150", purpose="pass_through")
    assert opens(book) == [D(0), D("50")]
    assert [row.pass_through for row in office.owed(book)] == [False, True]
    with pytest.raises(allocating.UnableToAllocate, match="分开核算"):
        allocating.allocate_to(
            receipt=Receipt.objects.get(amount="700"), receivable=office.owed(book)[1], amount=D("1"), at=AT, by_id=None
        )  # fmt: skip


def test_penalty_is_paid_only_when_somebody_names_it(office):
    book = office.book(0, line("100", "2026-11-01", Kind.PENALTY, "违约金"), line("500"))

    money = office.paid(book, "550")

    assert opens(book) == [D("100"), D(0)]
    allocating.allocate_to(receipt=money, receivable=office.owed(book)[0], amount=D("50"), at=AT, by_id=None)
    assert opens(book) == [D("50"), D(0)]


@pytest.mark.clause("J-2.3-d")
def test_a_bounced_payment_makes_the_instalment_owed_again(office):
    book = office.book(0, line("300"), line("500"))
    money = office.paid(book, "800")

    undone = receipts.reverse(
        receipt=money, reason="退票", at=AT + DAY, recorded_at=AT + DAY, by_id=office.people["he"].pk
    )

    assert undone.reverses == money
    assert undone.amount == D("-800")
    assert opens(book) == [D("300"), D("500")]
    assert [made.amount for made in Allocation.objects.order_by("id")] == [
        D("300"),
        D("500"),
        D("-300"),
        D("-500"),
    ]
    assert list(problems()) == []
    with pytest.raises(receipts.NothingToReverse):
        receipts.reverse(receipt=money, reason="退票", at=AT, recorded_at=AT, by_id=office.people["he"].pk)
    with pytest.raises(receipts.NothingToReverse):
        receipts.reverse(receipt=undone, reason="退票", at=AT, recorded_at=AT, by_id=office.people["he"].pk)


def test_an_allocation_is_taken_back_once(office):
    book = office.book(0, line("300"))
    office.paid(book, "300")
    made = Allocation.objects.get()

    allocating.release(allocation=made, reason="买受人指定别的一期", at=AT, by_id=None)

    assert opens(book) == [D("300")]
    with pytest.raises(allocating.UnableToAllocate, match="已经撤回"):
        allocating.release(allocation=made, reason="再来", at=AT, by_id=None)


def test_a_receipt_is_checked_by_somebody_else(office):
    money = office.paid(office.book(0), "300")

    with pytest.raises(receipts.UnableToCheck, match="另一人"):
        receipts.check(receipt=money, by_id=office.people["he"].pk, at=AT)
    with pytest.raises(DatabaseError), transaction.atomic():
        he = office.people["he"]
        ReceiptCheck.objects.create(receipt=money, booked_by=he, checked_by=he, checked_at=AT)
    receipts.check(receipt=money, by_id=office.people["wu"].pk, at=AT)
    with pytest.raises(receipts.UnableToCheck, match="已经复核"):
        receipts.check(receipt=money, by_id=office.people["wu"].pk, at=AT)


def test_a_voucher_is_booked_once_also_after_its_reversal(office):
    book = office.book(0)
    money = office.paid(book, "300", voucher="88001")
    with pytest.raises(receipts.VoucherBookedBefore):
        office.paid(book, "300", voucher="88001")
    receipts.reverse(receipt=money, reason="退票", at=AT, recorded_at=AT, by_id=office.people["he"].pk)

    with pytest.raises(receipts.VoucherBookedBefore):
        office.paid(book, "300", voucher="88001")


def test_money_in_suspense_is_moved_to_the_purchase_it_belongs_to_under_the_same_voucher(office):
    book = office.book(0, line("300"))
    waits = office.receipt(None, "300", voucher="88001")
    assert (waits.book, waits.unit, waits.purpose) == (None, None, "suspense")

    moved = receipts.move(
        receipt=waits,
        to=book,
        purpose="price",
        reason="查明是 1501",
        at=AT + DAY,
        by_id=office.people["he"].pk,
    )

    assert (moved.voucher, moved.moved_from, moved.received_at) == ("88001", waits, AT)
    assert statement(book).over == D("300")
    assert sum(row.amount for row in Receipt.objects.all()) == D("300")
    assert list(problems()) == []
    with pytest.raises(receipts.NothingToReverse):
        receipts.move(
            receipt=waits, to=book, purpose="price", reason="再来", at=AT, by_id=office.people["he"].pk
        )


def test_money_never_moves_between_companies(office):
    far = office.book(2, line("300"))
    money = office.paid(office.book(0), "300")

    with pytest.raises(receipts.UnableToMove, match="另一家公司"):
        receipts.move(
            receipt=money, to=far, purpose="price", reason="记错", at=AT, by_id=office.people["he"].pk
        )
    with pytest.raises(receipts.UnableToMove):
        office.receipt(far, "300", unit=office.units[0])
    assert Receipt.objects.count() == 1


@pytest.mark.clause("J-2.3-c")
def test_what_is_owed_is_changed_by_a_new_entry_and_never_below_what_is_paid(office):
    book = office.book(0, line("500"))
    (row,) = office.owed(book)
    office.paid(book, "300")
    by = {"at": AT, "recorded_at": AT, "by_id": office.people["he"].pk}

    receivables.change(
        receivable=row, act="changed", amount=D("400"), due_date=date(2027, 1, 5), reason="补充协议", **by
    )

    assert (line_of(row).amount, line_of(row).due_date, line_of(row).open) == (
        D("400"),
        date(2027, 1, 5),
        D("100"),
    )
    with pytest.raises(receivables.UnableToChange, match="已收 300"):
        receivables.change(receivable=row, act="changed", amount=D("299.99"), reason="再减", **by)
    with pytest.raises(receivables.UnableToChange, match="理由"):
        receivables.change(receivable=row, act="changed", amount=D("450"), **by)


def test_a_correction_names_the_entry_it_corrects_and_only_once(office):
    book = office.book(0, line("500"))
    (row,) = office.owed(book)
    wrong = row.entries.get()
    by = {"act": "corrected", "reason": "看错一位", "at": AT, "recorded_at": AT, "by_id": None}

    made = receivables.change(receivable=row, amount=D("5000"), corrects=wrong, **by)

    assert (made.corrects, made.amount, line_of(row).amount) == (wrong, D("4500"), D("5000"))
    with pytest.raises(receivables.UnableToChange, match="已经更正"):
        receivables.change(receivable=row, amount=D("1"), corrects=wrong, **by)


@pytest.mark.clause("J-2.3-c")
def test_a_loan_is_due_when_its_condition_comes_true_and_not_before(office):
    book = office.book(0, line("700", "", Kind.LOAN, "按揭款", event="放款条件具备"))
    (row,) = office.owed(book)
    assert (line_of(row).due_date, line_of(row).late(date(2030, 1, 1))) == (None, 0)

    by = {"at": AT, "recorded_at": AT, "by_id": None}
    made = receivables.come_true(book=book, event="放款条件具备", due_date=date(2026, 12, 18), **by)

    assert [one.act for one in made] == ["event"]
    assert (line_of(row).due_date, line_of(row).amount) == (date(2026, 12, 18), D("700"))
    assert receivables.come_true(book=book, event="放款条件具备", due_date=date(2027, 1, 1), **by) == []


def test_a_line_without_amount_or_due_is_not_written(office):
    for bad in (line("0"), line("5", ""), line("-5")):
        with pytest.raises(receivables.UnableToChange):
            office.book(0, bad)
    assert Receivable.objects.count() == 0


def test_two_deals_of_one_purchase_share_a_book(office):
    book = books.open_book(unit=office.units[0], at=AT, by_id=None, deal=7)

    books.join(book=book, deal=8, at=AT)

    assert books.open_book(unit=office.units[0], at=AT, by_id=None, deal=8) == book
    assert Book.objects.count() == 1


# --- paying back -----------------------------------------------------------------------------------------------------
PAYER = refunding.Payee("payer", "苏清越", "6222 0000 0000 0001")


def back(office, receipt, amount, payee=PAYER, **changed):
    given = {"voucher": "T1", "method": "transfer", "paid_at": AT, "at": AT, "by_id": office.people["he"].pk}
    return refunding.refund(receipt=receipt, amount=D(amount), payee=payee, **(given | changed))


def test_what_is_too_much_is_paid_back_to_the_account_it_came_from(office):
    book = office.book(0, line("200"))
    money = office.paid(book, "300")

    made = back(office, money, "100")

    assert (made.number[:2], made.payee, statement(book).over) == ("TK", "苏清越", D(0))
    with pytest.raises(refunding.UnableToRefund, match="可退 0"):
        back(office, money, "0.01")
    assert list(problems()) == []


REFUSED = {
    "what pays an instalment": ("200.01", PAYER, {}, "请先撤回分配"),
    "somebody else as the payer": ("1", refunding.Payee("payer", "何守成", "1"), {}, "原付款人苏清越"),
    "another account without a ground": ("1", refunding.Payee("buyer", "苏清越", "1"), {}, "依据"),
    "no account": ("1", refunding.Payee("payer", "苏清越", ""), {}, "收款账号"),
}


@pytest.mark.parametrize(("amount", "payee", "more", "words"), REFUSED.values(), ids=REFUSED)
def test_a_refund_by_the_wrong_way_is_refused(office, amount, payee, more, words):
    money = office.paid(office.book(0, line("100")), "300")

    with pytest.raises(refunding.UnableToRefund, match=words):
        back(office, money, amount, payee, **more)


def test_loan_money_goes_back_to_the_bank_and_not_to_the_buyer(office):
    money = office.paid(office.book(0), "1400000", method="loan", payer="建设银行")

    with pytest.raises(refunding.UnableToRefund, match="先退还银行"):
        back(office, money, "1400000", refunding.Payee("buyer", "苏清越", "1", "协议"))
    back(office, money, "1352000", refunding.Payee("bank", "建设银行", "1", "结清证明"))
    assert statement(money.book).over == D("48000")


def test_a_refund_that_comes_back_can_be_paid_again(office):
    money = office.paid(office.book(0), "300")
    made = back(office, money, "300")

    refunding.returned(refund=made, reason="账号有误", at=AT + DAY, by_id=office.people["he"].pk)

    assert statement(money.book).over == D("300")
    with pytest.raises(refunding.UnableToRefund, match="已经冲回"):
        refunding.returned(refund=made, reason="再来", at=AT, by_id=office.people["he"].pk)
    assert list(problems()) == []


def test_money_that_was_paid_back_is_not_reversed(office):
    money = office.paid(office.book(0), "300")
    back(office, money, "300")

    with pytest.raises(receipts.NothingToReverse, match="已有退款"):
        receipts.reverse(receipt=money, reason="退票", at=AT, recorded_at=AT, by_id=office.people["he"].pk)


def test_a_deal_in_default_keeps_what_is_forfeited_and_leaves_the_rest_for_its_refund(office):
    """Domain 2.32: price 1,500,000, paid as deposit 350,000; 300,000 kept, 50,000.00 paid back."""
    book = office.book(0, line("350000", kind=Kind.DEPOSIT), line("1150000"))
    office.paid(book, "350000")

    for _ in range(2):
        receivables.settle(
            book=book, reason="挞定", kept=D("300000"), kept_name="没收定金", at=AT, recorded_at=AT,
            by_id=office.people["he"].pk, case_id=None,
        )  # fmt: skip

    found = statement(book)
    assert (found.owed, found.paid, found.open, found.over) == (D("300000"), D("300000"), D(0), D("50000"))
    assert list(problems()) == []
