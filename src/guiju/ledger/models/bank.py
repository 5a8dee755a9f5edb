"""Bank statements as imported, line by line, and which booking a line was found to be."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from guiju.kernel.crypto import EncryptedTextField
from guiju.kernel.money import FenField
from guiju.ledger.models.receipts import Receipt
from guiju.ledger.models.slips import PaymentSlip


class BankStatement(models.Model):
    """A file of a bank's statement (对账单), read once; reading it again adds nothing."""

    project = models.ForeignKey("estate.Project", on_delete=models.PROTECT, related_name="bank_statements")
    account = models.CharField(max_length=100)
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    layout = models.JSONField(default=dict)
    lines_read = models.PositiveIntegerField()
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    imported_at = models.DateTimeField()


class BankLine(models.Model):
    """
    Money that came into an account, or went ``out`` of it, by the bank's own word, in yuan and positive. ``payer`` is the
    other side. ``key`` is the same whenever the line is read.
    """

    statement = models.ForeignKey(BankStatement, on_delete=models.PROTECT, related_name="lines")
    project = models.ForeignKey(
        "estate.Project", on_delete=models.PROTECT, related_name="bank_lines", db_index=False
    )
    account = models.CharField(max_length=100)
    key = models.CharField(max_length=64)
    on_date = models.DateField()
    out = models.BooleanField(default=False)
    amount = FenField()
    payer = models.CharField(max_length=100, default="")
    payer_account = EncryptedTextField()
    voucher = models.CharField(max_length=80, default="")
    memo = models.CharField(max_length=200, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "account", "key"], name="bank_line_once"),
            models.CheckConstraint(name="bank_line_sign", condition=models.Q(amount__gt=0)),
        ]
        indexes = [models.Index(fields=["project", "on_date", "id"], name="bank_line_day")]


class BankMatch(models.Model):
    """
    A person has said which booking a bank line is: money received, a payment (or its way back), or ``other``, in words:
    none of the customers' money. A reversed booking leaves the line unmatched again.
    """

    line = models.ForeignKey(BankLine, on_delete=models.PROTECT, related_name="matches")
    receipt = models.OneToOneField(Receipt, on_delete=models.PROTECT, null=True, related_name="bank_match")
    slip = models.OneToOneField(PaymentSlip, on_delete=models.PROTECT, null=True, related_name="bank_match")
    other = models.CharField(max_length=200, default="")
    matched_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    matched_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["line"], name="line_is_one_payment", condition=models.Q(slip__isnull=False)
            ),
            models.CheckConstraint(
                name="line_is_one_thing",
                condition=models.Q(receipt__isnull=False, slip=None, other="")
                | models.Q(receipt=None, slip__isnull=False, other="")
                | (models.Q(receipt=None, slip=None) & ~models.Q(other="")),
            ),
        ]
