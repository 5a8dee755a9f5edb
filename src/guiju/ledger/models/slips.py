"""The slip under which money went out of an account: used once in a company, whatever the case."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from guiju.ledger.models.receipts import Receipt


class PaymentSlip(models.Model):
    """
    A payment as the bank sees it (付款凭证): one payee, one voucher. What it paid stands in ``refunds`` and ``payouts``.

    ``voucher`` is kept without blanks, in half-width capitals. ``back``: the money came back to us (退汇); then the voucher
    may be that of the payment.
    """

    company = models.ForeignKey("org.Company", on_delete=models.PROTECT, related_name="+")
    project = models.ForeignKey("estate.Project", on_delete=models.PROTECT, related_name="+", db_index=False)
    case = models.ForeignKey(
        "kernel.Case", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    voucher = models.CharField(max_length=80)
    payee = models.CharField(max_length=100)
    method = models.CharField(max_length=20, choices=Receipt.METHODS)
    back = models.BooleanField(default=False)
    paid_date = models.DateField()
    recorded_at = models.DateTimeField()
    booked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company", "voucher"],
                name="paid_under_a_voucher_once",
                condition=models.Q(back=False) & ~models.Q(voucher=""),
            )
        ]
        indexes = [models.Index(fields=["project", "paid_date", "id"], name="slip_day")]
