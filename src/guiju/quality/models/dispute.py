"""Disputes about a sales contract (合同纠纷, J-2.11)."""

from __future__ import annotations

from django.db import models

from guiju.kernel.crypto import EncryptedTextField


class Dispute(models.Model):
    """A contract dispute: it begins with the customer's account, and ends with an explanation that names a rule."""

    case = models.OneToOneField("kernel.Case", on_delete=models.PROTECT, related_name="dispute")
    unit = models.ForeignKey("estate.Unit", on_delete=models.PROTECT, null=True, related_name="disputes")
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, null=True, related_name="disputes"
    )
    complainant = models.CharField(max_length=100, default="")
    phone = EncryptedTextField()
    contract_number = models.CharField(max_length=60, default="")
    subject = models.CharField(max_length=120)
    account = models.TextField(default="")
    rule = models.CharField(max_length=20, default="")
    investigation = models.ForeignKey("kernel.Case", on_delete=models.PROTECT, null=True, related_name="+")
    settled = models.BooleanField(null=True)
