"""The pages of cashier and collector: each post from its own desk, and what they refuse."""

from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from openpyxl import Workbook

from guiju.kernel.calendar import local_date
from guiju.kernel.models import Event
from guiju.ledger.models import BankLine, CollectionTarget, DayClosing, Invoice, Kind, PaymentSlip, Receipt
from guiju.ledger.operations import banking, refunding
from guiju.ledger.queries import statement
from guiju.reports import collections

from .conftest import AT, line

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def book(office, now):
    today = local_date(now)
    return office.book(
        0, line("500000", str(today - timedelta(days=40)), name="首付款"), line("700000", "", Kind.LOAN, "按揭款", event="放款条件具备")
    )  # fmt: skip


@pytest.fixture
def desk(office, client):
    """Sign somebody in and choose the project."""

    def sit(name):
        client.force_login(office.people[name])
        session = client.session
        session["project"] = office.project.pk
        session.save()
        return client

    return sit


MONEY = {
    "purpose": "price", "amount": "￥１００，０００", "method": "transfer", "account": "监管户", "voucher": "88001",
    "payer": "苏清越", "relation": "本人",
}  # fmt: skip


def test_the_cashier_books_another_checks_and_the_day_is_closed(office, book, desk, now):
    client = desk("he")
    answer = client.post(reverse("web:book_receive", args=[book.pk]), MONEY, follow=True)
    money = Receipt.objects.get()
    assert (money.amount, money.booked_by) == (D("100000.00"), office.people["he"])
    assert money.number in answer.content.decode()
    assert Event.objects.filter(step="receive_money").count() == 1
    assert statement(book).paid == D("100000")

    assert client.post(reverse("web:receipt_check", args=[money.pk])).status_code == 422
    today = str(local_date(now))
    refused = client.post(reverse("web:till_close"), {"day": today, "transfer": "99999"})
    assert refused.status_code == 422
    assert "账上 100000.00 元、清点 99999" in refused.content.decode()
    client.post(reverse("web:till_close"), {"day": today, "transfer": "100000"})
    closing = DayClosing.objects.get()
    assert client.post(reverse("web:till_check"), {"day": today}).status_code == 422

    client = desk("tang")
    client.post(reverse("web:receipt_check", args=[money.pk]))
    client.post(reverse("web:till_check"), {"day": today})
    assert closing.check_row.checked_by == office.people["tang"]
    assert "已日结，已复核" in client.get(reverse("web:till"), {"day": today}).content.decode()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"amount": "0"}, "应大于 0"), ({"amount": "一万"}, "请填数字"), ({"amount": "1.005"}, "最多两位"),
        ({"payer": ""}, "请填付款人"), ({"method": "gold"}, "请选择收款方式"), ({"voucher": ""}, "请填流水号"),
        ({"received_date": "2999-01-01"}, "年份不对"),
    ],
)  # fmt: skip
def test_a_booking_that_is_badly_filled_keeps_what_was_typed(book, desk, changed, words):
    answer = desk("he").post(reverse("web:book_receive", args=[book.pk]), MONEY | changed)

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert "88001" in answer.content.decode() or "voucher" in changed
    assert not Receipt.objects.exists()


def test_who_sells_does_not_book_money(book, desk):
    client = desk("lin")

    assert client.post(reverse("web:book_receive", args=[book.pk]), MONEY).status_code == 403
    assert "收款入账" not in client.get(reverse("web:book", args=[book.pk])).content.decode()
    assert not Receipt.objects.exists()


def test_another_companys_books_are_not_found(office, book, desk):
    far = office.book(2)

    assert desk("he").get(reverse("web:book", args=[far.pk])).status_code == 404
    assert desk("he").post(reverse("web:book_receive", args=[far.pk]), MONEY).status_code == 404


def workbook(*rows):
    made, kept = Workbook(), BytesIO()
    for row in rows:
        made.active.append(row)
    made.save(kept)
    return kept.getvalue()


@pytest.mark.parametrize("suffix", ["xlsx", "csv"])
def test_a_statement_is_taken_in_twice_and_its_lines_confirmed_once(office, book, desk, suffix):
    rows = [["交易日期", "贷方发生额", "对方户名", "流水号", "摘要"], ["2026-11-18", 100000, "苏清越", 88001, "1501"],
            ["2026-11-18", 5, "无名", 88002, ""]]  # fmt: skip
    content = (
        workbook(*rows)
        if suffix == "xlsx"
        else "\n".join(",".join(map(str, row)) for row in rows).encode("gb18030")
    )
    client = desk("he")
    for _ in range(2):
        file = SimpleUploadedFile(f"明细.{suffix}", content)
        answer = client.post(reverse("web:bank_take"), {"account": "监管户", "file": file}, follow=True)
    assert "新增 0 笔，2 笔以前读过" in answer.content.decode()
    first, second = BankLine.objects.order_by("pk")
    assert first.voucher == "88001"
    assert "附言有房号" in client.get(reverse("web:bank")).content.decode()

    client.post(reverse("web:bank_confirm", args=[first.pk]), {"book": book.pk, "act": "book"})
    client.post(reverse("web:bank_confirm", args=[second.pk]), {"act": "suspense"})
    again = client.post(reverse("web:bank_confirm", args=[first.pk]), {"book": book.pk, "act": "book"})

    assert again.status_code == 422
    assert statement(book).paid == D("100000")
    waits = Receipt.objects.get(purpose="suspense")
    assert waits.number in client.get(reverse("web:till")).content.decode()
    client.post(
        reverse("web:receipt_identify", args=[waits.pk]), {"book": book.pk, "reason": "买受人来电说明"}
    )
    assert statement(book).paid == D("100005")


def test_money_out_is_confirmed_by_another_than_who_paid_and_the_rest_is_named(office, desk):
    money = office.receipt(None, "100")
    refunding.refund(
        receipt=money, amount=D("100"), payee=refunding.Payee("payer", "苏清越", "6200"), voucher="FK-1",
        method="transfer", paid_at=AT, at=AT, by_id=office.people["he"].pk,
    )  # fmt: skip
    rows = [
        "交易日期,借方发生额,贷方发生额,对方户名,流水号,摘要",
        "2026-11-18,100,,苏清越,fk-1,退款",
        "2026-11-18,900,,示范建设公司,9,进度款",
    ]
    file = SimpleUploadedFile("明细.csv", "\n".join(rows).encode("gb18030"))
    answer = desk("he").post(reverse("web:bank_take"), {"account": "监管户", "file": file}, follow=True)
    assert "读到 2 笔，其中付出 2 笔；新增 2 笔" in answer.content.decode()
    paid, other = BankLine.objects.order_by("pk")
    page = desk("he").get(reverse("web:money_out")).content.decode()
    assert "凭证号和金额相同" in page
    assert "由另一人核对" in page
    where = [reverse("web:money_out_confirm", args=[one.pk]) for one in (paid, other)]
    slip = PaymentSlip.objects.get()
    assert desk("lin").post(where[0], {"slip": slip.pk}).status_code == 403
    assert desk("he").post(where[0], {"slip": slip.pk}).status_code == 422

    desk("tang").post(where[0], {"slip": slip.pk})
    desk("tang").post(where[1], {"words": "一标段进度款"})

    page = desk("tang").get(reverse("web:money_out")).content.decode()
    assert "没有待核对的出账" in page
    assert "一标段进度款" in page
    said = banking.differences(office.project.pk, date(2026, 11, 1), date(2026, 12, 1))
    assert (said.matched_bank, said.matched_books, said.other) == (100, 100, 900)


def test_a_file_that_is_no_statement_is_refused_in_words(book, desk):
    file = SimpleUploadedFile("照片.pdf", b"%PDF-1.7")

    answer = desk("he").post(reverse("web:bank_take"), {"account": "监管户", "file": file})

    assert answer.status_code == 422
    assert "PDF" in answer.content.decode()


def test_an_invoice_goes_through_its_register(book, desk):
    client = desk("he")
    client.post(reverse("web:book_receive", args=[book.pk]), MONEY)
    client.post(
        reverse("web:book_ask_invoice", args=[book.pk]),
        {"kind": "advance", "title": "苏清越", "amount": "100000"},
    )
    asked = book.invoice_requests.get()
    client.post(reverse("web:book_invoice", args=[book.pk]), {"request": asked.pk, "number": "26370001"})
    made = Invoice.objects.get()
    client.post(
        reverse("web:book_invoice", args=[book.pk]), {"red_of": made.pk, "number": "R1", "reason": "换房"}
    )

    assert made.red_letter.amount == D("-100000")
    assert "红字 R1" in client.get(reverse("web:book", args=[book.pk])).content.decode()


@pytest.mark.clause("J-2.6-a")
def test_the_months_target_and_its_attainment(office, book, desk, now):
    today = local_date(now)
    desk("he").post(reverse("web:book_receive", args=[book.pk]), MONEY)
    client = desk("zhou")
    month = collections.Month.of(today)
    for amount in ("400000", "200000"):
        client.post(f"{reverse('web:collection_target')}?month={month.first:%Y-%m}", {"amount": amount})
    assert desk("lin").post(reverse("web:collection_target"), {"amount": "1"}).status_code == 403

    (found,) = collections.collected([office.project], month, today)

    assert (CollectionTarget.objects.count(), found.target, found.attained) == (2, D("200000"), D("50.0"))


@pytest.mark.clause("I-2.2-h", "J-2.3-c")
def test_a_loan_that_is_not_due_is_not_in_the_base_and_lateness_has_its_age(office, book, desk, now):
    today = local_date(now)
    due = collections.Month.of(today - timedelta(days=40))
    desk("he").post(reverse("web:book_receive", args=[book.pk]), MONEY)

    (then,) = collections.collected([office.project], due, today)
    (found,) = collections.collected([office.project], collections.Month.of(today), today)

    assert then.due == D("500000")
    assert (found.due, found.received, found.overdue, found.signed) == (
        D(0),
        D("100000"),
        D("400000"),
        D("1200000"),
    )
    assert found.late_rate == D("80.0")
    assert found.ages == [D(0), D("400000"), D(0), D(0)]
    (loan,) = collections.by_bank([office.project])
    assert (loan.owed, loan.received, loan.open) == (D("700000"), D(0), D("700000"))
    page = desk("zhou").get(reverse("web:receivables"), {"only": "late"}).content.decode()
    assert book.unit.label in page
    assert "400,000.00" in page


@pytest.mark.clause("I-2.7-c")
def test_taxes_and_fees_due_are_listed_by_purchase(office, desk):
    book = office.book(1, line("8937.50", "2026-12-01", Kind.DEED_TAX, "契税"), line("5"))

    assert [(one.receivable.book, one.open) for one in collections.taxes([office.project])] == [
        (book, D("8937.50"))
    ]
    assert "8,937.50" in desk("he").get(reverse("web:receivables")).content.decode()


def test_every_page_shows_and_the_books_add_up(office, book, desk):
    client = desk("he")
    for url in (
        reverse("web:till"), reverse("web:bank"), reverse("web:money_out"), reverse("web:receivables"), reverse("web:ledger_verify"),
        reverse("web:book", args=[book.pk]), reverse("web:unit", args=[book.unit_id]),
    ):  # fmt: skip
        assert client.get(url).status_code == 200
    assert "账目相符" in client.get(reverse("web:ledger_verify")).content.decode()
    assert "应收和实收" in client.get(reverse("web:unit", args=[book.unit_id])).content.decode()
