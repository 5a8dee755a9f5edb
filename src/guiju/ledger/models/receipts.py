"""Money that came, where it went, and what was paid back."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from guiju.kernel.crypto import EncryptedTextField
from guiju.kernel.money import FenField
from guiju.ledger.models.books import Book
from guiju.ledger.models.receivables import Receivable


class Receipt(models.Model):
    """
    Money that arrived (实收), or its reversal (negative, naming the row). Amounts in yuan.

    ``received_at`` is when it arrived, ``book_date`` the cashier's day it counts in. One booked to the wrong place is
    reversed and booked again: the new row names it in ``moved_from`` and keeps its voucher. Without a book it waits
    in suspense (暂收).
    """

    METHODS = [
        ("transfer", "银行转账"), ("pos", "POS 刷卡"), ("cash", "现金"), ("cheque", "支票"), ("loan", "银行放款"),
    ]  # fmt: skip
    PURPOSES = [
        ("deposit", "定金"), ("price", "房款"), ("pass_through", "代收款"), ("fee", "费用"), ("suspense", "暂收款"),
    ]  # fmt: skip

    company = models.ForeignKey("org.Company", on_delete=models.PROTECT, related_name="receipts")
    project = models.ForeignKey(
        "estate.Project", on_delete=models.PROTECT, related_name="receipts", db_index=False
    )
    unit = models.ForeignKey("estate.Unit", on_delete=models.PROTECT, null=True, related_name="receipts")
    case = models.ForeignKey(
        "kernel.Case", on_delete=models.PROTECT, null=True, related_name="receipts", db_index=False
    )
    book = models.ForeignKey(
        Book, on_delete=models.PROTECT, null=True, related_name="receipts", db_index=False
    )
    number = models.CharField(max_length=40, unique=True)
    purpose = models.CharField(max_length=20, choices=PURPOSES)
    amount = FenField()
    method = models.CharField(max_length=20, choices=METHODS)
    account = models.CharField(max_length=100)
    voucher = models.CharField(max_length=80, default="")
    payer = models.CharField(max_length=100)
    third_party = models.BooleanField(default=False)
    relation = models.CharField(max_length=100, default="")
    received_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    book_date = models.DateField()
    booked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    reverses = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="reversal")
    moved_from = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="moved_to")
    reason = models.CharField(max_length=200, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company", "account", "voucher"],
                name="voucher_once",
                condition=~models.Q(voucher="") & models.Q(reverses=None, moved_from=None),
            ),
            models.CheckConstraint(
                name="receipt_sign",
                condition=models.Q(reverses=None, amount__gt=0)
                | models.Q(reverses__isnull=False, amount__lt=0),
            ),
            models.CheckConstraint(
                name="receipt_placed", condition=models.Q(unit__isnull=False) | models.Q(purpose="suspense")
            ),
        ]
        indexes = [
            models.Index(fields=["case", "id"], name="receipt_case"),
            models.Index(fields=["book", "id"], name="receipt_book"),
            models.Index(fields=["project", "book_date", "id"], name="receipt_day"),
            models.Index(fields=["project", "purpose", "id"], name="receipt_purpose"),
            models.Index(fields=["project", "received_at"], name="receipt_received"),
        ]


class ReceiptCheck(models.Model):
    """A second person has compared the booking with slip or statement (复核); never the one who booked it."""

    receipt = models.OneToOneField(Receipt, on_delete=models.PROTECT, related_name="check_row")
    booked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    checked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    checked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="checked_by_another", condition=~models.Q(checked_by=models.F("booked_by"))
            )
        ]


class Allocation(models.Model):
    """Which receivable a receipt pays, in yuan; a negative row takes an earlier one back and names it."""

    receipt = models.ForeignKey(Receipt, on_delete=models.PROTECT, related_name="allocations", db_index=False)
    receivable = models.ForeignKey(
        Receivable, on_delete=models.PROTECT, related_name="allocations", db_index=False
    )
    amount = FenField()
    chosen = models.BooleanField(default=False)
    reverses = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="reversal")
    reason = models.CharField(max_length=200, default="")
    allocated_at = models.DateTimeField()
    allocated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="allocation_sign",
                condition=models.Q(reverses=None, amount__gt=0)
                | models.Q(reverses__isnull=False, amount__lt=0),
            )
        ]
        indexes = [
            models.Index(fields=["receipt", "id"], name="allocation_receipt"),
            models.Index(fields=["receivable", "id"], name="allocation_receivable"),
        ]


class Refund(models.Model):
    """
    Money paid back (退款), in yuan, always out of a named receipt; a negative row says that it came back.

    It goes to the account it came from. Another payee (bank payoff first; account closed) needs its ground in words.
    """

    PAYEES = [
        ("payer", "原付款人"),
        ("bank", "贷款银行"),
        ("buyer", "买受人（原账户不可用）"),
        ("heir", "继承人"),
        ("court", "法院"),
    ]

    receipt = models.ForeignKey(Receipt, on_delete=models.PROTECT, related_name="refunds", db_index=False)
    number = models.CharField(max_length=40, unique=True)
    amount = FenField()
    payee_kind = models.CharField(max_length=20, choices=PAYEES)
    payee = models.CharField(max_length=100)
    payee_account = EncryptedTextField()
    ground = models.CharField(max_length=200, default="")
    voucher = models.CharField(max_length=80)
    slip = models.ForeignKey("ledger.PaymentSlip", on_delete=models.PROTECT, related_name="refunds")
    method = models.CharField(max_length=20, choices=Receipt.METHODS)
    case = models.ForeignKey("kernel.Case", on_delete=models.PROTECT, null=True, related_name="refunds")
    paid_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    book_date = models.DateField()
    booked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    reverses = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="reversal")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="refund_sign",
                condition=models.Q(reverses=None, amount__gt=0)
                | models.Q(reverses__isnull=False, amount__lt=0),
            ),
            models.CheckConstraint(
                name="refund_ground", condition=models.Q(payee_kind="payer") | ~models.Q(ground="")
            ),
        ]
        indexes = [models.Index(fields=["receipt", "id"], name="refund_receipt")]
