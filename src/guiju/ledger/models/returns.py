"""What must be agreed to before money that nobody could explain goes back to its payer (暂收退回)."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from guiju.kernel.crypto import EncryptedTextField
from guiju.ledger.models.receipts import Receipt


class ReturnOrder(models.Model):
    """Somebody of the till asks to send a receipt in suspense back, to this account; no money has moved."""

    receipt = models.ForeignKey(Receipt, on_delete=models.PROTECT, related_name="return_orders")
    account = EncryptedTextField()
    reason = models.CharField(max_length=200)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    asked_at = models.DateTimeField()


class ReturnConsent(models.Model):
    """A head has agreed to an order, or not (``agreed``), with the reason; never the one who asked."""

    order = models.OneToOneField(ReturnOrder, on_delete=models.PROTECT, related_name="consent")
    agreed = models.BooleanField()
    words = models.CharField(max_length=200, default="")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="return_decided_by_another", condition=~models.Q(decided_by=models.F("asked_by"))
            ),
            models.CheckConstraint(
                name="return_refused_with_reason", condition=models.Q(agreed=True) | ~models.Q(words="")
            ),
        ]
