"""Compensation to customers, and work that a responsible contractor has to do."""

from __future__ import annotations

from django.db import models

from guiju.kernel.crypto import EncryptedTextField
from guiju.kernel.money import FenField


class Compensation(models.Model):
    """Compensation (赔偿) for a complaint: what for, how much in yuan, agreed, paid. Approved by limit of post."""

    case = models.OneToOneField("kernel.Case", on_delete=models.PROTECT, related_name="compensation")
    source = models.ForeignKey(
        "kernel.Case", on_delete=models.PROTECT, null=True, related_name="compensations"
    )
    unit = models.ForeignKey("estate.Unit", on_delete=models.PROTECT, null=True, related_name="+")
    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, null=True, related_name="+")
    payee = models.CharField(max_length=100)
    ground = models.CharField(max_length=1000)
    amount = FenField()
    agreement = models.CharField(max_length=64, default="")
    voucher = models.CharField(max_length=80, default="")
    paid_date = models.DateField(null=True)
    charged_to = models.ForeignKey(
        "kernel.Case", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )


class ContractorWork(models.Model):
    """
    Work of a responsible contractor (责任单位): dispatched, done or refused, done by a third party; in yuan what that cost,
    what customers were paid for the contractor's fault, what was charged to the retention, what is claimed still, what the contractor paid and what the company bears.
    """

    case = models.OneToOneField("kernel.Case", on_delete=models.PROTECT, related_name="contractor_work")
    source = models.ForeignKey(
        "kernel.Case", on_delete=models.PROTECT, null=True, related_name="contractor_works"
    )
    unit = models.ForeignKey("estate.Unit", on_delete=models.PROTECT, null=True, related_name="+")
    contractor = models.CharField(max_length=100)
    contact = models.CharField(max_length=60, default="")
    phone = EncryptedTextField()
    contract_number = models.CharField(max_length=60, default="")
    scope = models.TextField()
    finish_date = models.DateField(null=True)
    third_party = models.CharField(max_length=100, default="")
    cost = FenField(null=True)
    retention = FenField(null=True)
    charged = FenField(null=True)
    damages = FenField(default=0)
    claimed = FenField(null=True)
    recovered = FenField(default=0)
    borne = FenField(default=0)
