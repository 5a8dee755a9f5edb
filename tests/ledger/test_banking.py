"""Statements of several banks read by their heads, proposed, confirmed by a person; pasted again they change nothing."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from guiju.kernel.models import Case
from guiju.kernel.refusals import Refused
from guiju.ledger import statements
from guiju.ledger.models import BankLine, BankMatch, Receipt
from guiju.ledger.operations import banking, invoicing, receipts, refunding
from guiju.ledger.operations.allocating import release_all
from guiju.ledger.queries import receivables_of
from guiju.ledger.verify import problems

from .conftest import AT, DAY, line

pytestmark = pytest.mark.django_db
D = Decimal

LAYOUTS = {
    "credit and debit columns": [
        ["账户明细查询"], [],
        ["交易日期", "借方发生额", "贷方发生额", "余额", "对方户名", "对方账号", "交易流水号", "摘要"],
        ["2026-11-18", "", "300,000.00", "9", "苏清越", "6222 1", "88001", "1501 首付款"],
        ["2026-11-18", "500.00", "", "8", "电力公司", "1", "88002", "电费"],
        ["合计", "500.00", "300,000.00"],
    ],
    "one amount and a sign": [
        ["记账日期", "借贷标志", "交易金额", "对方名称", "对方账户", "凭证号", "附言"],
        ["20261118", "贷", "300000", "苏清越", "62221", "88001", "1501 首付款"],
        ["20261118", "借", "500", "电力公司", "1", "88002", "电费"],
    ],
    "income and expense with a time": [
        ["交易时间", "收入金额(元)", "支出金额(元)", "付款人名称", "付款人账号", "流水号", "用途"],
        ["2026/11/18 09:31:00", "¥300,000.00", "--", "苏清越", "62221", "88001", "1501 首付款"],
    ],
}  # fmt: skip


def take(office, rows, account="监管户"):
    return banking.take_in(
        project=office.project, account=account, name="明细.xlsx", sha256="0" * 64, rows=rows, at=AT,
        by_id=office.people["he"].pk,
    )  # fmt: skip


@pytest.mark.parametrize("rows", LAYOUTS.values(), ids=LAYOUTS)
def test_the_head_tells_which_column_is_which_and_whether_money_came_or_went(rows):
    (found, *went), _ = statements.read(rows)

    assert (found.on_date, found.amount, found.payer, found.payer_account, found.voucher, found.memo) == (
        date(2026, 11, 18), D("300000.00"), "苏清越", "62221", "88001", "1501 首付款",
    )  # fmt: skip
    assert not found.out
    assert [(one.amount, one.payer, one.voucher, one.out) for one in went] in (
        [], [(D("500.00"), "电力公司", "88002", True)],
    )  # fmt: skip


def test_a_sheet_without_a_head_is_no_statement(office):
    with pytest.raises(banking.UnableToImport, match="表头"):
        take(office, [["姓名", "电话"], ["苏清越", "19900001111"]])
    assert BankLine.objects.count() == 0


def test_pasting_again_changes_nothing_and_two_alike_are_two(office):
    rows = LAYOUTS["credit and debit columns"]
    rows = [*rows[:4], rows[3], *rows[4:]]
    assert (take(office, rows).new, BankLine.objects.count()) == (3, 3)

    again = take(office, rows)

    assert (again.read, again.new, again.known, again.out, BankLine.objects.count()) == (3, 0, 3, 1, 3)


def waiting(office):
    take(office, LAYOUTS["one amount and a sign"])
    return BankLine.objects.get(out=False)


def proposed(office, *books):
    (found,) = banking.proposals(
        banking.unmatched(office.project.pk), [(book, book.unit.label, ["苏清越"]) for book in books]
    )
    return found


def test_what_is_booked_under_the_voucher_is_proposed_first(office):
    one = waiting(office)
    money = office.paid(office.book(0), "300000", voucher="88001")

    found = proposed(office)
    assert (found.receipt, found.because) == (money, "流水号相同")

    banking.match(line=one, receipt=money, at=AT, by_id=office.people["wu"].pk)
    assert banking.unmatched(office.project.pk) == []
    with pytest.raises(banking.UnableToMatch, match="已经有"):
        banking.match(line=one, receipt=money, at=AT, by_id=office.people["wu"].pk)


@pytest.mark.clause("J-2.3-d")
def test_the_buyer_and_the_exact_amount_lead_to_the_instalment(office):
    one, book = waiting(office), office.book(0, line("50000"), line("300000", name="首付款"))

    found = proposed(office, book)
    assert (found.book, found.owed.receivable.name) == (book, "首付款")
    assert found.because == "买受人 苏清越、附言有房号，金额等于首付款"

    money = banking.book_line(
        line=one,
        to=book,
        purpose="price",
        third_party=False,
        relation="",
        at=AT,
        by_id=office.people["he"].pk,
    )
    assert (money.voucher, money.amount) == ("88001", D("300000"))
    assert sum(row.paid for row in receivables_of(book.pk)) == D("300000")
    assert list(problems()) == []


def test_what_nobody_knows_waits_in_suspense_and_is_listed(office):
    one = waiting(office)
    assert (proposed(office).book, proposed(office).receipt) == (None, None)

    money = banking.book_line(
        line=one, to=None, purpose="", third_party=False, relation="", at=AT, by_id=office.people["he"].pk
    )

    assert (money.purpose, money.unit) == ("suspense", None)
    assert banking.unmatched(office.project.pk) == []


def test_a_reversed_booking_leaves_its_line_unmatched(office):
    one = waiting(office)
    money = office.paid(office.book(0), "300000", voucher="88001")
    banking.match(line=one, receipt=money, at=AT, by_id=office.people["wu"].pk)

    receipts.reverse(receipt=money, reason="记错", at=AT, recorded_at=AT, by_id=office.people["he"].pk)

    assert banking.unmatched(office.project.pk) == [one]


def test_a_line_is_no_booking_of_another_amount(office):
    one = waiting(office)
    money = office.paid(office.book(0), "299999", voucher="88001")

    with pytest.raises(banking.UnableToMatch, match="金额"):
        banking.match(line=one, receipt=money, at=AT, by_id=office.people["wu"].pk)
    assert not BankMatch.objects.exists()
    assert Receipt.objects.count() == 1


# --- money out -------------------------------------------------------------------------------------------------------
OUT = [
    ["交易日期", "借方发生额", "贷方发生额", "对方户名", "交易流水号", "摘要"],
    ["2026-11-18", "600.00", "", "苏清越", "t 9", "退款"],
    ["2026-11-20", "40.00", "", "何守成", "B77", "退款"],
    ["2026-11-20", "900.00", "", "示范建设公司", "B78", "工程款"],
    ["2026-11-21", "", "40.00", "何守成", "B79", "退汇"],
]  # fmt: skip


def sent(office, amount, voucher, payer="苏清越", case=None):
    money = office.receipt(office.book(0), amount, payer=payer)
    return refunding.refund(
        receipt=money, amount=D(amount), payee=refunding.Payee("payer", payer, "6200"), voucher=voucher,
        method="transfer", paid_at=AT, at=AT, by_id=office.people["he"].pk, case_id=case,
    )  # fmt: skip


@pytest.mark.clause("J-2.3-d")
def test_money_out_is_matched_line_by_line_and_what_differs_is_reported(office):
    """600 by its voucher, 40 by payee and amount and back again, 900 to a builder; 75 that the bank did not pay."""
    wu = office.people["wu"].pk
    case = Case.objects.create(
        number="TF-1", process="refund", sop_version_id=0, state="pay_ready", title="退房", chain_id=office.project.company_id,
        scope_id=office.project.pk, opened_at=AT, events=0,
    )  # fmt: skip
    parts = [sent(office, amount, "T9", case=case.pk) for amount in ("350", "250")]
    assert parts[0].slip == parts[1].slip, "one payment out of two receipts"
    second, third = sent(office, "40", "T10", payer="何守成"), sent(office, "75", "T11")
    with pytest.raises(Refused, match="付款凭证号 ｔ9 已经入过账，不能再用"):
        sent(office, "1", "ｔ9")
    back = refunding.returned(refund=second, reason="账号有误", at=AT + 3 * DAY, by_id=office.people["he"].pk)
    take(office, OUT)

    by_voucher, by_payee, builder = banking.proposals_out(banking.unmatched_out(office.project.pk))
    (came,) = banking.proposals(banking.unmatched(office.project.pk), [])
    assert (by_voucher.slip, by_voucher.because) == (parts[0].slip, "凭证号和金额相同")
    assert (by_payee.slip, by_payee.because) == (second.slip, "对方和金额相同，日期相近")
    assert (builder.slip, came.slip) == (None, back.slip)

    refusals = [
        (lambda: banking.match_slip(line=by_voucher.line, slip=parts[0].slip, at=AT, by_id=office.people["he"].pk), "自己办理"),
        (lambda: banking.match_slip(line=builder.line, slip=parts[0].slip, at=AT, by_id=wu), "不一致"),
        (lambda: banking.note_other(line=by_voucher.line, words="工程款", at=AT, by_id=wu), "请确认为这笔付款"),
        (lambda: banking.note_other(line=came.line, words="工程款", at=AT, by_id=wu), "到账的款"),
        (lambda: banking.note_other(line=builder.line, words=" ", at=AT, by_id=wu), "请写明"),
    ]  # fmt: skip
    for act, words in refusals:
        with pytest.raises(banking.UnableToMatch, match=words):
            act()
    for one in (by_voucher, by_payee, came):
        banking.match_slip(line=one.line, slip=one.slip, at=AT, by_id=wu)
    with pytest.raises(banking.UnableToMatch, match="已经有对应的付款"):
        banking.match_slip(line=by_voucher.line, slip=third.slip, at=AT, by_id=wu)
    with pytest.raises(banking.UnableToMatch, match="不能记成收款"):
        banking.book_line(
            line=builder.line, to=None, purpose="", third_party=False, relation="", at=AT, by_id=wu
        )
    said = banking.differences(office.project.pk, date(2026, 11, 1), date(2026, 12, 1))
    assert [said.bank, said.other, said.only_bank, said.booked, said.only_books] == [
        D("1540"), D(0), D("900"), D("715"), D("75"),
    ]  # fmt: skip

    banking.note_other(line=builder.line, words="一标段进度款", at=AT, by_id=wu)

    said = banking.differences(office.project.pk, date(2026, 11, 1), date(2026, 12, 1))
    assert (said.other, said.lines, [one for one, _ in said.slips]) == (D("900"), [], [third.slip])
    assert said.matched_bank == said.matched_books == D("640")
    assert said.read_until == date(2026, 11, 21)
    assert banking.unmatched(office.project.pk) == banking.unmatched_out(office.project.pk) == []
    assert list(problems()) == []


# --- invoices --------------------------------------------------------------------------------------------------------
def ask(office, book, amount, title="苏清越"):
    return invoicing.ask(
        book=book, kind="advance", title=title, amount=D(amount), buyers=["苏清越"], note="", at=AT,
        by_id=office.people["he"].pk,
    )  # fmt: skip


@pytest.mark.clause("B-3.3-h")
def test_an_invoice_is_asked_for_issued_and_taken_back_in_red(office):
    book, he = office.book(0), office.people["he"].pk
    office.paid(book, "300000")
    office.paid(book, "9000", purpose="pass_through")

    with pytest.raises(invoicing.UnableToInvoice, match="只能开给合同买受人：苏清越"):
        ask(office, book, "1", title="何守成")
    with pytest.raises(invoicing.UnableToInvoice, match="还有 300000"):
        ask(office, book, "300000.01")
    asked = ask(office, book, "300000")
    with pytest.raises(invoicing.UnableToInvoice, match="还有 0"):
        ask(office, book, "1")

    today = AT.date()
    made = invoicing.issue(request=asked, number="2637 0001", issued_date=today, at=AT, by_id=he)
    with pytest.raises(invoicing.UnableToInvoice, match="已经开票"):
        invoicing.issue(request=asked, number="2637 0002", issued_date=today, at=AT, by_id=he)
    with pytest.raises(invoicing.UnableToInvoice, match="原因"):
        invoicing.red_letter(invoice=made, number="R1", reason="", issued_date=today, at=AT, by_id=he)
    red = invoicing.red_letter(invoice=made, number="R1", reason="换房", issued_date=today, at=AT, by_id=he)

    assert (red.amount, red.red_of, invoicing.invoiced(book)) == (D("-300000"), made, D(0))
    with pytest.raises(invoicing.UnableToInvoice, match="不能再红冲"):
        invoicing.red_letter(invoice=red, number="R2", reason="再来", issued_date=today, at=AT, by_id=he)


@pytest.mark.clause("B-3.3-h")
def test_money_that_went_back_is_not_invoiced_and_no_invoice_is_of_tomorrow(office):
    """300,000 came and was asked for; a cheque of 100,000 of it bounced: 200,000 can be invoiced."""
    book, he, today = office.book(0), office.people["he"].pk, AT.date()
    office.paid(book, "200000")
    bad = office.paid(book, "100000")
    asked = ask(office, book, "300000")
    given = {"number": "2637 0009", "at": AT, "by_id": he}
    with pytest.raises(invoicing.UnableToInvoice, match="开票日期不能晚于今天"):
        invoicing.issue(request=asked, issued_date=today + timedelta(days=1), **given)
    receipts.reverse(receipt=bad, reason="退票", at=AT, recorded_at=AT, by_id=he)

    with pytest.raises(invoicing.UnableToInvoice, match=r"可开票金额还有 200000(\.00)? 元，请重新申请"):
        invoicing.issue(request=asked, issued_date=today, **given)
    with pytest.raises(invoicing.UnableToInvoice, match="还有 200000"):
        ask(office, book, "200000.01")
    made = invoicing.issue(request=ask(office, book, "200000"), issued_date=today, **given)
    for day in (today - timedelta(days=1), today + timedelta(days=1)):
        with pytest.raises(invoicing.UnableToInvoice, match=f"红冲日期应在原发票日期 {today} 以后"):
            invoicing.red_letter(invoice=made, number="R1", reason="换房", issued_date=day, at=AT, by_id=he)

    # What was paid back is invoiced no more, either.
    invoicing.red_letter(invoice=made, number="R1", reason="换房", issued_date=today, at=AT, by_id=he)
    money = book.receipts.get(amount=200000)
    release_all(receipt=money, reason="退款", at=AT, by_id=he)
    refunding.refund(
        receipt=money, amount=D("50000"), payee=refunding.Payee("payer", "苏清越", "6200"), voucher="T", method="transfer",
        paid_at=AT, at=AT, by_id=he,
    )  # fmt: skip
    assert (invoicing.held(book), invoicing.invoiced(book)) == (D("150000"), D(0))
    with pytest.raises(invoicing.UnableToInvoice, match="还有 150000"):
        ask(office, book, "150000.01")


def test_three_working_days_are_counted_for_suspense(office):
    from guiju.ledger.suspense import overdue_from
    from guiju.ledger.suspense import waiting as listed

    money = office.receipt(None, "300", at=AT)

    (found,) = listed(office.project.pk, AT)
    assert (found.receipt, found.late) == (money, False)
    assert overdue_from(office.project, money.received_at) == date(2026, 11, 23)
    (found,) = listed(office.project.pk, AT + timedelta(days=6))
    assert found.late
