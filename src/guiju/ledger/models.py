"""Money received: rows are added, never changed. A correction is a new row that names the old one."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from guiju.kernel.money import FenField


class Receipt(models.Model):
    """Money that arrived (实收), or its reversal (negative, naming the row). Amounts in yuan."""

    METHODS = [("transfer", "银行转账"), ("pos", "POS 刷卡"), ("cash", "现金"), ("cheque", "支票")]
    PURPOSES = [("deposit", "定金"), ("price", "房款")]

    company = models.ForeignKey("org.Company", on_delete=models.PROTECT, related_name="receipts")
    project = models.ForeignKey("estate.Project", on_delete=models.PROTECT, related_name="receipts")
    unit = models.ForeignKey("estate.Unit", on_delete=models.PROTECT, related_name="receipts")
    case = models.ForeignKey("kernel.Case", on_delete=models.PROTECT, related_name="receipts")
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
    booked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reverses = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="reversal")
    reason = models.CharField(max_length=200, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company", "account", "voucher"],
                name="voucher_once",
                condition=~models.Q(voucher="") & models.Q(reverses=None),
            ),
            models.CheckConstraint(
                name="receipt_sign",
                condition=models.Q(reverses=None, amount__gt=0)
                | models.Q(reverses__isnull=False, amount__lt=0),
            ),
        ]
        indexes = [models.Index(fields=["case", "id"], name="receipt_case")]
