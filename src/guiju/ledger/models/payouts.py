"""Money we pay to a buyer that no receipt brought: interest, double deposit, penalty, reward, a guarantee; and the check of what was paid."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from guiju.kernel.crypto import EncryptedTextField
from guiju.kernel.money import FenField
from guiju.ledger.models.books import Book
from guiju.ledger.models.receipts import Receipt, Refund


class Payout(models.Model):
    """Money paid beside a refund (赔付款), in yuan, by an approved step of a case; a negative row says that it came back."""

    KINDS = [
        ("interest", "利息"),
        ("double", "双倍返还的定金"),
        ("penalty", "我方违约金"),
        ("reward", "推荐奖励"),
        ("guarantee", "代偿按揭款"),
    ]

    book = models.ForeignKey(Book, on_delete=models.PROTECT, related_name="payouts", db_index=False)
    kind = models.CharField(max_length=20, choices=KINDS)
    number = models.CharField(max_length=40, unique=True)
    amount = FenField()
    payee = models.CharField(max_length=100)
    payee_account = EncryptedTextField()
    voucher = models.CharField(max_length=80)
    slip = models.ForeignKey("ledger.PaymentSlip", on_delete=models.PROTECT, related_name="payouts")
    method = models.CharField(max_length=20, choices=Receipt.METHODS)
    case = models.ForeignKey("kernel.Case", on_delete=models.PROTECT, related_name="payouts")
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
                name="payout_sign",
                condition=models.Q(reverses=None, amount__gt=0)
                | models.Q(reverses__isnull=False, amount__lt=0),
            )
        ]
        indexes = [models.Index(fields=["book", "id"], name="payout_book")]


class PaidCheck(models.Model):
    """A second person has compared money paid with slip and approval (复核); never the one who booked it."""

    refund = models.OneToOneField(Refund, on_delete=models.PROTECT, null=True, related_name="check_row")
    payout = models.OneToOneField(Payout, on_delete=models.PROTECT, null=True, related_name="check_row")
    booked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    checked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    checked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="paid_checked_by_another", condition=~models.Q(checked_by=models.F("booked_by"))
            ),
            models.CheckConstraint(
                name="paid_check_of_one_row",
                condition=models.Q(refund=None, payout__isnull=False)
                | models.Q(refund__isnull=False, payout=None),
            ),
        ]
